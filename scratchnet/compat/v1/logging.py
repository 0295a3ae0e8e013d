"""``tf.compat.v1.logging``: the logger of `tf.get_logger` by functions.

>>> import scratchnet as tf
>>> tf.compat.v1.logging.set_verbosity(tf.compat.v1.logging.ERROR)
>>> tf.get_logger().level == tf.compat.v1.logging.get_verbosity() == 40
True
>>> tf.compat.v1.logging.set_verbosity(tf.compat.v1.logging.WARN)
"""

from __future__ import annotations

import logging as _logging
from typing import TYPE_CHECKING, Any

from scratchnet.framework.eager import get_logger
from scratchnet.unsupported import listed, missing

__all__ = [
    "DEBUG",
    "ERROR",
    "FATAL",
    "INFO",
    "WARN",
    "debug",
    "error",
    "fatal",
    "get_verbosity",
    "info",
    "log",
    "set_verbosity",
    "warn",
    "warning",
]

DEBUG, INFO, WARN, ERROR, FATAL = (
    *(_logging.DEBUG, _logging.INFO, _logging.WARNING, _logging.ERROR),
    _logging.CRITICAL,
)


def get_verbosity() -> int:
    """The level below which messages are dropped."""
    return get_logger().getEffectiveLevel()


def set_verbosity(v: int | str) -> None:
    """Drop messages below `v`, one of the levels here or its name.

    Raises:
        ValueError, TypeError: it is no level.
    """
    get_logger().setLevel(v)


def log(level: int, msg: Any, *args: Any, **kwargs: Any) -> None:
    """Log ``msg % args`` at `level`."""
    get_logger().log(level, msg, *args, **kwargs)


def debug(msg: Any, *args: Any, **kwargs: Any) -> None:
    """`log` at DEBUG."""
    log(DEBUG, msg, *args, **kwargs)


def info(msg: Any, *args: Any, **kwargs: Any) -> None:
    """`log` at INFO."""
    log(INFO, msg, *args, **kwargs)


def warn(msg: Any, *args: Any, **kwargs: Any) -> None:
    """`log` at WARN."""
    log(WARN, msg, *args, **kwargs)


warning = warn


def error(msg: Any, *args: Any, **kwargs: Any) -> None:
    """`log` at ERROR."""
    log(ERROR, msg, *args, **kwargs)


def fatal(msg: Any, *args: Any, **kwargs: Any) -> None:
    """`log` at FATAL."""
    log(FATAL, msg, *args, **kwargs)


if not TYPE_CHECKING:  # a type checker is to see which names there are
    __getattr__ = missing(__name__, "tf.compat.v1.logging")
    __dir__ = listed(__name__)
