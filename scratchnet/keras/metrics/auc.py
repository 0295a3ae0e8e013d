"""AUC: the area under the curve of two quotients of the confusion matrix, over all thresholds."""

from __future__ import annotations

from typing import Any

import numpy as np

from scratchnet import ops
from scratchnet.engine.dtypes import Array
from scratchnet.engine.errors import InvalidArgumentError, invalid, say
from scratchnet.engine.tensor import Tensor, TensorLike, convert
from scratchnet.keras.config import check_flags, check_integers, check_scalars, epsilon
from scratchnet.keras.metrics.confusion import (
    Counts,
    are_even,
    divide_no_nan,
    even_thresholds,
    is_number_of_thresholds,
)
from scratchnet.keras.metrics.metric import Metric

_CURVES = {name: name.upper() for name in ("pr", "PR", "roc", "ROC", "prgain", "PRGAIN")}
_SUMMATIONS = {
    name: name.lower()
    for lower in ("interpolation", "majoring", "minoring")
    for name in (lower, lower.capitalize())
}
_COUNTS = ("true_positives", "true_negatives", "false_positives", "false_negatives")


class AUC(Metric):
    """The area under a curve, as a sum over `num_thresholds` thresholds (``keras.metrics.AUC``).

    ``"ROC"`` is ``TP / (TP + FN)`` over ``FP / (FP + TN)``: the probability that a yes is ranked
    above a no. ``"PR"`` is ``TP / (TP + FP)`` over ``TP / (TP + FN)``. ``"PRGAIN"`` is that curve
    in the gains over the answer that is always yes.

    Args:
        num_thresholds: how many thresholds, at even distances, the first below 0, the last above 1.
        curve: ``"ROC"``, ``"PR"`` or ``"PRGAIN"``.
        summation_method: ``"interpolation"`` (trapezoids; for PR the interpolation of Davis and
            Goadrich), ``"minoring"`` or ``"majoring"`` (the lower or the higher side of each).
        name, dtype: as of `Metric`; the counts are float32 always, as in Keras.
        thresholds: the inner thresholds themselves, instead of their number.
        multi_label: the mean of the areas of the columns, instead of one area of all elements.
        num_labels: how many columns, if they are known already.
        label_weights: the weight of each column.
        from_logits: the predictions are logits: their sigmoid is taken.

    Raises:
        ValueError: an unknown `curve` or `summation_method`, less than two thresholds,
            `num_labels` without `multi_label`.

    Reference: Davis and Goadrich, *The relationship between precision-recall and ROC curves*, 2006.

    >>> metric = AUC(num_thresholds=3)
    >>> metric.update_state([0, 0, 1, 1], [0, 0.5, 0.3, 0.9])
    >>> metric.result().numpy()
    np.float32(0.75)
    """

    _direction = "up"

    def __init__(
        self,
        num_thresholds: int = 200,
        curve: str = "ROC",
        summation_method: str = "interpolation",
        name: str | None = None,
        dtype: object = None,
        thresholds: Any = None,
        multi_label: bool = False,
        num_labels: int | None = None,
        label_weights: Any = None,
        from_logits: bool = False,
    ) -> None:
        check_flags("AUC", multi_label=multi_label, from_logits=from_logits)
        self.curve = _one_of("curve", curve, _CURVES)
        self.summation_method = _one_of("summation_method", summation_method, _SUMMATIONS)
        self._init_from_thresholds = thresholds is not None
        if thresholds is not None:
            listed = isinstance(thresholds, list | tuple)
            if not listed and not (isinstance(thresholds, np.ndarray) and thresholds.ndim):
                rule = "must be a list of numbers"
                raise TypeError(say("AUC", "thresholds", rule, thresholds))
            for threshold in thresholds:
                check_scalars("AUC", thresholds=threshold)
            inner = sorted(thresholds)
            self._even = are_even(np.array([0.0, *inner, 1.0]))
        else:
            if not is_number_of_thresholds(num_thresholds, 2):
                rule = "must be an integer > 1, and at most 2**24"
                raise ValueError(say("AUC", "num_thresholds", rule, num_thresholds))
            inner, self._even = even_thresholds(num_thresholds), True
        self.num_thresholds = len(inner) + 2
        self._thresholds = np.array([0.0 - epsilon(), *inner, 1.0 + epsilon()])
        super().__init__(dtype, name)
        self.multi_label, self.num_labels = multi_label, num_labels
        self.label_weights: Tensor | None = None
        if label_weights is not None:
            self.label_weights = ops.cast(label_weights, self.dtype)
        if num_labels is not None:
            check_integers("AUC", 0, num_labels=num_labels)
        self._from_logits = from_logits
        self._built = False
        if num_labels and not multi_label:
            rule = "is needed only when `multi_label` is True"
            raise ValueError(say("AUC", "num_labels", rule, num_labels))
        if num_labels or not multi_label:
            self._build((None, num_labels))

    @property
    def thresholds(self) -> list[float]:
        """All of them, in ascending order."""
        return list(self._thresholds)

    def _build(self, shape: tuple[Any, ...]) -> None:
        if len(shape) != 2:
            raise ValueError(
                "AUC: `y_pred` must have rank 2 when `multi_label=True`. Found rank "
                f"{len(shape)}. Full shape received for `y_pred`: {tuple(shape)}"
            )
        size = (self.num_thresholds, shape[1]) if self.multi_label else (self.num_thresholds,)
        self.true_positives = self.add_variable(size, name="true_positives")
        self.false_positives = self.add_variable(size, name="false_positives")
        self.true_negatives = self.add_variable(size, name="true_negatives")
        self.false_negatives = self.add_variable(size, name="false_negatives")
        self._built = True

    def update_state(
        self, y_true: TensorLike, y_pred: TensorLike, sample_weight: TensorLike = None
    ) -> None:
        """Add the counts of one batch, each sample by its weight."""
        prediction = convert(y_pred)
        shape = prediction._data.shape
        if not self._built:
            self._build(shape)
        labels = self.true_positives._data.shape[1:]
        if self.multi_label and shape[1:] != labels:
            rule = f"must have {labels[0]} labels: shape (batch size, {labels[0]})"
            raise invalid("AUC", "y_pred.shape", rule, shape)
        if self._from_logits:
            prediction = ops.sigmoid(prediction)
        weights = None
        if self.label_weights is not None and not self.multi_label:
            weights = self.label_weights._data.astype(np.float32, copy=False)
        Counts(
            "AUC",
            y_true,
            prediction,
            self.thresholds,
            self._even,
            sample_weight,
            multi_label=self.multi_label,
            label_weights=weights,
        ).add_to(self, *_COUNTS)

    def result(self) -> Tensor:
        """The area.

        Raises:
            AttributeError: with `multi_label`, nothing has been seen that says how many labels.
        """
        if not self._built:
            raise AttributeError("AUC: no batch has been seen that says how many labels there are")
        tp, tn, fp, fn = (getattr(self, name)._data for name in _COUNTS)
        if (self.curve, self.summation_method) == ("PR", "interpolation"):
            return self._sum_of(_interpolated_pr(tp, fp, fn))
        recall = divide_no_nan(tp, tp + fn)
        if self.curve == "ROC":
            x, y = divide_no_nan(fp, fp + tn), recall
        elif self.curve == "PR":
            x, y = recall, divide_no_nan(tp, tp + fp)
        else:
            scale = divide_no_nan(tp + fn, tn + fp)
            none, one = tp == 0, np.float32(1)
            x = np.where(none, 0, one - scale * divide_no_nan(fn, tp))
            y = np.where(none, one, one - scale * divide_no_nan(fp, tp))
            x = np.maximum(x, np.float32(0))
        left, right = y[:-1], y[1:]
        heights = {
            "interpolation": (left + right) / np.float32(2),
            "minoring": np.minimum(left, right),
            "majoring": np.maximum(left, right),
        }[self.summation_method]
        return self._sum_of((x[:-1] - x[1:]) * heights)

    def _sum_of(self, terms: Array) -> Tensor:
        if not self.multi_label:
            return Tensor(np.asarray(terms.sum()))
        by_label = terms.sum(0)
        if self.label_weights is None:
            return Tensor(np.asarray(by_label.mean()))
        weights = self.label_weights._data
        if weights.shape not in (by_label.shape, (1,), ()):
            rule = f"must hold one weight for each of {len(by_label)} labels"
            raise InvalidArgumentError(say("AUC", "label_weights", rule, self.label_weights))
        total = (by_label * weights).sum()
        return Tensor(np.asarray(divide_no_nan(total, np.asarray(weights.sum()))))

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this metric again."""
        config = {
            **super().get_config(),
            "num_thresholds": self.num_thresholds,
            "curve": self.curve,
            "summation_method": self.summation_method,
            "multi_label": self.multi_label,
            "num_labels": self.num_labels,
            "label_weights": self.label_weights,
            "from_logits": self._from_logits,
        }
        if self._init_from_thresholds:
            config["thresholds"] = self.thresholds[1:-1]
        return config


def _one_of(name: str, given: Any, known: dict[str, str]) -> str:
    if not isinstance(given, str) or given not in known:
        raise ValueError(say("AUC", name, f"must be one of {sorted(set(known.values()))}", given))
    return known[given]


def _interpolated_pr(tp: Array, fp: Array, fn: Array) -> Array:
    """The pieces of the area under the PR curve, between two thresholds each.

    Between two points TP and FP change together in a straight line, so that the precision is
    ``slope + intercept / P`` of the number P of yeses, whose integral is a logarithm.
    """
    p = tp + fp
    d_tp, d_p = tp[:-1] - tp[1:], p[:-1] - p[1:]
    slope = divide_no_nan(d_tp, np.maximum(d_p, 0))
    intercept = tp[1:] - slope * p[1:]
    both = (p[:-1] > 0) & (p[1:] > 0)
    ratio = np.where(both, divide_no_nan(p[:-1], np.maximum(p[1:], 0)), np.float32(1))
    with np.errstate(divide="ignore", invalid="ignore"):
        pieces = slope * (d_tp + intercept * np.log(ratio))
    return divide_no_nan(pieces, np.maximum(tp[1:] + fn[1:], 0))
