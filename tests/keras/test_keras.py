"""The public names of every room of keras."""

from __future__ import annotations

import keras
import pytest
import tensorflow

import scratchnet

ROOMS = "layers losses metrics optimizers callbacks activations utils backend models regularizers"


@pytest.mark.parametrize("room", [*ROOMS.split(), "constraints"])
def test_every_public_name_is_keras_s(room: str) -> None:
    """Of `tf.keras` or of `keras`, which differ in a few old names."""
    ours, theirs = getattr(scratchnet.keras, room), getattr(tensorflow.keras, room)
    defined = [n for n, v in vars(ours).items() if getattr(v, "__module__", "") == ours.__name__]
    names = [n for n in getattr(ours, "__all__", defined) if not n.startswith("_")]
    assert names
    for name in names:
        found = hasattr(theirs, name) or hasattr(getattr(keras, room), name)
        assert found, f"neither tf.keras.{room} nor keras.{room} has {name}"
