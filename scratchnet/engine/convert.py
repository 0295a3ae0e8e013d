"""Python and NumPy values to arrays, by TensorFlow's rules of which dtype they get.

    bool -> bool    int -> int32, int64 from 2**31 on    float -> float32    complex -> complex128
    a NumPy array or scalar keeps its dtype

A list is judged by its first number: if that is an int, floats may follow; if it is a bool, only
bools may; if it is NumPy's float16 or float64, so is the tensor.

With a wanted dtype a Python value may widen its kind (bool to int, int to float, float to complex)
but never narrow it: 1.5 is not an int32.  Two values that TensorFlow takes and silently changes are
refused here: an integer outside the range of the wanted dtype (`cast` wraps it around), and a NumPy
array with fractions that meets an integer tensor.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import numpy as np

from scratchnet.engine.dtypes import DTYPES, Array, spoken
from scratchnet.engine.errors import WHY_NONE, say

_KIND = {"b": 0, "u": 1, "i": 1, "f": 2, "c": 3}
LINE = 64  # bytes of a cache line
LARGE = 1 << 16  # bytes
MOST_AXES = 64  # of a NumPy array


def to_bool(where: str, name: str, value: Any) -> bool:
    """`value` as True or False, as Python takes it.

    Raises:
        ValueError: what is neither: arrays and tensors of several elements, or of none.

    >>> to_bool("f", "flag", np.array([1]))
    True
    """
    if isinstance(value, bool):
        return value
    array = getattr(value, "_data", value)  # of a tensor or a variable
    array = array if isinstance(array, np.ndarray) else value
    if not isinstance(array, np.ndarray) or array.size == 1:
        with suppress(TypeError, ValueError):  # of another library: said as of ours
            return bool(array)
    raise ValueError(say(where, name, "must be True or False", value))


def to_array(value: Any, dtype: np.dtype[Any] | None = None, implicit: bool = False) -> Array:
    """A fresh C-ordered array of `value`, which holds no tensors.

    Args:
        value: a number, nested lists of numbers, a NumPy array or scalar.
        dtype: of the result, if not the one that the rules above give.
        implicit: `dtype` was not asked for, but is that of the tensor which `value` meets: then a
            NumPy value is held to the rule for Python values, and loses no fraction unseen.

    Raises:
        ValueError: ragged lists, lists of mixed types, None, objects, integers out of range.
        TypeError: strings; a value that `dtype` cannot hold.

    >>> to_array([1, 2]).dtype, to_array(1.0).dtype, to_array(np.float64(1)).dtype
    (dtype('int32'), dtype('float32'), dtype('float64'))
    """
    if dtype is not None and dtype.kind == "f" and type(value) in (int, float) and abs(value) < 1e4:
        return np.array(value, dtype)  # a short cut for the commonest case, as in `2.0 * tensor`
    if isinstance(value, np.ndarray | np.generic) or hasattr(value, "__array__"):
        return _from_numpy(value, dtype, implicit)
    try:
        array = np.array(value)  # in NumPy's own choice: bool, int64, float64 or complex128
    except ValueError:
        if (depth := _depth(value)) > MOST_AXES:
            raise ValueError(
                f"Can't convert lists that are nested {depth} deep: a tensor has at most "
                f"{MOST_AXES} axes"
            ) from None
        raise ValueError("Can't convert non-rectangular Python sequence to Tensor.") from None
    first = _first_leaf(value)
    if array.dtype.kind in "Of" and isinstance(first, int | np.integer) and _all_integers(value):
        array = np.array(value, dtype=object)  # NumPy has no other dtype beyond 64 bits
    elif array.dtype.kind not in _KIND:
        raise _unsupported(value, first, dtype)
    _check_mixed(array, first, dtype)
    if array.dtype.kind in "Oui":
        return _integers(array, value, dtype)
    return _default(array, first) if dtype is None else _cast(array, value, dtype)


def _depth(value: Any) -> int:
    """How deep lists are nested, by the first of each."""
    depth = 0
    while isinstance(value, list | tuple) and value and depth < 1000:  # a list may hold itself
        value, depth = value[0], depth + 1
    return depth


def _from_numpy(value: Any, dtype: np.dtype[Any] | None, implicit: bool) -> Array:
    array = np.asarray(value)
    own = DTYPES.get(array.dtype.newbyteorder("="))
    if own is None:
        raise ValueError(
            f"Failed to convert a NumPy array to a Tensor (Unsupported dtype {array.dtype})."
        )
    if dtype is not None and (implicit or own.is_complex):
        return _cast(_whole(array, dtype), value, dtype)
    with np.errstate(all="ignore"):
        return _copied(array, dtype or own.numpy)


def _copied(array: Array, dtype: np.dtype[Any]) -> Array:
    """A copy of `array` by rows; a large one begins on a cache line, as TensorFlow's tensors do."""
    size = array.size * dtype.itemsize
    if size < LARGE:
        return np.array(array, dtype=dtype, order="C")
    memory = np.empty(size + LINE, np.uint8)
    skipped = -memory.__array_interface__["data"][0] % LINE
    copy = memory[skipped : skipped + size].view(dtype).reshape(array.shape)
    np.copyto(copy, array, casting="unsafe")
    return copy


