"""HDF5 files whose bytes lie: of each place that could be an address or a size."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import h5py
import numpy as np
import pytest

import scratchnet
from scratchnet.keras.saving import h5
from scratchnet.keras.saving.stored_arrays import ShapeOnly
from tests.support.model_files import CONFIG, WEIGHTS, packed, small, unpacked


@pytest.mark.parametrize("number", [2**62, 2**63 - 1, 2**64 - 2])
def test_an_address_beyond_the_file_is_an_error_of_ours(number: int, tmp_path: Path) -> None:
    """h5py asks the file object for so many bytes: an OverflowError of Python's."""
    weights, path = tmp_path / "a.weights.h5", tmp_path / "a.keras"
    small(scratchnet).save(path)
    small(scratchnet).save_weights(weights)
    whole, model = weights.read_bytes(), small(scratchnet)
    with zipfile.ZipFile(path) as archive:
        config = archive.read(CONFIG)
    refused = 0
    for at in range(0, min(len(whole) - 8, 1024), 8):
        changed = whole[:at] + number.to_bytes(8, "little") + whole[at + 8 :]
        weights.write_bytes(changed)
        packed(path, {CONFIG: config, WEIGHTS: changed})
        for load in (
            lambda: model.load_weights(weights),
            lambda: scratchnet.keras.models.load_model(path),
        ):
            try:
                load()
            except (OSError, ValueError):
                refused += 1
    assert refused > 20


def test_global_heaps_in_which_hdf5_would_go_round_for_ever(tmp_path: Path) -> None:
    """Each object of each heap with the sizes 0 and nearly 2^64; where those end, they are read."""
    path = tmp_path / "a.h5"
    small(scratchnet).save(path)
    whole, load = path.read_bytes(), scratchnet.keras.models.load_model
    heap = whole.index(b"GCOL\x01")
    at, end = heap + 16, heap + int.from_bytes(whole[heap + 8 : heap + 16], "little")
    sizes = []  # index, where the size is
    while at + 16 <= end:
        index, size = (
            whole[at] + 256 * whole[at + 1],
            int.from_bytes(whole[at + 8 : at + 16], "little"),
        )
        sizes.append((index, at + 8))
        at += 16 + (size + 7) // 8 * 8 if index else size
    assert sizes[-1][0] == 0
    assert at == end
    for index, where in sizes[-3:]:
        for size in (0, 2**64 - 16, 2**64 - 4096):
            path.write_bytes(whole[:where] + size.to_bytes(8, "little") + whole[where + 8 :])
            if index and not size:
                continue  # an empty text
            with pytest.raises(OSError, match=r"the global heap at byte \d+ has .* without an end"):
                load(path)
            with pytest.raises(OSError, match="without an end"):
                small(scratchnet).load_weights(path)
    path.write_bytes(whole + b"GCOL")
    small(scratchnet).load_weights(path)


def test_texts_of_attributes_that_are_longer_than_the_file(tmp_path: Path) -> None:
    """Each reference into each heap, with lengths beside the file's; shorter ones reach HDF5."""
    path = tmp_path / "a.h5"
    small(scratchnet).save(path)
    whole, found = path.read_bytes(), 0
    address = whole.index(b"GCOL\x01").to_bytes(8, "little")
    at = whole.find(address)
    while at >= 0:
        said, index = (int.from_bytes(whole[i : i + 4], "little") for i in (at - 4, at + 8))
        if 0 < said < len(whole) and 0 < index < 100:
            found += 1
            for length in (len(whole), len(whole) + 1, 2**29 + said, 2**32 - 1):
                path.write_bytes(whole[: at - 4] + length.to_bytes(4, "little") + whole[at:])
                if length == len(whole):
                    h5.check_heaps(path)
                    continue
                says = (
                    rf"the global heap at byte \d+ has an object of {length} bytes, more than the"
                )
                with pytest.raises(OSError, match=f"not a readable HDF5 file: {says} whole file"):
                    scratchnet.keras.models.load_model(path)
                with pytest.raises(OSError, match=says):
                    h5.check_heaps(io.BytesIO(path.read_bytes()))
        at = whole.find(address, at + 1)
    assert found >= 4


