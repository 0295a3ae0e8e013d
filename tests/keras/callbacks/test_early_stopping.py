"""EarlyStopping against Keras's, in the same fit."""

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


def test_state_of_a_new_one() -> None:
    def program(tf: Any) -> list[Any]:
        make = tf.keras.callbacks.EarlyStopping
        given = make("a", -0.5, 3, 1, "max", 2.0, True, 4)
        states = [state(make()), state(given)]
        states = [{**one, "best_epoch": 0} for one in states]  # Keras's come with the training
        given.wait = given.stopped_epoch = given.best_epoch = given.best = 9
        given.on_train_begin()  # the baseline is no best value any more
        return [*states, state(given)]

    same(program)


def test_it_says_nothing_unless_asked_to() -> None:
    def program(tf: Any) -> None:
        for restore in (True, False):
            stop = tf.keras.callbacks.EarlyStopping(restore_best_weights=restore)
            fit(linear(tf), script(tf, RUNS["up"]), stop)

    prints_the_same(program)


@pytest.mark.parametrize(
    ("argument", "value", "rule"),
    [
        ("restore_best_weights", np.ones(2), "must be"),
        ("baseline", np.ones(2), "must be one number"),
        ("patience", np.ones(2), "must be one number"),
        ("start_from_epoch", np.ones(2), "must be one number"),
        ("min_delta", np.ones(2), "must be one number"),
    ],
)
def test_arguments_that_are_refused(argument: str, value: Any, rule: str) -> None:
    with pytest.raises(ValueError, match=f"EarlyStopping: `{argument}` {rule}"):
        scratchnet.keras.callbacks.EarlyStopping(**{argument: value})


@pytest.mark.parametrize("argument", ["baseline", "patience", "start_from_epoch", "min_delta"])
def test_numbers_are_numbers(argument: str) -> None:
    with pytest.raises(TypeError, match=f"EarlyStopping: `{argument}` must be a number"):
        scratchnet.keras.callbacks.EarlyStopping(**{argument: "2"})


# The values of the epochs, driven by hand: (options, values).
DRIVEN: dict[str, tuple[dict[str, Any], list[Any]]] = {
    "patience 2": ({"patience": 2}, [3, 3, 3, 2, 2, 2, 2]),
    "patience 1": ({"patience": 1}, [3, 3, 2, 2]),
    "patience 0": ({}, [3, 3, 4]),
    "equal to delta": ({"min_delta": 1, "patience": 1}, [4, 3, 1.5, 0.5, 0]),
    "start": (
        {"start_from_epoch": 2, "patience": 1, "restore_best_weights": True},
        [1, 2, 3, 4, 5],
    ),
    "baseline": ({"baseline": 2, "patience": 2, "mode": "max"}, [1, 2, 2.5, 2.4, 2.3, 2.2]),
    "missing": ({"patience": 1}, [3, None, 4, 5]),
    "nan first": ({"patience": 1, "restore_best_weights": True}, [float("nan"), 1, 2, 3]),
}


@pytest.mark.filterwarnings("ignore:Early stopping conditioned")
@pytest.mark.parametrize("name", DRIVEN)
def test_epoch_by_epoch(name: str) -> None:
    """The state after each epoch, as if training did not stop."""

    def program(tf: Any) -> list[Any]:
        options, values = DRIVEN[name]
        stop, model = tf.keras.callbacks.EarlyStopping("loss", verbose=1, **options), linear(tf)
        stop.set_model(model)
        stop.on_train_begin()
        notes = []
        for epoch, value in enumerate(values):
            model.set_weights([np.full((3, 2), epoch), np.zeros(2)])
            model.stop_training = False
            stop.on_epoch_end(epoch, None if value is None else {"loss": value})
            kept = None if stop.best_weights is None else stop.best_weights[0].tolist()
            shown = state(stop) | {"model": None, "best_weights": kept, "monitor_op": None}
            notes.append(repr([shown, model.stop_training]))
        stop.on_train_end()
        return [notes, model.get_weights()[0].tolist()]

    same(program)
    prints_the_same(program)


def test_without_an_epoch_there_are_no_best_weights() -> None:
    def program(tf: Any) -> list[Any]:
        model = linear(tf)
        before = model.get_weights()
        stop = tf.keras.callbacks.EarlyStopping("loss", restore_best_weights=True)
        fit(model, stop, epochs=0)
        stop.model.stop_training = False
        return [stop.best_weights is None, *before, *model.get_weights()]

    close(program, 1)
