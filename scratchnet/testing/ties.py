"""Where several elements share the largest value: what flows back to them together.

At a tie there is no derivative, and conventions differ; but moved together, tied elements make no
kink, so that the sum of their gradients is determined.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from scratchnet.engine.dtypes import Array
from scratchnet.testing.differences import Jacobian, Slope, directional, jacobian, scale_of, step_of
from scratchnet.testing.judged import unraveled
from scratchnet.testing.patterns import TIES
from scratchnet.testing.report import Finding

if TYPE_CHECKING:
    from scratchnet.testing.one_check import Check

NUMBERS = 4_000_000  # in one matrix of derivatives, at most
EQUAL = 64  # values that several elements share, at most
ELEMENTS_OF_TIES = 400  # in rounded data, to find what ties do


NOT_TOGETHER = (
    "Where several elements {}, what flows back to them all together is not what came in."
)


def ties(check: Check) -> list[Finding]:
    """Moved together, tied elements make no kink: so far the VJP is determined there."""
    if check._witness is not None or check.order > 1:
        return []
    asked = [i for i, gx in enumerate(check.draws[0]) if gx is not None]
    found = {i: check.jacobian_of(i) for i in asked}
    return _ties_among(check, check.arrays, check.at, check.noise, found)


def _ties_among(
    check: Check, arrays: Sequence[Array], at: Array, noise: Array, found: dict[int, Jacobian]
) -> list[Finding]:
    for group in _tied_groups(found):
        finding = _group(check, arrays, at, noise, found, group)
        if finding is not None:
            return [finding]
    return []


def _group(
    check: Check,
    arrays: Sequence[Array],
    at: Array,
    noise: Array,
    found: dict[int, Jacobian],
    group: list[tuple[int, int]],
) -> Finding | None:
    directions: list[Array | None] = [None] * len(arrays)
    for i, j in group:
        if directions[i] is None:
            directions[i] = np.zeros(arrays[i].shape)
        directions[i].reshape(-1)[j] = 1.0  # type: ignore[union-attr]
    scale = min(step_of(arrays[i]) for i, _ in group)
    moved = directional(check.code.value, arrays, directions, at, noise, scale)
    if not _is_smooth(moved):
        return None
    for g in check.gs:
        try:
            with np.errstate(all="ignore"):
                draws = check.code.gradients(g, arrays, check.dtype)
        except Exception:  # of data that it was not given
            return None
        if any(draws[i] is None or draws[i].shape != arrays[i].shape for i, _ in group):
            return None
        got = sum(float(draws[i].reshape(-1)[j]) for i, j in group)
        expected = float(moved.value @ g)
        size = float(abs(moved.value) @ abs(g)) + sum(
            float(abs(found[i].value[_row(found[i], j)]) @ abs(g)) for i, j in group
        )
        relative = max([1e-6, *(check.relative_of_code(i) for i, _ in group)])
        bound = 2 * float(moved.error @ abs(g)) + relative * size
        if arrays is check.arrays:
            check.tied |= {i for i, _ in group}
        if not np.isfinite(got) or abs(got - expected) <= bound:
            continue
        i, j = group[0]
        index = unraveled(j, arrays[i].shape)
        rewarded = all(
            abs(draws[a].reshape(-1)[b] - _steepest(found[a], b) @ g) <= 1e-4 * size + bound
            for a, b in group
        )
        of = "" if arrays is check.arrays else " (in the data rounded, so that there are ties)"
        sentence = (
            TIES["all rewarded"] if rewarded else NOT_TOGETHER.format("share the largest value")
        )
        return Finding(
            argument=check.code.names[i],
            cause="ties",
            sentence=f"{sentence} The values here are the sums over {len(group)} elements "
            f"that are tied{of}, the first of which is at {list(index)}.",
            index=index,
            got=got,
            expected=expected,
            wrong=len(group),
            checked=len(group),
            largest_error=abs(got - expected),
            times=abs(got - expected) / bound if bound else np.inf,
            order=check.order,
        )
    return None


def equal_elements(check: Check, i: int, got: Sequence[Array], wrong: Array) -> bool | None:
    """Whether elements of argument i look wrong only since they equal others, as of a median.

    Of three or more equal elements none changes the middle one when it is moved alone: there is no
    kink, and no gradient either, since moved together they do.  What flows back to them all is
    determined.

    Returns:
        True: that is so, and what flows back to them all together is right; False: it is not
        right; None: they are wrong for another reason.
    """
    x, found = check.arrays[i].reshape(-1), check.jacobian_of(i)
    if found.elements.size < x.size or not 0 < wrong.sum() <= x.size:
        return None
    values = np.unique(x[wrong.reshape(-1)])
    if values.size > EQUAL or any((x == value).sum() < 2 for value in values):
        return None
    groups, slopes = [], []
    tied = np.zeros(check.size, bool)
    for value in values:
        group = x == value
        directions: list[Array | None] = [None] * len(check.arrays)
        directions[i] = group.astype(np.float64).reshape(check.arrays[i].shape)
        step = step_of(check.arrays[i])
        moved = directional(check.code.value, check.arrays, directions, check.at, check.noise, step)
        if not _is_smooth(moved):
            return None
        alone = found.value[group]
        size = abs(alone).max(initial=0.0) + abs(moved.value).max(initial=0.0)
        tied |= abs(moved.value - alone.sum(axis=0)) > 1e-4 * size
        groups.append(group)
        slopes.append(moved)
    if not tied.any():
        return None
    truth = check._truth(i)
    for g in check.gs:  # without what comes from the results that ties are part of
        rest = np.where(tied, 0.0, g)
        gx = check.code.gradients(rest, check.arrays, check.dtype)[i]
        if gx is None or gx.shape != wrong.shape:
            return None
        bound = truth.bound(g) + 1e-6 * abs(g).max() * abs(found.value).max(initial=0.0)
        if (abs(gx - truth.gradient(rest)) > bound)[wrong].any():
            return None
    for a, g in zip(got, check.gs, strict=False):
        for group, moved in zip(groups, slopes, strict=True):
            size = float(abs(moved.value) @ abs(g)) + float(abs(a.reshape(-1)[group]).sum())
            gap = abs(float(a.reshape(-1)[group].sum()) - float(moved.value @ g))
            if not gap <= 2 * float(moved.error @ abs(g)) + 1e-6 * size:
                return False
    check.tied.add(i)
    return True


def provoked_ties(check: Check) -> list[Finding]:
    """The same for rounded data, where ties abound, of the arguments that make kinks at all."""
    if check._witness is not None or check.order > 1:
        return []
    rounded = [_rounded(x) if x.dtype.kind == "f" else x for x in check.arrays]
    try:
        at = check.code.value(rounded)
        if at.shape != check.at.shape or not np.isfinite(at).all():
            return []
        noise = check.noise_at(rounded)

        def moved(i: int, elements: Array) -> Jacobian:
            return jacobian(check.code.value, rounded, i, elements, at, noise)

        most = min(ELEMENTS_OF_TIES, max(16, NUMBERS // max(1, check.size)))
        found = {}
        for i, gx in enumerate(check.draws[0]):
            n = rounded[i].size
            if gx is None or not n:
                continue
            some = np.sort(np.random.default_rng(0).choice(n, min(n, 24), replace=False))
            if moved(i, some).kinked.any():
                # Neighbours, as those in a window are; a group that is not whole has a kink.
                found[i] = moved(i, np.arange(min(n, most)))
        return _ties_among(check, rounded, at, noise, found)
    except Exception:  # of data that it was not given
        return []


def _rounded(x: Array) -> Array:
    """To a power of two near the size of the data, so that many elements are equal."""
    unit = 2.0 ** round(np.log2(scale_of(x)))
    return np.asarray(np.round(x / unit) * unit)


def _is_smooth(found: Slope) -> bool:
    size = float(abs(found.value).max(initial=0.0)) + float(abs(found.jump).max(initial=0.0))
    return bool((found.uncertainty <= 1e-4 * size).all())


def _row(found: Jacobian, j: int) -> int:
    return int(np.searchsorted(found.elements, j))


def _steepest(found: Jacobian, j: int) -> Array:
    """The slopes of element j on the side where they are larger."""
    row = _row(found, j)
    up = found.value[row] + found.jump[row] / 2
    down = found.value[row] - found.jump[row] / 2
    steepest: Array = np.where(abs(up) > abs(down), up, down)
    return steepest


def _tied_groups(found: dict[int, Jacobian]) -> list[list[tuple[int, int]]]:
    """Elements with a kink in a result that they share, (argument, flat index), joined."""
    parent: dict[tuple[int, int], tuple[int, int]] = {}

    def root(node: tuple[int, int]) -> tuple[int, int]:
        while parent[node] != node:
            node = parent[node]
        return node

    first: dict[int, tuple[int, int]] = {}
    for i, part in found.items():
        for row, output in zip(*np.nonzero(part.kinked), strict=True):
            node = (i, int(part.elements[row]))
            parent.setdefault(node, node)
            other = first.setdefault(int(output), node)
            parent[root(node)] = root(other)
    groups: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for node in parent:
        groups.setdefault(root(node), []).append(node)
    return [sorted(group) for group in groups.values() if len(group) > 1]
