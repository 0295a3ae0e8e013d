"""What tests of several packages of keras share."""

from __future__ import annotations

import zipfile

import numpy as np
import pytest

import scratchnet
from tests.support.keras_programs import fresh
from tests.support.model_files import small


@pytest.fixture(scope="module")
def members(tmp_path_factory) -> dict[str, bytes]:
    """The members of a good file."""
    fresh(scratchnet)
    model = small(scratchnet)
    model.compile("adam", "mse")
    model.train_on_batch(np.ones((2, 3), np.float32), np.ones((2, 1), np.float32))
    path = tmp_path_factory.mktemp("good") / "a.keras"
    model.save(path)
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}
