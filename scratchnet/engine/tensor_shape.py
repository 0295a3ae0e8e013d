"""TensorShape: the sizes of the axes, which TensorFlow prints as ``TensorShape([2, 3])``."""

from __future__ import annotations

import math
import operator
from collections.abc import Iterator
from typing import Any, Self, SupportsIndex, overload

Sizes = tuple[int | None, ...]


class TensorShape:
    """Sizes of the axes; ``None`` where a size is not known yet (``tf.TensorShape``).

    Args:
        dims: the sizes; one size; None if not even the number of axes is known.

    Raises:
        TypeError: something in `dims` is no size.
        ValueError: a negative size.

    >>> TensorShape([2, None]), str(TensorShape([2, 3])), TensorShape([2, 3]) == [2, 3]
    (TensorShape([2, None]), '(2, 3)', True)
    """

    __slots__ = ("_sizes",)
    _sizes: Sizes | None

    def __init__(self, dims: Any) -> None:
        if isinstance(dims, TensorShape):
            self._sizes = dims._sizes
        elif dims is None:
            self._sizes = None
        else:
            self._sizes = tuple(map(_size, _parts(dims)))

    @classmethod
    def of(cls, sizes: tuple[int, ...]) -> Self:
        """The shape of an array, whose sizes need no check."""
        shape = cls.__new__(cls)
        shape._sizes = sizes
        return shape

    @property
    def rank(self) -> int | None:
        """The number of axes; None if it is not known."""
        return None if self._sizes is None else len(self._sizes)

    ndims = rank

    @property
    def dims(self) -> list[int | None] | None:
        """The sizes as a list; None if the number of axes is not known."""
        return None if self._sizes is None else list(self._sizes)

    def as_list(self) -> list[int | None]:
        """The sizes as a list.

        Raises:
            ValueError: the number of axes is not known.
        """
        if self._sizes is None:
            raise ValueError("as_list() is not defined on an unknown TensorShape.")
        return list(self._sizes)

    def num_elements(self) -> int | None:
        """The product of the sizes; None while one of them is unknown."""
        sizes = self._sizes
        if sizes is None or None in sizes:
            return None
        return math.prod(size for size in sizes if size is not None)

    def is_fully_defined(self) -> bool:
        """Whether every size is known."""
        return self._sizes is not None and None not in self._sizes

    def is_compatible_with(self, other: Any) -> bool:
        """Whether one array could have both shapes.

        >>> TensorShape([2, None]).is_compatible_with([2, 3])
        True
        """
        mine, its = self._sizes, TensorShape(other)._sizes
        if mine is None or its is None:
            return True
        return len(mine) == len(its) and all(
            m == n or m is None or n is None for m, n in zip(mine, its, strict=True)
        )

    def is_subtype_of(self, other: Any) -> bool:
        """Whether every array of this shape has `other` too."""
        mine, its = self._sizes, TensorShape(other)._sizes
        if mine is None or its is None:
            return its is None
        return len(mine) == len(its) and all(
            n is None or m == n for m, n in zip(mine, its, strict=True)
        )

    def merge_with(self, other: Any) -> TensorShape:
        """What the two shapes know together.

        Raises:
            ValueError: they contradict each other.

        >>> TensorShape([2, None]).merge_with([None, 3])
        TensorShape([2, 3])
        """
        other = TensorShape(other)
        if not self.is_compatible_with(other):
            raise ValueError(f"Shapes {self} and {other} are not compatible")
        if self._sizes is None or other._sizes is None:
            return other if self._sizes is None else self
        pairs = zip(self._sizes, other._sizes, strict=True)
        return TensorShape([n if m is None else m for m, n in pairs])

    def most_specific_compatible_shape(self, other: Any) -> TensorShape:
        """The shape that arrays of both shapes have: None where two sizes differ.

        >>> TensorShape([2, 3]).most_specific_compatible_shape([5, 3])
        TensorShape([None, 3])
        """
        mine, its = self._sizes, TensorShape(other)._sizes
        if mine is None or its is None or len(mine) != len(its):
            return TensorShape(None)
        return TensorShape([m if m == n else None for m, n in zip(mine, its, strict=True)])

    def concatenate(self, other: Any) -> TensorShape:
        """The axes of this shape, then those of `other`."""
        other = TensorShape(other)
        if self._sizes is None or other._sizes is None:
            return TensorShape(None)
        return TensorShape(self._sizes + other._sizes)

    def with_rank(self, rank: int) -> TensorShape:
        """This shape, which must be able to have `rank` axes.

        Raises:
            ValueError: it has another number of axes.
        """
        self._must(self.rank is None or self.rank == rank, f"must have rank {rank}")
        return self if self._sizes is not None else TensorShape([None] * rank)

    def with_rank_at_least(self, rank: int) -> TensorShape:
        """This shape, which must have at least `rank` axes, or raise ValueError."""
        self._must(self.rank is None or self.rank >= rank, f"must have rank at least {rank}")
        return self

    def with_rank_at_most(self, rank: int) -> TensorShape:
        """This shape, which must have at most `rank` axes, or raise ValueError."""
        self._must(self.rank is None or self.rank <= rank, f"must have rank at most {rank}")
        return self

    def assert_has_rank(self, rank: int) -> None:
        """Raise ValueError if the number of axes is known, and not `rank`."""
        self._must(self.rank is None or self.rank == rank, f"must have rank {rank}")

    def assert_is_fully_defined(self) -> None:
        """Raise ValueError if a size is not known."""
        self._must(self.is_fully_defined(), "is not fully defined")

    def assert_is_compatible_with(self, other: Any) -> None:
        """Raise ValueError if no array could have both shapes."""
        if not self.is_compatible_with(other):
            raise ValueError(f"Shapes {self} and {other} are incompatible")

    def assert_same_rank(self, other: Any) -> None:
        """Raise ValueError if the two are known to have different numbers of axes."""
        other = TensorShape(other)
        if None not in (self.rank, other.rank) and self.rank != other.rank:
            raise ValueError(f"Shapes {self} and {other} must have the same rank")

    def _must(self, holds: bool, rule: str) -> None:
        if not holds:
            raise ValueError(f"Shape {self} {rule}")

    def __len__(self) -> int:
        if self._sizes is None:
            raise ValueError("Cannot take the length of shape with unknown rank.")
        return len(self._sizes)

    def __iter__(self) -> Iterator[Any]:
        if self._sizes is None:
            raise ValueError("Cannot iterate over a shape with unknown rank.")
        return iter(self._sizes)

    @overload
    def __getitem__(self, key: SupportsIndex) -> Any: ...
    @overload
    def __getitem__(self, key: slice) -> TensorShape: ...
    def __getitem__(self, key: SupportsIndex | slice) -> Any:
        if self._sizes is None:
            return _of_unknown(key) if isinstance(key, slice) else None
        found = self._sizes[key]
        return TensorShape(found) if isinstance(key, slice) else found

    def __eq__(self, other: object) -> bool:
        try:
            return self._sizes == TensorShape(other)._sizes
        except (TypeError, ValueError):
            return False

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(self._sizes)

    def __add__(self, other: Any) -> TensorShape:
        return self.concatenate(other)

    def __radd__(self, other: Any) -> TensorShape:
        return TensorShape(other).concatenate(self)

    def __bool__(self) -> bool:
        return self._sizes is not None  # True even of a scalar: its shape is known

    def __repr__(self) -> str:
        return f"TensorShape({None if self._sizes is None else list(self._sizes)})"

    def __str__(self) -> str:
        return "<unknown>" if self._sizes is None else str(self._sizes)


def _parts(dims: Any) -> Any:
    """The sizes that `dims` holds, or `dims` itself as the one size."""
    if isinstance(dims, str) and dims:
        raise TypeError(
            f"Failed to convert '{dims!r}' to a shape: a shape is one size, or a list of sizes"
        )
    try:
        return tuple(dims)
    except TypeError:
        return (dims,)


def _size(value: Any) -> int | None:
    if value is None:
        return None
    try:
        size = operator.index(value)
    except (TypeError, ValueError):
        raise TypeError(
            "Dimension value must be integer or None or have an __index__ method, got value "
            f"'{value!r}' with type '{type(value)!r}'"
        ) from None
    if size < 0:
        raise ValueError(f"Dimension {size} must be >= 0")
    return size


def _of_unknown(key: slice) -> TensorShape:
    """What a slice of a shape with unknown rank is known to be."""
    if key.step is not None:
        raise ValueError("Steps are not yet handled")
    start, stop = key.start or 0, key.stop
    if stop is None or start < 0 or stop < 0:
        return TensorShape(None)
    return TensorShape([None] * max(stop - start, 0))
