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
    """The gradient through a normalization by the batch's moments is a thousandth too large."""
    from scratchnet.engine.op import OPS

    op = OPS["fused_batch_norm"]
    object.__setattr__(op, "vjps", (_times(op.vjps[0], 1.001), *op.vjps[1:]))


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


# -- gradients of ops ------------------------------------------------------------------------------


def _change_vjps(names: tuple[str, ...], argument: int, change: Any) -> None:
    from scratchnet.engine.op import OPS

    for name in names:
        vjps = list(OPS[name].vjps)
        vjps[argument] = change(vjps[argument])
        object.__setattr__(OPS[name], "vjps", tuple(vjps))


CONVOLUTIONS = ("conv2d", "fused_conv2d")


def flipped_filter(tf: Any) -> None:
    """The gradient of a convolution's kernel is turned round, as of a true convolution."""
    _change_vjps(CONVOLUTIONS, 1, lambda vjp: lambda g, record: tf.reverse(vjp(g, record), [0, 1]))


def wrong_input_gradient(tf: Any) -> None:
    """What a convolution hands back to its input is a hundredth too large."""
    _change_vjps(CONVOLUTIONS, 0, lambda vjp: _times(vjp, 1.01))


def wrong_bias(tf: Any) -> None:
    """The gradient of a convolution's bias is twice as large."""
    _change_vjps(("fused_conv2d",), 2, lambda vjp: _times(vjp, 2.0))


def pooled_twice(tf: Any) -> None:
    """A max pooling hands back twice the cotangent."""
    _change_vjps(("max_pool2d",), 0, lambda vjp: _times(vjp, 2.0))


def loss_gradient(tf: Any) -> None:
    """The gradient of the cross-entropy is a ten-thousandth too large."""
    _change_vjps(("sparse_softmax_cross_entropy_with_logits",), 1, lambda vjp: _times(vjp, 1.0001))


def tanh_once(tf: Any) -> None:
    """``gx = g (1 - |y|)`` instead of ``g (1 - y²)``."""
    _change_vjps(("tanh",), 0, lambda vjp: lambda g, record: g * (1.0 - tf.abs(record.output)))


def lost_shortcut(tf: Any) -> None:
    """What comes back through one of two summands is a thousandth too small."""
    _change_vjps(("add",), 0, lambda vjp: _times(vjp, 0.999))


def relu_mask(tf: Any) -> None:
    """A ReLU lets a thousandth of the cotangent pass where it should stop it."""
    from scratchnet.engine.op import OPS

    op = OPS["relu"]
    vjp: Any = op.vjps[0]
    object.__setattr__(op, "vjps", (lambda g, record: vjp(g, record) * 0.999 + g * 0.001,))


def mean_count(tf: Any) -> None:
    """The gradient of a mean divides by one more than it has."""

    def change(vjp: Any) -> Any:
        def gx(g: Any, record: Any) -> Any:
            n = record.inputs[0]._data.size // record.output._data.size
            return vjp(g, record) * (n / (n + 1))

        return gx

    _change_vjps(("reduce_mean",), 0, change)


# -- layers and optimizers -------------------------------------------------------------------------


def batch_norm_momentum(tf: Any) -> None:
    """The moving averages move as fast as PyTorch's."""
    original = tf.keras.layers.BatchNormalization.__init__

    def init(self: Any, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        self.momentum = 0.9

    tf.keras.layers.BatchNormalization.__init__ = init


def batch_norm_epsilon(tf: Any) -> None:
    """The variance gets PyTorch's epsilon."""
    original = tf.keras.layers.BatchNormalization.__init__

    def init(self: Any, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        self.epsilon = 1e-5

    tf.keras.layers.BatchNormalization.__init__ = init


def slope(tf: Any) -> None:
    """A LeakyReLU has the slope of Keras 2."""
    original = tf.keras.layers.LeakyReLU.call

    def call(self: Any, inputs: Any) -> Any:
        self.negative_slope = 0.2999
        return original(self, inputs)

    tf.keras.layers.LeakyReLU.call = call


def dampened(tf: Any) -> None:
    """SGD's momentum is dampened, as an option of PyTorch's does."""
    original = tf.keras.optimizers.SGD.update_step

    def update_step(self: Any, gradient: Any, variable: Any, rate: Any) -> None:
        original(self, gradient * (0.999 if self.momentum else 1.0), variable, rate)

    tf.keras.optimizers.SGD.update_step = update_step


def own_gradient(tf: Any) -> None:
    """A gradient that the program writes itself is wrong on this side only."""
    original = tf.custom_gradient

    def custom_gradient(f: Any) -> Any:
        def changed(x: Any, w: Any) -> Any:
            y, grad = f(x, w)
            return y, lambda g: [part * 1.01 for part in grad(g)]

        return original(changed)

    tf.custom_gradient = custom_gradient
