"""Picking a block of values: ``x[key]`` and slice.  getitem and place are each other's VJPs."""

from __future__ import annotations

from typing import Any

import numpy as np

from scratchnet.engine.dtypes import Array
from scratchnet.engine.errors import InvalidArgumentError, invalid
from scratchnet.engine.op import Op, Record, register
from scratchnet.engine.tensor import Operators, Tensor, TensorLike, apply
from scratchnet.ops.arguments import brackets, ints, one_int, sizes, tensor
from scratchnet.ops.gather import gather_nd

# -- x[key] and its transpose ---------------------------------------------------------------------


def getitem(x: TensorLike, key: Any) -> Tensor:
    """``x[key]``: integers, slices, ``...``, ``newaxis``; or one bool mask.

    VJP: ``gx = place(g, key, x.shape)``.

    Raises:
        InvalidArgumentError: an index out of range, more indices than axes, a step of 0.
        TypeError: anything else as an index.
        ValueError: a mask that has not the shape of the leading axes.

    Reference: ``tf.Tensor.__getitem__``; a list is read as a tuple, as there.

    >>> getitem([[1, 2], [3, 4]], (slice(None), -1)).numpy()
    array([2, 4], dtype=int32)
    """
    t = tensor("getitem", "x", x)
    if isinstance(key, Operators | np.ndarray | np.bool_ | bool):
        mask = tensor("getitem", "key", key)._data
        if mask.dtype.kind == "b":
            return _masked(t, mask)
    return apply(GETITEM, t, key=_checked("getitem", key, t._data.shape))


def _masked(x: Tensor, mask: Array) -> Tensor:
    leading = x._data.shape[: mask.ndim]
    if not mask.ndim:
        raise ValueError(f"getitem: `key`: mask cannot be scalar, received key={mask}")
    if mask.shape != leading:
        raise ValueError(
            "getitem: `key`: the mask must have the shape of the leading axes: Shapes "
            f"{leading} and {mask.shape} are incompatible"
        )
    return gather_nd(x, np.argwhere(mask))


def _checked(where: str, key: Any, shape: tuple[int, ...]) -> tuple[Any, ...]:
    """`key` as a tuple of Python's own indices, known to be in range."""
    parts = tuple(key) if isinstance(key, tuple | list) else (key,)
    plain = tuple([_plain(part) for part in parts])
    _in_range(where, plain, shape)
    return plain


def _plain(part: Any) -> Any:
    """One index with its tensors and NumPy integers turned into Python's."""
    if part is None or part is Ellipsis:
        return part
    if isinstance(part, slice):
        return slice(
            *[None if n is None else _index(n) for n in (part.start, part.stop, part.step)]
        )
    return _index(part)


def _index(part: Any) -> int:
    try:
        return one_int("getitem", "key", part)
    except TypeError:
        raise TypeError(
            "getitem: `key`: Only integers, slices (`:`), ellipsis (`...`), tf.newaxis (`None`) "
            f"and scalar tf.int32/tf.int64 tensors are valid indices, got {part!r}"
        ) from None


def _in_range(where: str, key: tuple[Any, ...], shape: tuple[int, ...]) -> None:
    if sum(part is Ellipsis for part in key) > 1:
        raise invalid(where, "key", "Multiple ellipses in slice spec not allowed", key)
    used = sum(part is not None and part is not Ellipsis for part in key)
    if used > len(shape):
        raise InvalidArgumentError(
            f"{where}: `key`: Index out of range using input dim {len(shape)}; input has only "
            f"{len(shape)} dims, received key={key}"
        )
    axis = 0
    for part in key:
        if part is Ellipsis:
            axis += len(shape) - used
        elif isinstance(part, slice) and part.step == 0:
            raise invalid(where, "key", f"strides[{axis}] must be non-zero", key)
        elif isinstance(part, int) and not -shape[axis] <= part < shape[axis]:
            raise InvalidArgumentError(
                f"{where}: `key`: slice index {part} of dimension {axis} out of bounds.  "
                f"(Its size is {shape[axis]}.)"
            )
        axis += part is not None and part is not Ellipsis


def _getitem(x: Array, key: tuple[Any, ...]) -> tuple[Array, None]:
    return x[key], None


def _getitem_gx(g: Tensor, record: Record) -> Tensor:
    return place(g, record.attrs["key"], record.inputs[0]._data.shape)


GETITEM = register(Op("getitem", getitem, _getitem, vjps=(_getitem_gx,), complex_vjps=True))


def place(x: TensorLike, key: Any, shape: TensorLike) -> Tensor:
    """Zeros of `shape` with ``zeros[key] = x``: the transpose of `getitem`.  VJP: ``gx = g[key]``.

    Raises:
        InvalidArgumentError, TypeError: as `getitem`; `x` has not the shape of ``zeros[key]``.

    Reference: ``tf.raw_ops.StridedSliceGrad``.

    >>> place([5, 6], slice(1, 3), [4]).numpy()
    array([0, 5, 6, 0], dtype=int32)
    """
    t, size = tensor("place", "x", x), sizes("place", "shape", shape, scalar=False)
    checked = _checked("place", key, size)
    wanted = np.broadcast_to(np.int8(0), size)[checked].shape
    if wanted != t._data.shape:
        raise InvalidArgumentError(
            f"place: Incompatible shapes: {brackets(t._data.shape)} vs. {brackets(wanted)}"
        )
    return apply(PLACE, t, key=checked, shape=size)


def _place(x: Array, key: tuple[Any, ...], shape: tuple[int, ...]) -> tuple[Array, None]:
    out = np.zeros(shape, x.dtype)
    out[key] = x
    return out, None


def _place_gx(g: Tensor, record: Record) -> Tensor:
    return getitem(g, record.attrs["key"])


PLACE = register(Op("place", place, _place, vjps=(_place_gx,), complex_vjps=True))


def slice_(input_: TensorLike, begin: TensorLike, size: TensorLike) -> Tensor:
    """The block that begins at `begin`, of `size` (-1: to the end).  VJP: as of `getitem`.

    Raises:
        InvalidArgumentError: no lists of one entry per axis, or the block leaves `input_`.

    Reference: ``tf.slice``.

    >>> slice_([[1, 2, 3], [4, 5, 6]], [0, 1], [2, -1]).numpy()
    array([[2, 3],
           [5, 6]], dtype=int32)
    """
    x = tensor("slice", "input_", input_)
    starts = ints("slice", "begin", begin, scalar=False)
    counts = ints("slice", "size", size, scalar=False)
    if not len(starts) == len(counts) == x._data.ndim:
        raise InvalidArgumentError(
            "slice: `begin` and `size` must have one entry per axis of a tensor of rank "
            f"{x._data.ndim}, received begin={starts}, size={counts}"
        )
    for axis, (a, n, whole) in enumerate(zip(starts, counts, x._data.shape, strict=True)):
        if not 0 <= a <= whole or n < -1 or a + n > whole:
            raise InvalidArgumentError(
                f"slice: Expected `begin`[{axis}] in [0, {whole}] and `begin` + `size` within, "
                f"received begin={starts}, size={counts}"
            )
    pairs = zip(starts, counts, strict=True)
    return getitem(x, tuple([slice(a, None if n == -1 else a + n) for a, n in pairs]))


register(Op("slice", slice_, complex_vjps=True))
