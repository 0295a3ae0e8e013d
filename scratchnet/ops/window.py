"""Where a sliding window lands: the arithmetic that convolution and pooling share.

Notation, here and in `conv2d`, `pool2d` and the kernels:

    N H W C      images, their rows, columns and channels       x: (N, H, W, C)
    kh kw        the window's rows and columns                  filters: (kh, kw, C, O)
    sh sw        strides: how far it moves                      dh dw: dilations, the gaps in it
    oh ow O      output rows, columns, channels                 y: (N, oh, ow, O)
    top left     padding before the first row and column

Filter tap (a, b) of the receptive field of output pixel (i, j) is the input pixel
(i sh + a dh - top, j sw + b dw - left).  Along one axis, with n pixels, window k, stride s,
dilation d and effective window e = (k - 1) d + 1:

    VALID   o = floor((n - e) / s) + 1, no padding
    SAME    o = ceil(n / s), padding p = max((o - 1) s + e - n, 0), floor(p / 2) of it before
"""

from __future__ import annotations

from typing import Any

import numpy as np

from scratchnet.engine.dtypes import Array
from scratchnet.engine.errors import (
    DtypeError,
    InvalidArgumentError,
    UnimplementedError,
    invalid,
    say,
)
from scratchnet.engine.tensor import Tensor, TensorLike
from scratchnet.ops.arguments import ints, one_of, sizes

Pair = tuple[int, int]
Four = tuple[int, int, int, int]
Pads = tuple[Pair, Pair]  # ((top, bottom), (left, right))


def output_size(n: int, k: int, s: int, d: int, before: int, after: int) -> int:
    """How often the window fits along one padded axis.

    >>> output_size(28, 3, 1, 1, 0, 0), output_size(5, 2, 2, 1, 0, 1)
    (26, 3)
    """
    return (n + before + after - (k - 1) * d - 1) // s + 1


