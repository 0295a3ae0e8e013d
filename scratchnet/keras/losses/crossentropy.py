"""The cross entropies of labels t and probabilities p (or logits), one loss per row.

Where the logits behind p are known (`scratchnet.keras.cached_logits` says where), the loss is
computed from those, whatever `from_logits` says: exact where p is 0 or 1.  Other probabilities are
clipped to [ε, 1 - ε], ε = 1e-7; the gradient is 0 where they are clipped.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from scratchnet import ops
from scratchnet.engine.errors import say
from scratchnet.engine.graph import captured
from scratchnet.engine.tensor import Tensor, TensorLike, convert
from scratchnet.engine.tracebacks import filters_tracebacks, warn
from scratchnet.keras import cached_logits
from scratchnet.keras.config import check_flags, check_numbers, epsilon
from scratchnet.keras.losses import loss_mask
from scratchnet.keras.losses.loss import LossFunctionWrapper
from scratchnet.keras.losses.regression import check_has_axis


def clip_probabilities(p: Tensor) -> Tensor:
    """`p`, clipped to [ε, 1 - ε]."""
    return ops.clip_by_value(p, epsilon(), 1.0 - epsilon())


def _check_smoothing(where: str, label_smoothing: float | None) -> None:
    if label_smoothing is None:  # as 0
        return
    check_numbers(where, label_smoothing=label_smoothing)
    if not 0 <= label_smoothing <= 1:
        raise ValueError(say(where, "label_smoothing", "must be in [0, 1]", label_smoothing))


def check_shapes(t: Tensor, p: Tensor, axis: int | None = None) -> None:
    """Refuse labels of another shape than that of the predictions.

    Args:
        t: the labels.
        p: the predictions.
        axis: that of the classes, where classes exclude each other.
    """
    where = f"Received: target.shape={t.shape}, output.shape={p.shape}"
    if t._data.shape in (p._data.shape[:-1], (*p._data.shape[:-1], 1)) and p._data.ndim > 1:
        if axis is not None:
            where += (
                ". `categorical_crossentropy` takes one-hot labels; for labels that are the "
                "numbers of classes use `sparse_categorical_crossentropy`, or make them one-hot by "
                "`keras.utils.to_categorical`"
            )
        else:
            where += (
                ". For labels that are the numbers of classes use "
                "`sparse_categorical_crossentropy`; `binary_crossentropy` takes a 0 or 1 for each "
                "output"
            )
    if t._data.ndim != p._data.ndim:
        raise ValueError(f"Arguments `target` and `output` must have the same rank (ndim). {where}")
    if t._data.shape != p._data.shape:
        raise ValueError(f"Arguments `target` and `output` must have the same shape. {where}")


@filters_tracebacks
def categorical_crossentropy(
    y_true: TensorLike,
    y_pred: TensorLike,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Tensor:
    """``-Σ_c t_c log p_c`` of each row, t one-hot (``keras.losses.categorical_crossentropy``).

    Args:
        y_true: t, of the shape of `y_pred`.
        y_pred: p, (…, classes); each row is divided by its sum.
        from_logits: `y_pred` are logits, p their softmax.
        label_smoothing: α: ``t (1 - α) + α / classes`` stands in for t.
        axis: the axis of the classes.

    Returns:
        (…): the losses.

    Raises:
        ValueError: another rank or shape than that of `y_pred`; an α outside [0, 1].

    >>> categorical_crossentropy([[0.0, 1.0]], [[0.5, 0.5]]).numpy()
    array([0.6931472], dtype=float32)
    """
    _check_smoothing("categorical_crossentropy", label_smoothing)
    check_flags("categorical_crossentropy", from_logits=from_logits)
    if isinstance(axis, bool):
        raise ValueError(say("categorical_crossentropy", "axis", "must be of type `int`", axis))
    p = convert(y_pred)
    t = ops.cast(y_true, p.dtype)
    if p._data.ndim and p._data.shape[-1] == 1:
        warn(
            f"categorical_crossentropy: y_pred of shape {p.shape} has one class, whose probability "
            "is always 1; one output takes `binary_crossentropy`",
            SyntaxWarning,
        )
    if label_smoothing:
        if not t._data.ndim:
            rule = "must have an axis of classes"
            raise ValueError(say("categorical_crossentropy", "y_true", rule, y_true))
        classes = ops.cast(t._data.shape[-1], p.dtype)
        t = t * (1.0 - label_smoothing) + label_smoothing / classes
    check_shapes(t, p, axis)
    check_has_axis("categorical_crossentropy", p)
    p, from_logits = cached_logits.find(
        captured(p), from_logits, "Softmax", "categorical_crossentropy"
    )
    if from_logits:
        return ops.softmax_cross_entropy_with_logits(labels=t, logits=p, axis=axis)
    p = clip_probabilities(p / ops.reduce_sum(p, axis, keepdims=True))
    return -ops.reduce_sum(t * ops.log(p), axis)


@filters_tracebacks
def sparse_categorical_crossentropy(
    y_true: TensorLike,
    y_pred: TensorLike,
    from_logits: bool = False,
    ignore_class: int | None = None,
    axis: int = -1,
) -> Tensor:
    """``-log p_t`` of each row, t the class as an integer.

    Args:
        y_true: t, (…) or (…, 1), in [0, classes); the fraction of a float is cut off.
        y_pred: p, (…, classes).
        from_logits: `y_pred` are logits, p their softmax.
        ignore_class: a class, which need not exist, whose elements do not count: their loss is 0,
            and a mean leaves them out.
        axis: must be the last.

    Returns:
        (…): the losses.

    Raises:
        ValueError: shapes that do not fit; a label that is nan or infinite; an `ignore_class` of
            several numbers.
        TypeError: an `ignore_class` that is no number.
        InvalidArgumentError: a label out of range.

    Reference: ``keras.losses.sparse_categorical_crossentropy``.

    >>> sparse_categorical_crossentropy([1], [[0.5, 0.5]]).numpy()
    array([0.6931472], dtype=float32)
    """
    where = "sparse_categorical_crossentropy"
    t, p = convert(y_true), convert(y_pred)
    check_flags(where, from_logits=from_logits)
    if ignore_class is not None:
        check_numbers(where, ignore_class=ignore_class)
    if not p._data.ndim:
        raise ValueError(
            f"Argument `output` must be at least rank 1. Received: target.shape={t.shape}, "
            f"output.shape={p.shape}"
        )
    if not _is_last(axis, p._data.ndim):
        raise ValueError(say(where, "axis", "must be the last axis", axis))
    if t._data.ndim == p._data.ndim and t._data.shape[-1] == 1:
        t = ops.squeeze(t, -1)
    _check_classes(t, p)
    counts = np.ones(t._data.shape, bool)
    if ignore_class is not None:
        counts = np.asarray(t._data != np.asarray(ignore_class))
    if ignore_class is not None:
        t = ops.where(counts, t, ops.zeros_like(t))
        p = ops.where(counts[..., None], p, ops.zeros_like(p))  # which has no cached logits
    p, from_logits = cached_logits.find(p, from_logits, "Softmax", where)
    _check_finite(where, t)
    t = ops.cast(t, "int64")  # as Keras: the fraction is cut off
    if not from_logits:
        p = ops.log(clip_probabilities(p))
    losses = ops.sparse_softmax_cross_entropy_with_logits(labels=t, logits=p)
    if ignore_class is None:
        return losses
    return loss_mask.attach(ops.where(counts, losses, ops.zeros_like(losses)), counts)


def _is_last(axis: Any, rank: int) -> bool:
    try:
        return bool(axis in (-1, rank - 1))
    except (TypeError, ValueError):  # an array of several
        return False


def _check_finite(where: str, t: Tensor) -> None:
    wrong = t._data[~np.isfinite(t._data)]
    if wrong.size:
        raise ValueError(say(where, "y_true", "must hold finite labels", wrong[0].item()))


def _check_classes(t: Tensor, p: Tensor) -> None:
    received = f"Received: target.shape={t.shape}, output.shape={p.shape}"
    if t._data.shape == p._data.shape and p._data.ndim > 1:
        received += (
            ". `sparse_categorical_crossentropy` takes the numbers of classes; for one-hot labels "
            "use `categorical_crossentropy`, or their `argmax(-1)` as labels"
        )
    if t._data.ndim != p._data.ndim - 1:
        raise ValueError(f"Argument `output` must have rank (ndim) `target.ndim - 1`. {received}")
    if t._data.shape != p._data.shape[:-1]:
        raise ValueError(
            "Arguments `target` and `output` must have the same shape, but for the classes at the "
            f"end of `output`. {received}"
        )


@filters_tracebacks
def binary_crossentropy(
    y_true: TensorLike,
    y_pred: TensorLike,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Tensor:
    """The mean of ``-t log p - (1 - t) log(1 - p)`` along `axis`.

    Args:
        y_true: t, 0 or 1, of the shape of `y_pred`.
        y_pred: p.
        from_logits: `y_pred` are logits, p their sigmoid.
        label_smoothing: α: ``t (1 - α) + α / 2`` stands in for t.
        axis: the axis of the mean.

    Returns:
        (…): the losses, without `axis`.

    Raises:
        ValueError: another rank or shape than that of `y_pred`; an α outside [0, 1].

    Reference: ``keras.losses.binary_crossentropy``.

    >>> binary_crossentropy([[0.0, 1.0]], [[0.5, 0.5]]).numpy()
    array([0.6931472], dtype=float32)
    """
    _check_smoothing("binary_crossentropy", label_smoothing)
    check_flags("binary_crossentropy", from_logits=from_logits)
    p = convert(y_pred)
    t = ops.cast(y_true, p.dtype)
    if label_smoothing:
        t = t * (1.0 - label_smoothing) + 0.5 * label_smoothing
    check_shapes(t, p)
    check_has_axis("binary_crossentropy", p)
    p, from_logits = cached_logits.find(captured(p), from_logits, "Sigmoid", "binary_crossentropy")
    if from_logits:
        losses = sigmoid_cross_entropy(t, p)
    else:
        p = clip_probabilities(p)
        losses = -(t * ops.log(p) + (1 - t) * ops.log(1 - p))
    return ops.reduce_mean(losses, axis)


def sigmoid_cross_entropy(t: Tensor, x: Tensor) -> Tensor:
    """``max(x, 0) - x t + ln(1 + e^-|x|)``: the cross entropy of sigmoid(x), without overflow."""
    positive, zero = x >= 0, ops.zeros_like(x)
    return ops.where(positive, x, zero) - x * t + ops.log1p(ops.exp(ops.where(positive, -x, x)))


class CategoricalCrossentropy(LossFunctionWrapper):
    """`categorical_crossentropy` as a Loss (``keras.losses.CategoricalCrossentropy``).

    Args:
        from_logits, label_smoothing, axis: as there.
        reduction, name, dtype: as of `Loss`.

    >>> import scratchnet as tf
    >>> CategoricalCrossentropy()(tf.constant([[0.0, 1.0]]), tf.constant([[0.5, 0.5]])).numpy()
    np.float32(0.6931472)
    """

    def __init__(
        self,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str = "categorical_crossentropy",
        dtype: object = None,
    ) -> None:
        _check_smoothing("CategoricalCrossentropy", label_smoothing)
        options: dict[str, Any] = {
            "from_logits": from_logits,
            "label_smoothing": label_smoothing,
            "axis": axis,
        }
        super().__init__(categorical_crossentropy, reduction, name, dtype, **options)
        self.from_logits, self.label_smoothing, self.axis = from_logits, label_smoothing, axis


class SparseCategoricalCrossentropy(LossFunctionWrapper):
    """`sparse_categorical_crossentropy` as a Loss (``keras.losses.SparseCategoricalCrossentropy``).

    Args:
        from_logits, ignore_class, axis: as there.
        reduction, name, dtype: as of `Loss`.

    >>> import scratchnet as tf
    >>> SparseCategoricalCrossentropy()(tf.constant([1]), tf.constant([[0.5, 0.5]])).numpy()
    np.float32(0.6931472)
    """

    def __init__(
        self,
        from_logits: bool = False,
        ignore_class: int | None = None,
        reduction: str | None = "sum_over_batch_size",
        axis: int = -1,
        name: str = "sparse_categorical_crossentropy",
        dtype: object = None,
    ) -> None:
        options: dict[str, Any] = {
            "from_logits": from_logits,
            "ignore_class": ignore_class,
            "axis": axis,
        }
        super().__init__(sparse_categorical_crossentropy, reduction, name, dtype, **options)
        self.from_logits, self.ignore_class = from_logits, ignore_class

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this loss again; `axis` is always the last."""
        return {k: v for k, v in super().get_config().items() if k != "axis"}


class BinaryCrossentropy(LossFunctionWrapper):
    """`binary_crossentropy` as a Loss (``keras.losses.BinaryCrossentropy``).

    Args:
        from_logits, label_smoothing, axis: as there.
        reduction, name, dtype: as of `Loss`.

    >>> import scratchnet as tf
    >>> BinaryCrossentropy()(tf.constant([[0.0, 1.0]]), tf.constant([[0.5, 0.5]])).numpy()
    np.float32(0.6931472)
    """

    def __init__(
        self,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str = "binary_crossentropy",
        dtype: object = None,
    ) -> None:
        _check_smoothing("BinaryCrossentropy", label_smoothing)
        options: dict[str, Any] = {
            "from_logits": from_logits,
            "label_smoothing": label_smoothing,
            "axis": axis,
        }
        super().__init__(binary_crossentropy, reduction, name, dtype, **options)
        self.from_logits, self.label_smoothing, self.axis = from_logits, label_smoothing, axis
