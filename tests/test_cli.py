"""The command `scratchnet`: options, help, Ctrl-C, and what it says when it cannot."""

from __future__ import annotations

import os
import re
import resource
import signal
import subprocess
import time

import h5py
import pytest

from scratchnet.train import training
from scratchnet.train.options import Options
from scratchnet.version import SCRATCHNET_VERSION
from tests.support.train_command import COMMAND, no_network, report, run, save


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    return no_network(tmp_path, monkeypatch)


# -- what goes wrong ------------------------------------------------------------------------------

BAD_OPTIONS = [
    (["--epochs", "0"], "Error: --epochs must be at least 1, received 0"),
    (["--epochs", "two"], "Error: Invalid value for '--epochs': must be an integer, received two"),
    (
        ["--learning-rate", "x"],
        "Error: Invalid value for '--learning-rate': must be a number, received x",
    ),
    (["--batch-size", "-3"], "Error: --batch-size must be at least 1, received -3"),
    (["--limit-train", "0"], "Error: --limit-train must be at least 1, received 0"),
    (["--limit-test", "0"], "Error: --limit-test must be at least 1, received 0"),
    (["--optimizer", "rms"], "Error: --optimizer must be sgd or adam, received rms"),
    (["--loop", "while"], "Error: --loop must be fit or tape, received while"),
    (["--learning-rate", "0"], "Error: --learning-rate must be positive and finite, received 0.0"),
    (
        ["--learning-rate", "nan"],
        "Error: --learning-rate must be positive and finite, received nan",
    ),
    (
        ["--learning-rate", "inf"],
        "Error: --learning-rate must be positive and finite, received inf",
    ),
    (["--seed", "-1"], "Error: --seed must be in [0, 2**32), received -1"),
    (["--seed", str(2**32)], "Error: --seed must be in [0, 2**32), received 4294967296"),
    (
        ["--data", "nowhere.npz"],
        "Error: --data must be mnist, fashion_mnist, digits or the path of an .npz file, ",
    ),
    (["--data", "mnist"], "Error: URL fetch failure on https://storage.googleapis.com/"),
    (
        ["--data", "."],
        "Error: --data must be mnist, fashion_mnist, digits or the path of an .npz file, received "
        ".:",
    ),
    (["--data", "digits", "--out", "file"], "Error: --out must be a folder that can be written to"),
    (["--data", "digits", "--out", "file/in"], "Error: --out must be a folder that can be written"),
    (["--speed", "9"], "Error: No such option: --speed"),
    (["--epochs"], "Error: Option '--epochs' requires an argument"),
    (["extra"], "Error: Got unexpected extra argument"),
]


@pytest.mark.parametrize(("args", "says"), BAD_OPTIONS, ids=lambda value: " ".join(value))
def test_a_wrong_option_is_one_line_and_nothing_is_written(args, says, capsys, place):
    (place / "file").write_text("")
    assert run("train", *args) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert warm(said.err).startswith(says)
    assert warm(said.err).count("\n") == 1
    assert not (place / "scratchnet-run").exists()


def warm(errors: str) -> str:
    """What is said where all kernels are compiled already."""
    lines = errors.splitlines(keepends=True)
    return "".join([x for x in lines if not x.startswith("scratchnet: compiling kernel ")])


# -- Ctrl-C ---------------------------------------------------------------------------------------


def test_ctrl_c_ends_cleanly_and_keeps_the_finished_epochs(place):
    process = subprocess.Popen(
        [*COMMAND, "train", "--data", save(), "--epochs", "100000", "--out", "out"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # A shell's background job hands on SIGINT as ignored; a user's terminal does not.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    deadline = time.monotonic() + 120
    while not (place / "out" / "history.json").exists() and time.monotonic() < deadline:
        assert process.poll() is None
        time.sleep(0.05)
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    _, error = process.communicate(timeout=60)
    assert process.returncode == 130
    epochs = len(report("out")["history"]["loss"])
    assert epochs >= 1
    assert warm(error) == (
        "Interrupted. Kept in out: model.weights.h5, history.json and curves.png, "
        f"after {epochs} of 100000 epochs.\n"
    )
    assert sorted(os.listdir(place / "out")) == ["curves.png", "history.json", "model.weights.h5"]
    with h5py.File(place / "out" / "model.weights.h5") as file:
        assert "layers" in file


def test_ctrl_c_while_the_data_is_read_is_one_line(capsys, monkeypatch):
    def stopped(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr(training, "load_images", stopped)
    assert run("train") == 130
    assert capsys.readouterr().err == "Interrupted.\n"


# -- the command itself ---------------------------------------------------------------------------


def test_help_lists_every_option_with_its_default(capsys):
    assert run("train", "--help") == 0
    shown = re.sub(r"\s+", " ", capsys.readouterr().out)
    for name, default in vars(Options()).items():
        assert f"--{name.replace('_', '-')} " in shown
        if default is not None:
            assert f"[default: {default}]" in shown


def test_without_a_command_it_says_which_there_are(capsys):
    run("--help")
    assert "train" in capsys.readouterr().out
    assert run() == 2
    assert "Missing command" in capsys.readouterr().err


def test_without_a_command_it_shows_its_help(capsys):
    assert run("-h") == 0
    shown = capsys.readouterr().out
    assert run() == 2
    out, error = capsys.readouterr()
    assert out == ""
    assert error.startswith(shown.rstrip())
    assert run("train", "-h") == 0
    assert "--batch-size" in capsys.readouterr().out


def test_it_says_its_version(capsys):
    assert run("--version") == 0
    assert capsys.readouterr().out == f"scratchnet {SCRATCHNET_VERSION}\n"


@pytest.mark.parametrize(
    ("words", "completed"), [("scratchnet tw", "twin"), ("scratchnet train --bat", "--batch-size")]
)
def test_a_shell_completes_commands_and_options(words, completed):
    asked = {"COMP_WORDS": words, "COMP_CWORD": str(words.count(" "))}
    environment = os.environ | asked | {"_SCRATCHNET_COMPLETE": "complete_bash"}
    answer = subprocess.run(COMMAND, env=environment, capture_output=True, text=True, check=True)
    assert answer.stdout.split() == [completed]


def test_completion_can_be_shown_and_installed(capsys):
    run("--help")
    shown = capsys.readouterr().out
    assert "--show-completion" in shown
    assert "--install-completion" in shown


def test_defaults_learn_the_embedded_digits_from_a_cold_start(place):
    """The main job as a newcomer runs it: no MNIST, no compiled kernels, no network.

    It may take what two cores of its own do in 90 seconds; counted in processor time, since on a
    busy machine the clock on the wall measures the others.
    """
    environment = os.environ | {"NUMBA_CACHE_DIR": str(place / "numba")}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([*COMMAND, "train"], env=environment, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert report()["history"]["val_accuracy"][-1] >= 0.95
    assert report()["settings"]["data"] == "embedded digits"
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    assert spent < 2 * 90