def same_padding(n: int, k: int, s: int, d: int) -> Pair:
    """The padding before and after one axis under SAME.

    >>> same_padding(5, 3, 1, 1), same_padding(5, 2, 1, 1), same_padding(6, 3, 2, 1)
    ((1, 1), (0, 1), (0, 1))
    """
    total = max((-(-n // s) - 1) * s + (k - 1) * d + 1 - n, 0)
    return total // 2, total - total // 2


def window_pads(
    where: str, size: Pair, window: Pair, strides: Pair, dilations: Pair, padding: Any
) -> Pads:
    """The padding of rows and columns that `padding` stands for.

    Args:
        where: the caller's name, for messages.
        size, window, strides, dilations: (rows, columns).
        padding: "SAME", "VALID", or [[0, 0], [top, bottom], [left, right], [0, 0]].

    Raises:
        InvalidArgumentError: an unknown name; explicit padding that is negative, or not of rows and
            columns; a window that is larger than the padded image.  (TensorFlow answers that with
            an empty image, whose mean is nan; here it is refused.)
        ValueError: explicit padding of another form.
        TypeError: what is neither a name nor a list.
    """
    if not isinstance(padding, str):
        pads = _explicit(where, padding)
    elif padding == "SAME":
        rows, columns = zip(size, window, strides, dilations, strict=True)
        pads = same_padding(*rows), same_padding(*columns)
    elif padding == "VALID":
        pads = (0, 0), (0, 0)
    else:
        raise invalid(where, "padding", "must be 'SAME', 'VALID' or a 4x2 list", padding)
    for n, k, d, (before, after), axis in zip(
        size, window, dilations, pads, ("rows", "columns"), strict=True
    ):
        if (k - 1) * d + 1 > n + before + after:
            raise InvalidArgumentError(
                f"{where}: the window must fit into the padded `input`, received {n} {axis} with "
                f"padding {(before, after)} and a window of {k}"
                + (f" with dilation {d}" if d > 1 else "")
            )
    return pads


def _explicit(where: str, padding: Any) -> Pads:
    rule = "must be [[0, 0], [top, bottom], [left, right], [0, 0]]"
    if not isinstance(padding, list | tuple | np.ndarray):
        raise DtypeError(say(where, "padding", f"{rule}, 'SAME' or 'VALID'", padding))
    if _shape(padding) == () or len(padding) != 4 or any(_shape(pair) != (2,) for pair in padding):
        raise ValueError(say(where, "padding", rule, padding))
    batch, rows, columns, channels = [ints(where, "padding", pair) for pair in padding]
    if any(batch + channels):
        raise invalid(where, "padding", f"{rule}, with no padding of batch or channels", padding)
    if min(rows + columns) < 0:
        raise invalid(where, "padding", "must hold counts >= 0", padding)
    return (rows[0], rows[1]), (columns[0], columns[1])


def _shape(value: Any) -> tuple[int, ...] | None:
    """The shape of nested lists; None where they are ragged."""
    try:
        shape: tuple[int, ...] = np.shape(value)
    except ValueError:
        return None
    return shape


def before(pads: Pads) -> Pair:
    """(top, left): where the kernels begin to count."""
    return pads[0][0], pads[1][0]


def two(where: str, name: str, value: Any) -> Pair:
    """`value` — one int, [rows, columns] or [1, rows, columns, 1] — as two positive ints.

    Raises:
        InvalidArgumentError: a value below 1; also a TypeError: one that is no integer.
        ValueError: another number of values.
        UnimplementedError: a value other than 1 for the batch or the channels.

    >>> two("conv2d", "strides", 2), two("conv2d", "strides", [1, 2, 3, 1])
    ((2, 2), (2, 3))
    """
    given = ints(where, name, value)
    if len(given) not in (1, 2, 4):
        raise ValueError(say(where, name, "should be of length 1, 2 or 4", value))
    if min(given) < 1:
        raise invalid(where, name, "must hold positive integers", value)
    if len(given) == 4 and given[0] * given[3] != 1:
        raise UnimplementedError(
            say(where, name, "must be 1 along the batch and the channels", value)
        )
    inner = given[1:3] if len(given) == 4 else given
    return inner[0], inner[-1]


# -- arrays of images -----------------------------------------------------------------------------


def images(where: str, name: str, x: Tensor) -> Tensor:
    """`x`, known to have rank 4."""
    if x._data.ndim != 4:
        raise invalid(where, name, "must have rank 4, (N, H, W, C)", x._data.shape)
    return x


def four_sizes(where: str, name: str, value: TensorLike, least: int = 0) -> Four:
    """`value` as the shape of images or filters, no size below `least`."""
    shape = sizes(where, name, value, scalar=False)
    if len(shape) != 4 or min(shape) < least:
        raise invalid(where, name, f"must be four sizes >= {least}", shape)
    return shape[0], shape[1], shape[2], shape[3]


def fits(where: str, name: str, x: Tensor, wanted: Four, maker: str) -> Tensor:
    """`x`, known to have the shape that `maker` makes."""
    if x._data.shape != wanted:
        raise invalid(where, name, f"must have the shape {wanted} of the {maker}", x._data.shape)
    return x


def channels_last(where: str, data_format: Any) -> None:
    """Only NHWC is computed.

    Raises:
        UnimplementedError: NCHW.
        InvalidArgumentError: no data format at all.
    """
    rule = "must be 'NHWC'"
    if one_of(data_format, ["NCHW"]):
        raise UnimplementedError(say(where, "data_format", rule, data_format))
    if data_format is not None and not one_of(data_format, ["NHWC"]):
        raise invalid(where, "data_format", rule, data_format)


def as_kernel_input(a: Array) -> Array:
    """`a` as the kernels take it: contiguous, and float32 in place of float16.

    Also writable, though no kernel writes to its inputs: to numba read-only arrays are of another
    type, for which it would compile every kernel once more.
    """
    if a.flags.c_contiguous and a.flags.writeable and a.dtype != np.float16:
        return a  # what `require` would come to, and take its time over
    return np.require(a, np.float32 if a.dtype == np.float16 else a.dtype, ["C", "W"])
