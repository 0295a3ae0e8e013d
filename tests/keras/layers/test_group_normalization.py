"""GroupNormalization against Keras's: values, gradients, shapes, configurations, complaints."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.support.keras_programs import close, complain_alike
from tests.support.layer_inputs import IMAGES, ROWS, SEQUENCES
from tests.support.layer_programs import computes_alike, described_alike, outcome_of_call

# name -> (how to make it, its input)
CASES: dict[str, tuple[Any, np.ndarray]] = {
    "two": (lambda k, **o: k.GroupNormalization(2, **o), IMAGES),
    "one": (
        lambda k, **o: k.GroupNormalization(
            1, epsilon=0.1, gamma_initializer="glorot_uniform", **o
        ),
        IMAGES,
    ),
    "instance": (lambda k, **o: k.GroupNormalization(-1, scale=False, **o), IMAGES),
    "rows": (lambda k, **o: k.GroupNormalization(3, center=False, **o), ROWS),
    "another axis": (
        lambda k, **o: k.GroupNormalization(5, axis=1, beta_initializer="uniform", **o),
        SEQUENCES,
    ),
}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("training", [None, True])
def test_layer(name: str, training: bool | None) -> None:
    make, x = CASES[name]
    close(lambda tf: outcome_of_call(tf, make, x, training), 30)


@pytest.mark.parametrize("name", CASES)
def test_shapes_and_configuration(name: str) -> None:
    described_alike(*CASES[name])


COMPLAINTS: dict[str, tuple[Any, str, str]] = {
    "groups": (
        lambda tf: tf.keras.layers.GroupNormalization(0),
        "groups=0",
        "GroupNormalization: `groups` must be a positive integer",
    ),
    "too many": (
        lambda tf: tf.keras.layers.GroupNormalization()(ROWS),
        "Number of groups (32) cannot be more than the number of channels (6)",
        "",
    ),
    "no multiple": (
        lambda tf: tf.keras.layers.GroupNormalization(4)(ROWS),
        "must be a multiple of the number of",
        "",
    ),
}


@pytest.mark.parametrize("name", COMPLAINTS)
def test_complaints(name: str) -> None:
    complain_alike(*COMPLAINTS[name])


@pytest.mark.parametrize("name", CASES)
def test_float64(name: str) -> None:
    """As Keras does with 1e-15 of the numbers, or where its layer rounds on the way, 1e-7."""
    make, x = CASES[name]
    computes_alike(lambda k, dtype: make(k, dtype=dtype), x, "float64", 30)
