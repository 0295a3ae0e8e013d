"""The sides of a benchmark, as the process that compares them sees them."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import numpy as np
from llvmlite import binding

from benchmarks.case import TORCH, Case, ways

ROOT = Path(__file__).parent.parent
SCRATCHNET, ONEDNN, PLAIN, GPU = "scratchnet", "oneDNN on", "oneDNN off", "GPU"
PYTORCH = "PyTorch"
POOLS = ("OMP", "OPENBLAS", "MKL", "NUMBA", "VECLIB_MAXIMUM", "BLIS")


class SideError(RuntimeError):
    """A side that could not do what it was asked; the message says which, and why."""


def environment(name: str, threads: int) -> dict[str, str]:
    """The variables of a side's process: every thread pool has the same size."""
    return {
        **os.environ,
        **{f"{pool}_NUM_THREADS": str(threads) for pool in POOLS},
        "TF_ENABLE_ONEDNN_OPTS": str(int(name != PLAIN)),
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "MPLBACKEND": "Agg",
        "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")])),
        **({} if name == GPU else {"CUDA_VISIBLE_DEVICES": "-1"}),
    }


def without_avx512() -> dict[str, str]:
    """The variables by which no library uses AVX-512, as on a processor that has none.

    TensorFlow's own loops (Eigen's) are compiled once, for less than AVX2; what is chosen when it
    runs is oneDNN's.
    """
    wide = ("avx512", "avx10", "amx", "evex512")
    host = binding.get_host_cpu_features().items()
    features = [f"{'+' if on and not f.startswith(wide) else '-'}{f}" for f, on in sorted(host)]
    build: dict[str, Any] = np.show_config(mode="dicts")  # type: ignore[assignment]
    simd = build["SIMD Extensions"].get("found", [])
    numpys = [f for f in simd if f == "X86_V4" or f.startswith("AVX512")]
    return {
        "NUMBA_CPU_FEATURES": ",".join(features),
        "NPY_DISABLE_CPU_FEATURES": " ".join(numpys),
        "OPENBLAS_CORETYPE": "Haswell",
        "ONEDNN_MAX_CPU_ISA": "AVX2",
        "DNNL_MAX_CPU_ISA": "AVX2",  # of the copy that multiplies TensorFlow's matrices
        "ATEN_CPU_CAPABILITY": "avx2",
        "MKL_ENABLE_INSTRUCTIONS": "AVX2",
    }


def pin(pid: int, threads: int) -> None:
    """Keep a process that has just begun on as many processors as it has threads.

    TensorFlow asks how many there are; where the system cannot do it, TensorFlow takes them all.
    """
    if hasattr(os, "sched_setaffinity"):
        with suppress(ProcessLookupError):  # it has ended; who reads from it is told why
            os.sched_setaffinity(pid, sorted(os.sched_getaffinity(0))[:threads])


class Side:
    """A process with one library.

    Args:
        name: SCRATCHNET, PYTORCH, or TensorFlow's setting.
        threads: of every pool.
    """

    def __init__(self, name: str, threads: int) -> None:
        self.name = name
        self._errors = TemporaryFile()  # a pipe that nobody reads would fill up
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "benchmarks.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            env=environment(name, threads),
        )
        pin(self._process.pid, threads)
        modules = {SCRATCHNET: "scratchnet", PYTORCH: "torch"}
        self.send("start", modules.get(name, "tensorflow"), threads)

    def send(self, *message: Any) -> None:
        """Send a request: the name of a method of the worker, and its arguments."""
        try:
            pickle.dump(message, self._process.stdin)  # type: ignore[arg-type]
            self._process.stdin.flush()  # type: ignore[union-attr]
        except BrokenPipeError:
            pass  # it ended; `read` says why

    def read(self) -> Any:
        """The answer to the oldest request that has none yet.

        Raises:
            SideError: the work failed, or the process ended.
        """
        try:
            kind, *answer = pickle.load(self._process.stdout)  # type: ignore[arg-type]
        except (EOFError, pickle.UnpicklingError):
            code = self._process.wait()
            self._errors.seek(0)
            said = self._errors.read().decode(errors="replace")[-2000:]
            raise SideError(f"{self.title} ended early (exit code {code}):\n{said}") from None
        if kind == "failed":
            error = SideError(f"{self.title}: {answer[0]}")
            error.add_note(answer[1])
            raise error
        return answer[0]

    @property
    def title(self) -> str:
        """Its name for people."""
        return self.name if self.name in (SCRATCHNET, PYTORCH) else f"TensorFlow ({self.name})"

    def ask(self, *message: Any) -> Any:
        """Send a request, and wait for the answer."""
        self.send(*message)
        return self.read()

    def ways(self, case: Case) -> tuple[str, ...]:
        """How this side runs a case."""
        if self.name == PYTORCH:
            return () if case.torch is None else (TORCH,)
        return ways(case, self.name == SCRATCHNET)

    def end(self) -> None:
        """End the process, whatever it does."""
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout, self._errors):
            try:
                stream.close()  # type: ignore[union-attr]
            except BrokenPipeError:
                pass  # what it was to be told it does not need any more


@dataclass
class Sides:
    """All sides, started; `gpu` only where TensorFlow sees one and the work asks for it."""

    ours: Side
    theirs: list[Side] = field(default_factory=list)
    torch: Side | None = None

    @property
    def all(self) -> list[Side]:
        """In the order in which they take turns."""
        return [self.ours, *self.theirs]

    def of(self, case: Case) -> list[Side]:
        """Those that a case is measured on: PyTorch, too, where there is a program for it."""
        has_torch = self.torch is not None and case.torch is not None
        return [*self.all, self.torch] if has_torch else self.all  # type: ignore[list-item]


def ask_all(sides: list[Side], *message: Any) -> dict[str, Any]:
    """Let all sides do something at the same time: what is not timed.

    Returns:
        By the name of each side its answer, or the SideError with which it failed.
    """
    for side in sides:
        side.send(*message)
    answers: dict[str, Any] = {}
    for side in sides:  # all of them: an answer that is not read would be taken for the next one
        try:
            answers[side.name] = side.read()
        except SideError as error:
            answers[side.name] = error
    return answers


@contextmanager
def started(threads: int, names: tuple[str, ...] = (ONEDNN, PLAIN)) -> Iterator[Sides]:
    """The sides, at work until the block ends; they start at the same time.

    Raises:
        SideError: one cannot be started.
    """
    with ExitStack() as stack:
        sides = []
        for name in (SCRATCHNET, *names):
            sides.append(Side(name, threads))
            stack.callback(sides[-1].end)
        for side in list(sides):
            if not side.read() and side.name == GPU:
                sides.remove(side)  # TensorFlow sees none
        torch = next((side for side in sides if side.name == PYTORCH), None)
        yield Sides(sides[0], [side for side in sides[1:] if side is not torch], torch)
