"""Constraints and regularizers in the weights of a layer."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.support.keras_programs import close


def test_constraint_and_regularizer() -> None:
    def program(tf: Any) -> list[Any]:
        keras = tf.keras
        layer = keras.layers.Dense(
            2,
            kernel_initializer=keras.initializers.Constant(0.1),
            kernel_constraint="non_neg",
            kernel_regularizer=keras.regularizers.L1L2(0.1, 0.2),
            bias_regularizer="l2",
        )
        model = keras.Sequential([keras.Input((3,)), layer])
        model.compile(keras.optimizers.SGD(1.0), "mse")
        history = model.fit(np.ones((4, 3), "f"), -np.ones((4, 2), "f"), batch_size=2, verbose=0)
        return [history.history, [x.numpy() for x in model.losses], model.get_weights()]

    close(program, 40)
