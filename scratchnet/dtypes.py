"""The dtypes under their names in ``tf.dtypes``."""

from typing import TYPE_CHECKING

from scratchnet.engine.dtypes import (
    DType,
    as_dtype,
    complex64,
    complex128,
    float16,
    float32,
    float64,
    int8,
    int16,
    int32,
    int64,
    uint8,
    uint16,
    uint32,
    uint64,
)
from scratchnet.engine.dtypes import bool_ as bool
from scratchnet.ops import cast, complex
from scratchnet.unsupported import listed, missing

half, double = float16, float64

__all__ = [
    "DType",
    "as_dtype",
    "bool",
    "cast",
    "complex",
    "complex64",
    "complex128",
    "double",
    "float16",
    "float32",
    "float64",
    "half",
    "int8",
    "int16",
    "int32",
    "int64",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
]

if not TYPE_CHECKING:  # a type checker is to see which names there are
    __getattr__ = missing(__name__, "tf.dtypes")
    __dir__ = listed(__name__)
