"""ReduceLROnPlateau: a lower learning rate when a value stops improving."""

from __future__ import annotations

import numpy as np

from scratchnet.keras.callbacks.callback import Logs
from scratchnet.keras.callbacks.learning_rate_scheduler import learning_rate_of
from scratchnet.keras.callbacks.monitor_callback import MonitorCallback, say_line
from scratchnet.keras.config import check_numbers


class ReduceLROnPlateau(MonitorCallback):
    """Lowers the learning rate when a value stops improving.

    The logs get a ``learning_rate``.

    Args:
        monitor: the name of the value in the logs.
        factor: what the rate is multiplied by, below 1.
        patience: after how many epochs without an improvement.
        verbose: 1 to say it.
        mode: ``"min"`` or ``"max"``: which values are better; ``"auto"``: as the metric says.
        min_delta: how much better counts as better.
        cooldown: how many epochs to wait after a reduction before looking again.
        min_lr: the lowest rate.

    Raises:
        ValueError: `factor` of 1 or more.
        TypeError: `patience` or `min_delta` is no number.

    Reference: ``keras.callbacks.ReduceLROnPlateau``.

    >>> slower = ReduceLROnPlateau("loss", factor=0.5, patience=2)
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        factor: float = 0.1,
        patience: int = 10,
        verbose: int = 0,
        mode: str = "auto",
        min_delta: float = 1e-4,
        cooldown: int = 0,
        min_lr: float = 0.0,
    ) -> None:
        super().__init__(monitor, mode, min_delta=min_delta)
        check_numbers("ReduceLROnPlateau", factor=factor, patience=patience)
        if factor >= 1.0:
            raise ValueError(
                f"ReduceLROnPlateau does not support a factor >= 1.0. Received factor={factor}"
            )
        self.factor, self.min_lr, self.patience = factor, min_lr, patience
        self.verbose, self.cooldown = verbose, cooldown
        self.cooldown_counter = self.wait = 0

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Begin anew."""
        self.best = None
        self.cooldown_counter = self.wait = 0

    def in_cooldown(self) -> bool:
        """Whether it still waits after a reduction."""
        return self.cooldown_counter > 0

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Compare, and lower the rate if it is time."""
        self._set_monitor_op()
        logs = logs or {}
        logs["learning_rate"] = learning_rate_of(self.model.optimizer)
        current = self._watched(
            logs,
            "Learning rate reduction is conditioned on metric "
            f"`{self.monitor}` which is not available. Available metrics are: ",
        )
        if current is None:
            return
        if self.in_cooldown():
            self.cooldown_counter -= 1
        if self._is_improvement(current, self.best):
            self.best, self.wait = current, 0
        elif not self.in_cooldown():
            self.wait += 1
            if self.wait >= self.patience and self._reduce(epoch):
                self.cooldown_counter, self.wait = self.cooldown, 0

    def _reduce(self, epoch: int) -> bool:
        optimizer = self.model.optimizer
        old = learning_rate_of(optimizer)
        if old <= np.float32(self.min_lr):
            return False
        new = max(old * self.factor, self.min_lr)
        optimizer.learning_rate = new
        if self.verbose > 0:
            say_line(f"\nEpoch {epoch + 1}: ReduceLROnPlateau reducing learning rate to {new}.")
        return True
