"""BackupAndRestore: a training that was interrupted goes on where it was."""

from __future__ import annotations

import json
import os
import shutil
from typing import Any

from scratchnet.engine.errors import say
from scratchnet.keras.callbacks.callback import Callback, Logs
from scratchnet.keras.config import check_flags


class BackupAndRestore(Callback):
    """Keeps weights and epoch in a folder, and begins with them (``keras.callbacks``).

    If the program is run again after it was interrupted, `fit` goes on with the epoch that had
    begun. When training ends, the folder goes.

    Args:
        backup_dir: the folder.
        save_freq: ``"epoch"``, or after how many batches to save, too.
        double_checkpoint: keep the one before beside the last, should that be damaged.
        delete_checkpoint: whether the folder goes when training ends.

    Raises:
        ValueError: no `backup_dir`; a `save_freq` that is none; when `fit` begins, a model that is
            not built.

    Reference: ``keras.callbacks.BackupAndRestore``.

    >>> backup = BackupAndRestore("backup")
    """

    def __init__(
        self,
        backup_dir: Any,
        save_freq: int | str = "epoch",
        double_checkpoint: bool = False,
        delete_checkpoint: bool = True,
    ) -> None:
        super().__init__()
        where = "BackupAndRestore"
        if not backup_dir:
            rule = "must be a path: Empty `backup_dir` argument passed"
            raise ValueError(say(where, "backup_dir", rule, backup_dir))
        if not isinstance(backup_dir, str | bytes | os.PathLike):
            raise TypeError(say(where, "backup_dir", "must be a path", backup_dir))
        if save_freq != "epoch" and not isinstance(save_freq, int):
            rule = "must be 'epoch' or an integer"
            raise ValueError(say(where, "save_freq", rule, save_freq))
        check_flags(where, double_checkpoint=double_checkpoint, delete_checkpoint=delete_checkpoint)
        self.backup_dir, self.save_freq = os.fsdecode(backup_dir), save_freq
        self.double_checkpoint, self.delete_checkpoint = double_checkpoint, delete_checkpoint
        self._weights_path = os.path.join(self.backup_dir, "latest.weights.h5")
        self._metadata_path = os.path.join(self.backup_dir, "training_metadata.json")
        self._batches_since_saving = self._last_batch = self._current_epoch = 0

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Begin with what the folder holds; with the one before, where the last is damaged."""
        try:
            self._load()
        except OSError:
            if not os.path.exists(_previous(self._weights_path)):
                raise
            for path in (self._weights_path, self._metadata_path):
                if os.path.exists(_previous(path)):
                    shutil.copy(_previous(path), path)
                elif os.path.exists(path):
                    os.remove(path)
            self._load()

    def _load(self) -> None:
        if not self.model.built:
            raise ValueError(
                "To use the BackupAndRestore callback, you model must be built before you call "
                f"`fit()`. Model {self.model} is unbuilt. You can build it beforehand by calling "
                "it on a batch of data."
            )
        if os.path.exists(self._weights_path):
            optimizer = self.model.optimizer
            if optimizer is not None and not optimizer.built:
                optimizer.build(self.model.trainable_variables)
            self.model.load_weights(self._weights_path)
        if os.path.exists(self._metadata_path):
            with open(self._metadata_path) as file:
                self.model._initial_epoch = int(json.load(file)["epoch"])

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Save if it is time."""
        if not isinstance(self.save_freq, int):
            return
        last = self._last_batch
        self._batches_since_saving += batch + 1 if batch <= last else batch - last
        self._last_batch = batch
        if self._batches_since_saving >= self.save_freq:
            self._batches_since_saving = 0
            self._save()

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Save if it is time."""
        self._current_epoch, self._last_batch = epoch + 1, 0
        if self.save_freq == "epoch":
            self._save()

    def _save(self) -> None:
        os.makedirs(self.backup_dir, exist_ok=True)
        for path in (self._weights_path, self._metadata_path):
            if self.double_checkpoint and os.path.exists(path):
                shutil.copy(path, _previous(path))
        self.model.save_weights(self._weights_path, overwrite=True)
        with open(self._metadata_path, "w") as file:
            json.dump({"epoch": self._current_epoch, "batch": self._last_batch}, file)

    def on_train_end(self, logs: Logs | None = None) -> None:
        """Delete the folder."""
        if self.delete_checkpoint and os.path.exists(self.backup_dir):
            shutil.rmtree(self.backup_dir)


def _previous(path: str) -> str:
    return f"{path}.bkp"
