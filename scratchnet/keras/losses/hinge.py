"""Hinge losses of labels t in {-1, 1} (or 0 and 1, from which they are made) and scores p."""

from __future__ import annotations

from scratchnet import ops
from scratchnet.engine.errors import invalid
from scratchnet.engine.tensor import Tensor, TensorLike, convert
from scratchnet.engine.tracebacks import filters_tracebacks
from scratchnet.keras.losses.loss import LossFunctionWrapper
from scratchnet.keras.losses.regression import check_has_axis, check_real


def _pair(where: str, y_true: TensorLike, y_pred: TensorLike) -> tuple[Tensor, Tensor]:
    p = convert(y_pred)
    check_real(where, p, floats_only=True)
    check_has_axis(where, p)
    return ops.cast(y_true, p.dtype), p


def _shortfall(where: str, y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """``max(1 - t p, 0)``; labels that are all 0 or 1 are taken for -1 and 1."""
    t, p = _pair(where, y_true, y_pred)
    if bool(((t._data == 0) | (t._data == 1)).all()):
        t = 2.0 * t - 1.0
    return ops.maximum(1.0 - t * p, 0.0)


@filters_tracebacks
def hinge(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """The mean of ``max(1 - t p, 0)`` along the last axis.

    Args:
        y_true: t, -1 or 1, of a shape that broadcasts with that of `y_pred`.  If all are 0 or 1,
            a 0 is taken for -1.
        y_pred: p, (…, n), floats.

    Returns:
        (…): the losses.

    Raises:
        InvalidArgumentError: no floats, a scalar, or shapes that do not broadcast.

    Reference: ``keras.losses.hinge``.

    >>> hinge([[-1.0, 1.0]], [[0.5, 0.75]]).numpy()
    array([0.875], dtype=float32)
    """
    return ops.reduce_mean(_shortfall("hinge", y_true, y_pred), -1)


@filters_tracebacks
def squared_hinge(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """The mean of ``max(1 - t p, 0)²`` along the last axis; arguments and errors as of `hinge`.

    Reference: ``keras.losses.squared_hinge``.

    >>> squared_hinge([[-1.0, 1.0]], [[0.5, 0.75]]).numpy()
    array([1.15625], dtype=float32)
    """
    return ops.reduce_mean(ops.square(_shortfall("squared_hinge", y_true, y_pred)), -1)


@filters_tracebacks
def categorical_hinge(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """``max(neg - pos + 1, 0)`` of each row: how far the right class is from winning by 1.

    ``pos = Σ_c t_c p_c`` is the score of the right class, ``neg = max_c (1 - t_c) p_c`` the best of
    the others (and at least that 0 which the right class leaves).

    Args:
        y_true: t, one-hot, of a shape that broadcasts with that of `y_pred`.
        y_pred: p, (…, classes), floats.

    Returns:
        (…): the losses.

    Raises:
        InvalidArgumentError: no floats, a scalar, nothing, or shapes that do not broadcast.

    Reference: ``keras.losses.categorical_hinge``.

    >>> categorical_hinge([[0.0, 1.0]], [[0.25, 0.5]]).numpy()
    array([0.75], dtype=float32)
    """
    where = "categorical_hinge"
    t, p = _pair(where, y_true, y_pred)
    if not p._data.size:
        raise invalid(where, "y_pred", "must hold predictions", p)
    positive = ops.reduce_sum(t * p, -1)
    negative = ops.reduce_max((1.0 - t) * p, -1)
    return ops.maximum(negative - positive + 1.0, ops.cast(0.0, p.dtype))


class Hinge(LossFunctionWrapper):
    """`hinge` as a Loss (``keras.losses.Hinge``).

    Args:
        reduction, name, dtype: as of `Loss`.

    >>> import scratchnet as tf
    >>> Hinge()(tf.constant([[-1.0, 1.0]]), tf.constant([[0.5, 0.75]])).numpy()
    np.float32(0.875)
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str = "hinge",
        dtype: object = None,
    ) -> None:
        super().__init__(hinge, reduction, name, dtype)


class SquaredHinge(LossFunctionWrapper):
    """`squared_hinge` as a Loss (``keras.losses.SquaredHinge``).

    Args:
        reduction, name, dtype: as of `Loss`.

    >>> import scratchnet as tf
    >>> SquaredHinge()(tf.constant([[-1.0, 1.0]]), tf.constant([[0.5, 0.75]])).numpy()
    np.float32(1.15625)
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str = "squared_hinge",
        dtype: object = None,
    ) -> None:
        super().__init__(squared_hinge, reduction, name, dtype)


class CategoricalHinge(LossFunctionWrapper):
    """`categorical_hinge` as a Loss (``keras.losses.CategoricalHinge``).

    Args:
        reduction, name, dtype: as of `Loss`.

    >>> import scratchnet as tf
    >>> CategoricalHinge()(tf.constant([[0.0, 1.0]]), tf.constant([[0.25, 0.5]])).numpy()
    np.float32(0.75)
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str = "categorical_hinge",
        dtype: object = None,
    ) -> None:
        super().__init__(categorical_hinge, reduction, name, dtype)
