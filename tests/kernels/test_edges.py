"""The convolution, pooling and matrix kernels at the edges of what the ops let through.

Two processes, for the settings of numba are read once: with bounds checked, and as Python.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("setting", ["NUMBA_BOUNDSCHECK", "NUMBA_DISABLE_JIT"])
def test_the_edges_are_in_bounds_and_right(setting: str) -> None:
    run = subprocess.run(
        [sys.executable, "-W", "error", "-m", "tests.support.kernel_edges"],
        env=os.environ | {setting: "1", "PYTHONPATH": str(ROOT)},
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr
    assert int(run.stdout) > 150
