"""The third witness: finite differences, where the two sides share what may be wrong.

A gradient that the program itself writes (``tf.custom_gradient``) is the same text on both sides,
and so is a mistake in it: no comparison sees it.  So the first call of each on scratchnet's side is
kept, and after the training its gradient is held against differences of its function,

    (⟨g, f(x + h v)⟩ - ⟨g, f(x - h v)⟩) / 2h   against   ⟨gx, v⟩,

in float64 where the function takes it, along random directions v.  It may be meant that they
disagree: a straight-through estimator, a reversed or a clipped gradient.  So it is a note.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from scratchnet.engine import nest
from scratchnet.engine.base_variable import BaseVariable
from scratchnet.engine.dtypes import Array
from scratchnet.engine.errstate import ignoring_errors
from scratchnet.engine.listening import Listener
from scratchnet.engine.op import OPS, Record
from scratchnet.engine.tensor import Tensor, convert
from scratchnet.testing.differences import step

DIRECTIONS = 3
# By dtype: the step, in units of the argument's size, and what the difference may be off by.
STEPS = {np.dtype(np.float64): (1e-5, 1e-3), np.dtype(np.float32): (1e-2, 5e-2)}


@dataclass(frozen=True)
class _Call:
    """One VJP of an op of the program's own, with the values of that moment."""

    record: Record
    argument: int
    inputs: list[Any]  # arrays, and what else the function was given
    g: list[Array]
    gx: Array


class Witness(Listener):
    """Keeps the first call of each gradient that the program wrote itself."""

    def __init__(self) -> None:
        self._calls: dict[tuple[str, str, int], _Call] = {}

    def vjp(self, record: Record, argument: int, g: Any, gx: Tensor) -> None:
        if OPS.get(record.op.name) is record.op:
            return
        key = record.op.name, str(record.site), argument
        if key not in self._calls:
            inputs = [
                np.array(convert(x)._data) if isinstance(x, Tensor | BaseVariable) else x
                for x in record.inputs
            ]
            parts = [np.array(part._data) for part in nest.flatten(g)]
            self._calls[key] = _Call(record, argument, inputs, parts, np.array(gx._data))

    def said(self) -> tuple[list[str], ...]:
        """(the names of what was kept, each once; `notes`); nothing if nothing was kept."""
        names = list(dict.fromkeys(name for name, _, _ in self._calls))
        return (names, self.notes()) if names else ()

    def notes(self) -> list[str]:
        """A sentence for each argument whose gradient is not that of its function."""
        found = []
        for call in self._calls.values():
            worst = ignoring_errors(_disagreement, call)
            if worst is not None:
                by_gradient, by_differences = worst
                site = call.record.site
                where = "" if site is None else f" ({Path(site.file).name}, line {site.line})"
                found.append(
                    f"the gradient of {call.record.op.name}{where} by argument {call.argument} is "
                    f"not that of its function: {by_gradient:.6g} along a direction where finite "
                    f"differences give {by_differences:.6g}. Both runs share it, so no comparison "
                    "sees it; is it meant?"
                )
        return found


def _disagreement(call: _Call) -> tuple[float, float] | None:
    """(what the gradient says, what differences say) where they disagree; None if they agree."""
    for dtype in STEPS:
        try:
            if not np.allclose(_value(call, None, dtype), _value(call, None), rtol=1e-3):
                continue  # the function draws random numbers, or depends on what has changed since
            return _compare(call, dtype)
        except Exception:
            continue  # it does not take this dtype, or was given its arguments otherwise
    return None


def _compare(call: _Call, dtype: Any) -> tuple[float, float] | None:
    units, tolerance = STEPS[dtype]
    x, gx = call.inputs[call.argument], call.gx.astype(np.float64)
    h = units * (float(np.abs(x).max(initial=0)) or 1.0)
    size = float(np.linalg.norm(gx))
    rng = np.random.default_rng(0)
    wrong = []
    for _ in range(DIRECTIONS):
        v = rng.choice([-1.0, 1.0], x.shape)
        differences = float(step(partial(_along, call, x, v, dtype), h).central)
        by_gradient = float(np.sum(gx * v))
        if abs(differences - by_gradient) > tolerance * max(size, abs(differences)):
            wrong.append((by_gradient, differences))
    return wrong[0] if len(wrong) == DIRECTIONS else None


def _along(call: _Call, x: Array, v: Array, dtype: Any, t: float) -> Array:
    return np.asarray(_value(call, x + t * v, dtype))


def _value(call: _Call, x: Array | None, dtype: Any = None) -> float:
    """⟨g, f(…)⟩ with `x` in the place of the argument; in `dtype`, if one is given."""
    inputs = list(call.inputs)
    if x is not None:
        inputs[call.argument] = x
    inputs = [
        a.astype(dtype) if dtype and isinstance(a, np.ndarray) and a.dtype.kind == "f" else a
        for a in inputs
    ]
    op = call.record.op
    if op.forward is not None:
        out, _ = op.forward(*inputs, **call.record.attrs)
        outputs = list(out) if isinstance(out, tuple) else [out]
    else:
        tensors = [Tensor(a) if isinstance(a, np.ndarray) else a for a in inputs]
        outputs = [convert(y)._data for y in nest.flatten(op.function(*tensors)[0])]
    return sum(
        float(np.sum(g * np.asarray(y, np.float64))) for g, y in zip(call.g, outputs, strict=True)
    )
