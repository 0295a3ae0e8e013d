"""PaddedBatch: elements of different shapes stacked, each padded at the ends."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from scratchnet.data.element_spec import DatasetSpec, Element, Spec, TensorSpec
from scratchnet.data.node import Node
from scratchnet.data.transform import Batch
from scratchnet.engine import nest
from scratchnet.engine.dtypes import Array
from scratchnet.engine.errors import DataLossError, InvalidArgumentError, say
from scratchnet.engine.operators import Operators
from scratchnet.engine.tensor import convert
from scratchnet.engine.tensor_shape import TensorShape
from scratchnet.ops.arguments import brackets


class PaddedBatch(Batch):
    """Consecutive elements, padded to one shape and stacked along a new first axis."""

    def __init__(
        self, source: Node, size: int, shapes: Any, values: Any, drop_remainder: bool
    ) -> None:
        super().__init__(source, size, drop_remainder, parallel=False)
        self.name = "_PaddedBatchDataset"
        self._structure = source.spec
        specs = nest.flatten(self._structure)
        if any(isinstance(spec, DatasetSpec) for spec in specs):
            raise TypeError("`padded_batch` is not supported for datasets of datasets")
        if shapes is None:
            self._shapes = [_known_rank(i, spec) for i, spec in enumerate(specs)]
        else:
            given = _up_to("padded_shapes", self._structure, shapes)
            self._shapes = [
                _padded_shape(spec, shape) for spec, shape in zip(specs, given, strict=True)
            ]
        if nest.is_nested(self._structure) and not nest.is_nested(values):
            padding = [values] * len(specs)
        else:
            padding = _up_to("padding_values", self._structure, values)
        self._padding = [
            _padding_value(spec, value) for spec, value in zip(specs, padding, strict=True)
        ]

    @property
    def spec(self) -> Spec:
        size = self._size if self._drop else None
        specs = [
            TensorSpec(TensorShape([size]) + shape, spec.dtype)
            for shape, spec in zip(self._shapes, nest.flatten(self._structure), strict=True)
        ]
        return nest.pack(self._structure, specs)

    def elements(self) -> Iterator[Element]:
        return map(self._batch, self._chunks(self._source.elements()))

    def _stacked(self, elements: list[Element]) -> Element:
        return self._batch(elements)

    def _batch(self, batch: list[Element]) -> Element:
        columns = zip(*[nest.flatten(element) for element in batch], strict=True)
        components = enumerate(zip(columns, self._shapes, self._padding, strict=True))
        return nest.pack(batch[0], [_padded(i, *component) for i, component in components])


def _padded(component: int, arrays: tuple[Array, ...], shape: TensorShape, value: Array) -> Array:
    sizes = list(shape)
    for array in arrays:
        if array.ndim != len(sizes):
            raise InvalidArgumentError(
                "padded_batch: All elements in a batch must have the same rank as the padded shape "
                f"for component{component}: expected rank {len(sizes)} but got element with rank "
                f"{array.ndim}"
            )
    for axis, size in enumerate(sizes):
        largest = max(array.shape[axis] for array in arrays)
        if size is None:
            sizes[axis] = largest
        elif largest > size:
            raise DataLossError(
                "padded_batch: Attempted to pad to a smaller size than the input element: "
                f"component {component} of size {largest} along axis {axis} to {size}"
            )
    out = np.full([len(arrays), *sizes], value, arrays[0].dtype)
    for i, array in enumerate(arrays):
        out[i, ...][tuple(slice(size) for size in array.shape)] = array
    return out


def _known_rank(component: int, spec: TensorSpec) -> TensorShape:
    if spec.shape.rank is None:
        raise ValueError(
            "padded_batch: You must provide `padded_shapes` argument because component "
            f"{component} has unknown rank."
        )
    return spec.shape


def _padded_shape(spec: TensorSpec, given: Any) -> TensorShape:
    if isinstance(given, Operators | np.ndarray):
        data = convert(given)._data
        if data.ndim != 1:
            raise ValueError(
                f"padded_batch: Padded shape {given} must be a `tf.int64` vector tensor, but its "
                f"shape was {brackets(data.shape)}."
            )
        if data.dtype != np.int64:
            raise TypeError(
                f"padded_batch: Padded shape {given} must be a `tf.int64` vector tensor, but its "
                f"element type was {data.dtype.name}."
            )
        given = data.tolist()
    if isinstance(given, list | tuple):
        if any(isinstance(size, list | tuple | np.ndarray) for size in given):
            raise ValueError(say("padded_batch", "padded_shapes", "must hold sizes", given))
        given = [None if size == -1 else size for size in given]
    shape = TensorShape(given)
    if shape.rank is None:
        raise ValueError(say("padded_batch", "padded_shapes", "must have a known rank", given))
    if spec.shape.rank is not None and not _fits(shape, spec.shape):
        raise ValueError(
            f"padded_batch: The padded shape {shape} is not compatible with the shape {spec.shape} "
            "of the corresponding input component."
        )
    return shape


def _fits(padded: TensorShape, shape: TensorShape) -> bool:
    return padded.rank == shape.rank and all(
        size is None or own is None or own <= size for size, own in zip(padded, shape, strict=True)
    )


def _padding_value(spec: TensorSpec, value: Any) -> Array:
    if value is None:
        return np.zeros((), spec.dtype.numpy)
    data = convert(value)._data
    if data.ndim:
        raise ValueError(
            "padded_batch: Invalid `padding_values`. `padding_values` values should be scalars, "
            f"but got {brackets(data.shape)}."
        )
    if data.dtype != spec.dtype.numpy:
        raise TypeError(
            f"padded_batch: Invalid `padding_values`. `padding_values` values type "
            f"{TensorSpec((), data.dtype).dtype!r} does not match type {spec.dtype!r} of the "
            "corresponding input component."
        )
    return data


def _up_to(name: str, structure: Any, given: Any) -> list[Any]:
    """The parts of `given` that stand where `structure` has its leaves."""
    if isinstance(structure, dict):
        if not isinstance(given, dict) or given.keys() != structure.keys():
            raise _other_structure(name, structure, given, isinstance(given, dict))
        pairs = [(structure[key], given[key]) for key in sorted(structure)]
    elif isinstance(structure, tuple):
        if not isinstance(given, tuple | list) or len(given) != len(structure):
            raise _other_structure(name, structure, given, isinstance(given, tuple | list))
        pairs = list(zip(structure, given, strict=True))
    else:
        return [given]
    return [leaf for part, mine in pairs for leaf in _up_to(name, part, mine)]


def _other_structure(name: str, structure: Any, given: Any, nested: bool) -> Exception:
    text = say("padded_batch", name, f"must have the structure of an element, {structure}", given)
    return ValueError(text) if nested else TypeError(text)
