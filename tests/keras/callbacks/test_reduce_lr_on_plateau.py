"""ReduceLROnPlateau against Keras's, in the same fit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.support.callback_programs import RUNS, fit, linear, script
from tests.support.keras_programs import close, complain_alike, prints_the_same

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
