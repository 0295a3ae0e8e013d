"""Losses as metrics: the mean over all samples seen."""

from __future__ import annotations

from scratchnet import ops
from scratchnet.engine.tensor import Tensor, TensorLike
from scratchnet.keras.losses.crossentropy import (
    binary_crossentropy,
    categorical_crossentropy,
    sparse_categorical_crossentropy,
)
from scratchnet.keras.losses.divergence import kl_divergence, poisson
from scratchnet.keras.losses.hinge import categorical_hinge, hinge, squared_hinge
from scratchnet.keras.losses.loss import in_dtype, squeeze_or_expand_to_same_rank
from scratchnet.keras.losses.regression import (
    cosine_similarity,
    log_cosh,
    mean_absolute_error,
    mean_absolute_percentage_error,
    mean_squared_error,
    mean_squared_logarithmic_error,
)
from scratchnet.keras.metrics.metric import Mean, MeanMetricWrapper


class MeanSquaredError(MeanMetricWrapper):
    """The mean of ``(t - p)²`` (``keras.metrics.MeanSquaredError``).

    >>> MeanSquaredError()([[0.0, 0.0]], [[1.0, 3.0]]).numpy()
    np.float32(5.0)
    """

    def __init__(self, name: str = "mean_squared_error", dtype: object = None) -> None:
        super().__init__(mean_squared_error, name, dtype)


class MeanAbsoluteError(MeanMetricWrapper):
    """The mean of ``|t - p|`` (``keras.metrics.MeanAbsoluteError``).

    >>> MeanAbsoluteError()([[0.0, 0.0]], [[1.0, 3.0]]).numpy()
    np.float32(2.0)
    """

    def __init__(self, name: str = "mean_absolute_error", dtype: object = None) -> None:
        super().__init__(mean_absolute_error, name, dtype)


class RootMeanSquaredError(Mean):
    """The root of the mean of ``(t - p)²`` (``keras.metrics.RootMeanSquaredError``).

    Args:
        name, dtype: as of `Metric`.

    >>> RootMeanSquaredError()([[0.0, 0.0]], [[3.0, 4.0]]).numpy()
    np.float32(3.535534)
    """

    _direction = "down"

    def __init__(self, name: str = "root_mean_squared_error", dtype: object = None) -> None:
        super().__init__(name, dtype)

    def update_state(  # type: ignore[override]  # as in Keras: it compares two things
        self, y_true: TensorLike, y_pred: TensorLike, sample_weight: TensorLike = None
    ) -> None:
        """Add the squares of one batch, each times its weight."""
        t, p = squeeze_or_expand_to_same_rank(
            in_dtype(y_true, self.dtype, type(self).__name__, "y_true"),
            in_dtype(y_pred, self.dtype, type(self).__name__, "y_pred"),
        )
        super().update_state(ops.square(p - t), sample_weight)

    def result(self) -> Tensor:
        """The root of the mean."""
        return ops.sqrt(super().result())


class CategoricalCrossentropy(MeanMetricWrapper):
    """The mean of the categorical cross entropy (``keras.metrics.CategoricalCrossentropy``).

    >>> CategoricalCrossentropy()([[0.0, 1.0]], [[0.5, 0.5]]).numpy()
    np.float32(0.6931472)
    """

    def __init__(
        self,
        name: str = "categorical_crossentropy",
        dtype: object = None,
        from_logits: bool = False,
        label_smoothing: float = 0,
        axis: int = -1,
    ) -> None:
        options = {"from_logits": from_logits, "label_smoothing": label_smoothing, "axis": axis}
        super().__init__(categorical_crossentropy, name, dtype, **options)
        self.from_logits, self.label_smoothing, self.axis = from_logits, label_smoothing, axis


class SparseCategoricalCrossentropy(MeanMetricWrapper):
    """The mean cross entropy with integers (``keras.metrics.SparseCategoricalCrossentropy``).

    >>> SparseCategoricalCrossentropy()([1], [[0.5, 0.5]]).numpy()
    np.float32(0.6931472)
    """

    def __init__(
        self,
        name: str = "sparse_categorical_crossentropy",
        dtype: object = None,
        from_logits: bool = False,
        ignore_class: int | None = None,
        axis: int = -1,
    ) -> None:
        options = {"from_logits": from_logits, "ignore_class": ignore_class, "axis": axis}
        super().__init__(sparse_categorical_crossentropy, name, dtype, **options)
        self.from_logits, self.ignore_class, self.axis = from_logits, ignore_class, axis


class BinaryCrossentropy(MeanMetricWrapper):
    """The mean of the binary cross entropy (``keras.metrics.BinaryCrossentropy``).

    >>> BinaryCrossentropy()([[0.0, 1.0]], [[0.5, 0.5]]).numpy()
    np.float32(0.6931472)
    """

    def __init__(
        self,
        name: str = "binary_crossentropy",
        dtype: object = None,
        from_logits: bool = False,
        label_smoothing: float = 0,
    ) -> None:
        options = {"from_logits": from_logits, "label_smoothing": label_smoothing}
        super().__init__(binary_crossentropy, name, dtype, **options)
        self.from_logits, self.label_smoothing = from_logits, label_smoothing


