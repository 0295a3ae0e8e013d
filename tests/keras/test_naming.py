"""Names count over a program, and what one thread has open the others do not see."""

from __future__ import annotations

import gc
import weakref
from threading import Barrier
from typing import Any

import pytest
import tensorflow

import scratchnet
from scratchnet.keras import naming
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


def test_scopes_inside_scopes() -> None:
    one, other = object(), object()
    assert naming.current_path() == ""
    with naming.name_scope("a", one) as path:
        assert (path, naming.current_path()) == ("a", "a")
        with naming.name_scope("a", one) as again:  # who has it open does not open it again
            assert (again, naming.current_path()) == ("a", "a")
            with naming.name_scope("b", other) as inner:
                assert inner == "a/b"
        with naming.name_scope("a", other) as inner:
            assert inner == naming.current_path() == "a/a"
            with naming.name_scope("a", one) as deep:
                assert deep == "a/a/a"
        with naming.name_scope("b", one) as inner:
            assert inner == "a/b"
        with naming.name_scope("b", one, "elsewhere") as inner:
            assert inner == "elsewhere/b"
        with naming.name_scope("b", one, "") as inner:
            assert inner == "b"
        assert naming.current_path() == "a"
        with pytest.raises(KeyError), naming.name_scope("c", one):
            raise KeyError
        assert naming.current_path() == "a"
    assert naming.current_path() == ""


def test_names_are_counted_by_their_prefix() -> None:
    naming.reset_names()
    assert [naming.auto_name("Dense") for _ in range(3)] == ["dense", "dense_1", "dense_2"]
    assert naming.auto_name("ReLU") == "re_lu"
    naming.skip_names("Dense", 2)
    naming.skip_names("Flatten", 1)
    assert (naming.names_used("Dense"), naming.names_used("ReLU")) == (5, 1)
    assert [naming.auto_name(x) for x in ("Dense", "Flatten")] == ["dense_5", "flatten_1"]
    naming.reset_names()
    assert (naming.auto_name("Dense"), naming.names_used("Flatten")) == ("dense", 0)


def test_what_things_are_called_in_logs() -> None:
    class Named:
        name = "own"

    class NumberAsName:
        name = 3

    def some_function() -> None: ...

    things = (Named(), NumberAsName(), some_function, NumberAsName)
    found = [naming.object_name(thing) for thing in things]
    assert found == ["own", "number_as_name", "some_function", "number_as_name"]


@pytest.mark.parametrize("name", ["a/b", 3, None, b"a"])
def test_names_without_slashes(name: object) -> None:
    assert naming.check_name("f", "a.b c") == "a.b c"
    with pytest.raises(ValueError, match=r"^f: `name` must be a string without '/', received na"):
        naming.check_name("f", name)


@pytest.mark.parametrize(
    "name", ["Dense", "MaxPooling2D", "ReLU", "LSTMCell", "A1B", "My-Layer!", "XYZ", "aB", "a1b2C"]
)
def test_snake_case_is_keras_own(name: str) -> None:
    from keras.src.utils.naming import to_snake_case

    assert naming.to_snake_case(name) == to_snake_case(name)


def test_what_a_cleared_session_forgets() -> None:
    class Ring:
        def __init__(self) -> None:
            self.me = self

    k = scratchnet.keras
    scratchnet.random.set_seed(1)
    first = scratchnet.random.uniform((2,), seed=2).numpy().tolist()
    gc.disable()  # so that the ring is there until somebody looks for it
    try:
        ring = weakref.ref(Ring())
        k.utils.clear_session(free_memory=False)
        assert ring() is not None
        k.layers.Dense(1)
        k.config.set_floatx("float64")
        assert k.layers.Dense(1).dtype == "float32"
        k.utils.clear_session()
        assert ring() is None
    finally:
        gc.enable()
        k.config.set_floatx("float32")
    assert k.layers.Dense(1).name == "dense"
    k.utils.clear_session()
    assert scratchnet.random.uniform((2,), seed=2).numpy().tolist() == first
