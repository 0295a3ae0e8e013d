"""What the numbers of a run depend on: machine, versions, threads, date."""

from __future__ import annotations

import os
import platform
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.options import processors
from benchmarks.sides import Side
from scratchnet.train.training import versions


def about(threads: int, sides: list[Side]) -> dict[str, Any]:
    """The header of a run, in texts."""
    build: dict[str, Any] = np.show_config(mode="dicts")  # type: ignore[assignment]
    blas = build["Build Dependencies"]["blas"]
    found = versions("scratchnet", "numpy", "numba", "tensorflow", "keras")
    return {
        "date": datetime.now().astimezone().isoformat(timespec="minutes"),
        "CPU": f"{_cpu()}, {processors()} processors",
        "SIMD": ", ".join(build["SIMD Extensions"].get("found", [])) or "none",
        "system": f"{platform.system()} {platform.release()}, {found.pop('machine')}",
        "versions": ", ".join(f"{name} {version}" for name, version in found.items()),
        "BLAS of NumPy": f"{blas.get('name')} {blas.get('version')}",
        "threads": f"{threads} in every pool; TensorFlow as many ops at once as it chooses",
        "sides": ", ".join(side.title for side in sides),
        "load average": load_average(),
    }


def load_average() -> str:
    """How many processes waited for a processor in the last 1, 5 and 15 minutes."""
    if not hasattr(os, "getloadavg"):
        return "unknown"
    return ", ".join(f"{load:.2f}" for load in os.getloadavg())


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def available_memory() -> float:
    """Bytes of memory that are free for use; infinite where the system does not say."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="utf-8").splitlines()
        kilobytes = next(line.split()[1] for line in lines if line.startswith("MemAvailable"))
    except (OSError, StopIteration):
        return float("inf")
    return 1024.0 * int(kilobytes)


def sgemm_rate(tf: Any, seconds: float = 0.4, n: int = 2048) -> float:
    """NumPy's best float32 matrix product, in floating-point operations per second.

    Args:
        seconds: after which no further product begins; one is always taken.
    """
    rng = np.random.default_rng(0)
    a, b = rng.random((n, n), np.float32), rng.random((n, n), np.float32)
    taken = [_seconds(a, b)]
    while sum(taken) < seconds:
        taken.append(_seconds(a, b))
    return 2.0 * n**3 / min(taken)


def _seconds(a: Any, b: Any) -> float:
    begin = time.perf_counter()
    a @ b
    return time.perf_counter() - begin
