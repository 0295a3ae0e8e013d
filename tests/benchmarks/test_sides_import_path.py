"""The processes of the benchmarks import nothing from the current folder."""

from __future__ import annotations

from pathlib import Path

from benchmarks.sides import started


def test_a_planted_module_is_not_imported(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("random", "numpy", "pickle", "numba"):
        Path(f"{name}.py").write_text("open('taken', 'a').write(__name__)\nraise SystemExit\n")
    with started(1, names=()) as alone:
        assert alone.ours.ask("forget") is None
    assert not Path("taken").exists()
