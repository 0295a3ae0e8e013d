"""Register tiles: programs that run compiled and in Python, and the padded copies they read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba
import numpy as np

from scratchnet.kernels.padding import Padding

# dtype and columns: both widths of numbers, both shapes of tiles
KINDS = [("float32", 2), ("float64", 1)]

Program = Callable[..., None]


def same_arrays(
    program: Callable[[Any], Program], compiled: Any, python: Any, *arguments: Any
) -> list[np.ndarray]:
    """The arrays among `arguments` after `program(tile ops)` ran on copies of them.

    Args:
        program: makes a function of the arguments from a module of tile ops.
        compiled, python: the ops that numba compiles, and those that define them.
        *arguments: of the function; arrays are changed in place.

    Raises:
        AssertionError: compiled and Python leave different arrays.
    """
    found = []
    for function in (numba.njit(program(compiled)), program(python)):
        copies = [a.copy() if isinstance(a, np.ndarray) else a for a in arguments]
        function(*copies)
        found.append([a for a in copies if isinstance(a, np.ndarray)])
    for a, b in zip(*found, strict=True):
        np.testing.assert_array_equal(a, b)
    return found[0]


def whole(rng: np.random.Generator, n: int, dtype: str) -> np.ndarray:
    """Small whole numbers, of which sums are exact."""
    return rng.integers(-3, 4, n).astype(dtype)


def padded_copy(image: np.ndarray, padding: Padding) -> np.ndarray:
    """The padded copy that `padding` describes."""
    if not padding.is_copied:
        return image.ravel()
    copy = np.zeros(padding.size, image.dtype)
    for i in range(padding.rows):
        a, b = padding.begin + i * padding.stride, padding.source + i * padding.source_stride
        copy[a : a + padding.run] = image.ravel()[b : b + padding.run]
    return copy
