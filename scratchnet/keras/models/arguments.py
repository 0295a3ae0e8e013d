"""Arguments that fit, evaluate and predict share, checked before any work is done."""

from __future__ import annotations

import numbers
from typing import Any

import numpy as np

from scratchnet.engine import nest
from scratchnet.engine.errors import say
from scratchnet.keras.models.data import are_arrays


def check_arguments(where: str, x: Any, batch_size: Any, validation_batch_size: Any = None) -> None:
    """Refuse arrays `x` without samples, and batch sizes that are none; None stands for a default.

    Raises:
        ValueError: one of these.
    """
    sizes = (("batch_size", batch_size), ("validation_batch_size", validation_batch_size))
    for name, size in sizes:
        if size is not None and (not _is_integer(size) or size < 1):
            raise ValueError(say(where, name, "must be a positive integer", size))
    if x is None or not are_arrays(x):
        return
    shapes = [tuple(leaf.shape) for leaf in nest.flatten(x) if leaf is not None]
    if not shapes or any(shape[:1] == (0,) for shape in shapes):
        received = f"of shape {', '.join(map(str, shapes))}" if shapes else repr(x)
        raise ValueError(f"{where}: `x` must hold at least one sample, received x {received}")


def check_epochs(epochs: Any, validation_split: Any) -> None:
    """Refuse a number of epochs, or a share of the samples, that is none.

    Raises:
        ValueError: one of these.
    """
    if not _is_integer(epochs) or epochs < 0:
        raise ValueError(say("fit", "epochs", "must be an integer of at least 0", epochs))
    share = validation_split or 0.0
    if not isinstance(share, float | np.floating) or (share != 0 and not 0 < share < 1):
        rule = "must lie between 0 and 1, or be 0 for no validation"
        raise ValueError(say("fit", "validation_split", rule, validation_split))


def _is_integer(value: Any) -> bool:
    """Whether it is a Python or NumPy integer; True and False are none."""
    return isinstance(value, numbers.Integral) and not isinstance(value, bool)
