"""Every row by finite differences; and the checkers themselves, which must catch planted errors."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import scratchnet as tf
from scratchnet import ops
from scratchnet.engine.op import OPS, Op, Record
from scratchnet.engine.tensor import Tensor, apply
from tests import equivalence
from tests.cases import CASES, Case, Sample
from tests.gradcheck import check_gradients
from tests.test_ops import tensorflow_result

SMOOTH = sorted(
    name
    for name, case in CASES.items()
    if (case.order == 2 or name == "moments")
    and name not in ("dropout", "cast", "read_variable", "range", "stop_gradient")
)
CLOSED = ["conv2d", "max_pool2d", "avg_pool2d", "matmul", "gather", "softmax", "tanh", "getitem"]


def run_gradcheck(name: str, sample: Sample, order: int) -> None:
    case = CASES[name]
    floats = [i for i, a in enumerate(sample.arrays) if a.dtype.kind == "f"]
    wrt = floats if case.wrt is None else [floats[i] for i in case.wrt]

    def f(*xs: Any) -> Any:
        tensors = [tf.constant(a) for a in sample.arrays]
        for i, x in zip(wrt, xs, strict=True):
            tensors[i] = x
        return equivalence.flat(case.call(OPS[name].function, *tensors, **sample.attrs))

    check_gradients(f, [np.asarray(sample.arrays[i]) for i in wrt], order, sample.seed)


@pytest.mark.parametrize("name", SMOOTH)
@settings(max_examples=8)
@given(data=st.data())
def test_op_matches_finite_differences(name: str, data: st.DataObject) -> None:
    sample = data.draw(CASES[name].samples)
    assume(all(a.size for a in sample.arrays))  # the mean of nothing is nan, on both sides
    run_gradcheck(name, sample, order=2)


@pytest.mark.parametrize("name", CLOSED)
@settings(max_examples=4)
@given(data=st.data())
def test_third_order(name: str, data: st.DataObject) -> None:
    sample = data.draw(CASES[name].samples)
    run_gradcheck(name, sample, order=3)


def test_third_order_through_a_network() -> None:
    """conv -> max pool -> cubic loss: the hard ops are closed under differentiation."""
    rng = np.random.default_rng(3)
    x = rng.normal(size=(2, 6, 5, 2))
    k = rng.normal(size=(3, 2, 2, 3))

    def f(k: Tensor) -> Tensor:
        y = ops.max_pool2d(ops.conv2d(tf.constant(x), k, [1, 2], "SAME"), 2, 1, "VALID")
        return ops.reduce_sum(y * y * y) + ops.reduce_sum(ops.tanh(y))

    check_gradients(f, [k], order=3, step=1e-4)  # small enough to cross no tie of the pooling


# -- planted errors: an op of our own, right or wrong ---------------------------------------------


def cubic(vjp: Callable[..., Tensor], scale: float = 1.0) -> Callable[[Tensor], Tensor]:
    op = Op("cubic", lambda x: x, lambda x: (scale * x**3, None), vjps=(vjp,))
    return lambda x: apply(op, x)


def right(g: Tensor, record: Record) -> Tensor:
    x = record.inputs[0]
    return g * 3 * x * x


def slightly_off(g: Tensor, record: Record) -> Tensor:
    return right(g, record) * 1.0001


def right_value_wrong_derivative(g: Tensor, record: Record) -> Tensor:
    x = ops.stop_gradient(record.inputs[0])
    return g * 3 * x * x


def ones_only(g: Tensor, record: Record) -> Tensor:
    x = record.inputs[0]
    return ops.reduce_mean(g) * 3 * x * x


def wrong_by_the_cotangent_only(g: Tensor, record: Record) -> Tensor:
    x = record.inputs[0]
    return (g * 2 + ops.stop_gradient(g)) * x * x


def tiny(factor: float) -> Callable[..., Tensor]:
    return lambda g, record: right(g, record) * (1e-8 * factor)


X = np.random.default_rng(0).normal(size=(3, 4))


def test_the_right_vjp_passes() -> None:
    check_gradients(cubic(right), [X], order=3)
    check_gradients(cubic(tiny(1.0), scale=1e-8), [X], order=2)


@pytest.mark.parametrize(
    ("f", "order"),
    [
        (cubic(slightly_off), 1),
        (cubic(ones_only), 1),
        (cubic(tiny(5.0), scale=1e-8), 1),
        (cubic(right_value_wrong_derivative), 2),
        (cubic(wrong_by_the_cotangent_only), 2),
    ],
    ids=["slightly off", "all-ones only", "tiny scale", "second order", "second order by g"],
)
def test_finite_differences_catch(f: Callable[[Tensor], Tensor], order: int) -> None:
    for passed in range(1, order):
        check_gradients(f, [X], passed)  # what is right up to there is not blamed
    with pytest.raises(AssertionError, match=f"order {order}"):
        check_gradients(f, [X], order)


# -- planted errors in the rows that users run ----------------------------------------------------


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
        tensors = [tf.constant(a) for a in sample.arrays]
        ours = equivalence.run(tf, op.function, case, sample, tensors)
        equivalence.assert_same(equivalence.numpy_result(ours), theirs, case, sample)

    compare()
    run_gradcheck(op.name, sample, order=2)
    vjps = tuple(wrong if j == i else vjp for j, vjp in enumerate(op.vjps))
    monkeypatch.setattr(home, row, replace(op, vjps=vjps))
    with pytest.raises(AssertionError, match="gradient"):
        compare()
    with pytest.raises(AssertionError, match="order"):
        run_gradcheck(op.name, sample, order=2)
