"""Images at another size, as ``tf.image.resize`` computes them, in float32.

Each method is a weighted mean of the pixels around a place, and works on one axis after the other.
The middle of pixel i of n new ones lies at ``(i + 1/2) m / n - 1/2`` among the m old ones.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from scratchnet.engine.dtypes import Array

_Kernel = Callable[[Array], Array]
_TABLE = 1024  # TensorFlow looks the bicubic kernel up at that many places between two pixels


def resize(image: Array, size: tuple[int, int], method: str) -> Array:
    """`image` at another size.

    Args:
        image: (h, w, c).
        size: the new height and width.
        method: ``"bilinear"``, ``"nearest"``, ``"bicubic"``, ``"area"``, ``"lanczos3"``,
            ``"lanczos5"``, ``"gaussian"`` or ``"mitchellcubic"``.

    Returns:
        (\\*size, c) in float32; with ``"nearest"`` in the dtype of `image`.

    >>> resize(np.float32([[[0], [4]]]), (1, 4), "bilinear")[0, :, 0]
    array([0., 1., 3., 4.], dtype=float32)
    """
    if method == "nearest":
        rows, columns = (
            np.minimum(np.floor(_places(new, old, 0.0)).astype(int), old - 1)
            for new, old in zip(size, image.shape, strict=False)
        )
        return np.ascontiguousarray(image[rows[:, None], columns])
    x: Array = image.astype(np.float32)
    if method == "bilinear":
        return _bilinear(x, size)
    down, across = (_weights(new, old, method) for new, old in zip(size, image.shape, strict=False))
    x = np.einsum("jx,yxc->yjc", across, x)
    return np.ascontiguousarray(np.einsum("iy,yjc->ijc", down, x))


def _places(new: int, old: int, shift: float = 0.5) -> Array:
    """Where the middles of `new` pixels lie among `old` ones, in float32."""
    scale = np.float32(old) / np.float32(new)
    return (np.arange(new, dtype=np.float32) + np.float32(0.5)) * scale - np.float32(shift)


def _bilinear(x: Array, size: tuple[int, int]) -> Array:
    ends = []
    for new, old in zip(size, x.shape, strict=False):
        place = _places(new, old)
        floor = np.floor(place)
        low = np.maximum(floor, 0).astype(int)
        high = np.minimum(np.ceil(place), old - 1).astype(int)
        ends.append((low, high, place - floor))
    (top, bottom, dy), (left, right, dx) = ends
    dx, dy = dx[None, :, None], dy[:, None, None]

    def row(at: Array) -> Array:
        a, b = x[at][:, left], x[at][:, right]
        return np.asarray(a + (b - a) * dx)

    above, below = row(top), row(bottom)
    return np.asarray(above + (below - above) * dy)


def _weights(new: int, old: int, method: str) -> Array:
    """(new, old): how much each old pixel counts in each new one."""
    if method == "area":
        scale = np.float32(old) / np.float32(new)
        starts = np.arange(new, dtype=np.float32) * scale
        ends = np.arange(1, new + 1, dtype=np.float32) * scale
        pixels = np.arange(old, dtype=np.float32)
        low = np.maximum(pixels, starts[:, None])
        high = np.minimum(pixels + 1, ends[:, None])
        return np.asarray(np.maximum(high - low, 0) / scale, np.float32)
    pixels = np.arange(old, dtype=np.float32)
    if method == "bicubic":
        place = _places(new, old)
        place = np.floor(place) + np.rint((place - np.floor(place)) * _TABLE) / _TABLE
    else:  # another op of TensorFlow's, which rounds in another way
        inverse = 1 / (np.float32(new) / np.float32(old))
        place = (np.arange(new, dtype=np.float32) + np.float32(0.5)) * inverse
        pixels = pixels + np.float32(0.5)
    kernel = _KERNELS[method]
    weights = kernel(np.abs(pixels - place[:, None]))
    return np.asarray(weights / weights.sum(1, keepdims=True), np.float32)


def _cubic(x: Array, b: float, c: float) -> Array:
    """Six times the cubic of Mitchell and Netravali; b = 0, c = 1/2 is that of Keys."""
    near = ((12 - 9 * b - 6 * c) * x + (-18 + 12 * b + 6 * c)) * x * x + (6 - 2 * b)
    far = (((-b - 6 * c) * x + (6 * b + 30 * c)) * x - (12 * b + 48 * c)) * x + (8 * b + 24 * c)
    return np.where(x < 1, near, np.where(x < 2, far, 0))


def _lanczos(radius: int) -> _Kernel:
    def kernel(x: Array) -> Array:
        near = np.sinc(x.astype(np.float64)) * np.sinc(x.astype(np.float64) / radius)
        return np.where(x <= radius, near, 0)

    return kernel


def _gaussian(x: Array) -> Array:
    sigma = 0.5
    return np.where(x < 3 * sigma, np.exp(-(x.astype(np.float64) ** 2) / (2 * sigma**2)), 0)


_KERNELS: dict[str, _Kernel] = {
    "bicubic": lambda x: _cubic(x, 0.0, 0.5),
    "mitchellcubic": lambda x: _cubic(x, 1 / 3, 1 / 3),
    "lanczos3": _lanczos(3),
    "lanczos5": _lanczos(5),
    "gaussian": _gaussian,
}
METHODS = ("bilinear", "nearest", "area", *_KERNELS)


def resize_with_pad(image: Array, size: tuple[int, int], method: str) -> Array:
    """`image` at the largest size that fits into `size`, in the middle of zeros."""
    old, new = np.array(image.shape[:2], np.float32), np.array(size, np.float32)
    exact = old / np.max(old / new)
    inner = (max(int(exact[0]), 1), max(int(exact[1]), 1))
    found = resize(image, inner, method)
    above, left = (max(math.floor(gap / 2), 0) for gap in new - exact)
    padded = np.zeros((*size, image.shape[2]), found.dtype)
    padded[above : above + inner[0], left : left + inner[1]] = found
    return padded


def center_crop(image: Array, size: tuple[int, int]) -> Array:
    """The largest part of `image`, in its middle, that has the proportions of `size`."""
    (h, w), (new_h, new_w) = image.shape[:2], size
    crop_h = max(min(h, int(np.float32(w * new_h) / np.float32(new_w))), 1)
    crop_w = max(min(w, int(np.float32(h * new_w) / np.float32(new_h))), 1)
    top, left = int((h - crop_h) / 2), int((w - crop_w) / 2)
    return image[top : top + crop_h, left : left + crop_w]