class MeanAbsolutePercentageError(MeanMetricWrapper):
    """The mean of `keras.losses.mean_absolute_percentage_error`.

    Args:
        name, dtype: as of `Metric`.

    Reference: ``keras.metrics.MeanAbsolutePercentageError``.

    >>> MeanAbsolutePercentageError()([[4.0, -2.0]], [[3.0, -1.0]]).numpy()
    np.float32(37.5)
    """

    def __init__(self, name: str = "mean_absolute_percentage_error", dtype: object = None) -> None:
        super().__init__(mean_absolute_percentage_error, name, dtype)


class MeanSquaredLogarithmicError(MeanMetricWrapper):
    """The mean of `keras.losses.mean_squared_logarithmic_error`.

    Args:
        name, dtype: as of `Metric`.

    Reference: ``keras.metrics.MeanSquaredLogarithmicError``.

    >>> MeanSquaredLogarithmicError()([[0.0, 1.0]], [[0.0, 3.0]]).numpy()
    np.float32(0.2402265)
    """

    def __init__(self, name: str = "mean_squared_logarithmic_error", dtype: object = None) -> None:
        super().__init__(mean_squared_logarithmic_error, name, dtype)


class LogCoshError(MeanMetricWrapper):
    """The mean of `keras.losses.log_cosh` (``keras.metrics.LogCoshError``).

    Args:
        name, dtype: as of `Metric`.

    >>> LogCoshError()([[0.0, 0.0]], [[0.0, 2.0]]).numpy()
    np.float32(0.66250134)
    """

    def __init__(self, name: str = "logcosh", dtype: object = None) -> None:
        super().__init__(log_cosh, name, dtype)


class Hinge(MeanMetricWrapper):
    """The mean of `keras.losses.hinge` (``keras.metrics.Hinge``).

    Args:
        name, dtype: as of `Metric`.

    >>> Hinge()([[-1.0, 1.0]], [[0.5, 0.75]]).numpy()
    np.float32(0.875)
    """

    def __init__(self, name: str = "hinge", dtype: object = None) -> None:
        super().__init__(hinge, name, dtype)


class SquaredHinge(MeanMetricWrapper):
    """The mean of `keras.losses.squared_hinge` (``keras.metrics.SquaredHinge``).

    Args:
        name, dtype: as of `Metric`.

    >>> SquaredHinge()([[-1.0, 1.0]], [[0.5, 0.75]]).numpy()
    np.float32(1.15625)
    """

    def __init__(self, name: str = "squared_hinge", dtype: object = None) -> None:
        super().__init__(squared_hinge, name, dtype)


class CategoricalHinge(MeanMetricWrapper):
    """The mean of `keras.losses.categorical_hinge` (``keras.metrics.CategoricalHinge``).

    Args:
        name, dtype: as of `Metric`.

    >>> CategoricalHinge()([[0.0, 1.0]], [[0.25, 0.5]]).numpy()
    np.float32(0.75)
    """

    def __init__(self, name: str = "categorical_hinge", dtype: object = None) -> None:
        super().__init__(categorical_hinge, name, dtype)


class KLDivergence(MeanMetricWrapper):
    """The mean of `keras.losses.kl_divergence` (``keras.metrics.KLDivergence``).

    Args:
        name, dtype: as of `Metric`.

    >>> KLDivergence()([[0.5, 0.5]], [[0.25, 0.75]]).numpy()
    np.float32(0.14384106)
    """

    def __init__(self, name: str = "kl_divergence", dtype: object = None) -> None:
        super().__init__(kl_divergence, name, dtype)


class Poisson(MeanMetricWrapper):
    """The mean of `keras.losses.poisson` (``keras.metrics.Poisson``).

    Args:
        name, dtype: as of `Metric`.

    >>> Poisson()([[1.0, 2.0]], [[1.0, 4.0]]).numpy()
    np.float32(1.1137056)
    """

    def __init__(self, name: str = "poisson", dtype: object = None) -> None:
        super().__init__(poisson, name, dtype)


def _cosine(y_true: TensorLike, y_pred: TensorLike, axis: int = -1) -> Tensor:
    return -cosine_similarity(y_true, y_pred, axis)


class CosineSimilarity(MeanMetricWrapper):
    """The mean of ``Σ t p / (‖t‖ ‖p‖)``: 1 for equal directions, -1 for opposite ones.

    That is minus the loss of this name. As in Keras, `get_config` does not tell `axis`.

    Args:
        name, dtype: as of `Metric`.
        axis: the axis of the vectors.

    Reference: ``keras.metrics.CosineSimilarity``.

    >>> CosineSimilarity()([[0.0, 2.0]], [[0.0, 3.0]]).numpy()
    np.float32(1.0)
    """

    _direction = "up"

    def __init__(
        self, name: str = "cosine_similarity", dtype: object = None, axis: int = -1
    ) -> None:
        super().__init__(_cosine, name, dtype, axis=axis)

    def get_config(self) -> dict[str, object]:
        """The name and the dtype alone, as of Keras's class."""
        return {"name": self.name, "dtype": self.dtype}
