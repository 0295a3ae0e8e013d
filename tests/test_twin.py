"""The twin training: equal where it must be, and every planted mistake found and named."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from scratchnet import cli
from scratchnet.twin import bounds as judges
from scratchnet.twin import run as runs
from scratchnet.twin.bounds import Judge
from scratchnet.twin.differences import difference, kinks, other_winners
from scratchnet.twin.epochs import Epoch, passed_bound
from scratchnet.twin.observe import Seen
from scratchnet.twin.options import TwinOptions
from scratchnet.twin.process import Side
from scratchnet.twin.run import Twins

ROOT = Path(__file__).parents[2]
MODEL = """
def build(tf):
    k = tf.keras.layers
    model = tf.keras.Sequential([
        tf.keras.Input((28, 28, 1)),
        k.Conv2D(4, 3, activation="relu"),
        k.MaxPooling2D(),
        k.Dropout(0.25),
        k.Flatten(),
        k.Dense(128, activation="relu"),
        k.Dropout(0.5),
        k.Dense(10, activation="softmax"),
    ])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model
"""
NORMALIZED = """
def build(tf):
    k = tf.keras
    inputs = k.Input((28, 28, 1))
    h = k.layers.Conv2D(4, 3, padding="same", kernel_initializer="he_normal")(inputs)
    h = k.layers.Activation("relu")(k.layers.BatchNormalization()(h))
    h = k.layers.Flatten()(k.layers.AveragePooling2D(2)(h))
    h = k.layers.Dense(16, activation="tanh")(k.layers.Dropout(0.3, seed=4)(h))
    model = k.Model(inputs, k.layers.Dense(10, activation="softmax")(h))
    model.compile(k.optimizers.AdamW(1e-3), "sparse_categorical_crossentropy")
    return model
"""
SCRIPT = """
import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras.layers import BatchNormalization, Dense
from keras import layers

print("a script may print")
rng = np.random.default_rng(0)
x, y = rng.normal(size=(60, 5)).astype("float32"), rng.integers(0, 3, 60)


class Net(keras.Model):
    def __init__(self):
        super().__init__()
        self.hidden, self.norm = Dense(8, kernel_initializer="orthogonal"), BatchNormalization()
        self.drop, self.out = layers.Dropout(0.5), Dense(3)

    def call(self, inputs, training=False):
        hidden = tf.nn.relu(self.norm(self.hidden(inputs), training=training))
        return self.out(self.drop(hidden, training=training))


net = Net()
loss_of = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
net.compile("adam", loss_of, metrics=["accuracy"])
net.fit(x, y, batch_size=16, epochs=2, verbose=0, validation_split=0.2)

w = tf.Variable(tf.random.normal([5, 3]))
optimizer = keras.optimizers.SGD(0.1, momentum=0.9)
for rows, labels in tf.data.Dataset.from_tensor_slices((x, y)).shuffle(60).batch(25):
    with tf.GradientTape() as tape:
        logits = tf.matmul(rows, w)
        loss = tf.reduce_mean(
            tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits)
        )
    optimizer.apply_gradients([(tape.gradient(loss, w), w)])
"""


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    """An empty folder to work in, from which the processes that are started find the sources."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    return tmp_path


