"""The second witness: finite differences, in float64, of an op that was called."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from scratchnet.engine.dtypes import Array
from scratchnet.engine.errstate import ignoring_errors
from scratchnet.engine.op import Record
from scratchnet.testing.differences import Step
from scratchnet.traces import Row

ENTRIES = 6  # of an argument that are sampled
STEP = 1e-6
# Ops whose VJP takes a number of order 1 from another (p - y, 1 - y²): it has that error.
_NEAR_ONE = ("softmax", "log_softmax", "sigmoid", "tanh", "softmax_cross_entropy_with_logits")
_NEAR_ONES = frozenset((*_NEAR_ONE, "sparse_softmax_cross_entropy_with_logits"))


def check(row: Row) -> list[dict[str, Any]]:
    """What finite differences say of each gradient that an op sent back.

    Each entry says ``what`` (the number of the argument), ``agrees``, the largest ``difference``,
    how much is ``allowed``, how many ``entries`` were sampled, and how many of them lie at a kink
    and were not judged.  ``agrees`` is None, with a ``reason``, where nothing could be said.

    >>> import scratchnet as tf
    >>> w = tf.Variable([0.5, 2.0])
    >>> with tf.tracing() as trace:
    ...     with tf.GradientTape() as tape:
    ...         y = tf.square(w)
    ...     gw = tape.gradient(y, w)
    >>> [found["agrees"] for found in check(trace[1])]
    [True]
    """
    record = row.record
    gs = row.g if isinstance(row.g, tuple) else (row.g,)
    if record.op.forward is None or not row.gx or any(g is None for g in gs):
        return []
    arrays = [_wide(x._data) for x in record.inputs]
    cotangents = [g._data.astype(np.float64) for g in gs]
    found = []
    for i, gx in sorted(row.gx.items()):
        try:
            # Where there is a pole, differences are inf and nan, without NumPy's warnings.
            judged = ignoring_errors(_judge, row, arrays, cotangents, i, gx)
            found.append({"who": "finite", "argument": i} | judged)
        except (TypeError, ValueError, ArithmeticError) as error:  # an op that float64 is not for
            found.append({"who": "finite", "argument": i, "agrees": None, "reason": str(error)})
    return found


def _wide(x: Array) -> Array:
    return x.astype(np.float64) if x.dtype.kind == "f" else x


def _judge(
    row: Row, arrays: list[Array], cotangents: list[Array], i: int, gx: Any
) -> dict[str, Any]:
    sent = gx._data.ravel()
    worst: dict[str, float] = {"difference": 0.0, "allowed": 0.0}
    agrees, kinks, sampled = True, 0, _sampled(sent)
    limits = np.finfo(gx._data.dtype)
    eps, highest = float(limits.eps), float(limits.max)
    largest = max(float(np.abs(g).max(initial=0)) for g in cotangents)
    # What float64 leaves of a difference, and what the VJP does.
    floor = (4 * eps if row.op in _NEAR_ONES else 1e-9) * largest + 1e-30
    for flat in sampled:
        slope, size, terms, kink = _slope(row.record, arrays, cotangents, i, flat)
        allowed = (32 + terms**0.5) * eps * size + 1e-7 * size + floor
        # Or at a pole, or what its dtype does not hold.
        is_finite = np.isfinite(slope) and np.isfinite(allowed) and abs(slope) <= highest
        if kink > allowed / 10 or not is_finite:
            kinks += 1
            continue
        difference = abs(slope - float(sent[flat]))
        agrees = agrees and difference <= allowed
        if difference / allowed >= worst["difference"] / (worst["allowed"] or 1.0):
            worst = {"difference": difference, "allowed": allowed}
    judged = len(sampled) - kinks
    if not judged:
        return {"agrees": None, "reason": f"{kinks} of {kinks} entries at a kink or not finite"}
    return worst | {"agrees": agrees, "entries": judged, "kinks": kinks}


def _sampled(gx: Array) -> list[int]:
    """All entries of a few; else the largest, one that is 0, and others; always the same."""
    if gx.size <= 2 * ENTRIES:
        return list(range(gx.size))
    rng = np.random.default_rng(gx.size)
    found = [int(np.abs(gx).argmax()), *map(int, rng.integers(0, gx.size, ENTRIES - 2))]
    zeros = np.flatnonzero(gx == 0)
    if len(zeros):  # where a gradient was blocked, and perhaps should not have been
        found.append(int(zeros[rng.integers(len(zeros))]))
    return list(dict.fromkeys(found))


def _slope(
    record: Record, arrays: list[Array], cotangents: Sequence[Array], i: int, flat: int
) -> tuple[float, float, int, float]:
    """The slope of ``Σ g y``, the sum of its terms' sizes, how many are not 0, the part at kinks.

    At a kink the slopes before and behind differ by more than any curvature makes of the step.
    """
    h = STEP * max(1.0, abs(float(arrays[i].ravel()[flat])))

    def outputs(move: float) -> tuple[Array, ...]:
        moved = list(arrays)
        moved[i] = arrays[i].copy()
        moved[i].reshape(-1)[flat] += move
        out, _ = record.op.forward(*moved, **record.attrs)  # type: ignore[misc]
        return out if isinstance(out, tuple) else (out,)

    slope = size = kink = 0.0
    terms = 0
    for y, higher, lower, g in zip(outputs(0.0), outputs(h), outputs(-h), cotangents, strict=True):
        ahead, behind = Step(h, higher, lower).sides(y)
        # What does not move has slope 0, where it is inf, too.
        rise = np.where(higher == y, 0, g * ahead)
        fall = np.where(lower == y, 0, g * behind)
        turn, sizes = np.abs(rise - fall), np.abs(rise) + np.abs(fall)
        kink += float(turn[(turn > 1e-3 * sizes) & (turn > 100 * h * np.abs(g))].sum())
        slope += float((rise + fall).sum()) / 2
        size += float(sizes.sum()) / 2
        terms += int((rise != 0).sum())
    return slope, size, terms, kink
