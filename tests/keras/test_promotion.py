"""The dtypes in which Keras computes with several, against Keras's own functions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.support.keras_programs import close

KINDS = ["bool", "uint8", "int8", "int32", "int64", "float16", "float32", "float64"]
NUMBERS = [True, 2, -1, 300, 0.1, 2.5]


@pytest.mark.parametrize("kind", KINDS)
def test_tensors_and_numbers_meet_as_in_keras(kind: str) -> None:
    def program(tf: Any) -> Any:
        x = tf.constant(np.array([0, 1, 0.1, 100]).astype(kind))
        ops, found = tf.keras.ops, []
        others = [*NUMBERS, *(tf.constant(np.array([1]).astype(other)) for other in KINDS)]
        for y in others:
            found += [ops.equal(x, y), ops.where([True, False, True, False], x, y)]
            if kind != "bool" or not (y is True or getattr(y, "dtype", "") == "bool"):
                # Two bools are neither added nor greater.
                found += [ops.add(x, y), ops.multiply(y, x), ops.greater(y, x)]
                found += [ops.less_equal(x, y)]
        return [part.numpy() for part in found]

    close(program, 8)


def test_what_no_dtype_of_the_two_holds() -> None:
    def program(tf: Any) -> Any:
        add = tf.keras.layers.Add()
        kinds = ("int64", "uint64", "bool")
        integers = [tf.constant(np.array([[1]]).astype(kind)) for kind in kinds]
        numbers = [tf.constant([[1 + 2j]], tf.complex64), tf.constant([[1.0]]), integers[0]]
        found = [add(integers[:2]), tf.keras.ops.add(*integers[:2]), add(integers[::2])]
        found += [add(numbers[:2]), tf.keras.ops.add(*numbers[1::-1]), add(numbers[::2])]
        return [part.numpy() for part in [*found, tf.keras.ops.add(True, 2)]]

    close(program, 8)
