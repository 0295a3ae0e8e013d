"""Node — one step of an input pipeline — and the nodes that a pipeline begins with.

A node hands out its elements in order, to as many readers as ask.  A node whose elements are rows
of arrays in memory also hands out row numbers: shuffling moves numbers, and a batch is one gather.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count, islice
from typing import Any

import numpy as np

from scratchnet.data.element_spec import Element, Spec, TensorSpec, map_leaves, row, spec_of
from scratchnet.engine import nest
from scratchnet.engine.dtypes import Array, DType
from scratchnet.engine.errors import InvalidArgumentError
from scratchnet.engine.graph import Eagerly

INFINITE, UNKNOWN = -1, -2  # as TensorFlow writes these two cardinalities


class Node:
    """One step of a pipeline.

    Attributes:
        name: as TensorFlow prints it.
        rows: the arrays whose rows are the elements, in the structure of an element; None for a
            node that has no such arrays.
    """

    name: str
    rows: Element | None = None

    @property
    def spec(self) -> Spec:
        """The structure, shapes and dtypes of an element."""
        raise NotImplementedError

    def cardinality(self) -> int:
        """How many elements there are, or INFINITE or UNKNOWN."""
        raise NotImplementedError

    def elements(self) -> Iterator[Element]:
        """A new reader of the elements.

        Not a generator function in any node: a shuffle draws its seeds when its reader is made, not
        when the first element is asked for.
        """
        return (row(self.rows, i) for i in self.order())

    def order(self) -> Iterator[int]:
        """A new reader of the row numbers; only where there are `rows`."""
        raise NotImplementedError

    def examples(self, n: int) -> list[Element]:
        """At most `n` elements like those that are read; no reader is made that draws seeds."""
        return list(islice(self.elements(), n))


class TensorSlice(Node):
    """The rows of arrays."""

    name = "_TensorSliceDataset"

    def __init__(self, arrays: Element) -> None:
        parts = nest.flatten(arrays)
        if not all(isinstance(part, np.ndarray | np.generic) for part in parts):
            raise ValueError(
                "from_tensor_slices: `tensors` must be tensors, whose rows are taken; received a "
                "dataset among them"
            )
        sizes = [len(array) if array.ndim else None for array in parts]
        if not sizes:
            raise ValueError(
                "from_tensor_slices: Invalid `element`. `element` should not be empty."
            )
        if None in sizes:
            raise ValueError(
                "from_tensor_slices: Unbatching a tensor is only supported for rank >= 1, received "
                "a scalar"
            )
        for size in sizes:
            if size != sizes[0]:
                raise ValueError(
                    f"from_tensor_slices: Dimensions {sizes[0]} and {size} are not compatible: all "
                    "components must have the same number of rows"
                )
        self.rows = arrays
        self._size: int = sizes[0]  # type: ignore[assignment]

    @property
    def spec(self) -> Spec:
        return map_leaves(lambda array: TensorSpec(array.shape[1:], array.dtype), self.rows)

    def cardinality(self) -> int:
        return self._size

    def order(self) -> Iterator[int]:
        return iter(range(self._size))


class OneTensor(Node):
    """One element."""

    name = "_TensorDataset"

    def __init__(self, element: Element) -> None:
        self._element = element

    @property
    def spec(self) -> Spec:
        return spec_of(self._element)

    def cardinality(self) -> int:
        return 1

    def elements(self) -> Iterator[Element]:
        return iter([self._element])


class Elements(Node):
    """Elements in memory, or rows of arrays in an order: a window, a group, a stand-in."""

    name = "_VariantDataset"

    def __init__(self, spec: Spec, items: list[Any], rows: Element | None = None) -> None:
        self._spec, self._items, self.rows = spec, items, rows  # row numbers where there are rows

    @property
    def spec(self) -> Spec:
        return self._spec

    def cardinality(self) -> int:
        return len(self._items)

    def elements(self) -> Iterator[Element]:
        return iter(self._items) if self.rows is None else super().elements()

    def order(self) -> Iterator[int]:
        return iter(self._items)


class StandIn(Elements):
    """A few elements in place of unknown ones of the same spec: how many there are is unknown."""

    def cardinality(self) -> int:
        return UNKNOWN


class Range(Node):
    """start, start + step, ... up to and without stop; for ever if stop is None."""

    name = "_RangeDataset"

    def __init__(self, start: int, stop: int | None, step: int, dtype: DType) -> None:
        self._values = None if stop is None else range(start, stop, step)
        self._start, self._step, self._dtype = start, step, dtype

    @property
    def spec(self) -> Spec:
        return TensorSpec((), self._dtype)

    def cardinality(self) -> int:
        return INFINITE if self._values is None else len(self._values)

    def elements(self) -> Iterator[Element]:
        values = count(self._start, self._step) if self._values is None else self._values
        return (np.asarray(value, self._dtype.numpy) for value in values)


class Generated(Node):
    """What a Python generator yields, checked against a spec."""

    name = "_FlatMapDataset"

    def __init__(self, generator: Callable[..., Any], spec: Spec, args: list[Any]) -> None:
        self._generator, self._spec, self._args = generator, spec, args

    @property
    def spec(self) -> Spec:
        return self._spec

    def cardinality(self) -> int:
        return UNKNOWN

    def elements(self) -> Iterator[Element]:
        return map(self._checked, self._values())

    def _values(self) -> Iterator[Any]:
        with Eagerly():
            values = iter(self._generator(*self._args))
        while True:
            with Eagerly():
                try:
                    value = next(values)
                except StopIteration:
                    return
            yield value

    def _checked(self, value: Any) -> Element:
        if not _same_structure(self._spec, value):
            wanted = map_leaves(lambda leaf: leaf.dtype, self._spec)
            raise InvalidArgumentError(
                "from_generator: `generator` yielded an element that did not match the expected "
                f"structure. The expected structure was {wanted}, but the yielded element was "
                f"{value}."
            )
        # The spec's structure decides what is a leaf: a list that stands for one tensor is one.
        leaves = zip(nest.flatten(self._spec), _leaves(self._spec, value), strict=True)
        return nest.pack(self._spec, [_typed(spec, leaf) for spec, leaf in leaves])


def _same_structure(spec: Spec, value: Any) -> bool:
    if isinstance(spec, TensorSpec):
        return True
    if isinstance(spec, dict):
        return (
            isinstance(value, dict)
            and spec.keys() == value.keys()
            and all(_same_structure(spec[key], value[key]) for key in spec)
        )
    return (
        isinstance(value, tuple)
        and len(value) == len(spec)
        and all(_same_structure(part, given) for part, given in zip(spec, value, strict=True))
    )


def _leaves(spec: Spec, value: Any) -> list[Any]:
    if isinstance(spec, TensorSpec):
        return [value]
    if isinstance(spec, dict):
        return [leaf for key in sorted(spec) for leaf in _leaves(spec[key], value[key])]
    return [leaf for part, given in zip(spec, value, strict=True) for leaf in _leaves(part, given)]


def _typed(spec: TensorSpec, leaf: Any) -> Array:
    try:
        array = np.array(leaf, spec.dtype.numpy, order="C")
    except (TypeError, ValueError):
        raise InvalidArgumentError(
            "from_generator: `generator` yielded an element that could not be converted to the "
            f"expected type. The expected type was {spec.dtype.name}, but the yielded element was "
            f"{leaf}."
        ) from None
    if not spec.shape.is_compatible_with(array.shape):
        raise InvalidArgumentError(
            f"from_generator: `generator` yielded an element of shape {array.shape} where an "
            f"element of shape {spec.shape} was expected."
        )
    return array
