"""Wrong masks of hidden activations: found where no unit of a hidden layer is off.

With all arguments replaced by their absolute values the units of a network of products and relus
are all active: ``relu(|x| @ |w|)`` is ``|x| @ |w|``.  A VJP whose only mistake is the mask of a
relu inside is right there, and wrong at the data themselves.  If it is right there for positive
cotangents only, it takes the mask from what flows back.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from scratchnet.engine.dtypes import Array
from scratchnet.testing.differences import EPS, scale_of, slope
from scratchnet.testing.operator_analysis import is_linear
from scratchnet.testing.suspect import Suspect, Verdict

DIRECTIONS = 6  # along which the gradient is compared
POINTS = 33  # of the line on which a kink is looked for


def hidden_mask(s: Suspect) -> Verdict | None:
    """The mask of a relu inside is missing, or is that of the cotangent."""
    arrays = [abs(x) if x.dtype.kind == "f" else x for x in s.arrays]
    if all(np.array_equal(a, b) for a, b in zip(arrays, s.arrays, strict=True)):
        return None
    if not _has_a_kink(s, arrays, s.argument):
        return _before_activation(s, arrays)
    if all(_is_right(s, arrays, g) for g in s.gs):
        return Verdict(
            "mask",
            "The gradient is right where all arguments are positive, so that no hidden unit is "
            "off, and wrong here, where some are: the mask of a hidden activation, as of relu, is "
            "missing on the way back, or it is not that of the forward pass. Multiply what flows "
            "back through relu(z) by (z > 0).",
        )
    if is_linear(s) or not all(_is_right(s, arrays, abs(g)) for g in s.gs):
        return None
    return Verdict(
        "mask",
        "The gradient is right only as long as all arguments and all that flows back are "
        "positive: the mask of a hidden activation, as of relu, is taken from the cotangent. Take "
        "it from the forward pass: what flows back through relu(z) is multiplied by (z > 0), "
        "whatever its own sign is.",
    )


def _before_activation(s: Suspect, arrays: Sequence[Array]) -> Verdict | None:
    """The gradient of weights behind an activation, with what goes into it in its place."""
    others = [i for i, x in enumerate(arrays) if i != s.argument and x.dtype.kind == "f" and x.size]
    if not any(_has_a_kink(s, arrays, i) for i in others):
        return None
    if not all(_is_right(s, arrays, g) for g in s.gs):
        return None
    return Verdict(
        "mask",
        "The gradient is right where all arguments are positive, so that no hidden unit is off, "
        f"and wrong here, where some are: in the forward pass `{s.name}` is multiplied with "
        "relu(z), and on the way back with z itself, what goes into the activation.",
    )


def _is_right(s: Suspect, arrays: Sequence[Array], g: Array) -> bool:
    """Whether the gradient at other arguments is right, along some random directions."""
    gx, x = s.ask(g, arrays), arrays[s.argument]
    if gx is None or gx.shape != x.shape or not np.isfinite(gx).all() or not np.any(gx):
        return False
    at, rng = s.code.value(arrays), np.random.default_rng(0)
    for _ in range(DIRECTIONS):
        d = rng.choice([-1.0, 1.0], size=x.shape) * rng.uniform(0.3, 1.0, size=x.shape)

        def along(t: float, d: Array = d) -> Array:
            return s.code.value(_with(arrays, s.argument, x + t * d))

        found = slope(along, at, scale_of(x), EPS * abs(at))
        size = float(abs(gx.ravel()) @ abs(d.ravel()) + abs(found.value) @ abs(g))
        if not 2 * float(found.uncertainty @ abs(g)) <= 1e-5 * size:
            return False
        if not abs(float(gx.ravel() @ d.ravel()) - float(found.value @ g)) <= 2e-5 * size:
            return False
    return True


def _has_a_kink(s: Suspect, arrays: Sequence[Array], argument: int) -> bool:
    """Whether the result has a kink on the way of an argument from -|x| to |x|.

    Over steps an eighth as long the second differences of what is smooth become 64 times smaller,
    and those of a kink 8 times.
    """
    x = arrays[argument]

    def bends(ts: Array) -> Array:
        ys = np.stack([s.code.value(_with(arrays, argument, t * x)) for t in ts])
        return np.asarray(abs(np.diff(ys, n=2, axis=0)).max(axis=1, initial=0.0))

    with np.errstate(all="ignore"):
        ts = np.linspace(-1.0, 1.0, POINTS)
        coarse = bends(ts)
        if not np.isfinite(coarse).all():
            return False
        k = int(coarse.argmax())
        fine = bends(np.linspace(ts[k], ts[k + 2], 17))
    size = float(abs(s.code.value(list(arrays))).max(initial=0.0))
    return bool(coarse[k] > 1e-9 * size and 24 * fine.max() > coarse[k])


def _with(arrays: Sequence[Array], argument: int, x: Array) -> list[Array]:
    return [*arrays[:argument], x, *arrays[argument + 1 :]]
