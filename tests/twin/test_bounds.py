"""The bounds of a step: each phase has one, and nothing sound passes it."""

from __future__ import annotations

import numpy as np
import pytest

from scratchnet.twin import bounds as judges
from scratchnet.twin.bounds import Judge
from scratchnet.twin.observe import Seen


def normalized_step(change):
    """A step on a Dense before a BatchNormalization, the gradient of its bias off by `change`."""
    rng = np.random.default_rng(3)
    x = rng.normal(size=(64, 5)).astype(F)
    norm, beta = (x - x.mean(0)) * F(4), rng.normal(size=5).astype(F)
    seen = [
        Seen("layer", "dense", terms=9, variables=("dense/kernel", "dense/bias")),
        Seen("layer", "norm", variables=("norm/beta",)),
        Seen("gradient", "dense/kernel"),
        Seen("gradient", "dense/bias"),
        Seen("gradient", "norm/beta"),
    ]
    bias = np.zeros(5, F)
    return seen, [x, norm, np.full((9, 5), 0.01, F), bias + F(change), beta]


@pytest.mark.parametrize(("change", "is_found"), [(3e-7, False), (1e-4, True)])
def test_the_bound_on_a_bias_before_a_normalization(change, is_found):
    seen, theirs = normalized_step(0)
    finding = Judge().step(seen, normalized_step(change)[1], theirs)[1]
    assert (finding is not None) == is_found
    assert Judge().step(seen[:-1], normalized_step(change)[1][:-1], theirs[:-1])[1] is not None


F = np.float32


def dense_step(w, gradient, rate=0.1, spoil=None):
    """What a step of SGD on a layer of one kernel shows."""
    arrays = {
        "initial": w,
        "batch": np.ones((4, w.shape[0]), F),
        "layer": np.ones((4, w.shape[0]), F) @ w,
        "loss": np.float32(1),
        "gradient": gradient,
        "weight": w - F(rate) * gradient,
    }
    if spoil is not None:
        role, factor = spoil
        arrays[role] = arrays[role] * F(factor)
    names = {"batch": "inputs", "loss": "loss", "layer": "dense"}
    seen = [
        Seen(role, names.get(role, "dense/kernel"), terms=w.shape[0] * (role == "layer"),
             variables=("dense/kernel",))
        for role in arrays
    ]  # fmt: skip
    return seen, list(arrays.values())


@pytest.mark.parametrize(
    ("role", "phase"),
    [
        ("initial", "randomness"),
        ("batch", "data order"),
        ("layer", "forward"),
        ("loss", "forward"),
        ("gradient", "backward"),
        ("weight", "update"),
    ],
)
@pytest.mark.parametrize("factor", [1.0001, 2.0, np.nan])
def test_each_phase_has_a_bound(role, phase, factor):
    rng = np.random.default_rng(1)
    w, g = rng.normal(size=(9, 5)).astype(F), rng.normal(size=(9, 5)).astype(F)
    seen, theirs = dense_step(w, g)
    _, ours = dense_step(w, g, spoil=(role, factor))
    assert Judge().step(seen, theirs, theirs)[1] is None
    finding = Judge().step(seen, ours, theirs)[1]
    assert finding is not None
    assert (finding.step, finding.phase) == (1, phase)


def test_every_role_has_a_phase():
    assert set(judges.PHASES) >= {"initial", "batch", "layer", "loss", "gradient", "weight"}
