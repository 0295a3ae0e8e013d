"""Files of data sets, and whether a split is what was stored."""

from __future__ import annotations

import io

import numpy as np

from scratchnet.keras.datasets.split import KEYS

SPLIT = {
    "x_train": np.arange(2 * 28 * 28, dtype=np.uint8).reshape(2, 28, 28),
    "y_train": np.array([1, 2], np.uint8),
    "x_test": np.zeros((1, 28, 28), np.uint8),
    "y_test": np.array([3], np.uint8),
}


def npz(**arrays):
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()


FILE = npz(**SPLIT)


def put(path, data):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def same(split, arrays):
    (x_train, y_train), (x_test, y_test) = split
    for array, key in zip((x_train, y_train, x_test, y_test), KEYS, strict=True):
        np.testing.assert_array_equal(array, arrays[key])
        assert array.dtype == arrays[key].dtype
