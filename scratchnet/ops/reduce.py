"""Reductions over axes: sum, mean, product, extrema, truth, and where the extremum is.

In every function here `axis` is None for all axes, one axis or several, negative ones counting from
the end; with `keepdims` the reduced axes stay, with size 1.  `y` is the output, `g` its cotangent,
and ``g↑``, ``y↑`` are they with the reduced axes put back and broadcast to the shape of the input.

Raises, all of them: InvalidArgumentError for an axis out of range or named twice, and (also a
TypeError) for one that is no integer or a dtype that has no sum: bool, but for `reduce_any` and
`reduce_all` every other; ValueError for what is no tensor.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from scratchnet.engine.dtypes import Array, int64
from scratchnet.engine.errors import DtypeError, InvalidArgumentError, say
from scratchnet.engine.errstate import ignoring_errors
from scratchnet.engine.op import OPS, NoGradient, Op, Record, register
from scratchnet.engine.tensor import Tensor, TensorLike, apply
from scratchnet.ops.arguments import (
    axes,
    boolean,
    brackets,
    dtype_named,
    flag,
    numeric,
    one_axis,
    real,
    tensor,
)
from scratchnet.ops.comparison import equal, where
from scratchnet.ops.complex_numbers import conj
from scratchnet.ops.creation import cast
from scratchnet.ops.shape import BROADCAST_TO, RESHAPE, reshape, transpose
from scratchnet.ops.sums import mean_over, sum_over


def reduce_with(op: Op, x: Tensor, axis: Any, keepdims: bool) -> Tensor:
    """Apply a reduction `op` after checking its axes."""
    reduced, kept = axes(op.name, "axis", axis, x._data.ndim), flag(op.name, "keepdims", keepdims)
    return apply(op, x, axis=reduced, keepdims=kept)


def _kept(t: Tensor, record: Record) -> Tensor:
    """`t`, of the output's shape, with the reduced axes put back as size 1."""
    sizes = record.inputs[0]._data.shape
    axis = record.attrs["axis"]
    return apply(RESHAPE, t, shape=tuple([1 if i in axis else n for i, n in enumerate(sizes)]))


def broadcast_back(t: Tensor, record: Record) -> Tensor:
    """``t↑``: `t`, of the output's shape, broadcast to the input's."""
    axis, shape = record.attrs["axis"], record.inputs[0]._data.shape
    is_aligned = axis == tuple(range(len(axis)))  # where the first axes are missing they are new
    return apply(BROADCAST_TO, t if is_aligned else _kept(t, record), shape=shape)


def _count(record: Record) -> int:
    """How many values went into each of the output."""
    sizes = record.inputs[0]._data.shape
    return math.prod([sizes[i] for i in record.attrs["axis"]])


# -- sum, mean ------------------------------------------------------------------------------------


def reduce_sum(input_tensor: TensorLike, axis: Any = None, keepdims: bool = False) -> Tensor:
    """``y = Σ x``.  VJP: ``gx = g↑``.

    The error is that of a pairwise sum, over whichever axes; float16 is added up in float32.
    TensorFlow's sums of float16 overflow on the way.

    Reference: ``tf.math.reduce_sum``.

    >>> reduce_sum([[1, 2], [3, 4]], axis=0).numpy()
    array([4, 6], dtype=int32)
    """
    return reduce_with(
        REDUCE_SUM, numeric("reduce_sum", "input_tensor", input_tensor), axis, keepdims
    )


def _reduce_sum(x: Array, axis: tuple[int, ...], keepdims: bool) -> tuple[Array, None]:
    return sum_over(x, axis, keepdims), None


def _reduce_sum_gx(g: Tensor, record: Record) -> Tensor:
    return broadcast_back(g, record)


REDUCE_SUM = register(
    Op("reduce_sum", reduce_sum, _reduce_sum, vjps=(_reduce_sum_gx,), complex_vjps=True)
)


