"""Functions run only to see the shapes that they return.

In `describing`, sizes that depend on values (how many values are different, how often a condition
holds) are replaced by one that the trial names: two trials that name two show which sizes those
are.  TensorFlow, which traces such functions, says None of them.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

_run = threading.local()  # .describing, .size, .asked: of the trial on this thread


@contextmanager
def describing(size: int | None = None) -> Iterator[None]:
    """Functions run only for their shapes: generators that count stay still, assertions hold.

    Args:
        size: what stands for each size that depends on values; None for the true ones.
    """
    outer = is_describing(), getattr(_run, "size", None)
    _run.describing, _run.size = True, size
    try:
        yield
    finally:
        _run.describing, _run.size = outer


def is_describing() -> bool:
    """Whether a function runs in `describing` on this thread."""
    return getattr(_run, "describing", False)


def size_by_value() -> int | None:
    """What stands for a size that depends on values, in `describing`; None for the true one."""
    size: int | None = getattr(_run, "size", None)
    if size is not None:
        _run.asked = True
    return size


def was_asked() -> bool:
    """Whether `size_by_value` was asked for on this thread since the last call of this function."""
    asked: bool = getattr(_run, "asked", False)
    _run.asked = False
    return asked
