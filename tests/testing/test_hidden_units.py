"""The mask of a hidden activation: missing, or from the wrong side; and what only looks like it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from scratchnet.testing import check_vjp

SHAPES = {"dense": ((4, 5), (5, 6), (6, 3)), "wide": ((3, 3), (3, 8), (8, 2))}


def forward(x: Any, w: Any, v: Any) -> Any:
    return np.maximum(x @ w, 0) @ v


def vjp_with(mask: Any, wrong: Any = lambda gx: gx) -> Any:
    def vjp(g: Any, x: Any, w: Any, v: Any) -> Any:
        gz = wrong((g @ v.T) * mask(x @ w, g @ v.T))
        return gz @ w.T, x.T @ gz, np.maximum(x @ w, 0).T @ g

    return vjp


MASKS = {
    "missing": (lambda z, gh: 1.0, "is missing on the way back"),
    "of the cotangent": (lambda z, gh: gh > 0, "is taken from the cotangent"),
    "of both": (lambda z, gh: (z > 0) & (gh > 0), "is taken from the cotangent"),
}


@pytest.mark.parametrize("shapes", SHAPES.values(), ids=SHAPES)
@pytest.mark.parametrize("name", MASKS)
def test_a_hidden_mask_is_named_for_every_argument(name: str, shapes: Any) -> None:
    mask, words = MASKS[name]
    for seed in range(3):
        rng = np.random.default_rng(seed)
        arrays = [rng.normal(size=shape) for shape in shapes]
        report = check_vjp(forward, vjp_with(mask), *arrays, seed=seed)
        assert [(f.argument, f.cause) for f in report.findings] == [("x", "mask"), ("w", "mask")]
        assert all(words in finding.sentence for finding in report.findings)


def test_other_mistakes_in_such_a_network_are_no_masks() -> None:
    arrays = [np.random.default_rng(0).normal(size=shape) for shape in SHAPES["dense"]]
    right = vjp_with(lambda z, gh: z > 0)
    assert check_vjp(forward, right, *arrays).ok
    before = check_vjp(forward, lambda g, x, w, v: (*right(g, x, w, v)[:2], (x @ w).T @ g), *arrays)
    assert (before.argument, before.cause) == ("v", "mask")
    assert (
        "`v` is multiplied with relu(z), and on the way back with z" in before.findings[0].sentence
    )
    doubled = vjp_with(lambda z, gh: z > 0, lambda gz: 2 * gz)
    assert check_vjp(forward, doubled, *arrays).cause == "scale"
    smooth = check_vjp(lambda x, w: np.tanh(x @ w), lambda g, x, w: (g @ w.T, x.T @ g), *arrays[:2])
    assert {finding.cause for finding in smooth.findings} <= {"scale", "missing"}


def test_a_mask_that_a_short_move_leaves_as_it_is_is_not_missing() -> None:
    rng = np.random.default_rng(2)
    x, w, v = (rng.normal(size=shape) for shape in SHAPES["dense"])
    report = check_vjp(
        lambda b: np.maximum(x @ w + b, 0) @ v,
        lambda g, b: ((g @ v.T) * (x @ w + b < 0)).sum(0),
        0.1 * rng.normal(size=6),
    )
    assert report.cause == "unknown", str(report)
