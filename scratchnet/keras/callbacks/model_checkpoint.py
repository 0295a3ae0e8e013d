"""ModelCheckpoint: the model, or its weights, saved while it trains."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from scratchnet.engine.errors import say
from scratchnet.engine.tracebacks import warn
from scratchnet.keras.callbacks.callback import Logs
from scratchnet.keras.callbacks.monitor_callback import MonitorCallback, say_line
from scratchnet.keras.config import check_flags
from scratchnet.ops.arguments import one_of


class ModelCheckpoint(MonitorCallback):
    """Saves the model after epochs or batches (``keras.callbacks.ModelCheckpoint``).

    Args:
        filepath: the file, which ends in ``.keras`` or ``.h5``, or in ``.weights.h5`` with
            `save_weights_only`. ``{epoch:02d}`` (from 1), ``{batch}`` and the names in the logs
            are filled in: ``"{epoch:02d}-{val_loss:.2f}.keras"``.
        monitor: the name of the value in the logs that `save_best_only` compares.
        verbose: 1 to say what is done.
        save_best_only: save only when the value is the best so far.
        save_weights_only: save the weights alone, and the state of the optimizer.
        mode: ``"min"`` or ``"max"``: which values are better; ``"auto"``: as the metric says.
        save_freq: ``"epoch"``, or after how many batches to save.
        initial_value_threshold: the value to beat at first.

    Raises:
        ValueError: another ending; a `save_freq` that is none.

    >>> best = ModelCheckpoint("best.weights.h5", save_best_only=True, save_weights_only=True)
    """

    def __init__(
        self,
        filepath: Any,
        monitor: str = "val_loss",
        verbose: int = 0,
        save_best_only: bool = False,
        save_weights_only: bool = False,
        mode: str = "auto",
        save_freq: int | str = "epoch",
        initial_value_threshold: float | None = None,
    ) -> None:
        super().__init__(monitor, mode, initial_value_threshold)
        if not isinstance(filepath, str | bytes | os.PathLike):
            raise TypeError(say("ModelCheckpoint", "filepath", "must be a path", filepath))
        check_flags("ModelCheckpoint", save_best_only=save_best_only)
        check_flags("ModelCheckpoint", save_weights_only=save_weights_only)
        self.filepath, self.verbose = str(os.fspath(filepath)), verbose
        self.save_best_only, self.save_weights_only = save_best_only, save_weights_only
        self.save_freq = save_freq
        self._batches_since_saving = 0
        self._last_batch: int | None = None
        self._current_epoch = 0
        if not isinstance(save_freq, int) and not one_of(save_freq, ("epoch",)):
            rule = "must be 'epoch' or an integer"
            raise ValueError(say("ModelCheckpoint", "save_freq", rule, save_freq))
        endings = (".weights.h5",) if save_weights_only else (".keras", ".h5")
        if not self.filepath.endswith(endings):
            shown = " or ".join(f"`{ending}`" for ending in endings)
            rule = f"must end in {shown} with save_weights_only={save_weights_only}"
            raise ValueError(say("ModelCheckpoint", "filepath", rule, self.filepath))

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Save if it is time."""
        if self._is_due(batch):
            self._save(self._current_epoch, batch, logs or {})

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        """Remember the epoch."""
        self._current_epoch = epoch

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Save if it is time."""
        self._set_monitor_op()
        if self.save_freq == "epoch":
            self._save(epoch, None, logs or {})

    def _is_due(self, batch: int) -> bool:
        if not isinstance(self.save_freq, int):
            return False
        last = self._last_batch
        same_epoch = last is not None and batch > last
        self._batches_since_saving += batch - last if same_epoch and last is not None else batch + 1
        self._last_batch = batch
        if self._batches_since_saving < self.save_freq:
            return False
        self._batches_since_saving = 0
        return True

    def _save(self, epoch: int, batch: int | None, logs: Logs) -> None:
        path = self._path(epoch, batch, logs)
        if not self._is_wanted(epoch, logs, path):
            return
        if os.path.isdir(path):
            raise OSError(
                "Please specify a non-directory filepath for ModelCheckpoint. Filepath used is an "
                f"existing directory: {path}"
            )
        if folder := os.path.dirname(path):
            os.makedirs(folder, exist_ok=True)
        if self.save_weights_only:
            self.model.save_weights(path, overwrite=True)
        else:
            self.model.save(path, overwrite=True)
        self._say(epoch, f"finished saving model to {path}")

    def _path(self, epoch: int, batch: int | None, logs: Logs) -> str:
        known = {} if batch is None else {"batch": batch + 1}
        try:
            return self.filepath.format(epoch=epoch + 1, **{**known, **logs})
        except KeyError as error:
            raise KeyError(
                f'Failed to format this callback filepath: "{self.filepath}". Reason: {error}'
            ) from error

    def _is_wanted(self, epoch: int, logs: Logs, path: str) -> bool:
        if not self.save_best_only:
            self._say(epoch, f"saving model to {path}")
            return True
        current = logs.get(self.monitor)
        if current is None:
            warn(f"Can save best model only with {self.monitor} available.")
            return True
        if np.ndim(current) > 0:
            warn(
                f"Can save best model only when `monitor` is a scalar value. Received: {current}. "
                "Falling back to `save_best_only=False`."
            )
            return True
        best = "None" if self.best is None else f"{self.best:.5f}"
        if not self._is_improvement(current, self.best):
            self._say(epoch, f"{self.monitor} did not improve from {best}")
            return False
        change = f"improved from {best} to {current:.5f}"
        self._say(epoch, f"{self.monitor} {change}, saving model to {path}")
        self.best = current
        return True

    def _say(self, epoch: int, text: str) -> None:
        if self.verbose > 0:
            say_line(f"\nEpoch {epoch + 1}: {text}")
