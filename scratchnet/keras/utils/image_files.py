"""Single images: load_img, save_img, img_to_array and array_to_img, with Pillow."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any

import numpy as np

from scratchnet.engine.convert import to_bool
from scratchnet.engine.dtypes import Array
from scratchnet.engine.errors import say
from scratchnet.engine.tracebacks import warn
from scratchnet.keras.config import floatx
from scratchnet.ops.arguments import dtype_named, one_of

_MODES = {"grayscale": "L", "rgb": "RGB", "rgba": "RGBA"}
_GRAY = ("L", "I;16", "I")  # modes that are gray already
_INTERPOLATIONS = ("nearest", "bilinear", "bicubic", "hamming", "box", "lanczos")


def import_pillow(where: str) -> Any:
    """The module ``PIL.Image``.

    Raises:
        ImportError: Pillow is not installed.
    """
    try:
        from PIL import Image
    except ImportError as error:
        raise ImportError(
            f"{where}: Could not import PIL.Image: images need Pillow (`pip install pillow`)"
        ) from error
    return Image


def check_data_format(where: str, data_format: Any) -> bool:
    """Whether the channels come first.

    Raises:
        ValueError: it is neither a data format nor None.
    """
    if data_format is None:
        return False
    if not one_of(data_format, ("channels_last", "channels_first")):
        rule = "must be 'channels_last', 'channels_first' or None"
        raise ValueError(say(where, "data_format", rule, data_format))
    return bool(data_format == "channels_first")


def check_color_mode(where: str, color_mode: Any) -> str:
    """Pillow's name for `color_mode`.

    Raises:
        ValueError: there is none.
    """
    if not one_of(color_mode, tuple(_MODES)):
        rule = "must be 'grayscale', 'rgb' or 'rgba'"
        raise ValueError(say(where, "color_mode", rule, color_mode))
    return _MODES[color_mode]


def load_img(
    path: Any,
    color_mode: str = "rgb",
    target_size: Any = None,
    interpolation: str = "nearest",
    keep_aspect_ratio: bool = False,
) -> Any:
    """The image in a file, as Pillow has it.

    Args:
        path: of the file, or an ``io.BytesIO``.
        color_mode: ``"grayscale"``, ``"rgb"`` or ``"rgba"``.
        target_size: its height and width from then on; those of the file if not given.
        interpolation: how it is resized: ``"nearest"``, ``"bilinear"``, ``"bicubic"``,
            ``"hamming"``, ``"box"`` or ``"lanczos"``.
        keep_aspect_ratio: cut its middle out first, in the proportions of `target_size`.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it is no image; an argument that is none of these.
        TypeError: something else than a path.
        ImportError: Pillow is not installed.

    Reference: ``keras.utils.load_img``.
    """
    pillow, mode = import_pillow("load_img"), check_color_mode("load_img", color_mode)
    if not one_of(interpolation, tuple(_INTERPOLATIONS)):
        rule = f"must be one of {', '.join(_INTERPOLATIONS)}"
        raise ValueError(say("load_img", "interpolation", rule, interpolation))
    image = _opened(pillow, path)
    if mode != "L" or image.mode not in _GRAY:
        image = image if image.mode == mode else image.convert(mode)
    if target_size is None:
        return image
    height, width = _size("load_img", "target_size", target_size)
    if image.size == (width, height):
        return image
    resample = getattr(pillow.Resampling, interpolation.upper())
    box = _middle(image.size, (width, height)) if keep_aspect_ratio else None
    return image.resize((width, height), resample, box=box)


def _opened(pillow: Any, path: Any) -> Any:
    if isinstance(path, io.BytesIO):
        data = path
    elif isinstance(path, str | bytes | os.PathLike):
        data = io.BytesIO(Path(os.fsdecode(path)).read_bytes())
    else:
        raise TypeError(say("load_img", "path", "must be a path or an io.BytesIO", path))
    try:
        image = pillow.open(data)
        image.load()
    except (OSError, ValueError, SyntaxError, pillow.DecompressionBombError) as error:
        raise ValueError(
            say("load_img", "path", f"must be a file of an image ({error})", path)
        ) from error
    return image


def _size(where: str, name: str, value: Any) -> tuple[int, int]:
    """Two positive integers.

    Raises:
        ValueError: anything else.
    """
    good = isinstance(value, list | tuple) and len(value) == 2
    if not good or not all(type(part) is int and part > 0 for part in value):
        raise ValueError(say(where, name, "must be two positive integers", value))
    return value[0], value[1]


def _middle(size: tuple[int, int], target: tuple[int, int]) -> list[int]:
    """The middle of an image of that size, in the proportions of `target`: left, top and ends."""
    (w, h), (new_w, new_h) = size, target
    crop_h, crop_w = min(h, w * new_h // new_w), min(w, h * new_w // new_h)
    top, left = (h - crop_h) // 2, (w - crop_w) // 2
    return [left, top, left + crop_w, top + crop_h]


def img_to_array(img: Any, data_format: str | None = None, dtype: Any = None) -> Array:
    """An image of Pillow's as an array of three axes.

    Args:
        img: the image.
        data_format: ``"channels_last"``, the default, or ``"channels_first"``.
        dtype: of the array; ``keras.config.floatx()`` if not given.

    Returns:
        (height, width, channels), or (channels, height, width).

    Raises:
        ValueError: an image of another number of axes; a `data_format` that is none.

    Reference: ``keras.utils.img_to_array``.
    """
    first = check_data_format("img_to_array", data_format)
    x = _as_array("img_to_array", "img", img, dtype)
    if x.ndim not in (2, 3):
        raise ValueError(
            f"Unsupported image shape: {say('img_to_array', 'img', 'must have 2 or 3 axes', img)}"
        )
    x = x[..., None] if x.ndim == 2 else x
    return x.transpose(2, 0, 1) if first else x


def _as_array(where: str, name: str, image: Any, dtype: Any) -> Array:
    kind = dtype_named(where, floatx() if dtype is None else dtype)
    try:
        return np.asarray(image, dtype=kind)
    except (TypeError, ValueError, OverflowError) as error:
        named = TypeError if isinstance(error, TypeError) else ValueError
        raise named(say(where, name, "must be an image, or an array of one", image)) from None


def array_to_img(
    x: Any, data_format: str | None = None, scale: bool = True, dtype: Any = None
) -> Any:
    """An array of three axes as an image of Pillow's.

    Args:
        x: (height, width, channels) with 1, 3 or 4 channels; or as `data_format` says.
        data_format: ``"channels_last"``, the default, or ``"channels_first"``.
        scale: stretch the values to 0 … 255 first; else they are cut off to bytes.
        dtype: what it is computed in; ``keras.config.floatx()`` if not given.

    Raises:
        ValueError: another number of axes or channels; a `data_format` that is none.
        ImportError: Pillow is not installed.

    Reference: ``keras.utils.array_to_img``.
    """
    first = check_data_format("array_to_img", data_format)
    pillow = import_pillow("array_to_img")
    x = _as_array("array_to_img", "x", x, dtype)
    if x.ndim != 3:
        raise ValueError(
            "Expected image array to have rank 3 (single image): "
            + say("array_to_img", "x", "must have 3 axes", x.shape)
        )
    x = x.transpose(1, 2, 0) if first else x
    if to_bool("array_to_img", "scale", scale):
        x = x - np.min(x)
        most = np.max(x)
        x = (x / most if most != 0 else x) * np.asarray(255, x.dtype)
    channels = x.shape[2]
    if channels not in (1, 3, 4):
        raise ValueError(
            f"Unsupported channel number: {channels}: "
            + say("array_to_img", "x", "must have 1, 3 or 4 channels", x.shape)
        )
    if channels > 1:
        return pillow.fromarray(np.ascontiguousarray(x.astype("uint8")))
    gray = x[:, :, 0]
    return pillow.fromarray(gray.astype("int32" if np.max(gray) > 255 else "uint8"))


def save_img(
    path: Any,
    x: Any,
    data_format: str | None = None,
    file_format: str | None = None,
    scale: bool = True,
    **kwargs: Any,
) -> None:
    """Write an array as an image.

    Args:
        path: of the file, or an open one.
        x, data_format, scale: as of `array_to_img`.
        file_format: ``"png"``, ``"jpeg"`` …; as the ending of `path` says if not given.
        **kwargs: of Pillow's ``Image.save``.

    Raises:
        ValueError: as of `array_to_img`; a format that there is none of.
        ImportError: Pillow is not installed.

    Reference: ``keras.utils.save_img``.
    """
    if file_format is None and isinstance(path, str | os.PathLike):
        file_format = Path(path).suffix[1:]
    if file_format is not None:
        file_format = {"jpg": "jpeg"}.get(file_format.lower(), file_format.lower())
    image = array_to_img(x, data_format, scale)
    if image.mode == "RGBA" and file_format == "jpeg":
        warn("The JPEG format does not support RGBA images, converting to RGB.")
        image = image.convert("RGB")
    try:
        image.save(path, format=file_format, **kwargs)
    except KeyError as error:
        rule = "must be a format that Pillow writes"
        raise ValueError(say("save_img", "file_format", rule, file_format)) from error
