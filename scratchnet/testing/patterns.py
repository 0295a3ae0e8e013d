"""Wrong gradients whose error has a pattern: shapes, masks, ties, sums and means that are missing.

Where a rearrangement cannot make the wrong gradient right, since something is lost, what is wrong
about it, the difference to the right one, has a form of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import permutations, product

import numpy as np

from scratchnet.engine.dtypes import Array
from scratchnet.testing.differences import Jacobian
from scratchnet.testing.rearrangements import broadcasts
from scratchnet.testing.report import counted
from scratchnet.testing.suspect import NEAR, Suspect, Verdict, said, subsets

# -- shapes ----------------------------------------------------------------------------------------


def wrong_shape(s: Suspect) -> Verdict:
    """What a gradient of another shape than its argument's is."""
    shape, wanted = s.got[0].shape, s.x.shape
    told = f"The gradient has shape {shape}, `{s.name}` has {wanted}"
    for tried in (_not_summed, _other_order_of_axes, _not_cropped, _only_reshaped, _other_sum):
        verdict = tried(s, told)
        if verdict is not None:
            return verdict
    verdict = of_another(s)
    if verdict is not None:
        return verdict
    if s.y is not None and shape == s.y.shape and broadcasts(s):
        return Verdict("broadcast", f"{told}: it was not summed back over what was repeated.")
    return Verdict("unknown", f"{told}. Nothing that was tried makes one of the other.")


