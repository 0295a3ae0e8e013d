"""The dtype in which Keras computes with tensors of several dtypes; TensorFlow refuses them."""

from __future__ import annotations

from typing import Any

import numpy as np

from scratchnet import ops
from scratchnet.engine.tensor import Tensor, convert
from scratchnet.keras.config import floatx

_NUMBERS = {bool: np.dtype(bool), int: np.dtype(np.int32)}  # and those of floats are `floatx`
_ORDER = "biufc"  # the kinds of dtypes: of each, a number of Python's fits the later ones


def common_dtype(*dtypes: np.dtype[Any]) -> np.dtype[Any]:
    """The dtype that holds tensors of these: a floating or complex one decides.

    Reference: ``keras.backend.result_type``.

    >>> common_dtype(np.dtype("int64"), np.dtype("float16"))
    dtype('float16')
    >>> common_dtype(np.dtype("int64"), np.dtype("uint64"))  # no integer holds both
    dtype('float32')
    """
    floating = [dtype for dtype in dtypes if dtype.kind in "fc"]
    found = np.result_type(*(floating or dtypes))
    return np.dtype(floatx()) if found.kind == "f" and not floating else found


def of_one_dtype(*values: Any) -> list[Tensor]:
    """`values` as tensors of one dtype; a number of Python's takes that of the others.

    Unless it is of a larger kind: a float is no integer, an integer no bool.

    >>> import scratchnet as tf
    >>> [tensor.dtype.name for tensor in of_one_dtype(tf.constant([1], tf.int8), 2.0)]
    ['float32', 'float32']
    """
    read = [_read(value) for value in values]
    dtypes = [dtype for _, dtype, is_number in read if not is_number]
    largest = max((_ORDER.index(dtype.kind) for dtype in dtypes), default=-1)
    for _, dtype, is_number in read:
        if is_number and _ORDER.index(dtype.kind) > largest:
            dtypes.append(dtype)
    dtype = common_dtype(*dtypes)
    return [ops.cast(tensor, dtype) for tensor, _, _ in read]


def two_floating(x: Any, y: Any) -> tuple[Tensor, Tensor]:
    """`of_one_dtype`, and integers and bools become `floatx`.

    >>> [tensor.dtype.name for tensor in two_floating([1, 2], 4)]
    ['float32', 'float32']
    """
    both = [_read(value) for value in (x, y)]
    dtypes = [dtype for _, dtype, is_number in both if not is_number]
    floating = [dtype for dtype in dtypes if dtype.kind in "fc"]
    dtype = common_dtype(*floating) if floating else np.dtype(floatx())
    a, b = (ops.cast(tensor, dtype) for tensor, _, _ in both)
    return a, b


def to_one_dtype(x: Any, y: Any) -> tuple[Tensor, Tensor]:
    """`x` and `y` as tensors of one dtype, where numbers of Python's are int32 and float32.

    So it is in Keras's comparisons, where the number 0.1 does not equal the float64 0.1, and in
    its products and remainders, where an int8 by the number 2 is an int32.

    >>> import scratchnet as tf
    >>> a, b = to_one_dtype(tf.constant([0.1], tf.float64), 0.1)
    >>> float(b - a[0])
    1.4901161138336505e-09
    """
    a, b = convert(x), convert(y)
    dtype = common_dtype(a._data.dtype, b._data.dtype)
    return ops.cast(a, dtype), ops.cast(b, dtype)


def _read(value: Any) -> tuple[Tensor, np.dtype[Any], bool]:
    """A tensor, its dtype, and whether it is a number of Python's."""
    if isinstance(value, bool | int | float) and not isinstance(value, np.generic):
        return convert(np.asarray(value)), _NUMBERS.get(type(value), np.dtype(floatx())), True
    tensor = convert(value)
    return tensor, tensor._data.dtype, False
