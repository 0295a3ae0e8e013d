"""An empty cache, and a web server on this machine."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from scratchnet.keras.datasets import fetch
from tests.support.dataset_files import FILE


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
