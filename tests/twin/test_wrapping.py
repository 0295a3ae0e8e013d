"""TensorFlow, wrapped, tells a listener what scratchnet does of the same program."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow

import scratchnet
from scratchnet.extend import Listener, listening
from scratchnet.twin.wrapping import tell_listeners


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
        keras.losses.Loss: ("__call__",),
        keras.optimizers.Optimizer: ("apply",),
        keras.callbacks.CallbackList: ("on_epoch_end",),
    }.items():
        for name in names:
            monkeypatch.setattr(cls, name, getattr(cls, name))  # as it is, to be put back
    tell_listeners(tensorflow)


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
