"""NumPy's warnings are off within an op, and only there."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest

import scratchnet as tf
from scratchnet.engine.errstate import ignoring_errors


def test_errors_are_ignored_inside_and_as_before_outside() -> None:
    with np.errstate(divide="raise"):
        assert ignoring_errors(np.divide, 1.0, 0.0) == np.inf
        assert (tf.constant(1.0) / 0.0).numpy() == np.inf
        with pytest.raises(FloatingPointError):
            np.divide(1.0, 0.0)


def test_after_an_error_and_within_another_call() -> None:
    def inner() -> Any:
        return ignoring_errors(np.log, -1.0)

    assert np.isnan(ignoring_errors(inner))
    with pytest.raises(ZeroDivisionError):
        ignoring_errors(lambda: 1 // 0)
    with np.errstate(invalid="raise"):
        assert np.isnan(ignoring_errors(np.log, -1.0))


def test_each_thread_has_its_own() -> None:
    barrier, found = threading.Barrier(4), []

    def wait_inside() -> Any:
        barrier.wait(10)  # all four are inside at once
        return np.log(0.0)

    threads = [
        threading.Thread(target=lambda: found.append(ignoring_errors(wait_inside)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [-np.inf] * 4


def test_keyword_arguments_are_handed_on() -> None:
    assert ignoring_errors(np.sum, [1, 2, 3], initial=4) == 10
