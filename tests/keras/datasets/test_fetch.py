"""Files are fetched once, kept whole, and what cannot be had is said in words."""

from __future__ import annotations

import hashlib
import threading
import time

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
