"""What a training keeps: weights and history of one epoch, whatever happens between the files."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from scratchnet.train import training
from tests.support.train_command import run, save

ROOT = Path(__file__).parents[2]


def kept() -> tuple[bytes, bytes]:
    return Path("a/model.weights.h5").read_bytes(), Path("a/history.json").read_bytes()


def test_the_history_tells_of_which_weights_it_is(capsys):
    data = save()
    assert run("train", "--data", data, "--epochs", 1, "--out", "a") == 0
    weights, history = kept()
    assert json.loads(history)["weights_sha256"] == sha256(weights).hexdigest()
    assert not training.has_other_history(Path("a/model.weights.h5"))
    capsys.readouterr()
    assert run("evaluate", "a/model.weights.h5", "--data", data) == 0
    assert capsys.readouterr().err == ""

    assert run("train", "--data", data, "--epochs", 1, "--out", "b") == 0
    os.replace("b/history.json", "a/history.json")
    assert run("evaluate", "a/model.weights.h5", "--data", data) == 0  # the weights are the same
    assert run("train", "--data", data, "--epochs", 1, "--seed", 5, "--out", "b") == 0
    os.replace("b/history.json", "a/history.json")
    capsys.readouterr()
    assert run("evaluate", "a/model.weights.h5", "--data", data) == 0
    assert capsys.readouterr().err == (
        "Note: history.json beside a/model.weights.h5 is of other weights: the training ended "
        "while it kept an epoch, or one of the two files was replaced.\n"
    )


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"weights_sha256": null}', "[" * 100_000])
def test_a_history_that_does_not_say_it_is_no_matter(text):
    Path("model.weights.h5").write_bytes(b"x")
    assert not training.has_other_history(Path("model.weights.h5"))
    Path("history.json").write_text(text)
    assert not training.has_other_history(Path("model.weights.h5"))
    Path("history.json").write_text('{"weights_sha256": "00"}')
    assert training.has_other_history(Path("model.weights.h5"))


def test_both_files_are_whole_before_one_is_replaced(monkeypatch):
    """Killed at any rename, a training leaves the old pair, or two files that say it."""
    assert run("train", "--data", save(), "--epochs", 1, "--out", "a") == 0
    old = kept()
    done = []
    replace = os.replace

    def recorded(source, target):
        if Path(target).name in ("model.weights.h5", "history.json"):
            done.append(Path(target).name)
            if len(done) == 1:
                assert kept() == old
                parts = [path for path in Path("a").iterdir() if path.name.startswith(".part")]
                new = {path.name.rpartition("-")[2]: path.read_bytes() for path in parts}
                digest = sha256(new["model.weights.h5"]).hexdigest()
                assert json.loads(new["history.json"])["weights_sha256"] == digest
            else:
                assert training.has_other_history(Path("a/model.weights.h5"))
        replace(source, target)

    monkeypatch.setattr(os, "replace", recorded)
    assert run("train", "--data", "small.npz", "--epochs", 1, "--seed", 2, "--out", "a") == 0
    assert done == ["model.weights.h5", "history.json"]
    assert not training.has_other_history(Path("a/model.weights.h5"))


FULL = """
import resource, sys
from pathlib import Path
from scratchnet import cli
from scratchnet.train import training
keep = training.TrainingRun._keep

def on_a_full_disk(self, logs):
    resource.setrlimit(resource.RLIMIT_FSIZE, (BYTES, BYTES))  # the file system takes no more
    keep(self, logs)

training.TrainingRun._keep = on_a_full_disk
sys.argv = ["scratchnet", "train", "--data", "small.npz", "--epochs", "2", "--out", "mine"]
cli.main()
"""


@pytest.mark.skipif(os.name == "nt", reason="there is no such limit")
@pytest.mark.parametrize(("limit", "name"), [(3000, "model.weights.h5"), (700_000, "history.json")])
def test_a_full_disk_ends_a_training_in_one_sentence(limit, name):
    save()
    program = FULL.replace("BYTES", str(limit))
    if name == "history.json":  # longer than what is left
        program = program.replace(
            "keep(self", "self.about = lambda history: {'x': 'y' * 800_000}\n    keep(self"
        )
    os.mkdir("mine")
    for file in ("model.weights.h5", "history.json"):
        Path("mine", file).write_bytes(b"old")
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        timeout=100,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("Error: [Errno 27] File too large: 'mine/")
    assert done.stderr.splitlines()[-1].endswith(f"{name}'")
    assert "Traceback" not in done.stderr
    assert sorted(os.listdir("mine")) == ["history.json", "model.weights.h5"]
    for file in ("model.weights.h5", "history.json"):
        assert Path("mine", file).read_bytes() == b"old"
