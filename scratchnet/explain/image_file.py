"""An image of the user's, as the network takes it."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from scratchnet.engine.dtypes import Array
from scratchnet.train.images import scaled


def read_image(path: str, shape: tuple[int, ...]) -> Array:
    """The image of a file, of the shape (H, W, C), float32 in [0, 1].

    Args:
        path: of a ``.npy`` file that holds an array of that size, or of a picture, which is scaled
            to it.  A picture that is dark on a bright ground is inverted, as digits are bright on a
            dark one.
        shape: (H, W, C) with C 1 or 3; any C for a ``.npy`` file.

    Raises:
        ValueError: another size, values out of range, no picture that can be read; Pillow is not
            installed.
    """
    file = Path(path).expanduser()
    return _array(file, shape) if file.suffix == ".npy" else _picture(file, shape)


def _array(file: Path, shape: tuple[int, ...]) -> Array:
    try:
        x = np.load(file, allow_pickle=False)
    except (OSError, ValueError) as error:
        raise ValueError(
            f"--image must be an .npy file that can be read, {file}: {error}"
        ) from None
    x = np.squeeze(x)
    wanted = shape[:2] if shape[2] == 1 else shape
    if x.shape != wanted:
        raise ValueError(f"--image must hold an array of shape {wanted}, received {x.shape}")
    highest = 1 if x.dtype.kind == "f" else 255
    if x.dtype.kind not in "uif" or not (x.min() >= 0 and x.max() <= highest):
        raise ValueError(
            f"--image of dtype {x.dtype} must hold numbers in [0, {highest}], received {x.min()} "
            f"to {x.max()}"
        )
    image: Array = scaled(x.reshape(1, *shape))[0]
    return image


def _picture(file: Path, shape: tuple[int, ...]) -> Array:
    try:
        from PIL import Image, UnidentifiedImageError
    except ModuleNotFoundError:
        raise ValueError(
            f"--image needs Pillow for pictures, which is not installed (pip install pillow); .npy "
            f"files need nothing, received {file}"
        ) from None
    H, W, C = shape
    if C not in (1, 3):
        raise ValueError(
            f"--image must be an .npy file for a network whose images have {C} channels, received "
            f"{file}"
        )
    try:
        with Image.open(file) as picture:
            ground = Image.new("RGBA", picture.size, "white")  # behind what is transparent
            ground.alpha_composite(picture.convert("RGBA"))
            resized = ground.convert("L" if C == 1 else "RGB").resize(
                (W, H), Image.Resampling.LANCZOS
            )
            pixels = np.asarray(resized, np.float32) / 255
    except (OSError, UnidentifiedImageError, ValueError) as error:
        raise ValueError(f"--image must be a picture that can be read, {file}: {error}") from None
    if C == 1 and pixels.mean() > 0.5:
        pixels = 1 - pixels
    return np.ascontiguousarray(pixels.reshape(H, W, C), np.float32)
