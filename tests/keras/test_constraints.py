"""Constraints and regularizers in the weights of a layer."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from scratchnet.keras.constraints import MinMaxNorm
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


SMALL: dict[str, Any] = {
    "max": lambda c: c.MaxNorm(5.0),
    "max of rows": lambda c: c.MaxNorm(1, axis=-1),
    "unit of all": lambda c: c.UnitNorm(axis=[0, 1]),
    "not negative": lambda c: c.NonNeg(),
    "between": lambda c: c.MinMaxNorm(2.0, 4.0),
    "half the way": lambda c: c.MinMaxNorm(2.0, 4.0, 0.5, 1),
    "none of it": lambda c: c.MinMaxNorm(2.0, 4.0, 0),
    "just so long": lambda c: c.MinMaxNorm(5.0, 5.0),
}


@pytest.mark.parametrize("name", SMALL)
def test_small_weights(name: str) -> None:
    """Lengths of 5, of 0, below ε, and in between."""
    w = np.array([[3.0, 0.0, 1e-8, -0.5], [-4.0, 0.0, 0.0, 1.5]], "f")

    def program(tf: Any) -> Any:
        return SMALL[name](tf.keras.constraints)(tf.constant(w)).numpy()

    close(program, 8)


@pytest.mark.parametrize("name", ["NonNeg", "non_neg", "MinMaxNorm", "min_max_norm", None])
def test_found_and_described_alike(name: str | None) -> None:
    def program(tf: Any) -> list[Any]:
        of = tf.keras.constraints
        found = of.get(name)
        data = None if found is None else of.serialize(found)
        return [data, type(found).__name__, data and of.deserialize(data).get_config()]

    same(program)


@pytest.mark.parametrize("rate", ["a", [0.5], (1.0,), range(2), None])
def test_a_rate_that_is_no_number(rate: Any) -> None:
    with pytest.raises(TypeError, match=r"^MinMaxNorm: `rate` must be a number, received rate="):
        MinMaxNorm(rate=rate)
    assert MinMaxNorm(rate=np.float64(0.5)).rate == 0.5
