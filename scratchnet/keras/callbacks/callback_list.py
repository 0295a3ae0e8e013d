"""CallbackList: several callbacks, called one after the other."""

from __future__ import annotations

from typing import Any

import numpy as np

from scratchnet.engine import nest
from scratchnet.engine.listening import notify
from scratchnet.engine.op import ACTIVE
from scratchnet.engine.tensor import Tensor
from scratchnet.keras.callbacks.callback import Callback, History, Logs
from scratchnet.keras.callbacks.progbar_logger import ProgbarLogger


class CallbackList(Callback):
    """The callbacks of one run (``keras.callbacks.CallbackList``).

    Args:
        callbacks: one, or a list of them.
        add_history, add_progbar: add a `History`, a `ProgbarLogger`, unless there is one.
        model: handed to each of them, which gets the History as ``model.history``.
        **params: handed to each of them.
    """

    def __init__(
        self,
        callbacks: Any = None,
        add_history: bool = False,
        add_progbar: bool = False,
        model: Any = None,
        **params: Any,
    ) -> None:
        super().__init__()
        self.callbacks: list[Callback] = nest.flatten(callbacks) if callbacks else []
        if add_history and not any(isinstance(c, History) for c in self.callbacks):
            self.callbacks.append(History())
        if add_progbar and not any(isinstance(c, ProgbarLogger) for c in self.callbacks):
            self.callbacks.append(ProgbarLogger())
        if model is not None:
            self.set_model(model)
        self.set_params(params)

    def set_params(self, params: dict[str, Any]) -> None:
        """Hand `params` to all."""
        super().set_params(params)
        for callback in self.callbacks if params else ():
            callback.set_params(params)

    def set_model(self, model: Any) -> None:
        """Hand `model` to all."""
        super().set_model(model)
        for callback in self.callbacks:
            callback.set_model(model)
            if isinstance(callback, History):
                model.history = callback

    def _begin_or_end(self, name: str, logs: Logs | None) -> None:
        logs = plain(logs)
        for callback in self.callbacks:
            getattr(callback, name)(logs)

    def _epoch(self, name: str, epoch: int, logs: Logs | None) -> None:
        logs = plain(logs)
        for callback in self.callbacks:
            getattr(callback, name)(epoch, logs)

    def _batch(self, name: str, batch: int, logs: Logs | None) -> None:
        logs = plain(logs)
        for callback in self.callbacks:
            getattr(callback, name)(batch, logs=logs)

    def on_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        self._batch("on_batch_begin", batch, logs)

    def on_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        self._batch("on_batch_end", batch, logs)

    def on_train_begin(self, logs: Logs | None = None) -> None:
        self._begin_or_end("on_train_begin", logs)

    def on_train_end(self, logs: Logs | None = None) -> None:
        self._begin_or_end("on_train_end", logs)

    def on_test_begin(self, logs: Logs | None = None) -> None:
        self._begin_or_end("on_test_begin", logs)

    def on_test_end(self, logs: Logs | None = None) -> None:
        self._begin_or_end("on_test_end", logs)

    def on_predict_begin(self, logs: Logs | None = None) -> None:
        self._begin_or_end("on_predict_begin", logs)

    def on_predict_end(self, logs: Logs | None = None) -> None:
        self._begin_or_end("on_predict_end", logs)

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        self._epoch("on_epoch_begin", epoch, logs)

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        self._epoch("on_epoch_end", epoch, logs)
        if ACTIVE.listeners:
            notify("end_epoch", self.model, epoch, plain(logs))

    def on_train_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        self._batch("on_train_batch_begin", batch, logs)

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        self._batch("on_train_batch_end", batch, logs)

    def on_test_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        self._batch("on_test_batch_begin", batch, logs)

    def on_test_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        self._batch("on_test_batch_end", batch, logs)

    def on_predict_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        self._batch("on_predict_batch_begin", batch, logs)

    def on_predict_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        self._batch("on_predict_batch_end", batch, logs)


def plain(logs: Logs | None) -> Logs:
    """A copy of `logs` in alphabetical order, with floats where a value is a scalar.

    Callbacks share the copy: what one writes into it, those after it see.

    >>> plain({"loss": Tensor(np.float32(0.5)), "errors": {"b": 2, "a": 1}})
    {'a': 1.0, 'b': 2.0, 'loss': 0.5}
    """
    found: Logs = {}
    for name, value in sorted((logs or {}).items()):
        if isinstance(value, dict):
            found |= plain(value)
            continue
        found[name] = _number(value.numpy() if isinstance(value, Tensor) else value)
    return found


def _number(value: Any) -> Any:
    if isinstance(value, np.ndarray) and value.ndim:
        return value
    try:
        return float(value)
    except (TypeError, ValueError):
        return value
