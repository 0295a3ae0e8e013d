"""ReduceLROnPlateau against Keras's, in the same fit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import scratchnet
from tests.support.callback_programs import RUNS, fit, linear, script, state
from tests.support.keras_programs import close, complain_alike, prints_the_same, same

# Keras itself sets this off, at each reading of a variable.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
PLATEAUS: dict[str, dict[str, Any]] = {
    "patience": {"patience": 1, "factor": 0.5},
    "cooldown": {"patience": 1, "factor": 0.5, "cooldown": 2},
    "delta": {"patience": 2, "min_delta": 0.75},
    "lowest": {"patience": 1, "factor": 0.3, "min_lr": 0.01},
    "max": {"patience": 1, "mode": "max", "factor": 0.9},
    "no patience": {"patience": 0, "factor": 0.5},
}


@pytest.mark.parametrize("run", RUNS)
@pytest.mark.parametrize("name", PLATEAUS)
def test_reduce_on_plateau(name: str, run: str) -> None:
    def program(tf: Any) -> list[Any]:
        reduce = tf.keras.callbacks.ReduceLROnPlateau(**PLATEAUS[name])
        model = linear(tf)
        history = fit(model, script(tf, RUNS[run]), reduce).history
        return [history, reduce.wait, reduce.cooldown_counter, reduce.best, list(history)]

    close(program, 100)


def test_reduce_on_plateau_prints() -> None:
    def program(tf: Any) -> None:
        reduce = tf.keras.callbacks.ReduceLROnPlateau(patience=1, factor=0.3, verbose=1)
        fit(linear(tf), script(tf, RUNS["up"]), reduce)

    prints_the_same(program)


# name -> (program, what both texts say, what ours says)
COMPLAINTS: dict[str, tuple[Any, str, str]] = {
    "reduce: missing": (
        lambda tf: fit(linear(tf), tf.keras.callbacks.ReduceLROnPlateau(), epochs=1),
        "Learning rate reduction is conditioned on metric `val_loss` which is not available. "
        "Available metrics are: loss,learning_rate",
        "",
    ),
    "reduce: factor": (
        lambda tf: tf.keras.callbacks.ReduceLROnPlateau(factor=1.0),
        "ReduceLROnPlateau does not support a factor >= 1.0. Received factor=1.0",
        "",
    ),
    "reduce: schedule": (
        lambda tf: fit(
            linear(tf, rate=tf.keras.optimizers.schedules.CosineDecay(0.1, 9)),
            script(tf, [1.0, 2.0]),
            tf.keras.callbacks.ReduceLROnPlateau(patience=1),
            epochs=2,
        ),
        "`learning_rate`",
        "is a schedule and stays one",
    ),
}


@pytest.mark.parametrize("name", COMPLAINTS)
def test_complaints(name: str, folder: Path) -> None:
    complain_alike(*COMPLAINTS[name])


def test_state_of_a_new_one() -> None:
    def program(tf: Any) -> list[Any]:
        make = tf.keras.callbacks.ReduceLROnPlateau
        given = make("a", 0.5, 3, 1, "max", -0.5, 4, 0.125)
        states = [state(make()), state(given), given.in_cooldown()]
        given.wait = given.cooldown_counter = given.best = 9
        states.append(given.in_cooldown())
        given.on_train_begin()
        return [*states, state(given)]

    same(program)


@pytest.mark.parametrize("verbose", [0, 1])
@pytest.mark.parametrize("patience", [1, 2, 3])
@pytest.mark.parametrize("cooldown", [0, 1, 2])
def test_epoch_by_epoch(cooldown: int, patience: int, verbose: int) -> None:
    """State, rate and logs after each epoch, down to the lowest rate."""

    def program(tf: Any) -> list[Any]:
        reduce = tf.keras.callbacks.ReduceLROnPlateau(
            *("loss", 0.25, patience, verbose), cooldown=cooldown, min_lr=0.03125
        )
        model, notes = linear(tf, rate=0.5), []
        reduce.set_model(model)
        reduce.on_train_begin()
        for epoch, value in enumerate([3, 3, 3, 3, 2, 2, 2, 2, 2, 2, 2, 2]):
            logs = {"loss": value}
            reduce.on_epoch_end(epoch, logs)
            shown = state(reduce) | {"model": None, "monitor_op": None}
            notes.append([shown, {k: float(v) for k, v in logs.items()}, reduce.in_cooldown()])
        return notes

    same(program)
    prints_the_same(program)


@pytest.mark.filterwarnings("ignore:Learning rate reduction is conditioned")
def test_epochs_without_logs() -> None:
    def program(tf: Any) -> list[Any]:
        reduce = tf.keras.callbacks.ReduceLROnPlateau("loss")
        reduce.set_model(linear(tf))
        empty: dict[str, Any] = {}
        reduce.on_epoch_end(0, empty)
        reduce.on_epoch_end(1)
        return [empty, reduce.wait, reduce.best]

    same(program)


@pytest.mark.parametrize("argument", ["factor", "patience", "min_delta"])
def test_arguments_that_are_refused(argument: str) -> None:
    make = scratchnet.keras.callbacks.ReduceLROnPlateau
    with pytest.raises(TypeError, match=f"ReduceLROnPlateau: `{argument}` must be a number"):
        make(**{argument: "a"})
    with pytest.raises(ValueError, match=f"ReduceLROnPlateau: `{argument}` must be one number"):
        make(**{argument: np.ones(2)})
