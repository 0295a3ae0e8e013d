"""Losses of differences and of angles against Keras's: values and gradients."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import scratchnet
from tests.support.keras_programs import close
from tests.support.loss_programs import (
    BITS,
    NUMBERS,
    REDUCTIONS,
    SAMPLE_WEIGHTS,
    SURE,
    WEIGHTS,
    class_alike,
    function_alike,
    in_both_dtypes_and_twice,
    refuses,
)
from tests.support.signatures import taken_alike

# name of the function, options, truth, prediction
FUNCTIONS: dict[str, tuple[str, dict[str, Any], np.ndarray, np.ndarray]] = {
    "mse": ("mse", {}, BITS, NUMBERS),
    "mae": ("mae", {}, BITS, NUMBERS),
    "mape": ("mape", {}, BITS, NUMBERS),
    "msle": ("msle", {}, BITS, NUMBERS),
    "huber": ("huber", {}, BITS, NUMBERS * 2),
    "huber delta": ("huber", {"delta": 0.3}, BITS, NUMBERS),
    "huber at its corners": ("huber", {"delta": 0.5}, BITS, BITS + 0.5 * SURE),
    "logcosh": ("logcosh", {}, BITS, NUMBERS * 40),
    "cosine": ("cosine_similarity", {}, BITS, NUMBERS),
    "cosine columns": ("cosine_similarity", {"axis": 0}, BITS, NUMBERS),
    "cosine of nothing": ("cosine_similarity", {}, BITS, NUMBERS * BITS[:, :1]),
}
NEWER = ["huber", "mape", "msle", "logcosh", "cosine_similarity"]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_function(name: str) -> None:
    function_alike(*FUNCTIONS[name])


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("weights", SAMPLE_WEIGHTS)
@pytest.mark.parametrize("name", ["mse", "huber delta"])
def test_class(name: str, weights: Any, reduction: str | None) -> None:
    class_alike(*FUNCTIONS[name], weights, reduction)


def test_squeezing() -> None:
    """(4,) against (4, 1) is compared row by row, not broadcast."""

    def program(tf: Any) -> list[Any]:
        losses, column = tf.keras.losses, NUMBERS[:, :1]
        pairs = [(column, column[:, 0]), (column[:, 0], column)]
        return [losses.MeanSquaredError()(tf.constant(t), tf.constant(p)).numpy() for t, p in pairs]

    close(program, 1)


@pytest.mark.parametrize("name", ["mse", "mae"])
@pytest.mark.parametrize("kind", ["complex64", "complex128"])
def test_complex_predictions(name: str, kind: str) -> None:
    """A squared error of complex numbers is complex, and rounded to complex64 on the way."""
    truth, prediction = [[-0.25, 4.6, 4.8], [1, 2, 3]], [[1j, 2, 3 - 1j], [7, 0.1j, 3]]

    def program(tf: Any) -> Any:
        loss = getattr(tf.keras.losses, name)
        return loss(tf.constant(truth), tf.constant(prediction, kind)).numpy()

    close(program, 6, 6e-8 if (name, kind) != ("mae", "complex128") else 1e-16)


@pytest.mark.parametrize("name", NEWER)
def test_the_class_of_each(name: str) -> None:
    class_alike(name, {}, BITS, NUMBERS, WEIGHTS, "sum_over_batch_size")


@pytest.mark.parametrize("name", NEWER)
def test_both_dtypes_and_the_second_order(name: str) -> None:
    in_both_dtypes_and_twice(name, {}, BITS + 0.5, NUMBERS)


@pytest.mark.parametrize("name", NEWER)
def test_what_is_refused(name: str) -> None:
    refuses(name)


def test_integers_and_squeezed_columns() -> None:
    t, p = np.array([[0, 1, 2], [3, 1, 0]]), np.array([[1, 1, 4], [2, 0, 0]])

    def program(tf: Any) -> list[Any]:
        found = []
        for name in ("huber", "msle", "mape"):
            loss = getattr(tf.keras.losses, name)
            found += [loss(t.astype(k), p.astype(k)).numpy() for k in ("int32", "uint8")]
        for name in NEWER:
            loss, column = getattr(tf.keras.losses, name), NUMBERS[:, :1]
            found += [loss(column, tf.constant(column[:, 0])).numpy()]
            found += [loss(t, tf.constant(NUMBERS[0])).numpy()]
        return found

    with np.errstate(all="ignore"):
        close(program, 20)


@pytest.mark.parametrize("name", NEWER)
def test_no_samples(name: str) -> None:
    def program(tf: Any) -> list[Any]:
        loss = getattr(tf.keras.losses, name)
        nothing, one = np.ones((0, 3), "f"), np.ones((1, 3), "f")
        return [loss(nothing, nothing).numpy(), loss(one, one / 2).numpy()]

    close(program, 8)


@pytest.mark.parametrize("delta", [None, "a", [1.0, 2.0]])
def test_a_delta_that_is_no_number(delta: Any) -> None:
    with pytest.raises((TypeError, ValueError), match="huber: `delta` must be "):
        scratchnet.keras.losses.Huber(delta)(BITS, NUMBERS)


def test_what_is_taken() -> None:
    names = (
        "MAE MAPE MSE MSLE CosineSimilarity Huber LogCosh MeanAbsoluteError "
        "MeanAbsolutePercentageError MeanSquaredError MeanSquaredLogarithmicError "
        "cosine_similarity huber logcosh mae mape mse msle"
    )
    taken_alike("losses", *names.split())


LONG = [
    *("mean_absolute_percentage_error", "mean_squared_logarithmic_error", "huber", "log_cosh"),
    "cosine_similarity",
]


@pytest.mark.parametrize("name", LONG)
def test_each_loss_names_what_it_refuses(name: str) -> None:
    loss, real = getattr(scratchnet.keras.losses, name), name in LONG[:3]
    rule = "must be real numbers" if real else "must be floats"
    for dtype in ["complex64"] if real else ["complex64", "int32", "bool", "uint8"]:
        text = f"^{name}: `y_pred` {rule}, received a tensor of {dtype}"
        with pytest.raises(TypeError, match=text):
            loss(np.ones((2, 3)), scratchnet.ones((2, 3), dtype))
    if name != "cosine_similarity":
        with pytest.raises(
            scratchnet.errors.InvalidArgumentError,
            match=f"^{name}: `y_pred` must have at least one axis, received y_pred=",
        ):
            loss(1.0, scratchnet.constant(2.0))


def test_where_the_parabola_of_huber_ends() -> None:
    t, p = np.zeros((1, 5), "f"), np.array([[0.5, -0.5, 0.75, -0.75, 0.25]], "f")
    for delta in (0.5, 0.75, 0, -1.0, np.float64(0.6), 2):
        close(lambda tf, d=delta: tf.keras.losses.huber(t.T, p.T, delta=d).numpy(), 4)


@pytest.mark.parametrize("kind", ["float16", "float32", "float64"])
@pytest.mark.parametrize("name", NEWER)
def test_edges_of_each_dtype(name: str, kind: str) -> None:
    """Zeros, what is below ε, and opposites."""
    t = np.array([[0.0, 1e-9, -1.0, 2.0], [0.0, 0.0, 0.0, 0.0], [1.0, 0.0, -2.0, 1e-3]], kind)
    p = np.array([[1.0, 0.0, 1.0, 2.0], [0.0, 1e-9, 0.5, -1.0], [0.0, 0.0, 0.0, 0.0]], kind)
    eps = {"float16": 1e-3, "float32": 2.0**-23, "float64": 1e-13}[kind]
    for axis in (-1, 0) if name == "cosine_similarity" else (None,):
        options = {} if axis is None else {"axis": axis}
        close(
            lambda tf, o=options: getattr(tf.keras.losses, name)(t, tf.constant(p), **o).numpy(),
            40,
            3e-8 if (name, kind) == ("logcosh", "float64") else eps,
        )
