"""TerminateOnNaN: training ends when the loss is no number any more."""

from __future__ import annotations

import numpy as np

from scratchnet.keras.callbacks.callback import Callback, Logs
from scratchnet.keras.callbacks.monitor_callback import say_line


class TerminateOnNaN(Callback):
    """Stops `fit` when the loss is nan or infinite (``keras.callbacks.TerminateOnNaN``).

    Args:
        raise_error: raise an error instead.

    >>> guard = TerminateOnNaN(raise_error=True)
    >>> guard.on_batch_end(7, {"loss": float("nan")})
    Traceback (most recent call last):
    RuntimeError: NaN or Inf loss encountered at batch 7. Loss value: nan. Terminating training
    immediately.
    """

    def __init__(self, raise_error: bool = False) -> None:
        super().__init__()
        self.raise_error = raise_error

    def on_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Look at the loss.

        Raises:
            RuntimeError: it is no finite number, with `raise_error`.
        """
        loss = (logs or {}).get("loss")
        if loss is None or np.isfinite(loss):
            return
        if self.raise_error:
            raise RuntimeError(
                f"NaN or Inf loss encountered at batch {batch}. Loss value: {loss}. Terminating "
                "training immediately."
            )
        say_line(f"Batch {batch}: Invalid loss, terminating training")
        self.model.stop_training = True
