"""Faults planted in what the experiments call: the comparison of each study sees them.

The bounds are those of the page: TensorFlow's recorded numbers and spreads.  Of each experiment
only a part is run, whose numbers are the page's.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pytest

import scratchnet as tf
from scratchnet.studies import (
    batch_normalization,
    cnn_or_dense,
    dropout,
    invariance,
    parameters,
    pooling,
    surprises,
)
from scratchnet.studies.agreement import compare
from scratchnet.studies.on_tensorflow import recorded
from scratchnet.studies.table import STUDIES

Patch = pytest.MonkeyPatch


def computed_by(monkeypatch: Patch, module: str, op: str, forward: Callable[..., Any]) -> None:
    """Puts another function in the place of an op's forward function."""
    place = importlib.import_module(f"scratchnet.ops.{module}")
    monkeypatch.setattr(place, op, replace(getattr(place, op), forward=forward))


def seen(name: str, numbers: dict[str, Any]) -> list[str]:
    """The numbers that are not TensorFlow's, of those that are compared alone."""
    witness, _ = recorded(STUDIES[name], 0)
    assert witness is not None
    lines = compare(numbers, witness, STUDIES[name].late)
    assert sum(line.allowed is not None and not line.count for line in lines) >= 1
    return [line.name for line in lines if not line.agrees and not line.count]


def sample_variance(monkeypatch: Patch) -> None:
    """Σ (x - μ)² / (n - 1)"""

    def faulty(x: Any, scale: Any, offset: Any, epsilon: float, relu: bool) -> Any:
        axes = tuple(range(x.ndim - 1))
        mean, variance = x.mean(axes), x.var(axes, ddof=1)
        y = (x - mean) * (scale / np.sqrt(variance + epsilon)) + offset
        return ((np.maximum(y, 0) if relu else y).astype(x.dtype), mean, variance), None

    computed_by(monkeypatch, "fused_batch_norm", "FUSED_BATCH_NORM", faulty)


def momentum_of_tenths(monkeypatch: Patch) -> None:
    """0.9 in place of 0.99"""
    layer = tf.keras.layers.BatchNormalization
    monkeypatch.setattr(tf.keras.layers, "BatchNormalization", partial(layer, momentum=0.9))


def unscaled_dropout(monkeypatch: Patch) -> None:
    """without 1/(1 - p)"""

    def faulty(x: Any, keep: Any, rate: float) -> Any:
        return np.where(keep, x, x.dtype.type(0)), None

    computed_by(monkeypatch, "dropout", "DROP", faulty)


def forgetful_adam(monkeypatch: Patch) -> None:
    """β₂ = 0.99 in place of 0.999"""
    adam = tf.keras.optimizers.Adam
    monkeypatch.setattr(tf.keras.optimizers, "Adam", partial(adam, beta_2=0.99))


def another_slope_at_zero(monkeypatch: Patch) -> None:
    """relu'(0) = 1"""

    def faulty(g: Any, y: Any) -> Any:
        return g * (y >= 0), None

    computed_by(monkeypatch, "rectifiers", "RELU_GRADIENT", faulty)


def turned_filter(monkeypatch: Patch) -> None:
    """a convolution with the filter turned by 180°"""
    conv2d = tf.nn.conv2d
    monkeypatch.setattr(tf.nn, "conv2d", lambda x, k, *a: conv2d(x, k[::-1, ::-1], *a))


def zeros_counted(monkeypatch: Patch) -> None:
    """a mean that counts the zeros of the padding"""
    avg_pool2d = tf.nn.avg_pool2d

    def faulty(x: Any, size: int, stride: int, padding: str) -> Any:
        if padding == "SAME":  # one row and one column, of a 4 x 4 image with 3 x 3 windows
            x, padding = tf.pad(x, [[0, 0], [0, 1], [0, 1], [0, 0]]), "VALID"
        return avg_pool2d(x, size, stride, padding)

    monkeypatch.setattr(tf.nn, "avg_pool2d", faulty)


def normalized_networks() -> dict[str, Any]:
    scales = batch_normalization.scales(tf, 0, 0, 20)
    return scales | batch_normalization.costs(tf, 0, 0, (10,), (), 1)


def moved_digits() -> dict[str, Any]:
    return invariance.trained(tf, "max", 0, 0, 1, None)[0] | invariance.equivariance(tf, 0)


PARTS: dict[str, Callable[[], dict[str, Any]]] = {
    "cnn-or-dense": lambda: cnn_or_dense.experiment(tf, 0, epochs=1, repeats=1),
    "parameters": lambda: parameters.experiment(tf, 0),
    "invariance": moved_digits,
    "batch-normalization": normalized_networks,
    "dropout": lambda: dropout.gap(tf, "200", 0.5, 0, 0, 10)[0],
    "pooling": lambda: pooling.experiment(tf, 0),
    "surprises": lambda: surprises.experiment(tf, 0),
}
FAULTS: dict[str, dict[Callable[[Patch], None], str]] = {
    "cnn-or-dense": {forgetful_adam: "first losses/", another_slope_at_zero: "first losses/"},
    "parameters": {turned_filter: "rows"},
    "invariance": {forgetful_adam: "first losses/max", another_slope_at_zero: "first losses/max"},
    "batch-normalization": {
        sample_variance: "activations normalized 1.0/log10",
        momentum_of_tenths: "loss after/10 steps, moving averages",
    },
    "dropout": {unscaled_dropout: "first losses/200, rate 0.5", forgetful_adam: "first losses/"},
    "pooling": {zeros_counted: "J/mean 3/2 SAME", another_slope_at_zero: "cosine/"},
    "surprises": {sample_variance: "biased variance"},
}


@pytest.mark.parametrize("name", STUDIES)
def test_a_fault_is_seen(name: str, monkeypatch: Patch) -> None:
    assert seen(name, PARTS[name]()) == []
    for fault, where in FAULTS[name].items():
        with monkeypatch.context() as patch:
            fault(patch)
            found = seen(name, PARTS[name]())
        assert [number for number in found if number.startswith(where)], (fault.__name__, found)
