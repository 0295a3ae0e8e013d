"""Interleave: datasets made from elements, read in turns."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

from scratchnet.data.element_spec import Element
from scratchnet.data.flat_map import FlatMap
from scratchnet.data.node import Node


class Interleave(FlatMap):
    """The elements of datasets as of `FlatMap`: `cycle_length` open at once, read in turns.

    A turn is `block_length` elements.  A dataset that has ended leaves its place to the next one
    when the turn comes to that place again.
    """

    where = "interleave"

    def __init__(
        self,
        source: Node,
        function: Callable[..., Any],
        kind: type,
        cycle_length: int,
        block_length: int,
        parallel_calls: int | None,
    ) -> None:
        super().__init__(source, function, kind)
        self.name = "_InterleaveDataset" if parallel_calls is None else "_ParallelInterleaveDataset"
        self._places = _by_cores(parallel_calls) if cycle_length == -1 else cycle_length
        self._block = block_length

    def elements(self) -> Iterator[Element]:
        return self._read(self._source.elements())

    def _read(self, source: Iterator[Element]) -> Iterator[Element]:
        function = self._function.restarted()
        places: list[Iterator[Element] | None] = [None] * self._places
        more, at = True, 0
        while more or any(place is not None for place in places):
            if places[at] is None and more:
                element = next(source, None)
                if element is None:
                    more = False
                else:
                    places[at] = self._made(function, element).elements()
            reader = places[at]
            if reader is not None:
                given = 0
                for given, element in enumerate(reader, 1):
                    yield element
                    if given == self._block:
                        break
                if given < self._block:
                    places[at] = None
            at = (at + 1) % self._places


def _by_cores(parallel_calls: int | None) -> int:
    """How many datasets TensorFlow opens at once where the program does not say."""
    cores = len(os.sched_getaffinity(0))
    if parallel_calls is None:
        return cores
    return -(-cores // 3) if parallel_calls == -1 else min(parallel_calls, cores)
