"""Callbacks that change the learning rate between epochs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from scratchnet.engine.errors import say
from scratchnet.engine.tensor import convert
from scratchnet.keras.callbacks.callback import Callback, Logs
from scratchnet.keras.callbacks.monitor import MonitorCallback, check_number, say_line


def _rate_of(optimizer: Any) -> float:
    return float(convert(optimizer.learning_rate)._data)


class LearningRateScheduler(Callback):
    """Sets the learning rate before each epoch (``keras.callbacks.LearningRateScheduler``).

    The logs get a ``learning_rate``.

    Args:
        schedule: ``f(epoch, learning_rate)`` or ``f(epoch)``, that returns the new rate, a float.
        verbose: 1 to say it.

    Raises:
        TypeError: `schedule` is no function.

    >>> halving = LearningRateScheduler(lambda epoch, rate: rate / 2 if epoch else rate)
    """

    def __init__(self, schedule: Callable[..., Any], verbose: int = 0) -> None:
        super().__init__()
        if not callable(schedule):
            rule = "must be a function of the epoch and the rate"
            raise TypeError(say("LearningRateScheduler", "schedule", rule, schedule))
        self.schedule, self.verbose = schedule, verbose

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        """Ask for the rate and set it.

        Raises:
            ValueError: `schedule` returned no float.
        """
        optimizer = self.model.optimizer
        try:
            rate = self.schedule(epoch, _rate_of(optimizer))
        except TypeError:  # it takes the epoch alone
            rate = self.schedule(epoch)
        if not isinstance(rate, float | np.float32 | np.float64):
            raise ValueError(
                f"The output of the `schedule` function should be a float. Got: {rate}"
            )
        optimizer.learning_rate = rate
        if self.verbose > 0:
            say_line(f"\nEpoch {epoch + 1}: LearningRateScheduler setting learning rate to {rate}.")

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Write the rate into the logs."""
        if logs is not None:
            logs["learning_rate"] = _rate_of(self.model.optimizer)


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
        if factor >= 1.0:
            raise ValueError(
                f"ReduceLROnPlateau does not support a factor >= 1.0. Received factor={factor}"
            )
        check_number("ReduceLROnPlateau", "patience", patience)
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
        logs = {} if logs is None else logs
        logs["learning_rate"] = _rate_of(self.model.optimizer)
        current = self._watched(
            logs,
            "Learning rate reduction is conditioned on metric "
            f"`{self.monitor}` which is not available. Available metrics are: ",
        )
        if current is None:
            return
        if self.in_cooldown():
            self.cooldown_counter -= 1
            self.wait = 0
        if self._is_improvement(current, self.best):
            self.best, self.wait = current, 0
        elif not self.in_cooldown():
            self.wait += 1
            if self.wait >= self.patience and self._reduce(epoch):
                self.cooldown_counter, self.wait = self.cooldown, 0

    def _reduce(self, epoch: int) -> bool:
        optimizer = self.model.optimizer
        old = _rate_of(optimizer)
        if old <= np.float32(self.min_lr):
            return False
        new = max(old * self.factor, self.min_lr)
        optimizer.learning_rate = new
        if self.verbose > 0:
            say_line(f"\nEpoch {epoch + 1}: ReduceLROnPlateau reducing learning rate to {new}.")
        return True
