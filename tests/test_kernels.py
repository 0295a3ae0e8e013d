"""The convolution and pooling kernels: in bounds, repeatable, and blind to how their inputs lie."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba
import numpy as np
import pytest

import scratchnet as tf
from scratchnet import ops
from tests.kernel_edges import whole

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize("setting", ["NUMBA_BOUNDSCHECK", "NUMBA_DISABLE_JIT"])
def test_the_edges_are_in_bounds_and_right(setting: str) -> None:
    started = [
        subprocess.Popen(
            [sys.executable, "-W", "error", "-m", "tests.kernel_edges", dtype],
            env=os.environ | {setting: "1", "PYTHONPATH": str(ROOT)},
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for dtype in ("float32", "float64")
    ]
    count = 0
    for process in started:
        out, error = process.communicate()
        assert process.returncode == 0, error
        count += int(out)
    assert count > 150


# Each op on images, as a function of one image argument and one other tensor of its own.
MOVES: dict[str, Any] = {"strides": (2, 1), "padding": "SAME"}
SHAPE = (5, 9, 8, 6)
FILTERS = (3, 2, 6, 20)
OUT = (5, 5, 8, 20)
POOLED = (5, 5, 8, 6)


def pixels() -> Any:
    at = np.random.default_rng(9).integers(0, SHAPE[1] * SHAPE[2], POOLED)
    return tf.constant(at.astype(np.int32))


Images = dict[str, tuple[tuple[int, ...], tuple[int, ...] | None, Callable[..., Any]]]
IMAGES: Images = {
    "conv2d": (SHAPE, FILTERS, lambda x, k: ops.conv2d(x, k, **MOVES)),
    "conv2d_backprop_input": (
        OUT,
        FILTERS,
        lambda g, k: ops.conv2d_backprop_input(SHAPE, k, g, **MOVES),
    ),
    "conv2d_backprop_filter": (
        SHAPE,
        OUT,
        lambda x, g: ops.conv2d_backprop_filter(x, FILTERS, g, **MOVES),
    ),
    "max_pool2d": (SHAPE, None, lambda x: ops.max_pool2d(x, 3, **MOVES)),
    "avg_pool2d": (SHAPE, None, lambda x: ops.avg_pool2d(x, 3, **MOVES)),
    "avg_pool2d_backprop": (
        POOLED,
        None,
        lambda g: ops.avg_pool2d_backprop(SHAPE, g, 3, **MOVES),
    ),
    "take_pixels": (SHAPE, None, lambda x: ops.take_pixels(x, pixels())),
    "put_pixels": (POOLED, None, lambda g: ops.put_pixels(g, pixels(), SHAPE)),
}


def inputs(name: str, dtype: str, seed: int = 0) -> list[Any]:
    rng = np.random.default_rng(seed)
    first, second, _ = IMAGES[name]
    shapes = [first] if second is None else [first, second]
    return [tf.constant(rng.normal(size=shape).astype(dtype)) for shape in shapes]


def values_and_gradients(name: str, xs: list[Any]) -> list[np.ndarray]:
    f = IMAGES[name][2]
    with tf.GradientTape() as tape:
        tape.watch(xs)
        y = f(*xs)
    g = tf.constant(np.random.default_rng(1).normal(size=y.shape), y.dtype)
    return [t.numpy() for t in (y, *tape.gradient(y, xs, output_gradients=g))]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", IMAGES)
def test_the_same_call_gives_the_same_bits(name: str, dtype: str) -> None:
    runs = [values_and_gradients(name, inputs(name, dtype)) for _ in range(3)]
    for other in runs[1:]:
        for a, b in zip(runs[0], other, strict=True):
            assert a.tobytes() == b.tobytes()


@pytest.mark.parametrize("name", IMAGES)
def test_one_thread_does_the_same_as_all(name: str) -> None:
    # Whole numbers: sums are exact, however they are shared out.
    xs = [whole(np.random.default_rng(2), x.shape, "float32") for x in inputs(name, "float32")]
    many = IMAGES[name][2](*xs).numpy()
    threads = numba.get_num_threads()
    numba.set_num_threads(1)
    try:
        one = IMAGES[name][2](*xs).numpy()
    finally:
        numba.set_num_threads(threads)
    np.testing.assert_allclose(many, one, rtol=1e-6 if "avg" in name else 0)


@pytest.mark.parametrize("name", IMAGES)
def test_inputs_are_left_alone(name: str) -> None:
    xs = inputs(name, "float32")
    before = [x.numpy() for x in xs]
    values_and_gradients(name, xs)
    for x, old in zip(xs, before, strict=True):
        np.testing.assert_array_equal(x.numpy(), old)


def transposed(x: Any) -> Any:
    """`x`, laid out as the transpose of what it is."""
    return tf.transpose(tf.constant(np.ascontiguousarray(x.numpy().T)))


def stepped(x: Any) -> Any:
    """`x` as every other number of a larger tensor, read backwards."""
    wide = np.zeros([2 * n for n in x.shape], x.dtype.as_numpy_dtype)
    wide[::2, ::2, ::2, ::2] = x.numpy()[::-1]
    return tf.constant(wide)[-2::-2, ::2, ::2, ::2]


def read_only(x: Any) -> Any:
    """`x` as an array that must not be written to."""
    return tf.broadcast_to(x, x.shape)


def repeated(x: Any) -> Any:
    """One image for all, by a stride of 0."""
    return tf.broadcast_to(x[:1], x.shape)


@pytest.mark.parametrize("layout", [transposed, stepped, read_only, repeated])
@pytest.mark.parametrize("name", IMAGES)
def test_the_layout_of_the_inputs_does_not_matter(name: str, layout: Callable[..., Any]) -> None:
    xs = [layout(x) for x in inputs(name, "float32")]
    assert not any(x._data.flags.c_contiguous and x._data.flags.writeable for x in xs)
    plain = [tf.constant(x.numpy()) for x in xs]
    assert all(x._data.flags.c_contiguous for x in plain)
    for a, b in zip(values_and_gradients(name, xs), values_and_gradients(name, plain), strict=True):
        assert a.tobytes() == b.tobytes()


@pytest.mark.parametrize("name", IMAGES)
def test_the_layout_of_the_cotangent_does_not_matter(name: str) -> None:
    xs = inputs(name, "float32")
    found = []
    for layout in (lambda g: g, transposed, stepped, read_only):
        with tf.GradientTape() as tape:
            tape.watch(xs)
            y = IMAGES[name][2](*xs)
        g = tf.constant(np.random.default_rng(3).normal(size=y.shape), y.dtype)
        found.append([t.numpy() for t in tape.gradient(y, xs, output_gradients=layout(g))])
    for other in found[1:]:
        for a, b in zip(found[0], other, strict=True):
            assert a.tobytes() == b.tobytes()


@pytest.mark.parametrize("name", IMAGES)
def test_float16_is_computed_in_float32_and_rounded_once(name: str) -> None:
    halves = inputs(name, "float16")
    wide = [tf.cast(x, tf.float32) for x in halves]
    half, single = IMAGES[name][2](*halves), IMAGES[name][2](*wide)
    assert half.dtype == tf.float16
    np.testing.assert_array_equal(half.numpy(), single.numpy().astype(np.float16))
    for gx in values_and_gradients(name, halves):
        assert gx.dtype == np.float16


def test_float16_knows_its_own_least_value() -> None:
    x = tf.constant(np.full((1, 2, 2, 1), -np.inf, np.float16))
    assert ops.max_pool2d(x, 2, 2, "VALID").numpy().item() == np.finfo(np.float16).min


def test_an_array_of_the_other_byte_order() -> None:
    x = np.arange(32.0).reshape(1, 4, 4, 2)
    swapped, native = (x.astype(kind) for kind in (">f4", "<f4"))
    for pool in (ops.max_pool2d, ops.avg_pool2d):
        ours = pool(swapped, 2, 2, "VALID").numpy()
        np.testing.assert_array_equal(ours, pool(native, 2, 2, "VALID").numpy())


@pytest.mark.parametrize("name", ["conv2d", "conv2d_backprop_filter", "max_pool2d", "avg_pool2d"])
def test_no_images(name: str) -> None:
    xs = [x[:0] if x.shape[0] == SHAPE[0] else x for x in inputs(name, "float32")]
    y = IMAGES[name][2](*xs)
    assert y.shape[0] == (FILTERS[0] if name.endswith("filter") else 0)
    assert not y.numpy().any()
