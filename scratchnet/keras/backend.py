"""``keras.backend``: the settings under their older names, and the functions of Keras 2.

Most of these are ops under another name: ``K.mean(x, axis)`` is `tf.reduce_mean`,
``K.permute_dimensions`` is `tf.transpose`.  They work on tensors, in the `call` of a
layer, in a loss or a metric of one's own.
"""

from __future__ import annotations

import builtins
import math
from typing import TYPE_CHECKING, Any

import numpy as np

from scratchnet import ops
from scratchnet.engine.convert import to_bool
from scratchnet.engine.dtypes import as_dtype
from scratchnet.engine.errors import invalid, say
from scratchnet.engine.operators import Operators
from scratchnet.engine.tensor import Tensor, convert
from scratchnet.engine.variable import BaseVariable, Variable
from scratchnet.keras.config import (
    backend,
    epsilon,
    floatx,
    image_data_format,
    set_epsilon,
    set_floatx,
)
from scratchnet.keras.keras_tensor import KerasTensor
from scratchnet.keras.layers.recurrent.rnn import unrolled
from scratchnet.keras.session import clear_session
from scratchnet.ops.arguments import matching, one_int, one_of, tensor
from scratchnet.unsupported import listed, missing

__all__ = [
    "abs",
    "all",
    "any",
    "arange",
    "argmax",
    "argmin",
    "backend",
    "batch_dot",
    "batch_flatten",
    "batch_get_value",
    "batch_set_value",
    "bias_add",
    "binary_crossentropy",
    "cast",
    "cast_to_floatx",
    "categorical_crossentropy",
    "clear_session",
    "clip",
    "concatenate",
    "constant",
    "cos",
    "count_params",
    "cumprod",
    "cumsum",
    "dot",
    "dropout",
    "dtype",
    "elu",
    "epsilon",
    "equal",
    "eval",
    "exp",
    "expand_dims",
    "eye",
    "flatten",
    "floatx",
    "gather",
    "get_value",
    "greater",
    "greater_equal",
    "hard_sigmoid",
    "image_data_format",
    "int_shape",
    "is_keras_tensor",
    "l2_normalize",
    "less",
    "less_equal",
    "log",
    "max",
    "maximum",
    "mean",
    "min",
    "minimum",
    "ndim",
    "not_equal",
    "one_hot",
    "ones",
    "ones_like",
    "permute_dimensions",
    "pool2d",
    "pow",
    "prod",
    "random_bernoulli",
    "random_normal",
    "random_uniform",
    "relu",
    "repeat",
    "repeat_elements",
    "reshape",
    "reverse",
    "rnn",
    "round",
    "set_epsilon",
    "set_floatx",
    "set_value",
    "shape",
    "sigmoid",
    "sign",
    "sin",
    "softmax",
    "softplus",
    "softsign",
    "sparse_categorical_crossentropy",
    "sqrt",
    "square",
    "squeeze",
    "stack",
    "std",
    "stop_gradient",
    "sum",
    "switch",
    "tanh",
    "tile",
    "transpose",
    "truncated_normal",
    "update",
    "update_add",
    "update_sub",
    "var",
    "variable",
    "zeros",
    "zeros_like",
]


def abs(x: Any) -> Any:
    """``|x|``."""
    return ops.abs(x)


