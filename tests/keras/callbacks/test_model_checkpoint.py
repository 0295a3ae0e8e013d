"""ModelCheckpoint against Keras's: which files, what they hold, what is printed."""

from __future__ import annotations

import contextlib
import io
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import scratchnet
from tests.support.callback_programs import RUNS, files, fit, linear, script, state
from tests.support.keras_programs import close, complain_alike, prints_the_same, same

# Keras itself sets this off, at each reading of a variable.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


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


@pytest.mark.filterwarnings("ignore:Can save best model only")
@pytest.mark.parametrize("program", [missing_monitor, array_monitor])
def test_without_a_number_to_compare_each_model_is_saved(program: Any, folder: Path) -> None:
    def saved(tf: Any) -> list[str]:
        program(tf)
        return files()

    same(saved)
    assert saved(scratchnet) == ["a.weights.h5"]


def into_a_folder(tf: Any) -> None:
    os.makedirs("a.weights.h5", exist_ok=True)
    keep = tf.keras.callbacks.ModelCheckpoint("a.weights.h5", save_weights_only=True)
    fit(linear(tf), keep, epochs=1)


def unknown_name(tf: Any) -> None:
    keep = tf.keras.callbacks.ModelCheckpoint("{foo}.weights.h5", save_weights_only=True)
    fit(linear(tf), keep, epochs=1)


# name -> (program, what both texts say, what ours says)
COMPLAINTS: dict[str, tuple[Any, str, str]] = {
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
}


@pytest.mark.parametrize("name", COMPLAINTS)
def test_complaints(name: str, folder: Path) -> None:
    complain_alike(*COMPLAINTS[name])


def test_whole_models_go_into_the_older_form_too(folder: Path) -> None:
    def program(tf: Any) -> list[str]:
        keep = tf.keras.callbacks.ModelCheckpoint("{epoch}.h5")
        fit(linear(tf), keep, epochs=2)
        made = [tf.keras.models.load_model(name, compile=False) for name in ("1.h5", "2.h5")]
        return [model.name for model in made]

    same(program)


def test_the_best_may_be_sought_between_batches(folder: Path) -> None:
    """Keras fails at the second comparison within the first epoch."""
    keep = scratchnet.keras.callbacks.ModelCheckpoint(
        "{batch}.weights.h5", "loss", save_best_only=True, save_weights_only=True, save_freq=1
    )
    fit(linear(scratchnet), keep, epochs=1, batch_size=4)
    assert "1.weights.h5" in files()


def test_state_of_a_new_one() -> None:
    def program(tf: Any) -> list[Any]:
        make = tf.keras.callbacks.ModelCheckpoint
        given = make(Path("a") / "b.weights.h5", "a", 1, True, True, "max", 3, 2.0)
        return [state(make("a.keras")), state(make("b.h5")), state(given)]

    same(program)


# Batches as `on_train_batch_end` numbers them: two epochs, and every third batch of two.
BATCHES = {"each": [0, 1, 2, 3, 0, 1, 2, 3], "third": [2, 5, 8, 2, 5, 8], "one": [0, 0, 0, 0]}


@pytest.mark.parametrize("batches", BATCHES)
@pytest.mark.parametrize("save_freq", ["epoch", 1, 2, 3, 4, 5])
@pytest.mark.parametrize("verbose", [0, 1])
def test_when_it_saves(save_freq: Any, batches: str, verbose: int, folder: Path) -> None:
    """Under which names, and what it says."""

    def program(tf: Any) -> None:
        model = linear(tf)
        model.save_weights = lambda path, overwrite: print("saved", path, overwrite)
        name = "{epoch}" + ("" if save_freq == "epoch" else "-{batch}") + "-{loss}.weights.h5"
        keep = tf.keras.callbacks.ModelCheckpoint(
            name, "loss", verbose, save_weights_only=True, save_freq=save_freq
        )
        keep.set_model(model)
        epoch = 4
        keep.on_epoch_begin(epoch)
        for last, batch in zip([-1, *BATCHES[batches]], BATCHES[batches], strict=False):
            if batch <= last:
                keep.on_epoch_end(epoch, {"loss": 0.5})
                epoch += 1
                keep.on_epoch_begin(epoch)
            keep.on_train_batch_end(batch, {"loss": 0.25})

    prints_the_same(program)


@pytest.mark.parametrize("verbose", [0, 1])
def test_the_best_by_hand(verbose: int, folder: Path) -> None:
    def program(tf: Any) -> None:
        for options in ({}, {"mode": "max"}, {"initial_value_threshold": 2.5}):
            model = linear(tf)
            model.save = lambda path, overwrite: print("saved", path, overwrite)
            keep = tf.keras.callbacks.ModelCheckpoint(
                "new/{epoch}.keras", "loss", verbose, True, **options
            )
            keep.set_model(model)
            for epoch, value in enumerate([3.0, 3.0, 2.0, 4.0, np.float32(1.0), 5.0]):
                keep.on_epoch_end(epoch, {"loss": value})
                print(keep.best, Path("new").is_dir())
            Path("new").rmdir()

    prints_the_same(program)


def test_the_folder_that_is_there_stays(folder: Path) -> None:
    (folder / "old").mkdir()
    (folder / "old" / "a.txt").write_text("")
    keep = scratchnet.keras.callbacks.ModelCheckpoint("old/a.weights.h5", save_weights_only=True)
    keep.set_model(linear(scratchnet))
    for epoch in range(2):
        keep.on_epoch_end(epoch, {})
    assert files() == ["old/a.txt", "old/a.weights.h5"]


@pytest.mark.parametrize("name", ["save_best_only", "save_weights_only"])
def test_flags_are_true_or_false(name: str) -> None:
    with pytest.raises(ValueError, match=f"ModelCheckpoint: `{name}` must be"):
        scratchnet.keras.callbacks.ModelCheckpoint("a.keras", **{name: np.ones(2)})


@pytest.mark.parametrize("frequency", ["batch", 1.0, None, np.array(["epoch"]), np.ones(2)])
def test_a_frequency_is_a_number_or_epoch(frequency: Any) -> None:
    with pytest.raises(ValueError, match="ModelCheckpoint: `save_freq` must be 'epoch' or an"):
        scratchnet.keras.callbacks.ModelCheckpoint("a.keras", save_freq=frequency)


@pytest.mark.parametrize("path", [3, None, ["a.keras"]])
def test_a_path_is_a_path(path: Any) -> None:
    with pytest.raises(TypeError, match="ModelCheckpoint: `filepath` must be a path, received"):
        scratchnet.keras.callbacks.ModelCheckpoint(path)


@pytest.mark.parametrize("weights_only", [False, True])
@pytest.mark.parametrize("path", ["a.keras", "a.h5", "a.weights.h5", "a", "a.keras.txt", "a.npz"])
def test_endings(path: str, weights_only: bool) -> None:
    """The right ones are taken; the others are refused by an error that says which are right."""

    def program(tf: Any) -> str:
        try:
            tf.keras.callbacks.ModelCheckpoint(path, save_weights_only=weights_only)
        except ValueError as error:
            return "`.weights.h5`" if "`.weights.h5`" in str(error) else "`.keras`"
        return "taken"

    same(program)
