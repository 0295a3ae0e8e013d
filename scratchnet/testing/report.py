"""What a check found: as a text worth reading, as data, and as HTML for a notebook."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape
from typing import Any

import numpy as np

from scratchnet.engine.dtypes import Array

CAUSES = (
    "scale",
    "sign",
    "flip",
    "transpose",
    "shift",
    "stride",
    "dilation",
    "broadcast",
    "mask",
    "ties",
    "mean_term",
    "missing",
    "constant",
    "aliasing",
    "dtype",
    "second_order",
    "unknown",
)


@dataclass(frozen=True)
class Finding:
    """One argument whose gradient is wrong.

    Attributes:
        argument: its name.
        cause: one of `CAUSES`.
        sentence: the cause as a teacher would say it.
        index: where the error is largest; None if the shape or the dtype is what is wrong.
        got, expected: the two values there.
        wrong, checked: how many elements are wrong, of how many.
        largest_error: the largest absolute difference.
        ulps: that difference in units of the last place of `expected`, in the argument's dtype.
        times: the difference in units of what rounding explains.
        order: 1, or 2 for the gradient of the gradient.
    """

    argument: str
    cause: str
    sentence: str
    index: tuple[int, ...] | None = None
    got: float | None = None
    expected: float | None = None
    wrong: int = 0
    checked: int = 0
    largest_error: float = 0.0
    ulps: float | None = None
    times: float | None = None
    order: int = 1

    def __str__(self) -> str:
        return self.said()

    def said(self, width: int = 88) -> str:
        """The finding as a text, its sentence wrapped to so many columns."""
        of = "gradient" if self.order == 1 else "gradient of the gradient"
        lines = [f"The {of} of `{self.argument}` is wrong. Likely cause: {self.cause}"]
        if self.cause == "unknown" and not self.checked and not self.wrong:
            lines = [f"The {of} of `{self.argument}` was not checked"]
        if self.index is not None:
            # Of a difference in the first digits they say nothing.
            near = self.ulps is not None and self.ulps < 1e6
            ulps = f", {self.ulps:.2g} ulps" if near else ""
            times = "" if self.times is None else f", {self.times:.2g} times what rounding explains"
            place = f"at {list(self.index)}: " if self.index else ""
            lines.append(f"  {place}got {self.got:.9g}, should be {self.expected:.9g}")
            lines.append(f"  largest error {self.largest_error:.3g}{ulps}{times}")
            lines.append(f"  {self.wrong} of {counted(self.checked, _be(self.wrong))} wrong")
        lines.append(_wrapped(self.sentence, width))
        return "\n".join(lines)


def counted(n: int, verb: str | None = None) -> str:
    """So many elements, and a verb.

    >>> counted(1), counted(2), counted(1, "was")
    ('1 element is', '2 elements are', '1 element was')
    """
    return f"{n} element{'' if n == 1 else 's'} {_be(n) if verb is None else verb}"


def was(n: int) -> str:
    """was, or were, of so many."""
    return "was" if n == 1 else "were"


def _be(n: int) -> str:
    return "is" if n == 1 else "are"


def _wrapped(text: str, width: int = 88) -> str:
    lines, line = [], " "
    for word in text.split():
        if len(line) + len(word) >= width:
            lines.append(line)
            line = " "
        line += f" {word}"
    return "\n".join([*lines, line])


@dataclass(frozen=True)
class Row:
    """One argument in the table of a report: what was checked, and how near it came."""

    argument: str
    shape: tuple[int, ...]
    dtype: str
    checked: int
    kinks: int
    largest_error: float
    ulps: float | None
    verdict: str  # "right", "not checked", or a cause


@dataclass(frozen=True)
class Report:
    """The result of a check of gradients.

    Attributes:
        where: the check that was made.
        truth: what the gradients were compared with.
        findings: one for each argument whose gradient is wrong, the first wrong one first.
        rows: one for each argument.
        notes: what was left out, and what else is to be known.

    >>> Report("check_vjp", "finite differences", (), (), ()).ok
    True
    """

    where: str
    truth: str
    findings: tuple[Finding, ...]
    rows: tuple[Row, ...] = ()
    notes: tuple[str, ...] = field(default=())

    @property
    def ok(self) -> bool:
        """Whether nothing wrong was found, and something was checked."""
        return not self.findings

    @property
    def _first(self) -> Finding | None:
        return self.findings[0] if self.findings else None

    @property
    def argument(self) -> str | None:
        """The name of the first argument whose gradient is wrong."""
        return self._first.argument if self._first else None

    @property
    def index(self) -> tuple[int, ...] | None:
        """Where its error is largest."""
        return self._first.index if self._first else None

    @property
    def cause(self) -> str | None:
        """The likely cause, one of `CAUSES`."""
        return self._first.cause if self._first else None

    @property
    def got(self) -> float | None:
        """The value at `index`."""
        return self._first.got if self._first else None

    @property
    def expected(self) -> float | None:
        """The right value at `index`."""
        return self._first.expected if self._first else None

    @property
    def largest_error(self) -> float:
        """The largest absolute difference, of all arguments if all is right."""
        if self._first:
            return self._first.largest_error
        return max((row.largest_error for row in self.rows), default=0.0)

    def __bool__(self) -> bool:
        return self.ok

    def __str__(self) -> str:
        if self.ok:
            lines = [f"{self.where}: right, compared with {self.truth}"]
            lines += [f"  {_line(row)}" for row in self.rows]
        else:
            unchecked = not any(
                part.checked or part.wrong or part.cause != "unknown" for part in self.findings
            )
            verdict = "not checked" if unchecked else "wrong"
            lines = [f"{self.where}: {verdict}, compared with {self.truth}"]
            lines += [str(finding) for finding in self.findings]
            right = [row.argument for row in self.rows if row.verdict == "right"]
            if right:
                lines.append(f"Right: {', '.join(f'`{name}`' for name in right)}")
        return "\n".join([*lines, *(f"Note: {note}" for note in self.notes)])

    def __repr__(self) -> str:
        return f"<Report: {'ok' if self.ok else f'{self.cause} in {self.argument!r}'}>"

    def to_dict(self) -> dict[str, Any]:
        """All of it as lists, dicts, texts and numbers, for JSON."""
        return {
            "where": self.where,
            "truth": self.truth,
            "ok": self.ok,
            "findings": [_plain(vars(finding)) for finding in self.findings],
            "arguments": [_plain(vars(row)) for row in self.rows],
            "notes": list(self.notes),
        }

    def _repr_html_(self) -> str:
        """The report as a notebook shows it."""
        head = "right" if self.ok else "wrong"
        colour = "#1a7f37" if self.ok else "#c1121f"
        cells = "".join(
            "<tr>"
            + "".join(
                f"<td>{escape(str(value))}</td>"
                for value in (
                    row.argument,
                    row.shape,
                    row.dtype,
                    row.checked,
                    f"{row.largest_error:.3g}",
                    row.verdict,
                )
            )
            + "</tr>"
            for row in self.rows
        )
        heads = "".join(
            f"<th>{name}</th>"
            for name in ("argument", "shape", "dtype", "checked", "largest error", "verdict")
        )
        texts = "".join(f"<pre>{escape(str(finding))}</pre>" for finding in self.findings)
        notes = "".join(f"<p><small>{escape(note)}</small></p>" for note in self.notes)
        return (
            f'<div class="scratchnet-report"><p><b>{escape(self.where)}: '
            f'<span style="color:{colour}">{head}</span></b>, compared with {escape(self.truth)}'
            f"</p><table><thead><tr>{heads}</tr></thead><tbody>{cells}</tbody></table>"
            f"{texts}{notes}</div>"
        )


def _line(row: Row) -> str:
    if row.verdict == "not checked":
        return f"`{row.argument}`: not checked"
    ulps = "" if row.ulps is None else f" ({row.ulps:.2g} ulps)"
    kinks = f", {row.kinks} of them at kinks" if row.kinks else ""
    return (
        f"`{row.argument}`: {row.checked} elements{kinks}, largest error "
        f"{row.largest_error:.2g}{ulps}"
    )


def _plain(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: _json(value) for name, value in fields.items()}


def _json(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_json(part) for part in value]
    if isinstance(value, float) and not np.isfinite(value):
        return str(value)  # JSON has no word for it
    return value


class GradientError(AssertionError):
    """A gradient is not what it should be; its text is that of `report`."""

    def __init__(self, report: Report) -> None:
        super().__init__(str(report))
        self.report = report


def ulps_between(got: Array, expected: Array, dtype: Any) -> Array:
    """How many units in the last place, of `dtype` at `expected`, two values are apart.

    >>> float(ulps_between(np.float64(1 + 2**-23), np.float64(1), np.float32))
    1.0
    """
    with np.errstate(all="ignore"):
        unit = np.spacing(abs(expected).astype(dtype)).astype(np.float64)
        return np.asarray(abs(got - expected) / unit)
