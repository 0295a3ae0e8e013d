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
from benchmarks.sides import GPU, ONEDNN, PLAIN, PYTORCH, started, without_avx512
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
        KeyboardInterrupt: somebody stopped the run; what was finished is shown and kept.
    """
    check_for_tensorflow()
    if options.avx2:
        os.environ.update(without_avx512())
    folder, to = make_folder(options.out), report.console()
    progress = Console(stderr=True, highlight=False)
    interrupted = False
    with started(options.size_of_pools, _settings()) as sides:
        bench = Bench(options, sides)
        header = about(bench.threads, sides.all)
        if options.avx2:
            header["SIMD"] += "; but no library may use AVX-512"
        report.show_header(header, to)
        try:
            _measure(bench, to, progress)
        except KeyboardInterrupt:
            interrupted = True
            bench.note("INTERRUPTED: what was finished before stands here")
    bench.look_for_company()
    report.show_rest(bench, to)
    if options.model is None:
        report.show_verdicts(verdicts(bench.values), to)
    to.print(report.keep(bench, folder, header), markup=False)
    if interrupted:
        raise KeyboardInterrupt
    return not bench.errors


def _settings() -> tuple[str, ...]:
    """TensorFlow's settings; one for a GPU where there may be one, which TensorFlow is asked.

    And PyTorch where it is installed.
    """
    has_gpu = os.path.exists("/dev/nvidia0") or shutil.which("nvidia-smi") is not None
    has_torch = importlib.util.find_spec("torch") is not None
    return (ONEDNN, PLAIN, *([GPU] if has_gpu else []), *([PYTORCH] if has_torch else []))


def _measure(bench: Bench, to: Console, progress: Console) -> None:
    """Run the sections, and show each when it is done."""
    chosen = {name: SECTIONS[name] for name in bench.options.sections}
    if bench.options.model is not None:
        chosen = {Path(bench.options.model).name: own.run}
    for name, section in chosen.items():
        before = len(bench.rows)
        try:
            if progress.is_terminal:
                with progress.status(name) as status:
                    bench.say = status.update
                    section(bench)
            else:
                bench.say = lambda text: progress.print(text, markup=False, soft_wrap=True)
                section(bench)
        finally:  # a section that is interrupted shows what it has, too
            if bench.rows[before:]:
                report.show_rows(name, bench.rows[before:], to)
