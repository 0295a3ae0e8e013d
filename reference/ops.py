"""REFERENCE: for every op of scratchnet the TensorFlow callable that takes the same arguments.

Most rows are TensorFlow's function of that name.  The others are ops that TensorFlow has no
function for (a transpose, an adjoint); they are written here in TensorFlow's own ops.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

# One way of computing, whatever the CPU: oneDNN's kernels round differently from the others.
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import tensorflow as tf


def _sum_to(input: Any, shape: Any) -> Any:
    wanted = list(shape)
    new = len(input.shape) - len(wanted)
    stretched = [new + i for i, n in enumerate(wanted) if n == 1]
    return tf.reshape(tf.reduce_sum(input, [*range(new), *stretched]), wanted)


def _place(x: Any, key: Any, shape: Any) -> Any:
    flat = np.arange(int(np.prod(shape))).reshape(shape)[key]
    values = tf.scatter_nd(flat.reshape(-1, 1), tf.reshape(x, [-1]), [int(np.prod(shape))])
    return tf.reshape(values, shape)


def _add_at(x: Any, indices: Any, axis: int, shape: Any) -> Any:
    selector = tf.one_hot(indices, shape[axis], dtype=x.dtype)  # (…indices, n)
    axis %= len(shape)
    own = list(range(axis, axis + len(indices.shape)))
    summed = tf.tensordot(x, selector, [own, list(range(len(indices.shape)))])  # n comes last
    order = list(range(len(shape) - 1))
    order.insert(axis, len(shape) - 1)
    return tf.transpose(summed, order)


def _prod_of_others(x: Any, axis: Any = None) -> Any:
    axes = sorted(a % len(x.shape) for a in ([axis] if isinstance(axis, int) else axis))
    order = [i for i in range(len(x.shape)) if i not in axes] + axes
    moved = tf.transpose(x, order)
    kept = list(moved.shape[: len(order) - len(axes)])
    flat = tf.reshape(moved, [*kept, int(np.prod([x.shape[a] for a in axes]))])
    before = tf.math.cumprod(flat, axis=-1, exclusive=True)
    after = tf.math.cumprod(flat, axis=-1, exclusive=True, reverse=True)
    return tf.transpose(tf.reshape(before * after, moved.shape), np.argsort(order))


def _drop(x: Any, keep: Any, rate: float) -> Any:
    return tf.where(keep, x * (1 / (1 - rate)), tf.zeros([], x.dtype))


def _explicit(padding: Any) -> dict[str, Any]:
    """A padding argument as the raw ops want it."""
    if isinstance(padding, str):
        return {"padding": padding}
    return {"padding": "EXPLICIT", "explicit_paddings": [n for pair in padding for n in pair]}


def _four(value: Any) -> list[int]:
    sizes = [value] * 2 if isinstance(value, int) else list(value)
    return sizes if len(sizes) == 4 else [1, *sizes, 1]


def _conv2d_backprop_input(
    input_sizes: Any,
    filters: Any,
    out_backprop: Any,
    strides: Any,
    padding: Any,
    dilations: Any = 1,
) -> Any:
    return tf.raw_ops.Conv2DBackpropInput(
        input_sizes=list(input_sizes),
        filter=filters,
        out_backprop=out_backprop,
        strides=_four(strides),
        dilations=_four(dilations),
        **_explicit(padding),
    )


def _conv2d_backprop_filter(
    input: Any,
    filter_sizes: Any,
    out_backprop: Any,
    strides: Any,
    padding: Any,
    dilations: Any = 1,
) -> Any:
    return tf.raw_ops.Conv2DBackpropFilter(
        input=input,
        filter_sizes=list(filter_sizes),
        out_backprop=out_backprop,
        strides=_four(strides),
        dilations=_four(dilations),
        **_explicit(padding),
    )


def _flat_pixels(at: Any, shape: Any) -> Any:
    """Pixel numbers within an image -> positions in the flat (N, H, W, C) array."""
    N, H, W, C = shape
    n = tf.reshape(tf.range(N, dtype=tf.int64), [-1, 1, 1, 1])
    c = tf.reshape(tf.range(C, dtype=tf.int64), [1, 1, 1, -1])
    return (n * (H * W) + tf.cast(at, tf.int64)) * C + c


def _take_pixels(x: Any, at: Any) -> Any:
    return tf.gather(tf.reshape(x, [-1]), _flat_pixels(at, x.shape))


def _put_pixels(g: Any, at: Any, shape: Any) -> Any:
    positions = _flat_pixels(at, shape)[..., None]
    return tf.reshape(tf.scatter_nd(positions, g, [int(np.prod(shape))]), shape)


def _avg_pool2d_backprop(
    input_sizes: Any, out_backprop: Any, ksize: Any, strides: Any, padding: str
) -> Any:
    return tf.raw_ops.AvgPoolGrad(
        orig_input_shape=list(input_sizes),
        grad=out_backprop,
        ksize=_four(ksize),
        strides=_four(strides),
        padding=padding,
    )


def _getitem(x: Any, key: Any) -> Any:
    return x[key]


def _batch_normalization(
    x: Any, mean: Any, variance: Any, offset: Any, scale: Any, variance_epsilon: float
) -> Any:
    return tf.nn.batch_normalization(x, mean, variance, offset, scale, variance_epsilon)


def _read_variable(x: Any) -> Any:
    return tf.identity(x)


REFERENCE: dict[str, Callable[..., Any]] = {
    # arithmetic
    "add": tf.add,
    "subtract": tf.subtract,
    "multiply": tf.multiply,
    "divide": tf.divide,
    "floordiv": tf.math.floordiv,
    "mod": tf.math.floormod,
    "pow": tf.pow,
    "maximum": tf.maximum,
    "minimum": tf.minimum,
    # one tensor, element by element
    "negative": tf.negative,
    "abs": tf.abs,
    "sign": tf.sign,
    "square": tf.square,
    "floor": tf.floor,
    "round": tf.round,
    "exp": tf.exp,
    "log": tf.math.log,
    "log1p": tf.math.log1p,
    "sqrt": tf.sqrt,
    "rsqrt": tf.math.rsqrt,
    "reciprocal": tf.math.reciprocal,
    "sin": tf.sin,
    "cos": tf.cos,
    "sigmoid": tf.sigmoid,
    "tanh": tf.tanh,
    "softplus": tf.math.softplus,
    "relu": tf.nn.relu,
    "leaky_relu": tf.nn.leaky_relu,
    "elu": tf.nn.elu,
    # comparisons, logic, selection
    "equal": tf.equal,
    "not_equal": tf.not_equal,
    "less": tf.less,
    "less_equal": tf.less_equal,
    "greater": tf.greater,
    "greater_equal": tf.greater_equal,
    "logical_and": tf.logical_and,
    "logical_or": tf.logical_or,
    "logical_xor": tf.math.logical_xor,
    "logical_not": tf.logical_not,
    "where": tf.where,
    "clip_by_value": tf.clip_by_value,
    # creation
    "constant": tf.constant,
    "convert_to_tensor": tf.convert_to_tensor,
    "cast": tf.cast,
    "identity": tf.identity,
    "stop_gradient": tf.stop_gradient,
    "read_variable": _read_variable,
    "zeros": tf.zeros,
    "ones": tf.ones,
    "zeros_like": tf.zeros_like,
    "ones_like": tf.ones_like,
    "fill": tf.fill,
    "eye": tf.eye,
    "range": tf.range,
    "linspace": tf.linspace,
    "one_hot": tf.one_hot,
    # shape
    "reshape": tf.reshape,
    "expand_dims": tf.expand_dims,
    "squeeze": tf.squeeze,
    "transpose": tf.transpose,
    "broadcast_to": tf.broadcast_to,
    "sum_to": _sum_to,
    "tile": tf.tile,
    "concat": tf.concat,
    "stack": tf.stack,
    "unstack": tf.unstack,
    "split": tf.split,
    "pad": tf.pad,
    "reverse": tf.reverse,
    "repeat": tf.repeat,
    # picking and putting
    "getitem": _getitem,
    "place": _place,
    "slice": tf.slice,
    "gather": tf.gather,
    "add_at": _add_at,
    "gather_nd": tf.gather_nd,
    "scatter_nd": tf.scatter_nd,
    # reductions
    "reduce_sum": tf.reduce_sum,
    "reduce_mean": tf.reduce_mean,
    "reduce_max": tf.reduce_max,
    "reduce_min": tf.reduce_min,
    "reduce_prod": tf.reduce_prod,
    "prod_of_others": _prod_of_others,
    "reduce_any": tf.reduce_any,
    "reduce_all": tf.reduce_all,
    "argmax": tf.argmax,
    "argmin": tf.argmin,
    "cumsum": tf.cumsum,
    "reduce_logsumexp": tf.reduce_logsumexp,
    "reduce_variance": tf.math.reduce_variance,
    "reduce_std": tf.math.reduce_std,
    "l2_loss": tf.nn.l2_loss,
    "norm": tf.norm,
    "moments": tf.nn.moments,
    # matrices
    "matmul": tf.matmul,
    "tensordot": tf.tensordot,
    "bias_add": tf.nn.bias_add,
    # images
    "conv2d": tf.nn.conv2d,
    "conv2d_backprop_input": _conv2d_backprop_input,
    "conv2d_backprop_filter": _conv2d_backprop_filter,
    "conv2d_transpose": tf.nn.conv2d_transpose,
    "max_pool2d": tf.nn.max_pool2d,
    "take_pixels": _take_pixels,
    "put_pixels": _put_pixels,
    "avg_pool2d": tf.nn.avg_pool2d,
    "avg_pool2d_backprop": _avg_pool2d_backprop,
    # probabilities
    "softmax": tf.nn.softmax,
    "log_softmax": tf.nn.log_softmax,
    "softmax_cross_entropy_with_logits": tf.nn.softmax_cross_entropy_with_logits,
    "sparse_softmax_cross_entropy_with_logits": tf.nn.sparse_softmax_cross_entropy_with_logits,
    "batch_normalization": _batch_normalization,
    # randomness
    "drop": _drop,
    "dropout": tf.nn.dropout,
    "stateless_dropout": tf.nn.experimental.stateless_dropout,
    "stateless_uniform": tf.random.stateless_uniform,
    "stateless_normal": tf.random.stateless_normal,
    "stateless_truncated_normal": tf.random.stateless_truncated_normal,
}
