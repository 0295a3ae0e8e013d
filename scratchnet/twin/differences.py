"""How far two arrays are from each other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scratchnet.engine.dtypes import Array


@dataclass(frozen=True)
class Difference:
    """The largest difference of two arrays, and the size of their largest value.

    >>> d = difference(np.float32([1, 2.0000005]), np.float32([1, 2]))
    >>> round(d.ulps), f"{d.relative:.1e}"
    (2, '2.4e-07')
    """

    largest: float
    scale: float
    eps: float

    @property
    def relative(self) -> float:
        """In units of the largest value."""
        if self.largest == 0:
            return 0.0
        return self.largest / self.scale if self.scale else np.inf

    @property
    def ulps(self) -> float:
        """In units of the last place of the largest value."""
        if self.largest == 0:
            return 0.0
        exponent = np.floor(np.log2(self.scale)) if self.scale else -np.inf
        return float(self.largest / (self.eps * 2.0**exponent)) if self.scale else np.inf


def difference(ours: Array, theirs: Array) -> Difference:
    """The difference of two arrays of one shape; infinite where only one has a NaN or infinity."""
    if theirs.dtype.kind == "c":  # both parts side by side
        ours, theirs = (np.stack([x.real, x.imag]) for x in (ours, theirs))
    if theirs.dtype.kind == "c":
        ours, theirs = (np.stack([x.real, x.imag]) for x in (ours, theirs))
    eps = float(np.finfo(theirs.dtype).eps) if theirs.dtype.kind == "f" else 0.0
    if theirs.dtype.kind != "f":
        ours, theirs = ours.astype(np.float64), theirs.astype(np.float64)
    with np.errstate(invalid="ignore", over="ignore"):
        gaps = np.asarray(ours - theirs)
        largest = extent(gaps)
        scale = max(extent(theirs), extent(ours))
    if np.isfinite(largest) and np.isfinite(scale):
        return Difference(largest, scale, eps)
    strange = ~(np.isfinite(ours) & np.isfinite(theirs))
    if not np.array_equal(ours[strange], theirs[strange], equal_nan=True):
        return Difference(np.inf, 1.0, eps)
    return difference(ours[~strange], theirs[~strange])


def extent(x: Array) -> float:
    """The largest absolute value; 0 if there is none, NaN if one is NaN."""
    return max(float(x.max()), -float(x.min())) if x.size else 0.0


def kinks(ours: Array, theirs: Array) -> int:
    """How many values are above 0 on one side only: there, a ReLU has two derivatives."""
    return int(np.count_nonzero((ours > 0) != (theirs > 0)))


def other_winners(
    ours: Array, theirs: Array, window: tuple[int, int], strides: tuple[int, int], padding: str
) -> int:
    """In how many windows the largest value stands in another place: the gradient goes there."""
    return int(
        np.count_nonzero(
            _winners(ours, window, strides, padding) != _winners(theirs, window, strides, padding)
        )
    )


def _winners(x: Array, window: tuple[int, int], strides: tuple[int, int], padding: str) -> Array:
    if padding == "same":
        pads = [
            max((-(-n // s) - 1) * s + k - n, 0)
            for n, s, k in zip(x.shape[1:3], strides, window, strict=True)
        ]
        around = [(0, 0), *[(pad // 2, pad - pad // 2) for pad in pads], (0, 0)]
        x = np.pad(x, around, constant_values=-np.inf)
    height, width = (
        (n - k) // s + 1 for n, s, k in zip(x.shape[1:3], strides, window, strict=True)
    )
    best, at = None, np.zeros((), np.int16)
    for row in range(window[0]):
        for column in range(window[1]):
            here = x[
                :,
                row : row + height * strides[0] : strides[0],
                column : column + width * strides[1] : strides[1],
            ][:, :height, :width]
            if best is None:
                best, at = here, np.zeros(here.shape, np.int16)
                continue
            wins = here > best
            best = np.where(wins, here, best)
            at[wins] = row * window[1] + column
    return at
