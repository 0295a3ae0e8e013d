"""What the two data sets of houses have in common: one table, shuffled and split."""

from __future__ import annotations

from typing import Any

import numpy as np

from scratchnet.engine.dtypes import Array
from scratchnet.engine.errors import say
from scratchnet.keras.datasets.split import Split


def check_test_split(where: str, test_split: Any) -> None:
    """Refuse a share that is none.

    Raises:
        ValueError: it is not in [0, 1).
    """
    is_number = isinstance(test_split, int | float | np.number) and not isinstance(test_split, bool)
    if not is_number or not 0 <= test_split < 1:
        rule = "must be between 0 and 1 (exclusive of 1)"
        raise ValueError(say(where, "test_split", rule, test_split))


def shuffled(seed: Any, *counts: int) -> list[Array]:
    """For each of `counts` the numbers below it, in the orders of Keras for that seed."""
    draw = np.random.RandomState(seed)
    orders = [np.arange(count) for count in counts]
    for order in orders:
        draw.shuffle(order)
    return orders


def shuffled_split(x: Array, y: Array, test_split: float, seed: Any) -> Split:
    """`x` and `y` in a random order, the last of it for tests."""
    (order,) = shuffled(seed, len(x))
    x, y, end = x[order], y[order], int(len(x) * (1 - test_split))
    return (x[:end].copy(), y[:end].copy()), (x[end:].copy(), y[end:].copy())
