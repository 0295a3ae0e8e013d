"""CallbackList against Keras's: who is called when, with which logs."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import pytest

import scratchnet
from scratchnet.engine.op import ACTIVE
from scratchnet.keras.callbacks.callback_list import CallbackList, plain
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


@pytest.mark.parametrize("name", [*HOOKS, "on_batch_begin", "on_batch_end"])
def test_every_hook_reaches_all_with_plain_logs(name: str) -> None:
    def program(tf: Any) -> list[Any]:
        notes: list[Any] = []

        def note(self: Any, *args: Any, **kwargs: Any) -> None:
            given = [*args, *kwargs.values()]
            notes.append([[sorted(x.items()) if isinstance(x, dict) else x for x in given]])

        made = type("Own", (tf.keras.callbacks.Callback,), {name: note})
        group = tf.keras.callbacks.CallbackList([made(), made()])
        numbered = [3] if "epoch" in name or "batch" in name else []
        if name.endswith("end") and not numbered:
            getattr(group, name.replace("end", "begin"))()
        getattr(group, name)(*numbered, {"b": np.float32(0.5), "a": tf.constant(2), "text": "x"})
        getattr(group, name.replace("end", "begin"))(*numbered)
        return notes

    same(program)


@pytest.mark.parametrize("add_history", [False, True])
@pytest.mark.parametrize("add_progbar", [False, True])
def test_what_is_added(add_history: bool, add_progbar: bool) -> None:
    """A History and a bar, unless there is one; the model and the settings go to each."""

    def program(tf: Any) -> list[Any]:
        callbacks, found = tf.keras.callbacks, []
        kinds = ("Callback", "History", "ProgbarLogger")
        for given in ((), ("Callback",), ("History",), ("ProgbarLogger", "History", "History")):
            model = eager_linear(tf)
            own = [getattr(callbacks, kind)() for kind in given]
            params = {"verbose": 2, "epochs": 3, "steps": 4}
            group = callbacks.CallbackList(own, add_history, add_progbar, model, **params)
            found.append(
                [
                    [[type(c).__name__, c.model is model] for c in group.callbacks],
                    [c.params for c in group.callbacks if type(c).__name__ != "ProgbarLogger"],
                    [c.epochs for c in group.callbacks if type(c).__name__ == "ProgbarLogger"],
                    [model.history is c for c in group.callbacks if kinds[1] == type(c).__name__],
                    [group.params, group.model is model],
                ]
            )
        return found

    # Of several histories the model gets the last.
    same(program)


def test_a_list_without_model_and_settings() -> None:
    def program(tf: Any) -> list[Any]:
        callbacks = tf.keras.callbacks
        alone = callbacks.Callback()
        bar = callbacks.ProgbarLogger()
        group = callbacks.CallbackList([alone, bar])  # a bar takes no empty settings
        empty = callbacks.CallbackList()
        nested = callbacks.CallbackList([[alone], (bar,)])
        return [
            *[group.params, alone.params, alone.model, empty.callbacks],
            [type(c).__name__ for c in nested.callbacks],
        ]

    same(program)


def test_no_model_is_none() -> None:
    """Keras's list has no such attribute then."""
    assert CallbackList().model is None
    assert CallbackList(add_history=True).callbacks[0].model is None


def test_plain_logs() -> None:
    """Scalars as floats, in alphabetical order; arrays and what is no number as they are."""
    array = np.ones(2, "f")
    given: Any = {
        **{"z": np.array(3), "text": "3a", "none": None, "list": [1], "array": array},
        **{"tensor": scratchnet.constant([1.0, 2.0]), "b": {"y": {"x": np.float32(0.5)}}, "a": 1},
    }
    found = plain(given)
    assert list(found) == ["a", "array", "x", "list", "none", "tensor", "text", "z"]
    assert found["array"] is array
    assert found["tensor"].tolist() == [1.0, 2.0]
    assert [type(found[k]) for k in ("a", "x", "z", "none", "list")] == [
        *(float, float, float, type(None), list)
    ]
    assert plain(None) == {}


def test_listeners_hear_of_the_end_of_an_epoch() -> None:
    class Listener:
        heard: ClassVar[list[Any]] = []

        def end_epoch(self, *args: Any) -> None:
            self.heard.append(args)

    listener, model = Listener(), eager_linear(scratchnet)
    group = CallbackList(model=model)
    ACTIVE.listeners.append(listener)
    try:
        group.on_epoch_end(4, {"b": 1, "a": np.float32(0.5)})
    finally:
        ACTIVE.listeners.remove(listener)
    group.on_epoch_end(5, {})
    assert listener.heard == [(model, 4, {"a": 0.5, "b": 1.0})]
