"""The images that `scratchnet train` learns from: where they come from, and what they must be."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from scratchnet.engine.dtypes import Array
from scratchnet.keras.datasets import digits, fashion_mnist, mnist
from scratchnet.keras.datasets.split import Split, read_split

CLASSES = 10
SMALLEST = 6  # rows and columns: two 3x3 convolutions take 4 of them, the 2x2 pooling needs 2


@dataclass(frozen=True)
class Images:
    """Images (n, H, W, C), float32 in [0, 1], and labels (n,), int64 in [0, 10)."""

    x_train: Array
    y_train: Array
    x_test: Array
    y_test: Array
    origin: str
    note: str = ""  # why these, if nobody chose them

    def __str__(self) -> str:
        size = " x ".join(map(str, self.x_train.shape[1:]))
        counts = f"{len(self.x_train):,} images to train on, {len(self.x_test):,} to test"
        return f"{self.origin}, {counts}, {size}{self.note}"


def load_images(data: str | None, limit_train: int, limit_test: int) -> Images:
    """The first `limit_train` and `limit_test` images of a data set, checked.

    Args:
        data: ``"mnist"``; ``"fashion_mnist"``; ``"digits"``, which needs no network; the path of an
            ``.npz`` file with x_train, y_train, x_test and y_test; None for MNIST if it can be had,
            else the digits.

    Raises:
        OSError: the file or the network cannot be read.
        ValueError: what was read is not what it must be.
    """
    split, origin, note = _find(data)
    (x_train, y_train), (x_test, y_test) = split
    check_part(f"{origin}: ", "train", x_train, y_train)
    check_part(f"{origin}: ", "test", x_test, y_test)
    if x_train.shape[1:] != x_test.shape[1:]:
        raise ValueError(
            f"{origin}: x_train and x_test must hold images of one size, received "
            f"{x_train.shape[1:]} and {x_test.shape[1:]}"
        )
    return Images(
        scaled(x_train[:limit_train]),
        y_train[:limit_train].astype(np.int64),
        scaled(x_test[:limit_test]),
        y_test[:limit_test].astype(np.int64),
        origin,
        note,
    )


def _find(data: str | None) -> tuple[Split, str, str]:
    """The arrays, their name, and why it is these."""
    if data == "mnist":
        return mnist.load_data(), "MNIST", ""
    if data == "fashion_mnist":
        return fashion_mnist.load_data(), "Fashion-MNIST", ""
    if data == "digits":
        return digits.load_data(), "embedded digits", ""
    if data is not None:
        return read_split(_existing(data)), data, ""
    try:
        return mnist.load_data(), "MNIST", ""
    except (OSError, ValueError) as error:
        reason = f"MNIST cannot be had: {error}"
    return digits.load_data(), "embedded digits", f"; {reason}"


def _existing(data: str) -> Path:
    path = Path(data).expanduser()
    if not path.is_file():
        raise FileNotFoundError(
            "--data must be mnist, fashion_mnist, digits or the path of an .npz file, received "
            f"{data}: no such file"
        )
    return path


def check_part(where: str, part: str, x: Array, y: Array) -> None:
    """Images and labels that the network can take, or a ValueError that says what is wrong."""
    _check_images(f"{where}x_{part}", x)
    _check_labels(f"{where}y_{part}", y)
    if len(x) != len(y):
        raise ValueError(
            f"{where}x_{part} and y_{part} must have the same length, received {len(x)} and "
            f"{len(y)}"
        )


def _check_images(name: str, x: Array) -> None:
    if x.ndim not in (3, 4) or min(x.shape[1:3]) < SMALLEST or 0 in x.shape:
        raise ValueError(
            f"{name} must have shape (n, H, W) or (n, H, W, C) with n and C at least 1, H and W at "
            f"least {SMALLEST}, received {x.shape}"
        )
    if x.dtype.kind not in "uif":
        raise ValueError(f"{name} must hold numbers, received dtype {x.dtype}")
    highest = 1 if x.dtype.kind == "f" else 255
    low, high = x.min(), x.max()
    if not (low >= 0 and high <= highest):  # NaN fails both
        raise ValueError(
            f"{name} of dtype {x.dtype} must lie in [0, {highest}], received values from {low} to "
            f"{high}"
        )


def _check_labels(name: str, y: Array) -> None:
    if y.ndim != 1:
        raise ValueError(f"{name} must have shape (n,): one class per image, received {y.shape}")
    if y.dtype.kind not in "ui":
        raise ValueError(f"{name} must hold integers, received dtype {y.dtype}")
    if y.size and not (y.min() >= 0 and y.max() < CLASSES):
        raise ValueError(
            f"{name} must hold classes in [0, {CLASSES}), received values from {y.min()} to "
            f"{y.max()}"
        )


def scaled(x: Array) -> Array:
    """Images of shape (n, H, W, C), float32 in [0, 1]; integers are taken to go up to 255."""
    x = x if x.ndim == 4 else x[..., None]
    return x.astype(np.float32) if x.dtype.kind == "f" else np.divide(x, 255, dtype=np.float32)
