"""A program's value and derivatives on both modules, compared: the same inf, nan and integers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import tensorflow

import scratchnet
from tests.support.ops_checks import is_of_the_family

Program = Callable[..., Any]
INF, NAN = float("inf"), float("nan")


def arrays_of(ys: Any) -> list[np.ndarray]:
    if isinstance(ys, list | tuple):
        return [array for y in ys for array in arrays_of(y)]
    return [np.asarray(ys.numpy())]


def outcome(tf: Any, f: Program, inputs: tuple[Any, ...], orders: int) -> list[np.ndarray]:
    """f(x), the gradients of Σ g f(x) with g = 1, 2, 3, …, and so on to higher orders."""
    xs = [tf.constant(x) for x in inputs]
    smooth = [x for x in xs if x.dtype.is_floating]
    return arrays_of(derivatives(tf, f, xs, smooth, orders))


def derivatives(tf: Any, f: Program, xs: list[Any], smooth: list[Any], orders: int) -> list[Any]:
    if not orders:
        return [f(tf, *xs)]
    with tf.GradientTape() as tape:
        tape.watch(smooth)
        found = derivatives(tf, f, xs, smooth, orders - 1)
    y = found[-1]
    ys = y if isinstance(y, list | tuple) else [y]
    gs = [tf.constant(np.arange(1, 1 + y.numpy().size).reshape(y.shape), y.dtype) for y in ys]
    first = tape.gradient(list(ys), smooth, output_gradients=gs)
    return [*found, [tf.convert_to_tensor(g) for g in first if g is not None]]


def agree(f: Program, *inputs: Any, orders: int = 1) -> list[np.ndarray]:
    """The program does the same on both modules; what it does."""
    ours = outcome(scratchnet, f, inputs, orders)
    theirs = outcome(tensorflow, f, inputs, orders)
    assert len(ours) == len(theirs)
    for i, (a, b) in enumerate(zip(ours, theirs, strict=True)):
        assert a.dtype == b.dtype
        finite = np.isfinite(b)
        size = np.abs(b[finite]).max(initial=0) if a.dtype.kind == "f" else 0
        near = 8 * np.finfo(a.dtype).eps * size if size else 0
        np.testing.assert_allclose(a, b, rtol=0, atol=near, err_msg=f"part {i}")
    return ours


def points(*values: float, dtype: str) -> np.ndarray:
    return np.array(values, dtype)


def complain_alike(program: Any) -> None:
    """A program that catches TensorFlow's error by its class catches ours."""
    found = []
    for tf in (scratchnet, tensorflow):
        with pytest.raises(Exception) as caught:  # noqa: PT011
            program(tf)
        found.append(caught.value)
    assert is_of_the_family(*found)


SPECIAL = (-INF, -2.0, -1.0, -0.0, 0.0, 0.5, 1.0, 6.0, INF, NAN)
