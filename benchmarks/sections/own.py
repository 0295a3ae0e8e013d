"""A model of the user's: each layer, forward and backward apart."""

from __future__ import annotations

from benchmarks.bench import Bench
from benchmarks.case import Bound, Case
from benchmarks.programs import layers

BATCH = 32
SAME = Bound(norm=2e-3)  # by norm: rounding may decide which way a gradient takes in a ReLU


def run(bench: Bench) -> None:
    """Measure the layers of the file that the options name.

    Raises:
        SideError: the file cannot be used; the message says why.
    """
    path = str(bench.options.model)
    found = bench.sides.ours.ask("call", layers.describe, (path, BATCH))
    ways = (("forward", layers.forward), ("backward", layers.backward))
    bench.measure(
        [
            Case(f"{name}, {way}", "model", program, _args(path, place), SAME)
            for place, name in found
            for way, program in ways
        ]
    )
    bench.note(f"batch {BATCH}, inputs of normal numbers, layers called with training=True")


def _args(path: str, place: int) -> dict[str, object]:
    return {"path": path, "place": place, "batch": BATCH}
