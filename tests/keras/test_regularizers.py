"""Regularizers by their names, and what they refuse."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from scratchnet import GradientTape, Variable
from scratchnet.keras.regularizers import L1, L1L2, L2
from tests.support.derivatives import agree
from tests.support.keras_programs import close, complain_alike, same
from tests.support.optimizer_steps import START
from tests.support.signatures import attributes_alike, taken_alike


@pytest.mark.parametrize("name", ["l1", "l2", "L1", "L2", "L1L2"])
def test_regularizers(name: str) -> None:
    def program(tf: Any) -> list[Any]:
        regularizer = tf.keras.regularizers.get(name)
        return [regularizer(tf.constant(START[0])).numpy()] + [
            float(v) for v in regularizer.get_config().values()
        ]

    close(program, 20)
    attributes_alike(lambda keras: keras.regularizers.get(name))


@pytest.mark.parametrize("dtype", ["float64", "float32", "float16", "int32", "int64"])
def test_the_factors_are_float32_cast_to_the_dtype_of_the_weights(dtype: str) -> None:
    w = np.array([[3.6, -1.1], [0.3, 5.7]]).astype(dtype)

    def program(tf: Any) -> list[Any]:
        of = tf.keras.regularizers
        found = [of.L1(0.3), of.L1(2.7), of.L2(0.3), of.L2(3.3), of.L1L2(1.7, 2.9), of.L1L2()]
        return [regularizer(tf.constant(w)).numpy() for regularizer in found]

    close(program, 20, np.finfo(dtype).eps if "float" in dtype else 0)


def test_a_penalty_of_unsigned_integers_or_bools_is_refused() -> None:
    for regularizer in (L1(), L2(), L1L2(1.0, 1.0)):
        for dtype in ("uint8", "bool"):
            with pytest.raises(TypeError, match="`x` must be numeric and signed, received dtype"):
                regularizer(np.ones(3, dtype))


def test_a_factor_of_0_has_a_gradient_of_zeros_but_in_a_sum_of_two() -> None:
    for make in (
        lambda tf: tf.keras.regularizers.L1(0.0),
        lambda tf: tf.keras.regularizers.L2(0.0),
        lambda tf: tf.keras.regularizers.L1L2(0.0, 0.5),
        lambda tf: tf.keras.regularizers.L1L2(0.5, 0.0),
    ):
        agree(lambda tf, w, make=make: make(tf)(w), np.array([[1.5, -2, 0]]))
        agree(lambda tf, w, make=make: make(tf)(w), np.array([np.inf, -1]), orders=0)
    v = Variable([1.0])
    with GradientTape() as tape:
        penalty = L1L2(0.0, 0.0)(v)
    assert (penalty.numpy(), tape.gradient(penalty, v)) == (0, None)


def test_no_factor_is_0() -> None:
    same(lambda tf: list(tf.keras.regularizers.L1L2(None, None).get_config().items()))


# name -> (program, what both texts say, what ours says)
COMPLAINTS: dict[str, tuple[Any, str, str]] = {
    "regularizer": (lambda tf: tf.keras.regularizers.L2(-1.0), "l2=-1.0", "finite number >= 0"),
}


@pytest.mark.parametrize("name", COMPLAINTS)
def test_complaints(name: str) -> None:
    complain_alike(*COMPLAINTS[name])


def test_what_they_take() -> None:
    taken_alike("regularizers")


@pytest.mark.parametrize("factor", [-0.01, float("nan"), float("inf"), True, "a", [0.1]])
def test_factors_that_are_none(factor: Any) -> None:
    for make, name in ((L1, "l1"), (L2, "l2"), (L1L2, "l1"), (L1L2, "l2")):
        text = f"^{make.__name__}: `{name}` must be a finite number >= 0, received {name}="
        with pytest.raises(ValueError, match=text):
            make(**{name: factor})


def test_penalties_of_each_part() -> None:
    w = np.array([[1.5, -2.0], [0.0, 4.0]], "f")

    def program(tf: Any) -> list[Any]:
        of = tf.keras.regularizers
        made = [of.L1(None), of.L2(None), of.L1(0), of.L2(0), of.L1L2(0.5), of.L1L2(l2=0.25)]
        made += [of.L1L2(0.5, 0.25), of.l1(1), of.l2(2.0), of.l1_l2(0.5, 3)]
        found = [regularizer(tf.constant(w)).numpy() for regularizer in made]
        return [*found, *(float(v) for x in made for v in x.get_config().values())]

    close(program, 10)


@pytest.mark.parametrize("name", ["l1l2", "L1L2", "l1", "l2", None])
def test_found_and_described_alike(name: str | None) -> None:
    def program(tf: Any) -> list[Any]:
        of = tf.keras.regularizers
        found = of.get(name)
        data = None if found is None else of.serialize(found)
        return [data, type(found).__name__, data and of.deserialize(data).get_config()]

    same(program)
