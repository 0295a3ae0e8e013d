"""Are two results the same, but for rounding?  Asked before a ratio is shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from benchmarks.case import Bound


class UnequalError(AssertionError):
    """Two results that differ by more than rounding; the message says where and how far."""


def assert_equal(ours: Sequence[Any], theirs: Sequence[Any], bound: Bound) -> None:
    """Compare two lists of arrays.

    Raises:
        UnequalError: they differ in number, shape, dtype, or by more than `bound`.
    """
    if len(ours) != len(theirs):
        raise UnequalError(f"{len(ours)} arrays where TensorFlow has {len(theirs)}")
    for i, (a, b) in enumerate(zip(ours, theirs, strict=True)):
        if (a.shape, a.dtype) != (b.shape, b.dtype):
            raise UnequalError(f"array {i}: {a.dtype}{a.shape}, TensorFlow's {b.dtype}{b.shape}")
        off, allowed = distance(a, b, bound)
        if not off <= allowed:  # NaN fails, too
            raise UnequalError(f"array {i}: off by {off:.3g} of its size, allowed {allowed:.3g}")


def distance(a: Any, b: Any, bound: Bound) -> tuple[float, float]:
    """How far `a` is from `b`, as a share of the size of `b`, and how far it may be."""
    if not b.size or b.dtype.kind not in "fc":
        return float(not np.array_equal(a, b)), 0.0
    a, b, eps = a.astype(np.float64), b.astype(np.float64), np.finfo(b.dtype).eps
    if bound.norm is not None:
        size, off, allowed = np.linalg.norm(b), np.linalg.norm(a - b), bound.norm
    else:
        size, off, allowed = np.abs(b).max(), np.abs(a - b).max(), 2 * eps * bound.terms**0.5
    return float(off / size if size else off), float(allowed)
