"""The break-it lab: a network trained with a wrong VJP, beside the same with the right one.

Both learn, as often as not equally well: that a network trains says little about its gradients.
The equality of the gradients says it at once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from scratchnet.atomic_files import replacing
from scratchnet.engine.errors import say
from scratchnet.exercises.broken import BROKEN, switched_on
from scratchnet.exercises.network import (
    OPS,
    RATE,
    load_data,
    loss_and_gradients,
    make_weights,
    train,
)
from scratchnet.train.plots import GRID, INK, MUTED, quieten

RIGHT, WRONG = "#0b6bcb", "#cf222e"


@dataclass(frozen=True)
class Row:
    """The gradient by one weight, of both, in float64.

    Attributes:
        weight: its name.
        largest: the largest element of the right gradient, by its absolute value.
        difference: the largest difference of an element.
        cosine: of the angle between the two, as vectors; 1 where they point in one direction.
    """

    weight: str
    largest: float
    difference: float
    cosine: float

    @property
    def equal(self) -> bool:
        """Whether they differ by no more than float64 rounds."""
        return self.difference <= 1e-11 * self.largest


@dataclass(frozen=True)
class Outcome:
    """What came of a training with a wrong VJP.

    Attributes:
        name: of the wrong VJP.
        right, wrong: the accuracy on the test images before the training and after each epoch.
        rows: the gradients of the first batch, compared.
    """

    name: str
    right: list[float]
    wrong: list[float]
    rows: list[Row]


def run(name: str, epochs: int = 6, seed: int = 0) -> Outcome:
    """Train with the right VJPs, and with one that is wrong; compare the gradients of a batch.

    Args:
        name: one of `BROKEN`.
        epochs: times through the 1,497 images.
        seed: of weights, order and dropout, the same for both.

    Raises:
        ValueError: an unknown name; no epochs.
    """
    if name not in BROKEN:
        raise ValueError(say("break", "name", f"must be one of {', '.join(BROKEN)}", name))
    if epochs < 1:
        raise ValueError(say("break", "epochs", "must be at least 1", epochs))
    ops = switched_on(name)
    return Outcome(name, train(OPS, epochs, seed), train(ops, epochs, seed), compare(ops, seed))


def compare(ops: dict[str, Callable[..., Any]], seed: int = 0) -> list[Row]:
    """The gradients of the first batch, with `ops` and with the right ones.

    >>> [row.weight for row in compare(switched_on("bias_mean")) if not row.equal]
    ['conv2d_1/bias']
    """
    (x, y), _ = load_data()
    x, y, rng = x[:32].astype(np.float64), y[:32], np.random.default_rng(seed)
    keep = (rng.random((32, 64)) >= RATE).astype(np.float64)
    weights = make_weights(seed, np.float64)
    _, expected = loss_and_gradients(OPS, weights, x, y, keep)
    _, found = loss_and_gradients(ops, weights, x, y, keep)
    return [_row(name, found[name].numpy(), expected[name].numpy()) for name in weights]


def _row(weight: str, found: Any, expected: Any) -> Row:
    norms = float(np.linalg.norm(found) * np.linalg.norm(expected))
    cosine = float(np.vdot(found, expected)) / norms if norms else 0.0
    return Row(
        weight, float(abs(expected).max()), float(abs(found - expected).max()), min(cosine, 1.0)
    )


def draw(outcome: Outcome, path: Path) -> None:
    """The picture: two curves of the accuracy, and the table of gradients.

    Args:
        outcome: what `run` returned.
        path: where it goes; written whole or not at all, its ending says the format.
    """
    from matplotlib.figure import Figure  # not pyplot: no window system, no state

    figure = Figure(figsize=(11, 4.2), dpi=130, layout="constrained")
    broken = BROKEN[outcome.name]
    figure.suptitle(
        f"{outcome.name} ({broken.op}): {broken.sentence}",
        fontsize=10,
        color=INK,
        x=0.01,
        ha="left",
        wrap=True,
    )
    curves, table = figure.subplots(1, 2, width_ratios=[1, 1.25])
    _draw_curves(curves, outcome)
    _draw_table(table, outcome.rows)
    with replacing(path) as part:
        figure.savefig(part)


def _draw_curves(axes: Any, outcome: Outcome) -> None:
    for label, values, colour, style in (
        ("right VJP", outcome.right, RIGHT, "o-"),
        ("wrong VJP", outcome.wrong, WRONG, "s--"),
    ):
        text = f"{label}: {values[-1]:.3f}"
        axes.plot(range(len(values)), values, style, color=colour, label=text, markersize=4)
    axes.set_title("accuracy on test images", loc="left", color=INK, fontsize=11)
    axes.set_ylim(0, 1.02)
    axes.legend(frameon=False, loc="lower right", labelcolor=INK)
    quieten(axes)


def _draw_table(axes: Any, rows: list[Row]) -> None:
    axes.set_axis_off()
    axes.set_title("gradients of the first batch", loc="left", color=INK, fontsize=11)
    cells = [[row.weight, *in_words(row)] for row in rows]
    heads = ["by the weight", "difference / largest", "cosine", ""]
    drawn = axes.table(
        cells, colLabels=heads, loc="upper left", cellLoc="left", colWidths=[0.42, 0.26, 0.14, 0.18]
    )
    drawn.auto_set_font_size(False)
    drawn.set_fontsize(9)
    drawn.scale(1, 1.5)
    for (line, column), cell in drawn.get_celld().items():
        cell.set_edgecolor(GRID)
        cell.get_text().set_color(MUTED if line == 0 else INK)
        if line and column == len(heads) - 1:
            equal = rows[line - 1].equal
            cell.set_facecolor("#dafbe1" if equal else "#ffdce0")
            cell.get_text().set_color("#1a7f37" if equal else WRONG)


def in_words(row: Row) -> tuple[str, str, str]:
    """The difference in parts of the largest element, the cosine, the verdict.

    >>> in_words(Row("dense/bias", 2.0, 0.5, 0.9))
    ('0.25', '0.900', 'differs')
    """
    share = row.difference / row.largest if row.largest else float(row.difference > 0)
    return f"{share:.2g}", f"{row.cosine:.3f}", "equal" if row.equal else "differs"
