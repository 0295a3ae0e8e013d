"""Weights in npz files, and npz files that are none."""

from __future__ import annotations

import io
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import scratchnet
from scratchnet.keras.datasets.split import read_split
from tests.support.keras_programs import fresh
from tests.support.model_files import packed, small, unchanged
from tests.support.sequential_models import FILES


def state(model: Any) -> list[np.ndarray]:
    optimizer = getattr(model, "optimizer", None)
    return [*model.get_weights(), *(v.numpy() for v in (optimizer.variables if optimizer else []))]


@pytest.mark.parametrize("name", FILES)
def test_npz(name: str, tmp_path: Path) -> None:
    path = str(tmp_path / "model.npz")
    fresh(scratchnet, seed=1)
    model = FILES[name](scratchnet)
    model.save_weights(path)
    fresh(scratchnet, seed=2)
    other = FILES[name](scratchnet)
    other.load_weights(path)
    for a, b in zip(state(other), state(model), strict=True):
        np.testing.assert_array_equal(a, b)
    with np.load(path) as file:
        assert all("/" in key or key.startswith("vars") for key in file.files)


def test_npz_files_that_are_none(tmp_path):
    path = tmp_path / "a.npz"
    for content in (b"", b"nonsense", pickle.dumps({"a": 1})):
        path.write_bytes(content)
        with pytest.raises(OSError, match=r"a\.npz.*is not a readable \.npz file"):
            small(scratchnet).load_weights(path)
    small(scratchnet).save_weights(path)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(OSError, match="is not a readable"):
        small(scratchnet).load_weights(path)


def test_npz_files_with_pickles_are_refused(tmp_path):
    class Evil:
        def __reduce__(self):
            return (Path.touch, (tmp_path / "evil",))

    path = tmp_path / "a.npz"
    np.savez(path, **{"layers/dense/vars/0": np.array([Evil()], object)})
    with pytest.raises(ValueError, match=r"a\.npz.*pickled Python objects"):
        small(scratchnet).load_weights(path)
    assert not (tmp_path / "evil").exists()


def test_npz_files_with_other_things_than_numbers_are_refused(tmp_path):
    path = tmp_path / "a.npz"
    model = small(scratchnet)
    before = model.get_weights()
    for dtype in ("complex64", "U3", "datetime64[s]"):
        np.savez(path, **{"layers/dense/vars/0": np.zeros((3, 2), dtype)})
        with pytest.raises(ValueError, match=r"a\.npz.*Not allowed.*not plain numbers"):
            model.load_weights(path)
        unchanged(model, before)


def test_npz_files_that_lie_about_their_sizes(tmp_path):
    path = tmp_path / "a.npz"
    head = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        head, {"descr": "<f4", "fortran_order": False, "shape": (10**9, 10**3)}
    )
    packed(path, {"layers/dense/vars/0.npy": head.getvalue() + bytes(8)})
    with pytest.raises(OSError, match="says to be of shape"):
        small(scratchnet).load_weights(path)


@pytest.mark.parametrize("header", ["{'descr': '<f4', (", "{'descr': ", "'" * 90, "[" * 300])
def test_npz_files_with_headers_that_are_no_python(header: str, tmp_path: Path) -> None:
    """NumPy reads a header as Python text, and lets the tokenizer's errors through."""
    array = io.BytesIO()
    np.save(array, np.zeros((3, 2), "f"))
    magic = b"\x93NUMPY\x01\x00" + (len(header) + 1).to_bytes(2, "little")
    path = packed(tmp_path / "a.npz", {"layers/dense/vars/0.npy": magic + header.encode() + b"\n"})
    with pytest.raises(OSError, match=r"a\.npz.*is not a readable"):
        small(scratchnet).load_weights(path)
    with pytest.raises(ValueError, match=r"a\.npz"):
        read_split(packed(path, {"x_train.npy": magic + header.encode() + b"\n"}))
