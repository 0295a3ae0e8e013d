"""CallbackList against Keras's: who is called when, with which logs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import scratchnet
from tests.support.callback_programs import linear as eager_linear
from tests.support.keras_programs import close, same
from tests.support.training_programs import TERMS, X, Y, dataset, linear


def test_callback_list() -> None:
    def program(tf: Any) -> list[Any]:
        callbacks, notes = tf.keras.callbacks, []
        own = callbacks.LambdaCallback(
            on_batch_begin=lambda batch, logs: notes.append(("begin", batch, logs)),
            on_batch_end=lambda batch, logs: notes.append(("end", batch, logs)),
        )
        group = callbacks.CallbackList([own], add_history=True, model=eager_linear(tf), epochs=3)
        group.on_batch_begin(0)
        group.on_batch_end(0, {"b": np.float32(0.5), "a": 1})
        group.on_train_begin()
        group.on_epoch_end(0, {"loss": 1})
        names = [type(c).__name__ for c in group.callbacks]
        return [notes, names, group.callbacks[1].history, own.params]

    same(program)


HOOKS = [
    f"on_{what}{part}"
    for what in ("train", "test", "predict", "epoch", "train_batch", "test_batch", "predict_batch")
    for part in ("_begin", "_end")
]


def recorder(tf: Any) -> tuple[Any, list[Any]]:
    """A callback that writes down every call, and its notes."""
    notes: list[Any] = []

    def hook(name: str) -> Any:
        return lambda self, *args, **kwargs: notes.append(
            (name, *(sorted(a) if isinstance(a, dict) else a for a in args), sorted(kwargs))
        )

    methods = {name: hook(name) for name in HOOKS}
    return type("Recorder", (tf.keras.callbacks.Callback,), methods)(), notes


RUNS: dict[str, Any] = {
    "fit": lambda m, c: m.fit(
        X, Y, batch_size=11, epochs=2, validation_data=(X, Y), verbose=0, callbacks=[c]
    ),
    "evaluate": lambda m, c: m.evaluate(X, Y, batch_size=11, verbose=0, callbacks=[c]),
    "predict": lambda m, c: m.predict(X, batch_size=11, verbose=0, callbacks=[c]),
}


@pytest.mark.parametrize("name", RUNS)
def test_callback_order(name: str) -> None:
    def program(tf: Any) -> list[Any]:
        callback, notes = recorder(tf)
        RUNS[name](linear(tf), callback)
        return [*notes, callback.params]

    same(program)


@pytest.mark.filterwarnings("ignore:.*ran out of data:UserWarning")
def test_callback_order_when_data_run_out() -> None:
    def program(tf: Any) -> list[Any]:
        callback, notes = recorder(tf)
        linear(tf).fit(
            X, Y, batch_size=11, epochs=3, steps_per_epoch=3, verbose=0, callbacks=[callback]
        )
        data = dataset(tf).filter(lambda x, y: True)  # of unknown length
        linear(tf).fit(data, epochs=2, shuffle=False, verbose=0, callbacks=[callback])
        return [*notes, callback.params]

    same(program)


def test_running_values_in_callbacks() -> None:
    def program(tf: Any) -> list[Any]:
        seen: list[Any] = []
        callback = tf.keras.callbacks.LambdaCallback(
            on_train_batch_end=lambda batch, logs: seen.append(dict(logs)),
            on_epoch_end=lambda epoch, logs: seen.append(dict(logs)),
            on_train_end=lambda logs: seen.append(dict(logs)),
        )
        linear(tf, metrics=["mae"]).fit(X, Y, batch_size=4, epochs=2, verbose=0, callbacks=callback)
        return seen

    close(program, TERMS)


def test_stop_training() -> None:
    def program(tf: Any) -> list[Any]:
        callback, notes = recorder(tf)

        class Stop(tf.keras.callbacks.Callback):
            def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
                if batch == 1:
                    self.model.stop_training = True

        linear(tf).fit(X, Y, batch_size=4, epochs=5, verbose=0, callbacks=[Stop(), callback])
        return notes

    same(program)


def test_unknown_callback_method() -> None:
    with pytest.raises(TypeError, match="no method 'on_foo'"):
        scratchnet.keras.callbacks.LambdaCallback(on_foo=print)


def test_what_is_no_hook_is_kept() -> None:
    same(lambda tf: tf.keras.callbacks.LambdaCallback(notes=[3], run="a").notes)
