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


def nudged(x: Array, seed: int) -> Array:
    """`x` with each number up or down by a millionth: what rounding does on its way."""
    signs = np.random.default_rng(seed).choice(np.array([-1e-6, 1e-6]), x.shape)
    moved: Array = (x * (1 + signs)).astype(x.dtype)
    return moved


def pictures(n: int, size: int, channels: int = 1) -> tuple[Array, Array]:
    """`n` images of noise in [0, 1), and their classes: what they show changes no timing."""
    rng = np.random.default_rng(0)
    return rng.random((n, size, size, channels), np.float32), rng.integers(0, 10, n)
