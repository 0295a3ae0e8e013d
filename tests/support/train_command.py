"""The command `scratchnet`, run in this process or another, on pictures that are easy to learn."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest

from scratchnet import cli

COMMAND = [sys.executable, "-m", "scratchnet"]
ROOT = Path(__file__).parents[2]


def no_network(tmp_path, monkeypatch):
    """An empty folder to work in, an empty cache, and no network."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))  # for the commands that are started
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")  # the port at which nobody answers
    monkeypatch.setattr("urllib.request._opener", None)  # it remembers the proxies
    return tmp_path


def small(n=96, shape=(8, 8)):
    """Pictures that are easy to learn: class k is bright in row k - 1 or, for 0, nowhere."""
    rng = np.random.default_rng(0)
    y = rng.integers(0, 8, n)
    x = rng.integers(0, 60, (n, *shape)).astype(np.uint8)
    x[np.arange(n), y] = 255
    return {"x_train": x, "y_train": y, "x_test": x[: n // 3], "y_test": y[: n // 3]}


def save(path="small.npz", **changes):
    np.savez(path, **small() | changes)
    return str(path)


def run(*args, capsys=None):
    """The exit code of `scratchnet ARGS`."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["scratchnet", *map(str, args)])
        with pytest.raises(SystemExit) as stop:
            cli.main()
    return stop.value.code or 0


def report(folder="scratchnet-run"):
    return json.loads((Path(folder) / "history.json").read_text())
