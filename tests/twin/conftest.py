"""An empty folder, from which the processes that are started find the sources."""

from __future__ import annotations

import pytest

from tests.support.twin_programs import ROOT


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    """An empty folder to work in, from which the processes that are started find the sources."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    return tmp_path
