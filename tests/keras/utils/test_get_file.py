"""get_file: where Keras puts a file and what it unpacks, whole or not at all."""

from __future__ import annotations

import hashlib
import io
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import keras
import pytest

from scratchnet.keras.utils import get_file
from tests.keras.datasets.conftest import cache, server  # noqa: F401 - fixtures
from tests.support.dataset_files import FILE, put
from tests.support.signatures import taken_alike

ADDRESS = "http://nowhere.invalid/a.tar.gz"


def tar(*members: tuple[str, bytes], link: str = "") -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, content in members:
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
        if link:
            info = tarfile.TarInfo("link")
            info.type, info.linkname = tarfile.SYMTYPE, link
            archive.addfile(info)
    return buffer.getvalue()


def zipped(*members: tuple[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in members:
            archive.writestr(name, content)
    return buffer.getvalue()


def test_a_file_is_fetched_checked_and_kept(server: Any, cache: Path) -> None:  # noqa: F811
    address = f"{server.url}/a.npz?x=1"
    for digest in (hashlib.sha256(FILE).hexdigest().upper(), hashlib.md5(FILE).hexdigest()):
        assert get_file(origin=address, file_hash=digest) == str(cache / "a.npz")
    assert len(server.asked) == 1
    get_file(origin=address, force_download=True)
    assert len(server.asked) == 2
    path = get_file(
        "b.npz", address, md5_hash=hashlib.md5(FILE).hexdigest(), cache_dir=cache, cache_subdir="x"
    )
    assert path == str(cache / "x" / "b.npz")
    with pytest.raises(ValueError, match="Incomplete or corrupted file detected"):
        get_file("c.npz", address, file_hash="0" * 32)
    with pytest.raises(ConnectionError, match=r"put the file there by hand: .*d\.npz"):
        get_file("d.npz", f"{server.url}/missing")
    assert sorted(p.name for p in cache.iterdir()) == ["a.npz", "x"]


def test_files_of_this_machine(tmp_path: Path, cache: Path) -> None:  # noqa: F811
    put(tmp_path / "here.txt", FILE)
    (tmp_path / "theirs").mkdir()
    address = (tmp_path / "here.txt").as_uri()
    theirs = keras.utils.get_file("a.txt", address, cache_dir=str(tmp_path / "theirs"))
    ours = get_file("a.txt", address, cache_dir=tmp_path / "ours")
    assert Path(ours).read_bytes() == Path(theirs).read_bytes() == FILE
    assert Path(ours).relative_to(tmp_path / "ours") == Path(theirs).relative_to(
        tmp_path / "theirs"
    )
    with pytest.raises(ConnectionError, match=r"URL fetch failure on file:.*No such file"):
        get_file("b.txt", address + ".gz", cache_dir=tmp_path / "ours")


NAMES = [None, "a.tar.gz", "folder", "b.c.zip"]


@pytest.mark.parametrize("name", NAMES)
def test_archives_go_where_keras_puts_them(name: str | None, cache: Path) -> None:  # noqa: F811
    for content in (tar(("x/y.txt", b"one"), ("z", b"two")), zipped(("x/y.txt", b"one"))):
        shown = name or "a.tar.gz"
        target = shown if name and "." in name else f"{shown}_archive"
        put(cache / target, content)
        options = {"extract": True, "cache_dir": cache.parent}
        ours = Path(get_file(name, ADDRESS, **options))
        assert (ours / "x" / "y.txt").read_bytes() == b"one"
        assert str(ours) == keras.utils.get_file(name, ADDRESS, **options)
        if content[:2] != b"PK":
            assert get_file(name, ADDRESS, untar=True) == str(ours)
        names = sorted(p.name for p in cache.iterdir())
        assert names == sorted([target, ours.name])


def test_members_that_reach_out_are_left_out(cache: Path) -> None:  # noqa: F811
    for content in (
        tar(("../evil", b"1"), ("/tmp/evil_of_a_test", b"2"), ("good", b"3"), link="/etc/passwd"),
        zipped(("../evil", b"1"), ("/tmp/evil_of_a_test", b"2"), ("good", b"3")),
    ):
        put(cache / "a_archive", content)
        with pytest.warns(UserWarning, match="Skipping invalid path during archive extraction"):
            folder = Path(get_file("a", ADDRESS, extract=True))
        assert [p.name for p in folder.rglob("*") if p.is_file()] == ["good"]
        assert not (cache / "evil").exists()
        assert not Path("/tmp/evil_of_a_test").exists()
    put(
        cache / "b_archive", content[:-30] if content[:2] != b"PK" else tar(("a", b"x" * 9999))[:60]
    )
    with pytest.warns(UserWarning, match=r"Could not extract archive\."):
        get_file("b", ADDRESS, extract=True, archive_format="zip")
    assert not (cache / "b").exists()


WRONG: list[tuple[dict[str, Any], str]] = [
    ({}, "`origin` must be the address"),
    ({"origin": "http://a/"}, "`fname` must be given"),
    ({"origin": ADDRESS, "fname": "a/b"}, "Paths are no longer accepted"),
    ({"origin": ADDRESS, "file_hash": "abc"}, "`file_hash` must have 64 or 32"),
    ({"origin": ADDRESS, "hash_algorithm": "crc"}, "`hash_algorithm` must be 'auto'"),
    ({"origin": ADDRESS, "extract": True, "archive_format": "rar"}, "`archive_format` must be"),
]


HASH = "`file_hash` must have"
WRONG += [
    ({"origin": ADDRESS, "file_hash": "0" * n, "hash_algorithm": kind}, f"{HASH} {digits} hexad")
    for kind, digits, wrong in (
        ("md5", "32", (31, 33, 64)),
        ("sha256", "64", (32, 63, 65)),
        ("auto", "64 or 32", (0, 31, 33, 63, 65)),
    )
    for n in wrong
]
WRONG += [
    (
        {"origin": ADDRESS, "md5_hash": "0" * 64},
        f"{HASH} 32 hexadecimal digits, received file_hash=",
    ),
    ({"origin": ADDRESS, "file_hash": 3}, f"{HASH} 64 or 32 hexadecimal digits, received file_ha"),
    (
        {"origin": ADDRESS, "archive_format": ["tar", "rar"]},
        "`archive_format` must be 'auto', 'tar'",
    ),
]


@pytest.mark.parametrize(("options", "text"), WRONG)
def test_arguments_that_are_wrong(options: dict[str, Any], text: str) -> None:
    with pytest.raises(ValueError, match=text):
        get_file(**options)


def test_what_is_taken() -> None:
    taken_alike("utils", "get_file")
