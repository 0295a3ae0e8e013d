"""Callbacks against Keras's: what they change, print, write and complain of, in the same fit."""

from __future__ import annotations

import contextlib
import inspect
import io
import os
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import scratchnet
from tests.support.keras_programs import close, complain_alike, prints_the_same, same, twins

# Keras itself sets this off, at each reading of a variable.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

RNG = np.random.default_rng(3)
X, Y = RNG.normal(size=(12, 3)).astype("f"), RNG.normal(size=(12, 2)).astype("f")


def linear(tf: Any, metrics: Any = None, rate: Any = 0.05) -> Any:
    keras = tf.keras
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    model.compile(keras.optimizers.SGD(rate), "mse", metrics=metrics, run_eagerly=True)
    return model


def script(tf: Any, values: Any, name: str = "val_loss") -> Any:
    """A callback that puts given values into the logs, for those that come after it."""

    class Script(tf.keras.callbacks.Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            logs[name] = values[epoch]

    return Script()


def fit(model: Any, *callbacks: Any, epochs: int = 8, **options: Any) -> Any:
    given = {"batch_size": 12, "verbose": 0, **options}
    return model.fit(X, Y, epochs=epochs, callbacks=list(callbacks), **given)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def files() -> list[str]:
    """The files below the working directory, which are removed."""
    found = sorted(str(p) for p in Path().rglob("*") if p.is_file())
    for name in found:
        Path(name).unlink()
    return found


# Up and down, a plateau, ties, and what is no number.
RUNS: dict[str, list[float]] = {
    "up": [5, 4, 3, 3.5, 3.4, 3.6, 2, 1],
    "falling": [8, 7, 6, 5, 4, 3, 2, 1],
    "rising": [1, 2, 3, 4, 5, 6, 7, 8],
    "flat": [1.0] * 8,
    "tiny steps": [1 - 1e-5 * i for i in range(8)],
    "below float32": [1 - 1e-9 * i for i in range(8)],
    "nan": [3, 2, float("nan"), 1, float("inf"), 0.5, 0.6, 0.7],
}


# -- EarlyStopping --------------------------------------------------------------------------------

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


# -- which way is better --------------------------------------------------------------------------


def no_direction(tf: Any) -> Any:
    def mine(y_true: Any, y_pred: Any) -> Any:
        return tf.reduce_mean(tf.abs(y_true - y_pred), -1)

    return mine


METRICS: dict[str, Any] = {
    "mae": lambda tf: ["mae"],
    "accuracy": lambda tf: ["accuracy"],
    "acc": lambda tf: ["acc"],
    "mse": lambda tf: [tf.keras.metrics.MeanSquaredError(name="mse")],
    "rmse": lambda tf: [tf.keras.metrics.RootMeanSquaredError(name="rmse")],
    "top": lambda tf: [tf.keras.metrics.TopKCategoricalAccuracy(k=1, name="top")],
    "sparse_top": lambda tf: [tf.keras.metrics.TopKCategoricalAccuracy(k=1, name="sparse_top")],
    "binary": lambda tf: [tf.keras.metrics.BinaryAccuracy(name="binary")],
    "mean_squared_error": lambda tf: [tf.keras.losses.get("mse")],
    "wrapped": lambda tf: [
        tf.keras.metrics.MeanMetricWrapper(tf.keras.losses.MeanAbsoluteError(), name="wrapped")
    ],
    "bce": lambda tf: [tf.keras.metrics.BinaryCrossentropy(name="bce")],
}


@pytest.mark.parametrize("prefix", ["", "val_"])
@pytest.mark.parametrize("name", METRICS)
def test_direction(name: str, prefix: str) -> None:
    def program(tf: Any) -> list[Any]:
        stop = tf.keras.callbacks.EarlyStopping(prefix + name)
        steps = script(tf, [1, 2, 1, 3], prefix + name)
        model = linear(tf, METRICS[name](tf))
        return [fit(model, steps, stop, epochs=4).epoch, stop.best, stop.min_delta]

    same(program)


@pytest.mark.parametrize("cls", ["EarlyStopping", "ReduceLROnPlateau", "ModelCheckpoint"])
@pytest.mark.parametrize("monitor", ["mine", "foo"])
def test_no_direction(cls: str, monitor: str) -> None:
    def program(tf: Any) -> None:
        options = {"filepath": "a.weights.h5", "save_weights_only": True}
        given = options if cls == "ModelCheckpoint" else {}
        callback = getattr(tf.keras.callbacks, cls)(monitor=monitor, **given)
        fit(linear(tf, [no_direction(tf)]), callback, epochs=2)

    complain_alike(program, f"{cls} callback received monitor={monitor}, but Keras isn't able to")


def test_unknown_mode_warns() -> None:
    complain_alike(
        lambda tf: tf.keras.callbacks.EarlyStopping(mode="up"),
        "EarlyStopping mode 'up' is unknown, fallback to auto mode.",
    )


# -- the learning rate ----------------------------------------------------------------------------

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


SCHEDULES: dict[str, Any] = {
    "epoch": lambda epoch: 0.1 / (epoch + 1),
    "epoch and rate": lambda epoch, rate: rate * 0.5 if epoch > 1 else rate,
    "float32": lambda epoch: np.float32(0.25),
    "float64": lambda epoch, rate: np.float64(rate) * 0.9,
}


@pytest.mark.parametrize("name", SCHEDULES)
def test_scheduler(name: str) -> None:
    def program(tf: Any) -> list[Any]:
        scheduler = tf.keras.callbacks.LearningRateScheduler(SCHEDULES[name])
        model = linear(tf)
        history = fit(model, scheduler, epochs=4).history
        return [history, list(history), model.get_weights()]

    close(program, 60)


def test_scheduler_prints() -> None:
    def program(tf: Any) -> None:
        for schedule in SCHEDULES.values():
            scheduler = tf.keras.callbacks.LearningRateScheduler(schedule, verbose=1)
            fit(linear(tf), scheduler, epochs=3)

    prints_the_same(program)


# -- ModelCheckpoint ------------------------------------------------------------------------------

CHECKPOINTS: dict[str, dict[str, Any]] = {
    "all": {},
    "best": {"save_best_only": True},
    "best max": {"save_best_only": True, "mode": "max"},
    "threshold": {"save_best_only": True, "initial_value_threshold": 3.2},
    "every 2": {"save_freq": 2},
    "every 5": {"save_freq": 5},
}


@pytest.mark.parametrize("name", CHECKPOINTS)
def test_checkpoint(name: str, folder: Path) -> None:
    """The files, their order, and the printed text; two batches an epoch."""

    def program(tf: Any) -> list[Any]:
        path = "runs/{epoch:02d}-{batch}-{val_loss:.2f}.weights.h5"
        freq = CHECKPOINTS[name].get("save_freq")
        path = path.replace("-{val_loss:.2f}", "") if freq else path.replace("-{batch}", "")
        callbacks = tf.keras.callbacks
        keep = callbacks.ModelCheckpoint(
            Path(path), verbose=1, save_weights_only=True, **CHECKPOINTS[name]
        )
        text = io.StringIO()
        with contextlib.redirect_stdout(text):
            fit(linear(tf), script(tf, RUNS["up"]), keep, epochs=5, batch_size=7)
        return [text.getvalue(), keep.best, keep.filepath, files()]

    same(program)


@pytest.mark.parametrize("run", RUNS)
def test_best_checkpoint_has_the_weights_of_the_best_epoch(run: str, folder: Path) -> None:
    def program(tf: Any) -> list[Any]:
        keep = tf.keras.callbacks.ModelCheckpoint(
            "best.weights.h5", save_best_only=True, save_weights_only=True
        )
        model = linear(tf)
        fit(model, script(tf, RUNS[run]), keep)
        other = linear(tf)
        other.load_weights("best.weights.h5")
        return [model.get_weights(), other.get_weights(), keep.best, files()]

    close(program, 100)


def test_checkpoint_of_the_whole_model(folder: Path) -> None:
    def program(tf: Any) -> list[Any]:
        keep = tf.keras.callbacks.ModelCheckpoint("{epoch}.keras", verbose=1, save_best_only=True)
        model, text = linear(tf), io.StringIO()
        with contextlib.redirect_stdout(text):
            fit(model, script(tf, RUNS["up"]), keep, epochs=3)
        again = tf.keras.models.load_model("3.keras")
        return [text.getvalue(), files(), model.get_weights(), again.get_weights()]

    close(program, 60)


def test_checkpoint_by_the_values_of_fit(folder: Path) -> None:
    """Real validation values in the names of the files."""

    def program(tf: Any) -> list[Any]:
        path = "{epoch:02d}-{loss:.2f}-{val_loss:.2f}-{val_mae:.1f}.weights.h5"
        keep = tf.keras.callbacks.ModelCheckpoint(path, save_weights_only=True)
        fit(linear(tf, ["mae"]), keep, epochs=3, validation_split=0.25)
        return files()

    same(program)


def missing_monitor(tf: Any) -> None:
    keep = tf.keras.callbacks.ModelCheckpoint(
        "a.weights.h5", save_best_only=True, save_weights_only=True
    )
    fit(linear(tf), keep, epochs=1)


def array_monitor(tf: Any) -> None:
    keep = tf.keras.callbacks.ModelCheckpoint(
        "a.weights.h5", save_best_only=True, save_weights_only=True
    )
    fit(linear(tf), script(tf, [np.ones(2)]), keep, epochs=1)


def into_a_folder(tf: Any) -> None:
    os.makedirs("a.weights.h5", exist_ok=True)
    keep = tf.keras.callbacks.ModelCheckpoint("a.weights.h5", save_weights_only=True)
    fit(linear(tf), keep, epochs=1)


def unknown_name(tf: Any) -> None:
    keep = tf.keras.callbacks.ModelCheckpoint("{foo}.weights.h5", save_weights_only=True)
    fit(linear(tf), keep, epochs=1)


# -- CSVLogger ------------------------------------------------------------------------------------


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


# -- TerminateOnNaN, LambdaCallback ---------------------------------------------------------------


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), -float("inf")])
def test_terminate_on_nan(bad: float) -> None:
    def program(tf: Any) -> None:
        x = X.copy()
        x[9] = bad
        model = linear(tf)
        stop = tf.keras.callbacks.TerminateOnNaN()
        history = model.fit(
            x, Y, batch_size=4, epochs=3, shuffle=False, verbose=0, callbacks=[stop]
        )
        print(history.epoch, sorted(history.history), model.stop_training)

    prints_the_same(program)


