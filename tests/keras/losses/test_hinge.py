"""Hinge losses against Keras's: values and gradients."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.support.loss_programs import (
    BITS,
    LOGITS,
    NUMBERS,
    ONE_HOT,
    WEIGHTS,
    class_alike,
    function_alike,
    in_both_dtypes_and_twice,
    refuses,
)
from tests.support.signatures import taken_alike

# name of the function, options, truth, prediction
FUNCTIONS: dict[str, tuple[str, dict[str, Any], np.ndarray, np.ndarray]] = {
    "hinge": ("hinge", {}, BITS * 2 - 1, NUMBERS),
    "hinge of bits": ("hinge", {}, BITS, NUMBERS),
    "hinge of other numbers": ("hinge", {}, BITS + NUMBERS, NUMBERS),
    "squared hinge": ("squared_hinge", {}, BITS, NUMBERS),
    "categorical hinge": ("categorical_hinge", {}, ONE_HOT, LOGITS),
    "ties": ("categorical_hinge", {}, ONE_HOT, np.ones((5, 4), "f")),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_function(name: str) -> None:
    function_alike(*FUNCTIONS[name])


@pytest.mark.parametrize("weights", [None, WEIGHTS])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_class(name: str, weights: Any) -> None:
    class_alike(*FUNCTIONS[name], weights, "sum_over_batch_size")


@pytest.mark.parametrize("name", FUNCTIONS)
def test_both_dtypes_and_the_second_order(name: str) -> None:
    in_both_dtypes_and_twice(*FUNCTIONS[name])


@pytest.mark.parametrize("name", ["hinge", "squared_hinge", "categorical_hinge"])
def test_what_is_refused(name: str) -> None:
    refuses(name)


def test_what_is_taken() -> None:
    names = "CategoricalHinge Hinge SquaredHinge categorical_hinge hinge squared_hinge"
    taken_alike("losses", *names.split())