def reduce_mean(input_tensor: TensorLike, axis: Any = None, keepdims: bool = False) -> Tensor:
    """``y = Σ x / n``; integers are divided as integers, toward 0.  VJP: ``gx = g↑ / n``.

    Integers are added up in 64 bits and float16 in float32 (TensorFlow: in float16, which overflows
    at 65,504), so that the sum of what fits its dtype is no larger than it can hold.

    Reference: ``tf.math.reduce_mean``.

    >>> reduce_mean([1.0, 2.0, 6.0]).numpy()
    np.float32(3.0)
    """
    return reduce_with(
        REDUCE_MEAN, numeric("reduce_mean", "input_tensor", input_tensor), axis, keepdims
    )


def _reduce_mean(x: Array, axis: tuple[int, ...], keepdims: bool) -> tuple[Array, None]:
    return mean_over(x, axis, keepdims), None


def _reduce_mean_gx(g: Tensor, record: Record) -> Tensor:
    count = ignoring_errors(np.asarray, max(_count(record), 1), g._data.dtype)  # inf in float16
    return broadcast_back(apply(OPS["divide"], g, Tensor(count)), record)


REDUCE_MEAN = register(
    Op("reduce_mean", reduce_mean, _reduce_mean, vjps=(_reduce_mean_gx,), complex_vjps=True)
)


# -- product ---------------------------------------------------------------------------------------


def reduce_prod(input_tensor: TensorLike, axis: Any = None, keepdims: bool = False) -> Tensor:
    """``y = Π x``.  VJP: ``gx = g↑ Π of the others``, exact where `x` holds zeros.

    Products of float16 and float32 are computed in float64, so that only the whole may be too large
    for its dtype; TensorFlow's is inf or nan where a part of it is.

    Reference: ``tf.math.reduce_prod``.

    >>> reduce_prod([2, 3, 4]).numpy()
    np.int32(24)
    """
    return reduce_with(
        REDUCE_PROD, numeric("reduce_prod", "input_tensor", input_tensor), axis, keepdims
    )


def _reduce_prod(x: Array, axis: tuple[int, ...], keepdims: bool) -> tuple[Array, None]:
    wide = np.dtype(np.float64) if x.dtype.kind == "f" else x.dtype
    return x.prod(axis=axis, keepdims=keepdims, dtype=wide).astype(x.dtype), None


def _reduce_prod_gx(g: Tensor, record: Record) -> Tensor:
    return broadcast_back(g, record) * conj(prod_of_others(record.inputs[0], record.attrs["axis"]))


REDUCE_PROD = register(
    Op("reduce_prod", reduce_prod, _reduce_prod, vjps=(_reduce_prod_gx,), complex_vjps=True)
)


def prod_of_others(x: TensorLike, axis: Any = None) -> Tensor:
    """At each place the product of all *other* values along `axis`: what `reduce_prod` needs.

    VJP: ``gx_j = Σ_(i≠j) g_i Π_(k≠i,j) x_k``, by way of the matrix whose row i is `x` without x_i.

    Reference: ``tf.math.cumprod(exclusive=True)`` from both ends, multiplied.

    >>> prod_of_others([2, 0, 4]).numpy()
    array([0, 8, 0], dtype=int32)
    """
    return reduce_with(PROD_OF_OTHERS, numeric("prod_of_others", "x", x), axis, False)


def _rows(x: Array, axis: tuple[int, ...]) -> Array:
    """`x` with the reduced axes last and flat: (…, n)."""
    moved = np.moveaxis(x, axis, range(-len(axis), 0)) if axis else x[..., None]
    kept = [n for i, n in enumerate(x.shape) if i not in axis]
    return moved.reshape([*kept, -1])


def _prod_of_others(x: Array, axis: tuple[int, ...], keepdims: bool) -> tuple[Array, None]:
    if not x.size:
        return x, None
    rows = _rows(x, axis)
    before, after = np.ones_like(rows), np.ones_like(rows)
    np.cumprod(rows[..., :-1], -1, out=before[..., 1:])
    np.cumprod(rows[..., :0:-1], -1, out=after[..., -2::-1])
    return _unrows(before * after, x.shape, axis), None


def _unrows(rows: Array, shape: tuple[int, ...], axis: tuple[int, ...]) -> Array:
    """Undo `_rows`."""
    kept = [n for i, n in enumerate(shape) if i not in axis]
    moved = rows.reshape([*kept, *[shape[i] for i in axis]])
    return np.moveaxis(moved, range(len(kept), len(shape)), axis) if axis else moved


