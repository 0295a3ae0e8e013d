"""Metrics of the confusion matrix: its four counts, precision, recall, and one at a given other.

A prediction above a threshold is a yes. Of the answers, `true_positives` TP and `false_positives`
FP are the right and the wrong yes, `true_negatives` TN and `false_negatives` FN the right and the
wrong no. Each is counted once for each threshold, and each sample by its weight.
"""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any

import numpy as np

from scratchnet.engine.dtypes import Array
from scratchnet.engine.errors import InvalidArgumentError, invalid, say
from scratchnet.engine.tensor import Tensor, TensorLike
from scratchnet.keras.config import check_integers, check_scalars, epsilon
from scratchnet.keras.losses.loss import in_dtype, squeeze_or_expand_to_same_rank
from scratchnet.keras.metrics.metric import Metric
from scratchnet.keras.variable import Variable

_LEFT_OUT = -1e10  # what `top_k` leaves out is below every threshold


class Counts:
    """The counts of one batch, each (thresholds,), or (thresholds, labels) with `multi_label`.

    Where the thresholds are at even distances from 0 to 1, each prediction is put into the bucket
    between two of them, and the buckets are added up from above: one pass, whatever their number.
    Else each prediction is compared with each threshold. As in Keras, the first way takes a
    prediction outside [0, 1] for 0 or 1.

    Args:
        where: the metric, for messages.
        y_true: (N,) or (N, labels); what is not 0 is a yes.
        y_pred: of the shape of `y_true`.
        thresholds: ascending if they are even.
        even: whether they are at even distances.
        sample_weight: that of each sample, or of each element.
        top_k: only the `top_k` largest predictions of each row can be a yes.
        class_id: only this column counts.
        multi_label: count each column by itself.
        label_weights: (labels,): that of each column.

    Raises:
        InvalidArgumentError: shapes that do not fit; a `top_k` or `class_id` beyond the classes.
        ValueError: a `class_id` for predictions without classes.
    """

    def __init__(
        self,
        where: str,
        y_true: TensorLike,
        y_pred: TensorLike,
        thresholds: Sequence[float],
        even: bool,
        sample_weight: TensorLike = None,
        top_k: int | None = None,
        class_id: int | None = None,
        multi_label: bool = False,
        label_weights: Array | None = None,
    ) -> None:
        # As in Keras the counts are float32, whatever the dtype of the metric.
        p, t = squeeze_or_expand_to_same_rank(
            in_dtype(y_pred, "float32", where, "y_pred"),
            in_dtype(y_true, "float32", where, "y_true"),
        )
        truth, prediction = t._data, p._data
        if top_k is not None:
            prediction = _keep_top_k(where, prediction, top_k)
        if class_id is not None:
            truth, prediction = (_column(where, x, class_id) for x in (truth, prediction))
        if truth.size != prediction.size or (multi_label and truth.shape != prediction.shape):
            raise InvalidArgumentError(
                f"{where}: `y_true` must have the shape of `y_pred`, received shapes "
                f"{tuple(truth.shape)} and {tuple(prediction.shape)}"
            )
        weights = _weights(where, prediction.shape, t._data.ndim, sample_weight, label_weights)
        if not multi_label:
            truth, prediction = truth.reshape(-1, 1), prediction.reshape(-1, 1)
            weights = weights.reshape(-1, 1)
        yes = np.where(truth != 0, weights, np.float32(0))  # (N, labels)
        no = np.where(truth != 0, np.float32(0), weights)
        limits = np.asarray(thresholds, np.float32)
        if even:
            outer = bool(thresholds[0] < 0)  # and the last is above 1
            tp, fp = (_above_even(x, prediction, len(limits), outer) for x in (yes, no))
        else:
            tp, fp = (_above(x, prediction, limits) for x in (yes, no))
        found = (tp, fp, no.sum(0) - fp, yes.sum(0) - tp)
        self.true_positives, self.false_positives, self.true_negatives, self.false_negatives = (
            found if multi_label else tuple(x[:, 0] for x in found)
        )

    def add_to(self, metric: Metric, *names: str) -> None:
        """Add the counts of these names to the variables of `metric` that are called so."""
        for name in names:
            variable: Variable = getattr(metric, name)
            variable._data = variable._data + getattr(self, name)


