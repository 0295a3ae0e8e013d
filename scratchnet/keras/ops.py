"""Keras 3's ops under their names (``keras.ops``): those that mirror what is here.

They work on tensors and arrays, in the `call` of a layer, in a loss or a metric of one's own, and
on the KerasTensors of a model that is being made.
"""

from __future__ import annotations

import builtins
import itertools
import math
from typing import TYPE_CHECKING, Any

import numpy as np

from scratchnet import ops
from scratchnet.engine import nest
from scratchnet.engine.convert import to_bool
from scratchnet.engine.custom_gradient import custom_gradient as with_own_gradient
from scratchnet.engine.dtypes import as_dtype
from scratchnet.engine.errors import say
from scratchnet.engine.graph import Graph, at_loop, captured, in_own_graph
from scratchnet.engine.operators import Operators
from scratchnet.engine.tensor import Tensor, convert
from scratchnet.keras import activations, arithmetic, cached_logits, losses
from scratchnet.keras.arithmetic import countable, multiplied
from scratchnet.keras.config import epsilon as default_epsilon
from scratchnet.keras.config import floatx, standardize_data_format
from scratchnet.keras.keras_tensor import KerasTensor
from scratchnet.keras.layers.arguments import (
    as_row,
    int_pair,
    int_single,
    on_channels_last,
    standardize_padding,
)
from scratchnet.keras.layers.depthwise_layer import each_channel, mix_channels
from scratchnet.keras.layers.multi_head_attention import scaled_dot_product
from scratchnet.keras.layers.rms_normalization import rms_normalized
from scratchnet.keras.losses.crossentropy import check_shapes, clip_probabilities
from scratchnet.keras.op_arguments import with_arguments_read
from scratchnet.keras.promotion import of_one_dtype, to_one_dtype, two_floating
from scratchnet.keras.symbolic_ops import on_keras_tensors
from scratchnet.ops.arguments import axes as axes_in
from scratchnet.ops.arguments import integer, ints, one_axis, one_int, one_of, tensor
from scratchnet.ops.arguments import sizes as check_sizes
from scratchnet.ops.describing import size_by_value
from scratchnet.unsupported import listed, missing

__all__ = [
    "abs",
    "absolute",
    "add",
    "all",
    "allclose",
    "amax",
    "amin",
    "any",
    "append",
    "arange",
    "arccos",
    "arccosh",
    "arcsin",
    "arcsinh",
    "arctan",
    "arctan2",
    "arctanh",
    "argmax",
    "argmin",
    "argsort",
    "array",
    "average",
    "average_pool",
    "batch_normalization",
    "binary_crossentropy",
    "bincount",
    "broadcast_to",
    "cast",
    "categorical_crossentropy",
    "ceil",
    "celu",
    "cholesky",
    "clip",
    "concatenate",
    "cond",
    "conv",
    "convert_to_numpy",
    "convert_to_tensor",
    "copy",
    "cos",
    "cosh",
    "count_nonzero",
    "cumprod",
    "cumsum",
    "custom_gradient",
    "depthwise_conv",
    "det",
    "diag",
    "diagonal",
    "diff",
    "divide",
    "divide_no_nan",
    "dot",
    "dot_product_attention",
    "dtype",
    "eigh",
    "einsum",
    "elu",
    "empty",
    "empty_like",
    "equal",
    "erf",
    "erfc",
    "exp",
    "exp2",
    "expand_dims",
    "expm1",
    "eye",
    "flip",
    "fliplr",
    "flipud",
    "floor",
    "floor_divide",
    "fori_loop",
    "full",
    "full_like",
    "gelu",
    "glu",
    "greater",
    "greater_equal",
    "hard_shrink",
    "hard_sigmoid",
    "hard_silu",
    "hard_swish",
    "hard_tanh",
    "hstack",
    "identity",
    "in_top_k",
    "inner",
    "inv",
    "is_tensor",
    "isclose",
    "isfinite",
    "isinf",
    "isnan",
    "layer_normalization",
    "leaky_relu",
    "less",
    "less_equal",
    "linspace",
    "log",
    "log1p",
    "log2",
    "log10",
    "log_sigmoid",
    "log_softmax",
    "logaddexp",
    "logdet",
    "logical_and",
    "logical_not",
    "logical_or",
    "logical_xor",
    "logsumexp",
    "lstsq",
    "map",
    "matmul",
    "max",
    "max_pool",
    "maximum",
    "mean",
    "meshgrid",
    "min",
    "minimum",
    "mod",
    "moments",
    "moveaxis",
    "multi_hot",
    "multiply",
    "nan_to_num",
    "ndim",
    "negative",
    "nonzero",
    "norm",
    "normalize",
    "not_equal",
    "one_hot",
    "ones",
    "ones_like",
    "outer",
    "pad",
    "pinv",
    "power",
    "prod",
    "qr",
    "ravel",
    "reciprocal",
    "relu",
    "relu6",
    "repeat",
    "reshape",
    "rms_normalization",
    "roll",
    "round",
    "rsqrt",
    "scatter",
    "scatter_update",
    "searchsorted",
    "segment_sum",
    "selu",
    "separable_conv",
    "shape",
    "sigmoid",
    "sign",
    "silu",
    "sin",
    "sinh",
    "size",
    "slice",
    "slice_update",
    "soft_shrink",
    "softmax",
    "softplus",
    "softsign",
    "solve",
    "solve_triangular",
    "sort",
    "sparse_categorical_crossentropy",
    "sparse_plus",
    "sparse_sigmoid",
    "split",
    "sqrt",
    "square",
    "squareplus",
    "squeeze",
    "stack",
    "std",
    "stop_gradient",
    "subtract",
    "sum",
    "svd",
    "swapaxes",
    "swish",
    "take",
    "take_along_axis",
    "tan",
    "tanh",
    "tanh_shrink",
    "tensordot",
    "threshold",
    "tile",
    "top_k",
    "trace",
    "transpose",
    "tri",
    "tril",
    "triu",
    "true_divide",
    "trunc",
    "unstack",
    "var",
    "vdot",
    "vectorized_map",
    "vstack",
    "where",
    "while_loop",
    "zeros",
    "zeros_like",
]


def abs(x: Any) -> Any:
    """``|x|``."""
    return arithmetic.absolute(x)


def absolute(x: Any) -> Any:
    """``|x|``."""
    return abs(x)


def add(x1: Any, x2: Any) -> Any:
    """``x1 + x2``, broadcast as everywhere.

    Keras 3.15 takes an `x2` with one axis that is longer than 1, and as long as a channel axis of
    `x1`, for a bias: of a (3, 3) and a (3, 1) it adds the column as a row.

    >>> add([[0, 0], [0, 0]], [[1], [2]]).numpy()
    array([[1, 1],
           [2, 2]], dtype=int32)
    """
    return ops.add(*of_one_dtype(x1, x2))


