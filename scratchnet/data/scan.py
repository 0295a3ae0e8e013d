"""Scan: a function of a state and each element."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any

from scratchnet.data.element_spec import (
    Element,
    Spec,
    TensorSpec,
    filled,
    found_spec,
    map_leaves,
    spec_of,
    to_element,
)
from scratchnet.data.node import Node
from scratchnet.data.transform import UserFunction
from scratchnet.engine import nest


class Scan(Node):
    """``state, element = function(state, element)``; the function gets the element as it is."""

    name = "_ScanDataset"

    def __init__(self, source: Node, initial_state: Any, function: Callable[..., Any]) -> None:
        self._source, self._function = source, UserFunction("scan", function)
        self._state = filled("scan", "`initial_state`", to_element(initial_state))

    @cached_property
    def spec(self) -> Spec:
        """Found by calling the function on ones, until the shapes of the state no longer widen."""
        function, source = self._function.restarted(), self._source.spec
        state = spec_of(self._state)

        def made(state_and_element: Element) -> Spec:
            return spec_of(self._step(function, *state_and_element))

        def examples(n: int) -> list[Element]:
            return [(self._state, element) for element in self._source.examples(n)]

        while True:
            new, out = found_spec(made, (state, source), examples)
            wider = _widened(state, new)
            if wider == state:
                return out
            state = wider

    def cardinality(self) -> int:
        return self._source.cardinality()

    def elements(self) -> Iterator[Element]:
        return self._read(self._source.elements())

    def _read(self, source: Iterator[Element]) -> Iterator[Element]:
        function, state = self._function.restarted(), self._state
        for element in source:
            state, out = self._step(function, state, element)
            yield out

    def examples(self, n: int) -> list[Element]:
        return list(self._read(iter(self._source.examples(n))))

    def _step(self, function: UserFunction, state: Element, element: Element) -> tuple[Any, Any]:
        result = function.returned(state, element)
        if not isinstance(result, tuple | list) or len(result) != 2:
            raise TypeError(
                "scan: Invalid `scan_func`. `scan_func` should return a pair consisting of new "
                f"state and the output value but it returned {result!r}."
            )
        new, out = function.converted(result)
        _check_state(state, new)
        return new, out


def _widened(state: Spec, new: Spec) -> Spec:
    def wider(a: TensorSpec, b: TensorSpec) -> TensorSpec:
        return TensorSpec(a.shape.most_specific_compatible_shape(b.shape), a.dtype)

    return map_leaves(wider, state, new)


def _check_state(state: Element, new: Element) -> None:
    was, now = (map_leaves(lambda leaf: leaf.dtype, spec_of(part)) for part in (state, new))
    if nest.flatten(was) != nest.flatten(now):
        raise TypeError(
            "scan: Invalid `scan_func`. The element types for the new state must match the initial "
            f"state. Expected {was}, got {now}."
        )
