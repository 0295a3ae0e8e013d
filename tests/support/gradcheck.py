"""Gradients checked by finite differences: no TensorFlow, any order.

Of a function f of arrays x, with a random cotangent g and a random direction v,

    d/dt <g, f(x + t v)> at 0   =   <vjp(g), v>

must hold.  The left side is a central difference in float64 with two steps of
Richardson's extrapolation, good to about ten digits; the right side is what the tape says.  For the
next order the same is asked of the gradient itself, as a function of x and g.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np

import scratchnet as tf

Arrays = list[np.ndarray]
Function = Callable[..., Any]

STEP = 1e-3
TOLERANCE = 1e-10  # ten digits: what the extrapolation is good for, and all ops have
ROUNDINGS = 128  # of the whole function, in units of its size; the op table needs up to 28


def check_gradients(
    f: Function, arrays: Arrays, order: int = 2, seed: int = 0, step: float = STEP
) -> None:
    """Check the gradients of `f`, a function of float64 tensors, up to `order`.

    Raises:
        AssertionError: naming the order at which the tape and the difference disagree.
    """
    rng = np.random.default_rng(seed)
    for k in range(1, order + 1):
        _check_first(f, arrays, rng, k, step)
        f, arrays = _gradient_of(f, arrays, rng)
        if not arrays:
            return


def _check_first(
    f: Function, arrays: Arrays, rng: np.random.Generator, order: int, step: float
) -> None:
    ys = _smooth(f(*map(tf.constant, arrays)))
    gs = [_random(rng, y.shape) for y in ys]
    vs = [_random(rng, x.shape) for x in arrays]
    xs = [tf.constant(x) for x in arrays]
    with tf.GradientTape() as tape:
        tape.watch(xs)
        ys = _smooth(f(*xs))
    found = tape.gradient(ys, xs, output_gradients=[tf.constant(g) for g in gs])
    exact = sum(_dot(gx.numpy(), v) for gx, v in zip(found, vs, strict=True) if gx is not None)

    def along(t: float) -> tuple[float, float]:
        """``<g, f>``, and the sum of its absolute terms, which rounding goes by."""
        moved = [tf.constant(x + t * v) for x, v in zip(arrays, vs, strict=True)]
        pairs = [(y.numpy(), g) for y, g in zip(_smooth(f(*moved)), gs, strict=True)]
        return sum(_dot(y, g) for y, g in pairs), sum(_dot(abs(y), abs(g)) for y, g in pairs)

    numeric, size = _derivative(along, step)
    # What rounding in f can do to the difference.  It shrinks with f: to be small is no excuse,
    # but for one rounding of numbers about 1 on the way, as in softmax's ``g - Σ g y``.
    size = ROUNDINGS * size + sum(_dot(abs(g), np.ones_like(g)) for g in gs)
    noise = np.finfo(np.float64).eps * size / step
    bound = TOLERANCE * (abs(numeric) + abs(exact)) + noise
    assert abs(numeric - exact) <= bound, (
        f"order {order}: the tape says {exact!r}, the difference {numeric!r}, bound {bound:.3g}"
    )


def _derivative(along: Callable[[float], tuple[float, float]], step: float) -> tuple[float, float]:
    """The derivative at 0, and how large the function is around there."""
    size = 0.0
    row = []
    for i in range(3):
        h = step / 2**i
        (up, size_up), (down, size_down) = along(h), along(-h)
        size = max(size, size_up, size_down)
        row.append((up - down) / (2 * h))
    for i in (1, 2):  # each step cancels the next power of h²
        row = [(4**i * b - a) / (4**i - 1) for a, b in pairwise(row)]
    return row[0], size


def _gradient_of(f: Function, arrays: Arrays, rng: np.random.Generator) -> tuple[Function, Arrays]:
    """The gradient of `f` as a function of its arguments and its cotangents."""
    n = len(arrays)
    gs = [_random(rng, y.shape) for y in _smooth(f(*map(tf.constant, arrays)))]

    def gradient(*args: Any) -> list[Any]:
        xs = list(args[:n])
        with tf.GradientTape() as tape:
            tape.watch(xs)
            ys = _smooth(f(*xs))
        found = tape.gradient(ys, xs, output_gradients=list(args[n:]))
        return [g for g in found if g is not None]

    return gradient, (arrays + gs if gs else [])


def _smooth(ys: Any) -> list[Any]:
    flat = list(ys) if isinstance(ys, list | tuple) else [ys]
    return [y for y in flat if y.dtype.is_floating]


def _random(rng: np.random.Generator, shape: Any) -> np.ndarray:
    """Of both signs, none near 0: no component may hide."""
    return rng.uniform(0.3, 1.0, size=tuple(shape)) * rng.choice([-1.0, 1.0], size=tuple(shape))


def _dot(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.sum(a * b))
