"""`scratchnet evaluate` takes the options that it promises."""

from __future__ import annotations

import re

from reference import evaluate as reference_evaluate
from reference import train
from scratchnet import cli
from tests.support.full_training import command


def test_evaluate_promises_no_options_that_it_does_not_take(capsys):
    assert command(cli.main, "evaluate", "--help") == 0
    ours = " ".join(capsys.readouterr().out.split())
    assert "Which library computes. [default: scratchnet]" in ours
    assert command(lambda: train.run_app(reference_evaluate.app), "--help") == 0
    theirs = " ".join(capsys.readouterr().out.split())
    options = {found: set(re.findall(r" (--\S+) ", found)) for found in (ours, theirs)}
    assert options[ours] == options[theirs] | {"--on"}
    for on in ("scratchnet", "tensorflow"):
        assert command(cli.main, "evaluate", "a.weights.h5", "--on", on, "--xla") == 2
        assert capsys.readouterr().err == "Error: No such option: --xla\n"
