"""Truths and predictions of five samples, and what a loss makes of them."""

from __future__ import annotations

from typing import Any

import numpy as np

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
