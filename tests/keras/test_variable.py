"""Keras's Variable: how it prints, its gradient, what it refuses."""

from __future__ import annotations

from typing import Any

import numpy as np
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


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
def test_where_values_and_names_come_from() -> None:
    def program(tf: Any) -> list[Any]:
        make = tf.keras.Variable
        made = [
            make([1, 2], name="a"),
            make([1, 2], dtype="float64", name="b"),
            make(tf.constant([1.5]), dtype="int32", name="c"),
            make("ones", (2, 1), name="d"),
            make("zeros", (0, 2), "int32", name="e"),
            make(tf.keras.initializers.Constant(0.3), shape=[2], dtype="float64", name="f"),
            make(lambda shape, dtype: np.full(shape, 2.5), (2,), trainable=False, name="g"),
            make(3.0),
            make(4.0),
        ]
        made[2].trainable = 0
        return [
            (v.path, v.name, tuple(v.shape), v.dtype, v.trainable, v.numpy().tolist(), v.ndim)
            for v in made
        ] + [(made[0].regularizer, made[0].constraint, made[0].value.name)]

    same(program)


def test_a_function_of_one_number_fills_the_shape() -> None:
    found = scratchnet.keras.Variable(lambda shape, dtype: 2.0, (2, 3))
    assert found.numpy().tolist() == [[2.0] * 3] * 2
    found.assign(found * 0)
    assert found.numpy().tolist() == [[0.0] * 3] * 2


def test_the_texts_of_what_is_refused() -> None:
    make = scratchnet.keras.Variable
    v = make([1.0, 2.0], name="v")
    cases: list[tuple[Any, type[Exception], str]] = [
        (
            lambda: make(len),
            ValueError,
            "Variable: `shape` must be given with an initializer, received shape=None, "
            "initializer=<built-in function len>",
        ),
        (
            lambda: make("ones", (2, None), name="w"),
            ValueError,
            "Variable: `shape` must hold no None, received shape=(2, None) for w",
        ),
        (
            lambda: make("ones", (-1,)),
            ValueError,
            "shape: `shape` must hold no negative sizes, received shape=(-1,)",
        ),
        (lambda: v.assign([1.0]), ValueError, "assign: v has shape (2,), received shape (1,)"),
        (
            lambda: v.assign_add([[1.0], [2.0]]),
            ValueError,
            "assign: v has shape (2,), received shape (2, 2)",
        ),
        (
            lambda: v.assign_sub([[1.0], [2.0]]),
            ValueError,
            "assign: v has shape (2,), received shape (2, 2)",
        ),
        (
            lambda: v.value(),
            TypeError,
            "'Variable.value' is a property and not callable: leave the brackets out",
        ),
        (lambda: hash(v), TypeError, "unhashable type: 'Variable'"),
        (
            lambda: make(1.0, trainable=np.ones(2)),
            ValueError,
            "Variable: `trainable` must be True or False, received trainable=array([1., 1.])",
        ),
    ]
    for call, error, text in cases:
        with pytest.raises(error) as caught:
            call()
        assert str(caught.value) == text
    assert v.numpy().tolist() == [1.0, 2.0]


def test_the_variable_under_it_is_made_once_while_it_is_used() -> None:
    v = scratchnet.keras.Variable([1.0], name="v")
    value = v.value
    assert v.value is value
    assert (value.name, value.trainable) == ("v:0", True)
    value.assign([3.0])
    assert v.numpy().tolist() == [3.0]


def test_what_is_assigned_is_cast_and_returned() -> None:
    def program(tf: Any) -> list[Any]:
        v = tf.keras.Variable([1, 2], dtype="int32")
        found = [v.assign([3.7, 4.2]), v.assign(tf.constant([5.0, 6.0])), v.assign_add([1, 1])]
        found.append(v.assign_sub(tf.constant([2, 0])))
        return [np.asarray(x) for x in (*found, v.numpy())]

    close(program, 1)
