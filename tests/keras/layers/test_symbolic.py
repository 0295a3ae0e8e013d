"""Calls on KerasTensors, which learn shapes by running `call`, leave no trace."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.support.keras_programs import twins


def test_building_leaves_no_trace() -> None:
    """To learn shapes `call` is run here: variables and random numbers must not notice."""

    def program(tf: Any) -> Any:
        class Noisy(tf.keras.layers.Layer):
            def __init__(self) -> None:
                super().__init__()
                self.calls = self.add_weight(initializer="zeros", trainable=False)
                self.own = tf.Variable(0.0)
                self.seeds = tf.keras.random.SeedGenerator(3)

            def call(self, x: Any) -> Any:
                self.calls.assign_add(1.0)
                noise = tf.keras.random.normal((3,), seed=self.seeds)
                return tf.reshape(x + tf.random.normal((3,)) + noise, (-1, 6))

        tf.random.set_seed(5)
        x, layer = tf.keras.Input((3,)), Noisy()
        y = layer(x)
        found = [tuple(y.shape), layer.calls.numpy(), layer.seeds.state.numpy().tolist()]
        return [*found, tf.random.normal((2,)).numpy()]

    theirs, ours = twins(program)
    assert ours[:3] == theirs[:3]
    np.testing.assert_array_equal(ours[3], theirs[3])
