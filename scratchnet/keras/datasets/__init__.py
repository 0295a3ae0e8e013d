"""Data sets to train on (``tf.keras.datasets``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scratchnet.keras.datasets import boston_housing as boston_housing
from scratchnet.keras.datasets import california_housing as california_housing
from scratchnet.keras.datasets import cifar10 as cifar10
from scratchnet.keras.datasets import cifar100 as cifar100
from scratchnet.keras.datasets import digits as digits
from scratchnet.keras.datasets import fashion_mnist as fashion_mnist
from scratchnet.keras.datasets import imdb as imdb
from scratchnet.keras.datasets import mnist as mnist
from scratchnet.keras.datasets import reuters as reuters
from scratchnet.unsupported import listed, missing

__all__ = [
    "boston_housing",
    "california_housing",
    "cifar10",
    "cifar100",
    "digits",
    "fashion_mnist",
    "imdb",
    "mnist",
    "reuters",
]

if not TYPE_CHECKING:  # a type checker is to see which names there are
    __getattr__ = missing(__name__, "tf.keras.datasets")
    __dir__ = listed(__name__)
