"""Finite differences say which gradient of the program's own is not that of its function."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import scratchnet as tf
from scratchnet.extend import Op, apply, listening, numeric, register
from scratchnet.twin.witness import Witness


def said_of(f: Any, *arrays: Any) -> Any:
    """What the witness says of the function `f` of tensors."""
    xs = [tf.constant(a, tf.float32) for a in arrays]
    with listening(Witness()) as witness:
        with tf.GradientTape() as tape:
            tape.watch(xs)
            y = tf.reduce_sum(f(*xs) ** 2)
        tape.gradient(y, xs)
    return witness.said()


def times(factor: float, cast: bool = False) -> Any:
    @tf.custom_gradient
    def product(x: Any, w: Any) -> Any:
        x, w = (tf.cast(v, tf.float32) for v in (x, w)) if cast else (x, w)
        return x * w, lambda g: (g * w, g * x * factor)

    return product


X, W = np.random.default_rng(0).normal(size=(2, 5, 4))


@pytest.mark.parametrize("cast", [False, True])
def test_a_wrong_gradient_is_named_with_both_values(cast: bool) -> None:
    assert said_of(times(1.0, cast), X, W) == (["product"], [])
    names, (note,) = said_of(times(1.5, cast), X, W)
    assert names == ["product"]
    assert note.startswith("the gradient of product (test_witness.py, line ")
    assert "by argument 1 is not that of its function" in note
    assert note.endswith("so no comparison sees it; is it meant?")


def test_a_registered_op_is_checked_and_a_built_in_one_is_not() -> None:
    row = register(
        Op("halved", tf.sqrt, lambda x: (x / 2, None), vjps=(lambda g, record: g / 3,)), True
    )
    _, (note,) = said_of(lambda x: apply(row, numeric("halved", "x", x)), X)
    assert "halved" in note
    assert said_of(tf.sqrt, X * X) == ()


def test_what_cannot_be_called_again_is_left_out() -> None:
    calls = []

    @tf.custom_gradient
    def once(x: Any) -> Any:
        calls.append(0)
        return x * len(calls), lambda g: g * 5.0

    @tf.custom_gradient
    def named(x: Any, *, by: float) -> Any:
        return x * by, lambda g: g * 5.0

    assert said_of(once, X) == (["once"], [])
    assert said_of(lambda x: named(x, by=2.0), X) == (["named"], [])
