"""A VJP that computes with what was saved: right once, and never silently wrong the second time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest

import scratchnet as tf
from scratchnet import extend
from scratchnet.engine.saved import SavedArray
from scratchnet.extend import NoDerivativeError, NoGradient, Op, apply, register
from tests.support.gradcheck import check_gradients


@pytest.fixture(autouse=True)
def _own_table(monkeypatch: Any) -> None:
    monkeypatch.setattr(extend, "_ROWS", {})


def grow(gx: Callable[..., Any], forward: Callable[..., Any] | None = None) -> Op:
    """``y = eˣ``, which saves ``eˣ``."""
    forward = forward or (lambda x: (np.exp(x), np.exp(x)))
    return register(Op("grow", forward, forward, vjps=(gx,)))


def second_order(row: Op, x: Any = None) -> Any:
    x = tf.constant([0.5, 1.0], tf.float64) if x is None else x
    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape() as inner:
            inner.watch(x)
            y = apply(row, x)
        gx = inner.gradient(y, x)
    return outer.gradient(gx, x)


WRONG: dict[str, Callable[..., Any]] = {
    "times": lambda g, record: g * record.saved,
    "from the left": lambda g, record: record.saved * g,
    "by NumPy before": lambda g, record: g * np.exp(np.log(record.saved)),
    "as a constant": lambda g, record: g * tf.constant(record.saved),
    "converted": lambda g, record: g * tf.convert_to_tensor(record.saved, tf.float64),
    "a part of it": lambda g, record: g * tf.concat([record.saved[:1], record.saved[1:]], 0),
    "by NumPy functions": lambda g, record: g * np.where(True, record.saved, 0),
    "joined": lambda g, record: g * np.concatenate([record.saved[:1], np.stack([record.saved[1]])]),
    "a product": lambda g, record: g * np.dot(np.eye(2), record.saved),
    "einsum": lambda g, record: g * np.einsum("i,ij->j", record.saved, np.eye(2)),
    "an element": lambda g, record: g * record.saved[0] / record.saved[0] * record.saved,
    "by a function": lambda g, record: tf.multiply(record.saved, g),
}


@pytest.mark.parametrize("how", WRONG)
def test_the_first_gradient_is_right_and_the_second_an_error(how: str) -> None:
    row = grow(WRONG[how])
    check_gradients(lambda x: apply(row, x), [np.array([0.5, 1.0])], order=1)
    with pytest.raises(NoDerivativeError, match=r"grow: a gradient passes through `record\.saved`"):
        second_order(row)


def test_parts_of_a_structure_are_found_out_too() -> None:
    def forward(x: Any) -> Any:
        return np.exp(x), {"y": [np.exp(x)], "shape": x.shape}

    row = grow(lambda g, record: g * record.saved["y"][0], forward)
    with pytest.raises(NoDerivativeError, match="grow"):
        second_order(row)
    row = register(
        Op("other", forward, lambda x: (np.exp(x), (1, np.exp(x))), (lambda g, r: g * r.saved[1],))
    )
    with pytest.raises(NoDerivativeError, match="other"):
        second_order(row)


class Kept(NamedTuple):
    y: Any
    size: int


def test_named_tuples_are_found_out_too() -> None:
    def forward(x: Any) -> Any:
        return np.exp(x), Kept(np.exp(x), x.size)

    row = grow(lambda g, record: g * record.saved.y, forward)
    with pytest.raises(NoDerivativeError, match="grow"):
        second_order(row)


def test_one_element_is_found_out_too() -> None:
    row = grow(lambda g, record: g * record.saved[0], lambda x: (np.exp(x), np.exp(x)))
    with pytest.raises(NoDerivativeError, match="grow"):
        second_order(row, tf.constant([0.5], tf.float64))


def test_computed_from_inputs_and_outputs_it_is_right() -> None:
    row = grow(lambda g, record: g * record.output)
    check_gradients(lambda x: apply(row, x), [np.array([0.5, 1.0])], order=3)


def ramp(gx: Callable[..., Any]) -> Op:
    """relu, which saves a mask of floats."""

    def forward(x: Any) -> Any:
        return np.maximum(x, 0), (x > 0).astype(x.dtype)

    return register(Op("ramp", forward, forward, vjps=(gx,)))


def test_what_does_not_change_is_said_to_be_so() -> None:
    row = ramp(lambda g, record: g * tf.stop_gradient(record.saved))
    check_gradients(lambda x: apply(row, x), [np.array([-0.5, 1.0])], order=3)
    assert second_order(row) is None


def test_masks_and_indices_need_no_word() -> None:
    def forward(x: Any) -> Any:
        return np.maximum(x, 0), x > 0

    row = register(
        Op("ramp", forward, forward, (lambda g, r: tf.where(r.saved, g, tf.zeros_like(g)),))
    )
    check_gradients(lambda x: apply(row, x), [np.array([-0.5, 1.0])], order=2)


def test_it_is_no_error_where_no_gradient_passes_through() -> None:
    """Only the cotangent is differentiated, or nothing at all."""
    row = grow(lambda g, record: g * record.saved)
    x, g = tf.constant([0.5, 1.0]), tf.constant([1.0, 2.0])
    with tf.GradientTape() as outer:
        outer.watch(g)
        with tf.GradientTape() as inner:
            inner.watch(x)
            y = apply(row, x)
        gx = inner.gradient(y, x, output_gradients=g)
    np.testing.assert_allclose(outer.gradient(gx, g).numpy(), np.exp([0.5, 1.0]), rtol=1e-6)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        y = apply(row, x)
        gx = tape.gradient(y, x)  # inside of its own context: recorded, and not asked for
    np.testing.assert_allclose(gx.numpy(), np.exp([0.5, 1.0]), rtol=1e-6)
    np.testing.assert_allclose(tape.gradient(y, x).numpy(), gx.numpy())


def test_an_argument_without_gradient_stays_one() -> None:
    def forward(x: Any, t: Any) -> Any:
        return x * t, np.array(t)

    row = register(
        Op("timed", forward, forward, (lambda g, r: g * r.saved, NoGradient("it is the time")))
    )
    x, t = tf.constant(2.0), tf.constant(3.0)
    with tf.GradientTape() as outer:
        outer.watch(t)
        with tf.GradientTape() as inner:
            inner.watch(x)
            y = apply(row, x, t)
        gx = inner.gradient(y, x)
    assert outer.gradient(gx, t) is None


def test_saved_arrays_are_plain_while_nobody_differentiates_the_vjp() -> None:
    kinds = []

    def gx(g: Any, record: Any) -> Any:
        kinds.append(type(record.saved))
        return g * record.saved

    row = grow(gx)
    with tf.GradientTape() as tape:
        tape.watch(x := tf.constant(1.0))
        y = apply(row, x)
    tape.gradient(y, x)
    with pytest.raises(NoDerivativeError):
        second_order(row)
    assert kinds == [np.float32, SavedArray]
