"""Keras 3's ops under their names (``keras.ops``): those that mirror what is here.

They work on tensors and arrays, in the `call` of a layer, in a loss or a metric of one's own, and
on the KerasTensors of a model that is being made.
"""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING, Any

import numpy as np

from scratchnet import ops
from scratchnet.engine.operators import Operators
from scratchnet.engine.tensor import Tensor, convert
from scratchnet.keras import activations
from scratchnet.keras.config import floatx
from scratchnet.keras.promotion import of_one_dtype, to_compare
from scratchnet.keras.symbolic_ops import on_keras_tensors
from scratchnet.unsupported import listed, missing

__all__ = [
    "abs",
    "absolute",
    "add",
    "all",
    "amax",
    "amin",
    "any",
    "arange",
    "arccos",
    "arcsin",
    "arctan",
    "argmax",
    "argmin",
    "argsort",
    "array",
    "cast",
    "ceil",
    "clip",
    "concatenate",
    "convert_to_numpy",
    "convert_to_tensor",
    "copy",
    "cos",
    "cosh",
    "cumprod",
    "cumsum",
    "divide",
    "dot",
    "einsum",
    "elu",
    "equal",
    "erf",
    "exp",
    "expand_dims",
    "expm1",
    "eye",
    "flip",
    "floor",
    "floor_divide",
    "full",
    "full_like",
    "gelu",
    "greater",
    "greater_equal",
    "hard_sigmoid",
    "identity",
    "in_top_k",
    "isfinite",
    "isinf",
    "isnan",
    "leaky_relu",
    "less",
    "less_equal",
    "linspace",
    "log",
    "log1p",
    "log_sigmoid",
    "log_softmax",
    "logical_and",
    "logical_not",
    "logical_or",
    "logsumexp",
    "matmul",
    "max",
    "maximum",
    "mean",
    "min",
    "minimum",
    "mod",
    "moveaxis",
    "multiply",
    "ndim",
    "negative",
    "norm",
    "not_equal",
    "one_hot",
    "ones",
    "ones_like",
    "pad",
    "power",
    "prod",
    "ravel",
    "reciprocal",
    "relu",
    "relu6",
    "repeat",
    "reshape",
    "roll",
    "round",
    "rsqrt",
    "selu",
    "shape",
    "sigmoid",
    "sign",
    "silu",
    "sin",
    "sinh",
    "size",
    "softmax",
    "softplus",
    "softsign",
    "sort",
    "split",
    "sqrt",
    "square",
    "squeeze",
    "stack",
    "std",
    "stop_gradient",
    "subtract",
    "sum",
    "swapaxes",
    "swish",
    "take",
    "tan",
    "tanh",
    "tensordot",
    "tile",
    "top_k",
    "transpose",
    "true_divide",
    "unstack",
    "var",
    "where",
    "zeros",
    "zeros_like",
]


def abs(x: Any) -> Any:
    """``|x|``."""
    return ops.abs(x)


def absolute(x: Any) -> Any:
    """``|x|``."""
    return ops.abs(x)


def add(x1: Any, x2: Any) -> Any:
    """``x1 + x2``."""
    return ops.add(*of_one_dtype(x1, x2))


