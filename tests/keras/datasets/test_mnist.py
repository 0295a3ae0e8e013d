"""MNIST: read from the cache, or fetched from where Keras fetches it."""

from __future__ import annotations

import hashlib

import pytest

from scratchnet.keras.datasets import mnist
from tests.support.dataset_files import FILE, SPLIT, put, same
from tests.support.signatures import taken_alike


def test_mnist_is_read_from_the_cache(cache, monkeypatch):
    monkeypatch.setattr(mnist, "SHA256", hashlib.sha256(FILE).hexdigest())
    put(cache / "mnist.npz", FILE)
    same(mnist.load_data(), SPLIT)
    put(cache / "other.npz", FILE)
    same(mnist.load_data(path="other.npz"), SPLIT)


def test_mnist_is_fetched_from_where_keras_fetches_it(server, monkeypatch):
    assert f"{mnist.ORIGIN}mnist.npz".startswith("https://storage.googleapis.com/tensorflow/")
    monkeypatch.setattr(mnist, "ORIGIN", f"{server.url}/")
    with pytest.raises(ValueError, match=f"must be {mnist.SHA256}, received"):
        mnist.load_data()
    monkeypatch.setattr(mnist, "SHA256", hashlib.sha256(FILE).hexdigest())
    same(mnist.load_data(), SPLIT)
    assert server.asked == ["/mnist.npz", "/mnist.npz"]


def test_what_its_functions_take():
    taken_alike("datasets.mnist")
