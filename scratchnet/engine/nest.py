"""Nested structures — dicts, lists, tuples, named tuples of leaves — flattened and packed again.

Dict entries go in the order of their sorted keys, as in ``tf.nest``.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any


def is_nested(structure: object) -> bool:
    """Whether `structure` is a container rather than a leaf (``tf.nest.is_nested``)."""
    return isinstance(structure, list | tuple | dict)


def flatten(structure: object) -> list[Any]:
    """The leaves of `structure` in order (``tf.nest.flatten``).

    >>> flatten({"b": [1, 2], "a": (3,)})
    [3, 1, 2]
    """
    if isinstance(structure, dict):
        return [leaf for key in sorted(structure) for leaf in flatten(structure[key])]
    if isinstance(structure, list | tuple):
        return [leaf for part in structure for leaf in flatten(part)]
    return [structure]


def pack(structure: Any, leaves: list[Any]) -> Any:
    """`leaves` in the shape of `structure` (``tf.nest.pack_sequence_as``).

    >>> pack({"b": [1, 2], "a": (3,)}, list("xyz"))
    {'b': ['y', 'z'], 'a': ('x',)}
    """
    wanted = len(flatten(structure))
    if wanted != len(leaves):
        raise ValueError(
            f"Could not pack sequence. Structure had {wanted} atoms, but flat_sequence had "
            f"{len(leaves)} items."
        )
    return _pack(structure, iter(leaves))


def _pack(structure: Any, leaves: Iterator[Any]) -> Any:
    if isinstance(structure, dict):
        packed = copy.copy(structure)  # which keeps its class and the order of its keys
        packed.update({key: _pack(structure[key], leaves) for key in sorted(structure)})
        return packed
    if isinstance(structure, list | tuple):
        parts = [_pack(part, leaves) for part in structure]
        if hasattr(structure, "_fields"):  # a named tuple takes its fields one by one
            return type(structure)(*parts)
        return parts if isinstance(structure, list) else tuple(parts)
    return next(leaves)
