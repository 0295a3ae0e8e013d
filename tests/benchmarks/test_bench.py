"""A run that is late, or not alone on the machine."""

from __future__ import annotations

import time

from benchmarks.bench import ALWAYS, LATE, TOO_LATE, Bench
from benchmarks.case import EAGER, Case
from benchmarks.options import Options
from tests.support import benchmark_faults as faults


def test_a_machine_that_was_not_quiet_is_noted():
    bench = Bench(Options(), sides=None, peaks=[4e9, 2e9])
    bench.look_for_company()
    assert "fell to 50%" in bench.notes[0]
    quiet = Bench(Options(), sides=None, peaks=[4e9, 3.9e9])
    quiet.look_for_company()
    assert quiet.notes == []


def test_a_quick_run_that_is_late_hurries_and_then_leaves_out(sides):
    cases = [Case(name, "ops", faults.squares, goals={EAGER: "op"}) for name in "abcd"]
    late = Bench(Options(quick=True), sides, begun=time.monotonic() - LATE - 5)
    first, *_ = late.measure(cases)
    assert first.ratio(EAGER).rounds == 1
    too_late = Bench(Options(quick=True), sides, begun=time.monotonic() - TOO_LATE - 5)
    assert len(too_late.measure(cases)) == ALWAYS
    assert too_late.notes == ["ops: 2 cases left out, for want of time"]
    assert not Bench(Options(), sides, begun=time.monotonic() - TOO_LATE - 5).is_late
