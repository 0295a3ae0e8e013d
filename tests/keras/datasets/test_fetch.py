"""Files are fetched once, kept whole, and what cannot be had is said in words."""

from __future__ import annotations

import hashlib
import io
import os
import tarfile
import threading
import time
import zipfile

import pytest

from scratchnet.keras.datasets import fetch
from tests.support.dataset_files import FILE, put


def test_a_file_is_fetched_once_and_is_whole(server, cache):
    digest = hashlib.sha256(FILE).hexdigest()
    for _ in range(2):
        path = fetch.fetch("a.npz", f"{server.url}/a.npz", digest)
    assert path == cache / "a.npz"
    assert path.read_bytes() == FILE
    assert server.asked == ["/a.npz"]
    assert [file.name for file in cache.iterdir()] == ["a.npz"]


def test_a_damaged_file_in_the_cache_is_fetched_again(server, cache):
    put(cache / "a.npz", b"cut off")
    path = fetch.fetch("a.npz", f"{server.url}/a.npz", hashlib.sha256(FILE).hexdigest())
    assert path.read_bytes() == FILE


@pytest.mark.parametrize(
    ("page", "error", "says"),
    [
        (
            "missing",
            ConnectionError,
            "URL fetch failure on .*/missing: 404 -- Not Found; put",
        ),
        ("short", ConnectionError, f"100 of {len(FILE)} bytes came"),
        ("other", ValueError, "Incomplete or corrupted file detected"),
    ],
)
def test_what_cannot_be_fetched_leaves_nothing_behind(server, cache, page, error, says):
    with pytest.raises(error, match=says):
        fetch.fetch("a.npz", f"{server.url}/{page}", "0" * 64)
    assert not cache.exists() or not list(cache.iterdir())


def test_a_damaged_file_that_cannot_be_replaced_is_named_and_kept(server, cache):
    put(cache / "a.npz", b"cut off")
    with pytest.raises(ConnectionError, match=r"a\.npz is damaged .* and URL fetch failure"):
        fetch.fetch("a.npz", f"{server.url}/missing", "0" * 64)
    assert (cache / "a.npz").read_bytes() == b"cut off"


def test_a_server_that_does_not_answer_is_not_waited_for(server, monkeypatch):
    monkeypatch.setattr(fetch, "PATIENCE", 0.2)
    start = time.monotonic()
    with pytest.raises(ConnectionError, match="URL fetch failure"):
        fetch.fetch("a.npz", f"{server.url}/silent")
    assert time.monotonic() - start < 5


def test_a_name_look_up_that_hangs_is_not_waited_for(monkeypatch):
    released = threading.Event()
    monkeypatch.setattr(fetch, "PATIENCE", 0.1)
    monkeypatch.setattr(fetch, "urlopen", lambda *args, **kwargs: released.wait(30))
    with pytest.raises(ConnectionError, match=r"no answer within 0\.1 seconds"):
        fetch.fetch("a.npz", "http://nowhere.invalid/a.npz")
    released.set()


def test_no_such_host_is_an_error_in_words():
    with pytest.raises(
        ConnectionError, match=r"URL fetch failure on http://nowhere\.invalid/a\.npz"
    ):
        fetch.fetch("a.npz", "http://nowhere.invalid/a.npz")


@pytest.mark.parametrize("name", ["", "a/b.npz", "../a.npz"])
def test_the_name_of_a_file_holds_no_folder(name):
    with pytest.raises(ValueError, match="Paths are no longer accepted"):
        fetch.fetch(name, "http://nowhere.invalid/")


def test_where_the_cache_cannot_be_made_the_folder_of_temporary_files_serves(
    server, tmp_path, monkeypatch
):
    put(tmp_path / "file", b"")
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "file" / "home"))
    path = fetch.fetch("a.npz", f"{server.url}/a.npz")
    assert path == tmp_path / "tmp" / ".keras" / "datasets" / "a.npz"
    assert fetch.fetch("a.npz", f"{server.url}/missing") == path


