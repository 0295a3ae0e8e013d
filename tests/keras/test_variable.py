"""Keras's Variable: how it prints, its gradient, what it refuses."""

from __future__ import annotations

from typing import Any

import pytest
import tensorflow

import scratchnet
from tests.support.keras_programs import close, complain_alike, same


# Keras leaves the value out of the repr where TensorFlow's own warning is an error.
@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
def test_variable_repr() -> None:
    def program(tf: Any) -> list[str]:
        layer = tf.keras.layers.Dense(2, kernel_initializer="ones")
        layer.build((None, 3))
        v = tf.keras.Variable([1.0, 2.0])
        assigned = (
            repr(v.assign([3.0, 4.0])),
            repr(v.assign_add([1.0, 1.0])),
            repr(v.assign_sub([0.5, 0.0])),
        )
        return [
            repr(layer.kernel),
            str(layer.bias),
            repr(v),
            str(v.numpy()),
            repr(v + 1),
            *assigned,
        ]

    same(program)


def test_variable_gradient() -> None:
    def program(tf: Any) -> Any:
        v = tf.keras.Variable([3.0])
        with tf.GradientTape() as tape:
            y = v * v + v.value
        return tape.gradient(y, v).numpy()

    close(program, 1)


def test_watching_a_keras_variable_is_refused() -> None:
    for tf in (tensorflow, scratchnet):
        v = tf.keras.Variable([3.0])
        with (
            tf.GradientTape() as tape,
            pytest.raises(ValueError, match=r"Passed in object <Variable path="),
        ):
            tape.watch(v)


# name -> (program, what both texts say, what ours says)
COMPLAINTS: dict[str, tuple[Any, str, str]] = {
    "dtype": (lambda tf: tf.keras.Variable([1.0], dtype="foo"), "Invalid dtype: foo", ""),
    "assign": (
        lambda tf: tf.keras.Variable([1.0], name="v").assign([1.0, 2.0]),
        "(2,)",
        "assign: v has shape (1,), received shape (2,)",
    ),
    "variable without shape": (
        lambda tf: tf.keras.Variable(lambda shape, dtype: 0),
        "`shape`",
        "must be given with an initializer",
    ),
    "variable of unknown shape": (
        lambda tf: tf.keras.Variable("zeros", shape=(None, 2)),
        "shape=(None, 2)",
        "must hold no None",
    ),
    "variable name": (
        lambda tf: tf.keras.Variable([1.0], name="a/b"),
        "a/b",
        "must be a string without '/'",
    ),
    "hash": (lambda tf: hash(tf.keras.Variable([1.0])), "unhashable type: 'Variable'", ""),
}


@pytest.mark.parametrize("name", COMPLAINTS)
def test_complaints(name: str) -> None:
    complain_alike(*COMPLAINTS[name])


def test_assigning_to_a_part() -> None:
    def program(tf: Any) -> list[Any]:
        layer = tf.keras.layers.Dense(2)
        layer.build((None, 3))
        found = []
        for key, value in ((0, [1.0, 2.0]), ((1, 0), 5.0), (slice(2), [[7.0, 7.0]])):
            layer.kernel[key].assign(value)
            found.append(layer.get_weights()[0].tolist())
        with tf.GradientTape() as tape:
            y = layer.kernel[0] * layer.kernel[0]
        return [*found, tape.gradient(y, layer.kernel).numpy().tolist()]

    same(program)
    complain_alike(
        lambda tf: tf.keras.Variable([1.0, 2.0])[:1].assign([1.0, 2.0, 3.0]),
        "Cannot broadcast input shape",
        "",
    )
