"""CSVLogger: the logs of each epoch as a row of a file."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable
from typing import Any, TextIO

import numpy as np

from scratchnet.keras.callbacks.callback import Callback, Logs


class CSVLogger(Callback):
    """Writes the logs of each epoch into a file (``keras.callbacks.CSVLogger``).

    The columns are epoch (from 0) and the names of the first epoch in alphabetical order. Where
    that had no validation, they are followed by the same names with ``val_``; what an epoch does
    not have is ``NA``.

    Args:
        filename: the file.
        separator: what stands between the columns.
        append: go on with a file that exists, instead of replacing it.

    >>> import tempfile, pathlib
    >>> path = pathlib.Path(tempfile.mkdtemp(), "log.csv")
    >>> log = CSVLogger(path)
    >>> log.on_train_begin()
    >>> log.on_epoch_end(0, {"loss": 0.5, "val_loss": 0.75})
    >>> log.on_train_end()
    >>> print(path.read_text())
    epoch,loss,val_loss
    0,0.5,0.75
    """

    def __init__(self, filename: Any, separator: str = ",", append: bool = False) -> None:
        super().__init__()
        self.sep, self.append = separator, append
        self.filename = os.fspath(filename)
        self.writer: csv.DictWriter[str] | None = None
        self.keys: list[str] | None = None
        self.append_header = True
        self.csv_file: TextIO | None = None

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Open the file."""
        if self.append and os.path.exists(self.filename):
            with open(self.filename) as file:
                self.append_header = not file.readline()
        self._close()
        self.csv_file = open(self.filename, "a" if self.append else "w", newline="")
        self.writer = self.keys = None

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Write a row."""
        logs = logs or {}
        if self.csv_file is None:
            raise ValueError("CSVLogger: `on_train_begin` must be called before `on_epoch_end`")
        if self.keys is None:
            self.keys = sorted(logs)
            if not any(key.startswith("val_") for key in self.keys):
                self.keys += [f"val_{key}" for key in self.keys]
        if self.writer is None:
            names = ["epoch", *self.keys]
            self.writer = csv.DictWriter(self.csv_file, names, delimiter=self.sep)
            if self.append_header:
                self.writer.writeheader()
        row = {key: _cell(logs.get(key, "NA")) for key in self.keys}
        self.writer.writerow({"epoch": epoch, **row})
        self.csv_file.flush()

    def on_train_end(self, logs: Logs | None = None) -> None:
        """Close the file."""
        self._close()
        self.writer = None

    def _close(self) -> None:
        if self.csv_file is not None:
            self.csv_file.close()


def _cell(value: Any) -> Any:
    """`value` as it is written: several numbers in brackets and quotes."""
    several = isinstance(value, Iterable) and not isinstance(value, str)
    if isinstance(value, np.ndarray) and value.ndim == 0:
        several = False
    return f'"[{", ".join(map(str, value))}]"' if several else value
