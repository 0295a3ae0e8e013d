"""The full training on TensorFlow: the same run as scratchnet's, its options, its weights."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

import scratchnet
from reference import evaluate as reference_evaluate
from reference import train
from scratchnet import cli
from scratchnet.train.evaluate import EvaluateOptions, evaluate
from tests.support.full_training import MODEL, command, full, ours
from tests.support.processes import ROOT, Launcher, done, outcome

# Keras's own, where it reads a variable that a strategy has made.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


@pytest.mark.parametrize("loop", ["fit", "tape"])
@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_the_same_command_is_the_same_run_on_both_sides(loop, optimizer, here):
    chosen = {"loop": loop, "optimizer": optimizer, "seed": 5, "learning_rate": 0.01}
    mine, theirs = ours(**chosen, out="ours"), full(**chosen, out="theirs")
    for name in ("loss", "val_loss"):
        np.testing.assert_allclose(mine.history[name], theirs.history[name], rtol=2e-5)
    for name in ("accuracy", "val_accuracy"):
        np.testing.assert_allclose(mine.history[name], theirs.history[name], rtol=1e-6)


@pytest.mark.parametrize("trainer", ["scratchnet", "tensorflow"])
def test_weights_go_both_ways(trainer, here):
    job = ours(out="a") if trainer == "scratchnet" else full(out="a")
    options = EvaluateOptions("a/model.weights.h5", "digits", "model.py", limit_test=33)
    mine, theirs = evaluate(scratchnet, options), evaluate(tf, options)
    assert mine.accuracy == theirs.accuracy
    np.testing.assert_allclose(mine.loss, theirs.loss, rtol=1e-5)
    np.testing.assert_allclose(mine.probabilities, theirs.probabilities, rtol=0, atol=1e-5)
    np.testing.assert_allclose(mine.loss, job.history["val_loss"][-1], rtol=1e-5)
    np.testing.assert_allclose(mine.accuracy, job.history["val_accuracy"][-1], rtol=1e-6)


def test_the_seed_network_s_weights_go_over_too(here):
    full(model=None, epochs=1, out="a")
    options = EvaluateOptions("a/model.weights.h5", "digits", limit_test=40)
    mine, theirs = evaluate(scratchnet, options), evaluate(tf, options)
    assert mine.accuracy == theirs.accuracy
    np.testing.assert_allclose(mine.probabilities, theirs.probabilities, rtol=0, atol=1e-5)


def test_evaluate_says_the_same_on_both_libraries(here, capsys):
    full(out="a")
    words = ["a/model.weights.h5", "--data", "digits", "--model", "model.py", "--limit-test", 33]
    capsys.readouterr()
    assert command(cli.main, "evaluate", *words, "--predictions", "ours.npy") == 0
    said = capsys.readouterr().out
    launcher = Launcher(Path.cwd())
    try:
        code, theirs, error = outcome(
            launcher.start(
                "scratchnet", "evaluate", *words, "--on", "tensorflow",
                "--predictions", "theirs.npy",
            )
        )  # fmt: skip
    finally:
        launcher.close()
    assert (code, error) == (0, "")
    assert said.replace("ours", "theirs") == theirs
    assert "test accuracy: 0." in said
    assert said.endswith("Kept in ours.npy: probabilities, shape (33, 10)\n")
    np.testing.assert_allclose(np.load("ours.npy"), np.load("theirs.npy"), rtol=0, atol=1e-5)


def test_a_full_training_keeps_and_says_what_it_did(here, capsys):
    job = full(out="a/b")
    said = capsys.readouterr().out
    assert said.startswith("Data: embedded digits, 81 images to train on, 33 to test, 28 x 28 x 1")
    assert "\nDevices: CPU; float32, XLA off, TF32 off\nEpoch 1/2\n" in said
    assert "images per second, on CPU; float32, XLA off, TF32 off\n" in said
    assert "\nTime to 99% test accuracy: not reached, the best was 0." in said
    assert said.endswith("curves.png, after 2 of 2 epochs.\n")
    kept = json.loads(Path("a/b/history.json").read_text())
    assert list(kept["history"]) == ["accuracy", "loss", "seconds", "val_accuracy", "val_loss"]
    assert kept["history"] == job.history
    assert kept["versions"]["tensorflow"] == tf.__version__
    found = kept["run"]
    assert found.pop("images_per_second") > 0
    assert found == {
        "device": "CPU",
        "device_names": ["CPU"],
        "strategy": "OneDeviceStrategy",
        "replicas": 1,
        "workers": 1,
        "precision": "float32",
        "xla": False,
        "deterministic": True,
        "tf32": False,
        "seconds_to_99_percent": None,
        "onednn": os.environ["TF_ENABLE_ONEDNN_OPTS"],
    }
    assert Path("a/b/curves.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(("precision", "rtol"), [("bfloat16", 1e-2), ("float16", 2e-3)])
def test_mixed_precision_learns_and_its_weights_are_float32(precision, rtol, here):
    job = full(mixed_precision=precision, epochs=3, out="a")
    assert job.history["loss"][-1] < job.history["loss"][0]
    assert {variable.dtype for variable in job.model.trainable_variables} == {"float32"}
    tf.keras.mixed_precision.set_global_policy("float32")
    exact = evaluate(tf, EvaluateOptions("a/model.weights.h5", "digits", "model.py", 33))
    np.testing.assert_allclose(job.history["val_loss"][-1], exact.loss, rtol=rtol)
    assert job.history["val_loss"][-1] != exact.loss
    assert json.loads(Path("a/history.json").read_text())["run"]["precision"] == precision


def test_xla_changes_only_the_rounding(here):
    Path("model.py").write_text(MODEL.format(rate=0))  # it draws other masks
    usual, compiled = full(out="a"), full(xla=True, out="b")
    np.testing.assert_allclose(usual.history["loss"], compiled.history["loss"], rtol=1e-5)
    assert usual.history["loss"] != compiled.history["loss"]
    assert json.loads(Path("b/history.json").read_text())["run"]["xla"]


def test_xla_trains_a_network_that_pools_from_the_command_line():
    launcher = Launcher(Path.cwd())
    words = ["--data", "digits", "--limit-train", 64, "--epochs", 1, "--model", "model.py"]
    words += ["--xla", "--device", "cpu", "--out", "kept"]
    out = done(launcher.start("reference.train", *words))
    assert "\nDevices: CPU; float32, XLA on, TF32 off, not deterministic\n" in out
    kept = json.loads(Path("kept/history.json").read_text())["run"]
    assert kept["xla"]
    assert not kept["deterministic"]


def test_a_network_without_probabilities_is_refused(here):
    Path("model.py").write_text(MODEL.format(rate=0).replace(', activation="softmax"', ""))
    with pytest.raises(ValueError, match=r"none negative and 1 in all .let it end in"):
        full()


@pytest.mark.parametrize("train_it", ["ours", "full"])
def test_a_model_that_comes_compiled_is_told_that_the_options_hold(train_it, here, capsys):
    text = MODEL.format(rate=0).replace("return tf.keras.Seq", "model = tf.keras.Seq")
    Path("model.py").write_text(text + "    model.compile('sgd', 'mse')\n    return model\n")
    job = (ours if train_it == "ours" else full)(epochs=1, out="a")
    said = capsys.readouterr().out
    assert "Its compile() is not used: --optimizer and --learning-rate say how it learns." in said
    assert 1 < job.history["val_loss"][0] < 5  # the cross entropy of ten classes


BAD_COMMANDS = [
    (["train", "--model", "no.py"], "--model must be the path of a Python file with build(tf)"),
    (["train", "--on", "torch"], "--on must be scratchnet or tensorflow, received torch"),
    (["evaluate", "no.h5"], "WEIGHTS must be the path of a file, received no.h5"),
    (["evaluate", "model.py"], "model.py: not the weights of this network: "),
    (["evaluate", "model.py", "--on", "torch"], "--on must be scratchnet or tensorflow, received"),
    (["evaluate", "no.h5", "--limit-test", "0"], "--limit-test must be at least 1, received 0"),
    (
        ["evaluate", "model.py", "--predictions", "no/p.npy"],
        "--predictions must be in a folder that is there, received no/p.npy: no folder no",
    ),
]


def test_a_model_file_that_is_not_there_is_named_on_tensorflow_too(here, capsys):
    words = ["--data", "digits", "--model", "no.py"]
    assert command(lambda: train.run_app(train.app), *words) == 2
    assert capsys.readouterr().err == (
        "Error: --model must be the path of a Python file with build(tf), received no.py: no such "
        "file\n"
    )


def test_a_model_file_may_lie_at_home(here, monkeypatch, place):
    monkeypatch.setenv("HOME", str(place))
    assert full(model="~/model.py", epochs=1, out="a").history["loss"]


@pytest.mark.parametrize(("words", "says"), BAD_COMMANDS, ids=lambda value: " ".join(value))
def test_what_cannot_be_done_is_one_line(words, says, capsys):
    assert command(cli.main, *words, "--data", "digits") == 2
    said = capsys.readouterr().err
    assert said.startswith(f"Error: {says}")
    assert said.count("\n") == 1


@pytest.mark.parametrize("library", ["scratchnet", "tensorflow"])
def test_weights_of_another_network_are_refused_with_a_table_or_a_list(library, here, capsys):
    full(epochs=1, out="a")
    words = ["a/model.weights.h5", "--data", "digits", "--model", "other.py"]
    Path("other.py").write_text(MODEL.format(rate=0).replace("Conv2D(4", "Conv2D(3"))
    capsys.readouterr()
    if library == "scratchnet":
        assert command(cli.main, "evaluate", *words) == 2
    else:
        assert command(lambda: train.run_app(reference_evaluate.app), *words) == 2
    said = capsys.readouterr().err
    assert "a/model.weights.h5: not the weights of this network: " in said
    if library == "scratchnet":
        row = r"sequential(_\d+)?/conv2d(_\d+)?/kernel +\(3, 3, 1, 3\) +\(3, 3, 1, 4\)"
        assert any(re.fullmatch(row, line.strip()) for line in said.splitlines())
    else:
        assert "List of objects that could not be loaded:\n[<Conv2D name=" in said
        assert "value=" not in said.replace("value.shape=(3, 3, 1, 4)", "")


@pytest.mark.parametrize(
    "line",
    re.findall(
        r"^python -m reference.train(.*)$", (ROOT / "reference" / "README.md").read_text(), re.M
    ),
)
def test_every_command_in_the_readme_exists(line, monkeypatch, capsys):
    received = []

    def receive(options, cluster):
        received.append(len(cluster))
        return 0, ""

    monkeypatch.setattr(train, "_train", receive)
    words = line.partition("#")[0].split()
    assert command(lambda: train.run_app(train.app), *words) == 0, capsys.readouterr().err
    assert received == [2 if "--workers" in words else 1]
