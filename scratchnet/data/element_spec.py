"""The nested structures that dataset elements are.

Inside this package an element is a structure of arrays: a tuple, named tuple or dict of structures,
or one array.  Lists are not structures here, as in ``tf.data``: a list is one tensor.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

import numpy as np

from scratchnet.engine import nest
from scratchnet.engine.dtypes import Array, DType
from scratchnet.engine.errors import InvalidArgumentError
from scratchnet.engine.tensor import Tensor, convert
from scratchnet.engine.tensor_spec import TensorSpec as TensorSpec

Element: TypeAlias = Any  # a structure of arrays
Spec: TypeAlias = Any  # a structure of TensorSpecs


def map_leaves(function: Callable[..., Any], *structures: Any) -> Any:
    """`function` of the leaves that stand in the same place; the structure is that of the first."""
    columns = zip(*[nest.flatten(structure) for structure in structures], strict=True)
    return nest.pack(structures[0], [function(*leaves) for leaves in columns])


def to_element(value: Any) -> Element:
    """What a user gives, as a structure of arrays."""
    if isinstance(value, dict):
        return {key: to_element(part) for key, part in value.items()}
    if isinstance(value, tuple):
        return tuple_like(value, map(to_element, value))
    if value is None:
        raise InvalidArgumentError(
            "an element must hold tensors, or tuples and dicts of tensors, received None: leave "
            "the component out"
        )
    return convert(value)._data


def tuple_like(structure: tuple[Any, ...], parts: Iterable[Any]) -> Any:
    """A tuple of `parts`, of the class of `structure` where that is a named tuple."""
    return type(structure)(*parts) if hasattr(structure, "_fields") else tuple(parts)


def filled(where: str, what: str, element: Element) -> Element:
    """`element`, which must hold at least one array."""
    if not nest.flatten(element):
        raise InvalidArgumentError(f"{where}: {what} must hold at least one tensor, got {element}")
    return element


def to_tensors(element: Element) -> Any:
    """What a user gets: the structure with a Tensor in place of each array."""
    return map_leaves(Tensor, element)


def row(arrays: Element, i: int) -> Element:
    """Row `i` of each of the arrays."""
    return map_leaves(lambda array: array[i, ...], arrays)


def spec_of(element: Element) -> Spec:
    """The structure with a :class:`TensorSpec` in place of each array."""
    return map_leaves(lambda array: TensorSpec(array.shape, array.dtype), element)


def stand_in(spec: Spec, size: int, value: int = 1) -> Element:
    """An element of ones (or `value`) that fits `spec`, with `size` for each size that varies."""

    def full(leaf: TensorSpec) -> Array:
        if leaf.shape.rank is None:
            raise ValueError(
                f"element_spec: the shapes that a function returns cannot be told from {leaf!r}; "
                "give the shapes where the dataset begins"
            )
        shape = [size if n is None else n for n in leaf.shape]
        return np.full(shape, value, leaf.dtype.numpy)

    return map_leaves(full, spec)


def common_spec(first: Spec, second: Spec) -> Spec:
    """The spec that both kinds of elements fit: None where two sizes differ.

    Raises:
        TypeError: the structures or dtypes differ.
    """

    def common(a: TensorSpec, b: TensorSpec) -> TensorSpec:
        return TensorSpec(a.shape.most_specific_compatible_shape(b.shape), a.dtype)

    if map_leaves(_dtype, first) != map_leaves(_dtype, second):
        raise TypeError(f"Incompatible dataset elements:\n  {first} vs.   {second}")
    return map_leaves(common, first, second)


def _dtype(spec: TensorSpec) -> DType:
    return spec.dtype
