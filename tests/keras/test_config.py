"""The settings of Keras."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import scratchnet
from scratchnet import keras
from tests.support.signatures import taken_alike


def test_layer_fusion_has_its_older_names_too():
    config = keras.config
    try:
        config.disable_layer_joining()
        assert not config.is_layer_fusion_enabled()
        config.enable_layer_fusion()
        assert config.is_layer_joining_enabled()
        config.disable_layer_fusion()
        assert not config.is_layer_joining_enabled()
    finally:
        config.enable_layer_joining()
    assert config.is_layer_fusion_enabled()


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda v: scratchnet.keras.layers.BatchNormalization(epsilon=v), "epsilon"),
        (lambda v: scratchnet.keras.layers.BatchNormalization(momentum=v), "momentum"),
        (lambda v: scratchnet.keras.config.set_epsilon(v), "value"),
        (
            lambda v: scratchnet.keras.optimizers.schedules.PiecewiseConstantDecay([v], [0.1, 0.2]),
            "boundaries",
        ),
    ],
)
@pytest.mark.parametrize("kind", ["array", "tensor"])
def test_an_array_of_one_number_is_no_number(call: Any, name: str, kind: str) -> None:
    """Where a Python number is kept; NumPy's own text would name nothing."""
    value = np.array([0.5]) if kind == "array" else scratchnet.constant([0.5])
    with pytest.raises(ValueError, match=f"`{name}` must be a number, not an array of one"):
        call(value)


def test_what_they_take() -> None:
    taken_alike("config")
