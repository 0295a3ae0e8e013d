"""The command `scratchnet`: what it trains, shows and keeps, and what it says when it cannot."""

from __future__ import annotations

import json
import os
import re
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import h5py
import numpy as np
import pytest
import tensorflow as tf

from scratchnet import cli
from scratchnet.keras.datasets import digits, mnist
from scratchnet.train import images, training
from scratchnet.train.options import Options

COMMAND = [sys.executable, "-m", "scratchnet"]
ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    return no_network(tmp_path, monkeypatch)


def no_network(tmp_path, monkeypatch):
    """An empty folder to work in, an empty cache, and no network."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))  # for the commands that are started
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")  # the port at which nobody answers
    monkeypatch.setattr("urllib.request._opener", None)  # it remembers the proxies
    return tmp_path


def small(n=96, shape=(8, 8)):
    """Pictures that are easy to learn: class k is bright in row k - 1 or, for 0, nowhere."""
    rng = np.random.default_rng(0)
    y = rng.integers(0, 8, n)
    x = rng.integers(0, 60, (n, *shape)).astype(np.uint8)
    x[np.arange(n), y] = 255
    return {"x_train": x, "y_train": y, "x_test": x[: n // 3], "y_test": y[: n // 3]}


def save(path="small.npz", **changes):
    np.savez(path, **small() | changes)
    return str(path)


def run(*args, capsys=None):
    """The exit code of `scratchnet ARGS`."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["scratchnet", *map(str, args)])
        with pytest.raises(SystemExit) as stop:
            cli.main()
    return stop.value.code or 0


def report(folder="scratchnet-run"):
    return json.loads((Path(folder) / "history.json").read_text())


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


def test_the_seed_network_is_the_notebooks():
    model = training.seed_network((28, 28, 1))
    assert model.count_params() == 1_199_882
    assert [layer.count_params() for layer in model.layers] == [
        320,
        18_496,
        0,
        0,
        0,
        1_179_776,
        0,
        1_290,
    ]
    assert model.output_shape == (None, 10)


@pytest.mark.parametrize(
    ("shape", "dtype"), [((6, 6), np.uint8), ((9, 7), np.float32), ((8, 8, 3), np.int64)]
)
def test_images_of_other_sizes_channels_and_dtypes_get_a_network_of_their_own(shape, dtype):
    x = small(shape=(8, 8))["x_train"][:, :1, :1].astype(dtype)
    x = np.broadcast_to(x.reshape(-1, *[1] * len(shape)), (96, *shape)) / dtype(255)
    x = x.astype(dtype)
    data = save(x_train=x, x_test=x[:32])
    assert run("train", "--data", data, "--epochs", 1, "--batch-size", 50) == 0


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


# -- the data -------------------------------------------------------------------------------------


def test_without_data_and_network_the_embedded_digits_are_taken_and_it_is_said_in_one_line():
    start = time.monotonic()
    found = images.load_images(None, 10, 5)
    assert time.monotonic() - start < 10
    assert found.x_train.shape == (10, 28, 28, 1)
    text = str(found)
    assert text.startswith(
        "embedded digits, 10 images to train on, 5 to test, 28 x 28 x 1; "
        "MNIST cannot be had: URL fetch failure on https://"
    )
    assert "\n" not in text


def test_without_data_and_network_a_damaged_file_in_the_cache_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    (tmp_path / "datasets").mkdir()
    (tmp_path / "datasets" / "mnist.npz").write_bytes(b"PK, cut off")
    assert f"{tmp_path}/datasets/mnist.npz is damaged" in str(images.load_images(None, 10, 5))


def test_without_data_a_damaged_mnist_is_named(monkeypatch):
    def damaged():
        raise ValueError("Incomplete or corrupted file detected.")

    monkeypatch.setattr(mnist, "load_data", damaged)
    text = str(images.load_images(None, 1, 1))
    assert text.endswith("; MNIST cannot be had: Incomplete or corrupted file detected.")


def test_without_data_mnist_is_taken_from_the_cache(monkeypatch):
    monkeypatch.setattr(mnist, "load_data", digits.load_data)
    assert str(images.load_images(None, 10, 5)) == (
        "MNIST, 10 images to train on, 5 to test, 28 x 28 x 1"
    )


