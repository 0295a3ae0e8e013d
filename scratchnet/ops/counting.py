"""Which values there are, how often, and where they belong.  Only weights have gradients.

Raises, all of them: InvalidArgumentError (also a TypeError) for a dtype that cannot be counted or
ordered; ValueError for what is no tensor.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from scratchnet.engine.dtypes import Array, int32
from scratchnet.engine.errors import InvalidArgumentError, invalid, say
from scratchnet.engine.op import Op, register
from scratchnet.engine.tensor import Tensor, TensorLike
from scratchnet.ops.arguments import (
    brackets,
    countable,
    dtype_named,
    index_dtype,
    integer,
    matching,
    numeric,
    one_int,
    one_of,
    real,
    sizes,
    tensor,
)
from scratchnet.ops.creation import cast
from scratchnet.ops.describing import size_by_value
from scratchnet.ops.gather import boolean_mask, scatter_nd
from scratchnet.ops.shape import reshape

# -- unique ---------------------------------------------------------------------------------------


class Unique(NamedTuple):
    """What `unique` returns."""

    y: Tensor
    idx: Tensor


class UniqueWithCounts(NamedTuple):
    """What `unique_with_counts` returns."""

    y: Tensor
    idx: Tensor
    count: Tensor  # type: ignore[assignment]  # TensorFlow's name, which hides a tuple's method


def unique(x: TensorLike, out_idx: object = int32) -> Unique:
    """The different values of a vector, in the order of their first places.

    Args:
        x: (n,); each nan is a value of its own.
        out_idx: the dtype of the indices: int32 or int64.

    Returns:
        ``(y, idx)`` with ``x = y[idx]``.

    Raises:
        InvalidArgumentError: `x` is no vector; another `out_idx`.

    Reference: ``tf.unique``.

    >>> y, idx = unique([3, 1, 3])
    >>> y.numpy(), idx.numpy()
    (array([3, 1], dtype=int32), array([0, 1, 0], dtype=int32))
    """
    y, idx, _ = _unique("unique", x, out_idx)
    return Unique(y, idx)


def unique_with_counts(x: TensorLike, out_idx: object = int32) -> UniqueWithCounts:
    """As `unique`, and how often each value is there.  Reference: ``tf.unique_with_counts``.

    >>> unique_with_counts([3, 1, 3]).count.numpy()
    array([2, 1], dtype=int32)
    """
    return _unique("unique_with_counts", x, out_idx)


def _unique(where: str, x: TensorLike, out_idx: object) -> UniqueWithCounts:
    values, kind = tensor(where, "x", x)._data, index_dtype(where, "out_idx", out_idx)
    if values.ndim != 1:
        raise invalid(where, "x", "must be a vector: unique expects a 1D vector", values)
    if (n := size_by_value()) is not None:
        like = np.ones(n, values.dtype), np.zeros(values.shape, kind), np.ones(n, kind)
        return UniqueWithCounts(*map(Tensor, like))
    _, first, inverse, counts = np.unique(
        values, return_index=True, return_inverse=True, return_counts=True, equal_nan=False
    )
    order = np.argsort(first)  # of the sorted values, by their first places
    place = np.argsort(order)
    parts = place[inverse].astype(kind), counts[order].astype(kind)
    return UniqueWithCounts(Tensor(values[first[order]]), *[Tensor(part) for part in parts])


# -- bincount, confusion_matrix -------------------------------------------------------------------


def bincount(
    arr: TensorLike,
    weights: TensorLike = None,
    minlength: int | None = None,
    maxlength: int | None = None,
    dtype: object = int32,
) -> Tensor:
    """``y_v`` is how often `v` is in `arr`, or the sum of the weights of those places.

    Args:
        arr: integers >= 0, any shape.
        weights: of the shape of `arr`; the result has their dtype.
        minlength: the least size of the result.
        maxlength: the largest one: greater values are not counted.
        dtype: of the result without weights.

    Returns:
        Tensor of shape (largest value + 1,), within those bounds.

    Raises:
        InvalidArgumentError: negative values; `weights` of another shape; a negative `maxlength`.

    Reference: ``tf.math.bincount``; its arguments `axis` and `binary_output` are not here.

    >>> bincount([1, 1, 3]).numpy()
    array([0, 2, 0, 1], dtype=int32)
    """
    values = integer("bincount", "arr", arr)._data.astype(np.int64)
    if (values < 0).any():
        raise invalid("bincount", "arr", "must be non-negative", values)
    each = Tensor(np.ones(values.shape, dtype_named("bincount", dtype)))
    if weights is not None:
        each = numeric("bincount", "weights", weights)
    if each._data.shape != values.shape:
        rule = f"must be the same shape as `arr`, {brackets(values.shape)}"
        raise invalid("bincount", "weights", rule, weights)
    if (n := size_by_value()) is not None:
        return Tensor(np.ones(n, each._data.dtype))
    size = int(values.max(initial=-1)) + 1
    if minlength is not None:
        size = max(size, one_int("bincount", "minlength", minlength))
    if maxlength is not None:
        (most,) = sizes("bincount", "maxlength", [maxlength])
        size = min(size, most)
    countable("bincount", "minlength", [size])
    return _added(values, each, size)


def _added(at: Array, each: Tensor, size: int) -> Tensor:
    """``y[k]``, k below `size`, is the sum of `each` where `at` is k.  VJP: ``geach = gy[at]``."""
    at, each = at.ravel(), reshape(each, (at.size,))
    if (at >= size).any():
        each, at = boolean_mask(each, at < size), at[at < size]
    return scatter_nd(at[:, None], each, (size,))


def confusion_matrix(
    labels: TensorLike,
    predictions: TensorLike,
    num_classes: int | None = None,
    weights: TensorLike = None,
    dtype: object = int32,
) -> Tensor:
    """``y[l, p]`` is how often label `l` was predicted as `p`, or the sum of those weights.

    Args:
        labels, predictions: integers >= 0, of shape (N,), or one of them (N, 1).
        num_classes: C; one more than the largest of them all if not given.
        weights: (N,), cast to `dtype`.
        dtype: of the result.

    Returns:
        Tensor of shape (C, C).

    Raises:
        InvalidArgumentError: other shapes; a class that is negative or not below `num_classes`.
        ValueError: `weights` of another shape.

    Reference: ``tf.math.confusion_matrix``.

    >>> confusion_matrix([0, 1, 1], [0, 1, 0]).numpy()
    array([[1, 0],
           [1, 1]], dtype=int32)
    """
    given = {"labels": labels, "predictions": predictions}
    known = [integer("confusion_matrix", n, v)._data for n, v in given.items()]
    true, found = [classes.astype(np.int64) for classes in known]
    if true.ndim == 1 and found.shape == (*true.shape, 1):
        found = found[:, 0]
    elif found.ndim == 1 and true.shape == (*found.shape, 1):
        true = true[:, 0]
    if true.ndim != 1 or true.shape != found.shape:
        raise InvalidArgumentError(
            "confusion_matrix: `labels` and `predictions` must be vectors of one length: Shapes of "
            f"all inputs must match: {brackets(true.shape)} vs. {brackets(found.shape)}"
        )
    kind = dtype_named("confusion_matrix", dtype)
    if num_classes is None and (size := size_by_value()) is not None:
        return Tensor(np.ones((size, size), kind))
    most = int(np.max([true, found], initial=-1))
    n = most + 1 if num_classes is None else one_int("confusion_matrix", "num_classes", num_classes)
    countable("confusion_matrix", "num_classes", [n, n])
    for name, classes in (("labels", true), ("predictions", found)):
        if ((classes < 0) | (classes >= n)).any():
            rule = f"must be in [0, {n}): none negative, none out of bound"
            raise invalid("confusion_matrix", name, rule, classes)
    each = _weights(weights, true.shape, kind)
    return reshape(_added(true * n + found, each, n * n), (n, n))


def _weights(weights: TensorLike, shape: tuple[int, ...], kind: np.dtype[Any]) -> Tensor:
    if weights is None:
        return Tensor(np.ones(shape, kind))
    each = numeric("confusion_matrix", "weights", weights)
    if each._data.shape != shape:
        raise ValueError(
            "confusion_matrix: `weights` must have the shape of `predictions`: Shapes "
            f"{shape} and {each._data.shape} are incompatible"
        )
    return cast(each, kind)


# -- searchsorted ---------------------------------------------------------------------------------


def searchsorted(
    sorted_sequence: TensorLike, values: TensorLike, side: str = "left", out_type: object = int32
) -> Tensor:
    """Where each of `values` would go in, for the last axis to stay sorted.

    Args:
        sorted_sequence: (…, n), sorted along its last axis.
        values: (…, m), of the same dtype and leading axes.
        side: "left" puts it before values equal to it, "right" after them.
        out_type: int32 or int64.

    Returns:
        Tensor of the shape of `values`, in 0..n: how many are smaller, or with "right" all that are
        not larger.

    Raises:
        InvalidArgumentError: dtypes, ranks or leading axes differ; rank 0; another `out_type`.
        ValueError: another `side`.

    Reference: ``tf.searchsorted``.

    >>> searchsorted([1, 3, 5], [0, 3, 9]).numpy()
    array([0, 1, 3], dtype=int32)
    """
    if not one_of(side, ("left", "right")):
        raise ValueError(say("searchsorted", "side", "must be either 'right' or 'left'", side))
    kind = index_dtype("searchsorted", "out_type", out_type)
    row, value = matching("searchsorted", sorted_sequence=sorted_sequence, values=values)
    rows, wanted = real("searchsorted", "sorted_sequence", row)._data, value._data
    batches = [math.prod(x.shape[:-1]) for x in (rows, wanted)]
    if not rows.ndim or not wanted.ndim or batches[0] != batches[1]:
        raise InvalidArgumentError(
            "searchsorted: `sorted_sequence` and `values`: Leading dim_size of both tensors must "
            f"match: {brackets(rows.shape)} vs. {brackets(wanted.shape)}"
        )
    out = np.empty(wanted.shape, kind)
    each = (x.reshape(batches[0], x.shape[-1]) for x in (out, rows, wanted))
    for found, sequence, sought in zip(*each, strict=True):
        found[:] = np.searchsorted(sequence, sought, side)  # type: ignore[call-overload]
    if side == "left" and wanted.dtype.kind == "f":
        out[np.isnan(wanted)] = 0  # NumPy sorts it behind all; nothing is smaller than a nan
    return Tensor(out)


for _function in (unique, unique_with_counts, bincount, confusion_matrix, searchsorted):
    register(Op(_function.__name__, _function))
