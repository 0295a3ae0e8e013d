"""Laying values out in a larger tensor, or in another order: tile, repeat, pad, reverse, roll.

Raises, all of them: ValueError for what is no tensor; sizes and axes that are not integers are both
an InvalidArgumentError and a TypeError.
"""

from __future__ import annotations

import numpy as np

from scratchnet.engine.dtypes import Array
from scratchnet.engine.errors import InvalidArgumentError, invalid, say
from scratchnet.engine.op import Op, Record, register
from scratchnet.engine.tensor import Tensor, TensorLike, apply
from scratchnet.ops import arguments
from scratchnet.ops.arguments import (
    axes,
    countable,
    integer,
    ints,
    matching,
    one_axis,
    sizes,
    tensor,
)
from scratchnet.ops.describing import size_by_value
from scratchnet.ops.gather import gather
from scratchnet.ops.indexing import getitem
from scratchnet.ops.reduce import reduce_sum
from scratchnet.ops.shape import reshape


def tile(input: TensorLike, multiples: TensorLike) -> Tensor:
    """`input` laid out ``multiples[i]`` times along axis i.  VJP: `g` summed over the copies.

    Raises:
        InvalidArgumentError: not a list of one multiple >= 0 per axis.

    Reference: ``tf.tile``.

    >>> tile([1, 2], [2]).numpy()
    array([1, 2, 1, 2], dtype=int32)
    """
    x = tensor("tile", "input", input)
    times = sizes("tile", "multiples", multiples, scalar=False)
    if len(times) != x._data.ndim:
        raise InvalidArgumentError(
            "tile: `multiples`: Expected multiples argument to be a vector of length "
            f"{x._data.ndim} but got length {len(times)}: {times}"
        )
    countable("tile", "multiples", [m * n for m, n in zip(times, x._data.shape, strict=True)])
    return apply(TILE, x, multiples=times)


def _tile(x: Array, multiples: tuple[int, ...]) -> tuple[Array, None]:
    return np.tile(x, multiples), None


def _tile_gx(g: Tensor, record: Record) -> Tensor:
    sizes = record.inputs[0]._data.shape
    copies = [n for pair in zip(record.attrs["multiples"], sizes, strict=True) for n in pair]
    # [m0 n0, m1 n1, …] -> [m0, n0, m1, n1, …] -> sum over the m
    return reduce_sum(reshape(g, copies), axis=list(range(0, len(copies), 2)))


TILE = register(Op("tile", tile, _tile, vjps=(_tile_gx,), complex_vjps=True))


def pad(
    tensor: TensorLike,
    paddings: TensorLike,
    mode: str = "CONSTANT",
    constant_values: TensorLike = 0,
) -> Tensor:
    """`tensor` with ``paddings[i] = (before, after)`` values around axis i.

    VJP: ``gx`` = the part of `g` within (CONSTANT); for the mirrored modes `g` also flows back from
    the mirror images.

    Args:
        tensor: rank r.
        paddings: (r, 2) counts >= 0.
        mode: "CONSTANT"; "REFLECT" (without the border) or "SYMMETRIC" (with it).
        constant_values: what CONSTANT pads with, a scalar.

    Returns:
        Tensor of sizes ``before + n + after``.

    Raises:
        InvalidArgumentError: `paddings` of another shape or negative, or wider than a mirror image;
            `constant_values` of another dtype, or no scalar.
        ValueError: an unknown `mode`.

    Reference: ``tf.pad``.

    >>> pad([1, 2], [[1, 2]]).numpy()
    array([0, 1, 2, 0, 0], dtype=int32)
    """
    x = arguments.tensor("pad", "tensor", tensor)
    widths = _widths(x._data.shape, paddings)
    kind = mode.upper() if isinstance(mode, str) else mode
    if arguments.one_of(kind, ("CONSTANT",)):
        _, fill = matching("pad", tensor=x, constant_values=constant_values)
        if fill._data.ndim:
            raise invalid("pad", "constant_values", "must be a scalar", constant_values)
        return apply(PAD, x, paddings=widths, value=fill._data.item())
    if not arguments.one_of(kind, ("REFLECT", "SYMMETRIC")):
        raise ValueError(
            "pad: Value of argument `mode` expected to be CONSTANT, REFLECT, or SYMMETRIC. "
            f"Received mode={mode!r}."
        )
    return _mirrored(x, widths, kind)


def _mirrored(x: Tensor, widths: tuple[tuple[int, int], ...], mode: str) -> Tensor:
    """`x` continued by its mirror image, axis by axis, by the numbers of the slices there."""
    border = int(mode == "REFLECT")  # the slice that the mirror lies on, and does not repeat
    for axis, (before, after) in enumerate(widths):
        n = x._data.shape[axis]
        if max(before, after) > n - border:
            raise invalid(
                "pad", "paddings", f"must fit the mirror image of axis {axis} of size {n}", widths
            )
        at = np.arange(n)
        left = at[border : border + before][::-1]
        right = at[n - border - after : n - border][::-1]
        x = gather(x, np.concatenate([left, at, right]), axis=axis)
    return x


