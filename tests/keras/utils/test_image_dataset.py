"""image_dataset_from_directory: Keras's files, order, labels, split and pixels."""

from __future__ import annotations

import copy
import io
import os
import re
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import scratchnet
from tests.support.keras_programs import complain_alike, twins
from tests.support.signatures import taken_alike

RNG = np.random.default_rng(0)
CLASSES = {"b_cats": 7, "a_dogs": 5, "c_eels": 3}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Images of several sizes and kinds in three folders, one of them deeper."""
    top = tmp_path_factory.mktemp("images")
    kinds = ("png", "bmp", "gif")
    for name, count in CLASSES.items():
        for i in range(count):
            where = top / name / ("deeper" if i == 2 else "")
            where.mkdir(parents=True, exist_ok=True)
            size = RNG.integers(6, 20, 2)
            pixels = RNG.integers(0, 256, (*size, 3)).astype(np.uint8)
            Image.fromarray(pixels).save(where / f"{i}.{kinds[i % 3]}")
    (top / "a_dogs" / "notes.txt").write_text("no image")
    (top / ".hidden").mkdir()
    (top / "c_eels" / "UPPER.PNG").write_bytes((top / "a_dogs" / "0.png").read_bytes())
    return top


def read(folder: Path, **options: Any) -> Any:
    """What both make of `folder`: spec, classes, files, and two readings of all elements."""

    def program(tf: Any) -> Any:
        given = copy.deepcopy(options)  # Keras shuffles the list of the caller
        made = tf.keras.utils.image_dataset_from_directory(folder, verbose=False, **given)
        parts = made if isinstance(made, list) else [made]
        return [
            (
                str(part.element_spec).replace("tf.", "").replace("<dtype: ", ""),
                part.class_names,
                part.file_paths,
                int(part.cardinality()),
                [list(part.as_numpy_iterator()) for _ in range(2)],
            )
            for part in parts
        ]

    return program


def leaves(value: Any) -> list[Any]:
    if isinstance(value, list | tuple):
        return [leaf for part in value for leaf in leaves(part)]
    return [value]


CALLS: dict[str, dict[str, Any]] = {
    "as they come": {"shuffle": False, "image_size": (8, 11)},
    "mixed": {"seed": 3, "image_size": 9, "batch_size": 4},
    "both parts": {"validation_split": 0.3, "subset": "both", "seed": 1, "image_size": (5, 5)},
    "training": {
        **{"validation_split": 0.4, "subset": "training", "seed": 1, "image_size": (7, 5)},
        **{"label_mode": "categorical", "class_names": ["c_eels", "a_dogs", "b_cats"]},
    },
    "validation": {
        **{"validation_split": 0.4, "subset": "validation", "shuffle": False},
        **{"image_size": (7, 5), "batch_size": None, "labels": None},
    },
    "two classes": {"label_mode": "binary", "class_names": ["c_eels", "a_dogs"], "seed": 0},
    "labels given": {"labels": [*range(8), *range(8)], "seed": 2, "image_size": (4, 6)},
    "nearest": {"interpolation": "nearest", "image_size": (30, 30), "seed": 5},
    "cropped": {"crop_to_aspect_ratio": True, "image_size": (12, 5), "shuffle": False},
    "padded": {"pad_to_aspect_ratio": True, "image_size": (12, 9), "shuffle": False},
    "single and mixed": {"batch_size": None, "seed": 2, "image_size": (3, 2)},
    "mixed a few at a time": {"batch_size": 1, "seed": 2, "image_size": (3, 2)},
    "no labels of a mode": {"label_mode": None, "seed": 2, "image_size": (3, 2)},
    "one hot of given labels": {
        **{"labels": [5, 2, 9, 5] * 4, "label_mode": "categorical", "seed": 2},
        **{"image_size": (3, 2), "batch_size": 5},
    },
    "two of given labels": {
        **{"labels": [0, 1, 1, 0] * 4, "label_mode": "binary", "shuffle": False},
        **{"image_size": (3, 2), "batch_size": 5},
    },
    "both, in order": {
        **{"validation_split": 0.5, "subset": "both", "shuffle": False, "image_size": (3, 2)},
        **{"batch_size": None, "labels": [*range(16)]},
    },
    "the larger part": {
        **{"validation_split": 0.9, "subset": "validation", "seed": 4, "image_size": (3, 2)},
        **{"labels": None, "batch_size": 3},
    },
    "channels first": {"data_format": "channels_first", "shuffle": False, "image_size": (6, 7)},
}


@pytest.mark.parametrize("name", CALLS)
def test_elements_are_keras_own(name: str, folder: Path) -> None:
    theirs, ours = twins(read(folder, **CALLS[name]))
    assert len(ours) == len(theirs)
    for a, b in zip(ours, theirs, strict=True):
        assert a[1:4] == b[1:4]
        assert "float32" in a[0] or name == "nearest"
        mine, keras_own = leaves(a[4]), leaves(b[4])
        assert len(mine) == len(keras_own)
        for x, y in zip(mine, keras_own, strict=True):
            assert x.dtype == y.dtype
            np.testing.assert_array_equal(x, y)


@pytest.mark.parametrize(
    "method", ["bicubic", "area", "lanczos3", "lanczos5", "gaussian", "mitchellcubic"]
)
def test_other_ways_of_resizing(method: str, folder: Path) -> None:
    options = {"interpolation": method, "image_size": (10, 33), "shuffle": False, "labels": None}
    theirs, ours = twins(read(folder, **options))
    for x, y in zip(leaves(ours[0][4]), leaves(theirs[0][4]), strict=True):
        np.testing.assert_allclose(x, y, atol=1e-3)  # of 255: roundings of float32


def test_gray_and_transparent_images(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    pixels = RNG.integers(0, 256, (9, 8, 4)).astype(np.uint8)
    for mode in ("RGB", "RGBA", "L", "LA", "P"):
        Image.fromarray(pixels).convert(mode).save(tmp_path / "a" / f"{mode}.png")
    sixteen = RNG.integers(0, 65536, (9, 8)).astype(np.uint16)
    Image.fromarray(sixteen).save(tmp_path / "a" / "sixteen.png")
    for color_mode in ("grayscale", "rgb", "rgba"):
        theirs, ours = twins(
            read(tmp_path, color_mode=color_mode, image_size=(9, 8), shuffle=False)
        )
        for x, y in zip(leaves(ours[0][4]), leaves(theirs[0][4]), strict=True):
            np.testing.assert_array_equal(x, y)
    Image.fromarray(pixels).convert("RGB").save(tmp_path / "a" / "z.jpg", quality=95)
    theirs, ours = twins(read(tmp_path, image_size=(9, 8), shuffle=False, labels=None))
    x, y = ours[0][4][0][0][-1], theirs[0][4][0][0][-1]
    assert 0 < np.abs(x - y).max() < 16  # TensorFlow's transform is a rougher one


def making(folder: Any, **options: Any) -> Any:
    return lambda tf: tf.keras.utils.image_dataset_from_directory(folder, **options)


def test_arguments_that_are_wrong(folder: Path, tmp_path: Path, capsys: Any) -> None:
    (tmp_path / "empty").mkdir()
    wrong: list[tuple[dict[str, Any], str, str]] = [
        ({"labels": 3}, "labels", "must be 'inferred'"),
        ({"labels": [1]}, "labels", "must be as many as the 16 files"),
        ({"labels": [1], "class_names": ["a"]}, "class_names", "can only be given"),
        ({"class_names": ["nope"]}, "class_names", "must be some of"),
        ({"label_mode": "one"}, "label_mode", "must be 'int'"),
        ({"label_mode": "binary"}, "exactly 2", "must be two"),
        ({"color_mode": "cmyk"}, "color_mode", "must be 'grayscale'"),
        ({"image_size": (1, 2, 3)}, "image_size", "two positive integers"),
        ({"interpolation": "nope"}, "interpolation", "must be one of"),
        ({"validation_split": 2.0, "subset": "training"}, "validation_split", "between 0 and 1"),
        ({"validation_split": 0.5}, "subset", "inversely"),
        ({"validation_split": 0.5, "subset": "x"}, "subset", "must be 'training'"),
        ({"validation_split": 0.5, "subset": "both"}, "seed", "must be given with"),
        ({"format": "x"}, "format", "must be 'tf' here"),
        ({"data_format": "x"}, "data_format", "must be 'channels_last'"),
        (
            {"validation_split": 0.01, "subset": "both", "seed": 1},
            "No training images",
            "Allowed formats",
        ),
    ]
    for options, shared, ours in wrong:
        complain_alike(making(folder, **options), shared, ours)
    complain_alike(making(tmp_path / "nowhere"), "nowhere")
    complain_alike(making(tmp_path), "No images found in directory", "Allowed formats")
    with pytest.raises(ValueError, match="only one of `crop_to_aspect_ratio` and"):
        making(folder, crop_to_aspect_ratio=True, pad_to_aspect_ratio=True)(scratchnet)
    (tmp_path / "empty" / "a.png").write_bytes(b"no image")
    dataset = making(tmp_path, shuffle=False)(scratchnet)
    with pytest.raises(ValueError, match=r"a\.png: not a readable image"):
        next(iter(dataset))
    capsys.readouterr()
    making(folder, validation_split=0.5, subset="both", seed=1)(scratchnet)
    said = capsys.readouterr().out
    assert said.splitlines() == [
        "Found 16 files belonging to 3 classes.",
        "Using 8 files for training.",
        "Using 8 files for validation.",
    ]


def test_a_model_is_trained_on_them(folder: Path) -> None:
    k = scratchnet.keras
    train, validation = k.utils.image_dataset_from_directory(
        folder, image_size=(8, 8), validation_split=0.25, subset="both", seed=1, batch_size=4
    )
    model = k.Sequential([k.Input((8, 8, 3)), k.layers.Rescaling(1 / 255), k.layers.Flatten()])
    model.add(k.layers.Dense(3, activation="softmax"))
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    history = model.fit(train, validation_data=validation, epochs=2, verbose=0, shuffle=False)
    assert len(history.history["val_loss"]) == 2


def test_what_is_taken() -> None:
    taken_alike("utils", "image_dataset_from_directory")


SIZE = "`image_size` must be two positive integers, received image_size="
SPLIT = "`validation_split` must be between 0 and 1, received validation_split="
INVERSELY = "If `subset` is set, `validation_split` must be set, and inversely, received subset="
REFUSED: list[tuple[dict[str, Any], str]] = [
    *(
        ({"image_size": size}, f"{SIZE}{size!r}")
        for size in (0, -1, 2.0, "ab", (1,), (0, 1), (1, 0))
    ),
    *(({"image_size": size}, f"{SIZE}{size!r}") for size in ((1, 2.0), (1, True), [1, 2, 3], None)),
    *(({"validation_split": x, "subset": "both"}, f"{SPLIT}{x!r}") for x in (1, 1.0, -0.1, "a")),
    ({"validation_split": 0, "subset": "both"}, f"{INVERSELY}'both', validation_split=0"),
    ({"subset": "training"}, f"{INVERSELY}'training', validation_split=None"),
    ({"validation_split": 0.5}, f"{INVERSELY}None, validation_split=0.5"),
    (
        {"interpolation": 3},
        "`interpolation` must be one of bilinear, nearest, area, bicubic, mitch",
    ),
    (
        {"label_mode": 3},
        "`label_mode` must be 'int', 'categorical', 'binary' or None, received labe",
    ),
    ({"labels": {}}, "`labels` must be 'inferred', None or a list of integers, one for each file"),
    (
        {"labels": None, "class_names": ["a"]},
        "`class_names` can only be given with labels='inferred'",
    ),
]


@pytest.mark.parametrize("case", REFUSED, ids=str)
def test_refused_by_name(case: Any, folder: Path) -> None:
    options, text = case
    with pytest.raises(ValueError, match=f"^image_dataset_from_directory: {re.escape(text)}"):
        making(folder, **options)(scratchnet)


def test_a_folder_that_is_none(folder: Path) -> None:
    with pytest.raises(
        FileNotFoundError, match="`directory` must be a folder, received directory="
    ):
        making(folder / "nowhere", labels=None)(scratchnet)
    with pytest.raises(ValueError, match=r"must be as many as the 16 files in .*, received lab"):
        making(folder, labels=[0] * 15)(scratchnet)


def test_what_is_found_is_told(folder: Path, capsys: Any) -> None:
    def program(tf: Any) -> list[str]:
        making(folder, labels=None)(tf)
        making(folder, class_names=["a_dogs", "c_eels"])(tf)
        making(folder, labels=[3] * 16, verbose=False)(tf)
        making(folder, validation_split=0.25, subset="training", seed=1)(tf)
        making(folder, validation_split=0.25, subset="validation", seed=1, verbose=False)(tf)
        return capsys.readouterr().out.splitlines()

    theirs, ours = twins(program)
    assert ours == theirs


def test_what_is_told_is_told_at_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Out(io.StringIO):
        told = ""

        def flush(self) -> None:
            self.told = self.getvalue()

    out = Out()
    monkeypatch.setattr(sys, "stdout", out)
    making(folder, labels=None)(scratchnet)
    assert out.told == "Found 16 files.\n"


def test_folders_behind_links(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "0.png").write_bytes((folder / "a_dogs" / "0.png").read_bytes())
    os.symlink(folder / "b_cats", tmp_path / "a" / "linked")
    counts = []
    for follow_links in (False, True):
        options = {"follow_links": follow_links, "shuffle": False, "image_size": (3, 3)}
        theirs, ours = twins(read(tmp_path, **options))
        assert ours[0][2] == theirs[0][2]
        counts.append(len(ours[0][2]))
    assert counts == [1, 8]


def test_seeds_that_are_drawn_differ(folder: Path) -> None:
    np.random.seed(1)
    orders = {tuple(making(folder, verbose=False)(scratchnet).file_paths) for _ in range(3)}
    assert len(orders) == 3
