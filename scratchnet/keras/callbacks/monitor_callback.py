"""MonitorCallback: watches one value of the logs, and knows what is better."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from scratchnet.engine.errors import say
from scratchnet.engine.tracebacks import warn
from scratchnet.keras.callbacks.callback import Callback, Logs
from scratchnet.keras.config import check_numbers, floatx
from scratchnet.keras.utils.progbar import write


class MonitorCallback(Callback):
    """The base of the callbacks that compare epochs (``keras.callbacks.MonitorCallback``).

    Args:
        monitor: the name in the logs.
        mode: ``"min"`` or ``"max"``: which values are better; ``"auto"``: as the metric says.
        baseline: the value to beat at first; any is better than None.
        min_delta: how much better counts as better.

    Attributes:
        best: the best value so far.
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        mode: str = "auto",
        baseline: float | None = None,
        min_delta: float = 0,
    ) -> None:
        super().__init__()
        if not isinstance(monitor, str):
            # Keras asks it for a part of its text.
            raise AttributeError(
                say(type(self).__name__, "monitor", "must be the name of a metric", monitor)
            )
        if isinstance(mode, np.ndarray):
            rule = "must be 'auto', 'min' or 'max'"
            raise ValueError(say(type(self).__name__, "mode", rule, mode))
        if mode not in ("auto", "min", "max"):
            warn(f"{type(self).__name__} mode '{mode}' is unknown, fallback to auto mode.")
            mode = "auto"
        check_numbers(type(self).__name__, min_delta=min_delta)
        if baseline is not None:
            check_numbers(type(self).__name__, baseline=baseline)
        self.monitor, self.mode = monitor, mode
        self.best = baseline
        self.min_delta = abs(min_delta)
        self.monitor_op: Callable[[Any, Any], Any] | None = None

    def _set_monitor_op(self) -> None:
        """Find out which values are better, once the metrics are made."""
        if self.monitor_op is not None:
            return
        mode = self._direction() if self.mode == "auto" else self.mode
        if mode is None:
            raise ValueError(
                f"{type(self).__name__} callback received monitor={self.monitor}, but Keras isn't "
                "able to automatically determine whether that metric should be maximized or "
                "minimized. Pass `mode='max'` in order to monitor based on the highest metric "
                "value, or pass `mode='min'` in order to use the lowest value."
            )
        self.monitor_op = np.less if mode == "min" else np.greater
        if mode == "min":
            self.min_delta *= -1

    def _direction(self) -> str | None:
        name = self.monitor.removeprefix("val_")
        found = "min" if name == "loss" else None
        for group in getattr(self.model, "metrics", ()):
            for metric in getattr(group, "metrics", ()):
                if metric.name == name and hasattr(metric, "_direction"):
                    found = "max" if metric._direction == "up" else "min"
        return found

    def _is_improvement(self, value: float, reference: float | None) -> bool:
        if reference is None:
            return True
        self._set_monitor_op()
        kind = np.dtype(floatx()).type  # compared as Keras does, in the precision of the metrics
        return bool(self.monitor_op(kind(value - self.min_delta), kind(reference)))  # type: ignore[misc]

    def _watched(self, logs: Logs, text: str) -> Any:
        """The value in the logs; warns with `text` and the names of the others if it is missing."""
        value = logs.get(self.monitor)
        if value is None:
            warn(f"{text}{','.join(logs)}")
        return value


def say_line(text: str) -> None:
    """Write a line to stdout."""
    write(f"{text}\n")
