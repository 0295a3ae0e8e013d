"""What the long forms share: cases by seed and number, a time limit, a table of figures."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Iterator

import numpy as np
from rich.console import Console
from rich.table import Table

SHOWN = 60  # findings and remarks that are written out


class Form:
    """One run of a form.

    Args:
        name: of the form.
        seed: of all cases.
        minutes: no new case is begun after that.
        first: the number of the first case.
        cases: how many at most; None: as many as the time allows.
        only: what the form is to look at, a part of a name.
    """

    def __init__(
        self,
        name: str,
        seed: int = 0,
        minutes: float = 1.0,
        first: int = 0,
        cases: int | None = None,
        only: str = "",
    ) -> None:
        self.name, self.seed, self.first, self.cases, self.only = name, seed, first, cases, only
        self.begin = time.monotonic()
        self.end = self.begin + 60 * minutes
        self.figures: Counter[str] = Counter()
        self.findings: list[str] = []
        self.remarks: Counter[str] = Counter()
        self.groups: Counter[str] = Counter()

    def numbers(self) -> Iterator[int]:
        """The numbers of the cases."""
        i = self.first
        while (self.cases is None or i < self.first + self.cases) and time.monotonic() < self.end:
            self.figures["cases"] += 1
            yield i
            i += 1

    def rng(self, i: int) -> np.random.Generator:
        """What case i draws from."""
        return np.random.default_rng([self.seed, i])

    def count(self, what: str, n: int = 1) -> None:
        self.figures[what] += n

    def found(self, i: int, what: str, how: str, group: str = "") -> None:
        """Case i shows a fault of the kind `what`; of a `group`, the first is written out."""
        self.figures[f"FOUND: {what}"] += 1
        self.groups[group] += 1
        if not group or self.groups[group] == 1:
            self.findings.append(f"case {i}, {what}: {how}")
            self.log(self.findings[-1])

    def log(self, line: str) -> None:
        """One line now, on stderr: a run that is stopped has shown what it saw."""
        print(f"{time.monotonic() - self.begin:7,.0f} s  {line}", file=sys.stderr, flush=True)

    def remark(self, text: str) -> None:
        """Something to look at that is no fault by itself."""
        self.remarks[text] += 1

    def report(self) -> int:
        """Print the figures; the exit code."""
        console = Console(soft_wrap=True, highlight=False)
        table = Table(title=f"python -m tests.long {self.name} --seed {self.seed}")
        table.add_column("what")
        table.add_column("how many", justify="right")
        for what, n in self.figures.items():
            table.add_row(what, f"{n:,}")
        table.add_row("seconds", f"{time.monotonic() - self.begin:,.0f}")
        for text, n in self.remarks.most_common(SHOWN):
            console.print(f"{n:6} x {text}", markup=False)
        for finding in self.findings[:SHOWN]:
            console.print(finding, markup=False)
        if len(self.findings) > SHOWN:
            console.print(f"and {len(self.findings) - SHOWN} more")
        console.print(table)
        return 1 if self.findings else 0
