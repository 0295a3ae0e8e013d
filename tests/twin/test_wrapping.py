"""TensorFlow, wrapped, tells a listener what scratchnet does of the same program."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow

import scratchnet
from scratchnet.extend import Listener, listening
from scratchnet.twin.wrapping import nudged, tell_listeners


class Events(Listener):
    """The names of the events while a tape is active or afterwards, and of the layers."""

    wants_layers = True

    def __init__(self) -> None:
        self.told: list[Any] = []
        self.tapes = 0

    def begin_tape(self, tape: Any) -> None:
        self.tapes += 1
        self.told.append("begin tape")

    def end_tape(self, tape: Any) -> None:
        self.tapes -= 1
        self.told.append("end tape")

    def begin_layer(self, call: Any) -> None:
        if self.tapes:
            self.told.append(("begin", call.layer.name, tuple(np.shape(call.args[0]))))

    def end_layer(self, call: Any) -> None:
        if self.tapes:
            self.told.append(("end", call.layer.name, type(call.error).__name__))

    def begin_loss(self, call: Any) -> None:
        self.told.append(("loss", tuple(np.shape(call.y_true))))

    def begin_gradient(self, call: Any) -> None:
        self.told.append(("gradient", call.method))

    def begin_update(self, update: Any) -> None:
        self.told.append(("update", len(update.gradients), [v.path for v in update.variables]))

    def end_update(self, update: Any) -> None:
        self.told.append(("updated", type(update.error).__name__))

    def end_epoch(self, model: Any, epoch: int, logs: Any) -> None:
        self.told.append(("epoch", model.name, epoch, sorted(logs)))


@pytest.fixture
def _wrapped(monkeypatch: pytest.MonkeyPatch) -> None:
    keras = tensorflow.keras
    for cls, names in {
        tensorflow.GradientTape: ("__enter__", "__exit__", "gradient"),
        keras.layers.Layer: ("__call__",),
        keras.Operation: ("__call__",),
        keras.losses.Loss: ("__call__",),
        keras.optimizers.Optimizer: ("apply",),
        keras.callbacks.CallbackList: ("on_epoch_end",),
    }.items():
        for name in names:
            monkeypatch.setattr(cls, name, getattr(cls, name))  # as it is, to be put back
    tell_listeners(tensorflow)


@pytest.fixture
def _nudging(_wrapped: None) -> None:
    tell_listeners(tensorflow, nudging=True)  # around the others, as of a process of its own


def program(tf: Any) -> list[Any]:
    layers = tf.keras.layers
    x, y = np.ones((4, 8, 8, 1), np.float32), np.ones((4, 1), np.float32)
    model = tf.keras.Sequential(
        [
            tf.keras.Input((8, 8, 1)),
            layers.Conv2D(16, 3, name="conv"),
            layers.MaxPooling2D(name="pool"),
            layers.Flatten(name="flat"),
            layers.Dense(1, name="dense"),
        ],
        name="model",
    )
    loss, optimizer = tf.keras.losses.MeanSquaredError(), tf.keras.optimizers.SGD(0.1)
    with listening(Events()) as events:
        with tf.GradientTape() as tape:
            value = loss(y, model(x, training=True))
        gradients = tape.gradient(value, model.trainable_variables)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
        model.compile(optimizer, loss, run_eagerly=True)
        model.fit(x, y, batch_size=2, epochs=2, verbose=0)

        class Bad(layers.Layer):
            def call(self, x: Any) -> Any:
                raise ValueError("no")

        with tf.GradientTape(), pytest.raises(ValueError, match="no"):
            Bad(name="bad")(tf.ones((2, 2)))
    return events.told


@pytest.mark.usefixtures("_wrapped")
def test_both_sides_tell_the_same() -> None:
    ours, theirs = program(scratchnet), program(tensorflow)
    assert ours == theirs
    assert ours.count("begin tape") == 6
    assert ("epoch", "model", 1, ["loss"]) in ours
    assert ("end", "bad", "ValueError") in ours
    assert ours[-2:] == [("end", "bad", "ValueError"), "end tape"]


def operators(tf: Any) -> list[Any]:
    """A functional model with operators, which are no layers in Keras; built while it is told."""
    with listening(Events()) as events, tf.GradientTape():
        x = tf.keras.Input((2,))
        hidden = tf.keras.layers.Dense(2, name="dense")(x)
        model = tf.keras.Model(x, tf.keras.layers.ReLU(name="relu")(x + hidden * hidden))
        model(np.ones((3, 2), np.float32))
    return [told[1].rstrip("_0123456789") for told in events.told if told[0] == "begin"]


@pytest.mark.usefixtures("_wrapped")
def test_operators_are_told_and_what_is_symbolic_is_not() -> None:
    assert operators(tensorflow) == operators(scratchnet)
    assert operators(tensorflow) == ["functional", "dense", "multiply", "add", "relu"]


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_a_nudge_is_a_unit_in_the_last_place(dtype: str) -> None:
    values = np.random.default_rng(0).normal(size=(40, 5)).astype(dtype)
    values[0] = [0, 1, -3, np.inf, np.nan]  # integers, and what has no neighbour
    x = tensorflow.constant(values)
    with tensorflow.GradientTape() as tape:
        tape.watch(x)
        y = nudged(tensorflow, x)
    moved = np.asarray(y)
    np.testing.assert_array_equal(moved[0], values[0])
    steps = (moved[1:] - values[1:]) / np.spacing(np.abs(values[1:]))
    assert set(np.unique(np.round(np.abs(steps), 1))) <= {0.5, 1.0}
    assert 0.3 < np.mean(steps > 0) < 0.7
    g = tape.gradient(y, x, output_gradients=x)
    np.testing.assert_array_equal(g, moved)
    numbers = tensorflow.constant([1, 2])
    assert nudged(tensorflow, numbers) is numbers


@pytest.mark.usefixtures("_nudging")
def test_a_nudged_training_is_the_training_but_for_rounding() -> None:
    tf = tensorflow
    tf.keras.utils.set_random_seed(0)
    dense = tf.keras.layers.Dense(3, activation="tanh")
    x = tf.random.normal([20, 4])
    with tf.GradientTape(persistent=True) as tape:
        y = dense(x)
        loss = tf.reduce_sum(y * y)
    w = dense.kernel.value
    plain = 2 * tf.matmul(x, y * (1 - y * y), transpose_a=True)
    gradients = [
        tape.gradient(loss, dense.trainable_variables)[0],
        tape.gradient([loss], {"w": w})["w"],
        tape.gradient(y, w, output_gradients=2 * y),
        tape.gradient(y, [w], [2 * y])[0],
    ]
    for g in gradients:
        np.testing.assert_allclose(g, plain, rtol=1e-5, atol=1e-5)
        assert not np.array_equal(g, plain)
    assert tape.gradient(loss, tf.constant(1.0)) is None
    rows = tf.Variable(tf.ones([4, 2]))
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(tf.gather(rows, [1, 1]) * 3.0)
    slices = tape.gradient(loss, rows)
    assert isinstance(slices, tf.IndexedSlices)
    np.testing.assert_allclose(tf.convert_to_tensor(slices)[1], [6.0, 6.0], rtol=1e-6)


def padded(tf: Any) -> list[Any]:
    """What layers call of ``keras.ops`` is no layer, though Keras has an Operation for it."""
    layers = tf.keras.layers
    model = tf.keras.Sequential(
        [layers.ZeroPadding1D(name="zeros"), layers.Conv1D(2, 3, padding="causal", name="causal")]
    )
    with listening(Events()) as events, tf.GradientTape():
        tf.keras.ops.pad(model(np.ones((1, 4, 2), np.float32)), [[0, 0], [1, 0], [0, 0]])
    return [told[1] for told in events.told if told[0] == "begin"][1:]


@pytest.mark.usefixtures("_wrapped")
def test_functions_of_keras_are_not_told() -> None:
    assert padded(tensorflow) == padded(scratchnet) == ["zeros", "causal"]
