"""Derivatives by differences, with what is known of their error, and of kinks.

A central difference over 2h has an error in h², h⁴, …, of which Richardson's extrapolation from h,
h/2 and h/4 takes away the first two.  How far the last two extrapolations are apart says how good
they are.  At a kink the slopes on both sides differ by a jump J, and

    S(h) = (f(h) - 2 f(0) + f(-h)) / h

tends to J, where it tends to 0 for what is smooth.  Near a kink smaller steps, which do not reach
it, are taken.  At a kink there is no derivative, and VJPs differ by their conventions, as those of
relu and of ties do: what lies there is left out.

Reference: L. F. Richardson, "The approximate arithmetical solution by finite differences" (1911);
the noise of a function: J. J. Moré and S. M. Wild, "Estimating computational noise" (2011).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import comb
from typing import NamedTuple

import numpy as np

from scratchnet.engine.dtypes import Array

Along = Callable[[float], Array]  # t -> f(x + t v), a vector in float64

EPS = float(np.finfo(np.float64).eps)
START = 2.0**-7  # the first step, in units of the data
START_OF_NOISY = 2.0**-4  # of code that computes in float32, whatever it is given
NOISY = 1e-11
SHRINK = 8.0
LEVELS = 5
GOOD = 1e-9  # an error so small needs no smaller step
SPACINGS = (0.618e-6, 0.793e-6, 1e-6)  # of the points that show the noise
SMOOTH = 1e-5  # a smaller jump of the slope is none


class Step(NamedTuple):
    """A function at both ends of a step from 0; every difference here is made of such steps."""

    h: float
    up: Array  # f(h)
    down: Array  # f(-h)

    @property
    def central(self) -> Array:
        """``(f(h) - f(-h)) / 2h``, whose error is of the order h²."""
        return (self.up - self.down) / (2 * self.h)

    def sides(self, at: Array) -> tuple[Array, Array]:
        """``(f(h) - f(0)) / h`` and ``(f(0) - f(-h)) / h``; `at` is f(0)."""
        return (self.up - at) / self.h, (at - self.down) / self.h

    def bend(self, at: Array) -> Array:
        """``(f(h) - 2 f(0) + f(-h)) / h``, which tends to the jump of the slope at 0."""
        bend: Array = (self.up - 2 * at + self.down) / self.h
        return bend


def step(along: Along, h: float) -> Step:
    """`along` a step of `h` before and behind 0.

    >>> found = step(lambda t: np.array([t**2 + t]), 0.5)
    >>> found.central, found.sides(np.zeros(1))
    (array([1.]), (array([1.5]), array([0.5])))
    """
    return Step(h, along(h), along(-h))


@dataclass(frozen=True)
class Slope:
    """One derivative of every output: central value, error, and jump of the slope (0 if smooth)."""

    value: Array
    error: Array
    jump: Array

    @property
    def uncertainty(self) -> Array:
        """How far the derivative that a VJP uses may be from `value`."""
        return self.error + abs(self.jump) / 2


def slope(along: Along, at: Array, scale: float, noise: Array) -> Slope:
    """The derivative of `along` at 0.

    Args:
        along: the function on a line; outputs that are not finite have no derivative.
        at: its value at 0.
        scale: how far from 0 it changes noticeably.
        noise: the rounding error of each output.

    >>> found = slope(lambda t: np.array([np.sin(t), abs(t)]), np.zeros(2), 1.0, np.full(2, EPS))
    >>> bool(abs(found.value - [1, 0]).max() < 1e-11), found.jump.round(6)
    (True, array([0., 2.]))
    """
    noisy = bool(noise.size) and float(np.median(noise / (abs(at) + 1e-300))) > NOISY
    start = START_OF_NOISY if noisy else START
    best = None
    for level in range(LEVELS):
        h = scale * start / SHRINK**level
        found = _richardson(along, at, h, noise)
        if best is None and (found.uncertainty <= 2 * _rounding(noise, h)).all():
            return found  # smaller steps would only round more
        settled = best is not None and _same_jump(best, found)
        best = found if best is None else _better(best, found)
        size = float(abs(best.value).max(initial=0))
        if settled or float(best.uncertainty.max(initial=0)) <= GOOD * size:
            break
    return best  # type: ignore[return-value]


def _richardson(along: Along, at: Array, h: float, noise: Array) -> Slope:
    with np.errstate(all="ignore"):
        steps = [step(along, h), step(along, h / 2), step(along, h / 4)]
        d = [one.central for one in steps]
        a, b = (4 * d[1] - d[0]) / 3, (4 * d[2] - d[1]) / 3
        value = (16 * b - a) / 15
        rounding = _rounding(noise, h)
        error = abs(value - b) + rounding
        s = [one.bend(at) for one in steps]
        jump = (8 * (2 * s[2] - s[1]) - (2 * s[1] - s[0])) / 7
        jump = np.where(abs(jump) > 8 * rounding, jump, 0.0)
    lost = ~(np.isfinite(value) & np.isfinite(error) & np.isfinite(jump))
    return Slope(np.where(lost, 0, value), np.where(lost, np.inf, error), np.where(lost, 0, jump))


def _rounding(noise: Array, h: float) -> Array:
    """What rounding of the values does to the extrapolated slope."""
    return 8 * noise / h


def _better(a: Slope, b: Slope) -> Slope:
    take = b.uncertainty < a.uncertainty
    pairs = ((a.value, b.value), (a.error, b.error), (a.jump, b.jump))
    return Slope(*(np.where(take, new, old) for old, new in pairs))


def _same_jump(a: Slope, b: Slope) -> bool:
    """Whether all that is uncertain is a kink at this very point, which smaller steps keep."""
    size = float(abs(a.value).max(initial=0)) + float(abs(a.jump).max(initial=0))
    near = 1e-6 * size
    return bool(size) and bool(
        (a.error <= near).all()
        and (b.error <= near).all()
        and (abs(a.jump - b.jump) <= near).all()
        and (abs(a.jump).max(initial=0) > SMOOTH * size)
    )


def noise_of(along: Along, scale: float) -> Array:
    """The rounding error of each output, from fifth differences over a millionth of the data.

    The points lie on one side of 0, so that a kink there does not look like noise.  Three spacings
    are tried: one that is nearly a multiple of what values are rounded to shows no rounding.

    >>> float32 = lambda t: np.sin(np.array([1, 2], np.float32) + np.float32(t)).astype(np.float64)
    >>> bool(1e-8 < noise_of(float32, 1.0).max() < 1e-6)
    True
    """
    factor = 1.0
    for spacing in SPACINGS:
        with np.errstate(all="ignore"):
            ys = np.stack([along(scale * spacing * (k + 1)) for k in range(8)])
            differences = np.diff(ys, n=5, axis=0)
            found = np.sqrt((differences**2).mean(axis=0) / comb(10, 5))
            size = abs(ys[0]) + np.sqrt((ys[0] ** 2).mean()) if ys.size else abs(ys[0])
            ratio = found / (EPS * size)
        ratio = ratio[np.isfinite(ratio)]
        factor = max(factor, float(np.median(ratio)) if ratio.size else 1.0)
    return np.asarray(factor * EPS * np.where(np.isfinite(size), size, 0.0))


@dataclass(frozen=True)
class Jacobian:
    """The derivatives of all outputs with respect to elements of one argument.

    Attributes:
        shape: of the argument.
        elements: the flat indices that were moved.
        value, error, jump: shape (elements, outputs), as in `Slope`.
        unit: the size of a derivative by its units, largest output by size of the argument.
    """

    shape: tuple[int, ...]
    elements: Array
    value: Array
    error: Array
    jump: Array
    unit: float = 0.0

    def gradient(self, g: Array) -> Array:
        """``Σ_i g_i ∂y_i/∂x_j`` in the shape of the argument; NaN where it is not known."""
        used = np.flatnonzero(g)
        sums = self.value[:, used] @ g[used] if used.size <= 1 else self.value @ g
        return self._spread(np.where(self.lost, np.nan, sums))

    def uncertainty(self, g: Array) -> Array:
        """How far a right gradient may be from `gradient`, because of errors and kinks."""
        error = np.where(np.isfinite(self.error), self.error, 0.0)
        return self._spread((2 * error + abs(self.jump) / 2) @ abs(g))

    def size(self, g: Array) -> Array:
        """``Σ_i |g_i ∂y_i/∂x_j|``: what the rounding of such a sum goes by."""
        return self._spread((abs(self.value) + abs(self.jump) / 2) @ abs(g))

    @cached_property
    def lost(self) -> Array:
        """The elements without a derivative: the function jumps or is not finite beside them."""
        known = max(1e-2 * float(abs(self.value).max(initial=0.0)), 1e-6 * self.unit)
        return np.asarray((~(self.error <= known)).any(axis=1))

    @cached_property
    def kinked(self) -> Array:
        """(elements, outputs): where the slopes on both sides differ."""
        size = abs(self.value).max(axis=0, initial=0) + abs(self.jump).max(axis=0, initial=0)
        return np.asarray(abs(self.jump) > SMOOTH * size)

    def _spread(self, values: Array) -> Array:
        full = np.full(int(np.prod(self.shape)), np.nan)
        full[self.elements] = values
        return full.reshape(self.shape)


def scale_of(x: Array) -> float:
    """The step's unit: the root mean square of the data, 1 if that is 0."""
    if not x.size:
        return 1.0
    return float(np.sqrt(np.mean(np.square(x.astype(np.float64))))) or 1.0


