"""The picture of a twin training: both curves over each other, and how the differences grow."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from scratchnet.atomic_files import replacing
from scratchnet.train.plots import GRID, INK, MUTED

if TYPE_CHECKING:
    from matplotlib.axes import Axes

OURS, THEIRS, SPREAD = "#0b6bcb", "#e8590c", "#9aa4af"


def draw_twins(
    losses: Sequence[tuple[float, float]],
    drifts: Sequence[tuple[float, float]],
    path: Path,
    title: str,
) -> None:
    """Write the picture.

    Args:
        losses: of each step, scratchnet's and TensorFlow's.
        drifts: of each step, the largest relative difference of a weight: scratchnet's from
            TensorFlow's, and TensorFlow's from its own under other settings.
        path: of the picture, written whole or not at all.
        title: what was trained.
    """
    from matplotlib.figure import Figure  # not pyplot: no window system, no state

    figure = Figure(figsize=(9, 3.8), dpi=150, layout="constrained")
    figure.suptitle(title, fontsize=10, color=MUTED, x=0.01, ha="left")
    panels = figure.subplots(1, 2, gridspec_kw={"wspace": 0.08})
    _draw_losses(panels[0], losses)
    _draw_drifts(panels[1], drifts)
    for axes in panels:
        _quieten(axes)
    with replacing(path) as part:
        figure.savefig(part)


def _draw_losses(axes: Axes, losses: Sequence[tuple[float, float]]) -> None:
    ours, theirs = zip(*losses, strict=True)
    steps = range(1, len(losses) + 1)
    axes.plot(steps, theirs, color=THEIRS, linewidth=4, alpha=0.45, label="TensorFlow")
    axes.plot(steps, ours, color=OURS, linewidth=1, label="scratchnet")
    axes.set_title("loss of each step", color=INK, fontsize=12, loc="left")
    axes.set_ylim(bottom=0)


def _draw_drifts(axes: Axes, drifts: Sequence[tuple[float, float]]) -> None:
    steps = range(1, len(drifts) + 1)
    # 0 has no logarithm: such a step is left out.
    ours, itself = ([gap or None for gap in gaps] for gaps in zip(*drifts, strict=True))
    label = "TensorFlow under other settings"
    axes.plot(steps, itself, color=SPREAD, linewidth=3, label=label)  # type: ignore[arg-type]
    axes.plot(steps, ours, color=OURS, linewidth=1.5, label="scratchnet")  # type: ignore[arg-type]
    axes.set_yscale("log")
    axes.set_title("weights: farthest from TensorFlow's", color=INK, fontsize=12, loc="left")


def _quieten(axes: Axes) -> None:
    from matplotlib.ticker import MaxNLocator

    axes.set_xlabel("step", color=MUTED)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    axes.grid(axis="y", color=GRID)
    axes.set_axisbelow(True)
    axes.tick_params(colors=MUTED, length=0, which="both")
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.spines["bottom"].set_color(GRID)
    axes.legend(frameon=False, labelcolor=INK, fontsize=9, loc="best")
