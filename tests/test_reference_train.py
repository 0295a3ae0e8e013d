"""The full training on TensorFlow: the same run as scratchnet's, its options, its weights."""

from __future__ import annotations

import doctest
import json
import os
import re
import signal
import socket
import sys
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

import scratchnet
from reference import checkpoints, data, devices, meeting, run, train
from reference import evaluate as reference_evaluate
from reference.checkpoints import Progress
from reference.data import Orders, pipeline, shares
from reference.options import FullOptions
from reference.workers import Cluster, Watchdog
from scratchnet import cli, cli_options
from scratchnet.data import Dataset
from scratchnet.train import images, on_tensorflow
from scratchnet.train.evaluate import EvaluateOptions, evaluate
from scratchnet.train.options import Options
from scratchnet.train.training import Job
from tests.support.processes import ROOT, Launcher, done, free_ports, outcome

# Keras's own, where it reads a variable that a strategy has made.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

ALONE = Cluster(("this machine",))
MODEL = """
def build(tf):
    layers = tf.keras.layers
    return tf.keras.Sequential([
        tf.keras.Input((28, 28, 1)),
        layers.Conv2D(4, 3, activation="relu"),
        layers.MaxPooling2D(),
        layers.BatchNormalization(),
        layers.Flatten(),
        layers.Dropout({rate}),
        layers.Dense(10, activation="softmax"),
    ])
"""
SMALL = {"data": "digits", "model": "model.py", "epochs": 2, "limit_train": 81, "limit_test": 33}


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    """An empty folder to work in, with a network in a file; nothing global stays changed."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TF_CONFIG", raising=False)
    Path("model.py").write_text(MODEL.format(rate=0.3))
    on_sigterm = signal.getsignal(signal.SIGTERM)
    yield tmp_path
    signal.signal(signal.SIGTERM, on_sigterm)
    tf.keras.mixed_precision.set_global_policy("float32")


@pytest.fixture
def here(monkeypatch):
    """Trainings on the CPU of this process, of which nothing is to stay deterministic or hidden."""

    def set_up(options, cluster):
        tf.keras.mixed_precision.set_global_policy(
            {"float32": "float32"}.get(options.mixed_precision, f"mixed_{options.mixed_precision}")
        )
        strategy = tf.distribute.OneDeviceStrategy("/cpu:0")
        chosen = options.mixed_precision, options.xla, options.tf32
        return devices.Setup(strategy, "CPU", ("CPU",), cluster, *chosen)

    monkeypatch.setattr(run, "set_up", set_up)


def full(**options):
    """The job of a full training, done."""
    chosen = FullOptions(**SMALL | options)
    job = run.FullJob(chosen, ALONE, Watchdog(ALONE, 60))
    job.run()
    return job


def ours(**options):
    """The same on scratchnet."""
    job = Job.prepare(Options(**SMALL | options))
    job.run()
    return job


def command(app, *words):
    """The exit code of a command that runs in this process."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["command", *map(str, words)])
        with pytest.raises(SystemExit) as stop:
            app()
    return stop.value.code or 0


# -- one run on both sides ------------------------------------------------------------------------


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


def test_resume_says_where_there_is_nothing_to_go_on_with_and_refuses_other_images(here, capsys):
    full(out="a", resume=True)
    assert "There is no checkpoint in a: beginning anew." in capsys.readouterr().out
    with pytest.raises(ValueError, match=r"--resume .* is of one with data .*digits.* \(\w{12}\)"):
        full(out="a", resume=True, limit_test=34)


# -- the order of the images, and who takes which -------------------------------------------------


@pytest.mark.parametrize("seed", [0, 7])
def test_the_orders_are_those_of_the_loops(seed):
    tf.keras.utils.set_random_seed(seed)
    orders = Orders(23, "tape")
    found = [next(orders).numpy().tolist() for _ in range(3)]
    scratchnet.keras.utils.set_random_seed(seed)
    dataset = Dataset.from_tensor_slices(np.arange(23)).shuffle(23)
    assert found == [[int(i) for i in dataset] for _ in range(3)]
    assert found[0] != found[1]

    tf.keras.utils.set_random_seed(seed)
    orders = Orders(23, "fit")
    found = [next(orders).numpy().tolist() for _ in range(2)]
    assert found[0] == found[1]
    assert sorted(found[0]) == list(range(23)) != found[0]


