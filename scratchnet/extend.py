'''The door for an op of your own, and for whoever wants to watch: all that an author needs, public.

An op is a function of tensors whose derivative is written by hand.  It takes four things: the
function that is called; a *forward pass* on arrays, which says what to save; for each argument a
*VJP* (vector-Jacobian product), which turns the cotangent `g` of the output into that of the
argument; and a row that ties them together under a name:

>>> import scratchnet as tf
>>> from scratchnet.extend import Op, apply, numeric, register
>>> def cube(x):
...     """``y = x³``.  VJP: ``gx = 3 x² g``."""
...     return apply(CUBE, numeric("cube", "x", x))
>>> def _cube(x):
...     return x * x * x, None  # arrays: the output, and what the VJPs need besides
>>> def _cube_gx(g, record):
...     (x,) = record.inputs  # tensors: what is computed with them has gradients again
...     return 3 * x * x * g
>>> CUBE = register(Op("cube", cube, _cube, vjps=(_cube_gx,)))
>>> cube([1.0, 2.0])
<tf.Tensor: shape=(2,), dtype=float32, numpy=array([1., 8.], dtype=float32)>

Check it against differences, and its gradient, as a function of argument and cotangent, too: an op
whose first gradient is right may be wrong in the second.

>>> import numpy as np
>>> def cube_gx(x, g):
...     with tf.GradientTape() as tape:
...         tape.watch(x)
...         y = cube(x)
...     return tape.gradient(y, x, output_gradients=g)
>>> x, g = tf.constant([[-1.5, 0.5], [2.0, -1.0]], tf.float64)
>>> for f, arguments in (cube, [x]), (cube_gx, [x, g]):
...     by_tape, by_differences = tf.test.compute_gradient(f, arguments)
...     print([np.allclose(a, b) for a, b in zip(by_tape, by_differences)])
[True]
[True, True]

The rules:

- **Function.** It converts its arguments to tensors and refuses wrong ones by name, before anything
  is computed: `tensor`, `numeric`, `floating`, `integer`, `boolean` convert one; `matching` several
  to one dtype; `broadcastable` and `of_rank` hold shapes to a rule; `invalid` makes an error of
  your own.  A variable is read by them, which tapes record.
- **Forward.** ``forward(*arrays, **attrs) -> (out, saved)``.  The arrays are the tensors' own,
  and cannot be written into; `out` becomes a tensor's, so return a new array each time.  Several
  outputs are a tuple, ``(a, b), saved`` (``return a, b`` is one output, and saves b); call such
  an op by `apply_all`.  `attrs` are what `apply` was given by keyword: axes, strides, switches.
- **VJP.** ``vjp(g, record) -> Tensor`` for each argument, of its shape and dtype.  Written in ops
  on `g`, ``record.inputs`` and ``record.outputs`` it has derivatives of every order;
  ``record.attrs`` holds the attributes.  With several outputs, `g` is a tuple.  An argument that
  has none gets a ``NoGradient("why")`` in the place of its VJP.
- **Broadcasting.** An op whose arguments are broadcast against each other, as NumPy does, says
  ``Op(…, broadcasts=True)``: what its VJPs return, of the output's shape, is summed back to the
  shape of each argument.  One of any number of arguments says ``variadic=True``, and its one VJP
  is called ``vjp(g, record, i)``.
- **Complex numbers.** The VJPs are called for them only if the op says
  ``Op(…, complex_vjps=True)``: a gradient through any other is refused in its name.  A real L of z
  has the gradient ``∂L/∂real(z) + i ∂L/∂imag(z)``, so where f has a derivative the VJP is
  ``g * tf.math.conj(f'(z))``; of real numbers `conj` is nothing.
- **Saved.** ``record.saved`` is an array, a constant to every tape.  A VJP may compute with it
  where it does not change with the arguments: indices, masks, shapes.  Where it does, such as
  ``np.exp(x)`` kept for ``gx = g eˣ``, the first gradient is right and the second is not.  Of saved
  floats that is found out, and an error, as soon as a gradient passes through them, also after
  NumPy has computed with them; not so of what you make of them by ``float()``, ``.tolist()`` or
  ``np.asarray()``, keep in an object or a closure of your own, or hand on as an attribute:

  >>> def grow(x):
  ...     return apply(GROW, numeric("grow", "x", x))
  >>> def _grow(x):
  ...     y = np.exp(x)
  ...     return y, y
  >>> def _grow_gx(g, record):
  ...     return g * record.saved  # should be: g * record.output
  >>> GROW = register(Op("grow", grow, _grow, vjps=(_grow_gx,)))
  >>> with tf.GradientTape() as outer:
  ...     outer.watch(x)
  ...     with tf.GradientTape() as tape:
  ...         tape.watch(x)
  ...         y = grow(x)
  ...     gx = tape.gradient(y, x)
  >>> outer.gradient(gx, x)
  Traceback (most recent call last):
  scratchnet.engine.errors.NoDerivativeError: grow: a gradient passes through `record.saved`, ...

- **Register.** Once per name; a cell of a notebook that is run again says ``replace=True``.

To watch ops instead of adding one, see `scratchnet.engine.listening`; its names are here, too.
'''

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace as _replaced
from functools import wraps
from typing import Any

