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
from scratchnet.engine.dtypes import as_dtype
from scratchnet.engine.errors import say
from scratchnet.engine.operators import Operators
from scratchnet.engine.tensor import convert
from scratchnet.engine.variable import Variable
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
        start, stop = 0, builtins.max(start, 0)
    made = ops.range(start, stop, step)
    return made if dtype == "int32" else ops.cast(made, dtype)


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
    x, y = convert(x), convert(y)
    shapes, ranks = (tuple(x.shape), tuple(y.shape)), (len(x.shape), len(y.shape))
    where = f"Received inputs with shapes {shapes[0]} and {shapes[1]}"
    if builtins.min(ranks) < 2:
        raise ValueError(f"Cannot do batch_dot on inputs with rank < 2. {where}.")
    if shapes[0][0] != shapes[1][0]:
        raise ValueError(f"Cannot do batch_dot on inputs with different batch sizes. {where}.")
    if axes is None:
        axes = (-1, -1 if ranks[1] == 2 else -2)
    pair = [axes, axes] if isinstance(axes, int) else list(axes)
    if not builtins.all(isinstance(axis, int) for axis in pair):
        raise ValueError(
            "batch_dot: Multiple target dimensions are not supported. Expected: None, int, "
            f"(int, int), Provided: {axes}"
        )
    i, j = (axis + rank if axis < 0 else axis for axis, rank in zip(pair, ranks, strict=True))
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
    """(N, …) -> (N, all others)."""
    return ops.reshape(x, (x.shape[0], math.prod(x.shape[1:])))


def batch_get_value(tensors: Any) -> Any:
    """The values of tensors, as arrays."""
    return [x.numpy() for x in tensors]


def batch_set_value(tuples: Any) -> None:
    """Assign to variables: pairs of one and its value."""
    for x, value in tuples:
        set_value(x, value)


def bias_add(x: Any, bias: Any, data_format: str | None = None) -> Any:
    """`x` and a bias for each channel.

    Raises:
        ValueError: another `data_format`; a bias of more than one axis.
    """
    kinds = {"channels_last": "NHWC", "channels_first": "NCHW"}
    given = image_data_format() if data_format is None else data_format
    if given not in kinds:
        raise ValueError(f"Unknown data_format: {data_format}")
    if len(bias.shape) != 1:
        raise ValueError(f"Unexpected bias dimensions {len(bias.shape)}. Expected it to be 1")
    return ops.bias_add(x, bias, kinds[given])


def binary_crossentropy(target: Any, output: Any, from_logits: bool = False) -> Any:
    """``-t log p - (1 - t) log(1 - p)``, element by element."""
    target, output = convert(target), convert(output)
    if from_logits:
        return ops.sigmoid_cross_entropy_with_logits(labels=target, logits=output)
    tiny = epsilon()
    output = ops.clip_by_value(output, tiny, 1.0 - tiny)
    return -(target * ops.log(output + tiny) + (1 - target) * ops.log(1 - output + tiny))


def cast(x: Any, dtype: Any) -> Any:
    """`x` of another dtype."""
    return ops.cast(x, dtype)


def cast_to_floatx(x: Any) -> Any:
    """`x` of the dtype `floatx()`: a tensor of a tensor, else an array."""
    return ops.cast(x, floatx()) if isinstance(x, Operators) else np.asarray(x, floatx())


def categorical_crossentropy(
    target: Any, output: Any, from_logits: bool = False, axis: int = -1
) -> Any:
    """``-Σ t log p`` along `axis`, of probabilities or logits."""
    target, output = convert(target), convert(output)
    if from_logits:
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
    """Tensors, one behind the other."""
    return ops.concat(tensors, axis % len(tensors[0].shape) if axis < 0 else axis)


def constant(value: Any, dtype: Any = None, shape: Any = None, name: str | None = None) -> Any:
    """A tensor of the dtype `floatx()`, or of another."""
    return ops.constant(value, floatx() if dtype is None else dtype, shape)


