"""The images of a training: what is taken without options, and files that are none."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest

from scratchnet.keras.datasets import digits, mnist
from scratchnet.train import images
from tests.support.train_command import run, small


def test_without_data_and_network_the_embedded_digits_are_taken_and_it_is_said_in_one_line():
    start = time.monotonic()
    found = images.load_images(None, 10, 5)
    assert time.monotonic() - start < 10
    assert found.x_train.shape == (10, 28, 28, 1)
    text = str(found)
    assert text.startswith(
        "embedded digits, 10 images to train on, 5 to test, 28 x 28 x 1; "
        "MNIST cannot be had: URL fetch failure on https://"
    )
    assert "\n" not in text


def test_without_data_and_network_a_damaged_file_in_the_cache_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    (tmp_path / "datasets").mkdir()
    (tmp_path / "datasets" / "mnist.npz").write_bytes(b"PK, cut off")
    assert f"{tmp_path}/datasets/mnist.npz is damaged" in str(images.load_images(None, 10, 5))


def test_without_data_a_damaged_mnist_is_named(monkeypatch):
    def damaged():
        raise ValueError("Incomplete or corrupted file detected.")

    monkeypatch.setattr(mnist, "load_data", damaged)
    text = str(images.load_images(None, 1, 1))
    assert text.endswith("; MNIST cannot be had: Incomplete or corrupted file detected.")


def test_without_data_mnist_is_taken_from_the_cache(monkeypatch):
    monkeypatch.setattr(mnist, "load_data", digits.load_data)
    assert str(images.load_images(None, 10, 5)) == (
        "MNIST, 10 images to train on, 5 to test, 28 x 28 x 1"
    )


@pytest.mark.parametrize("name", ["mnist", "digits"])
def test_data_sets_have_names(name, monkeypatch):
    monkeypatch.setattr(mnist, "load_data", digits.load_data)
    assert images.load_images(name, 10, 5).x_test.shape == (5, 28, 28, 1)


X, Y = small()["x_train"], small()["y_train"]

BAD_FILES = {
    "no x_train": ({"x_train": None}, "missing: x_train"),
    "flat images": ({"x_train": X.reshape(96, 64)}, "x_train must have shape (n, H, W)"),
    "images too small": ({"x_train": X[:, :5]}, "H and W at least 6, received (96, 5, 8)"),
    "no images": ({"x_train": X[:0], "y_train": Y[:0]}, "received (0, 8, 8)"),
    "no channels": ({"x_train": X[..., None][..., :0]}, "received (96, 8, 8, 0)"),
    "no test images": ({"x_test": X[:0], "y_test": Y[:0]}, "x_test must have shape"),
    "other test images": ({"x_test": X[:32, :7]}, "images of one size, received (8, 8) and (7, 8)"),
    "images of text": ({"x_train": X.astype(str)}, "x_train must hold numbers, received dtype <U3"),
    "images of bools": ({"x_train": X > 9}, "x_train must hold numbers, received dtype bool"),
    "images above 255": ({"x_train": X.astype(int) + 1}, "must lie in [0, 255], received values"),
    "negative images": (
        {"x_test": X[:32].astype(int) - 1},
        "x_test of dtype int64 must lie in [0, 255]",
    ),
    "floats above 1": ({"x_train": X.astype("f")}, "x_train of dtype float32 must lie in [0, 1]"),
    "NaN images": ({"x_train": X * np.nan}, "must lie in [0, 1], received values from nan to nan"),
    "lengths": ({"y_train": Y[:-1]}, "must have the same length, received 96 and 95"),
    "one-hot labels": ({"y_train": np.eye(10)[Y]}, "y_train must have shape (n,)"),
    "float labels": ({"y_train": Y * 1.0}, "y_train must hold integers, received dtype float64"),
    "NaN labels": (
        {"y_test": Y[:32] * np.nan},
        "y_test must hold integers, received dtype float64",
    ),
    "labels of text": ({"y_train": Y.astype(str)}, "y_train must hold integers, received dtype <U"),
    "labels too large": ({"y_train": Y + 3}, "classes in [0, 10), received values from 3 to 10"),
    "negative labels": ({"y_train": Y - 1}, "classes in [0, 10), received values from -1 to 6"),
    "objects": ({"x_train": np.array([{}, None])}, "Object arrays cannot be loaded"),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_bad_data_file_is_one_line_that_names_it_and_what_is_wrong(name, capsys):
    changes, says = BAD_FILES[name]
    arrays = {key: value for key, value in (small() | changes).items() if value is not None}
    np.savez("bad.npz", **arrays)
    assert run("train", "--data", "bad.npz") == 2
    said = capsys.readouterr().err
    assert said.startswith("Error: bad.npz: ")
    assert says in said
    assert said.count("\n") == 1


def test_a_file_that_is_no_npz_is_one_line(capsys):
    Path("bad.npz").write_bytes(b"hello")
    assert run("train", "--data", "bad.npz") == 2
    assert capsys.readouterr().err == (
        "Error: bad.npz: not a readable .npz file (it is no zip archive, or is cut off)\n"
    )
