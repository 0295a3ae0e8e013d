"""What becomes of timings: medians, and ratios with their spread."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

import numpy as np

SETTLE = 0.03  # seconds until the threads of the library that ran before have gone to sleep


@dataclass(frozen=True)
class Ratio:
    """How many times as fast: the median over the rounds, the quartiles around it."""

    median: float
    low: float
    high: float
    rounds: int

    def __str__(self) -> str:
        if self.rounds == 1:
            return f"{self.median:.2f} (one round)"
        return f"{self.median:.2f} ({self.low:.2f}–{self.high:.2f})"


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> Ratio:
    """The ratio theirs / ours: each round is a pair, since a slow moment slows both.

    Raises:
        ValueError: there are no rounds, or not as many of each.

    >>> print(ratio([1.0, 2.0, 1.0], [2.0, 5.0, 3.0]))
    2.50 (2.25–2.75)
    """
    if not ours or len(ours) != len(theirs):
        raise ValueError(f"rounds must come in pairs, received {len(ours)} and {len(theirs)}")
    pairs = [b / a for a, b in zip(ours, theirs, strict=True)]
    low, middle, high = np.quantile(pairs, [0.25, 0.5, 0.75])
    return Ratio(float(middle), float(low), float(high), len(pairs))


def faster(settings: Mapping[str, Sequence[float]]) -> str:
    """The name of the setting with the smaller median."""
    return min(settings, key=lambda name: median(settings[name]))


def timed(run: Callable[[], Any], seconds: float, most: int = 200) -> float:
    """The median time of some calls that take about `seconds` together; at least one."""
    time.sleep(SETTLE)
    taken: list[float] = []
    while not taken or (sum(taken) + taken[-1] <= seconds and len(taken) < most):
        begin = time.perf_counter()
        run()
        taken.append(time.perf_counter() - begin)
    return median(taken)
