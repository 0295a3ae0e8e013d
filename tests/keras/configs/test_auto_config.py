"""Configurations that are made by themselves, of the arguments that were given."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import scratchnet
from tests.support.keras_programs import complain_alike, same
from tests.support.own_classes import X, registered
from tests.support.saved_models import read, write


def plain_layer(tf: Any) -> Any:
    class Plain(tf.keras.layers.Layer):
        def __init__(self, units, rate=0.5, sizes=(1, 2), **kwargs):
            super().__init__(**kwargs)

        def call(self, inputs):
            return inputs

    return Plain


def closed_layer(tf: Any) -> Any:
    class Closed(tf.keras.layers.Layer):
        def __init__(self, units=3, part=None, *more):
            super().__init__()

        def call(self, inputs):
            return inputs

    return Closed


def test_a_layer_without_get_config_is_described_by_its_arguments():
    same(lambda tf: plain_layer(tf)(4, sizes=[3], name="a").get_config())
    same(lambda tf: plain_layer(tf)(units=4, trainable=False, dtype="float64").get_config())
    same(lambda tf: closed_layer(tf)(5).get_config())


@pytest.mark.parametrize(
    "make",
    [
        lambda tf: closed_layer(tf)(5, tf.keras.layers.Dense(1)),
        lambda tf: closed_layer(tf)(5, None, 7),
        lambda tf: plain_layer(tf)(np.zeros(2)),
    ],
)
def test_arguments_that_are_no_plain_data_need_a_get_config(make):
    complain_alike(lambda tf: make(tf).get_config(), "get_config()")


def test_a_constructor_that_does_not_take_its_config_is_told(tmp_path):
    def load(tf):
        class Narrow(tf.keras.Model):
            def __init__(self, units=4):
                super().__init__()
                self.inner = tf.keras.layers.Dense(units)

            def call(self, inputs):
                return self.inner(inputs)

        model = registered(tf, Narrow)()
        model(X)
        path = tmp_path / f"{tf.__name__}.keras"
        write(model, path)
        read(tf, path)

    complain_alike(load, "Unable to revive model from config", "**kwargs")


def test_the_arguments_of_a_model_are_kept():
    """Keras loses them: its config holds the defaults, and the file cannot be loaded."""
    keras = scratchnet.keras

    class Sized(keras.Model):
        def __init__(self, units=4, **kwargs):
            super().__init__(**kwargs)

    assert Sized(7).get_config()["units"] == 7


def only_by_position(tf):
    class Positional(tf.keras.layers.Layer):
        def __init__(self, units, /, rate=1):
            super().__init__()

    return Positional


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda tf: closed_layer(tf)(5, None, 7), r"positional arguments only \(`more`\), so"),
        (lambda tf: only_by_position(tf)(4), r"positional arguments only \(`units`\), so"),
        (
            lambda tf: plain_layer(tf)(4, rate={1}),
            r"an argument that is no plain value, rate=\{1\}",
        ),
        (lambda tf: plain_layer(tf)(4, sizes=(1, b"x")), r"no plain value, sizes=\(1, b'x'\), so"),
        (
            lambda tf: plain_layer(tf)(4, rate=b""),
            "Plain: the object was created by passing an arg",
        ),
    ],
)
def test_why_arguments_are_no_config(make, said):
    with pytest.raises(NotImplementedError, match=said):
        make(scratchnet).get_config()


def test_names_and_arguments_by_position_and_name():
    """The name is in the config where the constructor takes one; other variadics may be empty."""

    def program(tf):
        class Named(tf.keras.layers.Layer):
            def __init__(self, units=2, name="given"):
                super().__init__(name=name)

        class Variadic(tf.keras.layers.Layer):
            def __init__(self, units, *rest, **kwargs):
                super().__init__(**kwargs)

        class Other(tf.keras.layers.Layer):
            def __init__(self, units=None, **options):
                super().__init__(**options)

        made = [Named(), Named(5, "x"), Variadic({"a": [1, 2.5, None, True, "b"]}, name="v")]
        made += [Variadic(1, trainable=False), Other(3, name="o", dtype="float64")]
        return [layer.get_config() for layer in made]

    same(program)
