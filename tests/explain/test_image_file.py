"""An image of the user's: as the network takes it, or a clear error."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from scratchnet.explain.image_file import read_image

DIGIT = np.zeros((28, 28), np.uint8)
DIGIT[4:24, 12:16] = 255


def saved(folder: Path, pixels: np.ndarray, name: str = "image.png") -> str:
    path = folder / name
    if name.endswith(".npy"):
        np.save(path, pixels)
    else:
        Image.fromarray(pixels).save(path)
    return str(path)


def test_a_picture_of_the_right_size_is_taken_as_it_is(tmp_path: Path) -> None:
    x = read_image(saved(tmp_path, DIGIT), (28, 28, 1))
    assert x.dtype == np.float32
    np.testing.assert_array_equal(x[..., 0], (DIGIT / 255).astype(np.float32))


def test_a_dark_digit_on_a_bright_ground_is_inverted_and_scaled(tmp_path: Path) -> None:
    large = np.kron(255 - DIGIT, np.ones((4, 4), np.uint8))
    x = read_image(saved(tmp_path, large), (28, 28, 1))
    assert x.shape == (28, 28, 1)
    assert abs(x[..., 0] - DIGIT / 255).mean() < 0.05


def test_colours_and_what_is_transparent(tmp_path: Path) -> None:
    rgba = np.zeros((8, 8, 4), np.uint8)
    rgba[2:4, 2:4] = (255, 0, 0, 255)
    x = read_image(saved(tmp_path, rgba), (8, 8, 3))
    assert x.shape == (8, 8, 3)
    np.testing.assert_array_equal(x[2, 2], [1, 0, 0])
    np.testing.assert_array_equal(x[0, 0], [1, 1, 1])  # transparent is white


def test_arrays(tmp_path: Path) -> None:
    x = read_image(saved(tmp_path, DIGIT, "a.npy"), (28, 28, 1))
    np.testing.assert_array_equal(x[..., 0], np.divide(DIGIT, 255, dtype=np.float32))
    deep = np.random.default_rng(0).random((6, 7, 5), dtype=np.float32)
    np.testing.assert_array_equal(read_image(saved(tmp_path, deep, "b.npy"), (6, 7, 5)), deep)


def test_what_cannot_be_taken_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "text.png").write_text("no picture")
    (tmp_path / "text.npy").write_text("no array")
    with pytest.raises(ValueError, match="--image must be a picture that can be read"):
        read_image(str(tmp_path / "text.png"), (28, 28, 1))
    with pytest.raises(ValueError, match=r"--image must be an \.npy file that can be read"):
        read_image(str(tmp_path / "text.npy"), (28, 28, 1))
    with pytest.raises(ValueError, match=r"array of shape \(28, 28\), received \(3, 28\)"):
        read_image(saved(tmp_path, DIGIT[:3], "c.npy"), (28, 28, 1))
    with pytest.raises(ValueError, match=r"numbers in \[0, 1\], received 0.0 to 255.0"):
        read_image(saved(tmp_path, DIGIT.astype(float), "d.npy"), (28, 28, 1))
    with pytest.raises(ValueError, match="images have 5 channels"):
        read_image(saved(tmp_path, DIGIT), (28, 28, 5))
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(ValueError, match=r"needs Pillow .* not installed"):
        read_image(saved_before := str(tmp_path / "image.png"), (28, 28, 1))
    assert saved_before
