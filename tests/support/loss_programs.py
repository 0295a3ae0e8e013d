"""Truths and predictions of five samples, and what a loss makes of them."""

from __future__ import annotations

from typing import Any

import numpy as np

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
