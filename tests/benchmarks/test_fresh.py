"""The script of a fresh process: the seed network, and nothing imported first."""

from __future__ import annotations

import subprocess
import sys

import numpy as np

import scratchnet
from benchmarks.fresh import build, peak_memory
from scratchnet.train.network import seed_network


def test_the_fresh_script_trains_the_seed_network_and_imports_nothing_first():
    ours, job = build(scratchnet), seed_network((28, 28, 1))
    for mine, its in zip(ours.layers, job.layers, strict=True):
        assert type(mine) is type(its)
        kept = mine.get_config(), its.get_config()
        assert kept[0] | {"name": ""} == kept[1] | {"name": ""}
    program = "import sys, benchmarks.fresh; print('numpy' in sys.modules)"
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert shown.stdout.strip() == "False"


def test_peak_memory_sees_what_was_taken():
    before = peak_memory()
    assert before > 10e6
    taken = np.ones(before // 8 + 25_000_000)  # more than there ever was
    assert peak_memory() > max(before, taken.nbytes)
