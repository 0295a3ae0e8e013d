"""The commands `scratchnet exercise` and `scratchnet break`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from scratchnet.cli import app
from scratchnet.exercises import names
from scratchnet.exercises.broken import BROKEN


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, list(arguments))
    return result.exit_code, result.output


def test_an_exercise_from_its_list_to_its_end() -> None:
    code, text = run("exercise")
    assert code == 0
    assert all(name in text for name in names())
    assert "solved" not in text
    assert run("exercise", "relu")[0] == 0
    path = Path("exercises/relu.py")
    code, text = run("exercise", "relu")
    assert (code, "It is not filled in" in text) == (1, True)
    path.write_text(path.read_text().replace("raise NotImplementedError", "return g or str"))
    assert run("exercise", "relu")[0] == 1
    path.write_text("def vjp(g, x):\n    return g * (x > 0)\n")
    assert run("exercise", "relu") == (0, "relu: right. Every case agrees.\n")
    lines = run("exercise")[1].splitlines()
    assert [line.split()[0] for line in lines if line.endswith("solved")] == ["relu"]


@pytest.mark.parametrize(
    ("text", "error"),
    [("def vjp(", "Error: '(' was never closed (relu.py, line 1)"), ("x = 1", "must define")],
)
def test_a_file_that_is_none(text: str, error: str) -> None:
    Path("exercises").mkdir()
    Path("exercises/relu.py").write_text(text)
    code, told = run("exercise", "relu")
    assert code == 2
    assert error in told


def test_breaking() -> None:
    code, text = run("break")
    assert code == 0
    assert all(name in text for name in BROKEN)
    code, text = run("break", "bias_mean", "--epochs", "1", "--out", "made")
    assert code == 0
    assert "1 of 7 gradients" in " ".join(text.split())
    assert Path("made/break_bias_mean.png").stat().st_size > 10_000


def test_unknown_names() -> None:
    for command in ("exercise", "break"):
        code, text = run(command, "foo")
        assert code == 2
        assert "`name` must be one of" in text
