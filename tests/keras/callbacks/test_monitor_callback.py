"""Which way a monitored value is better, against Keras's."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest

import scratchnet
from scratchnet.keras.callbacks.monitor_callback import MonitorCallback
from tests.support.callback_programs import fit, linear, script, state
from tests.support.keras_programs import complain_alike, same

# Keras itself sets this off, at each reading of a variable.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


def monitor_callback(tf: Any) -> Any:
    return MonitorCallback if tf is scratchnet else keras.src.callbacks.MonitorCallback


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


def test_state_of_a_new_one() -> None:
    def program(tf: Any) -> list[Any]:
        make = monitor_callback(tf)
        return [state(make()), state(make("a", "min", 2.0, -0.5)), state(make(min_delta=0.5))]

    same(program)


@pytest.mark.parametrize("mode", ["min", "max", "auto"])
@pytest.mark.parametrize("delta", [0, 0.5, -0.5])
def test_what_is_better(mode: str, delta: float) -> None:
    """Below, at and above the bounds; better than nothing is anything."""

    def program(tf: Any) -> list[Any]:
        watch = monitor_callback(tf)("loss", mode, min_delta=delta)
        watch.set_model(linear(tf))
        found = [watch._is_improvement(2.0, None), watch.min_delta]
        watch._set_monitor_op()
        values = [1.0, 1.25, 1.5, 1.75, 2.0, 2.25, 2.5, 2.75, 3.0, float("nan")]
        found += [bool(watch._is_improvement(value, 2.0)) for value in values]
        return [*found, watch.min_delta]

    same(program)


def test_the_direction_is_found_once() -> None:
    watch = monitor_callback(scratchnet)("loss", min_delta=0.5)
    watch.set_model(linear(scratchnet))
    assert [watch._is_improvement(value, 2.0) for value in (1.6, 1.4, 1.4, 1.6)] == [
        *(False, True, True, False)
    ]
    assert watch.min_delta == -0.5


def test_values_are_compared_in_float32() -> None:
    def program(tf: Any) -> list[bool]:
        watch = monitor_callback(tf)("loss", "min")
        watch._set_monitor_op()
        return [bool(watch._is_improvement(value, 1.0)) for value in (1 - 1e-9, 1 - 1e-7)]

    assert same(program) == [False, True]


@pytest.mark.parametrize("cls", ["EarlyStopping", "ReduceLROnPlateau", "ModelCheckpoint"])
def test_arguments_that_are_refused(cls: str) -> None:
    def make(**options: Any) -> None:
        given = {"filepath": "a.keras"} if cls == "ModelCheckpoint" else {}
        getattr(scratchnet.keras.callbacks, cls)(**given, **options)

    with pytest.raises(AttributeError, match=f"{cls}: `monitor` must be the name of a metric"):
        make(monitor=3)
    with pytest.raises(ValueError, match=f"{cls}: `mode` must be 'auto', 'min' or 'max', rec"):
        make(mode=np.array(["min"]))


@pytest.mark.parametrize("argument", ["baseline", "min_delta"])
def test_numbers_are_numbers(argument: str) -> None:
    make = monitor_callback(scratchnet)
    with pytest.raises(TypeError, match=f"MonitorCallback: `{argument}` must be a number"):
        make(**{argument: "a"})
    with pytest.raises(ValueError, match=f"MonitorCallback: `{argument}` must be one number"):
        make(**{argument: np.ones(2)})


def test_a_missing_value_is_told_with_the_others() -> None:
    stop = scratchnet.keras.callbacks.EarlyStopping("foo", mode="min")
    with pytest.warns(UserWarning, match="Available metrics are: b,a$") as caught:
        stop.on_epoch_end(0, {"b": 1, "a": 2})
    assert caught[0].filename == __file__  # and not a file of ours
    with pytest.warns(UserWarning, match="Available metrics are: $"):
        assert stop.get_monitor_value(None) is None
