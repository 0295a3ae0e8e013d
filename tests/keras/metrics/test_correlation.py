"""Correlations: updates, weights, configs and what is refused, against Keras's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import scratchnet
from tests.support.keras_programs import close
from tests.support.metric_inputs import NUMBERS, OTHERS
from tests.support.metric_programs import known_alike, over_updates
from tests.support.signatures import taken_alike

METRICS: dict[str, tuple[Any, Any, Any]] = {
    "pearson": (lambda m: m.PearsonCorrelation(), NUMBERS, OTHERS),
    "pearson of columns": (lambda m: m.PearsonCorrelation(axis=0, name="p"), NUMBERS, OTHERS),
    "concordance": (lambda m: m.ConcordanceCorrelation(), NUMBERS, OTHERS),
    "concordance of columns": (
        lambda m: m.ConcordanceCorrelation(axis=0, dtype="float64"),
        NUMBERS,
        OTHERS,
    ),
}


@pytest.mark.parametrize("name", METRICS)
def test_updates(name: str) -> None:
    over_updates(*METRICS[name])


@pytest.mark.parametrize("name", METRICS)
def test_config(name: str) -> None:
    known_alike(METRICS[name][0])


@pytest.mark.parametrize("name", ["pearson_correlation", "concordance_correlation"])
def test_what_is_refused(name: str) -> None:
    correlation = getattr(scratchnet.keras.metrics, name)
    with pytest.raises(TypeError, match=f"{name}: `y_pred` must be floats"):
        correlation([1, 2], scratchnet.constant([3, 4]))
    with pytest.raises(scratchnet.errors.InvalidArgumentError, match=f"{name}: `y_pred` must have"):
        correlation(1.0, 2.0)


def test_what_is_taken() -> None:
    names = "ConcordanceCorrelation PearsonCorrelation concordance_correlation pearson_correlation"
    taken_alike("metrics", *names.split())


@pytest.mark.parametrize("axis", [0, 1, -1, -2])
@pytest.mark.parametrize("kind", ["float16", "float32", "float64"])
@pytest.mark.parametrize("name", ["pearson_correlation", "concordance_correlation"])
def test_every_axis_and_dtype(name: str, kind: str, axis: int) -> None:
    """Of what goes together up to a factor and a shift, and of what does not."""
    t = np.array([[1.0, 3.0, 2.0], [4.0, 9.0, 2.5], [0.0, 1.0, 8.0], [3.0, 3.5, -1.0]], kind)
    p = np.array([[2.0, 6.0, 4.5], [4.0, 9.0, 2.5], [8.0, 1.0, -8.0], [1.0, 3.0, -7.0]], kind)
    eps = {"float16": 1e-3, "float32": 2.0**-23, "float64": 2e-8}[kind]
    close(lambda tf: getattr(tf.keras.metrics, name)(t, tf.constant(p), axis=axis).numpy(), 40, eps)


@pytest.mark.parametrize("name", ["pearson_correlation", "concordance_correlation"])
def test_refused_by_name(name: str) -> None:
    function = getattr(scratchnet.keras.metrics, name)
    with pytest.raises(TypeError, match=f"^{name}: `y_pred` must be floats, received a tensor of"):
        function([1, 2], scratchnet.constant([1, 2]))
    with pytest.raises(
        scratchnet.errors.InvalidArgumentError, match=f"^{name}: `y_pred` must have at least one ax"
    ):
        function(1.0, scratchnet.constant(2.0))
