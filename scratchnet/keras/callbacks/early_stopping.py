"""EarlyStopping: training ends when nothing gets better."""

from __future__ import annotations

from typing import Any

from scratchnet.keras.callbacks.callback import Logs
from scratchnet.keras.callbacks.monitor_callback import MonitorCallback, say_line
from scratchnet.keras.config import check_flags, check_numbers


class EarlyStopping(MonitorCallback):
    """Stops `fit` when a value has not improved for some epochs.

    Args:
        monitor: the name of the value in the logs.
        min_delta: how much better counts as better.
        patience: after how many epochs without an improvement training stops.
        verbose: 1 to say so.
        mode: ``"min"`` or ``"max"``: which values are better; ``"auto"``: as the metric says.
        baseline: an improvement that does not also beat this value does not count as one for
            `patience`.
        restore_best_weights: give the model the weights of its best epoch at the end.
        start_from_epoch: epochs before this number are not looked at.

    Raises:
        TypeError: `patience` or `min_delta` is no number.

    Attributes:
        stopped_epoch: the number of the epoch that it stopped after, from 0; 0 if it did not.
        best_epoch: the number of the best epoch.

    Reference: ``keras.callbacks.EarlyStopping``.

    >>> stop = EarlyStopping("loss", patience=1)
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        min_delta: float = 0,
        patience: int = 0,
        verbose: int = 0,
        mode: str = "auto",
        baseline: float | None = None,
        restore_best_weights: bool = False,
        start_from_epoch: int = 0,
    ) -> None:
        super().__init__(monitor, mode, min_delta=min_delta)
        check_numbers("EarlyStopping", patience=patience, start_from_epoch=start_from_epoch)
        if baseline is not None:
            check_numbers("EarlyStopping", baseline=baseline)
        check_flags("EarlyStopping", restore_best_weights=restore_best_weights)
        self.patience, self.verbose, self.baseline = patience, verbose, baseline
        self.restore_best_weights, self.start_from_epoch = restore_best_weights, start_from_epoch
        self.wait = self.stopped_epoch = self.best_epoch = 0
        self.best_weights: list[Any] | None = None

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Begin anew: one callback may serve several runs."""
        self.wait = self.stopped_epoch = self.best_epoch = 0
        self.best = self.best_weights = None

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Compare, and stop the training if it is time."""
        self._set_monitor_op()
        current = self.get_monitor_value(logs)
        if current is None or epoch < self.start_from_epoch:
            return
        if self.restore_best_weights and self.best_weights is None:
            self.best_weights, self.best_epoch = self.model.get_weights(), epoch
        self.wait += 1
        if self._is_improvement(current, self.best):
            self.best, self.best_epoch = current, epoch
            if self.restore_best_weights:
                self.best_weights = self.model.get_weights()
            if self.baseline is None or self._is_improvement(current, self.baseline):
                self.wait = 0
        elif self.wait >= self.patience and epoch > 0:
            self.stopped_epoch = epoch
            self.model.stop_training = True

    def on_train_end(self, logs: Logs | None = None) -> None:
        """Say what was done, and restore the best weights."""
        if self.stopped_epoch > 0 and self.verbose > 0:
            say_line(f"Epoch {self.stopped_epoch + 1}: early stopping")
        if self.restore_best_weights and self.best_weights is not None:
            if self.verbose > 0:
                say_line(
                    "Restoring model weights from the end of the best epoch: "
                    f"{self.best_epoch + 1}."
                )
            self.model.set_weights(self.best_weights)

    def get_monitor_value(self, logs: Logs | None) -> Any:
        """The watched value; None, and a warning, if the logs do not have it."""
        return self._watched(
            logs or {},
            f"Early stopping conditioned on metric `{self.monitor}` which is not available. "
            "Available metrics are: ",
        )