def _prod_of_others_gx(g: Tensor, record: Record) -> Tensor:
    x, axis = record.inputs[0], record.attrs["axis"]
    if not x._data.size:
        return g
    order = [i for i in range(x._data.ndim) if i not in axis] + list(axis)
    flat = [x._data.shape[i] for i in order[: len(order) - len(axis)]] + [-1]
    xs, gs = (reshape(transpose(t, order), flat) for t in (x, g))  # (…, n)
    n = xs._data.shape[-1]
    own = Tensor(np.eye(n, dtype=bool))
    left_out = where(own, 1, reshape(xs, [*flat[:-1], 1, n]))  # row i: x without x_i
    pairs = prod_of_others(left_out, -1)  # [i, j]: without x_i and x_j
    terms = where(own, 0, reshape(gs, [*flat[:-1], n, 1]) * conj(pairs))  # 0 times nan is nan
    gx = reduce_sum(terms, -2)  # (…, n)
    return transpose(reshape(gx, [x._data.shape[i] for i in order]), np.argsort(order).tolist())


PROD_OF_OTHERS = register(
    Op(
        "prod_of_others",
        prod_of_others,
        _prod_of_others,
        vjps=(_prod_of_others_gx,),
        complex_vjps=True,
    )
)


# -- max, min -------------------------------------------------------------------------------------


def reduce_max(input_tensor: TensorLike, axis: Any = None, keepdims: bool = False) -> Tensor:
    """``y = max x``.  VJP: ``gx = g↑ [x = y↑] / ties``: tied maxima share alike.

    The maximum of nothing is -inf (of integers the smallest one).

    Reference: ``tf.math.reduce_max``.

    >>> reduce_max([[1, 5], [3, 4]], axis=1).numpy()
    array([5, 4], dtype=int32)
    """
    return reduce_with(REDUCE_MAX, real("reduce_max", "input_tensor", input_tensor), axis, keepdims)


def _reduce_max(x: Array, axis: tuple[int, ...], keepdims: bool) -> tuple[Array, None]:
    lowest = -np.inf if x.dtype.kind == "f" else np.iinfo(x.dtype).min
    return x.max(axis=axis, keepdims=keepdims, initial=lowest), None


def _extremum_gx(g: Tensor, record: Record) -> Tensor:
    x = record.inputs[0]
    hits = cast(equal(x, _kept(record.output, record)), g._data.dtype)  # a constant: 0 or 1
    ties = reduce_sum(hits, record.attrs["axis"], keepdims=True)
    return hits / ties * _kept(g, record)


REDUCE_MAX = register(Op("reduce_max", reduce_max, _reduce_max, vjps=(_extremum_gx,)))


def reduce_min(input_tensor: TensorLike, axis: Any = None, keepdims: bool = False) -> Tensor:
    """``y = min x``.  VJP: ``gx = g↑ [x = y↑] / ties``: tied minima share alike.

    The minimum of nothing is inf (of integers the largest one).

    Reference: ``tf.math.reduce_min``.

    >>> reduce_min([[1, 5], [3, 4]], axis=1).numpy()
    array([1, 3], dtype=int32)
    """
    return reduce_with(REDUCE_MIN, real("reduce_min", "input_tensor", input_tensor), axis, keepdims)


def _reduce_min(x: Array, axis: tuple[int, ...], keepdims: bool) -> tuple[Array, None]:
    highest = np.inf if x.dtype.kind == "f" else np.iinfo(x.dtype).max
    return x.min(axis=axis, keepdims=keepdims, initial=highest), None


REDUCE_MIN = register(Op("reduce_min", reduce_min, _reduce_min, vjps=(_extremum_gx,)))


# -- any, all, argmax, argmin ---------------------------------------------------------------------


def reduce_any(input_tensor: TensorLike, axis: Any = None, keepdims: bool = False) -> Tensor:
    """Whether any value is True.  No gradient.  Reference: ``tf.math.reduce_any``.

    >>> reduce_any([[False, True], [False, False]], axis=1).numpy()
    array([ True, False])
    """
    return reduce_with(
        REDUCE_ANY, boolean("reduce_any", "input_tensor", input_tensor), axis, keepdims
    )


