"""Names: ``dense``, ``dense_1`` … for objects, ``sequential/dense/kernel`` for variables.

Every automatic name counts per prefix, over the whole program, until `reset_names`; so a second
model built in one program has other names than the first.
"""

from __future__ import annotations

import re
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

from scratchnet.engine.errors import say

_used: defaultdict[str, int] = defaultdict(int)


class _Scopes(threading.local):
    def __init__(self) -> None:
        # Of each: its name, who opened it, the path that it stands for.
        self.open: list[tuple[str, object, str]] = []


_SCOPES = _Scopes()


def to_snake_case(name: str) -> str:
    """A class name as the prefix of an automatic name.

    >>> [to_snake_case(n) for n in ("MaxPooling2D", "BatchNormalization", "ReLU")]
    ['max_pooling2d', 'batch_normalization', 're_lu']
    """
    name = re.sub(r"\W+", "", name)
    name = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()


def auto_name(class_name: str) -> str:
    """The next unused name for an object of that class: ``dense``, then ``dense_1``, …"""
    prefix = to_snake_case(class_name)
    count = _used[prefix]
    _used[prefix] += 1
    return f"{prefix}_{count}" if count else prefix


def names_used(class_name: str) -> int:
    """How many names `auto_name` has given to objects of that class."""
    return _used[to_snake_case(class_name)]


def skip_names(class_name: str, count: int) -> None:
    """Let the next `count` names of `auto_name` go unused."""
    _used[to_snake_case(class_name)] += count


def reset_names() -> None:
    """Count every prefix from the beginning again."""
    _used.clear()


def object_name(thing: object) -> str:
    """What to call `thing` in logs: its ``name``, or its function or class name in snake case."""
    name = getattr(thing, "name", None)
    if isinstance(name, str):
        return name
    return to_snake_case(getattr(thing, "__name__", type(thing).__name__))


def check_name(where: str, name: object) -> str:
    """`name`, which may not contain ``/`` since paths are joined by it."""
    if not isinstance(name, str) or "/" in name:
        raise ValueError(say(where, "name", "must be a string without '/'", name))
    return name


def current_path() -> str:
    """The names of the scopes that are open, joined by ``/``."""
    return _SCOPES.open[-1][2] if _SCOPES.open else ""


@contextmanager
def name_scope(name: str, owner: object, parent: str | None = None) -> Iterator[str]:
    """Variables made in this context get ``name/`` before their name; yields the path.

    Args:
        name: the last part of the path.
        owner: who opens it.  The owner of the innermost scope does not open it a second time.
        parent: the path before `name`; that of the scope around if not given.
    """
    scopes = _SCOPES.open
    if scopes and scopes[-1][0] == name and scopes[-1][1] is owner:
        yield scopes[-1][2]
        return
    before = current_path() if parent is None else parent
    path = f"{before}/{name}" if before else name
    scopes.append((name, owner, path))
    try:
        yield path
    finally:
        scopes.pop()
