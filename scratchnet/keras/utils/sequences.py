"""pad_sequences: lists of different lengths as one array."""

from __future__ import annotations

import operator
from collections.abc import Sized
from typing import Any

import numpy as np

from scratchnet.engine.dtypes import Array, DType
from scratchnet.engine.errors import say

_SIDES = ("pre", "post")


def pad_sequences(
    sequences: Any,
    maxlen: Any = None,
    dtype: Any = "int32",
    padding: str = "pre",
    truncating: str = "pre",
    value: Any = 0.0,
) -> Array:
    """Sequences as the rows of one array: short ones are filled up, long ones cut off.

    Args:
        sequences: a list of lists or arrays; their elements may be arrays of one shape.
        maxlen: the length of all rows; that of the longest if not given.
        dtype: of the array; with None that of `value`.
        padding: ``"pre"`` to fill up before the elements, ``"post"`` behind them.
        truncating: ``"pre"`` to cut off at the beginning, ``"post"`` at the end.
        value: what is filled in.

    Returns:
        (n, maxlen), or (n, maxlen, \\*shape of an element).

    Raises:
        ValueError: no list of lists, elements of different shapes, a `maxlen` below 1, unknown
            sides, a text as `value` for a `dtype` that holds none.

    Reference: ``keras.utils.pad_sequences``.

    >>> pad_sequences([[1, 2, 3], [4]], maxlen=2)
    array([[2, 3],
           [0, 4]], dtype=int32)
    """
    for name, side in (("padding", padding), ("truncating", truncating)):
        if not isinstance(side, str) or side not in _SIDES:
            raise ValueError(say("pad_sequences", name, "must be 'pre' or 'post'", side))
    if not _has_length(sequences):
        raise ValueError(
            f"`sequences` must be iterable: {_said('must be a list of lists', sequences)}"
        )
    for part in sequences:
        if not _has_length(part):
            said = _said("must be a list of lists", part)
            raise ValueError(f"`sequences` must be a list of iterables: {said} as a part of it")
    kind = _kind(dtype)
    if isinstance(value, str) and kind.kind not in "OUS":
        rule = f"must be a number for dtype={kind}; for texts of any length, set dtype=object"
        raise ValueError(f"is not compatible with `value`: {say(_WHERE, 'value', rule, value)}")
    if dtype is None:  # NumPy's choice for the value, which elements are cast to
        kind = np.asarray(value).dtype
    rows = [_row(part, kind, dtype is None) for part in sequences]
    shapes = {row.shape[1:] for row in rows if len(row)}
    if len(shapes) > 1:
        raise ValueError(
            f"Shape of sample is different from expected shape: "
            f"{_said('must hold elements of one shape', sorted(shapes))}"
        )
    length = _length(maxlen, rows)
    sizes = (len(rows), length, *(shapes.pop() if shapes else ()))
    try:
        found = np.full(sizes, value, kind)
    except (TypeError, ValueError, OverflowError) as error:
        rule = f"must be a number for dtype={kind}, or an element of the shape {sizes[2:]}"
        named = TypeError if isinstance(error, TypeError) else ValueError
        raise named(say(_WHERE, "value", rule, value)) from None
    for i, row in enumerate(rows):
        kept = row[-length:] if truncating == "pre" else row[:length]
        if len(kept) and padding == "pre":
            found[i, -len(kept) :] = kept
        elif len(kept):
            found[i, : len(kept)] = kept
    return found


_WHERE = "pad_sequences"


def _has_length(value: Any) -> bool:
    """Whether `value` is a list or the like, or an array or a tensor that has an axis."""
    return isinstance(value, Sized) and getattr(value, "ndim", 1) != 0


def _kind(dtype: Any) -> np.dtype[Any]:
    try:
        return np.dtype(dtype.numpy if isinstance(dtype, DType) else dtype)
    except (TypeError, ValueError):
        raise TypeError(say(_WHERE, "dtype", "must be a dtype of NumPy's", dtype)) from None


def _row(part: Any, kind: np.dtype[Any], is_cast: bool) -> Array:
    try:
        if is_cast:
            return np.asarray(part).astype(kind)
        return np.asarray(part, None if kind.kind == "O" else kind)
    except (TypeError, ValueError, OverflowError) as error:
        rule = f"must hold lists whose elements have the dtype {kind} and one shape"
        named = TypeError if isinstance(error, TypeError) else ValueError
        raise named(f"{_said(rule, part)} in one of them") from None


def _said(rule: str, value: Any) -> str:
    return say(_WHERE, "sequences", rule, value)


def _length(maxlen: Any, rows: list[Array]) -> int:
    if maxlen is None:
        if not rows:
            raise ValueError(_said("must not be empty without `maxlen`", rows))
        return max(len(row) for row in rows)
    try:
        length = operator.index(maxlen)
    except TypeError:
        length = 0
    if not 1 <= length < 2**48:  # beyond that no memory holds a row
        raise ValueError(say(_WHERE, "maxlen", "must be a positive integer or None", maxlen))
    return length
