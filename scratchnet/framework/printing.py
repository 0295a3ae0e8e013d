"""tf.print: tensors the way TensorFlow's own op writes them, with no dtype and no rounding."""

from __future__ import annotations

import builtins
import logging
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from scratchnet.engine import nest
from scratchnet.engine.dtypes import Array
from scratchnet.engine.operators import Operators

log = logging.getLogger("scratchnet")


def print(*inputs: Any, **kwargs: Any) -> None:
    """Write tensors and Python values in one line (``tf.print``).

    A number is written with as few digits as tell it from its neighbours; of a long axis, the first
    and last three entries.  Tensors may stand in lists, tuples and dicts.

    Args:
        *inputs: what to write.
        output_stream: ``sys.stderr`` (as in TensorFlow, if not given), ``sys.stdout``, or a path
            that begins with ``file://``, to whose end the text is added; or a function that takes
            the text, such as ``logging.info``.
        summarize: how many entries to write at each end of an axis, 3 if not given; -1 for all.
        sep: what stands between the inputs, a space if not given.
        end: what stands at the end, a new line if not given.
        name: unused, as nothing has a name here.

    Raises:
        ValueError: another keyword, or an `output_stream` that is none.
        TypeError: `summarize` is no integer.

    >>> import sys
    >>> import scratchnet as tf
    >>> tf.print("x:", tf.range(10), tf.constant([[1.0, 0.1]]), output_stream=sys.stdout)
    x: [0 1 2 ... 7 8 9] [[1 0.1]]
    """
    stream, summarize = kwargs.pop("output_stream", sys.stderr), kwargs.pop("summarize", 3)
    sep, end = kwargs.pop("sep", " "), kwargs.pop("end", "\n")
    kwargs.pop("name", None)
    if kwargs:
        raise ValueError(f"Unrecognized keyword arguments for tf.print: {kwargs}")
    summarize = 3 if summarize is None else summarize
    if isinstance(summarize, bool) or not isinstance(summarize, int | np.integer):
        raise TypeError(f"Expected int for argument 'summarize' not {summarize!r}.")
    _writer(stream)(sep.join(_text(value, int(summarize)) for value in inputs) + end)


def _writer(stream: Any) -> Callable[[str], object]:
    """What takes the text to `stream`."""
    if stream is sys.stdout or stream is sys.stderr:
        return lambda text: builtins.print(text, end="", file=stream, flush=True)
    if isinstance(stream, str) and stream.startswith("file://"):
        return lambda text: _append(stream.removeprefix("file://"), text)
    if callable(stream):
        return lambda text: stream(text)
    raise ValueError(
        f"Unsupported output stream, logging level, or file.{stream}. Supported streams are "
        "sys.stdout, sys.stderr, a logging function, and 'file://<filepath>'."
    )


def _append(path: str, text: str) -> None:
    with open(path, "a", encoding="utf-8") as file:
        file.write(text)


class _Written(str):
    """A text that a list shows as it is."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def _text(value: Any, summarize: int) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, Operators):
        return _array_text(value._data, summarize)
    if not nest.is_nested(value):
        return repr(value)
    leaves = [
        _Written(_array_text(x._data, summarize)) if isinstance(x, Operators) else x
        for x in nest.flatten(value)
    ]
    packed = nest.pack(value, leaves)
    if isinstance(packed, dict):  # which TensorFlow writes by its sorted keys
        packed = {key: packed[key] for key in sorted(packed)}
    return repr(packed)


def _array_text(data: Array, summarize: int) -> str:
    ends = data.size if summarize < 0 else summarize
    return _number(data[()]) if data.ndim == 0 else _rows(data, ends, 1)


def _rows(data: Array, ends: int, depth: int) -> str:
    """An axis in brackets: its entries, or as many as `ends` at each end of it."""
    n = len(data)
    if data.size == 0:  # TensorFlow stumbles over these, and prints half a bracket
        return "[]" if n == 0 else f"[{_gap(data.ndim, depth)}...]"
    inner = [_number if data.ndim == 1 else lambda row: _rows(row, ends, depth + 1)][0]
    if n <= 2 * ends:
        parts = [inner(row) for row in data]
    else:
        parts = [*map(inner, data[:ends]), "...", *map(inner, data[n - ends :])]
    return f"[{_gap(data.ndim, depth).join(parts)}]"


def _gap(ndim: int, depth: int) -> str:
    """What stands between the entries of an axis."""
    return " " if ndim == 1 else "\n" * (ndim - 1) + " " * depth


_DIGITS = {"float16": (6, 9), "float32": (6, 9), "float64": (15, 17)}


def _number(value: Any) -> str:
    """A number, with the fewest digits that the dtype's own text forms know."""
    if value.dtype.name not in _DIGITS:
        return str(int(value)) if value.dtype.kind in "biu" else str(value)
    few, all_of_them = _DIGITS[value.dtype.name]
    short = f"{float(value):.{few}g}"
    wide = value.dtype.type if value.dtype.name == "float64" else np.float32
    exact = wide(short) == wide(value) or value != value
    return short if exact else f"{float(value):.{all_of_them}g}"