import numpy as np

from scratchnet.engine.dtypes import DTYPES, Array
from scratchnet.engine.errors import (
    DtypeError,
    IncompatibleShapesError,
    InvalidArgumentError,
    NoDerivativeError,
    invalid,
    say,
    with_article,
)
from scratchnet.engine.listening import (
    GradientCall,
    LayerCall,
    Listener,
    LossCall,
    Update,
    listening,
)
from scratchnet.engine.op import OPS, NoGradient, Op, Record, Site
from scratchnet.engine.saved import guarded
from scratchnet.engine.tensor import Tensor, TensorLike, convert
from scratchnet.engine.tensor import apply_all as _apply_all
from scratchnet.ops.arguments import (
    boolean,
    broadcastable,
    floating,
    integer,
    matching,
    numeric,
    tensor,
)

__all__ = [
    "DtypeError",
    "GradientCall",
    "IncompatibleShapesError",
    "InvalidArgumentError",
    "LayerCall",
    "Listener",
    "LossCall",
    "NoDerivativeError",
    "NoGradient",
    "Op",
    "Record",
    "Site",
    "Tensor",
    "TensorLike",
    "Update",
    "apply",
    "apply_all",
    "array_of",
    "boolean",
    "broadcastable",
    "floating",
    "integer",
    "invalid",
    "listening",
    "matching",
    "numeric",
    "of_rank",
    "register",
    "registered",
    "tensor",
]

_ROWS: dict[str, Op] = {}


def register(op: Op, replace: bool = False) -> Op:
    """Check the row `op`, and enter it under its name.

    Args:
        op: its `forward` and `vjps` must be there.
        replace: an op of this name that was registered before makes way.

    Returns:
        The row to call `apply` with: `op`, whose forward pass now checks what it returns.

    Raises:
        TypeError: `op` or a part of it is of another kind.
        ValueError: the name is that of a built-in op, which cannot be replaced; or of one that was
            registered before, without `replace`.
    """
    _check_row(op)
    if op.name in OPS:
        raise ValueError(
            f"register: {op.name!r} is the name of a built-in op, which cannot be replaced: choose "
            "another name"
        )
    if op.name in _ROWS and not replace:
        raise ValueError(
            f"register: an op named {op.name!r} is registered already; write "
            "register(op, replace=True) to replace it, as in a notebook's cell that is run again"
        )
    _ROWS[op.name] = row = _replaced(
        op,
        forward=_checked(op),
        vjps=tuple(v if isinstance(v, NoGradient) else _guarded(v) for v in op.vjps),
        prologue=None if op.prologue is None else _guarded(op.prologue),
    )
    return row


def registered() -> dict[str, Op]:
    """The ops that `register` was given, by name: those of users, not the built-in ones."""
    return dict(_ROWS)


def apply(op: Op, *inputs: Tensor, **attrs: Any) -> Tensor:
    """Run an op that has one output, and tell the active tapes.

    Args:
        op: what `register` returned.
        *inputs: its arguments, as tensors.
        **attrs: what else its forward pass and its VJPs need.

    Raises:
        TypeError: an input that is no tensor; an `op` that was not registered; a forward pass that
            returns something else than ``(out, saved)``.
        ValueError: the op has several outputs.
    """
    outputs = apply_all(op, *inputs, **attrs)
    if len(outputs) != 1:
        raise ValueError(
            f"apply: {op.name} returned {len(outputs)} outputs: call it by apply_all, which "
            "returns all of them"
        )
    return outputs[0]


def apply_all(op: Op, *inputs: Tensor, **attrs: Any) -> tuple[Tensor, ...]:
    """As `apply`, of an op with several outputs: all of them, in a tuple."""
    if not isinstance(op, Op):
        raise TypeError(say("apply", "op", "must be an Op", op))
    if op.forward is None or not (hasattr(op.forward, "_is_checked") or OPS.get(op.name) is op):
        raise TypeError(
            f"apply: the op {op.name!r} is not registered: write `row = register(op)` and apply "
            "the row that it returns"
        )
    if "known" in attrs:
        raise TypeError(f"{op.name}: no attribute can have the name 'known', which is apply's own")
    for i, x in enumerate(inputs):
        if not isinstance(x, Tensor):
            raise TypeError(
                f"{op.name}: apply takes tensors, received {with_article(type(x).__name__)} as "
                f"argument {i}: write tensor({op.name!r}, name, value), which also reads a variable"
            )
    count = len(op.vjps)
    if count > len(inputs) and not op.variadic and hasattr(op.forward, "_is_checked"):
        raise TypeError(
            f"{op.name}: the op has {count} VJPs and was applied to {len(inputs)} arguments: there "
            "must be one for each, or NoGradient('why') in its place"
        )
    return _apply_all(op, *inputs, **attrs)


