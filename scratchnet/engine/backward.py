"""The backward loop: a list of records read from the end, and the cotangents it starts with.

A cotangent of a tensor is the derivative of the target by it, summed over the target's elements
with the target's own cotangent as weights; of complex tensors with TensorFlow's convention, see
`scratchnet.ops.complex_numbers`.

Each record turns the cotangent of its output into those of its inputs, by the VJPs of its op.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from scratchnet.engine import nest
from scratchnet.engine.dtypes import Array
from scratchnet.engine.errors import NoDerivativeError
from scratchnet.engine.indexed_slices import add_slices
from scratchnet.engine.listening import notify
from scratchnet.engine.op import ACTIVE, NoGradient, Record, call
from scratchnet.engine.tensor import Tensor, convert

Grads = dict[int, Tensor]  # id of a tensor or variable -> its cotangent


def backward(
    records: Iterable[Record],
    grads: Grads,
    tracked: set[int],
    keep: set[int],
    any_complex: bool,
) -> None:
    """Carry cotangents from the outputs of `records` to their inputs, last record first.

    Args:
        records: the tape, last record first.
        grads: the cotangents so far, by id; those of the targets to begin with.  Filled in place.
        tracked: the ids that the tape follows.
        keep: ids whose cotangent is wanted at the end; any other is dropped once it was used.
        any_complex: whether something that the tape follows is complex.

    Raises:
        NoDerivativeError: a cotangent reaches an op that has no VJP, or none for complex numbers.
    """
    listeners = ACTIVE.listeners
    for record in records:
        g = _cotangent(record, grads, keep)
        if g is None:
            continue  # nothing that was made from this record reaches the target
        if any_complex and not record.op.complex_vjps:
            _check_real(record)
        if type(g) is tuple and not record.op.takes_none:
            g = _with_zeros(g, record)
        incoming = g if listeners else None
        if record.op.prologue is not None:
            g = record.op.prologue(g, record, tuple([id(x) in tracked for x in record.inputs]))
        for i, x in enumerate(record.inputs):
            if id(x) not in tracked:
                continue
            vjp = record.op.vjp(i)
            gx = vjp if isinstance(vjp, NoGradient) else vjp(g, record)
            if isinstance(gx, NoGradient):
                continue
            gx = _fit(gx, x._data, record, i)
            if listeners:
                whole = _with_zeros(incoming, record) if type(incoming) is tuple else incoming
                notify("vjp", record, i, whole, gx)
            known = grads.get(id(x))
            # Summed into a new tensor, never in place: a VJP may hand on `g` itself.
            grads[id(x)] = gx if known is None else _sum(known, gx)
            del gx, known  # a cotangent is held by `grads` alone, so that its memory is used again


def _sum(known: Tensor, gx: Tensor) -> Tensor:
    total = call("add", known, gx)
    add_slices(total, known, gx)
    return total


def _check_real(record: Record) -> None:
    """The VJPs of the record's op are right for what went in and came out."""
    for t in (*record.inputs, *record.outputs):
        if t._data.dtype.kind == "c":
            raise NoDerivativeError(
                f"{record.op.name}: it has a gradient for real numbers only, and a tensor of dtype "
                f"{t._data.dtype} went through it: compute with its parts, `tf.math.real` and "
                "`tf.math.imag`; if you wrote the op and its VJPs are right for complex numbers, "
                "too, say Op(…, complex_vjps=True)"
            )


def _cotangent(record: Record, grads: Grads, keep: set[int]) -> Any:
    """The cotangent of the record's output: a Tensor; for several outputs a tuple, some None."""
    outputs = record.outputs
    if len(outputs) == 1:  # of most ops
        y = id(outputs[0])
        return grads.get(y) if y in keep else grads.pop(y, None)
    found = [grads.get(id(y)) if id(y) in keep else grads.pop(id(y), None) for y in outputs]
    return None if all(g is None for g in found) else tuple(found)


def _with_zeros(gs: tuple[Any, ...], record: Record) -> tuple[Tensor, ...]:
    """`gs`, the cotangents of the record's outputs, zeros for those that are None."""
    return tuple(
        [
            Tensor(np.zeros_like(y._data)) if g is None else g
            for g, y in zip(gs, record.outputs, strict=True)
        ]
    )


def _fit(gx: Tensor, x: Array, record: Record, i: int) -> Tensor:
    """`gx`, summed over the axes along which `x` was broadcast; any other misfit is an error."""
    received: str = type(gx).__name__
    if isinstance(gx, Tensor):
        shape = gx._data.shape
        if shape != x.shape and record.op.broadcasts and _broadcasts(x.shape, shape):
            gx = call("sum_to", gx, x.shape)
        if gx._data.shape == x.shape and gx._data.dtype == x.dtype:
            return gx
        received = f"shape {shape} and dtype {gx._data.dtype}"
        if gx._data.dtype == x.dtype and _broadcasts(x.shape, shape):
            received += (
                ": if the op broadcasts its arguments, declare Op(…, broadcasts=True), and it is "
                "summed back"
            )
    elif gx is None:
        received += ": where there is no gradient, NoGradient('why') stands in place of the VJP"
    elif isinstance(gx, tuple | list):
        received += ": there is one VJP for each argument, vjps=(gx, gy)"
    else:
        received += ": compute it by ops, on `g`, which is a tensor"
    raise RuntimeError(
        f"{record.op.name}: the VJP of argument {i} must return a tensor of shape {x.shape} and "
        f"dtype {x.dtype}, received {received}"
    )


def _broadcasts(small: tuple[int, ...], large: tuple[int, ...]) -> bool:
    """Whether an array of shape `small` broadcasts to shape `large`."""
    padded = (1,) * (len(large) - len(small)) + small
    return len(padded) == len(large) and all(
        n in (1, m) for n, m in zip(padded, large, strict=True)
    )


def initial_cotangents(targets: list[Any], output_gradients: Any) -> list[Tensor | None]:
    """The cotangent that each target begins with; None where a target cannot have one."""
    given = [None] * len(targets) if output_gradients is None else nest.flatten(output_gradients)
    if len(given) != len(targets):
        raise ValueError(
            f"gradient: `output_gradients` must have one entry for each of {len(targets)} targets, "
            f"received {len(given)}"
        )
    return [_initial_cotangent(y._data, g) for y, g in zip(targets, given, strict=True)]


def _initial_cotangent(y: Array, g: Any) -> Tensor | None:
    if y.dtype.kind not in "fc":
        return None
    if g is None:
        return Tensor(np.ones_like(y))
    cotangent = convert(g, hint=y.dtype)
    if cotangent._data.size != y.size or cotangent._data.dtype != y.dtype:
        raise ValueError(
            f"gradient: `output_gradients` must have the target's shape {y.shape} and dtype "
            f"{y.dtype}, received shape {cotangent._data.shape} and dtype {cotangent._data.dtype}"
        )
    return cotangent if cotangent._data.shape == y.shape else call("reshape", cotangent, y.shape)


def one_hots(y: Array, times: int = 1) -> Iterator[Tensor]:
    """The cotangents that select one element of `y` each, `times` of them one below the other."""
    for i in range(y.size):
        one_hot = np.zeros(y.size, y.dtype)
        one_hot[i] = 1
        whole = one_hot.reshape(y.shape)
        yield Tensor(whole if times == 1 else np.repeat(whole, times, axis=0))