@pytest.mark.parametrize("name", ["mnist", "digits"])
def test_data_sets_have_names(name, monkeypatch):
    monkeypatch.setattr(mnist, "load_data", digits.load_data)
    assert images.load_images(name, 10, 5).x_test.shape == (5, 28, 28, 1)


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
    assert said.err.startswith(says)
    assert said.err.count("\n") == 1
    assert not (place / "scratchnet-run").exists()


X, Y = small()["x_train"], small()["y_train"]
BAD_FILES = {
    "no x_train": ({"x_train": None}, "missing: x_train"),
    "flat images": ({"x_train": X.reshape(96, 64)}, "x_train must have shape (n, H, W)"),
    "images too small": ({"x_train": X[:, :5]}, "H and W at least 6, received (96, 5, 8)"),
    "no images": ({"x_train": X[:0], "y_train": Y[:0]}, "received (0, 8, 8)"),
    "no channels": ({"x_train": X[..., None][..., :0]}, "received (96, 8, 8, 0)"),
    "no test images": ({"x_test": X[:0], "y_test": Y[:0]}, "x_test must have shape"),
    "other test images": ({"x_test": X[:32, :7]}, "images of one size, received (8, 8) and (7, 8)"),
    "images of text": ({"x_train": X.astype(str)}, "x_train must hold numbers, received dtype <U3"),
    "images of bools": ({"x_train": X > 9}, "x_train must hold numbers, received dtype bool"),
    "images above 255": ({"x_train": X.astype(int) + 1}, "must lie in [0, 255], received values"),
    "negative images": (
        {"x_test": X[:32].astype(int) - 1},
        "x_test of dtype int64 must lie in [0, 255]",
    ),
    "floats above 1": ({"x_train": X.astype("f")}, "x_train of dtype float32 must lie in [0, 1]"),
    "NaN images": ({"x_train": X * np.nan}, "must lie in [0, 1], received values from nan to nan"),
    "lengths": ({"y_train": Y[:-1]}, "must have the same length, received 96 and 95"),
    "one-hot labels": ({"y_train": np.eye(10)[Y]}, "y_train must have shape (n,)"),
    "float labels": ({"y_train": Y * 1.0}, "y_train must hold integers, received dtype float64"),
    "NaN labels": (
        {"y_test": Y[:32] * np.nan},
        "y_test must hold integers, received dtype float64",
    ),
    "labels of text": ({"y_train": Y.astype(str)}, "y_train must hold integers, received dtype <U"),
    "labels too large": ({"y_train": Y + 3}, "classes in [0, 10), received values from 3 to 10"),
    "negative labels": ({"y_train": Y - 1}, "classes in [0, 10), received values from -1 to 6"),
    "objects": ({"x_train": np.array([{}, None])}, "Object arrays cannot be loaded"),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_bad_data_file_is_one_line_that_names_it_and_what_is_wrong(name, capsys):
    changes, says = BAD_FILES[name]
    arrays = {key: value for key, value in (small() | changes).items() if value is not None}
    np.savez("bad.npz", **arrays)
    assert run("train", "--data", "bad.npz") == 2
    said = capsys.readouterr().err
    assert said.startswith("Error: bad.npz: ")
    assert says in said
    assert said.count("\n") == 1


def test_a_file_that_is_no_npz_is_one_line(capsys):
    Path("bad.npz").write_bytes(b"hello")
    assert run("train", "--data", "bad.npz") == 2
    assert capsys.readouterr().err == (
        "Error: bad.npz: not a readable .npz file (it is no zip archive, or is cut off)\n"
    )


def test_a_disk_that_is_full_is_one_line(capsys, monkeypatch):
    def full(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(training.keras.Sequential, "save_weights", full)
    assert run("train", "--data", save(), "--epochs", 1) == 1
    assert capsys.readouterr().err == "Error: [Errno 28] No space left on device\n"


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
    assert error == (
        "Interrupted. Kept in out: model.weights.h5, history.json and curves.png, "
        f"after {epochs} of 100000 epochs.\n"
    )
    assert sorted(os.listdir(place / "out")) == ["curves.png", "history.json", "model.weights.h5"]
    with h5py.File(place / "out" / "model.weights.h5") as file:
        assert "layers" in file


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
