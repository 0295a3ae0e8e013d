"""Focal cross entropies: samples that are right already count less, by a power of 1 - p.

Reference: Lin, Goyal, Girshick, He and Dollar, *Focal loss for dense object detection*, 2017.
"""

from __future__ import annotations

from typing import Any

from scratchnet import ops
from scratchnet.engine.errors import say
from scratchnet.engine.graph import captured
from scratchnet.engine.tensor import Tensor, TensorLike, convert
from scratchnet.engine.tracebacks import filters_tracebacks, warn
from scratchnet.keras import cached_logits
from scratchnet.keras.activations import softmax
from scratchnet.keras.config import check_factors, check_flags, check_numbers
from scratchnet.keras.losses.crossentropy import (
    check_shapes,
    clip_probabilities,
    sigmoid_cross_entropy,
)
from scratchnet.keras.losses.loss import LossFunctionWrapper
from scratchnet.keras.losses.regression import check_has_axis, check_real, number
from scratchnet.keras.promotion import of_one_dtype


def _pair(where: str, y_true: TensorLike, y_pred: TensorLike) -> tuple[Tensor, Tensor]:
    p = convert(y_pred)
    check_real(where, p, floats_only=True)
    check_has_axis(where, p)
    return ops.cast(y_true, p.dtype), p


