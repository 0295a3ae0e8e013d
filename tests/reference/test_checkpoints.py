"""Checkpoints hold what was saved, and damaged ones are named."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from reference import checkpoints
from reference.checkpoints import Progress

# Keras's own, where it reads a variable that a strategy has made.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


def test_a_checkpoint_holds_what_was_saved(place):
    path, arrays = place / "c.npz", [np.arange(3), np.zeros((2, 0)), np.float32(0.1)]
    progress = Progress(2, 5, 0.1, 3.0, 1 / 3, {"loss": [0.1, np.inf]})
    assert not checkpoints.is_unfinished(path)
    checkpoints.save(path, {"seed": 1}, 3, progress, arrays)
    found, values = checkpoints.load(path, {"seed": 1})
    assert found == progress
    assert [value.dtype for value in values] == [array.dtype for array in arrays]
    for value, array in zip(values, arrays, strict=True):
        np.testing.assert_array_equal(value, array)
    assert checkpoints.is_unfinished(path)
    with pytest.raises(ValueError, match=r"--resume .* is of one with seed 1$"):
        checkpoints.load(path, {"seed": 2})
    checkpoints.save(path, {"seed": 1}, 3, replace(progress, epoch=3), arrays)
    assert not checkpoints.is_unfinished(path)


@pytest.mark.parametrize("content", [b"", b"PK", b"hello", "cut"])
def test_a_damaged_checkpoint_is_named(place, content):
    path = place / "c.npz"
    checkpoints.save(path, {}, 3, Progress(), [np.arange(99)])
    path.write_bytes(path.read_bytes()[:-30] if content == "cut" else content)
    with pytest.raises(ValueError, match=r"c\.npz: not a readable checkpoint \(.* cut off\): rem"):
        checkpoints.load(path, {})
