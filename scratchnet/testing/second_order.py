"""The second order of a VJP of arrays: whether it moves with its arguments as it should."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from scratchnet.engine.dtypes import Array
from scratchnet.testing.differences import EPS, Slope, scale_of, slope
from scratchnet.testing.judged import cotangent
from scratchnet.testing.report import Finding
from scratchnet.testing.witness import ByDifferences

if TYPE_CHECKING:
    from scratchnet.testing.one_check import Check


def second_order(check: Check) -> list[Finding]:
    """``d/dt <w, vjp(g, x + t v)>`` against ``∂²/∂s∂t <g, f(x + s w + t v)>``."""
    asked = [i for i, gx in enumerate(check.draws[0]) if gx is not None]
    for a in asked:
        for b in asked:  # labels, say, without a gradient of their own, stay what they are
            finding = _mixed(check, a, b, check.gs[0])
            if finding is not None:
                return [finding]
    return []


def _smooth_direction(check: Check, i: int) -> Array:
    """A random direction that moves no element that is at a kink."""
    sure = ByDifferences(check.jacobian_of(i)).sure
    return cotangent(check.rng, sure.size).reshape(sure.shape) * sure


def _mixed(check: Check, a: int, b: int, g: Array) -> Finding | None:
    arrays, code = check.arrays, check.code
    w, v = (_smooth_direction(check, i) for i in (a, b))
    sa, sb = scale_of(arrays[a]), scale_of(arrays[b])

    def moved(s: float, t: float) -> list[Array]:
        changed = list(arrays)
        changed[b] = changed[b] + t * sb * v
        changed[a] = changed[a] + s * sa * w
        return changed

    def by_code(t: float) -> Array:
        gx = code.gradients(g, moved(0, t), check.dtype)[a]
        return np.array([sa * float(np.sum(np.asarray(gx, np.float64) * w))])

    def by_differences(t: float) -> Array:
        def inner(s: float) -> Array:
            return np.array([float(code.value(moved(s, t)) @ g)])

        around = inner(0.0)
        return _slope_of(inner, around, np.full(1, float(check.noise @ abs(g)))).value

    with np.errstate(all="ignore"):
        start = by_code(0.0)
        size = float(abs(check.at) @ abs(g)) + abs(float(start[0]))
        noise = np.full(1, EPS * size)
        found = _slope_of(by_code, start, noise)
        truth = _slope_of(
            by_differences, by_differences(0.0), np.full(1, 1e4 * float(check.noise @ abs(g)))
        )
    size = max(abs(float(found.value[0])), abs(float(truth.value[0])))
    if float(found.uncertainty[0] + truth.uncertainty[0]) > 1e-3 * size:
        return None
    gap = abs(float(found.value[0] - truth.value[0]))
    bound = 4 * float(found.error[0] + truth.error[0]) + 1e-5 * abs(float(truth.value[0]))
    if gap <= bound + 1e-7 * abs(float(start[0])):
        return None
    return Finding(
        argument=code.names[a],
        cause="second_order",
        sentence=f"The gradient of `{code.names[a]}` is right where it was asked, and does "
        f"not change as it should when `{code.names[b]}` does: it uses a value that was kept "
        "from before as if it were a constant. Compute it from the arguments of the VJP.",
        index=(),
        got=float(found.value[0]),
        expected=float(truth.value[0]),
        wrong=1,
        checked=1,
        largest_error=gap,
        times=gap / bound if bound else np.inf,
        order=2,
    )


def _slope_of(f: Callable[[float], Array], at: Array, noise: Array) -> Slope:
    return slope(f, at, 1.0, noise)
