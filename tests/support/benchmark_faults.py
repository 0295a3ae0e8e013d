"""Programs for the tests of the benchmarks: some compute one thing here, another on TensorFlow."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from benchmarks.case import Library, Work


def squares(lib: Library, off: float = 0.0) -> Work:
    """Squares; scratchnet's last one is larger by the share `off`."""
    x = np.linspace(1.0, 2.0, 100, dtype=np.float32)
    if lib.tf.__name__ == "scratchnet":
        x[-1] *= (1 + off) ** 0.5
    tensor, square = lib.tf.constant(x), lib.op("square")
    return Work(lib.compiled(lambda: square(tensor)))


def wrong_once(lib: Library) -> Work:
    """Right whenever it is timed: only what is compared is wrong here."""
    work = squares(lib)
    if lib.tf.__name__ != "scratchnet":
        return work
    return Work(work.run, lambda: [work.run().numpy() + np.float32(1e-3)])


def fails_on(lib: Library, module: str) -> Work:
    """Squares, which one library cannot do."""
    if lib.tf.__name__ == module:
        raise RuntimeError("there is no code for that")
    return squares(lib)


def leave(tf: Any) -> None:
    """End the process as a crash does."""
    os._exit(3)
