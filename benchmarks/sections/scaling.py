"""What a training step costs per image as batches, images, filters and threads grow."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.bench import Bench
from benchmarks.case import FUNCTION, OURS, Case
from benchmarks.machine import available_memory
from benchmarks.measure import Pace, Row
from benchmarks.programs import training
from benchmarks.sections.steps import STEP
from benchmarks.sides import started

PACE = Pace(rounds=3, block=0.05, budget=20.0)
BATCHES = (8, 32, 128, 512, 1024)
SIZES = (10, 28, 56, 112, 224)
FILTERS = ((8, 16), (16, 32), (32, 64), (64, 128))
BATCH_OF_SIZES = 16
EPOCH = 40e9  # operations: of long steps two are enough
FLAT = 1.1  # what grows by less than this counts as flat: so much is noise


def growth(costs: Sequence[float]) -> float:
    """How much more an image costs at worst than at some smaller size; at least FLAT.

    A cost that falls first does not make its later growth larger or smaller than it is.

    >>> growth([4.0, 2.0, 3.0])
    1.5
    """
    worst, cheapest = FLAT, costs[0]
    for cost in costs:
        cheapest = min(cheapest, cost)
        worst = max(worst, cost / cheapest)
    return worst


def _case(name: str, batch: int, **more: object) -> Case:
    size = int(more.get("size", 28))  # type: ignore[call-overload]
    # Enough steps for what an epoch costs besides them not to count, where they are short.
    steps = max(2, min(256 // batch, int(EPOCH / training.flops(size, batch))))
    args = {"batch": batch, "steps": steps, **more}
    flops = None if "filters" in more else training.flops(size, 1)
    return Case(
        name,
        "scaling",
        training.fit,
        args,
        STEP,
        ways=(FUNCTION,),
        flops=flops,
        units=steps * batch,
    )


def _bytes_needed(size: int) -> float:
    """Roughly, by one side: the weights five times over, what the layers return three times."""
    b = size - 4
    return 4.0 * (5 * (b // 2) ** 2 * 64 * 128 + 3 * BATCH_OF_SIZES * b * b * 100) + 0.5e9


def _points(bench: Bench, curve: str, xs: Sequence[int], rows: list[Row]) -> None:
    """Keep a curve; and its growth, where it counts for the goal."""
    # A quick run that is late has fewer rows than it wanted: the last ones are missing.
    measured = [(x, row) for x, row in zip(xs, rows, strict=False) if row.error is None]
    ours, theirs = ([row.seconds(way) or 0.0 for _, row in measured] for way in (OURS, FUNCTION))
    bench.facts.setdefault("curves", {})[curve] = [
        {"x": x, "scratchnet": a, "tensorflow": b}
        for (x, _), a, b in zip(measured, ours, theirs, strict=True)
    ]
    if curve not in ("batch", "image size") or len(measured) < 2:
        return
    flops = [row.case.flops or 1.0 for _, row in measured]
    grown, theirs_grown = (
        growth([cost / f for cost, f in zip(costs, flops, strict=True)]) for costs in (ours, theirs)
    )
    bench.count("growth", f"{curve} {measured[0][0]} to {measured[-1][0]}", theirs_grown / grown)
    bench.note(
        f"growth of the cost per image (per operation) with {curve}: scratchnet {grown:.2f}, "
        f"TensorFlow {theirs_grown:.2f}; {FLAT} is flat"
    )


def run(bench: Bench) -> None:
    """Measure all four curves."""
    if bench.quick:
        _quick(bench)
        return
    batches = list(BATCHES)
    sizes = [n for n in SIZES if 3 * _bytes_needed(n) < available_memory()]
    if sizes[-1] != SIZES[-1]:
        bench.note(f"scaling: no images above {sizes[-1]} x {sizes[-1]} (memory)")
    rows = bench.measure([_case(f"batch {n}", n) for n in batches], pace=PACE)
    _points(bench, "batch", batches, rows)
    cases = [_case(f"{n} x {n} images, batch 16", BATCH_OF_SIZES, size=n) for n in sizes]
    _points(bench, "image size", sizes, bench.measure(cases, pace=PACE))
    cases = [_case(f"filters {a}, {b}, batch 32", 32, filters=(a, b)) for a, b in FILTERS]
    _points(bench, "filters", [b for _, b in FILTERS], bench.measure(cases, pace=PACE))
    _threads(bench)


def _quick(bench: Bench) -> None:
    """The ends of the two curves whose growth counts."""
    batches, sizes = (8, 128), (10, 56)
    rows = bench.measure([_case(f"batch {n}", n) for n in batches])
    _points(bench, "batch", batches, rows)
    cases = [_case(f"{n} x {n} images, batch 16", BATCH_OF_SIZES, size=n) for n in sizes]
    _points(bench, "image size", sizes, bench.measure(cases))


def _threads(bench: Bench) -> None:
    counts = [n for n in (1, 2, 4, 8, 16, 32, 64, 128) if n < bench.threads] + [bench.threads]
    rows = []
    for n in counts:
        case = _case(f"{n} threads, batch 128", 128)
        if n == bench.threads:
            rows += bench.measure([case], pace=PACE)
            continue
        with started(n) as sides:
            rows += bench.measure([case], sides, PACE)
    _points(bench, "threads", counts, rows)
