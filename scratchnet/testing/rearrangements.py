"""Wrong gradients that become right by one rearrangement: a scale, a flip, a transpose, a shift.

Each is tried on the gradient that came out, and on what went in: the cotangent, and the other
arguments.  Code that takes a filter the wrong way round is right when it is handed the filter the
wrong way round.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations, product

import numpy as np

from scratchnet.engine.dtypes import Array
from scratchnet.testing.suspect import Suspect, Verdict, said, subsets

FURTHEST = 3  # the largest shift that is tried


# -- a constant factor -----------------------------------------------------------------------------


def constant_factor(s: Suspect) -> Verdict | None:
    """``got = c · right``: `sign` for c = -1, else `scale`."""
    known = [np.isfinite(t) for t in s.truth]
    over = sum(float(np.sum(a[k] * t[k])) for a, t, k in zip(s.got, s.truth, known, strict=True))
    under = sum(float(np.sum(t[k] ** 2)) for t, k in zip(s.truth, known, strict=True))
    if not under or not np.isfinite(over):
        return None
    c = over / under
    if abs(c) < 1e-12 or not s.agree([a / c for a in s.got], s.truth):
        return None
    if abs(c - 1) < 1e-4 and not _is_nearer(s, [a / c for a in s.got]):
        return None
    if abs(c + 1) < 1e-4:
        text = "Every element has the wrong sign: a minus is missing, or there is one too many."
        return Verdict("sign", text)
    return Verdict("scale", _factor_sentence(s, c))


def _is_nearer(s: Suspect, found: list[Array]) -> bool:
    """Whether it comes far nearer to the right gradient than the wrong one is, near as that is."""

    def off(values: list[Array]) -> float:
        gaps = [abs(v - t)[np.isfinite(t)] for v, t in zip(values, s.truth, strict=True)]
        return max(float(gap.max(initial=0.0)) for gap in gaps)

    return off(found) <= 0.1 * off(s.got)


def nearly_right(s: Suspect) -> Verdict | None:
    """Off by so little that what a rearrangement makes of it would seem to be right as well."""
    if not s.agree(s.got, s.truth):
        return None
    verdict = constant_factor(s)
    if verdict is not None:
        return verdict
    pairs = list(zip(s.got, s.truth, strict=True))
    sizes = [float(np.nanmax(abs(t), initial=0.0)) for _, t in pairs]
    gaps = [float(np.nanmax(abs(a - t), initial=0.0)) for a, t in pairs]
    off = max(gap / size for gap, size in zip(gaps, sizes, strict=True) if size)
    return Verdict(
        "unknown",
        f"The gradient is off by {off:.2g} of its largest value only: a small number that is "
        "added, as an epsilon, is another one than in the forward pass, a constant has too few "
        "digits, or digits cancel.",
    )


ROOT = "the root of the size of axis"

# Factors that go by no shape.
SQUARE = "what the derivative of a square brings with it"
COMMON = {
    SQUARE: (2.0,),
    "the largest value of a pixel": (255.0,),
    "a usual learning rate": (0.1, 0.01, 0.001),
}


def _factor_sentence(s: Suspect, c: float) -> str:
    size, inverse = abs(c), 1 / abs(c)
    sign = " (and the sign is wrong, too)" if c < 0 else ""
    names = named_factors(s)
    for value, more, verb in ((size, "large", "divide by"), (inverse, "small", "multiply by")):
        fitting = _fitting(names, value) if value > 1.0001 else []
        if fitting:
            return (
                f"Every element is {value:.6g} times too {more}{sign}, and {value:.6g} is "
                f"{', or '.join(fitting)}: {verb} it."
            )
    fits = [text for text, known in names if abs(known / size - 1) < 1e-4]
    if fits:
        return f"Every element is {size:.6g} times the right one{sign}, and that is {fits[0]}."
    shown, more = (_digits(size), "large") if size > 1 else (_digits(inverse), "small")
    times = "" if abs(size - 2) > 1e-4 else ", or the same is added twice"
    return (
        f"Every element is {shown} times too {more}{sign}: a constant factor is missing, or one "
        f"too many{times}."
    )


def _digits(value: float) -> str:
    """A number with six digits, or as many as tell it from 1.

    >>> _digits(2.0), _digits(1 + 1e-6)
    ('2', '1.000001')
    """
    shown = (f"{value:.{digits}g}" for digits in range(6, 17))
    return next((text for text in shown if abs(float(text) - value) <= 0.01 * abs(value - 1)), "1")


def _fitting(names: list[tuple[str, float]], value: float) -> list[str]:
    """What a factor may be, the likeliest first: what has a meaning goes before a size."""
    fits = [text for text, known in names if abs(known / value - 1) < 1e-4]
    of_shapes = [text for text in fits if text not in COMMON and not text.startswith(ROOT)]
    telling = [text for text in of_shapes if not text.startswith("the size of axis")]
    if telling and "batch" in telling[0]:  # that is what it is the number of
        telling = [text for text in telling if not text.startswith("the number of elements")]
    if telling and "what the forward pass" in telling[0]:
        telling = telling[:1]
    likely = (telling or of_shapes)[:2]
    if SQUARE not in fits:
        likely += _roots(names, value)[:1]
    likely += [text for text in fits if text in COMMON and (text == SQUARE or not likely)]
    return list(dict.fromkeys(likely))


def _roots(names: list[tuple[str, float]], value: float) -> list[str]:
    """The depths whose root is a factor, as of attention and of embeddings."""
    return [
        text for text, known in names if text.startswith(ROOT) and abs(known / value - 1) < 1e-4
    ]


def _is_quadratic(s: Suspect) -> bool:
    """Whether the result is a polynomial of degree 2 in the argument, along some direction."""
    v = np.random.default_rng(0).normal(size=s.x.shape) * max(float(abs(s.x).max()), 1e-3)

    def at(t: float) -> Array:
        arrays = list(s.arrays)
        arrays[s.argument] = s.x + t * v
        return s.code.value(arrays)

    try:
        with np.errstate(all="ignore"):
            values = [at(t) for t in (-1.0, 0.0, 1.0, 2.0)]
    except Exception:  # it was not made for these data
        return False
    second = values[0] - 2 * values[1] + values[2]
    third = values[3] - 3 * values[2] + 3 * values[1] - values[0]
    size = float(max(abs(x).max(initial=0.0) for x in values))
    return bool(abs(second).max(initial=0.0) > 1e-6 * size >= 1e3 * abs(third).max(initial=0.0))


def named_factors(s: Suspect) -> list[tuple[str, float]]:
    """The numbers that a constant factor often is, with what they are, the likeliest first."""
    found: list[tuple[str, float]] = []
    everything = list(zip(s.code.names, s.arrays, strict=True))
    first = s.ys[0]
    batch = first.shape[0] if first.ndim else -1
    batches = [name for name, x in everything if s.is_of_batch(x)]
    support = _support(s)
    elementwise = s.y is not None and s.y.shape == s.x.shape and support <= 1
    own = _own_factor(s) if elementwise else None
    if own is not None:
        found += [
            ("what the forward pass multiplies by, as by 1 / (1 - rate) of dropout", own),
            ("the square of what the forward pass multiplies by, as of 1 / (1 - rate)", own**2),
        ]
    area = _max_window(s)
    if area is not None:
        found.append(("the window area", area))
    if batches:
        found.append((f"the batch size (axis 0 of `{batches[0]}`)", float(batch)))
    elif not first.ndim and s.x.ndim > 1:  # a loss
        found.append((f"the size of the batch, axis 0 of `{s.name}`", float(len(s.x))))
    if support > 1:
        found.append((f"how many elements of `{s.name}` each result depends on", float(support)))
        if s.spatial(s.x) and not any(x.ndim == 4 for _, x in s.others):
            found.insert(0, ("the window area", float(support)))
            found.append(("the square root of the window area", float(np.sqrt(support))))
    for name, x in everything:
        if s.spatial(x) and name not in batches:
            found.append(("the window area", float(np.prod([x.shape[i] for i in s.spatial(x)]))))
    pictures = set()
    for name, x in [*everything, ("the result", first)]:
        shown = f"`{name}`" if name != "the result" else name
        is_result = name == "the result"
        if s.spatial(x) and (is_result or name in batches):
            pixels = int(np.prod([x.shape[i] for i in s.spatial(x)]))
            channels = x.shape[3 if s.spatial(x) == (1, 2) else 1]
            if pixels not in pictures:
                found.append((f"the number of pixels of {shown}", float(pixels)))
                found.append((f"the batch size times the pixels of {shown}", float(batch * pixels)))
            pictures.add(pixels)
            found.append((f"the number of channels of {shown}", float(channels)))
        if not (is_result and elementwise):  # it has the shape of the argument
            found += [(f"the size of axis {i} of {shown}", float(n)) for i, n in enumerate(x.shape)]
            found.append((f"the number of elements of {shown}", float(x.size)))
        if x.ndim > 1 and not (is_result or elementwise or s.spatial(x)):
            found.append((f"{ROOT} {x.ndim - 1} of {shown}", float(x.shape[-1] ** 0.5)))
        if x.size == 1 and x.dtype.kind == "f":
            found.append((f"the value of {shown}", abs(float(x.reshape(())))))
        elif x.size and set(np.unique(x)) <= {0.0, 1.0}:
            found.append((f"1 / the share of ones in {shown}", 1 / max(float(x.mean()), 1e-9)))
    if s.y is not None and broadcasts(s):
        shared = s.y.size / max(1, s.x.size)
        found.append((f"the number of results that share an element of `{s.name}`", shared))
    common = [(text, value) for text, values in COMMON.items() for value in values]
    return found + [part for part in common if part[0] != SQUARE or _is_quadratic(s)]


def _own_factor(s: Suspect) -> float | None:
    """The c of ``y = c x``, wherever y is not 0, if that is what the forward pass is."""
    y, x = s.ys[0], s.x
    some = (y != 0) & (x != 0)
    if not some.any() or not np.any(y == 0) or np.any(y[x == 0]):
        return None
    c = y[some] / x[some]
    constant = float(np.ptp(c)) <= 1e-6 * float(abs(c).max())
    return abs(float(c[0])) if constant and abs(abs(c[0]) - 1) > 1e-4 else None


def _max_window(s: Suspect) -> float | None:
    """How large the windows are of which the results are the maxima, without padding."""
    x, y, axes = s.x, s.y, s.spatial(s.x)
    if y is None or len(axes) != 2 or y.ndim != x.ndim or not y.size or not np.isin(y, x).all():
        return None
    for kh, kw in sorted(product(range(1, 8), repeat=2), key=lambda k: k[0] * k[1]):
        if kh > x.shape[axes[0]] or kw > x.shape[axes[1]]:
            continue
        largest = np.lib.stride_tricks.sliding_window_view(x, (kh, kw), axes).max((-2, -1))
        for sh, sw in product(range(1, 8), repeat=2):
            steps = {axes[0]: sh, axes[1]: sw}
            part = largest[tuple(slice(None, None, steps.get(i, 1)) for i in range(x.ndim))]
            if part.shape == y.shape and np.array_equal(part, y):
                return float(kh * kw)
    return None


def _support(s: Suspect) -> int:
    """How many elements the results depend on, at most, of those asked."""
    n = s.gs[0].size
    most = 0
    shape = s.ys[0].shape
    middle = int(np.ravel_multi_index([m // 2 for m in shape], shape)) if shape and n else 0
    some = np.random.default_rng(0).integers(0, n, 16) if n else ()
    for i in sorted({0, middle, n // 2, n - 1, *map(int, some)} & set(range(n))):
        row = s.right.gradient(np.eye(1, n, i)[0])
        size = float(np.nanmax(abs(row), initial=0.0))
        most = max(most, int((abs(row) > 1e-7 * size).sum()) if size else 0)
    return most


# -- turned round ----------------------------------------------------------------------------------


def flipped(s: Suspect) -> Verdict | None:
    """Axes in reverse order: of the gradient, of another argument, of the cotangent."""
    for axes in _long_axes(s.x):
        if s.agree([np.flip(a, axes) for a in s.got], s.truth):
            which = s.pictured(s.x, axes)
            return Verdict(
                "flip",
                f"The gradient is turned round along {which}. A convolution and its gradients "
                "differ in just that: check which of filter, image and result is to be read "
                "backwards.",
            )
    for name, arrays, axes in _flipped_arguments(s):
        if s.agree([s.ask(g, arrays) for g in s.gs], s.truth):
            which = s.pictured(s.arrays[s.code.names.index(name)], axes)
            return Verdict(
                "flip",
                f"The gradient of `{s.name}` is right once `{name}` is turned round in its "
                f"{which}: on the way back `{name}` must be read in the reverse order (a "
                "correlation forward is a convolution backward).",
            )
    y = s.y
    for axes in _long_axes(y) if y is not None else ():
        turned = [np.flip(g.reshape(y.shape), axes) for g in s.gs]  # type: ignore[union-attr]
        if s.agree([s.ask(g) for g in turned], s.truth):
            text = f"The cotangent g is read in reverse order along its {said(axes)}."
            return Verdict("flip", text)
    return None


def runs_the_wrong_way(s: Suspect) -> Verdict | None:
    """Right once both the cotangent and the gradient are turned round, as of a cumulative sum."""
    y = s.y
    for axes in _long_axes(y) if y is not None else ():
        if max(axes) >= s.x.ndim:
            continue
        found = [s.ask(np.flip(g.reshape(y.shape), axes)) for g in s.gs]  # type: ignore[union-attr]
        if s.agree([_flip(a, axes) for a in found], s.truth):
            return Verdict(
                "flip",
                f"The gradient runs the wrong way along {said(axes)}: what goes forward in the "
                "forward pass must go backward here.",
            )
    return None


def _flip(a: Array | None, axes: tuple[int, ...]) -> Array | None:
    return None if a is None or a.ndim <= max(axes) else np.flip(a, axes)


def _long_axes(x: Array) -> Iterator[tuple[int, ...]]:
    return subsets([axis for axis, n in enumerate(x.shape) if n > 1])


def _flipped_arguments(s: Suspect) -> Iterator[tuple[str, list[Array], tuple[int, ...]]]:
    for i, (name, x) in enumerate(zip(s.code.names, s.arrays, strict=True)):
        if i != s.argument:
            for axes in _long_axes(x):
                yield name, s.moved(i, np.flip(x, axes)), axes


# -- transposed ------------------------------------------------------------------------------------


def transposed(s: Suspect) -> Verdict | None:
    """Axes exchanged: of the gradient, of another argument, of the cotangent."""
    for order in _orders(s.x):
        if _constant_along_other_axes(s):
            break  # a broadcast, to the wrong side: see `patterns`
        if s.agree([_transposed(a, order, s.x.shape) for a in s.got], s.truth):
            return Verdict(
                "transpose",
                f"The gradient is right once its axes are put in the order {list(order)}: "
                f"{_exchanged(order)} are exchanged.",
            )
        there = s.agree(s.got, [t.transpose(order).reshape(s.x.shape) for t in s.truth])
        if there or s.agree([_reordered(a, order, s.x.shape) for a in s.got], s.truth):
            return Verdict(
                "transpose",
                f"The elements come in another order in memory: as if the axes {list(order)} had "
                f"been reshaped to {s.x.shape} without a transpose before.",
            )
    for i, (name, x) in enumerate(zip(s.code.names, s.arrays, strict=True)):
        for order in _orders(x) if i != s.argument else ():
            if x.transpose(order).shape != x.shape:
                continue
            changed = s.moved(i, x.transpose(order))
            if s.agree([s.ask(g, changed) for g in s.gs], s.truth):
                return Verdict(
                    "transpose",
                    f"The gradient of `{s.name}` is right once `{name}` is transposed: on the way "
                    f"back its {_exchanged(order)} must be exchanged.",
                )
    y = s.y
    for order in _orders(y) if y is not None else ():
        if y.transpose(order).shape != y.shape:  # type: ignore[union-attr]
            continue
        turned = [g.reshape(y.shape).transpose(order) for g in s.gs]  # type: ignore[union-attr]
        if s.agree([s.ask(g) for g in turned], s.truth):
            if broadcasts(s):
                return Verdict(
                    "broadcast",
                    f"The cotangent is summed over the wrong axes: {_exchanged(order)} are "
                    f"exchanged. Sum over the axes along which `{s.name}` was repeated.",
                )
            text = f"The cotangent g is transposed: its {_exchanged(order)} are exchanged."
            return Verdict("transpose", text)
    return _same_elements(s) or _heads(s)


def _heads(s: Suspect) -> Verdict | None:
    """Parts of the last axis, as the heads of attention, reshaped without the transpose before."""
    if s.x.ndim < 2:
        return None
    *rest, n, depth = s.x.shape
    for heads in (h for h in range(2, depth) if depth % h == 0):
        shapes = (*rest, heads, n, depth // heads), (*rest, n, heads, depth // heads)
        for shape, which in zip(shapes, ("joined", "split"), strict=True):
            turned = [a.reshape(shape).swapaxes(-3, -2).reshape(s.x.shape) for a in s.got]
            if s.agree(turned, s.truth):
                when = "before" if which == "joined" else "after"
                return Verdict(
                    "transpose",
                    f"The {heads} parts of the last axis (the heads of attention) are {which} by a "
                    f"reshape alone: exchange {said([s.x.ndim - 2])} and that of the parts {when} "
                    "it.",
                )
    return None


def cut_up_otherwise(s: Suspect) -> Verdict | None:
    """Right once the elements of another argument come in another order in memory.

    That is what cutting up the columns of im2col, or the rows of a filter, in another order of
    rows, columns and channels does where the shapes of the parts hide it.
    """
    for i, (name, x) in enumerate(zip(s.code.names, s.arrays, strict=True)):
        for order in _orders(x) if i != s.argument and x.dtype.kind == "f" else ():
            parts = [x.shape[axis] for axis in order]
            back = tuple(int(axis) for axis in np.argsort(order))
            for other in (
                x.transpose(order).reshape(x.shape),
                x.reshape(parts).transpose(back),
            ):
                arrays = s.moved(i, np.ascontiguousarray(other))
                if s.agree([s.ask(g, arrays) for g in s.gs], s.truth):
                    return Verdict(
                        "transpose",
                        f"The gradient of `{s.name}` is right once the elements of `{name}` come "
                        f"in another order in memory, as of its axes {list(order)}: on the way "
                        f"back {_exchanged(order)} of `{name}` are cut up in another order than in "
                        "the forward pass. So it is where the columns of im2col are reshaped to "
                        "channels, rows and columns, and hold rows, columns and channels; or where "
                        "a reshape stands for a transpose.",
                    )
    return None


def matrix_not_transposed(s: Suspect) -> Verdict | None:
    """``A @ b`` where it should be ``A.T @ b``, with a matrix A that goes by the cotangent.

    A is known to the code only, as the gradient of the scores is in attention.  But b.T (A b) is
    (A.T b).T b, whatever A is.
    """
    if s.x.ndim < 2 or s.x.shape[-1] < 2:
        return None
    for name, b in s.others:
        if b.shape != s.x.shape or b.dtype.kind != "f":
            continue
        swapped = [np.swapaxes(b, -1, -2) @ a for a in s.got]
        wanted = [np.swapaxes(t, -1, -2) @ b for t in s.truth]
        if s.agree(swapped, wanted):
            return Verdict(
                "transpose",
                f"The gradient is a product with `{name}`, of a matrix that should be transposed: "
                f"A @ {name} where A.T @ {name} should be.",
            )
    return None


def _same_elements(s: Suspect) -> Verdict | None:
    """The cotangent in another order: as reshaped after, or without, another transpose."""
    y = s.y
    if y is not None and y.ndim == s.x.ndim and y.size < s.x.size:
        return _tiled(s, y)
    if y is None or y.size != s.x.size or y.ndim > 5:
        return None
    for back, forth in (("F", "C"), ("C", "F")):
        there = [t.reshape(y.shape, order=forth) for t in s.truth]  # type: ignore[call-overload]
        found = [a.reshape(y.shape, order=back) for a in s.got]  # type: ignore[call-overload]
        if s.agree(found, there):
            return Verdict(
                "transpose",
                f"The elements are reshaped in the order {back!r} on the way back, and in the order"
                f" {forth!r} in the forward pass: 'C' goes row by row, 'F' column by column. See "
                "`order` of reshape and ravel.",
            )
    found = []
    for values in (s.truth, s.got):
        orders = [
            order
            for order in permutations(range(y.ndim))
            if s.agree(
                [g.reshape(y.shape).transpose(order).reshape(s.x.shape) for g in s.gs], values
            )
        ]
        found.append(orders[0] if orders else None)
    if None in found:
        return None
    return Verdict(
        "transpose",
        f"The gradient is the cotangent with its axes in the order {list(found[1] or ())}, and "
        f"should be that in the order {list(found[0] or ())}, before it is reshaped.",
    )


def _tiled(s: Suspect, y: Array) -> Verdict | None:
    """The cotangent as np.tile puts it where it should be as of np.repeat, or the other way."""
    shape = s.x.shape
    if any(m == 0 or n % m for n, m in zip(shape, y.shape, strict=True)):
        return None
    for axes in subsets([i for i, n in enumerate(shape) if y.shape[i] not in (1, n)]):
        for is_tiled in (True, False):
            found = s.got
            for axis in axes:
                n, times = y.shape[axis], shape[axis] // y.shape[axis]
                parts = (times, n) if is_tiled else (n, times)
                cut = [a.reshape(*shape[:axis], *parts, *shape[axis + 1 :]) for a in found]
                found = [a.swapaxes(axis, axis + 1).reshape(shape) for a in cut]
            if s.agree(found, s.truth):
                names = ("np.tile", "np.repeat") if is_tiled else ("np.repeat", "np.tile")
                return Verdict(
                    "transpose",
                    f"Along {s.pictured(s.x, axes)} the cotangent comes in the order of "
                    f"{names[0]}, and should in that of {names[1]}: np.repeat puts the copies of "
                    "one element side by side, np.tile the copies of the whole axis.",
                )
    return None


def broadcasts(s: Suspect) -> bool:
    """Whether the argument is repeated along an axis of the output."""
    if s.y is None or s.x.shape == s.y.shape:
        return False
    try:
        return np.broadcast_shapes(s.x.shape, s.y.shape) == s.y.shape
    except ValueError:
        return False


def _constant_along_other_axes(s: Suspect) -> bool:
    """Whether the right gradient repeats along an axis, and the wrong one along another."""

    def repeats(values: list[Array]) -> set[int]:
        axes = set()
        for axis, n in enumerate(s.x.shape):
            if n > 1 and all(
                np.isfinite(v).all() and np.ptp(v, axis=axis).max() <= s.near(d)
                for d, v in enumerate(values)
            ):
                axes.add(axis)
        return axes

    right, wrong = repeats(s.truth), repeats(s.got)
    return bool(right) and bool(wrong) and right != wrong


def _orders(x: Array) -> Iterator[tuple[int, ...]]:
    """The orders of axes that change something; those that exchange two axes first."""
    if x.ndim > 5:
        return
    same = tuple(range(x.ndim))
    orders = [order for order in permutations(same) if order != same]
    orders.sort(key=lambda order: sum(i != j for i, j in enumerate(order)))
    for order in orders:
        moved = [axis for axis in order if x.shape[axis] > 1]
        if moved != sorted(moved):
            yield order


def _transposed(a: Array, order: tuple[int, ...], shape: tuple[int, ...]) -> Array | None:
    if a.ndim != len(order):
        return None
    turned = a.transpose(order)
    return turned if turned.shape == shape else None


def _reordered(a: Array, order: tuple[int, ...], shape: tuple[int, ...]) -> Array | None:
    return a.transpose(order).reshape(shape) if a.ndim == len(order) else None


def _exchanged(order: tuple[int, ...]) -> str:
    return said([axis for axis, other in enumerate(order) if axis != other])


def parts_exchanged(s: Suspect) -> Verdict | None:
    """Equal parts of an axis in another order, as of the gates of a recurrent cell."""
    for axis, n in enumerate(s.x.shape):
        for count in range(2, 9):
            if n % count:
                continue
            right = [np.split(t, count, axis) for t in s.truth]
            wrong = [np.split(a, count, axis) for a in s.got]
            order = [_place_of(part, s, wrong, right) for part in range(count)]
            if None not in order and order != list(range(count)):
                return Verdict(
                    "transpose",
                    f"Along axis {axis} the {count} parts of {n // count} come in the order "
                    f"{order}: that of the forward pass is {list(range(count))}. So it is where "
                    "the gates of a cell are put together in another order than they were taken "
                    "apart in.",
                )
    return None


def _place_of(
    part: int, s: Suspect, wrong: list[list[Array]], right: list[list[Array]]
) -> int | None:
    """Which part of the right gradient stands at the place of this one."""
    for k in range(len(right[0])):
        if s.agree([parts[part] for parts in wrong], [parts[k] for parts in right]):
            return k
    return None


# -- shifted ---------------------------------------------------------------------------------------


def shifted(s: Suspect) -> Verdict | None:
    """Moved along axes by a constant number of elements; what moves in is not compared."""
    axes = [axis for axis, n in enumerate(s.x.shape) if n > 2]
    for count in (1, 2):
        for chosen in subsets(axes):
            if len(chosen) != count:
                continue
            for steps in product(_steps(), repeat=count):
                if all(2 * abs(k) < s.x.shape[axis] for k, axis in zip(steps, chosen, strict=True)):
                    if _is_shifted(s, dict(zip(chosen, steps, strict=True))):
                        return Verdict("shift", shift_sentence(s, chosen, steps))
    return _rolled(s)


def _steps() -> list[int]:
    return [k for n in range(1, FURTHEST + 1) for k in (n, -n)]


def _is_shifted(s: Suspect, steps: dict[int, int]) -> bool:
    """Whether got[i + k] is right[i], as far as both are there, and most of both is there."""
    here: list[slice] = [slice(None)] * s.x.ndim
    there = list(here)
    for axis, k in steps.items():
        n = s.x.shape[axis]
        here[axis] = slice(max(0, -k), n - max(0, k))
        there[axis] = slice(max(0, k), n + min(0, k))
    wanted = [t[tuple(here)] for t in s.truth]
    found = [a[tuple(there)] for a in s.got]
    # It must move something, not compare what is constant with itself.
    still = all(s.same(a[tuple(here)], b) for a, b in zip(s.got, wanted, strict=True))
    return not still and s.agree(found, wanted)


def shift_sentence(s: Suspect, axes: tuple[int, ...], steps: tuple[int, ...]) -> str:
    """That something is moved along these axes by so many elements."""
    moves = " and ".join(
        f"{abs(k)} {'up' if k > 0 else 'down'} along {s.pictured(s.x, [axis])}"
        for axis, k in zip(axes, steps, strict=True)
    )
    return (
        f"The gradient is moved by {moves}. That is how it looks when the padding is added or cut "
        "off on the wrong side, or when an index begins one too early or too late."
    )


def _rolled(s: Suspect) -> Verdict | None:
    """Another argument, or the cotangent, moved along an axis."""

    def moves(x: Array) -> Iterator[tuple[int, int]]:
        return ((axis, k) for axis, n in enumerate(x.shape) if n > 2 for k in (1, -1))

    for i, (name, x) in enumerate(zip(s.code.names, s.arrays, strict=True)):
        for axis, k in moves(x) if i != s.argument else ():
            changed = s.moved(i, np.roll(x, k, axis))
            if s.agree([s.ask(g, changed) for g in s.gs], s.truth):
                return Verdict(
                    "shift",
                    f"The gradient of `{s.name}` is right once `{name}` is moved by {k} along "
                    f"axis {axis}: it is read from an index that is off by one.",
                )
        if i != s.argument and s.spatial(x):  # rows and columns, as of a padding
            for k, m in product((1, -1), repeat=2):
                changed = s.moved(i, np.roll(x, (k, m), s.spatial(x)))
                if s.agree([s.ask(g, changed) for g in s.gs], s.truth):
                    return Verdict(
                        "shift",
                        f"The gradient of `{s.name}` is right once `{name}` is moved by {k} along "
                        f"its rows and by {m} along its columns: the padding on the way back is "
                        "not that of the forward pass.",
                    )
        for k in (1, -1) if i != s.argument and x.dtype.kind in "iu" else ():
            changed = s.moved(i, x + k)
            if s.agree([s.ask(g, changed) for g in s.gs], s.truth):
                text = f"The integers in `{name}` are off by {-k} where they are used as indices."
                return Verdict("shift", text)
    y = s.y
    all_moves = [] if y is None else [(axis, k) for axis, n in enumerate(y.shape) for k in _all(n)]
    for axis, k in all_moves:
        turned = [np.roll(g.reshape(y.shape), k, axis) for g in s.gs]  # type: ignore[union-attr]
        if s.agree([s.ask(g) for g in turned], s.truth):
            off = _back(k, s.ys[0].shape[axis])
            text = f"The cotangent g is read from an index that is off by {off} along axis {axis}."
            return Verdict("shift", text)
    return None


def _back(k: int, n: int) -> int:
    """Rolled by k of n to be right: so far it is off, by the shorter way."""
    return -k if 2 * k <= n else n - k


def _all(n: int) -> list[int]:
    """How far an axis of n elements can be rolled; the nearest ways first."""
    return sorted(range(1, n), key=lambda k: min(k, n - k)) if 2 < n <= 32 else []
