"""Correlations: updates, weights, configs and what is refused, against Keras's."""

from __future__ import annotations

from typing import Any

import pytest

import scratchnet
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
