"""All kernels at the edges of what the ops let through.

In processes of their own, for numba reads its settings once: with bounds checked, and as Python.
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
    started = [
        subprocess.Popen(
            [sys.executable, "-W", "error", "-m", "tests.support.kernel_edges", dtype],
            env=os.environ | {setting: "1", "PYTHONPATH": str(ROOT)},
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for dtype in ("float32", "float64")
    ]
    count = 0
    for process in started:
        out, error = process.communicate()
        assert process.returncode == 0, error
        count += int(out)
    assert count > 200
