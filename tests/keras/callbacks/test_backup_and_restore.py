"""BackupAndRestore: a training goes on where it was interrupted, as in Keras."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import scratchnet
from tests.support.callback_programs import state
from tests.support.keras_programs import close, complain_alike, same

X = np.random.default_rng(0).normal(size=(8, 3)).astype("f")
Y = X.sum(1, keepdims=True)


pytestmark = pytest.mark.filterwarnings(
    "ignore:__array__ implementation doesn't:DeprecationWarning"
)


def interrupted(tf: Any, folder: Path, at: int, **options: Any) -> Any:
    """The model of a training that goes on after an error in batch number `at`."""

    class Stop(tf.keras.callbacks.Callback):
        seen = 0

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            Stop.seen += 1
            if Stop.seen == at:
                raise KeyboardInterrupt

    def model() -> Any:
        made = tf.keras.Sequential([tf.keras.Input((3,)), tf.keras.layers.Dense(1)])
        made.compile("adam", "mse")
        return made

    # Its own names: of the two libraries.
    backup = folder / tf.__name__ / str(at)
    first, second = model(), model()
    train: dict[str, Any] = {"epochs": 4, "batch_size": 3, "shuffle": False, "verbose": 0}
    callbacks = lambda: [tf.keras.callbacks.BackupAndRestore(str(backup), **options)]  # noqa: E731
    with pytest.raises(KeyboardInterrupt):
        first.fit(X, Y, callbacks=[*callbacks(), Stop()], **train)
    files = sorted(path.name for path in backup.iterdir())
    kept = json.loads((backup / "training_metadata.json").read_text())
    history = second.fit(X, Y, callbacks=callbacks(), **train)
    return [
        history.history,
        second.get_weights(),
        int(second.optimizer.iterations),
        len(history.epoch),
        history.epoch,
        list(kept.values()),
        *files,
        backup.exists(),
    ]


@pytest.mark.parametrize(
    ("at", "options"),
    [
        (7, {}),
        (8, {"save_freq": 2, "delete_checkpoint": False}),
        (10, {"double_checkpoint": True}),
    ],
)
def test_it_goes_on(at: int, options: dict[str, Any], tmp_path: Path) -> None:
    close(lambda tf: interrupted(tf, tmp_path, at, **options), 40)


def test_a_damaged_file_is_replaced_by_the_one_before(tmp_path: Path) -> None:
    def program(tf: Any) -> Any:
        folder = tmp_path / tf.__name__
        model = tf.keras.Sequential([tf.keras.Input((3,)), tf.keras.layers.Dense(1)])
        model.compile("sgd", "mse")
        make = lambda: tf.keras.callbacks.BackupAndRestore(  # noqa: E731
            str(folder), double_checkpoint=True, delete_checkpoint=False
        )
        model.fit(X, Y, epochs=3, verbose=0, callbacks=[make()])
        (folder / "latest.weights.h5").write_bytes(b"damaged")
        history = model.fit(X, Y, epochs=4, verbose=0, callbacks=[make()])
        return history.epoch

    same(program)


COMPLAINTS: dict[str, tuple[Any, str, str]] = {
    "no folder": (lambda k: k.BackupAndRestore(""), "Empty `backup_dir`", ""),
    "save_freq": (lambda k: k.BackupAndRestore("b", 1.5), "save_freq", "must be 'epoch' or an"),
}


@pytest.mark.parametrize("name", COMPLAINTS)
def test_complaints(name: str) -> None:
    make, shared, ours = COMPLAINTS[name]
    complain_alike(lambda tf: make(tf.keras.callbacks), shared, ours)


def test_an_unbuilt_model_is_refused(tmp_path: Path) -> None:
    def program(tf: Any) -> None:
        model = tf.keras.Sequential([tf.keras.layers.Dense(1)])
        model.compile("sgd", "mse")
        model.fit(X, Y, verbose=0, callbacks=[tf.keras.callbacks.BackupAndRestore(str(tmp_path))])

    complain_alike(program, "you model must be built before you call `fit()`", "")


def test_a_damaged_file_alone_is_an_error(tmp_path: Path) -> None:
    def program(tf: Any) -> None:
        model = tf.keras.Sequential([tf.keras.Input((3,)), tf.keras.layers.Dense(1)])
        model.compile("sgd", "mse")
        backup = tf.keras.callbacks.BackupAndRestore(str(tmp_path / tf.__name__))
        backup.set_model(model)
        (tmp_path / tf.__name__).mkdir()
        (tmp_path / tf.__name__ / "latest.weights.h5").write_bytes(b"damaged")
        backup.on_train_begin()

    complain_alike(program, "", "latest.weights.h5")


@pytest.mark.parametrize("lost", [[], ["training_metadata.json.bkp"], ["training_metadata.json"]])
def test_what_is_restored_from_the_files_before(lost: list[str], tmp_path: Path) -> None:
    """The weights before, and the epoch before, or none: not one of each."""

    def program(tf: Any) -> Any:
        folder = tmp_path / f"{tf.__name__}{len(lost)}"
        model = tf.keras.Sequential([tf.keras.Input((3,)), tf.keras.layers.Dense(1)])
        model.compile("sgd", "mse")
        backup = tf.keras.callbacks.BackupAndRestore(str(folder), double_checkpoint=True)
        backup.set_model(model)
        for epoch in range(3):
            model.set_weights([np.full((3, 1), epoch), np.zeros(1)])
            backup.on_epoch_end(epoch)
        for name in ["latest.weights.h5", *lost]:
            (folder / name).write_bytes(b"") if name not in lost else (folder / name).unlink()
        backup.on_train_begin()
        there = sorted(path.name for path in folder.iterdir())
        return [model._initial_epoch, model.get_weights()[0].tolist(), there]

    same(program)


# Batches as `on_train_batch_end` numbers them: two epochs, and every third batch of two.
BATCHES = {"each": [0, 1, 2, 3, 0, 1, 2, 3], "third": [2, 5, 8, 2, 5, 8], "one": [0, 0, 0, 0]}


@pytest.mark.parametrize("batches", BATCHES)
@pytest.mark.parametrize("save_freq", ["epoch", 1, 2, 3, 4])
def test_when_it_saves(save_freq: Any, batches: str, tmp_path: Path) -> None:
    """After which batches, and what it notes then."""

    def program(tf: Any) -> list[Any]:
        model = tf.keras.Sequential([tf.keras.Input((1,)), tf.keras.layers.Dense(1)])
        notes: list[Any] = []
        folder = tmp_path / tf.__name__ / batches
        backup = tf.keras.callbacks.BackupAndRestore(folder, save_freq)
        backup.set_model(model)
        epoch = 0
        for last, batch in zip([-1, *BATCHES[batches]], BATCHES[batches], strict=False):
            if batch <= last:
                backup.on_epoch_end(epoch)
                epoch += 1
            backup.on_train_batch_end(batch)
            file = folder / "training_metadata.json"
            notes.append(file.read_text() if file.exists() else None)
            file.unlink(missing_ok=True)
        return notes

    same(program)


def test_the_folder_goes_or_stays(tmp_path: Path) -> None:
    def program(tf: Any) -> list[bool]:
        found = []
        for name, options in {"go": {}, "stay": {"delete_checkpoint": False}}.items():
            folder = tmp_path / tf.__name__ / name
            folder.mkdir(parents=True)
            backup = tf.keras.callbacks.BackupAndRestore(str(folder), **options)
            backup.on_train_end()
            found.append(folder.exists())
            backup.on_train_end()  # nothing to delete any more
        return found

    assert same(program) == [False, True]


@pytest.mark.parametrize("name", ["double_checkpoint", "delete_checkpoint"])
def test_flags_are_true_or_false(name: str) -> None:
    with pytest.raises(ValueError, match=f"BackupAndRestore: `{name}` must be"):
        scratchnet.keras.callbacks.BackupAndRestore("b", **{name: np.ones(2)})


def test_the_folder_is_a_path(tmp_path: Path) -> None:
    make = scratchnet.keras.callbacks.BackupAndRestore
    with pytest.raises(TypeError, match="BackupAndRestore: `backup_dir` must be a path"):
        make(5)
    for path in (tmp_path, str(tmp_path), str(tmp_path).encode()):
        assert make(path).backup_dir == str(tmp_path)


def test_state_of_a_new_one() -> None:
    def program(tf: Any) -> list[Any]:
        make = tf.keras.callbacks.BackupAndRestore
        return [state(make("a")), state(make("b/c", 3, True, False))]

    same(program)
