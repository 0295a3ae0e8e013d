"""LearningRateScheduler: the learning rate as a function of the epoch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from scratchnet.engine.errors import say
from scratchnet.engine.tensor import convert
from scratchnet.keras.callbacks.callback import Callback, Logs
from scratchnet.keras.callbacks.monitor_callback import say_line


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
            rate = self.schedule(epoch, learning_rate_of(optimizer))
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
        """Write the rate into the logs, if there are any."""
        if logs:
            logs["learning_rate"] = learning_rate_of(self.model.optimizer)


def learning_rate_of(optimizer: Any) -> float:
    """The learning rate of the next update, whatever it is made of."""
    return float(convert(optimizer.learning_rate)._data)
