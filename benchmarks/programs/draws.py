"""The numbers that programs work on: the same on every side."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


def normal(seed: int, *shape: int, dtype: str = "float32") -> Array:
    """Normal numbers: of both signs, no two alike."""
    rng = np.random.default_rng(seed)
    return rng.standard_normal(shape, np.dtype(dtype).type)


def pictures(n: int, size: int, channels: int = 1) -> tuple[Array, Array]:
    """`n` images of noise in [0, 1), and their classes: what they show changes no timing."""
    rng = np.random.default_rng(0)
    return rng.random((n, size, size, channels), np.float32), rng.integers(0, 10, n)
