"""Identity against Keras's."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.support.keras_programs import close, same
from tests.support.layer_inputs import ROWS
from tests.support.layer_programs import described_alike, outcome_of_call


def test_layer() -> None:
    close(lambda tf: outcome_of_call(tf, lambda k: k.Identity(), ROWS), 1)
    described_alike(lambda k: k.Identity(name="i"), ROWS)


def test_structures_dtypes_and_masks() -> None:
    def program(tf: Any) -> list[Any]:
        k = tf.keras.layers
        many = k.Identity()({"a": tf.constant([[1, 2]]), "b": [np.ones((2, 3))]})
        symbols = k.Identity()([tf.keras.Input((3, None)), tf.keras.Input((2,), dtype="int32")])
        masked = k.Identity()(k.Masking()(tf.constant([[[1.0], [0.0]]])))
        found = [many["a"].dtype.name, many["b"][0].dtype.name, k.Identity().built]
        mask = masked._keras_mask.numpy().tolist()
        return [*found, [(x.shape, x.dtype) for x in symbols], mask]

    same(program)
