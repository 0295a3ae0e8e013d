"""Loops over every number of large arrays, on all threads, each array read once.

Arrays are C-contiguous and of one floating dtype.
"""

from __future__ import annotations

from typing import Any

import numpy.typing as npt
from numba import prange

from scratchnet.kernels.jit import kernel

Array = npt.NDArray[Any]

LARGE = 1 << 15  # from this many numbers on, the loops here are faster than NumPy's
SHARED = 1 << 17  # and from this many on they are worth a second thread


def are_large(x: Array, *others: Array) -> bool:
    """Whether the loops here take these arrays, and are worth it."""
    return (
        x.size >= LARGE
        and x.dtype.char in "fd"
        and all(y.flags.c_contiguous and y.shape == x.shape for y in (x, *others))
    )


@kernel(parallel=True, least=SHARED)
def add(a: Array, b: Array, y: Array) -> None:
    """``y = a + b``, flat arrays."""
    for i in prange(a.size):
        y[i] = a[i] + b[i]


@kernel(parallel=True, least=SHARED)
def add_relu(a: Array, b: Array, y: Array) -> None:
    """``y = max(a + b, 0)``, flat arrays; nan stays nan."""
    for i in prange(a.size):
        total = a[i] + b[i]
        y[i] = 0 if total <= 0 else total


@kernel(parallel=True, least=SHARED)
def relu(x: Array, y: Array) -> None:
    """``y = max(x, 0)``, flat arrays; nan stays nan."""
    for i in prange(x.size):
        y[i] = 0 if x[i] <= 0 else x[i]


@kernel(parallel=True, least=SHARED)
def relu_gradient(g: Array, y: Array, x: Array) -> None:
    """``x = g [y > 0]``, a product: inf and nan times 0 are nan; flat arrays."""
    zero, one = g.dtype.type(0), g.dtype.type(1)
    for i in prange(g.size):
        x[i] = g[i] * (one if y[i] > 0 else zero)


@kernel(parallel=True, least=SHARED)
def leaky_relu(x: Array, alpha: Any, y: Array) -> None:
    """``y = x`` where ``x > 0``, else ``alpha x``; flat arrays."""
    for i in prange(x.size):
        y[i] = x[i] if x[i] > 0 else x[i] * alpha


@kernel(parallel=True, least=SHARED)
def leaky_relu_gradient(g: Array, x: Array, alpha: Any, gx: Array) -> None:
    """``gx = g`` where ``x > 0``, else ``alpha g``; flat arrays."""
    for i in prange(g.size):
        gx[i] = g[i] if x[i] > 0 else g[i] * alpha


@kernel(parallel=True, least=SHARED)
def drop(x: Array, keep: Array, scale: Any, y: Array) -> None:
    """``y = x scale`` where `keep` holds, else 0; flat arrays."""
    for i in prange(x.size):
        y[i] = x[i] * scale if keep[i] else 0


@kernel(parallel=True, least=SHARED)
def at_least(x: Array, bound: Any, holds: Array) -> None:
    """``holds = x >= bound``, flat arrays."""
    for i in prange(x.size):
        holds[i] = x[i] >= bound
