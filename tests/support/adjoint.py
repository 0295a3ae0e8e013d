"""Adjoint identities: <A x, g> = <x, Aᵀ g> for a linear op A and the op that is its transpose.

They need no TensorFlow, no step size and no second derivative, and hold for any x and g: one wrong
index, stride or padding breaks them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import assume
from hypothesis import strategies as st

import scratchnet as tf
from scratchnet.engine.op import OPS
from tests.support.cases import Case, Sample

Draw = Callable[..., Any]


def inner(a: Any, b: Any) -> tuple[float, float]:
    """<a, b>, the sum of the products, and the sum of their sizes."""
    assert tuple(a.shape) == tuple(b.shape), f"{a.shape}, {b.shape}"
    products = np.asarray(a.numpy(), np.float64) * np.asarray(b.numpy(), np.float64)
    return float(products.sum()), float(np.abs(products).sum())


def assert_equal_products(*pairs: tuple[Any, Any]) -> None:
    """All the <a, b> are one number, but for the rounding of sums of that size."""
    found = [inner(a, b) for a, b in pairs]
    near = 1e-13 * max(size for _, size in found)
    for value, _ in found[1:]:
        assert abs(value - found[0][0]) <= near, f"{[v for v, _ in found]}, {near} apart at most"


def normal_tensor(rng: np.random.Generator, *shape: int) -> Any:
    return tf.constant(rng.normal(size=shape))


rngs = st.integers(0, 2**32 - 1).map(np.random.default_rng)


def one_vector(tensors: list[Any]) -> Any:
    """Several tensors as one vector, so that their products are one sum."""
    return tf.constant(np.concatenate([t.numpy().ravel() for t in tensors]))


def check_the_tape_gives_the_transpose(
    name: str, case: Case, sample: Sample, number: int | None, rng: np.random.Generator
) -> None:
    """The gradient of op `name`, linear in its floating argument `number`, is its transpose."""
    xs = [tf.constant(array) for array in sample.arrays]
    floats = [x for x in xs if x.dtype.is_floating]
    sources = floats if number is None else [floats[number]]
    with tf.GradientTape() as tape:
        tape.watch(sources)
        out = case.call(OPS[name].function, *xs, **sample.attrs)
    ys = list(out) if isinstance(out, list | tuple) else [out]
    gs = [normal_tensor(rng, *y.shape) for y in ys]
    assume(all(np.isfinite(y.numpy()).all() for y in ys))  # the mean of nothing is nan
    gxs = tape.gradient(ys, sources, output_gradients=gs)
    assert_equal_products((one_vector(ys), one_vector(gs)), (one_vector(sources), one_vector(gxs)))
