"""Sums and means of rows that belong together, by the number of their segment.

VJP, of all of them: each row gets the cotangent of its segment (divided by its rows, of a mean).

Raises, all of them: InvalidArgumentError for segment ids that do not fit the data or are out of
range, and (also a TypeError) for ids that are not integers and for bools; ValueError for what is no
tensor.
"""

from __future__ import annotations

import math

import numpy as np

from scratchnet.engine.errors import InvalidArgumentError, invalid
from scratchnet.engine.op import Op, register
from scratchnet.engine.tensor import Tensor, TensorLike
from scratchnet.ops.arguments import brackets, integer, numeric, sizes
from scratchnet.ops.describing import size_by_value
from scratchnet.ops.gather import add_at, gather
from scratchnet.ops.shape import reshape


def unsorted_segment_sum(
    data: TensorLike, segment_ids: TensorLike, num_segments: TensorLike
) -> Tensor:
    """``y[s] = Σ data[i]`` over all i with ``segment_ids[i] = s``.

    Args:
        data: numeric.
        segment_ids: integers below `num_segments`, of the shape of the leading axes of `data`; the
            rows of negative ones are left out.
        num_segments: how many rows there are to be.

    Returns:
        Tensor of shape ``(num_segments,) + data.shape[rank of segment_ids:]``.

    Reference: ``tf.math.unsorted_segment_sum``.

    >>> unsorted_segment_sum([1, 2, 3], [1, 0, 1], 3).numpy()
    array([2, 4, 0], dtype=int32)
    """
    return _segments("unsorted_segment_sum", data, segment_ids, num_segments)[0]


def unsorted_segment_mean(
    data: TensorLike, segment_ids: TensorLike, num_segments: TensorLike
) -> Tensor:
    """The mean of the rows of each segment, 0 where there are none.

    Arguments as of `unsorted_segment_sum`.  Reference: ``tf.math.unsorted_segment_mean``.

    >>> unsorted_segment_mean([1.0, 2.0, 4.0], [1, 0, 1], 3).numpy()
    array([2. , 2.5, 0. ], dtype=float32)
    """
    total, counts = _segments("unsorted_segment_mean", data, segment_ids, num_segments)
    return total / counts


def segment_sum(data: TensorLike, segment_ids: TensorLike) -> Tensor:
    """``y[s] = Σ data[i]`` over all i with ``segment_ids[i] = s``.

    Args:
        data: numeric, rank >= 1.
        segment_ids: as many integers >= 0 as `data` has rows, in order, from the smallest.

    Returns:
        Tensor of shape ``(last id + 1,) + data.shape[1:]``.

    Reference: ``tf.math.segment_sum``.

    >>> segment_sum([1, 2, 3], [0, 0, 2]).numpy()
    array([3, 0, 3], dtype=int32)
    """
    n = _in_order("segment_sum", segment_ids)
    return _described(_segments("segment_sum", data, segment_ids, n)[0])


def segment_mean(data: TensorLike, segment_ids: TensorLike) -> Tensor:
    """The mean of the rows of each segment, 0 where there are none.

    Arguments as of `segment_sum`.  Of integers the mean is one, too, rounded towards zero, as in
    TensorFlow, whose `unsorted_segment_mean` of integers is floating.

    Reference: ``tf.math.segment_mean``.

    >>> segment_mean([1.0, 2.0, 3.0], [0, 0, 2]).numpy()
    array([1.5, 0. , 3. ], dtype=float32)
    """
    n = _in_order("segment_mean", segment_ids)
    total, counts = _segments("segment_mean", data, segment_ids, n)
    if total._data.dtype.kind in "iu":
        quotient = (total._data - np.fmod(total._data, counts._data)) // counts._data
        return _described(Tensor(quotient))
    return _described(total / counts)


def _described(y: Tensor) -> Tensor:
    """`y`, with another number of rows where that is to depend on no values."""
    n = size_by_value()
    return y if n is None else Tensor(np.ones((n, *y._data.shape[1:]), y._data.dtype))


def _in_order(where: str, segment_ids: TensorLike) -> int:
    ids = integer(where, "segment_ids", segment_ids)._data
    if ids.ndim != 1:
        raise invalid(where, "segment_ids", "segment_ids should be a vector", segment_ids)
    if (np.diff(ids) < 0).any() or (ids < 0).any():
        rule = "segment ids are not increasing: they must be in order, and >= 0"
        raise invalid(where, "segment_ids", rule, ids)
    return int(ids[-1]) + 1 if len(ids) else 0


def _segments(
    where: str, data: TensorLike, segment_ids: TensorLike, num_segments: TensorLike
) -> tuple[Tensor, Tensor]:
    """The sums of the segments, and how many rows each has, at least 1."""
    x, ids = numeric(where, "data", data), integer(where, "segment_ids", segment_ids)._data
    given = sizes(where, "num_segments", num_segments)
    if len(given) != 1 or np.ndim(num_segments):
        rule = f"should be a scalar, not shape {brackets(np.shape(num_segments))}"
        raise invalid(where, "num_segments", rule, num_segments)
    (n,) = given
    shape = x._data.shape
    if shape[: ids.ndim] != ids.shape:
        raise InvalidArgumentError(
            f"{where}: `segment_ids`: data.shape = {brackets(shape)} does not start with "
            f"segment_ids.shape = {brackets(ids.shape)}"
        )
    if (ids >= n).any():
        raise invalid(where, "segment_ids", f"is out of range [0, {n})", ids)
    rest = shape[ids.ndim :]
    rows = reshape(x, [math.prod(ids.shape), *rest])
    kept = np.flatnonzero(ids >= 0)
    at = ids.ravel()[kept]
    counts = np.maximum(np.bincount(at, minlength=n), 1).astype(x._data.dtype)
    total = add_at(gather(rows, kept), at, 0, [n, *rest])
    return total, Tensor(counts.reshape(n, *[1] * len(rest)))


for _function in (unsorted_segment_sum, unsorted_segment_mean, segment_sum, segment_mean):
    register(Op(_function.__name__, _function))
