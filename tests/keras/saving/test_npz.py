"""Weights in npz files, and npz files that are none."""

from __future__ import annotations

import io
import pickle
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import scratchnet
from scratchnet.keras.datasets.split import read_split
from scratchnet.keras.saving.npz import read_npz, write_npz
from scratchnet.keras.saving.stored_arrays import ShapeOnly
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


def npy(array, version=(1, 0)):
    file = io.BytesIO()
    np.lib.format.write_array(file, np.asarray(array), version)
    return file.getvalue()


def test_arrays_by_object_and_place(tmp_path):
    arrays = {"": {"0": np.float32(1)}, "a/b": {"0": np.ones((2, 3)), "1": np.arange(3)}, "c": {}}
    with (tmp_path / "a.npz").open("wb") as file:
        write_npz(file, arrays)
    with np.load(tmp_path / "a.npz") as file:
        assert sorted(file.files) == ["a/b/vars/0", "a/b/vars/1", "vars/0"]
    wanted = {"": [()], "a/b": [(2, 3), (4,)], "c": [], "none": [(1,)]}
    found = read_npz(str(tmp_path / "a.npz"), "label", wanted)
    assert found[""] == {"0": np.float32(1)}
    assert isinstance(found[""]["0"], np.ndarray)
    assert found["a/b"] == {"0": ShapeOnly((2, 3)), "1": ShapeOnly((3,))}
    assert (found["c"], found["none"]) == ({}, {})
    both = read_npz(str(tmp_path / "a.npz"), "label", {"a/b": [(2, 3), (3,)]})["a/b"]
    assert [both[k].tolist() for k in "01"] == [[[1.0] * 3] * 2, [0, 1, 2]]
    with pytest.raises(FileNotFoundError):
        read_npz(str(tmp_path / "b.npz"), "label", {})


@pytest.mark.parametrize("version", [(1, 0), (2, 0), (3, 0)])
def test_versions_of_the_header(version, tmp_path):
    path = packed(tmp_path / "a.npz", {"vars/0.npy": npy(np.arange(3), version)})
    if version == (3, 0):  # for names of fields, which no weights have
        with pytest.raises(OSError, match=r"label is not a readable .npz file: \(3, 0\)"):
            read_npz(str(path), "label", {})
    else:
        found = read_npz(str(path), "label", {"": [(3,)]})
        assert found[""]["0"].tolist() == [0, 1, 2]


def test_arrays_of_other_sizes_than_they_say(tmp_path):
    good = npy(np.arange(3))
    for data in (good[:-1], good + b"x"):
        path = packed(tmp_path / "a.npz", {"vars/0.npy": data})
        with pytest.raises(
            OSError, match=r"the array vars/0.npy says to be of shape \(3,\), and is"
        ):
            read_npz(str(path), "label", {})


@pytest.mark.parametrize(
    ("size", "packed_size", "refused"),
    [
        (64 * 2**20, 1, False),
        (64 * 2**20 + 1, 1, True),
        (1000 * 2**20, 2**20, False),
        (1000 * 2**20 + 1, 2**20, True),
    ],
)
def test_how_far_an_array_may_unpack(size, packed_size, refused, tmp_path, monkeypatch):
    path = packed(tmp_path / "a.npz", {"vars/0.npy": npy(np.arange(3))})
    infos = zipfile.ZipFile.infolist

    def told(self):
        (info,) = infos(self)
        info.file_size, info.compress_size = size, packed_size
        return [info]

    monkeypatch.setattr(zipfile.ZipFile, "infolist", told)
    kind, said = (ValueError, f"has {size} bytes unpacked") if refused else (OSError, "label is")
    with pytest.raises(kind, match=said):  # in the latter case of what is read then
        read_npz(str(path), "label", {})