def nan_raised(tf: Any) -> None:
    stop = tf.keras.callbacks.TerminateOnNaN(raise_error=True)
    stop.on_batch_end(3, {"loss": 1.0})
    stop.on_batch_end(3, {})
    stop.on_batch_end(3, {"loss": np.inf})


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


# -- the logs that callbacks share ----------------------------------------------------------------


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


def test_callback_list() -> None:
    def program(tf: Any) -> list[Any]:
        callbacks, notes = tf.keras.callbacks, []
        own = callbacks.LambdaCallback(
            on_batch_begin=lambda batch, logs: notes.append(("begin", batch, logs)),
            on_batch_end=lambda batch, logs: notes.append(("end", batch, logs)),
        )
        group = callbacks.CallbackList([own], add_history=True, model=linear(tf), epochs=3)
        group.on_batch_begin(0)
        group.on_batch_end(0, {"b": np.float32(0.5), "a": 1})
        group.on_train_begin()
        group.on_epoch_end(0, {"loss": 1})
        names = [type(c).__name__ for c in group.callbacks]
        return [notes, names, group.callbacks[1].history, own.params]

    same(program)


# -- complaints -----------------------------------------------------------------------------------

# name -> (program, what both texts say, what ours says)
COMPLAINTS: dict[str, tuple[Any, str, str]] = {
    "stop: missing": (
        lambda tf: fit(linear(tf), tf.keras.callbacks.EarlyStopping(), epochs=1),
        "Early stopping conditioned on metric `val_loss` which is not available. Available "
        "metrics are: loss",
        "",
    ),
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
    "scheduler: no float": (
        lambda tf: fit(linear(tf), tf.keras.callbacks.LearningRateScheduler(lambda epoch: 1)),
        "The output of the `schedule` function should be a float. Got: 1",
        "",
    ),
    "checkpoint: frequency": (
        lambda tf: tf.keras.callbacks.ModelCheckpoint("a.keras", save_freq=1.5),
        "save_freq",
        "must be 'epoch' or an integer",
    ),
    "checkpoint: weights": (
        lambda tf: tf.keras.callbacks.ModelCheckpoint("a.keras", save_weights_only=True),
        "must end in `.weights.h5`",
        "'a.keras'",
    ),
    "checkpoint: model": (
        lambda tf: tf.keras.callbacks.ModelCheckpoint("a.txt"),
        "must end in `.keras`",
        "'a.txt'",
    ),
    "checkpoint: missing": (
        missing_monitor,
        "Can save best model only with val_loss available.",
        "",
    ),
    "checkpoint: array": (
        array_monitor,
        "Can save best model only when `monitor` is a scalar value. Received: [1. 1.]. Falling "
        "back to `save_best_only=False`.",
        "",
    ),
    "checkpoint: folder": (
        into_a_folder,
        "Please specify a non-directory filepath for ModelCheckpoint. Filepath used is an "
        "existing directory: ",
        "",
    ),
    "checkpoint: name": (
        unknown_name,
        'Failed to format this callback filepath: "{foo}.weights.h5". Reason: ',
        "",
    ),
    "nan": (nan_raised, "NaN or Inf loss encountered at batch 3. Loss value: inf. Terminating", ""),
}


