"""Fashion-MNIST, read as Keras reads it."""

from __future__ import annotations

import gzip

import pytest
import tensorflow as tf

from scratchnet.keras.datasets import fashion_mnist
from tests.support.dataset_files import SPLIT, put, same
from tests.support.signatures import taken_alike


def idx(array):
    sizes = b"".join(size.to_bytes(4, "big") for size in array.shape)
    return gzip.compress(b"\0\0\x08" + bytes([array.ndim]) + sizes + array.tobytes())


FASHION = {
    "train-images-idx3-ubyte.gz": "x_train",
    "train-labels-idx1-ubyte.gz": "y_train",
    "t10k-images-idx3-ubyte.gz": "x_test",
    "t10k-labels-idx1-ubyte.gz": "y_test",
}


def test_fashion_mnist_is_read_as_keras_reads_it(cache, monkeypatch):
    for name, key in FASHION.items():
        put(cache / "fashion-mnist" / name, idx(SPLIT[key]))
    same(fashion_mnist.load_data(), SPLIT)
    monkeypatch.setattr("keras.src.backend.config._KERAS_DIR", str(cache.parent))
    same(tf.keras.datasets.fashion_mnist.load_data(), SPLIT)


@pytest.mark.parametrize(
    "data",
    [
        idx(SPLIT["x_train"])[:-20],
        b"no gzip",
        idx(SPLIT["y_train"]),
        gzip.compress(b"\0\0\x08\x03" + b"\0\0\0\x09" * 3 + b"short"),
        gzip.compress(b""),
    ],
    ids=["cut off", "no gzip", "labels", "short", "empty"],
)
def test_a_damaged_file_of_fashion_mnist_is_named(cache, data):
    for name, key in FASHION.items():
        put(cache / "fashion-mnist" / name, idx(SPLIT[key]))
    put(cache / "fashion-mnist" / "train-images-idx3-ubyte.gz", data)
    with pytest.raises(ValueError, match=r"train-images-idx3-ubyte\.gz is .*remove it"):
        fashion_mnist.load_data()


def test_what_its_functions_take():
    taken_alike("datasets.fashion_mnist")