def _not_summed(s: Suspect, told: str) -> Verdict | None:
    shape, wanted = s.got[0].shape, s.x.shape
    for axes in subsets(range(len(shape))):
        for keep in (False, True):
            sums = [a.sum(axis=axes, keepdims=keep) for a in s.got]
            if sums[0].shape == wanted and s.agree(sums, s.truth):
                return Verdict(
                    "broadcast",
                    f"{told}: it is right once it is summed over {said(axes)}. `{s.name}` was "
                    "repeated along there, so each of its elements gets the sum of what flows "
                    "back to its copies.",
                )
            means = [a.mean(axis=axes, keepdims=keep) for a in s.got]
            if sums[0].shape == wanted and s.agree(means, s.truth):
                text = f"{told}: it is right once the mean over {said(axes)} is taken."
                return Verdict("broadcast", text)
    squeezed = [n for n in shape if n != 1] == [n for n in wanted if n != 1]
    if squeezed and s.agree([a.reshape(wanted) for a in s.got], s.truth):
        return Verdict(
            "broadcast",
            f"{told}: the numbers are right, but axes of size 1 are too many or too few. See "
            "`keepdims` of the sum.",
        )
    try:
        spread = [np.broadcast_to(a, wanted) for a in s.got]
    except ValueError:
        return None
    factor = max(1, s.x.size // max(1, s.got[0].size))
    for found, how in (
        (spread, "repeated"),
        ([a / factor for a in spread], "divided and repeated"),
    ):
        if s.agree(found, s.truth):
            text = f"{told}: it is right once it is {how} to the shape of `{s.name}`."
            return Verdict("broadcast", text)
    return None


def _other_order_of_axes(s: Suspect, told: str) -> Verdict | None:
    if s.got[0].ndim != s.x.ndim or s.x.ndim > 5:
        return None
    for order in permutations(range(s.x.ndim)):
        turned = [a.transpose(order) for a in s.got]
        if turned[0].shape == s.x.shape and s.agree(turned, s.truth):
            text = f"{told}: it is right once its axes are put in the order {list(order)}."
            return Verdict("transpose", text)
    return None


def _not_cropped(s: Suspect, told: str) -> Verdict | None:
    shape, wanted = s.got[0].shape, s.x.shape
    if len(shape) != len(wanted) or any(n < m for n, m in zip(shape, wanted, strict=True)):
        return None
    spare = [n - m for n, m in zip(shape, wanted, strict=True)]
    if int(np.prod([n + 1 for n in spare])) > 200:
        return None
    for starts in np.ndindex(*[n + 1 for n in spare]):
        inner = tuple(slice(i, i + n) for i, n in zip(starts, wanted, strict=True))
        if s.agree([a[inner] for a in s.got], s.truth):
            return Verdict(
                "shift",
                f"{told}: it is right once what the padding added is cut off, from "
                f"{list(starts)} on.",
            )
    return None


def _only_reshaped(s: Suspect, told: str) -> Verdict | None:
    if s.got[0].size == s.x.size and s.agree([a.reshape(s.x.shape) for a in s.got], s.truth):
        return Verdict("unknown", f"{told}: the numbers are right, reshape it to {s.x.shape}.")
    return None


def _other_sum(s: Suspect, told: str) -> Verdict | None:
    """Whichever axes are summed over, the sum of everything stays the same."""
    if broadcasts(s) and _same_totals(s):
        return Verdict(
            "broadcast",
            f"{told}: the cotangent was summed over the wrong axes. Sum over those along which "
            f"`{s.name}` was repeated.",
        )
    return None


def _same_totals(s: Suspect) -> bool:
    if not all(np.isfinite(t).all() for t in s.truth):
        return False
    totals = [(float(a.sum()), float(t.sum())) for a, t in zip(s.got, s.truth, strict=True)]
    return all(abs(a - t) <= 1e-7 * max(abs(a), abs(t)) and abs(t) > 0 for a, t in totals)


# -- values ----------------------------------------------------------------------------------------


def all_zero(s: Suspect) -> Verdict | None:
    """Nothing flows back at all."""
    if any((abs(a) > 1e-9 * s.near(d) / NEAR).any() for d, a in enumerate(s.got)):
        return None
    return Verdict(
        "missing",
        f"The gradient of `{s.name}` is zero everywhere, but the result depends on it: no "
        "cotangent reaches it.",
    )


def not_finite(s: Suspect) -> Verdict | None:
    """NaN or infinity where the right value is finite."""
    bad = [~np.isfinite(a) & np.isfinite(t) for a, t in zip(s.got, s.truth, strict=True)]
    if not bad[0].any():
        return None
    return Verdict(
        "unknown",
        f"{counted(int(bad[0].sum()))} NaN or infinite, where the right gradient is finite: "
        "look for a division by zero, a logarithm of zero or an exponential that overflows.",
    )


# -- masks and what is missing ---------------------------------------------------------------------


def masked(s: Suspect) -> Verdict | None:
    """Elements that are right, those that should be zero, and those that should not."""
    extra, lost, right = _sorted_elements(s)
    if extra is None or lost is None or right is None:
        return _unmasked_and_scaled(s) or _scaled_on_one_side(s)
    some_extra, some_lost = any(e.any() for e in extra), any(e.any() for e in lost)
    passed = [np.isfinite(t) & (abs(t) > s.near(d)) for d, t in enumerate(s.truth)]
    if some_extra and some_lost:
        return _other_mask(s, extra, passed, any(r.any() for r in right))
    if some_extra:
        right = [np.isfinite(t) & ~e for t, e in zip(s.truth, extra, strict=True)]
        side = explained(s, extra, right)
        where = f" where {side}" if side else ""
        return Verdict(
            "mask",
            f"{_get(extra)} a gradient{where} although the result does not depend on "
            f"{_them(extra)} there: a mask is missing. Multiply by what the forward pass let "
            "through.",
        )
    kept = [p & ~m for p, m in zip(passed, lost, strict=True)]
    side = explained(s, lost, kept)
    if side:
        return Verdict(
            "mask",
            f"A mask takes away too much: the gradient is zero where {side}, and should not be.",
        )
    return Verdict("missing", _missing_sentence(s, lost))


def _other_mask(
    s: Suspect, extra: list[Array], passed: list[Array], partly_right: bool
) -> Verdict | None:
    if not partly_right:
        known = [np.isfinite(t) for t in s.truth]
        if any((k & ~e & ~p).any() for k, e, p in zip(known, extra, passed, strict=True)):
            return None  # what gets nothing, and should not, is on some side, too
        side = explained(s, extra, passed)
        if side is None:
            return None
        return Verdict(
            "mask",
            f"The mask is taken from the wrong side: the gradient passes where {side}, and should "
            "pass where that is not so.",
        )
    known = [np.isfinite(t) for t in s.truth]
    stopped = [k & (abs(a) <= s.near(d)) for d, (a, k) in enumerate(zip(s.got, known, strict=True))]
    side = explained(s, stopped, [k & ~z for z, k in zip(stopped, known, strict=True)])
    if side is None:
        return None
    return Verdict(
        "mask",
        "The mask is another one than that of the forward pass: it stops the gradient where "
        f"{side}.",
    )


def _count(sets: Sequence[Array]) -> int:
    return int(sets[0].sum()) or int(sets[-1].sum())


def _get(sets: Sequence[Array]) -> str:
    n = _count(sets)
    return counted(n, "gets" if n == 1 else "get")


def _them(sets: Sequence[Array]) -> str:
    return "it" if _count(sets) == 1 else "them"


def _sorted_elements(
    s: Suspect,
) -> tuple[list[Array], list[Array], list[Array]] | tuple[None, None, None]:
    extra, lost, right = [], [], []
    for d, (a, t) in enumerate(zip(s.got, s.truth, strict=True)):
        near, known = s.near(d), np.isfinite(t)
        no_truth, nothing = abs(t) <= near, abs(a) <= near
        equal = known & (abs(a - t) <= near)
        extra.append(known & no_truth & ~nothing)
        lost.append(known & ~no_truth & nothing)
        right.append(equal & ~no_truth)
        if (known & ~equal & ~extra[-1] & ~lost[-1]).any():
            return None, None, None
    return extra, lost, right


def explained(s: Suspect, chosen: list[Array], rest: list[Array]) -> str | None:
    """In words, on which side of what exactly the `chosen` elements lie and not the `rest`."""
    if not all(c.any() for c in chosen):
        return None
    for name, values in _measures(s):
        ranges = []
        for d, (c, r) in enumerate(zip(chosen, rest, strict=True)):
            value = values(d)
            if value is None or value.shape != c.shape or not r.any():
                break
            ranges.append((value[c].min(), value[c].max(), value[r].min(), value[r].max()))
        else:
            if not ranges:
                return None
            low, high = max(x[1] for x in ranges), min(x[2] for x in ranges)
            if low < high:
                return _below(name, low, high)
            low, high = max(x[3] for x in ranges), min(x[0] for x in ranges)
            if low < high:
                return _above(name, low, high)
    return _in_between(s, chosen, rest)


def _in_between(s: Suspect, chosen: list[Array], rest: list[Array]) -> str | None:
    """The two values of an array between which all `chosen` elements lie and none of the `rest`."""
    if any(c.sum() < 2 or r.sum() < 3 for c, r in zip(chosen, rest, strict=True)):
        return None
    for name, values in _measures(s):
        found = []
        for d, (c, r) in enumerate(zip(chosen, rest, strict=True)):
            value = values(d)
            if value is None or value.shape != c.shape:
                break
            low, high = value[c].min(), value[c].max()
            if low == high or ((value[r] >= low) & (value[r] <= high)).any():
                break
            found.append(f"{name} is between {low:.3g} and {high:.3g}")
        else:
            return found[0]
    return None


def explained_rows(s: Suspect, outputs: Array, chosen: Array, rest: Array) -> str | None:
    """As `explained`, of outputs: by the result there, or by an argument of the same shape."""
    y = s.y
    if y is None or not chosen.any() or not rest.any():
        return None
    measures = [("the result", y)]
    for name, x in zip(s.code.names, s.arrays, strict=True):
        if x.shape == y.shape:
            measures.append((f"`{name}`", x.astype(np.float64)))
    for name, values in measures:
        a, b = (values.reshape(-1)[outputs[part]] for part in (chosen, rest))
        if a.max() < b.min():
            return _below(name, float(a.max()), float(b.min()))
        if a.min() > b.max():
            return _above(name, float(b.max()), float(a.min()))
    return None


def _below(name: str, low: float, high: float) -> str:
    if low <= 0 <= high:
        return f"{name} <= 0" if low == 0 or high > 0 else f"{name} < 0"
    return f"{name} is below {_between(low, high):.3g}"


def _above(name: str, low: float, high: float) -> str:
    if low <= 0 <= high:
        return f"{name} > 0" if high > 0 else f"{name} >= 0"
    return f"{name} is above {_between(low, high):.3g}"


def _between(low: float, high: float) -> float:
    """The shortest number between two."""
    for digits in range(1, 17):
        value = float(f"{(low + high) / 2:.{digits}g}")
        if low <= value <= high:
            return value
    return low


def _measures(s: Suspect) -> Iterator[tuple[str, Callable[[int], Array | None]]]:
    yield f"`{s.name}`", lambda d: s.x
    for name, x in s.others:
        try:
            spread = np.broadcast_to(x, s.x.shape)
        except ValueError:
            continue
        yield f"`{name}`", lambda d, spread=spread: spread.astype(np.float64)  # type: ignore[misc]
        if x.shape == s.x.shape and x.dtype.kind == "f":
            yield f"`{s.name}` - `{name}`", lambda d, x=x: s.x - x  # type: ignore[misc]
    yield "the result", lambda d: s.y
    yield "the cotangent g", s.cotangent
    yield f"|{s.name}|", lambda d: abs(s.x)


def _unmasked_and_scaled(s: Suspect) -> Verdict | None:
    """A constant factor off where something flows back, and not zero where nothing does."""
    factors, extra, live = [], [], []
    for d, (a, t) in enumerate(zip(s.got, s.truth, strict=True)):
        near, known = s.near(d), np.isfinite(t)
        live.append(known & (abs(t) > near))
        extra.append(known & (abs(t) <= near) & (abs(a) > near))
        factors += list(a[live[-1]] / t[live[-1]])
    c = factors[0] if factors else 0.0
    if not all(e.any() and p.sum() > 2 for e, p in zip(extra, live, strict=True)):
        return None
    if abs(c) < NEAR or np.ptp(factors) > 1e-4 * abs(c):
        return None
    for name, mask in s.others:
        try:
            by_mask = [a * np.broadcast_to(mask, s.x.shape) for a in s.got]
        except ValueError:
            continue
        for values in (by_mask, [a / c for a in by_mask]):
            if s.agree(values, s.truth):
                rest = "" if values is by_mask else _and_then(1 / c)
                return Verdict(
                    "mask",
                    f"{_get(extra)} a gradient although the result does not depend on "
                    f"{_them(extra)} there: multiply by `{name}`{rest}.",
                )
    side = explained(s, extra, live)
    where = f" where {side}" if side else ""
    return Verdict(
        "mask",
        f"{_get(extra)} a gradient{where} although the result does not depend on {_them(extra)} "
        f"there: a mask is missing. What passes it is {c:.4g} times the right one.",
    )


def _and_then(factor: float) -> str:
    return f", and then by {factor:.4g}"


def _scaled_on_one_side(s: Suspect) -> Verdict | None:
    """Right on one side of a value, and a constant factor off on the other, as of leaky relu."""
    wrong, right, factors = [], [], []
    for d, (a, t) in enumerate(zip(s.got, s.truth, strict=True)):
        near, known = s.near(d), np.isfinite(t)
        equal = known & (abs(a - t) <= near)
        off = known & ~equal
        if not off.any() or (abs(t[off]) <= near).any():
            return None
        factors += list(a[off] / t[off])
        wrong.append(off)
        right.append(equal)
    if all(r.any() for r in right):
        if np.ptp(factors) > 1e-4 * max(abs(np.array(factors))) or factors[0] < 0:
            return None
        side = explained(s, wrong, right)
        if side is None:
            return None
        return Verdict(
            "mask",
            f"The gradient is right, but for where {side}: there it is {factors[0]:.4g} times the "
            "right one. The two sides of the function have different slopes, and the mask that "
            "tells them apart is missing or not applied here.",
        )
    return _two_slopes(s)


def _two_slopes(s: Suspect) -> Verdict | None:
    """Two factors, one on each side: c and 1/c, the slopes of the two sides exchanged."""
    ratios = []
    for d, (a, t) in enumerate(zip(s.got, s.truth, strict=True)):
        known = np.isfinite(t)
        if (abs(t[known]) <= s.near(d)).any():
            return None
        ratios.append(np.where(known, a / np.where(known, t, 1.0), np.nan))
    values = np.concatenate([r[np.isfinite(r)] for r in ratios])
    large = float(values.max(initial=0))
    if large <= 1 or not np.all(
        (abs(values - large) < 1e-4 * large) | (abs(values * large - 1) < 1e-4)
    ):
        return None
    up = [np.isfinite(r) & (r > 1) for r in ratios]
    down = [np.isfinite(r) & (r < 1) for r in ratios]
    side = explained(s, up, down)
    if side is None:
        return None
    return Verdict(
        "mask",
        f"The mask is taken from the wrong side: where {side} the gradient has the slope of the "
        "other side.",
    )


def _missing_sentence(s: Suspect, lost: list[Array]) -> str:
    count, total = _count(lost), s.x.size
    verb = "is zero where it" if count == 1 else "are zero where they"
    text = f"{count} of {total} elements {verb} should not be"
    for axis in range(s.x.ndim):
        rest = tuple(i for i in range(s.x.ndim) if i != axis)
        where = np.flatnonzero(lost[0].any(axis=rest))
        if 0 < where.size < s.x.shape[axis]:
            places = ", ".join(str(i) for i in where[:8])
            text += f", all of them at {places} of axis {axis}"
    return f"{text}: no cotangent reaches {_them(lost)}. Does a loop end too early?"


def at_labels(s: Suspect) -> Verdict | None:
    """Wrong only at the elements that integers pick, by the cotangent of each: as -1 at labels."""
    errors = [np.nan_to_num(a - t) for a, t in zip(s.got, s.truth, strict=True)]
    if s.y is None or not all(np.isfinite(t).all() for t in s.truth):
        return None
    for name, labels in s.others:
        if labels.dtype.kind not in "iu" or s.y.size not in (1, labels.size):
            continue
        for axis, n in enumerate(s.x.shape):
            picked = _picked(s.x, labels, axis)
            if picked is None or n < 2:
                continue
            live = all((abs(t) > s.near(d))[~picked].any() for d, t in enumerate(s.truth))
            off = [abs(e) > s.near(d) for d, e in enumerate(errors)]
            if not live or not all((o == picked).all() for o in off):
                continue
            terms = [
                (e * picked).sum(axis=axis) / (g if g.size == 1 else g.reshape(labels.shape))
                for e, g in zip(errors, s.gs, strict=True)
            ]
            if not s.same(terms[0], terms[1]):
                continue
            wrong_sign = s.agree([a - 2 * e for a, e in zip(s.got, errors, strict=True)], s.truth)
            p = _softmax(s.x, (axis,))
            of_softmax = _times_softmax(s, p, picked, axis)
            factor = None if of_softmax is None else float(np.median(terms[0] / of_softmax))
            example = (
                f" Of softmax cross-entropy it is the -1 at the label: p - 1 there, p elsewhere "
                f"(gx[np.arange(len({name})), {name}] -= 1)."
            )
            start = f"Only the elements that `{name}` picks along axis {axis} are wrong"
            if wrong_sign or (factor is not None and abs(factor - 2) < 1e-4):
                return Verdict("sign", f"{start}: the term there has the wrong sign.{example}")
            how = "is missing" if factor is None or abs(factor - 1) < 1e-4 else "has another factor"
            return Verdict("missing", f"{start}: the term there {how}.{example}")
    return None


def _picked(x: Array, labels: Array, axis: int) -> Array | None:
    """Where labels, one for each group along `axis`, point to."""
    if labels.shape != x.shape[:axis] + x.shape[axis + 1 :]:
        return None
    if not labels.size or labels.min() < 0 or labels.max() >= x.shape[axis]:
        return None
    index = np.arange(x.shape[axis]).reshape([-1 if i == axis else 1 for i in range(x.ndim)])
    return np.asarray(index == np.expand_dims(labels, axis))


def _times_softmax(s: Suspect, p: Array, picked: Array, axis: int) -> Array | None:
    """The factor of softmax in the right gradient, without the cotangent, if that is what it is."""
    found = np.where(picked, np.nan, s.truth[0] / p)
    factor = np.nanmean(found, axis=axis)
    if not s.same(np.broadcast_to(np.expand_dims(factor, axis), p.shape), found):
        return None
    g = s.gs[0]
    return np.asarray(factor / (g if g.size == 1 else g.reshape(factor.shape)))


# -- ties ------------------------------------------------------------------------------------------


def tied(s: Suspect) -> Verdict | None:
    """Wrong at ties or kinks only, against a witness that has a convention there."""
    kinks = s.kinks()
    full = np.zeros(s.x.size, bool)
    full[kinks.elements] = kinks.kinked.any(axis=1)
    at_kinks = full.reshape(s.x.shape)
    for d, (a, t) in enumerate(zip(s.got, s.truth, strict=True)):
        wrong = np.isfinite(t) & ~(abs(a - t) <= s.near(d))
        if not wrong.any() or (wrong & ~at_kinks).any():
            return None
    shared = kinks.kinked.sum(axis=0)
    if not (shared > 1).any():
        return Verdict(
            "mask",
            "Only the elements exactly at a kink are wrong, as at 0 of relu: the mask takes the "
            "other side there (> where it should be >=, or the other way round).",
        )
    steeper = np.where(
        abs(kinks.value + kinks.jump / 2) > abs(kinks.value - kinks.jump / 2),
        kinks.value + kinks.jump / 2,
        kinks.value - kinks.jump / 2,
    )
    ways = (("all rewarded", steeper), ("split", steeper / np.maximum(1, shared)))
    for how, matrix in ways:
        if all(_close(a, kinks, matrix @ g) for a, g in zip(s.got, s.gs, strict=True)):
            return Verdict("ties", TIES[how])
    return Verdict("ties", TIES["another"])


TIES = {
    "all rewarded": "Where several elements share the largest value, each of them gets the whole "
    "cotangent, so that more flows back than came in. TensorFlow's max pooling rewards the first "
    "of them only, by its argmax.",
    "split": "Where several elements share the largest value, the cotangent is split among them "
    "(a valid subgradient), where the witness gives it to one of them.",
    "another": "Where several elements share the largest value, the cotangent goes to another of "
    "them than the witness chooses, which takes the first.",
}


def _close(a: Array, kinks: Jacobian, wanted: Array) -> bool:
    size = float(abs(wanted).max(initial=0))
    return bool((abs(a.reshape(-1)[kinks.elements] - wanted) <= 1e-4 * size).all())


# -- sums over the wrong axes ----------------------------------------------------------------------


def summed_wrongly(s: Suspect) -> Verdict | None:
    """Sums over too few or too many axes, or the wrong ones, whose shape is right by accident."""
    if broadcasts(s) and _same_totals(s):
        return Verdict(
            "broadcast",
            "The sum over all elements is right and the elements are not: the cotangent was summed "
            f"over the wrong axes. Sum over those along which `{s.name}` was repeated.",
        )
    y = s.y
    if y is not None and s.x.size < y.size:
        for axis, n in enumerate(y.shape):
            for index in (0, n - 1):
                part = [_only(g.reshape(y.shape), axis, index) for g in s.gs]
                if n > 1 and s.agree(s.got, [s.true(g) for g in part]):
                    return Verdict(
                        "broadcast",
                        f"Only index {index} of axis {axis} of the cotangent is counted: "
                        f"`{s.name}` is used at all {n} of them, and gets the sum of what flows "
                        "back from each (+=, not =).",
                    )
    for axes in subsets([axis for axis, n in enumerate(s.x.shape) if n > 1]):
        for how in (np.sum, np.mean):
            spread = [np.broadcast_to(how(t, axis=axes, keepdims=True), t.shape) for t in s.truth]
            if s.agree(s.got, spread):
                word = "summed" if how is np.sum else "averaged"
                text = f"The gradient is {word} over {said(axes)}, where it should not be."
                return Verdict("broadcast", text)
    return _repeated_wrongly(s)


def _only(g: Array, axis: int, index: int) -> Array:
    part = np.zeros_like(g)
    place = tuple(index if i == axis else slice(None) for i in range(g.ndim))
    part[place] = g[place]
    return part


def _repeated_wrongly(s: Suspect) -> Verdict | None:
    """The cotangent of a sum, repeated along another axis than was summed over."""
    if s.y is None or s.y.size >= s.x.size:
        return None
    for order in _matching(s):
        if s.agree([a.transpose(order) for a in s.got], s.truth):
            return Verdict(
                "broadcast",
                "The cotangent is repeated along the wrong axis: repeat it along those over which "
                "the forward pass summed (`keepdims=True` or g[..., None] keeps them apart).",
            )
    return None


def _matching(s: Suspect) -> Iterator[tuple[int, ...]]:
    if s.x.ndim <= 5:
        for order in permutations(range(s.x.ndim)):
            if tuple(s.x.shape[i] for i in order) == s.x.shape:
                yield order


# -- terms that are missing ------------------------------------------------------------------------


def softmax_terms(s: Suspect) -> Verdict | None:
    """``y (g - s)`` with a sum s along other axes than it should be."""
    y = s.y
    if y is None or y.shape != s.x.shape or y.ndim < 2 or not np.all(y):
        return None
    pairs = list(zip(s.gs, s.got, s.truth, strict=True))
    right, wrong = (
        [(v / y - g.reshape(y.shape)) for g, v in part]
        for part in ([(g, t) for g, _, t in pairs], [(g, a) for g, a, _ in pairs])
    )
    along = [_same_along(values) for values in (right, wrong)]
    if not along[0] or not along[1] or along[0] == along[1] or not any(map(np.any, wrong)):
        return None
    if all(abs(w).max() <= 1e-9 * abs(r).max() for r, w in zip(right, wrong, strict=True)):
        return None  # it is missing
    return Verdict(
        "broadcast",
        f"The sum in y * (g - sum(g * y)) is taken over {said(along[1])}, and should be over "
        f"{said(along[0])}, as in the forward pass.",
    )


def _same_along(values: list[Array]) -> tuple[int, ...]:
    """The axes along which all of them stay the same."""
    found = []
    for axis, n in enumerate(values[0].shape):
        if n > 1 and all(
            np.isfinite(v).all() and np.ptp(v, axis=axis).max() <= 1e-6 * abs(v).max()
            for v in values
        ):
            found.append(axis)
    return tuple(found)


def mean_term(s: Suspect) -> Verdict | None:
    """The difference is one number per group, times nothing, x - mean, y or softmax(x)."""
    x = s.x
    if x.ndim == 0 or not all(np.isfinite(t).any() for t in s.truth):
        return None
    errors = [t - a for a, t in zip(s.got, s.truth, strict=True)]
    if s.same(errors[1], np.where(np.isfinite(s.truth[0]), errors[0], np.nan)):
        return _added(s, errors[0])
    itself = _multiple_of_itself(s, errors)
    if itself is not None:
        return itself
    balanced = _sums_to_zero(s, s.truth, list(subsets(range(x.ndim))))
    axes_sets = sorted(subsets(range(x.ndim)), key=len, reverse=True)  # the strictest first
    for names, sentence in _TERMS:
        for axes in axes_sets:
            columns = [_regressor(s, name, axes) for name in names]
            if any(c is None for c in columns) or _group(x, axes) < len(names) + 2:
                continue
            if _fits(errors, columns, axes) and not _fits(s.truth, columns, axes):
                if balanced and axes not in balanced:
                    if _are_finer_groups(s, balanced):
                        return None  # see `coupling`, which needs no axes
                    right = min(balanced, key=len)
                    return Verdict(
                        "broadcast",
                        f"A mean or sum on the way back goes over other axes than over "
                        f"{said(right)}, along which the right gradient sums to zero: the "
                        f"difference is of one form along {said(axes)}.",
                    )
                return Verdict("mean_term", sentence.format(axes=said(axes), name=s.name))
    for name, other in s.others:
        if other.shape != x.shape or other.dtype.kind not in "fiub":
            continue
        column = other.astype(np.float64)
        both = [column, np.ones_like(column)]
        for terms, also in (([column], ""), (both, ", and a constant")):
            for axes in axes_sets:
                if _group(x, axes) >= len(terms) + 2 and _fits(errors, terms, axes):
                    return Verdict(
                        "missing",
                        f"The difference is `{name}`, times one number for each group along "
                        f"{said(axes)}{also}: the term with `{name}` is missing, or has another "
                        "factor.",
                    )
    return None


def _multiple_of_itself(s: Suspect, errors: list[Array]) -> Verdict | None:
    """Of a loss, a multiple of the argument that is missing: as of an L2 penalty."""
    x = s.x
    centred = abs(float(x.mean())) <= 1e-3 * float(abs(x).max(initial=0.0))  # as x - mean is, too
    if s.gs[0].size != 1 or x.size < 2 or centred or not np.ptp(abs(x)):
        return None
    known = np.isfinite(errors[0])
    factors = [float((e * x)[known].sum() / (x[known] ** 2).sum()) for e in errors]
    wanted = [np.where(known, e, np.nan) for e in errors]
    if not s.agree([c * x for c in factors], wanted):
        return None
    return Verdict(
        "missing",
        f"The difference is `{s.name}` itself, times {factors[0] / float(s.gs[0][0]):.4g}: a term "
        f"with `{s.name}` is missing or has another factor, as that of an L2 penalty (λ Σ w² has "
        "the gradient 2 λ w).",
    )


# What stands where the softmax of the forward pass should: the cause, and how it is told.
_NO_SOFTMAX = {
    "twice": (
        "scale",
        "The softmax is applied twice: the gradient is right with softmax(`{name}`) in the place "
        "of softmax(softmax(`{name}`)). What the loss takes are logits, or it takes probabilities.",
    ),
    "logits": (
        "missing",
        "The softmax is missing: the gradient has `{name}` itself where softmax(`{name}`) over "
        "{axes} should be.",
    ),
    "exponentials": (
        "mean_term",
        "The sum in the denominator of the softmax is missing: the gradient has exp(`{name}`) "
        "where softmax(`{name}`) over {axes} should be.",
    ),
    "axes": (
        "broadcast",
        "The softmax on the way back is taken over {wrong}, and that of the forward pass over "
        "{axes}.",
    ),
}


def softmax_itself(s: Suspect) -> Verdict | None:
    """``w (q - t)`` where ``w (p - t)`` with p = softmax(x) should be: the error is w (q - p)."""
    x = s.x
    if x.ndim == 0 or x.size < 4 or not all(np.isfinite(t).all() for t in s.truth):
        return None
    errors = [a - t for a, t in zip(s.got, s.truth, strict=True)]
    choices = sorted(subsets([axis for axis, n in enumerate(x.shape) if n > 1]), key=len)
    for axes in choices:
        p = _softmax(x, axes)
        is_softmax = s.y is not None and s.same(s.y, p)
        if is_softmax and s.agree([p * a for a in s.got], s.truth):
            return Verdict(
                "scale",
                f"Each element has its own factor, which is y = softmax(`{s.name}`) over "
                f"{said(axes)}: it is missing. The gradient of softmax is y * (g - sum(g * y)).",
            )
        sums = [(a * p).sum(axis=axes, keepdims=True) for a in s.got]
        if s.agree([p * (a - b) for a, b in zip(s.got, sums, strict=True)], s.truth):
            text = (
                "The gradient is that of p = softmax(`{0}`) over {1}: on the way back to `{0}` the "
            )
            text += "softmax is left out. Go through it: p * (gp - sum(gp * p))."
            return Verdict("missing", text.format(s.name, said(axes)))
        if not s.y_is_of_groups(axes) or axes not in _sums_to_zero(s, s.truth, [axes]):
            continue  # as the sum over the classes of p - t is
        others = [("axes", wrong, _softmax(x, wrong)) for wrong in choices if wrong != axes]
        others += [("twice", (), _softmax(p, axes)), ("logits", (), x)]
        others += [("exponentials", (), np.exp(x))]
        for what, wrong, q in others:
            if not np.isfinite(q).all() or s.same(q, p):
                continue
            if all(_weighted(s, e, q - p, g, axes) for e, g in zip(errors, s.gs, strict=True)):
                cause, sentence = _NO_SOFTMAX[what]
                told = said(wrong) if wrong else ""
                return Verdict(cause, sentence.format(name=s.name, axes=said(axes), wrong=told))
    return None


def _softmax(x: Array, axes: tuple[int, ...]) -> Array:
    e = np.exp(x - x.max(axis=axes, keepdims=True))
    return np.asarray(e / e.sum(axis=axes, keepdims=True))


def _weighted(s: Suspect, error: Array, column: Array, g: Array, axes: tuple[int, ...]) -> bool:
    """Whether the error is the column, times the cotangent of each group and a constant."""
    weights = np.full(error.size // _group(error, axes), g[0]) if g.size == 1 else g
    wanted = _grouped(column, axes) * weights[:, None]
    rows = _grouped(error, axes)
    size = float((wanted**2).sum())
    c = float((rows * wanted).sum()) / size if size else 0.0
    return bool(c) and bool((abs(rows - c * wanted) <= NEAR * abs(rows).max()).all())


def _are_finer_groups(s: Suspect, balanced: set[tuple[int, ...]]) -> bool:
    """Whether the elements that depend on each other are parts of axes, as groups of channels."""
    if s.y is None or s.y.shape != s.x.shape:
        return False
    most = max(int((abs(row) > 1e-7 * abs(row).max()).sum()) for row in _some_rows(s))
    return most < min(_group(s.x, axes) for axes in balanced)


def _some_rows(s: Suspect) -> Iterator[Array]:
    """What flows back, if it is right, from some results."""
    n = s.gs[0].size
    for i in sorted({0, n // 2, n - 1}):
        yield np.nan_to_num(s.true(np.eye(1, n, i)[0]))


_TERMS: tuple[tuple[tuple[str, ...], str], ...] = (
    (
        ("1",),
        "The difference is one number for all elements along {axes}: the term through the mean is "
        "missing or has another factor. The mean over {axes} depends on every element of `{name}`, "
        "so each of them moves all results there: subtract the mean of the cotangent.",
    ),
    (
        ("softmax",),
        "The difference is softmax(`{name}`) times one number for each group along {axes}: the "
        "term through the sum in the denominator is missing or has another factor.",
    ),
    (
        ("y",),
        "The difference is the result times one number for each group along {axes}: the term "
        "through the sum is missing. Every element is part of the sum along {axes} that all are "
        "divided by: subtract y * sum(g * y).",
    ),
    (
        ("x - mean",),
        "The difference grows with `{name}` - mean, by one factor for each group along {axes}: the "
        "term through the variance is missing or has another factor. Every element is part of the "
        "variance that all along {axes} are divided by.",
    ),
    (
        ("1", "x - mean"),
        "The difference is a constant and a multiple of `{name}` - mean for each group along "
        "{axes}: the terms through the mean and the variance are missing or have another factor. "
        "The statistics over {axes} depend on every element.",
    ),
    (
        ("1", "y"),
        "The difference is a constant and a multiple of the result for each group along {axes}: "
        "the terms through the mean and the sum are missing or have another factor.",
    ),
)


def _group(x: Array, axes: tuple[int, ...]) -> int:
    return int(np.prod([x.shape[axis] for axis in axes]))


def _added(s: Suspect, error: Array) -> Verdict:
    """Something that does not go by the cotangent."""
    text = "What is wrong is the same for every cotangent: something is added that does not go by g"
    known = np.isfinite(error)
    for name, x in zip(s.code.names, s.arrays, strict=True):
        if x.shape == error.shape and x.dtype.kind == "f" and np.any(x[known]):
            c = float((error[known] * x[known]).sum() / (x[known] ** 2).sum())
            if s.same(c * x, error):
                return Verdict("unknown", f"{text}, {-c:.4g} times `{name}`.")
    return Verdict("unknown", f"{text}.")


def _regressor(s: Suspect, name: str, axes: tuple[int, ...]) -> Array | None:
    x = s.x
    if name == "1":
        return np.ones_like(x)
    if name == "x - mean":
        return np.asarray(x - x.mean(axis=axes, keepdims=True))
    if name == "softmax":
        e = np.exp(x - x.max(axis=axes, keepdims=True))
        return np.asarray(e / e.sum(axis=axes, keepdims=True))
    return s.y if s.y is not None and s.y.shape == x.shape else None


def _fits(errors: Sequence[Array], columns: Sequence[Array | None], axes: tuple[int, ...]) -> bool:
    """Whether every error is, in each group along `axes`, a combination of the columns."""
    for error in errors:
        size = float(np.nanmax(abs(error), initial=0.0))
        if not size:
            return False
        rows = _grouped(error, axes)
        parts = [_grouped(c, axes) for c in columns if c is not None]
        good = np.isfinite(rows).all(axis=1)
        if 2 * good.sum() < len(rows):
            return False
        for i in np.flatnonzero(good):
            design = np.stack([part[i] for part in parts], axis=1)
            found = np.linalg.lstsq(design, rows[i], rcond=None)[0]
            if abs(design @ found - rows[i]).max() > 1e-5 * size:
                return False
    return True


def _grouped(x: Array, axes: tuple[int, ...]) -> Array:
    rest = [axis for axis in range(x.ndim) if axis not in axes]
    turned = x.transpose([*rest, *axes])
    return turned.reshape(-1, _group(x, axes))


def two_ways(s: Suspect) -> Verdict | None:
    """The sums or means on the way back go over other axes than those of the forward pass."""
    x = s.x
    if x.ndim < 2 or x.size > 600 or not all(np.isfinite(t).all() for t in s.truth):
        return None
    choices = list(subsets([axis for axis, n in enumerate(x.shape) if n > 1]))
    balanced = [_sums_to_zero(s, values, choices) for values in (s.truth, s.got)]
    if balanced[0] and balanced[1] and not balanced[0] & balanced[1]:
        right, wrong = (min(sets, key=len) for sets in balanced)
        return Verdict(
            "broadcast",
            f"The right gradient sums to zero along {said(right)}, this one along {said(wrong)}: "
            "it is that of a normalization over other axes than those of the forward pass.",
        )
    errors = [(t - a).reshape(-1) for a, t in zip(s.got, s.truth, strict=True)]
    usual = list(_usual_axes(x))
    known = [min(balanced[0], key=len)] if balanced[0] else usual
    for right in known:
        bases = list(_bases(s, right))
        for wrong in (axes for axes in (choices if balanced[0] else usual) if axes != right):
            for base in bases:
                columns = [_by_group(column, axes) for axes in (right, wrong) for column in base]
                count = sum(column.shape[1] for column in columns)
                if count * 1.3 > x.size:
                    continue
                if all(_in_span(np.concatenate(columns, axis=1), e) for e in errors):
                    return Verdict(
                        "broadcast",
                        f"Two terms do not fit: one is the same along {said(right)}, the other "
                        f"along {said(wrong)}. A sum or mean on the way back goes over other axes "
                        "than that of the forward pass.",
                    )
    return None


def _usual_axes(x: Array) -> Iterator[tuple[int, ...]]:
    """Axes that statistics are taken over: all choices of few axes, those in use of many."""
    long = [axis for axis, n in enumerate(x.shape) if n > 1]
    if len(long) < 4:
        yield from subsets(long)
        return
    last = x.ndim - 1
    yield from ((0,), (last,), tuple(range(last)), tuple(range(1, last)), tuple(range(1, last + 1)))


def _sums_to_zero(
    s: Suspect, values: list[Array], choices: list[tuple[int, ...]]
) -> set[tuple[int, ...]]:
    found = set()
    for axes in choices:
        if s.x.size > _group(s.x, axes) > 1 and all(
            abs(v.sum(axis=axes)).max() <= 1e-6 * abs(v).sum(axis=axes).max() for v in values
        ):
            found.add(axes)
    return found


def _bases(s: Suspect, axes: tuple[int, ...]) -> Iterator[list[Array]]:
    """What the terms are multiples of.

    That is 1, the result, or softmax(x); of a normalization over `axes`, 1 / std and (x - mean) /
    std², where y / x gives gamma / std.
    """
    x, y = s.x, s.y
    yield [np.ones_like(x)]
    if y is None or y.shape != x.shape:
        return
    yield [y]
    if len(axes) == 1:
        e = np.exp(x - x.max(axis=axes, keepdims=True))
        yield [np.asarray(e / e.sum(axis=axes, keepdims=True))]
    centred = x - x.mean(axis=axes, keepdims=True)
    with np.errstate(all="ignore"):
        slopes = (y * centred).sum(axis=axes, keepdims=True)
        slopes = slopes / (centred**2).sum(axis=axes, keepdims=True)
        divisors = [np.ones(()), *(other for _, other in s.others)]
        for divisor in divisors:
            if divisor.size not in (1, slopes.size):
                continue
            by = divisor.reshape(slopes.shape) if divisor.size > 1 else divisor.reshape(())
            weight = np.broadcast_to(slopes / by, x.shape)
            if np.isfinite(weight).all():
                yield [weight, np.asarray(weight * weight * centred)]


def _by_group(values: Array, axes: tuple[int, ...]) -> Array:
    """A column for each group along `axes`: the values there, 0 elsewhere."""
    groups = values.size // _group(values, axes)
    sizes = [1 if axis in axes else n for axis, n in enumerate(values.shape)]
    number = np.broadcast_to(np.arange(groups).reshape(sizes), values.shape).reshape(-1)
    part = np.zeros((values.size, groups))
    part[np.arange(values.size), number] = values.reshape(-1)
    return part


def _in_span(design: Array, error: Array) -> bool:
    found = np.linalg.lstsq(design, error, rcond=None)[0]
    return bool(abs(design @ found - error).max() <= 1e-5 * abs(error).max())


# -- a factor for each element ---------------------------------------------------------------------


def factor_by_element(s: Suspect) -> Verdict | None:
    """``got = c · right`` with a c for each element: an argument, the result, or of a channel."""
    ratios = []
    for d, (a, t) in enumerate(zip(s.got, s.truth, strict=True)):
        known = np.isfinite(t) & (abs(t) > s.near(d))
        if 2 * known.sum() < np.isfinite(t).sum() or not known.any():
            return None
        ratios.append(np.where(known, a / np.where(known, t, 1.0), np.nan))
    both = np.isfinite(ratios[0]) & np.isfinite(ratios[1])
    c = ratios[0]
    if not both.any() or (abs(c - ratios[1])[both] > 1e-4 * abs(c)[both]).any():
        return None
    if (abs(abs(c[both]) - 1) < 1e-4).all():
        turned = [np.isfinite(r) & (r < 0) for r in ratios]
        side = explained(s, turned, [np.isfinite(r) & (r > 0) for r in ratios])
        if side is not None:
            return Verdict("sign", f"The sign is wrong where {side}, and right elsewhere.")
    for name, factor in _known_factors(s):
        if factor.shape != c.shape or np.ptp(factor[both].astype(np.float64)) == 0:
            continue  # a constant, as of a mask where it passes, is no factor for each element
        with np.errstate(all="ignore"):
            for verb, scaled in (("Divide", c / factor), ("Multiply", c * factor)):
                values = scaled[both]
                if np.isfinite(values).all() and np.ptp(values) <= 1e-4 * abs(values).max():
                    rest = "" if abs(values[0] - 1) < 1e-4 else f", and then by {values[0]:.4g}"
                    if verb == "Multiply" and rest:
                        rest = f", and then divide by {values[0]:.4g}"
                    return Verdict(
                        "scale",
                        f"Each element has its own factor, which is {name}: "
                        f"{'one too many' if verb == 'Divide' else 'it is missing'}. {verb} by "
                        f"{name}{rest}.",
                    )
    factors = [(n, f) for n, f in _known_factors(s) if f.shape == c.shape]
    for (name, factor), (other, instead) in product(factors, factors):
        with np.errstate(all="ignore"):
            values = (c * factor / instead)[both]
        if np.isfinite(values).all() and abs(values - 1).max() < 1e-4:
            return Verdict(
                "scale", f"Each element is multiplied by {other}, and should be by {name} instead."
            )
    for axis in range(c.ndim):
        rest_axes = tuple(i for i in range(c.ndim) if i != axis)
        with np.errstate(all="ignore"):
            spread = np.nanmax(c, axis=rest_axes) - np.nanmin(c, axis=rest_axes)
        if c.ndim > 1 and (spread <= 1e-4 * np.nanmax(abs(c))).all():
            ratios_here = np.nanmax(c, axis=rest_axes)
            shown = ", ".join(f"{v:.4g}" for v in ratios_here[:6])
            variance = _other_variance(s, axis, ratios_here)
            if variance is not None:
                return Verdict(
                    "scale",
                    f"Each index of axis {axis} has a factor of its own ({shown} …), which is the "
                    f"standard deviation over the root of `{variance}`: the gradient is divided by "
                    f"the root of `{variance}`, and the forward pass by the deviation of the batch."
                    " A running variance is for inference only.",
                )
            return Verdict(
                "scale",
                f"Each index of axis {axis} has a factor of its own ({shown} …): something that "
                "differs along there, as the standard deviation or gamma of each channel does, is "
                "missing, or there twice.",
            )
    return None


def _other_variance(s: Suspect, axis: int, ratios: Array) -> str | None:
    """The argument that stands for the variances along an axis, by what the gradient is off."""
    rest = tuple(i for i in range(s.x.ndim) if i != axis)
    return other_variance(s, s.x.var(axis=rest), ratios)


def other_variance(s: Suspect, variances: Array, ratios: Array) -> str | None:
    """Which argument is used in place of variances, if √(variance / argument) is the ratio.

    That is the running variance, as a rule; what is added under the root is not known.
    """
    for name, other in s.others:
        if other.size != variances.size or other.dtype.kind != "f":
            continue
        with np.errstate(all="ignore"):
            explained = np.sqrt(variances / other.reshape(-1))
        if np.isfinite(explained).all() and abs(explained / ratios - 1).max() < 0.02:
            return name
    return None


def _known_factors(s: Suspect) -> Iterator[tuple[str, Array]]:
    for name, x in s.others:
        for shown, value in ((f"`{name}`", x), (f"`{name}`²", np.square(x.astype(np.float64)))):
            try:
                yield shown, np.broadcast_to(value, s.x.shape)
            except ValueError:
                continue
    yield f"`{s.name}`", s.x
    yield f"`{s.name}`²", s.x**2
    if s.x.ndim and s.x.shape[-1] > 1:
        e = np.exp(s.x - s.x.max(axis=-1, keepdims=True))
        yield f"softmax(`{s.name}`)", e / e.sum(axis=-1, keepdims=True)
    if s.y is not None and s.y.shape == s.x.shape:
        y = s.y
        yield "the result y", y
        yield "1 - y", 1 - y
        yield "1 + y", 1 + y
        yield "y (1 - y)", y * (1 - y)
        yield "1 - y²", 1 - y * y
        yield "y²", y * y


def unnamed_factor(s: Suspect) -> Verdict | None:
    """A factor for each element that is none of those that are known, whatever the cotangent."""
    ratios = []
    for d, (a, t) in enumerate(zip(s.got, s.truth, strict=True)):
        known = np.isfinite(t) & (abs(t) > s.near(d))
        if 10 * known.sum() < 9 * np.isfinite(t).sum() or known.sum() < 4:
            return None
        ratios.append(np.where(known, a / np.where(known, t, 1.0), np.nan))
    both = np.isfinite(ratios[0]) & np.isfinite(ratios[1])
    values, others = ratios[0][both], ratios[1][both]
    if s.gs[0].size < 2 or values.size < 4 or (abs(values - others) > 1e-4 * abs(values)).any():
        return None
    nothing = abs(values) < NEAR
    if nothing.any():
        left = values[~nothing]
        if not left.size or np.ptp(left) > 1e-4 * abs(left).max():
            return None
        return Verdict(
            "mask",
            f"{int(nothing.sum())} of {values.size} elements get nothing, and the others "
            f"{left[0]:.4g} times what they should: what comes from a result belongs to all the "
            "elements that it depends on.",
        )
    off = [np.isfinite(r) & (abs(r - 1) > 1e-4) for r in ratios]
    rest = [np.isfinite(r) & ~o for r, o in zip(ratios, off, strict=True)]
    side = explained(s, off, rest) if min(off[0].sum(), rest[0].sum()) > 2 else None
    if side:
        return Verdict(
            "mask",
            f"The gradient is right, but for where {side}: there the function has another branch, "
            "with a derivative of its own.",
        )
    few = np.flatnonzero(abs(values - 1) > 1e-4)
    if 0 < 10 * few.size < values.size:
        index = [int(i) for i in np.argwhere(both)[few[0]]]
        return Verdict(
            "scale",
            f"{counted(few.size)} wrong of {values.size}, by a factor: the element at {index} is "
            f"{values[few[0]]:.4g} times the right one. Is it treated apart, as by an index?",
        )
    low, high = float(values.min()), float(values.max())
    hint = ""
    if low >= 1 or (low >= 0 and high <= 1):
        hint = (
            f" The factor that is {'missing' if low >= 1 else 'too many'} is between 0 and 1, as "
            "a gate, a sigmoid, a probability or a mask is."
        )
    return Verdict(
        "scale",
        f"Each element has a factor of its own, from {low:.4g} to {high:.4g}, the same for every "
        f"cotangent: the derivative that the cotangent is multiplied with is another one.{hint}",
    )


def unchanging(s: Suspect) -> Verdict | None:
    """The gradient does not go by the argument, and the right one does: f is not linear in it."""
    if s.y is None:
        return None
    rng = np.random.default_rng(0)
    move = rng.normal(size=s.x.shape) * 0.3 * max(float(abs(s.x).max(initial=0.0)), 1e-3)
    moved = [*s.arrays]
    for far in (1, -1, 4, -4):  # a mask may stay the same within a short way
        found = [s.ask(g, s.moved(s.argument, s.x + far * move)) for g in s.gs]
        if not all(
            s.same(b, np.where(np.isfinite(a), a, np.nan))
            for a, b in zip(s.got, found, strict=True)
        ):
            return None
    moved[s.argument] = s.x - move
    try:
        with np.errstate(all="ignore"):
            other, here = s.code.value(moved), s.code.value(s.arrays)
            moved[s.argument] = s.x + move
            bend = abs(s.code.value(moved) + other - 2 * here).max(initial=0.0)
    except Exception:  # it was not made for these data
        return None
    if not bend > 1e-3 * abs(other - here).max(initial=0.0):
        return None
    return Verdict(
        "missing",
        f"The gradient is the same wherever `{s.name}` is, but the result is no linear function of "
        "it: the derivative of a function on the way (softmax, relu, tanh, a square …) is missing, "
        "as if it were the identity.",
    )


def direct_term(s: Suspect) -> Verdict | None:
    """What is missing is the cotangent itself, times something that does not go by it."""
    if s.y is None or s.y.shape != s.x.shape:
        return None
    gs = [g.reshape(s.y.shape) for g in s.gs]
    right = [t / g for t, g in zip(s.truth, gs, strict=True)]
    missing = [(t - a) / g for t, a, g in zip(s.truth, s.got, gs, strict=True)]
    if s.same(right[0], right[1]) or not s.same(missing[0], missing[1]):
        return None
    return Verdict(
        "missing",
        "The term with the cotangent of each element's own result is missing, or has another "
        "factor; what comes from the other results is right.",
    )


# -- of another argument ---------------------------------------------------------------------------


def of_another(s: Suspect) -> Verdict | None:
    """The gradient of another argument, in the wrong place of what the VJP returns."""
    for i, name in enumerate(s.code.names):
        if i == s.argument:
            continue
        found = [s.code.gradients(g, s.arrays)[i] for g in s.gs]
        if any(gx is None for gx in found):
            continue
        if s.agree(found, s.truth):
            return Verdict(
                "transpose",
                f"What the VJP returns for `{name}` is the gradient of `{s.name}`: the results are "
                "exchanged. They come in the order of the arguments: "
                f"{', '.join(f'g{name}' for name in s.code.names)}.",
            )
        if s.got[0].shape == s.x.shape and s.agree(s.got, found):
            return Verdict(
                "missing",
                f"What the VJP returns for `{s.name}` is what it returns for `{name}`, once more: "
                f"the gradient of `{s.name}` itself is missing.",
            )
    return None


# -- right for ones only ---------------------------------------------------------------------------


def without_cotangent(s: Suspect) -> Verdict | None:
    """The same for every cotangent, and right for one of ones, if at all."""
    first = np.where(np.isfinite(s.truth[0]), s.got[0], np.nan)
    if not np.any(s.got[0]) or not s.same(s.got[1], first) or s.same(*s.truth):
        return None
    text = "The gradient is the same for every cotangent: g is not used. Multiply by it."
    return constant(s) or Verdict("constant", text)


def _is_even(s: Suspect) -> bool:
    """Whether the code returns the same for g and -g."""
    return any(np.any(a) for a in s.got) and s.agree([s.ask(-g) for g in s.gs], s.got)


def constant(s: Suspect) -> Verdict | None:
    """Right for a cotangent of ones, or not looking at the cotangent at all."""
    got, right = s.ones
    known = np.isfinite(right)
    if not known.any() or not np.any(right[known]) or got.shape != right.shape:
        return None
    if s.agree([got], [right]):
        alike = s.agree([s.got[0]], [np.where(np.isfinite(s.truth[1]), s.got[1], np.nan)])
        if alike:
            how = "It is the same for every cotangent: g is not used"
        elif _is_even(s):
            how = "It does not change its sign with the cotangent: it uses abs(g), or its square"
        elif s.agree([s.ask(g[::-1]) for g in s.gs], s.got):
            how = "It uses a sum or mean of the cotangent, not each of its elements"
        else:
            how = "The elements of the cotangent go to other elements than they should"
        return Verdict(
            "constant",
            f"The gradient is right for a cotangent of ones, and for no other. {how}. Within a "
            "network the cotangent is hardly ever constant.",
        )
    return None
