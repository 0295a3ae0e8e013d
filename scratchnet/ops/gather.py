"""Picking values by index: gather and gather_nd, and their transposes add_at and scatter_nd.

Each pair are each other's VJPs, which is why `scatter_nd` stands here and not in
`scratchnet.ops.scatter`; `boolean_mask` is made of them, and so is the lookup of
`scratchnet.ops.embedding`.  Every index is checked before it is used.

Raises, all of them: ValueError for what is no tensor; indices, sizes and axes that are not integers
are both an InvalidArgumentError and a TypeError.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from scratchnet.engine.dtypes import Array
from scratchnet.engine.errors import InvalidArgumentError, invalid, say
from scratchnet.engine.indexed_slices import IndexedSlices, keep_slices
from scratchnet.engine.op import NoGradient, Op, Record, register
from scratchnet.engine.tensor import Tensor, TensorLike, apply
from scratchnet.kernels import rows as kernels
from scratchnet.ops import arguments
from scratchnet.ops.arguments import brackets, integer, one_axis, one_int, sizes, tensor
from scratchnet.ops.describing import size_by_value
from scratchnet.ops.shape import reshape, transpose

_INDICES = NoGradient("indices are integers")

# -- gather along an axis and its transpose -------------------------------------------------------


def gather(
    params: TensorLike,
    indices: TensorLike,
    validate_indices: None = None,
    axis: TensorLike = None,
    batch_dims: int = 0,
) -> Tensor:
    """The slices of `params` along `axis` at `indices`.

    VJP: ``gx = add_at(g, indices, axis, x.shape)``.

    Args:
        params: rank r >= 1.
        indices: integers in [0, params.shape[axis]), of any shape.
        validate_indices: None: they always are.
        axis: in [-r, r); None for `batch_dims`, whose negative values count from r there.
        batch_dims: how many leading axes of `params` and `indices` go together, <= axis; negative
            ones count from the rank of `indices`.

    Returns:
        Tensor of shape ``params.shape[:axis] + I + params.shape[axis + 1:]``, I the
        ``indices.shape[batch_dims:]``.

    Raises:
        InvalidArgumentError: an index or `axis` out of range, indices that are not integers,
            leading axes of different sizes.
        ValueError: a value for `validate_indices`, which TensorFlow passes over.

    Reference: ``tf.gather``; its gradient there is IndexedSlices, here the dense tensor, which
    knows the slices that it was added up from: Adam, for example, squares each of them, and adds up
    the squares, as Keras's does (`keras.optimizers.slices`).  (Where the same rows come of a
    product with one-hot vectors, it squares the sum.)

    >>> gather([10, 20, 30], [2, 0]).numpy()
    array([30, 10], dtype=int32)
    >>> gather([[1, 2], [3, 4]], [[1], [0]], batch_dims=1).numpy()
    array([[2],
           [3]], dtype=int32)
    """
    if validate_indices is not None:
        raise ValueError(
            say("gather", "validate_indices", "must be None (is it `axis`?)", validate_indices)
        )
    x, at = tensor("gather", "params", params), integer("gather", "indices", indices)
    b = _batch_dims(batch_dims, at._data.ndim)
    k = one_axis("gather", "axis", batch_dims if axis is None else axis, x._data.ndim)
    if b:
        return _gather_in_batches(x, at, k, b)
    check_in_range("gather", at._data, x._data.shape[k])
    return apply(GATHER, x, at, axis=k)


def _batch_dims(value: Any, rank: int) -> int:
    b = one_int("gather", "batch_dims", value)
    if not -rank <= b <= rank:
        raise invalid("gather", "batch_dims", f"must be in [-{rank}, {rank}]", b)
    return b + rank if b < 0 else b


def _gather_in_batches(x: Tensor, at: Tensor, axis: int, b: int) -> Tensor:
    """`gather` from each entry of the first `b` axes: of all of them laid out in one row."""
    batch, picked = x._data.shape[:b], at._data.shape[b:]
    if batch != at._data.shape[:b] or b > axis:
        raise InvalidArgumentError(
            f"gather: `batch_dims` must be <= axis={axis}, and so many axes be alike, received "
            f"batch_dims={b}, params.shape={x._data.shape}, indices.shape={at._data.shape}"
        )
    n, inner = x._data.shape[axis], x._data.ndim - 1 - b
    check_in_range("gather", at._data, n)
    moved = transpose(x, [*range(b), axis, *[i for i in range(b, x._data.ndim) if i != axis]])
    rest = moved._data.shape[b + 1 :]
    start = (np.arange(math.prod(batch)) * n).reshape(batch + (1,) * len(picked))
    rows = reshape(moved, [math.prod(batch) * n, *rest])
    out = apply(GATHER, rows, Tensor(at._data + start), axis=0)  # (batch, picked, rest)
    middle, p = axis - b, len(picked)  # how many of the rest go before the picked ones
    own = [b + p + i for i in range(inner)]
    order = [*range(b), *own[:middle], *range(b, b + p), *own[middle:]]
    return transpose(out, order)


def check_in_range(where: str, indices: Array, size: int, name: str = "indices") -> None:
    """All `indices` are in ``[0, size)``.

    Raises:
        InvalidArgumentError: one is not; the first such is named.
    """
    wrong = np.argwhere((indices < 0) | (indices >= size))
    if len(wrong):
        at = tuple(wrong[0].tolist())
        said = f"indices[{','.join(map(str, at))}] = {indices[at]}"
        raise InvalidArgumentError(f"{where}: `{name}`: {said} is not in [0, {size})")


def _gather(x: Array, indices: Array, axis: int) -> tuple[Array, None]:
    return np.take(x, indices, axis), None


def _gather_gx(g: Tensor, record: Record) -> Tensor:
    x, indices = record.inputs
    gx = add_at(g, indices, record.attrs["axis"], x._data.shape)
    if record.attrs["axis"] == 0:
        keep_slices(gx, IndexedSlices(g, indices, x._data.shape))
    return gx


GATHER = register(Op("gather", gather, _gather, vjps=(_gather_gx, _INDICES), complex_vjps=True))


def add_at(x: TensorLike, indices: TensorLike, axis: TensorLike, shape: TensorLike) -> Tensor:
    """Zeros of `shape`, the slices of `x` added at `indices` along `axis`.

    The transpose of `gather`.  VJP: ``gx = gather(g, indices, axis=axis)``.

    Args:
        x: of shape ``shape[:axis] + indices.shape + shape[axis + 1:]``.
        indices: integers in [0, shape[axis]); slices at the same index add up.
        axis: in [-r, r), r being the length of `shape`.
        shape: of the result.

    Raises:
        InvalidArgumentError: an index out of range; `x` has not the shape of such a gather.

    Reference: ``tf.math.unsorted_segment_sum`` (for axis 0).

    >>> add_at([1, 2, 3], [0, 0, 2], 0, [4]).numpy()
    array([3, 0, 3, 0], dtype=int32)
    """
    t, at = tensor("add_at", "x", x), integer("add_at", "indices", indices)
    size = sizes("add_at", "shape", shape, scalar=False)
    k = one_axis("add_at", "axis", axis, len(size))
    check_in_range("add_at", at._data, size[k])
    wanted = size[:k] + at._data.shape + size[k + 1 :]
    if t._data.shape != wanted:
        raise InvalidArgumentError(
            f"add_at: Incompatible shapes: {brackets(t._data.shape)} vs. {brackets(wanted)}"
        )
    return apply(ADD_AT, t, at, axis=k, shape=size)


def _add_at(x: Array, indices: Array, axis: int, shape: tuple[int, ...]) -> tuple[Array, None]:
    out = np.zeros(shape, x.dtype)
    if axis == 0 and len(shape) > 1 and x.size >= kernels.LARGE and x.dtype.char in "fd":
        width = math.prod(shape[1:])
        rows = np.ascontiguousarray(x).reshape(indices.size, width)
        kernels.add_rows(rows, indices.ravel(), out.reshape(shape[0], width))
        return out, None
    at: Any = (slice(None),) * axis + (indices,)
    np.add.at(out, at, x)
    return out, None


def _add_at_gx(g: Tensor, record: Record) -> Tensor:
    return gather(g, record.inputs[1], axis=record.attrs["axis"])


ADD_AT = register(Op("add_at", add_at, _add_at, vjps=(_add_at_gx, _INDICES), complex_vjps=True))


def boolean_mask(tensor: TensorLike, mask: TensorLike, axis: Any = None) -> Tensor:
    """The slices of `tensor` for which `mask` is True.

    VJP: each cotangent goes back to where its slice was.

    Args:
        tensor: rank r.
        mask: bool (or numbers, which are True but for 0), of rank m >= 1; its shape is that of
            `tensor` from `axis` on.
        axis: where that is, in 0..r-m; None for 0.

    Returns:
        Tensor of rank r - m + 1: (…, count, …).

    Raises:
        ValueError: a scalar `mask`; shapes that do not fit; `axis` out of range or negative.

    Reference: ``tf.boolean_mask``.

    >>> boolean_mask([[1, 2], [3, 4], [5, 6]], [True, False, True]).numpy()
    array([[1, 2],
           [5, 6]], dtype=int32)
    """
    x = arguments.tensor("boolean_mask", "tensor", tensor)
    picks = arguments.tensor("boolean_mask", "mask", mask)._data
    if not picks.ndim:
        raise ValueError(say("boolean_mask", "mask", "cannot be scalar", mask))
    k = 0 if axis is None else one_int("boolean_mask", "axis", axis)
    sizes = x._data.shape
    after = k + picks.ndim
    if k < 0 or sizes[k:after] != picks.shape:
        raise ValueError(
            "boolean_mask: `mask` must have the shape of `tensor` from `axis` on: Shapes "
            f"{sizes[k:after] if k >= 0 else ()} and {picks.shape} are incompatible"
        )
    if (n := size_by_value()) is not None:
        return Tensor(np.ones((*sizes[:k], n, *sizes[after:]), x._data.dtype))
    flat = reshape(x, [*sizes[:k], math.prod(picks.shape), *sizes[after:]])
    return gather(flat, np.flatnonzero(picks), axis=k)


register(Op("boolean_mask", boolean_mask))


# -- gather_nd and scatter_nd ---------------------------------------------------------------------


def gather_nd(params: TensorLike, indices: TensorLike) -> Tensor:
    """``out[i, …] = params[indices[i, …]]``.  VJP: ``gx = scatter_nd(indices, g, x.shape)``.

    Args:
        params: rank r.
        indices: integers of shape (…, k), 1 <= k <= r: each row a position in the first k axes.

    Returns:
        Tensor of shape ``indices.shape[:-1] + params.shape[k:]``.

    Raises:
        InvalidArgumentError: a position out of range, k = 0 (which TensorFlow takes), k > r,
            indices that are not integers.

    Reference: ``tf.gather_nd``.

    >>> gather_nd([[1, 2], [3, 4]], [[0, 1], [1, 0]]).numpy()
    array([2, 3], dtype=int32)
    """
    x, at = tensor("gather_nd", "params", params), integer("gather_nd", "indices", indices)
    _positions("gather_nd", at._data, x._data.shape)
    return apply(GATHER_ND, x, at)


def _positions(where: str, indices: Array, shape: tuple[int, ...]) -> None:
    """Every row of `indices` is a position in the first axes of `shape`."""
    if not indices.ndim or not 1 <= indices.shape[-1] <= len(shape):
        raise InvalidArgumentError(
            f"{where}: `indices` must have shape (…, k) with 1 <= k <= {len(shape)}, the rank of "
            f"what they index, received shape {indices.shape}"
        )
    outside = (indices < 0) | (indices >= np.asarray(shape[: indices.shape[-1]], np.int64))
    if outside.any():
        row = indices[tuple(np.argwhere(outside)[0][:-1])]
        raise InvalidArgumentError(
            f"{where}: `indices` = {row.tolist()} does not index into shape {brackets(shape)}"
        )


def _gather_nd(x: Array, indices: Array) -> tuple[Array, None]:
    return x[tuple(np.moveaxis(indices, -1, 0))], None


def _gather_nd_gx(g: Tensor, record: Record) -> Tensor:
    x, indices = record.inputs
    return scatter_nd(indices, g, x._data.shape)


GATHER_ND = register(
    Op("gather_nd", gather_nd, _gather_nd, vjps=(_gather_nd_gx, _INDICES), complex_vjps=True)
)


def scatter_nd(indices: TensorLike, updates: TensorLike, shape: TensorLike) -> Tensor:
    """Zeros of `shape`, with each of `updates` added at its position.

    VJP: ``gu = gather_nd(g, indices)``.

    Args:
        indices: integers of shape (…, k).
        updates: shape ``indices.shape[:-1] + shape[k:]``; those at the same position add up.
        shape: of the result.

    Raises:
        InvalidArgumentError: a position out of range, `updates` of another shape.

    Reference: ``tf.scatter_nd``.

    >>> scatter_nd([[1], [3], [1]], [1, 2, 3], [4]).numpy()
    array([0, 4, 0, 2], dtype=int32)
    """
    at, values = integer("scatter_nd", "indices", indices), tensor("scatter_nd", "updates", updates)
    size = sizes("scatter_nd", "shape", shape, scalar=False)
    check_updates("scatter_nd", at._data, values._data, size)
    return apply(SCATTER_ND, at, values, shape=size)


def check_updates(where: str, indices: Array, updates: Array, shape: tuple[int, ...]) -> None:
    """Every row of `indices` is a position in `shape`, and `updates` has a slice for each."""
    _positions(where, indices, shape)
    wanted = indices.shape[:-1] + shape[indices.shape[-1] :]
    if updates.shape != wanted:
        raise InvalidArgumentError(
            f"{where}: `updates` must have shape {wanted}, received shape {updates.shape}"
        )


def _scatter_nd(indices: Array, updates: Array, shape: tuple[int, ...]) -> tuple[Array, None]:
    out = np.zeros(shape, updates.dtype)
    np.add.at(out, tuple(np.moveaxis(indices, -1, 0)), updates)
    return out, None


def _scatter_nd_gu(g: Tensor, record: Record) -> Tensor:
    return gather_nd(g, record.inputs[0])


SCATTER_ND = register(
    Op("scatter_nd", scatter_nd, _scatter_nd, vjps=(_INDICES, _scatter_nd_gu), complex_vjps=True)
)
