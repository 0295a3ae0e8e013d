"""What the commands `scratchnet exercise` and `scratchnet break` print."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from scratchnet.exercises.broken import BROKEN
from scratchnet.exercises.checking import check_file, names, title, write
from scratchnet.exercises.lab import Outcome, draw, in_words, run
from scratchnet.exercises.progress import Progress

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table


def list_exercises(folder: Path, console: Console) -> None:
    """All exercises, and how far one is."""
    from rich.table import Table
    from rich.text import Text

    progress = Progress(folder)
    table = Table("exercise", "what it is about", "", box=None, pad_edge=False)
    for name in names():
        state = Text("")
        if progress.is_solved(name):
            state = Text("solved", "green")
        elif (folder / f"{name}.py").exists():
            state = Text("begun", "yellow")
        table.add_row(name, title(name), state)
    console.print(table)
    console.print(f"\n`scratchnet exercise {names()[0]}` writes {folder / names()[0]}.py.")


def exercise(name: str, folder: Path, console: Console) -> bool:
    """Write the sheet, or check it if it is there; returns whether there is nothing wrong."""
    path = folder / f"{name}.py"
    if not path.exists():
        write(name, folder)
        console.print(
            f"{path} is written: {title(name)}. Fill it in, and call "
            f"`scratchnet exercise {name}` again to have it checked.",
            markup=False,
            highlight=False,
        )
        return True
    feedback = check_file(path)
    console.print(str(feedback), style="green" if feedback.solved else "", markup=False)
    return feedback.solved


def list_broken(console: Console) -> None:
    """All wrong VJPs."""
    from rich.table import Table

    table = Table("wrong VJP", "of", "what is wrong with it", box=None, pad_edge=False)
    for name, broken in BROKEN.items():
        table.add_row(name, broken.op, broken.sentence)
    console.print(table)
    console.print(f"\n`scratchnet break {next(iter(BROKEN))}` trains a network with it.")


def break_it(name: str, epochs: int, seed: int, out: Path, console: Console) -> None:
    """Train with the wrong VJP and with the right one; print what came of it, and draw it."""
    outcome = run(name, epochs, seed)
    path = out / f"break_{name}.png"
    out.mkdir(parents=True, exist_ok=True)
    draw(outcome, path)
    broken = BROKEN[name]
    console.print(f"{name} ({broken.op}): {broken.sentence}.\n", markup=False, highlight=False)
    console.print(_accuracies(outcome))
    console.print()
    console.print(_gradients(outcome))
    differ = sum(not row.equal for row in outcome.rows)
    console.print(
        f"\nThe network reaches {outcome.wrong[-1]:.3f} with the wrong VJP, and "
        f"{outcome.right[-1]:.3f} with the right one; {differ} of {len(outcome.rows)} gradients "
        f"are wrong.\nPicture: {path}",
        markup=False,
        highlight=False,
    )


def _accuracies(outcome: Outcome) -> Table:
    from rich.table import Table

    table = Table("accuracy on test images", box=None, pad_edge=False)
    for epoch in range(len(outcome.right)):
        table.add_column(f"epoch {epoch}" if epoch else "before", justify="right")
    for label, values in (("right VJP", outcome.right), ("wrong VJP", outcome.wrong)):
        table.add_row(label, *[f"{value:.3f}" for value in values])
    return table


def _gradients(outcome: Outcome) -> Table:
    from rich.table import Table
    from rich.text import Text

    heads = "gradient of the first batch", "difference / largest", "cosine", ""
    table = Table(*heads, box=None, pad_edge=False)
    for row in outcome.rows:
        *numbers, verdict = in_words(row)
        table.add_row(row.weight, *numbers, Text(verdict, "green" if row.equal else "bold red"))
    return table
