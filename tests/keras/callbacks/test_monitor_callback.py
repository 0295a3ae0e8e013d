"""Which way a monitored value is better, against Keras's."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.callback_programs import fit, linear, script
from tests.support.keras_programs import complain_alike, same

# Keras itself sets this off, at each reading of a variable.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


def no_direction(tf: Any) -> Any:
    def mine(y_true: Any, y_pred: Any) -> Any:
        return tf.reduce_mean(tf.abs(y_true - y_pred), -1)

    return mine


METRICS: dict[str, Any] = {
    "mae": lambda tf: ["mae"],
    "accuracy": lambda tf: ["accuracy"],
    "acc": lambda tf: ["acc"],
    "mse": lambda tf: [tf.keras.metrics.MeanSquaredError(name="mse")],
    "rmse": lambda tf: [tf.keras.metrics.RootMeanSquaredError(name="rmse")],
    "top": lambda tf: [tf.keras.metrics.TopKCategoricalAccuracy(k=1, name="top")],
    "sparse_top": lambda tf: [tf.keras.metrics.TopKCategoricalAccuracy(k=1, name="sparse_top")],
    "binary": lambda tf: [tf.keras.metrics.BinaryAccuracy(name="binary")],
    "mean_squared_error": lambda tf: [tf.keras.losses.get("mse")],
    "wrapped": lambda tf: [
        tf.keras.metrics.MeanMetricWrapper(tf.keras.losses.MeanAbsoluteError(), name="wrapped")
    ],
    "bce": lambda tf: [tf.keras.metrics.BinaryCrossentropy(name="bce")],
}


@pytest.mark.parametrize("prefix", ["", "val_"])
@pytest.mark.parametrize("name", METRICS)
def test_direction(name: str, prefix: str) -> None:
    def program(tf: Any) -> list[Any]:
        stop = tf.keras.callbacks.EarlyStopping(prefix + name)
        steps = script(tf, [1, 2, 1, 3], prefix + name)
        model = linear(tf, METRICS[name](tf))
        return [fit(model, steps, stop, epochs=4).epoch, stop.best, stop.min_delta]

    same(program)


@pytest.mark.parametrize("cls", ["EarlyStopping", "ReduceLROnPlateau", "ModelCheckpoint"])
@pytest.mark.parametrize("monitor", ["mine", "foo"])
def test_no_direction(cls: str, monitor: str) -> None:
    def program(tf: Any) -> None:
        options = {"filepath": "a.weights.h5", "save_weights_only": True}
        given = options if cls == "ModelCheckpoint" else {}
        callback = getattr(tf.keras.callbacks, cls)(monitor=monitor, **given)
        fit(linear(tf, [no_direction(tf)]), callback, epochs=2)

    complain_alike(program, f"{cls} callback received monitor={monitor}, but Keras isn't able to")


def test_unknown_mode_warns() -> None:
    complain_alike(
        lambda tf: tf.keras.callbacks.EarlyStopping(mode="up"),
        "EarlyStopping mode 'up' is unknown, fallback to auto mode.",
    )