def _widths(shape: tuple[int, ...], paddings: TensorLike) -> tuple[tuple[int, int], ...]:
    pairs = arguments.tensor("pad", "paddings", paddings)._data
    if pairs.size == 0 and not shape:
        return ()
    pairs = integer("pad", "paddings", Tensor(pairs))._data
    if pairs.shape != (len(shape), 2):
        raise invalid(
            "pad",
            "paddings",
            "must have shape (rank, 2): The first dimension of paddings must be the rank of "
            f"inputs, {len(shape)}",
            pairs.tolist(),
        )
    if (pairs < 0).any():
        raise invalid("pad", "paddings", "must hold counts >= 0", pairs.tolist())
    widths = tuple([(int(a), int(b)) for a, b in pairs])
    countable("pad", "paddings", [a + n + b for (a, b), n in zip(widths, shape, strict=True)])
    return widths


def _pad(x: Array, paddings: tuple[tuple[int, int], ...], value: float) -> tuple[Array, None]:
    return np.pad(x, paddings, constant_values=value) if x.ndim else x, None


def _pad_gx(g: Tensor, record: Record) -> Tensor:
    sizes = record.inputs[0]._data.shape
    widths = record.attrs["paddings"]
    return getitem(g, tuple([slice(a, a + n) for (a, _), n in zip(widths, sizes, strict=True)]))


PAD = register(Op("pad", pad, _pad, vjps=(_pad_gx,), complex_vjps=True))


def reverse(tensor: TensorLike, axis: TensorLike) -> Tensor:
    """`tensor` with the axes in `axis` read from the end.  VJP: the same reversal.

    Args:
        tensor: rank r.
        axis: a list of axes in [-r, r).

    Raises:
        InvalidArgumentError: no list; an axis out of range or named twice.

    Reference: ``tf.reverse``.

    >>> reverse([1, 2, 3], [0]).numpy()
    array([3, 2, 1], dtype=int32)
    """
    x = arguments.tensor("reverse", "tensor", tensor)
    named = ints("reverse", "axis", axis, scalar=False)
    return apply(REVERSE, x, axis=axes("reverse", "axis", named, x._data.ndim))


def _reverse(x: Array, axis: tuple[int, ...]) -> tuple[Array, None]:
    return np.flip(x, axis), None


def _reverse_gx(g: Tensor, record: Record) -> Tensor:
    return reverse(g, record.attrs["axis"])


REVERSE = register(Op("reverse", reverse, _reverse, vjps=(_reverse_gx,), complex_vjps=True))


def repeat(input: TensorLike, repeats: TensorLike, axis: int | None = None) -> Tensor:
    """Each slice along `axis` several times in a row.  VJP: the copies' cotangents added up.

    Args:
        input: rank r.
        repeats: how often: one count >= 0 for all, or a list of one per slice.
        axis: in [-r, r); None for that of `input` laid out flat.

    Returns:
        Tensor of rank r (1 without an `axis`); its size along `axis` is the sum of the counts.

    Raises:
        InvalidArgumentError: a negative count.
        ValueError: `axis` out of range; not one count per slice.

    Reference: ``tf.repeat``.  (TensorFlow takes a scalar with an `axis`, too.)

    >>> repeat([1, 2], 2).numpy(), repeat([1, 2], [1, 3], axis=0).numpy()
    (array([1, 1, 2, 2], dtype=int32), array([1, 2, 2, 2], dtype=int32))
    """
    x = tensor("repeat", "input", input)
    if axis is None:
        x, axis = reshape(x, [-1]), 0
    k = one_axis("repeat", "axis", axis, x._data.ndim, ValueError)
    counts = sizes("repeat", "repeats", repeats)
    n = x._data.shape[k]
    if len(counts) not in (1, n):
        rule = f"must be one count, or {n}: as many as axis {k} has slices"
        raise ValueError(say("repeat", "repeats", rule, counts))
    countable("repeat", "repeats", (x._data.size, max(counts, default=0)))
    by_value = k == 0 or isinstance(repeats, Tensor)  # as TensorFlow knows it
    if by_value and len(counts) != 1 and (size := size_by_value()) is not None:
        shape = x._data.shape
        return Tensor(np.ones((*shape[:k], size, *shape[k + 1 :]), x._data.dtype))
    return gather(x, np.repeat(np.arange(n), counts), axis=k)


register(Op("repeat", repeat))


def roll(input: TensorLike, shift: TensorLike, axis: TensorLike) -> Tensor:
    """The values moved on by `shift` along `axis`; those that leave at one end enter at the other.

    VJP: the same, backwards.

    Args:
        input: rank r >= 1.
        shift: by how much: an integer, or one for each of several axes.
        axis: as many, in [-r, r); one named twice is rolled twice.

    Raises:
        InvalidArgumentError: rank 0; `axis` out of range; not as many shifts as axes.

    Reference: ``tf.roll``.

    >>> roll([1, 2, 3, 4], shift=1, axis=0).numpy()
    array([4, 1, 2, 3], dtype=int32)
    """
    x = tensor("roll", "input", input)
    if not x._data.ndim:
        raise invalid("roll", "input", "must be 1-D or higher", x)
    by, along = ints("roll", "shift", shift), ints("roll", "axis", axis)
    if len(by) != len(along):
        raise invalid("roll", "shift", f"shift and axis must have the same size {len(along)}", by)
    where = tuple([one_axis("roll", "axis", k, x._data.ndim) for k in along])
    return apply(ROLL, x, shift=by, axis=where)


def _roll(x: Array, shift: tuple[int, ...], axis: tuple[int, ...]) -> tuple[Array, None]:
    return np.roll(x, shift, axis), None


def _roll_gx(g: Tensor, record: Record) -> Tensor:
    return roll(g, [-n for n in record.attrs["shift"]], list(record.attrs["axis"]))


ROLL = register(Op("roll", roll, _roll, vjps=(_roll_gx,), complex_vjps=True))
