"""The steps that only choose and order elements: take, skip, shard, repeat, shuffle, cache, ….

Each is one function from a reader to a reader, which does not look at what it moves.  Where the
source has rows it moves row numbers, and no element is touched before the batch that gathers it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any, TypeVar

import numpy as np

from scratchnet.data.element_spec import Element, Spec
from scratchnet.data.node import INFINITE, UNKNOWN, Node
from scratchnet.engine import nest
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

    def examples(self, n: int) -> list[Element]:
        return self._source.examples(n)

    def cardinality(self) -> int:
        return self._source.cardinality()

    def elements(self) -> Iterator[Element]:
        return super().elements() if self.rows is not None else self._arrange(self._source.elements)

    def order(self) -> Iterator[int]:
        return self._arrange(self._source.order)

    @property
    def is_idle(self) -> bool:
        """Whether it can only ever hand on its source as it is."""
        return False

    def _arrange(self, new_reader: NewReader[T]) -> Iterator[T]:
        """A reader of this step, made of one or more readers of the source."""
        raise NotImplementedError


class Take(Reorder):
    """The first `n`; all of them for a negative `n`."""

    name = "_TakeDataset"

    def __init__(self, source: Node, n: int) -> None:
        super().__init__(source)
        self._n = n

    @property
    def is_idle(self) -> bool:
        return self._n < 0

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

    @property
    def is_idle(self) -> bool:
        return self._n == 0

    def cardinality(self) -> int:
        n = super().cardinality()
        if n < 0:
            return n
        return 0 if self._n < 0 else max(n - self._n, 0)

    def _arrange(self, new_reader: NewReader[T]) -> Iterator[T]:
        return iter(()) if self._n < 0 else islice(new_reader(), self._n, None)


class Shard(Reorder):
    """Element number `index` of each `n`."""

    name = "_ShardDataset"

    def __init__(self, source: Node, n: int, index: int) -> None:
        super().__init__(source)
        self._n, self._index = n, index

    @property
    def is_idle(self) -> bool:
        return self._n == 1

    def cardinality(self) -> int:
        n = super().cardinality()
        return n if n < 0 else len(range(self._index, n, self._n))

    def _arrange(self, new_reader: NewReader[T]) -> Iterator[T]:
        return islice(new_reader(), self._index, None, self._n)


class Repeat(Reorder):
    """The source `n` times; for ever for a negative `n`."""

    name = "_RepeatDataset"

    def __init__(self, source: Node, n: int) -> None:
        super().__init__(source)
        self._n = n

    @property
    def is_idle(self) -> bool:
        return self._n == 1

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
        if self._n < 0:
            return _for_ever(new_reader(), new_reader)
        # After the last pass too TensorFlow makes a reader, which takes a shuffle's next seeds;
        # not after a single pass, which is idle, nor for a shuffle right before: it fuses the two.
        unread = 0 if self._n == 1 or isinstance(_without_idle(self._source), Shuffle) else 1
        return _passes(self._n, unread, new_reader(), new_reader)


def _for_ever(one_pass: Iterator[T], new_reader: NewReader[T]) -> Iterator[T]:
    """All of one pass after the other; an empty one ends it, or it would never end."""
    while True:
        empty = True
        for item in one_pass:
            empty = False
            yield item
        if empty:
            return
        one_pass = new_reader()


def _passes(n: int, unread: int, one_pass: Iterator[T], new_reader: NewReader[T]) -> Iterator[T]:
    """All of `n` passes; then readers are made that nobody reads, `unread` of them."""
    for number in range(1, n + 1):
        yield from one_pass
        if number < n + unread:
            one_pass = new_reader()


def _without_idle(node: Node) -> Node:
    """The last step up to `node` that does something: TensorFlow leaves out the idle ones."""
    while isinstance(node, Reorder) and node.is_idle:
        node = node._source
    return node


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
        return self._stream.shuffled(_at_first_read(new_reader))

    def order(self) -> Iterator[int]:
        n = self.cardinality()
        if n < 0 or n > len(nest.flatten(self.rows)[0]):
            # Repeated rows: a buffer, not all of their places, which may be any number.
            return super().order()
        return _picked(self._source.order, self._stream.order(n))


def _at_first_read(new_reader: NewReader[T]) -> Iterator[T]:
    """A reader that is made when it is first read: one that nobody reads takes no seeds."""
    yield from new_reader()


def _picked(new_reader: NewReader[int], places: Array) -> Iterator[int]:
    """The rows in the order of `places`; their reader is made when the first is asked for."""
    yield from np.fromiter(new_reader(), np.intp, len(places))[places].tolist()


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


class WithOptions(Prefetch):
    """The source as it is; TensorFlow fuses no steps before it with steps behind it."""

    name = "_OptionsDataset"
