"""What a Model refuses, and layers inside that are built for any batch."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest

import scratchnet
from tests.support.keras_programs import complain_alike, same
from tests.support.sequential_models import with_input

# name -> (program, what both texts say, what ours says)
COMPLAINTS: dict[str, tuple[Any, str, str]] = {
    "one end of a model": (
        lambda tf: tf.keras.Model(tf.keras.Input((3,))),
        "",
        "Model: `outputs` must be given together with `inputs`",
    ),
    "no such layer": (
        lambda tf: with_input(tf).get_layer("foo"),
        "['conv2d', 'batch_normalization', 'max_pooling2d', 'dropout', 'flatten', 'dense']",
        "received name='foo'",
    ),
    "index": (lambda tf: with_input(tf).get_layer(index=9), "9", "must be below 6"),
    "neither": (lambda tf: with_input(tf).get_layer(), "", "one of `name` and `index`"),
    "both": (lambda tf: with_input(tf).get_layer("a", 1), "index=1", "one of `name` and `index`"),
    "no call": (
        lambda tf: tf.keras.Model()(np.zeros((1, 2), "f")),
        "`call",
        "is not overridden",
    ),
}


@pytest.mark.parametrize("name", COMPLAINTS)
def test_complaints(name: str) -> None:
    complain_alike(*COMPLAINTS[name])


def test_the_layers_of_a_model_cannot_be_set() -> None:
    for model in (with_input(scratchnet), scratchnet.keras.Model()):
        with pytest.raises(AttributeError, match="`layers`"):
            model.layers = []


def names(layers: Any) -> list[str]:
    return [layer.name for layer in layers]


def test_layers_by_place_and_name() -> None:
    def program(tf: Any) -> list[Any]:
        model = with_input(tf)
        found = [model.get_layer(index=i).name for i in range(-6, 6)]
        return [*found, model.get_layer(index=np.int32(2)).name, model.get_layer("dense").name]

    same(program)
    model = with_input(scratchnet)
    for index in (-7, -8):
        with pytest.raises(
            IndexError, match="get_layer: `index` must not be below -6, the layers,"
        ):
            model.get_layer(index=index)
    with pytest.raises(
        ValueError, match="get_layer: `index` must be below 6, the layers, received"
    ):
        model.get_layer(index=6)
    for index in (True, 1.0, "a"):
        with pytest.raises(
            TypeError, match="get_layer: `index` must be an integer, received index"
        ):
            model.get_layer(index=index)
    with pytest.raises(ValueError, match="get_layer: `name` must be one of"):
        model.get_layer(3)


@pytest.mark.parametrize("name", ["inputs", "outputs"])
def test_one_end_alone_is_refused(name: str) -> None:
    class Own(scratchnet.keras.Model):
        pass

    with pytest.raises(ValueError) as caught:  # noqa: PT011  # the whole text follows
        Own(**{name: scratchnet.keras.Input((3,))})
    assert str(caught.value) == (
        f"Own: `inputs` and `outputs` must be given together, received {name} alone"
    )


@pytest.mark.parametrize("by_name", [0, 1, 2])
def test_ends_by_place_and_by_name(by_name: int) -> None:
    def program(tf: Any) -> list[Any]:
        x = tf.keras.Input((3,))
        ends = {"inputs": x, "outputs": tf.keras.layers.Dense(2)(x)}
        given = list(ends.values())[: 2 - by_name]
        named = dict(list(ends.items())[2 - by_name :])
        model = tf.keras.Model(*given, **named, name="net", trainable=False)
        return [type(model).__name__, model.name, model.trainable, model.output_shape]

    same(program)


def test_subclasses_of_subclasses_become_functional() -> None:
    """The nearest base that is a Model does, once; a Functional one is left alone."""

    def program(tf: Any) -> list[Any]:
        keras = tf.keras

        class Mixed:
            def twice(self) -> int:
                return 2

        class Base(keras.Model):  # type: ignore[misc, name-defined]
            pass

        class Own(Mixed, Base):  # type: ignore[misc]
            pass

        x = keras.Input((3,))
        first, second = (Own(x, keras.layers.Dense(2)(x)) for _ in range(2))
        found = [[cls.__name__ for cls in type(one).__mro__[:4]] for one in (first, second)]
        return [*found, first.twice(), second.count_params()]

    same(program)


def test_layers_in_the_order_in_which_they_were_set() -> None:
    def program(tf: Any) -> list[Any]:
        class Own(tf.keras.Model):  # type: ignore[misc, name-defined]
            def __init__(self) -> None:
                super().__init__()
                self.z = tf.keras.layers.Dense(2, name="z")
                self.some = [tf.keras.layers.Dense(3, name="a"), tf.keras.layers.ReLU(name="r")]
                self.b = tf.keras.layers.Dense(1, name="b")

            def call(self, x: Any) -> Any:
                return self.b(self.some[1](self.some[0](self.z(x))))

        model = Own()
        built = [model.built]
        model(np.ones((2, 4), "f"))
        shapes = [list(w.shape) for w in model.weights]
        return [names(model.layers), *built, model.built, shapes, model.get_layer("a").name]

    same(program)


def test_the_first_call_says_the_shape() -> None:
    def program(tf: Any) -> list[Any]:
        class Own(tf.keras.Model):  # type: ignore[misc, name-defined]
            def __init__(self) -> None:
                super().__init__()
                self.d = tf.keras.layers.Dense(2)

            def call(self, x: Any) -> Any:
                return self.d(x)

        model = Own()
        model(np.ones((5, 4), "f"))
        model(np.ones((7, 4), "f"))
        return model.get_build_config()

    same(program)


@pytest.mark.parametrize("method", ["summary", "get_layer"])
def test_what_methods_take(method: str) -> None:
    """The names and defaults of Keras's."""

    def program(tf: Any) -> list[Any]:
        taken = inspect.signature(getattr(tf.keras.Model, method)).parameters.values()
        return [(p.name, p.default) for p in taken if p.kind is not p.VAR_KEYWORD]

    same(program)
