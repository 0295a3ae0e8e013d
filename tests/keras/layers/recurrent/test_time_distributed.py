"""TimeDistributed and Wrapper against Keras."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.support.keras_programs import complain_alike
from tests.support.layer_programs import configured_alike, shapes_alike
from tests.support.recurrent_programs import MASK, RNG, computes_alike

IMAGES = RNG.normal(size=(2, 3, 6, 5, 2))
INNER: dict[str, tuple[Any, Any]] = {
    "dense": (lambda k: k.Dense(3, "tanh"), RNG.normal(size=(2, 5, 4))),
    "dense of matrices": (lambda k: k.Dense(3), RNG.normal(size=(2, 5, 2, 4))),
    "dropout": (lambda k: k.Dropout(0.5, seed=3), RNG.normal(size=(2, 5, 4))),
    "batch normalization": (lambda k: k.BatchNormalization(), RNG.normal(size=(4, 3, 2))),
    "convolution": (lambda k: k.Conv2D(3, 2, activation="relu"), IMAGES),
    "pooling": (lambda k: k.MaxPooling2D(2), IMAGES),
    "flatten": (lambda k: k.Flatten(), IMAGES),
    "lstm": (lambda k: k.LSTM(3), RNG.normal(size=(2, 3, 4, 2))),
    "nested": (lambda k: k.TimeDistributed(k.Dense(2)), RNG.normal(size=(2, 3, 4, 2))),
}


@pytest.mark.parametrize("name", INNER)
@pytest.mark.parametrize("training", [None, True])
def test_values_and_gradients(name: str, training: bool | None) -> None:
    inner, x = INNER[name]

    def make(k: Any, **kw: Any) -> Any:
        return k.TimeDistributed(inner(k), **kw)

    computes_alike(make, 90, x=x, training=training, calls=2)
    if name != "pooling":
        shapes_alike(make, (None, *x.shape[1:]))
    configured_alike(make)


def test_a_layer_that_takes_masks() -> None:
    x = RNG.normal(size=(3, 6, 4, 2))
    mask = np.broadcast_to(MASK[..., None], (3, 6, 4))
    computes_alike(lambda k, **kw: k.TimeDistributed(k.GRU(3), **kw), x=x, mask=mask)


COMPLAINTS: dict[str, tuple[Any, str]] = {
    "rank 2": (
        lambda k: k.TimeDistributed(k.Dense(2))(np.ones((3, 4), "f")),
        "with at least 3 dimensions, received: (3, 4)",
    ),
    "no layer": (lambda k: k.TimeDistributed(3), "`keras.layers.Layer` instance"),
    "no layer in a wrapper": (lambda k: k.Wrapper(3), ""),
    "mask of a sample": (
        lambda k: k.TimeDistributed(k.Dense(2))(np.ones((2, 3, 4), "f"), mask=np.ones(3, bool)),
        "must be at least 2D",
    ),
    "mask of fewer steps": (
        lambda k: k.TimeDistributed(k.Dense(2))(
            np.ones((2, 3, 4), "f"), mask=np.ones((2, 2), bool)
        ),
        "incompatible with the input shape (2, 3, 4)",
    ),
}


@pytest.mark.parametrize("name", COMPLAINTS)
def test_complaints(name: str) -> None:
    program, shared = COMPLAINTS[name]
    ours = "" if shared else "must be a `keras.layers.Layer` instance"
    complain_alike(lambda tf: program(tf.keras.layers), shared, ours)