def _above_even(weights: Array, p: Array, count: int, outer: bool) -> Array:
    """(count, labels): the sum of the `weights` of the predictions above each even threshold."""
    last = np.float32(count - 1)
    place = np.ceil(np.clip(p, 0, 1) * last) - 1  # the last threshold below the prediction
    if outer:  # the first threshold is below 0
        place = np.maximum(place, 0)
    inside = place >= 0  # no nan
    buckets = np.zeros((count, p.shape[1]), np.float32)
    for label in range(p.shape[1]):
        keep = inside[:, label]
        bins = place[keep, label].astype(np.int64)
        buckets[:, label] = np.bincount(bins, weights[keep, label], count)
    return np.cumsum(buckets[::-1], 0)[::-1]


def _above(weights: Array, p: Array, limits: Array) -> Array:
    """(thresholds, labels): the sum of the `weights` of the predictions above each threshold."""
    if not len(limits):
        return np.zeros((0, p.shape[1]), np.float32)
    return np.stack([np.where(p > limit, weights, np.float32(0)).sum(0) for limit in limits])


def _keep_top_k(where: str, p: Array, k: int) -> Array:
    """`p`, with -1e10 in place of all but the `k` largest of each row; of ties the first."""
    if not p.ndim or not 0 <= k <= p.shape[-1]:
        rule = f"must be a number of classes of predictions of shape {tuple(p.shape)}"
        raise invalid(where, "top_k", rule, k)
    kept = np.zeros(p.shape, bool)
    np.put_along_axis(kept, np.argsort(-p, -1, kind="stable")[..., :k], True, -1)
    return np.where(kept, p, np.float32(_LEFT_OUT))


def _column(where: str, x: Array, class_id: int) -> Array:
    if x.ndim < 2:
        raise ValueError(
            f"{where}: When class_id is provided, y_pred must be a 2D array with shape "
            f"(num_samples, num_classes), found shape: {tuple(x.shape)}"
        )
    if not -x.shape[-1] <= class_id < x.shape[-1]:
        raise invalid(where, "class_id", f"must be one of {x.shape[-1]} classes", class_id)
    return np.asarray(x[..., class_id, None])


def _weights(
    where: str, shape: tuple[int, ...], rank: int, sample_weight: TensorLike, label_weights: Any
) -> Array:
    """The weight of each prediction, of the shape `shape`."""
    found = np.ones(shape, np.float32)
    if sample_weight is not None:
        weight = in_dtype(sample_weight, "float32", where, "sample_weight")._data[..., None]
        if weight.ndim == rank + 1 and weight.shape[-1] == 1:
            weight = weight[..., 0]
        found = found * _broadcast(where, "sample_weight", weight, shape)
    if label_weights is not None:
        found = found * _broadcast(where, "label_weights", label_weights[None], shape)
    return found


def _broadcast(where: str, name: str, x: Array, shape: tuple[int, ...]) -> Array:
    try:
        return np.broadcast_to(x, shape)
    except ValueError:
        raise InvalidArgumentError(
            f"{where}: `{name}` must broadcast to predictions of shape {tuple(shape)}, received a "
            f"shape of {tuple(x.shape)}"
        ) from None


def divide_no_nan(a: Array, b: Array) -> Array:
    """``a / b``, 0 where b is 0."""
    return np.divide(a, b, out=np.zeros_like(b), where=b != 0)


