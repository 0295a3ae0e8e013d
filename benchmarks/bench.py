"""One run of the benchmarks: what the sections measure with, and what was found so far."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from benchmarks.case import Case
from benchmarks.machine import sgemm_rate
from benchmarks.measure import FULL, HURRIED, QUICK, Pace, Row, measure
from benchmarks.options import Options
from benchmarks.sides import Sides
from benchmarks.targets import Value

PEAK_AGAIN = 30.0  # seconds after which the peak is measured once more: clocks change
BUSY = 0.75  # of the best peak: below that, something else had the processors
LATE = 60.0  # seconds after which a quick run hurries, to end within its five minutes
TOO_LATE = 150.0  # and leaves out cases: fresh processes are still to come
ALWAYS = 2  # cases that a section has however late it is: no goal is left without a value


def _silent(text: str) -> None:
    """What is said of the progress where nobody looks."""


@dataclass
class Bench:
    """The state of a run.

    Attributes:
        options: what is measured.
        sides: the processes that are compared.
        say: called with what is done next.
        rows: what came of each case.
        values: what counts for a goal.
        notes: lines to be read with the tables.
        errors: results that were not the same.
        peaks: the rates of NumPy's matrix product, as often as they were measured.
        facts: what else goes into the report.
        begun: when the run began, by `time.monotonic`.
    """

    options: Options
    sides: Sides
    say: Callable[[str], None] = _silent
    rows: list[Row] = field(default_factory=list)
    values: list[Value] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    peaks: list[float] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)
    begun: float = field(default_factory=time.monotonic)
    _peak_at: float = -PEAK_AGAIN

    @property
    def quick(self) -> bool:
        """Whether the run is to end soon."""
        return self.options.quick

    @property
    def seconds(self) -> float:
        """How long the run has taken so far."""
        return time.monotonic() - self.begun

    @property
    def is_late(self) -> bool:
        """Whether this is a quick run that must hurry."""
        return self.quick and self.seconds > LATE

    def _pace(self) -> Pace:
        if self.is_late:
            return HURRIED
        return QUICK if self.quick else FULL

    @property
    def threads(self) -> int:
        """The size of every pool."""
        return self.options.size_of_pools

    def _look_at_the_peak(self) -> None:
        if time.monotonic() - self._peak_at > PEAK_AGAIN:
            self.peaks.append(self.sides.ours.ask("call", sgemm_rate, ()))
            self._peak_at = time.monotonic()

    def measure(
        self, cases: Sequence[Case], sides: Sides | None = None, pace: Pace | None = None
    ) -> list[Row]:
        """Measure cases, one after the other, and keep their rows."""
        found = []
        for i, case in enumerate(cases, start=1):
            if i > ALWAYS and self.quick and self.seconds > TOO_LATE:
                self.note(f"{case.section}: {len(cases) - i + 1} cases left out, for want of time")
                break
            self._look_at_the_peak()
            self.say(f"{case.section} {i}/{len(cases)}: {case.name}")
            row = measure(case, sides or self.sides, pace or self._pace())
            self.values += row.values()
            if row.error is not None:
                self.errors.append(f"{case.section}, {case.name}: {row.error}")
            self.notes += row.unable
            found.append(row)
            self.rows.append(row)  # at once: who stops the run keeps what is finished
        return found

    def look_for_company(self) -> None:
        """Note that something else ran on the machine, where NumPy's own rate says so."""
        if self.peaks and min(self.peaks) < BUSY * max(self.peaks):
            self.note(
                f"NOT QUIET: NumPy's rate fell to {min(self.peaks) / max(self.peaks):.0%} of its "
                "best while this ran; something else had the processors. Ratios suffer from that."
            )

    def count(self, goal: str, name: str, value: float) -> None:
        """Let a number count for a goal."""
        self.values.append(Value(goal, name, value))

    def note(self, line: str) -> None:
        """Keep a line to be read with the tables."""
        self.notes.append(line)
