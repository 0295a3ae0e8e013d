"""LearningRateScheduler against Keras's, in the same fit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.support.callback_programs import fit, linear
from tests.support.keras_programs import close, complain_alike, prints_the_same

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
