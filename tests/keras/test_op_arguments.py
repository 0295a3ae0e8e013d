"""What the functions of keras.ops take: numbers, lists, axes, sizes; and what they refuse."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
import tensorflow

import scratchnet
from tests.keras.test_arithmetic import leaves

# Each line is a call; o is keras.ops, c makes tensors.
TAKEN = """o.argmax([1, 3, 2]); o.argmin(2); o.argmax(c([[1, 2], [3, 4]]), c(1)); o.size([[1, 2]])
o.argmax([-0.0, 0.0]); o.argmin([0.0, -0.0]); o.argmin(c([0.0, -0.0, 1.0], 'float16'), 0, True)
o.shape([[1, 2]]); o.ndim(3); o.diag([1, 2]); o.nonzero([0, 1, 2]); o.flip([1, 2])
o.roll([1, 2], 1); o.moveaxis([[1, 2]], 0, 1); o.swapaxes([[1, 2]], 0, -1)
o.searchsorted([1.0, 2.0, 3.0], [[1.5, 2.5, 9.0]]); o.normalize([[3.0, 4.0]])
o.normalize([[3.0, 4.0]], None); o.pad([1, 2], 1); o.pad([1, 2], (1, 2))
o.pad([1.0, 2.0], [[1, 2]], constant_values=7); o.take([1, 2, 3], [[0, -1]]); o.take([1, 2, 3], 1)
o.take([[1, 2], [3, 4]], [1], axis=c(1)); o.take_along_axis([[1, 2]], [[1, 0]], 1)
o.where([[True, False], [True, True]]); o.where([1, 0], 2, 3.5); o.where([1, 0], [1, 2], 3)
o.round(c([123, 157]), -1); o.round(c([123, 157]), 1); o.round(c([123, 157], 'uint8'), 2)
o.round(c([123, 157], 'uint8'), -1); o.round(c([1.25, -1.75]), 1); o.round(c([125.0]), -1)
o.linspace(0, 10, 5, endpoint=False); o.linspace(0, 10, 5, retstep=True); o.linspace(0, 1, 0)
o.linspace(0, 10, 4, dtype='int32'); o.linspace(c([0.0, 1.0]), c([1.0, 2.0]), 3, axis=1)
o.linspace(0, 1, 1, retstep=True); o.linspace(0, 1, 0, False, True); o.linspace(0, 1, 1, False)
o.linspace(c(0, 'float64'), 1, 3); o.linspace(0, c([5], 'int64'), 3); o.linspace(0.1, 1, 3, False)
o.linspace(c(0.1, 'float64'), 1, 7); o.linspace(0, 1, 3, dtype='float64'); o.full((2,), [1, 2])
o.full((2,), 2.7, 'int32'); o.full_like([1, 2], 2.7); o.full_like([1, 2], [3, 4])
o.full_like([[1, 2]], [3, 4], 'float16'); o.cumsum([True, True])
o.cumprod([2, 3], dtype='float32'); o.cumsum([True, True], dtype='bool')
o.expand_dims([1, 2], (0, -1)); o.expand_dims([1, 2], [0, 2]); o.expand_dims(5, (0, 1))
o.stack([1, 2.5]); o.stack([1, c(2, 'uint8')]); o.stack([c([300]), c([2], 'uint8')])
o.stack(c([[1, 2], [3, 4]])); o.hstack(c([[1, 2], [3, 4]])); o.vstack(c([[[1, 2], [3, 4]]]))
o.hstack([c([1, 2]), c([2], 'uint8')]); o.vstack([c([1, 2]), c([2.5, 1.0])])
o.concatenate([c([1, 2]), c([2.5])]); o.append(c([1], 'uint8'), 300); o.append([1], 2.5)
o.append([[1, 2]], [[3, 4]], 0); o.split(c([1, 2, 3, 4]), c([1, 2])); o.split([1, 2, 3, 4], 2)
o.split(c([[1, 2, 3]]), [1], -1); o.matmul([[1, 2], [3, 4]], [1, 2])
o.matmul([1, 2], [[1, 2], [3, 4]]); o.matmul([1, 2], [3, 4])
o.matmul(c(np.ones((2, 3, 4))), c(np.ones(4))); o.matmul(c(np.ones(3)), c(np.ones((2, 3, 4))))
o.einsum('i,i', c([100, 100], 'int8'), c([2, 2], 'int8'))
o.einsum('ij->i', c([[100, 100]], 'int8'))
o.einsum('i,i', c([100, 20], 'uint8'), c([2, 2], 'int32'))
o.einsum('i,j->ij', c([1, 2]), c([0.5])); o.mod(c([100], 'int8'), 300); o.mod(-7, 3)
o.power(2, c([2, 3], 'uint8')); o.sum(c([200, 100], 'uint8')); o.prod(c([20, 20], 'int8'))
o.inner(c([100], 'int8'), 2); o.max([True, False]); o.max(c([], 'bool'), initial=c([-1, 0, 2]))
o.min([True, False], initial=0); o.bincount(3); o.bincount(c(np.zeros((0, 3), 'int32')))
o.bincount(c([[1, 1], [3, 0]])); o.trunc(1.5); o.argsort(5); o.sort([True, False])
o.argsort([True, False]); o.diff([1, 4, 9]); o.slice_update([[1, 2], [3, 4]], [0, 1], [[9], [9]])
o.slice_update([[1, 2], [3, 4]], [5, 5], [[9]]); o.repeat([1, 2], 2); o.tril([[1, 2], [3, 4]])
o.isnan([1, 2]); o.floor(3); o.ceil([True]); o.convert_to_numpy(1.5); o.convert_to_numpy([1.5, 2])
o.max_pool(np.ones((1, 4, 4, 1), 'i4'), 2); o.max_pool(c(np.ones((1, 4, 4, 1), 'i4')), 2)
o.max_pool(np.ones((1, 4, 1)), 2); o.trace([[1, 2], [3, 4]]); o.average([1, 2], weights=[1, 3])
o.in_top_k([1], [[1.0, 2.0]], 1); o.lstsq([[1.0, 2], [3, 5]], [1.0, 2.0])
o.solve([[1.0, 2], [3, 4]], [1.0, 2.0]); o.dot(2, [1, 2]); o.outer([1, 2], 2.5)
o.arctan2(c([1], 'uint8'), 300); o.divide(c([100], 'uint8'), 300)
o.isclose(c([1.0], 'float16'), 1.0001); o.svd(c([[1.0, 2, 3], [3, 4, 5]]))[1]
o.batch_normalization(c([[1.0, 2.0]]), c([1.0, 0.0]), c([2.0, 1.0]), c(-1)); o.top_k([3, 1, 2], 2)
o.reshape([1, 2, 3, 4], (2, -1)); o.squeeze([[1]], (0, 1)); o.unstack([[1, 2], [3, 4]], axis=1)
o.sign(c([0, 7], 'uint8')); o.abs(c([True])); o.square([True, False]); o.var(c([1, 2], 'uint8'))
o.min(c([[True], [False]]), 1, initial=c([0, 3])); o.min(c([], 'bool'), initial=-1)"""
CALLS = [call for call in re.split(r"; |\n", TAKEN) if call]


@pytest.mark.parametrize("call", CALLS)
def test_taken_as_in_keras(call: str) -> None:
    found = []
    for tf in (scratchnet, tensorflow):
        space = {"o": tf.keras.ops, "c": tf.constant, "np": np}
        found.append(leaves(eval(call, space)))
    ours, theirs = found
    assert len(ours) == len(theirs)
    for a, b in zip(ours, theirs, strict=True):
        assert (a.dtype, a.shape) == (b.dtype, b.shape)
        if a.dtype.kind == "U":
            assert a == b
            continue
        np.testing.assert_allclose(a, b, rtol=1e-6, atol=1e-6)


REFUSED = {
    "o.argmax(c([[1, 2]]), 'a')": "argmax: `axis` must be an integer, received axis='a'",
    "o.argmax(c([[1, 2]]), (0, 1))": "argmax: `axis` must be an integer",
    "o.sum(c([1.0]), 'a')": "sum: `axis` must be an integer, received axis='a'",
    "o.sum(c([1.0]), keepdims=np.ones(2))": "sum: `keepdims` must be True or False",
    "o.mean('a')": "mean: `x`: convert_to_tensor: tensors of strings",
    "o.lstsq(c([[1.0]]), None)": "lstsq: `b`: ",
    "o.moveaxis(c([[1, 2]]), 0, c([[0.5]]))": "moveaxis: `destination` must",
    "o.moveaxis(c([[1, 2]]), (0, 0), (1, 0))": "moveaxis: `source` must name as many axes",
    "o.moveaxis(c([[1, 2]]), 0, (1, 0))": "moveaxis: `source` must name as many axes",
    "o.moveaxis(c([[1, 2]]), 2, 0)": "moveaxis: `source` must be in range [-2, 2)",
    "o.swapaxes(c([[1, 2]]), 2, 0)": "swapaxes: `axis1` must be in range",
    "o.swapaxes(c([[1, 2]]), 0, 1.5)": "swapaxes: `axis2` must be an integer",
    "o.take(c([[1, 2]]), 0, 7)": "take: `axis` must be in range",
    "o.take(c([[1, 2]]), 0.5)": "take: `indices` must be of an integer dtype",
    "o.take_along_axis(c([1, 2]), c(0), 0)": "take_along_axis: `indices` must have the rank 1",
    "o.take_along_axis(c([1, 2]), c(0))": "take_along_axis: `indices` must have one axis",
    "o.take_along_axis(c([1, 2]), c([0]), 1)": "take_along_axis: `axis` must be in range",
    "o.split(c([1, 2]), 'a')": "split: `indices_or_sections` must be an integer",
    "o.split(c([1, 2]), [[1], [1, 2]])": "split: `indices_or_sections` must be an integer",
    "o.split(c([1, 2]), 2, 1)": "split: `axis` must be in range",
    "o.diff(3)": "diff: `axis` must be in range",
    "o.diag(c([1]), k=[1])": "diag: `k` must be an integer",
    "o.diagonal(c([1]))": "diagonal: `x` must have a rank of 2 or more",
    "o.trace(3)": "trace: `x` must have a rank of 2 or more",
    "o.tril(c([1, 2]))": "tril: `x` must have a rank of 2 or more",
    "o.triu(c([1, 2]))": "triu: `x` must have a rank of 2 or more",
    "o.triu(c([[1, 2]]), 'a')": "triu: `k` must be an integer",
    "o.tri(c([1, 2]))": "tri: `N` must be an integer",
    "o.eye('a')": "eye: `N` must be an integer",
    "o.pad(c([1, 2]), c([0.5]))": "pad: `pad_width` must be a number, a pair or a pair for each",
    "o.pad(c([[1, 2]]), [[1, 2], [3, 4], [5, 6]])": "pad: `pad_width` must be a number, a pair",
    "o.pad(c([1, 2]), 1, mode=3)": "pad: `mode` must be a string",
    "o.layer_normalization(3.0)": "layer_normalization: `axis` must be in range",
    "o.batch_normalization(c([1.0]), [1.0], [1.0], 3)": "batch_normalization: `axis` must be in",
    "o.batch_normalization(c([1.0]), [1.0], [1.0], 0, epsilon='a')": (
        "batch_normalization: `epsilon`"
    ),
    "o.slice_update(c([1]), [0], c([[1]]))": "slice_update: `updates` must have the rank 1",
    "o.slice_update(c([1]), [0], c([1, 2]))": "slice_update: `updates` must fit into the shape",
    "o.slice_update(c([1]), [0, 1], c([1]))": "slice_update: `start_indices` must hold 1",
    "o.slice_update(c([1]), [0.5], c([1]))": "slice_update: `start_indices`",
    "o.conv(np.ones((1, 4, 1)), np.ones((2, 1)))": "conv: `kernel` must have the rank 3",
    "o.depthwise_conv(np.ones((1, 4, 4, 1)), np.ones((2, 1, 1)))": "depthwise_conv: `kernel` must",
    "o.separable_conv(np.ones((1, 4, 1)), np.ones((2, 1)), np.ones((1, 1, 1)))": (
        "separable_conv: `depthwise_kernel` must have the rank 3"
    ),
    "o.separable_conv(np.ones((1, 4, 1)), np.ones((2, 1, 1)), np.ones((1, 1)))": (
        "separable_conv: `pointwise_kernel` must have the rank 3"
    ),
    "o.where([True], 1)": "where: `x2` must not be None where the other is given",
    "o.where([True], x2=1)": "where: `x1` must not be None where the other is given",
    "o.linspace(0, 1, -1)": "linspace: `num` must be a non-negative integer",
    "o.linspace(0, 1, 2.5)": "linspace: `num` must be an integer",
    "o.round(c([1.0]), 400)": "round: `decimals` must be in [-308, 308], received decimals=400",
    "o.diag(c([1]), 2**70)": "diag: `k` must be an integer of 64 bits",
    "o.matmul(2, [1])": "matmul: `x1` must have a rank of 1 or more",
    "o.matmul([1], 2)": "matmul: `x2` must have a rank of 1 or more",
    "o.bincount(c(np.ones((1, 1, 1), 'int32')))": "bincount: `x` must have a rank of 2 or less",
    "o.stack([])": "stack: `x` must hold one tensor or more",
    "o.hstack(None)": "hstack: `xs`: ",
    "o.vstack(['a'])": "vstack: `xs[0]`: ",
    "o.expand_dims([1], (0, 0))": "expand_dims: `axis` must not name an axis twice",
    "o.isclose(c([1.0]), 1.0, c([1.0, 2.0]))": "isclose: `rtol` must be a number",
    "o.leaky_relu(c([1.0]), 'a')": "leaky_relu: `negative_slope`",
}


@pytest.mark.parametrize("call", REFUSED)
def test_refused_by_name(call: str) -> None:
    space = {"o": scratchnet.keras.ops, "c": scratchnet.constant, "np": np}
    refused = (ValueError, TypeError, scratchnet.errors.InvalidArgumentError)
    with pytest.raises(refused, match=re.escape(REFUSED[call])):
        eval(call, space)


def test_variables_and_gradients() -> None:
    """What is looked at passes gradients on, an empty diagonal among it."""

    def program(tf: Any) -> list[Any]:
        v, w = tf.constant([[1.0, 2.0], [3.0, 4.0]]), tf.keras.Variable([1.0, 2.0])
        empty = tf.constant([[]])
        o = tf.keras.ops
        with tf.GradientTape() as tape:
            tape.watch([v, empty])
            y = o.sum(o.moveaxis(v, 0, 1) * o.expand_dims(v, (0,))) + o.sum(o.diagonal(v, 1))
            y += o.matmul(v, w)[0] + o.trace(v) + o.sum(o.stack([v, 2 * v], 1))
            y += o.sum(o.diag(empty)) + o.sum(o.linspace(v, w, 3)) + o.sum(o.full_like(v, w))
        found = tape.gradient(y, [v, w.value if tf is tensorflow else w, empty])
        return [np.asarray(g) for g in found]

    ours, theirs = program(scratchnet), program(tensorflow)
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(a, b)


def test_a_product_has_the_dtype_that_is_asked_for() -> None:
    """Keras ignores it, and the product of two bytes wraps around."""
    ours, theirs = (
        tf.keras.ops.prod(tf.constant([200, 200], "uint8"), dtype="int64")
        for tf in (scratchnet, tensorflow)
    )
    assert (ours.dtype, int(ours)) == ("int64", 40000)
    assert (theirs.dtype, int(theirs)) == ("uint8", 64)
