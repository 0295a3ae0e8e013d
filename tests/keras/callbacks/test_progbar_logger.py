"""The time that remains leaves out the first step, in which kernels may be compiled."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest

from scratchnet.keras.callbacks import ProgbarLogger
from scratchnet.keras.utils import progbar
from tests.support.callback_programs import state
from tests.support.keras_programs import prints_the_same, same


class Clock:
    now = 1e9

    def time(self) -> float:
        return self.now


def test_the_time_that_remains(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    clock: Any = Clock()
    monkeypatch.setattr(progbar, "time", clock)
    logger = ProgbarLogger()
    logger.set_params({"verbose": 1, "epochs": 2, "steps": 1000})

    def drawn(batch: int, seconds: float) -> str:
        clock.now += seconds
        logger.on_train_batch_end(batch, {"loss": 1.0})
        return re.findall("\x1b\\[1m([\\d:]+s?)\x1b\\[0m", capsys.readouterr().out)[-1]

    logger.on_train_begin()
    logger.on_epoch_begin(0)
    assert drawn(0, 25.0) == "25s"  # what has passed, and not 25 s times 999
    assert drawn(1, 0.1) == "1:39"
    logger.on_epoch_end(0, {})
    logger.on_epoch_begin(1)
    assert drawn(0, 0.1) == "1:39"  # nothing is compiled any more


def test_state_of_a_new_one() -> None:
    def program(tf: Any) -> list[Any]:
        logger = tf.keras.callbacks.ProgbarLogger()
        new = state(logger)
        logger.set_params({"verbose": "auto", "epochs": 2, "steps": 3})
        return [new, logger.verbose, logger.epochs, logger.target]

    same(program)
    logger = ProgbarLogger()
    logger.set_params(given := {"verbose": 2, "epochs": 1, "steps": None})
    assert logger.params is given


def drawings(text: str) -> str:
    """Without the times: that of the first drawing is another here."""
    text = re.sub("\x1b\\[1m[\\d:]+s?\x1b\\[0m *[\\d]+[mu]?s/step", "TIME", text)
    return re.sub(r"\d+s - *\d+[mu]?s/step|\d+s -  ?\d+[mu]?s/step", "TIME", text)


def fit_like(logger: Any, epochs: int) -> None:
    logger.on_train_begin()
    for epoch in range(epochs):
        logger.on_epoch_begin(epoch)
        for batch in range(3):
            logger.on_train_batch_end(batch, {"loss": batch / 4})
            print_state(logger)
        logger.on_test_begin()
        logger.on_test_batch_end(0, {"loss": 9.0})
        logger.on_test_end({"loss": 9.0})
        logger.on_epoch_end(epoch, {"loss": 0.5, "val_loss": 0.25} if epoch else None)
        print_state(logger)


def evaluate_like(logger: Any, epochs: int) -> None:
    for again in range(epochs):
        logger.on_test_begin()
        for batch in range(3):
            logger.on_test_batch_end(batch, {"loss": batch / 4} if again else None)
            print_state(logger)
        logger.on_test_end({"loss": 0.5} if again else None)


def predict_like(logger: Any, epochs: int) -> None:
    for _ in range(epochs):
        logger.on_predict_begin()
        for batch in range(3):
            logger.on_predict_batch_end(batch, {"outputs": 1.0})
        logger.on_predict_end({})
        print_state(logger)


def print_state(logger: Any) -> None:
    print("\nSEEN", logger.seen, logger.target, logger.progbar.target)


@pytest.mark.parametrize("run", [fit_like, evaluate_like, predict_like])
@pytest.mark.parametrize("steps", [3, None])
@pytest.mark.parametrize("epochs", [1, 2])
@pytest.mark.parametrize("verbose", [0, 1, 2, "auto"])
def test_what_is_drawn(
    run: Any, steps: int | None, epochs: int, verbose: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()

    def ticking() -> float:
        clock.now += 1.0  # so that each update is drawn
        return clock.now

    monkeypatch.setattr(time, "time", ticking)

    def program(tf: Any) -> None:
        logger = tf.keras.callbacks.ProgbarLogger()
        logger.set_params({"verbose": verbose, "epochs": epochs, "steps": steps})
        run(logger, epochs)

    prints_the_same(program, drawings)


def test_an_end_without_a_beginning_draws_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    logger = ProgbarLogger()
    logger.on_train_batch_end(0, {"loss": 1.0})
    logger.on_epoch_end(0, {"loss": 1.0})
    assert capsys.readouterr().out == ""
