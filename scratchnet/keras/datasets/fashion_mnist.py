"""Fashion-MNIST: 70,000 pictures of clothes, 28 x 28."""

from __future__ import annotations

import gzip
import math
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from scratchnet.engine.dtypes import Array
from scratchnet.keras.datasets.fetch import ORIGIN, fetch
from scratchnet.keras.datasets.split import Split
from scratchnet.unsupported import listed, missing

__all__ = ["load_data"]

# The IDX format begins with 0, 0, the code of uint8 and the rank, then the sizes.
LABELS, IMAGES = b"\0\0\x08\x01", b"\0\0\x08\x03"
_LARGEST = 16 + 60_000 * 28 * 28  # bytes: the training images
REMEDY = "remove it to have it fetched again"


def load_data() -> Split:
    """Fashion-MNIST, from the cache or from the network.

    The classes 0 to 9: T-shirt/top, trouser, pullover, dress, coat, sandal, shirt, sneaker, bag,
    ankle boot.

    Returns:
        ``(x_train, y_train), (x_test, y_test)``: images of shape (60000, 28, 28) and (10000, 28,
        28) with values 0 to 255, labels 0 to 9; all uint8.

    Raises:
        ConnectionError: a file is not in the cache and cannot be fetched.
        ValueError: a file is damaged.

    Reference: ``tf.keras.datasets.fashion_mnist.load_data``.  Copyright Zalando SE; licence MIT.
    """
    return _part("train"), _part("t10k")


def _part(name: str) -> tuple[Array, Array]:
    labels = _read(f"{name}-labels-idx1-ubyte.gz", LABELS)
    images = _read(f"{name}-images-idx3-ubyte.gz", IMAGES)
    return images, labels


def _read(name: str, magic: bytes) -> Array:
    path = fetch(name, ORIGIN + name, folder="datasets/fashion-mnist")
    try:
        with gzip.open(path) as file:
            # The sizes are known: a small file may unpack to more than there is memory.
            return _from_idx(path, file.read(_LARGEST + 1), magic)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise ValueError(f"{path} is damaged ({error}): {REMEDY}") from error


def _from_idx(path: Path, data: bytes, magic: bytes) -> Array:
    rank = magic[3]
    shape = [int.from_bytes(data[4 * i : 4 * i + 4], "big") for i in range(1, rank + 1)]
    body = data[4 + 4 * rank :]
    if data[:4] != magic or len(body) != math.prod(shape):
        raise ValueError(f"{path} is no IDX file of {rank} axes: {REMEDY}")
    return np.frombuffer(body, np.uint8).reshape(shape)


if not TYPE_CHECKING:  # a type checker is to see which names there are
    __getattr__ = missing(__name__, "tf.keras.datasets.fashion_mnist")
    __dir__ = listed(__name__)
