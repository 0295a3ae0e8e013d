"""Objects that occur several times in one saved model, and are one object again when loaded.

Such an object has a ``shared_object_id`` in the config, as in Keras.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_KEY = "shared_object_id"


class _Shared(threading.local):
    numbers: dict[int, tuple[int, Any]] | None = None  # id() -> (shared_object_id, object)
    loaded: dict[Any, Any] | None = None  # shared_object_id -> object


_SHARED = _Shared()


@contextmanager
def numbering() -> Iterator[None]:
    """In this context `numbered` gives objects a shared_object_id."""
    outer, _SHARED.numbers = _SHARED.numbers, {}
    try:
        yield
    finally:
        _SHARED.numbers = outer


def numbered(thing: Any, config: dict[str, Any]) -> dict[str, Any]:
    """`config`, that of `thing`, with a shared_object_id; `thing` is kept alive."""
    numbers = _SHARED.numbers
    if numbers is not None:
        config[_KEY] = numbers.setdefault(id(thing), (len(numbers) + 1, thing))[0]
    return config


def without_lone_numbers(config: Any) -> Any:
    """`config` without the ids that occur once only."""
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
    """In this context configs with one id become one object."""
    outer, _SHARED.loaded = _SHARED.loaded, {}
    try:
        yield
    finally:
        _SHARED.loaded = outer


def remembered(config: dict[str, Any]) -> Any:
    """The object that was made for the id of `config` already, or None."""
    return None if _SHARED.loaded is None else _SHARED.loaded.get(config.get(_KEY))


def remember(config: dict[str, Any], thing: Any) -> None:
    """Keep `thing` for the id of `config`, if it has one."""
    if _SHARED.loaded is not None and _KEY in config:
        _SHARED.loaded[config[_KEY]] = thing
