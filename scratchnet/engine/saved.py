"""SavedArray: what a forward pass saved, while a tape watches what a VJP makes of it.

To every tape a saved array is a constant.  A VJP that computes with one is right, and its own
derivative is wrong wherever the array depends on the arguments: a gradient of a gradient would be
wrong without a word.  So while a tape follows the arguments, the VJPs of a user's op
(`scratchnet.extend`) get saved arrays of floats as SavedArrays, which remember their record.  The
tensor that becomes of one is recorded as an op of these arguments, whose own VJP is an error.

The mark goes with an array through indexing and through NumPy's functions.  It is lost where Python
or NumPy make something else of an array: ``float(a)``, ``a.tolist()``, ``np.asarray(a)``, a list
of its parts; and it is not on what a forward pass keeps in an object of its own or a closure.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from scratchnet.engine.errors import NoDerivativeError
from scratchnet.engine.op import ACTIVE, NoGradient, Op, Record


class SavedArray(np.ndarray[Any, np.dtype[Any]]):
    """An array that knows the record it was saved in, as do arrays computed from it by NumPy."""

    record: Record | None

    def __array_finalize__(self, obj: Any) -> None:
        self.record = getattr(obj, "record", None)

    def __getitem__(self, key: Any) -> Any:
        part = super().__getitem__(key)
        return _marked(part, self.record) if isinstance(part, np.generic) else part

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        """As NumPy computes it; what comes out is marked, if only some of what went in was."""
        result = super().__array_function__(func, types, args, kwargs)
        return result if result is NotImplemented else _marked(result, self.record)


def guarded(record: Record) -> Record:
    """`record` as a VJP gets it: its saved arrays are SavedArrays if a tape follows its inputs."""
    if record.saved is None or not any(
        [tape.follows(x) for tape in ACTIVE.tapes for x in record.inputs]
    ):
        return record
    return replace(record, saved=_marked(record.saved, record))


def _marked(saved: Any, record: Record | None) -> Any:
    if isinstance(saved, np.ndarray | np.generic) and saved.dtype.kind in "fc":
        marked = np.asarray(saved).view(SavedArray)
        marked.record = record
        return marked
    if isinstance(saved, tuple) and hasattr(saved, "_fields"):
        return type(saved)(*[_marked(part, record) for part in saved])
    if type(saved) in (list, tuple):
        return type(saved)([_marked(part, record) for part in saved])
    if type(saved) is dict:
        return {name: _marked(part, record) for name, part in saved.items()}
    return saved


def saved_op(op: Op) -> Op:
    """The op that makes a tensor of what `op` saved; nothing passes back through it."""
    return Op(
        f"{op.name}: saved",
        op.function,
        vjps=(partial(_refuse, op),),
        variadic=True,
        complex_vjps=True,
    )


def _refuse(op: Op, g: Any, record: Record, i: int) -> NoGradient:
    if isinstance(vjp := op.vjp(i), NoGradient):
        return vjp
    raise NoDerivativeError(
        f"{op.name}: a gradient passes through `record.saved`, which its VJP computes with and "
        "which is a constant to every tape: the gradient of this gradient would be wrong. Compute "
        "from `record.inputs` and `record.outputs`, which tapes follow; or, if the saved array "
        "does not change with the arguments (a mask), write `tf.stop_gradient(record.saved)`"
    )
