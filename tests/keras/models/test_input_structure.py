"""Arrays given to a model whose inputs are in a dict, against Keras."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
import tensorflow

import scratchnet
from tests.support.keras_programs import Program, close


def refused_alike(program: Program) -> None:
    for tf in (tensorflow, scratchnet):
        with pytest.raises(ValueError):  # noqa: PT011  # the texts differ
            program(tf)


ONE, TWO = np.ones((3, 2), "f"), np.full((3, 2), 2, "f")


def model_of(tf: Any, *names: str) -> Any:
    keras = tf.keras
    inputs = {name: keras.Input((2,), name=name) for name in names}
    model = keras.Model(inputs, inputs["left"] - 10 * inputs["gate"])
    model.compile("sgd", "mse")
    return model


METHODS: dict[str, Any] = {
    "predict": lambda tf, model, x: model.predict(x, verbose=0),
    "call": lambda tf, model, x: model([tf.constant(part) for part in x]).numpy(),
    "evaluate": lambda tf, model, x: model.evaluate(x, ONE, verbose=0),
    "train_on_batch": lambda tf, model, x: model.train_on_batch(x, ONE),
    "a Dataset": lambda tf, model, x: model.evaluate(
        tf.data.Dataset.from_tensors((tuple(x), ONE)), verbose=0
    ),
}


@pytest.mark.parametrize("method", METHODS)
def test_a_list_for_keys_that_are_not_sorted_is_refused(method: str) -> None:
    refused_alike(lambda tf: METHODS[method](tf, model_of(tf, "left", "gate"), [ONE, TWO]))


@pytest.mark.parametrize("method", METHODS)
def test_a_list_for_sorted_keys_goes_by_their_order(method: str) -> None:
    def program(tf: Any) -> Any:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return METHODS[method](tf, model_of(tf, "gate", "left"), [ONE, TWO])

    close(program, 10)


@pytest.mark.parametrize("names", [("left", "gate"), ("gate", "left")])
def test_a_dict_goes_by_its_keys(names: tuple[str, str]) -> None:
    def program(tf: Any) -> Any:
        model = model_of(tf, *names)
        return [model.predict(x, verbose=0) for x in BOTH]

    close(program, 10)


BOTH = ({"left": ONE, "gate": TWO}, {"gate": TWO, "left": ONE})