def test_keras_home_without_the_variable_is_keras_own(monkeypatch, tmp_path):
    monkeypatch.delenv("KERAS_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert fetch.keras_home() == tmp_path / ".keras"


def test_it_is_fetched_again_if_that_is_asked_for(server, cache):
    put(cache / "a.npz", b"old")
    assert fetch.fetch("a.npz", f"{server.url}/missing").read_bytes() == b"old"
    assert fetch.fetch("a.npz", f"{server.url}/a.npz", again=True).read_bytes() == FILE
    assert fetch.fetch("b", f"{server.url}/b", folder="other") == cache.parent / "other" / "b"
    home = cache.parent.parent / "mine" / "deep"
    assert fetch.fetch("c", f"{server.url}/c", home=home) == home / "datasets" / "c"


@pytest.mark.parametrize("kind", ["md5", "sha256"])
def test_digests_of_both_kinds(kind, server, cache):
    right = hashlib.new(kind, FILE).hexdigest()
    assert fetch.fetch("a.npz", f"{server.url}/a.npz", right) == cache / "a.npz"
    wrong = "0" * len(right)
    shown = {"md5": "MD5", "sha256": "SHA-256"}[kind]
    with pytest.raises(ValueError) as caught:  # noqa: PT011  # the whole text follows
        fetch.fetch("a.npz", f"{server.url}/a.npz", wrong)
    assert str(caught.value) == (
        f"{cache / 'a.npz'} is damaged (its {shown} is not {wrong}) and Incomplete or corrupted "
        f"file detected. The {shown} of {server.url}/a.npz must be {wrong}, received {right}"
    )


def test_the_advice_depends_on_the_network(server, cache):
    """Whoever was answered has one."""
    by_hand = f"put the file there by hand: {cache / 'a.npz'}"
    for origin, network in (
        (f"{server.url}/missing", ""),
        ("http://nowhere.invalid/a", "without a network, "),
        (f"file://{cache}/none", ""),
    ):
        with pytest.raises(ConnectionError) as caught:
            fetch.fetch("a.npz", origin)
        assert str(caught.value).endswith(f"; {network}{by_hand}")


def test_an_answer_that_breaks_off_leaves_nothing(server, cache, monkeypatch):
    class Broken:
        length = 10

        def __init__(self, *parts):
            self.parts = list(parts)

        def read(self, size):
            if not self.parts:
                raise OSError("reset by peer")
            return self.parts.pop(0)

        def __enter__(self):
            return self

        def __exit__(self, *error):
            pass

    monkeypatch.setattr(fetch, "urlopen", lambda *args, **kwargs: Broken(b"12345"))
    with pytest.raises(ConnectionError, match="URL fetch failure on http://x/a: reset by peer; "):
        fetch.fetch("a", "http://x/a")
    monkeypatch.setattr(fetch, "urlopen", lambda *args, **kwargs: Broken(b"12345", b"6789", b""))
    with pytest.raises(ConnectionError, match="URL fetch failure on http://x/a: 9 of 10 bytes ca"):
        fetch.fetch("a", "http://x/a")
    assert not list(cache.iterdir())
    monkeypatch.setattr(fetch, "urlopen", lambda *args, **kwargs: Broken(b"12345", b"67890", b""))
    assert fetch.fetch("a", "http://x/a").read_bytes() == b"1234567890"
    Broken.length = None  # not announced
    monkeypatch.setattr(fetch, "urlopen", lambda *args, **kwargs: Broken(b"12", b""))
    assert fetch.fetch("b", "http://x/b").read_bytes() == b"12"


def test_a_file_of_this_machine(cache):
    put(cache / "there", FILE)
    assert fetch.fetch("a", f"file://{cache}/there").read_bytes() == FILE


@pytest.mark.parametrize(("mode", "trusted"), [(0o700, True), (0o755, True), (0o722, False)])
def test_who_can_write_to_the_second_cache(mode, trusted, server, tmp_path, monkeypatch):
    """What others may have put there is not taken, and nothing is put there."""
    spare = tmp_path / "tmp" / ".keras"
    put(spare / "datasets" / "a.npz", b"planted")
    spare.chmod(mode)
    assert fetch._is_ours(spare) == trusted
    found = fetch.fetch("a.npz", f"{server.url}/a.npz")
    assert found.read_bytes() == (b"planted" if trusted else FILE)
    put(tmp_path / "file", b"")
    if not trusted:
        with pytest.raises(ConnectionError, match="cannot be written, and others can write to"):
            fetch.fetch("b", f"{server.url}/b", home=tmp_path / "file" / "home")
    (tmp_path / "link").symlink_to(spare)
    assert not fetch._is_ours(tmp_path / "link")
    monkeypatch.setattr(fetch.os, "getuid", lambda: os.geteuid() + 1)
    assert not fetch._is_ours(spare)
    monkeypatch.delattr(fetch.os, "getuid")
    assert fetch._is_ours(spare)


def test_the_second_cache_is_made_for_one_user(tmp_path, server):
    put(tmp_path / "file", b"")
    found = fetch.fetch("a", f"{server.url}/a", home=tmp_path / "file" / "home")
    spare = tmp_path / "tmp" / ".keras"
    assert found == spare / "datasets" / "a"
    assert spare.stat().st_mode & 0o777 == 0o700


def packed(path, kind):
    """An archive with files, folders, and members that reach out of it."""
    members = {"a.txt": b"a", "deep/er/b.txt": b"b", "deep/c.txt": b"c", "../out.txt": b"d"}
    if kind == "zip":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("one/two/", b"")
            for name, content in members.items():
                archive.writestr(name, content)
        return path
    with tarfile.open(path, "w:gz") as archive:
        folder = tarfile.TarInfo("one/two")
        folder.type = tarfile.DIRTYPE
        link = tarfile.TarInfo("link")
        link.type, link.linkname = tarfile.SYMTYPE, "a.txt"
        for info in (folder, folder, link):
            archive.addfile(info)
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return path


@pytest.mark.parametrize("kind", ["tar", "zip"])
def test_an_archive_is_unpacked_into_its_folder(kind, tmp_path):
    path = packed(tmp_path / "archive", kind)
    other = {"tar": "zip", "zip": "tar"}[kind]
    folder = tmp_path / "inside" / "folder"
    folder.mkdir(parents=True)
    (folder / "old.txt").write_text("old")
    assert not fetch.extract_archive(path, folder, other)
    assert [file.name for file in folder.iterdir()] == ["old.txt"]
    with pytest.warns(UserWarning, match="Skipping invalid path during archive ext") as caught:
        assert fetch.extract_archive(path, folder, kind)
    skipped = ["'link'", "'../out.txt'"] if kind == "tar" else ["'../out.txt'"]
    assert [str(w.message).split(": ")[1] for w in caught] == [f"{name}." for name in skipped]
    found = {p.relative_to(folder).as_posix(): p for p in folder.rglob("*")}
    assert sorted(found) == [
        *("a.txt", "deep", "deep/c.txt", "deep/er", "deep/er/b.txt", "one", "one/two")
    ]
    assert [found[name].read_text() for name in ("a.txt", "deep/er/b.txt", "deep/c.txt")] == [
        *("a", "b", "c")
    ]
    assert [p.name for p in folder.parent.iterdir()] == ["folder"]
    with pytest.warns(UserWarning, match="Skipping"):  # into a new folder, too
        assert fetch.extract_archive(path, folder.with_name("new"), kind)


@pytest.mark.parametrize("kind", ["tar", "zip"])
def test_a_damaged_archive_leaves_the_old_folder(kind, tmp_path):
    path = packed(tmp_path / "archive", kind)
    data = bytearray(path.read_bytes())
    if kind == "zip":
        at = data.index(b"deep/er/b.txt") + len("deep/er/b.txt")
        data[at] ^= 1  # the content is another than its checksum says
    path.write_bytes(bytes(data) if kind == "zip" else bytes(data[: len(data) - 30]))
    folder = tmp_path / "folder"
    put(folder / "old.txt", b"old")
    with pytest.raises(ValueError, match=r"archive is damaged \("):
        fetch.extract_archive(path, folder, kind)
    assert [file.name for file in folder.iterdir()] == ["old.txt"]
    assert sorted(file.name for file in tmp_path.iterdir()) == ["archive", "folder"]
