"""Question 1: three networks at equal budgets, on both sides."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import scratchnet as tf
from scratchnet.studies.cnn_or_dense import KINDS, experiment, rotated
from scratchnet.studies.data import digits


def test_the_numbers_are_tensorflows(beside: Callable[..., Any]) -> None:
    n, lines = beside("cnn-or-dense", epochs=1, count=96, repeats=1)
    assert [line.name for line in lines if not line.agrees] == []
    conv, same, wide = KINDS
    assert abs(n[f"parameters/{conv}"] / n[f"parameters/{same}"] - 1) < 0.02
    assert abs(n[f"multiplications/{conv}"] / n[f"multiplications/{wide}"] - 1) < 0.01
    assert n["any size/parameters"] == 2650
    assert n["any size/from 40 x 25"] == n["any size/from 28 x 28"] == [1, 10]


def test_shifted_digits_are_read_better_by_convolutions() -> None:
    n = experiment(tf, seed=4)  # as large as on the page: less training does not show it
    conv, same, wide = KINDS
    assert n[f"accuracy/{conv}, as they are"] > 0.93
    for test in ("shifted by 1", "shifted by 2", "rotated by 15°", "rotated by 30°"):
        assert n[f"accuracy/{conv}, {test}"] > n[f"accuracy/{same}, {test}"] + 0.03
    for test in ("shifted by 2", "rotated by 30°"):
        assert n[f"accuracy/{conv}, {test}"] > n[f"accuracy/{wide}, {test}"] + 0.03
    other = experiment(tf, seed=5, epochs=1, repeats=1)
    assert n[f"accuracy/{conv}, noise of 0.4"] != other[f"accuracy/{conv}, noise of 0.4"]
    assert n["image/noise of 0.4"] != other["image/noise of 0.4"]


def test_a_rotation_turns() -> None:
    x = digits()[1][0][:20]
    assert np.allclose(rotated(x, 0.0), x, atol=1e-6)
    assert np.allclose(rotated(x, 90.0), np.rot90(x, -1, (1, 2)), atol=1e-4)
    assert abs(rotated(rotated(x, 20.0), -20.0) - x)[:, 4:10, 4:10].max() < 0.5