def thresholds_of(where: str, thresholds: Any, default: float) -> list[float]:
    """The list of `thresholds`, a number or a list of them, each in [0, 1].

    Raises:
        ValueError: one that is not.
        TypeError: no number, and no list of numbers.
    """
    if thresholds is None:
        return [default]
    found = thresholds if isinstance(thresholds, list) else [thresholds]
    for threshold in found:
        try:
            check_scalars(where, thresholds=0 if threshold is None else threshold)
        except (TypeError, ValueError) as error:
            rule = "must be a number in [0, 1], or a list of them"
            raise type(error)(say(where, "thresholds", rule, thresholds)) from None
    wrong = [t for t in found if t is None or t < 0 or t > 1]
    if wrong:
        raise ValueError(f"{where}: Threshold values must be in [0, 1]. Received: {wrong}")
    return found


def check_class_id(where: str, class_id: Any) -> None:
    """Refuse a `class_id` that is neither None nor an integer; True and False index nothing."""
    if isinstance(class_id, bool):
        raise TypeError(say(where, "class_id", "must be an integer", class_id))
    if class_id is not None:
        check_integers(where, -(2**31), class_id=class_id)


def is_number_of_thresholds(value: Any, least: int) -> bool:
    """Whether `value` is an integer from `least` to 2²⁴.

    Of more even thresholds in [0, 1] float32 cannot tell neighbours apart.
    """
    try:
        return least <= operator.index(value) <= 2**24
    except TypeError:
        return False


def are_even(thresholds: Any) -> bool:
    """Whether at least three thresholds are at even distances from 0 to 1."""
    count = len(thresholds)
    even = np.arange(count, dtype=np.float32) / max(count - 1, 1)
    return count > 2 and np.allclose(thresholds, even, atol=epsilon())


def even_thresholds(count: int) -> list[float]:
    """Those between 0 and 1, without the two."""
    return [(i + 1) * 1.0 / (count - 1) for i in range(count - 2)]


