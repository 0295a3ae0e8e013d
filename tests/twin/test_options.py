"""Options of the twin training that cannot be: one line each."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.twin_programs import run

BAD = [
    (["--epochs", "0"], "Error: --epochs must be at least 1, received 0"),
    (["--batch-size", "-3"], "Error: --batch-size must be at least 1, received -3"),
    (["--limit-train", "0"], "Error: --limit-train must be at least 1, received 0"),
    (["--optimizer", "rms"], "Error: --optimizer must be sgd or adam, received rms"),
    (["--loop", "while"], "Error: --loop must be fit or tape, received while"),
    (["--learning-rate", "nan"], "Error: --learning-rate must be positive and finite, received"),
    (["--seed", "-1"], "Error: --seed must be in [0, 2**32), received -1"),
    (["--data", "no.npz"], "Error: --data must be mnist, fashion_mnist, digits or the path of"),
    (["--model", "no.py"], "Error: --model must be a Python file that exists, received no.py"),
    (["--script", "."], "Error: --script must be a Python file that exists, received ."),
    (["--script", "a.py", "--model", "a.py"], "Error: --script must be given without --model"),
    (["--out", "a.py"], "Error: --out must be a folder that can be written to, received a.py"),
    (["--model", "a.py"], "Error: --model a.py: must define a function build(tf)"),
    (["--model", "b.py"], "Error: --model b.py: build(tf) must return a keras.Model, returned int"),
]


@pytest.mark.parametrize(("args", "says"), BAD, ids=lambda value: " ".join(value))
def test_a_wrong_option_is_one_line(args, says, capsys):
    Path("a.py").write_text("x = 1\n")
    Path("b.py").write_text("def build(tf):\n    return 1\n")
    assert run(*args) == 2
    said = capsys.readouterr().err
    assert said.startswith(says)
    assert said.count("\n") == 1
