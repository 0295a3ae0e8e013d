"""What the tests of the training share."""

from __future__ import annotations

import pytest

from tests.support.train_command import no_network


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    return no_network(tmp_path, monkeypatch)
