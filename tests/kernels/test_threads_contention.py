"""Fewer threads while other programs have the processors, with the same numbers."""

from __future__ import annotations

from itertools import pairwise

import numba
import numpy as np
import pytest

from scratchnet.kernels import conv2d, elementwise, matmul, sums, threads
from scratchnet.kernels.threads import FREE, PATIENCE, PERIOD, TAKEN, THREADS, Contention

QUIET, BUSY = [FREE / 2, 0.0], [0.5, 2 * TAKEN]


class Clock:
    """A clock that is set by hand, in place of the module `time`."""

    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def looks(monkeypatch):
    """A function that looks at given shares after a time, and returns the count."""
    clock, contention = Clock(), Contention()
    monkeypatch.setattr(threads, "time", clock)

    def look(shares, after=PERIOD, most=4):
        clock.now += after
        monkeypatch.setattr(contention, "_shares", lambda: shares)
        contention.look(most)
        return contention.count

    return look


def test_threads_that_wait_are_left_out_and_come_back(looks):
    assert looks(QUIET) is None
    assert looks(BUSY) is None  # once
    assert looks(QUIET) is None
    assert looks(BUSY) is None
    assert looks(BUSY) == 2
    assert looks([]) == 2  # nothing was computed: nothing is known
    assert looks([0.5]) == 1
    assert looks([0.5]) == 1
    counts = [looks([0.0], after=0.3) for _ in range(3)]
    assert counts == [2, 3, None]
    assert looks([(FREE + TAKEN) / 2], most=4) is None


def test_what_was_too_early_is_tried_less_and_less_often(looks):
    looks(BUSY, most=2)
    assert looks(BUSY, most=2) == 1
    waits, waited = [], 0.0
    while len(waits) < 5:
        if looks([0.0], most=2) is None:
            waits.append(round(waited, 2))
            waited = 0.0
            assert [looks(BUSY, most=2), looks(BUSY, most=2)] == [None, 1]
        waited += PERIOD
        assert waited < 2 * PATIENCE
    assert all(b > 1.5 * a for a, b in pairwise(waits))


def test_the_figures_of_the_system_are_those_of_this_thread():
    contention = Contention()
    assert contention._shares() == []
    x = np.ones(1_000_000)
    for _ in range(20):
        x = np.sqrt(x + 1)
    assert all(0 <= share <= 1 for share in contention._shares())


@pytest.fixture
def use(monkeypatch):
    """A function that has so many threads used from then on; None for all."""
    THREADS.start()
    monkeypatch.setattr(THREADS, "_waits_for_work", False)
    monkeypatch.setattr(THREADS, "contention", Contention())
    THREADS.contention.next_look = np.inf

    def use(count):
        THREADS.contention.count = count

    return use


def test_small_work_runs_on_one_thread(monkeypatch, use):
    seen, most = [], numba.get_num_threads()
    relu = elementwise.relu
    monkeypatch.setattr(relu, "jitted", lambda x, y: seen.append(numba.get_num_threads()))
    use(None)
    for size in (relu.least - 1, relu.least):
        relu(np.zeros(size), np.zeros(size))
    use(1)
    relu(np.zeros(relu.least), np.zeros(relu.least))
    assert seen == [1, most, 1]
    assert numba.get_num_threads() == most


def test_numbers_do_not_depend_on_how_many_threads_are_used(use):
    rng = np.random.default_rng(0)
    x, k = rng.standard_normal((9, 14, 13, 16), "f"), rng.standard_normal((3, 3, 16, 32), "f")
    a, b = rng.standard_normal((90, 2000), "f"), rng.standard_normal((2000, 70), "f")
    g, geometry = rng.standard_normal((9, 14, 13, 32), "f"), ((1, 1), (1, 1), (1, 1))

    def everything():
        flat = x.ravel()
        rectified = np.empty_like(flat)
        elementwise.relu(flat, rectified)
        return [
            conv2d.forward(x, k, (14, 13), *geometry),
            conv2d.filter_gradient(x, g, (3, 3), *geometry),
            conv2d.input_gradient(g, k, (14, 13), *geometry),
            sums.sum_middle(x.reshape(1, -1, 16)),
            matmul.product(a, b),
            rectified,
        ]

    found = []
    for count in (None, 1):
        use(count)
        found.append(everything())
    for all_threads, one in zip(*found, strict=True):
        assert np.array_equal(all_threads, one)
