"""Question 1: three networks at equal budgets, on both sides."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import scratchnet as tf
from scratchnet.studies.cnn_or_dense import (
    KINDS,
    REPEATS,
    TESTS,
    _answer,
    _apart,
    _chance,
    _judged,
    _lead,
    _median,
    _notebook,
    _sections,
    _without_neighbours,
    cut_off,
    experiment,
    multiplications,
    network,
    rotated,
    shuffled,
)
from scratchnet.studies.data import digits
from scratchnet.studies.on_tensorflow import recorded
from scratchnet.studies.study import Run
from scratchnet.studies.table import STUDIES

HOW = ("", ", shuffled")


def test_the_numbers_are_tensorflows(beside: Callable[..., Any]) -> None:
    n, lines = beside("cnn-or-dense", epochs=1, count=96, repeats=1)
    assert [line.name for line in lines if not line.agrees] == []
    conv, same, wide = KINDS
    assert abs(n[f"parameters/{conv}"] / n[f"parameters/{same}"] - 1) < 0.02
    assert abs(n[f"multiplications/{conv}"] / n[f"multiplications/{wide}"] - 1) < 0.01
    assert n["any size/parameters"] == 2650
    assert n["any size/from 40 x 25"] == n["any size/from 28 x 28"] == [1, 10]


def test_shifted_digits_are_read_better_by_convolutions() -> None:
    n = experiment(tf, seed=4, repeats=2)  # as long as on the page: less does not show it
    conv, same, wide = KINDS
    assert n[f"accuracy/{conv}, as they are"] > 0.93
    for test in ("shifted by 1", "shifted by 2", "rotated by 15°", "rotated by 30°"):
        assert n[f"accuracy/{conv}, {test}"] > n[f"accuracy/{same}, {test}"] + 0.03
    for test in ("shifted by 2", "rotated by 30°"):
        assert n[f"accuracy/{conv}, {test}"] > n[f"accuracy/{wide}, {test}"] + 0.03
    assert _lead(Run(STUDIES["cnn-or-dense"], 4, n), "shifted by 2, shuffled") < 0.03
    other = experiment(tf, seed=5, epochs=1, repeats=1)
    assert n[f"accuracy/{conv}, noise of 0.4"] != other[f"accuracy/{conv}, noise of 0.4"]
    assert n["image/noise of 0.4"] != other["image/noise of 0.4"]


def test_a_rotation_turns() -> None:
    x = digits()[1][0][:20]
    assert np.allclose(rotated(x, 0.0), x, atol=1e-6)
    assert np.allclose(rotated(x, 90.0), np.rot90(x, -1, (1, 2)), atol=1e-4)
    assert abs(rotated(rotated(x, 20.0), -20.0) - x)[:, 4:10, 4:10].max() < 0.5


def test_what_a_shift_cuts_off_is_what_leaves_the_frame() -> None:
    x = np.zeros((3, 4, 4, 1), np.float32)
    x[:, 1, :2] = 1.0  # two pixels of each stay
    x[0, 0, 2], x[1, 0, 3] = 1.0, 0.25
    assert cut_off(x, 2) == pytest.approx((1.25 / 7.25, 1 / 3, 1 / 3))
    assert cut_off(x, 1) == pytest.approx((0.25 / 7.25, 0.25 / 2.25, 0.0))


def test_a_permutation_is_one_of_all_images() -> None:
    x = digits()[1][0][:20]
    y = shuffled(x, 1)
    assert np.array_equal(np.sort(x.reshape(20, -1)), np.sort(y.reshape(20, -1)))
    assert np.array_equal(shuffled(x[3:4], 1), y[3:4])
    assert not np.array_equal(x, y)


def test_what_is_said_follows_the_numbers() -> None:
    study = STUDIES["cnn-or-dense"]
    witness, _ = recorded(study, 0)
    assert witness is not None
    tests = (*TESTS, "as they are, shuffled", "shifted by 2, shuffled")
    names = [f"accuracy/{{}}, {test}" for test in tests]

    def said(conv: float, dense: float, neighbours: float, error: float = 0.0) -> str:
        numbers = {**witness.numbers}
        numbers |= {f"standard error/{kind}, {test}": error for kind in KINDS for test in tests}
        for name in names:
            numbers |= {name.format(kind): dense for kind in KINDS}
            numbers[name.format(KINDS[0])] = conv
        numbers[names[-2].format(KINDS[0])] = dense
        numbers[names[-1].format(KINDS[0])] = dense + neighbours
        run = Run(study, 5, numbers)
        parts = _sections(run), [t.en for t in _notebook(run)]
        return " ".join([_answer(run).en, _without_neighbours(run).en, *parts[0], *parts[1]])

    text = said(0.9, 0.8, 0.0)
    assert text.count("it is ahead of the better") == 2
    assert "the dense one is ahead: nowhere; no more apart than that: nowhere" in text
    assert "The lead is gone" in text
    assert "in 4." in text
    assert f"seeds 5 to {5 + REPEATS - 1}" in text
    assert "0.900 ± 0.000" in text
    assert "multiplications for each parameter of the convolutional network" in text
    assert "were trained for two steps more" in text
    assert "cuts off 1.9% of the ink, of one digit up to 12%, and 34% of the digits" in text
    assert "even behind, by more than chance" in said(0.9, 0.8, -0.1)
    assert "The lead is smaller, but" in said(0.9, 0.8, 0.05)
    assert "The lead is still there" in said(0.9, 0.8, 0.2)
    text = said(0.8, 0.9, 0.0)
    assert text.count("it is behind the better") == 2
    assert "the convolutional one is ahead: nowhere" in text
    assert "no clear lead" in text
    assert "in 0." in text
    assert said(0.9, 0.9, 0.0).count("no further from the better one than chance") == 2
    assert "lost what it builds on, neighbours" in said(0.9, 0.8, 0.0)
    # 0.02 is six digits: with such deviations chance, without them not
    assert "no worse without neighbours than chance" in said(0.82, 0.8, 0.0, error=0.01)
    assert "lost what it builds on, neighbours" in said(0.82, 0.8, 0.0, error=0.001)
    assert "reads as well without neighbours" in said(0.9, 0.9, 0.0)
    text = said(0.9, 0.8, 0.0, error=0.036)  # the lead is less than two standard errors
    assert text.count("no further from the better one than chance") == 2
    assert "the convolutional one is ahead: nowhere; the dense one is ahead: nowhere" in text
    assert "in 0." in text


def test_what_shuffled_pixels_move_in_a_dense_network_is_chance() -> None:
    numbers = {f"standard error/{k}, {t}{s}": 0.005 for k in KINDS for t in TESTS for s in HOW}
    numbers |= {f"accuracy/{k}, {t}{s}": 0.5 for k in KINDS for t in TESTS for s in HOW}
    numbers[f"accuracy/{KINDS[0]}, shifted by 2"] = 0.65
    run = Run(STUDIES["cnn-or-dense"], 0, numbers)
    assert _chance(run, "shifted by 2") == 0.03  # nine digits
    assert _judged(run, "shifted by 2") == 1
    numbers[f"accuracy/{KINDS[2]}, shifted by 2"] = 0.51  # the better dense one
    numbers[f"accuracy/{KINDS[2]}, shifted by 2, shuffled"] = 0.335  # and it moved
    assert abs(_chance(run, "shifted by 2") - 0.175) < 1e-9
    assert _judged(run, "shifted by 2") == 0
    assert _judged(run, "shifted by 2", KINDS[1:2]) == 1  # the other dense one did not move


def test_what_means_of_a_few_trainings_may_be_apart_is_welchs() -> None:
    def apart(a: float, b: float) -> float:
        numbers = {"standard error/a": a, "standard error/b": b}
        return _apart(Run(STUDIES["cnn-or-dense"], 0, numbers), "a", "b")

    # scipy.stats.t.ppf(0.975, 10), of (5), and of (6.28), which is rounded down
    assert apart(0.03, 0.03) == pytest.approx(2.228 * 0.03 * 2**0.5, rel=2e-3)
    assert apart(0.03, 0.0) == pytest.approx(2.571 * 0.03, rel=2e-3)
    assert apart(0.0383, 0.0138) == pytest.approx(2.447 * np.hypot(0.0383, 0.0138), rel=2e-3)
    assert apart(0.0, 0.0) == 0.0


def test_a_training_that_went_badly_is_told() -> None:
    def said(*each: float) -> str:
        return _median(Run(STUDIES["cnn-or-dense"], 0, {"each training/a": list(each)}), "a").en

    assert said(0.953, 0.927, 0.923, 0.767) == (
        " (median 0.925; the worst of 4 trainings ended at 0.767)"
    )
    assert said(0.95, 0.94, 0.96, 0.95) == ""


def test_the_multiplications_of_a_training_step_are_those_of_its_products() -> None:
    conv = network(tf, KINDS[0])
    first, second, last = 12 * 12 * 9 * 8, 4 * 4 * 9 * 8 * 16, 64 * 10
    assert multiplications(conv) == first + second + last
    assert multiplications(conv, training=True) == 2 * first + 3 * second + 3 * last
    dense = network(tf, KINDS[2])
    assert multiplications(dense, training=True) == 2 * 196 * 143 + 3 * 1430
