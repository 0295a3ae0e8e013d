"""Dense against Keras's: outputs, gradients, configurations, complaints."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import scratchnet
from tests.support.keras_programs import close, complain_alike
from tests.support.layer_inputs import ROWS, SEQUENCES
from tests.support.layer_programs import (
    called_on,
    described_alike,
    outcome_of_call,
)

# name -> (how to make it, its input, the roundings that one result may gather)
CASES: dict[str, tuple[Any, np.ndarray, int]] = {
    "dense": (lambda k: k.Dense(7, bias_initializer="ones"), ROWS, 60),
    "dense relu": (lambda k: k.Dense(7, activation="relu"), ROWS, 60),
    "dense tanh no bias": (lambda k: k.Dense(7, "tanh", False), ROWS, 60),
    "dense sigmoid": (lambda k: k.Dense(7, "sigmoid"), ROWS, 60),
    "dense softmax": (lambda k: k.Dense(7, "softmax"), ROWS, 60),
    "dense on sequences": (lambda k: k.Dense(3), SEQUENCES, 60),
}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("training", [None, False, True])
def test_layer(name: str, training: bool | None) -> None:
    make, x, terms = CASES[name]
    close(lambda tf: outcome_of_call(tf, make, x, training), terms)


@pytest.mark.parametrize("name", CASES)
def test_shapes_and_configuration(name: str) -> None:
    make, x, _ = CASES[name]
    described_alike(make, x)


# name -> (program, what both texts say, what ours says)
COMPLAINTS: dict[str, tuple[Any, str, str]] = {
    "dense of a vector": (
        lambda tf: tf.keras.layers.Dense(2)(np.zeros(3, "f")),
        "Input 0 with name 'None' of layer 'dense' is incompatible with the layer: expected "
        "min_ndim=2, found ndim=1. Full shape received: (3,)",
        "",
    ),
    "other columns": (
        called_on(lambda k: k.Dense(1), (1, 8), (1, 9)),
        "expected axis -1 of input shape to have value 8, but received input with shape (1, 9)",
        "",
    ),
    "units 0": (lambda tf: tf.keras.layers.Dense(0), "units=0", "Dense: `units` must be"),
    "units text": (lambda tf: tf.keras.layers.Dense("3"), "", "received units='3'"),
    "unknown activation": (
        lambda tf: tf.keras.layers.Dense(2, activation="foo"),
        "Could not interpret activation function identifier: foo",
        "",
    ),
    "unknown initializer": (
        lambda tf: tf.keras.layers.Dense(2, kernel_initializer="foo"),
        "Could not interpret initializer identifier: foo",
        "",
    ),
    "unknown regularizer": (
        lambda tf: tf.keras.layers.Dense(2, kernel_regularizer="foo"),
        "Could not interpret regularizer identifier: foo",
        "",
    ),
    "unknown constraint": (
        lambda tf: tf.keras.layers.Dense(2, kernel_constraint="foo"),
        "Could not interpret constraint identifier: foo",
        "",
    ),
    "kernel before build": (
        lambda tf: tf.keras.layers.Dense(1).kernel,
        "`kernel`",
        "has no `kernel` before it is built",
    ),
}


@pytest.mark.parametrize("name", COMPLAINTS)
def test_complaints(name: str) -> None:
    complain_alike(*COMPLAINTS[name])


REFUSED: dict[str, Any] = {
    "Dense: `units` must be a positive integer": lambda k: k.Dense(True),
}


@pytest.mark.parametrize("rule", REFUSED)
def test_arguments_that_keras_takes_are_refused(rule: str) -> None:
    """Keras takes them, or fails later with a raw IndexError."""
    with pytest.raises(ValueError, match=rule):
        REFUSED[rule](scratchnet.keras.layers)
