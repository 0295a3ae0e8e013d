"""Workers: clusters, and trainings in processes of their own: killed, resumed, on two machines."""

from __future__ import annotations

import json
import os
import signal
import socket
import time
from dataclasses import replace

import h5py
import numpy as np
import pytest

from reference import train
from reference.checkpoints import FILE
from reference.workers import Cluster
from tests.support.full_training import ALONE, command
from tests.support.processes import Launcher, done, free_ports, outcome, wait_until

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


EPOCHS = 10

# 203 images in batches of 32: the last one has 11, which two workers cannot share equally.
OPTIONS = (
    "--data digits --model model.py --loop tape --seed 3 --learning-rate 0.01 "
    f"--limit-train 203 --limit-test 51 --epochs {EPOCHS}"
).split()

NETWORK = """
def build(tf):
    layers = tf.keras.layers
    return tf.keras.Sequential([
        tf.keras.Input((28, 28, 1)),
        layers.Conv2D(4, 3, strides=2, activation="relu"),
        layers.Flatten(),
        layers.Dropout(0.3),
        layers.Dense(16, activation="tanh", kernel_regularizer=tf.keras.regularizers.L2(1e-4)),
        layers.Dropout(0.2),
        layers.Dense(10, activation="softmax"),
    ])
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    (folder / "model.py").write_text(NETWORK)
    return folder


@pytest.fixture
def launcher(folder):
    launcher = Launcher(folder)
    yield launcher
    launcher.close()


def begin(launcher, out, *more, **environment):
    words = [*OPTIONS, "--checkpoint-every", 3, "--out", out, *more]
    return launcher.start("reference.train", *words, **environment)


def two_workers(launcher, out, *more, by_tf_config=False):
    """Two processes that train together."""
    cluster = Cluster(tuple(f"127.0.0.1:{port}" for port in free_ports(2)))
    processes = []
    for index in range(2):
        words, environment = ["--workers", ",".join(cluster.workers), "--index", index], {}
        if by_tf_config:
            words, environment = [], {"TF_CONFIG": replace(cluster, index=index).tf_config()}
        processes.append(begin(launcher, out, *words, "--patience", 60, *more, **environment))
    return processes


@pytest.fixture(scope="module")
def whole(folder):
    """One training that nothing interrupts."""
    launcher = Launcher(folder)
    try:
        done(begin(launcher, "whole"))
    finally:
        launcher.close()
    return folder / "whole"


def history(folder):
    return json.loads((folder / "history.json").read_text())["history"]


def weights(folder):
    found = {}
    with h5py.File(folder / "model.weights.h5") as file:
        file.visititems(
            lambda name, item: (
                found.update({name: item[()]}) if isinstance(item, h5py.Dataset) else None
            )
        )
    assert len(found) >= 6
    return found


def assert_same_run(one, other):
    """Bit for bit the same weights, and the same history but for the clock."""
    ours, theirs = weights(one), weights(other)
    assert ours.keys() == theirs.keys()
    for name in ours:
        np.testing.assert_array_equal(ours[name], theirs[name])
    ours, theirs = history(one), history(other)
    assert ours.pop("seconds") != theirs.pop("seconds")
    assert ours == theirs


def assert_same_losses(one, other):
    ours, theirs = history(one), history(other)
    for name in ("loss", "val_loss"):
        np.testing.assert_allclose(ours[name], theirs[name], rtol=2e-6)
    for name in ("accuracy", "val_accuracy"):
        assert ours[name] == theirs[name]


def in_the_middle(folder):
    """Whether the checkpoint there is from within an epoch, and not the first one."""

    def condition():
        if not (folder / FILE).exists():
            return False
        with np.load(folder / FILE) as stored:
            progress = json.loads(str(stored["about"]))["progress"]
        return progress["epoch"] >= 2 and progress["step"] > 0

    return condition


def test_a_killed_training_goes_on_to_the_weights_of_one_that_was_not(launcher, folder, whole):
    process = begin(launcher, "killed")
    wait_until(in_the_middle(folder / "killed"), process)
    process.send_signal(signal.SIGKILL)
    assert outcome(process)[0] == -signal.SIGKILL
    assert len(history(folder / "killed")["loss"]) < EPOCHS

    code, _, error = outcome(begin(launcher, "killed"))
    assert code == 2
    assert error.startswith("Error: killed/checkpoint.npz is of a training that was not finished")
    code, _, error = outcome(begin(launcher, "killed", "--resume", "--seed", 4))
    assert code == 2
    assert error.endswith("is of one with seed 3\n")
    assert "Going on from killed/checkpoint.npz: epoch" in done(
        begin(launcher, "killed", "--resume")
    )
    assert_same_run(folder / "killed", whole)


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_who_stops_the_command_stops_the_training_that_was_handed_over(launcher, folder, name):
    words = [word for word in OPTIONS if word != str(EPOCHS)]
    process = launcher.start(
        "scratchnet", "train", "--on", "tensorflow", *words, 100_000, "--out", name
    )
    wait_until((folder / name / FILE).exists, process)
    if name == "SIGINT":
        os.killpg(process.pid, signal.SIGINT)  # as Ctrl-C does
    else:
        process.terminate()
    code, _, error = outcome(process)
    assert code == 130
    assert error.startswith(f"Interrupted. Kept in {name}: model.weights.h5, history.json and")
    assert error.endswith("of 100000 epochs. Go on with --resume.\n")


def test_copies_on_one_machine_have_the_losses_of_one(launcher, folder, whole):
    out = done(begin(launcher, "copies", "--replicas", 3))
    assert "Devices: CPU, CPU, CPU, 3 copies; float32, XLA off, TF32 off" in out
    assert_same_losses(folder / "copies", whole)


def test_two_workers_have_the_losses_of_one_and_survive_a_death(launcher, folder, whole):
    pair = two_workers(launcher, "both")
    assert "CPU, 2 copies on 2 machines" in done(pair[0])
    assert "The results are kept by 127.0.0.1:" in done(pair[1])
    assert_same_losses(folder / "both", whole)

    chief, other = two_workers(launcher, "widowed")
    wait_until(in_the_middle(folder / "widowed"), chief)
    other.send_signal(signal.SIGKILL)
    died = time.monotonic()
    code, _, error = outcome(chief)
    assert time.monotonic() - died < 30
    assert code == 1
    assert error.startswith("\nError: a worker is lost (")
    assert "while training: epoch " in error
    assert "; worker 1 (127.0.0.1:" in error
    assert error.endswith(
        "cannot be reached. Start all workers again, with --resume, to go on from the last "
        "checkpoint.\n"
    )
    for process in two_workers(launcher, "widowed", "--resume", by_tf_config=True):
        done(process)
    assert_same_run(folder / "widowed", folder / "both")


def test_two_workers_heed_sigterm_and_say_how_to_go_on(launcher, folder):
    chief, other = two_workers(launcher, "taken", "--epochs", 100_000)
    wait_until(in_the_middle(folder / "taken"), chief)
    chief.terminate()
    code, _, error = outcome(chief)
    assert code == 130
    assert error.startswith("Interrupted. Kept in taken: model.weights.h5, history.json and")
    assert error.endswith("of 100000 epochs. Go on with --resume.\n")
    code, _, error = outcome(other)
    assert code == 1
    assert "; worker 0 (127.0.0.1:" in error
    assert error.endswith(", with --resume, to go on from the last checkpoint.\n")


def test_a_worker_that_never_comes_is_named(launcher):
    here, there = free_ports(2)
    workers = f"127.0.0.1:{here},127.0.0.1:{there}"
    start = time.monotonic()
    process = begin(launcher, "alone", "--workers", workers, "--index", 0, "--patience", 6)
    code, _, error = outcome(process)
    assert time.monotonic() - start < 60
    assert code == -signal.SIGKILL  # by the watchdog: TensorFlow lets nothing else end it
    assert "Error: no progress for 6 seconds, while waiting for all workers to start; " in error
    assert error.endswith(
        f"worker 1 (127.0.0.1:{there}) cannot be reached. Start all workers again.\n"
    )


@pytest.mark.parametrize("resumable", [False, True])
def test_a_worker_that_hangs_tells_to_resume_only_where_there_is_a_checkpoint(launcher, resumable):
    workers = tuple(f"127.0.0.1:{port}" for port in free_ports(2))
    (launcher.folder / "hanging.py").write_text(
        "import time\nfrom reference.workers import Cluster, Watchdog\n"
        f"dog = Watchdog(Cluster({workers}), 1)\ndog.resumable = {resumable}\n"
        "dog.sign('training')\ntime.sleep(60)\n"
    )
    code, _, error = outcome(launcher.start("hanging"))
    assert code == -signal.SIGKILL
    assert error.startswith("\nError: no progress for 1 seconds, while training; worker 1 (")
    assert error.endswith(
        "cannot be reached. Start all workers again, with --resume, to go on from the last "
        "checkpoint.\n"
        if resumable
        else "cannot be reached. Start all workers again.\n"
    )


def test_workers_of_two_trainings_say_so_at_once_and_on_both_sides(launcher, folder):
    cluster = ",".join(f"127.0.0.1:{port}" for port in free_ports(2))
    odd = [["--seed", 3, "--batch-size", 32], ["--seed", 4, "--batch-size", 64]]
    pair = [
        begin(launcher, "odd", "--workers", cluster.replace(",", ", "), "--index", i, *more)
        for i, more in enumerate(odd)
    ]
    for process in pair:
        code, _, error = outcome(process)
        assert code == 2
        assert error.splitlines()[-1].endswith(
            "all workers must be started with the same options and data, received batch_size 64 on "
            "worker 1 and 32 on worker 0, seed 4 on worker 1 and 3 on worker 0"
        )
