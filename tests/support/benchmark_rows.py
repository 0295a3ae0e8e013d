"""A row of made-up times."""

from __future__ import annotations

from benchmarks.case import DEFINITION, EAGER, FUNCTION, OURS, Case
from benchmarks.measure import Row
from benchmarks.sides import GPU, ONEDNN, PLAIN, SCRATCHNET
from tests.support import benchmark_faults as faults


def made_up_row() -> Row:
    times = {
        OURS: {SCRATCHNET: [1.0, 2.0, 1.0]},
        DEFINITION: {SCRATCHNET: [50.0]},
        EAGER: {ONEDNN: [3.0, 6.0, 9.0], PLAIN: [2.0, 6.0, 2.5], GPU: [0.1, 0.1, 0.1]},
        FUNCTION: {ONEDNN: [1.0, 1.0, 1.0], PLAIN: [2.0, 2.0, 0.1], GPU: [0.2, 0.2, 0.2]},
    }
    goals = {EAGER: "tape eager", FUNCTION: "tape function"}
    case = Case("loop", "steps", faults.squares, goals=goals, flops=2e9)
    return Row(case, times, peaks=[4e9, 2e9, 4e9])
