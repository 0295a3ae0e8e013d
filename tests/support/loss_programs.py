"""Truths and predictions of five samples, and what a loss makes of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow

import scratchnet
from tests.support.keras_programs import close

RNG = np.random.default_rng(8)
CLASSES = np.array([0, 2, 1, 2, 3])
ONE_HOT = np.eye(4, dtype="f")[CLASSES]
SOFT = RNG.dirichlet(np.ones(4), 5).astype("f")  # probabilities as the truth
PROBABILITIES = RNG.dirichlet(np.ones(4), 5).astype("f")
LOGITS = RNG.normal(size=(5, 4)).astype("f") * 3

EXTREME = np.array(
    [[1000.0, 0, -1000, 3], [0, 0, 0, 0], [-1e4, 5, 5, 5], [0, 0, 1e4, 0], [1, 2, 3, 4]], "f"
)

CERTAIN = np.eye(4, dtype="f")[[0, 2, 2, 1, 3]]  # right, right, wrong, wrong, right
LOOSE = np.full((5, 4), 0.1, "f") + 0.3 * ONE_HOT  # rows that do not sum to 1
BITS = np.array([[0, 1, 1], [1, 0, 0], [0, 0, 1], [1, 1, 1], [0, 1, 0]], "f")
CHANCES = RNG.random((5, 3)).astype("f")
SURE = np.array([[0, 1, 0], [1, 0, 1], [0, 0, 1], [1, 1, 1], [0, 1, 0]], "f")
NUMBERS = RNG.normal(size=(5, 3)).astype("f")
WEIGHTS = np.array([1, 0, 2, 0.5, 3.5], "f")

CLASS_OF = {
    "categorical_crossentropy": "CategoricalCrossentropy",
    "sparse_categorical_crossentropy": "SparseCategoricalCrossentropy",
    "binary_crossentropy": "BinaryCrossentropy",
    "mse": "MeanSquaredError",
    "mae": "MeanAbsoluteError",
    "mape": "MeanAbsolutePercentageError",
    "msle": "MeanSquaredLogarithmicError",
    "huber": "Huber",
    "logcosh": "LogCosh",
    "cosine_similarity": "CosineSimilarity",
    "hinge": "Hinge",
    "squared_hinge": "SquaredHinge",
    "categorical_hinge": "CategoricalHinge",
    "kld": "KLDivergence",
    "poisson": "Poisson",
    "binary_focal_crossentropy": "BinaryFocalCrossentropy",
    "categorical_focal_crossentropy": "CategoricalFocalCrossentropy",
}


def value_and_gradient(
    tf: Any, loss: Any, truth: np.ndarray, prediction: np.ndarray, *weights: Any
) -> list[Any]:
    p = tf.constant(prediction)
    with tf.GradientTape() as tape:
        tape.watch(p)
        value = loss(tf.constant(truth), p, *weights)
    return [value.numpy(), tape.gradient(value, p).numpy()]


def function_alike(
    function: str, options: dict[str, Any], truth: np.ndarray, prediction: np.ndarray
) -> None:
    """The loss function of that name gives Keras's values and gradients."""

    def program(tf: Any) -> list[Any]:
        loss = getattr(tf.keras.losses, function)
        return value_and_gradient(tf, lambda t, p: loss(t, p, **options), truth, prediction)

    close(program, 30)


def in_both_dtypes_and_twice(
    function: str, options: dict[str, Any], truth: np.ndarray, prediction: np.ndarray
) -> None:
    """Values, gradients and gradients of gradients are Keras's, of float32 and float64."""

    def program(tf: Any, kind: str) -> list[Any]:
        loss, p = getattr(tf.keras.losses, function), tf.constant(prediction.astype(kind))
        factors = tf.constant(np.linspace(-1, 2, p.shape[0]).astype(kind))
        with tf.GradientTape() as outer:
            outer.watch(p)
            with tf.GradientTape() as inner:
                inner.watch(p)
                value = loss(tf.constant(truth), p, **options)
                total = tf.reduce_sum(value * factors)
            first = inner.gradient(total, p)
            turned = tf.reduce_sum(first * tf.cos(p))
        return [value.numpy(), first.numpy(), outer.gradient(turned, p).numpy()]

    close(lambda tf: program(tf, "float32"), 60)
    close(lambda tf: program(tf, "float64"), 60, 3e-16 if function != "logcosh" else 3e-8)


def refuses(function: str) -> None:
    """What Keras refuses is refused, by the name of the function."""
    if function not in INTEGERS_TAKEN:
        _refuse(function, np.eye(3, dtype="i"), np.eye(3, dtype="i"), "must be floats")
    if function != "cosine_similarity":
        _refuse(function, BITS[0, 0], np.float32(3), "must have at least one axis")
    if function != "poisson":
        _refuse(function, BITS, NUMBERS + 1j, "must be ")


def _refuse(function: str, truth: Any, prediction: Any, rule: str) -> None:
    for tf in (tensorflow, scratchnet):
        with pytest.raises((tf.errors.InvalidArgumentError, TypeError, IndexError)) as caught:
            getattr(tf.keras.losses, function)(truth, tf.constant(prediction))
    long = getattr(scratchnet.keras.losses, function).__name__
    assert f"{long}: `y_pred` {rule}" in str(caught.value)


INTEGERS_TAKEN = ("huber", "mape", "msle")
REDUCTIONS = [None, "none", "sum", "sum_over_batch_size", "mean", "mean_with_sample_weight"]
SAMPLE_WEIGHTS = [None, WEIGHTS, WEIGHTS[:, None], 0.5, np.zeros(5, "f")]


def class_alike(
    function: str,
    options: dict[str, Any],
    truth: np.ndarray,
    prediction: np.ndarray,
    weights: Any,
    reduction: str | None,
) -> None:
    """The class of that function gives Keras's values and gradients, weighted and reduced."""

    def program(tf: Any) -> list[Any]:
        loss = getattr(tf.keras.losses, CLASS_OF[function])(reduction=reduction, **options)
        return value_and_gradient(tf, loss, truth, prediction, weights)

    close(program, 60)
