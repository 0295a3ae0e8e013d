"""Which objects of a model have weights, and the path of each of them in a file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scratchnet.keras.naming import to_snake_case


def saved_objects(model: Any) -> list[tuple[str, Any]]:
    """`model` and all that it holds: (path, layer or optimizer), each once, in Keras's order.

    An attribute is called by its name; what is in a list or dict, by its class in snake case, with
    a number: ``layers/dense_1``.

    >>> from scratchnet import keras
    >>> dense = keras.layers.Dense
    >>> [path for path, _ in saved_objects(keras.Sequential([dense(2), dense(1)]))]
    ['', 'layers/dense', 'layers/dense_1']
    """
    return list(_walk(model, "", set()))


def _walk(saveable: Any, path: str, seen: set[int]) -> Iterator[tuple[str, Any]]:
    if id(saveable) in seen:
        return
    seen.add(id(saveable))
    yield path, saveable
    for name, value in saveable._attributes_to_save() if _is_layer(saveable) else ():
        if _is_layer(value) or _is_optimizer(value):
            yield from _walk(value, join_path(path, name), seen)
        elif isinstance(value, list | tuple | dict):
            yield from _walk_parts(value, join_path(path, name), seen)


def _walk_parts(container: Any, path: str, seen: set[int]) -> Iterator[tuple[str, Any]]:
    if id(container) in seen:
        return  # it holds itself
    seen.add(id(container))
    counts: dict[str, int] = {}
    for part in container.values() if isinstance(container, dict) else container:
        is_container = isinstance(part, list | tuple | dict)
        if not is_container and not _is_layer(part):
            continue
        name = "container" if is_container else to_snake_case(type(part).__name__)
        count = counts.get(name, 0)
        counts[name] = count + 1
        walk = _walk_parts if is_container else _walk
        yield from walk(part, join_path(path, f"{name}_{count}" if count else name), seen)


def _is_layer(value: Any) -> bool:
    return hasattr(type(value), "_attributes_to_save") and hasattr(value, "save_own_variables")


def _is_optimizer(value: Any) -> bool:
    return hasattr(value, "save_own_variables") and hasattr(value, "apply_gradients")


def join_path(*parts: str) -> str:
    """The parts that are not empty, with ``/`` between them."""
    return "/".join(part for part in parts if part)
