"""The nested structures that dataset elements are.

Inside this package an element is a structure of arrays: a tuple, named tuple or dict of structures,
or one array.  Lists are not structures here, as in ``tf.data``: a list is one tensor.  In place of
an array there may be a dataset: a window of one component is one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import reduce
from typing import Any, TypeAlias

from scratchnet.engine import nest
from scratchnet.engine.dtypes import Array, DType
from scratchnet.engine.errors import InvalidArgumentError
from scratchnet.engine.tensor import Tensor, convert
from scratchnet.engine.tensor_shape import TensorShape
from scratchnet.engine.tensor_spec import TensorSpec as TensorSpec
from scratchnet.ops.describing import describing
from scratchnet.ops.trials import Shape, Trial, results

Element: TypeAlias = Any  # a structure of arrays, or datasets
Spec: TypeAlias = Any  # a structure of TensorSpecs, or DatasetSpecs


class NestedDataset:
    """What `Dataset` is where it stands inside an element."""

    @property
    def element_spec(self) -> Spec:
        raise NotImplementedError

    @classmethod
    def _standing_in(cls, spec: Spec, trial: Trial) -> NestedDataset:
        """A dataset of ``trial.size`` elements that fit `spec`."""
        raise NotImplementedError


class DatasetSpec:
    """What is known of a dataset that is an element of another (``tf.data.DatasetSpec``).

    Args:
        element_spec: what is known of its elements.
        dataset_shape: of many datasets together; there is one here: ().

    >>> DatasetSpec(TensorSpec((), "int32"))
    DatasetSpec(TensorSpec(shape=(), dtype=tf.int32, name=None), TensorShape([]))
    """

    def __init__(self, element_spec: Spec, dataset_shape: Any = ()) -> None:
        self._element_spec, self._dataset_shape = element_spec, TensorShape(dataset_shape)
        self._kind: type[NestedDataset] = NestedDataset

    @classmethod
    def of(cls, element_spec: Spec, kind: type[NestedDataset]) -> DatasetSpec:
        """The spec of a dataset of class `kind`."""
        spec = cls(element_spec)
        spec._kind = kind
        return spec

    @property
    def element_spec(self) -> Spec:
        return self._element_spec

    def stand_in(self, trial: Trial) -> NestedDataset:
        """A dataset that fits."""
        return self._kind._standing_in(self._element_spec, trial)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DatasetSpec) and repr(self) == repr(other)

    def __hash__(self) -> int:
        return hash(repr(self))

    def __repr__(self) -> str:
        return f"DatasetSpec({self._element_spec!r}, {self._dataset_shape!r})"


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
    return value if isinstance(value, NestedDataset) else convert(value)._data


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
    return map_leaves(_to_tensor, element)


def _to_tensor(leaf: Any) -> Any:
    return leaf if isinstance(leaf, NestedDataset) else Tensor(leaf)


def row(arrays: Element, i: int) -> Element:
    """Row `i` of each of the arrays."""
    return map_leaves(lambda array: array[i, ...], arrays)


def spec_of(element: Element) -> Spec:
    """The structure with a :class:`TensorSpec` in place of each array."""
    return map_leaves(_spec_of_leaf, element)


def _spec_of_leaf(leaf: Any) -> TensorSpec | DatasetSpec:
    if isinstance(leaf, NestedDataset):
        return DatasetSpec.of(leaf.element_spec, type(leaf))
    return TensorSpec(leaf.shape, leaf.dtype)


def stand_in(spec: Spec, trial: Trial) -> Element:
    """An element that fits `spec`, of the sizes and values of `trial`."""

    def full(leaf: TensorSpec | DatasetSpec) -> Array | NestedDataset:
        if isinstance(leaf, DatasetSpec):
            return leaf.stand_in(trial)
        if leaf.shape.rank is None:
            raise ValueError(
                f"element_spec: the shapes that a function returns cannot be told from {leaf!r}; "
                "give the shapes where the dataset begins"
            )
        return trial.filled(leaf.shape, leaf.dtype.numpy)

    return map_leaves(full, spec)


def common_spec(first: Spec, second: Spec) -> Spec:
    """The spec that both kinds of elements fit: None where two sizes differ.

    Raises:
        TypeError: the structures or dtypes differ.
    """

    def common(a: Any, b: Any) -> TensorSpec | DatasetSpec:
        if isinstance(a, DatasetSpec):
            return DatasetSpec.of(common_spec(a.element_spec, b.element_spec), a._kind)
        return TensorSpec(a.shape.most_specific_compatible_shape(b.shape), a.dtype)

    if map_leaves(_dtype, first) != map_leaves(_dtype, second):
        raise TypeError(f"Incompatible dataset elements:\n  {first} vs.   {second}")
    return map_leaves(common, first, second)


def _dtype(spec: TensorSpec | DatasetSpec) -> DType | str:
    return "dataset" if isinstance(spec, DatasetSpec) else spec.dtype


def found_spec(
    made: Callable[[Element], Spec], source: Spec, examples: Callable[[int], list[Element]]
) -> Spec:
    """The spec that all have that `made` finds of elements that fit `source`.

    They are ones of several sizes; where `made` refuses them, an element of the dataset.

    Args:
        made: the spec of what a function makes of an element.
        source: the spec of the elements.
        examples: returns such elements, at most so many.

    Raises:
        Exception: what `made` raises of an example; of ones, where there is no example.
    """

    def call(trial: Trial) -> Spec:
        return made(stand_in(source, trial))

    try:
        specs = results(call, _shapes, _USUAL, _shapes(source), values=True)
    except Exception as error:
        with describing():
            found = examples(1)
            if not found:
                raise error
            specs = _of_example(made, found[0])
    return reduce(common_spec, specs)


_USUAL = Trial.of(2), Trial.of(3)


def _of_example(made: Callable[[Element], Spec], element: Element) -> list[Spec]:
    """The specs of `element`, with two numbers for each size that depends on values."""
    specs = [made(element)]
    for size in (2, 3):
        with describing(size):
            try:
                specs.append(made(element))
            except Exception:  # only the true number will do
                break
    return specs


def _shapes(spec: Spec) -> list[Shape]:
    """The shapes in `spec`, those of the elements of datasets, too."""
    found: list[Shape] = []
    for leaf in nest.flatten(spec):
        if isinstance(leaf, DatasetSpec):
            found += _shapes(leaf.element_spec)
        else:
            found.append(None if leaf.shape.rank is None else tuple(leaf.shape))
    return found
