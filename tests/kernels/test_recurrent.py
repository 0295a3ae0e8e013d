"""The loops over all steps: any number of samples, units and threads, against the small steps."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
import pytest

import scratchnet as tf
from scratchnet import ops
from scratchnet.kernels import recurrent
from scratchnet.ops import composed

# (steps, samples, units): tiles that are full, and not; shares of several threads, and of one.
SIZES = [(3, 1, 1), (2, 13, 17), (4, 25, 33), (30, 40, 32), (2, 12, 16)]


def arguments(name: str, steps: int, N: int, units: int, dtype: str) -> tuple[Any, Any, Any]:
    rng = np.random.default_rng(steps)
    gates = {"lstm": 4, "gru": 3}[name]
    shapes = [(steps, N, gates * units), (N, units), (N, units), (units, gates * units)]
    if name == "gru":
        shapes = [shapes[0], shapes[1], shapes[3], (3 * units,)]
    xs = [
        rng.normal(size=shape) / (np.sqrt(units) if i > 1 else 1) for i, shape in enumerate(shapes)
    ]
    mask = rng.random((steps, N)) < 0.7 if N % 2 else None
    g = rng.normal(size=(steps, N, units))
    return [tf.constant(x, dtype) for x in xs], mask, tf.constant(g, dtype)


def results(module: Any, name: str, xs: Any, mask: Any, g: Any) -> list[np.ndarray]:
    with tf.GradientTape() as tape:
        tape.watch(xs)
        found = getattr(module, name)(*xs, mask)
        hs, *rest = found if isinstance(found, tuple) else (found,)
        target = tf.reduce_sum(hs * g) + sum(tf.reduce_sum(part) for part in rest)
    return [t.numpy() for t in (hs, *rest, *tape.gradient(target, xs))]


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("name", ["lstm", "gru"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_small_steps(name: str, size: tuple[int, int, int], dtype: str) -> None:
    xs, mask, g = arguments(name, *size, dtype)
    bound = float(np.finfo(dtype).eps) * 40
    small = results(composed, name, xs, mask, g)
    for a, b in zip(results(ops, name, xs, mask, g), small, strict=True):
        np.testing.assert_allclose(a, b, rtol=bound, atol=bound * np.abs(b).max())


@pytest.mark.parametrize("name", ["lstm", "gru"])
def test_one_thread_gives_the_same_and_so_does_a_second_time(name: str) -> None:
    xs, mask, g = arguments(name, 30, 41, 32, "float32")
    assert 30 * 41 * 32 * 96 > recurrent.LARGE
    many = results(ops, name, xs, mask, g)
    again = results(ops, name, xs, mask, g)
    threads = numba.get_num_threads()
    try:
        numba.set_num_threads(1)
        one = results(ops, name, xs, mask, g)
    finally:
        numba.set_num_threads(threads)
    for a, b, c in zip(many, again, one, strict=True):
        assert a.tobytes() == b.tobytes()
        np.testing.assert_allclose(a, c, rtol=1e-6, atol=1e-6 * np.abs(c).max())
    for a, c in zip(many[:2], one[:2], strict=True):
        assert a.tobytes() == c.tobytes()  # no sum over samples in it


def test_shares() -> None:
    assert recurrent.shares_of(0, 1).shape == (0, 2)
    for samples in (1, 12, 13, 40):
        found = recurrent.shares_of(samples, recurrent.LARGE)
        assert found[0, 0] == 0
        assert found[-1, 1] == samples
        assert (found[1:, 0] == found[:-1, 1]).all()


def test_half_precision_is_computed_in_single() -> None:
    xs, mask, _ = arguments("gru", 3, 2, 5, "float16")
    wide = [tf.cast(x, "float32") for x in xs]
    narrow = ops.gru(*xs, mask)
    assert narrow.dtype == "float16"
    np.testing.assert_allclose(narrow.numpy(), ops.gru(*wide, mask).numpy(), atol=1e-3)
