"""From the start of a process to its first trained batch."""

from __future__ import annotations

from tempfile import TemporaryDirectory

from benchmarks.bench import Bench
from benchmarks.equality import UnequalError
from benchmarks.processes import hold_equal, run_fresh
from benchmarks.sides import ONEDNN, PLAIN, SCRATCHNET, SideError
from benchmarks.timing import faster, ratio

NAMES = (SCRATCHNET, ONEDNN, PLAIN)


def run(bench: Bench) -> None:
    """Start fresh processes in turn, after one of each that warms caches of files and kernels."""
    rounds = 1 if bench.is_late else 2 if bench.quick else 5
    taken: dict[str, list[float]] = {name: [] for name in NAMES}
    try:
        hold_equal({name: run_fresh(name, bench.threads, 1) for name in NAMES})
        for i in range(rounds):
            for name in NAMES:
                bench.say(f"startup {i + 1}/{rounds}: {name}")
                taken[name].append(run_fresh(name, bench.threads, 1).seconds)
    except (SideError, UnequalError) as error:
        bench.errors.append(f"startup: {error}")
        return
    compiled = _with_an_empty_cache(bench)
    best = faster({ONEDNN: taken[ONEDNN], PLAIN: taken[PLAIN]})
    found = ratio(taken[SCRATCHNET], taken[best])
    bench.facts["startup"] = {"seconds": taken, "seconds_with_an_empty_cache": compiled}
    bench.count("startup", "python to first batch", found.median)
    ours, theirs = min(taken[SCRATCHNET]), min(taken[best])
    bench.note(
        f"import and first trained batch: scratchnet {ours:.2f} s, TensorFlow ({best}) "
        f"{theirs:.2f} s at best, {found} times as fast"
    )
    if compiled is not None:
        bench.note(f"the same on a fresh install, kernels compiled on the way: {compiled:.1f} s")


def _with_an_empty_cache(bench: Bench) -> float | None:
    """The seconds where no kernel was compiled before; None where there is no time to see it."""
    if bench.is_late:
        return None
    bench.say("startup: no kernel is compiled yet")
    with TemporaryDirectory() as cache:
        return run_fresh(SCRATCHNET, bench.threads, 1, cache=cache).seconds
