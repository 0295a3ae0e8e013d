"""Sequential: layers put on top one by one are each called once, and it is as if built at once."""

from __future__ import annotations

import numpy as np
import pytest

import scratchnet as tf
from scratchnet.keras.layers.fusion import PooledConv
from scratchnet.keras.naming import auto_name

keras, layers = tf.keras, tf.keras.layers


def stack(n: int) -> keras.Sequential:
    model = keras.Sequential([keras.Input((2,))])
    for _ in range(n):
        model.add(layers.Dense(2))
    return model


def test_the_layers_below_are_not_called_again(monkeypatch):
    calls = []
    original = layers.Dense.compute_output_shape

    def counted(self, shape):
        calls.append(self)
        return original(self, shape)

    monkeypatch.setattr(layers.Dense, "compute_output_shape", counted)
    model = stack(200)
    assert len(calls) == 200
    assert max(len(layer._nodes) for layer in model.layers) == 2
    assert model.outputs[0] is model.layers[-1].output
    text = model.to_json()
    calls.clear()
    assert len(keras.models.model_from_json(text).layers) == len(calls) == 200


def test_one_by_one_is_like_at_once():
    def parts():
        keras.backend.clear_session()
        keras.utils.set_random_seed(3)
        return [
            keras.Input((8, 8, 16)),
            layers.Conv2D(16, 3, activation="relu"),
            layers.MaxPooling2D(),
            keras.Sequential([layers.Flatten(), layers.Dense(3)]),
            layers.Dense(2),
        ]

    at_once = keras.Sequential(parts(), name="m")
    model = keras.Sequential(name="m")
    for part in parts():
        model.add(part)
    assert [type(x) for x in model._fused_layers] == [type(x) for x in at_once._fused_layers]
    assert isinstance(model._fused_layers[0], PooledConv)
    assert model.to_json() == at_once.to_json()
    assert [w.path for w in model.weights] == [w.path for w in at_once.weights]
    x = np.random.default_rng(0).normal(size=(3, 8, 8, 16)).astype(np.float32)
    np.testing.assert_array_equal(model(x), at_once(x))


def test_every_add_takes_a_number_of_the_functional_models_as_in_keras():
    keras.backend.clear_session()
    stack(5)
    assert auto_name("Functional") == "functional_5"


def test_a_model_inside_that_was_changed_is_called_again():
    inside = keras.Sequential([keras.Input((2,)), layers.Dense(3)])
    model = keras.Sequential([keras.Input((2,)), inside])
    inside.add(layers.Dense(5))
    model.add(layers.Dense(4))
    assert model.layers[1].kernel.shape == (5, 4)
    assert model(np.ones((1, 2), np.float32)).shape == (1, 4)


def test_a_layer_that_does_not_fit_leaves_a_model_that_is_not_built():
    model = stack(2)
    with pytest.raises(ValueError, match="ndim"):
        model.add(layers.Conv2D(1, 1))
    assert not model.built
    with pytest.raises(AttributeError, match="no output shape yet"):
        _ = model.output_shape
    model.pop()
    assert model.built
    model.add(layers.Dense(7))
    assert model.output_shape == (None, 7)


def test_a_name_is_taken_by_another_layer_only():
    first = layers.Dense(2, name="a")
    model = keras.Sequential([keras.Input((2,)), first])
    model.add(first)
    assert model.layers == [first, first]
    with pytest.raises(ValueError, match="different names, received a second 'a'"):
        model.add(layers.Dense(2, name="a"))


def test_a_build_of_ones_own_runs_at_each_add():
    shapes = []

    class Own(keras.Sequential):
        def build(self, input_shape=None):
            shapes.append(input_shape)
            super().build(input_shape)

    model = Own([keras.Input((2,)), layers.Dense(2)])
    model.add(layers.Dense(2))
    assert len(shapes) == 2


def test_a_layer_may_return_a_list():
    class Both(layers.Layer):
        def call(self, x):
            return [x, 2 * x]

    model = keras.Sequential([keras.Input((2,)), Both()])
    model.add(layers.Add())
    np.testing.assert_array_equal(model(np.ones((1, 2), np.float32)), [[3, 3]])
