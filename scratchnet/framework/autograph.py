"""tf.autograph: nothing is rewritten here; its decorators give back what they get."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Callable
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from scratchnet.engine.errors import say
from scratchnet.engine.tracebacks import warn
from scratchnet.unsupported import listed, missing

__all__ = ["experimental", "set_verbosity", "to_code", "to_graph", "trace"]


def set_verbosity(level: int, alsologtostdout: bool = False) -> None:
    """Nothing: there is nothing to tell of (``tf.autograph.set_verbosity``).

    Raises:
        TypeError: `level` is no integer.
    """
    if not isinstance(level, int):
        raise TypeError(say("set_verbosity", "level", "must be an integer", level))


def to_code(
    entity: Callable[..., Any], recursive: bool = True, experimental_optional_features: Any = None
) -> str:
    """The code that runs: that of `entity` as it stands, where TensorFlow shows what it rewrote.

    Raises:
        ValueError: `entity` has no code of Python's; the ``python_function`` of a `tf.function`
            has.
    """
    if not hasattr(entity, "__code__") and not hasattr(entity, "__func__"):
        rule = (
            "must expose a __code__ object (if this is a @tf.function, try passing "
            "f.python_function instead)"
        )
        raise ValueError(say("to_code", "entity", rule, entity))
    warn("to_code: nothing is rewritten here; the code is that of the function itself")
    return textwrap.dedent(inspect.getsource(entity))


def to_graph(
    entity: Callable[..., Any], recursive: bool = True, experimental_optional_features: Any = None
) -> Callable[..., Any]:
    """`entity` itself: a Python ``if`` or ``while`` on a tensor runs as it stands.

    Raises:
        ValueError: it is not callable.

    >>> to_graph(abs)(-2)
    2
    """
    if not callable(entity):
        raise ValueError(say("to_graph", "entity", "must be callable", entity))
    return entity


def trace(*args: Any) -> None:
    """Print `args` (``tf.autograph.trace``)."""
    print(*args)


def _do_not_convert(func: Any = None) -> Any:
    """`func` itself, or a decorator that gives it back."""
    return (lambda given: given) if func is None else func


def _set_loop_options(**options: Any) -> None:
    """Nothing: how a loop is made a graph of does not matter here."""


experimental = SimpleNamespace(do_not_convert=_do_not_convert, set_loop_options=_set_loop_options)

if not TYPE_CHECKING:  # a type checker is to see which names there are
    __getattr__ = missing(__name__, "tf.autograph")
    __dir__ = listed(__name__)
