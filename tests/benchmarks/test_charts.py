"""The bars: one for each ratio that counts for a goal."""

from __future__ import annotations

from dataclasses import replace

from benchmarks.bench import Bench
from benchmarks.case import EAGER, FUNCTION, TORCH
from benchmarks.charts import RATIOS, draw
from benchmarks.options import Options
from benchmarks.sides import PYTORCH
from tests.support.benchmark_rows import made_up_row


def test_every_way_of_running_has_a_name_in_the_picture(tmp_path, monkeypatch):
    row = made_up_row()
    row.case = replace(row.case, goals={EAGER: "a", FUNCTION: "b", TORCH: "c"})
    row.times[TORCH] = {PYTORCH: [2.0, 2.0, 2.0]}
    seen = []
    monkeypatch.setattr("benchmarks.charts._draw_bars", lambda bars, path: seen.extend(bars))
    assert draw(Bench(Options(), sides=None, rows=[row]), tmp_path) == [RATIOS]
    names = [name for name, _ in seen]
    assert names == ["loop, against eager", "loop, against tf.function", "loop, against PyTorch"]
