"""The cells by themselves, and their configurations, against Keras's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.support.keras_programs import close, complain_alike, leaves, same
from tests.support.layer_programs import configured_alike
from tests.support.recurrent_programs import RNG

CELLS: dict[str, Any] = {
    "simple": lambda k, **kw: k.SimpleRNNCell(3, **kw),
    "lstm": lambda k, **kw: k.LSTMCell(3, **kw),
    "lstm relu": lambda k, **kw: k.LSTMCell(
        3, "relu", "hard_sigmoid", unit_forget_bias=False, **kw
    ),
    "gru": lambda k, **kw: k.GRUCell(3, **kw),
    "gru before": lambda k, **kw: k.GRUCell(3, reset_after=False, use_bias=False, **kw),
    "gru each": lambda k, **kw: k.GRUCell(3, bias_initializer="ones", implementation=1, **kw),
}
X = RNG.normal(size=(2, 4)).astype("f")


def called(tf: Any, cell: Any, training: bool | None, nested: bool = True) -> list[Any]:
    states = cell.get_initial_state(2)
    states = [state + 0.3 * (i + 1) for i, state in enumerate(states)]
    options = {} if training is None else {"training": training}
    with tf.GradientTape() as tape:
        found = cell(tf.constant(X), states if nested else states[0], **options)
        loss = sum(tf.reduce_sum(y * y) for y in leaves(list(found)))
    return [*leaves(list(found)), *tape.gradient(loss, cell.trainable_variables)]


@pytest.mark.parametrize("name", CELLS)
@pytest.mark.parametrize("rates", [(0.0, 0.0), (0.4, 0.0), (0.4, 0.6)], ids=str)
def test_steps(name: str, rates: tuple[float, float]) -> None:
    """A bare cell keeps its masks until they are reset."""

    def program(tf: Any) -> Any:
        dropout, recurrent = rates
        cell = CELLS[name](
            tf.keras.layers, dropout=dropout, recurrent_dropout=recurrent, seed=1
        )  # fmt: skip
        found = []
        for training in (None, True, True, False):
            found += called(tf, cell, training)
        cell.reset_dropout_mask()
        cell.reset_recurrent_dropout_mask()
        found += [*called(tf, cell, True), cell.seed_generator.state]
        return [part.numpy() for part in found]

    close(program, 60)


def test_a_state_that_is_in_no_list() -> None:
    def program(tf: Any) -> Any:
        k = tf.keras.layers
        cells = [k.GRUCell(3), k.SimpleRNNCell(3)]
        return [part.numpy() for cell in cells for part in called(tf, cell, None, nested=False)]

    close(program, 60)


@pytest.mark.parametrize("name", CELLS)
def test_configuration(name: str) -> None:
    configured_alike(CELLS[name])
    configured_alike(
        lambda k: CELLS[name](
            k, kernel_regularizer="l2", recurrent_initializer="ones", dropout=2, seed=3
        )
    )


@pytest.mark.parametrize("name", CELLS)
def test_weights(name: str) -> None:
    def program(tf: Any) -> Any:
        cell = CELLS[name](tf.keras.layers, name="c")
        before = [cell.built, cell.state_size, cell.output_size, cell.units]
        cell.build((None, 5))
        weights = [(v.path, tuple(v.shape), v.trainable) for v in cell.variables]
        return [*before, cell.built, weights]

    same(program)


COMPLAINTS: dict[str, tuple[Any, str]] = {
    "no units": (lambda k: k.LSTMCell(0), "`units`"),
    "units below 0": (lambda k: k.GRUCell(-1), "`units`"),
    "units of text": (lambda k: k.SimpleRNNCell("3"), ""),
    "a rate of text": (lambda k: k.GRUCell(3, dropout="a"), ""),
    "implementations": (
        lambda k: k.LSTMCell(3, implementation=np.ones(2))(np.ones((1, 2)), [np.ones((1, 3))] * 2),
        "",
    ),
    "no such argument": (lambda k: k.LSTMCell(3, time_major=True), "time_major"),
}


@pytest.mark.parametrize("name", COMPLAINTS)
def test_complaints(name: str) -> None:
    program, shared = COMPLAINTS[name]
    complain_alike(lambda tf: program(tf.keras.layers), shared, "" if shared else "must be")


def test_masks_are_as_wide_as_their_batch() -> None:
    """One draw for each gate, in order: the same numbers as `keras.random.dropout`."""

    def program(tf: Any) -> Any:
        cell = tf.keras.layers.LSTMCell(3, dropout=0.5, recurrent_dropout=0.5, seed=7)
        x = tf.ones((2, 4))
        return [m.numpy() for m in (*cell.get_dropout_mask(x), *cell.get_recurrent_dropout_mask(x))]

    assert len(np.shape(close(program, 1))) == 3
