"""The ops under their names in ``tf.bitwise``."""

from scratchnet.engine.name_scope import accept_names
from scratchnet.ops import (
    bitwise_and,
    bitwise_or,
    bitwise_xor,
    invert,
)
from scratchnet.unsupported import missing

__all__ = [
    "bitwise_and",
    "bitwise_or",
    "bitwise_xor",
    "invert",
]

accept_names(globals())
__getattr__ = missing(__name__, "tf.bitwise")
