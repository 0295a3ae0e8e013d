"""``tf.compat``: of TensorFlow 1 there is the logging, with which many notebooks begin."""

from typing import TYPE_CHECKING

from scratchnet.compat import v1
from scratchnet.unsupported import listed, missing

__all__ = ["v1"]

if not TYPE_CHECKING:  # a type checker is to see which names there are
    __getattr__ = missing(__name__, "tf.compat")
    __dir__ = listed(__name__)
