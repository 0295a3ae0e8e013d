"""Wrong gradients looked at output by output.

A VJP is linear in the cotangent: it multiplies by a matrix, whose row for output i is what comes
back for a cotangent that is 1 at i and 0 elsewhere.  The rows of the right gradient, and those that
the code has instead, tell what a stride, a dilation, a padding or a loop that overwrites does: a
row moved by a multiple of i is a stride, a row whose elements are further apart a dilation.

In a convolution the elements of a row are elements of the other argument.  Which of them stands
where is a linear map of indices, iy = stride · oy + dilation · a - padding; it is read from both
matrices, by looking the values up, and compared.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from scratchnet.engine.dtypes import Array
from scratchnet.testing.differences import jacobian, noise_of, scale_of, slope
from scratchnet.testing.patterns import explained_rows
from scratchnet.testing.rearrangements import shift_sentence
from scratchnet.testing.suspect import NEAR, UNFIT, Suspect, Verdict, said, subsets

MOST = 300  # rows that are asked for
FRACTION = 0.98  # of the values must be found in the other argument


@dataclass
class Rows:
    """Some rows of both matrices, over the elements whose right gradient is known.

    Attributes:
        outputs: flat indices of the outputs, one for each row.
        got, right: shape (rows, elements of the argument), 0 where not known.
    """

    outputs: Array
    got: Array
    right: Array

    @property
    def near(self) -> float:
        return NEAR * float(abs(self.right).max(initial=0.0))


def _marked(rows: Rows) -> tuple[Array, Array]:
    """Where the right matrix has something, and where the other one has."""
    right: Array = np.greater(np.abs(rows.right), rows.near)
    got: Array = np.greater(np.abs(rows.got), rows.near)
    return right, got


def is_linear(s: Suspect) -> bool:
    """Whether the code's gradient of a sum is the sum of its gradients."""
    both = s.ask(s.gs[0] + 2 * s.gs[1])
    wanted = s.got[0] + 2 * s.got[1]
    if both is None or not s.same(both, np.asarray(wanted)):
        return False
    # Of a mask of the cotangent the signs decide, and those of a sum may be those of its parts.
    turned = s.ask(-s.gs[0])
    return turned is not None and s.same(-turned, np.asarray(s.got[0]))


def rows_of(s: Suspect) -> Rows | None:
    """The rows of both matrices; None where they cannot be had."""
    if "rows" not in s.memo:
        s.memo["rows"] = _rows_of(s)
    rows: Rows | None = s.memo["rows"]
    return rows


def _rows_of(s: Suspect) -> Rows | None:
    outputs = _some_outputs(s)
    n = s.gs[0].size
    known = s.right.sure.reshape(-1)
    got, right = [], []
    for i in outputs:
        one = np.zeros(n)
        one[i] = 1.0
        a = s.ask(one)
        if a is None or a.shape != s.x.shape:
            return None
        got.append(np.where(known, a.reshape(-1), 0.0))
        right.append(np.nan_to_num(s.true(one)).reshape(-1))
    return Rows(outputs, np.array(got), np.array(right))


