"""R2Score: how much of the variance of the truth the predictions explain."""

from __future__ import annotations

from typing import Any

import numpy as np

from scratchnet.engine.errors import InvalidArgumentError, say
from scratchnet.engine.tensor import Tensor, TensorLike
from scratchnet.engine.tracebacks import warn
from scratchnet.keras.config import check_integers
from scratchnet.keras.losses.loss import in_dtype, squeeze_or_expand_to_same_rank
from scratchnet.keras.metrics.metric import Metric

_AGGREGATIONS = (None, "uniform_average", "variance_weighted_average")


class R2Score(Metric):
    """``1 - Σ (t - p)² / Σ (t - mean t)²`` of each output (``keras.metrics.R2Score``).

    1 is perfect; 0 is what the mean of the truth would get as the prediction of all.

    Args:
        class_aggregation: ``"uniform_average"`` for the mean of the outputs,
            ``"variance_weighted_average"`` for that by the variance of the truth of each, None for
            the score of each.
        num_regressors: the number of variables that the predictions are made of, to adjust the
            score for it; 0 for the plain score.
        name, dtype: as of `Metric`; the sums are float32 always, as in Keras.

    Raises:
        ValueError: another `class_aggregation`, a negative `num_regressors`.

    >>> metric = R2Score()
    >>> metric([[1.0], [4.0], [3.0]], [[2.0], [4.0], [4.0]]).numpy()
    np.float32(0.57142854)
    """

    _direction = "up"

    def __init__(
        self,
        class_aggregation: str | None = "uniform_average",
        num_regressors: int = 0,
        name: str = "r2_score",
        dtype: object = None,
    ) -> None:
        super().__init__(dtype, name)
        if not isinstance(class_aggregation, str | None) or class_aggregation not in _AGGREGATIONS:
            rule = f"must be one of {_AGGREGATIONS}: Invalid value for argument `class_aggregation`"
            raise ValueError(say("R2Score", "class_aggregation", rule, class_aggregation))
        check_integers("R2Score", -(2**31), num_regressors=num_regressors)
        if num_regressors < 0:
            raise ValueError(say("R2Score", "num_regressors", "must be >= 0", num_regressors))
        self.class_aggregation, self.num_regressors = class_aggregation, num_regressors
        self.num_samples = self.add_variable((), name="num_samples")
        self._built = False

    def _build(self, t: Tensor, p: Tensor) -> None:
        shapes = t._data.shape, p._data.shape
        if any(len(shape) != 2 for shape in shapes):
            raise ValueError(
                "R2Score expects 2D inputs with shape (batch_size, output_dim). Received input "
                f"shapes: y_pred.shape={shapes[1]} and y_true.shape={shapes[0]}."
            )
        outputs = shapes[1][1:]
        self.squared_sum = self.add_variable(outputs, name="squared_sum")
        self.sum = self.add_variable(outputs, name="sum")
        self.total_mse = self.add_variable(outputs, name="residual")
        self.count = self.add_variable(outputs, name="count")
        self._built = True

    def update_state(
        self, y_true: TensorLike, y_pred: TensorLike, sample_weight: TensorLike = None
    ) -> None:
        """Add the sums of one batch.

        Args:
            y_true: t, (N, outputs).
            y_pred: p, (N, outputs).
            sample_weight: (N,), or one for each element.

        Raises:
            ValueError: no matrices.
            InvalidArgumentError: shapes that do not fit.
        """
        t, p = squeeze_or_expand_to_same_rank(
            in_dtype(y_true, self.dtype, "R2Score", "y_true"),
            in_dtype(y_pred, self.dtype, "R2Score", "y_pred"),
        )
        if not self._built:
            self._build(t, p)
        truth, prediction = t._data, p._data
        if truth.shape != prediction.shape:
            raise InvalidArgumentError(
                "R2Score: `y_true` must have the shape of `y_pred`, received shapes "
                f"{truth.shape} and {prediction.shape}"
            )
        given = 1 if sample_weight is None else sample_weight
        weight = in_dtype(given, self.dtype, "R2Score", "sample_weight")._data
        if weight.ndim == 1:
            weight = weight[:, None]
        try:
            weight = np.broadcast_to(weight, truth.shape)
        except ValueError:
            raise InvalidArgumentError(
                f"R2Score: `sample_weight` must broadcast to the shape {truth.shape}, received a "
                f"shape of {weight.shape}"
            ) from None
        weighted = truth * weight
        for variable, terms in (
            (self.sum, weighted),
            (self.squared_sum, truth * weighted),
            (self.total_mse, (truth - prediction) ** 2 * weight),
            (self.count, weight),
        ):
            added = terms.sum(0, dtype=truth.dtype).astype(np.float32, copy=False)
            variable._data = variable._data + added
        self.num_samples._data = np.asarray(self.num_samples._data + np.float32(truth.size))

    def result(self) -> Tensor:
        """The score, or one for each output.

        Raises:
            AttributeError: nothing has been seen that says how many outputs there are.
        """
        if not self._built:
            raise AttributeError("R2Score: no batch has been seen")
        with np.errstate(divide="ignore", invalid="ignore"):  # of one sample, or none
            total = self.squared_sum._data - self.sum._data * (self.sum._data / self.count._data)
            scores = np.float32(1) - self.total_mse._data / total
            scores = np.where(np.isinf(scores), np.float32(0), scores)
            if self.class_aggregation == "uniform_average":
                scores = scores.mean()
            elif self.class_aggregation == "variance_weighted_average":
                scores = (total * scores).sum() / total.sum()
        return Tensor(np.asarray(self._adjusted(scores)))

    def _adjusted(self, scores: Any) -> Any:
        """The score, reduced for the number of regressors."""
        many, count = np.float32(self.num_regressors), self.num_samples._data
        if not self.num_regressors:
            return scores
        if many > count - 1:
            warn(
                "More independent predictors than datapoints in adjusted R2 score. Falling back "
                "to standard R2 score."
            )
            return scores
        if many == count - 1:
            warn("Division by zero in Adjusted R2 score. Falling back to standard R2 score.")
            return scores
        one = np.float32(1)
        return one - (one - scores) * (count - one) / (count - many - one)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this metric again."""
        return {
            **super().get_config(),
            "class_aggregation": self.class_aggregation,
            "num_regressors": self.num_regressors,
        }
