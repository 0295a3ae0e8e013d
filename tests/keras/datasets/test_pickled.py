"""Pickles of data sets are read as data: nothing in them is called but what makes arrays."""

from __future__ import annotations

import io
import os
import pickle
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from scratchnet.keras.datasets import pickled
from scratchnet.keras.datasets.pickled import read_npz, unpickled
from tests.support.dataset_files import npz


class Calls:
    """Whoever unpickles it calls a function."""

    def __init__(self, function: Any, *args: Any) -> None:
        self.call = function, args

    def __reduce__(self) -> Any:
        return self.call


def ragged() -> Any:
    found = np.empty(3, object)
    found[:] = [[1, 2], [3], []]
    return found


@pytest.mark.parametrize("protocol", [3, 4])
def test_what_data_sets_hold(protocol: int) -> None:
    held = {
        b"data": np.arange(6, dtype=np.uint8).reshape(2, 3),
        b"labels": [1, 2],
        b"more": (1.5, None, "text", {"a": ragged()}),
        b"float": np.float32([[1, 2]]).T,
    }
    found = unpickled(io.BytesIO(pickle.dumps(held, protocol)), "a file")
    np.testing.assert_array_equal(found[b"data"], held[b"data"])
    np.testing.assert_array_equal(found[b"float"], held[b"float"])
    assert found[b"more"][3]["a"].tolist() == [[1, 2], [3], []]
    assert found[b"labels"] == [1, 2]


WRONG = {
    "a program": Calls(os.system, "true"),
    "code": Calls(eval, "1"),
    "a file": Calls(open, "x", "w"),
    "NumPy's loader": Calls(np.load, "x"),
    "an array made large": Calls(np.ndarray, (10**12,)),
    "the parts of an array": Calls(np.lib.stride_tricks.as_strided, [1], (5,)),
    "an attribute": Calls(getattr, [], "append"),
    "a structured dtype": np.zeros(2, [("a", "i4"), ("b", "f4")]),
    "text": np.array(["abc"]),
}


@pytest.mark.parametrize("name", WRONG)
def test_whatever_else_is_refused(name: str, tmp_path: Path) -> None:
    text = pickle.dumps(WRONG[name], 3)
    with pytest.raises(ValueError, match=r"a file: (Not allowed|not a readable pickle)"):
        unpickled(io.BytesIO(text), "a file")
    wrapped = np.empty(1, object)
    wrapped[0] = WRONG[name]
    (tmp_path / "a.npz").write_bytes(npz(x=wrapped))
    with pytest.raises(ValueError, match=r"a\.npz: x: (Not allowed|not a readable pickle)"):
        read_npz(tmp_path / "a.npz", "x")


def test_pickles_that_are_cut_off_or_lie() -> None:
    whole = pickle.dumps({"a": np.arange(5)}, 3)
    for part in (b"", whole[:-3], whole[:20], b"\x80\x04\x8e" + b"\xff" * 8, b"\x80\x03}q\x00(."):
        with pytest.raises(ValueError, match=r"a file: (not a readable pickle|Not allowed)"):
            unpickled(io.BytesIO(part), "a file")
    shape = pickle.dumps(np.arange(5, dtype=np.int64), 3).replace(b"K\x05\x85", b"K\x63\x85")
    with pytest.raises(ValueError, match="a file: not a readable pickle"):
        unpickled(io.BytesIO(shape), "a file")


def test_arrays_of_lists_in_an_npz(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    path.write_bytes(npz(x=ragged(), y=np.arange(3)))
    x, y = read_npz(path, "x", "y")
    assert x.tolist() == [[1, 2], [3], []]
    assert y.tolist() == [0, 1, 2]
    with pytest.raises(ValueError, match=r"a\.npz: must hold the array z"):
        read_npz(path, "z")
    with zipfile.ZipFile(tmp_path / "b.npz", "w") as archive:
        archive.writestr("x.npy", b"nothing of NumPy's")
    for name, content in {"b.npz": None, "c.npz": b"", "d.npz": path.read_bytes()[:200]}.items():
        if content is not None:
            (tmp_path / name).write_bytes(content)
        with pytest.raises(ValueError, match=rf"{name[0]}\.npz: not a readable \.npz file"):
            read_npz(tmp_path / name, "x")
    with zipfile.ZipFile(tmp_path / "e.npz", "w") as archive:  # of another shape than it says
        with zipfile.ZipFile(path) as good:
            text = good.read("x.npy").replace(b"(3,)", b"(4,)")
        archive.writestr("x.npy", text)
    with pytest.raises(ValueError, match=r"x is no array of shape \(4,\)"):
        read_npz(tmp_path / "e.npz", "x")


def test_what_makes_arrays_makes_nothing_else() -> None:
    """The classes and dtypes that NumPy's pickles may name."""
    for wrong in (np.ndarray, list, "ndarray"):
        with pytest.raises(pickle.UnpicklingError, match="an array of"):
            pickled._reconstruct(wrong, (0,), b"b")
    empty = pickled._reconstruct(pickled._Marker, (5,), b"b")
    assert (empty.shape, empty.dtype) == ((0,), np.int8)
    for text, wanted in (("f8", "f8"), (b"u1", "u1"), ("O8", "O"), ("b1", "?"), ("i4", "i4")):
        assert pickled._dtype(text, False, True) == np.dtype(wanted)
    assert pickled._dtype("f8") is not np.dtype("f8")  # its state is set after it
    for wrong in ("c8", "f16", "S1", "V8", "xf8", "f8x", 8, None, b"U1"):
        with pytest.raises(pickle.UnpicklingError, match="the dtype"):
            pickled._dtype(wrong)


@pytest.mark.parametrize("version", [(1, 0), (2, 0)])
def test_versions_of_the_header(version: Any, tmp_path: Path) -> None:
    lists = ragged()
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        for name, array in {"x": np.arange(3.0), "lists": lists}.items():
            buffer = io.BytesIO()
            np.lib.format.write_array(buffer, array, version, allow_pickle=True)
            archive.writestr(f"{name}.npy", buffer.getvalue())
    x, found = read_npz(tmp_path / "a.npz", "x", "lists")
    assert x.tolist() == [0.0, 1.0, 2.0]
    assert found.tolist() == lists.tolist()


def test_an_array_that_is_a_list(tmp_path: Path) -> None:
    whole = npz(x=ragged())
    with zipfile.ZipFile(io.BytesIO(whole)) as good:
        text = good.read("x.npy")
    header = text[: text.index(b"\n") + 1]
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        archive.writestr("x.npy", header + pickle.dumps([1, 2, 3], 3))
    with pytest.raises(ValueError, match=r"a\.npz: x is no array of shape \(3,\)"):
        read_npz(tmp_path / "a.npz", "x")


def test_what_is_no_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "pipe"):
        with pytest.raises(OSError, match=r"^read_npz: must be a file, received "):
            read_npz(path, "x")
