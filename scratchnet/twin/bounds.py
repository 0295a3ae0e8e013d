"""What rounding explains, and what it does not: the bounds on one step.

Two things say what rounding may do, and the larger one is the bound.

It is counted: a value that N roundings led to is off by about eps √N: roundings are as good as
random, and random errors add up like that (Higham and Mary 2019, doi:10.1137/18M1226312).  A layer
adds the length of its longest sum, and a normalization makes all errors before it larger, too.  The
bound is in units of the tensor's largest value (for weights and gradients: of their layer's
largest).

And it is measured, since no count knows how much is lost where large numbers cancel, or in a
running sum of equal ones: TensorFlow's own spread is how far it comes from itself when it sums up
in another order and everything is rounded otherwise (`scratchnet.twin.wrapping`).  `SPREADS` times
that is the bound.

The two runs are never brought together again, so a step begins with weights that differ already, by
a relative drift d.  What this step makes of it is linear in d, so the spread is scaled up where our
drift is larger than that of the spread.

A value that is above 0 on one side only, where a ReLU asks, or another largest value in a pooling
window sends a gradient another way.  That is no fault, and no rounding; how much it may be is
estimated from the number of such kinks, on both pairs of runs.

A weight is judged by its change, element by element, against the differences of the gradients that
made it.  An optimizer that divides by the size of past gradients passes on their relative
differences, others their absolute ones.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from scratchnet.engine.dtypes import Array
from scratchnet.testing.decompositions import is_orthogonal
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


SPREADS = 10.0  # how many times TensorFlow's spread a difference may be
MANY = 10  # so many kinks say how much one does


@dataclass(frozen=True)
class Finding:
    """The first thing that is not what rounding explains."""

    step: int
    phase: str
    tensor: str
    difference: Difference
    bound: float
    spread: float | None = None  # TensorFlow's own, relative like the difference
    began: str = ""  # where, in words

    def __str__(self) -> str:
        text = (
            f"step {self.step}, {self.phase}: {self.tensor} differs by "
            f"{self.difference.relative:.2g} of its largest value, which rounding explains up to "
            f"{self.bound:.2g}"
        )
        if self.spread == 0:
            text += " (TensorFlow does not differ from itself)"
        elif self.spread is not None:
            times = self.difference.relative / self.spread
            text += f" (it is {times:.2g} times TensorFlow's own spread)"
        return text + (f"; {self.began}" if self.began else "")


@dataclass
class _Weight:
    """What is remembered of a weight."""

    ours: Array
    theirs: Array
    other: Array | None = None
    gap: float = 0.0  # the largest difference of its gradients so far
    gaps: Array | None = None  # the same for each element, and
    squares: Array | None = None  # the mean square of the gradients
    gradients: int = 0


@dataclass
class _Rows:
    """What was seen, and the arrays of the three runs."""

    seen: list[Seen]
    ours: list[Array]
    theirs: list[Array]
    other: Sequence[Array | None]

    def arrays(self, i: int) -> tuple[Array, Array, Array | None]:
        return self.ours[i], self.theirs[i], self.other[i]

    def at(self, places: list[int]) -> _Rows:
        parts = (self.seen, self.ours, self.theirs, self.other)
        return _Rows(*[[part[i] for i in places] for part in parts])  # type: ignore[arg-type]

    def __add__(self, rows: _Rows) -> _Rows:
        return _Rows(
            self.seen + rows.seen,
            self.ours + rows.ours,
            self.theirs + rows.theirs,
            [*self.other, *rows.other],
        )


@dataclass
class Judge:
    """Compares the two runs step by step.

    Attributes:
        drift: how far the weights of the last step were from TensorFlow's when it began; see
            `_drift`.
        steps: how many were compared.
        kinked: in how many of them a gradient took another way.
    """

    drift: float = 0.0
    steps: int = 0
    kinked: int = 0
    _other_drift: float = 0.0  # that of TensorFlow's other settings
    _weights: dict[str, _Weight] = field(default_factory=dict)
    _gradient: dict[str, tuple[Array, Array]] = field(default_factory=dict)
    _forward: _Rows = field(default_factory=lambda: _Rows([], [], [], []))  # of the last step

    def step(
        self,
        seen: list[Seen],
        ours: list[Array],
        theirs: list[Array],
        other: list[Array] | None = None,
    ) -> tuple[list[Difference], Finding | None]:
        """The differences of all arrays of one step, and the first that passes its bound.

        Args:
            seen: what they are; scratchnet's own, which says more than TensorFlow's.
            ours, theirs: the arrays.
            other: those of TensorFlow under its other settings, if it was run.
        """
        self.steps += 1
        differences = all_differences(seen, ours, theirs)
        others = [None] * len(seen) if other is None else all_differences(seen, other, theirs)
        rows = self._with_forward(_Rows(seen, ours, theirs, other or [None] * len(seen)))
        path, first = Path(rows.seen, rows.theirs), len(rows.seen) - len(seen)
        self._measure_drift(rows.seen)
        findings = []
        for i, what in enumerate(rows.seen):
            if what.role == "layer":
                self._look(path, i, rows)
        for i, (what, gap, spread) in enumerate(zip(seen, differences, others, strict=True)):
            bound = self._bound(path, first + i, what, gap, spread, rows)
            if not gap.relative <= bound:
                phase = "randomness" if what.is_random else PHASES[what.role]
                its = None if spread is None or what.role == "initial" else spread.relative
                findings.append(Finding(self.steps, phase, what.name, gap, bound, its))
        self.kinked += path.has_kink
        self._finish(seen, ours, theirs, other)
        return differences, _where_it_began(findings, path)

    def _with_forward(self, rows: _Rows) -> _Rows:
        """`rows`, after those of the forward pass that they belong to.

        A tape's gradients may be applied by several optimizers, one after the other, and each
        apply is a step: the first of them brings along what the layers did.
        """
        if any(what.role == "layer" for what in rows.seen):
            keep = [i for i, what in enumerate(rows.seen) if what.role in ("batch", "layer")]
            self._forward = rows.at(keep)
            return rows
        return self._forward + rows

    @staticmethod
    def _look(path: Path, i: int, rows: _Rows) -> None:
        before = path.input_of(i)
        x = None if before is None else rows.arrays(before)
        path.look(i, *rows.arrays(i), x)

    def _bound(
        self,
        path: Path,
        i: int,
        what: Seen,
        gap: Difference,
        spread: Difference | None,
        rows: _Rows,
    ) -> float:
        """The largest relative difference of array number `i` that rounding explains."""
        ours, theirs, _ = rows.arrays(i)
        eps = gap.eps or 2.0**-52
        if what.role == "initial":
            self._weights[what.name] = _Weight(ours, theirs)
            # After a decomposition first values are only close; all others are equal bit for bit.
            return eps * math.sqrt(theirs.size) if is_orthogonal(theirs) else 0.0
        if what.role == "batch":
            return 2 * eps  # a pipeline may compute
        if what.role == "weight":
            return self._update_bound(what, gap, ours, theirs)
        drift = self.drift if spread is None else 0.0
        bound = (eps + drift) * math.sqrt(path.roundings(i, what))
        bound *= max(1.0, path.summed(what) / (gap.scale or 1.0))
        measured = 0.0
        if spread is not None:
            growth = max(1.0, self.drift / self._other_drift) if self._other_drift else 1.0
            measured = max(SPREADS * spread.relative * growth, 4 * self.drift)
        if what.role == "gradient":
            self._gradient[what.name] = ours, theirs
            size, count, others = path.kinks_behind(what.name)
            if count and others >= MANY:
                measured *= max(1.0, count / others)
            elif count:
                measured = max(measured, min(2.0, size))  # 2: all but infinities
        return max(bound, measured)

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

    def _measure_drift(self, seen: list[Seen]) -> None:
        """How far the weights that this step uses were apart when it began."""
        names = {name for what in seen for name in (what.name, *what.variables)}
        used = {name: w for name, w in self._weights.items() if name in names}
        self.drift = _drift({name: (w.ours, w.theirs) for name, w in used.items()})
        self._other_drift = _drift(
            {name: (w.other, w.theirs) for name, w in used.items() if w.other is not None}
        )

    def _finish(
        self, seen: list[Seen], ours: list[Array], theirs: list[Array], other: list[Array] | None
    ) -> None:
        for i, what in enumerate(seen):
            if what.role == "weight":
                weight = self._weights.setdefault(what.name, _Weight(ours[i], theirs[i]))
                weight.ours, weight.theirs = ours[i], theirs[i]
                weight.other = None if other is None else other[i]
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


def _where_it_began(findings: list[Finding], path: Path) -> Finding | None:
    """The first finding; of gradients that of the last layer, for they are computed backwards."""
    if not findings or findings[0].phase != "backward":
        return findings[0] if findings else None
    backward = [finding for finding in findings if finding.phase == "backward"]
    last = max(backward, key=lambda finding: path.home(finding.tensor))
    after = path.layers_after(last.tensor)
    if len(backward) == 1 or not after:
        return last
    return replace(
        last,
        began="so do gradients before it, and none after it: it began in this layer's gradient, or "
        f"in what comes back to it from {', '.join(after[:3])}",
    )


def _drift(weights: dict[str, tuple[Array, Array]]) -> float:
    """How far the weights that make one output of a layer are apart, relative to their norm.

    These are a column of the kernel and an element of the bias, as one vector: a bias near 0 alone
    says little.  Of all outputs of all layers the largest.
    """
    outputs: dict[tuple[str, int], list[Array]] = {}
    for name, (mine, its) in weights.items():
        size = its.shape[-1] if its.ndim else 1
        theirs = its.reshape(-1, size)
        sums = outputs.setdefault((_layer_of(name), size), [np.zeros(size), np.zeros(size)])
        for total, x in zip(sums, (mine.reshape(-1, size) - theirs, theirs), strict=True):
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
