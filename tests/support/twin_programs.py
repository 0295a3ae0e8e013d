"""Programs for both sides of a twin training, and sides that say again what they said."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from scratchnet import cli
from scratchnet.twin import run as runs
from scratchnet.twin.options import TwinOptions
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


def run(*args):
    """The exit code of `scratchnet twin ARGS`."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["scratchnet", "twin", *map(str, args)])
        with pytest.raises(SystemExit) as stop:
            cli.main()
    return stop.value.code or 0


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


def networks_script(names):
    """A script that trains these of `tests.support.twin_networks`, one after the other."""
    return (
        "import tensorflow as tf\n"
        "from tests.support.twin_networks import NETWORKS\n"
        f"for name in {list(names)}:\n"
        "    tf.keras.backend.clear_session()\n"
        "    NETWORKS[name](tf)\n"
    )


def record(folder, model=None, script=None, **chosen):
    kind, text = ("model", model) if script is None else ("script", script)
    (folder / f"{kind}.py").write_text(text)
    chosen[kind] = str(folder / f"{kind}.py")
    options = TwinOptions(out=str(folder), **chosen)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(ROOT))
        sides = [start() for start in runs._starts(options, None)[1:]]
        return options, [said_by(side) for side in sides]


def first_finding(recorded, fault):
    """What is found first with `fault` planted; the run ends there."""
    options, (theirs, other) = recorded
    twins = Twins(options, Path(options.out))
    sides = [Replay(theirs), Replay(other)]
    ours = runs._starts(options, f"tests.support.twin_faults:{fault}")[0]()
    try:
        while twins._take(runs._read([ours, *sides])) and not twins.findings:
            pass
    finally:
        ours.end()
    return (twins.findings or ["nothing"])[0]


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
