"""Random numbers as a dataset, and elements of several datasets, chosen one by one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import count, repeat
from typing import Any

import numpy as np

from scratchnet.data.element_spec import Element, Spec, TensorSpec, common_spec
from scratchnet.data.node import INFINITE, UNKNOWN, Node
from scratchnet.data.reorder import Take
from scratchnet.engine import nest
from scratchnet.engine.dtypes import Array, int64
from scratchnet.engine.errors import InvalidArgumentError
from scratchnet.engine.operators import Operators
from scratchnet.engine.tensor import convert
from scratchnet.ops.random_order import RandomWords
from scratchnet.ops.random_stream import stateless_stream


class RandomNumbers(Node):
    """Random integers of 32 bits, for ever."""

    name = "_RandomDataset"

    def __init__(self, seed: int | None, rerandomize_each_iteration: bool) -> None:
        self._words = RandomWords(seed, rerandomize_each_iteration)

    @property
    def spec(self) -> Spec:
        return TensorSpec((), int64)

    def cardinality(self) -> int:
        return INFINITE

    def elements(self) -> Iterator[Element]:
        words = self._words.restarted()
        return (np.asarray(words.next(), np.int64) for _ in count())

    def examples(self, n: int) -> list[Element]:
        return [np.ones((), np.int64)] * n


def weighted(sources: list[Node], weights: Any) -> tuple[list[Node], Array]:
    """The sources that have a weight above 0, and the logarithms of their weights.

    A tensor of weights stays whole: its values are not known while TensorFlow traces a program.

    Raises:
        ValueError: another number of weights.
        TypeError: they are integers.
    """
    where, tensor = "sample_from_datasets", isinstance(weights, Operators)
    shape = tuple(weights.shape) if tensor else (len(weights),)
    if shape != (len(sources),):
        raise ValueError(
            f"{where}: Invalid `weights`. `weights` should have the same length as `datasets` but "
            f"got {weights!r} for `len(datasets)={len(sources)}`."
        )
    if not tensor:
        kept = [(source, w) for source, w in zip(sources, weights, strict=True) if w > 0]
        sources = [source for source, _ in kept] or [Take(sources[0], 0)]
        weights = [w for _, w in kept] or [1.0]
    data = convert(weights)._data
    if data.dtype not in (np.float32, np.float64):
        raise TypeError(
            f"{where}: Invalid `weights`. `weights` type must be either `tf.float32` or "
            f"`tf.float64` but is {TensorSpec((), data.dtype).dtype!r}."
        )
    return sources, _log(data)


class Selection(Node):
    """The numbers of datasets, each drawn with probabilities ``exp(logits)``, not normalized.

    Args:
        logits: those of every number, or a node whose elements are those of one.
        seeds: where two integers are read for each number.
    """

    name = "_MapDataset"

    def __init__(self, logits: Array | Node, seeds: Node) -> None:
        self._logits, self._seeds = logits, seeds

    @property
    def spec(self) -> Spec:
        return TensorSpec((), int64)

    def cardinality(self) -> int:
        return self._logits.cardinality() if isinstance(self._logits, Node) else INFINITE

    def elements(self) -> Iterator[Element]:
        varying = isinstance(self._logits, Node)
        logits = self._logits.elements() if isinstance(self._logits, Node) else repeat(self._logits)
        words = self._seeds.elements()
        # A row of logits is read before its seeds, as a zip of the two does.
        return (
            np.asarray(drawn(_log(row) if varying else row, (next(words), next(words))), np.int64)
            for row in logits
        )


def _log(weights: Element) -> Array:
    with np.errstate(divide="ignore", invalid="ignore"):
        logs: Array = np.log(np.asarray(nest.flatten(weights))).reshape(-1)
    return logs


def drawn(logits: Array, seed: tuple[Any, Any]) -> int:
    """A number drawn with probabilities ``exp(logits)``, not normalized, by `seed`.

    Reference: ``tf.random.stateless_categorical`` of one row and one sample.
    """
    finite = np.isfinite(logits)
    shifted = logits.astype(np.float64) - logits[finite].max(initial=np.finfo(logits.dtype).min)
    cumulative = np.cumsum(np.where(finite, np.exp(np.where(finite, shifted, 0.0)), 0.0))
    u = stateless_stream((int(seed[0]), int(seed[1]))).uniform(1, np.dtype(np.float64))[0]
    return int(np.searchsorted(cumulative, u * cumulative[-1], side="right"))


class Chosen(Node):
    """The next element of the source with the number that `selector` says, one after the other."""

    name = "_DirectedInterleaveDataset"

    def __init__(self, selector: Node, sources: Sequence[Node], stop_on_empty: bool) -> None:
        self._selector, self._sources, self._stop = selector, list(sources), stop_on_empty
        spec = self._sources[0].spec
        for i, source in enumerate(self._sources[1:], 1):
            try:
                spec = common_spec(spec, source.spec)
            except (TypeError, ValueError):
                raise TypeError(
                    "Invalid `datasets`. `datasets` must have compatible element specs.\n Dataset "
                    f"0 element_spec={self._sources[0].spec}.\nDataset {i} "
                    f"element_spec={source.spec}."
                ) from None
        self._spec = spec

    @property
    def spec(self) -> Spec:
        return self._spec

    def cardinality(self) -> int:
        endless = [source.cardinality() == INFINITE for source in self._sources]
        return INFINITE if any(endless) else UNKNOWN

    def elements(self) -> Iterator[Element]:
        return self._read(
            self._selector.elements(), [source.elements() for source in self._sources]
        )

    def examples(self, n: int) -> list[Element]:
        return [element for source in self._sources for element in source.examples(n)][:n]

    def _read(
        self, selector: Iterator[Element], readers: list[Iterator[Element] | None]
    ) -> Iterator[Element]:
        left = len(readers)
        for number in selector:
            i = int(number)
            if not 0 <= i < len(readers):
                raise InvalidArgumentError(
                    f"choose_from_datasets: Selector index out of range: {i} >= {len(readers)}"
                )
            reader = readers[i]
            if reader is None:
                continue
            for element in reader:
                yield element
                break
            else:
                readers[i], left = None, left - 1
                if self._stop or not left:
                    return
