"""What the catalogue needs besides `keras_programs`: gradients, and differences on purpose."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow

import scratchnet
from tests.support.keras_programs import Program, complaint

F = np.float32


def gradient(tf: Any, f: Callable[..., Any], *arrays: np.ndarray) -> list[np.ndarray]:
    """f(x), and the gradient of the sum of its values in each of the `arrays`."""
    xs = [tf.constant(array) for array in arrays]
    with tf.GradientTape() as tape:
        tape.watch(xs)
        y = f(*xs)
    return [y.numpy(), *(g.numpy() for g in tape.gradient(y, xs))]


def slopes(f: Callable[[np.ndarray], float], x: np.ndarray, step: float = 1e-6) -> np.ndarray:
    """The gradient of `f` at `x` by central differences."""
    found = np.zeros_like(x)
    for i in np.ndindex(*x.shape):
        around = [x.copy(), x.copy()]
        around[0][i] += step
        around[1][i] -= step
        found[i] = (f(around[0]) - f(around[1])) / (2 * step)
    return found


def unwrapped(text: str) -> str:
    """`text` without the escapes that make it bold."""
    return text.replace("\x1b[1m", "").replace("\x1b[0m", "")


def complains(tf: Any, program: Program, kind: str, phrase: str) -> None:
    """`program` ends with an error of class `kind`, or warns, in words that hold `phrase`.

    Args:
        kind: the name of the class of the error; or of the warning, where there is no error.
    """
    error, heard, text = complaint(program, tf)
    assert kind in ([error] if error else heard), f"{tf.__name__}: {error} {heard} {text}"
    assert phrase in unwrapped(text), f"{tf.__name__}: {text}"


def is_silent(tf: Any, program: Program) -> None:
    """`program` neither fails nor warns."""
    error, heard, text = complaint(program, tf)
    assert not error, text
    assert not heard, text


def only_tensorflow_refuses(program: Program, kind: str, phrase: str) -> None:
    """TensorFlow complains of `program`; scratchnet runs it."""
    complains(tensorflow, program, kind, phrase)
    is_silent(scratchnet, program)


def only_scratchnet_refuses(program: Program, kind: str, phrase: str) -> None:
    """TensorFlow runs `program`; scratchnet complains of it."""
    is_silent(tensorflow, program)
    complains(scratchnet, program, kind, phrase)
