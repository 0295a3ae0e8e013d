"""What public functions and classes take, beside what Keras's take."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import tensorflow

import scratchnet
from tests.support.keras_programs import twins


def parameters(function: Any) -> list[tuple[str, Any, Any]]:
    """The name, the kind and the default of each parameter."""
    return [(p.name, p.kind, p.default) for p in inspect.signature(function).parameters.values()]


def taken_alike(module: str, *names: str, lacking: dict[str, str] | None = None) -> None:
    """Functions and classes of ``keras.<module>`` take what Keras's do, with the same defaults.

    Args:
        module: such as ``"utils"``.
        *names: those to look at; all public ones that Keras has, too, if none is given.
        lacking: by name, the parameters of Keras's, parted by spaces, that are not here.
    """
    ours: Any = scratchnet.keras
    theirs: Any = tensorflow.keras
    for part in module.split("."):
        ours, theirs = getattr(ours, part), getattr(theirs, part)
    found, wanted = {}, {}
    for name in names or [n for n in ours.__all__ if hasattr(theirs, n)]:
        if not callable(getattr(ours, name)):
            continue
        left = (lacking or {}).get(name, "").split()
        found[name] = parameters(getattr(ours, name))
        wanted[name] = [p for p in parameters(getattr(theirs, name)) if p[0] not in left]
    assert found
    different = {n: (found[n], wanted[n]) for n in found if found[n] != wanted[n]}
    assert not different, different


def attributes_alike(make: Callable[[Any], Any]) -> None:
    """What `make` makes of ``tf.keras`` has Keras's public attributes of plain values.

    Args:
        make: a function of a module of Keras, which returns an object.
    """
    theirs, ours = twins(lambda tf: make(tf.keras))
    wanted = {k: v for k, v in vars(theirs).items() if k[0] != "_" and _is_plain(v)}
    found = {k: getattr(ours, k, "missing") for k in wanted}
    assert {k: _plain(v) for k, v in found.items()} == {k: _plain(v) for k, v in wanted.items()}


def _plain(value: Any) -> Any:
    """Keras keeps lists in lists of its own, which watch for layers in them."""
    return [_plain(x) for x in value] if isinstance(value, list | tuple) else value


def _is_plain(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return all(map(_is_plain, value))
    return isinstance(value, int | float | str | None)
