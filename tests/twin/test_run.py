"""The twin training: equal where it must be, and every planted mistake found and named."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from scratchnet.twin import run as runs
from scratchnet.twin.options import TwinOptions
from scratchnet.twin.run import Twins
from tests.support.twin_programs import MODEL, NORMALIZED, SCRIPT, Replay, compare_with, record, run

# -- the same -------------------------------------------------------------------------------------


def test_three_epochs_of_the_seed_network_stay_within_the_bounds(capsys):
    """Equal printed accuracy and 1e-5 of each epoch's loss, without TensorFlow's spread to help."""
    settings = ("--learning-rate", "0.001", "--batch-size", "64", "--limit-train", "320")
    assert run("--data", "digits", *settings, "--out", "out") == 0
    said = capsys.readouterr().out
    assert "The same: nothing passed a bound." in said
    assert "15 steps compared" in said
    report = json.loads(Path("out/twin.json").read_text())
    assert report["findings"] == []
    assert len(report["epochs"]) == 3
    for epoch in report["epochs"]:
        ours, theirs = epoch["logs"]["scratchnet"], epoch["logs"]["tensorflow"]
        assert ours["loss"] == pytest.approx(theirs["loss"], rel=1e-5)
        assert f"{ours['accuracy']:.4f}" == f"{theirs['accuracy']:.4f}"
        assert epoch["steps"] == 5
    # It cannot be TensorFlow on both sides: somewhere the last bits differ.
    assert any(gap for gap, _ in report["weight_difference_by_step"])
    assert Path("out/twin.png").read_bytes().startswith(b"\x89PNG")


def test_a_script_with_two_loops_runs_on_both(capsys):
    Path("job.py").write_text(SCRIPT)
    assert run("--script", "job.py", "--seed", 3, "--out", "out") == 0
    said = capsys.readouterr().out
    assert "9 steps compared" in said
    assert "a script may print" not in said
    report = json.loads(Path("out/twin.json").read_text())
    assert [epoch["steps"] for epoch in report["epochs"]] == [3, 3, 3]
    assert sorted(report["epochs"][0]["logs"]["scratchnet"]) == [
        "accuracy",
        "loss",
        "val_accuracy",
        "val_loss",
    ]


# -- planted mistakes -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    """The options of a small Adam run, and what TensorFlow says of it under both settings."""
    folder = tmp_path_factory.mktemp("recorded")
    return record(folder, MODEL, epochs=2, batch_size=16, limit_train=48)


def test_without_a_mistake_nothing_is_found(recorded):
    twins = compare_with(recorded)
    assert twins.findings == []
    assert twins.judge.steps == 6
    first = twins.epochs[0].worst
    assert first["activation"][0].difference.relative < 1e-5


def changed(messages, step, role, delta):
    """What a side said, with the last array of `role` in a step made larger by `delta` of it."""
    found, steps = [], 0
    for kind, *rest in messages:
        if kind == "step":
            steps += 1
            if steps == step:
                seen, arrays = rest[0], list(rest[1])
                i = max(i for i, what in enumerate(seen) if what.role == role)
                arrays[i] = arrays[i] * np.float32(1 + delta)
                rest = [seen, arrays]
        found.append((kind, *rest))
    return found


def layer_of(name):
    return name.rpartition("/")[0]


def test_the_weight_difference_by_step_is_that_of_the_weights(recorded, tmp_path):
    """Of each step its own, of weights only, ours and that of TensorFlow's other settings."""
    options, (theirs, _) = recorded
    ours = changed(changed(theirs, 2, "weight", 1e-3), 4, "gradient", 0.5)
    other = changed(theirs, 5, "weight", 1e-4)
    twins = Twins(options, tmp_path)
    twins.compare([Replay(ours), Replay(theirs), Replay(other)])
    assert [gap for step, (gap, _) in enumerate(twins.drifts, 1) if step != 2] == [0] * 5
    assert [gap for step, (_, gap) in enumerate(twins.drifts, 1) if step != 5] == [0] * 5
    for step, delta, gap in ((2, 1e-3, twins.drifts[1][0]), (5, 1e-4, twins.drifts[4][1])):
        _, seen, arrays = [message for message in theirs if message[0] == "step"][step - 1]
        pairs = zip(seen, arrays, strict=True)
        sizes = {what.name: np.abs(a).max() for what, a in pairs if what.role == "weight"}
        *_, last = sizes
        largest = max(size for name, size in sizes.items() if layer_of(name) == layer_of(last))
        assert gap == pytest.approx(delta * sizes[last] / largest, rel=1e-2)
    twins.keep()
    report = json.loads((tmp_path / "twin.json").read_text())
    assert report["weight_difference_by_step"] == [list(pair) for pair in twins.drifts]


