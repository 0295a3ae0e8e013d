"""IndexedSlices: some rows of a tensor, each with the place that it belongs to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from scratchnet.engine.dtypes import Array, DType
from scratchnet.engine.errors import InvalidArgumentError, say
from scratchnet.engine.tensor import Tensor, TensorLike, convert
from scratchnet.engine.tensor_shape import TensorShape


class IndexedSlices:
    """``values[i]`` for the row ``indices[i]`` of a tensor of shape `dense_shape`; zeros elsewhere.

    What `Variable.scatter_add` and its like take.  Gradients are never of this class: that of
    `gather` is a dense tensor here, which keeps its slices for optimizers (`keep_slices`).

    Args:
        values: the rows, of shape ``indices.shape + dense_shape[1:]``.
        indices: integers.
        dense_shape: of the whole tensor; without it there is no dense tensor to be had.

    >>> import scratchnet as tf
    >>> rows = tf.IndexedSlices([[1.0, 2.0], [3.0, 4.0]], [0, 2], [3, 2])
    >>> tf.convert_to_tensor(rows).numpy()
    array([[1., 2.],
           [0., 0.],
           [3., 4.]], dtype=float32)
    """

    def __init__(
        self, values: TensorLike, indices: TensorLike, dense_shape: TensorLike | None = None
    ) -> None:
        self._values, self._indices, self._dense_shape = values, indices, dense_shape

    @property
    def values(self) -> Any:
        return self._values

    @property
    def indices(self) -> Any:
        return self._indices

    @property
    def dense_shape(self) -> Any:
        return self._dense_shape

    @property
    def dtype(self) -> DType:
        return convert(self._values).dtype

    @property
    def shape(self) -> TensorShape:
        """`dense_shape`; unknown without it."""
        if self._dense_shape is None:
            return TensorShape(None)
        return TensorShape(convert(self._dense_shape)._data.tolist())

    def dense(self, shape: tuple[int, ...] | None = None) -> Tensor:
        """The whole tensor, of `shape` if there is no `dense_shape`; rows of one index are added.

        Raises:
            ValueError: there is neither.
            InvalidArgumentError: an index out of range; rows of another shape.
        """
        if self._dense_shape is not None:
            shape = tuple(convert(self._dense_shape)._data.tolist())
        if shape is None:
            raise ValueError(
                f"Tensor conversion requested for IndexedSlices without dense_shape: {self}"
            )
        values = convert(self._values)._data
        whole = np.zeros(shape, values.dtype)
        at, rows = rows_of(self, values, whole, "convert_to_tensor")
        np.add.at(whole, at, rows)
        return Tensor(whole)

    def __tf_tensor__(self, dtype: object = None, name: str | None = None) -> Tensor:
        """`dense`, by the method with which TensorFlow, too, makes a tensor of an object."""
        return convert(self.dense(), dtype)

    def __str__(self) -> str:
        more = "" if self._dense_shape is None else f", dense_shape={self._dense_shape!s}"
        return f"IndexedSlices(indices={self._indices!s}, values={self._values!s}{more})"

    __repr__ = __str__


def rows_of(slices: IndexedSlices, values: Array, data: Array, where: str) -> tuple[Array, Array]:
    """The indices of `slices` and its `values`, fit for the rows of `data`.

    Raises:
        InvalidArgumentError: indices that are not integers or out of range; another shape.
    """
    at = convert(slices.indices)._data
    if at.dtype.kind not in "iu":
        raise InvalidArgumentError(say(where, "indices", "must be integers", at.dtype.name))
    if not data.ndim:
        raise InvalidArgumentError(say(where, "indices", "must be of a variable with rows", at))
    bad = np.flatnonzero((at < 0) | (at >= len(data)))
    if bad.size:
        raise InvalidArgumentError(
            f"{where}: `indices`: indices[{bad[0]}] = {at.flat[bad[0]]} is not in [0, {len(data)})"
        )
    if values.ndim and values.shape != at.shape + data.shape[1:]:
        raise InvalidArgumentError(
            f"{where}: `values`: The shape of indices ({list(at.shape)}) must be a prefix of the "
            f"shape of updates ({list(values.shape)}), which must be {at.shape + data.shape[1:]}"
        )
    return at, values


# -- gradients that are sums of slices ------------------------------------------------------------


def keep_slices(whole: Tensor, slices: IndexedSlices) -> None:
    """Note that the gradient `whole` is the sum of these `slices`."""
    whole._slices = slices  # type: ignore[attr-defined]


def slices_of(gradient: Any) -> IndexedSlices | None:
    """The slices that `gradient` is the sum of, if it is one.

    >>> import scratchnet as tf
    >>> x = tf.Variable([1.0, 2.0])
    >>> with tf.GradientTape() as tape:
    ...     y = tf.gather(x, [1, 1])
    >>> g = tape.gradient(y, x)
    >>> g.numpy(), slices_of(g).values.numpy()
    (array([0., 2.], dtype=float32), array([1., 1.], dtype=float32))
    """
    if isinstance(gradient, IndexedSlices):
        return gradient
    return getattr(gradient, "__dict__", {}).get("_slices")


def pass_slices(out: Tensor, x: Tensor, linear: Callable[[Array], Array]) -> Tensor:
    """Let `out`, what the function `linear` makes of `x`, keep the slices of `x`, if it has any."""
    found = slices_of(x)
    if found is not None:
        values = Tensor(linear(convert(found.values)._data))
        keep_slices(out, IndexedSlices(values, found.indices, found.dense_shape))
    return out


def add_slices(total: Tensor, x: Tensor, y: Tensor) -> None:
    """Let `total`, the sum of the gradients `x` and `y`, keep the slices of both, if both have any.

    The sum with a gradient without slices has none, as in TensorFlow.
    """
    first, second = slices_of(x), slices_of(y)
    if first is None or second is None:
        return
    parts = [_flat(slices, total._data.shape[1:]) for slices in (first, second)]
    values, indices = (np.concatenate(column) for column in zip(*parts, strict=True))
    keep_slices(total, IndexedSlices(Tensor(values), Tensor(indices), total._data.shape))


def _flat(slices: IndexedSlices, row: tuple[int, ...]) -> tuple[Array, Array]:
    """(values, indices), one index for each row."""
    values, at = convert(slices.values)._data, convert(slices.indices)._data
    return values.reshape(at.size, *row), at.ravel().astype(np.int64)