def all(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Whether all are true."""
    return ops.reduce_all(ops.cast(x, bool), axis, keepdims)


def any(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Whether any is true."""
    return ops.reduce_any(ops.cast(x, bool), axis, keepdims)


def arange(start: Any, stop: Any = None, step: Any = 1, dtype: str = "int32") -> Any:
    """``start``, ``start + step``, … up to and without `stop`; from 0 with one argument.

    >>> arange(2, 8, 3).numpy()
    array([2, 5], dtype=int32)
    """
    if stop is None:
        least = tensor("arange", "start", start)._data
        if least.size != 1:
            raise invalid("arange", "start", "must be one number", start)
        start, stop = 0, 0 if (least < 0).all() else start
    made = ops.range(start, stop, step)
    return made if one_of(dtype, ("int32",)) else ops.cast(made, dtype)


def argmax(x: Any, axis: int = -1) -> Any:
    """Where the largest is."""
    return ops.argmax(x, axis)


def argmin(x: Any, axis: int = -1) -> Any:
    """Where the least is."""
    return ops.argmin(x, axis)


def batch_dot(x: Any, y: Any, axes: Any = None) -> Any:
    """For each sample the sum over an axis of `x` times one of `y`; the other axes side by side.

    Args:
        x, y: (N, …), of rank 2 or more.
        axes: the two axes, or one number for both; if not given the last one of `x` and the last
            but one of `y`, of a matrix the last one.

    Returns:
        (N, …, …); (N, 1) where nothing else is left.

    Raises:
        ValueError: a rank below 2; other numbers of samples or of terms; the axis of the samples.

    >>> batch_dot(ops.ones((2, 5, 3)), ops.ones((2, 4, 3)), axes=2).shape
    TensorShape([2, 5, 4])
    """
    x, y = tensor("batch_dot", "x", x), tensor("batch_dot", "y", y)
    shapes, ranks = (tuple(x.shape), tuple(y.shape)), (len(x.shape), len(y.shape))
    where = f"Received inputs with shapes {shapes[0]} and {shapes[1]}"
    if builtins.min(ranks) < 2:
        raise ValueError(f"Cannot do batch_dot on inputs with rank < 2. {where}.")
    if shapes[0][0] != shapes[1][0]:
        raise ValueError(f"Cannot do batch_dot on inputs with different batch sizes. {where}.")
    if axes is None:
        axes = (-1, -1 if ranks[1] == 2 else -2)
    pair = axes if isinstance(axes, list | tuple) else [axes, axes]
    if len(pair) != 2 or not builtins.all(isinstance(axis, int) for axis in pair):
        raise ValueError(
            "batch_dot: Multiple target dimensions are not supported. Expected: None, int, "
            f"(int, int), Provided: {axes}"
        )
    i, j = (axis + rank if axis < 0 else axis for axis, rank in zip(pair, ranks, strict=True))
    if not (0 <= i < ranks[0] and 0 <= j < ranks[1]):
        raise ValueError(say("batch_dot", "axes", f"must be axes of ranks {ranks}", axes))
    if 0 in (i, j):
        raise ValueError(
            "Cannot perform batch_dot over axis 0. If your inputs are not batched, add a dummy "
            "batch dimension to your inputs using K.expand_dims(x, 0)"
        )
    if shapes[0][i] != shapes[1][j]:
        raise ValueError(
            f"batch_dot: {where} with axes={[i, j]}. x.shape[{i}] != y.shape[{j}] "
            f"({shapes[0][i]} != {shapes[1][j]})."
        )
    letters = iter("bcdefghijklmopqrstuvwxyz")
    of_x, of_y = (
        ["n", *("a" if k == axis else next(letters) for k in range(1, rank))]
        for axis, rank in ((i, ranks[0]), (j, ranks[1]))
    )
    left = [letter for letter in (*of_x[1:], *of_y[1:]) if letter != "a"]
    made = ops.einsum(f"{''.join(of_x)},{''.join(of_y)}->n{''.join(left)}", x, y)
    return made if left else ops.expand_dims(made, -1)


def batch_flatten(x: Any) -> Any:
    """(N, …) -> (N, all others); a number -> (1, 1)."""
    x = tensor("batch_flatten", "x", x)
    return ops.reshape(x, (*x.shape[:1], math.prod(x.shape[1:])) if len(x.shape) else (1, 1))


def batch_get_value(tensors: Any) -> Any:
    """The values of tensors, as arrays.

    Raises:
        TypeError: something else than a list of tensors and variables, or than a tensor of rows.
    """
    rule = "must be a list of tensors and variables"
    parts = _parts("batch_get_value", "tensors", tensors, rule)
    if not builtins.all(hasattr(x, "numpy") for x in parts):
        raise TypeError(say("batch_get_value", "tensors", rule, tensors))
    return [x.numpy() for x in parts]


def batch_set_value(tuples: Any) -> None:
    """Assign to variables: pairs of one and its value.

    Raises:
        TypeError: something else than a list of such pairs.
        ValueError: as of `set_value`.
    """
    rule = "must be a list of pairs, each a variable and its value"
    pairs = []
    for pair in _parts("batch_set_value", "tuples", tuples, rule):
        if not isinstance(pair, list | tuple) or len(pair) != 2:
            raise TypeError(say("batch_set_value", "tuples", rule, tuples))
        pairs.append((_variable("batch_set_value", "tuples", pair[0]), pair[1]))
    for x, value in pairs:
        set_value(x, value)


def bias_add(x: Any, bias: Any, data_format: str | None = None) -> Any:
    """`x` and a bias for each channel, or for each channel of each place.

    Args:
        x: (N, …, C); with "channels_first" (N, C, …).
        bias: (C,); of an `x` of rank 3 to 5 also (…, C), whatever the `data_format`.
        data_format: `image_data_format` if not given.

    Raises:
        ValueError: another `data_format`; a bias of another number of axes.
    """
    kinds = {"channels_last": "NHWC", "channels_first": "NCHW"}
    given = image_data_format() if data_format is None else data_format
    if not one_of(given, tuple(kinds)):
        raise ValueError(f"Unknown data_format: {data_format}")
    x, bias = tensor("bias_add", "x", x), tensor("bias_add", "bias", bias)
    axes, rank = len(bias.shape), len(x.shape)
    if axes == 1:
        return ops.bias_add(x, bias, kinds[given])
    if axes != rank - 1 or rank not in (3, 4, 5):
        more = f" or {rank - 1}" if rank in (3, 4, 5) else ""
        raise ValueError(f"Unexpected bias dimensions {axes}. Expected it to be 1{more}")
    if given == "channels_first":  # as Keras: its numbers in their order, not its axes
        bias = ops.reshape(bias, (bias.shape[-1], *bias.shape[:-1]))
    return x + bias


def binary_crossentropy(target: Any, output: Any, from_logits: bool = False) -> Any:
    """``-t log p - (1 - t) log(1 - p)``, element by element."""
    where = "binary_crossentropy"
    target, output = tensor(where, "target", target), tensor(where, "output", output)
    if to_bool(where, "from_logits", from_logits):
        return ops.sigmoid_cross_entropy_with_logits(labels=target, logits=output)
    tiny = epsilon()
    output = ops.clip_by_value(output, tiny, 1.0 - tiny)
    return -(target * ops.log(output + tiny) + (1 - target) * ops.log(1 - output + tiny))


def cast(x: Any, dtype: Any) -> Any:
    """`x` of another dtype."""
    return ops.cast(x, dtype)


def cast_to_floatx(x: Any) -> Any:
    """`x` of the dtype `floatx()`: a tensor of a tensor, else an array.

    Raises:
        TypeError, ValueError: what holds something else than real numbers, or lists of several
            lengths.
    """
    if isinstance(x, Operators):
        return ops.cast(x, floatx())
    return _array("cast_to_floatx", "x", x, floatx())


def categorical_crossentropy(
    target: Any, output: Any, from_logits: bool = False, axis: int = -1
) -> Any:
    """``-Σ t log p`` along `axis`, of probabilities or logits.

    Raises:
        ValueError: two shapes; `from_logits` that is neither True nor False.
    """
    where = "categorical_crossentropy"
    target, output = tensor(where, "target", target), tensor(where, "output", output)
    if target.shape != output.shape:
        raise ValueError(
            f"{where}: Shapes {target.shape} and {output.shape} are incompatible: `target` must "
            f"have the shape of `output`, received target.shape={target.shape}"
        )
    if to_bool(where, "from_logits", from_logits):
        return ops.softmax_cross_entropy_with_logits(labels=target, logits=output, axis=axis)
    output = output / ops.reduce_sum(output, axis, True)
    output = ops.clip_by_value(output, epsilon(), 1.0 - epsilon())
    return -ops.reduce_sum(target * ops.log(output), axis)


def clip(x: Any, min_value: Any, max_value: Any) -> Any:
    """`x` between two bounds; None for no bound.

    >>> clip(ops.constant([-1.0, 5.0]), 0, 2).numpy()
    array([0., 2.], dtype=float32)
    """
    numbers = isinstance(min_value, int | float) and isinstance(max_value, int | float)
    if numbers and max_value < min_value:
        max_value = min_value
    low = -np.inf if min_value is None else min_value
    return ops.clip_by_value(x, low, np.inf if max_value is None else max_value)


def concatenate(tensors: Any, axis: int = -1) -> Any:
    """Tensors, one behind the other; of one tensor, its rows.

    Raises:
        ValueError, TypeError, InvalidArgumentError: something else than a list of tensors; an
            `axis` that they do not have.
    """
    where, rule = "concatenate", "must be a list of tensors, or a tensor, whose rows are meant"
    parts = _parts(where, "tensors", tensors, rule)
    if not parts:
        raise invalid(where, "tensors", "must hold at least one tensor", tensors)
    along = one_int(where, "axis", axis)
    if along < 0:
        rank = len(tensor(where, "tensors", parts[0]).shape)
        if not rank and len(parts) == 1:
            return convert(parts[0])
        along = along % rank if rank else 0
    return ops.concat(parts, along)


def constant(value: Any, dtype: Any = None, shape: Any = None, name: str | None = None) -> Any:
    """A tensor of the dtype `floatx()`, or of another."""
    return ops.constant(value, floatx() if dtype is None else dtype, shape)


def cos(x: Any) -> Any:
    """The cosine."""
    return ops.cos(x)


def count_params(x: Any) -> Any:
    """How many numbers `x` holds."""
    return math.prod(_shape("count_params", x))


def cumprod(x: Any, axis: int = 0) -> Any:
    """Products of the first 1, 2, 3, …"""
    return ops.cumprod(x, axis)


def cumsum(x: Any, axis: int = 0) -> Any:
    """Sums of the first 1, 2, 3, …"""
    return ops.cumsum(x, axis)


def dot(x: Any, y: Any) -> Any:
    """``Σ_k x[…, k] y[…, k, j]``: the last axis of `x` times the last but one of `y`.

    Raises:
        InvalidArgumentError: ranks or sizes that do not fit.

    >>> dot(ops.ones((2, 3)), ops.ones((4, 3, 5))).shape
    TensorShape([2, 4, 5])
    """
    x, y = tensor("dot", "x", x), tensor("dot", "y", y)
    ranks = len(x.shape), len(y.shape)
    if builtins.max(ranks) <= 2:
        return ops.matmul(x, y)
    if not ranks[0]:
        raise invalid("dot", "x", "must have rank >= 1", x)
    if ranks[1] < 2:
        raise invalid("dot", "y", "must have rank >= 2 where `x` has more than two axes", y)
    return ops.tensordot(x, y, [[ranks[0] - 1], [ranks[1] - 2]])


def dropout(x: Any, level: float, noise_shape: Any = None, seed: int | None = None) -> Any:
    """`x` with a share `level` of zeros, the rest scaled; a seed from NumPy's `random`."""
    return ops.dropout(x, level, noise_shape, _seed(seed))


def dtype(x: Any) -> Any:
    """The name of the dtype.

    Raises:
        TypeError: `x` is no tensor.
    """
    if not hasattr(x, "dtype"):
        raise TypeError(say("dtype", "x", "must be a tensor, a variable or an array", x))
    return as_dtype(x.dtype).name


def elu(x: Any, alpha: float = 1.0) -> Any:
    """``x``, or ``alpha (eˣ - 1)`` of negative ones."""
    x = tensor("elu", "x", x)
    made, slope = ops.elu(x), tensor("elu", "alpha", alpha, x._data.dtype)
    if slope._data.size == 1 and (slope._data == 1).all():
        return made
    return ops.where(x > 0, made, slope * made)


def equal(x: Any, y: Any) -> Any:
    """``x == y``, element by element."""
    return ops.equal(x, y)


def eval(x: Any) -> Any:
    """The value, as `get_value`."""
    return get_value(x)


def exp(x: Any) -> Any:
    """``eˣ``."""
    return ops.exp(x)


def expand_dims(x: Any, axis: int = -1) -> Any:
    """`x` with a new axis of size 1."""
    return ops.expand_dims(x, axis)


def eye(size: int, dtype: Any = None, name: str | None = None) -> Any:
    """A variable that holds the identity matrix."""
    return variable(ops.eye(size, dtype=floatx() if dtype is None else dtype), dtype, name)


def flatten(x: Any) -> Any:
    """All numbers in one row."""
    return ops.reshape(x, [-1])


def gather(reference: Any, indices: Any) -> Any:
    """The rows at `indices`."""
    return ops.gather(reference, indices)


def get_value(x: Any) -> Any:
    """The value of a tensor or variable as an array; anything else as it is.

    >>> get_value(ops.constant([1.0]))
    array([1.], dtype=float32)
    """
    return x.numpy() if hasattr(x, "numpy") else x


def greater(x: Any, y: Any) -> Any:
    """``x > y``, element by element."""
    return ops.greater(x, y)


def greater_equal(x: Any, y: Any) -> Any:
    """``x >= y``, element by element."""
    return ops.greater_equal(x, y)


def hard_sigmoid(x: Any) -> Any:
    """``x / 5 + 1/2`` in [0, 1]: that of Keras 2."""
    x = tensor("hard_sigmoid", "x", x)
    return ops.clip_by_value(ops.multiply(x, 0.2) + 0.5, 0.0, 1.0)


def int_shape(x: Any) -> Any:
    """The shape as a tuple; None for sizes that are not known.

    Raises:
        TypeError: `x` is no tensor.
    """
    return _shape("int_shape", x)


def is_keras_tensor(x: Any) -> bool:
    """Whether `x` stands for a tensor of a model that is being made."""
    return isinstance(x, KerasTensor)


def l2_normalize(x: Any, axis: Any = None) -> Any:
    """`x` over its Euclidean norm."""
    return ops.l2_normalize(x, axis)


def less(x: Any, y: Any) -> Any:
    """``x < y``, element by element."""
    return ops.less(x, y)


def less_equal(x: Any, y: Any) -> Any:
    """``x <= y``, element by element."""
    return ops.less_equal(x, y)


def log(x: Any) -> Any:
    """The natural logarithm."""
    return ops.log(x)


def max(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The largest."""
    return ops.reduce_max(x, axis, keepdims)


def maximum(x: Any, y: Any) -> Any:
    """The larger of two, element by element."""
    return ops.maximum(x, y)


def mean(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The mean."""
    return ops.reduce_mean(_floating("mean", x), axis, keepdims)


def min(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The least."""
    return ops.reduce_min(x, axis, keepdims)


def minimum(x: Any, y: Any) -> Any:
    """The smaller of two, element by element."""
    return ops.minimum(x, y)


def ndim(x: Any) -> Any:
    """The rank.

    Raises:
        TypeError: `x` is no tensor.
    """
    return len(_shape("ndim", x))


def not_equal(x: Any, y: Any) -> Any:
    """``x != y``, element by element."""
    return ops.not_equal(x, y)


def one_hot(indices: Any, num_classes: int) -> Any:
    """A 1 at each of `indices`, in rows of `num_classes`."""
    return ops.one_hot(indices, num_classes)


def ones(shape: Any, dtype: Any = None, name: str | None = None) -> Any:
    """A variable of ones; a tensor where a size is 0, as in Keras."""
    kind = floatx() if dtype is None else dtype
    made = ops.ones(shape, kind)
    return variable(made, kind, name) if builtins.all(made.shape) else made


def ones_like(x: Any, dtype: Any = None) -> Any:
    """Ones of the shape of `x`."""
    return ops.ones_like(x, dtype)


def permute_dimensions(x: Any, pattern: Any) -> Any:
    """The axes in another order."""
    return ops.transpose(x, pattern)


def pool2d(
    x: Any,
    pool_size: Any,
    strides: Any = (1, 1),
    padding: str = "valid",
    data_format: str | None = None,
    pool_mode: str = "max",
) -> Any:
    """The largest value or the mean of each window of images (N, H, W, C).

    Args:
        x: the images.
        pool_size, strides: (height, width).
        padding: "valid" or "same".
        data_format: "channels_last".
        pool_mode: "max" or "avg".

    Raises:
        ValueError: anything else.
    """
    if data_format is not None and not one_of(data_format, ("channels_last",)):
        raise ValueError(say("pool2d", "data_format", "must be 'channels_last' here", data_format))
    for name, value in (("pool_size", pool_size), ("strides", strides)):
        if not isinstance(value, list | tuple) or len(value) != 2:
            raise ValueError(say("pool2d", name, "must be a tuple of 2 integers", value))
    if not one_of(padding, ("valid", "same")):
        raise ValueError(f"pool2d: Invalid padding: {padding}")
    if not one_of(pool_mode, ("max", "avg")):
        raise ValueError(f"pool2d: Invalid pooling mode: {pool_mode}")
    pooled = ops.max_pool2d if pool_mode == "max" else ops.avg_pool2d
    return pooled(x, pool_size, strides, padding.upper())


def pow(x: Any, a: Any) -> Any:
    """``xᵃ``."""
    return ops.pow(x, a)


def prod(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The product."""
    return ops.reduce_prod(x, axis, keepdims)


def random_bernoulli(shape: Any, p: float = 0.0, dtype: Any = None, seed: int | None = None) -> Any:
    """1 with probability `p`, else 0.

    Without a `seed`, one of NumPy's `random`.
    """
    kind = floatx() if dtype is None else dtype
    drawn = ops.random.uniform(shape, dtype=kind, seed=_seed(seed)) <= p
    return ops.cast(drawn, kind)


def random_normal(
    shape: Any, mean: float = 0.0, stddev: float = 1.0, dtype: Any = None, seed: int | None = None
) -> Any:
    """Normal numbers.

    Without a `seed`, one of NumPy's `random`.
    """
    return ops.random.normal(shape, mean, stddev, floatx() if dtype is None else dtype, _seed(seed))


def random_uniform(
    shape: Any, minval: float = 0.0, maxval: float = 1.0, dtype: Any = None, seed: int | None = None
) -> Any:
    """Numbers of one density in [minval, maxval).

    Without a `seed`, one of NumPy's `random`.
    """
    return ops.random.uniform(
        shape, minval, maxval, floatx() if dtype is None else dtype, _seed(seed)
    )


def relu(x: Any, alpha: float = 0.0, max_value: float | None = None, threshold: float = 0.0) -> Any:
    """``x`` above `threshold` up to `max_value`, ``alpha (x - threshold)`` below.

    Args:
        x: real.
        alpha, threshold: a number of the dtype of `x`; an array or tensor of one.
        max_value: of that dtype, too; None for no end.

    Raises:
        TypeError, ValueError, InvalidArgumentError: arguments that are none of these.
    """
    x = tensor("relu", "x", x)
    kind = x._data.dtype
    slope, least = _number("relu", "alpha", alpha), _number("relu", "threshold", threshold)
    if slope != 0 and max_value is None and least == 0:
        return ops.leaky_relu(x, slope)
    end = None if max_value is None else tensor("relu", "max_value", max_value, kind)
    start = tensor("relu", "threshold", threshold, kind) if least != 0 else None
    if start is not None:
        made = x * ops.cast(x > start, kind)
    elif end is not None and end._data.size == 1 and (end._data == 6).all():
        made, end = ops.relu6(x), None
    else:
        made = ops.relu(x)
    if end is not None:
        made = ops.clip_by_value(made, ops.cast(0, kind), end)
    if slope == 0:
        return made
    below = ops.relu(-x if start is None else start - x)
    return made - tensor("relu", "alpha", alpha, kind) * below


def repeat(x: Any, n: int) -> Any:
    """(N, C) -> (N, n, C): each row `n` times.

    Raises:
        ValueError: another rank.
    """
    x = tensor("repeat", "x", x)
    if len(x.shape) != 2:
        raise ValueError(f"Expected input `x` to have rank 2. Received: rank(x)={len(x.shape)}")
    return ops.tile(ops.expand_dims(x, 1), [1, one_int("repeat", "n", n), 1])


def repeat_elements(x: Any, rep: int, axis: int) -> Any:
    """Each part along `axis`, `rep` times."""
    return ops.repeat(x, rep, axis)


def reshape(x: Any, shape: Any) -> Any:
    """`x` in another shape."""
    return ops.reshape(x, shape)


def reverse(x: Any, axes: Any) -> Any:
    """`x` from the end along `axes`."""
    return ops.reverse(x, [axes] if isinstance(axes, int) else axes)


def rnn(
    step_function: Any,
    inputs: Any,
    initial_states: Any,
    go_backwards: bool = False,
    mask: Any = None,
    constants: Any = None,
    unroll: bool = False,
    input_length: Any = None,
    time_major: bool = False,
    zero_output_for_mask: bool = False,
    return_all_outputs: bool = True,
) -> Any:
    """``output_t, states_t = step_function(x_t, states_{t-1})``, step after step.

    Args:
        step_function: gets x_t and the states with the constants; the states it returns have none.
        inputs: (N, T, …).
        initial_states: a list of tensors.
        go_backwards: whether to begin with the last step.
        mask: bool (N, T): where it is False, states and output stay as they were.
        constants: tensors that every step gets behind the states.
        unroll, input_length: no effect: the steps are a loop of Python.
        time_major: whether inputs, mask and outputs are (T, N, …) instead.
        zero_output_for_mask: whether masked outputs are zeros instead.
        return_all_outputs: whether the outputs are those of all steps, and not of the last one.

    Returns:
        The last output (N, …), the outputs (N, T, …) or (N, 1, …), the last states.

    >>> last, outputs, states = rnn(
    ...     lambda x, s: (x + s[0], [x + s[0]]), ops.ones((1, 3, 2)), [ops.zeros((1, 2))]
    ... )
    >>> outputs.numpy()[0, :, 0]
    array([1., 2., 3.], dtype=float32)
    """
    further = () if constants is None else tuple(constants)

    def step(x: Any, states: Any) -> Any:
        return step_function(x, (*states, *further))

    x, valid, axis = convert(inputs), mask, 0 if time_major else 1
    if time_major:
        x = ops.transpose(x, (1, 0, *range(2, x._data.ndim)))
    if mask is not None:
        valid = convert(mask)
        valid = ops.transpose(valid) if time_major else valid
    states = list(initial_states)
    found, states = unrolled(step, x, states, valid, go_backwards, zero_output_for_mask)
    outputs = ops.stack(found if return_all_outputs else found[-1:], axis=axis)
    return found[-1], outputs, tuple(states)


def round(x: Any) -> Any:
    """The nearest integers; halves to even ones."""
    return ops.round(x)


def set_value(x: Any, value: Any) -> None:
    """Assign `value` to the variable `x`, of whose dtype it becomes.

    Raises:
        TypeError: `x` is no variable.
        TypeError, ValueError: `value` is of another shape, or cannot become of that dtype.

    >>> v = variable([1.0])
    >>> set_value(v, [2.0])
    >>> v.numpy()
    array([2.], dtype=float32)
    """
    _variable("set_value", "x", x).assign(_array("set_value", "value", value, x.dtype))


def shape(x: Any) -> Any:
    """The shape, as a tensor."""
    return ops.shape(x)


def sigmoid(x: Any) -> Any:
    """``1 / (1 + e⁻ˣ)``."""
    return ops.sigmoid(x)


def sign(x: Any) -> Any:
    """-1, 0 or 1."""
    return ops.sign(x)


def sin(x: Any) -> Any:
    """The sine."""
    return ops.sin(x)


def softmax(x: Any, axis: Any = -1) -> Any:
    """``eˣ / Σ eˣ`` along `axis`.

    Raises:
        ValueError: a tensor of one axis.
    """
    x = tensor("softmax", "x", x)
    if len(x.shape) <= 1:
        raise ValueError(f"Cannot apply softmax to a tensor that is 1D. Received input: {x}")
    if isinstance(axis, int):
        return ops.softmax(x, axis)
    powers = ops.exp(x - ops.reduce_max(x, axis, keepdims=True))
    return powers / ops.reduce_sum(powers, axis, keepdims=True)


def softplus(x: Any) -> Any:
    """``log(1 + eˣ)``."""
    return ops.softplus(x)


def softsign(x: Any) -> Any:
    """``x / (1 + |x|)``."""
    return ops.softsign(x)


def sparse_categorical_crossentropy(
    target: Any, output: Any, from_logits: bool = False, axis: int = -1, ignore_class: Any = None
) -> Any:
    """``-log p[label]`` along the last axis, of probabilities or logits.

    Args:
        target: labels (…), one for each row of `output`, in any shape; floats are cut off.
        output: (…, C), floating.
        from_logits: whether `output` are logits.
        axis: the last one.
        ignore_class: None.

    Returns:
        (…); of an `output` of one row, with a list of one label, (1,).

    Raises:
        NotImplementedError: another `axis`; an `ignore_class`.
        ValueError, InvalidArgumentError: another number of labels; what is no tensor.
    """
    where = "sparse_categorical_crossentropy"
    output = tensor(where, "output", output)
    rank = len(output.shape)
    if not isinstance(axis, int) or axis not in (-1, rank - 1) or ignore_class is not None:
        raise NotImplementedError(
            "sparse_categorical_crossentropy: `axis` must be the last one and `ignore_class` None: "
            "use `tf.keras.losses.SparseCategoricalCrossentropy`"
        )
    target = ops.cast(tensor(where, "target", target), "int64")
    if not to_bool(where, "from_logits", from_logits):
        output = ops.log(ops.clip_by_value(output, epsilon(), 1 - epsilon()))
    rows = output.shape[:-1]
    if rank and len(target.shape) != rank - 1:
        if math.prod(target.shape) != math.prod(rows):
            rule = f"must hold a label for each row of `output`, of shape {output.shape}"
            raise ValueError(say(where, "target", rule, target))
        rows = rows if rank >= 3 else (math.prod(rows),)
        target, output = ops.reshape(target, rows), ops.reshape(output, (*rows, output.shape[-1]))
    return ops.sparse_softmax_cross_entropy_with_logits(labels=target, logits=output)


def sqrt(x: Any) -> Any:
    """The square root; 0 of negative numbers, as in Keras."""
    return ops.sqrt(ops.maximum(tensor("sqrt", "x", x), 0.0))


def square(x: Any) -> Any:
    """``x²``."""
    return ops.square(x)


def squeeze(x: Any, axis: Any) -> Any:
    """`x` without an axis of size 1."""
    return ops.squeeze(x, [axis])


def stack(x: Any, axis: int = 0) -> Any:
    """Tensors along a new axis."""
    return ops.stack(x, axis)


def std(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The standard deviation."""
    return ops.reduce_std(_floating("std", x), axis, keepdims)


def stop_gradient(variables: Any) -> Any:
    """`variables`, constant to gradients; of a list an iterator over them, as in Keras."""
    if isinstance(variables, list | tuple):
        return map(ops.stop_gradient, variables)
    return ops.stop_gradient(variables)


def sum(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The sum."""
    return ops.reduce_sum(x, axis, keepdims)


def switch(condition: Any, then_expression: Any, else_expression: Any) -> Any:
    """One of two: for a scalar as ``if``, else element by element; functions are called.

    A condition of one axis lies along the last axis where it fits there, as in Keras, and else,
    like those of more axes, along the first.

    Raises:
        ValueError: a condition of a higher rank.
        InvalidArgumentError: sizes that do not fit.
    """
    chosen = ops.cast(tensor("switch", "condition", condition), bool)
    if not chosen._data.ndim:
        found = then_expression if bool(chosen) else else_expression
        return found() if callable(found) else found
    then, other = (x() if callable(x) else x for x in (then_expression, else_expression))
    then, other = matching("switch", then_expression=then, else_expression=other)
    rank, more = chosen._data.ndim, len(then.shape)
    if rank > more:
        raise ValueError(
            "Rank of `condition` should be less than or equal to rank of `then_expression` and "
            f"`else_expression`. ndim(condition)={rank}, ndim(then_expression)={more}"
        )
    sizes = (chosen.shape[0], then.shape[-1])
    if rank == 1 and (sizes[0] == sizes[1] or 1 in sizes):
        return ops.where(chosen, then, other)
    return ops.where(ops.reshape(chosen, [*chosen.shape, *[1] * (more - rank)]), then, other)


def tanh(x: Any) -> Any:
    """The hyperbolic tangent."""
    return ops.tanh(x)


def tile(x: Any, n: Any) -> Any:
    """`x` several times along its axes."""
    return ops.tile(x, [n] if isinstance(n, int) else n)


def transpose(x: Any) -> Any:
    """The axes in reverse order."""
    return ops.transpose(x)


def truncated_normal(
    shape: Any, mean: float = 0.0, stddev: float = 1.0, dtype: Any = None, seed: int | None = None
) -> Any:
    """Normal numbers, none of them beyond 2 deviations.

    Without a `seed`, one of NumPy's `random`.
    """
    return ops.random.truncated_normal(
        shape, mean, stddev, floatx() if dtype is None else dtype, _seed(seed)
    )


def update(x: Any, new_x: Any) -> Any:
    """Assign `new_x` to the variable `x`."""
    return _variable("update", "x", x).assign(new_x)


def update_add(x: Any, increment: Any) -> Any:
    """Add `increment` to the variable `x`."""
    return _variable("update_add", "x", x).assign_add(increment)


def update_sub(x: Any, decrement: Any) -> Any:
    """Subtract `decrement` from the variable `x`."""
    return _variable("update_sub", "x", x).assign_sub(decrement)


def var(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The variance."""
    return ops.reduce_variance(_floating("var", x), axis, keepdims)


def variable(
    value: Any, dtype: Any = None, name: str | None = None, constraint: Any = None
) -> Variable:
    """A `tf.Variable` of the dtype `floatx()`, or of another."""
    kind = floatx() if dtype is None else dtype
    return Variable(value, dtype=kind, name=name, constraint=constraint)


def zeros(shape: Any, dtype: Any = None, name: str | None = None) -> Any:
    """A variable of zeros; a tensor where a size is 0, as in Keras."""
    kind = floatx() if dtype is None else dtype
    made = ops.zeros(shape, kind)
    return variable(made, kind, name) if builtins.all(made.shape) else made


def zeros_like(x: Any, dtype: Any = None) -> Any:
    """Zeros of the shape of `x`."""
    return ops.zeros_like(x, dtype)


def _floating(where: str, x: Any) -> Any:
    x = tensor(where, "x", x)
    return ops.cast(x, floatx()) if x.dtype == "bool" else x


def _shape(where: str, x: Any) -> tuple[Any, ...]:
    if not hasattr(x, "shape"):
        raise TypeError(say(where, "x", "must be a tensor, a variable or an array", x))
    return tuple(x.shape)


def _variable(where: str, name: str, x: Any) -> Any:
    if not isinstance(x, BaseVariable):
        raise TypeError(say(where, name, "must be a variable", x))
    return x


def _number(where: str, name: str, value: Any) -> Any:
    data = tensor(where, name, value)._data
    if data.size != 1 or data.dtype.kind == "c":
        raise invalid(where, name, "must be one real number", value)
    return data.item()


def _parts(where: str, name: str, value: Any, rule: str) -> list[Any]:
    """The parts of a list, or the rows of a tensor or an array."""
    rows = isinstance(value, Tensor | BaseVariable | np.ndarray) and value.ndim > 0
    if not rows and not isinstance(value, list | tuple):
        raise TypeError(say(where, name, rule, value))
    return list(value)


def _array(where: str, name: str, value: Any, dtype: Any) -> Any:
    """`value` as an array of that dtype, to which NumPy casts it."""
    kind = as_dtype(dtype)
    try:
        return np.asarray(value, kind.numpy)
    except (TypeError, ValueError, OverflowError) as error:
        named = TypeError if isinstance(error, TypeError) else ValueError
        rule = f"must be numbers of dtype {kind.name}, in lists of one length"
        raise named(say(where, name, rule, value)) from None


def _seed(seed: int | None) -> int:
    return np.random.randint(10**7) if seed is None else seed


if not TYPE_CHECKING:  # a type checker is to see which names there are
    __getattr__ = missing(__name__, "tf.keras.backend")
    __dir__ = listed(__name__)