class _ConfusionCount(Metric):
    """One of the four counts.

    Args:
        thresholds: a number or a list of numbers in [0, 1]; 0.5 if not given.
        name, dtype: as of `Metric`.
    """

    _count: str

    def __init__(
        self, thresholds: Any = None, name: str | None = None, dtype: object = None
    ) -> None:
        super().__init__(dtype, name)
        self.init_thresholds = thresholds
        self.thresholds = thresholds_of(type(self).__name__, thresholds, 0.5)
        self._even = are_even(self.thresholds)
        self.accumulator = self.add_variable((len(self.thresholds),), name="accumulator")

    def update_state(
        self, y_true: TensorLike, y_pred: TensorLike, sample_weight: TensorLike = None
    ) -> None:
        """Add the counts of one batch, each sample by its weight."""
        counts = Counts(
            type(self).__name__, y_true, y_pred, self.thresholds, self._even, sample_weight
        )
        self.accumulator._data = self.accumulator._data + getattr(counts, self._count)

    def result(self) -> Tensor:
        """The count: a number, or one for each of several thresholds."""
        return _of_one(self.accumulator._data, self.thresholds)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this metric again."""
        return {**super().get_config(), "thresholds": self.init_thresholds}


def _of_one(found: Array, thresholds: list[float]) -> Tensor:
    return Tensor(np.asarray(found[0] if len(thresholds) == 1 else found))


class TruePositives(_ConfusionCount):
    """TP, the number of right yeses (``keras.metrics.TruePositives``).

    Args:
        thresholds: a number or a list of numbers in [0, 1]; 0.5 if not given.
        name, dtype: as of `Metric`.

    >>> TruePositives()([0, 1, 1, 1], [1, 0, 1, 1]).numpy()
    np.float32(2.0)
    """

    _count = "true_positives"


class TrueNegatives(_ConfusionCount):
    """TN, the number of right noes (``keras.metrics.TrueNegatives``).

    Args:
        thresholds: a number or a list of numbers in [0, 1]; 0.5 if not given.
        name, dtype: as of `Metric`.

    >>> TrueNegatives()([0, 1, 0, 0], [1, 1, 0, 0]).numpy()
    np.float32(2.0)
    """

    _count = "true_negatives"


class FalsePositives(_ConfusionCount):
    """FP, the number of wrong yeses (``keras.metrics.FalsePositives``).

    Args:
        thresholds: a number or a list of numbers in [0, 1]; 0.5 if not given.
        name, dtype: as of `Metric`.

    >>> FalsePositives()([0, 1, 0, 0], [0, 0, 1, 1], sample_weight=[0, 0, 1, 0.5]).numpy()
    np.float32(1.5)
    """

    _count = "false_positives"


class FalseNegatives(_ConfusionCount):
    """FN, the number of wrong noes (``keras.metrics.FalseNegatives``).

    Args:
        thresholds: a number or a list of numbers in [0, 1]; 0.5 if not given.
        name, dtype: as of `Metric`.

    >>> FalseNegatives(thresholds=[0.25, 0.75])([1, 1, 0], [0.5, 0.0, 0.9]).numpy()
    array([1., 2.], dtype=float32)
    """

    _count = "false_negatives"


class _RightOf(Metric):
    """``TP / (TP + other)``: what precision and recall have in common."""

    _direction = "up"
    _other: str

    def __init__(
        self,
        thresholds: Any = None,
        top_k: int | None = None,
        class_id: int | None = None,
        name: str | None = None,
        dtype: object = None,
    ) -> None:
        super().__init__(dtype, name)
        check_class_id(type(self).__name__, class_id)
        if top_k is not None:
            check_integers(type(self).__name__, 0, top_k=top_k)
        self.init_thresholds, self.top_k, self.class_id = thresholds, top_k, class_id
        default = 0.5 if top_k is None else _LEFT_OUT
        self.thresholds = thresholds_of(type(self).__name__, thresholds, default)
        self._even = are_even(self.thresholds)
        for count in ("true_positives", self._other):
            setattr(self, count, self.add_variable((len(self.thresholds),), name=count))

    def update_state(
        self, y_true: TensorLike, y_pred: TensorLike, sample_weight: TensorLike = None
    ) -> None:
        """Add the counts of one batch, each sample by its weight."""
        Counts(
            type(self).__name__,
            y_true,
            y_pred,
            self.thresholds,
            self._even,
            sample_weight,
            self.top_k,
            self.class_id,
        ).add_to(self, "true_positives", self._other)

    def result(self) -> Tensor:
        """The quotient; 0 where there is nothing to divide by."""
        right, other = self.variables
        return _of_one(divide_no_nan(right._data, right._data + other._data), self.thresholds)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this metric again."""
        return {
            **super().get_config(),
            "thresholds": self.init_thresholds,
            "top_k": self.top_k,
            "class_id": self.class_id,
        }


class Precision(_RightOf):
    """``TP / (TP + FP)``: how many yeses were right (``keras.metrics.Precision``).

    Args:
        thresholds: a number or a list of numbers in [0, 1]; 0.5 if not given, and none with
            `top_k`.
        top_k: only the `top_k` largest predictions of each row can be a yes.
        class_id: only this column counts.
        name, dtype: as of `Metric`.

    Raises:
        ValueError: a threshold outside [0, 1].

    >>> precision = Precision()
    >>> precision.update_state([0, 1, 1, 1], [1, 0, 1, 1])
    >>> precision.result().numpy()
    np.float32(0.6666667)
    """

    _other = "false_positives"


class Recall(_RightOf):
    """``TP / (TP + FN)``: how many of those to find were found (``keras.metrics.Recall``).

    Args:
        thresholds, top_k, class_id: as of `Precision`.
        name, dtype: as of `Metric`.

    Raises:
        ValueError: a threshold outside [0, 1].

    >>> recall = Recall(thresholds=[0.25, 0.75])
    >>> recall([0, 1, 1, 1], [0.9, 0.5, 0.8, 0.1]).numpy()
    array([0.6666667 , 0.33333334], dtype=float32)
    """

    _other = "false_negatives"


