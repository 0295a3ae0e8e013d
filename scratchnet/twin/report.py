"""The table of a twin training."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scratchnet.twin.epochs import Epoch, Worst

if TYPE_CHECKING:
    from rich.console import RenderableType

    from scratchnet.twin.run import Twins


def show(twins: Twins) -> None:
    """Run, and print what was found.

    Raises:
        SideError, ValueError, OSError: as of `Twins.run` and `Twins.keep`.
    """
    from rich.console import Console

    from scratchnet.twin.run import SETTINGS

    console = Console(soft_wrap=True, highlight=False)
    console.print(f"Twins: {twins.title}")
    console.print(
        f"TensorFlow: {SETTINGS[0]}; its spread: against itself, {SETTINGS[1]}, rounded otherwise"
    )
    with console.status("Three processes train, side by side") as status:
        twins.run(lambda step, epoch: status.update(f"epoch {epoch}, step {step}"))
    # A path and six numbers: 80 columns, as of a pipe, are too few.
    Console(width=max(console.width, 100)).print(table(twins.epochs))
    steps, kinked = twins.judge.steps, twins.judge.kinked
    console.print(f"{steps} steps compared; in {kinked} a gradient took another way (a kink).")
    for finding in twins.findings[:1]:
        console.print(f"NOT THE SAME: {finding}", markup=False)
    if not twins.findings:
        console.print("The same: nothing passed a bound.")
    if twins.checked:
        names = ", ".join(twins.checked)
        wrong = "some disagree" if twins.notes else "all agree"
        console.print(
            f"Gradients of the program's own, against finite differences: {names}: {wrong}."
        )
    for note in twins.notes:
        console.print(f"Note: {note}", markup=False)
    if twins.losses:
        console.print(twins.keep())


def table(epochs: list[Epoch]) -> RenderableType:
    """Per epoch the logs of both, and the largest differences beside TensorFlow's own spread."""
    from rich.box import SIMPLE
    from rich.table import Table

    shown = Table(box=SIMPLE, pad_edge=False, collapse_padding=True)
    shown.add_column("epoch", justify="right")
    shown.add_column("what", no_wrap=True)
    for title in ("scratchnet", "TensorFlow", "differ by", "ulps", "x spread"):
        shown.add_column(title, justify="right")
    for number, epoch in enumerate(epochs, start=1):
        for i, row in enumerate(_rows(epoch)):
            shown.add_row(
                str(number) if i == 0 else "", *row, end_section=row[0].startswith("gradient")
            )
    return shown


def _rows(epoch: Epoch) -> list[tuple[str, ...]]:
    rows = []
    for name in sorted(epoch.logs[1], reverse=True):  # the loss first
        gap, size = epoch.gap(name), abs(epoch.logs[1][name])
        digits = ".4f" if "acc" in name else ".6f"
        values = [format(logs[name], digits) for logs in epoch.logs[:2]]
        relative = gap / size if size else gap
        rows.append((name, *values, f"{relative:.1e}", "", times(gap, epoch.spread(name))))
    for kind, (mine, its) in epoch.worst.items():
        tensor = "/".join(mine.tensor.split("/")[-2:])
        rows.append((f"{kind} {tensor}", "", "", *_against(mine, its)))
    return rows


def _against(mine: Worst, its: Worst) -> tuple[str, str, str]:
    relative = mine.difference.relative
    ratio = times(relative, its.difference.relative)
    return f"{relative:.1e}", f"{mine.difference.ulps:.3g}", ratio


def times(gap: float, spread: float) -> str:
    """`gap` as a multiple of `spread`, in words where there is none."""
    if gap == 0:
        return "0"
    return f"{gap / spread:.2g}" if spread else "no spread"
