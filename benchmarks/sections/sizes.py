"""Convolutions of other sizes than the seed network's: none may fall off a cliff."""

from __future__ import annotations

from benchmarks.bench import Bench
from benchmarks.case import Case
from benchmarks.programs.convolution import Shape
from benchmarks.sections.ops import convolution_cases

SIZES = {
    "3 channels in": Shape((64, 32, 32, 3), (3, 3, 3, 32)),
    "20 channels out": Shape((64, 26, 26, 32), (3, 3, 32, 20)),
    "1 x 1": Shape((64, 28, 28, 64), (1, 1, 64, 64)),
    "5 x 5": Shape((64, 14, 14, 32), (5, 5, 32, 64)),
    "stride 2": Shape((64, 28, 28, 32), (3, 3, 32, 64), strides=2),
    "dilation 2": Shape((64, 26, 26, 32), (3, 3, 32, 64), dilations=2),
    "SAME": Shape((64, 26, 26, 32), (3, 3, 32, 64), padding="SAME"),
    "float64": Shape((32, 26, 26, 32), (3, 3, 32, 64), dtype="float64"),
    "56 x 56 x 64 -> 64": Shape((16, 56, 56, 64), (3, 3, 64, 64), padding="SAME"),
    "14 x 14 x 256 -> 256": Shape((16, 14, 14, 256), (3, 3, 256, 256), padding="SAME"),
}
QUICK = ("3 channels in", "20 channels out", "1 x 1", "stride 2", "float64")


def cases(quick: bool) -> list[Case]:
    """The rows of this section."""
    return [
        case
        for name, shape in SIZES.items()
        if name in QUICK or not quick
        for case in convolution_cases(name, shape, "sizes", "size")
    ]


def run(bench: Bench) -> None:
    """Measure them."""
    bench.measure(cases(bench.quick))
    if bench.quick:
        left_out = [name for name in SIZES if name not in QUICK]
        bench.note(f"sizes, left out by --quick: {'; '.join(left_out)}")
