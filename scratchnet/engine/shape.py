"""TensorShape: the tuple of sizes that TensorFlow prints as ``TensorShape([2, 3])``."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import SupportsIndex, overload


class TensorShape(tuple[int | None, ...]):
    """Sizes of the axes; ``None`` where a size is not known yet (``tf.TensorShape``).

    >>> TensorShape([2, 3]), str(TensorShape([2, 3])), TensorShape([2, 3]) == [2, 3]
    (TensorShape([2, 3]), '(2, 3)', True)
    """

    __slots__ = ()

    @property
    def rank(self) -> int:
        return len(self)

    ndims = rank

    def as_list(self) -> list[int | None]:
        """The sizes as a list."""
        return list(self)

    def num_elements(self) -> int | None:
        """The product of the sizes; ``None`` while one of them is unknown."""
        return None if None in self else math.prod(size for size in self if size is not None)

    def is_fully_defined(self) -> bool:
        """Whether every size is known."""
        return None not in self

    @overload
    def __getitem__(self, key: SupportsIndex) -> int | None: ...
    @overload
    def __getitem__(self, key: slice) -> TensorShape: ...
    def __getitem__(self, key: SupportsIndex | slice) -> int | TensorShape | None:
        found = super().__getitem__(key)
        return TensorShape(found) if isinstance(key, slice) else found  # type: ignore[arg-type,return-value]

    def __eq__(self, other: object) -> bool:
        return tuple(self) == tuple(other) if isinstance(other, list | tuple) else False

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __add__(self, other: Iterable[int | None]) -> TensorShape:  # type: ignore[override]
        return TensorShape((*self, *other))

    def __radd__(self, other: Iterable[int | None]) -> TensorShape:
        return TensorShape((*other, *self))

    def __bool__(self) -> bool:
        return True  # even of a scalar: its shape is known

    __hash__ = tuple.__hash__

    def __repr__(self) -> str:
        return f"TensorShape({list(self)})"

    def __str__(self) -> str:
        return tuple.__repr__(self)
