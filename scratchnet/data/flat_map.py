"""FlatMap: datasets made from elements, read one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property
from itertools import chain, islice
from typing import Any

from scratchnet.data.element_spec import Element, Spec, found_spec
from scratchnet.data.node import UNKNOWN, Node
from scratchnet.data.transform import UserFunction, spread


class FlatMap(Node):
    """The elements of the datasets (of class `kind`) that a function makes of each element."""

    name = "_FlatMapDataset"
    where = "flat_map"

    def __init__(self, source: Node, function: Callable[..., Any], kind: type) -> None:
        self._source, self._kind = source, kind
        self._function = UserFunction(self.where, function)

    @cached_property
    def spec(self) -> Spec:
        """Found by calling the function on ones, as that of `Map`."""
        function = self._function.restarted()

        def made(element: Element) -> Spec:
            return self._made(function, element).spec

        return found_spec(made, self._source.spec, self._source.examples)

    def cardinality(self) -> int:
        return UNKNOWN

    def elements(self) -> Iterator[Element]:
        function = self._function.restarted()
        nodes = (self._made(function, element) for element in self._source.elements())
        return chain.from_iterable(node.elements() for node in nodes)

    def examples(self, n: int) -> list[Element]:
        function = self._function.restarted()
        nodes = (self._made(function, element) for element in self._source.examples(n))
        return list(islice(chain.from_iterable(node.examples(n) for node in nodes), n))

    def _made(self, function: UserFunction, element: Element) -> Node:
        dataset = function.returned(*spread(element))
        if not isinstance(dataset, self._kind):
            raise TypeError(
                f"{self.where}: The `map_func` argument must return a `Dataset` object. Got "
                f"{type(dataset)}."
            )
        node: Node = dataset._node  # type: ignore[attr-defined]
        return node
