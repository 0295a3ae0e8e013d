"""The steps of an LSTM in one op, and their way back in another; GRU's are `scratchnet.ops.gru`.

What they compute is the loop of `scratchnet.ops.composed`, in which each step is a dozen small ops,
each with a record on the tape.  Here the products with the input kernel are done before, for all
steps at once; a step is one product, exponentials, and two passes over (N, 4u) numbers.

Raises, all of them: InvalidArgumentError: shapes that do not fit, or dtypes that differ.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from scratchnet.engine.dtypes import Array
from scratchnet.engine.errors import InvalidArgumentError, invalid
from scratchnet.engine.op import Op, Record, register
from scratchnet.engine.tape import GradientTape
from scratchnet.engine.tensor import Operators, Tensor, TensorLike, apply_all
from scratchnet.kernels import matmul
from scratchnet.kernels import recurrent as kernels
from scratchnet.kernels.buffer_pool import empty
from scratchnet.ops import composed
from scratchnet.ops.arguments import brackets, matching


def lstm(
    x: TensorLike, h: TensorLike, c: TensorLike, u: TensorLike, mask: TensorLike | None = None
) -> tuple[Tensor, Tensor]:
    """All steps of a long short-term memory.

        i, f, g, o = the four blocks of x_t + h_{t-1} U
        c_t = σ(f) c_{t-1} + σ(i) tanh(g)
        h_t = σ(o) tanh(c_t)

    VJP: ``gx, gh, gc, gU = lstm_backprop(x, h, c, U, g_h, g_c)``.

    Args:
        x: (T, N, 4u), floating: the inputs, multiplied by their kernel, with the bias.
        h: (N, u), the state h before the first step.
        c: (N, u), the state c.
        u: U, (u, 4u), the recurrent kernel.
        mask: bool (T, N), or None: where it is False, both states stay as they are.

    Returns:
        (T, N, u), the h after each step; (N, u), the c after the last one.

    Raises:
        InvalidArgumentError: as all here; no steps.

    Reference: ``keras.layers.LSTM``.

    >>> h, c = lstm(np.ones((2, 1, 4)), [[0.0]], [[0.0]], np.ones((1, 4)))
    >>> h.numpy().ravel().round(3), c.numpy().round(3)
    (array([0.37 , 0.651]), array([[1.144]]))
    """
    tensors = checked("lstm", 4, x=x, h=h, c=c, u=u)
    hs, last = apply_all(LSTM, *tensors, mask=mask_of("lstm", mask, tensors[0]))
    return hs, last


def checked(where: str, gates: int, **values: TensorLike) -> list[Tensor]:
    """`x`, the states and `u` (and what comes after them) as tensors that fit together."""
    tensors = matching(where, **values)
    by_name = dict(zip(values, tensors, strict=True))
    x, u = by_name["x"], by_name["u"]
    if x._data.dtype.kind != "f":
        raise invalid(where, "x", "must be floating", x.dtype.name)
    if x._data.ndim != 3 or not x._data.shape[0]:
        rule = f"must be of shape (steps, batch, {gates} units), with one step at least"
        raise invalid(where, "x", rule, brackets(x._data.shape))
    N, k = x._data.shape[1:]
    wanted = {"u": (k // gates, k), "d": (k,)}
    for name, t in by_name.items():
        shape = wanted.get(name, (N, k // gates))
        if name != "x" and not name.startswith("g_") and t._data.shape != shape:
            raise InvalidArgumentError(
                f"{where}: `{name}`: Incompatible shapes: {brackets(t._data.shape)} vs. "
                f"{brackets(shape)}, for an `x` of shape {brackets(x._data.shape)}"
            )
    if k % gates:
        raise invalid(where, "x", f"must have {gates} blocks of columns", brackets(u._data.shape))
    return tensors


def mask_of(where: str, mask: Any, x: Tensor) -> Array | None:
    """`mask` as a bool array (T, N)."""
    if mask is None:
        return None
    valid = np.asarray(mask._data if isinstance(mask, Operators) else mask)
    if valid.dtype.kind != "b" or valid.shape != x._data.shape[:2]:
        rule = f"must be bool, of shape {brackets(x._data.shape[:2])}"
        raise invalid(where, "mask", rule, f"{valid.dtype} {brackets(valid.shape)}")
    return valid


def valid_steps(mask: Array | None, steps: int, samples: int) -> Array:
    """(T, N): which steps of which samples count."""
    if mask is None:
        return np.ones((steps, samples), bool)
    return np.ascontiguousarray(mask)


def as_computed(*arrays: Array) -> list[Array]:
    """Contiguous arrays of a dtype that kernels take: float16 is computed in float32."""
    wanted = np.float64 if arrays[0].dtype == np.float64 else np.float32
    return [np.ascontiguousarray(a, wanted) for a in arrays]


def product_of_rows(x: Array, y: Array) -> Array:
    """``xᵀ y``."""
    return matmul.product(x.T, y) if matmul.are_large(x.T, y) else x.T @ y


def _lstm(
    x: Array, h: Array, c: Array, u: Array, mask: Array | None
) -> tuple[tuple[Array, Array], Any]:
    kind = x.dtype
    x, h, c, u = as_computed(x, h, c, u)
    (steps, N, _), width = x.shape, len(u)
    valid = valid_steps(mask, steps, N)
    a = empty((steps, N, 4 * width), x.dtype)  # the gates
    hs, cs = empty((steps + 1, N, width), x.dtype), empty((steps + 1, N, width), x.dtype)
    tanh_c = empty((steps, N, width), x.dtype)
    hs[0], cs[0] = h, c
    columns = kernels.columns_for(u)
    product, shares = kernels.product_of(u, N, columns), kernels.shares_of(N, steps * N * u.size)
    flat = hs.ravel(), a.ravel()
    kernels.lstm_forward(x, product, shares, valid, a, hs, cs, tanh_c, flat, columns)
    out = hs[1:].astype(kind, copy=False), cs[steps].astype(kind)
    return out, (a, hs, cs, tanh_c, valid)


def _all_at_once(g: tuple[Tensor, ...], record: Record, wanted: tuple[bool, ...]) -> Any:
    """(gx, gh, gc, gU)."""
    mask = record.attrs["mask"]
    return apply_all(LSTM_BACKPROP, *record.inputs, *g, mask=mask, known_steps=record.saved)


def one_of(i: int) -> Callable[[Any, Record], Tensor]:
    """The VJP of argument `i`, where a prologue has computed all of them."""
    return lambda found, record: found[i]


LSTM = register(Op("lstm", lstm, _lstm, tuple(map(one_of, range(4))), prologue=_all_at_once))


def lstm_backprop(
    x: TensorLike,
    h: TensorLike,
    c: TensorLike,
    u: TensorLike,
    g_h: TensorLike,
    g_c: TensorLike,
    mask: TensorLike | None = None,
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """The cotangents of the arguments of `lstm`: backpropagation through time.

    From the last step to the first, with the gates of the step, ``t = tanh(c_t)``, and gh, gc, the
    cotangents of h_t and c_t from the steps after it:

        gh += g_h[t];  gc += gh o (1 - t²)
        gz = [gc g i (1 - i), gc c_{t-1} f (1 - f), gc i (1 - g²), gh t o (1 - o)]
        gx_t = gz;  gU += h_{t-1}ᵀ gz;  gh = gz Uᵀ;  gc = gc f

    VJP: through the steps written in small ops (`scratchnet.ops.composed.lstm`) and their
    gradients, to any order.

    Args:
        x, h, c, u, mask: as of `lstm`.
        g_h: (T, N, u), the cotangent of the h after each step.
        g_c: (N, u), that of the last c.

    Returns:
        gx (T, N, 4u), gh (N, u), gc (N, u), gU (u, 4u).

    Raises:
        InvalidArgumentError: as all here.

    Reference: what TensorFlow's gradient of the loop does.

    >>> x, h, u = np.ones((2, 1, 4)), np.zeros((1, 1)), np.ones((1, 4))
    >>> gx, gh, gc, gu = lstm_backprop(x, h, h, u, np.ones((2, 1, 1)), h)
    >>> gx.numpy().round(3).ravel()
    array([0.133, 0.   , 0.273, 0.123, 0.038, 0.024, 0.048, 0.132])
    """
    tensors = checked("lstm_backprop", 4, x=x, h=h, c=c, u=u, g_h=g_h, g_c=g_c)
    check_cotangents("lstm_backprop", tensors[0], g_h=tensors[4], g_c=tensors[5])
    found = apply_all(
        LSTM_BACKPROP, *tensors, mask=mask_of("lstm_backprop", mask, tensors[0]), known_steps=None
    )
    gx, gh, gc, gu = found
    return gx, gh, gc, gu


def check_cotangents(where: str, x: Tensor, gates: int = 4, **gs: Tensor) -> None:
    """`g_h` is (T, N, u), all others are (N, u)."""
    steps, N, k = x._data.shape
    for name, g in gs.items():
        wanted = (steps, N, k // gates) if name == "g_h" else (N, k // gates)
        if g._data.shape != wanted:
            raise InvalidArgumentError(
                f"{where}: `{name}`: Incompatible shapes: {brackets(g._data.shape)} vs. "
                f"{brackets(wanted)}"
            )


def _lstm_backprop(
    x: Array,
    h: Array,
    c: Array,
    u: Array,
    g_h: Array,
    g_c: Array,
    mask: Array | None,
    known_steps: Any,
) -> tuple[tuple[Array, ...], None]:
    kind = x.dtype
    a, hs, cs, tanh_c, valid = known_steps or _lstm(x, h, c, u, mask)[1]
    u, g_h, g_c = as_computed(u, g_h, g_c)
    steps, N, width = tanh_c.shape
    gz, gc, gh = empty(a.shape, a.dtype), g_c.copy(), np.zeros_like(g_c)
    columns = kernels.columns_for(u.T)
    product, shares = kernels.product_of(u.T, N, columns), kernels.shares_of(N, steps * N * u.size)
    flat = gz.ravel(), gh.ravel()
    kernels.lstm_backward(
        *(g_h, product, shares, valid, a, cs, tanh_c, gz, gh, gc, flat),
        columns,
    )
    gu = product_of_rows(hs[:-1].reshape(steps * N, width), gz.reshape(steps * N, 4 * width))
    return tuple(part.astype(kind, copy=False) for part in (gz, gh, gc, gu)), None


def through_small_ops(
    twin: Callable[..., Any], count: int
) -> Callable[[Any, Record, tuple[bool, ...]], Any]:
    """The prologue of the VJPs of a backprop op: its gradient, by that of its definition.

    Args:
        twin: what the op is the gradient of, in small ops.
        count: how many arguments that has; behind them come the cotangents of its results.
    """

    def prologue(g: Any, record: Record, wanted: tuple[bool, ...]) -> Any:
        inputs, mask = list(record.inputs), record.attrs["mask"]
        with GradientTape() as outer:
            outer.watch(inputs)
            with GradientTape() as inner:
                inner.watch(inputs[:count])
                y = twin(*inputs[:count], mask)
            results = list(y) if isinstance(y, tuple) else [y]
            found = inner.gradient(
                results, inputs[:count], inputs[count:], unconnected_gradients="zero"
            )
        return outer.gradient(found, inputs, list(g), unconnected_gradients="zero")

    return prologue


LSTM_BACKPROP = register(
    Op(
        "lstm_backprop",
        lstm_backprop,
        _lstm_backprop,
        tuple(map(one_of, range(6))),
        prologue=through_small_ops(composed.lstm, 4),
    )
)
