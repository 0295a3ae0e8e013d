"""Question 5: masks, scale and subnetworks; the gap at a small size."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import scratchnet as tf
from scratchnet.studies.dropout import _rounding, _soberly, gap, masks, mislabelled
from scratchnet.studies.on_tensorflow import recorded
from scratchnet.studies.study import Run
from scratchnet.studies.table import STUDIES


def test_the_numbers_are_tensorflows_and_bound_the_conclusions(beside: Callable[..., Any]) -> None:
    n, lines = beside("dropout", steps=12, cases=("200",))
    assert [line.name for line in lines if not line.agrees] == []
    assert n["masks/distinct"] == n["masks/drawn"] == 3200
    assert abs(n["masks/share kept"] - 0.5) < 0.005
    assert n["masks/value of the kept"] == 2
    assert abs(n["mean of masked sums/as a share"] - 0.5) < 0.02
    assert n["all masks/how many"] == 1024
    assert n["all masks/difference of the geometric mean"] < 1e-9
    assert n["all masks/difference of the arithmetic mean"] > 1e-3
    assert n["loss of/100 together"] < n["loss of/one subnetwork"]


def test_dropout_keeps_wrong_labels_from_being_learned_by_heart() -> None:
    found = {rate: gap(tf, "500, 30% wrong", rate, 5, False, 400)[0] for rate in (0.0, 0.5)}
    trained, tested = (
        [found[rate][f"accuracy/{part}, 500, 30% wrong, rate {rate}"] for rate in (0.0, 0.5)]
        for part in ("training", "test")
    )
    assert trained[0] > trained[1]
    assert tested[0] < tested[1]


def test_a_seed_changes_the_numbers() -> None:
    assert masks(tf, 1, 5)["masks/share kept"] != masks(tf, 2, 5)["masks/share kept"]
    y = np.arange(1000) % 10
    wrong = mislabelled(y, 0.3, 0)
    assert abs(np.mean(wrong != y) - 0.3) < 0.05
    assert not np.array_equal(wrong, mislabelled(y, 0.3, 1))


def test_what_is_said_of_few_digits_and_of_wrong_labels_follows_the_numbers() -> None:
    study = STUDIES["dropout"]
    witness, _ = recorded(study, 0)
    assert witness is not None

    def said(few: float, wrong: float) -> str:
        numbers = {**witness.numbers}
        numbers["loss/test, 200, rate 0.5"] = few * numbers["loss/test, 200, rate 0.0"]
        before = numbers["accuracy/test, 500, 30% wrong, rate 0.0"]
        numbers["accuracy/test, 500, 30% wrong, rate 0.5"] = before + wrong
        return _soberly(Run(study, 0, numbers)).en

    assert "it was of no use: the test loss is 1.30 times that without; on" in said(1.3, 0.1)
    assert "is 1.10 times that without, which in one run may be chance" in said(1.1, 0.1)
    assert "no difference" in said(1.04, 0.1)
    assert "Srivastava" in said(1.0, 0.1)
    assert "There the test loss is 0.70 times that without. Where" in said(0.7, 0.1)
    assert "is 0.90 times that without, which in one run may be chance. Where" in said(0.9, 0.1)
    assert "did not clearly help with this seed" in said(0.8, 0.0)


def test_a_difference_that_is_0_in_nine_places_is_less_than_one_of_them() -> None:
    assert _rounding(0.0) == ("less than 1e-9, which is rounding", "相差不到 1e-9，只是舍入")
    assert _rounding(2e-9).en == "at most 2e-09"
