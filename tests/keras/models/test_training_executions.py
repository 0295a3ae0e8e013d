"""`compile(steps_per_execution=…, jit_compile=…, auto_scale_loss=…)`, as live Keras."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
import tensorflow

import scratchnet

BOTH = (scratchnet, tensorflow)
RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(22, 3)).astype("f"), RNG.normal(size=(22, 2)).astype("f")


def compiled(tf: Any, rate: float = 0.3, **options: Any) -> Any:
    tf.keras.utils.set_random_seed(3)
    layers = [tf.keras.Input((3,)), tf.keras.layers.Dropout(rate), tf.keras.layers.Dense(2)]
    model = tf.keras.Sequential(layers)
    model.compile(tf.keras.optimizers.Adam(0.1), "mse", metrics=["mae"], **options)
    return model


def listening(tf: Any, events: list[Any]) -> Any:
    """A callback that writes down which batches it hears of, and the loss at their ends."""
    found: dict[str, Any] = {}
    for part in ("train", "test"):
        begin, end = f"on_{part}_batch_begin", f"on_{part}_batch_end"
        found[begin] = lambda self, batch, logs=None, name=begin: events.append((name, batch))
        found[end] = lambda self, batch, logs=None, name=end: events.append(
            (name, batch, logs["loss"])
        )
    found["on_predict_batch_begin"] = lambda self, batch, logs=None: events.append(batch)
    found["on_predict_batch_end"] = lambda self, batch, logs=None: events.append(
        (batch, np.array(logs["outputs"]))
    )
    return type("Listening", (tf.keras.callbacks.Callback,), found)()


def assert_alike(ours: Any, theirs: Any) -> None:
    assert type(ours) is type(theirs) or not isinstance(ours, list | tuple | dict | str)
    if isinstance(ours, dict):
        assert list(ours) == list(theirs)
        ours, theirs = list(ours.values()), list(theirs.values())
    if isinstance(ours, list | tuple):
        assert len(ours) == len(theirs)
        for a, b in zip(ours, theirs, strict=True):
            assert_alike(a, b)
    elif isinstance(ours, str):
        assert ours == theirs
    else:
        np.testing.assert_allclose(ours, theirs, rtol=2e-5, atol=1e-6)


def batches(sizes: int | None) -> Any:
    """The data in batches of 4 as a generator, or for ever."""

    def generator() -> Any:
        i = 0
        while sizes is None or i < sizes:
            at = i * 4 % 20
            yield X[at : at + 4], Y[at : at + 4]
            i += 1

    return generator


DATA: dict[str, Any] = {
    "arrays": lambda tf: ((X, Y), {"batch_size": 4}),
    "fewer than one execution": lambda tf: ((X[:6], Y[:6]), {"batch_size": 4}),
    "steps": lambda tf: ((X, Y), {"batch_size": 2, "steps_per_epoch": 5}),
    "dataset": lambda tf: ((tf.data.Dataset.from_tensor_slices((X, Y)).batch(5),), {}),
    "repeated": lambda tf: (
        (tf.data.Dataset.from_tensor_slices((X, Y)).batch(5).repeat(),),
        {"steps_per_epoch": 5},
    ),
    "validation": lambda tf: ((X, Y), {"batch_size": 4, "validation_data": (X[:18], Y[:18])}),
    "split": lambda tf: ((X, Y), {"batch_size": 2, "validation_split": 0.5}),
    "generator": lambda tf: ((batches(6)(),), {}),
    "endless generator": lambda tf: ((batches(None)(),), {"steps_per_epoch": 6}),
}


@pytest.mark.filterwarnings("ignore:.*ran out of data")
@pytest.mark.parametrize("every", [1, 2, 4])
@pytest.mark.parametrize("data", DATA)
def test_fit_runs_and_reports_executions(data: str, every: int) -> None:
    found = []
    for tf in BOTH:
        events: list[Any] = []
        model = compiled(tf, steps_per_execution=every)
        args, more = DATA[data](tf)
        epochs = 1 if data == "generator" else 3
        settings = {"epochs": epochs, "verbose": 0, "shuffle": False, **more}
        history = model.fit(*args, callbacks=[listening(tf, events)], **settings)
        found.append([events, history.history, model.get_weights()])
    assert_alike(*found)


@pytest.mark.parametrize("every", [2, 4])
def test_evaluate_and_predict_run_executions(every: int) -> None:
    found = []
    for tf in BOTH:
        events: list[Any] = []
        model = compiled(tf, steps_per_execution=every)
        listener = listening(tf, events)
        results = model.evaluate(X, Y, batch_size=4, verbose=0, callbacks=[listener])
        predicted = model.predict(X, batch_size=4, verbose=0, callbacks=[listener])
        found.append([events, results, predicted])
    assert_alike(*found)


def test_the_numbers_do_not_depend_on_the_executions() -> None:
    histories = [
        compiled(scratchnet, steps_per_execution=n).fit(X, Y, batch_size=4, epochs=2, verbose=0)
        for n in (1, 3)
    ]
    assert histories[0].history == histories[1].history


def test_one_batch_is_one_batch() -> None:
    found = [compiled(tf, steps_per_execution=3).train_on_batch(X, Y) for tf in BOTH]
    assert_alike([float(v) for v in found[0]], [float(v) for v in found[1]])


@pytest.mark.parametrize(
    "options",
    [
        {"jit_compile": True},
        {"jit_compile": False},
        {"jit_compile": None},
        {"auto_scale_loss": False},
        {"steps_per_execution": 4, "run_eagerly": True},
    ],
    ids=str,
)
def test_options_that_change_no_number(options: dict[str, Any]) -> None:
    found = []
    for tf in BOTH:
        with warnings.catch_warnings():
            warnings.simplefilter("error" if tf is scratchnet else "ignore")
            model = compiled(tf, rate=0.0, **options)  # XLA draws other random numbers
        history = model.fit(X, Y, verbose=0, shuffle=False).history
        config = model.get_compile_config()
        kept = {name: config[name] for name in ("run_eagerly", "steps_per_execution")}
        found.append([history, model.steps_per_execution, kept, bool(config["jit_compile"])])
    assert_alike(*found)


def test_jit_compile_gives_way_to_run_eagerly() -> None:
    for tf in BOTH:
        with pytest.warns(UserWarning, match="Disabling `jit_compile`"):
            model = compiled(tf, jit_compile=True, run_eagerly=True)
        assert model.jit_compile is False


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
def test_the_file_keeps_them(tmp_path: Any) -> None:
    for writer, reader in (BOTH, BOTH[::-1]):
        model = compiled(writer, jit_compile=True, steps_per_execution=4)
        model.fit(X, Y, verbose=0)
        model.save(tmp_path / "m.keras")
        model = reader.keras.models.load_model(tmp_path / "m.keras")
        assert model.steps_per_execution == 4
        assert model.jit_compile is True


@pytest.mark.parametrize(
    ("option", "error"),
    [
        ({"steps_per_execution": 0}, ValueError),
        ({"steps_per_execution": -1}, ValueError),
        ({"steps_per_execution": 2.5}, TypeError),
        ({"steps_per_execution": None}, TypeError),
        ({"jit_compile": "yes"}, ValueError),
    ],
    ids=str,
)
def test_what_is_refused(option: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error, match=f"`{next(iter(option))}` must be"):
        compiled(scratchnet, **option)
