"""Bidirectional against Keras."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.support.keras_programs import complain_alike, same
from tests.support.layer_programs import configured_alike, shapes_alike
from tests.support.recurrent_programs import MASK, RNG, computes_alike

MODES = ["concat", "sum", "mul", "ave", None]


def both(layer: str = "GRU", mode: Any = "concat", **options: Any) -> Any:
    def make(k: Any, **kw: Any) -> Any:
        return k.Bidirectional(getattr(k, layer)(4, **options), merge_mode=mode, **kw)

    return make


@pytest.mark.parametrize("mode", MODES, ids=str)
@pytest.mark.parametrize("masked", [False, True])
def test_modes(mode: str | None, masked: bool) -> None:
    mask = MASK if masked else None
    computes_alike(both("SimpleRNN", mode), mask=mask)
    computes_alike(both("LSTM", mode, return_sequences=True, return_state=True), mask=mask)


def test_initial_states_and_states_kept() -> None:
    states = [RNG.normal(size=(3, 4)) for _ in range(4)]
    computes_alike(both("LSTM", return_state=True), states=states)
    computes_alike(both("GRU", stateful=True, return_sequences=True), calls=2)


def test_dropout_and_seeds() -> None:
    options = {"dropout": 0.4, "recurrent_dropout": 0.2}
    computes_alike(both("GRU", **options), 300, training=True, calls=2)
    computes_alike(both("SimpleRNN", seed=4, **options), 300, training=True)


def test_a_layer_of_its_own_for_the_way_back() -> None:
    def make(k: Any, **kw: Any) -> Any:
        back = k.LSTM(3, go_backwards=True, return_sequences=True)
        return k.Bidirectional(k.GRU(2, return_sequences=True), backward_layer=back, **kw)

    computes_alike(make)


@pytest.mark.parametrize("mode", MODES, ids=str)
def test_shapes_and_configuration(mode: str | None) -> None:
    for options in ({}, {"return_sequences": True}, {"return_state": True, "stateful": True}):
        make = both("LSTM", mode, **options)
        shapes_alike(make, (None, 5, 3))
        configured_alike(make)


def test_what_it_takes_is_what_the_layer_takes() -> None:
    def program(tf: Any) -> Any:
        return tf.keras.layers.Bidirectional(tf.keras.layers.GRU(3)).input_spec.ndim

    same(program)


def test_names_and_order_of_weights() -> None:
    def program(tf: Any) -> Any:
        layer = both("LSTM", return_sequences=True)(tf.keras.layers)
        layer(np.ones((1, 2, 3), "f"))
        return [(v.path, tuple(v.shape)) for v in layer.variables]

    same(program)


def test_masks_of_outputs() -> None:
    def program(tf: Any) -> Any:
        found = []
        for mode in ("sum", None):
            for sequences in (False, True):
                layer = both("GRU", mode, return_sequences=sequences)(tf.keras.layers)
                y = layer(tf.ones((3, 6, 2)), mask=tf.constant(MASK))
                parts = y if isinstance(y, tuple) else (y,)
                masks = [getattr(part, "_keras_mask", None) for part in parts]
                found.append([None if m is None else m.numpy().tolist() for m in masks])
        return found

    same(program)


COMPLAINTS: dict[str, tuple[Any, str, str]] = {
    "no layer": (lambda k: k.Bidirectional(3), "`keras.layers.Layer` instance. Received: 3", ""),
    "no backward layer": (
        lambda k: k.Bidirectional(k.LSTM(3), backward_layer=4),
        "`backward_layer` need to be a `keras.layers.Layer` instance",
        "",
    ),
    "rank": (lambda k: k.Bidirectional(k.LSTM(3))(np.ones((2, 3), "f")), "expected ndim=3", ""),
    "mode": (lambda k: k.Bidirectional(k.LSTM(3), "foo"), "Invalid merge mode", "foo"),
    "a layer without direction": (lambda k: k.Bidirectional(k.Dense(3)), "", "go_backwards"),
    "one direction": (
        lambda k: k.Bidirectional(k.LSTM(3), backward_layer=k.LSTM(3)),
        "different `go_backwards` value",
        "",
    ),
    "another length": (
        lambda k: k.Bidirectional(
            k.LSTM(3), backward_layer=k.LSTM(3, go_backwards=True, return_sequences=True)
        ),
        'attribute "return_sequences"',
        "",
    ),
    "no states": (lambda k: k.Bidirectional(k.LSTM(3)).reset_states(), "must be stateful", ""),
}


@pytest.mark.parametrize("name", COMPLAINTS)
def test_complaints(name: str) -> None:
    program, shared, ours = COMPLAINTS[name]
    complain_alike(lambda tf: program(tf.keras.layers), shared, ours)


def test_masks_of_a_sequence_and_of_its_states() -> None:
    """Of a list of masks that of the sequences counts, the first."""

    def program(tf: Any) -> Any:
        found = []
        for mode in ("concat", None):
            for sequences in (False, True):
                layer = both("GRU", mode, return_sequences=sequences)(tf.keras.layers)
                found += [layer.compute_mask(None, mask) for mask in (None, "m", ["m", "n"])]
        return found

    same(program)
