"""One case, measured: the sides take turns, and are first held to be equal."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from statistics import median
from typing import Any

from benchmarks.case import DEFINITION, OURS, TORCH, Bound, Case
from benchmarks.equality import UnequalError, assert_equal, distance
from benchmarks.machine import sgemm_rate
from benchmarks.sides import GPU, PYTORCH, Side, SideError, Sides, ask_all
from benchmarks.targets import Value
from benchmarks.timing import Ratio, faster, ratio

Times = dict[str, dict[str, list[float]]]  # way -> side -> seconds of each round
Results = dict[str, list[Any]]  # way -> arrays


@dataclass(frozen=True)
class Pace:
    """How much time is taken.

    Attributes:
        rounds: how often the sides take turns, at most.
        block: seconds of calls in one turn.
        budget: seconds after which a case has no third or later round.
    """

    rounds: int
    block: float
    budget: float


PRODUCT = 1536  # rows and columns: 7 GFLOP, large enough for the rate of a larger one
BLAS_SPINS = 0.2  # seconds for which the threads of BLAS wait for a next product without sleeping
FULL, QUICK, HURRIED = Pace(9, 0.1, 60.0), Pace(3, 0.03, 4.0), Pace(1, 0.01, 0.0)


@dataclass
class Row:
    """What came of a case.

    Attributes:
        case: what was done.
        times: seconds of one unit of its work; none if there is an error.
        error: why there are no times.
        unable: which of TensorFlow's settings cannot do it, and why.
        peaks: the rate of NumPy's matrix product beside each round of scratchnet's; none where the
            operations of the case are not counted.
    """

    case: Case
    times: Times = field(default_factory=dict)
    error: str | None = None
    unable: list[str] = field(default_factory=list)
    peaks: list[float] = field(default_factory=list)

    def rounds(self, way: str) -> list[float]:
        """The seconds of each round; of TensorFlow under its faster setting on the CPU."""
        sides = {name: taken for name, taken in self.times.get(way, {}).items() if name != GPU}
        return sides[faster(sides)] if sides else []

    def seconds(self, way: str) -> float | None:
        """The median of the rounds; None if it was not measured."""
        rounds = self.rounds(way)
        return median(rounds) if rounds else None

    def gpu(self) -> float | None:
        """TensorFlow's median on the GPU, in its faster way; None if there is none."""
        found = [median(sides[GPU]) for sides in self.times.values() if GPU in sides]
        return min(found, default=None)

    def ratio(self, way: str) -> Ratio | None:
        """How many times as fast as TensorFlow, run in this way, scratchnet is."""
        if not self.rounds(way):
            return None
        return ratio(self.rounds(OURS), self.rounds(way))

    def rate(self) -> float | None:
        """scratchnet's floating-point operations per second."""
        seconds = self.seconds(OURS)
        return self.case.flops / seconds if self.case.flops and seconds else None

    def share(self) -> float | None:
        """What share of the matrix product's rate, as it was beside each round, is reached."""
        if not self.case.flops or not self.peaks:
            return None
        taken = self.rounds(OURS)
        pairs = zip(taken, self.peaks, strict=True)
        return median(self.case.flops / (seconds * peak) for seconds, peak in pairs)

    def values(self) -> list[Value]:
        """What counts for a goal."""
        ratios = {way: self.ratio(way) for way in self.case.goals}
        return [
            Value(goal, self.case.name, ratios[way].median)  # type: ignore[union-attr]
            for way, goal in self.case.goals.items()
            if ratios[way] is not None
        ]

    def as_json(self) -> dict[str, Any]:
        """For the report: every round, and what became of it."""
        others = (*self.case.ways, TORCH)
        settings = {
            way: faster(own)
            for way in others
            if (own := {n: taken for n, taken in self.times.get(way, {}).items() if n != GPU})
        }
        ratios = {way: self.ratio(way) for way in others}
        return {
            "section": self.case.section,
            "name": self.case.name,
            "error": self.error,
            "unable": self.unable,
            "seconds": {way: self.seconds(way) for way in self.times},
            "faster_setting": settings,
            "ratio": {way: vars(found) for way, found in ratios.items() if found is not None},
            "flops_per_second": self.rate(),
            "sgemm_peaks": self.peaks,
            "share_of_peak": self.share(),
            "rounds": self.times,
        }