def _whole(array: Array, dtype: np.dtype[Any]) -> Array:
    """`array` as integers if it meets some, and holds nothing but whole numbers in their range."""
    if array.dtype.kind != "f" or dtype.kind not in "iu" or not array.size:
        return array
    low, end = float(np.iinfo(dtype).min), float(np.iinfo(dtype).max + 1)
    with np.errstate(invalid="ignore"):
        inside = np.all((array == np.trunc(array)) & (array >= low) & (array < end))
    return array.astype(dtype) if inside else array


def _first_leaf(value: Any) -> Any:
    """The number by which TensorFlow judges nested lists, or whatever stands in its place."""
    while isinstance(value, list | tuple) and value:
        value = value[0]
    return value.ravel()[0] if isinstance(value, np.ndarray) and value.size else value


def _all_integers(value: Any) -> bool:
    return all(isinstance(leaf, int | np.integer) for leaf in np.array(value, dtype=object).flat)


def _check_mixed(array: Array, first: Any, dtype: np.dtype[Any] | None) -> None:
    starts_bool = isinstance(first, bool | np.bool_) and array.dtype.kind != "b" and dtype is None
    ends_complex = isinstance(first, int | float) and array.dtype.kind == "c"
    if starts_bool or ends_complex:
        raise ValueError("Can't convert Python sequence with mixed types to Tensor.")


def _integers(array: Array, value: Any, dtype: np.dtype[Any] | None) -> Array:
    """Integers, which may be Python's own, in `dtype`, or in int32 if they fit and int64 if not."""
    low, high = (int(array.min()), int(array.max())) if array.size else (0, 0)
    if dtype is None:
        dtype = np.dtype(np.int32 if -(2**31) <= low and high < 2**31 else np.int64)
    if dtype.kind == "b":
        raise _cannot(value, dtype)
    if dtype.kind in "iu":
        limits = np.iinfo(dtype)
        if low < limits.min or high > limits.max:
            raise ValueError(
                "Can't convert Python sequence with out-of-range integer to Tensor: "
                f"{_shown(value)} does not fit {dtype.name}, [{limits.min}, {limits.max}]"
            )
    with np.errstate(over="ignore"):
        return array.astype(dtype, order="C")


def _default(array: Array, first: Any) -> Array:
    """bools, floats or complex numbers in the dtype that TensorFlow gives them."""
    if array.dtype.kind != "f":
        return array.astype(np.complex128) if array.dtype.kind == "c" else array
    dtype = first.dtype if isinstance(first, np.floating) else np.dtype(np.float32)
    with np.errstate(over="ignore"):
        out = array.astype(dtype, order="C")
    if np.any(np.isinf(out) & np.isfinite(array)):
        raise ValueError(
            "Can't convert Python sequence with a value out of range for a double-precision float: "
            f"{dtype.name} ends at {np.finfo(dtype).max}"
        )
    return out


def _cast(array: Array, value: Any, dtype: np.dtype[Any]) -> Array:
    """`array` in `dtype`, whose kind must not be narrower."""
    if array.size and _KIND[array.dtype.kind] > _KIND[dtype.kind]:
        raise _cannot(value, dtype)
    with np.errstate(over="ignore"):
        return np.array(array, dtype=dtype, order="C")


def _cannot(value: Any, dtype: np.dtype[Any]) -> TypeError:
    return TypeError(f"Cannot convert {_shown(value)} to EagerTensor of dtype {spoken(dtype)}")


def _unsupported(value: Any, first: Any, dtype: np.dtype[Any] | None) -> Exception:
    if isinstance(first, str | bytes):
        if dtype is not None:
            return _cannot(value, dtype)
        return TypeError(
            f"convert_to_tensor: tensors of strings are not supported, received {_shown(value)}"
        )
    if isinstance(first, int | float | complex | np.generic):
        return ValueError("Can't convert Python sequence with mixed types to Tensor.")
    return ValueError(
        f"Attempt to convert a value ({_shown(first)}) with an unsupported type ({type(first)}) to "
        "a Tensor." + (f" If it is a gradient: it is {WHY_NONE}." if first is None else "")
    )


def _shown(value: Any) -> str:
    """`value` as a message quotes it: long lists are cut."""
    text = repr(value)
    return text if len(text) <= 200 else f"{text[:200]}…"