@given(st.integers(1, 60), st.integers(1, 20), st.integers(1, 5))
def test_the_shares_of_all_replicas_are_all_images_once(count, batch, replicas):
    rows = shares(count, batch, replicas, range(replicas)).reshape(-1, replicas, 4)
    assert len(rows) == -(-count // batch)
    taken = [i for begin, end, _, _ in rows.reshape(-1, 4) for i in range(begin, end)]
    assert taken == list(range(count))
    sizes = rows[..., 1] - rows[..., 0]
    np.testing.assert_array_equal(sizes.sum(1), rows[:, 0, 3])
    assert (np.ptp(sizes, axis=1) <= 1).all()
    np.testing.assert_array_equal(rows[..., 0] - rows[:, :1, 0], rows[..., 2])
    for replica in range(replicas):
        np.testing.assert_array_equal(shares(count, batch, replicas, [replica]), rows[:, replica])


def test_the_pipeline_gives_the_shares_in_the_order_and_begins_again():
    x, y = tf.constant(np.arange(7) * 10), tf.constant(np.arange(7))
    order = tf.constant([6, 5, 4, 3, 2, 1, 0])
    parts = pipeline(tf.distribute.get_strategy(), (x, y), order, shares(7, 4, 1, [0]))
    found = [next(parts) for _ in range(3)]
    assert [part[0].numpy().tolist() for part in found] == [
        [60, 50, 40, 30],
        [20, 10, 0],
        [60, 50, 40, 30],
    ]
    assert [(int(part[2]), int(part[3])) for part in found] == [(0, 4), (0, 3), (0, 4)]


@pytest.mark.parametrize(
    ("count", "batch", "replicas", "fits"),
    [(9, 4, 1, True), (9, 4, 2, False), (8, 4, 4, True), (8, 4, 5, False), (3, 8, 4, False)],
)
def test_every_replica_gets_an_image(count, batch, replicas, fits):
    if fits:
        run.check_batches(count, batch, replicas)
    else:
        with pytest.raises(ValueError, match=f"--batch-size must .* received {batch}"):
            run.check_batches(count, batch, replicas)


# -- checkpoints ----------------------------------------------------------------------------------


def test_a_checkpoint_holds_what_was_saved(place):
    path, arrays = place / "c.npz", [np.arange(3), np.zeros((2, 0)), np.float32(0.1)]
    progress = Progress(2, 5, 0.1, 3.0, 1 / 3, {"loss": [0.1, np.inf]})
    assert not checkpoints.is_unfinished(path)
    checkpoints.save(path, {"seed": 1}, 3, progress, arrays)
    found, values = checkpoints.load(path, {"seed": 1})
    assert found == progress
    assert [value.dtype for value in values] == [array.dtype for array in arrays]
    for value, array in zip(values, arrays, strict=True):
        np.testing.assert_array_equal(value, array)
    assert checkpoints.is_unfinished(path)
    with pytest.raises(ValueError, match=r"--resume .* is of one with seed 1$"):
        checkpoints.load(path, {"seed": 2})
    checkpoints.save(path, {"seed": 1}, 3, replace(progress, epoch=3), arrays)
    assert not checkpoints.is_unfinished(path)


@pytest.mark.parametrize("content", [b"", b"PK", b"hello", "cut"])
def test_a_damaged_checkpoint_is_named(place, content):
    path = place / "c.npz"
    checkpoints.save(path, {}, 3, Progress(), [np.arange(99)])
    path.write_bytes(path.read_bytes()[:-30] if content == "cut" else content)
    with pytest.raises(ValueError, match=r"c\.npz: not a readable checkpoint \(.* cut off\): rem"):
        checkpoints.load(path, {})


def test_a_finished_training_is_extended_by_more_epochs(here):
    whole = full(epochs=3, loop="tape", out="a")
    full(epochs=1, loop="tape", out="b")
    more = full(epochs=3, loop="tape", out="b", resume=True)
    for name in ("loss", "val_loss", "accuracy", "val_accuracy"):
        assert more.history[name] == whole.history[name]
    for one, other in zip(more.steps.state(), whole.steps.state(), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("epochs", [2, 3])
def test_a_finished_training_resumed_for_no_more_epochs_says_so(epochs, here, capsys):
    whole = full(epochs=3, out="a")
    capsys.readouterr()
    again = full(epochs=epochs, out="a", resume=True)
    said = capsys.readouterr().out
    assert (
        "\nNothing is left to train: a/checkpoint.npz has 3 finished epochs, --epochs is "
        f"{epochs}.\n"
    ) in said
    assert said.endswith("curves.png, after 3 of 3 epochs.\n")
    assert again.history == whole.history


def test_there_is_something_to_resume_from_the_first_checkpoint_on(here):
    options = FullOptions(**SMALL | {"out": "a"})
    job = run.FullJob(options, ALONE, Watchdog(ALONE, 60))
    assert not job.watchdog.resumable
    job.run()
    assert job.watchdog.resumable
    more = replace(options, epochs=3, resume=True)
    assert run.FullJob(more, ALONE, Watchdog(ALONE, 60)).watchdog.resumable


def test_a_checkpoint_of_another_network_is_refused(here):
    full(epochs=1, out="a")
    Path("model.py").write_text(MODEL.format(rate=0.4))
    with pytest.raises(ValueError, match=r"--resume must come with the options .* model "):
        full(epochs=2, out="a", resume=True)


def test_a_training_that_is_stopped_says_what_is_kept(here, monkeypatch):
    options = FullOptions(**SMALL | {"checkpoint_every": 1, "out": "a"})
    job = run.FullJob(options, ALONE, Watchdog(ALONE, 60))

    def stop(test):
        raise KeyboardInterrupt

    monkeypatch.setattr(job, "_measure", stop)
    with pytest.raises(
        KeyboardInterrupt, match=r"^Kept in a: checkpoint.npz\. Go on with --resume"
    ):
        job.run()


# -- devices --------------------------------------------------------------------------------------


def test_without_a_gpu_the_error_says_how_to_install_one_s_libraries(capsys, monkeypatch):
    if tf.config.list_physical_devices("GPU"):
        monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: [])
    assert command(lambda: train.run_app(train.app), "--data", "digits", "--device", "gpu") == 2
    said = capsys.readouterr().err
    assert said.startswith("Error: --device gpu needs a GPU, and TensorFlow sees none here.")
    assert said.endswith("pip install '.[gpu]'\n")
    assert said.count("\n") == 1


@pytest.mark.parametrize(
    ("options", "chosen"),
    [
        ({}, ("GPU", ("Fast", "Fast"))),
        ({"device": "gpu", "replicas": 1}, ("GPU", ("Fast",))),
        ({"device": "cpu"}, ("CPU", ("CPU",))),
        ({"replicas": 3}, "--replicas must be at most 2, one per GPU, received 3"),
    ],
    ids=str,
)
def test_gpus_are_taken_unless_the_options_say_otherwise(options, chosen, monkeypatch):
    """With two GPUs that are not there: what would be chosen and shown to TensorFlow."""
    shown, growing = [], []
    config = tf.config
    monkeypatch.setattr(config, "list_physical_devices", lambda kind: ["one", "two"])
    monkeypatch.setattr(config, "set_visible_devices", lambda gpus, kind: shown.extend(gpus))
    monkeypatch.setattr(
        config.experimental, "set_memory_growth", lambda gpu, on: growing.append(gpu)
    )
    monkeypatch.setattr(
        config.experimental, "get_device_details", lambda gpu: {"device_name": "Fast"}
    )
    if isinstance(chosen, str):
        with pytest.raises(ValueError, match=chosen):
            devices._choose_device(FullOptions(**options), 1)
        return
    assert devices._choose_device(FullOptions(**options), 1) == chosen
    expected = ["one", "two"][: len(chosen[1])] if chosen[0] == "GPU" else []
    assert shown == growing == expected


def test_on_cpus_each_machine_has_one_copy():
    with pytest.raises(ValueError, match=r"--replicas must be 1 on the CPUs .* received 2"):
        devices._choose_device(FullOptions(device="cpu", replicas=2), 2)


# -- options --------------------------------------------------------------------------------------

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


TF_CONFIG = {
    "cluster": {"worker": ["b:2", "c:3"], "chief": ["a:1"]},
    "task": {"type": "worker", "index": 1},
}


def test_the_cluster_is_that_of_the_options_or_of_tf_config():
    environ = {"TF_CONFIG": json.dumps(TF_CONFIG)}
    assert Cluster.of(None, None, {}) == ALONE
    assert Cluster.of("a:1,b:2", 1, environ) == Cluster(("a:1", "b:2"), 1)
    found = Cluster.of(None, None, environ)
    assert found == Cluster(("a:1", "b:2", "c:3"), 2)
    assert not found.is_chief
    assert Cluster.of(None, None, {"TF_CONFIG": found.tf_config()}) == found


def test_a_machine_of_tf_config_that_cannot_be_found_is_said_before_tensorflow_waits(
    monkeypatch, capsys
):
    monkeypatch.setenv("TF_CONFIG", Cluster(("127.0.0.1:1", "nowhere.invalid:2")).tf_config())
    assert command(lambda: train.run_app(train.app), "--data", "digits") == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith(
        "Error: The workers in TF_CONFIG must name machines that can be found, received "
        "'nowhere.invalid:2': "
    )


def test_a_worker_that_differs_leaves_only_when_the_others_have_heard_of_it(monkeypatch):
    said = []

    def of_all(setup, own):
        said.append(own)
        if len(said) == 2:  # the other has heard of it, and left
            raise tf.errors.UnavailableError(None, None, "gone")
        other = json.dumps({"seed": 4}).encode().ljust(meeting.ROOM)
        return np.stack([own, np.frombuffer(other, np.uint8)])

    monkeypatch.setattr(meeting, "of_all", of_all)
    with pytest.raises(ValueError, match=r"received seed 4 on worker 1 and 3 on worker 0$"):
        meeting.check_alike(None, {"seed": 3})
    assert [len(own) for own in said] == [meeting.ROOM, 1]


def test_a_port_that_is_taken_is_said():
    (port,) = free_ports(1)
    with socket.create_server(("", port)):
        with pytest.raises(OSError, match=f"port {port} of this machine cannot be listened at"):
            Cluster(("a:1", f"b:{port}"), 1).check_port()
    Cluster(("a:1", f"b:{port}"), 1).check_port()


@pytest.mark.parametrize(
    "config",
    ["", "{}", "[]", '{"cluster": 3, "task": 4}'] + [
        json.dumps(TF_CONFIG | changes)
        for changes in (
            {"task": {"type": "ps", "index": 0}},
            {"task": {"type": "worker", "index": 2}},
            {"cluster": {"worker": ["a:1"], "ps": ["b:2"]}},
            {"cluster": {"worker": ["a"]}, "task": {"type": "worker", "index": 0}},
        )
    ],
)  # fmt: skip
def test_a_wrong_tf_config_is_said(config):
    with pytest.raises(ValueError, match="TF_CONFIG"):
        Cluster.of(None, None, {"TF_CONFIG": config})


@pytest.mark.parametrize("module", [data, run])
def test_the_examples_run(module):
    found = doctest.testmod(module)
    assert (found.failed, found.attempted) == (0, 1)


# -- from scratchnet's command --------------------------------------------------------------------


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

    monkeypatch.setattr(run, "FullJob", receive)
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
        "'.[reference]', or for a GPU '.[gpu]'\n"
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


@pytest.mark.parametrize("train_it", ["ours", "full"])
def test_a_model_that_comes_compiled_is_told_that_the_options_hold(train_it, here, capsys):
    text = MODEL.format(rate=0).replace("return tf.keras.Seq", "model = tf.keras.Seq")
    Path("model.py").write_text(text + "    model.compile('sgd', 'mse')\n    return model\n")
    job = (ours if train_it == "ours" else full)(epochs=1, out="a")
    said = capsys.readouterr().out
    assert "Its compile() is not used: --optimizer and --learning-rate say how it learns." in said
    assert 1 < job.history["val_loss"][0] < 5  # the cross entropy of ten classes


BAD_MODELS = {
    "no build": ("x = 1\n", "model.py: must define a function build(tf) that returns a model"),
    "no Python": ("def build(tf:\n", "model.py:1: SyntaxError: "),
    "fails": ("def build(tf):\n    return tf.keras.layers.Nothing()\n", "model.py:2: Attribute"),
    "imports": ("import not_there\n", "model.py:1: ModuleNotFoundError: No module named"),
    "no model": ("def build(tf):\n    return 3\n", "model.py: build(tf) must return a model, rec"),
    "too few": (
        MODEL.format(rate=0).replace("Dense(10", "Dense(9"),
        "model.py: build(tf) must return a model that gives each image the probabilities of at "
        "least 10 classes, received outputs of shape (None, 9)",
    ),
    "no classes": (
        MODEL.format(rate=0).replace("layers.Flatten(),", ""),
        "received outputs of shape (None, 13, 13, 10)",
    ),
}


@pytest.mark.parametrize("library", [scratchnet, tf], ids=["scratchnet", "tensorflow"])
@pytest.mark.parametrize("name", BAD_MODELS)
def test_a_bad_model_file_is_one_line_that_names_its_line(name, library):
    text, says = BAD_MODELS[name]
    Path("model.py").write_text(text)
    found = images.load_images("digits", 50, 50)
    with pytest.raises(ValueError) as error:  # noqa: PT011
        hand_over_network(library, found)
    assert says in str(error.value)


def hand_over_network(library, found):
    from scratchnet.train.network import make_network

    return make_network(library, "model.py", found)


def test_a_model_file_may_import_what_lies_beside_it():
    Path("beside.py").write_text("WIDTH = 10\n")
    Path("model.py").write_text(
        "from beside import WIDTH\n" + MODEL.format(rate=0).replace("Dense(10", "Dense(WIDTH")
    )
    assert hand_over_network(scratchnet, images.load_images("digits", 50, 50)).count_params() > 0


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
    re.findall(r"^python -m reference.train(.*)$", (ROOT / "README.md").read_text(), re.M),
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


def test_the_module_is_found_from_anywhere(place):
    """`reference` lies beside scratchnet, whatever the working directory holds."""
    (place / "reference").mkdir()
    (place / "reference" / "__init__.py").write_text("raise RuntimeError\n")
    (place / "reference" / "train.py").write_text("raise RuntimeError\n")
    assert on_tensorflow.hand_over("reference.train", ["--help"]) == 0
    assert (ROOT / "reference" / "train.py").exists()
