"""`copy.deepcopy`, `copy.copy` and `pickle` of what trains: as Keras's copies train on.

The dropout of Keras's copies begins with new random numbers, ours goes on with those of the model:
so Keras is asked without.
"""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import tensorflow

import scratchnet

BOTH = (scratchnet, tensorflow)
WAYS: dict[str, Callable[[Any], Any]] = {
    "deepcopy": copy.deepcopy,
    "copy": copy.copy,
    "pickle": lambda thing: pickle.loads(pickle.dumps(thing)),
}
RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(24, 4)).astype("f"), RNG.normal(size=(24, 2)).astype("f")

pytestmark = [
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:Skipping variable loading for optimizer"),
]


@pytest.fixture(params=WAYS)
def copied(request: pytest.FixtureRequest) -> Any:
    return WAYS[request.param]


def sequential(keras: Any, rate: float = 0.0) -> Any:
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((4,)),
            layers.Dense(8, activation="relu", kernel_regularizer="l2"),
            layers.BatchNormalization(),
            layers.Dropout(rate),
            layers.Dense(2),
        ]
    )


def functional(keras: Any) -> Any:
    x = keras.Input((4,))
    shared = keras.layers.Dense(4, activation="tanh")
    hidden = keras.layers.Add()([x, shared(shared(x))])
    return keras.Model(x, keras.layers.Dense(2)(keras.layers.ReLU()(hidden)))


def nested(keras: Any) -> Any:
    x = keras.Input((4,))
    return keras.Model(x, keras.layers.Dense(2)(functional(keras)(sequential_of_four(keras)(x))))


def sequential_of_four(keras: Any) -> Any:
    return keras.Sequential([keras.Input((4,)), keras.layers.Dense(4)])


OPTIMIZERS: dict[str, Callable[[Any], Any]] = {
    "sgd": lambda o: o.SGD(0.1, momentum=0.9),
    "adam": lambda o: o.Adam(0.1),
    "adamw": lambda o: o.AdamW(0.1, weight_decay=0.1),
    "rmsprop": lambda o: o.RMSprop(0.01, centered=True),
    "a schedule": lambda o: o.Adam(o.schedules.ExponentialDecay(0.1, 2, 0.5)),
    "averages": lambda o: o.SGD(0.1, use_ema=True, gradient_accumulation_steps=2),
}


def trained(tf: Any, make: Callable[[Any], Any], optimizer: str = "adam") -> Any:
    tf.keras.utils.set_random_seed(2)
    model = make(tf.keras)
    model.compile(OPTIMIZERS[optimizer](tf.keras.optimizers), "mse", metrics=["mae"])
    model.fit(X, Y, batch_size=8, epochs=2, verbose=0, shuffle=False)
    return model


def goes_on(model: Any) -> list[Any]:
    history = model.fit(X, Y, batch_size=8, epochs=2, verbose=0, shuffle=False).history
    return [*history.values(), *model.get_weights(), int(model.optimizer.iterations)]


def close(a: list[Any], b: list[Any], bound: float = 2e-4) -> None:
    for ours, theirs in zip(a, b, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=bound, atol=bound)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_copy_trains_on(copied: Any, optimizer: str) -> None:
    found = []
    for tf in BOTH:
        model = trained(tf, sequential, optimizer)
        again = copied(model)
        assert again is not model
        assert again.name == model.name
        assert [v.name for v in again.weights] == [v.name for v in model.weights]
        before = model.get_weights()
        found.append(goes_on(again))
        assert all(np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True))
        if tf is scratchnet:  # the copy does what the model would have done
            close(goes_on(model), found[0], 0)
    close(*found)


def test_a_copy_goes_on_with_the_random_numbers(copied: Any) -> None:
    model = trained(scratchnet, lambda keras: sequential(keras, 0.3))
    again = copied(model)
    close(goes_on(again), goes_on(model), 0)


@pytest.mark.parametrize("make", [functional, nested])
def test_a_copy_of_a_graph(copied: Any, make: Callable[[Any], Any]) -> None:
    found = []
    for tf in BOTH:
        model = trained(tf, make)
        again = copied(model)
        if make is functional:
            part = tf.keras.Model(again.input, again.layers[-2].output)  # its own tensors
            assert part.predict(X, verbose=0).shape == (24, 4)
        if tf is scratchnet:
            assert again.get_config() == model.get_config()
        found.append(goes_on(again))
    close(*found)