def measure(case: Case, sides: Sides, pace: Pace) -> Row:
    """Prepare a case on all sides, hold the results to be equal, and only then time it."""
    row = Row(case)
    try:
        _take_turns(row, _held_equal(row, sides), pace)
    except (UnequalError, SideError) as error:
        row = Row(case, error=str(error))
    ask_all(sides.of(case), "forget")
    return row


def _held_equal(row: Row, sides: Sides) -> list[Side]:
    """The sides that can do it, after their results were compared.

    TensorFlow has no code for some work under one of its settings: the other is enough.
    """
    prepared = ask_all(sides.of(row.case), "prepare", row.case)
    failed = {name: found for name, found in prepared.items() if isinstance(found, SideError)}
    able = [side for side in sides.of(row.case) if side.name not in failed]
    theirs = [side for side in able if side in sides.theirs]
    if sides.ours not in able or not theirs:
        raise next(iter(failed.values()))
    row.unable = [f"{row.case.name}: {error}" for error in failed.values()]
    nudged = ask_all(theirs, "nudged") if row.case.bound.norm is not None else {}
    apart = [
        distance(a, b, row.case.bound)[0]
        for name, found in nudged.items()
        for way, results in _answered(found).items()
        for result in results
        for a, b in zip(result, prepared[name][way], strict=True)
    ]
    bound = _widened(row.case.bound, [prepared[side.name] for side in theirs], apart)
    for side in able[1:]:
        _compare(bound, prepared[sides.ours.name], side.name, prepared[side.name])
    return able


def _answered(found: Any) -> Any:
    """What a side said.

    Raises:
        SideError: it failed.
    """
    if isinstance(found, SideError):
        raise found
    return found


def _widened(bound: Bound, theirs: list[Results], nudged: Sequence[float] = ()) -> Bound:
    """A bound by norm, and twice what TensorFlow's own results are apart.

    On large images and in deep networks rounding decides the way of many gradients, and Adam makes
    small ones large.

    Args:
        theirs: the results of TensorFlow's settings.
        nudged: how far results moved with inputs that were changed by as much as rounding.
    """
    if bound.norm is None:
        return bound
    first = theirs[0]
    spread = [
        distance(a, b, bound)[0]
        for other in theirs[1:]
        for way in first
        for a, b in zip(other[way], first[way], strict=True)
    ]
    return replace(bound, norm=bound.norm + 2 * max([*spread, *nudged], default=0.0))


def _compare(bound: Bound, ours: Results, name: str, theirs: Results) -> None:
    """Hold scratchnet's result, and its definition's, to be TensorFlow's."""
    for way, expected in theirs.items():
        for own, found in ours.items():
            try:
                assert_equal(found, expected, bound)
            except UnequalError as error:
                raise UnequalError(
                    f"{own} is not the same as {_title(name, way)}: {error}"
                ) from None


def _title(name: str, way: str) -> str:
    return name if name == PYTORCH else f"TensorFlow ({name}, {way})"


def _take_turns(row: Row, able: list[Side], pace: Pace) -> None:
    begin, turns = time.perf_counter(), list(able)
    for i in range(pace.rounds):
        if i >= 2 and time.perf_counter() - begin > pace.budget:
            break
        for side in turns:
            if side.ways(row.case)[0] == OURS and row.case.flops:
                _beside_the_peak(row, side, pace, first=i == 0)
            else:
                _take_turn(row, side, pace, first=i == 0)
        turns.reverse()  # what grows slower or faster with time does so for all


def _beside_the_peak(row: Row, side: Side, pace: Pace, first: bool) -> None:
    """A turn between two measurements of the peak, of which the better one counts.

    What else runs on the machine comes and goes: only a peak of the same moment says what share of
    it was reached.
    """
    peaks = [_peak(side, pace)]
    _take_turn(row, side, pace, first)
    peaks.append(_peak(side, pace))
    row.peaks.append(max(peaks))


def _peak(side: Side, pace: Pace) -> float:
    rate: float = side.ask("call", sgemm_rate, (pace.block, PRODUCT))
    time.sleep(BLAS_SPINS)
    return rate


def _take_turn(row: Row, side: Side, pace: Pace, first: bool) -> None:
    for way in side.ways(row.case):
        if way == DEFINITION and not first:
            continue  # it is slow, and no ratio depends on it
        seconds = side.ask("time", way, 0.0 if way == DEFINITION else pace.block)
        taken = row.times.setdefault(way, {}).setdefault(side.name, [])
        taken.append(seconds / row.case.units)