@pytest.mark.parametrize("name", COMPLAINTS)
def test_complaints(name: str, folder: Path) -> None:
    complain_alike(*COMPLAINTS[name])


def test_whole_models_go_into_keras_files_only() -> None:
    """Keras also writes its older ``.h5`` form."""
    with pytest.raises(ValueError, match=r"`filepath` must end in `.keras`.*'a.h5'"):
        scratchnet.keras.callbacks.ModelCheckpoint("a.h5")


def test_the_best_may_be_sought_between_batches(folder: Path) -> None:
    """Keras fails at the second comparison within the first epoch."""
    keep = scratchnet.keras.callbacks.ModelCheckpoint(
        "{batch}.weights.h5", "loss", save_best_only=True, save_weights_only=True, save_freq=1
    )
    fit(linear(scratchnet), keep, epochs=1, batch_size=4)
    assert "1.weights.h5" in files()


@pytest.mark.parametrize("name", ["TensorBoard", "BackupAndRestore", "RemoteMonitor"])
def test_absent(name: str) -> None:
    with pytest.raises(AttributeError, match=rf"does not have `tf.keras.callbacks.{name}`"):
        getattr(scratchnet.keras.callbacks, name)


@pytest.mark.parametrize(
    "name",
    [
        *("EarlyStopping", "LearningRateScheduler", "ModelCheckpoint", "CSVLogger"),
        *("TerminateOnNaN", "ReduceLROnPlateau"),
    ],
)
def test_signature(name: str) -> None:
    theirs, ours = twins(
        lambda tf: [
            (p.name, p.default)
            for p in inspect.signature(getattr(tf.keras.callbacks, name)).parameters.values()
            if p.name != "kwargs"  # of ReduceLROnPlateau, which overlooks them
        ]
    )
    assert ours == theirs
