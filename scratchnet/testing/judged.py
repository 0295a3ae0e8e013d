"""One gradient against the right one, element by element."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from scratchnet.engine.dtypes import Array
from scratchnet.testing.report import ulps_between


@dataclass(frozen=True)
class Judged:
    """One gradient against the right one, element by element."""

    got: Array
    right: Array
    bound: Array
    wrong: Array

    @classmethod
    def of(cls, got: Array, right: Array, bound: Array) -> Judged:
        bound = np.broadcast_to(bound, right.shape)
        with np.errstate(invalid="ignore"):
            wrong = ~np.isnan(right) & ~(abs(got - right) <= bound)
        return cls(got, right, bound, wrong)

    @property
    def excess(self) -> Array:
        with np.errstate(all="ignore"):
            gap = abs(self.got - self.right)
            times = np.where(gap == 0, 0.0, gap / np.maximum(self.bound, 1e-300))
        times = np.where(np.isnan(self.right), 0.0, times)
        return np.where(np.isnan(times), np.inf, times)

    @property
    def times(self) -> float:
        return float(self.excess.max(initial=0.0))

    @property
    def index(self) -> tuple[int, ...]:
        """Where the error is largest."""
        gap = np.where(self.wrong, abs(self.got - self.right), -1.0)
        flat = int(np.argmax(np.where(np.isnan(gap), np.inf, gap)))
        return unraveled(flat, self.right.shape)

    @property
    def largest(self) -> float:
        gap = abs(self.got - self.right)[~np.isnan(self.right)]
        return float(np.where(np.isnan(gap), np.inf, gap).max(initial=0.0))

    @property
    def checked(self) -> int:
        return int((~np.isnan(self.right)).sum())

    @property
    def lost(self) -> int:
        return int(np.isnan(self.right).sum())


def ulps_of(judged: Judged, dtype: Any) -> float | None:
    """The largest difference of a gradient, in units in the last place of `dtype`."""
    if not judged.right.size or not judged.checked:
        return None
    gap = np.where(np.isnan(judged.right), -1.0, abs(judged.got - judged.right))
    flat = int(np.argmax(np.where(np.isnan(gap), -1.0, gap)))
    at = unraveled(flat, judged.right.shape)
    kind = dtype if np.dtype(dtype).kind == "f" else np.float64
    value = float(ulps_between(judged.got[at], judged.right[at], kind))
    return value if np.isfinite(value) else None


def relative_of(dtype: Any, length: int) -> float:
    """What sums of so many terms in `dtype` may be off by, relative to their terms."""
    return float(np.finfo(dtype).eps) * (64 + length)


def unraveled(flat: int, shape: tuple[int, ...]) -> tuple[int, ...]:
    """The index, in an array of `shape`, of the element at the place `flat`."""
    return tuple(int(i) for i in np.unravel_index(flat, shape)) if shape else ()


def cotangent(rng: np.random.Generator, size: int) -> Array:
    """Of both signs, none near 0: no element may hide."""
    return np.asarray(rng.uniform(0.3, 1.0, size=size) * rng.choice([-1.0, 1.0], size=size))
