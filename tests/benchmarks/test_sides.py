"""The processes of the two libraries: their threads and settings, and one that dies."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from benchmarks.sides import GPU, ONEDNN, PLAIN, SideError, environment, started, without_avx512
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


def test_no_library_uses_avx512_where_none_may():
    """What each says of itself, in a process with these variables; NumPy warns of unknown names."""
    program = (
        "import os\n"
        "import numpy as np\n"
        "from numpy._core._multiarray_umath import __cpu_features__ as has\n"
        "from scratchnet.kernels.tile_shape import register_bytes\n"
        "off = os.environ['NPY_DISABLE_CPU_FEATURES'].split()\n"
        "print(register_bytes(), [f for f in off if has[f]])"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        env={**os.environ, **without_avx512()},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("32 []\n", "")
    assert "+avx512" not in without_avx512()["NUMBA_CPU_FEATURES"]
