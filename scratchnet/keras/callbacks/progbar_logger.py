"""ProgbarLogger: the progress bar of fit, evaluate and predict."""

from __future__ import annotations

from typing import Any

from scratchnet.keras.callbacks.callback import Callback, Logs
from scratchnet.keras.utils.progbar import Progbar, write


class ProgbarLogger(Callback):
    """Shows the progress on stdout (``keras.callbacks.ProgbarLogger``).

    ``verbose=1`` draws a bar and redraws it, ``verbose=2`` writes one line at the end of each
    epoch. The validation inside `fit` shows no bar of its own.  Where Keras shows the time that
    remains, the very first drawing shows the time that the first step took: kernels may have been
    compiled in it, and the others take a small part of it.
    """

    def __init__(self) -> None:
        super().__init__()
        self.seen = 0
        self.progbar: Progbar | None = None
        self.target: int | None = None
        self.verbose = 1
        self.epochs = 1
        self._in_fit = False
        self._warms_up = True  # until the first epoch has begun

    def set_params(self, params: dict[str, Any]) -> None:
        """Take over verbose, epochs and steps."""
        super().set_params(params)
        self.verbose = 1 if params["verbose"] == "auto" else params["verbose"]
        self.epochs, self.target = params["epochs"], params["steps"]

    def on_train_begin(self, logs: Logs | None = None) -> None:
        self._in_fit = True

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        self._start()
        if self.verbose and self.epochs > 1:
            write(f"Epoch {epoch + 1}/{self.epochs}\n")

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        self._update(batch, logs)

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        self._finish(logs)

    def on_test_begin(self, logs: Logs | None = None) -> None:
        if not self._in_fit:
            self._start()

    def on_test_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        if not self._in_fit:
            self._update(batch, logs)

    def on_test_end(self, logs: Logs | None = None) -> None:
        if not self._in_fit:
            self._finish(logs)

    def on_predict_begin(self, logs: Logs | None = None) -> None:
        self._start()

    def on_predict_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        self._update(batch, None)

    def on_predict_end(self, logs: Logs | None = None) -> None:
        self._finish(logs)

    def _start(self) -> None:
        self.seen = 0
        # The values are running means already: none is averaged again.
        self.progbar = Progbar(self.target, verbose=self.verbose, stateless_metrics=())
        self.progbar.warms_up, self._warms_up = self._warms_up, False

    def _update(self, batch: int, logs: Logs | None) -> None:
        self.seen = batch + 1
        if self.verbose == 1 and self.progbar is not None:
            self.progbar.update(self.seen, list((logs or {}).items()), finalize=False)

    def _finish(self, logs: Logs | None) -> None:
        if self.progbar is None:
            return
        if self.target is None:
            self.target = self.progbar.target = self.seen
        self.progbar.update(self.target, list((logs or {}).items()), finalize=True)