def array_of(x: Tensor) -> Array:
    """The array that a tensor holds, which cannot be written into; gradients end here.

    Unlike ``x.numpy()`` it makes no copy, and is an array for rank 0, too.

    Raises:
        TypeError: `x` is no tensor or variable.

    >>> import scratchnet as tf
    >>> array_of(tf.constant(2.0))
    array(2., dtype=float32)
    """
    if not hasattr(x, "_data"):
        raise TypeError(say("array_of", "x", "must be a tensor or variable", x))
    value = convert(x)
    value._detached("`array_of`")
    view = value._data.view()
    view.flags.writeable = False
    return view


def of_rank(where: str, name: str, x: Tensor, *ranks: int) -> Tensor:
    """`x`, which must have one of these ranks (numbers of axes).

    Raises:
        InvalidArgumentError: it has not.
        TypeError: it is no tensor.

    >>> import scratchnet as tf
    >>> of_rank("crop", "images", tf.constant([1.0]), 3, 4)
    Traceback (most recent call last):
    scratchnet.engine.errors.InvalidArgumentError: crop: `images` must be of rank 3 or 4, ...
    """
    if not isinstance(x, Tensor):
        raise TypeError(say(where, name, "must be a tensor (see `tensor`)", x))
    if x._data.ndim not in ranks:
        said = " or ".join(map(str, ranks))
        raise InvalidArgumentError(
            f"{where}: `{name}` must be of rank {said}, received shape {x._data.shape}"
        )
    return x


# -- checks ----------------------------------------------------------------------------------------


def _check_row(op: Op) -> None:
    if not isinstance(op, Op):
        raise TypeError(say("register", "op", "must be an Op", op))
    if not isinstance(op.name, str) or not op.name:
        raise TypeError(say("register", "name", "must be a text that is not empty", op.name))
    where = f"register: {op.name}"
    if not callable(op.function):
        raise TypeError(say(where, "function", "must be the function that is called", op.function))
    if not callable(op.forward):
        raise TypeError(say(where, "forward", "must be a function of arrays", op.forward))
    if not isinstance(op.vjps, tuple):
        raise TypeError(
            say(where, "vjps", "must be a tuple, such as (vjp,), with one per argument", op.vjps)
        )
    for i, vjp in enumerate(op.vjps):
        if not (callable(vjp) or isinstance(vjp, NoGradient)):
            raise TypeError(
                f"{where}: vjps[{i}] must be a function of (g, record), or NoGradient('why') where "
                f"there is no gradient, received {vjp!r}"
            )


def _checked(op: Op) -> Callable[..., tuple[Any, Any]]:
    """The forward pass of `op`, whose outputs must be arrays of a tensor's dtype."""
    forward: Callable[..., Any] = op.forward  # type: ignore[assignment]

    @wraps(forward)
    def checked(*arrays: Array, **attrs: Any) -> Any:
        views = [array.view() for array in arrays]
        for view in views:
            view.flags.writeable = False  # they are the tensors' own
        try:
            result = forward(*views, **attrs)
        except (TypeError, ValueError) as error:
            # Of NumPy's errors none names the op, and most are about shapes.
            shapes = ", ".join(str(array.shape) for array in arrays)
            error.add_note(f"In the forward pass of {op.name}, of arrays of shapes {shapes}.")
            raise
        if type(result) is tuple and len(result) == 2:  # `apply` refuses anything else
            out = result[0]
            for part in out if isinstance(out, tuple) else (out,):
                _check_output(op.name, part)
            _check_saved(op.name, result[1])
        return result

    checked._is_checked = True  # type: ignore[attr-defined]
    return checked


def _check_output(name: str, part: object) -> None:
    if isinstance(part, np.ndarray | np.generic):
        if part.dtype not in DTYPES:
            raise TypeError(
                f"{name}: the forward pass returned an array of dtype {part.dtype}, which no "
                "tensor can have: write out.astype(…)"
            )
        return
    hint = {
        Tensor: "a forward pass computes on arrays, by NumPy; ops belong in function and VJPs",
        list: "several outputs are a tuple of arrays, (a, b), saved",
        type(None): "an output is never None",
    }.get(type(part), "write np.asarray(out, dtype), with the dtype that the output is to have")
    raise TypeError(
        f"{name}: the forward pass must return arrays, received "
        f"{with_article(type(part).__name__)}: {hint}"
    )


def _check_saved(name: str, saved: object) -> None:
    for part in saved if isinstance(saved, list | tuple) else (saved,):
        if isinstance(part, Tensor):
            raise TypeError(
                f"{name}: the forward pass must save arrays, received a tensor: it computes on "
                "arrays, by NumPy; a VJP finds the op's tensors in record.inputs and record.outputs"
            )


def _guarded(vjp: Callable[..., Any]) -> Callable[..., Any]:
    """`vjp`, which may not compute with what is saved as if that had a derivative."""

    @wraps(vjp)
    def call(g: Any, record: Record, *wanted: Any, **i: Any) -> Any:
        return vjp(g, guarded(record), *wanted, **i)

    return call
