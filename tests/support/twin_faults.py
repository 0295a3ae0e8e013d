"""Mistakes to be planted in scratchnet by the tests of the twin training.

Each function is called in the process of scratchnet's side, before the program runs.
"""

from __future__ import annotations

from typing import Any

import numpy as np


def wrong_vjp(tf: Any) -> None:
    """The gradient of a convolution's kernel is a ten-thousandth too large."""
    from scratchnet.engine.op import OPS

    for name in ("conv2d", "fused_conv2d"):
        op = OPS[name]
        object.__setattr__(op, "vjps", (op.vjps[0], _times(op.vjps[1], 1.0001), *op.vjps[2:]))


def _times(vjp: Any, factor: float) -> Any:
    return lambda g, record: vjp(g, record) * factor


def wrong_moments(tf: Any) -> None:
    """The gradient of a mean and a variance is a thousandth too large."""
    from scratchnet.engine.op import OPS

    op = OPS["moments"]
    object.__setattr__(op, "vjps", (_times(op.vjps[0], 1.001),))


def dropout_seed(tf: Any) -> None:
    """The second dropout layer has the next seed."""
    original = tf.keras.layers.Dropout.__init__

    def init(self: Any, rate: float, *args: Any, **kwargs: Any) -> None:
        original(self, rate, *args, **kwargs)
        if rate == 0.5:
            self.seed_generator.state.assign(self.seed_generator.state + np.array([1, 0]))

    tf.keras.layers.Dropout.__init__ = init


def data_order(tf: Any) -> None:
    """The samples are read in another order from the second epoch on."""
    from scratchnet.keras.models import data_adapter

    original, readings = data_adapter.fit_permutation, []

    def other(*args: Any) -> Any:
        order = original(*args)
        readings.append(len(order))
        return order if len(readings) <= EPOCH_READINGS else order[::-1]

    data_adapter.fit_permutation = other


EPOCH_READINGS = 1  # how often the order is drawn before the second epoch


def epsilon(tf: Any) -> None:
    """Adam adds its epsilon to the root of the corrected v, as Algorithm 1 of the paper."""
    original = tf.keras.optimizers.Adam.update_step

    def update_step(self: Any, gradient: Any, variable: Any, rate: Any) -> None:
        t = float(self._iterations.numpy() + 1)
        epsilon, self.epsilon = self.epsilon, self.epsilon * (1 - self.beta_2**t) ** 0.5
        original(self, gradient, variable, rate)
        self.epsilon = epsilon

    tf.keras.optimizers.Adam.update_step = update_step


def initial_weight(tf: Any) -> None:
    """One weight begins one unit in the last place higher."""
    original = tf.keras.initializers.GlorotUniform.__call__

    def call(self: Any, shape: Any, dtype: Any = None, **kwargs: Any) -> Any:
        values = original(self, shape, dtype, **kwargs).numpy()
        if tuple(shape)[-1] == 128:
            values.flat[7] = np.nextafter(values.flat[7], np.float32(1))
        return tf.constant(values)

    tf.keras.initializers.GlorotUniform.__call__ = call


def loss_factor(tf: Any) -> None:
    """The loss is a thousandth too large from the fourth step on."""
    original, calls = tf.keras.losses.Loss.__call__, []

    def call(self: Any, *args: Any, **kwargs: Any) -> Any:
        calls.append(0)
        loss = original(self, *args, **kwargs)
        return loss * 1.001 if len(calls) > 3 else loss

    tf.keras.losses.Loss.__call__ = call
