"""Constraints and regularizers in the weights of a layer."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.support.keras_programs import close, same
from tests.support.signatures import attributes_alike, taken_alike

CONSTRAINTS: dict[str, Any] = {
    "max": lambda c: c.MaxNorm(),
    "max of columns": lambda c: c.MaxNorm(0.5, axis=1),
    "max of filters": lambda c: c.max_norm(1.0, axis=[0, 1, 2]),
    "unit": lambda c: c.UnitNorm(),
    "unit of rows": lambda c: c.unit_norm(axis=-1),
    "between": lambda c: c.MinMaxNorm(0.5, 0.9),
    "nearer": lambda c: c.min_max_norm(1.0, 2.0, rate=0.3, axis=1),
    "not negative": lambda c: c.NonNeg(),
}
WEIGHTS = np.random.default_rng(3).normal(size=(2, 3, 4, 2)).astype("f")
WEIGHTS[:, 0] = 0


@pytest.mark.parametrize("name", CONSTRAINTS)
@pytest.mark.parametrize("kind", ["float32", "float64"])
def test_values(name: str, kind: str) -> None:
    w = WEIGHTS.astype(kind)

    def program(tf: Any) -> Any:
        return CONSTRAINTS[name](tf.keras.constraints)(tf.constant(w)).numpy()

    close(program, 8, float(np.finfo(kind).eps))


@pytest.mark.parametrize("name", CONSTRAINTS)
def test_config(name: str) -> None:
    def program(tf: Any) -> list[Any]:
        constraints = tf.keras.constraints
        made = CONSTRAINTS[name](constraints)
        data = constraints.serialize(made)
        again = [constraints.deserialize(data), type(made).from_config(made.get_config())]
        return [data, [x.get_config() for x in again], constraints.get(data).get_config()]

    same(program)
    attributes_alike(lambda keras: CONSTRAINTS[name](keras.constraints))


@pytest.mark.parametrize("name", ["MaxNorm", "max_norm", "unit_norm", "min_max_norm", "UnitNorm"])
def test_names(name: str) -> None:
    same(lambda tf: tf.keras.constraints.get(name).get_config())


def test_of_a_weight_after_each_update() -> None:
    def program(tf: Any) -> list[Any]:
        layer = tf.keras.layers.Dense(2, kernel_constraint="max_norm", bias_constraint="unit_norm")
        model = tf.keras.Sequential([tf.keras.Input((3,)), layer])
        model.compile(tf.keras.optimizers.SGD(1.0), "mse")
        model.fit(WEIGHTS.reshape(-1, 3)[:8], np.ones((8, 2), "f"), 4, 2, verbose=0)
        return model.get_weights()

    close(program, 40)


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


def test_what_they_take() -> None:
    taken_alike("constraints")
