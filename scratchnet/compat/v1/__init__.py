"""``tf.compat.v1``: of TensorFlow 1 there is the logging alone."""

from typing import TYPE_CHECKING

from scratchnet.compat.v1 import logging
from scratchnet.unsupported import listed, missing

__all__ = ["logging"]

if not TYPE_CHECKING:  # a type checker is to see which names there are
    __getattr__ = missing(__name__, "tf.compat.v1")
    __dir__ = listed(__name__)