def run(*args):
    """The exit code of `scratchnet twin ARGS`."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["scratchnet", "twin", *map(str, args)])
        with pytest.raises(SystemExit) as stop:
            cli.main()
    return stop.value.code or 0


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


class Replay:
    """A side that says again what it said before."""

    def __init__(self, messages):
        self._messages = iter(messages)

    def read(self):
        return next(self._messages)


def said_by(side):
    messages = []
    try:
        while not messages or messages[-1][0] != "done":
            messages.append(side.read())
    finally:
        side.end()
    return messages


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    """The options of a small Adam run, and what TensorFlow says of it under both settings."""
    folder = tmp_path_factory.mktemp("recorded")
    return record(folder, MODEL, epochs=2, batch_size=16, limit_train=48)


def record(folder, model, **chosen):
    (folder / "model.py").write_text(model)
    options = TwinOptions(model=str(folder / "model.py"), out=str(folder), **chosen)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(ROOT))
        sides = [start() for start in runs._starts(options, None)[1:]]
        return options, [said_by(side) for side in sides]


def compare_with(recorded, fault=None):
    options, (theirs, other) = recorded
    twins = Twins(options, Path(options.out))
    sabotage = f"tests.support.twin_faults:{fault}" if fault else None
    ours = runs._starts(options, sabotage)[0]()
    try:
        twins.compare([ours, Replay(theirs), Replay(other)])
    finally:
        ours.end()
    return twins


def test_without_a_mistake_nothing_is_found(recorded):
    twins = compare_with(recorded)
    assert twins.findings == []
    assert twins.judge.steps == 6
    first = twins.epochs[0].worst
    assert first["activation"][0].difference.relative < 1e-5


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


def normalized_step(change):
    """A step on a Dense before a BatchNormalization, the gradient of its bias off by `change`."""
    rng = np.random.default_rng(3)
    x = rng.normal(size=(64, 5)).astype(F)
    norm, beta = (x - x.mean(0)) * F(4), rng.normal(size=5).astype(F)
    seen = [
        Seen("layer", "dense", terms=9, variables=("dense/kernel", "dense/bias")),
        Seen("layer", "norm", variables=("norm/beta",)),
        Seen("gradient", "dense/kernel"),
        Seen("gradient", "dense/bias"),
        Seen("gradient", "norm/beta"),
    ]
    bias = np.zeros(5, F)
    return seen, [x, norm, np.full((9, 5), 0.01, F), bias + F(change), beta]


@pytest.mark.parametrize(("change", "is_found"), [(3e-7, False), (1e-4, True)])
def test_the_bound_on_a_bias_before_a_normalization(change, is_found):
    seen, theirs = normalized_step(0)
    finding = Judge().step(seen, normalized_step(change)[1], theirs)[1]
    assert (finding is not None) == is_found
    assert Judge().step(seen[:-1], normalized_step(change)[1][:-1], theirs[:-1])[1] is not None


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


# -- the parts ------------------------------------------------------------------------------------

F = np.float32


def test_differences():
    assert difference(F([1, 2]), F([1, 2])).relative == 0
    assert difference(F([]), F([])).ulps == 0
    assert difference(F([0, 0]), F([0, 0])).relative == 0
    assert difference(F([np.inf, np.nan]), F([np.inf, np.nan])).relative == 0
    assert difference(F([np.inf, 1]), F([-np.inf, 1])).relative == np.inf
    assert difference(F([np.nan, 1]), F([1, 1])).relative == np.inf
    assert difference(np.uint8([1, 3]), np.uint8([2, 3])).largest == 1
    one_up = np.nextafter(F(3), F(4))
    assert difference(F([one_up, 1]), F([3, 1])).ulps == pytest.approx(1)


def test_kinks_are_counted():
    assert kinks(F([-1, 0, 1e-9, 2]), F([-1, 1e-9, 0, 2])) == 2


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize(("window", "strides"), [((2, 2), (2, 2)), ((3, 2), (1, 2)), ((2, 3), 1)])
def test_other_winners_are_those_of_the_argmax(window, strides, padding):
    """On few values, so that there are ties: the first of equal ones wins."""
    rng = np.random.default_rng(0)
    strides = (strides, strides) if isinstance(strides, int) else strides
    x, y = (rng.integers(-2, 2, (2, 7, 8, 3)).astype(F) for _ in range(2))
    places = [
        tf.nn.max_pool_with_argmax(v, window, strides, padding.upper())[1].numpy() for v in (x, y)
    ]
    assert other_winners(x, y, window, strides, padding) == np.count_nonzero(places[0] != places[1])
    assert other_winners(x, x, window, strides, padding) == 0


def dense_step(w, gradient, rate=0.1, spoil=None):
    """What a step of SGD on a layer of one kernel shows."""
    arrays = {
        "initial": w,
        "batch": np.ones((4, w.shape[0]), F),
        "layer": np.ones((4, w.shape[0]), F) @ w,
        "loss": np.float32(1),
        "gradient": gradient,
        "weight": w - F(rate) * gradient,
    }
    if spoil is not None:
        role, factor = spoil
        arrays[role] = arrays[role] * F(factor)
    names = {"batch": "inputs", "loss": "loss", "layer": "dense"}
    seen = [
        Seen(role, names.get(role, "dense/kernel"), terms=w.shape[0] * (role == "layer"),
             variables=("dense/kernel",))
        for role in arrays
    ]  # fmt: skip
    return seen, list(arrays.values())


@pytest.mark.parametrize(
    ("role", "phase"),
    [
        ("initial", "randomness"),
        ("batch", "data order"),
        ("layer", "forward"),
        ("loss", "forward"),
        ("gradient", "backward"),
        ("weight", "update"),
    ],
)
@pytest.mark.parametrize("factor", [1.0001, 2.0, np.nan])
def test_each_phase_has_a_bound(role, phase, factor):
    rng = np.random.default_rng(1)
    w, g = rng.normal(size=(9, 5)).astype(F), rng.normal(size=(9, 5)).astype(F)
    seen, theirs = dense_step(w, g)
    _, ours = dense_step(w, g, spoil=(role, factor))
    assert Judge().step(seen, theirs, theirs)[1] is None
    finding = Judge().step(seen, ours, theirs)[1]
    assert finding is not None
    assert (finding.step, finding.phase) == (1, phase)


def test_every_role_has_a_phase():
    assert set(judges.PHASES) >= {"initial", "batch", "layer", "loss", "gradient", "weight"}


def epoch(ours, theirs, other):
    return Epoch([{"loss": ours, "accuracy": 0.5}, {"loss": theirs, "accuracy": 0.5},
                  {"loss": other, "accuracy": 0.5}])  # fmt: skip


def test_the_bounds_of_an_epoch():
    assert not passed_bound([epoch(1.000009, 1.0, 1.0)])
    assert passed_bound([epoch(1.00002, 1.0, 1.0)]).startswith("epoch 1: loss is 1.00002")
    assert not passed_bound([epoch(1.0, 1.0, 1.1), epoch(1.15, 1.0, 1.0)])
    assert passed_bound([epoch(1.0, 1.0, 1.1), epoch(1.25, 1.0, 1.0)])
    assert passed_bound([epoch(np.nan, 1.0, 1.0)])
    one, two = epoch(1.0, 1.0, 1.0), epoch(1.0, 1.0, 1.0)
    two.logs[0]["accuracy"] = 0.5002
    assert "accuracy" in passed_bound([one, two])
    apart = epoch(1.005, 1.0, 1.0)
    apart.steps, apart.weight_gap = 10, 0.1
    assert passed_bound([apart])
    assert not passed_bound([apart], kinked=True)
    apart.weight_gap = 0.01
    assert passed_bound([apart], kinked=True)
    del apart.logs[0]["accuracy"]
    assert "where TensorFlow has" in passed_bound([apart])


# -- what goes wrong ------------------------------------------------------------------------------

BAD = [
    (["--epochs", "0"], "Error: --epochs must be at least 1, received 0"),
    (["--batch-size", "-3"], "Error: --batch-size must be at least 1, received -3"),
    (["--limit-train", "0"], "Error: --limit-train must be at least 1, received 0"),
    (["--optimizer", "rms"], "Error: --optimizer must be sgd or adam, received rms"),
    (["--loop", "while"], "Error: --loop must be fit or tape, received while"),
    (["--learning-rate", "nan"], "Error: --learning-rate must be positive and finite, received"),
    (["--seed", "-1"], "Error: --seed must be in [0, 2**32), received -1"),
    (["--data", "no.npz"], "Error: --data must be mnist, fashion_mnist, digits or the path of"),
    (["--model", "no.py"], "Error: --model must be a Python file that exists, received no.py"),
    (["--script", "."], "Error: --script must be a Python file that exists, received ."),
    (["--script", "a.py", "--model", "a.py"], "Error: --script must be given without --model"),
    (["--out", "a.py"], "Error: --out must be a folder that can be written to, received a.py"),
    (["--model", "a.py"], "Error: --model a.py: must define a function build(tf)"),
    (["--model", "b.py"], "Error: --model b.py: build(tf) must return a keras.Model, returned int"),
]


@pytest.mark.parametrize(("args", "says"), BAD, ids=lambda value: " ".join(value))
def test_a_wrong_option_is_one_line(args, says, capsys):
    Path("a.py").write_text("x = 1\n")
    Path("b.py").write_text("def build(tf):\n    return 1\n")
    assert run(*args) == 2
    said = capsys.readouterr().err
    assert said.startswith(says)
    assert said.count("\n") == 1


def test_without_tensorflow_one_line_says_how_to_get_it(capsys, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert run() == 2
    assert capsys.readouterr().err == (
        "Error: TensorFlow is not installed; `pip install '.[reference]'` installs it\n"
    )


def test_a_script_that_fails_here_shows_its_traceback(capsys):
    Path("job.py").write_text(
        "import tensorflow as tf\nif 'scratchnet' in tf.__name__:\n    raise KeyError('oh')\n"
    )
    assert run("--script", "job.py") == 1
    said = capsys.readouterr().err
    assert said.startswith("The program failed on the side of scratchnet:\nTraceback")
    assert "KeyError: 'oh'" in said


def test_a_side_that_dies_is_named(capsys):
    Path("job.py").write_text("import os\nos.write(2, b'last words')\nos._exit(7)\n")
    assert run("--script", "job.py") == 1
    assert capsys.readouterr().err == "scratchnet ended early (exit code 7):\nlast words\n"


def test_a_script_that_fails_on_tensorflow_only_and_one_that_trains_nothing():
    Path("job.py").write_text(
        "import tensorflow as tf\nif 'scratchnet' not in tf.__name__:\n    tf.no_such_thing\n"
    )
    Path("idle.py").write_text("print('nothing to do')\n")
    for script, says in (("job.py", "on the side of TensorFlow"), ("idle.py", "trained nothing")):
        twins = Twins.prepare(TwinOptions(script=script))
        with pytest.raises(runs.SideError, match=says):
            twins.run()


# -- ends -----------------------------------------------------------------------------------------


def children(process):
    found = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(process.pid)], capture_output=True, text=True
    ).stdout
    return [int(pid) for pid in found.split()]


def is_alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_no_process_outlives_the_command(how):
    process = subprocess.Popen(
        [sys.executable, "-m", "scratchnet", "twin", "--epochs", "1000"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # A shell's background job hands on SIGINT as ignored; a user's terminal does not.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    deadline = time.monotonic() + 60
    while len(children(process)) < 3 and time.monotonic() < deadline:
        time.sleep(0.05)
    sides = children(process)
    assert len(sides) == 3
    time.sleep(1)
    os.kill(process.pid, how)
    _, error = process.communicate(timeout=60)
    while any(map(is_alive, sides)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(map(is_alive, sides))
    if how == signal.SIGINT:
        assert process.returncode == 130
        assert error == "Interrupted.\n"


def test_a_side_ends_with_whoever_started_it():
    side = Side("scratchnet", "scratchnet", TwinOptions(epochs=1000))
    side._process.stdin.close()
    assert side._process.wait(60) == 1
    side._process.stdin = None
    side._process.stdout.close()
    side._errors.close()
