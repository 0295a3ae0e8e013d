"""What shapes a function returns, found by calling it on stand-ins of several sizes.

A size that is None may be any number to the function, but not to a stand-in: ``x[7]`` needs 8 rows
of it, ``reshape(x, (5, -1))`` a multiple of 5.  Where a stand-in is refused, others are tried; the
numbers in the error say which.  What no stand-in passes is an error of the function.
"""

from __future__ import annotations

import math
import re
import warnings
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple, TypeVar

import numpy as np

from scratchnet.engine.dtypes import Array
from scratchnet.engine.errors import OpError
from scratchnet.ops.describing import describing, size_by_value, was_asked

T = TypeVar("T")
Shape = tuple[int | None, ...] | None

_OF_STAND_INS = (ValueError, OpError, LookupError, ArithmeticError)  # what a wrong size may raise
_MANY_DIVISORS = (60, 120)
_MOST = 64  # sizes that are tried for a function that every stand-in fails
_NUMBERS = 2**23  # in all the stand-ins of these together
_LARGEST = 4096  # size that stands for a None
_NUMBER = re.compile(r"(?<![\w.])\d{1,5}(?!\w|\.\d)")


class Trial(NamedTuple):
    """The stand-ins of one call.

    Attributes:
        size: for a None that is the first of a shape.
        side: for every other None.
        by_value: for a size that depends on values; None for the true one.
        value: what the stand-ins hold; None for an identity in the last two axes, else ones.
    """

    size: int
    side: int
    by_value: int | None
    value: int | None = 1

    @classmethod
    def of(cls, size: int, value: int | None = 1) -> Trial:
        """One size for all."""
        return cls(size, size, size, value)

    def sizes(self, shape: Iterable[int | None]) -> tuple[int, ...]:
        """`shape` with a number for each None."""
        return tuple(
            size if size is not None else self.side if i else self.size
            for i, size in enumerate(shape)
        )

    def filled(self, shape: Iterable[int | None], dtype: Any) -> Array:
        """The stand-in for a tensor of that shape and dtype."""
        sizes = self.sizes(shape)
        if self.value is not None:
            return np.full(sizes, self.value, dtype)
        if len(sizes) < 2:
            return np.ones(sizes, dtype)
        return np.broadcast_to(np.eye(*sizes[-2:], dtype=dtype), sizes).copy()


_IDENTITIES = [Trial.of(size, value=None) for size in _MANY_DIVISORS]


def results(
    function: Callable[[Trial], T],
    shapes: Callable[[T], list[Shape]],
    usual: tuple[Trial, ...],
    arguments: list[Shape],
    values: bool = False,
    is_enough: Callable[[], bool] = lambda: True,
) -> list[T]:
    """What `function` returns for several stand-ins: a size that is not the same in all is None.

    Args:
        function: called with each trial; describes what it makes of the stand-ins.
        shapes: those in a result.
        usual: the first trials; where there is one, and it passes, no other is made.
        arguments: the shapes of what stand-ins are made for.
        values: whether stand-ins of other values are tried, too, where the usual ones pass.
        is_enough: whether a single stand-in that passes will do, where the usual ones fail.

    Returns:
        Results of the same structure, one at least.

    Raises:
        Exception: whatever the function raises for the first stand-in, where none is passed.
    """

    def call(trial: Trial) -> T:
        with describing(trial.by_value):
            return function(trial)

    unknown = max([shape.count(None) for shape in arguments if shape is not None], default=0)
    outer = was_asked()
    found, errors = _tried(call, usual)
    if errors:
        passed, sizes = _searched(call, usual, errors, arguments)
        found += passed
        if not found or (sizes < 2 and not is_enough()):
            raise errors[0]
    asked = was_asked()
    if len(usual) == 1:
        return found
    known = common_shapes([shapes(result) for result in found])
    for trial in _controls(known, usual[0], max(unknown, asked), values):
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")  # of means of nothing
            more, _ = _tried(call, [trial])
        if more and list(map(_rank, shapes(more[0]))) == list(map(_rank, known)):
            found += more
    if outer or asked:
        size_by_value()
    return found


