"""The checks of all ops must catch planted errors."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from typing import Any

import numpy as np
import pytest

import scratchnet
from scratchnet import ops
from scratchnet.engine.op import OPS, Op, Record
from scratchnet.engine.tensor import Tensor, apply
from tests.support import equivalence
from tests.support.cases import Case, Sample
from tests.support.ops_checks import check_finite_differences, results, tensorflow_result
from tests.support.tables import CASES

# -- a wrong twin ----------------------------------------------------------------------------------


def test_a_wrong_twin_would_be_seen() -> None:
    """One has another gradient at the last element, one another gradient of the gradient."""
    case = CASES["softplus"]
    sample = Sample([np.array([0.3, -1.2, 2.0])], {}, seed=3)
    fused = results(OPS["softplus"].function, case, sample)

    def crooked(g: Any, record: Any) -> Any:
        return g * ops.sigmoid(record.inputs[0]) * np.array([1.0, 1.0, 1.0 + 1e-9])

    def bent(g: Any, record: Any) -> Any:
        y = ops.sigmoid(record.inputs[0])
        return g * (y + 1e-9 * (y - ops.stop_gradient(y)))

    for vjp in (crooked, bent):
        op = Op("planted", ops.softplus, OPS["softplus"].forward, vjps=(vjp,))
        planted = results(lambda x, op=op: apply(op, x), case, sample)
        with pytest.raises(AssertionError, match="gradient 0"):
            equivalence.assert_same(planted, fused, case, sample)


# -- wrong VJPs in the rows that users run ---------------------------------------------------------


def conv2d_gk_flipped(g: Tensor, record: Record) -> Tensor:
    gk = OPS["conv2d"].vjps[1](g, record)
    return ops.reverse(gk, [0, 1])


def conv2d_gx_averaged(g: Tensor, record: Record) -> Tensor:
    """The filters averaged over output channels: right for an all-ones cotangent."""
    mean_g = ops.broadcast_to(ops.reduce_mean(g, -1, keepdims=True), g.shape)
    return OPS["conv2d"].vjps[0](mean_g, record)


def max_pool2d_gx_all_cells(g: Tensor, record: Record) -> Tensor:
    sizes = record.inputs[0].shape
    a = record.attrs
    return ops.avg_pool2d_backprop(sizes, g, a["window"], a["strides"], "VALID")


def softmax_gx_diagonal(g: Tensor, record: Record) -> Tensor:
    y = record.output
    return g * y * (1 - y)


def tanh_gx_first_order_only(g: Tensor, record: Record) -> Tensor:
    y = ops.stop_gradient(record.output)
    return g * (1 - y * y)


def matmul_ga_scaled(g: Tensor, record: Record) -> Tensor:
    return OPS["matmul"].vjps[0](g, record) * (1 + 1e-5)


rng = np.random.default_rng(1)
IMAGE, FILTERS = rng.normal(size=(2, 5, 6, 2)), rng.normal(size=(2, 3, 2, 3))
PLAIN = {"strides": [1, 1], "padding": "VALID", "dilations": [1, 1]}
POOL = {"ksize": [2, 2], "strides": [2, 2], "padding": "VALID"}
FLAT = {"transpose_a": False, "transpose_b": False}
MUTANTS: list[tuple[str, str, int, Callable[..., Tensor], Sample]] = [
    ("conv2d", "CONV2D", 1, conv2d_gk_flipped, Sample([IMAGE, FILTERS], PLAIN)),
    ("conv2d", "CONV2D", 0, conv2d_gx_averaged, Sample([IMAGE, FILTERS], PLAIN)),
    (
        "pool2d",
        "MAX_POOL2D",
        0,
        max_pool2d_gx_all_cells,
        Sample([rng.permuted(np.arange(96.0)).reshape(2, 6, 4, 2)], POOL),
    ),
    ("softmax", "SOFTMAX", 0, softmax_gx_diagonal, Sample([rng.normal(size=(3, 4))], {"axis": -1})),
    ("activations", "TANH", 0, tanh_gx_first_order_only, Sample([rng.normal(size=(3, 4))])),
    (
        "matmul",
        "MATMUL",
        0,
        matmul_ga_scaled,
        Sample([rng.normal(size=(3, 4)), rng.normal(size=(4, 2))], FLAT),
    ),
]


@pytest.mark.parametrize(
    ("module", "row", "i", "wrong", "sample"), MUTANTS, ids=[m[3].__name__ for m in MUTANTS]
)
def test_both_checkers_catch_a_mutant_row(
    monkeypatch: pytest.MonkeyPatch, module: str, row: str, i: int, wrong: Any, sample: Sample
) -> None:
    home = import_module(f"scratchnet.ops.{module}")
    op: Op = getattr(home, row)
    case: Case = CASES[op.name]
    theirs = tensorflow_result(op.name, case, sample, "float64")

    def compare() -> None:
        tensors = [scratchnet.constant(a) for a in sample.arrays]
        ours = equivalence.run(scratchnet, op.function, case, sample, tensors)
        equivalence.assert_same(equivalence.numpy_result(ours), theirs, case, sample)

    compare()
    check_finite_differences(op.name, case, sample, order=2)
    vjps = tuple(wrong if j == i else vjp for j, vjp in enumerate(op.vjps))
    monkeypatch.setattr(home, row, replace(op, vjps=vjps))
    with pytest.raises(AssertionError, match="gradient"):
        compare()
    with pytest.raises(AssertionError, match="order"):
        check_finite_differences(op.name, case, sample, order=2)


# -- kernels that are entered ----------------------------------------------------------------------


@pytest.mark.usefixtures("no_kernels")
@pytest.mark.parametrize("name", ["conv2d", "conv2d_transpose", "max_pool2d", "avg_pool2d"])
def test_the_kernels_of_a_good_call_would_be_seen(name: str) -> None:
    image, window = np.ones((1, 3, 3, 1)), np.ones((3, 3, 1, 1))
    more = {
        "conv2d": (window, 1, "SAME"),
        "conv2d_transpose": (window, [3, 3], 1, "SAME"),
        "max_pool2d": (2, 1, "SAME"),
        "avg_pool2d": (2, 1, "SAME"),
    }
    with pytest.raises(AssertionError, match="entered"):
        OPS[name].function(scratchnet.constant(image), *more[name])
