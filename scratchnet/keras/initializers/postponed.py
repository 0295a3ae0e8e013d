"""Initial values that nobody may need: of variables that a file is about to give their values.

To decompose a matrix for `Orthogonal` takes seconds that reading the weights does not.  So while a
file is loaded, the layers of this library begin with zeros, and at its end the variables that have
them still, as a layer of one's own may keep its weights to itself, get their initial values.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeGuard

import numpy as np

from scratchnet.engine.dtypes import Array
from scratchnet.engine.tensor import convert
from scratchnet.engine.variable import BaseVariable
from scratchnet.keras.initializers.random import RandomInitializer


class _Postponed(threading.local):
    # Variable, the zeros that it was made with, and its initializer; None: nothing is postponed.
    pending: list[tuple[BaseVariable, Array, RandomInitializer]] | None = None


_POSTPONED = _Postponed()


@contextmanager
def postponing() -> Iterator[None]:
    """In this context random initial values are left out, and made up for at its end.

    Only those that draw from a seed of their own, whose values are the same at any time.
    """
    outer, _POSTPONED.pending = _POSTPONED.pending, []
    try:
        yield
        for variable, zeros, initializer in _POSTPONED.pending:
            if variable._data is zeros:
                made = convert(initializer(zeros.shape, dtype=zeros.dtype.name))._data
                variable._data = np.asarray(made, zeros.dtype)
    finally:
        _POSTPONED.pending = outer


def can_wait(initializer: Any, layer: object) -> TypeGuard[RandomInitializer]:
    """Whether a weight of `layer` may begin with zeros, its `initializer` called later.

    A layer of one's own may read its weights as soon as it has them.
    """
    return (
        _POSTPONED.pending is not None
        and isinstance(initializer, RandomInitializer)
        and isinstance(initializer.seed, int)
        and all(type(x).__module__.startswith("scratchnet.") for x in (initializer, layer))
    )


def wait(variable: BaseVariable, initializer: RandomInitializer) -> None:
    """Note that `variable` has zeros in place of what its `initializer` makes."""
    if _POSTPONED.pending is not None:
        _POSTPONED.pending.append((variable, variable._data, initializer))
