"""Data sets to train on (``tf.keras.datasets``)."""

from __future__ import annotations

from scratchnet.keras.datasets import digits as digits
from scratchnet.keras.datasets import fashion_mnist as fashion_mnist
from scratchnet.keras.datasets import mnist as mnist
from scratchnet.unsupported import missing

__all__ = ["digits", "fashion_mnist", "mnist"]

__getattr__ = missing(__name__, "tf.keras.datasets")
