"""Data sets to train on (``tf.keras.datasets``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scratchnet.keras.datasets import digits as digits
from scratchnet.keras.datasets import fashion_mnist as fashion_mnist
from scratchnet.keras.datasets import mnist as mnist
from scratchnet.unsupported import listed, missing

__all__ = ["digits", "fashion_mnist", "mnist"]

if not TYPE_CHECKING:  # a type checker is to see which names there are
    __getattr__ = missing(__name__, "tf.keras.datasets")
    __dir__ = listed(__name__)
