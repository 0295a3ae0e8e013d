"""What rounding explains, and what it does not: the bounds on one step.

A value that N roundings led to is off by about eps √N: roundings are as good as random, and random
errors add up like that (Higham and Mary 2019, doi:10.1137/18M1226312).  N is counted: a layer adds
the length of its longest sum, and a normalization makes all errors before it larger, too.  This is
the bound, in units of the tensor's largest value (for
weights and gradients: of their layer's largest).

The two runs are never brought together again, so a step begins with weights that differ already, by
a relative drift d.  To the sums of this step that is one more error in each product: the bound is

    (eps + d) √N max|tensor|.

A value that is above 0 on one side only, or another largest value in a pooling window, sends a
gradient another way.  That is no fault, but no rounding bound holds: in such a step the gradients
up to that layer are reported and not judged.

A weight is judged by its change, element by element, against the differences of the gradients that
made it.  An optimizer that divides by the size of past gradients passes on their relative
differences, others their absolute ones.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

import numpy as np

from scratchnet.engine.dtypes import Array
from scratchnet.twin.differences import Difference, difference
from scratchnet.twin.layer_path import Path
from scratchnet.twin.observe import Seen

PHASES = {
    "initial": "randomness",
    "batch": "data order",
    "layer": "forward",
    "loss": "forward",
    "gradient": "backward",
    "weight": "update",
    "state": "forward",
}


@dataclass(frozen=True)
class Finding:
    """The first thing that is not what rounding explains."""

    step: int
    phase: str
    tensor: str
    difference: Difference
    bound: float

    def __str__(self) -> str:
        return (
            f"step {self.step}, {self.phase}: {self.tensor} differs by "
            f"{self.difference.relative:.2g} of its largest value, which rounding explains up to "
            f"{self.bound:.2g}"
        )


@dataclass
class _Weight:
    """What is remembered of a weight."""

    ours: Array
    theirs: Array
    gap: float = 0.0  # the largest difference of its gradients so far
    gaps: Array | None = None  # the same for each element, and
    squares: Array | None = None  # the mean square of the gradients
    gradients: int = 0


@dataclass
class Judge:
    """Compares the two runs step by step.

    Attributes:
        drift: how far the weights are from TensorFlow's; see `_drift`.
        steps: how many were compared.
        kinked: in how many of them a gradient took another way.
    """

    drift: float = 0.0
    steps: int = 0
    kinked: int = 0
    _weights: dict[str, _Weight] = field(default_factory=dict)
    _gradient: dict[str, tuple[Array, Array]] = field(default_factory=dict)

    def step(
        self, seen: list[Seen], ours: list[Array], theirs: list[Array]
    ) -> tuple[list[Difference], Finding | None]:
        """The differences of all arrays of one step, and the first that passes its bound."""
        self.steps += 1
        finding: Finding | None = None
        path = Path(seen, theirs)
        differences = all_differences(seen, ours, theirs)
        for i, (what, gap) in enumerate(zip(seen, differences, strict=True)):
            bound = self._bound(path, i, what, gap, ours, theirs)
            if finding is None and not gap.relative <= bound:
                phase = "randomness" if what.is_random else PHASES[what.role]
                finding = Finding(self.steps, phase, what.name, gap, bound)
        self.kinked += path.has_kink
        self._finish(seen, ours, theirs)
        return differences, finding

    def _bound(
        self,
        path: Path,
        i: int,
        what: Seen,
        gap: Difference,
        ours: list[Array],
        theirs: list[Array],
    ) -> float:
        """The largest relative difference of array number `i` that rounding explains."""
        eps = gap.eps or 2.0**-52
        if what.role == "initial":
            self._weights[what.name] = _Weight(ours[i], theirs[i])
            return eps * math.sqrt(what.terms)
        if what.role == "batch":
            return 2 * eps  # a pipeline may compute
        if what.role == "weight":
            return self._update_bound(what, gap, ours[i], theirs[i])
        if what.role == "layer":
            path.look(i, what, ours, theirs)
        if what.role == "gradient":
            self._gradient[what.name] = ours[i], theirs[i]
            if path.is_past_a_kink(what.name):
                return 2.0  # all but infinities
        bound = (eps + self.drift) * math.sqrt(path.roundings(i, what))
        return bound * max(1.0, path.summed(what) / (gap.scale or 1.0))

    def _update_bound(self, what: Seen, gap: Difference, ours: Array, theirs: Array) -> float:
        """`gap.relative` if every element moved as its gradient explains, else less."""
        weight, pair = self._weights.get(what.name), self._gradient.get(what.name)
        if weight is None or pair is None:
            return math.inf
        if not np.isfinite(gap.largest):
            return 0.0
        g, h = pair
        moved = theirs - weight.theirs
        wrong = np.abs((ours - weight.ours) - moved)
        size = float(np.abs(moved).max(initial=0))
        error: Array | float
        if what.adaptive:
            error = 4 * size * _explained(weight, g, h)
        else:
            weight.gap = max(weight.gap, float(np.abs(g - h).max(initial=0)))
            top = float(np.abs(h).max(initial=0))
            error = 2 * weight.gap * size / top if top else math.inf
        # The rounding of the two weights and of their changes, and a decay of the weights.
        share = size / gap.scale if gap.scale else 0.0
        error = error + 4 * gap.eps * (np.abs(theirs) + np.abs(weight.theirs) + 4 * size)
        error = error + 4 * share * np.abs(weight.ours - weight.theirs)
        excess = float((wrong - error).max(initial=-math.inf))
        return gap.relative if excess <= 0 else float(np.max(error)) / (gap.scale or 1.0)

    def _finish(self, seen: list[Seen], ours: list[Array], theirs: list[Array]) -> None:
        for what, a, b in zip(seen, ours, theirs, strict=True):
            if what.role == "weight":
                weight = self._weights.setdefault(what.name, _Weight(a, b))
                weight.ours, weight.theirs = a, b
        self.drift = _drift(self._weights)
        self._gradient.clear()


def all_differences(seen: list[Seen], ours: list[Array], theirs: list[Array]) -> list[Difference]:
    """The differences of all arrays of one step.

    The weights of a layer have one scale, and their gradients: that of the largest.  The gradient
    of a bias may be a sum of large numbers that is 0, as before a BatchNormalization; in units of
    itself its rounding would look large.
    """
    gaps = [difference(a, b) for a, b in zip(ours, theirs, strict=True)]
    scales: dict[tuple[str, str], float] = {}
    for what, gap in zip(seen, gaps, strict=True):
        key = what.role, _layer_of(what.name)
        scales[key] = max(scales.get(key, 0.0), gap.scale)
    return [
        replace(gap, scale=scales[what.role, _layer_of(what.name)])
        if what.role in ("gradient", "weight")
        else gap
        for what, gap in zip(seen, gaps, strict=True)
    ]


def _drift(weights: dict[str, _Weight]) -> float:
    """How far the weights that make one output of a layer are apart, relative to their norm.

    These are a column of the kernel and an element of the bias, as one vector: a bias near 0 alone
    says little.  Of all outputs of all layers the largest.
    """
    outputs: dict[tuple[str, int], list[Array]] = {}
    for name, weight in weights.items():
        size = weight.theirs.shape[-1] if weight.theirs.ndim else 1
        theirs = weight.theirs.reshape(-1, size)
        sums = outputs.setdefault((_layer_of(name), size), [np.zeros(size), np.zeros(size)])
        for total, x in zip(sums, (weight.ours.reshape(-1, size) - theirs, theirs), strict=True):
            total += np.einsum("ij,ij->j", x, x)
    with np.errstate(all="ignore"):
        ratios = [np.sqrt(gap / size) for gap, size in outputs.values()]
    return max((float(np.nan_to_num(r, posinf=1).max(initial=0)) for r in ratios), default=0.0)


def _layer_of(variable: str) -> str:
    return variable.rpartition("/")[0] or variable


def _explained(weight: _Weight, g: Array, h: Array) -> Array:
    """For each element the difference of its gradients so far, relative to their size."""
    gap = np.abs(g - h)
    weight.gradients += 1
    if weight.gaps is None or weight.squares is None:
        weight.gaps, weight.squares = gap, np.square(h)
    else:
        np.maximum(weight.gaps, gap, out=weight.gaps)
        weight.squares += (np.square(h) - weight.squares) / weight.gradients
    with np.errstate(all="ignore"):
        ratio = weight.gaps / np.sqrt(weight.squares)
    return np.where(weight.gaps == 0, 0, np.minimum(1, np.nan_to_num(ratio, nan=1)))
