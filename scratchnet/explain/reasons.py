"""Why a gradient is 0 or is not there, as far as the arrays and records of a trace prove it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from scratchnet.engine.dtypes import Array
from scratchnet.engine.explain_none import declared
from scratchnet.engine.op import NoGradient
from scratchnet.traces import Row

_RELUS = ("relu", "relu6")
# Ops whose argument 0 and output have the same channels, with a gradient that mixes none of them.
_BY_CHANNEL = (
    *("bias_add", "identity", "cast", "add", "subtract", "reshape", "leaky_relu"),
    *("max_pool2d", "avg_pool2d", "fused_batch_norm", "batch_normalization"),
)
_SCALES = {"fused_batch_norm": 1, "batch_normalization": 4}  # the argument of γ
_TRANSPOSED = "fused_conv2d_transpose"


Users = Mapping[int, Sequence[tuple[Row, int]]]


def users_of(rows: Sequence[Row]) -> Users:
    """By the id of a tensor, each row and argument by which a gradient was sent back to it."""
    users: dict[int, list[tuple[Row, int]]] = {}
    for row in rows:
        for i in row.gx:
            users.setdefault(id(row.record.inputs[i]), []).append((row, i))
    return users


# -- why the gradient of a filter is 0 ------------------------------------------------------------


def silent_filters(
    row: Row,
    total: Array | None = None,
    uses: Sequence[tuple[Row, int]] = (),
    users: Users | None = None,
) -> dict[str, str]:
    """The filters of a convolution or units of a dense layer whose gradient is 0, and why.

    Args:
        row: the op.
        total: of a weight that is used several times its gradient, the sum over all uses.
        uses: of such a weight each use, as a row and the number of the argument.
        users: of the trace, see `users_of`: what came after.

    Returns:
        By the number of the filter, one of these, each proven from the arrays: ``relu``, the output
        is 0 at all places, so that relu lets nothing back; ``closed``, it is 0 wherever a gradient
        comes; ``blocked``, the gradient by the output is 0, after a colon by what if that is known
        (``relu``, ``drop``, ``weights`` that are 0); ``input``, the input is 0 wherever a gradient
        came by; ``cancel``, products that are not 0 add up to it; ``cancel_uses``, the gradients of
        several uses do; ``uses``, each use has another of these reasons; ``unknown``.
    """
    if not _has_filters(row, 1):
        return {}
    gk = _by_filter(row, row.gx[1]._data if total is None else total)
    zero = (gk == 0).all(tuple(range(gk.ndim - 1)))
    each = list(uses) if total is not None and uses else [(row, 1)]
    found = {}
    for o in np.flatnonzero(zero):
        reasons = {_why_silent(use, i, int(o), users or {}) for use, i in each}
        if "cancel_uses" in reasons:
            found[str(o)] = "cancel_uses"
        else:
            found[str(o)] = reasons.pop() if len(reasons) == 1 else "uses"
    return found


def _by_filter(row: Row, kernel: Array) -> Array:
    """A kernel, or its gradient, with the axis of what it makes last: (kh, kw, C, O)."""
    return kernel.swapaxes(-1, -2) if row.op == _TRANSPOSED else kernel


def _has_filters(row: Row, i: int) -> bool:
    """Whether argument `i` of an op holds filters or units, and has a gradient."""
    if i != 1 or row.op not in ("conv2d", "fused_conv2d", _TRANSPOSED, "matmul"):
        return False
    if 1 not in row.gx or row.g is None:
        return False
    return row.op != "matmul" or (row.gx[1]._data.ndim == 2 and not any(row.record.attrs.values()))


def _why_silent(row: Row, i: int, o: int, users: Users) -> str:
    """Why the gradient of filter `o` of one use is 0; ``cancel_uses`` if it is not."""
    if not _has_filters(row, i):
        return "cancel_uses" if bool((row.gx[i]._data != 0).any()) else "unknown"
    if (_by_filter(row, row.gx[1]._data)[..., o] != 0).any():
        return "cancel_uses"
    g, y = row.g._data[..., o], row.output[..., o]
    if row.record.attrs.get("relu"):
        if (y == 0).all():
            return "relu"
        passed = np.where(y > 0, g, 0)
    else:
        passed = g
    if (g == 0).all():
        by = _blockers(row, o, users)
        return f"blocked:{','.join(sorted(by))}" if by else "blocked"
    if (passed == 0).all():
        return "closed"
    meets, multiplies = _products(row, o, passed)
    return "input" if not meets else "cancel" if multiplies else "unknown"


def _products(row: Row, o: int, passed: Array) -> tuple[bool, bool]:
    """Of the products of which the gradient of filter `o` is the sum.

    Whether there is one of two factors that are not 0, and whether one of these is not 0 itself (of
    small factors it may be).
    """
    x = row.inputs[0]
    if row.op == _TRANSPOSED:  # the pixels of x meet those of g that they made
        attrs, (kh, kw) = row.record.attrs, row.inputs[1].shape[:2]
        taps = _taps(passed[..., None], attrs, (kh, kw), x.shape[1:3])
        pairs = [(x.reshape(-1, x.shape[-1]), tap.reshape(-1)) for tap in taps]
    elif row.op == "matmul":
        pairs = [(x.reshape(-1, x.shape[-1]), passed.reshape(-1))]
    else:
        attrs, (kh, kw, channels, filters) = row.record.attrs, row.inputs[1].shape
        group = o // (filters // (x.shape[-1] // channels))
        x = x[..., group * channels : (group + 1) * channels]
        taps = _taps(x, attrs, (kh, kw), passed.shape[1:])
        pairs = [(tap.reshape(-1, channels), passed.reshape(-1)) for tap in taps]
    meets = multiplies = False
    for pixels, g in pairs:
        reached = g != 0
        meets = meets or bool((pixels[reached] != 0).any())
        multiplies = multiplies or bool((pixels[reached] * g[reached, None] != 0).any())
    return meets, multiplies


def _taps(
    x: Array, attrs: Mapping[str, Any], window: tuple[int, int], size: Sequence[int]
) -> list[Array]:
    """For each tap of a filter the pixels of `x` (N, H, W, C) that it meets, (N, *size, C)."""
    pads = attrs["pads"]
    (sh, sw), (dh, dw) = attrs["strides"], attrs.get("dilations") or (1, 1)
    x = np.pad(x, ((0, 0), tuple(pads[0]), tuple(pads[1]), (0, 0)))
    return [
        x[:, a * dh :: sh, b * dw :: sw][:, : size[0], : size[1]]
        for a in range(window[0])
        for b in range(window[1])
    ]


def _cotangent(row: Row) -> Array | None:
    """That of the first output, if the others have none, or zeros, as the moments have."""
    if not isinstance(row.g, tuple):
        return None if row.g is None else row.g._data
    first, *others = row.g
    if first is None or any(g is not None and g._data.any() for g in others):
        return None
    g: Array = first._data
    return g


def _blockers(row: Row, o: int, users: Users) -> set[str] | None:
    """What set the gradient by channel `o` of an output to 0; None where that is not proven."""
    found = set[str]()
    after = users.get(id(row.record.outputs[0]), ())
    if not after or _cotangent(row) is None:
        return None
    for user, i in after:
        by = _blocked_by(user, i, o, users)
        if by is None:
            return None
        found |= by
    return found


def _blocked_by(user: Row, i: int, o: int, users: Users) -> set[str] | None:
    """Likewise of what one op sent back to it."""
    g = _cotangent(user)
    if (user.gx[i]._data[..., o] != 0).any() or g is None or i != 0:
        return None
    if user.op == "matmul" or user.op in ("conv2d", "fused_conv2d"):
        w, channels = user.inputs[1], user.inputs[0].shape[-1]
        is_plain = w.ndim == 2 and not any(user.record.attrs.values())
        is_whole = is_plain if user.op == "matmul" else w.shape[2] == channels
        return {"weights"} if is_whole and not w[..., o, :].any() else None
    has_relu = bool(user.record.attrs.get("relu"))
    is_mask = user.op in _RELUS or user.op == "drop" or has_relu
    same = user.output.ndim > 0 and user.output.shape[-1] == user.inputs[0].shape[-1]
    if not same or not (is_mask or user.op in _BY_CHANNEL):
        return None
    if (g[..., o] == 0).all():
        return _blockers(user, o, users)
    if user.op in _SCALES:
        passed = np.where(user.output[..., o] > 0, g[..., o], 0) if has_relu else g[..., o]
        if passed.any():
            scale = user.inputs[_SCALES[user.op]]
            return {"weights"} if scale.shape == g.shape[-1:] and scale[o] == 0 else None
    return {"drop" if user.op == "drop" else "relu"} if is_mask else None


# -- why there is no gradient ---------------------------------------------------------------------


def ways_end(rows: Sequence[Row], made: Mapping[int, int], towards: set[int]) -> dict[int, str]:
    """Of the ops and inputs that the loss depends on and that have no gradient, why.

    Args:
        rows: the ops of the trace.
        made: by the id of a tensor, the number of the row that made it, or its own as an input.
        towards: the numbers of the rows and inputs that the loss depends on.

    Returns:
        By the number of the row or input, ``unasked`` if a way of derivatives leads from it to the
        loss; ``dtype`` if its output has none, being of integers or truth values; else the names of
        the ops at which its ways end.
    """
    on_the_way = [row for row in rows if row.index in towards]
    # In the order of the calls, what takes an output comes after what made it.
    ends: dict[int, dict[str, None]] = {number: {} for number in towards}
    is_open = dict.fromkeys(towards, False) | {row.index: row.g is not None for row in on_the_way}
    for row in reversed(on_the_way):
        for i, x in enumerate(row.record.inputs):
            maker = made.get(id(x))
            if maker is None or maker not in ends:
                continue
            if isinstance(declared(row.record, i), NoGradient) or not _is_smooth(row):
                ends[maker][row.op] = None
            elif is_open[row.index]:
                is_open[maker] = True
            else:
                ends[maker] |= ends[row.index]
    found = {n: "unasked" if is_open[n] else ", ".join(ends[n]) for n in towards}
    for row in on_the_way:
        if row.g is not None:
            del found[row.index]
        elif not _is_smooth(row):
            found[row.index] = "dtype"
    return found


def why_nothing_flows(row: Row, i: int, maker: Row | None) -> list[str]:
    """Why an op that has a gradient sent nothing to argument `i`, which `maker` made, if any did.

    The first is ``op``: it has no derivative by it, and why; ``dtype``; ``maker``: that op passes
    no gradient on, and why; ``made`` and ``given``: the tape did not follow it.
    """
    way, x = declared(row.record, i), row.record.inputs[i]
    if isinstance(way, NoGradient):
        return ["op", row.op, way.reason]
    if x._data.dtype.kind not in "fc":
        return ["dtype", x._data.dtype.name]
    if maker is None:
        return ["given"]
    ways = [declared(maker.record, k) for k in range(len(maker.record.inputs))]
    if ways and isinstance(ways[0], NoGradient) and all(isinstance(w, NoGradient) for w in ways):
        return ["maker", maker.op, ways[0].reason]
    return ["made"]


def _is_smooth(row: Row) -> bool:
    return any(y.dtype.kind in "fc" for y in row.outputs)
