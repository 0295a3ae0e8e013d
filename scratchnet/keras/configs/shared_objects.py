"""Objects that occur several times in one saved model, and are one object again when loaded."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_KEY = "shared_object_id"


class _Shared(threading.local):
    numbers: dict[int, tuple[int, Any]] | None = None  # id of an object -> (its number, itself)
    loaded: dict[Any, Any] | None = None  # number -> object


_SHARED = _Shared()


@contextmanager
def numbering() -> Iterator[None]:
    """In this context `numbered` numbers objects."""
    outer, _SHARED.numbers = _SHARED.numbers, {}
    try:
        yield
    finally:
        _SHARED.numbers = outer


def numbered(thing: Any, config: dict[str, Any]) -> dict[str, Any]:
    """`config`, which describes `thing`, with the number of `thing`, which is kept alive."""
    numbers = _SHARED.numbers
    if numbers is not None:
        config[_KEY] = numbers.setdefault(id(thing), (len(numbers) + 1, thing))[0]
    return config


def without_lone_numbers(config: Any) -> Any:
    """`config` without the numbers that occur once only."""
    counts = Counter(_found(config))

    def cleaned(part: Any) -> Any:
        if isinstance(part, list | tuple):
            return type(part)(cleaned(x) for x in part)
        if not isinstance(part, dict):
            return part
        alone = _KEY in part and counts[part[_KEY]] == 1
        return {k: cleaned(x) for k, x in part.items() if not (alone and k == _KEY)}

    return cleaned(config)


def _found(part: Any) -> Iterator[Any]:
    if isinstance(part, dict):
        if _KEY in part:
            yield part[_KEY]
        part = list(part.values())
    if isinstance(part, list | tuple):
        for x in part:
            yield from _found(x)


@contextmanager
def remembering() -> Iterator[None]:
    """In this context objects with one number are one object."""
    outer, _SHARED.loaded = _SHARED.loaded, {}
    try:
        yield
    finally:
        _SHARED.loaded = outer


def remembered(config: dict[str, Any]) -> Any:
    """The object that has the number of `config` already, or None."""
    return None if _SHARED.loaded is None else _SHARED.loaded.get(config.get(_KEY))


def remember(config: dict[str, Any], thing: Any) -> None:
    """Keep `thing` under the number of `config`, if there is one."""
    if _SHARED.loaded is not None and _KEY in config:
        _SHARED.loaded[config[_KEY]] = thing