def cos(x: Any) -> Any:
    """The cosine."""
    return ops.cos(x)


def count_params(x: Any) -> Any:
    """How many numbers `x` holds."""
    return math.prod(x.shape)


def cumprod(x: Any, axis: int = 0) -> Any:
    """Products of the first 1, 2, 3, …"""
    return ops.cumprod(x, axis)


def cumsum(x: Any, axis: int = 0) -> Any:
    """Sums of the first 1, 2, 3, …"""
    return ops.cumsum(x, axis)


def dot(x: Any, y: Any) -> Any:
    """``Σ_k x[…, k] y[…, k, j]``: the last axis of `x` times the last but one of `y`.

    >>> dot(ops.ones((2, 3)), ops.ones((4, 3, 5))).shape
    TensorShape([2, 4, 5])
    """
    if len(x.shape) <= 2 and len(y.shape) <= 2:
        return ops.matmul(x, y)
    return ops.tensordot(x, y, [[len(x.shape) - 1], [len(y.shape) - 2]])


def dropout(x: Any, level: float, noise_shape: Any = None, seed: int | None = None) -> Any:
    """`x` with a share `level` of zeros, the rest scaled; a seed from NumPy's `random`."""
    return ops.dropout(x, level, noise_shape, _seed(seed))


def dtype(x: Any) -> Any:
    """The name of the dtype."""
    return as_dtype(x.dtype).name


def elu(x: Any, alpha: float = 1.0) -> Any:
    """``x``, or ``alpha (eˣ - 1)`` of negative ones."""
    made = ops.elu(x)
    return made if alpha == 1 else ops.where(x > 0, made, alpha * made)


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
    return ops.clip_by_value(ops.multiply(x, 0.2) + 0.5, 0.0, 1.0)


def int_shape(x: Any) -> Any:
    """The shape as a tuple; None for sizes that are not known."""
    return tuple(x.shape)


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
    return ops.reduce_mean(_floating(x), axis, keepdims)


