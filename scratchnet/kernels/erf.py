"""The error function and its complement, which NumPy does not have, number by number."""

from __future__ import annotations

import math
from typing import Any

import numpy.typing as npt
from numba import prange

from scratchnet.kernels.jit import kernel

Array = npt.NDArray[Any]


@kernel(parallel=True)
def erf(x: Array, y: Array) -> None:
    """``y = erf x``, of flat arrays of one size."""
    for i in prange(x.size):
        y[i] = math.erf(x[i])


@kernel(parallel=True)
def erfc(x: Array, y: Array) -> None:
    """``y = 1 - erf x``, without cancellation for large `x`, of flat arrays of one size."""
    for i in prange(x.size):
        y[i] = math.erfc(x[i])
