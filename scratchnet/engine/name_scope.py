"""Names: name_scope, for variables made inside it, and ``name=``, which functions take."""

from __future__ import annotations

import inspect
import threading
from collections.abc import Callable
from functools import cache, wraps
from types import FunctionType, TracebackType
from typing import Any

import numpy as np

from scratchnet.engine.tracebacks import filtered, warn


class _Scopes(threading.local):
    def __init__(self) -> None:
        self.prefixes: list[str] = []


_SCOPES = _Scopes()


def current_name_scope() -> str:
    """The open scopes, joined by ``/``; empty outside them (``tf.get_current_name_scope``).

    >>> with name_scope("net"), name_scope("dense"):
    ...     print(current_name_scope())
    net/dense
    """
    return _SCOPES.prefixes[-1].rstrip("/") if _SCOPES.prefixes else ""


def in_scope(name: str) -> str:
    """`name`, after the names of the open scopes."""
    return (_SCOPES.prefixes[-1] if _SCOPES.prefixes else "") + name


class name_scope:  # noqa: N801 - TensorFlow's name
    """A context that puts ``name/`` before the names of variables (``tf.name_scope``).

    A name that ends in ``/`` stands for itself, whatever scopes are open.

    Args:
        name: the name.

    Raises:
        ValueError: `name` is no string.

    >>> import scratchnet as tf
    >>> with name_scope("layer") as scope:
    ...     w = tf.Variable(1.0, name="w")
    >>> scope, w.name
    ('layer/', 'layer/w:0')
    """

    def __init__(self, name: str) -> None:
        if not isinstance(name, str):
            raise ValueError("name for name_scope must be a string.")
        self._name = name

    @property
    def name(self) -> str:
        return self._name

    def __enter__(self) -> str:
        absolute = self._name.endswith("/") or not self._name
        prefix = self._name if absolute else in_scope(f"{self._name}/")
        _SCOPES.prefixes.append(prefix)
        return prefix

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        _SCOPES.prefixes.pop()


def accept_names(space: dict[str, Any]) -> None:
    """Let the functions among `space`, a module's names, take ``name=`` as TensorFlow's do.

    It has no effect there either: ops that run at once have no name.  As there it may stand without
    ``name=`` after all other arguments.  A tensor in its place is a mistake that TensorFlow does
    not see, and that draws a warning here.

    >>> import scratchnet as tf
    >>> print(tf.add(1, 2, name="sum"))
    tf.Tensor(3, shape=(), dtype=int32)
    """
    for key in space["__all__"]:
        function = space[key]
        if isinstance(function, FunctionType) and _takes_no_name(function):
            space[key] = _named(function)


def _takes_no_name(function: FunctionType) -> bool:
    parameters = inspect.signature(function).parameters
    return "name" not in parameters and not hasattr(function, "__wrapped__")


@cache  # tf.add and tf.math.add stay one function
def _named(function: Callable[..., Any]) -> Callable[..., Any]:
    parameters = inspect.signature(function).parameters.values()
    with_name = 1 + sum(p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD) for p in parameters)
    if any(p.kind is p.VAR_POSITIONAL for p in parameters):
        with_name = -1  # what stands last is one of them

    @wraps(function)
    def named(*args: Any, name: str | None = None, **kwargs: Any) -> Any:
        if len(args) == with_name and name is None:
            *args, name = args  # type: ignore[assignment]
        if name is not None and not isinstance(name, str):
            _look_at(function.__name__, name)
        try:
            return function(*args, **kwargs)
        except Exception as error:
            raise filtered(error)  # noqa: B904 - disable_traceback_filtering() shows all

    return named


def _look_at(function: str, name: Any) -> None:
    """Say what becomes of a `name` that is no string.

    TensorFlow looks at no name outside graphs, so that ``tf.square(y, target)``, where one wants
    `tf.math.squared_difference`, is y² there; with a tensor or an array for a name it is so here.

    Raises:
        TypeError: it is neither.
    """
    rule = f"{function}: `name` must be a string, received name={name!r}"
    if not hasattr(name, "_data") and not isinstance(name, np.ndarray):
        raise TypeError(rule)
    warn(f"{rule}; it is not used, as in TensorFlow: {function} takes no further tensor")
