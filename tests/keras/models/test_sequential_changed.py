"""A Sequential that is changed after it was trained, as live Keras."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow

import scratchnet

BOTH = (scratchnet, tensorflow)
RNG = np.random.default_rng(0)
X = RNG.normal(size=(12, 4)).astype("f")
Y = {n: RNG.normal(size=(12, n)).astype("f") for n in (2, 3, 5)}


def trained(keras: Any, has_input: bool) -> Any:
    keras.utils.set_random_seed(1)
    first = [keras.Input((4,))] if has_input else []
    model = keras.Sequential([*first, keras.layers.Dense(3), keras.layers.Dense(2)])
    model.compile(keras.optimizers.SGD(0.1, momentum=0.9), "mse", metrics=["mae"])
    model.fit(X, Y[2], epochs=2, verbose=0, shuffle=False)
    return model


def results(model: Any, y: Any) -> list[Any]:
    history = model.fit(X, y, verbose=0, shuffle=False).history
    return [*history.values(), *model.evaluate(X, y, verbose=0), *model.get_weights()]


def agree(found: list[list[Any]]) -> None:
    for ours, theirs in zip(*found, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=2e-5, atol=1e-6)


@pytest.mark.parametrize("has_input", [True, False])
def test_a_layer_taken_off(has_input: bool) -> None:
    found = []
    for tf in BOTH:
        model = trained(tf.keras, has_input)
        model.pop()
        assert model.predict(X, verbose=0).shape == (12, 3)
        found.append(results(model, Y[3]))
    agree(found)


@pytest.mark.parametrize("has_input", [True, False])
def test_a_layer_without_weights_added(has_input: bool) -> None:
    found = []
    for tf in BOTH:
        model = trained(tf.keras, has_input)
        model.add(tf.keras.layers.Activation("tanh"))
        measured = model.evaluate(X, Y[2], verbose=0)
        if tf is tensorflow:  # its `fit` goes on with the graph of the model of before
            model.compile(model.optimizer, "mse", metrics=["mae"])
        found.append([*measured, *results(model, Y[2])])
    agree(found)


@pytest.mark.parametrize("has_input", [True, False])
def test_new_weights_need_a_new_optimizer(has_input: bool) -> None:
    found = []
    for tf in BOTH:
        model = trained(tf.keras, has_input)
        model.pop()
        model.add(tf.keras.layers.Dense(5, kernel_initializer="ones"))
        with pytest.raises(ValueError, match="Unknown variable"):
            model.fit(X, Y[5], verbose=0)
        assert model.output_shape == (None, 5)
        model.compile("adam", "mse", metrics=["mae"])
        found.append(results(model, Y[5]))
    agree(found)
