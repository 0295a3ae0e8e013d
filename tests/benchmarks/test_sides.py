"""The processes of the two libraries: their threads and settings, and one that dies."""

from __future__ import annotations

import os

import pytest

from benchmarks.sides import GPU, ONEDNN, PLAIN, SideError, environment, started
from tests.support import benchmark_faults as faults


def test_every_pool_of_threads_has_one_size():
    variables = environment(PLAIN, 3)
    assert {variables[f"{pool}_NUM_THREADS"] for pool in ("OMP", "OPENBLAS", "NUMBA")} == {"3"}
    assert variables["TF_ENABLE_ONEDNN_OPTS"] == "0"
    assert environment(ONEDNN, 3)["TF_ENABLE_ONEDNN_OPTS"] == "1"
    assert environment(ONEDNN, 3)["CUDA_VISIBLE_DEVICES"] == "-1"
    assert environment(GPU, 3).get("CUDA_VISIBLE_DEVICES") == os.environ.get("CUDA_VISIBLE_DEVICES")


def test_a_side_that_dies_is_named():
    with started(1, names=()) as alone:
        alone.ours.send("call", faults.leave, ())
        with pytest.raises(SideError, match="scratchnet ended early \\(exit code 3\\)"):
            alone.ours.read()
