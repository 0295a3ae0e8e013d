"""A golden file of the first witness: TensorFlow's numbers, for where it is not installed.

``scratchnet explain --record FILE.npz`` writes it beside the page, ``--golden FILE.npz`` judges by
it.  It holds, for each op of the step, what the op was given and what TensorFlow made of that.  On
another machine the same training ends with other last digits, and so the page shows other numbers:
what is judged is the op of that machine, run anew on what the file says it was given.  The format
is that of `scratchnet.testing.golden`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from scratchnet.engine.dtypes import Array
from scratchnet.engine.errstate import ignoring_errors
from scratchnet.engine.op import NoGradient
from scratchnet.engine.tape import GradientTape
from scratchnet.engine.tensor import Tensor, apply_all
from scratchnet.explain import on_tensorflow
from scratchnet.testing.golden import Golden, GoldenError
from scratchnet.traces import Row, Trace

MOST = 65_536  # numbers of an answer that are kept: of a larger one, as many in even steps


def read(path: Path) -> Golden:
    """The golden file that `record` made.

    Raises:
        ValueError: it is none.
    """
    wrong = ValueError(
        f"--golden must be a file that scratchnet explain --record wrote, received {path}"
    )
    try:
        golden = Golden.read(path)
    except (GoldenError, FileNotFoundError) as error:
        raise wrong from error
    if not all(name.count("|") == 2 for name in golden.names) or not golden.names:
        raise wrong
    return golden


def record(trace: Trace, tf: Any) -> Golden:
    """What TensorFlow makes of each op of a trace, with what the op was given.

    Args:
        trace: of one step.
        tf: TensorFlow.
    """
    items: dict[str, Array] = {}
    bounds: dict[str, tuple[float, float]] = {}
    names = []
    for row in trace.rows:
        if not _can_be_run_anew(row):
            continue
        try:
            answers = on_tensorflow.answers(row, tf)
        except Exception:  # TensorFlow has not this kernel, say: there is nothing to keep
            continue
        if not answers:
            continue
        name = _name_of(row)
        names.append(name)
        given = {f"x{i}": x for i, x in enumerate(row.inputs)}
        gs = row.g if isinstance(row.g, tuple) else (row.g,)
        given |= {f"g{k}": g._data for k, g in enumerate(gs) if g is not None}
        items |= {f"{name}|{key}": x for key, x in given.items()}
        bounds |= {f"{name}|{key}": (0.0, 0.0) for key in given}
        for key, (_, near, true) in answers.items():
            spread, allowed = on_tensorflow.bound_of(near, true, near.dtype)
            items[f"{name}|{key}"] = _sampled(near)
            bounds[f"{name}|{key}"] = allowed + spread, spread
    return Golden(items, bounds, names, f"TensorFlow {tf.__version__}")


def check(row: Row, golden: Golden) -> list[dict[str, Any]]:
    """What the file says of an op, as `on_tensorflow.check` says it of the row itself.

    The op is run forward and back on what the file holds.  ``agrees`` is None, with a ``reason``,
    where it holds another op in that place.
    """
    name = _name_of(row)
    if name not in golden.names:
        return [_unasked(row)] if on_tensorflow.CALLS.get(row.op) else []
    prefix = f"{name}|"
    kept = {k.removeprefix(prefix): x for k, x in golden.items.items() if k.startswith(prefix)}
    if not kept.keys() >= {f"x{i}" for i in range(len(row.inputs))}:
        return [_unasked(row)]
    found = []
    for key, ours in _run_anew(row, kept).items():
        if key not in kept or kept[key].shape != _sampled(ours).shape:
            continue
        theirs, (allowed, _) = kept[key], golden.bounds[prefix + key]
        same, (mine, theirs, _) = on_tensorflow.finite_parts(_sampled(ours), theirs, theirs)
        difference = float(np.abs(mine - theirs).max(initial=0))
        size = float(np.finfo(ours.dtype).eps) * float(np.abs(theirs).max(initial=0))
        found.append(
            {
                "who": "tensorflow",
                "argument": int(key[2:]) if key.startswith("gx") else None,
                "agrees": same and difference <= allowed,
                "difference": difference,
                "ulps": difference / size if size else 0.0,
                "allowed": allowed,
            }
        )
    return found


def _unasked(row: Row) -> dict[str, Any]:
    reason = f"the golden file has another op than {row.op}, or none, in place {row.index}"
    return {"who": "tensorflow", "argument": None, "agrees": None, "reason": reason}


def _can_be_run_anew(row: Row) -> bool:
    kinds = {x.dtype.kind for x in row.inputs}
    return row.record.op.forward is not None and kinds <= set("biuf")


def _name_of(row: Row) -> str:
    """Its place, its op, and all that the op was told besides the arrays' numbers."""
    told = [x.shape for x in row.inputs], dict(sorted(row.record.attrs.items()))
    return f"{row.index}|{row.op}|{json.dumps(told, default=str).replace('|', '/')}"


def _sampled(x: Array) -> Array:
    flat = x.ravel()
    return flat[:: -(-flat.size // MOST) or 1]


def _run_anew(row: Row, kept: Mapping[str, Array]) -> dict[str, Array]:
    """By ``y0``, ``gx1`` …, what the op makes here of what the file says it was given."""
    op, count = row.record.op, len(row.record.inputs)
    tensors = [Tensor(np.array(kept[f"x{i}"])) for i in range(count)]
    gs = [Tensor(np.array(kept[f"g{k}"])) for k in range(len(row.outputs)) if f"g{k}" in kept]
    smooth = [
        i
        for i, t in enumerate(tensors)
        if t._data.dtype.kind == "f" and f"gx{i}" in kept and not _stops(row, i)
    ]
    with GradientTape() as tape:
        tape.watch([tensors[i] for i in smooth])
        outputs = ignoring_errors(apply_all, op, *tensors, **row.record.attrs)
    found = {f"y{k}": y._data for k, y in enumerate(outputs) if y._data.dtype.kind == "f"}
    if len(gs) == len(outputs) and smooth:
        sent = tape.gradient(list(outputs), [tensors[i] for i in smooth], output_gradients=gs)
        found |= {f"gx{i}": g._data for i, g in zip(smooth, sent, strict=True) if g is not None}
    return found


def _stops(row: Row, i: int) -> bool:
    op = row.record.op
    vjp = op.vjp(i) if op.variadic or i < len(op.vjps) else None
    return vjp is None or isinstance(vjp, NoGradient)
