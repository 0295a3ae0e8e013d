"""What is printed and what is kept: tables, results.json, charts."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from statistics import median
from typing import Any

from rich.box import SIMPLE
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from benchmarks.bench import Bench
from benchmarks.case import DEFINITION, EAGER, FUNCTION, OURS, TORCH
from benchmarks.charts import draw
from benchmarks.measure import Row
from benchmarks.targets import Verdict, verdicts
from scratchnet.atomic_files import replacing

RESULTS = "results.json"
WIDTH = 150  # of the widest table
HEADS = (
    *("NumPy\ndefinition", "scratchnet"),
    *("TensorFlow\neager", "TensorFlow\ntf.function", "TensorFlow\nGPU", "PyTorch"),
    *("times as fast\nas eager", "times as fast\nas tf.function", "times as fast\nas PyTorch"),
    *("GFLOP/s", "of peak"),
)


def console() -> Console:
    """Where the tables go: wide enough for them, whatever the terminal is."""
    return Console(highlight=False, width=max(Console().width, WIDTH))


def show_header(facts: Mapping[str, Any], to: Console) -> None:
    """Machine, versions, threads."""
    for name, text in facts.items():
        to.print(f"{name + ':':<14} {text}", markup=False)


def show_rows(title: str, rows: list[Row], to: Console) -> None:
    """The table of a section, without the columns that would be empty."""
    cells = [_cells(row) for row in rows]
    heads = [head for head in HEADS if any(found.get(head) for found in cells)]
    table = Table(title=title, title_justify="left", box=SIMPLE, pad_edge=False)
    table.add_column("milliseconds", min_width=30)
    for head in heads:
        table.add_column(head, justify="right", no_wrap=True)
    for row, found in zip(rows, cells, strict=True):
        failed = "" if row.error is None else "  [bold]ERROR, see below[/]"
        texts = [found.get(head, "") for head in heads]
        table.add_row(escape(row.case.name) + failed, *texts)
    to.print(table)


def _cells(row: Row) -> dict[str, str]:
    """The texts of a row by the heads of their columns; none if the row has an error."""
    if row.error is not None:
        return {}
    times = [row.seconds(way) for way in (DEFINITION, OURS, EAGER, FUNCTION)]
    ratios = [row.ratio(way) for way in (EAGER, FUNCTION, TORCH)]
    rate, share = row.rate(), row.share()
    rates = ["" if rate is None else f"{rate / 1e9:.0f}", "" if share is None else f"{share:.0%}"]
    texts = [_milliseconds(seconds) for seconds in (*times, row.gpu(), row.seconds(TORCH))]
    texts += ["" if ratio is None else str(ratio) for ratio in ratios]
    return dict(zip(HEADS, texts + rates, strict=True))


def _milliseconds(seconds: float | None) -> str:
    if seconds is None:
        return ""
    shown = 1e3 * seconds
    return f"{shown:.{max(0, 2 - math.floor(math.log10(shown)))}f}"


def show_verdicts(found: list[Verdict], to: Console) -> None:
    """The goals, and whether they are reached."""
    table = Table(title="Goals", title_justify="left", box=SIMPLE, pad_edge=False)
    for head, justify in (("goal", "left"), ("at least", "right"), ("aim", "right")):
        table.add_column(head, justify=justify)  # type: ignore[arg-type]
    for head, justify in (("worst", "right"), ("of", "left"), ("reached", "left")):
        table.add_column(head, justify=justify)  # type: ignore[arg-type]
    for verdict in found:
        if verdict.worst is None and verdict.goal.optional:
            continue
        goal, worst = verdict.goal, verdict.worst
        aim = "" if goal.aim is None else goal.shown(goal.aim)
        value, of = ("", "") if worst is None else (goal.shown(worst.value), worst.name)
        table.add_row(goal.work, goal.shown(goal.least), aim, value, escape(of), in_words(verdict))
    to.print(table)


def in_words(verdict: Verdict) -> str:
    """Yes or no."""
    if verdict.reached is None:
        return "not measured"
    if not verdict.reached:
        return "no"
    return "yes, and the aim" if verdict.aim_reached else "yes"


def show_rest(bench: Bench, to: Console) -> None:
    """Notes, the peak, and what went wrong."""
    for note in bench.notes:
        to.print(" ".join(note.split())[:300], markup=False)
    if bench.peaks:
        rates = ", ".join(f"{rate / 1e9:.0f}" for rate in bench.peaks)
        to.print(
            f"sgemm peak, GFLOP/s, every half minute: {rates}; shares are of that beside each step"
        )
    for error in bench.errors:
        to.print(f"ERROR: {' '.join(error.split())}", markup=False)


def keep(bench: Bench, folder: Path, header: Mapping[str, Any]) -> str:
    """Write the report and the charts; a line that says where they are."""
    found = verdicts(bench.values)
    report = {
        "header": header,
        "quick": bench.quick,
        "threads": bench.threads,
        "sgemm_peaks": bench.peaks,
        "sgemm_median": median(bench.peaks) if bench.peaks else None,
        "rows": [row.as_json() for row in bench.rows],
        "goals": [verdict.as_json() for verdict in found],
        "notes": bench.notes,
        "errors": bench.errors,
        **bench.facts,
    }
    with replacing(folder / RESULTS) as part:
        part.write_text(json.dumps(report, indent=1, allow_nan=False) + "\n", encoding="utf-8")
    written = [RESULTS, *draw(bench, folder)]
    return f"Kept in {folder}: {', '.join(written)}."
