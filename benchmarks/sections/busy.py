"""Training steps of the seed network while one other process per core computes, too."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace

from benchmarks.bench import Bench
from benchmarks.case import FUNCTION, Case
from benchmarks.options import processors
from benchmarks.sections import steps

# It ends by itself where the process that started it could not end it.
COMPUTING = """
import os
parent = os.getppid()
while os.getppid() == parent:
    for _ in range(1_000_000):
        pass
"""
BATCH = 32
NOTE = "busy: one other process per core computes without a pause while these are measured"


@contextmanager
def computing(count: int) -> Iterator[list[int]]:
    """Let `count` processes compute without a pause until the block ends; their ids."""
    with ExitStack() as stack:
        ids = []
        for _ in range(count):
            process = subprocess.Popen([sys.executable, "-c", COMPUTING])
            stack.callback(process.wait)
            stack.callback(process.kill)
            ids.append(process.pid)
        yield ids


def cases(quick: bool) -> list[Case]:
    """The rows of this section: two of those of the section "steps"."""
    goals = {f"fit, batch {BATCH}": "busy fit", f"loop with a tape, batch {BATCH}": "busy tape"}
    return [
        # Operations are not counted: NumPy's product has its share of the processors taken, too.
        replace(case, section="busy", goals={FUNCTION: goals[case.name]}, flops=None)
        for case in steps.cases(quick)
        if case.name in goals
    ]


def run(bench: Bench) -> None:
    """Measure them."""
    peaks = list(bench.peaks)
    with computing(processors()):
        bench.measure(cases(bench.quick))
    bench.peaks[:] = peaks  # a peak beside these processes says nothing of the machine
    bench.note(NOTE)
