"""Products over axes, cumulative sums and products.

Axes and errors are as in `scratchnet.ops.reduce`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from scratchnet.engine.dtypes import Array
from scratchnet.engine.op import Op, Record, register
from scratchnet.engine.tensor import Tensor, TensorLike, apply
from scratchnet.ops.arguments import numeric, one_axis
from scratchnet.ops.comparison import where
from scratchnet.ops.reduce import broadcast_back, reduce_sum, reduce_with
from scratchnet.ops.shape import expand_dims, reshape, transpose


def reduce_prod(input_tensor: TensorLike, axis: Any = None, keepdims: bool = False) -> Tensor:
    """``y = Π x``.  VJP: ``gx = g↑ Π of the others``, exact where `x` holds zeros.

    Reference: ``tf.math.reduce_prod``.

    >>> reduce_prod([2, 3, 4]).numpy()
    np.int32(24)
    """
    return reduce_with(
        REDUCE_PROD, numeric("reduce_prod", "input_tensor", input_tensor), axis, keepdims
    )


def _reduce_prod(x: Array, axis: tuple[int, ...], keepdims: bool) -> tuple[Array, None]:
    return x.prod(axis=axis, keepdims=keepdims, dtype=x.dtype), None


def _reduce_prod_gx(g: Tensor, record: Record) -> Tensor:
    return broadcast_back(g, record) * prod_of_others(record.inputs[0], record.attrs["axis"])


REDUCE_PROD = register(Op("reduce_prod", reduce_prod, _reduce_prod, vjps=(_reduce_prod_gx,)))


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
    pairs = where(own, 0, prod_of_others(left_out, -1))  # [i, j]: without x_i and x_j
    gx = reduce_sum(reshape(gs, [*flat[:-1], n, 1]) * pairs, -2)  # (…, n)
    return transpose(reshape(gx, [x._data.shape[i] for i in order]), np.argsort(order).tolist())


PROD_OF_OTHERS = register(
    Op("prod_of_others", prod_of_others, _prod_of_others, vjps=(_prod_of_others_gx,))
)


def cumsum(x: TensorLike, axis: Any = 0, exclusive: bool = False, reverse: bool = False) -> Tensor:
    """``y_i = x_0 + … + x_i`` along `axis`.

    VJP: the sums from the other end, ``gx_i = g_i + … + g_n``.

    Args:
        x: rank >= 1.
        axis: one axis.
        exclusive: leave ``x_i`` itself out of ``y_i``.
        reverse: sum from the end.

    Returns:
        Tensor of the shape of `x`.

    Raises:
        InvalidArgumentError: rank 0; `axis` out of range.

    Reference: ``tf.math.cumsum``.

    >>> cumsum([1, 2, 3]).numpy(), cumsum([1, 2, 3], exclusive=True, reverse=True).numpy()
    (array([1, 3, 6], dtype=int32), array([5, 3, 0], dtype=int32))
    """
    return _cumulate(CUMSUM, x, axis, exclusive, reverse)


def _cumulate(op: Op, x: TensorLike, axis: Any, exclusive: bool, reverse: bool) -> Tensor:
    tensor = numeric(op.name, "x", x)
    k = one_axis(op.name, "axis", axis, tensor._data.ndim)
    return apply(op, tensor, axis=k, exclusive=bool(exclusive), reverse=bool(reverse))


def _cumsum(x: Array, axis: int, exclusive: bool, reverse: bool) -> tuple[Array, None]:
    return _cumulated(np.add, 0, x, axis, exclusive, reverse), None


def _cumulated(
    ufunc: np.ufunc, of_none: int, x: Array, axis: int, exclusive: bool, reverse: bool
) -> Array:
    ahead = np.flip(x, axis) if reverse else x
    total: Array = ufunc.accumulate(ahead, axis, dtype=x.dtype)
    if exclusive and x.shape[axis]:
        total = np.roll(total, 1, axis)
        total[(slice(None),) * axis + (0,)] = of_none
    return np.flip(total, axis) if reverse else total


def _cumsum_gx(g: Tensor, record: Record) -> Tensor:
    a = record.attrs
    return cumsum(g, a["axis"], a["exclusive"], not a["reverse"])


CUMSUM = register(Op("cumsum", cumsum, _cumsum, vjps=(_cumsum_gx,)))


def cumprod(x: TensorLike, axis: Any = 0, exclusive: bool = False, reverse: bool = False) -> Tensor:
    """``y_i = x_0 … x_i`` along `axis`.

    VJP: ``gx_j = Σ_(i>=j) g_i y_i / x_j``; where `x` holds zeros, of the products without x_j
    themselves, which is exact.  TensorFlow gives 0 for x_j = 0 and that is wrong for the first zero
    along the axis: of the sum of cumprod([2, 0, 3]) its gradient there is 0, and not 2 + 2 · 3.

    Args, Returns, Raises: as `cumsum`.  Reference: ``tf.math.cumprod``.

    >>> cumprod([1, 2, 3]).numpy(), cumprod([1, 2, 3], exclusive=True, reverse=True).numpy()
    (array([1, 2, 6], dtype=int32), array([6, 3, 1], dtype=int32))
    """
    return _cumulate(CUMPROD, x, axis, exclusive, reverse)


def _cumprod(x: Array, axis: int, exclusive: bool, reverse: bool) -> tuple[Array, None]:
    return _cumulated(np.multiply, 1, x, axis, exclusive, reverse), None


def _cumprod_gx(g: Tensor, record: Record) -> Tensor:
    x, a = record.inputs[0], record.attrs
    if x._data.all():
        return cumsum(g * record.output, a["axis"], a["exclusive"], not a["reverse"]) / x
    n = x._data.shape[a["axis"]]
    taken = np.tri(n, k=-1 if a["exclusive"] else 0, dtype=bool)  # [i, j]: whether y_i takes x_j
    order = [i for i in range(x._data.ndim) if i != a["axis"]] + [a["axis"]]
    xs, gs = (transpose(t, order) for t in (x, g))  # (…, n)
    mask = Tensor(taken.T if a["reverse"] else taken)
    others = where(mask, prod_of_others(where(mask, expand_dims(xs, -2), 1), -1), 0)
    return transpose(reduce_sum(expand_dims(gs, -1) * others, -2), np.argsort(order).tolist())


CUMPROD = register(Op("cumprod", cumprod, _cumprod, vjps=(_cumprod_gx,)))
