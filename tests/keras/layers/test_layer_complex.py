"""Complex tensors in layers: taken where there are no weights, refused where they are real."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow

import scratchnet


@pytest.mark.parametrize("layer", ["Dense(2)", "BatchNormalization()"])
def test_layers_of_real_weights_refuse_complex_tensors(layer: str) -> None:
    """Cast to the dtype of the weights they would be their real parts."""
    made = eval(f"k.{layer}", {"k": scratchnet.keras.layers})
    with pytest.raises(scratchnet.errors.InvalidArgumentError, match=r"must be real, as the weigh"):
        made(scratchnet.constant([[1 + 1j, 2.0]]))


@pytest.mark.parametrize("layer", ["Flatten()", "GlobalAveragePooling2D()", "Reshape((8,))"])
def test_layers_without_weights_take_them(layer: str) -> None:
    x = np.arange(8).reshape(1, 2, 2, 2) * (1 + 2j)
    found = []
    for tf in (scratchnet, tensorflow):
        made = eval(f"k.{layer}", {"k": tf.keras.layers})
        found.append(made(tf.constant(x)).numpy())
    assert found[0].dtype == found[1].dtype
    np.testing.assert_allclose(*found)
