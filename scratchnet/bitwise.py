"""The ops under their names in ``tf.bitwise``."""

from typing import TYPE_CHECKING

from scratchnet.engine.name_scope import accept_names
from scratchnet.ops import (
    bitwise_and,
    bitwise_or,
    bitwise_xor,
    invert,
)
from scratchnet.unsupported import listed, missing

__all__ = [
    "bitwise_and",
    "bitwise_or",
    "bitwise_xor",
    "invert",
]

accept_names(globals())
if not TYPE_CHECKING:  # a type checker is to see which names there are
    __getattr__ = missing(__name__, "tf.bitwise")
    __dir__ = listed(__name__)