def test_a_copy_of_a_sequential_has_its_tensors(copied: Any) -> None:
    for tf in BOTH:
        again = copied(sequential(tf.keras))
        part = tf.keras.Model(again.inputs[0], again.layers[0].output)
        assert part.predict(X, verbose=0).shape == (24, 8)


@pytest.mark.parametrize("layers", [40, 300])
def test_a_deep_graph_needs_no_recursion(copied: Any, layers: int) -> None:
    keras = scratchnet.keras
    x = y = keras.Input((4,))
    for _ in range(layers):
        y = keras.layers.ReLU()(y)
    model = keras.Model(x, keras.layers.Dense(2)(y))
    assert np.array_equal(copied(model).predict(X, verbose=0), model.predict(X, verbose=0))


class Own(scratchnet.keras.Model):
    """A model that only `call` knows; not registered."""

    def __init__(self) -> None:
        super().__init__()
        self.hidden = scratchnet.keras.layers.Dense(8)
        self.out = scratchnet.keras.layers.Dense(2)

    def call(self, inputs: Any) -> Any:
        return self.out(self.hidden(inputs))


def test_a_copy_of_a_model_of_ones_own(copied: Any) -> None:
    """Keras wants its class registered."""
    model = trained(scratchnet, lambda keras: Own())
    close(goes_on(copied(model)), goes_on(model), 0)


def test_a_history_and_its_model(copied: Any) -> None:
    for tf in BOTH:
        model = sequential(tf.keras)
        model.compile("adam", "mse")
        history = model.fit(X, Y, epochs=2, verbose=0)
        again = copied(history)
        assert again.history == history.history
        assert again.epoch == [0, 1]
        assert again.params == history.params


def test_layers_and_metrics(copied: Any) -> None:
    for tf in BOTH:
        keras = tf.keras
        model = sequential(keras)
        layer = model.layers[0]
        again = copied(layer)
        assert again.name == layer.name
        assert np.array_equal(again(X).numpy(), layer(X).numpy())
        again.set_weights([np.zeros((4, 8)), np.zeros(8)])
        assert np.any(layer.get_weights()[0])
        metric = copied(keras.metrics.Mean(name="m"))
        metric.update_state([1.0, 2.0])
        assert float(metric.result()) == 1.5


def test_a_layer_is_copied_without_the_model_around_it() -> None:
    model = functional(scratchnet.keras)
    size = len(pickle.dumps(model.layers[-1]))
    assert size < len(pickle.dumps(model)) / 2
    with pytest.raises(AttributeError, match="has no `output`"):
        _ = copy.deepcopy(model.layers[-1]).output


@pytest.mark.parametrize("built", [False, True])
def test_an_optimizer_copied_alone_begins_anew(copied: Any, built: bool) -> None:
    """With other variables; Keras's copy has no slots, whatever it is given."""
    found = []
    for tf in BOTH:
        first = tf.keras.Variable([1.0, 2.0])
        optimizer = tf.keras.optimizers.Adam(0.1)
        if built:
            optimizer.apply([tf.constant([1.0, 3.0])], [first])
        again = copied(optimizer)
        variable = tf.keras.Variable([[1.0, 2.0]])
        for _ in range(2):
            again.apply([tf.constant([[1.0, -2.0]])], [variable])
        assert int(again.iterations) == 2
        assert int(optimizer.iterations) == int(built)
        found.append([variable.numpy(), again.get_config()["learning_rate"]])
    close(*found, 1e-6)


def test_a_copy_that_has_begun_refuses_other_variables() -> None:
    model = trained(scratchnet, sequential)
    again = copy.deepcopy(model)
    again.fit(X, Y, verbose=0)
    with pytest.raises(ValueError, match="Unknown variable"):
        again.optimizer.apply([scratchnet.constant([1.0])], [scratchnet.keras.Variable([1.0])])


def test_what_the_weight_decay_leaves_out_is_copied() -> None:
    model = sequential_of_four(scratchnet.keras)
    model.compile("adamw", "mse")
    model.optimizer.exclude_from_weight_decay(var_list=[model.weights[1]])
    again = copy.deepcopy(model)
    excluded = [again.optimizer._is_excluded_from_weight_decay(v) for v in again.weights]
    assert excluded == [False, True]