def step_of(x: Array) -> float:
    """As `scale_of`; of data whose spread is far smaller than they are, the spread.

    What subtracts a mean on the way bends within the spread, however far from 0 it is.
    """
    scale = scale_of(x)
    spread = float(np.std(x.astype(np.float64))) if x.size > 1 else 0.0
    return spread if 1e-10 * scale < spread < 1e-3 * scale else scale


def jacobian(
    f: Callable[[Sequence[Array]], Array],
    arrays: Sequence[Array],
    argument: int,
    elements: Array,
    at: Array,
    noise: Array,
) -> Jacobian:
    """Move `elements` of one argument, one after the other.

    Args:
        f: all outputs of the arrays, a vector in float64.
        arrays: float64 where floating.
        argument, elements: which argument, and which of its elements, by flat index.
        at: ``f(arrays)``.
        noise: the rounding error of each output.
    """
    moved = [np.array(x, order="C") for x in arrays]
    x = moved[argument]
    flat, scale = x.reshape(-1), step_of(x)
    rows = []
    for j in elements:
        before = flat[j]

        def along(t: float, j: int = j, before: float = before) -> Array:
            flat[j] = before + t
            return f(moved)

        rows.append(slope(along, at, scale, noise))
        flat[j] = before
    shape = (len(rows), at.size)
    parts = [[getattr(row, name) for row in rows] for name in ("value", "error", "jump")]
    value, error, jump = (np.array(part, np.float64).reshape(shape) for part in parts)
    size = float(abs(at).max(initial=0.0)) or float(noise.max(initial=0.0)) / EPS
    unit = size / scale_of(x)
    return Jacobian(x.shape, np.asarray(elements), value, error, jump, unit)


def directional(
    f: Callable[[Sequence[Array]], Array],
    arrays: Sequence[Array],
    directions: Sequence[Array | None],
    at: Array,
    noise: Array,
    scale: float,
) -> Slope:
    """The derivative along one direction in all arguments (None: an argument that stays)."""

    def along(t: float) -> Array:
        return f([x if v is None else x + t * v for x, v in zip(arrays, directions, strict=True)])

    return slope(along, at, scale, noise)
