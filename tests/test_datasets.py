"""keras.datasets: what is embedded, what is cached, what is fetched, and what is refused."""

from __future__ import annotations

import gzip
import hashlib
import io
import threading
import time
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest
import tensorflow as tf

from scratchnet.atomic_files import replacing
from scratchnet.keras.datasets import digits, fashion_mnist, fetch, mnist
from scratchnet.keras.datasets.split import KEYS, read_split

SPLIT = {
    "x_train": np.arange(2 * 28 * 28, dtype=np.uint8).reshape(2, 28, 28),
    "y_train": np.array([1, 2], np.uint8),
    "x_test": np.zeros((1, 28, 28), np.uint8),
    "y_test": np.array([3], np.uint8),
}


def npz(**arrays):
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()


FILE = npz(**SPLIT)


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    """An empty cache, no second one in the folder of temporary files, no proxy."""
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.setattr("urllib.request._opener", None)  # it remembers the proxies
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(fetch.tempfile, "gettempdir", lambda: str(tmp_path / "tmp"))
    return tmp_path / "home" / "datasets"


class Answers(BaseHTTPRequestHandler):
    """Answers each path in the way that its name says."""

    def do_GET(self):
        self.server.asked.append(self.path)
        if self.path == "/missing":
            self.send_error(404)
        elif self.path == "/silent":
            self.server.released.wait(30)
        else:
            self.send_response(200)
            self.send_header("Content-Length", str(len(FILE)))
            self.end_headers()
            self.wfile.write(FILE[:100] if self.path == "/short" else FILE)

    def log_message(self, *args):
        """Says nothing."""


@pytest.fixture
def server():
    """A web server on this machine; `.asked` lists the paths that were asked for."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    server.daemon_threads = True
    server.asked, server.released = [], threading.Event()
    server.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.released.set()
    server.shutdown()
    server.server_close()
    thread.join()


def put(path, data):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def same(split, arrays):
    (x_train, y_train), (x_test, y_test) = split
    for array, key in zip((x_train, y_train, x_test, y_test), KEYS, strict=True):
        np.testing.assert_array_equal(array, arrays[key])
        assert array.dtype == arrays[key].dtype


# -- fetching -------------------------------------------------------------------------------------


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
        ("missing", ConnectionError, "URL fetch failure on .*/missing: Not Found"),
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


def test_replacing_keeps_the_old_file_if_anything_goes_wrong(tmp_path):
    path = tmp_path / "model.weights.h5"
    path.write_text("old")

    def interrupted():
        with replacing(path) as part:
            part.write_text("half")
            assert part.name.endswith(".weights.h5")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert path.read_text() == "old"
    with replacing(path) as part:
        part.write_text("new")
    assert path.read_text() == "new"
    assert list(tmp_path.iterdir()) == [path]


# -- MNIST and Fashion-MNIST ----------------------------------------------------------------------


def test_mnist_is_read_from_the_cache(cache, monkeypatch):
    monkeypatch.setattr(mnist, "SHA256", hashlib.sha256(FILE).hexdigest())
    put(cache / "mnist.npz", FILE)
    same(mnist.load_data(), SPLIT)
    put(cache / "other.npz", FILE)
    same(mnist.load_data(path="other.npz"), SPLIT)


def test_mnist_is_fetched_from_where_keras_fetches_it(server, monkeypatch):
    assert f"{mnist.ORIGIN}mnist.npz".startswith("https://storage.googleapis.com/tensorflow/")
    monkeypatch.setattr(mnist, "ORIGIN", f"{server.url}/")
    with pytest.raises(ValueError, match=f"must be {mnist.SHA256}, received"):
        mnist.load_data()
    monkeypatch.setattr(mnist, "SHA256", hashlib.sha256(FILE).hexdigest())
    same(mnist.load_data(), SPLIT)
    assert server.asked == ["/mnist.npz", "/mnist.npz"]


def idx(array):
    sizes = b"".join(size.to_bytes(4, "big") for size in array.shape)
    return gzip.compress(b"\0\0\x08" + bytes([array.ndim]) + sizes + array.tobytes())


FASHION = {
    "train-images-idx3-ubyte.gz": "x_train",
    "train-labels-idx1-ubyte.gz": "y_train",
    "t10k-images-idx3-ubyte.gz": "x_test",
    "t10k-labels-idx1-ubyte.gz": "y_test",
}


def test_fashion_mnist_is_read_as_keras_reads_it(cache, monkeypatch):
    for name, key in FASHION.items():
        put(cache / "fashion-mnist" / name, idx(SPLIT[key]))
    same(fashion_mnist.load_data(), SPLIT)
    monkeypatch.setattr("keras.src.backend.config._KERAS_DIR", str(cache.parent))
    same(tf.keras.datasets.fashion_mnist.load_data(), SPLIT)


@pytest.mark.parametrize(
    "data",
    [
        idx(SPLIT["x_train"])[:-20],
        b"no gzip",
        idx(SPLIT["y_train"]),
        gzip.compress(b"\0\0\x08\x03" + b"\0\0\0\x09" * 3 + b"short"),
        gzip.compress(b""),
    ],
    ids=["cut off", "no gzip", "labels", "short", "empty"],
)
def test_a_damaged_file_of_fashion_mnist_is_named(cache, data):
    for name, key in FASHION.items():
        put(cache / "fashion-mnist" / name, idx(SPLIT[key]))
    put(cache / "fashion-mnist" / "train-images-idx3-ubyte.gz", data)
    with pytest.raises(ValueError, match=r"train-images-idx3-ubyte\.gz is .*remove it"):
        fashion_mnist.load_data()


# -- the embedded digits --------------------------------------------------------------------------


def test_digits_are_the_stored_ones_enlarged_and_split():
    (x_train, y_train), (x_test, y_test) = digits.load_data()
    assert x_train.dtype == x_test.dtype == y_train.dtype == y_test.dtype == np.uint8
    assert x_train.shape == (1497, 28, 28)
    assert x_test.shape == (300, 28, 28)
    assert np.bincount(y_train).min() >= 140
    assert np.bincount(y_test).min() >= 25
    assert x_train.min() == 0
    assert x_train.max() == 255
    # The second image of the file is the first to train on; its pixels come back where they were.
    with np.load(digits.__file__.replace("digits.py", "digits_8x8.npz")) as stored:
        first, label = stored["x"][1], stored["y"][1]
    assert y_train[0] == label
    centres = (np.arange(8) * 3.5 + 1.25).round().astype(int)
    near = x_train[0][np.ix_(centres, centres)] * (16 / 255)
    assert np.abs(near - first).max() < 2.5  # at the pixels nearest to the old centres


@pytest.mark.parametrize("size", [4, 8, 28, 29])
def test_enlarge_is_tensorflows_resize(size):
    images = np.random.default_rng(0).uniform(0, 16, (3, 8, 8))
    theirs = tf.image.resize(images[..., None].astype(np.float32), (size, size))
    np.testing.assert_allclose(digits.enlarge(images, size), theirs[..., 0], atol=1e-5)


def test_the_licence_of_the_digits_lies_beside_them():
    from importlib.resources import files

    note = (files("scratchnet.keras.datasets") / "digits_8x8.LICENSE.md").read_text()
    assert "CC BY 4.0" in note
    assert "Alpaydin" in note


# -- files that are not what they should be -------------------------------------------------------


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