def min(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The least."""
    return ops.reduce_min(x, axis, keepdims)


def minimum(x: Any, y: Any) -> Any:
    """The smaller of two, element by element."""
    return ops.minimum(x, y)


def ndim(x: Any) -> Any:
    """The rank."""
    return len(x.shape)


def not_equal(x: Any, y: Any) -> Any:
    """``x != y``, element by element."""
    return ops.not_equal(x, y)


def one_hot(indices: Any, num_classes: int) -> Any:
    """A 1 at each of `indices`, in rows of `num_classes`."""
    return ops.one_hot(indices, num_classes)


def ones(shape: Any, dtype: Any = None, name: str | None = None) -> Any:
    """A variable of ones."""
    kind = floatx() if dtype is None else dtype
    return variable(ops.ones(shape, kind), kind, name)


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
    if data_format not in (None, "channels_last"):
        raise ValueError(say("pool2d", "data_format", "must be 'channels_last' here", data_format))
    for name, value in (("pool_size", pool_size), ("strides", strides)):
        if len(value) != 2:
            raise ValueError(say("pool2d", name, "must be a tuple of 2 integers", value))
    if padding not in ("valid", "same"):
        raise ValueError(f"pool2d: Invalid padding: {padding}")
    if pool_mode not in ("max", "avg"):
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
    """``x`` above `threshold` up to `max_value`, ``alpha (x - threshold)`` below."""
    if alpha != 0.0 and max_value is None and threshold == 0:
        return ops.leaky_relu(x, alpha)
    below = ops.relu(threshold - x) if threshold != 0 else ops.relu(-x)
    made = x * ops.cast(x > threshold, x.dtype) if threshold != 0 else ops.relu(x)
    if max_value is not None:
        made = ops.clip_by_value(made, ops.cast(0, x.dtype), ops.cast(max_value, x.dtype))
    return made - alpha * below if alpha != 0.0 else made


def repeat(x: Any, n: int) -> Any:
    """(N, C) -> (N, n, C): each row `n` times.

    Raises:
        ValueError: another rank.
    """
    if len(x.shape) != 2:
        raise ValueError(f"Expected input `x` to have rank 2. Received: rank(x)={len(x.shape)}")
    return ops.tile(ops.expand_dims(x, 1), [1, n, 1])


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
    """Assign `value` to the variable `x`.

    >>> v = variable([1.0])
    >>> set_value(v, [2.0])
    >>> v.numpy()
    array([2.], dtype=float32)
    """
    x.assign(np.asarray(value, as_dtype(x.dtype).numpy))


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

    Raises:
        NotImplementedError: another `axis`; an `ignore_class`.
    """
    if axis not in (-1, len(output.shape) - 1) or ignore_class is not None:
        raise NotImplementedError(
            "sparse_categorical_crossentropy: `axis` must be the last one and `ignore_class` None: "
            "use `tf.keras.losses.SparseCategoricalCrossentropy`"
        )
    target, output = ops.cast(target, "int64"), convert(output)
    if not from_logits:
        output = ops.log(ops.clip_by_value(output, epsilon(), 1 - epsilon()))
    return ops.sparse_softmax_cross_entropy_with_logits(labels=target, logits=output)


def sqrt(x: Any) -> Any:
    """The square root; 0 of negative numbers, as in Keras."""
    return ops.sqrt(ops.maximum(x, 0.0))


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
    return ops.reduce_std(_floating(x), axis, keepdims)


def stop_gradient(variables: Any) -> Any:
    """`variables`, constant to gradients."""
    return (
        [ops.stop_gradient(v) for v in variables]
        if isinstance(variables, list | tuple)
        else ops.stop_gradient(variables)
    )


def sum(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The sum."""
    return ops.reduce_sum(x, axis, keepdims)


def switch(condition: Any, then_expression: Any, else_expression: Any) -> Any:
    """One of two: for a scalar as ``if``, else element by element; functions are called.

    Raises:
        ValueError: a condition of a higher rank.
    """
    chosen = ops.cast(condition, bool)
    if not chosen._data.ndim:
        found = then_expression if bool(chosen) else else_expression
        return found() if callable(found) else found
    then, other = (x() if callable(x) else x for x in (then_expression, else_expression))
    rank, more = chosen._data.ndim, len(then.shape)
    if rank > more:
        raise ValueError(
            "Rank of `condition` should be less than or equal to rank of `then_expression` and "
            f"`else_expression`. ndim(condition)={rank}, ndim(then_expression)={more}"
        )
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
    return x.assign(new_x)


def update_add(x: Any, increment: Any) -> Any:
    """Add `increment` to the variable `x`."""
    return x.assign_add(increment)


def update_sub(x: Any, decrement: Any) -> Any:
    """Subtract `decrement` from the variable `x`."""
    return x.assign_sub(decrement)


def var(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The variance."""
    return ops.reduce_variance(_floating(x), axis, keepdims)


def variable(
    value: Any, dtype: Any = None, name: str | None = None, constraint: Any = None
) -> Variable:
    """A `tf.Variable` of the dtype `floatx()`, or of another."""
    kind = floatx() if dtype is None else dtype
    return Variable(value, dtype=kind, name=name, constraint=constraint)


def zeros(shape: Any, dtype: Any = None, name: str | None = None) -> Any:
    """A variable of zeros."""
    kind = floatx() if dtype is None else dtype
    return variable(ops.zeros(shape, kind), kind, name)


def zeros_like(x: Any, dtype: Any = None) -> Any:
    """Zeros of the shape of `x`."""
    return ops.zeros_like(x, dtype)


def _floating(x: Any) -> Any:
    return ops.cast(x, floatx()) if x.dtype == "bool" else x


def _seed(seed: int | None) -> int:
    return np.random.randint(10**7) if seed is None else seed


if not TYPE_CHECKING:  # a type checker is to see which names there are
    __getattr__ = missing(__name__, "tf.keras.backend")
    __dir__ = listed(__name__)
