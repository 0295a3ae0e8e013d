"""Small models and data to fit, for the tests of training."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import numpy as np

RNG = np.random.default_rng(3)
X = RNG.normal(size=(22, 3)).astype("f")
Y = RNG.normal(size=(22, 2)).astype("f")
CLASSES = RNG.integers(0, 4, 22)
ONE_HOT = np.eye(4, dtype="f")[CLASSES]
WEIGHTS = RNG.random(22).astype("f") * 3
IMAGES = RNG.random((20, 8, 8, 1)).astype("f")
DIGITS = np.eye(3, dtype="f")[RNG.integers(0, 3, 20)]

# Sums over the few rows of a batch, some steps after each other.
TERMS = 60


def linear(tf: Any, outputs: int = 2, **compiled: Any) -> Any:
    keras = tf.keras
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(outputs)])
    settings = {"optimizer": keras.optimizers.SGD(0.05), "loss": "mse", **compiled}
    model.compile(**settings)
    return model


def classifier(tf: Any, **compiled: Any) -> Any:
    keras = tf.keras
    layers = [keras.layers.Dense(5, activation="relu"), keras.layers.Dense(4, activation="softmax")]
    model = keras.Sequential([keras.Input((3,)), *layers])
    model.compile(**{"optimizer": keras.optimizers.SGD(0.1), **compiled})
    return model


def convnet(tf: Any) -> Any:
    k = tf.keras.layers
    return tf.keras.Sequential(
        [
            k.Conv2D(4, 3, activation="relu"),
            k.MaxPooling2D(),
            k.Dropout(0.3),
            k.Flatten(),
            k.BatchNormalization(),
            k.Dense(3, activation="softmax"),
        ]
    )


def dataset(tf: Any) -> Any:
    return tf.data.Dataset.from_tensor_slices((X, Y)).batch(4)


def pairs() -> Iterator[tuple[np.ndarray, np.ndarray]]:
    for at in range(0, 20, 5):
        yield X[at : at + 5], Y[at : at + 5]


def without_times(text: str) -> str:
    """The text of each finished line, without its times and what they push about."""
    text = re.sub("\x1b\\[1m\\d+s\x1b\\[0m", "TIME", text)
    text = re.sub(r"(?<= )\d+(s|ms|us)/step", "SPEED", text)
    text = re.sub(r"(?<=/\d - )\d+s(?= - )", "TIME", text)
    # Drawings in between come when the clock says so; the first and the last always come.
    lines = []
    for line in text.split("\n"):
        drawings = re.sub("\b+", "", line).split("\r")
        lines.append(
            [d.rstrip() for d in (drawings[:2] + drawings[-1:] if len(drawings) > 1 else drawings)]
        )
    return repr(lines)


RAN_OUT = "Your input ran out of data; interrupting training."
