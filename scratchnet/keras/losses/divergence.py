"""Losses between distributions: the Kullback-Leibler divergence and Poisson's log-likelihood."""

from __future__ import annotations

from scratchnet import ops
from scratchnet.engine.tensor import Tensor, TensorLike, convert
from scratchnet.engine.tracebacks import filters_tracebacks
from scratchnet.keras.config import epsilon
from scratchnet.keras.losses.loss import LossFunctionWrapper
from scratchnet.keras.losses.regression import check_has_axis, check_real, number


def _pair(where: str, y_true: TensorLike, y_pred: TensorLike) -> tuple[Tensor, Tensor]:
    p = convert(y_pred)
    if p._data.dtype.kind != "c" or where != "poisson":
        check_real(where, p, floats_only=True)
    check_has_axis(where, p)
    return ops.cast(y_true, p.dtype), p


@filters_tracebacks
def kl_divergence(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """``Σ t ln(t / p)`` along the last axis, t and p clipped to [ε, 1], ``ε = 1e-7``.

    Args:
        y_true: t, a distribution, of a shape that broadcasts with that of `y_pred`.
        y_pred: p, (…, n), floats.

    Returns:
        (…): the losses.

    Raises:
        InvalidArgumentError: no floats, a scalar, or shapes that do not broadcast.

    Reference: ``keras.losses.kl_divergence``; Kullback and Leibler, *On information and
    sufficiency*, 1951.

    >>> kl_divergence([[0.5, 0.5]], [[0.25, 0.75]]).numpy()
    array([0.14384106], dtype=float32)
    """
    t, p = _pair("kl_divergence", y_true, y_pred)
    t, p = (ops.clip_by_value(x, epsilon(), 1.0) for x in (t, p))
    return ops.reduce_sum(t * ops.log(t / p), -1)


@filters_tracebacks
def poisson(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """The mean of ``p - t ln(p + ε)`` along the last axis, ``ε = 1e-7``.

    It is the negative log-likelihood of counts t under Poisson distributions of means p, without
    the ``ln t!`` that does not depend on p.

    Args:
        y_true: t, of a shape that broadcasts with that of `y_pred`.
        y_pred: p, (…, n), floats.

    Returns:
        (…): the losses.

    Raises:
        InvalidArgumentError: no floats, a scalar, or shapes that do not broadcast.

    Reference: ``keras.losses.poisson``.

    >>> poisson([[1.0, 2.0]], [[1.0, 4.0]]).numpy()
    array([1.1137056], dtype=float32)
    """
    t, p = _pair("poisson", y_true, y_pred)
    return ops.reduce_mean(p - t * ops.log(p + number(epsilon(), p)), -1)


class KLDivergence(LossFunctionWrapper):
    """`kl_divergence` as a Loss (``keras.losses.KLDivergence``).

    Args:
        reduction, name, dtype: as of `Loss`.

    >>> import scratchnet as tf
    >>> KLDivergence()(tf.constant([[0.5, 0.5]]), tf.constant([[0.25, 0.75]])).numpy()
    np.float32(0.14384106)
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str = "kl_divergence",
        dtype: object = None,
    ) -> None:
        super().__init__(kl_divergence, reduction, name, dtype)


class Poisson(LossFunctionWrapper):
    """`poisson` as a Loss (``keras.losses.Poisson``).

    Args:
        reduction, name, dtype: as of `Loss`.

    >>> import scratchnet as tf
    >>> Poisson()(tf.constant([[1.0, 2.0]]), tf.constant([[1.0, 4.0]])).numpy()
    np.float32(1.1137056)
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str = "poisson",
        dtype: object = None,
    ) -> None:
        super().__init__(poisson, reduction, name, dtype)
