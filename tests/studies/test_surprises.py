"""The surprises: computed on both sides, and what the page says of them is what comes out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import scratchnet as tf
from scratchnet.studies.surprises import CONTRASTS, experiment


def test_every_contrast_is_tensorflows(beside: Callable[..., Any]) -> None:
    n, lines = beside("surprises")
    assert [line.name for line in lines if not line.agrees] == []
    assert list(n) == [contrast.name for contrast in CONTRASTS]
    assert n["ties in max_pool2d"] == [1, 0, 0, 0]
    assert n["ties in maximum"] == [1, 0]
    assert n["ties in reduce_max"] == [0, 0.5, 0.5]
    assert n["ties in sort"] == [100, 1, 1000, 10]
    assert n["SAME at stride 2"] == [6, 7]
    assert n["SAME with an even window"] == [3, 5, 7, 4]
    assert n["mean pooling at the border"] == [3, 4.5, 7.5, 9]
    assert n["pow(x, 0)"][0] == 1
    assert np.isnan(n["pow(x, 0)"][1])
    assert np.isnan(n["where and NaN"][1][1])
    assert n["where, twice"][1] == [0.25, 0]
    assert n["sqrt(0) · 0"] == [0, 0]
    assert np.isnan(n["relu(NaN)"][0])
    assert n["relu(NaN)"][1] == 0
    assert np.isnan(n["relu(NaN)"][2])
    assert abs(n["sum of a million tenths"] - 100_000) < 0.05
    assert n["running sum of a million tenths"] > 100_900
    assert n["300 as uint8"] == [44, 255, 2]
    assert abs(n["Adam's epsilon"] - 0.0030653) < 1e-6
    assert n["biased variance"] == 1
    first, second = n["the same initializer, twice"]
    assert first == second
    a, b, again = n["the same seed, twice"]
    assert a == again != b
    assert n["the order of fit's samples"][0] == n["the order of fit's samples"][1]
    told, after, told_accuracy, accuracy = n["accuracy is a running mean"]
    assert told > after
    assert told_accuracy < accuracy
    assert n["loss with dropout"][0] > n["loss with dropout"][1]


def test_a_seed_changes_what_is_drawn() -> None:
    a, b = (experiment(tf, seed) for seed in (0, 1))
    assert a["the same seed, twice"] != b["the same seed, twice"]
    assert a["ties in sort"] == b["ties in sort"]
