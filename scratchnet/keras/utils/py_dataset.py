"""PyDataset: batches that Python code makes, by their numbers."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any


class PyDataset:
    """Batches by their numbers (``keras.utils.PyDataset``, once ``keras.utils.Sequence``).

    A subclass has `__getitem__`, which returns a batch ``(x,)``, ``(x, y)`` or
    ``(x, y, sample_weight)`` of arrays, and `__len__`, how many there are.  `fit` reads them in a
    random order (by Python's `random`) unless ``shuffle=False``.

    Args:
        workers, use_multiprocessing, max_queue_size: of Keras, which reads ahead; here each batch
            is made when it is needed.

    >>> import numpy as np
    >>> class Ones(PyDataset):
    ...     def __len__(self):
    ...         return 3
    ...
    ...     def __getitem__(self, index):
    ...         return np.full((2, 1), index), np.ones(2)
    >>> [int(x[0, 0]) for x, _ in Ones()]
    [0, 1, 2]
    """

    def __init__(
        self, workers: int = 1, use_multiprocessing: bool = False, max_queue_size: int = 10
    ) -> None:
        self.workers = workers
        self.use_multiprocessing = use_multiprocessing
        self.max_queue_size = max_queue_size

    def __getitem__(self, index: int) -> Any:
        """The batch of this number."""
        raise NotImplementedError(f"{type(self).__name__} must have a `__getitem__`")

    def __iter__(self) -> Iterator[Any]:
        """All batches, in their order."""
        count = self.num_batches
        return (self[i] for i in (itertools.count() if count is None else range(count)))

    @property
    def num_batches(self) -> int | None:
        """How many batches there are; None if there is no end.

        Raises:
            NotImplementedError: a subclass has neither this nor `__len__`.
        """
        if hasattr(self, "__len__"):
            return len(self)
        raise NotImplementedError(
            f"{type(self).__name__} must have a `__len__`, or a property `num_batches`"
        )

    def on_epoch_begin(self) -> None:
        """Called before the batches of an epoch are read."""

    def on_epoch_end(self) -> None:
        """Called after they were read, and before the first of them are."""
