"""Operators on KerasTensors against Keras's: broadcast shapes and comparisons."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np
import pytest

from scratchnet.keras import KerasTensor
from scratchnet.keras.layers import tensor_operators
from tests.support.keras_programs import close, complain_alike, same

RNG = np.random.default_rng(33)
A, B = (RNG.normal(size=(5, 3)).astype("f") for _ in range(2))


@pytest.mark.parametrize("compare", ["__gt__", "__ge__", "__lt__", "__le__"])
def test_comparisons(compare: str) -> None:
    def program(tf: Any) -> Any:
        a, b = tf.keras.Input((3,), name="a"), tf.keras.Input((3,), name="b")
        y = getattr(a, compare)(b)
        return [y.dtype, tf.keras.Model([a, b], y)([A, B]).numpy().tolist()]

    same(program)


BROADCAST = [
    *[((None, 1), (1, 4)), ((None, 3), (5, 3)), ((None, None), (None, 3)), ((0, 1), (0, 3))],
    *[((2, 1, 3), (None, 4, 1)), ((4,), (None, 4)), ((None, 3), ())],
]


@pytest.mark.parametrize(("first", "second"), BROADCAST)
def test_operators_broadcast_shapes_that_are_not_all_known(first, second):
    def shapes(tf):
        x, y = tf.keras.Input(batch_shape=first), tf.keras.Input(batch_shape=second)
        found = [x + y, y + x, x - y, x * y, x / y, x**y, -x, abs(y), x // y, x < y]
        return [(tuple(z.shape), z.dtype) for z in found]

    same(shapes)


@pytest.mark.parametrize(
    ("first", "second"), [((None, 3), (None, 4)), ((2, 3), (4,)), ((2, 1), (3, 1)), ((0,), (3,))]
)
def test_operators_refuse_shapes_that_do_not_broadcast(first, second):
    complain_alike(
        lambda tf: tf.keras.Input(batch_shape=first) * tf.keras.Input(batch_shape=second),
        "Cannot broadcast shape",
    )


@pytest.mark.parametrize(
    ("x", "y", "number"),
    [
        ((None, 5, 300, 2), (2, 400), 12 * 5 * 300 * 400),
        ((7, 300, 2), (1, 2, 400), 7 * 300 * 400),
        ((None, None, 2), (2, None), 12 * 64 * 64),
        ((7, 3), (3, 5), 7 * 5),
    ],
)
def test_what_a_product_takes_is_counted_before_it_is_tried(
    x: Any, y: Any, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: list[int] = []
    monkeypatch.setattr(tensor_operators, "take_trial", lambda size, name: counted.append(size))
    assert (KerasTensor(x) @ KerasTensor(y)).shape[-1] == y[-1]
    assert counted == [4 * number]  # bytes of float32


DTYPES = ("float16", "float32", "float64", "int32", "uint8")
OTHERS: list[Any] = [*DTYPES, 2, 2.5, A[:1] + 0.5, A[:1].astype(float), np.array([[3, 1, 2]], "i4")]
OPERATIONS = "add sub mul truediv floordiv mod pow lt ge".split()


@pytest.mark.parametrize("other", OTHERS, ids=lambda x: str(x)[:7])
@pytest.mark.parametrize("dtype", DTYPES)
def test_operators_promote_dtypes(dtype: str, other: Any) -> None:
    """Dtypes and values; of arrays, which stand on the right, and of numbers, on both sides."""
    data = {kind: np.array([[1, 2, 3], [4, 3, 2]]).astype(kind) for kind in DTYPES}

    def program(tf: Any) -> list[Any]:
        x = tf.keras.Input((3,), dtype=dtype)
        y = tf.keras.Input((3,), dtype=other) if isinstance(other, str) else other
        inputs = [x, y] if isinstance(other, str) else [x]
        given = [data[dtype], data[other]] if isinstance(other, str) else [data[dtype]]
        found: list[Any] = []
        for name in OPERATIONS:
            operation = getattr(operator, name)
            turned = [(x, y)] if isinstance(y, np.ndarray) else [(x, y), (y, x)]
            for a, b in turned:
                z = operation(a, b)
                value = tf.keras.Model(inputs, z)(given)
                found += [z.dtype, value.numpy().astype(float), value.dtype.name]
        return found

    close(program, 40, eps=2.0**-10 if "float16" in (dtype, str(other)) else 2.0**-23)


def test_products_of_two_dtypes() -> None:
    def program(tf: Any) -> list[Any]:
        x = tf.keras.Input((2, 3), dtype="int32")
        y = x @ np.arange(12.0).reshape(3, 4)
        return [y.dtype, tf.keras.Model(x, y)(np.arange(6).reshape(1, 2, 3)).numpy()]

    close(program, 8)
