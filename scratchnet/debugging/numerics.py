"""Stop at the first nan or inf that any op computes, forward or backward."""

from __future__ import annotations

import threading
from contextlib import AbstractContextManager
from typing import Any

import numpy as np

from scratchnet.engine.dtypes import Array
from scratchnet.engine.errors import InvalidArgumentError
from scratchnet.engine.listening import Listener, listening
from scratchnet.engine.op import Record

__all__ = ["disable_check_numerics", "enable_check_numerics"]


class _Checking(threading.local):
    """The context of the checks of this thread, None where there are none."""

    def __init__(self) -> None:
        self.context: AbstractContextManager[Any] | None = None


_CHECKING = _Checking()


def enable_check_numerics(stack_height_limit: int = 30, path_length_limit: int = 50) -> None:
    """From now on an op whose result holds nan or inf is an error, in this thread.

    The ops of VJPs are checked too.  It takes a pass over each result: for finding a fault.

    Args:
        stack_height_limit, path_length_limit: of TensorFlow's messages about graphs; they change
            nothing here.

    Raises:
        InvalidArgumentError: by the ops, from now on: what was found, in which layer, and at which
            line of the program.

    Reference: ``tf.debugging.enable_check_numerics``.

    >>> import scratchnet as tf
    >>> enable_check_numerics()
    >>> tf.math.log([1.0, 0.0])
    Traceback (most recent call last):
    scratchnet.engine.errors.InvalidArgumentError: Detected Infinity or NaN in output 0 of op "lo...
    >>> disable_check_numerics()
    >>> tf.math.log([1.0, 0.0]).numpy()
    array([  0., -inf], dtype=float32)
    """
    if _CHECKING.context is None:
        _CHECKING.context = listening(_NumericsCheck())
        _CHECKING.context.__enter__()


def disable_check_numerics() -> None:
    """End what `enable_check_numerics` began (``tf.debugging.disable_check_numerics``)."""
    context, _CHECKING.context = _CHECKING.context, None
    if context is not None:
        context.__exit__(None, None, None)


class _NumericsCheck(Listener):
    def record(self, record: Record) -> None:
        for i, y in enumerate(record.outputs):
            if y._data.dtype.kind in "fc" and not np.isfinite(y._data).all():
                raise InvalidArgumentError(_found(record, i, y._data))


def _found(record: Record, i: int, y: Array) -> str:
    place = "/".join(name for name in (record.layer, record.part) if name)
    where = f" in layer {place!r}" if place else ""
    at = f" at {record.site}" if record.site else ""
    lines = [
        f'Detected Infinity or NaN in output {i} of op "{record.op.name}" '
        f"(# of outputs: {len(record.outputs)}){where}{at}",
        f"  dtype: {y.dtype}",
        f"  shape: {y.shape}",
    ]
    parts = y if y.dtype.kind == "f" else np.stack([y.real, y.imag])
    counts = {
        "-Inf": np.isneginf(parts).sum(),
        "+Inf": np.isposinf(parts).sum(),
        "NaN": np.isnan(parts).sum(),
    }
    lines += [f"  # of {name} elements: {count}" for name, count in counts.items() if count]
    lines += [f"  input {k}: {x!r}" for k, x in enumerate(record.inputs)]
    return "\n".join(lines)
