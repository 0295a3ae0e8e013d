"""Losses and metrics of integers, against Keras."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.support.keras_programs import close

PAIRS: dict[str, tuple[Any, Any]] = {
    "int64": (np.array([[1, 2]]), np.array([[3, 5]])),
    "uint8": (np.array([[1, 2]], "uint8"), np.array([[3, 5]], "uint8")),
    "uint8, the other way round": (np.array([[3, 5]], "uint8"), np.array([[1, 2]], "uint8")),
    "int8 that wraps": (np.array([[100, 2]], "int8"), np.array([[-100, 5]], "int8")),
    "float and int": (np.array([[1.5, 2.5]]), np.array([[3, 5]])),
    "int and float": (np.array([[1, 2]]), np.array([[3.0, 5.0]], "f")),
    "uint8 and float": (np.array([[3, 5]], "uint8"), np.array([[0.1, 0.2]], "f")),
    "lists": ([[1, 2]], [[3, 5]]),
    "bool and int": (np.array([[True, False]]), np.array([[1, 0]])),
}


@pytest.mark.parametrize("as_tensors", [False, True])
@pytest.mark.parametrize("pair", PAIRS)
@pytest.mark.parametrize("name", ["mse", "mae"])
def test_functions_keep_the_dtype_and_their_mean_is_a_float(
    name: str, pair: str, as_tensors: bool
) -> None:
    def program(tf: Any) -> list[Any]:
        given = [tf.constant(x) if as_tensors else x for x in PAIRS[pair]]
        found = [tf.keras.losses.get(name)(*given), tf.keras.metrics.get(name)(*given)]
        return [part.numpy() for part in found]

    close(program, 4)


CLASSES = ("MeanSquaredError", "MeanAbsoluteError")


@pytest.mark.parametrize("pair", PAIRS)
def test_classes_make_floats_first(pair: str) -> None:
    def program(tf: Any) -> list[Any]:
        losses, metrics = tf.keras.losses, tf.keras.metrics
        found = [getattr(losses, name)()(*PAIRS[pair]) for name in CLASSES]
        found += [
            getattr(metrics, name)()(*PAIRS[pair]) for name in (*CLASSES, "RootMeanSquaredError")
        ]
        return [part.numpy() for part in found]

    close(program, 4)


@pytest.mark.parametrize("dtype", ["float16", None])
@pytest.mark.parametrize("kind", ["int32", "uint8", "float16"])
def test_metrics_and_losses_over_many_values(kind: str, dtype: Any) -> None:
    t, p = (np.random.default_rng(seed).random((4, 300)) * 200 for seed in (1, 2))

    def program(tf: Any) -> list[Any]:
        found = []
        for module in (tf.keras.losses, tf.keras.metrics):
            for name in CLASSES:
                of = getattr(module, name)(dtype=dtype)
                found.append(of(t.astype(kind), p.astype(kind)).numpy())
        return found

    close(program, 4, eps=float(np.finfo(dtype or "float32").eps))
