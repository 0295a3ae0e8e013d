"""Fresh processes that train a network: how soon, and with how much memory."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import dataclass

import numpy as np

from benchmarks.case import Bound
from benchmarks.equality import assert_equal
from benchmarks.sides import ROOT, SCRATCHNET, SideError, environment, pin

SAME_LOSS = Bound(terms=9216)


@dataclass(frozen=True)
class Fresh:
    """What a fresh process said.

    Attributes:
        loss: of the first batch.
        seconds: from its start until the first batch was trained.
        peak: the most bytes of memory that it had; None if it trained one step only.
    """

    loss: float
    seconds: float
    peak: int | None


def run_fresh(
    name: str, threads: int, steps: int, network: str | None = None, cache: str | None = None
) -> Fresh:
    """Let a process train `steps` batches.

    Args:
        name: the side.
        threads: of every pool.
        network: one of `benchmarks.programs.networks`; the seed network if not given.
        cache: the folder for compiled kernels, if it is not the usual one.

    Raises:
        SideError: it failed.
    """
    module = "scratchnet" if name == SCRATCHNET else "tensorflow"
    command = [sys.executable, "-P", "-m", "benchmarks.fresh", module, str(steps)]
    begin = time.perf_counter()
    with subprocess.Popen(
        [*command, *([] if network is None else [network])],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=environment(name, threads) | ({} if cache is None else {"NUMBA_CACHE_DIR": cache}),
    ) as process:
        pin(process.pid, threads)
        first = process.stdout.readline()  # type: ignore[union-attr]
        seconds = time.perf_counter() - begin
        rest, said = process.communicate()
    if process.returncode or not first:
        raise SideError(f"a fresh process with {name} failed: {said.strip()[-500:]}")
    peak = json.loads(rest)["bytes"] if rest.strip() else None
    return Fresh(json.loads(first)["loss"], seconds, peak)


def hold_equal(runs: dict[str, Fresh]) -> None:
    """The first batch had the same loss everywhere.

    Raises:
        UnequalError: it had not.
    """
    ours = np.asarray(runs[SCRATCHNET].loss, np.float32)
    for run in runs.values():
        assert_equal([ours], [np.asarray(run.loss, np.float32)], SAME_LOSS)
