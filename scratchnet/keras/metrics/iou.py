"""Intersection over union of the pixels of each class, from a confusion matrix of classes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from scratchnet.engine.dtypes import as_dtype
from scratchnet.engine.errors import InvalidArgumentError, say
from scratchnet.engine.tensor import Tensor, TensorLike
from scratchnet.engine.tracebacks import warn
from scratchnet.keras.config import check_flags, check_integers, check_scalars, epsilon
from scratchnet.keras.losses.loss import in_dtype
from scratchnet.keras.metrics.accuracy import class_of
from scratchnet.keras.metrics.metric import Metric
from scratchnet.ops.arguments import tensor

_MOST_CLASSES = 2**14  # the matrix of their counts takes 2 GiB


class IoU(Metric):
    """The mean of ``TP / (TP + FP + FN)`` of some classes (``keras.metrics.IoU``).

    Args:
        num_classes: the number of classes C; labels and predictions outside [0, C) do not count.
        target_class_ids: the classes whose mean it is.
        name: as of `Metric`.
        dtype: of the counts; ``"int64"`` if not given, which cuts off fractions of weights.
        ignore_class: a class whose elements do not count.
        sparse_y_true: the labels are classes, not one-hot.
        sparse_y_pred: the predictions are classes, not scores of each class.
        axis: the axis of the classes, where they are not sparse.

    Raises:
        ValueError: a target that is no class.
        TypeError: `target_class_ids` that are no sequence.

    >>> metric = IoU(num_classes=2, target_class_ids=[0])
    >>> metric([0, 0, 1, 1], [0, 1, 0, 1]).numpy()
    np.float32(0.3333333)
    """

    _direction = "up"

    def __init__(
        self,
        num_classes: int,
        target_class_ids: Sequence[int],
        name: str | None = None,
        dtype: object = None,
        ignore_class: int | None = None,
        sparse_y_true: bool = True,
        sparse_y_pred: bool = True,
        axis: int = -1,
    ) -> None:
        where = type(self).__name__
        super().__init__("int64" if dtype is None else dtype, name)
        check_integers(where, 0, _MOST_CLASSES, num_classes=num_classes)
        check_integers(where, -(2**31), axis=axis)
        if ignore_class is not None:
            check_integers(where, -(2**31), ignore_class=ignore_class)
        check_flags(where, sparse_y_true=sparse_y_true, sparse_y_pred=sparse_y_pred)
        self.num_classes, self.ignore_class, self.axis = num_classes, ignore_class, axis
        self.sparse_y_true, self.sparse_y_pred = sparse_y_true, sparse_y_pred
        if not isinstance(target_class_ids, list | tuple | range | np.ndarray) or (
            isinstance(target_class_ids, np.ndarray) and target_class_ids.ndim != 1
        ):
            rule = "must hold at least one class, in a list"
            raise TypeError(say(where, "target_class_ids", rule, target_class_ids))
        if not len(target_class_ids):
            rule = "must hold at least one class"
            raise ValueError(say(where, "target_class_ids", rule, target_class_ids))
        check_integers(where, 1, num_classes=num_classes)
        for number in target_class_ids:
            check_integers(where, -(2**31), target_class_ids=number)
        highest = max(target_class_ids)
        if highest >= num_classes:
            raise ValueError(
                f"{where}: Target class id {highest} is out of range, which is [0, {num_classes})."
            )
        self.total_cm = self.add_variable(
            (num_classes, num_classes), dtype=self.dtype, name="total_confusion_matrix"
        )
        self.target_class_ids = list(target_class_ids)

    def update_state(
        self, y_true: TensorLike, y_pred: TensorLike, sample_weight: TensorLike = None
    ) -> None:
        """Count one batch: (labels, predictions) of each element, by its weight.

        Raises:
            InvalidArgumentError: numbers of labels, predictions and weights that do not fit.
        """
        where = type(self).__name__
        t, p = tensor(where, "y_true", y_true), tensor(where, "y_pred", y_pred)
        if not self.sparse_y_true:
            t = class_of(where, "y_true", t, self.axis)
        if not self.sparse_y_pred:
            p = class_of(where, "y_pred", p, self.axis)
        truth, said = (in_dtype(x, self.dtype)._data.reshape(-1) for x in (t, p))
        if truth.shape != said.shape:
            raise InvalidArgumentError(
                f"{where}: `y_true` must hold as many labels as `y_pred`, received "
                f"{len(truth)} and {len(said)}"
            )
        kind = as_dtype(self.dtype).numpy
        weight = np.ones((), kind)
        if sample_weight is not None:
            if kind.kind in "iu" and _is_float(sample_weight):
                warn(
                    f"{where}: You are passing weight as `float`, but dtype is `int`. Their "
                    "fractions are cut off: use integer weights, or dtype='float32'"
                )
            weight = in_dtype(sample_weight, self.dtype, where, "sample_weight")._data.reshape(-1)
        if weight.size not in (1, len(truth)):
            raise InvalidArgumentError(
                f"{where}: `sample_weight` must hold one weight for each of {len(truth)} labels, "
                f"received {weight.size}"
            )
        weights = np.broadcast_to(weight, truth.shape)
        counts = (truth >= 0) & (truth < self.num_classes)
        counts &= (said >= 0) & (said < self.num_classes)
        if self.ignore_class is not None:
            counts &= truth != self.ignore_class
        found = np.zeros_like(self.total_cm._data)
        place = truth[counts].astype(np.int64), said[counts].astype(np.int64)
        np.add.at(found, place, weights[counts])
        self.total_cm._data = self.total_cm._data + found

    def result(self) -> Tensor:
        """The mean over the target classes of which there was any element."""
        matrix = self.total_cm._data
        right = np.diag(matrix)
        union = matrix.sum(0, dtype=matrix.dtype) + matrix.sum(1, dtype=matrix.dtype) - right
        right, union = (
            x[np.asarray(self.target_class_ids, int)].astype(np.float32) for x in (right, union)
        )
        least, seen = np.float32(epsilon()), union > np.float32(1e-9)
        ratio = np.where(seen, right / (union + least), np.float32(0))
        return Tensor(np.asarray(ratio.sum() / (seen.sum(dtype=np.float32) + least)))

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this metric again."""
        return {**super().get_config(), **self._options("num_classes target_class_ids", True)}

    def _options(self, names: str, sparse_y_true: bool) -> dict[str, Any]:
        more = "sparse_y_true" * sparse_y_true
        wanted = f"{names} ignore_class {more} sparse_y_pred axis".split()
        return {name: getattr(self, name) for name in wanted}


