"""CIFAR-10: 60,000 colour images of 10 classes, 32 x 32."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from scratchnet.keras.datasets.cifar import fetch_folder, read_batch
from scratchnet.keras.datasets.split import Split
from scratchnet.unsupported import listed, missing

__all__ = ["load_data"]

SHA256 = "6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce"
_TRAIN = [f"data_batch_{i}" for i in range(1, 6)]


def load_data() -> Split:
    """CIFAR-10, from the cache or from the network.

    The classes 0 to 9: airplane, automobile, bird, cat, deer, dog, frog, horse, ship, truck.

    Returns:
        ``(x_train, y_train), (x_test, y_test)``: images of shape (50000, 32, 32, 3) and (10000, 32,
        32, 3), labels of shape (50000, 1) and (10000, 1); all uint8.

    Raises:
        ConnectionError: the file is not in the cache and cannot be fetched.
        ValueError: what was fetched is not CIFAR-10.

    Reference: ``tf.keras.datasets.cifar10.load_data``; A. Krizhevsky, Learning Multiple Layers of
    Features from Tiny Images, 2009.
    """
    folder = fetch_folder(
        "cifar-10-batches-py-target",
        "cifar-10-python.tar.gz",
        SHA256,
        "cifar-10-batches-py",
        [*_TRAIN, "test_batch"],
    )
    batches = [read_batch(folder / name, "labels") for name in _TRAIN]
    x_train, y_train = (np.concatenate(parts) for parts in zip(*batches, strict=True))
    x_test, y_test = read_batch(folder / "test_batch", "labels")
    return (x_train, y_train.astype(np.uint8)), (x_test, y_test.astype(np.uint8))


if not TYPE_CHECKING:  # a type checker is to see which names there are
    __getattr__ = missing(__name__, "tf.keras.datasets.cifar10")
    __dir__ = listed(__name__)
