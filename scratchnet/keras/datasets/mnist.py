"""MNIST: 70,000 handwritten digits, 28 x 28."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scratchnet.keras.datasets.fetch import ORIGIN, fetch
from scratchnet.keras.datasets.split import Split, read_split
from scratchnet.unsupported import listed, missing

__all__ = ["load_data"]

SHA256 = "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1"


def load_data(path: str = "mnist.npz") -> Split:
    """MNIST, from the cache or from the network.

    Args:
        path: the name of the file in the cache, ``~/.keras/datasets``.

    Returns:
        ``(x_train, y_train), (x_test, y_test)``: images of shape (60000, 28, 28) and (10000, 28,
        28) with values 0 to 255, labels 0 to 9; all uint8.

    Raises:
        ConnectionError: the file is not in the cache and cannot be fetched.
        ValueError: what was fetched is not MNIST.

    Reference: ``tf.keras.datasets.mnist.load_data``.  Y. LeCun, C. Cortes and C. Burges hold the
    copyright; licence CC BY-SA 3.0.
    """
    return read_split(fetch(path, f"{ORIGIN}mnist.npz", SHA256))


if not TYPE_CHECKING:  # a type checker is to see which names there are
    __getattr__ = missing(__name__, "tf.keras.datasets.mnist")
    __dir__ = listed(__name__)
