"""The divergence and the Poisson loss against Keras's: values and gradients."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.support.loss_programs import (
    BITS,
    CHANCES,
    ONE_HOT,
    PROBABILITIES,
    SOFT,
    WEIGHTS,
    class_alike,
    function_alike,
    in_both_dtypes_and_twice,
    refuses,
)
from tests.support.signatures import taken_alike

# name of the function, options, truth, prediction
FUNCTIONS: dict[str, tuple[str, dict[str, Any], np.ndarray, np.ndarray]] = {
    "kld": ("kld", {}, SOFT, PROBABILITIES),
    "kld of a certain truth": ("kld", {}, ONE_HOT, PROBABILITIES),
    "poisson": ("poisson", {}, BITS * 3, CHANCES),
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


@pytest.mark.parametrize("name", ["kld", "poisson"])
def test_what_is_refused(name: str) -> None:
    refuses(name)


def test_what_is_taken() -> None:
    names = "KLD KLDivergence Poisson kld kullback_leibler_divergence poisson"
    taken_alike("losses", *names.split())