def _is_float(weight: Any) -> bool:
    return "float" in str(getattr(weight, "dtype", ""))


class BinaryIoU(IoU):
    """`IoU` of two classes, the second where a prediction reaches `threshold`.

    Args:
        target_class_ids: the classes whose mean it is.
        threshold: a prediction of at least this is class 1.
        name, dtype: as of `IoU`.

    Reference: ``keras.metrics.BinaryIoU``.

    >>> metric = BinaryIoU(target_class_ids=[0, 1], threshold=0.3)
    >>> metric([0, 1, 0, 1], [0.1, 0.2, 0.4, 0.7]).numpy()
    np.float32(0.33333334)
    """

    def __init__(
        self,
        target_class_ids: Sequence[int] = (0, 1),
        threshold: float = 0.5,
        name: str | None = None,
        dtype: object = None,
    ) -> None:
        super().__init__(2, target_class_ids, name, dtype)
        check_scalars("BinaryIoU", threshold=threshold)
        self.threshold = threshold

    def update_state(
        self, y_true: TensorLike, y_pred: TensorLike, sample_weight: TensorLike = None
    ) -> None:
        """Count one batch, as `IoU` does."""
        reached = in_dtype(y_pred, "float32", type(self).__name__, "y_pred")._data >= np.float32(
            self.threshold
        )
        super().update_state(y_true, Tensor(np.asarray(reached)), sample_weight)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this metric again."""
        return {
            "target_class_ids": self.target_class_ids,
            "threshold": self.threshold,
            "name": self.name,
            "dtype": self.dtype,
        }


class MeanIoU(IoU):
    """`IoU` of all classes (``keras.metrics.MeanIoU``).

    Args:
        num_classes, name, dtype, ignore_class, sparse_y_true, sparse_y_pred, axis: as of `IoU`.

    >>> metric = MeanIoU(num_classes=2)
    >>> metric([0, 0, 1, 1], [0, 1, 0, 1]).numpy()
    np.float32(0.33333334)
    """

    def __init__(
        self,
        num_classes: int,
        name: str | None = None,
        dtype: object = None,
        ignore_class: int | None = None,
        sparse_y_true: bool = True,
        sparse_y_pred: bool = True,
        axis: int = -1,
    ) -> None:
        check_integers(type(self).__name__, 0, _MOST_CLASSES, num_classes=num_classes)
        targets = list(range(num_classes))
        super().__init__(
            num_classes, targets, name, dtype, ignore_class, sparse_y_true, sparse_y_pred, axis
        )

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this metric again."""
        return self._options("num_classes name dtype", True)


class OneHotIoU(IoU):
    """`IoU` of one-hot labels (``keras.metrics.OneHotIoU``).

    Args:
        num_classes, target_class_ids, name, dtype, ignore_class, sparse_y_pred, axis: as of `IoU`;
            the predictions are scores of each class, if `sparse_y_pred` does not say other.

    >>> metric = OneHotIoU(num_classes=3, target_class_ids=[0, 2])
    >>> metric([[0, 0, 1], [1, 0, 0]], [[0.2, 0.3, 0.5], [0.1, 0.2, 0.7]]).numpy()
    np.float32(0.25)
    """

    def __init__(
        self,
        num_classes: int,
        target_class_ids: Sequence[int],
        name: str | None = None,
        dtype: object = None,
        ignore_class: int | None = None,
        sparse_y_pred: bool = False,
        axis: int = -1,
    ) -> None:
        super().__init__(
            num_classes, target_class_ids, name, dtype, ignore_class, False, sparse_y_pred, axis
        )

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this metric again."""
        return self._options("num_classes target_class_ids name dtype", False)


class OneHotMeanIoU(MeanIoU):
    """`MeanIoU` of one-hot labels (``keras.metrics.OneHotMeanIoU``).

    Args:
        num_classes, name, dtype, ignore_class, sparse_y_pred, axis: as of `OneHotIoU`.

    >>> metric = OneHotMeanIoU(num_classes=3)
    >>> metric([[0, 0, 1], [1, 0, 0]], [[0.2, 0.3, 0.5], [0.1, 0.2, 0.7]]).numpy()
    np.float32(0.25)
    """

    def __init__(
        self,
        num_classes: int,
        name: str | None = None,
        dtype: object = None,
        ignore_class: int | None = None,
        sparse_y_pred: bool = False,
        axis: int = -1,
    ) -> None:
        super().__init__(num_classes, name, dtype, ignore_class, False, sparse_y_pred, axis)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this metric again."""
        return self._options("num_classes name dtype", False)
