"""Softmax and the cross-entropies: fused, so that no exp overflows and no log is taken of 0.

Each is a stable form of a textbook formula; `scratchnet.ops.composed` holds that formula.

Raises, all of them: InvalidArgumentError for an axis out of range, and (also a TypeError) for
logits that are not floating or an axis that is no integer; ValueError for what is no tensor.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from scratchnet.engine.dtypes import Array
from scratchnet.engine.errors import (
    DtypeError,
    IncompatibleShapesError,
    InvalidArgumentError,
    invalid,
)
from scratchnet.engine.graph import note
from scratchnet.engine.op import NoGradient, Op, Record, register
from scratchnet.engine.tensor import Tensor, TensorLike, apply
from scratchnet.ops.arguments import brackets, floating, integer, matching, one_axis, tensor
from scratchnet.ops.comparison import where
from scratchnet.ops.creation import cast
from scratchnet.ops.exponential import exp, log1p
from scratchnet.ops.reduce import reduce_sum
from scratchnet.ops.sequence import one_hot
from scratchnet.ops.shape import broadcast_to, expand_dims, transpose


def softmax(logits: TensorLike, axis: Any = -1) -> Tensor:
    """``y_i = e^x_i / Σ_j e^x_j`` along `axis`.  VJP: ``gx = y (g - Σ g y)``.

    Args:
        logits: floating, rank >= 1.
        axis: in [-rank, rank); None for the last.

    Returns:
        Tensor of the shape and dtype of `logits`, each row of which sums to 1.

    Raises:
        InvalidArgumentError: not floating, rank 0, `axis` out of range.

    Reference: ``tf.nn.softmax``.

    >>> softmax([1000.0, 1000.0]).numpy()
    array([0.5, 0.5], dtype=float32)
    """
    x, k = _logits_and_axis(SOFTMAX, logits, axis)
    y = apply(SOFTMAX, x, axis=k)
    # Along another axis TensorFlow transposes before and after: the last node is no Softmax.
    return note(y, "Softmax", x) if k == x._data.ndim - 1 else y


def _logits_and_axis(op: Op, logits: TensorLike, axis: Any) -> tuple[Tensor, int]:
    x = floating(op.name, "logits", logits)
    return x, one_axis(op.name, "axis", -1 if axis is None else axis, x._data.ndim)


def _softmax(x: Array, axis: int) -> tuple[Array, None]:
    e = np.exp(x - x.max(axis, keepdims=True, initial=-np.inf))
    return e / e.sum(axis, keepdims=True), None


def _softmax_gx(g: Tensor, record: Record) -> Tensor:
    y = record.output
    return y * (g - reduce_sum(g * y, record.attrs["axis"], keepdims=True))


SOFTMAX = register(Op("softmax", softmax, _softmax, vjps=(_softmax_gx,)))


def log_softmax(logits: TensorLike, axis: Any = -1) -> Tensor:
    """``y = x - log Σ_j e^x_j`` along `axis`.  VJP: ``gx = g - e^y Σ g``.

    Args, Raises: as `softmax`.  Reference: ``tf.nn.log_softmax``.

    >>> log_softmax([1000.0, 0.0]).numpy()
    array([    0., -1000.], dtype=float32)
    """
    x, k = _logits_and_axis(LOG_SOFTMAX, logits, axis)
    return apply(LOG_SOFTMAX, x, axis=k)


def _log_softmax(x: Array, axis: int) -> tuple[Array, None]:
    z = x - x.max(axis, keepdims=True, initial=-np.inf)
    return z - np.log(np.exp(z).sum(axis, keepdims=True)), None


def _log_softmax_gx(g: Tensor, record: Record) -> Tensor:
    return g - exp(record.output) * reduce_sum(g, record.attrs["axis"], keepdims=True)


LOG_SOFTMAX = register(Op("log_softmax", log_softmax, _log_softmax, vjps=(_log_softmax_gx,)))


# -- cross-entropy --------------------------------------------------------------------------------


def softmax_cross_entropy_with_logits(
    labels: TensorLike, logits: TensorLike, axis: Any = -1
) -> Tensor:
    """``y = -Σ_i labels_i log softmax(logits)_i`` along `axis`, which goes.

    VJP: ``glogits = g (softmax(logits) Σ labels - labels)``, ``glabels = -g log_softmax(logits)``.
    (TensorFlow's gradient by the logits takes ``Σ labels = 1`` for granted; so does this one.)

    Args:
        labels: probabilities, rank >= 1, broadcast with `logits`; each row should sum to 1.  Those
            of another dtype are cast to that of `logits`, as in TensorFlow.
        logits: floating, rank >= 1.
        axis: the classes; None for the last.

    Returns:
        Tensor of the broadcast shape without `axis`.

    Raises:
        InvalidArgumentError: logits not floating, shapes do not broadcast, `axis` out of range.

    Reference: ``tf.nn.softmax_cross_entropy_with_logits``.

    >>> softmax_cross_entropy_with_logits([[0.0, 1.0]], [[1000.0, 0.0]]).numpy()
    array([1000.], dtype=float32)
    """
    where = "softmax_cross_entropy_with_logits"
    x = floating(where, "logits", logits)
    y = cast(tensor(where, "labels", labels), x._data.dtype)
    if not y._data.ndim:
        raise invalid(where, "labels", "must have rank >= 1", labels)
    try:
        shape = np.broadcast_shapes(y._data.shape, x._data.shape)
    except ValueError:
        raise IncompatibleShapesError(
            f"{where}: logits and labels must be broadcastable: "
            f"logits_size={brackets(x._data.shape)} labels_size={brackets(y._data.shape)}"
        ) from None
    k = one_axis(where, "axis", -1 if axis is None else axis, len(shape))
    y, x = (_last(broadcast_to(t, shape) if t._data.shape != shape else t, k) for t in (y, x))
    return apply(SOFTMAX_CROSS_ENTROPY, y, x)


def _last(t: Tensor, axis: int) -> Tensor:
    """`t` with `axis` moved to the end."""
    rank = t._data.ndim
    if axis == rank - 1:
        return t
    return transpose(t, [i for i in range(rank) if i != axis] + [axis])


def _cross_entropy(labels: Array, logits: Array) -> tuple[Array, Array]:
    z = logits - logits.max(-1, keepdims=True, initial=-np.inf)
    e = np.exp(z)
    total = e.sum(-1, keepdims=True)
    # saved: softmax(logits), which the VJP needs
    return (labels * (np.log(total) - z)).sum(-1), e / total


def _cross_entropy_glabels(g: Tensor, record: Record) -> Tensor:
    return expand_dims(g, -1) * -log_softmax(record.inputs[1])


def _cross_entropy_glogits(g: Tensor, record: Record) -> Tensor:
    labels, logits = record.inputs
    p = apply(SOFTMAX, logits, known=record.saved, axis=logits._data.ndim - 1)
    return expand_dims(g, -1) * (p - labels)


SOFTMAX_CROSS_ENTROPY = register(
    Op(
        "softmax_cross_entropy_with_logits",
        softmax_cross_entropy_with_logits,
        _cross_entropy,
        vjps=(_cross_entropy_glabels, _cross_entropy_glogits),
    )
)


def sparse_softmax_cross_entropy_with_logits(labels: TensorLike, logits: TensorLike) -> Tensor:
    """``y = -log softmax(logits)[label]``.

    VJP: ``glogits = g (softmax(logits) - one_hot(labels))``.

    Args:
        labels: int32 or int64 in [0, classes), of shape (…).
        logits: floating, of shape (…, classes).

    Returns:
        Tensor of the shape of `labels`.

    Raises:
        InvalidArgumentError: a label out of range, labels of another dtype.
        ValueError: shapes that do not fit.

    Reference: ``tf.nn.sparse_softmax_cross_entropy_with_logits``.

    >>> sparse_softmax_cross_entropy_with_logits([1], [[1000.0, 0.0]]).numpy()
    array([1000.], dtype=float32)
    """
    where = "sparse_softmax_cross_entropy_with_logits"
    y, x = integer(where, "labels", labels), floating(where, "logits", logits)
    if y._data.dtype.itemsize < 4 or y.dtype.is_unsigned:
        raise DtypeError(f"{where}: `labels` must be int32 or int64, received dtype {y.dtype.name}")
    if not x._data.ndim or y._data.shape != x._data.shape[:-1]:
        raise ValueError(
            f"{where}: `labels.shape` must equal `logits.shape` except for the last dimension, "
            f"received labels.shape={y._data.shape}, logits.shape={x._data.shape}"
        )
    classes = x._data.shape[-1]
    wrong = y._data[(y._data < 0) | (y._data >= classes)]
    if wrong.size:
        raise InvalidArgumentError(
            f"{where}: `labels`: Received a label value of {wrong[0]} which is outside the valid "
            f"range of [0, {classes})"
        )
    return apply(SPARSE_SOFTMAX_CROSS_ENTROPY, y, x)


def _sparse_cross_entropy(labels: Array, logits: Array) -> tuple[Array, Array]:
    z = logits - logits.max(-1, keepdims=True, initial=-np.inf)
    e = np.exp(z)
    total = e.sum(-1, keepdims=True)
    picked = np.take_along_axis(z, labels[..., None], -1)
    return (np.log(total) - picked)[..., 0], e / total


def _sparse_cross_entropy_glogits(g: Tensor, record: Record) -> Tensor:
    labels, logits = record.inputs
    p = apply(SOFTMAX, logits, known=record.saved, axis=logits._data.ndim - 1)
    target = one_hot(labels, logits._data.shape[-1], dtype=logits._data.dtype)
    return expand_dims(g, -1) * (p - target)


SPARSE_SOFTMAX_CROSS_ENTROPY = register(
    Op(
        "sparse_softmax_cross_entropy_with_logits",
        sparse_softmax_cross_entropy_with_logits,
        _sparse_cross_entropy,
        vjps=(NoGradient("labels are integers"), _sparse_cross_entropy_glogits),
    )
)


def sigmoid_cross_entropy_with_logits(
    labels: TensorLike = None, logits: TensorLike = None
) -> Tensor:
    """``y = -z log s - (1 - z) log(1 - s)`` with ``s = sigmoid(x)``, of labels z and logits x.

    It is reckoned as ``max(x, 0) - x z + log(1 + e^-|x|)``, which cannot overflow.

    VJP: ``gz = -g x``, ``gx = g (s - z)``.

    Args:
        labels, logits: floating, of one dtype and shape.

    Returns:
        Tensor of that shape.

    Raises:
        InvalidArgumentError: dtypes differ or are not floating.
        ValueError: shapes differ; one of them is not given.

    Reference: ``tf.nn.sigmoid_cross_entropy_with_logits``.

    >>> sigmoid_cross_entropy_with_logits(labels=[1.0, 0.0], logits=[0.0, -1000.0]).numpy().round(4)
    array([0.6931, 0.    ], dtype=float32)
    """
    name = "sigmoid_cross_entropy_with_logits"
    if labels is None or logits is None:
        raise ValueError(f"{name}: Both `labels` and `logits` must be provided")
    z, x = matching(name, labels=labels, logits=logits)
    floating(name, "logits", x)
    if z._data.shape != x._data.shape:
        raise ValueError(
            f"{name}: `logits` and `labels` must have the same shape, received "
            f"({x._data.shape} vs {z._data.shape})"
        )
    above = x >= 0  # one choice for both, so that the gradient at 0 is right
    return where(above, x, 0) - x * z + log1p(exp(where(above, -x, x)))


register(Op("sigmoid_cross_entropy_with_logits", sigmoid_cross_entropy_with_logits))
