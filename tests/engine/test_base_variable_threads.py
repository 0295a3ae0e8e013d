"""Variables and generators that several threads share: no update is lost, no number drawn twice."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import scratchnet as tf
from scratchnet.engine.base_variable import UPDATING


@pytest.fixture(autouse=True)
def many_switches():
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def on_threads(work: Callable[[int], Any], n: int = 4) -> list[Any]:
    results: list[Any] = [None] * n

    def run(i: int) -> None:
        results[i] = work(i)

    threads = [threading.Thread(target=run, args=(i,)) for i in range(n)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


@pytest.mark.parametrize("make", [tf.Variable, tf.keras.Variable])
def test_no_addition_is_lost(make):
    variable = make(np.zeros(20_000, np.float32))  # so large that NumPy lets other threads run

    def work(i: int) -> None:
        for _ in range(200):
            variable.assign_add(np.full(20_000, 3, np.float32))
            variable.assign_sub(np.ones(20_000, np.float32))

    on_threads(work)
    np.testing.assert_array_equal(variable.numpy(), np.full(20_000, 4 * 200 * 2, np.float32))


def test_no_assignment_to_a_part_is_lost():
    variable = tf.Variable(np.zeros(4000, np.int32))

    def work(i: int) -> None:
        for j in range(300):
            variable[1000 * i + j].assign(1)

    on_threads(work)
    assert int(tf.reduce_sum(variable)) == 4 * 300


def test_no_scattered_addition_is_lost():
    variable = tf.Variable(np.zeros(4000, np.int32))
    on_threads(lambda i: [variable.scatter_nd_add([[5]], [1]) for _ in range(200)])
    assert int(variable[5]) == 4 * 200


def test_a_read_sees_one_value_as_a_whole():
    variable = tf.Variable(np.zeros(20_000, np.float32))

    def work(i: int) -> bool:
        for _ in range(100):
            variable.assign_add(np.ones(20_000, np.float32))
            seen = variable.numpy()
            if seen.min() != seen.max():
                return False
        return True

    assert all(on_threads(work))


def test_threads_draw_different_numbers_and_all_of_the_stream():
    generator = tf.random.Generator.from_seed(7)
    found = on_threads(lambda i: [generator.normal([3]).numpy().tobytes() for _ in range(150)])
    drawn = [numbers for part in found for numbers in part]
    again = tf.random.Generator.from_seed(7)
    assert sorted(drawn) == sorted(again.normal([3]).numpy().tobytes() for _ in range(600))
    np.testing.assert_array_equal(generator.state.numpy(), again.state.numpy())


def test_skips_add_up():
    generator = tf.random.Generator.from_seed(7)
    on_threads(lambda i: [generator.skip(2) for _ in range(200)])
    expected = tf.random.Generator.from_seed(7)
    expected.skip(4 * 200 * 2)
    np.testing.assert_array_equal(generator.state.numpy(), expected.state.numpy())


def test_threads_get_different_seeds_of_a_seed_generator():
    seeds = tf.keras.random.SeedGenerator(5)
    found = on_threads(lambda i: [tuple(seeds.next().numpy().tolist()) for _ in range(200)])
    assert len({seed for part in found for seed in part}) == 800


@pytest.mark.skipif(not hasattr(os, "fork"), reason="nothing is forked here")
def test_a_child_that_is_forked_during_an_update_updates():
    variable, held, done = tf.Variable(1.0), threading.Event(), threading.Event()

    def hold() -> None:
        with UPDATING.lock:
            held.set()
            done.wait()

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait()
    child = os.fork()
    if not child:
        signal.alarm(20)
        variable.assign_add(1.0)
        os._exit(0)
    done.set()
    thread.join()
    assert os.waitpid(child, 0)[1] == 0
