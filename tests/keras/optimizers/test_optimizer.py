"""Optimizer: the arguments that all optimizers hand on to it, and what it remembers."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest

from scratchnet import keras
from tests.support.keras_programs import close, same, twins
from tests.support.optimizer_steps import trajectory

SHARED = {
    "weight_decay": 0.25,
    "clipvalue": 3.0,
    "use_ema": True,
    "ema_momentum": 0.5,
    "ema_overwrite_frequency": 7,
    "loss_scale_factor": 2.0,
    "gradient_accumulation_steps": 4,
    "name": "mine",
}


@pytest.mark.parametrize("name", ["SGD", "Adam", "AdamW", "RMSprop"])
def test_arguments_of_all_optimizers_reach_them_by_name_and_by_place(name):
    cls = getattr(keras.optimizers, name)
    parameters = inspect.signature(cls).parameters
    assert set(inspect.signature(keras.optimizers.Optimizer).parameters) <= set(parameters)
    optimizer = cls(learning_rate=0.5, **SHARED)
    assert optimizer.get_config().items() >= {"learning_rate": 0.5, **SHARED}.items()
    given = {k: p.default for k, p in parameters.items() if k != "kwargs"} | SHARED
    assert cls(*given.values()).get_config() == cls(**given).get_config()


@pytest.mark.parametrize("name", ["SGD", "Adam", "AdamW", "RMSprop"])
def test_an_unknown_argument_is_refused(name):
    with pytest.raises(ValueError, match=r"Argument\(s\) not recognized: {'lr': 0.1}"):
        getattr(keras.optimizers, name)(lr=0.1)
    with pytest.warns(UserWarning, match="`decay` has no effect"):
        getattr(keras.optimizers, name)(decay=0.1)


# -- names, shapes, subsets, a class of one's own --------------------------------------------------


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
def test_state() -> None:
    def program(tf: Any) -> list[Any]:
        o = tf.keras.optimizers
        v = tf.keras.Variable([1.0, 2.0], name="v")
        found: list[Any] = []
        for optimizer in (o.SGD(0.1), o.SGD(0.1, momentum=0.9), o.Adam()):
            found += [repr(optimizer.iterations), repr(optimizer.learning_rate), optimizer.name]
            returned = optimizer.apply_gradients([(tf.constant([1.0, 1.0]), v)])
            found += [repr(returned), [(x.path, x.dtype) for x in optimizer.variables]]
            optimizer.learning_rate = 0.5
            found += [repr(optimizer.learning_rate), optimizer.built]
        return found

    same(program)


def test_subset_of_the_variables_shares_the_counter() -> None:
    def program(tf: Any) -> list[Any]:
        a, b = tf.keras.Variable([1.0]), tf.keras.Variable([1.0])
        optimizer = tf.keras.optimizers.Adam(0.1)
        g = tf.constant([1.0])
        optimizer.apply_gradients([(g, a), (g, b)])
        optimizer.apply_gradients([(g, a)])
        optimizer.apply_gradients([(g, b)])
        return [a.numpy(), b.numpy(), optimizer.iterations.numpy()]

    close(program, 10)


def test_engine_variables() -> None:
    """tf.Variable is trained as Keras's own variables are."""

    def program(tf: Any) -> list[Any]:
        v = tf.Variable([1.0, 2.0])
        optimizer = tf.keras.optimizers.Adam(0.1)
        for _ in range(3):
            with tf.GradientTape() as tape:
                loss = tf.reduce_sum(v * v)
            optimizer.apply_gradients([(tape.gradient(loss, v), v)])
        return [v.numpy()]

    close(program, 20)


def momentum_by_hand(tf: Any) -> Any:
    class Heavy(tf.keras.optimizers.Optimizer):
        def __init__(self, learning_rate: float = 0.1, mu: float = 0.5, **kwargs: Any) -> None:
            super().__init__(learning_rate=learning_rate, **kwargs)
            self.mu = mu

        def build(self, variables: Any) -> None:
            super().build(variables)
            self.moments = [
                self.add_variable_from_reference(reference_variable=v, name="moment")
                for v in variables
            ]
            self.sizes, self.halves = self.add_optimizer_variables(
                variables, ["size", "half"], initializer=["ones", "zeros"]
            )
            self.steps = self.add_variable((), dtype="float32", name="steps")
            self.extra = tf.keras.Variable(2.0, name="extra")

        def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
            rate = tf.cast(learning_rate, variable.dtype)
            moment = self.moments[self._get_variable_index(variable)]
            self.assign(moment, moment * self.mu - gradient * rate)
            self.assign_add(variable, moment)
            self.assign_sub(self.sizes[self._get_variable_index(variable)], gradient * gradient)
            self.assign_add(self.steps, 1)

        def get_config(self) -> dict[str, Any]:
            return {**super().get_config(), "mu": self.mu}

    return Heavy


def test_own_optimizer_with_state() -> None:
    def program(tf: Any) -> list[Any]:
        cls = momentum_by_hand(tf)
        optimizer = cls(0.25, mu=0.75, weight_decay=0.01)
        found = trajectory(tf, lambda _: optimizer)
        return [*found, sorted(cls.from_config(optimizer.get_config()).get_config().items())[:4]]

    theirs, ours = twins(program)
    assert ours[4:] == theirs[4:]
    close(lambda tf: program(tf)[:4], 40)


def test_weights_are_set_and_saved() -> None:
    def program(tf: Any) -> list[Any]:
        optimizer = tf.keras.optimizers.Adam(0.5)
        optimizer.build([tf.keras.Variable([1.0, 2.0], name="a")])
        optimizer.set_weights([np.full(v.shape, i) for i, v in enumerate(optimizer.variables)])
        store: dict[str, Any] = {}
        optimizer.save_own_variables(store)
        other = tf.keras.optimizers.Adam()
        other.build([tf.keras.Variable([1.0, 2.0], name="a")])
        other.load_own_variables(store)
        return [sorted(store), [v.numpy() for v in other.variables]]

    close(program, 1)


def test_a_name_is_no_array() -> None:
    with pytest.raises((TypeError, ValueError), match="`name`"):
        keras.optimizers.SGD(name=np.array(["a", "b"]))


def test_a_learning_rate_that_is_called_takes_no_arguments() -> None:
    with pytest.raises((TypeError, ValueError), match="learning_rate"):
        keras.optimizers.SGD(lambda step: 0.1)
    assert float(keras.optimizers.SGD(lambda: 0.25).learning_rate) == 0.25
