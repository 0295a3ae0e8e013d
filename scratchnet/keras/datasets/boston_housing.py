"""Boston housing: prices of 506 districts by 13 numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scratchnet.keras.datasets.fetch import ORIGIN, fetch
from scratchnet.keras.datasets.housing import check_test_split, shuffled_split
from scratchnet.keras.datasets.pickled import read_npz
from scratchnet.keras.datasets.split import Split
from scratchnet.unsupported import listed, missing

__all__ = ["load_data"]

SHA256 = "f553886a1f8d56431e820c5b82552d9d95cfcb96d1e678153f8839538947dff5"


def load_data(
    path: str = "boston_housing.npz", test_split: float = 0.2, seed: int | None = 113
) -> Split:
    """Boston housing, from the cache or from the network.

    One of its columns, B, rests on the assumption that segregation raises prices: Keras advises to
    use `california_housing` instead.

    Args:
        path: the name of the file in the cache, ``~/.keras/datasets``.
        test_split: the share of the rows that is for tests, in [0, 1).
        seed: that of the shuffling before.

    Returns:
        ``(x_train, y_train), (x_test, y_test)`` in float64: 13 numbers of each district, and the
        median value of a house there in thousands of dollars.

    Raises:
        ConnectionError: the file is not in the cache and cannot be fetched.
        ValueError: a `test_split` that is none; what was fetched is another file.

    Reference: ``tf.keras.datasets.boston_housing.load_data``.
    """
    check_test_split("boston_housing.load_data", test_split)
    x, y = read_npz(fetch(path, f"{ORIGIN}boston_housing.npz", SHA256), "x", "y")
    return shuffled_split(x, y, test_split, seed)


if not TYPE_CHECKING:  # a type checker is to see which names there are
    __getattr__ = missing(__name__, "tf.keras.datasets.boston_housing")
    __dir__ = listed(__name__)
