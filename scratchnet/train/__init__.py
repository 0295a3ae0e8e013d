"""`scratchnet train` and `scratchnet evaluate`: options, images, networks, loops, results.

TensorFlow's own ``tf.train`` is something else; a program that looks for its names here is told so.
"""

from typing import TYPE_CHECKING

from scratchnet.unsupported import missing

if not TYPE_CHECKING:  # a type checker is to see which names there are
    __getattr__ = missing(__name__, "tf.train")
