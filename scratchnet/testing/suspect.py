"""A wrong gradient, and what can be asked about it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import combinations
from typing import Any, Protocol

import numpy as np

from scratchnet.engine.dtypes import Array
from scratchnet.testing.differences import Jacobian
from scratchnet.testing.witness import Truth

NEAR = 1e-5  # of the largest value: a gradient so near is the same

# What a try raises for shapes or values that it was not made for: no cause is lost by that.
UNFIT = (ArithmeticError, IndexError, ValueError, np.linalg.LinAlgError)


@dataclass(frozen=True)
class Verdict:
    """A cause, one of the words of the report, and the sentence that explains it."""

    cause: str
    sentence: str


class Code(Protocol):
    """The code under test: see `scratchnet.testing.user_code`."""

    @property
    def names(self) -> list[str]:
        """What the arguments are called."""

    def gradients(self, g: Array, arrays: Sequence[Array]) -> list[Any]:
        """What the VJP returns for the cotangent `g`, a vector over all outputs."""

    def value(self, arrays: Sequence[Array]) -> Array:
        """All outputs as one vector."""


@dataclass
class Suspect:
    """One argument whose gradient is wrong.

    Attributes:
        code: what is checked.
        argument: which argument.
        arrays: all arguments, in float64 where they are floating.
        ys: the outputs.
        gs: random cotangents, vectors over all outputs.
        got, truth: the gradient for each of them; NaN where the right one is not known.
        ones: the same for the cotangent of ones, got and right.
        right: says the right gradient for any cotangent.
        kinks: makes the derivatives by differences, where they are not made yet.
    """

    code: Code
    argument: int
    arrays: list[Array]
    ys: list[Array]
    gs: list[Array]
    got: list[Array]
    truth: list[Array]
    ones: tuple[Array, Array]
    right: Truth
    kinks: Callable[[], Jacobian]
    memo: dict[str, Any] = field(default_factory=dict)  # what was asked for once

    @property
    def name(self) -> str:
        return self.code.names[self.argument]

    @property
    def x(self) -> Array:
        """The argument itself."""
        return self.arrays[self.argument]

    @property
    def y(self) -> Array | None:
        """The output, if there is one only."""
        return self.ys[0] if len(self.ys) == 1 else None

    @property
    def others(self) -> Iterator[tuple[str, Array]]:
        """Name and value of the other arguments."""
        pairs = zip(self.code.names, self.arrays, strict=True)
        return ((n, x) for i, (n, x) in enumerate(pairs) if i != self.argument)

    def cotangent(self, draw: int) -> Array | None:
        """A cotangent in the shape of the output, if there is one only."""
        return None if self.y is None else self.gs[draw].reshape(self.y.shape)

    def ask(self, g: Array, arrays: Sequence[Array] | None = None) -> Array | None:
        """What the code says for another cotangent or other arguments; None if it raises."""
        try:
            with np.errstate(all="ignore"):
                given = self.arrays if arrays is None else arrays
                gx = self.code.gradients(np.ravel(g), given)[self.argument]
        except Exception:  # it was not made for this
            return None
        return None if gx is None else np.asarray(gx, np.float64)

    def true(self, g: Array) -> Array:
        """The right gradient, NaN where it is not known."""
        return np.where(self.right.sure, self.right.gradient(np.ravel(g)), np.nan)

    def agree(self, found: Sequence[Array | None], wanted: Sequence[Array]) -> bool:
        """Whether `found` is `wanted`, for each draw, wherever both are known."""
        return all(self.same(a, b) for a, b in zip(found, wanted, strict=True))

    def same(self, a: Array | None, b: Array) -> bool:
        """As `agree`, of one draw."""
        if a is None or a.shape != b.shape:
            return False
        known = np.isfinite(b) & ~np.isnan(a)
        if not known.any() or 2 * known.sum() < np.isfinite(b).sum():
            return False
        size = float(abs(b[known]).max())
        return size > 0 and bool((abs(a[known] - b[known]) <= NEAR * size).all())

    _filter: tuple[int, ...] = field(default=(), init=False)

    @cached_property
    def _spatial(self) -> dict[str, tuple[int, ...]]:
        """Rows and columns: the axes of images and of filters, where shapes tell which they are."""
        y = self.ys[0]
        if y.ndim != 4:
            return {}
        four = [x for x in self.arrays if x.ndim == 4]
        for x in (x for x in four if x.shape[0] == y.shape[0]):
            others = [k for k in four if k is not x]
            for k in others:
                last = (k.shape[2], k.shape[3]) == (x.shape[3], y.shape[3])
                first = (k.shape[1], k.shape[0]) == (x.shape[1], y.shape[1])
                if last != first:
                    self._filter = k.shape
                    return (
                        {"image": (1, 2), "filter": (0, 1)}
                        if last
                        else {"image": (2, 3), "filter": (2, 3)}
                    )
            if not others and (x.shape[3] == y.shape[3]) != (x.shape[1] == y.shape[1]):
                return {"image": (1, 2) if x.shape[3] == y.shape[3] else (2, 3)}
        lengths = {x.size for x in self.arrays if x.ndim == 1}  # a bias, gamma
        if len(four) < 2 and (y.shape[3] in lengths) != (y.shape[1] in lengths):
            return {"image": (1, 2) if y.shape[3] in lengths else (2, 3)}
        return {}

    def spatial(self, x: Array) -> tuple[int, ...]:
        """The axes of the rows and of the columns of an argument or result; none if not known."""
        if x.ndim != 4 or not self._spatial:
            return ()
        return self._spatial.get("image" if self.is_of_batch(x) else "filter", ())

    def is_of_batch(self, x: Array) -> bool:
        """Whether the first axis of an argument is that of the batch, as it is of images.

        It is not that of a filter with as many rows as there are images.
        """
        shape = self.ys[0].shape
        is_filter = bool(self._spatial) and x.shape == self._filter
        return bool(shape) and x.ndim > 1 and x.shape[0] == shape[0] and not is_filter

    def pictured(self, x: Array, axes: Sequence[int]) -> str:
        """Axes of `x` by number, and as rows and columns where it is an image or a filter."""
        words = dict(zip(self.spatial(x), ("rows", "columns"), strict=False))
        if not axes or not set(axes) <= set(words):
            return said(axes)
        return f"{' and '.join(words[axis] for axis in axes)} ({said(axes)})"

    def y_is_of_groups(self, axes: tuple[int, ...]) -> bool:
        """Whether the output is one number for each group along `axes`, or one for all."""
        groups = self.x.size // int(np.prod([self.x.shape[axis] for axis in axes]))
        return self.y is not None and self.y.size in (1, groups)

    def of_output(self, k: int) -> Suspect:
        """The same argument, where all but one of several outputs get no cotangent."""
        sizes = [y.size for y in self.ys]
        start = sum(sizes[:k])
        part = slice(start, start + sizes[k])
        code = _OfOneOutput(self.code, self.right, part, sum(sizes))
        gs = [g[part] for g in self.gs]
        found = [
            np.asarray(code.gradients(g, self.arrays)[self.argument], np.float64)
            for g in (*gs, np.ones(sizes[k]))
        ]
        truth = [self.true(code.spread(g)) for g in (*gs, np.ones(sizes[k]))]

        def kinks() -> Jacobian:
            whole = self.kinks()
            columns = (whole.value[:, part], whole.error[:, part], whole.jump[:, part])
            return Jacobian(whole.shape, whole.elements, *columns, whole.unit)

        return replace(
            self,
            code=code,
            ys=[self.ys[k]],
            gs=gs,
            got=found[:-1],
            truth=truth[:-1],
            ones=(found[-1], truth[-1]),
            right=code,
            kinks=kinks,
            memo={},
        )

    def moved(self, argument: int, x: Array) -> list[Array]:
        """All arguments, one of them another one."""
        return [*self.arrays[:argument], x, *self.arrays[argument + 1 :]]

    def near(self, draw: int) -> float:
        """A difference that is none."""
        return NEAR * float(np.nanmax(abs(self.truth[draw]), initial=0.0))


@dataclass
class _OfOneOutput:
    """The code under test, and the truth, with the cotangents of all other outputs 0."""

    code: Code
    right: Truth
    part: slice
    size: int

    @property
    def names(self) -> list[str]:
        return self.code.names

    def gradients(self, g: Array, arrays: Sequence[Array]) -> list[Any]:
        return self.code.gradients(self.spread(g), arrays)

    def value(self, arrays: Sequence[Array]) -> Array:
        return self.code.value(arrays)[self.part]

    def gradient(self, g: Array) -> Array:
        return self.right.gradient(self.spread(g))

    def bound(self, g: Array) -> Array:
        return self.right.bound(self.spread(g))

    @property
    def sure(self) -> Array:
        return self.right.sure

    def spread(self, g: Array) -> Array:
        """A cotangent of this output as one of all outputs."""
        full = np.zeros(self.size)
        full[self.part] = np.ravel(g)
        return full


def subsets(axes: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """All choices of axes but none, the small ones first.

    >>> list(subsets([0, 1]))
    [(0,), (1,), (0, 1)]
    """
    for count in range(1, len(axes) + 1):
        yield from combinations(axes, count)


def said(axes: Sequence[int]) -> str:
    """``axis 1``, ``axes 1 and 2``.

    >>> said([1]), said([0, 1, 2])
    ('axis 1', 'axes 0, 1 and 2')
    """
    words = [str(axis) for axis in axes]
    if len(words) == 1:
        return f"axis {words[0]}"
    return f"axes {', '.join(words[:-1])} and {words[-1]}"
