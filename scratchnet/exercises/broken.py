"""Wrong VJPs to switch on: mistakes that are made, and with which networks train nevertheless."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

import scratchnet as tf
from scratchnet.engine.dtypes import Array
from scratchnet.exercises.network import EPSILON, OPS, RATE, WINDOW

Function = Callable[..., Any]


class Broken(NamedTuple):
    """A wrong VJP, in NumPy.

    Attributes:
        op: the op of the network that it belongs to.
        cause: what `scratchnet.testing` calls the mistake.
        sentence: what is wrong.
        vjp: ``vjp(g, *inputs)``: the gradients by the inputs, None for those without.
    """

    op: str
    cause: str
    sentence: str
    vjp: Function


def right(op: str, g: Array, *inputs: Array) -> list[Any]:
    """The right gradients of an op of the network, by the tape.

    >>> right("relu", np.array([1.0, 1.0]), np.array([2.0, -3.0]))
    [array([1., 0.])]
    """
    tensors = [tf.constant(x) for x in inputs]
    with tf.GradientTape() as tape:
        tape.watch([x for x in tensors if x.dtype.is_floating])
        y = OPS[op](*tensors)
    gradients = tape.gradient(y, tensors, output_gradients=tf.constant(g))
    return [None if gx is None else gx.numpy() for gx in gradients]


def switched_on(name: str) -> dict[str, Function]:
    """The ops of the network, one of them with a wrong VJP in place of its own.

    >>> relu = switched_on("relu_mask_dropped")["relu"]
    >>> x = tf.Variable([2.0, -3.0])
    >>> with tf.GradientTape() as tape:
    ...     y = relu(x)
    >>> y.numpy(), tape.gradient(y, x).numpy()
    (array([2., 0.], dtype=float32), array([1., 1.], dtype=float32))
    """
    broken = BROKEN[name]
    op = OPS[broken.op]

    @tf.custom_gradient
    def with_wrong_vjp(*inputs: Any) -> Any:
        def vjp(g: Any) -> list[Any]:
            gradients = broken.vjp(g.numpy(), *[x.numpy() for x in inputs])
            return [None if gx is None else tf.constant(gx) for gx in gradients]

        return op(*inputs), vjp

    return OPS | {broken.op: lambda *inputs: with_wrong_vjp(*map(tf.convert_to_tensor, inputs))}


# -- convolution -----------------------------------------------------------------------------------


def _flipped_filter(g: Array, x: Array, k: Array) -> list[Any]:
    gx, gk = right("conv2d", g, x, k)
    return [gx, gk[::-1, ::-1].copy()]


def _shifted_filter(g: Array, x: Array, k: Array) -> list[Any]:
    gx, gk = right("conv2d", g, x, k)
    return [gx, np.roll(gk, 1, axis=0)]


def _unflipped_input(g: Array, x: Array, k: Array) -> list[Any]:
    gx, _ = right("conv2d", g, x, k[::-1, ::-1].copy())
    return [gx, right("conv2d", g, x, k)[1]]


# -- pooling ---------------------------------------------------------------------------------------


def _ties_all(g: Array, x: Array) -> list[Any]:
    y = OPS["max_pool2d"](tf.constant(x)).numpy()
    whole = x[:, : 2 * y.shape[1], : 2 * y.shape[2]]  # what is in a window
    gx = np.zeros_like(x)
    largest = whole == y.repeat(2, 1).repeat(2, 2)
    gx[:, : whole.shape[1], : whole.shape[2]] = g.repeat(2, 1).repeat(2, 2) * largest
    return [gx]


def _full_window(g: Array, x: Array) -> list[Any]:
    padded = np.pad(np.ones((1, *x.shape[1:3], 1), x.dtype), ((0, 0), (0, 1), (0, 1), (0, 0)))
    # The share of each window that lies in the image: 1 but at the lower and the right border.
    inside = tf.nn.avg_pool2d(padded, WINDOW, 2, "VALID").numpy()[:, : g.shape[1], : g.shape[2]]
    return right("avg_pool2d", g * inside, x)


# -- the others ------------------------------------------------------------------------------------


def _mean_over_batch(g: Array, x: Array, b: Array) -> list[Any]:
    return [g, g.mean(tuple(range(g.ndim - 1)))]


def _without_mean_term(g: Array, x: Array, gamma: Array, beta: Array) -> list[Any]:
    _, ggamma, gbeta = right("batch_normalization", g, x, gamma, beta)
    return [g * gamma / np.sqrt(x.var((0, 1, 2)) + x.dtype.type(EPSILON)), ggamma, gbeta]


def _missing_mean(g: Array, x: Array, labels: Array) -> list[Any]:
    return [right("softmax_cross_entropy", g, x, labels)[0] * len(x), None]


BROKEN: dict[str, Broken] = {
    "flipped_filter": Broken(
        "conv2d",
        "flip",
        "the gradient by the filter is turned round, rows and columns",
        _flipped_filter,
    ),
    "shifted_filter": Broken(
        "conv2d",
        "shift",
        "the gradient by the filter is off by one row, as where the padding is miscounted",
        _shifted_filter,
    ),
    "unflipped_input": Broken(
        "conv2d",
        "flip",
        "the gradient by the images takes the filter the same way round as the forward pass",
        _unflipped_input,
    ),
    "ties_all": Broken(
        "max_pool2d",
        "ties",
        "where several pixels of a window are the largest, each gets all of the cotangent; after "
        "relu, whole windows are 0",
        _ties_all,
    ),
    "full_window": Broken(
        "avg_pool2d",
        "scale",
        "at the border the cotangent is divided by the full window, and not by the pixels in it",
        _full_window,
    ),
    "relu_mask_dropped": Broken(
        "relu",
        "mask",
        "the cotangent passes everywhere, also where x was negative",
        lambda g, x: [g],
    ),
    "relu_mask_of_cotangent": Broken(
        "relu",
        "mask",
        "the mask is taken from the sign of the cotangent, and not from that of x",
        lambda g, x: [np.maximum(g, 0)],
    ),
    "bias_mean": Broken(
        "bias_add",
        "scale",
        "the gradient by the bias is a mean over images and pixels: it is a sum",
        _mean_over_batch,
    ),
    "batch_norm_without_mean_term": Broken(
        "batch_normalization",
        "mean_term",
        "mean and variance are taken for constants, though they move with x",
        _without_mean_term,
    ),
    "dropout_mask_dropped": Broken(
        "dropout",
        "mask",
        "the cotangent passes also where the number was dropped",
        lambda g, x, keep: [g / x.dtype.type(1 - RATE), None],
    ),
    "dropout_not_scaled": Broken(
        "dropout",
        "scale",
        "1 / (1 - rate) is forgotten on the way back",
        lambda g, x, keep: [g * keep, None],
    ),
    "missing_mean": Broken(
        "softmax_cross_entropy",
        "scale",
        "1/N is missing: the gradient of the sum over the batch, where the loss is the mean",
        _missing_mean,
    ),
}
