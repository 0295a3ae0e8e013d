"""``tf.version``: the TensorFlow whose programs run here.

A program for TensorFlow asks for its version, as with ``assert tf.__version__ >= "2.0"``.  So
`VERSION` and ``tf.__version__`` are those of the TensorFlow, and ``tf.keras.__version__`` is that
of the Keras, whose behaviour and numbers are the measure here.  The version of this library itself
is ``importlib.metadata.version("scratchnet")``; the command ``scratchnet --version`` says it.

>>> import scratchnet as tf
>>> assert tf.__version__ >= "2.0"
"""

from typing import TYPE_CHECKING

from scratchnet.unsupported import listed, missing

__all__ = ["VERSION"]

VERSION = "2.21.0"
KERAS_VERSION = "3.15.1"
SCRATCHNET_VERSION = "0.1.0"  # that of pyproject.toml

if not TYPE_CHECKING:  # a type checker is to see which names there are
    __getattr__ = missing(__name__, "tf.version")
    __dir__ = listed(__name__)
