"""The pictures of a run: ratios as bars, costs as curves."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.bench import Bench
from benchmarks.case import EAGER, FUNCTION, TORCH
from benchmarks.timing import Ratio
from scratchnet.atomic_files import replacing
from scratchnet.train.plots import GRID, INK, MUTED

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis

RATIOS, CURVES = "ratios.png", "scaling.png"
OURS, THEIRS = "#0b6bcb", "#e8590c"
LABELS = {
    "batch": "images in a batch",
    "image size": "rows and columns of an image",
    "filters": "filters of the second convolution",
    "threads": "threads",
}


def draw(bench: Bench, folder: Path) -> list[str]:
    """Write what there is to show; the names of the files."""
    written = []
    bars = _bars(bench)
    if bars:
        _draw_bars(bars, folder / RATIOS)
        written.append(RATIOS)
    curves = {name: points for name, points in bench.facts.get("curves", {}).items() if points}
    if curves:
        _draw_curves(curves, folder / CURVES)
        written.append(CURVES)
    return written


def _bars(bench: Bench) -> list[tuple[str, Ratio]]:
    """A bar for each ratio that counts for a goal."""
    words = {EAGER: "eager", FUNCTION: "tf.function", TORCH: "PyTorch"}
    found = []
    for row in bench.rows:
        for way in row.case.goals:
            ratio = row.ratio(way)
            many = len(row.case.goals) > 1
            name = f"{row.case.name}, against {words[way]}" if many else row.case.name
            if ratio is not None:
                found.append((name, ratio))
    return found


def _draw_bars(bars: list[tuple[str, Ratio]], path: Path) -> None:
    from matplotlib.figure import Figure  # not pyplot: no window system, no state

    figure = Figure(figsize=(9, 1.2 + 0.24 * len(bars)), dpi=150, layout="constrained")
    axes = figure.subplots()
    places = range(len(bars))
    middles = [ratio.median for _, ratio in bars]
    longer = [middle - 1 for middle in middles]  # bars begin at 1: as fast
    spread = [
        [ratio.median - ratio.low for _, ratio in bars],
        [ratio.high - ratio.median for _, ratio in bars],
    ]
    colours = [OURS if middle >= 1 else THEIRS for middle in middles]
    axes.barh(places, longer, left=1, xerr=spread, color=colours, ecolor=MUTED, height=0.7)
    axes.axvline(1, color=INK, linewidth=1)
    axes.set_xscale("log")
    _say_numbers(axes.xaxis)
    axes.set_yticks(places, [name for name, _ in bars], fontsize=8)
    axes.invert_yaxis()
    axes.margins(y=0.01)
    axes.set_title("times as fast as TensorFlow", color=INK, fontsize=12, loc="left")
    _quieten(axes, "x")
    with replacing(path) as part:
        figure.savefig(part)


def _draw_curves(curves: dict[str, list[dict[str, Any]]], path: Path) -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(4 * len(curves), 3.6), dpi=150, layout="constrained")
    panels = figure.subplots(1, len(curves), squeeze=False)[0]
    for axes, (name, points) in zip(panels, curves.items(), strict=True):
        _draw_curve(axes, name, points)
    panels[0].set_ylabel("milliseconds per image", color=MUTED)
    panels[0].legend(frameon=False, labelcolor=INK)
    with replacing(path) as part:
        figure.savefig(part)


def _draw_curve(axes: Axes, name: str, points: list[dict[str, Any]]) -> None:
    xs = [point["x"] for point in points]
    for side, label, colour in (
        ("scratchnet", "scratchnet", OURS),
        ("tensorflow", "TensorFlow", THEIRS),
    ):
        costs = [1e3 * point[side] for point in points]
        axes.plot(xs, costs, "o-", color=colour, markersize=4, linewidth=2, label=label)
    axes.set_xscale("log", base=2)
    axes.set_yscale("log")
    _say_numbers(axes.yaxis)
    axes.set_xticks(xs, [str(x) for x in xs])
    axes.set_xlabel(LABELS[name], color=MUTED)
    _quieten(axes, "both")


def _say_numbers(axis: Axis) -> None:
    """1, 2 and 5 of each power of ten, written out."""
    from matplotlib.ticker import LogLocator, NullLocator

    axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axis.set_major_formatter("{x:g}")
    axis.set_minor_locator(NullLocator())


def _quieten(axes: Axes, grid: Any) -> None:
    """Faint lines, no box."""
    axes.grid(axis=grid, color=GRID)
    axes.set_axisbelow(True)
    axes.tick_params(colors=MUTED, length=0)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.spines["bottom"].set_color(GRID)
