"""CategoryEncoding against Keras's: values, shapes, models, complaints."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.support.keras_programs import close, complain_alike, same
from tests.support.layer_programs import configured_alike

# name -> (arguments, inputs)
CASES: dict[str, tuple[dict[str, Any], Any]] = {
    "one sample": ({}, [3, 2, 0, 1]),
    "several": ({}, [[3, 2], [0, 1], [1, 1]]),
    "one hot": ({"output_mode": "one_hot"}, [3, 2, 0]),
    "one hot of columns": ({"output_mode": "one_hot"}, [[3], [2]]),
    "one hot of pairs": ({"output_mode": "one_hot"}, [[3, 2]]),
    "one hot, no place": ({"output_mode": "one_hot"}, [3, -1, 7]),
    "count": ({"output_mode": "count"}, [[3, 3], [1, 2]]),
    "no place": ({"output_mode": "count"}, [[3, 9], [9, 9]]),
    "fractions": ({}, [1.7, 2.2]),
    "a number": ({}, 2),
    "float64": ({"dtype": "float64"}, [[1]]),
    "integers": ({"dtype": "int64", "output_mode": "count"}, [[1, 1]]),
    "deep": ({}, np.arange(12).reshape(2, 3, 2) % 4),
    "none": ({}, np.zeros((0, 2), "int32")),
    "old name": ({"output_mode": "binary"}, [[1, 3]]),
}


@pytest.mark.parametrize("name", CASES)
def test_values(name: str) -> None:
    options, x = CASES[name]
    close(lambda tf: tf.keras.layers.CategoryEncoding(4, **options)(x).numpy(), 1)


def test_weights() -> None:
    def program(tf: Any) -> Any:
        layer = tf.keras.layers.CategoryEncoding(4, "count")
        return layer([[3, 3], [1, 2]], count_weights=[[0.5, 0.25], [1.0, 2.0]]).numpy()

    close(program, 2)


@pytest.mark.parametrize("mode", ["one_hot", "multi_hot", "count"])
def test_in_a_model(mode: str) -> None:
    configured_alike(lambda k: k.CategoryEncoding(4, mode))

    def program(tf: Any) -> list[Any]:
        found = []
        for size in (1, 3):
            inputs = tf.keras.Input((size,), dtype="int32")
            model = tf.keras.Model(inputs, tf.keras.layers.CategoryEncoding(4, mode)(inputs))
            y = model.predict(np.arange(2 * size).reshape(2, size) % 4, verbose=0)
            found += [list(model.output_shape), y.tolist()]
        return found

    same(program)


COMPLAINTS: dict[str, tuple[Any, str, str]] = {
    "no number": (lambda k: k.CategoryEncoding(), "num_tokens must be set to use this layer", ""),
    "0": (lambda k: k.CategoryEncoding(0), "`num_tokens` must be >= 1", ""),
    "mode": (lambda k: k.CategoryEncoding(3, "x"), "Unknown arg for output_mode", ""),
    "negative": (lambda k: k.CategoryEncoding(3)([-1]), "must be non-negative", "CategoryEncoding"),
    "some negative": (lambda k: k.CategoryEncoding(3)([2, -1, -7, 0]), "", "received inputs=-7"),
    "weights": (
        lambda k: k.CategoryEncoding(4)([0, 1], count_weights=[1.0, 2.0]),
        "`count_weights` is not used when `output_mode` is not `'count'`",
        "",
    ),
}


@pytest.mark.parametrize("name", COMPLAINTS)
def test_complaints(name: str) -> None:
    make, shared, ours = COMPLAINTS[name]
    complain_alike(lambda tf: make(tf.keras.layers), shared, ours)
