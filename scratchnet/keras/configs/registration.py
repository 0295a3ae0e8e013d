"""Your own classes and functions, by the names that saved models have for them."""

from __future__ import annotations

import inspect
import threading
from collections.abc import Callable
from typing import Any

from scratchnet.engine.errors import say

_objects: dict[str, Any] = {}  # "package>name" -> class or function
_names: dict[Any, str] = {}  # the other way round


class _Scope(threading.local):
    def __init__(self) -> None:
        self.known: dict[str, Any] = {}  # to the innermost `CustomObjectScope`


_SCOPE = _Scope()


def register_keras_serializable(
    package: str = "Custom", name: str | None = None
) -> Callable[[Any], Any]:
    """A decorator: the class or function can be saved and loaded, as ``package>name``.

    Args:
        package: the first part of the name.
        name: the second; the name of the class or function if not given.

    Raises:
        ValueError: a class without ``get_config``.

    Reference: ``keras.saving.register_keras_serializable``.

    >>> @register_keras_serializable("shop")
    ... def twice(x):
    ...     return 2 * x
    >>> get_registered_name(twice), get_registered_object("shop>twice") is twice
    ('shop>twice', True)
    """

    def register(thing: Any) -> Any:
        if inspect.isclass(thing) and not hasattr(thing, "get_config"):
            raise ValueError(
                "register_keras_serializable: Cannot register a class that does not have a "
                f"get_config() method, received {thing}"
            )
        known = f"{package}>{thing.__name__ if name is None else name}"
        _objects[known], _names[thing] = thing, known
        return thing

    return register


def get_registered_name(obj: Any) -> str:
    """The name that `obj` was registered by, else its own (``keras.saving.get_registered_name``)"""
    return str(_names[obj] if obj in _names else obj.__name__)


def get_registered_object(
    name: str,
    custom_objects: dict[str, Any] | None = None,
    module_objects: dict[str, Any] | None = None,
) -> Any:
    """What is known as `name`: to the scope around, the register, or one of the dicts; else None.

    Reference: ``keras.saving.get_registered_object``.
    """
    for known in (_SCOPE.known, _objects, custom_objects, module_objects):
        if known and name in known:
            return known[name]
    return None


def get_custom_objects() -> dict[str, Any]:
    """The register itself: name -> object (``keras.saving.get_custom_objects``)."""
    return _objects


_RULE = "must be a dict of classes and functions by their names"


def _is_dict_or_empty(given: Any) -> bool:
    return isinstance(given, dict | None) or (isinstance(given, list | tuple) and not given)


def all_custom_objects(given: dict[str, Any] | None) -> dict[str, Any]:
    """`given`, what the scope around knows, and the register; the latter win.

    Raises:
        TypeError: `given` is no dict.
    """
    if not _is_dict_or_empty(given):
        raise TypeError(say("deserialize", "custom_objects", _RULE, given))
    return {**(given or {}), **_SCOPE.known, **_objects}


class CustomObjectScope:
    """A context in which saved models may refer to `custom_objects` by name.

    Args:
        custom_objects: name -> class or function.

    Raises:
        ValueError: it is no dict.

    Reference: ``keras.saving.CustomObjectScope``, also ``custom_object_scope``.

    >>> with CustomObjectScope({"Mine": int}):
    ...     get_registered_object("Mine")
    <class 'int'>
    """

    def __init__(self, custom_objects: dict[str, Any] | None) -> None:
        if not _is_dict_or_empty(custom_objects):
            raise ValueError(say("CustomObjectScope", "custom_objects", _RULE, custom_objects))
        self.custom_objects: dict[str, Any] = custom_objects or {}
        self._outer: dict[str, Any] = {}

    def __enter__(self) -> CustomObjectScope:
        self._outer, _SCOPE.known = _SCOPE.known, dict(self.custom_objects)
        return self

    def __exit__(self, *error: object) -> None:
        _SCOPE.known = self._outer


custom_object_scope = CustomObjectScope