def all(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Whether all are true."""
    return ops.reduce_all(ops.cast(x, bool), axis, keepdims)


def allclose(
    x1: Any, x2: Any, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False
) -> Any:
    """Whether all are close, as by `isclose`; infinities are close to themselves."""
    a, b = to_one_dtype(x1, x2)
    return ops.reduce_all(ops.logical_or(isclose(a, b, rtol, atol, equal_nan), ops.equal(a, b)))


def amax(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The largest."""
    return max(x, axis, keepdims)


def amin(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The least."""
    return min(x, axis, keepdims)


def any(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Whether any is true."""
    return ops.reduce_any(ops.cast(x, bool), axis, keepdims)


def append(x1: Any, x2: Any, axis: int | None = None) -> Any:
    """`x2` behind `x1` along `axis`; of all numbers in one row if it is not given."""
    a, b = to_one_dtype(x1, x2)
    if axis is None:
        a, b = ops.reshape(a, [-1]), ops.reshape(b, [-1])
    return ops.concat([a, b], axis or 0)


def arange(start: Any, stop: Any = None, step: Any = None, dtype: Any = None) -> Any:
    """``start``, ``start + step``, … up to and without `stop`; from 0 with one argument.

    >>> arange(2, 8, 3).numpy()
    array([2, 5], dtype=int32)
    """
    by = 1 if step is None else step
    made = ops.range(start, delta=by) if stop is None else ops.range(start, stop, by)
    return made if dtype is None else ops.cast(made, dtype)


def arccos(x: Any) -> Any:
    """The inverse of the cosine."""
    return ops.acos(_floating(x))


def arccosh(x: Any) -> Any:
    """The inverse of the hyperbolic cosine."""
    return ops.acosh(_floating(x))


def arcsin(x: Any) -> Any:
    """The inverse of the sine."""
    return ops.asin(_floating(x))


def arcsinh(x: Any) -> Any:
    """The inverse of the hyperbolic sine."""
    return ops.asinh(_floating(x))


def arctan(x: Any) -> Any:
    """The inverse of the tangent."""
    return ops.atan(_floating(x))


def arctan2(x1: Any, x2: Any) -> Any:
    """The angle of the point (x2, x1)."""
    return ops.atan2(*_two_floating(x1, x2))


def arctanh(x: Any) -> Any:
    """The inverse of the hyperbolic tangent."""
    return ops.atanh(_floating(x))


def argmax(x: Any, axis: int | None = None, keepdims: bool = False) -> Any:
    """Where the largest is, int32; 0.0 is above -0.0."""
    return _place(ops.argmax, x, axis, keepdims)


def argmin(x: Any, axis: int | None = None, keepdims: bool = False) -> Any:
    """Where the least is, int32; -0.0 is below 0.0."""
    return _place(ops.argmin, x, axis, keepdims)


def argsort(x: Any, axis: int = -1) -> Any:
    """The places in rising order, int32."""
    values = _ordered(x)
    return ops.argsort(values if len(values.shape) else ops.reshape(values, [1]), axis)


def array(x: Any, dtype: Any = None) -> Any:
    """A tensor."""
    return convert_to_tensor(x, dtype)


def average(x: Any, axis: Any = None, weights: Any = None) -> Any:
    """``Σ w x / Σ w``, the mean if there are no weights.

    Args:
        x: the tensor.
        axis: what is averaged over; all axes if not given.
        weights: w, of the shape of `x`, or one for each place along `axis`.

    >>> average(ops.constant([1.0, 4.0]), weights=ops.constant([2.0, 1.0])).numpy()
    np.float32(2.0)
    """
    if weights is None:
        return ops.reduce_mean(_floating(x), axis)
    a, w = two_floating(x, weights)
    if axis is not None and len(a.shape) != len(w.shape):
        return ops.tensordot(a, w, [[axis], [0]]) / ops.reduce_sum(w)
    return ops.reduce_sum(a * w, axis) / ops.reduce_sum(w, axis)


def average_pool(
    inputs: Any,
    pool_size: Any,
    strides: Any = None,
    padding: str = "valid",
    data_format: Any = None,
) -> Any:
    """The means of windows, of sequences (N, steps, C) or images (N, H, W, C).

    Args:
        inputs: the tensor.
        pool_size: the size of a window, one for all axes or one for each.
        strides: the steps between windows; `pool_size` if not given.
        padding: ``"valid"`` or ``"same"``.
        data_format: ``"channels_last"`` or ``"channels_first"``.
    """
    return _pooled(ops.avg_pool2d, inputs, pool_size, strides, padding, data_format)


def batch_normalization(
    x: Any,
    mean: Any,
    variance: Any,
    axis: int,
    offset: Any = None,
    scale: Any = None,
    epsilon: float = 1e-3,
) -> Any:
    """``scale (x - mean) / √(variance + ε) + offset``, of each place along `axis`."""
    along = one_axis("batch_normalization", "axis", axis, len(x.shape), ValueError)
    if along != len(x.shape) - 1:
        sizes = [1] * len(x.shape)
        sizes[along] = -1
        mean, variance, offset, scale = (
            part if part is None else ops.reshape(part, sizes)
            for part in (mean, variance, offset, scale)
        )
    return ops.batch_normalization(x, mean, variance, offset, scale, epsilon)


def binary_crossentropy(target: Any, output: Any, from_logits: bool = False) -> Any:
    """``-t log p - (1 - t) log(1 - p)``, element by element, of probabilities or logits."""
    t, p = ops.cast(target, convert(output).dtype), convert(output)
    check_shapes(t, p)
    p, from_logits = cached_logits.find(captured(p), from_logits, "Sigmoid", "binary_crossentropy")
    if from_logits:
        return ops.sigmoid_cross_entropy_with_logits(labels=t, logits=p)
    p = clip_probabilities(p)
    return -(t * ops.log(p) + (1 - t) * ops.log(1 - p))


def bincount(x: Any, weights: Any = None, minlength: int = 0) -> Any:
    """How often each of 0, 1, 2, … is there, or the sum of its `weights`; of each row alone."""
    found = convert(x)
    at = ops.cast(found, "int32")
    w = None if weights is None else of_one_dtype(found, weights)[1]
    if found._data.ndim <= 1:
        return ops.bincount(ops.reshape(at, [-1]), w, minlength)
    if found._data.ndim > 2:
        raise ValueError(say("bincount", "x", "must have a rank of 2 or less", x))
    longest = size_by_value()
    length = int(np.max(at._data, initial=minlength - 1)) + 1 if longest is None else longest
    if not len(at):
        return ops.zeros((0, length), "int32" if w is None else w.dtype)
    rows = [None] * len(at) if w is None else ops.unstack(w)
    pairs = zip(ops.unstack(at), rows, strict=True)
    return ops.stack([ops.bincount(row, part, length) for row, part in pairs])


def broadcast_to(x: Any, shape: Any) -> Any:
    """`x` repeated along new axes and those of size 1."""
    return ops.broadcast_to(x, shape)


def cast(x: Any, dtype: Any) -> Any:
    """`x` of another dtype."""
    return ops.cast(x, dtype)


def categorical_crossentropy(
    target: Any, output: Any, from_logits: bool = False, axis: int = -1
) -> Any:
    """``-Σ t log p`` along `axis`, of probabilities or logits."""
    return losses.categorical_crossentropy(target, output, from_logits, axis=axis)


def ceil(x: Any) -> Any:
    """The least integers that are not smaller."""
    return ops.ceil(_floating(x))


def celu(x: Any, alpha: float = 1.0) -> Any:
    """The activation `celu`."""
    return activations.celu(x, alpha)


def cholesky(x: Any, upper: bool = False) -> Any:
    """L of ``x = L Lᵀ``, or its transpose.

    Raises:
        ValueError: `x` is not positive definite.
    """
    found = ops.cholesky(x)
    if not np.isfinite(found._data).all():
        raise ValueError(say("cholesky", "x", "must be positive definite", x))
    return ops.matrix_transpose(found) if upper else found


def clip(x: Any, x_min: Any, x_max: Any) -> Any:
    """`x` between two bounds."""
    return ops.clip_by_value(countable(x), x_min, x_max)


def concatenate(xs: Any, axis: int = 0) -> Any:
    """Tensors, one behind the other."""
    return ops.concat(_of_common_dtype("concatenate", "xs", xs), axis)


def cond(pred: Any, true_fn: Any, false_fn: Any) -> Any:
    """What `true_fn` returns if `pred`, else what `false_fn` does: one of them is called."""
    chosen = true_fn if to_bool("cond", "pred", pred) else false_fn
    return chosen() if isinstance(pred, bool) else in_own_graph(chosen)


def conv(
    inputs: Any,
    kernel: Any,
    strides: Any = 1,
    padding: str = "valid",
    data_format: Any = None,
    dilation_rate: Any = 1,
) -> Any:
    """The convolution of sequences (N, steps, C) or images (N, H, W, C).

    Args:
        inputs: the tensor.
        kernel: (k, C, O) or (kh, kw, C, O); with C divided by the groups, if there are some.
        strides: the steps between receptive fields, one for all axes or one for each.
        padding: ``"valid"`` or ``"same"``.
        data_format: ``"channels_last"`` or ``"channels_first"``, of the inputs.
        dilation_rate: the steps inside a receptive field.
    """
    as_images, rank = _as_images("conv", inputs, data_format)
    _check_rank("conv", "kernel", kernel, rank + 2)
    matrices = ops.expand_dims(kernel, 0) if rank == 1 else kernel
    geometry: dict[str, Any] = {
        "strides": _of_image("conv", "strides", strides, rank),
        "padding": standardize_padding("conv", padding).upper(),
        "dilations": _of_image("conv", "dilation_rate", dilation_rate, rank),
    }
    return as_images(lambda x: ops.conv2d(x, matrices, **geometry))


def convert_to_numpy(x: Any) -> Any:
    """`x` as an array; numbers and lists as NumPy reads them."""
    if isinstance(x, Operators):
        return np.asarray(x._data)
    try:
        return np.asarray(x)
    except ValueError:
        raise ValueError(say("convert_to_numpy", "x", "must be no ragged list", x)) from None


def convert_to_tensor(x: Any, dtype: Any = None) -> Any:
    """A tensor; Python's floats become ``floatx()``."""
    if isinstance(x, KerasTensor) and dtype is None:
        return x
    if dtype is not None and isinstance(x, Operators):
        return cast(x, dtype)
    return ops.convert_to_tensor(x, dtype)


def copy(x: Any) -> Any:
    """`x` again."""
    return ops.identity(x)


def cos(x: Any) -> Any:
    """The cosine."""
    return ops.cos(_floating(x))


def cosh(x: Any) -> Any:
    """The hyperbolic cosine."""
    return ops.cosh(_floating(x))


def count_nonzero(x: Any, axis: Any = None) -> Any:
    """How many are not 0, int32."""
    return ops.count_nonzero(x, axis, dtype="int32")


def cumprod(x: Any, axis: int | None = None, dtype: Any = None) -> Any:
    """Products of the first 1, 2, 3, …"""
    wide = countable(x if dtype is None else ops.cast(x, dtype))
    return ops.cumprod(*_in_one_row(wide, axis))


def cumsum(x: Any, axis: int | None = None, dtype: Any = None) -> Any:
    """Sums of the first 1, 2, 3, …"""
    wide = countable(x if dtype is None else ops.cast(x, dtype))
    return ops.cumsum(*_in_one_row(wide, axis))


def custom_gradient(f: Any) -> Any:
    """`f` with a gradient of its own, as by `tf.custom_gradient`."""
    return with_own_gradient(f)


def depthwise_conv(
    inputs: Any,
    kernel: Any,
    strides: Any = 1,
    padding: str = "valid",
    data_format: Any = None,
    dilation_rate: Any = 1,
) -> Any:
    """Each channel convolved alone, with a kernel (k, C, m) or (kh, kw, C, m); else as `conv`."""
    as_images, rank = _as_images("depthwise_conv", inputs, data_format)
    _check_rank("depthwise_conv", "kernel", kernel, rank + 2)
    sizes = int_pair if rank == 2 else int_single
    steps, inside = (
        sizes("depthwise_conv", name, given)
        for name, given in (("strides", strides), ("dilation_rate", dilation_rate))
    )
    along = standardize_padding("depthwise_conv", padding)
    return as_images(lambda x: each_channel(x, convert(kernel), steps, along, inside))


def det(x: Any) -> Any:
    """The determinant."""
    return ops.det(x)


def diag(x: Any, k: int = 0) -> Any:
    """The matrix with the vector `x` on its diagonal, or the diagonal of the matrix `x`.

    Raises:
        ValueError: `x` is neither.
    """
    if len(x.shape) == 1:
        return ops.diag(x, k=k)
    if len(x.shape) != 2:
        raise ValueError(say("diag", "x", "must be 1d or 2d", x))
    return diagonal(x, k)


def diagonal(x: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """The diagonals of the matrices along two axes, as the last axis."""
    if len(x.shape) < 2:
        raise ValueError(say("diagonal", "x", "must have a rank of 2 or more", x))
    turned = ops.transpose(x, _moved("diagonal", x, (axis1, axis2), (-2, -1)))
    rows, columns = turned._data.shape[-2:]
    if not -rows < offset < columns:
        return ops.reshape(turned[..., :0], (*turned._data.shape[:-2], 0))
    return ops.diag_part(turned, k=offset)


def diff(a: Any, n: int = 1, axis: int = -1) -> Any:
    """What each is above the one before it along `axis`, `n` times over.

    >>> diff(ops.constant([1, 4, 9, 16])).numpy()
    array([3, 5, 7], dtype=int32)
    """
    if n < 0:
        raise ValueError(say("diff", "n", "must be non-negative", n))
    found = convert(a)
    axis = one_axis("diff", "axis", axis, found._data.ndim, ValueError)
    less = ops.not_equal if found._data.dtype == bool else ops.subtract
    for _ in range(n):
        size = found._data.shape[axis]
        one = int(size > 0)
        _, later = ops.split(found, [one, size - one], axis)
        earlier, _ = ops.split(found, [size - one, one], axis)
        found = less(later, earlier)
    return found


def divide(x1: Any, x2: Any) -> Any:
    """``x1 / x2``."""
    return ops.divide(*two_floating(x1, x2))


def divide_no_nan(x1: Any, x2: Any) -> Any:
    """``x1 / x2``, and 0 where ``x2`` is 0."""
    return ops.divide_no_nan(*two_floating(x1, x2))


def dot(x1: Any, x2: Any) -> Any:
    """As ``numpy.dot``: the last axis of `x1` times the last but one of `x2`.

    >>> dot(ops.ones((2, 3)), ops.ones((4, 3, 5))).shape
    TensorShape([2, 4, 5])
    """
    a, b = to_one_dtype(x1, x2)
    if not len(a.shape) or not len(b.shape):
        return multiplied(ops.multiply, a, b)
    axes = [[len(a.shape) - 1], [len(b.shape) - 2 if len(b.shape) > 1 else 0]]
    return multiplied(ops.tensordot, a, b, axes)


def dot_product_attention(
    query: Any,
    key: Any,
    value: Any,
    bias: Any = None,
    mask: Any = None,
    scale: Any = None,
    is_causal: bool = False,
) -> Any:
    """(N, T, heads, D): ``softmax(scale q kᵀ + bias) v`` of each head.

    Args:
        query: q, (N, T, heads, H).
        key: k, (N, S, heads, H).
        value: v, (N, S, heads, D).
        bias: added to the scores, (N, heads, T, S).
        mask: where the scores count, bools that broadcast to (N, heads, T, S).
        scale: 1 / √H if not given.
        is_causal: whether a place sees only those up to it.

    Raises:
        ValueError: a tensor of another rank.
    """
    for name, part in (("query", query), ("key", key), ("value", value)):
        if len(part.shape) != 4:
            raise ValueError(say("dot_product_attention", name, "must be 4D", part))
    if is_causal:
        seen = np.tri(query.shape[1], key.shape[1], dtype=bool)[None, None]
        mask = seen if mask is None else ops.logical_and(ops.cast(mask, bool), seen)
    factor = 1 / math.sqrt(query.shape[-1]) if scale is None else scale
    return scaled_dot_product(convert(query), convert(key), convert(value), mask, factor, bias)


def dtype(x: Any) -> Any:
    """The name of the dtype."""
    return as_dtype(_or_tensor("dtype", x).dtype).name


def eigh(x: Any) -> Any:
    """The eigenvalues, rising, and the eigenvectors of symmetric matrices."""
    return ops.eigh(x)


def einsum(subscripts: str, *operands: Any) -> Any:
    """Sums of products, written as letters; of int8 alone in int32."""
    parts = _of_common_dtype("einsum", "operands", operands)
    if parts[0]._data.dtype == np.int8:
        parts = [ops.cast(part, "int32") for part in parts]
    return ops.einsum(subscripts, *parts)


def elu(x: Any, alpha: float = 1.0) -> Any:
    """The activation `elu`."""
    return activations.elu(x, alpha)


def empty(shape: Any, dtype: Any = None) -> Any:
    """A tensor of a shape, of zeros as in Keras."""
    return ops.zeros(shape, _kind(dtype))


def empty_like(x: Any, dtype: Any = None) -> Any:
    """A tensor of the shape of `x`, of zeros as in Keras."""
    return ops.zeros_like(x, dtype)


def equal(x1: Any, x2: Any) -> Any:
    """``x1 == x2``, element by element."""
    return ops.equal(*to_one_dtype(x1, x2))


def erf(x: Any) -> Any:
    """The error function."""
    return ops.erf(x)


def erfc(x: Any) -> Any:
    """``1 - erf(x)``."""
    return ops.erfc(x)


def exp(x: Any) -> Any:
    """``eˣ``."""
    return ops.exp(_floating(x))


def exp2(x: Any) -> Any:
    """2 to the power `x`."""
    return ops.pow(ops.cast(2.0, _floating(x).dtype), _floating(x))


def expand_dims(x: Any, axis: Any) -> Any:
    """`x` with a new axis of size 1, or several.

    >>> expand_dims(ops.ones((2, 3)), (0, -1)).shape
    TensorShape([1, 2, 3, 1])
    """
    if not isinstance(axis, tuple):
        return ops.expand_dims(x, axis)
    rank = len(x.shape) + len(axis)
    for one in axes_in("expand_dims", "axis", axis, rank):
        x = ops.expand_dims(x, one)
    return x


def expm1(x: Any) -> Any:
    """``eˣ - 1``."""
    return ops.expm1(_floating(x))


def eye(N: int, M: int | None = None, k: int = 0, dtype: Any = None) -> Any:
    """Ones on the diagonal number `k` of N rows and M columns.

    >>> eye(2, 3, k=1).numpy()
    array([[0., 1., 0.],
           [0., 0., 1.]], dtype=float32)
    """
    rows, columns = check_sizes("eye", "N", (N, N if M is None else M))
    return ops.cast(np.eye(rows, columns, k, dtype=bool), _kind(dtype))


def flip(x: Any, axis: Any = None) -> Any:
    """`x` from the end; along all axes if none is given."""
    return ops.reverse(x, _axes(x, axis))


def fliplr(x: Any) -> Any:
    """`x` from the end along its second axis."""
    return ops.reverse(x, [1])


def flipud(x: Any) -> Any:
    """`x` from the end along its first axis."""
    return ops.reverse(x, [0])


def floor(x: Any) -> Any:
    """The largest integers that are not larger."""
    return ops.floor(_floating(x))


def floor_divide(x1: Any, x2: Any) -> Any:
    """The largest integer that is not above ``x1 / x2``."""
    return ops.floordiv(*of_one_dtype(x1, x2))


def fori_loop(lower: Any, upper: Any, body_fun: Any, init_val: Any) -> Any:
    """``val = body_fun(i, val)`` for the integers i from `lower` up to and without `upper`.

    >>> fori_loop(0, 3, lambda i, val: val + i, ops.constant(1)).numpy()
    np.int32(4)
    """
    value = at_loop(init_val)
    for i in range(int(lower), int(upper)):
        value = in_own_graph(body_fun, ops.constant(i), value)
    return value


def full(shape: Any, fill_value: Any, dtype: Any = None) -> Any:
    """One number in a shape, or a tensor broadcast to it."""
    return ops.broadcast_to(ops.cast(fill_value, _kind(dtype)), shape)


def full_like(x: Any, fill_value: Any, dtype: Any = None) -> Any:
    """One number in the shape of `x`, or a tensor broadcast to it."""
    value = ops.cast(fill_value, x.dtype if dtype is None else dtype)
    return ops.broadcast_to(value, x.shape)


def gelu(x: Any, approximate: bool = True) -> Any:
    """The activation `gelu`, approximated by default."""
    return activations.gelu(x, approximate)


def glu(x: Any, axis: int = -1) -> Any:
    """The activation `glu`."""
    return activations.glu(x, axis)


def greater(x1: Any, x2: Any) -> Any:
    """``x1 > x2``, element by element."""
    return ops.greater(*to_one_dtype(x1, x2))


def greater_equal(x1: Any, x2: Any) -> Any:
    """``x1 >= x2``, element by element."""
    return ops.greater_equal(*to_one_dtype(x1, x2))


def hard_shrink(x: Any, threshold: float = 0.5) -> Any:
    """The activation `hard_shrink`."""
    return activations.hard_shrink(x, threshold)


def hard_sigmoid(x: Any) -> Any:
    """The activation `hard_sigmoid`."""
    return activations.hard_sigmoid(x)


def hard_silu(x: Any) -> Any:
    """The activation `hard_silu`."""
    return activations.hard_silu(x)


def hard_swish(x: Any) -> Any:
    """The activation `hard_silu`."""
    return hard_silu(x)


def hard_tanh(x: Any) -> Any:
    """The activation `hard_tanh`."""
    return activations.hard_tanh(x)


def hstack(xs: Any) -> Any:
    """Tensors beside each other: along the second axis, vectors along their one."""
    parts = _of_common_dtype("hstack", "xs", xs)
    return ops.concat(parts, 0 if len(parts[0].shape) == 1 else 1)


def identity(n: int, dtype: Any = None) -> Any:
    """The identity matrix."""
    return ops.eye(n, dtype=_kind(dtype))


def in_top_k(targets: Any, predictions: Any, k: int) -> Any:
    """Whether the target is among the `k` largest."""
    return ops.in_top_k(targets, predictions, k)


def inner(x1: Any, x2: Any) -> Any:
    """Sums of products along the last axis of both."""
    a, b = to_one_dtype(x1, x2)
    if not len(a.shape) or not len(b.shape):
        return multiplied(ops.multiply, a, b)
    return multiplied(ops.tensordot, a, b, [[-1], [-1]])


def inv(x: Any) -> Any:
    """The inverse of matrices."""
    return ops.inv(x)


def is_tensor(x: Any) -> bool:
    """Whether `x` is a tensor."""
    return isinstance(x, Operators)


def isclose(
    x1: Any, x2: Any, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False
) -> Any:
    """Which have ``|x1 - x2| <= atol + rtol |x2|``; integers must be equal."""
    a, b = to_one_dtype(x1, x2)
    if a._data.dtype.kind != "f":
        return ops.equal(a, b)
    near = ops.abs(a - b) <= atol + rtol * ops.abs(b)
    both_nan = ops.logical_and(ops.is_nan(a), ops.is_nan(b))
    return ops.logical_or(near, both_nan) if equal_nan else near


def isfinite(x: Any) -> Any:
    """Which are finite."""
    return ops.is_finite(_floating(x))


def isinf(x: Any) -> Any:
    """Which are infinite."""
    return ops.is_inf(_floating(x))


def isnan(x: Any) -> Any:
    """Which are nan."""
    return ops.is_nan(_floating(x))


def layer_normalization(
    x: Any, gamma: Any = None, beta: Any = None, axis: Any = -1, epsilon: float | None = None
) -> Any:
    """``gamma (x - mean) / √(variance + ε) + beta``, of the moments along `axis`.

    Args:
        x: the tensor.
        gamma, beta: of the sizes of `axis`, or of the rank of `x`.
        axis: one, or a list of some.
        epsilon: ε, that of ``keras.config`` if not given.
    """
    wide = _floating(x)
    axes = axes_in("layer_normalization", "axis", axis, len(wide.shape))
    wide = ops.cast(wide, np.promote_types(wide._data.dtype, np.float32))
    sizes = [1] * len(wide.shape)
    for one in axes:
        sizes[one] = wide._data.shape[one]
    alone = axes == (len(sizes) - 1,)
    gamma, beta = (
        part if part is None or alone or len(part.shape) == len(sizes) else ops.reshape(part, sizes)
        for part in (gamma, beta)
    )
    mean, variance = ops.moments(wide, axes, keepdims=True)
    inverse = ops.rsqrt(variance + (default_epsilon() if epsilon is None else epsilon))
    inverse = inverse if gamma is None else inverse * ops.cast(gamma, wide.dtype)
    rest = -mean * inverse
    rest = rest if beta is None else rest + ops.cast(beta, wide.dtype)
    return ops.cast(wide * inverse + rest, convert(x).dtype)


def leaky_relu(x: Any, negative_slope: float = 0.2) -> Any:
    """The activation `leaky_relu`."""
    return activations.leaky_relu(x, negative_slope)


def less(x1: Any, x2: Any) -> Any:
    """``x1 < x2``, element by element."""
    return ops.less(*to_one_dtype(x1, x2))


def less_equal(x1: Any, x2: Any) -> Any:
    """``x1 <= x2``, element by element."""
    return ops.less_equal(*to_one_dtype(x1, x2))


def linspace(
    start: Any,
    stop: Any,
    num: int = 50,
    endpoint: bool = True,
    retstep: bool = False,
    dtype: Any = None,
    axis: int = 0,
) -> Any:
    """`num` numbers from `start` to `stop`, at even steps.

    Args:
        start, stop: the first and the last, numbers or tensors.
        num: how many.
        endpoint: whether `stop` is the last of them, and not the one after the last.
        retstep: whether the step is returned, too.
        dtype: of the numbers, cut off if it is one of integers; if not given the floating dtype
            of `start` and `stop`.
        axis: along which they lie.

    Raises:
        ValueError: `num` below 0.

    >>> linspace(0.0, 1.0, 3).numpy()
    array([0. , 0.5, 1. ], dtype=float32)
    """
    if num < 0:
        raise ValueError(say("linspace", "num", "must be a non-negative integer", num))
    first, last = two_floating(start, stop) if dtype is None else (start, stop)
    kind = as_dtype(first.dtype if dtype is None else dtype)
    first, last = ops.cast(first, kind), ops.cast(last, kind)
    step = ops.constant(np.nan)
    if num > endpoint:
        step = (last - first) / ops.cast(num - endpoint, kind)
    if not endpoint and num > 1:
        last = ops.cast(last, step.dtype) - step
        first = ops.cast(first, step.dtype)
    found = ops.linspace(first, last, num, axis=axis)
    found = ops.cast(ops.floor(found) if kind.is_integer else found, kind)
    return (found, step) if retstep else found


def log(x: Any) -> Any:
    """The natural logarithm."""
    return ops.log(_floating(x))


def log10(x: Any) -> Any:
    """The logarithm to base 10."""
    y = ops.log(_floating(x))
    return y / ops.log(ops.cast(10, y.dtype))


def log1p(x: Any) -> Any:
    """``log(1 + x)``."""
    return ops.log1p(_floating(x))


def log2(x: Any) -> Any:
    """The logarithm to base 2."""
    y = ops.log(_floating(x))
    return y / ops.log(ops.cast(2, y.dtype))


def log_sigmoid(x: Any) -> Any:
    """The activation `log_sigmoid`."""
    return activations.log_sigmoid(x)


def log_softmax(x: Any, axis: int = -1) -> Any:
    """``x - log Σ eˣ`` along an axis."""
    return activations.log_softmax(x, axis)


def logaddexp(x1: Any, x2: Any) -> Any:
    """``log(exp(x1) + exp(x2))``, without overflow."""
    a, b = _two_floating(x1, x2)
    difference = a - b
    found = ops.maximum(a, b) + ops.log1p(ops.exp(-ops.abs(difference)))
    return ops.where(ops.is_nan(difference), a + b, found)


def logdet(x: Any) -> Any:
    """The logarithm of the determinant of a positive definite matrix."""
    return ops.logdet(x)


def logical_and(x1: Any, x2: Any) -> Any:
    """``x1 and x2``, element by element."""
    return ops.logical_and(ops.cast(x1, bool), ops.cast(x2, bool))


def logical_not(x: Any) -> Any:
    """``not x``, element by element."""
    return ops.logical_not(ops.cast(x, bool))


def logical_or(x1: Any, x2: Any) -> Any:
    """``x1 or x2``, element by element."""
    return ops.logical_or(ops.cast(x1, bool), ops.cast(x2, bool))


def logical_xor(x1: Any, x2: Any) -> Any:
    """Whether one of two is true, and the other not."""
    return ops.logical_xor(ops.cast(x1, bool), ops.cast(x2, bool))


def logsumexp(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """``log Σ eˣ``."""
    return ops.reduce_logsumexp(x, axis, keepdims)


def lstsq(a: Any, b: Any, rcond: float | None = None) -> Any:
    """The x for which ``|a x - b|`` is least, the smallest of them.

    Args:
        a: (rows, columns).
        b: (rows,), or (rows, n).
        rcond: what is a part of the largest singular value so small counts as 0.
    """
    s, u, v = ops.svd(a)
    least = float(np.finfo(s._data.dtype).eps)
    least = least * np.max(convert(a)._data.shape) if rcond is None else rcond
    kept = s >= least * s[0]
    inverse = ops.where(kept, 1 / ops.where(kept, s, ops.ones_like(s)), ops.zeros_like(s))
    vector = len(b.shape) == 1
    right = ops.expand_dims(b, 1) if vector else b
    x = ops.matmul(v, inverse[:, None] * ops.matmul(u, right, transpose_a=True))
    return ops.squeeze(x, 1) if vector else x


def map(f: Any, xs: Any) -> Any:
    """`f` of every row, stacked.

    Args:
        f: a function of a tensor, or of a structure of them, that returns such.
        xs: the tensor, or the structure, whose parts have as many rows.

    >>> map(lambda row: row * row, ops.constant([1, 2, 3])).numpy()
    array([1, 4, 9], dtype=int32)
    """
    parts = [convert(x) for x in nest.flatten(xs)]
    rows = zip(*(ops.unstack(part) for part in parts), strict=True)
    found = [in_own_graph(f, nest.pack(xs, list(row))) for row in rows]
    stacked = [ops.stack(part) for part in zip(*[nest.flatten(x) for x in found], strict=True)]
    return nest.pack(found[0], stacked)


def matmul(x1: Any, x2: Any) -> Any:
    """The product of matrices, or batches of them; vectors are rows before, columns behind.

    Two int8 matrices have an int32 product.

    >>> matmul([[1, 2], [3, 4]], [1, 1]).numpy()
    array([3, 7], dtype=int32)
    """
    return arithmetic.matmul(x1, x2)


def max(x: Any, axis: Any = None, keepdims: bool = False, initial: Any = None) -> Any:
    """The largest."""
    if convert(x)._data.dtype == bool:
        found = ops.cast(any(x, axis, keepdims), "int32")
        return ops.cast(_bounded(found, ops.maximum, initial), bool)
    return _bounded(ops.reduce_max(x, axis, keepdims), ops.maximum, initial)


def max_pool(
    inputs: Any,
    pool_size: Any,
    strides: Any = None,
    padding: str = "valid",
    data_format: Any = None,
) -> Any:
    """The largest of windows; the arguments are those of `average_pool`.

    As in `tf.nn.max_pool`, arrays of integer images become float32, and tensors stay as they are.
    """
    if isinstance(inputs, np.ndarray) and inputs.ndim == 4:
        inputs = tensor("max_pool", "inputs", inputs, np.dtype(np.float32))
    return _pooled(ops.max_pool2d, inputs, pool_size, strides, padding, data_format)


def maximum(x1: Any, x2: Any) -> Any:
    """The larger of two, element by element."""
    return ops.maximum(*of_one_dtype(x1, x2))


def mean(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The mean."""
    return ops.reduce_mean(_floating(x), axis, keepdims)


def meshgrid(*x: Any, indexing: str = "xy") -> Any:
    """The coordinates of a grid, one tensor for each axis."""
    return ops.meshgrid(*x, indexing=indexing)


def min(x: Any, axis: Any = None, keepdims: bool = False, initial: Any = None) -> Any:
    """The least."""
    if convert(x)._data.dtype == bool:
        found = ops.cast(all(x, axis, keepdims), "int32")
        return ops.cast(_bounded(found, ops.minimum, initial), bool)
    return _bounded(ops.reduce_min(x, axis, keepdims), ops.minimum, initial)


def minimum(x1: Any, x2: Any) -> Any:
    """The smaller of two, element by element."""
    return ops.minimum(*of_one_dtype(x1, x2))


def mod(x1: Any, x2: Any) -> Any:
    """What is left of ``x1 / x2``, with the sign of ``x2``."""
    return arithmetic.mod(x1, x2)


def moments(x: Any, axes: Any, keepdims: bool = False) -> Any:
    """Mean and variance along `axes`."""
    return ops.moments(x, axes, keepdims=keepdims)


def moveaxis(x: Any, source: Any, destination: Any) -> Any:
    """One axis, or several, at another place, the others in their order.

    >>> moveaxis(ops.ones((2, 3, 4)), 0, -1).shape
    TensorShape([3, 4, 2])
    """
    return ops.transpose(x, _moved("moveaxis", x, source, destination))


def multi_hot(
    inputs: Any, num_classes: int | None = None, axis: int = -1, dtype: Any = None
) -> Any:
    """Rows of `num_classes` with a 1 at each place that is there.

    Raises:
        ValueError: `num_classes` is not given.
    """
    if num_classes is None:
        raise ValueError("multi_hot: argument `num_classes` must be specified")
    over = 1 if len(inputs.shape) > 1 else 0
    return ops.reduce_max(one_hot(inputs, num_classes, axis, dtype), over)


def multiply(x1: Any, x2: Any) -> Any:
    """``x1 x2``."""
    return ops.multiply(*of_one_dtype(x1, x2))


def nan_to_num(x: Any, nan: float = 0.0, posinf: Any = None, neginf: Any = None) -> Any:
    """`x` with numbers for nan and the infinities: the largest of the dtype, if not given."""
    found = convert(x)
    if found._data.dtype.kind != "f":
        return found
    bounds = np.finfo(found._data.dtype)
    top = bounds.max if posinf is None else posinf
    bottom = bounds.min if neginf is None else neginf
    for where_it_is, number in (
        (ops.is_nan(found), nan),
        (ops.equal(found, np.inf), top),
        (ops.equal(found, -np.inf), bottom),
    ):
        found = ops.where(where_it_is, ops.constant(number, found.dtype), found)
    return found


def ndim(x: Any) -> Any:
    """The rank."""
    return len(_or_tensor("ndim", x).shape)


def negative(x: Any) -> Any:
    """``-x``."""
    return ops.negative(x)


def nonzero(x: Any) -> Any:
    """Where `x` is not 0: the places along each axis, int32."""
    places = ops.unstack(ops.where(ops.cast(x, bool)), len(x.shape), 1)
    return [ops.cast(along, "int32") for along in places]


def norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    """The Euclidean norm, or with an `ord` another one: of vectors, or of matrices along two axes.

    >>> norm(ops.constant([3.0, 4.0])).numpy()
    np.float32(5.0)
    >>> norm(ops.constant([[3.0, 4.0], [1.0, 2.0]]), ord=np.inf).numpy()
    np.float32(7.0)
    """
    found = _floating(x)
    if ord is None:
        return ops.norm(found, axis=axis, keepdims=keepdims)
    along = tuple(range(found._data.ndim)) if axis is None else axis
    if isinstance(along, tuple) and len(along) == 1:
        along = along[0]
    return ops.norm(found, ord, along, keepdims)


def normalize(x: Any, axis: Any = -1, order: Any = 2, epsilon: float | None = None) -> Any:
    """`x` divided by its norm along `axis`, which counts as ε at least.

    Raises:
        ValueError: an `order` that is no integer above 0.
    """
    if not isinstance(order, int) or order < 1:
        raise ValueError(say("normalize", "order", "must be an int >= 1", order))
    least = default_epsilon() if epsilon is None else epsilon
    found = convert(x) if len(x.shape) else ops.expand_dims(x, 0)
    if order == 2 and not least:
        raise ValueError(say("normalize", "epsilon", "must not be 0 where `order` is 2", epsilon))
    if order == 2:
        inverse = ops.rsqrt(ops.reduce_sum(ops.square(found), axis, keepdims=True))
        return found * ops.minimum(inverse, 1.0 / least)
    return found / ops.maximum(norm(found, order, axis, True), least)


def not_equal(x1: Any, x2: Any) -> Any:
    """``x1 != x2``, element by element."""
    return ops.not_equal(*to_one_dtype(x1, x2))


def one_hot(x: Any, num_classes: int, axis: int = -1, dtype: Any = None) -> Any:
    """A 1 at each place, in rows of `num_classes`; floating places are cut off, as in Keras."""
    return ops.one_hot(ops.cast(x, "int64"), num_classes, axis=axis, dtype=_kind(dtype))


def ones(shape: Any, dtype: Any = None) -> Any:
    """Ones of a shape."""
    return ops.ones(shape, _kind(dtype))


def ones_like(x: Any, dtype: Any = None) -> Any:
    """Ones of the shape of `x`."""
    return ops.ones_like(x, dtype)


def outer(x1: Any, x2: Any) -> Any:
    """The products of each number of `x1` with each of `x2`."""
    a, b = to_one_dtype(x1, x2)
    return multiplied(ops.multiply, ops.reshape(a, [-1, 1]), ops.reshape(b, [-1]))


def pad(x: Any, pad_width: Any, mode: str = "constant", constant_values: Any = None) -> Any:
    """`x` with more on both sides of its axes: by constants, reflected or symmetric.

    Args:
        x: the tensor.
        pad_width: (before, after) of each axis, or one pair for all.
        mode: ``"constant"``, ``"reflect"`` or ``"symmetric"``.
        constant_values: what is padded with; 0 if not given.
    """
    rank = len(x.shape)
    widths = np.asarray(convert(pad_width)._data)
    if widths.dtype.kind not in "iu" or widths.shape not in [(), (1,), (2,), (1, 2), (rank, 2)]:
        rule = f"must be a number, a pair or a pair for each of the {rank} axes, of integers"
        raise ValueError(say("pad", "pad_width", rule, pad_width))
    pairs = np.broadcast_to(widths, (rank, 2))
    value = 0 if constant_values is None else constant_values
    return ops.pad(x, pairs, mode.upper(), value)


def pinv(x: Any, rcond: Any = None) -> Any:
    """The pseudo-inverse of matrices."""
    return ops.pinv(x, rcond)


def power(x1: Any, x2: Any) -> Any:
    """``x1`` to the power ``x2``; of unsigned integers through int32, as in Keras."""
    a, b = of_one_dtype(x1, x2)
    if a._data.dtype.kind != "u":
        return ops.pow(a, b)
    return ops.cast(ops.pow(ops.cast(a, "int32"), ops.cast(b, "int32")), a.dtype)


def prod(x: Any, axis: Any = None, keepdims: bool = False, dtype: Any = None) -> Any:
    """The product; of small integers as in `sum`, unless there is a `dtype`.

    Keras 3.15 multiplies in the dtype of `x` whatever the `dtype` is.
    """
    return ops.reduce_prod(_summable(x) if dtype is None else ops.cast(x, dtype), axis, keepdims)


def qr(x: Any, mode: str = "reduced") -> Any:
    """Q and R of ``x = Q R``, ``"reduced"`` or ``"complete"``."""
    if mode not in ("reduced", "complete"):
        raise ValueError(say("qr", "mode", "must be 'reduced' or 'complete'", mode))
    return ops.qr(x, mode == "complete")


def ravel(x: Any) -> Any:
    """All numbers in one row."""
    return ops.reshape(x, [-1])


def reciprocal(x: Any) -> Any:
    """``1 / x``."""
    return ops.reciprocal(_floating(x))


def relu(x: Any) -> Any:
    """The activation `relu`."""
    return activations.relu(x)


def relu6(x: Any) -> Any:
    """The activation `relu6`."""
    return activations.relu6(x)


def repeat(x: Any, repeats: Any, axis: int | None = None) -> Any:
    """Each part along `axis` several times; of all numbers in one row if it is not given."""
    return ops.repeat(x, repeats, axis)


def reshape(x: Any, newshape: Any) -> Any:
    """`x` in another shape."""
    return ops.reshape(x, newshape)


def rms_normalization(
    x: Any, scale: Any = None, axis: Any = -1, epsilon: float | None = None
) -> Any:
    """``scale x / √(mean(x²) + ε)`` along `axis`."""
    least = default_epsilon() if epsilon is None else epsilon
    return rms_normalized(convert(x), scale, axis, least)


def roll(x: Any, shift: Any, axis: Any = None) -> Any:
    """`x` moved along axes, what falls out coming in at the other end."""
    if axis is not None:
        return ops.roll(x, shift, axis)
    return ops.reshape(ops.roll(ops.reshape(x, [-1]), shift, 0), x.shape)


def round(x: Any, decimals: int = 0) -> Any:
    """The nearest numbers of so many decimals; halves to even ones."""
    found = convert(x)
    if not decimals:
        return ops.round(found)
    if found._data.dtype.kind in "iu" and decimals > 0:
        return found
    if not -308 <= decimals <= 308:
        raise ValueError(say("round", "decimals", "must be in [-308, 308]", decimals))
    wide = _floating(found)
    factor = ops.cast(10.0**decimals, wide.dtype)
    return ops.cast(ops.round(wide * factor) / factor, found.dtype)


def rsqrt(x: Any) -> Any:
    """``1 / √x``."""
    return ops.rsqrt(_floating(x))


def scatter(indices: Any, values: Any, shape: Any) -> Any:
    """`values` added up at the places `indices` of a tensor of zeros."""
    return ops.scatter_nd(indices, values, shape)


def scatter_update(inputs: Any, indices: Any, updates: Any, reduction: str | None = None) -> Any:
    """`inputs` with `updates` at the places `indices`.

    Args:
        inputs: the tensor.
        indices: (n, axes): a place in each row.
        updates: (n, …).
        reduction: None to put them there; ``"add"``, ``"max"``, ``"min"`` to combine them.

    Raises:
        ValueError: another `reduction`.
    """
    kinds = {
        None: ops.tensor_scatter_nd_update,
        "add": ops.tensor_scatter_nd_add,
        "max": ops.tensor_scatter_nd_max,
        "min": ops.tensor_scatter_nd_min,
    }
    if reduction is not None and not one_of(reduction, ("add", "max", "min")):
        raise ValueError(say("scatter_update", "reduction", f"must be in {[*kinds]}", reduction))
    return kinds[reduction](inputs, indices, updates)


def searchsorted(sorted_sequence: Any, values: Any, side: str = "left") -> Any:
    """Where `values` would stand in a rising sequence, int32."""
    if len(sorted_sequence.shape) != 1:
        rule = "must have one axis: searchsorted only supports 1-D sorted sequences"
        raise ValueError(say("searchsorted", "sorted_sequence", rule, sorted_sequence))
    return ops.searchsorted(sorted_sequence, values, side)


def segment_sum(
    data: Any, segment_ids: Any, num_segments: int | None = None, sorted: bool = False
) -> Any:
    """The sums of the rows of each segment."""
    if sorted:
        return ops.segment_sum(data, segment_ids)
    count = num_segments
    if count is None:
        count = size_by_value()
    if count is None:
        count = len(np.unique(convert(segment_ids)._data))
    return ops.unsorted_segment_sum(data, segment_ids, count)


def selu(x: Any) -> Any:
    """The activation `selu`."""
    return activations.selu(x)


def separable_conv(
    inputs: Any,
    depthwise_kernel: Any,
    pointwise_kernel: Any,
    strides: Any = 1,
    padding: str = "valid",
    data_format: Any = None,
    dilation_rate: Any = 1,
) -> Any:
    """`depthwise_conv`, then all channels mixed at each place by a kernel of size 1."""
    _, rank = _as_images("separable_conv", inputs, data_format)
    _check_rank("separable_conv", "depthwise_kernel", depthwise_kernel, rank + 2)
    _check_rank("separable_conv", "pointwise_kernel", pointwise_kernel, rank + 2)
    first = depthwise_conv(inputs, depthwise_kernel, strides, padding, data_format, dilation_rate)
    as_images, _ = _as_images("separable_conv", first, data_format)
    return as_images(lambda x: mix_channels(x, convert(pointwise_kernel)))


def shape(x: Any) -> Any:
    """The shape, as a tuple."""
    return tuple(_or_tensor("shape", x).shape)


def sigmoid(x: Any) -> Any:
    """The activation `sigmoid`."""
    return activations.sigmoid(x)


def sign(x: Any) -> Any:
    """-1, 0 or 1."""
    found = convert(x)
    return ops.minimum(found, 1) if found._data.dtype.kind == "u" else ops.sign(found)


def silu(x: Any) -> Any:
    """The activation `silu`."""
    return activations.silu(x)


def sin(x: Any) -> Any:
    """The sine."""
    return ops.sin(_floating(x))


def sinh(x: Any) -> Any:
    """The hyperbolic sine."""
    return ops.sinh(_floating(x))


def size(x: Any) -> Any:
    """How many numbers, a tensor."""
    return ops.size(x)


def slice(inputs: Any, start_indices: Any, shape: Any) -> Any:
    """The part of `inputs` of a shape that begins at `start_indices`."""
    return ops.slice_(inputs, start_indices, shape)


def slice_update(inputs: Any, start_indices: Any, updates: Any) -> Any:
    """`inputs` with `updates` in the place of the part that begins at `start_indices`."""
    x, new = convert(inputs), convert(updates)
    if x._data.ndim != new._data.ndim:
        rule = f"must have the rank {x._data.ndim} of `inputs`"
        raise ValueError(say("slice_update", "updates", rule, updates))
    room = [n - m for n, m in zip(x._data.shape, new._data.shape, strict=True)]
    if builtins.any(n < 0 for n in room):
        rule = f"must fit into the shape {x.shape} of `inputs`"
        raise ValueError(say("slice_update", "updates", rule, updates))
    begin = ints("slice_update", "start_indices", start_indices)
    if len(begin) != len(room):
        rule = f"must hold {len(room)} integers, one for each axis of `inputs`"
        raise ValueError(say("slice_update", "start_indices", rule, start_indices))
    inside = [int(np.clip(i, 0, n)) for i, n in zip(begin, room, strict=True)]  # as XLA does
    along = [np.arange(i, i + n) for i, n in zip(inside, new._data.shape, strict=True)]
    places = np.stack(np.meshgrid(*along, indexing="ij"), -1)
    return ops.tensor_scatter_nd_update(x, places, new)


def soft_shrink(x: Any, threshold: float = 0.5) -> Any:
    """The activation `soft_shrink`."""
    return activations.soft_shrink(x, threshold)


def softmax(x: Any, axis: Any = -1) -> Any:
    """``eˣ / Σ eˣ`` along an axis."""
    return activations.softmax(x, axis)


def softplus(x: Any) -> Any:
    """The activation `softplus`."""
    return activations.softplus(x)


def softsign(x: Any) -> Any:
    """The activation `softsign`."""
    return activations.softsign(x)


def solve(a: Any, b: Any) -> Any:
    """The x of ``a x = b``, of vectors b or matrices."""
    return _on_columns(ops.solve, a, b)


def solve_triangular(a: Any, b: Any, lower: bool = False) -> Any:
    """The x of ``a x = b`` for an upper triangular a, or a lower one."""
    return _on_columns(lambda m, rhs: ops.triangular_solve(m, rhs, lower), a, b)


def sort(x: Any, axis: int = -1) -> Any:
    """In rising order."""
    return ops.cast(ops.sort(_ordered(x), axis), convert(x).dtype)


def sparse_categorical_crossentropy(
    target: Any, output: Any, from_logits: bool = False, axis: int = -1
) -> Any:
    """``-log p[label]`` along the last axis, of probabilities or logits."""
    return losses.sparse_categorical_crossentropy(target, output, from_logits, axis=axis)


def sparse_plus(x: Any) -> Any:
    """The activation `sparse_plus`."""
    return activations.sparse_plus(x)


def sparse_sigmoid(x: Any) -> Any:
    """The activation `sparse_sigmoid`."""
    return activations.sparse_sigmoid(x)


def split(x: Any, indices_or_sections: Any, axis: int = 0) -> Any:
    """Equally many parts, or those that begin at the given places."""
    along = one_axis("split", "axis", axis, len(x.shape), ValueError)
    several = isinstance(indices_or_sections, list | tuple)
    if not several and not getattr(indices_or_sections, "shape", ()):
        number = one_int("split", "indices_or_sections", indices_or_sections)
        return ops.split(x, number, along)
    given = ints("split", "indices_or_sections", indices_or_sections)
    places = [0, *given, x.shape[along]]
    return ops.split(x, [b - a for a, b in itertools.pairwise(places)], along)


def sqrt(x: Any) -> Any:
    """The square root."""
    return ops.sqrt(_floating(x))


def square(x: Any) -> Any:
    """``x²``."""
    return ops.square(countable(x))


def squareplus(x: Any, b: float = 4) -> Any:
    """The activation `squareplus`."""
    return activations.squareplus(x, b)


def squeeze(x: Any, axis: Any = None) -> Any:
    """`x` without axes of size 1."""
    return ops.squeeze(x, axis)


def stack(x: Any, axis: int = 0) -> Any:
    """Tensors along a new axis, of the dtype that holds all of them."""
    if not isinstance(x, list | tuple):
        x = ops.unstack(tensor("stack", "x", x))
    return ops.stack(_of_common_dtype("stack", "x", x), axis)


def std(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The standard deviation."""
    return ops.reduce_std(_floating(x), axis, keepdims)


def stop_gradient(variable: Any) -> Any:
    """`variable`, constant to gradients."""
    return ops.stop_gradient(variable)


def subtract(x1: Any, x2: Any) -> Any:
    """``x1 - x2``."""
    return ops.subtract(*of_one_dtype(x1, x2))


def sum(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The sum; of integers of 8 and 16 bits in those of 32, signed or unsigned as they are.

    >>> sum(ops.constant([200, 100], "uint8")).numpy()
    np.uint32(300)
    """
    return ops.reduce_sum(_summable(x), axis, keepdims)


def svd(x: Any, full_matrices: bool = True, compute_uv: bool = True) -> Any:
    """U, s and Vᵀ of ``x = U diag(s) Vᵀ``; s alone without `compute_uv`."""
    if not compute_uv:
        return ops.svd(x, full_matrices, False)
    s, u, v = ops.svd(x, full_matrices)
    return u, s, ops.matrix_transpose(v)


def swapaxes(x: Any, axis1: int, axis2: int) -> Any:
    """Two axes changed over."""
    rank = len(x.shape)
    one, other = (
        one_axis("swapaxes", name, axis, rank, ValueError)
        for name, axis in (("axis1", axis1), ("axis2", axis2))
    )
    return ops.transpose(x, _swapped(rank, one, other))


def swish(x: Any) -> Any:
    """The activation `silu`."""
    return silu(x)


def take(x: Any, indices: Any, axis: int | None = None) -> Any:
    """The parts at `indices` along `axis`, counted from the end where negative."""
    source = ops.reshape(x, [-1]) if axis is None else convert(x)
    at = integer("take", "indices", indices)
    along = one_axis("take", "axis", axis or 0, source._data.ndim, ValueError)
    n = source._data.shape[along]
    return ops.gather(source, ops.where(at < 0, at + n, at), axis=along)


def take_along_axis(x: Any, indices: Any, axis: int | None = None) -> Any:
    """The parts at `indices`, whose other axes are those of `x`.

    >>> x = ops.constant([[1, 2], [3, 4]])
    >>> take_along_axis(x, ops.constant([[1], [0]]), axis=1).numpy()
    array([[2],
           [3]], dtype=int32)
    """
    if axis is None:
        if len(indices.shape) != 1:
            rule = "must have one axis where `axis` is None"
            raise ValueError(say("take_along_axis", "indices", rule, indices))
        return take_along_axis(ops.reshape(x, [-1]), indices, 0)
    source, at = convert(x), ops.cast(indices, "int64")
    rank = source._data.ndim
    if at._data.ndim != rank:
        rule = f"must have the rank {rank} of `x`"
        raise ValueError(say("take_along_axis", "indices", rule, indices))
    axis = one_axis("take_along_axis", "axis", axis, rank, ValueError)
    n = source._data.shape[axis]
    shapes = [list(part._data.shape) for part in (source, at)]
    lengths = [sizes[axis] for sizes in shapes]
    for sizes in shapes:
        sizes[axis] = 1
    common = list(np.broadcast_shapes(*shapes))
    rows = []
    for part, length in zip((source, ops.where(at < 0, at + n, at)), lengths, strict=True):
        common[axis] = length
        wide = ops.transpose(ops.broadcast_to(part, common), _swapped(rank, axis, -1))
        rows.append(wide)
    values, places = (ops.reshape(wide, [-1, wide._data.shape[-1]]) for wide in rows)
    found = ops.reshape(ops.gather(values, places, batch_dims=1), rows[1]._data.shape)
    return ops.transpose(found, _swapped(rank, axis, -1))


def tan(x: Any) -> Any:
    """The tangent."""
    return ops.tan(_floating(x))


def tanh(x: Any) -> Any:
    """The hyperbolic tangent."""
    return ops.tanh(_floating(x))


def tanh_shrink(x: Any) -> Any:
    """The activation `tanh_shrink`."""
    return activations.tanh_shrink(x)


def tensordot(x1: Any, x2: Any, axes: Any = 2) -> Any:
    """Sums of products along `axes`."""
    return multiplied(ops.tensordot, *to_one_dtype(x1, x2), axes)


def threshold(x: Any, threshold: float, default_value: float) -> Any:
    """The activation `threshold`."""
    return activations.threshold(x, threshold, default_value)


def tile(x: Any, repeats: Any) -> Any:
    """`x` several times along its axes: its last ones, or new ones before them as well.

    >>> tile([1, 2], (2, 2)).numpy()
    array([[1, 2, 1, 2],
           [1, 2, 1, 2]], dtype=int32)
    """
    found = convert(x)
    times = list(ints("tile", "repeats", repeats))
    new = len(times) - found._data.ndim
    if new > 0:
        found = ops.reshape(found, [1] * new + list(found._data.shape))
    return ops.tile(found, [1] * -new + times)


def top_k(x: Any, k: int, sorted: bool = True) -> Any:
    """The largest, and where they are."""
    return ops.top_k(x, k, sorted)


def trace(x: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """The sums of diagonals."""
    if len(x.shape) < 2:
        raise ValueError(say("trace", "x", "must have a rank of 2 or more", x))
    return ops.reduce_sum(diagonal(_summable(x), offset, axis1, axis2), -1)


def transpose(x: Any, axes: Any = None) -> Any:
    """The axes in another order; reversed if not given."""
    return ops.transpose(x, axes)


def tri(N: int, M: int | None = None, k: int = 0, dtype: Any = None) -> Any:
    """Ones up to the diagonal number `k`, zeros above it.

    >>> tri(2, 3).numpy()
    array([[1., 0., 0.],
           [1., 1., 0.]], dtype=float32)
    """
    rows, columns = check_sizes("tri", "N", (N, N if M is None else M))
    return ops.cast(np.tri(rows, columns, k, dtype=bool), _kind(dtype))


def tril(x: Any, k: int = 0) -> Any:
    """`x` up to the diagonal number `k`, zeros above it."""
    if len(x.shape) < 2:
        raise ValueError(say("tril", "x", "must have a rank of 2 or more", x))
    if k >= 0:
        return ops.band_part(x, -1, k)
    rows, columns = x.shape[-2:]
    kept = np.tri(rows, columns, k, dtype=bool)
    return ops.where(kept, x, ops.zeros_like(x))


def triu(x: Any, k: int = 0) -> Any:
    """`x` from the diagonal number `k` on, zeros below it."""
    if len(x.shape) < 2:
        raise ValueError(say("triu", "x", "must have a rank of 2 or more", x))
    if k <= 0:
        return ops.band_part(x, -k, -1)
    rows, columns = x.shape[-2:]
    kept = ~np.tri(rows, columns, k - 1, dtype=bool)
    return ops.where(kept, x, ops.zeros_like(x))


def true_divide(x1: Any, x2: Any) -> Any:
    """``x1 / x2``."""
    return ops.divide(*two_floating(x1, x2))


def trunc(x: Any) -> Any:
    """`x` without its fraction."""
    found = convert(x)
    if found._data.dtype.kind != "f":
        return found
    return ops.where(found < 0, ops.ceil(found), ops.floor(found))


def unstack(x: Any, num: int | None = None, axis: int = 0) -> Any:
    """The parts along an axis, without it."""
    return ops.unstack(x, num, axis)


def var(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The variance, of complex numbers a complex one."""
    wide = _floating(x)
    return ops.cast(ops.reduce_variance(wide, axis, keepdims), wide.dtype)


def vdot(x1: Any, x2: Any) -> Any:
    """The sum of all products, of both in one row."""
    a, b = (ops.reshape(x, [-1]) for x in to_one_dtype(x1, x2))
    return multiplied(ops.tensordot, a, b, 1)


def vectorized_map(function: Any, elements: Any) -> Any:
    """The same as `map`."""

    def in_graph(row: Any) -> Any:
        with Graph():  # TensorFlow makes one outside of functions, too
            return function(row)

    return map(in_graph, elements)


def vstack(xs: Any) -> Any:
    """Tensors along the first axis: matrices one under the other.

    Vectors make one longer vector, as in Keras; NumPy's make the rows of a matrix.
    """
    return ops.concat(_of_common_dtype("vstack", "xs", xs), 0)


def where(condition: Any, x1: Any = None, x2: Any = None) -> Any:
    """`x1` where the condition holds, else `x2`; without them, its places as by `nonzero`.

    Raises:
        ValueError: one of them alone.

    >>> [along.numpy().tolist() for along in where([[True, False], [True, True]])]
    [[0, 1, 1], [0, 0, 1]]
    """
    if x1 is None and x2 is None:
        return nonzero(condition)
    if x1 is None or x2 is None:
        name = "x1" if x1 is None else "x2"
        raise ValueError(f"where: `{name}` must not be None where the other is given")
    return ops.where(ops.cast(condition, bool), *of_one_dtype(x1, x2))


def while_loop(cond: Any, body: Any, loop_vars: Any, maximum_iterations: int | None = None) -> Any:
    """`body` again and again while `cond` holds.

    Args:
        cond: a function of the loop variables that returns a truth value.
        body: a function of them that returns their next values.
        loop_vars: a tuple or list of them, or one.
        maximum_iterations: how often at most; if not given, as often as `cond` holds.

    Returns:
        Their last values: a tuple, or the one.

    >>> while_loop(lambda i: i < 5, lambda i: i + 2, ops.constant(0)).numpy()
    np.int32(6)
    """
    several = isinstance(loop_vars, tuple | list)
    values = at_loop(tuple(convert(v) for v in (loop_vars if several else [loop_vars])))
    turns = 0
    while turns != maximum_iterations and to_bool(
        "while_loop", "cond", in_own_graph(cond, *values)
    ):
        found = in_own_graph(body, *values)
        values = tuple(found) if several else (found,)
        turns += 1
    return values if several else values[0]


def zeros(shape: Any, dtype: Any = None) -> Any:
    """Zeros of a shape."""
    return ops.zeros(shape, _kind(dtype))


def zeros_like(x: Any, dtype: Any = None) -> Any:
    """Zeros of the shape of `x`."""
    return ops.zeros_like(x, dtype)


def _kind(dtype: Any) -> Any:
    return floatx() if dtype is None else dtype


def _or_tensor(where: str, x: Any) -> Any:
    """`x`, which may be a KerasTensor, or a tensor of it."""
    return x if hasattr(x, "shape") else tensor(where, "x", x)


def _floating(x: Any) -> Tensor:
    """`x`, integers and bools as ``floatx()``."""
    found = convert(x)
    return found if found._data.dtype.kind in "fc" else ops.cast(found, floatx())


def _two_floating(x1: Any, x2: Any) -> list[Tensor]:
    """Both of one floating dtype; a number of Python's is float32 beside float16, too."""
    return [_floating(x) for x in to_one_dtype(x1, x2)]


def _of_common_dtype(where: str, name: str, xs: Any) -> list[Tensor]:
    """Tensors of the dtype that holds all of them; a tensor in place of a list is one."""
    if not isinstance(xs, list | tuple):
        xs = [tensor(where, name, xs)]
    if {type(x) for x in xs} == {Tensor} and len({x._data.dtype for x in xs}) == 1:
        return list(xs)  # as most are
    if not len(xs):
        raise ValueError(say(where, name, "must hold one tensor or more", xs))
    return of_one_dtype(
        *(
            x if type(x) in (bool, int, float) else tensor(where, f"{name}[{i}]", x)
            for i, x in enumerate(xs)
        )
    )


def _summable(x: Any) -> Tensor:
    """`x`, bools and integers of 8 and 16 bits as those of 32."""
    found = convert(x)
    kind = found._data.dtype
    if kind.itemsize >= 4 or kind.kind not in "biu":
        return found
    return ops.cast(found, "uint32" if kind.kind == "u" else "int32")


def _ordered(x: Any) -> Tensor:
    """`x`, bools as uint8, which have an order."""
    found = convert(x)
    return ops.cast(found, "uint8") if found._data.dtype == bool else found


def _axes(x: Any, axis: Any) -> Any:
    if axis is None:
        return list(range(len(x.shape)))
    return [axis] if isinstance(axis, int) else axis


def _bounded(found: Tensor, with_: Any, initial: Any) -> Any:
    return found if initial is None else with_(found, ops.cast(initial, found.dtype))


def _place(function: Any, x: Any, axis: int | None, keepdims: bool) -> Tensor:
    rank, x = len(x.shape), _below_zero(x)
    flat = ops.reshape(x, [-1]) if axis is None else x
    found = ops.cast(function(flat, axis or 0), "int32")
    if not keepdims:
        return found
    return ops.reshape(found, [1] * rank) if axis is None else ops.expand_dims(found, axis)


def _below_zero(x: Tensor) -> Tensor:
    """`x` with a number just below 0 for each -0.0."""
    data = x._data
    if data.dtype.kind != "f" or not data.ndim:
        return x
    negative_zero = (data == 0) & np.signbit(data)
    if not negative_zero.any():
        return x
    wide = data.astype(np.promote_types(data.dtype, np.float32))
    return ops.constant(np.where(negative_zero, -np.finfo(wide.dtype).tiny, wide))


def _in_one_row(x: Tensor, axis: int | None) -> tuple[Tensor, int]:
    return (ops.reshape(x, [-1]), 0) if axis is None else (x, axis)


def _moved(where: str, x: Any, source: Any, destination: Any) -> list[int]:
    """The order of axes in which those of `source` are at `destination`, the others as before."""
    rank = len(x.shape)
    taken = [
        [one_axis(where, name, axis, rank, ValueError) for axis in ints(where, name, axes)]
        for name, axes in (("destination", destination), ("source", source))
    ]
    for name, axes in zip(("destination", "source"), taken, strict=True):
        if len(set(axes)) != len(axes) or len(axes) != len(taken[0]):
            rule = "must name as many axes as the other, none of them twice"
            raise ValueError(say(where, name, rule, axes))
    moved = sorted(zip(*taken, strict=True))
    order = [axis for axis in range(rank) if axis not in [axis for _, axis in moved]]
    for to, axis in moved:
        order.insert(to, axis)
    return order


def _on_columns(function: Any, a: Any, b: Any) -> Tensor:
    """``function(a, b)``, which takes the columns of matrices, for vectors b, too."""
    if len(b.shape) != len(a.shape) - 1:
        found: Tensor = function(a, b)
        return found
    return ops.squeeze(function(a, ops.expand_dims(b, -1)), -1)


def _as_images(where: str, inputs: Any, data_format: Any) -> tuple[Any, int]:
    """What calls a function of NHWC images on `inputs`, and the rank of these: 1 or 2."""
    x, kind = convert(inputs), standardize_data_format(data_format)
    rank = x._data.ndim - 2
    if rank not in (1, 2):
        rule = "must be sequences of rank 3 or images of rank 4"
        raise ValueError(say(where, "inputs", rule, x.shape))
    turned = as_row if rank == 1 else on_channels_last
    return lambda function: turned(function, x, kind), rank


def _check_rank(where: str, name: str, x: Any, rank: int) -> None:
    if len(x.shape) != rank:
        raise ValueError(say(where, name, f"must have the rank {rank}", x))


def _of_image(where: str, name: str, sizes: Any, rank: int) -> tuple[int, ...]:
    """A size of sequences, or those of images, as those of an image."""
    return int_pair(where, name, sizes) if rank == 2 else (1, *int_single(where, name, sizes))


def _pooled(
    pool: Any, inputs: Any, pool_size: Any, strides: Any, padding: str, data_format: Any
) -> Any:
    where = {ops.max_pool2d: "max_pool", ops.avg_pool2d: "average_pool"}[pool]
    as_images, rank = _as_images(where, inputs, data_format)
    window = _of_image(where, "pool_size", pool_size, rank)
    steps = window if strides is None else _of_image(where, "strides", strides, rank)
    along = standardize_padding(where, padding).upper()
    return as_images(lambda x: pool(x, window, steps, along))


def _swapped(rank: int, axis1: int, axis2: int) -> list[int]:
    order = list(range(rank))
    order[axis1], order[axis2] = order[axis2], order[axis1]
    return order


# module of Keras -> name -> the class of an operation, of which functional models are made
OPERATIONS: dict[str, dict[str, type]] = {}
_MAKERS = "arange empty eye full identity linspace ones tri zeros"  # they take no tensor
_OF_SHAPES = "convert_to_numpy convert_to_tensor dtype is_tensor ndim shape"  # it has one
_CONTROL = "cond custom_gradient fori_loop map vectorized_map while_loop"  # they take functions
_ALIASES = "hard_swish swish"


def _take_keras_tensors() -> None:
    space = globals()
    left = f"{_MAKERS} {_OF_SHAPES} {_CONTROL} {_ALIASES}".split()
    for name in __all__:
        if name not in f"{_CONTROL} {_OF_SHAPES} {_ALIASES}".split():
            space[name] = with_arguments_read(space[name])
        if name not in left:
            space[name], module, kind = on_keras_tensors(space[name])
            OPERATIONS.setdefault(module, {})[kind.__name__] = kind


_take_keras_tensors()

if not TYPE_CHECKING:  # a type checker is to see which names there are
    __getattr__ = missing(__name__, "tf.keras.ops")
    __dir__ = listed(__name__)
