"""The most memory that a process has which trains the seed network."""

from __future__ import annotations

from benchmarks.bench import Bench
from benchmarks.equality import UnequalError
from benchmarks.processes import hold_equal, run_fresh
from benchmarks.sides import ONEDNN, PLAIN, SCRATCHNET, SideError

STEPS = 8


def run(bench: Bench) -> None:
    """Train in a fresh process per side; TensorFlow's is the smaller of its two settings."""
    runs = {}
    try:
        for name in (SCRATCHNET, ONEDNN, PLAIN):
            bench.say(f"memory: {name}")
            runs[name] = run_fresh(name, bench.threads, STEPS)
        hold_equal(runs)
    except (SideError, UnequalError) as error:
        bench.errors.append(f"memory: {error}")
        return
    peaks = {name: run.peak for name, run in runs.items() if run.peak is not None}
    theirs = min(peaks[ONEDNN], peaks[PLAIN])
    bench.facts["memory"] = {"bytes": peaks, "steps": STEPS}
    ratio = theirs / peaks[SCRATCHNET]
    bench.count("memory", f"{STEPS} steps at batch 128", ratio)
    bench.note(
        f"peak memory: scratchnet {peaks[SCRATCHNET] / 1e6:.0f} MB, TensorFlow "
        f"{theirs / 1e6:.0f} MB, {ratio:.2f}x"
    )
