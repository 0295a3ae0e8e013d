"""Names count over a program, and what one thread has open the others do not see."""

from __future__ import annotations

from threading import Barrier
from typing import Any

import tensorflow

import scratchnet
from scratchnet.keras.naming import current_path, name_scope
from tests.support.keras_programs import fresh, same
from tests.support.sequential_models import added, called, popped, with_input
from tests.support.threads import CALLS, at_once, elsewhere


def test_names_count_over_the_program() -> None:
    def program(tf: Any) -> list[str]:
        models = [with_input(tf), called(tf), added(tf), with_input(tf)]
        names = [layer.name for model in models for layer in (model, *model.layers)]
        names.append(tf.keras.Sequential().name)
        tf.keras.utils.clear_session()
        return [*names, tf.keras.Sequential().name, tf.keras.layers.Dense(1).name]

    same(program)


def test_every_built_sequential_takes_a_number_of_functional() -> None:
    from scratchnet.keras.naming import auto_name

    fresh(tensorflow)
    fresh(scratchnet)
    for make in (with_input, called, added, popped):
        make(tensorflow)
        make(scratchnet)
    keras = tensorflow.keras
    inputs = keras.Input((3,))
    assert auto_name("Functional") == keras.Model(inputs, keras.layers.Dense(1)(inputs)).name


def test_open_names_stay_in_their_thread() -> None:
    def path() -> str:
        assert current_path() == ""
        return scratchnet.keras.Variable(1.0, name="w").path

    with name_scope("outer", object()):
        assert elsewhere(path) == "w"
        assert path_of_a_variable() == "outer/w"


def path_of_a_variable() -> str:
    return scratchnet.keras.Variable(1.0, name="w").path


def test_layers_that_are_built_at_once_have_their_own_paths() -> None:
    met = Barrier(CALLS, timeout=20)

    class Slow(scratchnet.keras.layers.Layer):
        def build(self, input_shape: Any) -> None:
            met.wait()  # all are inside `build` now
            self.w = self.add_weight((2,), name="w")
            met.wait()

    def build(i: int) -> str:
        layer = Slow(name=f"slow_{i}")
        layer.build((None, 2))
        return layer.w.path

    assert at_once(build) == [f"slow_{i}/w" for i in range(CALLS)]
