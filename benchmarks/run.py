"""A run from its options to its files."""

from __future__ import annotations

import importlib.util
import os
import shutil
from pathlib import Path

from rich.console import Console

from benchmarks import report
from benchmarks.bench import Bench
from benchmarks.machine import about
from benchmarks.options import Options
from benchmarks.sections import SECTIONS, own
from benchmarks.sides import GPU, ONEDNN, PLAIN, started
from benchmarks.targets import verdicts
from scratchnet.train.training import make_folder


def check_for_tensorflow() -> None:
    """Without TensorFlow there is nothing to compare with.

    Raises:
        ModuleNotFoundError: it is not installed; the message says what installs it.
    """
    if importlib.util.find_spec("tensorflow") is None:
        raise ModuleNotFoundError(
            'TensorFlow is not installed; `pip install ".[reference]"` installs it'
        )


def run(options: Options) -> bool:
    """Measure, print and keep; whether all results were the same on both sides.

    Raises:
        OSError: the folder cannot be written to.
        ModuleNotFoundError: TensorFlow is not installed.
        SideError: a side did not start, or cannot use the user's file.
    """
    check_for_tensorflow()
    folder, to = make_folder(options.out), report.console()
    with started(options.size_of_pools, _settings()) as sides:
        bench = Bench(options, sides)
        header = about(bench.threads, sides.all)
        report.show_header(header, to)
        _measure(bench, to)
    bench.look_for_company()
    report.show_rest(bench, to)
    if options.model is None:
        report.show_verdicts(verdicts(bench.values), to)
    to.print(report.keep(bench, folder, header), markup=False)
    return not bench.errors


def _settings() -> tuple[str, ...]:
    """TensorFlow's settings; one for a GPU where there may be one, which TensorFlow is asked."""
    has_gpu = os.path.exists("/dev/nvidia0") or shutil.which("nvidia-smi") is not None
    return (ONEDNN, PLAIN, GPU) if has_gpu else (ONEDNN, PLAIN)


def _measure(bench: Bench, to: Console) -> None:
    """Run the sections, and show each when it is done."""
    chosen = {name: SECTIONS[name] for name in bench.options.sections}
    if bench.options.model is not None:
        chosen = {Path(bench.options.model).name: own.run}
    progress = Console(stderr=True)
    for name, section in chosen.items():
        before = len(bench.rows)
        if progress.is_terminal:
            with progress.status(name) as status:
                bench.say = status.update
                section(bench)
        else:
            section(bench)
        if bench.rows[before:]:
            report.show_rows(name, bench, bench.rows[before:], to)
