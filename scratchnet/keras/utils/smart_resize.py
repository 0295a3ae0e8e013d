"""smart_resize: images at another size, cut so that nothing in them is stretched."""

from __future__ import annotations

from typing import Any

import numpy as np

from scratchnet.engine.errors import say
from scratchnet.engine.tensor import Tensor, convert
from scratchnet.keras.config import standardize_data_format
from scratchnet.keras.utils.resize_images import METHODS, center_crop, resize
from scratchnet.ops.arguments import ints

_WHERE = "smart_resize"


def smart_resize(
    x: Any,
    size: tuple[int, int],
    interpolation: str = "bilinear",
    data_format: str = "channels_last",
) -> Any:
    """The largest part in the middle of images that has the sides of `size`, at that size.

    Args:
        x: an array or a tensor, (h, w, c) or (n, h, w, c).
        size: the new height and width.
        interpolation: ``"bilinear"``, ``"nearest"``, ``"bicubic"``, ``"area"``, ``"lanczos3"``,
            ``"lanczos5"``, ``"gaussian"`` or ``"mitchellcubic"``.
        data_format: ``"channels_last"``, or ``"channels_first"``: (…, c, h, w).

    Returns:
        Of an array an array, of others a tensor: in float32, with ``"nearest"`` in the dtype of
        `x`.

    Raises:
        ValueError: images of another rank; a `size` that is not two positive integers; an unknown
            `interpolation`.

    Reference: ``tf.keras.preprocessing.image.smart_resize``.

    >>> smart_resize(np.float32([[[0], [2], [4], [6]]]), (1, 2))[0, :, 0]
    array([2., 4.], dtype=float32)
    """
    images = convert(x)._data
    if images.ndim not in (3, 4):
        rule = "must be of shape (h, w, c) or (n, h, w, c)"
        raise ValueError(say(_WHERE, "x", rule, f"an array of shape {images.shape}"))
    height, width = _two_sizes(size)
    if interpolation not in METHODS:
        rule = f"must be one of {', '.join(map(repr, METHODS))}"
        raise ValueError(say(_WHERE, "interpolation", rule, interpolation))
    if standardize_data_format(data_format) == "channels_first":
        images = np.moveaxis(images, -3, -1)
    several = images if images.ndim == 4 else images[None]
    parts = [
        resize(center_crop(x, (height, width)), (height, width), interpolation) for x in several
    ]
    shape = (len(several), height, width, images.shape[-1])
    found = np.array(parts).reshape(shape)
    found = found if images.ndim == 4 else found[0]
    if data_format == "channels_first":
        found = np.moveaxis(found, -1, -3)
    found = np.ascontiguousarray(found)
    return found if isinstance(x, np.ndarray) else Tensor(found)


def _two_sizes(size: Any) -> tuple[int, int]:
    found = ints(_WHERE, "size", size)
    if len(found) != 2 or min(found) < 1:
        raise ValueError(say(_WHERE, "size", "must be two positive integers", size))
    return found[0], found[1]
