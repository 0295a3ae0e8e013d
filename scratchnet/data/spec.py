"""TensorSpec, and the nested structures that dataset elements are.

Inside this package an element is a structure of arrays: a tuple, named tuple or dict of structures,
or one array.  Lists are not structures here, as in ``tf.data``: a list is one tensor.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np

from scratchnet.engine import nest
from scratchnet.engine.dtypes import DTYPES, Array, DType, as_dtype, float32
from scratchnet.engine.errors import say
from scratchnet.engine.shape import TensorShape
from scratchnet.engine.tensor import Tensor, TensorLike, convert

Element: TypeAlias = Any  # a structure of arrays
Spec: TypeAlias = Any  # a structure of TensorSpecs


class TensorSpec:
    """The shape and dtype of a tensor that is not there yet (``tf.TensorSpec``).

    Args:
        shape: the sizes, None for one that varies; one size; None if not even the rank is known.
        dtype: the dtype.
        name: a name to print.

    Raises:
        ValueError: a negative size.
        TypeError: `shape` or `dtype` is no shape or dtype.

    >>> TensorSpec((None, 28, 28), "uint8")
    TensorSpec(shape=(None, 28, 28), dtype=tf.uint8, name=None)
    """

    def __init__(self, shape: Any, dtype: object = float32, name: str | None = None) -> None:
        self.shape: TensorShape | None = None if shape is None else _sizes(shape)
        self.dtype: DType = as_dtype(dtype)
        self.name = name

    @classmethod
    def from_tensor(cls, tensor: TensorLike, name: str | None = None) -> TensorSpec:
        """The spec of `tensor`."""
        data = convert(tensor)._data
        return cls(data.shape, DTYPES[data.dtype], name)

    def allows(self, shape: tuple[int, ...]) -> bool:
        """Whether an array of this shape fits."""
        if self.shape is None:
            return True
        fits = (want is None or want == have for want, have in zip(self.shape, shape, strict=False))
        return len(self.shape) == len(shape) and all(fits)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TensorSpec) and repr(self) == repr(other)

    def __hash__(self) -> int:
        return hash(repr(self))

    def __repr__(self) -> str:
        shape = "<unknown>" if self.shape is None else str(self.shape)
        return f"TensorSpec(shape={shape}, dtype={self.dtype!r}, name={self.name!r})"


def _sizes(shape: Any) -> TensorShape:
    try:
        parts = list(shape) if isinstance(shape, list | tuple) else [shape]
        sizes = [None if size is None else int(size) for size in parts]
    except (TypeError, ValueError):
        raise TypeError(say("TensorSpec", "shape", "must be sizes or None", shape)) from None
    if any(size is not None and size < 0 for size in sizes):
        raise ValueError(say("TensorSpec", "shape", "must not hold negative sizes", shape))
    return TensorShape(sizes)


# -- structures -----------------------------------------------------------------------------------


def map_leaves(function: Callable[..., Any], *structures: Any) -> Any:
    """`function` of the leaves that stand in the same place; the structure is that of the first."""
    columns = zip(*[nest.flatten(structure) for structure in structures], strict=True)
    return nest.pack(structures[0], [function(*leaves) for leaves in columns])


def to_element(value: Any) -> Element:
    """What a user gives, as a structure of arrays."""
    if isinstance(value, dict):
        return {key: to_element(part) for key, part in value.items()}
    if isinstance(value, tuple):
        parts = [to_element(part) for part in value]
        return type(value)(*parts) if hasattr(value, "_fields") else tuple(parts)
    return convert(value)._data


def to_tensors(element: Element) -> Any:
    """What a user gets: the structure with a Tensor in place of each array."""
    return map_leaves(Tensor, element)


def row(arrays: Element, i: int) -> Element:
    """Row `i` of each of the arrays."""
    return map_leaves(lambda array: array[i, ...], arrays)


def spec_of(element: Element) -> Spec:
    """The structure with a :class:`TensorSpec` in place of each array."""
    return map_leaves(lambda array: TensorSpec(array.shape, array.dtype), element)


def stand_in(spec: Spec, size: int) -> Element:
    """An element of ones that fits `spec`, with `size` for each size that varies."""

    def ones(leaf: TensorSpec) -> Array:
        if leaf.shape is None:
            raise ValueError(
                f"element_spec: the shapes that a function returns cannot be told from {leaf!r}; "
                "give the shapes where the dataset begins"
            )
        return np.ones([size if n is None else n for n in leaf.shape], leaf.dtype.numpy)

    return map_leaves(ones, spec)


def common_spec(first: Spec, second: Spec) -> Spec:
    """The spec that both kinds of elements fit: None where two sizes differ.

    Raises:
        TypeError: the structures or dtypes differ.
    """

    def common(a: TensorSpec, b: TensorSpec) -> TensorSpec:
        if a.shape is None or b.shape is None or len(a.shape) != len(b.shape):
            return TensorSpec(None, a.dtype)
        sizes = [m if m == n else None for m, n in zip(a.shape, b.shape, strict=True)]
        return TensorSpec(sizes, a.dtype)

    if map_leaves(_dtype, first) != map_leaves(_dtype, second):
        raise TypeError(f"Incompatible dataset elements:\n  {first} vs.   {second}")
    return map_leaves(common, first, second)


def _dtype(spec: TensorSpec) -> DType:
    return spec.dtype
