"""F-scores: the harmonic mean of precision and recall."""

from __future__ import annotations

from typing import Any

import numpy as np

from scratchnet.engine.dtypes import as_dtype
from scratchnet.engine.errors import InvalidArgumentError, say
from scratchnet.engine.tensor import Tensor, TensorLike
from scratchnet.keras.config import epsilon
from scratchnet.keras.losses.loss import in_dtype
from scratchnet.keras.metrics.metric import Metric

_AVERAGES = (None, "micro", "macro", "weighted")
_COUNTS = ("true_positives", "false_positives", "false_negatives", "intermediate_weights")


class FBetaScore(Metric):
    """``(1 + β²) P R / (β² P + R)`` of precision P and recall R (``keras.metrics.FBetaScore``).

    Args:
        average: None for the score of each class; ``"micro"`` for that of all counts together;
            ``"macro"`` for the mean of the classes; ``"weighted"`` for their mean by the number of
            their samples.
        beta: β, a float above 0: how many times recall counts as much as precision.
        threshold: a prediction above it is a yes; if None, the largest of each row is.
        name, dtype: as of `Metric`.

    Raises:
        ValueError: another `average`; a `beta` or `threshold` that is no float or out of range.

    >>> metric = FBetaScore(beta=2.0, threshold=0.5)
    >>> truth = [[1.0, 1.0, 1.0], [1.0, 0.0, 0.0], [1.0, 1.0, 0.0]]
    >>> metric(truth, [[0.2, 0.6, 0.7], [0.2, 0.6, 0.6], [0.6, 0.8, 0.0]]).numpy()
    array([0.3846154 , 0.90909094, 0.8333332 ], dtype=float32)
    """

    _direction = "up"

    def __init__(
        self,
        average: str | None = None,
        beta: float = 1.0,
        threshold: float | None = None,
        name: str = "fbeta_score",
        dtype: object = None,
    ) -> None:
        where = type(self).__name__
        super().__init__(dtype, name)
        if not isinstance(average, str | None) or average not in _AVERAGES:
            rule = f"must be one of {_AVERAGES}: Invalid `average` argument value"
            raise ValueError(say(where, "average", rule, average))
        if not isinstance(beta, float) or np.ndim(beta) or beta <= 0.0:
            raise ValueError(say(where, "beta", "must be a Python float > 0", beta))
        if threshold is not None and (not isinstance(threshold, float) or not 0 < threshold <= 1):
            raise ValueError(say(where, "threshold", "must be a Python float in (0, 1]", threshold))
        self.average, self.beta, self.threshold = average, beta, threshold
        self.axis = None if average == "micro" else 0
        self._built = False

    def _build(self, y_true: Tensor, y_pred: Tensor) -> None:
        shapes = y_true._data.shape, y_pred._data.shape
        if any(len(shape) != 2 for shape in shapes):
            raise ValueError(
                "FBetaScore expects 2D inputs with shape (batch_size, output_dim). Received input "
                f"shapes: y_pred.shape={shapes[1]} and y_true.shape={shapes[0]}."
            )
        shape = () if self.average == "micro" else shapes[1][1:]
        for name in _COUNTS:
            setattr(self, name, self.add_variable(shape, dtype=self.dtype, name=name))
        self._built = True

    def update_state(
        self, y_true: TensorLike, y_pred: TensorLike, sample_weight: TensorLike = None
    ) -> None:
        """Add the counts of one batch.

        Args:
            y_true: (N, classes), 0 and 1.
            y_pred: (N, classes).
            sample_weight: (N,).

        Raises:
            ValueError: no matrices.
            InvalidArgumentError: shapes that do not fit.
        """
        where = type(self).__name__
        t = in_dtype(y_true, self.dtype, where, "y_true")
        p = in_dtype(y_pred, self.dtype, where, "y_pred")
        if not self._built:
            self._build(t, p)
        if t._data.shape != p._data.shape:
            raise InvalidArgumentError(
                f"{type(self).__name__}: `y_true` must have the shape of `y_pred`, received shapes "
                f"{t._data.shape} and {p._data.shape}"
            )
        weight = np.ones((), p._data.dtype)
        if sample_weight is not None:
            weight = in_dtype(sample_weight, self.dtype, where, "sample_weight")._data
            if weight.ndim != 1 or len(weight) not in (1, len(p._data)):
                raise InvalidArgumentError(
                    f"{type(self).__name__}: `sample_weight` must hold one weight for each of "
                    f"{len(p._data)} samples, received a shape of {weight.shape}"
                )
            weight = weight[:, None]
        yes = p._data > self.threshold if self.threshold is not None else _largest(p._data)
        said, is_so = yes.astype(p._data.dtype), t._data
        terms = (said * is_so, said * (1 - is_so), (1 - said) * is_so, is_so)
        for name, term in zip(_COUNTS, terms, strict=True):
            variable = getattr(self, name)
            total = (term * weight).sum(self.axis, dtype=term.dtype)
            variable._data = np.asarray(variable._data + total)

    def result(self) -> Tensor:
        """The score, or one for each class.

        Raises:
            AttributeError: nothing has been seen that says how many classes there are.
        """
        if not self._built:
            raise AttributeError(f"{type(self).__name__}: no batch has been seen")
        kind = as_dtype(self.dtype).numpy.type
        tp, fp, fn, weights = (getattr(self, name)._data for name in _COUNTS)
        least, square = kind(epsilon()), kind(self.beta * self.beta)
        precision, recall = tp / (tp + fp + least), tp / (tp + fn + least)
        score = precision * recall / (square * precision + recall + least)
        score = score * kind(1 + self.beta * self.beta)
        if self.average == "weighted":
            score = (score * (weights / (weights.sum() + least))).sum()
        elif self.average is not None:
            score = score.mean()
        return Tensor(np.asarray(score))

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this metric again."""
        return {
            **super().get_config(),
            "average": self.average,
            "beta": self.beta,
            "threshold": self.threshold,
        }


def _largest(p: Any) -> Any:
    """Whether each is the largest of its row, or as large, and not 0."""
    if not p.shape[-1]:
        return np.zeros(p.shape, bool)
    return (p >= p.max(-1, keepdims=True)) & (np.abs(p) > p.dtype.type(1e-9))


class F1Score(FBetaScore):
    """``2 P R / (P + R)`` of precision P and recall R (``keras.metrics.F1Score``).

    Args:
        average, threshold: as of `FBetaScore`.
        name, dtype: as of `Metric`.

    Raises:
        ValueError: as there.

    >>> metric = F1Score(threshold=0.5)
    >>> truth = [[1.0, 1.0, 1.0], [1.0, 0.0, 0.0], [1.0, 1.0, 0.0]]
    >>> metric(truth, [[0.2, 0.6, 0.7], [0.2, 0.6, 0.6], [0.6, 0.8, 0.0]]).numpy()
    array([0.49999997, 0.79999995, 0.66666657], dtype=float32)
    """

    def __init__(
        self,
        average: str | None = None,
        threshold: float | None = None,
        name: str = "f1_score",
        dtype: object = None,
    ) -> None:
        super().__init__(average, 1.0, threshold, name, dtype)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this metric again."""
        return {k: v for k, v in super().get_config().items() if k != "beta"}
