"""TimeseriesGenerator: the windows of a series and what follows each, batch by batch."""

from __future__ import annotations

from typing import Any

import numpy as np

from scratchnet.engine.dtypes import Array
from scratchnet.engine.errors import say
from scratchnet.keras.config import check_flags, check_integers
from scratchnet.keras.utils.py_dataset import PyDataset


class TimeseriesGenerator(PyDataset):
    """Windows of `length` steps, each with the target of the step behind it.

    Of older programs; for new ones there is `timeseries_dataset_from_array`.

    Args:
        data: (steps, …), an array or a list.
        targets: as many as there are steps.
        length: how many steps a window reaches back.
        sampling_rate: every which step of a window is taken.
        stride: the steps between the windows.
        start_index: the first step that a window may hold.
        end_index: the last step whose target is taken; the last of all if not given.
        shuffle: whether each batch is of windows drawn by ``numpy.random``.
        reverse: whether the steps of a window are in reverse.
        batch_size: how many windows a batch has; the last may have fewer.
        **kwargs: of `PyDataset`.

    Raises:
        ValueError: not as many targets as steps; no window fits in.

    Reference: ``tf.keras.preprocessing.sequence.TimeseriesGenerator``.

    >>> series = TimeseriesGenerator(np.arange(5), np.arange(5) * 10, length=2, batch_size=2)
    >>> len(series), series[0]
    (2, (array([[0, 1],
           [1, 2]]), array([20, 30])))
    """

    def __init__(
        self,
        data: Any,
        targets: Any,
        length: int,
        sampling_rate: int = 1,
        stride: int = 1,
        start_index: int = 0,
        end_index: int | None = None,
        shuffle: bool = False,
        reverse: bool = False,
        batch_size: int = 128,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        where = "TimeseriesGenerator"
        if len(data) != len(targets):
            raise ValueError(
                f"{where}: Data and targets have to be of same length. Data length is {len(data)} "
                f"while target length is {len(targets)}"
            )
        check_integers(where, 0, length=length, start_index=start_index)
        sizes = {"sampling_rate": sampling_rate, "stride": stride, "batch_size": batch_size}
        check_integers(where, 1, **sizes)
        check_flags(where, shuffle=shuffle, reverse=reverse)
        self.data, self.targets, self.length = data, targets, length
        self.sampling_rate, self.stride, self.batch_size = sampling_rate, stride, batch_size
        self.start_index = start_index + length  # of the first target
        self.end_index = len(data) - 1 if end_index is None else end_index
        self.shuffle, self.reverse = shuffle, reverse
        if self.start_index > self.end_index:
            rule = f"with length={length} must be at most end_index={self.end_index}"
            raise ValueError(say(where, "start_index", rule, start_index))

    def __len__(self) -> int:
        """How many batches."""
        step = self.batch_size * self.stride
        return (self.end_index - self.start_index + step) // step

    def __getitem__(self, index: int) -> tuple[Array, Array]:
        """The windows of a batch, (batch, length, …), and their targets."""
        first, last = self.start_index, self.end_index + 1
        if self.shuffle:
            rows = np.random.randint(first, last, size=self.batch_size)
        else:
            first += self.batch_size * self.stride * index
            last = min(first + self.batch_size * self.stride, last)
            rows = np.arange(first, last, self.stride)
        length, rate = self.length, self.sampling_rate
        samples = np.array([self.data[row - length : row : rate] for row in rows])
        targets = np.array([self.targets[row] for row in rows])
        return (samples[:, ::-1] if self.reverse else samples), targets
