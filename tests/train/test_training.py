"""A training: what it shows and keeps, seeds, optimizers, the same weights in Keras."""

from __future__ import annotations

import os
import re
from pathlib import Path

import h5py
import numpy as np
import pytest
import tensorflow as tf

from scratchnet.train import images, training
from scratchnet.train.options import Options
from tests.support.train_command import report, run, save, small

# -- a training -----------------------------------------------------------------------------------


@pytest.mark.parametrize("loop", ["fit", "tape"])
def test_a_training_shows_and_keeps_what_it_did(loop, capsys):
    assert run("train", "--data", save(), "--epochs", 3, "--loop", loop, "--out", "a/b") == 0
    said = capsys.readouterr().out
    assert said.startswith("Data: small.npz, 96 images to train on, 32 to test, 8 x 8 x 1\n")
    for words in ("Model:", "(MaxPooling2D)", "Total params:", "Epoch 3/3"):
        assert words in said
    line = r"3/3 - \d+s - \d+m?s/step - accuracy: .* - loss: .* - val_accuracy: .* - val_loss: "
    assert len(re.findall(line, said)) == 3
    kept = report("a/b")
    last = kept["history"]["val_loss"][-1], kept["history"]["val_accuracy"][-1]
    assert said.endswith(
        f"Test loss: {last[0]:.4f} - test accuracy: {last[1]:.4f}\n"
        "Kept in a/b: model.weights.h5, history.json and curves.png, after 3 of 3 epochs.\n"
    )
    assert sorted(path.name for path in Path("a/b").iterdir()) == [
        "curves.png",
        "history.json",
        "model.weights.h5",
    ]
    assert list(kept["history"]) == ["accuracy", "loss", "val_accuracy", "val_loss"]
    assert all(len(values) == 3 for values in kept["history"].values())
    assert kept["history"]["loss"][-1] < kept["history"]["loss"][0]
    assert kept["settings"]["loop"] == loop
    assert kept["settings"]["learning_rate"] == 0.001
    assert kept["versions"]["numpy"] == np.__version__
    picture = Path("a/b/curves.png").read_bytes()
    assert picture.startswith(b"\x89PNG")
    assert len(picture) > 20_000


@pytest.mark.parametrize("loop", ["fit", "tape"])
def test_keras_reads_the_weights_and_finds_the_same_test_loss(loop):
    assert run("train", "--data", save(), "--epochs", 2, "--loop", loop) == 0
    layers = tf.keras.layers
    model = tf.keras.Sequential(
        [
            tf.keras.Input((8, 8, 1)),
            layers.Conv2D(32, 3, activation="relu"),
            layers.Conv2D(64, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Dropout(0.25),
            layers.Flatten(),
            layers.Dense(128, activation="relu"),
            layers.Dropout(0.5),
            layers.Dense(10, activation="softmax"),
        ]
    )
    model.load_weights("scratchnet-run/model.weights.h5")
    model.compile(loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    test = small()
    found = model.evaluate(test["x_test"][..., None] / 255, test["y_test"], verbose=0)
    kept = report()["history"]
    np.testing.assert_allclose(
        found, [kept["val_loss"][-1], kept["val_accuracy"][-1]], rtol=1e-4, atol=1e-5
    )


@pytest.mark.parametrize("loop", ["fit", "tape"])
def test_the_same_seed_is_the_same_training(loop):
    data = save()
    for seed, out in ((3, "a"), (3, "b"), (4, "c")):
        assert (
            run(
                "train", "--data", data, "--epochs", 2, "--seed", seed, "--loop", loop, "--out", out
            )
            == 0
        )
    assert report("a")["history"] == report("b")["history"] != report("c")["history"]
    with h5py.File("a/model.weights.h5") as a, h5py.File("b/model.weights.h5") as b:
        names = []
        a.visititems(
            lambda name, item: names.append(name) if isinstance(item, h5py.Dataset) else None
        )
        assert len(names) >= 8
        for name in names:
            np.testing.assert_array_equal(a[name][()], b[name][()])


def test_limits_take_the_first_images():
    assert (
        run("train", "--data", save(), "--epochs", 1, "--limit-train", 40, "--limit-test", 7) == 0
    )
    assert report()["settings"]["train_images"] == 40
    assert report()["settings"]["test_images"] == 7
    found = images.load_images(save(), 40, 7)
    np.testing.assert_array_equal(
        found.x_train[..., 0], (small()["x_train"][:40] / 255).astype("f")
    )
    np.testing.assert_array_equal(found.y_test, small()["y_test"][:7])


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_the_optimizer_and_its_rate_are_those_that_were_chosen(optimizer):
    chosen = training.make_optimizer(Options(optimizer=optimizer, learning_rate=0.25))
    assert type(chosen).__name__.lower() == optimizer
    assert float(chosen.learning_rate) == 0.25
    usual = training.make_optimizer(Options(optimizer=optimizer)).learning_rate
    assert float(usual) == float(
        getattr(tf.keras.optimizers, type(chosen).__name__)().learning_rate
    )


def test_a_loss_that_diverged_is_null_in_the_history():
    assert (
        run("train", "--data", save(), "--epochs", 2, "--optimizer", "sgd", "--learning-rate", 1e30)
        == 0
    )
    assert report()["history"]["loss"][-1] is None


# -- what goes wrong ------------------------------------------------------------------------------


def test_a_disk_that_is_full_is_one_line(capsys, monkeypatch):
    def full(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(training.keras.Sequential, "save_weights", full)
    assert run("train", "--data", save(), "--epochs", 1) == 1
    weights = os.path.join("scratchnet-run", "model.weights.h5")
    assert capsys.readouterr().err == f"Error: [Errno 28] No space left on device: '{weights}'\n"


# -- Ctrl-C ---------------------------------------------------------------------------------------


def test_ctrl_c_in_the_first_epoch_leaves_an_older_training_as_it_was(capsys, monkeypatch):
    def stopped(*args):
        raise KeyboardInterrupt

    Path("scratchnet-run").mkdir()
    for name in (training.WEIGHTS, training.HISTORY, training.CURVES):
        (Path("scratchnet-run") / name).write_text("older")
    monkeypatch.setattr(training, "fit", stopped)
    assert run("train", "--data", save()) == 130
    assert capsys.readouterr().err == "Interrupted. No epoch was finished, nothing was written.\n"
    assert {path.read_text() for path in Path("scratchnet-run").iterdir()} == {"older"}
