"""The steps that only choose and order elements: take, skip, repeat, shuffle, cache, prefetch.

Each is one function from a reader to a reader, which does not look at what it moves.  Where the
source has rows it moves row numbers, and no element is touched before the batch that gathers it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from itertools import chain, islice, repeat
from typing import Any, TypeVar

import numpy as np

from scratchnet.data.node import INFINITE, UNKNOWN, Node
from scratchnet.data.spec import Element, Spec
from scratchnet.engine.dtypes import Array
from scratchnet.ops.random import ShuffleStream

T = TypeVar("T")
NewReader = Callable[[], Iterator[T]]


class Reorder(Node):
    """A step that hands on elements of its source as they are."""

    def __init__(self, source: Node) -> None:
        self._source = source
        self.rows = source.rows

    @property
    def spec(self) -> Spec:
        return self._source.spec

    def cardinality(self) -> int:
        return self._source.cardinality()

    def elements(self) -> Iterator[Element]:
        return super().elements() if self.rows is not None else self._arrange(self._source.elements)

    def order(self) -> Iterator[int]:
        return self._arrange(self._source.order)

    def _arrange(self, new_reader: NewReader[T]) -> Iterator[T]:
        """A reader of this step, made of one or more readers of the source."""
        raise NotImplementedError


class Take(Reorder):
    """The first `n`; all of them for a negative `n`."""

    name = "_TakeDataset"

    def __init__(self, source: Node, n: int) -> None:
        super().__init__(source)
        self._n = n

    def cardinality(self) -> int:
        n = super().cardinality()
        if self._n < 0 or n == UNKNOWN:
            return n
        return self._n if n == INFINITE else min(n, self._n)

    def _arrange(self, new_reader: NewReader[T]) -> Iterator[T]:
        return islice(new_reader(), None if self._n < 0 else self._n)


class Skip(Reorder):
    """All but the first `n`; nothing for a negative `n`."""

    name = "_SkipDataset"

    def __init__(self, source: Node, n: int) -> None:
        super().__init__(source)
        self._n = n

    def cardinality(self) -> int:
        n = super().cardinality()
        if n < 0:
            return n
        return 0 if self._n < 0 else max(n - self._n, 0)

    def _arrange(self, new_reader: NewReader[T]) -> Iterator[T]:
        return iter(()) if self._n < 0 else islice(new_reader(), self._n, None)


class Repeat(Reorder):
    """The source `n` times; for ever for a negative `n`."""

    name = "_RepeatDataset"

    def __init__(self, source: Node, n: int) -> None:
        super().__init__(source)
        self._n = n

    def cardinality(self) -> int:
        n = super().cardinality()
        if self._n == 0 or n == 0:
            return 0
        if self._n < 0 or n == INFINITE:
            return INFINITE
        return UNKNOWN if n == UNKNOWN else n * self._n

    def _arrange(self, new_reader: NewReader[T]) -> Iterator[T]:
        if self._n == 0:
            return iter(())
        later = repeat(None) if self._n < 0 else repeat(None, self._n - 1)
        return _passes(new_reader(), (new_reader() for _ in later))


def _passes(first: Iterator[T], later: Iterator[Iterator[T]]) -> Iterator[T]:
    """All of `first`, then all of each of `later`; an empty pass ends it, or it would never end."""
    for one_pass in chain([first], later):
        empty = True
        for item in one_pass:
            empty = False
            yield item
        if empty:
            return


class Shuffle(Reorder):
    """Each element drawn from the next `buffer_size`; from all for a `buffer_size` of UNKNOWN."""

    name = "_ShuffleDataset"

    def __init__(
        self, source: Node, buffer_size: int, seed: int | None, reshuffle_each_iteration: bool
    ) -> None:
        super().__init__(source)
        size = sys.maxsize if buffer_size == UNKNOWN else buffer_size
        self._stream = ShuffleStream(size, seed, reshuffle_each_iteration)

    def _arrange(self, new_reader: NewReader[T]) -> Iterator[T]:
        return self._stream.shuffled(new_reader())

    def order(self) -> Iterator[int]:
        n = self.cardinality()
        if n < 0:
            return super().order()
        return _picked(self._source.order(), self._stream.order(n))


def _picked(rows: Iterator[int], places: Array) -> Iterator[int]:
    """The rows in the order of `places`; they are not read before the first is asked for."""
    yield from np.fromiter(rows, np.intp, len(places))[places].tolist()


class Cache(Reorder):
    """Keeps what the first complete reading gave, and gives that ever after."""

    name = "CacheDataset"

    def __init__(self, source: Node) -> None:
        super().__init__(source)
        self._kept: list[Any] | None = None

    def _arrange(self, new_reader: NewReader[T]) -> Iterator[T]:
        return self._keeping(new_reader()) if self._kept is None else iter(self._kept)

    def _keeping(self, reader: Iterator[T]) -> Iterator[T]:
        seen = []
        for item in reader:
            seen.append(item)
            yield item
        self._kept = seen


class Prefetch(Reorder):
    """The source as it is."""

    name = "_PrefetchDataset"

    def _arrange(self, new_reader: NewReader[T]) -> Iterator[T]:
        return new_reader()
