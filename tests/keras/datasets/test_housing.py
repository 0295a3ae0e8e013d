"""The two data sets of houses: the split of Keras, for files as theirs with fewer rows."""

from __future__ import annotations

import hashlib
import importlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from scratchnet.keras.datasets import boston_housing, california_housing
from tests.support.dataset_files import npz, put
from tests.support.signatures import taken_alike

RNG = np.random.default_rng(2)
OURS = {"boston_housing": boston_housing, "california_housing": california_housing}
FILES = {
    "boston_housing": npz(x=RNG.normal(size=(50, 13)), y=RNG.normal(size=50)),
    "california_housing": npz(
        x=RNG.normal(size=(700, 8)).astype("f"), y=RNG.normal(size=700).astype("f")
    ),
}
CALLS: list[dict[str, Any]] = [{}, {"test_split": 0.35, "seed": 5}, {"test_split": 0.0}]


@pytest.mark.parametrize("name", FILES)
def test_the_split_of_keras(name: str, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = OURS[name], importlib.import_module(f"keras.src.datasets.{name}")
    put(cache / f"{name}.npz", FILES[name])
    monkeypatch.setattr(ours, "SHA256", hashlib.sha256(FILES[name]).hexdigest())
    monkeypatch.setattr(theirs, "get_file", lambda *args, **kwargs: str(cache / f"{name}.npz"))
    calls = CALLS + ([{"version": "small"}] if name == "california_housing" else [])
    for call in calls:
        for mine, keras_own in zip(ours.load_data(**call), theirs.load_data(**call), strict=True):
            for a, b in zip(mine, keras_own, strict=True):
                assert a.dtype == b.dtype
                np.testing.assert_array_equal(a, b)
    for share in (1, -0.1, float("nan"), "a", True):
        with pytest.raises(ValueError, match=rf"{name}.load_data: `test_split` must be between"):
            ours.load_data(test_split=share)
    if name == "california_housing":
        with pytest.raises(ValueError, match="`version` must be one of 'small', 'large', received"):
            ours.load_data("tiny")
    put(cache / f"{name}.npz", npz(x=np.ones(3)))
    monkeypatch.setattr(ours, "SHA256", hashlib.sha256(npz(x=np.ones(3))).hexdigest())
    with pytest.raises(ValueError, match="must hold the array y"):
        ours.load_data()


def test_what_its_functions_take() -> None:
    taken_alike("datasets.boston_housing")
    taken_alike("datasets.california_housing")
