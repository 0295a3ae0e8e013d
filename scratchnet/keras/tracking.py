"""What an object owns: found by looking at its attributes, so that nothing has to be registered."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

T = TypeVar("T")

# Most attributes are of these types; the search runs several times in each training step.
_PLAIN = frozenset({str, int, float, bool, type(None)})
_CONTAINERS = (list, tuple, dict)


def owned(holder: object, kind: type[T]) -> list[T]:
    """The instances of `kind` among the attributes of `holder`, in lists and dicts too, each once.

    In the order in which the attributes were first set.

    >>> class Holder: pass
    >>> holder = Holder()
    >>> holder.a, holder.b = 1j, [2j, {"k": 3j}, "x"]
    >>> owned(holder, complex)
    [1j, 2j, 3j]
    """
    found: dict[int, T] = {}
    _collect(vars(holder).values(), kind, found)
    return list(found.values())


def _collect(values: Iterable[Any], kind: type[T], found: dict[int, T]) -> None:
    for value in values:
        if type(value) in _PLAIN:
            continue
        if isinstance(value, kind):
            found.setdefault(id(value), value)
        elif isinstance(value, _CONTAINERS):
            _collect(value.values() if isinstance(value, dict) else value, kind, found)


def unique(things: list[T]) -> list[T]:
    """`things`, each once, by identity."""
    return list({id(thing): thing for thing in things}.values())
