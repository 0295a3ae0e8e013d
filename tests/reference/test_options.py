"""Options of the full training that cannot be: one line each."""

from __future__ import annotations

from dataclasses import asdict

import pytest

from reference import train
from reference.options import FullOptions
from tests.support.full_training import command

# Keras's own, where it reads a variable that a strategy has made.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

WRONG = [
    (["--device", "tpu"], "--device must be auto, gpu or cpu, received tpu"),
    (["--replicas", "0"], "--replicas must be at least 1, received 0"),
    (["--mixed-precision", "int8"], "--mixed-precision must be float32, float16 or bfloat16"),
    (["--checkpoint-every", "-1"], "--checkpoint-every must be at least 0, received -1"),
    (["--patience", "0"], "--patience must be positive, received 0.0"),
    (["--epochs", "0"], "--epochs must be at least 1, received 0"),
    (["--index", "1"], "--index must come with --workers, received --index 1 alone"),
    (["--workers", "a:1,b:2"], "--workers must come with --index"),
    (["--workers", "a:1,b", "--index", "0"], "--workers must be host:port,host:port,…"),
    (["--workers", "a:1,b:x", "--index", "0"], "--workers must be host:port,host:port,…"),
    (["--workers", "a:1,a:1", "--index", "0"], "--workers must differ from each other"),
    (["--workers", "a:1,b:2", "--index", "2"], "--index must be in [0, 2), received 2"),
    (
        ["--workers", "127.0.0.1:1,nowhere.invalid:2", "--index", "0"],
        "--workers must name machines that can be found, received 'nowhere.invalid:2': [Errno ",
    ),
    (
        ["--workers", "[::1]:1,10.0.0..2:2", "--index", "1"],
        "--workers must name machines that can be found, received '10.0.0..2:2': ",
    ),
    (["--speed", "9"], "No such option: --speed"),
]


@pytest.mark.parametrize(("words", "says"), WRONG, ids=lambda value: " ".join(value))
def test_a_wrong_option_is_one_line(words, says, capsys, place):
    assert command(lambda: train.run_app(train.app), "--data", "digits", *words) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith(f"Error: {says}")
    assert said.err.count("\n") == 1
    assert not (place / "reference-run").exists()


def test_help_lists_every_option_with_its_default(capsys):
    assert command(lambda: train.run_app(train.app), "--help") == 0
    shown = " ".join(capsys.readouterr().out.split())
    for name, default in asdict(FullOptions()).items():
        if name != "on":
            assert f"--{name.replace('_', '-')} " in shown
        if isinstance(default, str | float) and name != "on":
            assert f"[default: {default}]" in shown
