"""IMDB and Reuters: the same lists as Keras's, for files as theirs with fewer texts."""

from __future__ import annotations

import hashlib
import importlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from scratchnet.keras.datasets import imdb, reuters
from tests.support.dataset_files import npz, put

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