def all(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Whether all are true."""
    return ops.reduce_all(ops.cast(x, bool), axis, keepdims)


def amax(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The largest."""
    return ops.reduce_max(x, axis, keepdims)


def amin(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The least."""
    return ops.reduce_min(x, axis, keepdims)


def any(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Whether any is true."""
    return ops.reduce_any(ops.cast(x, bool), axis, keepdims)


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


def arcsin(x: Any) -> Any:
    """The inverse of the sine."""
    return ops.asin(_floating(x))


def arctan(x: Any) -> Any:
    """The inverse of the tangent."""
    return ops.atan(_floating(x))


def argmax(x: Any, axis: int | None = None, keepdims: bool = False) -> Any:
    """Where the largest is, int32."""
    return _place(ops.argmax, x, axis, keepdims)


def argmin(x: Any, axis: int | None = None, keepdims: bool = False) -> Any:
    """Where the least is, int32."""
    return _place(ops.argmin, x, axis, keepdims)


def argsort(x: Any, axis: int = -1) -> Any:
    """The places in rising order, int32."""
    return ops.argsort(x, axis)


def array(x: Any, dtype: Any = None) -> Any:
    """A tensor."""
    return convert_to_tensor(x, dtype)


def cast(x: Any, dtype: Any) -> Any:
    """`x` of another dtype."""
    return ops.cast(x, dtype)


def ceil(x: Any) -> Any:
    """The least integers that are not smaller."""
    return ops.ceil(x)


def clip(x: Any, x_min: Any, x_max: Any) -> Any:
    """`x` between two bounds."""
    return ops.clip_by_value(x, x_min, x_max)


def concatenate(xs: Any, axis: int = 0) -> Any:
    """Tensors, one behind the other."""
    return ops.concat(xs, axis)


def convert_to_numpy(x: Any) -> Any:
    """`x` as an array."""
    return np.asarray(convert(x)._data)


def convert_to_tensor(x: Any, dtype: Any = None) -> Any:
    """A tensor; Python's floats become ``floatx()``."""
    if dtype is not None and isinstance(x, Operators):
        return ops.cast(x, dtype)
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


def cumprod(x: Any, axis: int | None = None, dtype: Any = None) -> Any:
    """Products of the first 1, 2, 3, …"""
    return ops.cumprod(*_in_one_row(_countable(x) if dtype is None else ops.cast(x, dtype), axis))


def cumsum(x: Any, axis: int | None = None, dtype: Any = None) -> Any:
    """Sums of the first 1, 2, 3, …"""
    return ops.cumsum(*_in_one_row(_countable(x) if dtype is None else ops.cast(x, dtype), axis))


def divide(x1: Any, x2: Any) -> Any:
    """``x1 / x2``."""
    return ops.divide(*(_floating(x) for x in of_one_dtype(x1, x2)))


def dot(x1: Any, x2: Any) -> Any:
    """As ``numpy.dot``: the last axis of `x1` times the last but one of `x2`.

    >>> dot(ops.ones((2, 3)), ops.ones((4, 3, 5))).shape
    TensorShape([2, 4, 5])
    """
    a, b = of_one_dtype(x1, x2)
    if not len(a.shape) or not len(b.shape):
        return ops.multiply(a, b)
    return ops.tensordot(a, b, [[len(a.shape) - 1], [len(b.shape) - 2 if len(b.shape) > 1 else 0]])


def einsum(subscripts: str, *operands: Any) -> Any:
    """Sums of products, written as letters."""
    return ops.einsum(subscripts, *operands)


def elu(x: Any, alpha: float = 1.0) -> Any:
    """The activation `elu`."""
    return activations.elu(x, alpha)


def equal(x1: Any, x2: Any) -> Any:
    """``x1 == x2``, element by element."""
    return ops.equal(*to_compare(x1, x2))


def erf(x: Any) -> Any:
    """The error function."""
    return ops.erf(x)


def exp(x: Any) -> Any:
    """``eˣ``."""
    return ops.exp(_floating(x))


def expand_dims(x: Any, axis: int) -> Any:
    """`x` with a new axis of size 1."""
    return ops.expand_dims(x, axis)


def expm1(x: Any) -> Any:
    """``eˣ - 1``."""
    return ops.expm1(_floating(x))


def eye(N: int, M: int | None = None, k: int = 0, dtype: Any = None) -> Any:
    """Ones on the diagonal of N rows and M columns; `k` must be 0.

    Raises:
        NotImplementedError: another diagonal.
    """
    if k:
        raise NotImplementedError("eye: `k` must be 0 here: use `tf.linalg.diag`")
    return ops.eye(N, M, dtype=_kind(dtype))


def flip(x: Any, axis: Any = None) -> Any:
    """`x` from the end; along all axes if none is given."""
    return ops.reverse(x, _axes(x, axis))


def floor(x: Any) -> Any:
    """The largest integers that are not larger."""
    return ops.floor(x)


def floor_divide(x1: Any, x2: Any) -> Any:
    """The largest integer that is not above ``x1 / x2``."""
    return ops.floordiv(*of_one_dtype(x1, x2))


def full(shape: Any, fill_value: Any, dtype: Any = None) -> Any:
    """One number in a shape."""
    return ops.cast(ops.fill(shape, fill_value), _kind(dtype))


def full_like(x: Any, fill_value: Any, dtype: Any = None) -> Any:
    """One number in the shape of `x`."""
    return ops.fill(ops.shape(x), ops.cast(fill_value, dtype or x.dtype))


def gelu(x: Any, approximate: bool = True) -> Any:
    """The activation `gelu`, approximated by default."""
    return activations.gelu(x, approximate)


def greater(x1: Any, x2: Any) -> Any:
    """``x1 > x2``, element by element."""
    return ops.greater(*to_compare(x1, x2))


def greater_equal(x1: Any, x2: Any) -> Any:
    """``x1 >= x2``, element by element."""
    return ops.greater_equal(*to_compare(x1, x2))


def hard_sigmoid(x: Any) -> Any:
    """The activation `hard_sigmoid`."""
    return activations.hard_sigmoid(x)


def identity(n: int, dtype: Any = None) -> Any:
    """The identity matrix."""
    return ops.eye(n, dtype=_kind(dtype))


def in_top_k(targets: Any, predictions: Any, k: int) -> Any:
    """Whether the target is among the `k` largest."""
    return ops.in_top_k(targets, predictions, k)


def isfinite(x: Any) -> Any:
    """Which are finite."""
    return ops.is_finite(x)


def isinf(x: Any) -> Any:
    """Which are infinite."""
    return ops.is_inf(x)


def isnan(x: Any) -> Any:
    """Which are nan."""
    return ops.is_nan(x)


def leaky_relu(x: Any, negative_slope: float = 0.2) -> Any:
    """The activation `leaky_relu`."""
    return activations.leaky_relu(x, negative_slope)


def less(x1: Any, x2: Any) -> Any:
    """``x1 < x2``, element by element."""
    return ops.less(*to_compare(x1, x2))


def less_equal(x1: Any, x2: Any) -> Any:
    """``x1 <= x2``, element by element."""
    return ops.less_equal(*to_compare(x1, x2))


def linspace(start: Any, stop: Any, num: int = 50) -> Any:
    """`num` numbers from `start` to `stop`, at even steps.

    >>> linspace(0.0, 1.0, 3).numpy()
    array([0. , 0.5, 1. ], dtype=float32)
    """
    first, last = (ops.cast(x, floatx()) for x in (start, stop))
    return ops.linspace(first, last, num)


def log(x: Any) -> Any:
    """The natural logarithm."""
    return ops.log(_floating(x))


def log1p(x: Any) -> Any:
    """``log(1 + x)``."""
    return ops.log1p(_floating(x))


def log_sigmoid(x: Any) -> Any:
    """The activation `log_sigmoid`."""
    return activations.log_sigmoid(x)


def log_softmax(x: Any, axis: int = -1) -> Any:
    """``x - log Σ eˣ`` along an axis."""
    return activations.log_softmax(x, axis)


def logical_and(x1: Any, x2: Any) -> Any:
    """``x1 and x2``, element by element."""
    return ops.logical_and(ops.cast(x1, bool), ops.cast(x2, bool))


def logical_not(x: Any) -> Any:
    """``not x``, element by element."""
    return ops.logical_not(ops.cast(x, bool))


def logical_or(x1: Any, x2: Any) -> Any:
    """``x1 or x2``, element by element."""
    return ops.logical_or(ops.cast(x1, bool), ops.cast(x2, bool))


def logsumexp(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """``log Σ eˣ``."""
    return ops.reduce_logsumexp(x, axis, keepdims)


def matmul(x1: Any, x2: Any) -> Any:
    """The product of matrices, or batches of them."""
    return ops.matmul(*of_one_dtype(x1, x2))


def max(x: Any, axis: Any = None, keepdims: bool = False, initial: Any = None) -> Any:
    """The largest."""
    return _bounded(ops.reduce_max(x, axis, keepdims), ops.maximum, initial)


def maximum(x1: Any, x2: Any) -> Any:
    """The larger of two, element by element."""
    return ops.maximum(*of_one_dtype(x1, x2))


def mean(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The mean."""
    return ops.reduce_mean(_floating(x), axis, keepdims)


def min(x: Any, axis: Any = None, keepdims: bool = False, initial: Any = None) -> Any:
    """The least."""
    return _bounded(ops.reduce_min(x, axis, keepdims), ops.minimum, initial)


def minimum(x1: Any, x2: Any) -> Any:
    """The smaller of two, element by element."""
    return ops.minimum(*of_one_dtype(x1, x2))


def mod(x1: Any, x2: Any) -> Any:
    """What is left of ``x1 / x2``, with the sign of ``x2``."""
    return ops.mod(*of_one_dtype(x1, x2))


def moveaxis(x: Any, source: int, destination: int) -> Any:
    """One axis at another place, the others in their order.

    >>> moveaxis(ops.ones((2, 3, 4)), 0, -1).shape
    TensorShape([3, 4, 2])
    """
    order = list(range(len(x.shape)))
    axis = order.pop(source)
    order.insert(destination % len(x.shape), axis)
    return ops.transpose(x, order)


def multiply(x1: Any, x2: Any) -> Any:
    """``x1 x2``."""
    return ops.multiply(*of_one_dtype(x1, x2))


def ndim(x: Any) -> Any:
    """The rank."""
    return len(x.shape)


def negative(x: Any) -> Any:
    """``-x``."""
    return ops.negative(x)


def norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    """The Euclidean norm, or another one of vectors.

    >>> norm(ops.constant([3.0, 4.0])).numpy()
    np.float32(5.0)
    """
    return ops.norm(_floating(x), "euclidean" if ord is None else ord, axis, keepdims)


def not_equal(x1: Any, x2: Any) -> Any:
    """``x1 != x2``, element by element."""
    return ops.not_equal(*to_compare(x1, x2))


def one_hot(x: Any, num_classes: int, axis: int = -1, dtype: Any = None) -> Any:
    """A 1 at each place, in rows of `num_classes`; floating places are cut off, as in Keras."""
    return ops.one_hot(ops.cast(x, "int64"), num_classes, axis=axis, dtype=_kind(dtype))


def ones(shape: Any, dtype: Any = None) -> Any:
    """Ones of a shape."""
    return ops.ones(shape, _kind(dtype))


def ones_like(x: Any, dtype: Any = None) -> Any:
    """Ones of the shape of `x`."""
    return ops.ones_like(x, dtype)


def pad(x: Any, pad_width: Any, mode: str = "constant", constant_values: Any = None) -> Any:
    """`x` with more on both sides of its axes: by constants, reflected or symmetric.

    Args:
        x: the tensor.
        pad_width: (before, after) of each axis, or one pair for all.
        mode: ``"constant"``, ``"reflect"`` or ``"symmetric"``.
        constant_values: what is padded with; 0 if not given.
    """
    pairs = np.broadcast_to(np.asarray(pad_width), (len(x.shape), 2))
    value = 0 if constant_values is None else constant_values
    return ops.pad(x, pairs, mode.upper(), value)


def power(x1: Any, x2: Any) -> Any:
    """``x1`` to the power ``x2``."""
    return ops.pow(*of_one_dtype(x1, x2))


def prod(x: Any, axis: Any = None, keepdims: bool = False, dtype: Any = None) -> Any:
    """The product."""
    return ops.reduce_prod(_countable(x) if dtype is None else ops.cast(x, dtype), axis, keepdims)


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


def roll(x: Any, shift: Any, axis: Any = None) -> Any:
    """`x` moved along axes, what falls out coming in at the other end."""
    if axis is not None:
        return ops.roll(x, shift, axis)
    return ops.reshape(ops.roll(ops.reshape(x, [-1]), shift, 0), x.shape)


def round(x: Any, decimals: int = 0) -> Any:
    """The nearest numbers of so many decimals; halves to even ones."""
    if not decimals:
        return ops.round(x)
    return ops.round(x * 10.0**decimals) / 10.0**decimals


def rsqrt(x: Any) -> Any:
    """``1 / √x``."""
    return ops.rsqrt(_floating(x))


def selu(x: Any) -> Any:
    """The activation `selu`."""
    return activations.selu(x)


def shape(x: Any) -> Any:
    """The shape, as a tuple."""
    return tuple(x.shape)


def sigmoid(x: Any) -> Any:
    """The activation `sigmoid`."""
    return activations.sigmoid(x)


def sign(x: Any) -> Any:
    """-1, 0 or 1."""
    return ops.sign(x)


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
    """How many numbers."""
    return math.prod(x.shape)


def softmax(x: Any, axis: Any = -1) -> Any:
    """``eˣ / Σ eˣ`` along an axis."""
    return activations.softmax(x, axis)


def softplus(x: Any) -> Any:
    """The activation `softplus`."""
    return activations.softplus(x)


def softsign(x: Any) -> Any:
    """The activation `softsign`."""
    return activations.softsign(x)


def sort(x: Any, axis: int = -1) -> Any:
    """In rising order."""
    return ops.sort(x, axis)


def split(x: Any, indices_or_sections: Any, axis: int = 0) -> Any:
    """Equally many parts, or those that begin at the given places."""
    if isinstance(indices_or_sections, int):
        return ops.split(x, indices_or_sections, axis)
    places = [0, *indices_or_sections, x.shape[axis]]
    return ops.split(x, [b - a for a, b in itertools.pairwise(places)], axis)


def sqrt(x: Any) -> Any:
    """The square root."""
    return ops.sqrt(_floating(x))


def square(x: Any) -> Any:
    """``x²``."""
    return ops.square(x)


def squeeze(x: Any, axis: Any = None) -> Any:
    """`x` without axes of size 1."""
    return ops.squeeze(x, axis)


def stack(x: Any, axis: int = 0) -> Any:
    """Tensors along a new axis."""
    return ops.stack(x, axis)


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
    """The sum."""
    return ops.reduce_sum(_countable(x), axis, keepdims)


def swapaxes(x: Any, axis1: int, axis2: int) -> Any:
    """Two axes changed over."""
    return ops.transpose(x, _swapped(len(x.shape), axis1, axis2))


def swish(x: Any) -> Any:
    """The activation `silu`."""
    return silu(x)


def take(x: Any, indices: Any, axis: int | None = None) -> Any:
    """The parts at `indices` along `axis`, counted from the end where negative."""
    source = ops.reshape(x, [-1]) if axis is None else convert(x)
    at = convert(indices)
    n = source._data.shape[axis or 0]
    return ops.gather(source, ops.where(at < 0, at + n, at), axis=axis or 0)


def tan(x: Any) -> Any:
    """The tangent."""
    return ops.tan(_floating(x))


def tanh(x: Any) -> Any:
    """The hyperbolic tangent."""
    return ops.tanh(_floating(x))


def tensordot(x1: Any, x2: Any, axes: Any = 2) -> Any:
    """Sums of products along `axes`."""
    return ops.tensordot(*of_one_dtype(x1, x2), axes)


def tile(x: Any, repeats: Any) -> Any:
    """`x` several times along its axes."""
    return ops.tile(x, repeats)


def top_k(x: Any, k: int, sorted: bool = True) -> Any:
    """The largest, and where they are."""
    return ops.top_k(x, k, sorted)


def transpose(x: Any, axes: Any = None) -> Any:
    """The axes in another order; reversed if not given."""
    return ops.transpose(x, axes)


def true_divide(x1: Any, x2: Any) -> Any:
    """``x1 / x2``."""
    return ops.divide(*(_floating(x) for x in of_one_dtype(x1, x2)))


def unstack(x: Any, num: int | None = None, axis: int = 0) -> Any:
    """The parts along an axis, without it."""
    return ops.unstack(x, num, axis)


def var(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The variance."""
    return ops.reduce_variance(_floating(x), axis, keepdims)


def where(condition: Any, x1: Any = None, x2: Any = None) -> Any:
    """`x1` where the condition holds, else `x2`."""
    return ops.where(ops.cast(condition, bool), *(() if x1 is None else of_one_dtype(x1, x2)))


def zeros(shape: Any, dtype: Any = None) -> Any:
    """Zeros of a shape."""
    return ops.zeros(shape, _kind(dtype))


def zeros_like(x: Any, dtype: Any = None) -> Any:
    """Zeros of the shape of `x`."""
    return ops.zeros_like(x, dtype)


def _kind(dtype: Any) -> Any:
    return floatx() if dtype is None else dtype


def _floating(x: Any) -> Tensor:
    """`x`, integers and bools as ``floatx()``."""
    found = convert(x)
    return found if found._data.dtype.kind in "fc" else ops.cast(found, floatx())


def _countable(x: Any) -> Tensor:
    """`x`, bools as int32."""
    found = convert(x)
    return ops.cast(found, "int32") if found._data.dtype == bool else found


def _axes(x: Any, axis: Any) -> Any:
    if axis is None:
        return list(range(len(x.shape)))
    return [axis] if isinstance(axis, int) else axis


def _bounded(found: Tensor, with_: Any, initial: Any) -> Any:
    return found if initial is None else with_(found, ops.cast(initial, found.dtype))


def _place(function: Any, x: Any, axis: int | None, keepdims: bool) -> Tensor:
    rank = len(x.shape)
    flat = ops.reshape(x, [-1]) if axis is None else x
    found = ops.cast(function(flat, axis or 0), "int32")
    if not keepdims:
        return found
    return ops.reshape(found, [1] * rank) if axis is None else ops.expand_dims(found, axis)


def _in_one_row(x: Tensor, axis: int | None) -> tuple[Tensor, int]:
    return (ops.reshape(x, [-1]), 0) if axis is None else (x, axis)


def _swapped(rank: int, axis1: int, axis2: int) -> list[int]:
    order = list(range(rank))
    order[axis1], order[axis2] = order[axis2], order[axis1]
    return order


# module of Keras -> name -> the class of an operation, of which functional models are made
OPERATIONS: dict[str, dict[str, type]] = {}
_MAKERS = "arange eye full identity linspace ones zeros"  # they take no tensor
_OF_SHAPES = "convert_to_numpy convert_to_tensor ndim shape size"  # a KerasTensor has one
_ALIASES = "swish"


def _take_keras_tensors() -> None:
    space = globals()
    left = f"{_MAKERS} {_OF_SHAPES} {_ALIASES}".split()
    for name in (name for name in __all__ if name not in left):
        space[name], module, kind = on_keras_tensors(space[name])
        OPERATIONS.setdefault(module, {})[kind.__name__] = kind


_take_keras_tensors()

if not TYPE_CHECKING:  # a type checker is to see which names there are
    __getattr__ = missing(__name__, "tf.keras.ops")
    __dir__ = listed(__name__)
