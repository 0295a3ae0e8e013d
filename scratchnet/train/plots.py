"""Pictures of a training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from scratchnet.atomic_files import replacing

if TYPE_CHECKING:
    from matplotlib.axes import Axes

INK, MUTED, GRID = "#22272e", "#6a737d", "#e6e8eb"
TRAIN, TEST = "#9aa4af", "#0b6bcb"  # the line to look at is the test's


def draw_curves(history: Mapping[str, Sequence[float]], path: Path, title: str) -> None:
    """Loss and accuracy by epoch, of the training and of the test images, as a picture.

    Args:
        history: ``loss``, ``accuracy``, ``val_loss`` and ``val_accuracy``, one value per epoch.
        path: of the picture, written whole or not at all; its ending says the format.
        title: what was learned from.
    """
    from matplotlib.figure import Figure  # not pyplot: no window system, no state

    figure = Figure(figsize=(9, 3.8), dpi=150, layout="constrained")
    figure.suptitle(title, fontsize=10, color=MUTED, x=0.01, ha="left")
    panels = figure.subplots(1, 2, gridspec_kw={"wspace": 0.1})
    for axes, name in zip(panels, ("loss", "accuracy"), strict=True):
        _draw(axes, name, history[name], history[f"val_{name}"])
    labelled = panels[0].get_legend_handles_labels()
    figure.legend(*labelled, loc="outside upper right", ncols=2, frameon=False, labelcolor=INK)
    with replacing(path) as part:
        figure.savefig(part)


def _draw(axes: Axes, name: str, train: Sequence[float], test: Sequence[float]) -> None:
    epochs = range(1, len(train) + 1)
    for label, values, colour in (
        ("training, with dropout", train, TRAIN),
        ("test", test, TEST),
    ):
        axes.plot(epochs, values, "o-", color=colour, markersize=4, linewidth=2, label=label)
    axes.annotate(
        f"{test[-1]:.3f}",
        (len(test), test[-1]),
        xytext=(7, 0),
        textcoords="offset points",
        color=TEST,
        fontsize=10,
        fontweight="bold",
        va="center",
    )
    axes.set_title(name, color=INK, fontsize=12, loc="left")
    axes.set_xlim(0.5, len(train) + 0.5 + len(train) / 12)  # space for the last number
    axes.margins(y=0.1)
    if name == "loss":
        axes.set_ylim(bottom=0)
    quieten(axes)


def quieten(axes: Axes) -> None:
    """Whole epochs on the axis, faint horizontal lines, no box."""
    from matplotlib.ticker import MaxNLocator

    axes.set_xlabel("epoch", color=MUTED)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    axes.grid(axis="y", color=GRID)
    axes.set_axisbelow(True)
    axes.tick_params(colors=MUTED, length=0)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.spines["bottom"].set_color(GRID)
