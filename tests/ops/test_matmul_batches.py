"""Products of a batch of matrices with one matrix, and sums of products, in one product.

Values and every gradient, to the second order, as TensorFlow's.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

import scratchnet as sn

BOUND = {"float32": 3e-5, "float64": 1e-12}
Program = Callable[[Any, Any, Any], Any]


def everything(tf_: Any, program: Program, arrays: list[Any]) -> list[Any]:
    """The value; its gradients for a cotangent; and those of a sum of these."""
    rng = np.random.default_rng(1)
    with tf_.GradientTape() as outer:
        a, b = (tf_.constant(x) for x in arrays)
        outer.watch([a, b])
        with tf_.GradientTape() as tape:
            tape.watch([a, b])
            y = program(tf_, a, b)
        g = rng.normal(size=y.shape).astype(arrays[0].dtype)
        first = tape.gradient(y, [a, b], output_gradients=tf_.constant(g))
        weights = [rng.normal(size=x.shape).astype(x.dtype) for x in arrays]
        total = sum(tf_.reduce_sum(x * x * w) for x, w in zip(first, weights, strict=True))
    return [v.numpy() for v in (y, *first, *outer.gradient(total, [a, b]))]


def agree(program: Program, shapes: list[tuple[int, ...]], dtype: str) -> None:
    rng = np.random.default_rng(0)
    arrays = [rng.normal(size=shape).astype(dtype) for shape in shapes]
    pairs = zip(*[everything(tf_, program, arrays) for tf_ in (sn, tf)], strict=True)
    for ours, theirs in pairs:
        assert ours.dtype == theirs.dtype
        assert ours.shape == theirs.shape
        largest = max(np.max(np.abs(theirs), initial=0), 1)
        assert np.max(np.abs(ours - theirs), initial=0) <= BOUND[dtype] * largest


@pytest.mark.parametrize("dtype", BOUND)
@pytest.mark.parametrize("flips", [(False, False), (False, True), (True, False), (True, True)])
@pytest.mark.parametrize(
    ("left", "right"),
    [
        ((2, 3, 4), (4, 5)),
        ((2, 1, 3, 4), (4, 2)),
        ((8, 64, 32), (32, 48)),
        ((2, 3, 4), (1, 4, 5)),
        ((0, 3, 4), (4, 5)),
        ((2, 0, 4), (4, 5)),
        ((2, 3, 0), (0, 5)),
        ((3, 4), (2, 4, 5)),
    ],
)
def test_a_batch_by_one_matrix(left: Any, right: Any, flips: Any, dtype: str) -> None:
    a = (*left[:-2], left[-1], left[-2]) if flips[0] else left
    b = (*right[:-2], right[-1], right[-2]) if flips[1] else right

    def program(tf_: Any, x: Any, y: Any) -> Any:
        return tf_.matmul(x, y, transpose_a=flips[0], transpose_b=flips[1])

    agree(program, [a, b], dtype)


@pytest.mark.parametrize("dtype", ["int32", "float16"])
def test_other_dtypes(dtype: str) -> None:
    a, b = np.arange(24).reshape(2, 3, 4).astype(dtype), np.arange(8).reshape(4, 2).astype(dtype)
    assert np.array_equal(sn.matmul(a, b).numpy(), tf.matmul(a, b).numpy())


EQUATIONS: dict[str, list[tuple[int, ...]]] = {
    "bij,jk->bik": [(2, 3, 4), (4, 5)],
    "bij,kj->bik": [(2, 3, 4), (5, 4)],
    "bji,jk->bik": [(2, 4, 3), (4, 5)],
    "jk,bij->bik": [(4, 5), (2, 3, 4)],
    "bij,jk->kbi": [(2, 3, 4), (4, 5)],
    "bihd,bjhd->bhij": [(2, 3, 2, 4), (2, 5, 2, 4)],
    "bhij,bjhd->bihd": [(2, 2, 3, 5), (2, 5, 2, 4)],
    "nhwc,co->nhwo": [(2, 3, 3, 4), (4, 5)],
    "ij,ij->": [(3, 4), (3, 4)],
    "i,j->ij": [(3,), (4,)],
    "ij,j->i": [(3, 4), (4,)],
    "bij,bjk->bik": [(2, 3, 4), (2, 4, 5)],
    "bij,bkj->bik": [(2, 3, 4), (2, 5, 4)],
    "ij,jk->ik": [(64, 64), (64, 64)],
    "bi,bi->b": [(3, 4), (3, 4)],
    "...ij,jk->...ik": [(2, 2, 3, 4), (4, 5)],
}


@pytest.mark.parametrize("dtype", BOUND)
@pytest.mark.parametrize("equation", EQUATIONS)
def test_equations(equation: str, dtype: str) -> None:
    agree(lambda tf_, a, b: tf_.einsum(equation, a, b), EQUATIONS[equation], dtype)


def test_what_needs_no_move_is_not_moved() -> None:
    a, b = sn.constant(np.ones((2, 3, 4), "f")), sn.constant(np.ones((5, 4), "f"))
    with sn.GradientTape() as tape:
        tape.watch([a, b])
        sn.einsum("bij,kj->bik", a, b)
    assert [record.op.name for record in tape.records] == ["reshape", "matmul", "reshape"]


def test_an_equation_that_is_none() -> None:
    with pytest.raises(ValueError, match="Subscripts have incorrect format"):
        sn.einsum(["ij->ij"], np.ones((2, 2)))
