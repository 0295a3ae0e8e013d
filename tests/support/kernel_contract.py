"""What the convolution and pooling kernels promise, whoever calls them.

Repeatable bit for bit, right with one thread and with many, and blind to how their inputs lie in
memory.  A test file of kernels holds a table of `Call`s and asks these checks about each.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numba
import numpy as np

import scratchnet as tf
from tests.support.kernel_edges import whole
from tests.support.layouts import read_only, stepped, transposed

# Each op on images, as a function of one image argument and one other tensor of its own.
MOVES: dict[str, Any] = {"strides": (2, 1), "padding": "SAME"}
SHAPE = (5, 9, 8, 6)


class Call(NamedTuple):
    """The shapes of one or two arguments, and the op as a function of them."""

    first: tuple[int, ...]
    second: tuple[int, ...] | None
    function: Callable[..., Any]


def inputs(call: Call, dtype: str, seed: int = 0) -> list[Any]:
    rng = np.random.default_rng(seed)
    shapes = [call.first] if call.second is None else [call.first, call.second]
    return [tf.constant(rng.normal(size=shape).astype(dtype)) for shape in shapes]


def values_and_gradients(call: Call, xs: list[Any]) -> list[np.ndarray]:
    with tf.GradientTape() as tape:
        tape.watch(xs)
        y = call.function(*xs)
    g = tf.constant(np.random.default_rng(1).normal(size=y.shape), y.dtype)
    return [t.numpy() for t in (y, *tape.gradient(y, xs, output_gradients=g))]


def check_the_same_bits(call: Call, dtype: str) -> None:
    """The same call gives the same bits."""
    runs = [values_and_gradients(call, inputs(call, dtype)) for _ in range(3)]
    for other in runs[1:]:
        for a, b in zip(runs[0], other, strict=True):
            assert a.tobytes() == b.tobytes()


def check_one_thread(call: Call, near: float = 0) -> None:
    """One thread does the same as all, to `near`: 0 but for what divides."""
    # Whole numbers: sums are exact, however they are shared out.
    xs = [whole(np.random.default_rng(2), x.shape, "float32") for x in inputs(call, "float32")]
    many = call.function(*xs).numpy()
    threads = numba.get_num_threads()
    numba.set_num_threads(1)
    try:
        one = call.function(*xs).numpy()
    finally:
        numba.set_num_threads(threads)
    np.testing.assert_allclose(many, one, rtol=near)


def check_inputs_are_left_alone(call: Call) -> None:
    xs = inputs(call, "float32")
    before = [x.numpy() for x in xs]
    values_and_gradients(call, xs)
    for x, old in zip(xs, before, strict=True):
        np.testing.assert_array_equal(x.numpy(), old)


def check_the_layout_of_the_inputs(call: Call, layout: Callable[..., Any]) -> None:
    """Inputs that lie in memory in another way give the same bits."""
    xs = [layout(x) for x in inputs(call, "float32")]
    assert not any(x._data.flags.c_contiguous and x._data.flags.writeable for x in xs)
    plain = [tf.constant(x.numpy()) for x in xs]
    assert all(x._data.flags.c_contiguous for x in plain)
    for a, b in zip(values_and_gradients(call, xs), values_and_gradients(call, plain), strict=True):
        assert a.tobytes() == b.tobytes()


def check_the_layout_of_the_cotangent(call: Call) -> None:
    xs = inputs(call, "float32")
    found = []
    for layout in (lambda g: g, transposed, stepped, read_only):
        with tf.GradientTape() as tape:
            tape.watch(xs)
            y = call.function(*xs)
        g = tf.constant(np.random.default_rng(3).normal(size=y.shape), y.dtype)
        found.append([t.numpy() for t in tape.gradient(y, xs, output_gradients=layout(g))])
    for other in found[1:]:
        for a, b in zip(found[0], other, strict=True):
            assert a.tobytes() == b.tobytes()


def check_float16(call: Call) -> None:
    """float16 is computed in float32 and rounded once."""
    halves = inputs(call, "float16")
    wide = [tf.cast(x, tf.float32) for x in halves]
    half, single = call.function(*halves), call.function(*wide)
    assert half.dtype == tf.float16
    np.testing.assert_array_equal(half.numpy(), single.numpy().astype(np.float16))
    for gx in values_and_gradients(call, halves):
        assert gx.dtype == np.float16
