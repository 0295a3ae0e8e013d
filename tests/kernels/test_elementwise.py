"""Loops over large arrays: one thread does the same as all, and a second time the same."""

from __future__ import annotations

import numba
import numpy as np

import scratchnet
from scratchnet import ops
from tests.support.layouts import with_special_values


def test_one_thread_gives_the_same_and_so_does_a_second_time():
    rng = np.random.default_rng(3)
    x = with_special_values(rng, (4, 33, 35, 16), "float32")
    g = rng.normal(size=(4, 16, 17, 16)).astype("f")

    def run() -> list[np.ndarray]:
        t = scratchnet.constant(np.nan_to_num(x, posinf=9, neginf=-9))
        with scratchnet.GradientTape() as tape:
            tape.watch(t)
            y = ops.max_pool2d(ops.relu(t), 2, 2, "VALID")
        gx = tape.gradient(y, t, output_gradients=scratchnet.constant(g))
        flat = scratchnet.reshape(t, [-1, 560])
        return [a.numpy() for a in (y, gx, scratchnet.matmul(flat, flat, transpose_b=True))]

    all_threads = run()
    for again in (run(), run()):
        for a, b in zip(all_threads, again, strict=True):
            np.testing.assert_array_equal(a, b)
    threads = numba.get_num_threads()
    try:
        numba.set_num_threads(1)
        alone = run()
    finally:
        numba.set_num_threads(threads)
    for a, b in zip(all_threads, alone, strict=True):
        np.testing.assert_array_equal(a, b)
