"""The embedded digits as the studies take them, and the first losses of a training."""

from __future__ import annotations

from typing import Any

import numpy as np

from scratchnet.engine.dtypes import Array
from scratchnet.keras.datasets import digits as embedded

# Random errors of n steps add up to √n (Higham and Mary 2019, doi:10.1137/18M1226312): of the
# roundings of a thousand steps, to 32.
ROUNDINGS = 32
FIRST = 10  # steps of a training, in which rounding has not grown yet


def digits(size: int = 14, nudge: int = 0) -> tuple[tuple[Array, Array], tuple[Array, Array]]:
    """1,497 digits to train with and 300 to test: float32 images from 0 to 1, integer labels.

    Args:
        size: of the images, 14 or 28 pixels a side.
        nudge: not 0: images each pixel of which is off by at random up to `ROUNDINGS` roundings of
            float32, drawn with that seed: the same experiment, only rounded otherwise.

    >>> (x, y), (x_test, y_test) = digits()
    >>> x.shape, x_test.shape, y[:5]
    ((1497, 14, 14, 1), (300, 14, 14, 1), array([1, 2, 3, 4, 5]))
    """
    train, test = embedded.load_data()
    step = 28 // size
    rng = np.random.default_rng(nudge)

    def made(images: Array, labels: Array) -> tuple[Array, Array]:
        x: Array = images[:, ::step, ::step, None].astype(np.float32) / np.float32(255)
        if nudge:
            off = ROUNDINGS * np.finfo(np.float32).eps * rng.uniform(-1, 1, x.shape)
            x = (x * (1 + off)).astype(np.float32)
        return x, labels.astype(np.int64)

    return made(*train), made(*test)


def first_losses(tf: Any, steps: int = FIRST) -> tuple[list[float], Any]:
    """A list that fills with the losses of the first steps of a `fit`, and the callback for that.

    What `fit` tells at a step is the mean of the losses so far.

    >>> import scratchnet as tf
    >>> model = tf.keras.Sequential([tf.keras.Input((1,)), tf.keras.layers.Dense(1)])
    >>> model.compile("sgd", "mse")
    >>> losses, watch = first_losses(tf, steps=2)
    >>> told = model.fit(np.ones((8, 1)), np.ones(8), 2, verbose=0, callbacks=[watch])
    >>> len(losses)
    2
    """
    losses: list[float] = []

    def take(batch: int, logs: dict[str, float]) -> None:
        if len(losses) < steps:
            losses.append(float(logs["loss"]))

    return losses, tf.keras.callbacks.LambdaCallback(on_train_batch_end=take)