FAULTS = {
    "wrong_vjp": "step 1, backward: sequential/conv2d/kernel differs",
    "dropout_seed": "step 1, randomness: dropout_1 differs",
    "data_order": "step 4, data order: inputs differs",
    "epsilon": "step 1, update: sequential/",
    "initial_weight": "step 1, randomness: sequential/dense/kernel differs",
    "loss_factor": "step 4, forward: loss differs",
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_mistake_is_named(fault, recorded):
    twins = compare_with(recorded, fault)
    assert twins.findings
    assert twins.findings[0].startswith(FAULTS[fault])


@pytest.mark.parametrize("seed", [0, 1, 4294967295])
def test_a_bias_before_a_normalization_is_judged_by_what_its_gradient_sums(seed, tmp_path):
    """Its gradient is 0 but for rounding; a mistake in what is summed is found all the same."""
    normalized = record(tmp_path, NORMALIZED, epochs=1, limit_train=64, seed=seed)
    assert compare_with(normalized).findings == []
    if seed == 0:
        for fault in ("wrong_vjp", "wrong_moments"):
            (finding, *_) = compare_with(normalized, fault).findings
            assert finding.startswith("step 1, backward: conv2d/kernel differs")


def test_another_model_is_said_to_be_another(recorded):
    Path("model.py").write_text(MODEL.replace("Dense(128", "Dense(64"))
    options, (theirs, other) = recorded
    changed = TwinOptions(model="model.py", epochs=2, batch_size=16, limit_train=48)
    ours = runs._starts(changed, None)[0]()
    twins = Twins(options, Path("."))
    try:
        twins.compare([ours, Replay(theirs), Replay(other)])
    finally:
        ours.end()
    assert twins.findings == [
        "after step 0, structure: initial 'sequential/dense/kernel' of shape (676, 64), "
        "TensorFlow's (676, 128)"
    ]


# -- what goes wrong ------------------------------------------------------------------------------


def test_without_tensorflow_one_line_says_how_to_get_it(capsys, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert run() == 2
    assert capsys.readouterr().err == (
        "Error: TensorFlow is not installed; `pip install tensorflow` installs it\n"
    )


def test_a_script_that_fails_here_shows_its_traceback(capsys):
    Path("job.py").write_text(
        "import tensorflow as tf\nif 'scratchnet' in tf.__name__:\n    raise KeyError('oh')\n"
    )
    assert run("--script", "job.py") == 1
    said = capsys.readouterr().err
    assert said.startswith("The program failed on the side of scratchnet:\nTraceback")
    assert "KeyError: 'oh'" in said


def test_a_program_that_fails_on_both_sides_shows_its_own_lines(capsys):
    Path("job.py").write_text(
        "import tensorflow as tf\n\n\ndef loss(y, p):\n    return tf.matmul(p, tf.ones((7, 3)))\n"
        "\n\nm = tf.keras.Sequential([tf.keras.Input((4,)), tf.keras.layers.Dense(3)])\n"
        "m.compile('sgd', loss)\nm.fit(tf.ones((8, 4)), tf.ones((8, 3)), verbose=0)\n"
    )
    assert run("--script", "job.py") == 1
    said = capsys.readouterr().err
    assert said.startswith("The program fails on both sides; on scratchnet's:\nTraceback")
    assert "return tf.matmul(p, tf.ones((7, 3)))" in said
    assert said.count("\n") < 12


def test_another_order_is_no_difference(recorded, tmp_path):
    options, (theirs, other) = recorded
    turned = [
        (kind, rest[0][::-1], rest[1][::-1]) if kind == "step" else (kind, *rest)
        for kind, *rest in theirs
    ]
    twins = Twins(options, tmp_path)
    twins.compare([Replay(turned), Replay(theirs), Replay(other)])
    assert twins.findings == []
    assert twins.judge.steps == 6


def test_a_script_that_fails_on_tensorflow_only_and_one_that_trains_nothing():
    Path("job.py").write_text(
        "import tensorflow as tf\nif 'scratchnet' not in tf.__name__:\n    tf.no_such_thing\n"
    )
    Path("idle.py").write_text("print('nothing to do')\n")
    for script, says in (("job.py", "on the side of TensorFlow"), ("idle.py", "trained nothing")):
        twins = Twins.prepare(TwinOptions(script=script))
        with pytest.raises(runs.SideError, match=says):
            twins.run()
