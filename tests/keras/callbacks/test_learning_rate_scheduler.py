"""LearningRateScheduler against Keras's, in the same fit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import scratchnet
from tests.support.callback_programs import fit, linear, state
from tests.support.keras_programs import close, complain_alike, prints_the_same, same

# Keras itself sets this off, at each reading of a variable.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
SCHEDULES: dict[str, Any] = {
    "epoch": lambda epoch: 0.1 / (epoch + 1),
    "epoch and rate": lambda epoch, rate: rate * 0.5 if epoch > 1 else rate,
    "float32": lambda epoch: np.float32(0.25),
    "float64": lambda epoch, rate: np.float64(rate) * 0.9,
}


@pytest.mark.parametrize("name", SCHEDULES)
def test_scheduler(name: str) -> None:
    def program(tf: Any) -> list[Any]:
        scheduler = tf.keras.callbacks.LearningRateScheduler(SCHEDULES[name])
        model = linear(tf)
        history = fit(model, scheduler, epochs=4).history
        return [history, list(history), model.get_weights()]

    close(program, 60)


def test_scheduler_prints() -> None:
    def program(tf: Any) -> None:
        for schedule in SCHEDULES.values():
            scheduler = tf.keras.callbacks.LearningRateScheduler(schedule, verbose=1)
            fit(linear(tf), scheduler, epochs=3)

    prints_the_same(program)


# name -> (program, what both texts say, what ours says)
COMPLAINTS: dict[str, tuple[Any, str, str]] = {
    "scheduler: no float": (
        lambda tf: fit(linear(tf), tf.keras.callbacks.LearningRateScheduler(lambda epoch: 1)),
        "The output of the `schedule` function should be a float. Got: 1",
        "",
    ),
}


@pytest.mark.parametrize("name", COMPLAINTS)
def test_complaints(name: str, folder: Path) -> None:
    complain_alike(*COMPLAINTS[name])


def test_state_of_a_new_one() -> None:
    def program(tf: Any) -> list[Any]:
        make = tf.keras.callbacks.LearningRateScheduler
        return [state(make(float)), state(make(float, 2))]

    same(program)


def test_it_says_nothing_unless_asked_to() -> None:
    def program(tf: Any) -> None:
        scheduler = tf.keras.callbacks.LearningRateScheduler(SCHEDULES["epoch"])
        fit(linear(tf), scheduler, epochs=1)

    prints_the_same(program)


@pytest.mark.parametrize("schedule", [5, None, 0.5, "epoch"])
def test_a_schedule_is_a_function(schedule: Any) -> None:
    with pytest.raises(TypeError, match="LearningRateScheduler: `schedule` must be a function"):
        scratchnet.keras.callbacks.LearningRateScheduler(schedule)


@pytest.mark.parametrize("rate", [1, "0.5", None, np.float16(0.5), np.array(0.5), True])
def test_a_rate_is_a_float(rate: Any) -> None:
    def program(tf: Any) -> None:
        model = linear(tf)
        scheduler = tf.keras.callbacks.LearningRateScheduler(lambda epoch, old: rate)
        scheduler.set_model(model)
        scheduler.on_epoch_begin(0)

    complain_alike(program, f"function should be a float. Got: {rate}")


def test_an_error_in_the_schedule_is_the_users() -> None:
    """Only a TypeError says that it takes the epoch alone."""

    def program(tf: Any) -> None:
        scheduler = tf.keras.callbacks.LearningRateScheduler(lambda epoch, old: {}[epoch])
        scheduler.set_model(linear(tf))
        scheduler.on_epoch_begin(3)

    complain_alike(program, "3")


def test_the_logs_at_the_end_of_an_epoch() -> None:
    def program(tf: Any) -> list[Any]:
        scheduler = tf.keras.callbacks.LearningRateScheduler(lambda epoch: 0.5)
        scheduler.set_model(linear(tf, rate=0.25))
        logs: dict[str, Any] = {"loss": 1.0}
        scheduler.on_epoch_end(0, logs)
        scheduler.on_epoch_end(0)  # no logs to write into
        empty: dict[str, Any] = {}
        scheduler.on_epoch_end(0, empty)
        return [{k: float(v) for k, v in made.items()} for made in (logs, empty)]

    same(program)
