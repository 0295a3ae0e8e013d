"""The most memory that a process has which trains a network."""

from __future__ import annotations

from benchmarks.bench import Bench
from benchmarks.equality import UnequalError
from benchmarks.processes import hold_equal, run_fresh
from benchmarks.sides import ONEDNN, PLAIN, SCRATCHNET, SideError

STEPS = 8
# By the goal that it counts for: the network, and in words.
TRAININGS = {
    "memory": (None, "seed network, batch 128"),
    "memory resnet20": ("resnet20", "ResNet-20, batch 64"),
}


def run(bench: Bench) -> None:
    """Train each network in a fresh process per side."""
    for goal, (network, title) in TRAININGS.items():
        _measure(bench, goal, network, title)


def _measure(bench: Bench, goal: str, network: str | None, title: str) -> None:
    """TensorFlow's peak is the smaller of its two settings."""
    runs = {}
    try:
        for name in (SCRATCHNET, ONEDNN, PLAIN):
            bench.say(f"memory, {title}: {name}")
            runs[name] = run_fresh(name, bench.threads, STEPS, network)
        hold_equal(runs)
    except (SideError, UnequalError) as error:
        bench.errors.append(f"memory, {title}: {error}")
        return
    peaks = {name: run.peak for name, run in runs.items() if run.peak is not None}
    theirs = min(peaks[ONEDNN], peaks[PLAIN])
    bench.facts[goal] = {"bytes": peaks, "steps": STEPS}
    ratio = theirs / peaks[SCRATCHNET]
    bench.count(goal, f"{STEPS} steps", ratio)
    bench.note(
        f"peak memory, {title}: scratchnet {peaks[SCRATCHNET] / 1e6:.0f} MB, TensorFlow "
        f"{theirs / 1e6:.0f} MB, {ratio:.2f}x"
    )
