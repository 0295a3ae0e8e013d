"""Arrays as text: what the page holds of each array, to the last bit.

Bytes of equal rank are put together (as HDF5's shuffle filter does), deflated, and written in
base64; the browser undoes it with its own ``DecompressionStream``.
"""

from __future__ import annotations

import base64
import math
import zlib
from typing import Any

import numpy as np

from scratchnet.engine.dtypes import Array

BINS = 41  # of a histogram: odd, so that one of them is centred at 0

# By kind, what JavaScript has a typed array for and holds every value of the dtype exactly.
_STORED = {"b": "u1", "u": "f8", "i": "f8"}


def stored(x: Array) -> Array:
    """`x` in the dtype in which the page keeps it: no value changes (int64 above 2**53 aside).

    >>> stored(np.array([1, 2])).dtype, stored(np.array([0.5], np.float16)).dtype
    (dtype('float64'), dtype('float32'))
    """
    if x.dtype.kind == "f":
        return np.ascontiguousarray(x, "f8" if x.dtype.itemsize > 4 else "f4")
    return np.ascontiguousarray(x, _STORED.get(x.dtype.kind, "f8"))


def encode(x: Array) -> dict[str, Any]:
    """The dtype and the text of an array, as :func:`decode` and the page read them.

    >>> encoded = encode(np.arange(3, dtype=np.float32))
    >>> encoded["kind"], decode(encoded, (3,)).tolist()
    ('f4', [0.0, 1.0, 2.0])
    """
    flat = stored(x).ravel()
    shuffled = flat.view(np.uint8).reshape(flat.size, flat.itemsize).T
    packed = zlib.compress(np.ascontiguousarray(shuffled).tobytes(), 6)
    return {"kind": flat.dtype.str[1:], "data": base64.b64encode(packed).decode()}


def decode(encoded: dict[str, Any], shape: tuple[int, ...]) -> Array:
    """The array of that shape that :func:`encode` was given."""
    dtype = np.dtype(encoded["kind"])
    raw = np.frombuffer(zlib.decompress(base64.b64decode(encoded["data"])), np.uint8)
    size = math.prod(shape)
    numbers: Array = np.ascontiguousarray(raw.reshape(dtype.itemsize, size).T).view(dtype)
    return numbers.reshape(shape)


def statistics(x: Array) -> dict[str, Any]:
    """What the page says of an array: norm, range, share of zeros, a histogram of what is finite.

    >>> found = statistics(np.array([0.0, -3.0, 4.0], np.float32))
    >>> found["norm"], found["zeros"], found["min"], found["max"]
    (5.0, 1, -3.0, 4.0)
    """
    wide = x.astype(np.float64).ravel()
    finite = wide[np.isfinite(wide)]
    found: dict[str, Any] = {
        "size": int(x.size),
        "zeros": int((wide == 0).sum()),
        "lost": int(wide.size - finite.size),
        "norm": float(np.sqrt((finite * finite).sum())),
    }
    if finite.size:
        found["min"], found["max"] = float(finite.min()), float(finite.max())
        limit = max(-found["min"], found["max"]) or 1.0
        counts, _ = np.histogram(finite, BINS, (-limit, limit))
        found["limit"], found["counts"] = limit, counts.tolist()
    return found
