"""IMDB and Reuters: the same lists as Keras's, for files as theirs with fewer texts."""

from __future__ import annotations

import hashlib
import importlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from scratchnet.keras.datasets import imdb, reuters, words
from tests.support.dataset_files import npz, put
from tests.support.signatures import taken_alike

RNG = np.random.default_rng(1)


def texts(count: int) -> Any:
    found = np.empty(count, object)
    found[:] = [RNG.integers(1, 60, RNG.integers(2, 12)).tolist() for _ in range(count)]
    return found


FILES = {
    "imdb": npz(
        x_train=texts(12), y_train=RNG.integers(0, 2, 12), x_test=texts(9), y_test=np.arange(9) % 2
    ),
    "reuters": npz(x=texts(20), y=RNG.integers(0, 46, 20)),
}
CALLS: list[dict[str, Any]] = [
    {},
    {"num_words": 30, "skip_top": 5},
    {"num_words": 30, "oov_char": None, "seed": 7},
    {"start_char": None, "index_from": 0},
    {"start_char": None, "index_from": 2, "maxlen": 8},
    {"start_char": None, "index_from": None},
    {"maxlen": 6, "seed": 3},
]


@pytest.mark.parametrize("name", FILES)
def test_the_lists_of_keras(name: str, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ours = {"imdb": imdb, "reuters": reuters}[name]
    theirs = importlib.import_module(f"keras.src.datasets.{name}")
    put(cache / f"{name}.npz", FILES[name])
    monkeypatch.setattr(ours, "SHA256", hashlib.sha256(FILES[name]).hexdigest())
    monkeypatch.setattr(theirs, "get_file", lambda *args, **kwargs: str(cache / f"{name}.npz"))
    for call in CALLS + ([{"test_split": 0.5}] if name == "reuters" else []):
        for mine, keras_own in zip(ours.load_data(**call), theirs.load_data(**call), strict=True):
            for a, b in zip(mine, keras_own, strict=True):
                assert a.dtype == b.dtype, call
                assert a.tolist() == b.tolist(), call
    index = json.dumps({"the": 1, "é": 2}).encode()
    put(cache / f"{name}_word_index.json", index)
    monkeypatch.setattr(ours, "INDEX_MD5", hashlib.md5(index).hexdigest())
    assert ours.get_word_index() == {"the": 1, "é": 2}
    put(cache / f"{name}_word_index.json", b"[]")
    monkeypatch.setattr(ours, "INDEX_MD5", hashlib.md5(b"[]").hexdigest())
    with pytest.raises(ValueError, match="must hold the numbers of words"):
        ours.get_word_index()
    with pytest.raises(ValueError, match=r"load_data: `num_words` must be an integer or None, rec"):
        ours.load_data(num_words=1.5)
    if name == "reuters":
        assert ours.get_label_names() == theirs.get_label_names()
        with pytest.raises(ValueError, match=r"`test_split` must be between 0 and 1 .*received"):
            ours.load_data(test_split=1.0)
        return
    with pytest.raises(ValueError, match=r"`maxlen` must be larger: no sequence .* maxlen=1"):
        ours.load_data(maxlen=1)
    with pytest.warns(UserWarning, match="arguments that it does not have are ignored"):
        ours.load_data(nb_words=3)


def test_words_are_numbered_from_the_first_free_number() -> None:
    given = [[1, 2], [], [3]]
    assert words.renumbered(given, 1, 3) == [[1, 4, 5], [1], [1, 6]]
    assert words.renumbered(given, None, 3) == [[4, 5], [], [6]]
    assert words.renumbered(given, 0, None) == [[0, 1, 2], [0], [0, 3]]


def test_long_texts_are_left_out() -> None:
    given, labels = [[1, 2, 3], [4, 5], [6]], np.array([7, 8, 9])
    assert words.without_long(given, labels, 3) == ([[4, 5], [6]], [8, 9])
    assert words.without_long(given, labels, 4) == (given, [7, 8, 9])
    assert words.without_long(given, labels, 1) == ([], [])


def test_rare_and_frequent_words_are_left_out() -> None:
    """From `skip_top` on, and below `num_words`; without it, below the largest, as in Keras."""
    given = [[1, 2, 3, 4, 5], [5, 1]]
    assert words.only_frequent(given, 4, 2, 0) == [[0, 2, 3, 0, 0], [0, 0]]
    assert words.only_frequent(given, 4, 2, None) == [[2, 3], []]
    assert words.only_frequent(given, None, 0, 0) == [[1, 2, 3, 4, 0], [0, 1]]
    assert words.only_frequent(given, 9, 0, None) == given


def test_arguments_are_integers_or_none() -> None:
    words.check_integers("f", a=None, b=3, c=np.int8(-1))
    for wrong in (1.0, "1", True, [1]):
        with pytest.raises(ValueError, match=r"^f: `b` must be an integer or None, received b="):
            words.check_integers("f", a=1, b=wrong)


def test_texts_are_objects() -> None:
    assert words.as_objects([[1], [2, 3]]).shape == (2,)
    assert words.as_objects([[1], [2]]).shape == (2, 1)
    assert words.as_objects([[1], [2]]).dtype == object


def test_what_its_functions_take() -> None:
    taken_alike("datasets.imdb")
    taken_alike("datasets.reuters")
