"""Gradients by the value of a Keras variable, and of tapes that were never entered."""

from __future__ import annotations

import copy
import gc
import pickle
import weakref
from typing import Any

import pytest
import tensorflow

import scratchnet
from tests.support.keras_programs import close, same


def kernel_of(tf: Any) -> Any:
    layer = tf.keras.layers.Dense(2, kernel_initializer="ones", name="dense")
    layer.build((None, 3))
    return layer.kernel


def test_gradients_by_the_value_of_a_keras_variable() -> None:
    def program(tf: Any) -> list[Any]:
        kernel = kernel_of(tf)
        value = kernel.value
        with tf.GradientTape(persistent=True) as tape:
            y = tf.reduce_sum(kernel * kernel) + tf.reduce_sum(3 * value) + value[0, 0]
        with tf.GradientTape(watch_accessed_variables=False) as watching:
            watching.watch(value)
            z = tf.reduce_sum(kernel * kernel)
        found = [*tape.gradient(y, [value, kernel]), watching.gradient(z, value)]
        found += [tape.jacobian(y, value), tf.convert_to_tensor(value), value + 1]
        return [part.numpy() for part in found]

    close(program, 4)


def test_the_value_is_a_variable_that_stays_the_same() -> None:
    def program(tf: Any) -> list[Any]:
        kernel = kernel_of(tf)
        value = kernel.value
        value.assign_add(tf.ones((3, 2)))
        kernel.assign(kernel * 2)
        said = [repr(value), str(value), value.name, value.dtype.name, list(value.shape)]
        is_one = [value is kernel.value, isinstance(value, tf.Variable), value.ref() == value.ref()]
        with pytest.raises(TypeError, match="not callable"):
            value()
        return [*said, *is_one, kernel.numpy().tolist(), value.numpy().tolist()]

    same(program)


@pytest.mark.parametrize("name", ["SGD", "Adam"])
def test_optimizers_take_values(name: str) -> None:
    def program(tf: Any) -> Any:
        kernel, optimizer = kernel_of(tf), getattr(tf.keras.optimizers, name)(0.5)
        for variable in (kernel, kernel.value, kernel.value):
            optimizer.apply_gradients([(tf.fill((3, 2), 2.0), variable)])
        return kernel.numpy()

    close(program, 8)


def test_a_variable_whose_value_was_read_is_copied_pickled_and_freed() -> None:
    kernel = kernel_of(scratchnet)
    value = kernel.value
    for other in (copy.deepcopy(kernel), pickle.loads(pickle.dumps(kernel))):
        other.assign(other * 3)
        assert other.value.numpy().tolist() == [[3, 3]] * 3
        assert kernel.numpy().tolist() == [[1, 1]] * 3
    gone = weakref.ref(kernel)
    gc.disable()
    try:
        del kernel, value
        assert gone() is None  # without the garbage collector: there is no cycle
    finally:
        gc.enable()


NEVER_ENTERED: dict[str, Any] = {
    "gradient": lambda tf, tape: tape.gradient(tf.constant(3.0), tf.constant(2.0)),
    "jacobian": lambda tf, tape: tape.jacobian(tf.constant([3.0]), tf.constant([2.0])),
    "batch_jacobian": lambda tf, tape: tape.batch_jacobian(tf.ones((1, 1)), tf.ones((1, 1))),
    "watch": lambda tf, tape: tape.watch(tf.constant(1.0)),
    "watch a variable": lambda tf, tape: tape.watch(tf.Variable(1.0)),
    "watch a number": lambda tf, tape: tape.watch(1.0),
    "reset": lambda tf, tape: tape.reset(),
}


@pytest.mark.parametrize("persistent", [False, True])
@pytest.mark.parametrize("what", NEVER_ENTERED)
def test_a_tape_that_was_never_entered(what: str, persistent: bool) -> None:
    kinds = []
    for tf in (tensorflow, scratchnet):
        tape = tf.GradientTape(persistent=persistent)
        assert tape.watched_variables() == ()
        with pytest.raises((RuntimeError, AttributeError, ValueError)) as caught:
            NEVER_ENTERED[what](tf, tape)
        kinds.append(type(caught.value))
    assert kinds[0] is kinds[1]
