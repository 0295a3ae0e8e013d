"""EarlyStopping against Keras's, in the same fit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.support.callback_programs import RUNS, fit, linear, script
from tests.support.keras_programs import close, complain_alike, prints_the_same, same

# Keras itself sets this off, at each reading of a variable.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


STOPS: dict[str, dict[str, Any]] = {
    "default": {},
    "patience": {"patience": 2},
    "delta": {"min_delta": 0.75, "patience": 1},
    "negative delta": {"min_delta": -0.75, "patience": 1},
    "max": {"mode": "max", "patience": 2},
    "baseline": {"baseline": 3.2, "patience": 3},
    "restore": {"patience": 2, "restore_best_weights": True},
    "restore with baseline": {"baseline": 0.5, "patience": 1, "restore_best_weights": True},
    "late": {"start_from_epoch": 3, "patience": 1, "restore_best_weights": True},
}


@pytest.mark.parametrize("run", RUNS)
@pytest.mark.parametrize("name", STOPS)
def test_early_stopping(name: str, run: str) -> None:
    def program(tf: Any) -> list[Any]:
        stop = tf.keras.callbacks.EarlyStopping(**STOPS[name])
        model = linear(tf)
        history = fit(model, script(tf, RUNS[run]), stop)
        state = [stop.wait, stop.stopped_epoch, stop.best, stop.best_epoch]
        return [history.epoch, state, model.get_weights(), history.history["loss"]]

    close(program, 100)


def test_early_stopping_serves_two_runs() -> None:
    def program(tf: Any) -> list[Any]:
        stop, model = tf.keras.callbacks.EarlyStopping(patience=1), linear(tf)
        runs = [fit(model, script(tf, RUNS[run]), stop).epoch for run in ("up", "rising")]
        return [runs, stop.best, stop.wait]

    same(program)


@pytest.mark.parametrize("restore", [True, False])
@pytest.mark.parametrize("run", ["up", "falling"])
def test_early_stopping_prints(run: str, restore: bool) -> None:
    def program(tf: Any) -> None:
        stop = tf.keras.callbacks.EarlyStopping(verbose=1, restore_best_weights=restore)
        fit(linear(tf), script(tf, RUNS[run]), stop)

    prints_the_same(program)


# name -> (program, what both texts say, what ours says)
COMPLAINTS: dict[str, tuple[Any, str, str]] = {
    "stop: missing": (
        lambda tf: fit(linear(tf), tf.keras.callbacks.EarlyStopping(), epochs=1),
        "Early stopping conditioned on metric `val_loss` which is not available. Available "
        "metrics are: loss",
        "",
    ),
}


@pytest.mark.parametrize("name", COMPLAINTS)
def test_complaints(name: str, folder: Path) -> None:
    complain_alike(*COMPLAINTS[name])
