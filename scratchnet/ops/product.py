"""Products over axes and cumulative sums.  Axes and errors are as in `scratchnet.ops.reduce`."""

from __future__ import annotations

from typing import Any

import numpy as np

from scratchnet.engine.dtypes import Array
from scratchnet.engine.op import Op, Record, register
from scratchnet.engine.tensor import Tensor, TensorLike, apply
from scratchnet.ops.check import numeric, one_axis
from scratchnet.ops.reduce import reduce_sum, reduce_with, spread
from scratchnet.ops.select import where
from scratchnet.ops.shape import reshape, transpose


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
    return spread(g, record) * prod_of_others(record.inputs[0], record.attrs["axis"])


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
    tensor = numeric("cumsum", "x", x)
    k = one_axis("cumsum", "axis", axis, tensor._data.ndim)
    return apply(CUMSUM, tensor, axis=k, exclusive=bool(exclusive), reverse=bool(reverse))


def _cumsum(x: Array, axis: int, exclusive: bool, reverse: bool) -> tuple[Array, None]:
    ahead = np.flip(x, axis) if reverse else x
    total = np.cumsum(ahead, axis, dtype=x.dtype)
    if exclusive and x.shape[axis]:
        total = np.roll(total, 1, axis)
        total[(slice(None),) * axis + (0,)] = 0
    return np.flip(total, axis) if reverse else total, None


def _cumsum_gx(g: Tensor, record: Record) -> Tensor:
    a = record.attrs
    return cumsum(g, a["axis"], a["exclusive"], not a["reverse"])


CUMSUM = register(Op("cumsum", cumsum, _cumsum, vjps=(_cumsum_gx,)))
