"""The public names of every module of keras."""

from __future__ import annotations

import keras
import pytest
import tensorflow

import scratchnet

MODULES = "layers losses metrics optimizers callbacks activations utils backend models regularizers"


@pytest.mark.parametrize("module", [*MODULES.split(), "constraints"])
def test_every_public_name_is_keras_s(module: str) -> None:
    """Of `tf.keras` or of `keras`, which differ in a few old names."""
    ours, theirs = getattr(scratchnet.keras, module), getattr(tensorflow.keras, module)
    defined = [n for n, v in vars(ours).items() if getattr(v, "__module__", "") == ours.__name__]
    names = [n for n in getattr(ours, "__all__", defined) if not n.startswith("_")]
    assert names
    for name in names:
        found = hasattr(theirs, name) or hasattr(getattr(keras, module), name)
        assert found, f"neither tf.keras.{module} nor keras.{module} has {name}"