@pytest.mark.parametrize("where", ["", "model.keras"])
def test_a_weight_whose_dtype_is_said_to_be_half_a_gigabyte_long(
    tmp_path: Path, where: str
) -> None:
    path, model = tmp_path / (where or "a.weights.h5"), small(scratchnet)
    model.save(path) if where else model.save_weights(path)
    parts = unpacked(path) if where else {}
    file = io.BytesIO(parts["model.weights.h5"] if where else path.read_bytes())
    with h5py.File(file, "a") as weights:
        datasets: list[Any] = []
        weights.visititems(lambda _, x: datasets.append(x) if hasattr(x, "dtype") else None)
        datasets[0].attrs["dtype"] = "float32"
    whole = file.getvalue()
    heaps = [m.start() for m in re.finditer(b"GCOL\x01", whole)]
    text = (7).to_bytes(4, "little")
    at = max(whole.find(text + heap.to_bytes(8, "little")) for heap in heaps)
    damaged = whole[:at] + (2**29).to_bytes(4, "little") + whole[at + 4 :]
    assert at > 0
    for data, is_damaged in ((whole, False), (damaged, True)):
        if where:
            packed(path, parts | {"model.weights.h5": data})
        else:
            path.write_bytes(data)
        load = scratchnet.keras.models.load_model if where else model.load_weights
        if is_damaged:
            with pytest.raises(OSError, match="has an object of 536870912 bytes, more than the"):
                load(path)
        else:
            load(path)