def _reduce_any(x: Array, axis: tuple[int, ...], keepdims: bool) -> tuple[Array, None]:
    return np.asarray(x.any(axis=axis, keepdims=keepdims)), None


def reduce_all(input_tensor: TensorLike, axis: Any = None, keepdims: bool = False) -> Tensor:
    """Whether every value is True.  No gradient.  Reference: ``tf.math.reduce_all``.

    >>> reduce_all([[True, True], [False, True]], axis=1).numpy()
    array([ True, False])
    """
    return reduce_with(
        REDUCE_ALL, boolean("reduce_all", "input_tensor", input_tensor), axis, keepdims
    )


def _reduce_all(x: Array, axis: tuple[int, ...], keepdims: bool) -> tuple[Array, None]:
    return np.asarray(x.all(axis=axis, keepdims=keepdims)), None


_TRUTH = NoGradient("truth values are true or false")
REDUCE_ANY = register(Op("reduce_any", reduce_any, _reduce_any, vjps=(_TRUTH,)))
REDUCE_ALL = register(Op("reduce_all", reduce_all, _reduce_all, vjps=(_TRUTH,)))


def argmax(input: TensorLike, axis: Any = None, output_type: object = int64) -> Tensor:
    """The index of the largest value along `axis`, the first of several.

    A nan is never chosen.  No gradient.

    Args:
        input: any dtype, bools too.
        axis: one axis; None for 0.
        output_type: int64, int32, int16 or uint16.

    Returns:
        Tensor of the shape of `input` without `axis`.

    Raises:
        InvalidArgumentError: as all here; `axis` is empty; another `output_type`.

    Reference: ``tf.math.argmax``.

    >>> argmax([[1, 5, 5], [7, 2, 3]], axis=1).numpy()
    array([1, 0])
    """
    return _arg(ARGMAX, input, axis, output_type)


def argmin(input: TensorLike, axis: Any = None, output_type: object = int64) -> Tensor:
    """The index of the smallest value along `axis`, the first of several.

    A nan is never chosen.  No gradient.

    Args, Raises: as `argmax`.  Reference: ``tf.math.argmin``.

    >>> argmin([[1, 5, 1], [7, 2, 3]], axis=1).numpy()
    array([0, 1])
    """
    return _arg(ARGMIN, input, axis, output_type)


def _arg(op: Op, input: TensorLike, axis: Any, output_type: object) -> Tensor:
    x, kind = tensor(op.name, "input", input), dtype_named(op.name, output_type)
    if x._data.dtype.kind == "c":
        raise DtypeError(f"{op.name}: `input` must be real, received dtype {x.dtype.name}")
    if kind.name not in ("int64", "int32", "int16", "uint16"):
        rule = "must be int64, int32, int16 or uint16"
        raise DtypeError(say(op.name, "output_type", rule, output_type))
    k = one_axis(op.name, "axis", 0 if axis is None else axis, x._data.ndim)
    if not x._data.shape[k]:
        raise InvalidArgumentError(
            f"{op.name}: `input`: Reduction axis {k} is empty in shape {brackets(x._data.shape)}"
        )
    return apply(op, x, axis=k, dtype=kind)


def _argmax(x: Array, axis: int, dtype: np.dtype[Any]) -> tuple[Array, None]:
    ordered = np.where(np.isnan(x), -np.inf, x) if x.dtype.kind == "f" else x
    return np.asarray(np.argmax(ordered, axis)).astype(dtype), None


def _argmin(x: Array, axis: int, dtype: np.dtype[Any]) -> tuple[Array, None]:
    ordered = np.where(np.isnan(x), np.inf, x) if x.dtype.kind == "f" else x
    return np.asarray(np.argmin(ordered, axis)).astype(dtype), None


_INDEX = NoGradient("an index is an integer")
ARGMAX = register(Op("argmax", argmax, _argmax, vjps=(_INDEX,)))
ARGMIN = register(Op("argmin", argmin, _argmin, vjps=(_INDEX,)))
