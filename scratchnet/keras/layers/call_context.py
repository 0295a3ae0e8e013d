"""During a call: the training flag handed down, and errors told with the arguments."""

from __future__ import annotations

import inspect
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from scratchnet.engine.tensor import Tensor


class _Context(threading.local):
    """What a call hands to the calls inside it."""

    training: bool | None = None  # the flag of the outermost call that set one
    depth = 0  # how many calls are under way
    any_batch = False  # whether layers are built for any number of samples


CONTEXT = _Context()


@contextmanager
def any_batch() -> Iterator[None]:
    """Layers that are built in this context are built for any number of samples."""
    outer = CONTEXT.any_batch
    CONTEXT.any_batch = True
    try:
        yield
    finally:
        CONTEXT.any_batch = outer


def explained(
    error: Exception,
    function: Callable[..., Any],
    label: str,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> Exception:
    """`error` again, of its own type, with the arguments of the call in its text.

    The innermost call that fails tells its arguments; those around it hand the error on as it is.
    So they do where memory has run out: NumPy's error for that cannot be made of a text.
    """
    if isinstance(error, MemoryError) or getattr(error, "_call_told", False):
        return error
    text = (
        "Exception encountered when calling "
        f"{label}.\n\n\x1b[1m{error.args[0] if error.args else ''}\x1b[0m\n\nArguments received by "
        f"{label}:\n{_arguments(function, args, kwargs)}"
    )
    try:
        told: Exception = type(error)(text)
    except TypeError:  # an error class of the user's, with a constructor of its own
        told = RuntimeError(text)
    told._call_told = True  # type: ignore[attr-defined]
    return told.with_traceback(error.__traceback__)


def _arguments(function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> str:
    signature = inspect.signature(function)
    try:
        bound = signature.bind(*args, **kwargs).arguments
    except TypeError:
        bound = {"args": args, "kwargs": kwargs}
    defaults = {name: p.default for name, p in signature.parameters.items()}
    return "\n".join(f"  • {name}={_shown(value)}" for name, value in {**defaults, **bound}.items())


def _shown(value: Any) -> str:
    if isinstance(value, Tensor):
        return f"tf.Tensor(shape={value._data.shape}, dtype={value.dtype.name})"
    if isinstance(value, list | tuple):
        inner = ", ".join(repr(_shown(part)) for part in value)
        return (
            f"[{inner}]"
            if isinstance(value, list)
            else f"({inner}{',' if len(value) == 1 else ''})"
        )
    return repr(value)
