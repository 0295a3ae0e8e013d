"""The command hands a training over to TensorFlow, with its options."""

from __future__ import annotations

from dataclasses import asdict

import pytest

from reference import run, train
from reference.options import FullOptions
from scratchnet import cli, cli_options
from scratchnet.train import on_tensorflow
from scratchnet.train.options import Options
from tests.support.full_training import command
from tests.support.processes import ROOT


def test_scratchnet_train_hands_the_same_options_on(monkeypatch):
    handed, received = [], []
    monkeypatch.setattr(
        on_tensorflow, "hand_over", lambda module, words: handed.extend([module, *words]) or 7
    )
    common = ["--model", "model.py", "--optimizer", "sgd", "--seed", "9", "--epochs", "3"]
    words = [*common, "--on", "tensorflow", "--xla", "--device", "cpu"]
    assert command(cli.main, "train", *words) == 7
    assert handed[0] == "reference.train"

    def receive(options, *_):
        received.append(options)
        raise ValueError("enough")

    monkeypatch.setattr(run, "FullTrainingRun", receive)
    assert command(lambda: train.run_app(train.app), *handed[1:]) == 2
    (options,) = received
    wanted = Options(model="model.py", optimizer="sgd", seed=9, epochs=3, on="tensorflow")
    assert {name: getattr(options, name) for name in asdict(wanted)} == asdict(wanted) | {
        "learning_rate": None
    }
    assert options.xla
    assert options.device == "cpu"


@pytest.mark.parametrize("words", [["train"], ["evaluate", "a.weights.h5"]])
def test_without_tensorflow_one_line_says_what_to_install(words, monkeypatch, capsys):
    monkeypatch.setattr(on_tensorflow, "find_spec", lambda name: None)
    assert command(cli.main, *words, "--on", "tensorflow") == 2
    assert capsys.readouterr().err == (
        "Error: --on tensorflow needs TensorFlow, which is not installed: pip install "
        'tensorflow, or for a GPU pip install "tensorflow[and-cuda]"\n'
    )


@pytest.mark.parametrize("words", [["--xla"], ["--device", "gpu"], ["--device=gpu"]], ids=str)
def test_an_option_of_tensorflow_s_training_says_what_it_must_come_with(words, capsys):
    assert command(cli.main, "train", *words) == 2
    assert capsys.readouterr().err == (
        f"Error: {words[0]} must come with --on tensorflow, which hands the training over to "
        "`python -m reference.train`, received --on scratchnet\n"
    )


def test_the_command_knows_which_options_are_tensorflow_s_alone():
    more = asdict(FullOptions()).keys() - asdict(Options()).keys()
    assert {f"--{name.replace('_', '-')}" for name in more} == set(cli_options.OF_TENSORFLOW)


def test_the_module_is_found_from_anywhere(place):
    """`reference` lies beside scratchnet, whatever the working directory holds."""
    (place / "reference").mkdir()
    (place / "reference" / "__init__.py").write_text("raise RuntimeError\n")
    (place / "reference" / "train.py").write_text("raise RuntimeError\n")
    assert on_tensorflow.hand_over("reference.train", ["--help"]) == 0
    assert (ROOT / "reference" / "train.py").exists()
