"""assert_shapes: the sizes of several tensors, checked against each other."""

from __future__ import annotations

import operator
from typing import Any

from scratchnet.debugging.dtypes_and_ranks import led, must_rank
from scratchnet.engine.tensor import Tensor, convert
from scratchnet.engine.tensor_shape import TensorShape

_REST = (Ellipsis, "...", "*")


def assert_shapes(
    shapes: Any,
    data: Any = None,
    summarize: int | None = None,
    message: str | None = None,
    name: str | None = None,
) -> None:
    """Raise unless tensors have these shapes (``tf.debugging.assert_shapes``).

    A size is a number; or a symbol, such as ``"N"``, which must be the same size wherever it
    stands; or None or ``"."`` for any. ``...`` in the first place stands for any number of axes. A
    shape may be a text, of one symbol each: ``"NHWC"``.

    Args:
        shapes: pairs ``(tensor, shape)``, or a dict of them.
        data, summarize: what an error of a TensorFlow graph would show; here errors come at once.
        message: what the error begins with.
        name: unused, as nothing has a name here.

    Raises:
        ValueError: a tensor has another shape, or a shape is none.

    >>> import scratchnet as tf
    >>> assert_shapes([(tf.zeros([4, 3]), ("N", 3)), (tf.zeros([4]), ("N",))])
    """
    pairs = [
        (convert(x), _symbols(convert(x), shape, message))
        for x, shape in (shapes.items() if isinstance(shapes, dict) else shapes)
    ]
    for x, (any_more, symbols) in pairs:
        _check_rank(x, any_more, symbols, message)
    known: dict[Any, tuple[int, str]] = {}
    for x, (any_more, symbols) in pairs:
        for i, symbol in enumerate(symbols):
            axis = i - len(symbols) if any_more else i
            _check_size(x, axis, symbol, known, message)


def _symbols(x: Tensor, shape: Any, message: str | None) -> tuple[bool, list[Any]]:
    """Whether other axes may come first, and the symbols of the last ones."""
    if isinstance(shape, TensorShape):
        shape = shape.as_list()
    if not hasattr(shape, "__iter__"):
        raise ValueError(
            f"{led(message)}{_told(x)}.  Specified shape must be an iterable.  An iterable has "
            f"the attribute `__iter__` or `__getitem__`.  Received specified shape: {shape}"
        )
    symbols = list(shape)
    any_more = bool(symbols) and symbols[0] in _REST
    symbols = symbols[1:] if any_more else symbols
    for i, symbol in enumerate(symbols, any_more):
        if symbol in _REST:
            raise ValueError(
                f"{led(message)}{_told(x)} specified shape index {i}.  Symbol `...` or `*` for a "
                "variable number of unspecified dimensions is only allowed as the first entry"
            )
    return any_more, symbols


def _check_rank(x: Tensor, any_more: bool, symbols: list[Any], message: str | None) -> None:
    n = len(symbols)
    if any_more:
        must_rank(x, x.ndim >= n, f"at least {n}", message)
    elif n == 1:  # TensorFlow lets a scalar pass for a vector of one
        must_rank(x, x.ndim <= 1, "in (0, 1)", message)
    else:
        must_rank(x, x.ndim == n, f"{n}", message)


def _check_size(
    x: Tensor, axis: int, symbol: Any, known: dict[Any, tuple[int, str]], message: str | None
) -> None:
    if symbol is None or symbol == ".":
        return
    shape = x.shape if x.ndim else TensorShape([1])
    size = shape[axis]
    wanted = _number(symbol)
    if wanted is None:
        wanted, source = known.setdefault(
            symbol, (size, f"by tensor {_told_low(x)} dimension {axis}")
        )
    else:
        source = "explicitly"
    if size != wanted:
        raise ValueError(
            f"{led(message)}Specified {source}.  {_told(x)} dimension {axis} must have size "
            f"{wanted}.  Received size {size}, shape {x.shape}"
        )


def _number(symbol: Any) -> int | None:
    """The size that a symbol writes out, if it does."""
    if isinstance(symbol, str):
        return int(symbol) if symbol.isdigit() else None
    try:
        return operator.index(symbol)
    except TypeError:
        return int(symbol) if isinstance(symbol, float) else None


def _told_low(x: Tensor) -> str:
    return f"shape={x.shape} dtype={x.dtype.name}"


def _told(x: Tensor) -> str:
    return f"Tensor {_told_low(x)}"
