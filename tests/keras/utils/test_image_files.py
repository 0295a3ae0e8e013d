"""load_img, save_img, img_to_array and array_to_img: as Keras's, on the same files and arrays."""

from __future__ import annotations

import io
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import scratchnet
from tests.support.keras_programs import complain_alike, twins
from tests.support.signatures import taken_alike

RNG = np.random.default_rng(0)
PIXELS = RNG.integers(0, 256, (12, 17, 3)).astype(np.uint8)


def alike(program: Any) -> None:
    theirs, ours = twins(program)
    theirs, ours = np.asarray(theirs), np.asarray(ours)
    assert ours.dtype == theirs.dtype
    np.testing.assert_array_equal(ours, theirs)


LOADS: list[dict[str, Any]] = [
    {},
    {"color_mode": "grayscale"},
    {"color_mode": "rgba"},
    *({"target_size": (7, 20), "interpolation": name} for name in ("nearest", "bilinear", "box")),
    {"target_size": (7, 20), "interpolation": "lanczos", "keep_aspect_ratio": True},
    {"target_size": (12, 17)},
]


@pytest.mark.parametrize("ending", ["png", "jpg"])
def test_images_are_loaded_as_keras_loads_them(ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"a.{ending}"
    Image.fromarray(PIXELS).save(path)
    for options in LOADS:
        alike(lambda tf, o=options: tf.keras.utils.load_img(path, **o))
    alike(lambda tf: tf.keras.utils.load_img(str(path)))
    alike(lambda tf: tf.keras.utils.load_img(io.BytesIO(path.read_bytes())))


def test_arrays_and_images() -> None:
    floats = RNG.normal(size=(5, 6, 3))
    arrays = [floats, PIXELS, floats[..., :1], RNG.normal(size=(5, 6, 4)), PIXELS[..., :1] * 2.5]
    for x in arrays:
        for scale in (True, False):
            alike(lambda tf, x=x, s=scale: tf.keras.utils.array_to_img(abs(x), scale=s))
    alike(lambda tf: tf.keras.utils.array_to_img(np.zeros((2, 2, 1))))
    alike(lambda tf: tf.keras.utils.array_to_img(floats.transpose(2, 0, 1), "channels_first"))
    for image in (Image.fromarray(PIXELS), Image.fromarray(PIXELS[..., 0])):
        for form in (None, "channels_first"):
            alike(lambda tf, i=image, f=form: tf.keras.utils.img_to_array(i, f))
        alike(lambda tf, i=image: tf.keras.utils.img_to_array(i, dtype="uint8"))


def test_images_are_saved_as_keras_saves_them(tmp_path: Path) -> None:
    def program(tf: Any) -> Any:
        utils, path = tf.keras.utils, tmp_path / tf.__name__
        path.mkdir(exist_ok=True)
        utils.save_img(path / "a.png", PIXELS)
        utils.save_img(str(path / "b.JPG"), PIXELS, quality=90, scale=False)
        utils.save_img(path / "c.x", PIXELS, file_format="bmp")
        buffer = io.BytesIO()
        utils.save_img(buffer, PIXELS, file_format="jpg")
        files = [(path / name).read_bytes() for name in ("a.png", "b.JPG", "c.x")]
        return [len(part) for part in (*files, buffer.getvalue())]

    theirs, ours = twins(program)
    assert ours == theirs
    with pytest.warns(UserWarning, match="does not support RGBA"):
        scratchnet.keras.utils.save_img(tmp_path / "d.jpg", np.ones((2, 2, 4)))


def test_what_is_wrong_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.png"
    Image.fromarray(PIXELS).save(path)
    utils = scratchnet.keras.utils
    complain_alike(lambda tf: tf.keras.utils.load_img(path, color_mode="x"), "color_mode")
    complain_alike(
        lambda tf: tf.keras.utils.load_img(path, target_size=(2, 2), interpolation="x"),
        "nterpolation",
    )
    complain_alike(lambda tf: tf.keras.utils.load_img(3), "path", "must be a path")
    complain_alike(lambda tf: tf.keras.utils.load_img(tmp_path / "b.png"), "b.png")
    complain_alike(lambda tf: tf.keras.utils.array_to_img(np.ones(3)), "rank 3", "must have 3 axes")
    complain_alike(
        lambda tf: tf.keras.utils.array_to_img(np.ones((2, 2, 2))), "Unsupported channel number: 2"
    )
    complain_alike(
        lambda tf: tf.keras.utils.img_to_array(np.ones((1, 2, 2, 3))), "Unsupported image shape"
    )
    complain_alike(
        lambda tf: tf.keras.utils.img_to_array(PIXELS, data_format="x"), "data_format", "'channels"
    )
    with pytest.raises(ValueError, match="`target_size` must be two positive integers"):
        utils.load_img(path, target_size=5)
    with pytest.raises(ValueError, match="`file_format` must be a format that Pillow writes"):
        utils.save_img(tmp_path / "c", PIXELS, file_format="nope")
    path.write_bytes(b"no image")
    with pytest.raises(ValueError, match=r"`path` must be a file of an image .*a\.png"):
        utils.load_img(path)
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(ImportError, match="images need Pillow"):
        utils.load_img(path)


def test_what_is_taken() -> None:
    taken_alike("utils", "array_to_img", "img_to_array", "load_img", "save_img")


MODES = {"L": 1, "I;16": 1, "I": 1, "P": 1, "LA": 2, "RGB": 3, "RGBA": 4, "1": 1, "CMYK": 4}


@pytest.mark.parametrize("mode", MODES)
def test_images_of_all_modes(mode: str, tmp_path: Path) -> None:
    path = tmp_path / ("a.tiff" if mode in ("CMYK", "I") else "a.png")
    image = Image.fromarray(PIXELS[..., 0])
    if mode.startswith("I"):
        image = Image.fromarray(PIXELS[..., 0].astype("int32" if mode == "I" else "uint16") * 9)
    else:
        image = Image.fromarray(PIXELS).convert(mode)
    image.save(path)
    for color_mode in ("grayscale", "rgb", "rgba"):
        for size in (None, (12, 17), (5, 30)):

            def program(tf: Any, color: str = color_mode, size: Any = size) -> Any:
                found = tf.keras.utils.load_img(path, color_mode=color, target_size=size)
                return [[found.mode, *found.size], np.asarray(found).ravel()[:50].tolist()]

            theirs, ours = twins(program)
            assert ours == theirs


@pytest.mark.parametrize("size", [(12, 17), (3, 3), (4, 17), (12, 5), (30, 2), (1, 40), (2, 2)])
def test_the_middle_in_the_proportions_of_the_target(size: tuple[int, int], tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    Image.fromarray(PIXELS).save(path)
    for name in ("nearest", "bicubic", "hamming"):
        options = {"target_size": size, "interpolation": name, "keep_aspect_ratio": True}
        alike(lambda tf, o=options: tf.keras.utils.load_img(path, **o))


def test_values_are_stretched_or_cut() -> None:
    arrays = [
        np.full((2, 3, 1), 7.0),
        np.array([[[0.0], [1.0], [300.0]]]),
        np.full((1, 1, 3), -5.0),
    ]
    arrays += [np.array([[[-2.0, 0.0, 6.0, 4.0]]]), np.array([[[255.0], [256.0]]])]
    for x in arrays:
        for options in ({}, {"scale": False}, {"dtype": "float64"}):

            def program(tf: Any, x: Any = x, options: Any = options) -> Any:
                if options == {"scale": False} and x.min() < 0:
                    x = abs(x)  # what a byte of a negative number is, is the machine's affair
                found = tf.keras.utils.array_to_img(x, **options)
                return [found.mode, np.asarray(found).tolist()]

            theirs, ours = twins(program)
            assert ours == theirs


def test_sizes_that_are_none(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    Image.fromarray(PIXELS).save(path)
    load = scratchnet.keras.utils.load_img
    for size in (5, (5,), (1, 2, 3), (0, 1), (1, 0), (1, 2.0), (True, 1), "ab"):
        with pytest.raises(ValueError, match=r"^load_img: `target_size` must be two positive"):
            load(path, target_size=size)
    assert load(path, target_size=[1, 2]).size == (2, 1)
    assert load(bytes(path), target_size=(2, 1)).size == (1, 2)
    with pytest.raises(TypeError, match=r"^load_img: `path` must be a path or an io\.BytesIO"):
        load(3)
    utils = scratchnet.keras.utils
    for wrong, error in ((["a"], ValueError), ({}, TypeError)):
        for function, name in ((utils.img_to_array, "img"), (utils.array_to_img, "x")):
            text = f"^{function.__name__}: `{name}` must be an image, or an array of one, received"
            with pytest.raises(error, match=text):
                function(wrong)


def test_formats_by_endings_and_by_name(tmp_path: Path) -> None:
    save, pixels = scratchnet.keras.utils.save_img, np.ones((2, 2, 4))
    for name, options, kind in (
        ("a.PNG", {}, "PNG"),
        ("a.jpeg", {"file_format": "PNG"}, "PNG"),
        ("b.png", {"file_format": "JPG"}, "JPEG"),
        ("c.jpeg", {}, "JPEG"),
    ):
        with warnings.catch_warnings(record=True) as heard:
            warnings.simplefilter("always")
            save(tmp_path / name, pixels, **options)
        with Image.open(tmp_path / name) as image:
            assert (image.format, len(heard)) == (kind, int(kind == "JPEG"))
            assert image.mode == ("RGB" if kind == "JPEG" else "RGBA")


def test_dtypes_and_flags_that_are_none() -> None:
    utils, x = scratchnet.keras.utils, np.ones((2, 3, 1))
    for function in (utils.img_to_array, utils.array_to_img):
        for dtype in ({}, (), "", 0, 7, np.ones((2, 2))):
            with pytest.raises(TypeError, match=f"^{function.__name__}: `dtype`: Cannot convert"):
                function(x, dtype=dtype)
    with pytest.raises(ValueError, match=r"^array_to_img: `scale` must be True or False, rec"):
        utils.array_to_img(x, scale=x)
