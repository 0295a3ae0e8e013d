"""Nested structures — dicts, lists, tuples, named tuples of leaves — flattened and packed again.

Dict entries go in the order of their sorted keys, as in ``tf.nest``.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping, MappingView, Sequence
from functools import cache
from typing import Any


def is_nested(structure: object) -> bool:
    """Whether `structure` is a container rather than a leaf (``tf.nest.is_nested``).

    >>> is_nested([1]), is_nested({}), is_nested(range(2)), is_nested("ab"), is_nested({1, 2})
    (True, True, True, False, False)
    """
    return _is_container(type(structure))  # type: ignore[arg-type]  # classes are hashable


@cache  # asked several times in each training step; the abstract classes are slow to answer
def _is_container(cls: Any) -> bool:
    text = (str, bytes, bytearray, memoryview)
    return issubclass(cls, Sequence | Mapping | MappingView) and not issubclass(cls, text)


def parts(structure: Any) -> Iterable[Any]:
    """What stands one level inside a container, in the order of `flatten`."""
    if isinstance(structure, Mapping):
        return [structure[key] for key in sorted(structure)]
    return structure  # type: ignore[no-any-return]


def flatten(structure: object) -> list[Any]:
    """The leaves of `structure` in order (``tf.nest.flatten``).

    >>> flatten({"b": [1, 2], "a": (3,)})
    [3, 1, 2]
    """
    if not is_nested(structure):
        return [structure]
    return [leaf for part in parts(structure) for leaf in flatten(part)]


def pack(structure: Any, leaves: Sequence[Any]) -> Any:
    """`leaves` in the shape of `structure` (``tf.nest.pack_sequence_as``).

    >>> pack({"b": [1, 2], "a": (3,)}, list("xyz"))
    {'b': ['y', 'z'], 'a': ('x',)}
    """
    wanted = len(flatten(structure))
    if wanted != len(leaves):
        raise ValueError(
            f"Could not pack sequence. Structure had {wanted} atoms, but flat_sequence had "
            f"{len(leaves)} items.  Structure: {structure}, flat_sequence: {leaves}."
        )
    return _pack(structure, iter(leaves))


def _pack(structure: Any, leaves: Iterator[Any]) -> Any:
    if not is_nested(structure):
        return next(leaves)
    if isinstance(structure, Mapping):
        packed: Any = copy.copy(structure)  # which keeps its class and the order of its keys
        packed.update({key: _pack(structure[key], leaves) for key in sorted(structure)})
        return packed
    packed = [_pack(part, leaves) for part in structure]
    if not isinstance(structure, tuple):
        return packed
    if hasattr(structure, "_fields"):  # a named tuple takes its fields one by one
        return type(structure)(*packed)
    return tuple(packed)
