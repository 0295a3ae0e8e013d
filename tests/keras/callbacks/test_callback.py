"""LambdaCallback against Keras's: every hook, and the logs that callbacks share."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import scratchnet
from tests.support.callback_programs import X, Y, fit, linear, script
from tests.support.keras_programs import same

# Keras itself sets this off, at each reading of a variable.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


HOOKS = [
    *("epoch_begin", "epoch_end", "train_begin", "train_end"),
    *("train_batch_begin", "train_batch_end", "test_begin", "test_end"),
    *("test_batch_begin", "test_batch_end", "predict_begin", "predict_end"),
    *("predict_batch_begin", "predict_batch_end"),
]


def test_lambda_callback() -> None:
    """Every hook, with the names in the logs, in order."""

    def program(tf: Any) -> list[Any]:
        notes: list[Any] = []

        def noting(name: str) -> Any:
            return lambda *args, **logs: notes.append(
                [name, *[sorted(a) if isinstance(a, dict) else a for a in args]]
                + [sorted(part) for part in logs.values()]
            )

        hooks = {f"on_{name}": noting(name) for name in HOOKS}
        callback, model = tf.keras.callbacks.LambdaCallback(**hooks), linear(tf, ["mae"])
        fit(model, callback, epochs=2, batch_size=5, validation_split=0.25)
        model.evaluate(X, Y, verbose=0, callbacks=[callback])
        model.predict(X, batch_size=5, verbose=0, callbacks=[callback])
        return notes

    same(program)


def test_lambda_callback_by_position() -> None:
    def program(tf: Any) -> list[Any]:
        notes: list[Any] = []
        callback = tf.keras.callbacks.LambdaCallback(
            lambda epoch, logs: notes.append(("begin", epoch)),
            lambda epoch, logs: notes.append(("end", epoch)),
            None,
            lambda logs: notes.append(("done", sorted(logs))),
        )
        fit(linear(tf), callback, epochs=2)
        return notes

    same(program)


def test_what_one_writes_those_after_it_read() -> None:
    """And not `on_train_end`, which gets the logs of `fit` itself."""

    def program(tf: Any) -> list[Any]:
        callbacks, notes = tf.keras.callbacks, []
        before, after = (
            callbacks.LambdaCallback(
                on_epoch_end=lambda epoch, logs: notes.append(list(logs)),
                on_train_end=lambda logs: notes.append(list(logs)),
            )
            for _ in range(2)
        )
        history = fit(linear(tf), before, script(tf, [1.0, 2.0], "extra"), after, epochs=2)
        return [notes, history.history["extra"], list(history.history)]

    same(program)


def test_logs_of_an_own_train_step() -> None:
    """Nested, in another order, of tensors."""

    def program(tf: Any) -> list[Any]:
        class Net(tf.keras.Sequential):
            def train_step(self, data: Any) -> Any:
                return {
                    "z": tf.constant(1.5),
                    "a": {"y": tf.constant([2.5]), "b": 3},
                    "long": tf.constant([1.0, 2.0]),
                }

        notes = []
        keep = tf.keras.callbacks.LambdaCallback(
            on_train_batch_end=lambda batch, logs: notes.append(
                {k: (type(v).__name__, np.asarray(v).tolist()) for k, v in logs.items()}
            ),
        )
        model = Net([tf.keras.Input((3,)), tf.keras.layers.Dense(2)])
        model.compile("sgd", "mse", run_eagerly=True)
        fit(model, keep, epochs=1)
        return [notes, [list(note) for note in notes]]

    same(program)


def test_every_hook_of_the_base_does_nothing() -> None:
    """With logs or without; of a batch in training, what the older name does."""

    def program(tf: Any) -> list[Any]:
        base, seen = tf.keras.callbacks.Callback(), []
        for name in HOOKS:
            numbered = [3] if "epoch" in name or "batch" in name else []
            hook = getattr(base, f"on_{name}")
            seen += [hook(*numbered), hook(*numbered, {"loss": 1.0}), hook(*numbered, logs=None)]

        class Older(tf.keras.callbacks.Callback):
            def on_batch_begin(self, batch: int, logs: Any = None) -> None:
                seen.append(("begin", batch, logs))

            def on_batch_end(self, batch: int, logs: Any = None) -> None:
                seen.append(("end", batch, logs))

        older = Older()
        older.on_train_batch_begin(1, {"a": 1})
        older.on_train_batch_end(2, {"b": 2})
        older.on_test_batch_end(3, {})
        return [seen, base.params, base.model]

    same(program)


@pytest.mark.parametrize("name", ["Callback", "LambdaCallback", "History"])
def test_the_model_and_the_settings_are_kept(name: str) -> None:
    def program(tf: Any) -> list[Any]:
        callback, model = getattr(tf.keras.callbacks, name)(), linear(tf)
        before = [callback.params, callback.model]
        callback.set_params({"epochs": 3})
        callback.set_model(model)
        return [*before, callback.params, callback.model is model]

    same(program)


def test_a_history_of_ones_own_goes_on() -> None:
    """The values of all runs, and the numbers of the epochs of the last."""

    def program(tf: Any) -> list[Any]:
        history, model = tf.keras.callbacks.History(), linear(tf)
        returned = [fit(model, history, epochs=n) is history for n in (2, 3)]
        history.on_epoch_end(9)
        kept = {name: len(values) for name, values in history.history.items()}
        return [returned, history.epoch, kept, model.history is history]

    same(program)


@pytest.mark.parametrize("name", ["on_foo", "on_", "on_epoch_ends"])
def test_a_lambda_for_no_hook(name: str) -> None:
    with pytest.raises(TypeError, match=f"LambdaCallback: there is no method '{name}' to call"):
        scratchnet.keras.callbacks.LambdaCallback(**{name: None})
