"""A few seconds of each long form, the same cases each time; `tests.long` says what for."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.long import entered, mutants
from tests.long.forms import Form
from tests.long.peers import Peer

ROOT = Path(__file__).parents[2]

SHORT = {
    "fuzz": ("--cases", "3000"),
    "files": ("--cases", "250"),
    "kills": ("--cases", "60"),
    "mutants": ("--only", "engine/name_scope", "--cases", "1"),
    "memory": ("--minutes", "0.1"),
}


@pytest.mark.long_form
@pytest.mark.parametrize("form", SHORT)
def test_a_short_run_finds_nothing(form: str) -> None:
    words = ["--minutes", "5", "--seed", "1", *SHORT[form]]
    done = subprocess.run(
        [sys.executable, "-m", "tests.long", form, *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"python -m tests.long {form} --seed 1" in done.stdout


def test_a_finding_is_shown_and_is_the_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    form = Form("files", seed=7, cases=2, first=5)
    assert [(i, form.rng(i).integers(1000)) for i in form.numbers()] == [
        (i, Form("x", seed=7).rng(i).integers(1000)) for i in (5, 6)
    ]
    assert form.report() == 0
    form.found(5, "a hang", "what was done", "group")
    form.found(6, "a hang", "the same", "group")
    assert form.report() == 1
    said = capsys.readouterr().out
    assert "case 5, a hang: what was done" in said
    assert "the same" not in said


SOURCE = '''
def f(x: int | None, axis=0):
    """Text + text."""
    if x is None and not axis:
        raise ValueError(f"{x} + {1 + 1}")
    y = np.maximum(x - 1, -x)
    self.y = y.astype(float, copy=False)
    return y[True]
'''


def test_a_mutant_is_one_change_that_compiles() -> None:
    changed = [mutant.of(SOURCE) for mutant in mutants.mutants_of(SOURCE)]
    for text in changed:
        ast.parse(text)
    lines = {mutants.difference(SOURCE, text).partition(": ")[2] for text in changed}
    assert lines == {
        "def f(x: int | None, axis=0):  ->  def f(x: int | None, axis=1):",
        "if x is None and not axis:  ->  if x is not None and not axis:",
        "if x is None and not axis:  ->  if x is None or not axis:",
        "if x is None and not axis:  ->  if x is None and axis:",
        'raise ValueError(f"{x} + {1 + 1}")  ->  pass',
        "y = np.maximum(x - 1, -x)  ->  y = np.minimum(x - 1, -x)",
        "y = np.maximum(x - 1, -x)  ->  y = np.maximum(x + 1, -x)",
        "y = np.maximum(x - 1, -x)  ->  y = np.maximum(x - 2, -x)",
        "y = np.maximum(x - 1, -x)  ->  y = np.maximum(x - 1, x)",
        "self.y = y.astype(float, copy=False)  ->  pass",
        "return y[True]  ->  return None",
        "return y[True]  ->  return y[False]",
    }


def test_functions_that_are_entered_are_noted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = '''"""Of a module."""

from __future__ import annotations

@staticmethod
def outer(x):
    """A text
    of two lines."""
    def inner():
        return x + 1

    @str
    class Named:
        pass

    return 2 * inner()
def other(
): return 2
def unused():
    return 3
'''
    spans = [(6, 16), (9, 10), (17, 18), (19, 20)]
    assert entered.functions(source) == spans
    within = [entered.around(source, line) for line in (1, 6, 10, 16, 18, 20)]
    assert within == [None, 0, 1, 0, 2, 3]
    monkeypatch.setenv(entered.FOLDER, str(tmp_path))
    names: dict[str, Any] = {}
    exec(entered.marked(source, 40).replace("@staticmethod\n", ""), names)
    entered.pytest_runtest_logstart()
    assert (names["outer"](1), names["other"]()) == (4, 2)
    entered.pytest_runtest_logfinish("tests/a.py::b")
    entered.pytest_runtest_logfinish("tests/a.py::c")
    (file,) = tmp_path.iterdir()
    assert file.read_text() == '["tests/a.py::b", [40, 41]]\n'


def test_tests_that_enter_few_functions_come_first() -> None:
    seen = {"a::x": {1, 2, 3}, "a::y": {1, 2}, "b::z": {1}, "b::w": {1, 2, 3, 4}}
    assert entered._by_function(seen) == {
        1: ["b::w", "b::z", "a::x", "a::y"],
        2: ["b::w", "a::x", "a::y"],
        3: ["b::w", "a::x"],
        4: ["b::w"],
    }


def serve() -> object:
    """For the peer below."""
    return lambda question: sys.exit(question) if question else "alive"


def test_a_peer_that_was_lost_is_started_again() -> None:
    peer = Peer("tests.long.test_forms")
    try:
        assert peer.ask(3, 60) == "exit code 3"
        assert peer.ask(0, 60) == "alive"
    finally:
        peer.end()
