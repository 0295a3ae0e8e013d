"""Sorting along an axis, the k largest values, and whether a label is among them.

The order is found on arrays; values are then picked by `gather`, through which gradients pass.
Where values are nan, their order is not TensorFlow's.

Raises, all of them: InvalidArgumentError (also a TypeError) for bools; ValueError for what is no
tensor.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from scratchnet.engine.dtypes import Array, int32
from scratchnet.engine.errors import DtypeError, InvalidArgumentError, say
from scratchnet.engine.op import Op, register
from scratchnet.engine.tensor import Tensor, TensorLike
from scratchnet.ops.arguments import (
    brackets,
    dtype_named,
    integer,
    one_axis,
    one_int,
    one_of,
    real,
    tensor,
)
from scratchnet.ops.gather import gather
from scratchnet.ops.shape import transpose


def _order(x: Array, descending: bool) -> Array:
    """The indices that sort the last axis; of equal values the first comes first."""
    if not descending:
        return np.argsort(x, -1, kind="stable")
    from_end: Array = np.argsort(x[..., ::-1], -1, kind="stable")[..., ::-1]
    at: Array = x.shape[-1] - 1 - from_end
    return at


# -- sort, argsort --------------------------------------------------------------------------------


def sort(values: TensorLike, axis: Any = -1, direction: str = "ASCENDING") -> Tensor:
    """`values` in order along `axis`.  VJP: each cotangent goes back to where its value was.

    A nan counts as greater than all numbers, here, in `argsort` and in `top_k`.  (TensorFlow
    compares it like a number, so that a row with one comes out in no order.)

    Args:
        values: rank r >= 1.
        axis: in [-r, r).
        direction: "ASCENDING" or "DESCENDING".

    Raises:
        InvalidArgumentError: as all here; rank 0; `axis` out of range.
        ValueError: another `direction`; `axis` None.

    Reference: ``tf.sort``.

    >>> sort([3, 1, 2]).numpy()
    array([1, 2, 3], dtype=int32)
    """
    x, k, descending = _sortable("sort", values, axis, direction)
    order = _swapped(k, x._data.ndim)
    moved = transpose(x, order)
    at = _order(moved._data, descending)
    return transpose(gather(moved, at, batch_dims=moved._data.ndim - 1), order)


def argsort(
    values: TensorLike, axis: Any = -1, direction: str = "ASCENDING", stable: bool = False
) -> Tensor:
    """The indices along `axis` that put `values` in order, int32.  No gradient.

    Args:
        values, axis, direction: as of `sort`.
        stable: of equal values the first comes first, whether this is asked or not.

    Raises: as `sort`.  Reference: ``tf.argsort``.

    >>> argsort([3, 1, 2]).numpy()
    array([1, 2, 0], dtype=int32)
    """
    x, k, descending = _sortable("argsort", values, axis, direction)
    order = _swapped(k, x._data.ndim)
    at = _order(x._data.transpose(order), descending)
    return Tensor(at.transpose(order).astype(np.int32))


def _sortable(
    where: str, values: TensorLike, axis: Any, direction: Any
) -> tuple[Tensor, int, bool]:
    if not one_of(direction, ("ASCENDING", "DESCENDING")):
        rule = "should be one of ASCENDING, DESCENDING"
        raise ValueError(say(where, "direction", rule, direction))
    x = real(where, "values", values)
    return x, one_axis(where, "axis", axis, x._data.ndim), direction == "DESCENDING"


def _swapped(axis: int, rank: int) -> list[int]:
    """The axes, with `axis` and the last one changed over: a permutation that undoes itself."""
    order = list(range(rank))
    order[axis], order[-1] = order[-1], order[axis]
    return order


# -- top_k, in_top_k ------------------------------------------------------------------------------


class TopKV2(NamedTuple):
    """What `top_k` returns."""

    values: Tensor
    indices: Tensor


def top_k(input: TensorLike, k: int = 1, sorted: bool = True, index_type: object = int32) -> TopKV2:
    """The `k` largest values of the last axis, the largest first, and where they are.

    VJP of the values: each cotangent goes back to where its value was; the indices have none.

    Args:
        input: (…, n), n >= k; of equal values the first is taken first.
        k: >= 0.
        sorted: whether the order matters to you.  It is the same here for False, for which
            TensorFlow promises none.
        index_type: of the indices: int16, int32 or int64.

    Returns:
        ``(values, indices)``, both (…, k).

    Raises:
        InvalidArgumentError: as all here; rank 0; `k` negative or above n.
        TypeError: another `index_type`.

    Reference: ``tf.math.top_k``.

    >>> values, indices = top_k([1, 5, 5, 3], k=2)
    >>> values.numpy(), indices.numpy()
    (array([5, 5], dtype=int32), array([1, 2], dtype=int32))
    """
    x, count = real("top_k", "input", input), one_int("top_k", "k", k)
    kind = dtype_named("top_k", index_type)
    if kind.name not in ("int16", "int32", "int64"):
        raise DtypeError(say("top_k", "index_type", "must be int16, int32 or int64", index_type))
    shape = x._data.shape
    if not shape:
        raise InvalidArgumentError("top_k: `input` must be >= 1-D, got shape []")
    if not 0 <= count <= shape[-1]:
        rule = f"`k`: input must have at least k columns. Had {shape[-1]}, needed {count}"
        raise InvalidArgumentError(f"top_k: {rule if count > 0 else f'Need k >= 0, got {count}'}")
    at = _order(x._data, descending=True)[..., :count]
    return TopKV2(gather(x, at, batch_dims=len(shape) - 1), Tensor(at.astype(kind)))


def in_top_k(targets: TensorLike, predictions: TensorLike, k: int) -> Tensor:
    """Whether fewer than `k` predictions of a row are above that of its target.  No gradient.

    Args:
        targets: (N,) integers; one that is no column gives False.
        predictions: (N, C), float32; a row with an inf or nan gives False.
        k: how many places count.

    Returns:
        bool (N,).

    Raises:
        InvalidArgumentError: another shape; `targets` of floats.
        ValueError: `predictions` of another dtype.

    Reference: ``tf.math.in_top_k``.

    >>> in_top_k([0, 2], [[0.1, 0.6, 0.3], [0.1, 0.6, 0.3]], k=2).numpy()
    array([False,  True])
    """
    at = integer("in_top_k", "targets", targets)._data
    rows = tensor("in_top_k", "predictions", predictions, np.dtype(np.float32))._data
    count = one_int("in_top_k", "k", k)
    if rows.dtype != np.float32:
        raise ValueError(f"in_top_k: `predictions` must be float32, received {rows.dtype.name}")
    if rows.ndim != 2 or at.ndim != 1 or len(at) != len(rows):
        raise InvalidArgumentError(
            "in_top_k: `predictions` must be 2-dimensional, and its first dimension match the "
            f"length of `targets`, received {brackets(rows.shape)} and {brackets(at.shape)}"
        )
    known = (at >= 0) & (at < rows.shape[1]) & np.isfinite(rows).all(axis=1)
    mine = np.zeros((len(rows), 1), np.float32)
    mine[known, 0] = rows[known, at[known]]
    return Tensor(known & ((rows > mine).sum(axis=1) < count))


for _function in (sort, argsort, top_k, in_top_k):
    register(Op(_function.__name__, _function))
