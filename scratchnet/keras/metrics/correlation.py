"""Correlations of predictions and truth: Pearson's, and Lin's concordance."""

from __future__ import annotations

from typing import Any

from scratchnet import ops
from scratchnet.engine.tensor import Tensor, TensorLike, convert
from scratchnet.engine.tracebacks import filters_tracebacks
from scratchnet.keras.config import epsilon
from scratchnet.keras.losses.loss import squeeze_or_expand_to_same_rank
from scratchnet.keras.losses.regression import check_has_axis, check_real
from scratchnet.keras.metrics.metric import MeanMetricWrapper


def _pair(where: str, y_true: TensorLike, y_pred: TensorLike) -> tuple[Tensor, Tensor]:
    p = convert(y_pred)
    check_real(where, p, floats_only=True)
    check_has_axis(where, p)
    return squeeze_or_expand_to_same_rank(ops.cast(y_true, p.dtype), p)


@filters_tracebacks
def pearson_correlation(y_true: TensorLike, y_pred: TensorLike, axis: int = -1) -> Tensor:
    """The mean of the product of t and p along `axis`, both of mean 0 and deviation 1.

    Args:
        y_true: t, of the shape of `y_pred`.
        y_pred: p, floats.
        axis: the axis along which they go together.

    Returns:
        (…): the correlations, in [-1, 1]; nan where one of the two is constant.

    Raises:
        InvalidArgumentError: no floats, a scalar, or shapes that do not broadcast.

    Reference: ``keras.metrics.pearson_correlation``.

    >>> pearson_correlation([[0.0, 1.0, 0.5]], [[0.1, 0.9, 0.5]]).numpy().round(4)
    array([1.], dtype=float32)
    """
    parts = []
    for x in _pair("pearson_correlation", y_true, y_pred):
        centered = x - ops.reduce_mean(x, axis, keepdims=True)
        parts.append(centered / ops.reduce_std(centered, axis, keepdims=True))
    return ops.reduce_mean(parts[0] * parts[1], axis)


@filters_tracebacks
def concordance_correlation(y_true: TensorLike, y_pred: TensorLike, axis: int = -1) -> Tensor:
    """``2 cov(t, p) / (var t + var p + (mean t - mean p)² + ε)`` along `axis`, ``ε = 1e-7``.

    As Pearson's, and less where p is shifted against t or on another scale.

    Args:
        y_true: t, of the shape of `y_pred`.
        y_pred: p, floats.
        axis: the axis along which they go together.

    Returns:
        (…): the correlations, in [-1, 1].

    Raises:
        InvalidArgumentError: no floats, a scalar, or shapes that do not broadcast.

    Reference: ``keras.metrics.concordance_correlation``.

    >>> concordance_correlation([[0.0, 1.0, 0.5]], [[0.1, 0.9, 0.5]]).numpy().round(4)
    array([0.9756], dtype=float32)
    """
    t, p = _pair("concordance_correlation", y_true, y_pred)
    (t_mean, t_var), (p_mean, p_var) = (
        (mean, ops.reduce_variance(x - mean, axis, keepdims=True))
        for x, mean in ((x, ops.reduce_mean(x, axis, keepdims=True)) for x in (t, p))
    )
    # Σ (p - mean p) is 0, so the mean of either may be taken from t.
    covariance = (t - p_mean) * (p - p_mean)
    norm = t_var + p_var + ops.square(t_mean - p_mean)
    return ops.reduce_mean(2 * covariance / (norm + epsilon()), axis)


class PearsonCorrelation(MeanMetricWrapper):
    """The mean of `pearson_correlation` (``keras.metrics.PearsonCorrelation``).

    Args:
        name, dtype: as of `Metric`.
        axis: as there.

    >>> PearsonCorrelation()([[0.0, 1.0, 0.5]], [[1.0, 0.0, 0.5]]).numpy().round(4)
    np.float32(-1.0)
    """

    _direction = "up"

    def __init__(
        self, name: str = "pearson_correlation", dtype: object = None, axis: int = -1
    ) -> None:
        super().__init__(pearson_correlation, name, dtype, axis=axis)
        self.axis: Any = axis


class ConcordanceCorrelation(MeanMetricWrapper):
    """The mean of `concordance_correlation` (``keras.metrics.ConcordanceCorrelation``).

    Args:
        name, dtype: as of `Metric`.
        axis: as there.

    >>> ConcordanceCorrelation()([[0.0, 1.0, 0.5]], [[1.0, 0.0, 0.5]]).numpy().round(4)
    np.float32(-1.0)
    """

    _direction = "up"

    def __init__(
        self, name: str = "concordance_correlation", dtype: object = None, axis: int = -1
    ) -> None:
        super().__init__(concordance_correlation, name, dtype, axis=axis)
        self.axis: Any = axis
