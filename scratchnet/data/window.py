"""Window and GroupByWindow: datasets of datasets that lie in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property
from itertools import islice
from typing import Any

import numpy as np

from scratchnet.data.element_spec import (
    DatasetSpec,
    Element,
    NestedDataset,
    Spec,
    TensorSpec,
    found_spec,
    map_leaves,
)
from scratchnet.data.node import UNKNOWN, Elements, Node
from scratchnet.data.transform import UserFunction, spread
from scratchnet.engine import nest
from scratchnet.engine.dtypes import int64
from scratchnet.engine.errors import InvalidArgumentError
from scratchnet.engine.tensor import convert


class Window(Node):
    """Windows of the source: element k of window n is the element ``n shift + k stride``.

    A window of elements of many components has a dataset for each (of class `kind`).
    """

    name = "_WindowDataset"

    def __init__(
        self, source: Node, kind: type, size: int, shift: int, stride: int, drop_remainder: bool
    ) -> None:
        self._source, self._kind = source, kind
        self._size, self._shift, self._stride = size, shift, stride
        self._drop = drop_remainder
        self._reach = (size - 1) * stride + 1  # from the first element of a window to its last

    @property
    def spec(self) -> Spec:
        return map_leaves(lambda leaf: DatasetSpec.of(leaf, self._kind), self._source.spec)

    def cardinality(self) -> int:
        n = self._source.cardinality()
        if n < 0:
            return n
        if self._drop:
            return 0 if n < self._reach else (n - self._reach) // self._shift + 1
        return -(-n // self._shift)

    def elements(self) -> Iterator[Element]:
        if self._source.rows is None:
            return map(self._of_elements, self._windows(self._source.elements()))
        return map(self._of_rows, self._windows(self._source.order()))

    def examples(self, n: int) -> list[Element]:
        found = self._source.examples((n - 1) * self._shift + self._reach)
        return list(islice(map(self._of_elements, self._windows(iter(found))), n))

    def _windows(self, items: Iterator[Any]) -> Iterator[list[Any]]:
        buffer: list[Any] = []
        more = True
        while True:
            while more and len(buffer) < self._reach:
                more = _read_into(buffer, items)
            if not buffer or (self._drop and len(buffer) < self._reach):
                return
            yield buffer[: self._reach : self._stride]
            passed_over: list[Any] = []
            while more and len(buffer) + len(passed_over) < self._shift:
                more = _read_into(passed_over, items)
            del buffer[: self._shift]

    def _of_elements(self, window: list[Element]) -> Element:
        columns = zip(*[nest.flatten(element) for element in window], strict=True)
        specs = nest.flatten(self._source.spec)
        datasets = [
            self._kind(Elements(spec, list(column)))
            for spec, column in zip(specs, columns, strict=True)
        ]
        return nest.pack(window[0], datasets)

    def _of_rows(self, order: list[int]) -> Element:
        return map_leaves(
            lambda spec, array: self._kind(Elements(spec, order, array)),
            self._source.spec,
            self._source.rows,
        )


def _read_into(items: list[Any], reader: Iterator[Any]) -> bool:
    """Put the next of `reader` behind `items`, if there is one."""
    for item in reader:
        items.append(item)
        return True
    return False


class GroupByWindow(Node):
    """The elements of the datasets that a function makes of each full group of equal keys."""

    name = "_GroupByWindowDataset"

    def __init__(
        self,
        source: Node,
        kind: type[NestedDataset],
        key_func: Callable[..., Any],
        reduce_func: Callable[..., Any],
        window_size: int | Callable[..., Any],
    ) -> None:
        self._source, self._kind = source, kind
        self._key = UserFunction("group_by_window", key_func)
        self._reduce = UserFunction("group_by_window", reduce_func)
        self._size = (
            UserFunction("group_by_window", window_size) if callable(window_size) else window_size
        )

    @cached_property
    def spec(self) -> Spec:
        """Found by reducing two groups of ones."""
        function = self._reduce.restarted()
        group = DatasetSpec.of(self._source.spec, self._kind)

        def made(key_and_group: tuple[Any, Any]) -> Spec:
            return self._made(function, key_and_group).spec

        return found_spec(made, (TensorSpec((), int64), group), self._groups)

    def examples(self, n: int) -> list[Element]:
        reduce = self._reduce.restarted()
        nodes = [self._made(reduce, group) for group in self._groups(1)]
        return [element for node in nodes for element in node.examples(n)]

    def _groups(self, n: int) -> list[tuple[Any, Any]]:
        """The key of the first element, and those like it near the beginning; or nothing."""
        key_of = self._key.restarted()
        found = self._source.examples(64)
        keys = [_int64("key_func", key_of.returned(*spread(element))) for element in found]
        pairs = zip(keys, found, strict=True)
        alike = [element for key, element in pairs if key == keys[0]]
        dataset = self._kind(Elements(self._source.spec, alike))  # type: ignore[call-arg]
        return [(np.asarray(key, np.int64), dataset) for key in keys[:1]]

    def cardinality(self) -> int:
        return UNKNOWN

    def elements(self) -> Iterator[Element]:
        return self._read(self._source.elements())

    def _read(self, source: Iterator[Element]) -> Iterator[Element]:
        key_of, reduce = self._key.restarted(), self._reduce.restarted()
        size_of = self._size.restarted() if isinstance(self._size, UserFunction) else self._size
        groups: dict[int, list[Element]] = {}
        sizes: dict[int, int] = {}
        for element in source:
            key = _int64("key_func", key_of.returned(*spread(element)))
            if key not in sizes:
                sizes[key] = self._window_size(size_of, key)
            groups.setdefault(key, []).append(element)
            if len(groups[key]) == sizes[key]:
                yield from self._flushed(reduce, key, groups.pop(key))
        for key in sorted(groups):
            yield from self._flushed(reduce, key, groups[key])

    @staticmethod
    def _window_size(size_of: UserFunction | int, key: int) -> int:
        size = size_of
        if isinstance(size_of, UserFunction):
            size = _int64("window_size_func", size_of.returned(np.asarray(key, np.int64)))
        if size < 1:  # type: ignore[operator]
            raise InvalidArgumentError(
                f"group_by_window: Window size must be greater than zero, but got {size}."
            )
        return size  # type: ignore[return-value]

    def _flushed(self, reduce: UserFunction, key: int, group: list[Element]) -> Iterator[Element]:
        dataset = self._kind(Elements(self._source.spec, group))  # type: ignore[call-arg]
        return self._made(reduce, (np.asarray(key, np.int64), dataset)).elements()

    def _made(self, reduce: UserFunction, key_and_group: tuple[Any, Any]) -> Node:
        dataset = reduce.returned(*key_and_group)
        if not isinstance(dataset, self._kind):
            raise TypeError(
                "group_by_window: Invalid `reduce_func`. `reduce_func` must return a single "
                f"`tf.data.Dataset` object but its return type is {type(dataset)}."
            )
        node: Node = dataset._node  # type: ignore[attr-defined]
        return node


def _int64(name: str, value: Any) -> int:
    data = convert(value, int64)._data
    if data.ndim:
        raise ValueError(
            f"group_by_window: Invalid `{name}`. `{name}` must return a single `tf.int64` scalar "
            f"tensor but its return type is {TensorSpec(data.shape, data.dtype)}."
        )
    return int(data)