def common_shapes(found: list[list[Shape]]) -> list[Shape]:
    """The shapes that all of `found` have in common: None where two differ.

    Raises:
        ValueError: not all have as many.
    """
    for shapes in found:
        if len(shapes) != len(found[0]):
            raise ValueError(
                "the number of tensors that a function returns must not depend on a size that is "
                f"None, received {len(found[0])} tensors for one size and {len(shapes)} for another"
            )
    return [_common(column) for column in zip(*found, strict=True)]


def _common(column: tuple[Shape, ...]) -> Shape:
    first = column[0]
    if first is None or any(shape is None or len(shape) != len(first) for shape in column):
        return None
    return tuple(
        size if all(shape[i] == size for shape in column if shape) else None
        for i, size in enumerate(first)
    )


def _rank(shape: Shape) -> int | None:
    return None if shape is None else len(shape)


def _controls(known: list[Shape], first: Trial, unknown: int, values: bool) -> Iterator[Trial]:
    """Trials that may show that a size in `known` is that of a stand-in, cut to a length.

    Such a shape has not as many None as the argument, and a size that a part of it may have.
    """
    largest = max(first.size, first.side)
    rest = [
        size
        for shape in known
        if shape is not None and shape.count(None) < unknown
        for size in shape
        if size is not None and size <= largest
    ]
    if 1 in rest:
        yield Trial.of(0)
    if 0 in rest:
        yield Trial.of(_MANY_DIVISORS[0])
    if any(size > 1 for size in rest):
        yield Trial.of(1)
    if rest or values:
        yield first._replace(value=2)


def _tried(call: Callable[[Trial], T], trials: Iterable[Trial]) -> tuple[list[T], list[Exception]]:
    found: list[T] = []
    errors: list[Exception] = []
    for trial in trials:
        try:
            found.append(call(trial))
        except _OF_STAND_INS as error:
            if isinstance(error, TypeError):  # of a dtype, which no other size mends
                raise
            errors.append(error)
    return found, errors


def _searched(
    call: Callable[[Trial], T],
    usual: tuple[Trial, ...],
    errors: list[Exception],
    arguments: list[Shape],
) -> tuple[list[T], int]:
    """The results of other stand-ins that pass, and of how many sizes they are: two at most."""
    others = _others(errors)
    if len(usual) == len(errors) > 1 and len(set(map(_text, errors))) == 1:  # at all sizes
        others = iter([*[trial._replace(value=None) for trial in usual], *_IDENTITIES])
    passed: list[T] = []
    only, left = usual[0], _NUMBERS
    for trial in others:
        count = sum(math.prod(trial.sizes(shape)) for shape in arguments if shape is not None)
        if count > left:
            continue
        left -= count
        more, failed = _tried(call, [trial])
        errors += failed
        passed += more
        if len(passed) == 2 or (more and trial.by_value is None):
            return passed, len(passed)
        if more:
            only = trial
    sizes = len(passed)
    if passed:
        other = only.size + 1  # which of its sizes must be that one
        sides = only._replace(by_value=other), only._replace(size=other), only._replace(side=other)
        passed += _tried(call, sides)[0]
    return passed, sizes


def _others(errors: list[Exception]) -> Iterator[Trial]:
    """Other sizes: of many divisors, then by the numbers in the texts of `errors`, which grow."""
    seen: set[int] = set()

    def new(sizes: Iterable[int]) -> Iterator[Trial]:
        for size in sizes:
            if size not in seen and 0 < size <= _LARGEST and len(seen) < _MOST:
                seen.add(size)
                yield Trial.of(size)

    yield from new(_MANY_DIVISORS)
    for _ in range(2):  # where the first check is passed, a later one may name other numbers
        read = [int(n) for error in errors for n in _NUMBER.findall(_text(error))]
        read = [n for n in dict.fromkeys(read) if n <= _LARGEST]
        yield from new([size for n in read for size in (n, 2 * n, n + 1, 2 * n + 2)])
        yield from new([d for n in read for d in range(2, n) if n % d == 0])
        yield from new(range(1, 13))
    yield Trial(60, 60, None)
    yield from _IDENTITIES


def _text(error: Exception) -> str:
    return str(error.args[0])[:2000] if error.args else ""
