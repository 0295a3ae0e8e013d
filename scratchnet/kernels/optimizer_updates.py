"""Updates of a variable by an optimizer, in one pass over all that is read and written.

The formulas are those of `scratchnet.keras.optimizers`, operation by operation, so that the numbers
are those of the same formulas in NumPy.  Arrays are flat, contiguous and of one floating dtype, and
scalars are of that dtype; nothing is changed in place, for a tensor may still hold the old values.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from numba import prange

from scratchnet.kernels.elementwise import SHARED
from scratchnet.kernels.jit import kernel

Array = npt.NDArray[Any]


@kernel(parallel=True, least=SHARED)
def adam(
    w: Array,
    g: Array,
    m: Array,
    v: Array,
    scalars: tuple[Any, Any, Any, Any],
    new_w: Array,
    new_m: Array,
    new_v: Array,
) -> None:
    """``m += (g - m) a``, ``v += (g² - v) b``, ``w -= m rate / (√v + ε)``.

    `scalars`: a, b, rate, ε.
    """
    a, b, rate, epsilon = scalars
    for i in prange(w.size):
        new_m[i] = (g[i] - m[i]) * a + m[i]
        new_v[i] = (g[i] * g[i] - v[i]) * b + v[i]
        new_w[i] = w[i] - new_m[i] * rate / (np.sqrt(new_v[i]) + epsilon)


@kernel(parallel=True, least=SHARED)
def sgd(w: Array, g: Array, rate: Any, new_w: Array) -> None:
    """``w -= g rate``."""
    for i in prange(w.size):
        new_w[i] = w[i] - g[i] * rate
