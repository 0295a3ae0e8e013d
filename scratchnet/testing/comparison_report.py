"""The report of a comparison: what differs, where it begins, and a row for each array."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import RenderableType


@dataclass(frozen=True)
class Difference:
    """Something that rounding does not explain.

    Attributes:
        phase: "structure", "initial", "forward", "backward", "update" or "state".
        what: of what call, argument or weight.
        index: where the difference is largest; None of a structure.
        ours, theirs: both values there.
        count: how many elements differ by more than rounding, of `size`.
        error: the difference there, and how much `bound` rounding explains.
        spread: how far TensorFlow comes from itself.
        ops: the ops of scratchnet that ran there.
    """

    phase: str
    what: str
    index: tuple[int, ...] | None = None
    ours: float = 0.0
    theirs: float = 0.0
    count: int = 0
    size: int = 0
    error: float = 0.0
    bound: float = 0.0
    spread: float = 0.0
    ulps: float = 0.0
    ops: tuple[str, ...] = ()

    def __str__(self) -> str:
        if self.index is None:
            return f"{self.phase}: {self.what}"
        spread = "where TensorFlow's own spread is 0"
        if self.spread:
            spread = f"{self.error / self.spread:.3g} times TensorFlow's own spread"
        where = f" at {list(self.index)}" if self.index else ""
        ops = f"\n  scratchnet's ops there: {', '.join(self.ops)}" if self.ops else ""
        return (
            f"{self.phase}: {self.what}\n"
            f"  {self.ours:.9g}{where}, TensorFlow's {self.theirs:.9g}: {self.error:.3g} apart, "
            f"{self.ulps:.3g} ulps, {spread}; rounding explains {self.bound:.3g}\n"
            f"  {self.count} of {self.size} elements differ{ops}"
        )


@dataclass(frozen=True)
class Row:
    """One array: how near it came.

    Attributes:
        phase: as of a `Difference`.
        call: number and name of the call, if it belongs to one.
        array: which of its arrays, or which weight.
        shape: of the array.
        error: the largest absolute difference, `ulps` of them in units in the last place of the
            largest value.
        spread: how far TensorFlow comes from itself.
        bound: how much rounding explains.
        verdict: "same", "differs", "a kink", or "known": it differs, and a note says why.
    """

    phase: str
    call: str
    array: str
    shape: tuple[int, ...]
    error: float
    ulps: float
    spread: float
    bound: float
    verdict: str

    @property
    def times(self) -> str:
        """The error as a multiple of TensorFlow's own spread, in words where there is none."""
        if self.error == 0:
            return "0"
        return f"{self.error / self.spread:.2g}" if self.spread else "no spread"


@dataclass(frozen=True)
class Comparison:
    """What `compare` found; it prints as a text.

    Attributes:
        differences: in the order in which they came about.
        rows: one for each array that was compared, in the same order.
        calls: how many calls the program made.
        notes: what was not compared, and why.
        witness: what it was compared with.

    >>> Comparison((), (), 3).ok
    True
    """

    differences: tuple[Difference, ...]
    rows: tuple[Row, ...]
    calls: int
    notes: tuple[str, ...] = ()
    witness: str = "TensorFlow"

    @property
    def ok(self) -> bool:
        """Whether nothing differs by more than rounding."""
        return not self.differences

    @property
    def compared(self) -> int:
        """How many arrays were compared."""
        return len(self.rows)

    @property
    def first(self) -> Difference | None:
        """The difference that came about first; it is where to look."""
        return self.differences[0] if self.differences else None

    def __bool__(self) -> bool:
        return self.ok

    def __repr__(self) -> str:
        return f"<Comparison: {'the same' if self.ok else f'differs, {self.differences[0].phase}'}>"

    def __str__(self) -> str:
        counts = f"{self.compared} arrays of {self.calls} calls compared with {self.witness}"
        notes = [f"Note: {note}" for note in self.notes]
        if self.ok:
            return "\n".join([f"The same: {counts}.", _SHARED, *notes])
        more = len(self.differences) - 1
        return "\n".join(
            [
                f"NOT THE SAME: {counts}.",
                f"It begins in {self.first}",
                *([f"{more} more differ after it."] if more else []),
                *notes,
            ]
        )

    def to_dict(self) -> dict[str, Any]:
        """All of it as lists, dicts, texts and numbers, for JSON."""
        return {
            "ok": self.ok,
            "witness": self.witness,
            "calls": self.calls,
            "differences": [_plain(asdict(difference)) for difference in self.differences],
            "rows": [_plain(asdict(row)) for row in self.rows],
            "notes": list(self.notes),
        }

    def table(self, most: int = 20) -> RenderableType:
        """The rows as a table of rich's: those that differ, and then those that come nearest.

        Args:
            most: how many are shown.
        """
        from rich.box import SIMPLE
        from rich.table import Table

        shown = Table(
            box=SIMPLE, pad_edge=False, title=f"compared with {self.witness}", title_justify="left"
        )
        for name in HEADS:
            shown.add_column(
                name, justify="right" if name in NUMBERS else "left", no_wrap=name == "phase"
            )
        for row in self._nearest(most):
            shown.add_row(*_cells(row), style="red" if row.verdict == "differs" else None)
        left_out = len(self.rows) - most
        if left_out > 0:
            shown.caption = f"{left_out} more, nearer to TensorFlow's"
        return shown

    def _nearest(self, most: int) -> list[Row]:
        def share(row: Row) -> float:
            return (
                row.error / row.bound if row.bound else math.inf * row.error if row.error else 0.0
            )

        return sorted(self.rows, key=lambda row: (row.verdict != "differs", -share(row)))[:most]

    def _repr_html_(self) -> str:
        """The report as a notebook shows it."""
        heads = "".join(f"<th>{name}</th>" for name in HEADS)
        rows = "".join(
            "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in _cells(row)) + "</tr>"
            for row in self._nearest(40)
        )
        return (
            f'<div class="scratchnet-report"><pre>{escape(str(self))}</pre>'
            f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>"
        )


_SHARED = (
    "(A mistake in the program is made on both sides, so it is not seen here: check_gradients "
    "finds a gradient that is not that of its formula.)"
)
HEADS = ("phase", "call", "array", "shape", "error", "ulps", "x spread", "verdict")
NUMBERS = ("error", "ulps", "x spread")


def _cells(row: Row) -> Iterable[str]:
    numbers = f"{row.error:.2g}", f"{row.ulps:.3g}", row.times
    shape = "x".join(map(str, row.shape))
    return row.phase, row.call, row.array, shape, *numbers, row.verdict


def _plain(fields: dict[str, Any]) -> dict[str, Any]:
    return {
        name: str(value) if isinstance(value, float) and not math.isfinite(value) else value
        for name, value in fields.items()
    }