def heap(*objects: tuple[int, int], size: int | None = None) -> bytes:
    """A global heap of objects of an index and a size, whose bytes are zeros."""
    body = b""
    for index, length in objects:
        head = index.to_bytes(2, "little") + bytes(6) + length.to_bytes(8, "little")
        body += head + bytes((length + 7) // 8 * 8 if index and length < 100 else 0)
    whole = 16 + len(body) if size is None else size
    return b"GCOL\x01\0\0\0" + whole.to_bytes(8, "little") + body


@pytest.mark.parametrize(
    ("data", "endless"),
    [
        (heap((1, 5), (2, 8), (0, 16)), False),
        (heap((1, 0), (2, 0), (0, 16)), False),
        (heap((0, 0)), True),
        (heap((1, 5), (0, 0)), True),
        (heap((1, 5), (0, 0), size=16), False),
        (heap((1, 5), (0, 0), size=40), False),  # the second one does not fit any more
        (heap((1, 5), (0, 0), size=56), True),
        (heap((1, 2**64 - 16)), True),
        (heap((1, 2**64 - 23)), True),
        (heap((1, 2**64 - 24)), True),  # a step of nearly 2^64
        (heap((1, 2**63)), True),
        (heap((1, 2**62)), False),
        (heap((0, 2**63 - 17)), False),
        (heap((0, 2**63 - 16)), True),
        (heap((0, 17)), False),
        (b"GCOL\x01", False),
        (heap(), False),
    ],
)
def test_walks_through_heaps(data: bytes, endless: bool, tmp_path: Path) -> None:
    for before in (b"", b"x" * 11 + heap((0, 16))):
        path = tmp_path / "a"
        path.write_bytes(before + data)
        if endless:
            with pytest.raises(
                OSError, match=f"global heap at byte {len(before)} has an object wi"
            ):
                h5.check_heaps(str(path))
        else:
            h5.check_heaps(str(path))


def test_an_empty_file_has_no_heap(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"")
    h5.check_heaps(str(tmp_path / "a"))


def test_arrays_are_written_by_object_and_place(tmp_path: Path) -> None:
    arrays = {"": {"0": np.float32(1)}, "a/b": {"0": np.ones((2, 3)), "1": np.arange(3)}, "c": {}}
    names = {"": "net", "a/b": "dense_7", "c": "drop"}
    h5.write_h5(tmp_path / "a.h5", arrays, names)
    with h5py.File(tmp_path / "a.h5") as file:
        found: list[str] = []
        file.visit(found.append)
        assert sorted(found) == [
            *("a", "a/b", "a/b/vars", "a/b/vars/0", "a/b/vars/1", "c", "c/vars", "vars", "vars/0")
        ]
        assert [file[f"{k}/vars" if k else "vars"].attrs["name"] for k in names] == [
            *names.values()
        ]
    wanted = {"": [()], "a/b": [(2, 3), (4,)], "c": [], "none": [(1,)]}
    read = h5.read_h5(tmp_path / "a.h5", "label", wanted)
    assert read[""]["0"] == np.float32(1)
    assert isinstance(read[""]["0"], np.ndarray)
    assert read["a/b"] == {"0": ShapeOnly((2, 3)), "1": ShapeOnly((3,))}
    assert (read["c"], read["none"]) == ({}, {})
    both = h5.read_h5(tmp_path / "a.h5", "label", {"a/b": [(2, 3), (3,)]})["a/b"]
    assert [both[k].tolist() for k in "01"] == [[[1.0] * 3] * 2, [0, 1, 2]]


@pytest.mark.parametrize("inside", ["vars", "a"])
def test_what_is_no_group(inside: str, tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["a" if inside == "a" else "a/vars"] = np.ones(2)
    said = {"a": "a group was expected above 'vars'", "vars": "a/vars must be a group, found"}[
        inside
    ]
    with pytest.raises(ValueError, match=f"^label: {said}"):
        h5.read_h5(tmp_path / "a.h5", "label", {"a": [(2,)]})


def test_the_list_of_layers_as_it_was_called_before(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["_layer_checkpoint_dependencies/d/vars/0"] = np.ones(2)
    wanted = {"layers/d": [(2,)], "other/layers/d": [(2,)]}
    found = h5.read_h5(tmp_path / "a.h5", "label", wanted)
    assert found["layers/d"]["0"].tolist() == [1.0, 1.0]
    assert found["other/layers/d"] == {}


class Said:
    """A dataset that says of itself what a test wants."""

    def __init__(self, shape: Any, stored: int, dtype: str = "f4", **more: Any) -> None:
        self.shape, self.dtype = shape, np.dtype(dtype)
        self.external, self.is_virtual, self.attrs, self.name = None, False, {}, "/d"
        self.id = SimpleNamespace(get_storage_size=lambda: stored)
        vars(self).update(more)


MANY = 16 * 2**20  # float32 numbers, that take 64 MiB


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (Said((2, 3), 0), ""),
        (Said((), 0, "i1"), ""),
        (Said((2,), 0, "?"), ""),
        (Said((MANY,), 1), ""),
        (Said((MANY + 1,), 1), f"of shape ({MANY + 1},), of which 1 bytes are stored"),
        (Said((2 * MANY,), 2**27 // 1000 + 1), ""),
        (Said((2 * MANY,), 2**27 // 1000), "of shape"),
        (Said((MANY // 2 + 1,), 1, "f8"), "of shape"),
        (Said((2,), 8, external=[("a", 0, 8)]), "with data in other files"),
        (Said((2,), 8, is_virtual=True), "with data in other files"),
        (Said((2,), 8, "c8"), "with values of dtype complex64, not plain numbers"),
        (Said((2,), 8, "S3"), "with values of dtype |S3, not plain numbers"),
        (Said((2,), 8, "u2", attrs={"dtype": "bfloat16"}), "with values of dtype bfloat16, not"),
        (Said((2,), 8, "u2", attrs={"dtype": "other"}), ""),
        (Said(None, 0), "without a shape"),
    ],
)
def test_datasets_that_are_numbers(data: Any, reason: str) -> None:
    library = SimpleNamespace(Dataset=Said)
    if not reason:
        assert h5.dataset_of_numbers(library, data, "label") is data
        return
    with pytest.raises(ValueError) as caught:  # noqa: PT011  # the whole text follows
        h5.dataset_of_numbers(library, data, "label")
    assert str(caught.value).startswith(f"label: Not allowed: H5 dataset /d {reason}")


def test_what_is_no_dataset() -> None:
    with pytest.raises(ValueError, match="label: Invalid H5 file, expected a Dataset, received 3"):
        h5.dataset_of_numbers(h5py, 3, "label")


def test_errors_of_h5py_are_explained() -> None:
    with pytest.raises(FileNotFoundError, match=r"^there$"), h5.explained("label"):
        raise FileNotFoundError("there")
    for kind in (OSError, RuntimeError, KeyError, MemoryError, OverflowError):
        with pytest.raises(OSError, match=r"^label is not a readable HDF5 file: .?there"):
            with h5.explained("label"):
                raise kind("there")
    with pytest.raises(ValueError, match=r"^there$"), h5.explained("label"):
        raise ValueError("there")


def local_heap(free: int, *parts: tuple[int, int], size: int = 64, begin: int = 0) -> bytes:
    """A local heap, and behind it its data with parts (where, the next one)."""
    data = bytearray(size)
    for where, following in parts:
        data[where : where + 8] = following.to_bytes(8, "little")
    head = (size, free, begin + 32)
    return b"HEAP" + bytes(4) + b"".join(n.to_bytes(8, "little") for n in head) + bytes(data)


@pytest.mark.parametrize(
    ("free", "parts", "endless"),
    [
        (1, [], False),
        (8, [(8, 1)], False),
        (8, [(8, 24), (24, 1)], False),
        (48, [(48, 0), (0, 1)], False),
        (8, [(8, 8)], True),
        (48, [(48, 48)], True),
        (49, [(49, 49)], False),  # HDF5 refuses what reaches over the end
        (8, [(8, 24), (24, 8)], True),
        (0, [(0, 16), (16, 32), (32, 16)], True),
        (8, [(8, 2**64 - 8)], False),
    ],
)
def test_lists_of_free_parts(
    free: int, parts: list[tuple[int, int]], endless: bool, tmp_path: Path
) -> None:
    before = b"x" * 11 + local_heap(1)
    whole = before + local_heap(free, *parts, begin=len(before))
    (tmp_path / "a").write_bytes(whole)
    for source in (tmp_path / "a", io.BytesIO(whole)):
        if endless:
            says = f"the local heap at byte {len(before)} has free parts without an end"
            with pytest.raises(OSError, match=says):
                h5.check_heaps(source)
        else:
            h5.check_heaps(source)
    h5.check_heaps(io.BytesIO(whole[: len(before) + 40]))  # the data is not all there


def test_many_heaps_of_one_long_list_are_refused_soon() -> None:
    parts = [(at, at + 16) for at in range(0, 16000, 16)]
    data = local_heap(0, *parts, (16000, 1), size=16016)
    h5.check_heaps(io.BytesIO(data))
    heads = b"".join(data[:32] for _ in range(1000))
    with pytest.raises(OSError, match=r"the local heap at byte [1-9]"):
        h5.check_heaps(io.BytesIO(data + heads))


def test_a_file_whose_names_have_free_parts_without_an_end(tmp_path: Path) -> None:
    """Of each group, in a model and in weights; it is refused before HDF5 reads it."""
    for name in ("a.h5", "a.weights.h5"):
        model, path = small(scratchnet), tmp_path / name
        (model.save if name == "a.h5" else model.save_weights)(path)
        whole = path.read_bytes()
        heaps = [found.start() for found in re.finditer(b"HEAP\0", whole)]
        assert len(heaps) > 3
        for at in heaps:
            raw = bytearray(whole)
            data = int.from_bytes(raw[at + 24 : at + 32], "little")
            raw[at + 16 : at + 24] = bytes(8)  # the first free part is at 0, and so is the next
            assert raw[data : data + 8] == bytes(8)
            path.write_bytes(raw)
            load = scratchnet.keras.models.load_model if name == "a.h5" else model.load_weights
            with pytest.raises(OSError, match=f"the local heap at byte {at} has free parts"):
                load(path)
