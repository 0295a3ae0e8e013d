"""The dtypes, as TensorFlow names and prints them, over NumPy's.

TensorFlow never promotes: two tensors of different dtypes do not meet in one op.  Only a Python
number or a NumPy array takes the dtype of the tensor it meets (`scratchnet.engine.tensor.convert`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


@dataclass(frozen=True, eq=False, repr=False)
class DType:
    """One dtype: ``name``, and ``numpy``, the NumPy dtype that holds it (``tf.DType``).

    >>> float32
    tf.float32
    >>> print(float32)
    <dtype: 'float32'>
    >>> float32 == "float32", float32 == np.float32, float32.is_floating
    (True, True, True)
    """

    name: str
    numpy: np.dtype[Any]

    @property
    def as_numpy_dtype(self) -> type[np.generic]:
        return self.numpy.type

    @property
    def is_floating(self) -> bool:
        return self.numpy.kind == "f"

    @property
    def is_complex(self) -> bool:
        return self.numpy.kind == "c"

    @property
    def real_dtype(self) -> DType:
        """That of the parts of a complex number; any other dtype itself."""
        return DTYPES[np.dtype(f"f{self.size // 2}")] if self.is_complex else self

    @property
    def is_integer(self) -> bool:
        return self.numpy.kind in "iu"

    @property
    def is_unsigned(self) -> bool:
        return self.numpy.kind == "u"

    @property
    def is_bool(self) -> bool:
        return self.numpy.kind == "b"

    @property
    def size(self) -> int:
        """Bytes per element."""
        return self.numpy.itemsize

    @property
    def min(self) -> Any:
        return _limits(self).min

    @property
    def max(self) -> Any:
        return _limits(self).max

    def __eq__(self, other: object) -> bool:
        try:
            return self.name == as_dtype(other).name
        except TypeError:
            return False

    def __hash__(self) -> int:
        return hash(self.name)

    def __repr__(self) -> str:
        return f"tf.{self.name}"

    def __str__(self) -> str:
        return f"<dtype: {self.name!r}>"


def _limits(dtype: DType) -> Any:
    if dtype.is_floating:
        return np.finfo(dtype.numpy)
    if dtype.is_integer:
        return np.iinfo(dtype.numpy)
    raise TypeError(f"Cannot find the minimum or maximum value of {dtype}")


def _dtype(name: str) -> DType:
    return DType(name, np.dtype(name))


float16, float32, float64 = _dtype("float16"), _dtype("float32"), _dtype("float64")
int8, int16, int32, int64 = _dtype("int8"), _dtype("int16"), _dtype("int32"), _dtype("int64")
uint8, uint16, uint32, uint64 = (_dtype(n) for n in ("uint8", "uint16", "uint32", "uint64"))
complex64, complex128 = _dtype("complex64"), _dtype("complex128")
bool_ = _dtype("bool")

DTYPES: dict[np.dtype[Any], DType] = {
    d.numpy: d
    for d in (
        *(float16, float32, float64),
        *(int8, int16, int32, int64),
        *(uint8, uint16, uint32, uint64),
        *(complex64, complex128, bool_),
    )
}
_BY_NAME = {d.name: d for d in DTYPES.values()}
_BY_NAME |= {"half": float16, "float": float32, "double": float64}

# The short names by which TensorFlow's own messages call a dtype: "is a double tensor".
_SPOKEN = {"float16": "half", "float32": "float", "float64": "double"}


def spoken(dtype: np.dtype[Any]) -> str:
    """TensorFlow's word for `dtype` in an error message: ``float``, ``double``, ``int32`` …"""
    return _SPOKEN.get(dtype.name, dtype.name)


def as_dtype(value: object) -> DType:
    """The :class:`DType` that `value` names (``tf.as_dtype``).

    Args:
        value: a DType, a NumPy dtype or scalar type, Python's ``float`` or ``bool``, or a name.

    Raises:
        TypeError: `value` names no supported dtype.

    >>> as_dtype("float64"), as_dtype(np.int32), as_dtype(float)
    (tf.float64, tf.int32, tf.float32)
    """
    if isinstance(value, DType):
        return value
    if isinstance(value, str):
        found = _BY_NAME.get(value)
    elif value is float:
        found = float32
    elif value is bool or isinstance(value, np.dtype):
        found = DTYPES.get(np.dtype(value).newbyteorder("="))
    elif isinstance(value, type) and issubclass(value, np.generic):
        found = DTYPES.get(np.dtype(value))
    else:
        found = None
    if found is None:
        raise TypeError(
            f"Cannot convert the argument `type_value`: {value!r} to a TensorFlow DType."
        )
    return found
