"""Top-k accuracy: how often the label is among the k classes with the highest predictions."""

from __future__ import annotations

from scratchnet import ops
from scratchnet.engine.tensor import Tensor, TensorLike, convert
from scratchnet.keras.config import check_flags, floatx
from scratchnet.keras.metrics.accuracy import check_has_classes, class_of
from scratchnet.keras.metrics.metric import MeanMetricWrapper


def top_k_categorical_accuracy(y_true: TensorLike, y_pred: TensorLike, k: int = 5) -> Tensor:
    """Whether argmax t is among the `k` largest of each row of p.

    Classes as large as the k-th count as among them.

    Args:
        y_true: t, (…, classes), one-hot.
        y_pred: p, (…, classes), float32.
        k: how many places count.

    Returns:
        (…): 1 where it is, else 0.

    Reference: ``keras.metrics.top_k_categorical_accuracy``.

    >>> top_k_categorical_accuracy([[0, 0, 1], [1, 0, 0]], [[0.6, 0.1, 0.3]] * 2, k=2).numpy()
    array([1., 1.], dtype=float32)
    """
    classes = class_of("top_k_categorical_accuracy", "y_true", y_true)
    return _in_top_k(classes, convert(y_pred), k)


def sparse_top_k_categorical_accuracy(
    y_true: TensorLike, y_pred: TensorLike, k: int = 5, from_sorted_ids: bool = False
) -> Tensor:
    """Whether the class t is among the `k` largest of each row of p.

    Args:
        y_true: t, (…), integers.
        y_pred: p, (…, classes), float32; or the classes themselves, (…, n), the likeliest first.
        k: how many places count.
        from_sorted_ids: `y_pred` holds classes.

    Returns:
        The shape of `y_true`: 1 where it is, else 0.

    Reference: ``keras.metrics.sparse_top_k_categorical_accuracy``.

    >>> sparse_top_k_categorical_accuracy([2, 1], [[0.6, 0.1, 0.3]] * 2, k=2).numpy()
    array([1., 0.], dtype=float32)
    """
    p = convert(y_pred)
    if not from_sorted_ids:
        return _in_top_k(ops.cast(y_true, "int32"), p, k)
    check_has_classes("sparse_top_k_categorical_accuracy", p)
    t = ops.cast(y_true, p.dtype)
    first = ops.reshape(p, (-1, p._data.shape[-1]))[:, :k]
    found = ops.reduce_any(ops.equal(ops.reshape(t, (-1, 1)), first), 1)
    return ops.cast(ops.reshape(found, t._data.shape), floatx())


def _in_top_k(t: Tensor, p: Tensor, k: int) -> Tensor:
    rows = ops.reshape(p, (-1, p._data.shape[-1])) if p._data.ndim > 2 else p
    found = ops.in_top_k(ops.reshape(ops.cast(t, "int32"), (-1,)), rows, k)
    return ops.cast(ops.reshape(found, t._data.shape), floatx())


class TopKCategoricalAccuracy(MeanMetricWrapper):
    """The mean of `top_k_categorical_accuracy` (``keras.metrics.TopKCategoricalAccuracy``).

    Args:
        k: how many places count.
        name, dtype: as of `Metric`.

    >>> metric = TopKCategoricalAccuracy(k=1)
    >>> metric([[0, 0, 1], [1, 0, 0]], [[0.6, 0.1, 0.3]] * 2).numpy()
    np.float32(0.5)
    """

    _direction = "up"

    def __init__(
        self, k: int = 5, name: str = "top_k_categorical_accuracy", dtype: object = None
    ) -> None:
        super().__init__(top_k_categorical_accuracy, name, dtype, k=k)
        self.k = k


class SparseTopKCategoricalAccuracy(MeanMetricWrapper):
    """The mean of `sparse_top_k_categorical_accuracy`.

    Args:
        k, from_sorted_ids: as there.
        name, dtype: as of `Metric`.

    Reference: ``keras.metrics.SparseTopKCategoricalAccuracy``.

    >>> metric = SparseTopKCategoricalAccuracy(k=1)
    >>> metric([2, 0], [[0.6, 0.1, 0.3]] * 2).numpy()
    np.float32(0.5)
    """

    _direction = "up"

    def __init__(
        self,
        k: int = 5,
        name: str = "sparse_top_k_categorical_accuracy",
        dtype: object = None,
        from_sorted_ids: bool = False,
    ) -> None:
        check_flags(type(self).__name__, from_sorted_ids=from_sorted_ids)
        options = {"k": k, "from_sorted_ids": from_sorted_ids}
        super().__init__(sparse_top_k_categorical_accuracy, name, dtype, **options)
        self.k, self.from_sorted_ids = k, from_sorted_ids

    def get_config(self) -> dict[str, object]:
        """The arguments that make this metric again."""
        config = super().get_config()
        return config if self.from_sorted_ids else {k: config[k] for k in ("name", "dtype", "k")}
