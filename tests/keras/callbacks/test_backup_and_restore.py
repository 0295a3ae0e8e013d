"""BackupAndRestore: a training goes on where it was interrupted, as in Keras."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

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