class _BestUnderConstraint(Metric):
    """The best of one quotient over the thresholds where another is at least a given value."""

    _direction = "up"
    _given: str

    def __init__(
        self,
        value: float,
        num_thresholds: int,
        class_id: int | None,
        name: str | None,
        dtype: object,
    ) -> None:
        where = type(self).__name__
        given = {self._given: value}
        check_scalars(where, **given)
        if value < 0 or value > 1:
            raise ValueError(
                f"{where}: Argument `{self._given}` must be in the range [0, 1]. Received: "
                f"{self._given}={value}"
            )
        check_class_id(where, class_id)
        if not is_number_of_thresholds(num_thresholds, 1):
            raise ValueError(
                f"{where}: Argument `num_thresholds` must be an integer > 0, and at most 2**24. "
                f"Received: num_thresholds={num_thresholds}"
            )
        super().__init__(dtype, name)
        self.value, self.num_thresholds, self.class_id = value, num_thresholds, class_id
        setattr(self, self._given, value)
        self._even = num_thresholds > 1
        self.thresholds = [0.5]
        if self._even:
            self.thresholds = [0.0, *even_thresholds(num_thresholds), 1.0]
        shape = (len(self.thresholds),)
        self.true_positives = self.add_variable(shape, name="true_positives")
        self.false_positives = self.add_variable(shape, name="false_positives")
        self.true_negatives = self.add_variable(shape, name="true_negatives")
        self.false_negatives = self.add_variable(shape, name="false_negatives")

    def update_state(
        self, y_true: TensorLike, y_pred: TensorLike, sample_weight: TensorLike = None
    ) -> None:
        """Add the counts of one batch, each sample by its weight."""
        Counts(
            type(self).__name__,
            y_true,
            y_pred,
            self.thresholds,
            self._even,
            sample_weight,
            class_id=self.class_id,
        ).add_to(self, *_ALL)

    def _quotients(self) -> dict[str, Array]:
        tp, fp, tn, fn = (getattr(self, name)._data for name in _ALL)
        recall = divide_no_nan(tp, tp + fn)
        return {
            "recall": recall,
            "sensitivity": recall,
            "specificity": divide_no_nan(tn, tn + fp),
            "precision": divide_no_nan(tp, tp + fp),
        }

    def _best(self, wanted: str) -> Tensor:
        found = self._quotients()
        feasible = found[self._given] >= np.float32(self.value)
        return Tensor(np.asarray(np.where(feasible, found[wanted], np.float32(0)).max()))

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this metric again."""
        return {
            **super().get_config(),
            "class_id": self.class_id,
            "num_thresholds": self.num_thresholds,
            self._given: self.value,
        }


_ALL = ("true_positives", "false_positives", "true_negatives", "false_negatives")


class SensitivityAtSpecificity(_BestUnderConstraint):
    """The best sensitivity where the specificity is at least `specificity`.

    Sensitivity and recall are ``TP / (TP + FN)``, specificity is ``TN / (TN + FP)``, precision is
    ``TP / (TP + FP)``; the best is looked for among `num_thresholds` even thresholds.

    Args:
        specificity: in [0, 1].
        num_thresholds: how many thresholds, from 0 to 1; one is 0.5.
        class_id: only this column counts.
        name, dtype: as of `Metric`.

    Raises:
        ValueError: a `specificity` outside [0, 1], less than one threshold.

    Reference: ``keras.metrics.SensitivityAtSpecificity``.

    >>> metric = SensitivityAtSpecificity(0.5)
    >>> metric([0, 0, 0, 1, 1], [0, 0.3, 0.8, 0.3, 0.8]).numpy()
    np.float32(0.5)
    """

    _given = "specificity"

    def __init__(
        self,
        specificity: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: object = None,
    ) -> None:
        super().__init__(specificity, num_thresholds, class_id, name, dtype)

    def result(self) -> Tensor:
        """The best sensitivity, 0 if no threshold will do."""
        return self._best("sensitivity")


class SpecificityAtSensitivity(_BestUnderConstraint):
    """The best specificity where the sensitivity is at least `sensitivity`.

    Sensitivity and recall are ``TP / (TP + FN)``, specificity is ``TN / (TN + FP)``, precision is
    ``TP / (TP + FP)``; the best is looked for among `num_thresholds` even thresholds.

    Args:
        sensitivity: in [0, 1].
        num_thresholds: how many thresholds, from 0 to 1; one is 0.5.
        class_id: only this column counts.
        name, dtype: as of `Metric`.

    Raises:
        ValueError: a `sensitivity` outside [0, 1], less than one threshold.

    Reference: ``keras.metrics.SpecificityAtSensitivity``.

    >>> metric = SpecificityAtSensitivity(0.5)
    >>> metric([0, 0, 0, 1, 1], [0, 0.3, 0.8, 0.3, 0.8]).numpy()
    np.float32(0.6666667)
    """

    _given = "sensitivity"

    def __init__(
        self,
        sensitivity: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: object = None,
    ) -> None:
        super().__init__(sensitivity, num_thresholds, class_id, name, dtype)

    def result(self) -> Tensor:
        """The best specificity, 0 if no threshold will do."""
        return self._best("specificity")


class PrecisionAtRecall(_BestUnderConstraint):
    """The best precision where the recall is at least `recall`.

    Sensitivity and recall are ``TP / (TP + FN)``, specificity is ``TN / (TN + FP)``, precision is
    ``TP / (TP + FP)``; the best is looked for among `num_thresholds` even thresholds.

    Args:
        recall: in [0, 1].
        num_thresholds: how many thresholds, from 0 to 1; one is 0.5.
        class_id: only this column counts.
        name, dtype: as of `Metric`.

    Raises:
        ValueError: a `recall` outside [0, 1], less than one threshold.

    Reference: ``keras.metrics.PrecisionAtRecall``.

    >>> metric = PrecisionAtRecall(0.5)
    >>> metric([0, 0, 0, 1, 1], [0, 0.3, 0.8, 0.3, 0.8]).numpy()
    np.float32(0.5)
    """

    _given = "recall"

    def __init__(
        self,
        recall: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: object = None,
    ) -> None:
        super().__init__(recall, num_thresholds, class_id, name, dtype)

    def result(self) -> Tensor:
        """The best precision, 0 if no threshold will do."""
        return self._best("precision")


class RecallAtPrecision(_BestUnderConstraint):
    """The best recall where the precision is at least `precision`.

    Sensitivity and recall are ``TP / (TP + FN)``, specificity is ``TN / (TN + FP)``, precision is
    ``TP / (TP + FP)``; the best is looked for among `num_thresholds` even thresholds.

    Args:
        precision: in [0, 1].
        num_thresholds: how many thresholds, from 0 to 1; one is 0.5.
        class_id: only this column counts.
        name, dtype: as of `Metric`.

    Raises:
        ValueError: a `precision` outside [0, 1], less than one threshold.

    Reference: ``keras.metrics.RecallAtPrecision``.

    >>> metric = RecallAtPrecision(0.5)
    >>> metric([0, 0, 0, 1, 1], [0, 0.3, 0.8, 0.3, 0.8]).numpy()
    np.float32(1.0)
    """

    _given = "precision"

    def __init__(
        self,
        precision: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: object = None,
    ) -> None:
        super().__init__(precision, num_thresholds, class_id, name, dtype)

    def result(self) -> Tensor:
        """The best recall, 0 if no threshold will do."""
        return self._best("recall")
