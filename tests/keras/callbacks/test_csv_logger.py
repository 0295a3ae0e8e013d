"""CSVLogger against Keras's: the files, byte for byte."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow

import scratchnet
from tests.support.callback_programs import X, Y, files, fit, linear, script, state
from tests.support.keras_programs import same

# Keras itself sets this off, at each reading of a variable.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


def rounded(text: str) -> str:
    """Numbers with five digits, which is what both agree on."""
    return re.sub(r"\d+\.\d+(e-?\d+)?", lambda m: f"{float(m.group()):.4e}", text)


@pytest.mark.parametrize(
    "options", [{}, {"separator": ";"}, {"append": True}, {"separator": "\t", "append": True}]
)
@pytest.mark.parametrize("validation", [{}, {"validation_split": 0.25}, {"validation_freq": 2}])
def test_csv_of_two_runs(options: Any, validation: Any, folder: Path) -> None:
    def program(tf: Any) -> list[str]:
        log, model = tf.keras.callbacks.CSVLogger(Path("log.csv"), **options), linear(tf, ["mae"])
        more = dict(validation)
        if "validation_freq" in more:
            more["validation_data"] = (X[:3], Y[:3])
        texts = []
        for _ in range(2):
            fit(model, log, epochs=3, **more)
            texts.append(rounded(Path("log.csv").read_bytes().decode()))
        return [*texts, *files()]

    same(program)


def test_csv_of_odd_values(folder: Path) -> None:
    def program(tf: Any) -> list[Any]:
        log = tf.keras.callbacks.CSVLogger("log.csv")
        log.on_train_begin()
        rows = [
            {"loss": 0.1, "b": "text, with comma", "a": [1, 2.5], "c": np.array(3), "d": 1},
            {"loss": np.float32(0.1), "b": 'a "quote"', "a": np.ones(2), "new": 1},
            {"loss": float("nan"), "val_loss": 1.0},
        ]
        for epoch, row in enumerate(rows):
            log.on_epoch_end(epoch, row)
        log.on_train_end()
        return [Path("log.csv").read_bytes(), log.keys, log.csv_file.closed, files()]

    same(program)


def test_csv_with_what_other_callbacks_add(folder: Path) -> None:
    def program(tf: Any) -> list[Any]:
        callbacks = tf.keras.callbacks
        fit(
            linear(tf),
            callbacks.LearningRateScheduler(lambda epoch: 0.5**epoch),
            script(tf, [0.5, 0.25, 0.125]),
            callbacks.CSVLogger("log.csv"),
            epochs=3,
        )
        return [rounded(Path("log.csv").read_bytes().decode()), files()]

    same(program)


def test_each_epoch_is_in_the_file_when_it_ends(tmp_path: Path) -> None:
    path, seen = tmp_path / "log.csv", []
    for keras in (scratchnet.keras, tensorflow.keras):
        logger = keras.callbacks.CSVLogger(str(path))
        look = keras.callbacks.LambdaCallback(
            on_epoch_begin=lambda epoch, logs: seen.append(len(path.read_text().splitlines()))
        )
        model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
        model.compile("sgd", "mse")
        model.fit(np.ones((2, 1)), np.ones((2, 1)), epochs=3, verbose=0, callbacks=[logger, look])
    assert seen == [0, 2, 3] * 2


def test_state_of_a_new_one(folder: Path) -> None:
    def program(tf: Any) -> list[Any]:
        make = tf.keras.callbacks.CSVLogger
        return [state(make("a")), state(make(Path("b") / "c", ";", True))]

    same(program)


@pytest.mark.parametrize("append", [False, True])
@pytest.mark.parametrize("before", [None, "", "old\n"])
def test_header_of_a_file_that_is_there(append: bool, before: str | None, folder: Path) -> None:
    """Only before the first row of a file."""

    def program(tf: Any) -> list[Any]:
        if before is not None:
            Path("log.csv").write_text(before)
        log = tf.keras.callbacks.CSVLogger("log.csv", append=append)
        texts = []
        for epoch in range(2):
            log.on_train_begin({})
            begun = log.csv_file
            log.on_epoch_end(epoch, {"b": 1, "a": "text"})
            log.on_epoch_end(epoch + 5)
            log.on_train_end()
            texts += [Path("log.csv").read_bytes(), begun.closed, log.writer, log.append_header]
        return [*texts, log.keys, files()]

    same(program)


def test_a_file_that_was_left_open_is_closed(folder: Path) -> None:
    log = scratchnet.keras.callbacks.CSVLogger("log.csv")
    log.on_train_begin()
    left = log.csv_file
    log.on_train_begin()
    assert left is not None
    assert left.closed
    log.on_train_end()


def test_a_row_before_the_beginning_is_refused() -> None:
    log = scratchnet.keras.callbacks.CSVLogger("log.csv")
    with pytest.raises(ValueError, match="CSVLogger: `on_train_begin` must be called before"):
        log.on_epoch_end(0, {"a": 1})
    log.on_train_end()  # nothing to close
    assert log.writer is None
