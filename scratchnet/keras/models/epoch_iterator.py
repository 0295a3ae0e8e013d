"""EpochIterator: the batches of one epoch after the other, numbered."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from scratchnet.engine.tracebacks import warn
from scratchnet.keras.models.fit_arguments import check_steps


class EpochIterator:
    """Reads batches epoch by epoch.

    Args:
        batches: what `make_batches` returned.
        steps_per_epoch: batches in an epoch; the next epoch goes on where this one stopped.  If not
            given, an epoch reads them all.
        where, name: the method and its argument that gave the steps, for errors.
        steps_per_execution: batches between two calls of the callbacks.  As in Keras an epoch is
            whole executions: of ``steps_per_epoch=5``, 4 at a time, it reads 8 batches.

    Raises:
        TypeError: `steps_per_epoch` is no integer.
        ValueError: it is less than 1.
    """

    def __init__(
        self,
        batches: Iterable[Any],
        steps_per_epoch: int | None = None,
        where: str = "EpochIterator",
        name: str = "steps",
        steps_per_execution: int = 1,
    ) -> None:
        check_steps(where, name, steps_per_epoch)
        self._batches = batches
        self._steps_per_epoch = steps_per_epoch
        self._steps_per_execution = steps_per_execution
        self._length = _length(batches)  # how many batches there are, once that is known
        self._iterator: Iterator[Any] | None = None
        self._steps_seen = 0  # how many steps `_iterator` was asked for

    @property
    def steps(self) -> int | None:
        """How many batches an epoch has; None if that is not known yet."""
        return self._steps_per_epoch or self._length

    def rewind(self) -> None:
        """Let the next epoch begin with the first batch."""
        self._iterator = None
        self._tell("on_epoch_end")

    def _tell(self, what: str) -> None:
        """Call this method of a PyDataset."""
        getattr(self._batches, what, lambda: None)()

    def _restart(self) -> Iterator[Any]:
        self._iterator, self._steps_seen = iter(self._batches), 0
        return self._iterator

    def enumerate_executions(
        self, on_batch_begin: Callable[[int], Any]
    ) -> Iterator[tuple[int, Iterable[Any]]]:
        """(last step, batches) for each execution of one epoch; a warning where there are too few.

        Args:
            on_batch_begin: called with the first step of each, before its batch is read.
        """
        every = self._steps_per_execution
        self._tell("on_epoch_begin")
        iterator = self._iterator
        if iterator is None or not self._steps_per_epoch:
            iterator = self._restart()
        steps = range(0, self.steps, every) if self.steps else itertools.count(0, every)
        for step in steps:
            if self._length and self._steps_seen >= self._length:
                if self._steps_per_epoch:
                    _warn_of_end()
                break
            self._steps_seen += every
            on_batch_begin(step)
            try:
                first = next(iterator)
            except StopIteration:
                # As in Keras, the step that found no batch counts: the next epoch looks again.
                self._length = self._steps_seen if self._length is None else self._length
                self._iterator = None
                _warn_of_end()
                self._tell("on_epoch_end")
                return
            yield step + every - 1, itertools.chain((first,), itertools.islice(iterator, every - 1))
        if self._length and self._steps_seen >= self._length:
            # As in Keras, which matters for a shuffled Dataset: each reading of it has an order of
            # its own.
            self._restart()
        self._tell("on_epoch_end")


def _length(batches: Iterable[Any]) -> int | None:
    try:
        return len(batches)  # type: ignore[arg-type]
    except TypeError:  # a generator, or a Dataset whose length is not known or infinite
        return None


def _warn_of_end() -> None:
    warn(
        "Your input ran out of data; interrupting training. Make sure that your dataset or "
        "generator can generate at least `steps_per_epoch * epochs` batches. You may need to use "
        "the `.repeat()` function when building your dataset."
    )
