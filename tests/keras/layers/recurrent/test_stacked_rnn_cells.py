"""StackedRNNCells, and cells of one's own, against Keras."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.keras_programs import complain_alike, same
from tests.support.layer_programs import configured_alike, shapes_alike
from tests.support.recurrent_programs import MASK, computes_alike


def stack(k: Any, **options: Any) -> Any:
    cells = [k.LSTMCell(3, **options), k.GRUCell(2, **options), k.SimpleRNNCell(4, **options)]
    return k.StackedRNNCells(cells)


@pytest.mark.parametrize("masked", [False, True])
def test_values_and_gradients(masked: bool) -> None:
    def make(k: Any, **kw: Any) -> Any:
        return k.RNN(stack(k), return_sequences=True, return_state=True, **kw)

    computes_alike(make, mask=MASK if masked else None)


def test_dropout_and_states_kept() -> None:
    def make(k: Any, **kw: Any) -> Any:
        return k.RNN(stack(k, dropout=0.4, recurrent_dropout=0.2, seed=3), **kw)

    computes_alike(make, training=True, calls=2)
    computes_alike(
        lambda k, **kw: k.RNN([k.LSTMCell(2), k.GRUCell(3)], stateful=True, **kw), calls=2
    )
    computes_alike(lambda k, **kw: k.RNN([k.LSTMCell(2)], return_state=True, **kw))


def test_shapes_and_configuration() -> None:
    for options in ({}, {"return_sequences": True, "return_state": True}):

        def make(k: Any, options: Any = options, **kw: Any) -> Any:
            return k.RNN(stack(k), **options, **kw)

        shapes_alike(make, (None, 5, 3))
        configured_alike(make)
    configured_alike(stack)


def test_sizes_and_names() -> None:
    def program(tf: Any) -> Any:
        cells = stack(tf.keras.layers)
        sizes = [cells.state_size, cells.output_size]
        states = cells.get_initial_state(2)
        layer = tf.keras.layers.RNN(cells)
        layer(tf.ones((2, 3, 4)))
        return [sizes, len(states), [(v.path, tuple(v.shape)) for v in layer.variables]]

    same(program)


def test_complaint() -> None:
    complain_alike(
        lambda tf: tf.keras.layers.StackedRNNCells([tf.keras.layers.Dense(2)]),
        "All cells must have a `state_size` attribute",
    )
