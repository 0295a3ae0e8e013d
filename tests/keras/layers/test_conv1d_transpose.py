"""Conv1DTranspose against Keras's: values, gradients, shapes, configurations, complaints."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import scratchnet
from tests.support.keras_programs import complain_alike
from tests.support.layer_inputs import SEQUENCES
from tests.support.layer_programs import computes_alike, described_alike

# name -> (how to make it, its input)
CASES: dict[str, tuple[Any, np.ndarray]] = {
    "plain": (lambda k, **o: k.Conv1DTranspose(3, 2, **o), SEQUENCES),
    "same": (lambda k, **o: k.Conv1DTranspose(4, 3, 2, "same", activation="relu", **o), SEQUENCES),
    "strides": (lambda k, **o: k.Conv1DTranspose(2, 2, 3, use_bias=False, **o), SEQUENCES),
    "more": (lambda k, **o: k.Convolution1DTranspose(2, (3,), 2, "same", 1, **o), SEQUENCES),
    "more, valid": (lambda k, **o: k.Conv1DTranspose(2, 3, 2, output_padding=0, **o), SEQUENCES),
}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", CASES)
def test_layer(name: str, dtype: str) -> None:
    make, x = CASES[name]
    computes_alike(make, x, dtype, 60)


@pytest.mark.parametrize("name", CASES)
def test_shapes_and_configuration(name: str) -> None:
    described_alike(*CASES[name])


COMPLAINTS: dict[str, tuple[Any, str, str]] = {
    "filters": (lambda tf: tf.keras.layers.Conv1DTranspose(0, 3), "filters", "Conv1DTranspose: `f"),
    "kernel": (
        lambda tf: tf.keras.layers.Conv1DTranspose(2, (3, 3)),
        "kernel_size",
        "must be one positive integer",
    ),
    "padding": (
        lambda tf: tf.keras.layers.Conv1DTranspose(2, 3, padding="causal"),
        "padding",
        "Conv1DTranspose: `padding` must be",
    ),
    "both": (
        lambda tf: tf.keras.layers.Conv1DTranspose(2, 3, 2, dilation_rate=2),
        "dilation_rate",
        "must be 1 where",
    ),
}


@pytest.mark.parametrize("name", COMPLAINTS)
def test_complaints(name: str) -> None:
    complain_alike(*COMPLAINTS[name])


def test_more_steps_than_strides_are_refused() -> None:
    """Before anything is computed; in Keras when it is called."""
    with pytest.raises(ValueError, match=r"Conv1DTranspose: `output_padding` must be less than"):
        scratchnet.keras.layers.Conv1DTranspose(2, 3, 2, output_padding=2)
