"""Files that are no split of a data set are refused with the reason."""

from __future__ import annotations

import io
import os
import zipfile

import numpy as np
import pytest

from scratchnet.keras.datasets.split import check_sizes, read_split
from tests.support.dataset_files import FILE, SPLIT, npz, same


def without(key):
    return npz(**{k: v for k, v in SPLIT.items() if k != key})


def with_member(name, data):
    buffer = io.BytesIO(FILE)
    with zipfile.ZipFile(buffer) as old:
        members = {m: old.read(m) for m in old.namelist() if m != name} | {name: data}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as new:
        for member, body in members.items():
            new.writestr(member, body)
    return out.getvalue()


def npy(array):
    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()


HUGE = npy(np.zeros(1, np.uint8)).replace(b"(1,)", b"(999999999999999,)").replace(b" " * 15, b"", 1)

BAD = {
    "empty": (b"", "no zip archive"),
    "text": (b"hello", "no zip archive"),
    "one array": (npy(np.zeros(3)), "no zip archive"),
    "cut off": (FILE[: len(FILE) // 2], "no zip archive"),
    "a flipped byte": (FILE[:300] + bytes([FILE[300] ^ 255]) + FILE[301:], "not a readable"),
    "no x_train": (without("x_train"), "missing: x_train"),
    "only one": (npz(y_test=SPLIT["y_test"]), "missing: x_train, y_train, x_test"),
    "objects": (npz(**SPLIT | {"x_train": np.array([{}, None])}), "Object arrays cannot be loaded"),
    "no array inside": (with_member("x_train", b"bytes"), "x_train is no array"),
    "a lying header": (with_member("x_train.npy", HUGE), "not a readable"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_file_that_is_no_split_is_refused_with_its_name_and_the_reason(name, tmp_path):
    data, says = BAD[name]
    path = tmp_path / "data.npz"
    path.write_bytes(data)
    with pytest.raises(ValueError, match=says) as caught:
        read_split(path)
    assert str(path) in str(caught.value)


def test_a_split_is_read_back(tmp_path):
    path = tmp_path / "data.npz"
    np.savez_compressed(path, extra=np.zeros(3), **SPLIT)
    same(read_split(path), SPLIT)


@pytest.mark.parametrize(
    ("size", "packed", "refused"),
    [
        (256 * 2**20, 1, False),
        (256 * 2**20 + 1, 2**20, True),
        (300 * 2**20, 3 * 2**20, False),
        (300 * 2**20 + 1, 3 * 2**20, True),
        (301 * 2**20, 3 * 2**20, True),
        (1000, 1, False),
    ],
)
def test_what_is_small_and_becomes_large(size, packed, refused, monkeypatch):
    """More than 256 MiB, and a hundred times what it takes."""
    info = zipfile.ZipInfo("x.npy")
    info.file_size, info.compress_size = size, packed
    monkeypatch.setattr(zipfile.ZipFile, "infolist", lambda self: [zipfile.ZipInfo("y"), info])
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a", b"")
    buffer.seek(3)
    if refused:
        with pytest.raises(ValueError, match=f"x.npy unpacks to {size} bytes from {packed}$"):
            check_sizes(buffer)
    else:
        check_sizes(buffer)
        assert buffer.tell() == 0


def test_what_is_no_file(tmp_path):
    """Reading a pipe would never end."""
    os.mkfifo(tmp_path / "pipe")
    for path, kind in (
        (tmp_path, "a folder"),
        (tmp_path / "pipe", "a named pipe, socket or device"),
    ):
        with pytest.raises(OSError, match=rf"^read_split: must be a file, received .* is {kind}$"):
            read_split(path)
    with pytest.raises(FileNotFoundError):
        read_split(tmp_path / "none")
