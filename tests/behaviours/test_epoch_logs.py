"""The logs at the end of an epoch, also of one that found no data, against Keras."""

from __future__ import annotations

import pathlib
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from tests.support.keras_programs import close, same

X, Y = np.arange(12.0, dtype="f").reshape(6, 2) / 12, np.ones((6, 1), "f")


def batches(n: int) -> Iterator[Any]:
    for i in range(n):
        yield X * (i + 1), Y


def compiled(tf: Any, kind: Any = None, metrics: Any = ("mae",)) -> Any:
    keras = tf.keras
    x = keras.Input((2,))
    y = keras.layers.Dense(1, kernel_initializer="ones")(x)
    model = (kind or keras.Model)(x, y)
    model.compile("sgd", "mse", metrics=list(metrics) or None)
    return model


def events(tf: Any) -> tuple[Any, list[Any]]:
    seen: list[Any] = []

    class Events(tf.keras.callbacks.Callback):  # type: ignore[misc, name-defined]
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            seen.append([float(epoch), dict(logs)])

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            seen.append([float(batch), dict(logs)])

        def on_test_end(self, logs: Any = None) -> None:
            seen.append(dict(logs or {}))

        def on_train_end(self, logs: Any = None) -> None:
            seen.append(dict(logs or {}))

    return Events(), seen


@pytest.mark.parametrize(
    "options",
    [
        {"epochs": 3},
        {"epochs": 3, "validation_data": (X, Y)},
        {"epochs": 3, "steps_per_epoch": 3},
        {"epochs": 4, "steps_per_epoch": 2, "validation_data": (X, Y)},
        {"epochs": 2, "steps_per_epoch": 4},
    ],
)
def test_a_generator_runs_dry(options: dict[str, Any]) -> None:
    def program(tf: Any) -> Any:
        callback, seen = events(tf)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            history = compiled(tf).fit(batches(4), verbose=0, callbacks=[callback], **options)
        return [history.history, seen]

    close(program, 50)


def test_a_generator_that_yields_nothing() -> None:
    def program(tf: Any) -> Any:
        model = compiled(tf)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model.fit(X, Y, verbose=0)
            spent = batches(1)
            first = model.evaluate(spent, verbose=0)
            with pytest.raises(ValueError, match="at least one batch"):
                model.evaluate(spent, verbose=0)
        return first

    close(program, 50)


def test_names_of_checkpoints_when_a_generator_runs_dry(tmp_path: pathlib.Path) -> None:
    def program(tf: Any) -> Any:
        folder = tmp_path / tf.__name__
        name = str(folder / "{epoch}-{loss:.3f}-{val_mae:.3f}.weights.h5")
        saver = tf.keras.callbacks.ModelCheckpoint(name, save_weights_only=True)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compiled(tf).fit(
                batches(2), epochs=3, validation_data=(X, Y), verbose=0, callbacks=[saver]
            )
        return sorted(path.name for path in folder.iterdir())

    assert len(same(program)) == 3


@pytest.mark.parametrize("name", ["loss", "other"])
def test_a_step_that_returns_a_loss_of_its_own(name: str) -> None:
    """Names that are those of the metrics have the metrics' values at the end of an epoch."""

    def program(tf: Any) -> Any:
        class Own(tf.keras.Model):  # type: ignore[misc, name-defined]
            def train_step(self, data: Any) -> Any:
                x, y = data
                loss = self.compute_loss(x, y, self(x))
                return {name: loss}

        Own.test_step = Own.train_step
        callback, seen = events(tf)
        model = compiled(tf, Own, ())
        model.fit(X, Y, batch_size=4, epochs=2, verbose=0, shuffle=False, callbacks=[callback])
        return [seen, model.evaluate(X, Y, batch_size=4, verbose=0, return_dict=True)]

    close(program, 50)
