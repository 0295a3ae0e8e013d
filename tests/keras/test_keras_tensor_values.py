"""`layer.output` used as a value: the error says how to get it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import scratchnet as tf
from scratchnet import keras

USES = {
    "array": np.array,
    "numpy function": np.sum,
    "float": float,
    "int": int,
    "if": bool,
    "for": list,
    "op": tf.reduce_sum,
    "numpy": lambda x: x.numpy(),
}


@pytest.mark.parametrize("name", USES)
def test_how_to_get_the_values(name: str) -> None:
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3), keras.layers.ReLU()])
    output: Any = model.layers[0].output
    errors = (ValueError, TypeError, NotImplementedError, AttributeError)
    with pytest.raises(errors, match=r"keras\.Model\(model\.inputs, layer\.output\)\(\[x\]\)"):
        USES[name](output)
    assert keras.Model(model.inputs, output)([np.ones((2, 4))]).shape == (2, 3)


def test_a_tensor_of_no_layer() -> None:
    with pytest.raises(AttributeError, match="no attribute 'numpy': its values are not known"):
        keras.KerasTensor((2,)).numpy()
    with pytest.raises(AttributeError, match=r"no attribute 'other'$"):
        _ = keras.KerasTensor((2,)).other
