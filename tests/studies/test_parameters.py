"""Question 2: the counts are `summary()`'s, on both sides."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import scratchnet as tf
from scratchnet.studies.parameters import experiment, layers, written_out


def test_the_numbers_are_tensorflows_and_come_from_the_run(beside: Callable[..., Any]) -> None:
    numbers, lines = beside("parameters")
    assert [line.name for line in lines if not line.agrees] == []
    assert numbers["parameters/convolution"] == 1300
    assert numbers["multiplications/convolution"] == 11_520_000
    assert numbers["parameters/not shared"] == 96 * 96 * 50 * 26
    for name in layers(tf):
        assert numbers[f"written out/{name}"].endswith(f"{numbers[f'summary/{name}']:,}")
    assert numbers["matrix/distinct"] == 25
    assert numbers["matrix/not zero"] == 25 * len(numbers["rows"])
    other = experiment(tf, seed=4, size=6)
    assert not np.allclose(other["filter"], numbers["filter"])
    assert other["matrix/all"] == 4 * 36
    assert other["matrix/distinct"] == 25


def test_any_layer_is_written_out() -> None:
    layer = tf.keras.layers.GRU(4)
    layer.build((None, 5, 3))
    assert written_out(layer) == "3 × 12 + 4 × 12 + 2 × 12 = 108"
    assert layer.count_params() == 108
    assert written_out(tf.keras.layers.Flatten()) == "0"