@filters_tracebacks
def binary_focal_crossentropy(
    y_true: TensorLike,
    y_pred: TensorLike,
    apply_class_balancing: bool = False,
    alpha: float = 0.25,
    gamma: float = 2.0,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Tensor:
    """The mean of ``(1 - q)^γ`` times the binary cross entropy along `axis`.

    ``q = t p + (1 - t)(1 - p)`` is the probability of the right answer.

    Args:
        y_true: t, 0 or 1, of the shape of `y_pred`.
        y_pred: p, floats.
        apply_class_balancing: weight the ones by α, the zeros by 1 - α.
        alpha: α.
        gamma: γ; with 0 it is the cross entropy itself.
        from_logits: `y_pred` are logits, p their sigmoid.
        label_smoothing: β: ``t (1 - β) + β / 2`` stands in for t.
        axis: the axis of the mean.

    Returns:
        (…): the losses, without `axis`.

    Raises:
        ValueError: another rank or shape than that of `y_pred`.
        InvalidArgumentError: no floats, or a scalar.
        TypeError: an α, β or γ that is no number.

    Reference: ``keras.losses.binary_focal_crossentropy``.

    >>> binary_focal_crossentropy([[0.0, 1.0]], [[0.5, 0.5]]).numpy()
    array([0.1732868], dtype=float32)
    """
    where = "binary_focal_crossentropy"
    check_flags(where, from_logits=from_logits, apply_class_balancing=apply_class_balancing)
    check_numbers(where, gamma=gamma, label_smoothing=label_smoothing)
    if apply_class_balancing:
        check_numbers(where, alpha=alpha)
    t, p = _pair(where, y_true, y_pred)
    if label_smoothing:
        t = t * (1.0 - label_smoothing) + 0.5 * label_smoothing
    if from_logits:
        p = cached_logits.cache(ops.sigmoid(p), p)
    check_shapes(t, p)
    focal_factor = ops.pow(1.0 - (t * p + (1 - t) * (1 - p)), number(gamma, p))
    logits, known = cached_logits.find(captured(p), False, "Sigmoid", "binary_crossentropy")
    if known:
        losses = sigmoid_cross_entropy(t, logits)
    else:
        p = clip_probabilities(p)
        losses = -(t * ops.log(p) + (1 - t) * ops.log(1 - p))
    losses = focal_factor * losses
    if apply_class_balancing:
        losses = (t * alpha + (1 - t) * (1 - alpha)) * losses
    return ops.reduce_mean(losses, axis)


@filters_tracebacks
def categorical_focal_crossentropy(
    y_true: TensorLike,
    y_pred: TensorLike,
    alpha: Any = 0.25,
    gamma: float = 2.0,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Tensor:
    """``-Σ_c α (1 - p_c)^γ t_c ln p_c`` of each row, t one-hot.

    Args:
        y_true: t, of a shape that broadcasts with that of `y_pred`.
        y_pred: p, (…, classes), floats; each row is divided by its sum and clipped to [ε, 1 - ε].
        alpha: α, a number or one for each class; an array of float64 makes the losses float64.
        gamma: γ; with 0 it is α times the cross entropy.
        from_logits: `y_pred` are logits, p their softmax.
        label_smoothing: β: ``t (1 - β) + β / classes`` stands in for t.
        axis: the axis of the classes; None for all axes, which are classes together then.

    Returns:
        (…): the losses.

    Raises:
        ValueError: an `axis` that is a bool.
        InvalidArgumentError: no floats, a scalar, shapes that do not broadcast.
        TypeError: an α, β or γ that is no number; complex ones are none.

    Reference: ``keras.losses.categorical_focal_crossentropy``.

    >>> categorical_focal_crossentropy([[0.0, 1.0]], [[0.5, 0.5]]).numpy()
    array([0.0433217], dtype=float32)
    """
    where = "categorical_focal_crossentropy"
    check_flags(where, from_logits=from_logits)
    check_numbers(where, gamma=gamma, label_smoothing=label_smoothing)
    check_factors(where, alpha=alpha)
    if isinstance(axis, bool):
        raise ValueError(say(where, "axis", "must be of type `int`", axis))
    t, p = _pair(where, y_true, y_pred)
    if p._data.shape[-1] == 1:
        warn(
            f"{where}: y_pred of shape {p.shape} has one class, whose probability is always 1; "
            "one output takes `binary_crossentropy`",
            SyntaxWarning,
        )
    if label_smoothing:
        check_has_axis(where, t, "y_true")
        classes = ops.cast(t._data.shape[-1], p.dtype)
        t = t * (1.0 - label_smoothing) + label_smoothing / classes
    if from_logits:
        p = softmax(p, axis=axis)  # over all values for None, as in Keras
    p = clip_probabilities(p / ops.reduce_sum(p, axis, keepdims=True))
    losses = -t * ops.log(p)
    weights = ops.pow(*of_one_dtype(1.0 - p, gamma))
    weights = ops.multiply(*of_one_dtype(weights, alpha))
    return ops.reduce_sum(ops.multiply(*of_one_dtype(weights, losses)), axis)


class BinaryFocalCrossentropy(LossFunctionWrapper):
    """`binary_focal_crossentropy` as a Loss (``keras.losses.BinaryFocalCrossentropy``).

    Args:
        apply_class_balancing, alpha, gamma, from_logits, label_smoothing, axis: as there.
        reduction, name, dtype: as of `Loss`.

    >>> import scratchnet as tf
    >>> BinaryFocalCrossentropy()(tf.constant([[0.0, 1.0]]), tf.constant([[0.5, 0.5]])).numpy()
    np.float32(0.1732868)
    """

    def __init__(
        self,
        apply_class_balancing: bool = False,
        alpha: float = 0.25,
        gamma: float = 2.0,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str = "binary_focal_crossentropy",
        dtype: object = None,
    ) -> None:
        options: dict[str, Any] = {
            "from_logits": from_logits,
            "label_smoothing": label_smoothing,
            "axis": axis,
            "apply_class_balancing": apply_class_balancing,
            "alpha": alpha,
            "gamma": gamma,
        }
        super().__init__(binary_focal_crossentropy, reduction, name, dtype, **options)
        self.from_logits, self.label_smoothing, self.axis = from_logits, label_smoothing, axis
        self.apply_class_balancing, self.alpha, self.gamma = apply_class_balancing, alpha, gamma


class CategoricalFocalCrossentropy(LossFunctionWrapper):
    """`categorical_focal_crossentropy` as a Loss (``keras.losses.CategoricalFocalCrossentropy``).

    Args:
        alpha, gamma, from_logits, label_smoothing, axis: as there.
        reduction, name, dtype: as of `Loss`.

    >>> import scratchnet as tf
    >>> CategoricalFocalCrossentropy()(tf.constant([[0.0, 1.0]]), tf.constant([[0.5, 0.5]])).numpy()
    np.float32(0.0433217)
    """

    def __init__(
        self,
        alpha: Any = 0.25,
        gamma: float = 2.0,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str = "categorical_focal_crossentropy",
        dtype: object = None,
    ) -> None:
        options: dict[str, Any] = {
            "from_logits": from_logits,
            "label_smoothing": label_smoothing,
            "axis": axis,
            "alpha": alpha,
            "gamma": gamma,
        }
        super().__init__(categorical_focal_crossentropy, reduction, name, dtype, **options)
        self.from_logits, self.label_smoothing, self.axis = from_logits, label_smoothing, axis
        self.alpha, self.gamma = alpha, gamma
