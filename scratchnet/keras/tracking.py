"""What an object owns: found by looking at its attributes, so that nothing has to be registered."""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache
from itertools import compress
from typing import Any, TypeVar

T = TypeVar("T")

# Most attributes, and most elements of long lists, are of these types; the search runs in each
# training step.
_PLAIN = frozenset({str, int, float, bool, type(None)})


def owned(holder: object, *kinds: type[T]) -> list[T]:
    """The instances of `kinds` among the attributes of `holder`, in lists and dicts too, each once.

    In the order in which the attributes were first set.

    >>> class Holder: pass
    >>> holder = Holder()
    >>> holder.a, holder.b = 1j, [2j, {"k": 3j}, "x"]
    >>> owned(holder, complex)
    [1j, 2j, 3j]
    """
    found: dict[int, T] = {}
    _collect(vars(holder).values(), kinds, found, set())
    return list(found.values())


def _collect(
    values: Collection[Any], kinds: tuple[type[T], ...], found: dict[int, T], seen: set[int]
) -> None:
    role_of = _roles(kinds).__getitem__
    for value in compress(values, map(role_of, map(type, values))):  # those that have a role
        role = role_of(type(value))
        if role == "wanted":
            found[id(value)] = value
        elif value and (key := id(value)) not in seen:
            seen.add(key)  # a list may hold itself
            inner = value.values() if role == "dict" else value
            if _PLAIN.issuperset(map(type, inner)):
                continue
            if len(inner) < 10 or _may_hold(inner, kinds):
                _collect(inner, kinds, found, seen)


def _may_hold(values: Collection[Any], kinds: tuple[type[T], ...]) -> bool:
    # Python finds out in C, without a loop over the values here, that thousands are of one type.
    classes: list[Any] = list(map(type, values))
    alike = classes.count(classes[0]) == len(classes)
    several = classes[:1] if alike else set(classes)
    roles = _roles(kinds)
    return any([roles[cls] for cls in several])


class _Roles(dict[type, str]):
    """By type, what to do with an instance: "wanted", "dict", "sequence", or nothing if empty."""

    def __init__(self, kinds: tuple[type, ...]) -> None:
        self._kinds = kinds

    def __missing__(self, cls: Any) -> str:
        if len(self) > 1024:  # a program that makes classes without end
            self.clear()
        self[cls] = role = self._found(cls)
        return role

    def _found(self, cls: Any) -> str:
        if issubclass(cls, self._kinds):
            return "wanted"
        if issubclass(cls, dict):
            return "dict"
        return "sequence" if issubclass(cls, list | tuple) else ""


@lru_cache(maxsize=64)
def _roles(kinds: tuple[type, ...]) -> _Roles:
    return _Roles(kinds)


def unique(things: list[T]) -> list[T]:
    """`things`, each once, by identity."""
    return list({id(thing): thing for thing in things}.values())
