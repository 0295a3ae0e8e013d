"""timeseries_dataset_from_array: windows that slide over a series, as a Dataset."""

from __future__ import annotations

from collections.abc import Sized
from typing import Any

import numpy as np

from scratchnet.data import Dataset
from scratchnet.engine.convert import to_bool
from scratchnet.engine.dtypes import Array
from scratchnet.engine.errors import say
from scratchnet.engine.tensor import Tensor, convert
from scratchnet.ops import gather
from scratchnet.ops.arguments import one_int

_WHERE = "timeseries_dataset_from_array"


def timeseries_dataset_from_array(
    data: Any,
    targets: Any,
    sequence_length: int,
    sequence_stride: int = 1,
    sampling_rate: int = 1,
    batch_size: int | None = 128,
    shuffle: bool = False,
    seed: int | None = None,
    start_index: int | None = None,
    end_index: int | None = None,
) -> Dataset:
    """Windows of a series, with the targets at their starts, as a Dataset.

    Window ``i`` is ``data[i s : i s + length r : r]``, with ``s`` for `sequence_stride` and ``r``
    for `sampling_rate`; its target is ``targets[i s]``.

    Args:
        data: the series, an array or tensor (time, …).
        targets: one for each start of a window, an array or tensor; None for none.
        sequence_length: how many points a window has.
        sequence_stride: how many points lie between the starts of two windows.
        sampling_rate: how many points lie between two points of a window.
        batch_size: how many windows a batch has; None for single windows.
        shuffle: whether the windows come in a random order.
        seed: of that order; NumPy draws one if it is not given.
        start_index, end_index: the part of `data`, and of `targets`, that is used.

    Returns:
        A Dataset of ``x`` (batch, sequence_length, …), or of ``(x, y)``, in the arrays' dtypes.

    Raises:
        ValueError: a number out of its range; `shuffle` that is neither True nor False.
        TypeError: `data` or `targets` that have no length; what must be an integer and is none.

    Reference: ``tf.keras.utils.timeseries_dataset_from_array``.

    >>> data = timeseries_dataset_from_array([0, 1, 2, 3, 4], [7, 8, 9], 3, batch_size=2)
    >>> for x, y in data:
    ...     print(x.numpy().tolist(), y.numpy().tolist())
    [[0, 1, 2], [1, 2, 3]] [7, 8]
    [[2, 3, 4]] [9]
    """
    n = _length("data", data)
    start = 0 if start_index is None else one_int(_WHERE, "start_index", start_index)
    end = n if end_index is None else one_int(_WHERE, "end_index", end_index)
    _check("start_index", start_index, 0 <= start < n, f"must be at least 0 and less than {n}")
    rule = f"must be greater than start_index={start} and less than {n}"
    _check("end_index", end_index, max(start, 0) < end < n, rule)
    for name, value in (("sampling_rate", sampling_rate), ("sequence_stride", sequence_stride)):
        good = 0 < one_int(_WHERE, name, value) < n
        _check(name, value, good, f"must be positive and less than {n}, the length of `data`")
    length = one_int(_WHERE, "sequence_length", sequence_length)
    _check("sequence_length", sequence_length, length > 0, "must be positive")

    count = end - start - (length - 1) * sampling_rate
    count = count if targets is None else min(count, _length("targets", targets))
    starts = np.arange(0, count, sequence_stride)
    if to_bool(_WHERE, "shuffle", shuffle):
        seed = np.random.randint(1_000_000) if seed is None else one_int(_WHERE, "seed", seed)
        if not 0 <= seed < 2**32:
            raise ValueError(say(_WHERE, "seed", "must be in [0, 2**32)", seed))
        np.random.RandomState(seed).shuffle(starts)
    positions = Dataset.from_tensor_slices(starts)
    if shuffle:  # of the positions: the windows follow
        positions = positions.shuffle(batch_size * 8 if batch_size else 1024, seed=seed)
    if batch_size is not None:
        positions = positions.batch(batch_size)

    window = np.arange(0, length * sampling_rate, sampling_rate)
    series = Tensor(_array(data)[start:end])
    if targets is None:
        return positions.map(lambda i: gather(series, i[..., None] + window))
    wanted = Tensor(_array(targets)[start:end])
    return positions.map(lambda i: (gather(series, i[..., None] + window), gather(wanted, i)))


def _length(name: str, value: Any) -> int:
    if not isinstance(value, Sized) or getattr(value, "ndim", 1) == 0:
        rule = "must be an array, a tensor or a list, with an axis of time"
        raise TypeError(say(_WHERE, name, rule, value))
    return len(value)


def _array(value: Any) -> Array:
    found: Array = value if isinstance(value, np.ndarray) else convert(value)._data
    return found


def _check(name: str, value: Any, good: bool, rule: str) -> None:
    if value is not None and not good:
        raise ValueError(say(_WHERE, name, rule, value))