def _some_outputs(s: Suspect) -> Array:
    """All outputs, or some; those that the wrong elements flow back from are among them."""
    n = s.gs[0].size
    if n <= MOST:
        return np.arange(n)
    some = np.random.default_rng(0).choice(n, MOST, replace=False)
    kinks = s.kinks()
    wrong = np.zeros(s.x.size, bool)
    for d, (a, t) in enumerate(zip(s.got, s.truth, strict=True)):
        with np.errstate(invalid="ignore"):
            wrong |= (abs(a - t) > s.near(d)).reshape(-1)
    slopes = abs(kinks.value[wrong[kinks.elements]][:16])
    telling = np.flatnonzero((slopes > NEAR * slopes.max(initial=0.0)).any(axis=0))
    return np.union1d(some, telling[: MOST // 3])


def _with_an_axis(s: Suspect) -> Suspect:
    """A result that is a scalar as one of shape (1,), whose indices are arrays, too."""
    return s if s.ys[0].ndim else replace(s, ys=[s.ys[0].reshape(1)])


def _asked_rows(s: Suspect) -> Rows | None:
    """The rows, if the code is linear in the cotangent and they differ from the right ones."""
    if s.y is None or not s.y.size or not is_linear(s):
        return None
    rows = rows_of(s)
    if rows is None or not (abs(rows.got - rows.right) > rows.near).any():
        return None
    return rows


def by_output(s: Suspect) -> Verdict | None:
    """What the rows tell, the simplest first."""
    s = _with_an_axis(s)
    rows = _asked_rows(s)
    if rows is None:
        return None
    tries: tuple[Callable[[Suspect, Rows], Verdict | None], ...] = (
        _sum_of_cotangents,
        _overwritten_by_later_windows,
        _row_factors,
        _not_centred,
        _overwritten,
        _moved_rows,
        _index_map,
        _other_element,
    )
    for tried in tries:
        try:
            verdict = tried(s, rows)
        except UNFIT:
            continue
        if verdict is not None:
            return verdict
    return None


def zero_padded(s: Suspect) -> Verdict | None:
    """Of max pooling: negative maxima beside the border lose to a padding of 0 on the way back."""
    y, x = s.y, s.x
    if y is None or y.ndim != x.ndim or not y.size or not np.isin(y, x).all():
        return None
    rows = _asked_rows(s)
    if rows is None:
        return None
    right, kept = _marked(rows)
    lost = right.any(axis=1) & ~kept.any(axis=1)
    same = (abs(rows.got - rows.right) <= rows.near).all(axis=1)
    if not lost.any() or not same.any() or not (same | lost).all() or (right.sum(axis=1) > 1).any():
        return None
    values = y.reshape(-1)[rows.outputs]
    places = _places(s, rows)
    ends = [
        (index == 0) | (index == n - 1)
        for index, n, m in zip(places, y.shape, x.shape, strict=True)
        if n != m
    ]
    at_border = np.logical_or.reduce(ends) if ends else np.zeros(lost.size, bool)
    if (values[lost] >= 0).any() or not at_border[lost].all() or not (values[same] < 0).any():
        return None
    return Verdict(
        "mask",
        f"The cotangent of {int(lost.sum())} of the results at the border goes nowhere, and their "
        "values are negative: on the way back the padding is 0, which is larger than all in their "
        "windows, so that the argmax falls on it. Pad with -inf, as max pooling does.",
    )


def _sum_of_cotangents(s: Suspect, rows: Rows) -> Verdict | None:
    """Every result sends back what all of them together should."""
    everything = np.nan_to_num(s.ones[1]).reshape(-1)
    alone = abs(rows.right - everything).max(axis=1) <= 10 * rows.near
    if len(rows.got) < 2 or alone.any():
        return None
    if not (abs(rows.got - everything) <= 10 * rows.near).all():
        return None
    return Verdict(
        "broadcast",
        f"Each element of `{s.name}` gets the sum of the cotangent, g.sum(), as if it were part of "
        "every result: it should get the cotangent of the results that it is part of (g[:, None], "
        "or g with keepdims, where the forward pass summed over the last axis).",
    )


def by_places(s: Suspect) -> Verdict | None:
    """What the rows tell where nothing else is known: where something is, and by which factor."""
    s = _with_an_axis(s)
    rows = _asked_rows(s)
    if rows is None or not np.any(rows.right):
        return None
    return _unmasked(s, rows) or _to_some(s, rows) or _local_factors(s, rows)


def _to_some(s: Suspect, rows: Rows) -> Verdict | None:
    """Each result flows back to a few of the elements that it depends on, and not as it should."""
    right, kept = _marked(rows)
    live = right.any(axis=1)
    if (kept & ~right).any() or not kept[live].any(axis=1).all():
        return None
    counts = np.array([part[live].sum(axis=1) for part in (right, kept)])
    if not (2 * counts[1] <= counts[0]).all():
        return None
    most = int(counts[0].argmax())
    return Verdict(
        "missing",
        f"Results send their cotangent to some of the elements of `{s.name}` that they depend on, "
        f"and not to all: to {counts[1][most]} of {counts[0][most]}, for one.",
    )


def all_pass(s: Suspect) -> Verdict | None:
    """What is right is there, and more beside it."""
    s = _with_an_axis(s)
    rows = _asked_rows(s)
    return None if rows is None else _unmasked(s, rows, exactly=True)


def _unmasked(s: Suspect, rows: Rows, exactly: bool = False) -> Verdict | None:
    """Results flow back to elements that they do not depend on, beside those that they do."""
    right, kept = _marked(rows)
    extra = kept & ~right
    if not extra.any() or (right & ~kept).any() or not right.any():
        return None
    count = int(extra.any(axis=1).sum())
    i, j = (int(n) for n in np.argwhere(extra)[0])
    result = [int(n) for n in np.unravel_index(rows.outputs[i], s.y.shape)]  # type: ignore[union-attr]
    element = [int(n) for n in np.unravel_index(j, s.x.shape)]
    text = (
        f"{count} of {len(right)} results send their cotangent to elements of `{s.name}` that they "
        f"do not depend on, as that at {result} to the element at {element}"
    )
    if (abs(rows.got - rows.right)[right] <= 10 * rows.near).all():
        return Verdict(
            "mask",
            f"{text}; what the others get is right. A mask is missing on the way back: of max "
            "pooling only the largest element of each window passes the cotangent on.",
        )
    few = 10 * extra.sum() < kept.sum()  # of values that are nearly 0, by chance
    if exactly or few or not right[extra.any(axis=1)].any(axis=1).all():
        return None
    axes = [_varying_axes(s, rows, marks) for marks in (right, kept)]
    if axes[0] != axes[1]:
        return None
    return Verdict(
        "mask",
        f"{text}: a mask of the forward pass, as the causal one of attention, is missing on the "
        "way back.",
    )


def _varying_axes(s: Suspect, rows: Rows, marks: Array) -> set[int]:
    """The axes along which results flow back to several elements."""
    found = set()
    for row in marks:
        places = np.unravel_index(np.flatnonzero(row), s.x.shape)
        found |= {axis for axis, index in enumerate(places) if index.size and np.ptp(index)}
    return found


def _local_factors(s: Suspect, rows: Rows) -> Verdict | None:
    """Each contribution is there, times a factor of its own: a derivative within a chain is wrong.

    By chance a formula that is wrong otherwise does not keep every sign; nor do several results
    that share an element share a factor.  And a derivative is another one elsewhere.
    """
    right, kept = _marked(rows)
    if not right.any() or (right ^ kept).any():
        return None
    c = rows.got[right] / rows.right[right]
    off = abs(c - 1) > 1e-4
    if off.sum() < 8:
        return None
    wrong = np.sort(c[off])
    distinct = 1 + int((np.diff(wrong) > 1e-5 * abs(wrong[1:])).sum())
    low, high = float(wrong[0]), float(wrong[-1])
    if low <= 0 and 2 * distinct > wrong.size:
        return None
    where = np.zeros(rows.right.shape, bool)
    where[right] = off
    factors = np.full(rows.right.shape, np.nan)
    factors[where] = c[off]
    if not _go_with(s, rows, factors):
        return None
    text = (
        f"What flows back from each result to each element of `{s.name}` is there, with a factor "
        f"from {low:.4g} to {high:.4g}"
    )
    places = ""
    elements = np.unravel_index(np.flatnonzero(where.sum(axis=0)), s.x.shape)
    for axis, n in enumerate(s.x.shape):
        here = np.unique(elements[axis])
        if here.size < n:
            places += f", at {', '.join(map(str, here[:8]))} of axis {axis} only"
    hint = ""
    if low > 1:
        below = "1/4, as s (1 - s) of a sigmoid is" if low >= 4 - 1e-6 else "1"
        hint = f" The factor that is missing is positive and at most {below}."
    elif 0 < low and high < 1:
        hint = " The factor that is too many is between 0 and 1."
    return Verdict(
        "scale",
        f"{text}{places}: the derivative of a function that is applied element by element on the "
        f"way, as a sigmoid, tanh or relu, is missing or another one.{hint}",
    )


def _go_with(s: Suspect, rows: Rows, factors: Array) -> bool:
    """Whether factors become others where the argument is another one, as derivatives do.

    Not so those of a matrix in the place of another one, as of a filter in another order.

    Args:
        s: whose rows they are.
        rows: the rows.
        factors: one for each element of the rows, NaN where there is none.
    """
    move = np.random.default_rng(0).normal(size=s.x.shape) * 0.3 * scale_of(s.x)
    arrays = s.moved(s.argument, s.x + move)
    at = s.code.value(arrays)
    i, j = np.nonzero(np.isfinite(factors))
    for k in np.linspace(0, i.size - 1, 5).astype(int):
        got = s.ask(np.eye(1, s.gs[0].size, rows.outputs[i[k]])[0], arrays)
        d = np.eye(1, s.x.size, j[k])[0].reshape(s.x.shape)

        def along(t: float, d: Array = d) -> Array:
            return s.code.value(s.moved(s.argument, s.x + move + t * d))

        right = slope(along, at, scale_of(s.x), np.spacing(abs(at))).value[rows.outputs[i[k]]]
        if got is None or not right:
            continue
        before = factors[i[k], j[k]]
        if abs(got.reshape(-1)[j[k]] / right - before) > 1e-3 * abs(before):
            return True
    return False


# -- rows that are right but for a factor ----------------------------------------------------------


def _row_factors(s: Suspect, rows: Rows) -> Verdict | None:
    near = rows.near
    live, active = (np.asarray(marked.any(axis=1)) for marked in _marked(rows))
    with np.errstate(all="ignore"):
        c = (rows.got * rows.right).sum(axis=1) / (rows.right**2).sum(axis=1)
        off = abs(rows.got - c[:, None] * rows.right).max(axis=1)
    if (off[live] > near).any():
        return None
    extra, lost = ~live & active, live & (abs(c) < NEAR)
    others = c[live & ~lost]
    if others.size and (abs(others - 1) > 1e-4).any():
        return None if extra.any() or lost.any() else _varying(s, rows, c, live)
    if extra.any():
        side = explained_rows(s, rows.outputs, extra, live)
        where = f" where {side}" if side else ""
        more = " and takes away others" if lost.any() else ""
        return Verdict(
            "mask",
            f"The cotangent of {int(extra.sum())} results passes{where}{more}, although they do "
            f"not depend on `{s.name}`: the mask of the forward pass is missing.",
        )
    side = explained_rows(s, rows.outputs, lost, live & ~lost)
    if side:
        return Verdict(
            "mask",
            f"A mask takes away too much: the cotangent of results where {side} is dropped.",
        )
    axis = _largest_along(s, rows, live, lost)
    if axis is not None:
        return Verdict(
            "mask",
            f"Only the results that are largest along axis {axis} pass their cotangent on: the "
            f"argmax is taken over axis {axis}, too, and each index of it has its own.",
        )
    if _only_the_last(s, rows, live, lost) or (
        not _at_an_end(s, rows.outputs[lost]) and _survives(rows)
    ):
        return Verdict("broadcast", OVERWRITTEN.format(name=s.name))
    return Verdict("missing", _lost_sentence(s, rows.outputs[lost], rows.outputs.size))


OVERWRITTEN = (
    "An element of `{name}` that several results depend on gets the cotangent of only some of "
    "them: the contributions overwrite each other instead of being added up (`=` where there "
    "should be `+=`, or an index with repetitions: see np.add.at)."
)


def _at_an_end(s: Suspect, lost: Array) -> bool:
    """Whether all of the first or last indices of an axis are lost, and nothing else.

    Where integers are indices, what is lost goes by them, and not by its place.
    """
    if any(x.dtype.kind in "iu" for _, x in s.others):
        return False
    shape = s.y.shape  # type: ignore[union-attr]
    for axis, index in enumerate(np.unravel_index(lost, shape)):
        where = np.unique(index)
        if not where.size:
            return False
        run = where.size == np.ptp(where) + 1 and (where[0] == 0 or where[-1] == shape[axis] - 1)
        whole = lost.size * shape[axis] == where.size * int(np.prod(shape))
        if where.size < shape[axis] and run and whole:
            return True
    return False


def _only_the_last(s: Suspect, rows: Rows, live: Array, lost: Array) -> bool:
    """Whether of several axes, or of a long one, the last index alone counts, as `=` leaves it."""
    right = _marked(rows)[0]
    shared = np.asarray(right.sum(axis=0) > 1)
    if not shared[np.asarray(right[lost].any(axis=0))].all() or not (live & ~lost).any():
        return False
    shape = s.y.shape  # type: ignore[union-attr]
    last = [index == n - 1 for index, n in zip(_places(s, rows), shape, strict=True)]
    kept = live & ~lost
    axes = [axis for axis, n in enumerate(shape) if n > 1 and last[axis][kept].all()]
    if len(axes) < 2 and not any(shape[axis] > 2 for axis in axes):
        return False
    expected = np.logical_and.reduce([last[axis] for axis in axes])
    return bool((kept == (live & expected)).all())


def _largest_along(s: Suspect, rows: Rows, live: Array, lost: Array) -> int | None:
    """The axis along which the largest results alone flow back."""
    y = s.ys[0]
    if not live.all():
        return None
    for axis, n in enumerate(y.shape):
        largest = (y == y.max(axis=axis, keepdims=True)).reshape(-1)[rows.outputs]
        if n > 1 and lost.sum() > 3 and (largest == ~lost).all():
            return axis
    return None


def _places(s: Suspect, rows: Rows) -> tuple[Array, ...]:
    """The indices of the outputs asked for, axis by axis."""
    return np.unravel_index(rows.outputs, s.y.shape)  # type: ignore[union-attr]


def _survives(rows: Rows) -> bool:
    """Whether every element that lost a contribution has kept another."""
    right, kept = _marked(rows)
    lost, left = (np.asarray(part.any(axis=0)) for part in (right & ~kept, kept))
    return bool(left[lost].all())


def _lost_sentence(s: Suspect, lost: Array, total: int) -> str:
    text = f"What flows back from {lost.size} of {total} results is missing"
    places = np.unravel_index(lost, s.y.shape)  # type: ignore[union-attr]
    for axis, index in enumerate(places):
        where = np.unique(index)
        if 0 < where.size < s.y.shape[axis]:  # type: ignore[union-attr]
            shown = ", ".join(str(i) for i in where[:8])
            text += f", all of them at {shown} of axis {axis} of the result"
    return f"{text}. Does a loop end too early, or are the results at the border left out?"


def _varying(s: Suspect, rows: Rows, c: Array, live: Array) -> Verdict | None:
    """A factor for each result, if something that is known goes the same way."""
    right = _marked(rows)[0][live]
    counts = right.sum(axis=1).astype(float)
    shares = np.array([right.sum(axis=0)[row].max(initial=0) for row in right], float)
    outputs, c = rows.outputs[live], c[live]
    low, high = float(c.min()), float(c.max())
    text = f"What flows back from each result has a factor of its own, from {low:.4g} to {high:.4g}"
    if np.ptp(c / counts) <= 1e-4 and abs(c[0] / counts[0] - 1) <= 1e-4:
        return Verdict(
            "scale",
            f"{text}: the number of elements that the result is made of. It is a mean of them: "
            "divide by their number, at the border of those that are there.",
        )
    if _goes_with(c, counts) and c[counts.argmin()] > c[counts.argmax()]:
        return Verdict(
            "scale",
            f"{text}: it goes by the inverse of how many elements the result is made of. At the "
            "border a window holds fewer of them; divide by the area of the full window "
            "everywhere, as the forward pass does, not by those that are there.",
        )
    if _goes_with(c, counts):
        return Verdict(
            "scale",
            f"{text}: it goes by how many elements the result is made of. At the border a window "
            "holds fewer of them; divide by those that are there, as the forward pass does, not by "
            "the area of the full window.",
        )
    if _goes_with(c, shares):
        return Verdict(
            "scale",
            f"{text}: it goes by how many results share an element. What flows back from them is "
            "averaged, and should be added up.",
        )
    off = abs(c - 1) > 1e-4
    on_one_side = np.ptp(c[off]) <= 1e-4 * abs(c[off]).max()
    side = explained_rows(s, outputs, off, ~off) if on_one_side else None
    if side:
        return Verdict(
            "mask",
            f"The gradient is right, but for results where {side}: what flows back from there is "
            f"{c[off][0]:.4g} times the right one. The mask that tells the two sides apart is not "
            "that of the forward pass.",
        )
    everything = [(f"`{n}`", x) for n, x in zip(s.code.names, s.arrays, strict=True)]
    y = s.ys[0]
    of_result = [("the result", y), ("exp(y) of the result y", np.exp(np.minimum(y, 700.0)))]
    of_result += [("y (1 - y) of the result y", y * (1 - y)), ("1 - y² of it", 1 - y * y)]
    for name, x in [*everything, *of_result]:
        try:
            values = np.broadcast_to(x, s.ys[0].shape).reshape(-1)[outputs].astype(float)
        except ValueError:
            continue
        if _goes_with(c, values):
            return Verdict("scale", f"{text}: {name} is a factor too much, or too little.")
    places = np.unravel_index(outputs, s.y.shape)  # type: ignore[union-attr]
    for axis, index in enumerate(places):
        parts = [c[index == i] for i in np.unique(index)]
        shared = len(parts) > 1 and any(v.size > 1 for v in parts)
        if shared and all(np.ptp(v) <= 1e-4 * abs(v).max() for v in parts):
            return Verdict(
                "scale", f"{text}, the same for each index of axis {axis} of the result."
            )
    return None


def _goes_with(c: Array, values: Array) -> bool:
    """Whether c is proportional to the values or to their inverses, and these are not all equal."""
    if not np.all(values) or np.ptp(values) <= 1e-4 * abs(values).max():
        return False
    products = (c / values, c * values)
    return any(bool(np.ptp(p) <= 1e-4 * abs(p).max()) for p in products)


def _not_centred(s: Suspect, rows: Rows) -> Verdict | None:
    """Each result flows back to one element, times x where it should be times (x - mean) / std."""
    right, kept = _marked(rows)
    some = np.asarray(right.any(axis=1) | kept.any(axis=1))
    if not some.any() or ((right | kept)[some].sum(axis=1) > 1).any():
        return None
    a, t = rows.got[some].sum(axis=1), rows.right[some].sum(axis=1)
    places = np.array(np.unravel_index(rows.outputs[some], s.ys[0].shape))
    for axes in sorted(subsets(range(s.ys[0].ndim)), key=len, reverse=True):
        rest = [axis for axis in range(s.ys[0].ndim) if axis not in axes]
        groups = np.unique(places[rest], axis=1, return_inverse=True)[1].reshape(-1)
        sizes = np.bincount(groups)
        if sizes.max() < 4:
            continue
        if all(_is_linear_in(t[groups == k], a[groups == k]) for k in np.flatnonzero(sizes >= 4)):
            return Verdict(
                "mean_term",
                f"What `{s.name}` is multiplied with is not normalized: along {said(axes)} the "
                "factor on the way back is a constant apart from the right one, and scaled, as x "
                "is from (x - mean) / std.",
            )
    return None


def _is_linear_in(t: Array, a: Array) -> bool:
    design = np.stack([t, np.ones_like(t)], axis=1)
    found = np.linalg.lstsq(design, a, rcond=None)[0]
    return bool(abs(design @ found - a).max() <= 1e-5 * abs(a).max())


# -- contributions that overwrite each other -------------------------------------------------------


def _overwritten_by_later_windows(s: Suspect, rows: Rows) -> Verdict | None:
    """Each element keeps what the last window that holds it writes, as of ``gx[window] = …``.

    A window of max pooling writes zeros, too: an element may be left with nothing.
    """
    y, x = s.y, s.x
    if y is None or y.ndim != x.ndim:
        return None
    right, kept = _marked(rows)
    lost = right & ~kept
    same = abs(rows.got - rows.right) <= rows.near
    if not lost.any() or (kept & ~right).any() or not (same | ~kept).all():
        return None
    whole = right.any(axis=1) & ~kept.any(axis=1)
    if whole.any() and _at_an_end(s, rows.outputs[whole]) and not lost[~whole].any():
        return None  # some results do not flow back at all
    i, j = np.nonzero(right)
    outputs, elements = np.unravel_index(rows.outputs[i], y.shape), np.unravel_index(j, x.shape)
    last, overlap = np.ones(i.size, bool), False
    for axis, (o, e) in enumerate(zip(outputs, elements, strict=True)):
        pairs = np.unique(np.stack([o, e]), axis=1).shape[1]
        if pairs == np.unique(o).size * np.unique(e).size:
            continue  # every result has all of them, as of channels; or there is one result
        extents = [int(np.ptp(e - step * o)) + 1 for step in range(1, x.shape[axis] + 1)]
        step = int(np.argmin(extents)) + 1
        overlap |= extents[step - 1] > step
        first = (e - step * o).min()
        last &= o == np.minimum((e - first) // step, y.shape[axis] - 1)
    if not overlap or not (kept[i, j] == last).all():
        return None
    return Verdict("broadcast", OVERWRITTEN.format(name=s.name))


def _overwritten(s: Suspect, rows: Rows) -> Verdict | None:
    near = rows.near
    right, kept = _marked(rows)
    same = abs(rows.got - rows.right) <= near
    if not (same | ~kept).all() or (kept & ~right).any():
        return None
    lost = right & ~kept
    axis = _own_index_only(s, rows, right, kept) if lost.any() else None
    if axis is not None:
        return Verdict(
            "missing",
            f"Along axis {axis} each element gets what flows back from the result at its own index "
            "only, though others depend on it, too: what goes through the state that is handed on "
            "from step to step is missing.",
        )
    if s.x.shape == s.y.shape and rows.outputs.size == s.x.size:  # type: ignore[union-attr]
        if lost.any() and (kept == np.eye(s.x.size, dtype=bool) & right).all():
            return Verdict(
                "mean_term",
                "Each element gets what flows back from its own result, and nothing from the "
                "others, though they depend on it, too: the terms through the sum or mean that "
                "they share are missing.",
            )
    several = np.asarray(right.sum(axis=0) > 1)
    if lost.any() and several[np.asarray(lost.any(axis=0))].all() and _survives(rows):
        return Verdict("broadcast", OVERWRITTEN.format(name=s.name))
    text = "Some results do not send their cotangent to all the elements that they depend on."
    return Verdict("missing", text) if lost.any() else None


def _own_index_only(s: Suspect, rows: Rows, right: Array, kept: Array) -> int | None:
    """The axis of time, if what results of other times should send back is what is lost."""
    results = _places(s, rows)
    elements = np.unravel_index(np.arange(s.x.size), s.x.shape)
    for axis in range(1, min(s.x.ndim, s.ys[0].ndim)):
        steps = results[axis][:, None] - elements[axis][None, :]
        is_one_way = not right[steps < 0].any() or not right[steps > 0].any()
        is_own = s.x.shape[axis] == s.ys[0].shape[axis] > 1
        if is_own and is_one_way and (kept == (right & (steps == 0))).all():
            return axis
    return None


# -- rows that are elsewhere -----------------------------------------------------------------------


def _moved_rows(s: Suspect, rows: Rows) -> Verdict | None:
    """Each row of the right matrix, translated: by a constant, or by a multiple of its index."""
    moves, where, starts = [], [], []
    total = 0
    for i, a, t in zip(rows.outputs, rows.got, rows.right, strict=True):
        here, there = _support(t, rows.near), _support(a, rows.near)
        total += bool(here.size)
        if not here.size or here.size != there.size:
            continue
        first, other = (np.array(np.unravel_index(x, s.x.shape)) for x in (here, there))
        move = other[:, 0] - first[:, 0]
        if (other - first == move[:, None]).all() and (
            abs(a[there] - t[here]) <= 10 * rows.near
        ).all():
            moves.append(move)
            starts.append(first[:, 0])
            where.append(np.unravel_index(i, s.y.shape))  # type: ignore[union-attr]
    if len(moves) < 4 or 5 * len(moves) < total or not np.any(moves):
        return None
    fits = [_linear(np.array(where), np.array(moves)[:, axis]) for axis in range(s.x.ndim)]
    if all(fit is not None for fit in fits):
        for axis, fit in enumerate(fits):
            if fit is not None and np.any(fit[0]):
                return _stride(s, rows, axis, fit[0])
        steps = {axis: int(fit[1]) for axis, fit in enumerate(fits) if fit is not None and fit[1]}
        return Verdict("shift", shift_sentence(s, tuple(steps), tuple(steps.values())))
    found = np.array(moves)
    turned = [axis for axis in range(s.x.ndim) if np.any(found[:, axis])]
    sums = 2 * np.array(starts) + found  # where it is, and where it should be: mirrored
    if all(_linear(np.array(where), sums[:, axis]) is not None for axis in turned):
        return Verdict(
            "flip",
            f"Within each window {s.pictured(s.x, turned)} come in reverse order: the element "
            "that gets the cotangent is the mirror image of the right one.",
        )
    for i in range(s.x.ndim):
        for j in range(i):
            if np.any(found[:, i]) and (found[:, i] == -found[:, j]).all():
                return Verdict(
                    "transpose",
                    f"Within each window {s.pictured(s.x, [j, i])} are exchanged: the index of "
                    "the element in its window is taken apart the wrong way.",
                )
    return None


def _support(row: Array, near: float) -> Array:
    return np.flatnonzero(abs(row) > near)


def _linear(where: Array, values: Array) -> tuple[Array, float] | None:
    """Coefficients and constant of ``values = where @ a + c``, if that holds exactly."""
    varies = [axis for axis in range(where.shape[1]) if np.ptp(where[:, axis])]
    design = np.concatenate([where[:, varies], np.ones((len(where), 1))], axis=1).astype(float)
    found = np.linalg.lstsq(design, values.astype(float), rcond=None)[0]
    if abs(design @ found - values).max() > 1e-6:
        return None
    full = np.zeros(where.shape[1])
    full[varies] = found[:-1]
    full[abs(full) < 1e-9] = 0.0
    return full, round(float(found[-1]), 9) + 0.0


def _stride(s: Suspect, rows: Rows, axis: int, by: Array) -> Verdict:
    """The rows move along `axis` by another multiple of the index of the result."""
    along = int(np.argmax(abs(by)))
    starts, where = [], []
    for i, t in zip(rows.outputs, rows.right, strict=True):
        here = _support(t, rows.near)
        if here.size:
            starts.append(np.unravel_index(here[0], s.x.shape)[axis])
            where.append(np.unravel_index(i, s.y.shape)[along])  # type: ignore[union-attr]
    slope = float(np.polyfit(where, starts, 1)[0]) if len(set(where)) > 1 else 1.0
    stride = max(1, round(slope))
    return Verdict("stride", stride_sentence(s, axis, stride, stride + round(float(by[along]))))


def stride_sentence(
    s: Suspect, axis: int, right: float, wrong: float, transposed: bool = False
) -> str:
    """That the steps along an axis are of another length."""
    how = ""
    if wrong == 1:
        how = " The stride is ignored."
    elif right != 1 and wrong == right * right:
        how = " The stride is applied twice."
    return (
        f"Along {s.pictured(s.x, [axis])} the forward pass goes in steps of {right:g}, the way "
        f"back in steps of {wrong:g}.{how} "
        f"{'Element' if transposed else 'Result'} number i belongs to the window "
        f"{'of the result ' if transposed else ''}that begins at i times the stride."
    )


def _other_element(s: Suspect, rows: Rows) -> Verdict | None:
    """Each result sends its cotangent to one element, and to another one than it should."""
    near = rows.near
    right, found = _marked(rows)
    if (right.sum(axis=1) > 1).any() or (found.sum(axis=1) > 1).any():
        return None
    both = (right.sum(axis=1) == 1) & (found.sum(axis=1) == 1)
    if 2 * both.sum() < len(both):
        return None
    a, t = rows.got[both].sum(axis=1), rows.right[both].sum(axis=1)
    if (abs(a - t) > 10 * near).any():
        return None
    uses = np.asarray(right.sum(axis=0))
    if both.all() and uses.min() > 0 and np.ptp(uses) == 0:  # all are used, as often: no argmax
        return Verdict(
            "transpose",
            f"Each element of `{s.name}` gets the cotangents of as many results as it should, but "
            "of others: the cotangent is taken apart into other groups than the forward pass put "
            "it together from. In the reshape each axis must stand beside its own copies: for "
            "x.repeat(2, axis=0) it is g.reshape(h, 2, w).sum(axis=1).",
        )
    stride, inside = _strides_of_elements(s, rows, right, found, both)
    if stride is not None:
        return stride
    where = "one element of its window" if inside else "one element"
    return Verdict(
        "mask",
        f"Each result sends its cotangent to {where}, but not to the one that it "
        "came from: the mask (the argmax) is not that of the forward pass.",
    )


def _strides_of_elements(
    s: Suspect, rows: Rows, right: Array, found: Array, both: Array
) -> tuple[Verdict | None, bool]:
    """Whether windows begin elsewhere on the way back; and whether the elements are in theirs."""
    y = s.y
    if y is None or y.ndim != s.x.ndim:
        return None, False
    results = np.unravel_index(rows.outputs[both], y.shape)
    here, there = (np.unravel_index(m[both].argmax(axis=1), s.x.shape) for m in (right, found))
    inside = True
    for axis, (o, e, w) in enumerate(zip(results, here, there, strict=True)):
        steps = range(1, s.x.shape[axis] + 1)
        extents = [int(np.ptp(e - step * o)) + 1 for step in steps]
        if not np.ptp(o) or not np.ptp(e):
            continue
        step = int(np.argmin(extents)) + 1
        offsets = e - step * o
        if ((w - step * o >= offsets.min()) & (w - step * o <= offsets.max())).all():
            continue
        inside = False
        others = [int(np.ptp(w - other * o)) + 1 for other in steps]
        other = int(np.argmin(others)) + 1
        if other != step and others[other - 1] <= extents[step - 1]:
            return Verdict("stride", stride_sentence(s, axis, step, other)), False
    return None, inside


# -- the map of indices of a convolution -----------------------------------------------------------


@dataclass(frozen=True)
class _Map:
    """``l = i @ alpha + j @ beta + c``: which element l of another argument stands at (i, j)."""

    alpha: Array  # (axes of the other argument, axes of the result)
    beta: Array  # (axes of the other argument, axes of this argument)
    c: Array


def _index_map(s: Suspect, rows: Rows) -> Verdict | None:
    for name, other in s.others:
        if other.dtype.kind != "f" or not other.size:
            continue
        distinct = np.unique(abs(other)).size > 0.95 * other.size
        asked: Rows | None = rows
        if not distinct or not np.isfinite(s.right.sure).all():
            other, asked = _with_other_data(s, name)
        if asked is None:
            continue
        right, wrong = (_map(s, m, asked, other) for m in (asked.right, asked.got))
        if right is not None and wrong is not None:
            verdict = _compared(s, name, other, right, wrong)
            if verdict is not None:
                return verdict
    return None


def _with_other_data(s: Suspect, name: str) -> tuple[Array, Rows | None]:
    """Both matrices again, with distinct values in the other argument, near its own."""
    rng = np.random.default_rng(1)
    number = s.code.names.index(name)
    other = s.arrays[number]
    scale = scale_of(other)
    changed = other * (1 + 0.2 * rng.random(other.shape)) + 0.1 * scale * rng.random(other.shape)
    arrays = [*s.arrays[:number], changed, *s.arrays[number + 1 :]]
    if s.x.size > 2000:
        return changed, None
    try:
        at = s.code.value(arrays)
        noise = noise_of(lambda t: s.code.value([x + 0 * t for x in arrays]), 1.0)
        found = jacobian(s.code.value, arrays, s.argument, np.arange(s.x.size), at, noise)
    except Exception:  # it was not made for this data
        return changed, None
    got, right, outputs = [], [], np.arange(at.size)[:: max(1, at.size // MOST)]
    known = ~(found.lost | found.kinked.any(axis=1))
    for i in outputs:
        one = np.zeros(at.size)
        one[i] = 1.0
        a = s.ask(one, arrays)
        if a is None or a.shape != s.x.shape:
            return changed, None
        got.append(np.where(known, a.reshape(-1), 0.0))
        right.append(np.where(known, found.value[:, i], 0.0))
    return changed, Rows(outputs, np.array(got), np.array(right))


def _map(s: Suspect, matrix: Array, rows: Rows, other: Array) -> _Map | None:
    i, j = np.nonzero(abs(matrix) > rows.near)
    if i.size < 4:
        return None
    values, flat = matrix[i, j], other.reshape(-1)
    order = np.argsort(flat)
    place = np.clip(np.searchsorted(flat[order], values), 1, flat.size - 1) if flat.size > 1 else 0
    left = np.asarray(order[place - 1]) if flat.size > 1 else np.zeros(i.size, int)
    right = np.asarray(order[place]) if flat.size > 1 else left
    nearest = np.where(abs(flat[left] - values) <= abs(flat[right] - values), left, right)
    hit = abs(flat[nearest] - values) <= 1e-6 * float(abs(flat).max())
    if hit.mean() < FRACTION:
        return None
    i, j, nearest = i[hit], j[hit], nearest[hit]
    outputs = np.array(np.unravel_index(rows.outputs[i], s.y.shape)).T  # type: ignore[union-attr]
    elements = np.array(np.unravel_index(j, s.x.shape)).T
    where = np.concatenate([outputs, elements], axis=1)
    fits = [_linear(where, index) for index in np.unravel_index(nearest, other.shape)]
    if any(fit is None for fit in fits):
        return None
    count = outputs.shape[1]
    full = np.array([fit[0] for fit in fits if fit is not None])
    c = np.array([fit[1] for fit in fits if fit is not None])
    return _Map(full[:, :count], full[:, count:], c)


def _compared(s: Suspect, name: str, other: Array, right: _Map, wrong: _Map) -> Verdict | None:
    for axis in range(other.ndim):
        a, b, c = right.alpha[axis], right.beta[axis], float(right.c[axis])
        a2, b2, c2 = wrong.alpha[axis], wrong.beta[axis], float(wrong.c[axis])
        if np.allclose(a, a2) and np.allclose(b, b2) and abs(c - c2) < 1e-6:
            continue
        if set(np.flatnonzero(a)) != set(np.flatnonzero(a2)) or set(np.flatnonzero(b)) != set(
            np.flatnonzero(b2)
        ):
            return Verdict(
                "transpose",
                f"{said([axis]).capitalize()} of `{name}` goes with other axes of the cotangent "
                f"and of `{s.name}` than in the forward pass.",
            )
        along, here = int(np.argmax(abs(a))), int(np.argmax(abs(b)))
        if not a[along] or not b[here]:
            continue
        if b[here] * b2[here] < 0 or a[along] * a2[along] < 0:
            return Verdict(
                "flip",
                f"Along axis {axis} `{name}` is read in the reverse order.",
            )
        # As of a filter: index = s oy + d a - p; as of an image: a = (iy + p - s oy) / d.
        of_image = a[along] * b[here] < 0
        d, d2 = (1 / b[here], 1 / b2[here]) if of_image else (b[here], b2[here])
        t, t2 = (-a[along] * d, -a2[along] * d2) if of_image else (a[along], a2[along])
        # Of a transposed convolution, whose result is the larger one: a = (oy - s iy) / d.
        is_filter = s.x.shape[here] < other.shape[axis]
        transposed = (
            of_image and b[here] < 0 and (max(abs(b[here]), abs(b2[here])) > 1 or is_filter)
        )
        if transposed and is_filter:  # iy = (oy - d a) / s
            t, t2 = 1 / a[along], 1 / a2[along]
            d, d2 = b[here] * t, b2[here] * t2
        elif transposed:
            d, d2 = 1 / a[along], 1 / a2[along]
            t, t2 = b[here] * d, b2[here] * d2
        d, d2, t, t2 = (round(abs(float(value)), 6) for value in (d, d2, t, t2))
        if abs(d - d2) > 1e-6:
            return Verdict("dilation", _dilation_sentence(s, d, d2))
        if abs(t - t2) > 1e-6:
            return Verdict("stride", stride_sentence(s, here, t, t2, transposed))
        move = round((c2 - c) * (d if of_image else 1))
        return Verdict(
            "shift",
            f"`{name}` is read {abs(move)} too far {'up' if move > 0 else 'down'} along axis "
            f"{axis}: the padding on the way back is not that of the forward pass (it goes "
            "before the first element, and what is odd after the last).",
        )
    return None


def _dilation_sentence(s: Suspect, right: float, wrong: float) -> str:
    how = " The dilation is ignored." if wrong == 1 else ""
    return (
        f"The elements of the filter lie {right:g} apart in the forward pass, and {wrong:g} apart "
        f"on the way back.{how}"
    )
