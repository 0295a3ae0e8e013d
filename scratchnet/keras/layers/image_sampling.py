"""Images read at other places: resized, cropped, moved by an affine transformation.

Each is a gather of pixels and a weighted sum of them, so that gradients of every order are those of
`gather` and of the arithmetic.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from scratchnet import ops
from scratchnet.engine.dtypes import Array
from scratchnet.engine.errors import say
from scratchnet.engine.tensor import Tensor

INTERPOLATIONS = ("bilinear", "nearest")
FILL_MODES = ("reflect", "wrap", "constant", "nearest")


def checked_interpolation(where: str, value: Any, elsewhere: tuple[str, ...] = ()) -> str:
    """`value`, which must be an interpolation; those that only Keras has are in `elsewhere`."""
    name = value.lower() if isinstance(value, str) else ""
    rule = "must be 'nearest' or 'bilinear'"
    if name in elsewhere:
        raise NotImplementedError(say(where, "interpolation", f"{rule} here", value))
    if name not in INTERPOLATIONS:
        raise ValueError(say(where, "interpolation", rule, value))
    return name


def interpolate_linearly(x: Tensor, size: int, axis: int) -> Tensor:
    """`x`, float32, with `size` values along `axis`, linearly interpolated."""
    n = x._data.shape[axis]
    half = np.float32(0.5)
    # The centres of the new pixels, in pixels of `x`; beyond its first and last they are clamped.
    step = np.float32(n) / np.float32(size)
    centers = (np.arange(size, dtype=np.float32) + half) * step - half
    floor = np.floor(centers)
    low, high = [np.clip(end, 0, n - 1).astype(np.int64) for end in (floor, np.ceil(centers))]
    fraction = (centers - floor).reshape((-1,) + (1,) * (x._data.ndim - 1 - axis))
    start = ops.gather(x, low, axis=axis)
    return ops.add(start, (ops.gather(x, high, axis=axis) - start) * fraction)


def resize(images: Tensor, size: tuple[int, int], interpolation: str) -> Tensor:
    """(N, H, W, C) -> (N, *size, C); float32 for ``"bilinear"``, as in TensorFlow.

    Reference: ``tf.image.resize`` without antialiasing.
    """
    height, width = images._data.shape[1:3]
    if (height, width) == size:
        return images
    if interpolation == "nearest":
        for axis, (n, m) in enumerate(((height, size[0]), (width, size[1])), start=1):
            step = np.float32(n) / np.float32(m)
            places = np.floor((np.arange(m, dtype=np.float32) + np.float32(0.5)) * step)
            images = ops.gather(images, np.minimum(places.astype(np.int64), n - 1), axis=axis)
        return images
    images = interpolate_linearly(ops.cast(images, "float32"), size[1], axis=2)
    return interpolate_linearly(images, size[0], axis=1)


def centered_crop(images: Tensor, size: tuple[int, int]) -> Tensor:
    """The largest part in the middle of (N, H, W, C) whose sides are as those of `size`."""
    height, width = images._data.shape[1:3]
    rows = max(min(height, int(width * size[0] / size[1])), 1)
    columns = max(min(width, int(height * size[1] / size[0])), 1)
    top, left = (height - rows) // 2, (width - columns) // 2
    return images[:, top : top + rows, left : left + columns]


def affine_transform(
    images: Tensor,
    transforms: Array,
    interpolation: str = "bilinear",
    fill_mode: str = "constant",
    fill_value: float = 0.0,
) -> Tensor:
    """``y[i, j] = x[b0 j + b1 i + b2, a0 j + a1 i + a2]`` for each image.

    Args:
        images: (N, H, W, C).
        transforms: float32 (N, 6): a0, a1, a2, b0, b1, b2 of each image.
        interpolation: ``"nearest"`` or ``"bilinear"``, which is computed in float32.
        fill_mode: what lies outside: ``"reflect"``, ``"wrap"``, ``"nearest"``, or ``"constant"``,
            `fill_value`.
        fill_value: see there.

    The gradient is that of this formula; TensorFlow takes the image of the cotangent under the
    inverse transformation instead, which only comes near it.

    Reference: ``keras.ops.image.affine_transform``, ``tf.raw_ops.ImageProjectiveTransformV3``.
    """
    _, height, width, _ = images._data.shape
    a0, a1, a2, b0, b1, b2 = np.asarray(transforms, np.float32).T[:, :, None, None]
    i, j = (np.arange(n, dtype=np.float32) for n in (height, width))
    i, j = i[:, None], j[None]
    y = _inside(b0 * j + b1 * i + b2, height, fill_mode)
    x = _inside(a0 * j + a1 * i + a2, width, fill_mode)
    if interpolation == "nearest":
        return _pixels(images, _rounded(y), _rounded(x), fill_value)
    low_y, low_x = np.floor(y), np.floor(x)
    wide = ops.cast(images, "float32")
    rows = []
    for row in (low_y, low_y + 1):
        left, right = (_pixels(wide, row, column, fill_value) for column in (low_x, low_x + 1))
        rows.append((low_x + 1 - x)[..., None] * left + (x - low_x)[..., None] * right)
    made = (low_y + 1 - y)[..., None] * rows[0] + (y - low_y)[..., None] * rows[1]
    return ops.cast(made, images.dtype)


def _rounded(places: Array) -> Array:
    """Halves away from 0, as in C."""
    wide = places.astype(np.float64)
    return np.trunc(wide + np.copysign(0.5, wide))


def _pixels(images: Tensor, y: Array, x: Array, fill_value: float) -> Tensor:
    """(N, H, W, C): ``images[n, y, x]``, and `fill_value` outside."""
    n, height, width, channels = images._data.shape
    there = (y >= 0) & (y < height) & (x >= 0) & (x < width)
    rows = np.clip(y, 0, height - 1).astype(np.int64)
    columns = np.clip(x, 0, width - 1).astype(np.int64)
    places = (np.arange(n)[:, None, None] * height + rows) * width + columns
    found = ops.gather(ops.reshape(images, (n * height * width, channels)), places)
    if there.all():
        return found
    outside = np.asarray(fill_value, images._data.dtype)
    return ops.where(there[..., None], found, outside)


def _inside(places: Array, n: int, fill_mode: str) -> Array:
    """Places, float32, where the pixels outside of 0, …, n - 1 are those inside by `fill_mode`."""
    last, zero = np.float32(n - 1), np.float32(0)
    if fill_mode == "constant":
        return places
    if fill_mode == "nearest":
        return np.clip(places, zero, last)
    if n <= 1:
        return np.where((places < 0) | (places > last), zero, places)
    before, after = places < 0, places > last
    if fill_mode == "wrap":  # a b c d | a b c d | a b c d
        size, period = np.float32(n), last
        back = places + size * (np.trunc(-places / period) + 1)
        on = places - size * np.trunc(places / period)
    else:  # d c b a | a b c d | d c b a
        period, size = np.float32(2 * n), np.float32(n)
        back = period * np.trunc(-places / period) + places
        back = np.where(back < -size, back + period, -back - 1)
        on = places - period * np.trunc(places / period)
        on = np.where(on >= size, period - on - 1, on)
    found: Array = np.clip(np.where(before, back, np.where(after, on, places)), zero, last)
    return found
