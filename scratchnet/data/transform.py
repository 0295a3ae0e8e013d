"""The steps that look at elements: map, filter, take_while, unique, batch, unbatch, zip, …."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property
from itertools import chain, cycle, islice, takewhile
from typing import Any

import numpy as np

from scratchnet.data.element_spec import (
    DatasetSpec,
    Element,
    NestedDataset,
    Spec,
    TensorSpec,
    common_spec,
    filled,
    found_spec,
    map_leaves,
    row,
    spec_of,
    to_element,
    to_tensors,
)
from scratchnet.data.node import INFINITE, UNKNOWN, Node
from scratchnet.engine import nest
from scratchnet.engine.dtypes import Array
from scratchnet.engine.errors import InvalidArgumentError
from scratchnet.engine.graph import Graph
from scratchnet.engine.op import StopRecording
from scratchnet.engine.tensor_shape import TensorShape
from scratchnet.ops.arguments import brackets
from scratchnet.ops.random_seeds import TracedOps


class UserFunction:
    """A function that a user gave, called as ``tf.data`` calls it.

    Tapes do not see what it does, and its random ops do not draw from those of the program: they
    begin anew in each reader, by the global seed of the time when the function was given.
    """

    def __init__(
        self, where: str, function: Callable[..., Any], ops: TracedOps | None = None
    ) -> None:
        self._where, self._function = where, function
        self._ops = TracedOps() if ops is None else ops

    def restarted(self) -> UserFunction:
        """The same function for a new reader."""
        return UserFunction(self._where, self._function, self._ops.restarted())

    def returned(self, *elements: Element) -> Any:
        """What the function of the tensors of `elements` returns, as it is."""
        with StopRecording(), self._ops.call(), Graph():
            return self._function(*[to_tensors(element) for element in elements])

    def __call__(self, *elements: Element) -> Element:
        """The function of the tensors of `elements`, as an element."""
        return self.converted(self.returned(*elements))

    def converted(self, result: Any) -> Element:
        """What the function returned, as an element."""
        try:
            element = to_element(tuple(result) if isinstance(result, list) else result)
        except (TypeError, ValueError) as error:
            raise TypeError(
                "Unsupported return value from function passed to "
                f"Dataset.{self._where}(): {result!r}. ({error})"
            ) from None
        return filled(self._where, "what the function returns", element)

    def of(self, element: Element) -> Element:
        """The function of one element; a plain tuple is spread over its arguments."""
        return self(*spread(element))


def spread(element: Element) -> tuple[Element, ...]:
    """The arguments that a function gets for `element`."""
    return element if type(element) is tuple else (element,)


class Map(Node):
    """A function of each element."""

    def __init__(self, source: Node, function: Callable[..., Any], parallel: bool) -> None:
        self.name = "_ParallelMapDataset" if parallel else "_MapDataset"
        self._source, self._function = source, UserFunction("map", function)

    @cached_property
    def spec(self) -> Spec:
        """Found by calling the function on ones; what varies with a varying size is None.

        So is a size that varies with a value, which a call on twos shows.
        """
        function = self._function.restarted()

        def made(element: Element) -> Spec:
            return spec_of(function.of(element))

        return found_spec(made, self._source.spec, self._source.examples)

    def cardinality(self) -> int:
        return self._source.cardinality()

    def elements(self) -> Iterator[Element]:
        return map(self._function.restarted().of, self._source.elements())

    def examples(self, n: int) -> list[Element]:
        return list(map(self._function.restarted().of, self._source.examples(n)))


class _Some(Node):
    """Some of the elements of the source, how many is not known before they are read."""

    def __init__(self, source: Node) -> None:
        self._source = source

    @property
    def spec(self) -> Spec:
        return self._source.spec

    def cardinality(self) -> int:
        return UNKNOWN

    def examples(self, n: int) -> list[Element]:
        return self._source.examples(n)


class _Asked(_Some):
    """Those that `_choose` takes by the answers of a function."""

    called: str  # the method of Dataset, in errors
    _choose: Callable[[Callable[[Element], bool], Iterator[Element]], Iterator[Element]]

    def __init__(self, source: Node, predicate: Callable[..., Any]) -> None:
        super().__init__(source)
        self._predicate = UserFunction(self.called, predicate)

    def elements(self) -> Iterator[Element]:
        predicate = self._predicate.restarted()

        def keep(element: Element) -> bool:
            return _truth(self.called, predicate.of(element))

        return type(self)._choose(keep, self._source.elements())


class Filter(_Asked):
    """The elements for which a function is True."""

    name, called, _choose = "_FilterDataset", "filter", filter


class TakeWhile(_Asked):
    """The elements before the first one for which a function is False."""

    name, called, _choose = "_TakeWhileDataset", "take_while", takewhile


class Unique(_Some):
    """The elements, each that is equal to an earlier one left out."""

    name = "_UniqueDataset"

    def elements(self) -> Iterator[Element]:
        return _firsts(self._source.elements())


def _firsts(elements: Iterator[Element]) -> Iterator[Element]:
    seen = set()
    for element in elements:
        (leaf,) = nest.flatten(element)
        key = leaf.shape, leaf.tobytes()
        if key not in seen:
            seen.add(key)
            yield element


def _truth(where: str, answer: Element) -> bool:
    if not (isinstance(answer, np.ndarray) and answer.dtype == bool and answer.ndim == 0):
        raise ValueError(
            f"{where}: Invalid `predicate`. `predicate` must return a `tf.bool` scalar tensor, but "
            f"its return type is {spec_of(answer)}."
        )
    return bool(answer)


class Batch(Node):
    """Consecutive elements, stacked along a new first axis."""

    def __init__(self, source: Node, size: int, drop_remainder: bool, parallel: bool) -> None:
        self.name = "_ParallelBatchDataset" if parallel else "_BatchDataset"
        self._source, self._size, self._drop = source, size, drop_remainder

    @property
    def spec(self) -> Spec:
        size, source = self._size if self._drop else None, self._source.spec
        for component, leaf in enumerate(nest.flatten(source)):
            if isinstance(leaf, DatasetSpec):
                raise _no_tensor(component)

        def batched(leaf: TensorSpec) -> TensorSpec:
            return TensorSpec(TensorShape([size]) + leaf.shape, leaf.dtype)

        return map_leaves(batched, source)

    def cardinality(self) -> int:
        n = self._source.cardinality()
        if n < 0:
            return n
        return n // self._size if self._drop else -(-n // self._size)

    def elements(self) -> Iterator[Element]:
        if self._source.rows is None:
            return map(_stack, self._chunks(self._source.elements()))
        return map(self._gather, self._chunks(self._source.order()))

    def examples(self, n: int) -> list[Element]:
        found = self._source.examples(n * self._size)
        if found and self._drop and len(found) < self._size:
            found = list(islice(cycle(found), self._size))
        return list(map(self._stacked, self._chunks(iter(found))))

    def _stacked(self, elements: list[Element]) -> Element:
        return _stack(elements)

    def _chunks(self, items: Iterator[Any]) -> Iterator[list[Any]]:
        chunks = iter(lambda: list(islice(items, self._size)), [])
        return (chunk for chunk in chunks if len(chunk) == self._size or not self._drop)

    def _gather(self, order: list[int]) -> Element:
        return map_leaves(lambda array: np.take(array, order, axis=0), self._source.rows)


def _stack(elements: list[Element]) -> Element:
    columns = zip(*[nest.flatten(element) for element in elements], strict=True)
    return nest.pack(elements[0], [_stack_column(i, column) for i, column in enumerate(columns)])


def _stack_column(component: int, column: tuple[Array, ...]) -> Array:
    first = column[0]
    if isinstance(first, NestedDataset):
        raise _no_tensor(component)
    for i, array in enumerate(column):
        if array.shape != first.shape:
            raise InvalidArgumentError(
                f"batch: Cannot batch tensors with different shapes in component {component}. "
                f"First element had shape {brackets(first.shape)} and element {i} had shape "
                f"{brackets(array.shape)}."
            )
        if array.dtype != first.dtype:
            raise InvalidArgumentError(
                f"batch: Cannot batch tensors with different types in component {component}. "
                f"First element had type {first.dtype} and element {i} had type {array.dtype}."
            )
    return np.stack(column)


def _no_tensor(component: int) -> TypeError:
    return TypeError(
        f"batch: component {component} of the elements must be a tensor, received a dataset: "
        "make a batch inside each, `flat_map(lambda window: window.batch(n))`"
    )


class Unbatch(Node):
    """The rows of each element."""

    name = "_UnbatchDataset"

    def __init__(self, source: Node) -> None:
        self._source = source
        leaves = nest.flatten(source.spec)
        if any(isinstance(leaf, DatasetSpec) for leaf in leaves):
            raise ValueError("unbatch: the components must be tensors, received a dataset.")
        if any(leaf.shape == () for leaf in leaves):
            raise ValueError("unbatch: Cannot unbatch an input with scalar components.")

    @property
    def spec(self) -> Spec:
        def of_row(leaf: TensorSpec) -> TensorSpec:
            return TensorSpec(leaf.shape[1:], leaf.dtype)

        return map_leaves(of_row, self._source.spec)

    def cardinality(self) -> int:
        n = self._source.cardinality()
        sizes = [leaf.shape[0] for leaf in nest.flatten(self._source.spec) if leaf.shape]
        known = next((size for size in sizes if size is not None), None)
        if n < 0:
            return n
        return n * known if known else UNKNOWN  # of elements without rows, too

    def elements(self) -> Iterator[Element]:
        return chain.from_iterable(map(_rows, self._source.elements()))

    def examples(self, n: int) -> list[Element]:
        return list(islice(chain.from_iterable(map(_rows, self._source.examples(n))), n))


def _rows(element: Element) -> Iterator[Element]:
    sizes = [len(array) for array in nest.flatten(element)]
    for size in sizes:
        if size != sizes[0]:
            raise ValueError(
                "`unbatch()` is only supported for datasets of elements whose components have a "
                f"matching leading dimension. Encountered both {sizes[0]} and {size}."
            )
    return (row(element, i) for i in range(sizes[0]))


class Zip(Node):
    """The elements of several nodes side by side, until one of them ends."""

    name = "_ZipDataset"

    def __init__(self, sources: Any) -> None:
        self._sources = sources  # a structure of nodes

    @property
    def spec(self) -> Spec:
        return map_leaves(lambda source: source.spec, self._sources)

    def cardinality(self) -> int:
        sizes = [source.cardinality() for source in nest.flatten(self._sources)]
        if UNKNOWN in sizes:
            return UNKNOWN
        return min([size for size in sizes if size != INFINITE], default=INFINITE)

    def elements(self) -> Iterator[Element]:
        readers = [source.elements() for source in nest.flatten(self._sources)]
        together = zip(*readers, strict=False)  # to the end of the shortest
        return (nest.pack(self._sources, list(elements)) for elements in together)

    def examples(self, n: int) -> list[Element]:
        columns = [source.examples(n) for source in nest.flatten(self._sources)]
        return [nest.pack(self._sources, list(found)) for found in zip(*columns, strict=False)]


class Concatenate(Node):
    """The elements of one node, then those of another."""

    name = "_ConcatenateDataset"

    def __init__(self, first: Node, second: Node) -> None:
        self._first, self._second = first, second
        self._spec = common_spec(first.spec, second.spec)

    @property
    def spec(self) -> Spec:
        return self._spec

    def cardinality(self) -> int:
        sizes = self._first.cardinality(), self._second.cardinality()
        if INFINITE in sizes:
            return INFINITE
        return UNKNOWN if UNKNOWN in sizes else sum(sizes)

    def elements(self) -> Iterator[Element]:
        later = (self._second.elements() for _ in range(1))  # made when the first has ended
        return chain(self._first.elements(), chain.from_iterable(later))

    def examples(self, n: int) -> list[Element]:
        return (self._first.examples(n) + self._second.examples(n))[:n]


def fold(source: Node, initial_state: Any, function: Callable[..., Any]) -> Element:
    """The last of ``state = function(state, element)``."""
    state, step = to_element(initial_state), UserFunction("reduce", function)
    for element in source.elements():
        new = step(state, element)
        _check_state(state, new)
        state = new
    return state


def _check_state(state: Element, new: Element) -> None:
    was, now = nest.flatten(spec_of(state)), nest.flatten(spec_of(new))
    if len(was) != len(now):
        raise InvalidArgumentError(
            "reduce: The number of components of the initial state and the reduce function output "
            f"does not match. (initial_state={len(was)}, output={len(now)})."
        )
    for old, fresh in zip(was, now, strict=True):
        if old.dtype != fresh.dtype:
            raise TypeError(
                "reduce: The element types for the new state must match the initial state. "
                f"Expected {old.dtype} but got {fresh.dtype}."
            )
