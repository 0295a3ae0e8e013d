"""Tracebacks and warnings that show the user's lines: frames of the package are left out.

A frame is the user's if its file belongs neither to scratchnet nor to Python's standard library.
Public entries (calls of layers, `fit`, the functions of ``tf``, …) hand on what is raised inside
them by :func:`filtered`: type, text and chain of the error stay, its traceback loses the frames of
scratchnet, and those of libraries that these called.  Nothing is paid where nothing is raised.
"""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Callable
from functools import wraps
from types import TracebackType
from typing import Any, TypeVar

_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
_STANDARD = os.path.dirname(os.path.abspath(os.__file__)) + os.sep
_IS_THE_USERS: dict[str, bool] = {}  # by file

_settings = {"filter": True}


def is_the_users(file: str) -> bool:
    """Whether code of `file` is neither scratchnet's nor of Python's standard library."""
    known = _IS_THE_USERS.get(file)
    if known is None:
        of_python = _is_of_python(file) and not _is_installed(file)
        known = _IS_THE_USERS[file] = not (of_python or file.startswith(_PACKAGE))
    return known


def _is_of_python(file: str) -> bool:
    return file.startswith(("<frozen ", _STANDARD))


def _is_installed(file: str) -> bool:
    return "site-packages" in file or "dist-packages" in file


# -- tracebacks ------------------------------------------------------------------------------------


def enable_traceback_filtering() -> None:
    """Let tracebacks leave out the frames of scratchnet; so they do unless told otherwise.

    Reference: ``keras.config.enable_traceback_filtering`` and, one setting with it here,
    ``tf.debugging.enable_traceback_filtering``.

    >>> enable_traceback_filtering()
    >>> is_traceback_filtering_enabled()
    True
    """
    _settings["filter"] = True


def disable_traceback_filtering() -> None:
    """Undo `enable_traceback_filtering`: tracebacks show every frame.

    >>> disable_traceback_filtering()
    >>> is_traceback_filtering_enabled()
    False
    >>> enable_traceback_filtering()
    """
    _settings["filter"] = False


def is_traceback_filtering_enabled() -> bool:
    """Whether tracebacks leave out the frames of scratchnet."""
    return _settings["filter"]


E = TypeVar("E", bound=BaseException)


def filtered(error: E) -> E:
    """`error`, whose traceback keeps the frames of the user: ``raise filtered(error)``.

    What it was raised during is left out of its report if both were raised inside the package.
    """
    if not _settings["filter"]:
        return error
    frames, innermost = [], ""
    below_ours = True  # the entry that catches the error is scratchnet's
    trace = error.__traceback__
    while trace is not None:
        innermost = file = trace.tb_frame.f_code.co_filename
        if file.startswith(_PACKAGE):
            below_ours = True
        elif not (below_ours and (_is_of_python(file) or _is_installed(file))):
            below_ours = False
            frames.append(trace)
        trace = trace.tb_next
    if innermost.startswith(_PACKAGE) and reason(error) is None:
        error.__suppress_context__ = True
    kept = None
    for trace in reversed(frames):
        kept = TracebackType(kept, trace.tb_frame, trace.tb_lasti, trace.tb_lineno)
    return error.with_traceback(kept)


def reason(error: BaseException) -> BaseException | None:
    """The error that `error` came of and that a report has to show, if there is one.

    What the package caught and told better is none.
    """
    context = None if error.__suppress_context__ else error.__context__
    return error.__cause__ or (None if context is None or _is_ours(context) else context)


def _is_ours(error: BaseException) -> bool:
    """Whether all of its traceback is scratchnet's, or that of libraries that it called."""
    trace = error.__traceback__
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        if not (file.startswith(_PACKAGE) or _is_of_python(file) or _is_installed(file)):
            return False
        trace = trace.tb_next
    return True


F = TypeVar("F", bound=Callable[..., Any])


def filters_tracebacks(function: F) -> F:
    """`function`, a public entry: what it raises is handed on by :func:`filtered`."""

    @wraps(function)
    def entry(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except Exception as error:
            raise filtered(error)  # noqa: B904 - disable_traceback_filtering() shows all

    return entry  # type: ignore[return-value]


# -- warnings --------------------------------------------------------------------------------------


def warn(text: str, category: type[Warning] = UserWarning) -> None:
    """``warnings.warn``, pointing at the user's line that led here."""
    frame, level = sys._getframe(1), 2
    while not is_the_users(frame.f_code.co_filename):
        if frame.f_back is None:
            break
        frame, level = frame.f_back, level + 1
    warnings.warn(text, category, stacklevel=level)
