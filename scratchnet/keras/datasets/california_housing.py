"""California housing: prices of 20,640 districts by 8 numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scratchnet.engine.errors import say
from scratchnet.keras.datasets.fetch import ORIGIN, fetch
from scratchnet.keras.datasets.housing import check_test_split, shuffled_split
from scratchnet.keras.datasets.pickled import read_npz
from scratchnet.keras.datasets.split import Split
from scratchnet.ops.arguments import one_of
from scratchnet.unsupported import listed, missing

__all__ = ["load_data"]

SHA256 = "1a2e3a52e0398de6463aebe6f4a8da34fb21fbb6b934cf88c3425e766f2a1a6f"
_SMALL = 600


def load_data(
    version: str = "large",
    path: str = "california_housing.npz",
    test_split: float = 0.2,
    seed: int | None = 113,
) -> Split:
    """California housing, from the cache or from the network.

    Args:
        version: ``"large"``, or ``"small"`` for the first 600 rows.
        path: the name of the file in the cache, ``~/.keras/datasets``.
        test_split: the share of the rows that is for tests, in [0, 1).
        seed: that of the shuffling before.

    Returns:
        ``(x_train, y_train), (x_test, y_test)`` in float32: median income, age of the houses,
        rooms and bedrooms per household, population, people per household, latitude and longitude
        of each district; and the median value of a house there in dollars.

    Raises:
        ConnectionError: the file is not in the cache and cannot be fetched.
        ValueError: an unknown `version`, a `test_split` that is none; what was fetched is another
            file.

    Reference: ``tf.keras.datasets.california_housing.load_data``.
    """
    check_test_split("california_housing.load_data", test_split)
    if not one_of(version, ("small", "large")):
        rule = "must be one of 'small', 'large'"
        raise ValueError(say("california_housing.load_data", "version", rule, version))
    x, y = read_npz(fetch(path, f"{ORIGIN}california_housing.npz", SHA256), "x", "y")
    if version == "small":
        x, y = x[:_SMALL], y[:_SMALL]
    return shuffled_split(x, y, test_split, seed)


if not TYPE_CHECKING:  # a type checker is to see which names there are
    __getattr__ = missing(__name__, "tf.keras.datasets.california_housing")
    __dir__ = listed(__name__)
