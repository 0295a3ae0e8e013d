"""Convolution, bias, relu and max pooling in one pass: a Conv2D and the MaxPooling2D after it.

The image between the two is four times as large as what comes out, for a window of 2 x 2, and its
cotangent is sparse: zero everywhere but at the argmax of each window.  Here neither is made:
forward, the largest number of each window is found while the sums are still in registers; backward,
only the nonzeros are multiplied.

Raises, all of them: as `scratchnet.ops.conv2d`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from scratchnet.engine.dtypes import Array
from scratchnet.engine.errors import InvalidArgumentError, invalid
from scratchnet.engine.op import NoGradient, Op, Record, register
from scratchnet.engine.tensor import Tensor, TensorLike, apply, apply_all
from scratchnet.kernels import pooled_conv2d as kernels
from scratchnet.kernels.pooled_conv2d import Geometry
from scratchnet.ops.arguments import brackets, matching
from scratchnet.ops.conv2d import (
    CONV2D,
    CONV2D_BACKPROP_FILTER,
    CONV2D_BACKPROP_INPUT,
    geometry_of,
    out_size_of,
    shape,
)
from scratchnet.ops.fused_conv2d import bias_of, checked
from scratchnet.ops.pool2d import PUT_PIXELS, TAKE_PIXELS, pixels_of
from scratchnet.ops.rectifiers import relu_gradient
from scratchnet.ops.window import Pads, Pair, as_kernel_input, before, two


def pooled_conv2d(
    input: TensorLike,
    filters: TensorLike,
    bias: TensorLike,
    strides: Any,
    padding: Any,
    pool_size: Any,
    dilations: Any = None,
    activation: str | None = None,
) -> Tensor:
    """The largest number of each window of ``fused_conv2d(x, k, b)``; the windows do not overlap.

    VJP: ``gx, gk, gb = pooled_conv2d_backprop(x, k, g, y, argmax)``, argmax being the
    pixel that was the largest of each window.

    Args:
        input: x, (N, H, W, C), floating.
        filters: k, (kh, kw, C, O), of the same dtype.
        bias: b, (O,), of the same dtype.
        strides, padding, dilations: of the convolution, as of `conv2d`.
        pool_size: (a, b), one int or two: the window of the pooling, which moves by its own size.
            Rows and columns that are left over are in no window.
        activation: "relu" or None.

    Returns:
        y: (N, oh // a, ow // b, O).  On ties, nan and -inf: as `max_pool2d`.

    Raises:
        InvalidArgumentError: as all here; `bias` is no vector of O numbers; a window that is larger
            than the image it pools.
        ValueError: as all here; an unknown `activation`.

    Reference: ``tf.nn.max_pool2d(tf.nn.relu(tf.nn.bias_add(tf.nn.conv2d(…))), ksize, ksize,
    "VALID")``.

    >>> x, k = np.arange(16.0).reshape(1, 4, 4, 1), np.ones((1, 1, 1, 1))
    >>> pooled_conv2d(x, k, [-6.0], 1, "VALID", pool_size=2, activation="relu").numpy().squeeze()
    array([[0., 1.],
           [7., 9.]])
    """
    where = "pooled_conv2d"
    x, k, attrs = checked(where, input, filters, strides, padding, dilations, activation)
    b = bias_of(where, bias, k)
    pool = _pool(where, pool_size, _out_size(x, k, attrs))
    return apply(POOLED_CONV2D, x, k, b, **attrs, pool=pool)


def _out_size(x: Tensor, k: Tensor, attrs: Mapping[str, Any]) -> Pair:
    how = (attrs[name] for name in ("strides", "pads", "dilations"))
    return out_size_of(shape(x)[1:3], shape(k)[:2], *how)


def _pool(where: str, pool_size: Any, size: Pair) -> Pair:
    pool = two(where, "pool_size", pool_size)
    if any(a > n for a, n in zip(pool, size, strict=True)):
        raise invalid(where, "pool_size", f"must be at most {size}, the image it pools", pool_size)
    return pool


def _geometry(strides: Pair, pads: Pads, dilations: Pair, pool: Pair) -> Geometry:
    return Geometry(strides, dilations, before(pads), pool)


def _pooled_conv2d(
    x: Array,
    k: Array,
    b: Array,
    strides: Pair,
    pads: Pads,
    dilations: Pair,
    relu: bool,
    pool: Pair,
) -> tuple[Array, Array]:
    size = out_size_of(x.shape[1:3], k.shape[:2], strides, pads, dilations)
    how = _geometry(strides, pads, dilations, pool)
    y, argmax = kernels.forward(
        as_kernel_input(x), as_kernel_input(k), as_kernel_input(b), size, relu, how
    )
    return y.astype(x.dtype, copy=False), argmax


def _all_at_once(g: Tensor, record: Record, wanted: tuple[bool, ...]) -> tuple[Tensor, ...]:
    """(gx, gk, gb): what is not wanted is zeros."""
    x, k, _ = record.inputs
    argmax = Tensor(record.saved)
    attrs = {**record.attrs, "wanted": wanted[:2]}
    return apply_all(POOLED_CONV2D_BACKPROP, x, k, g, record.output, argmax, **attrs)


POOLED_CONV2D = register(
    Op(
        "pooled_conv2d",
        pooled_conv2d,
        _pooled_conv2d,
        vjps=(
            lambda found, record: found[0],
            lambda found, record: found[1],
            lambda found, record: found[2],
        ),
        prologue=_all_at_once,
    )
)


def pooled_conv2d_backprop(
    input: TensorLike,
    filters: TensorLike,
    out_backprop: TensorLike,
    output: TensorLike,
    at: TensorLike,
    strides: Any,
    padding: Any,
    pool_size: Any,
    dilations: Any = None,
    activation: str | None = None,
) -> tuple[Tensor, Tensor, Tensor]:
    """The cotangents of x, k and b in `pooled_conv2d`, from the cotangent g of y.

    With ``z = g [y > 0]``, or ``z = g`` without activation, and ``Z = put_pixels(z, at)``:
    ``gx = conv2d_backprop_input(k, Z)``, ``gk = conv2d_backprop_filter(x, Z)``, ``gb = Σ_nij z``.

    VJP: for cotangents hx, hk, hb of these, ``conv2d_backprop_input(hk, Z)`` for x,
    ``conv2d_backprop_filter(hx, Z)`` for k, and for g, where ``y > 0``,
    ``take_pixels(conv2d(hx, k) + conv2d(x, hk), at) + hb``.

    Args:
        input, filters, strides, padding, pool_size, dilations, activation: as of `pooled_conv2d`.
        out_backprop: g, (N, oh // a, ow // b, O).
        output: y, what `pooled_conv2d` returned; only its sign matters.
        at: the argmax, pixel numbers in [0, oh ow); each must be of its own window.

    Returns:
        gx: (N, H, W, C); gk: (kh, kw, C, O); gb: (O,).

    Raises:
        InvalidArgumentError: as all here; shapes that do not fit; a pixel outside its window.

    Reference: what TensorFlow's gradients of the four ops do, one after the other.

    >>> x, k = np.arange(16.0).reshape(1, 4, 4, 1), np.ones((1, 1, 1, 1))
    >>> y = pooled_conv2d(x, k, [0.0], 1, "VALID", 2)
    >>> at = [[[[5], [7]], [[13], [15]]]]
    >>> gx, gk, gb = pooled_conv2d_backprop(x, k, np.ones((1, 2, 2, 1)), y, at, 1, "VALID", 2)
    >>> gx.numpy().squeeze()
    array([[0., 0., 0., 0.],
           [0., 1., 0., 1.],
           [0., 0., 0., 0.],
           [0., 1., 0., 1.]])
    >>> gk.numpy().item(), gb.numpy().item()
    (40.0, 4.0)
    """
    where = "pooled_conv2d_backprop"
    x, k, attrs = checked(where, input, filters, strides, padding, dilations, activation)
    _, g, y = matching(where, input=x, out_backprop=out_backprop, output=output)
    size = _out_size(x, k, attrs)
    pool = _pool(where, pool_size, size)
    pooled = (shape(x)[0], size[0] // pool[0], size[1] // pool[1], shape(k)[3])
    pixels = pixels_of(where, at, (pooled[0], *size, pooled[3]))
    for name, t in (("out_backprop", g), ("output", y), ("at", pixels)):
        if t._data.shape != pooled:
            raise InvalidArgumentError(
                f"{where}: `{name}`: Incompatible shapes: {brackets(t._data.shape)} vs. "
                f"{brackets(pooled)}"
            )
    _check_windows(where, pixels._data, size[1], pool)
    narrow = Tensor(pixels._data.astype(np.int32, copy=False))
    gx, gk, gb = apply_all(POOLED_CONV2D_BACKPROP, x, k, g, y, narrow, **attrs, pool=pool)
    return gx, gk, gb


def _check_windows(where: str, at: Array, ow: int, pool: Pair) -> None:
    """Each argmax must be a pixel of its own window."""
    i, j = np.arange(at.shape[1])[:, None, None], np.arange(at.shape[2])[:, None]
    outside = (at // ow // pool[0] != i) | (at % ow // pool[1] != j)
    if outside.any():
        place = tuple(int(n) for n in np.argwhere(outside)[0])
        raise InvalidArgumentError(
            f"{where}: `at` must name a pixel of each window, received {at[place]} at {place}"
        )


def _pooled_conv2d_backprop(
    x: Array,
    k: Array,
    g: Array,
    y: Array,
    argmax: Array,
    strides: Pair,
    pads: Pads,
    dilations: Pair,
    relu: bool,
    pool: Pair,
    wanted: tuple[bool, bool] = (True, True),
) -> tuple[tuple[Array, ...], None]:
    size = out_size_of(x.shape[1:3], k.shape[:2], strides, pads, dilations)
    how = _geometry(strides, pads, dilations, pool)
    z = kernels.Cotangent(as_kernel_input(g), as_kernel_input(y), as_kernel_input(argmax), relu)
    found = kernels.gradients(as_kernel_input(x), as_kernel_input(k), z, size, how, wanted)
    return tuple(a.astype(x.dtype, copy=False) for a in found), None


def _unpooled(record: Record) -> Tensor:
    """Z: the cotangent before the pooling."""
    x, k, g, y, argmax = record.inputs
    z = relu_gradient(g, y) if record.attrs["relu"] else g
    size = _out_size(x, k, record.attrs)
    return apply(PUT_PIXELS, z, argmax, shape=(shape(x)[0], *size, shape(k)[3]))


def _backprop_gx(h: tuple[Tensor, ...], record: Record) -> Tensor:
    x, how = record.inputs[0], geometry_of(record)
    return apply(CONV2D_BACKPROP_INPUT, h[1], _unpooled(record), input_sizes=x._data.shape, **how)


def _backprop_gk(h: tuple[Tensor, ...], record: Record) -> Tensor:
    k, how = record.inputs[1], geometry_of(record)
    return apply(CONV2D_BACKPROP_FILTER, h[0], _unpooled(record), filter_sizes=k._data.shape, **how)


def _backprop_gg(h: tuple[Tensor, ...], record: Record) -> Tensor:
    x, k, _, y, argmax = record.inputs
    hx, hk, hb = h
    how = geometry_of(record)
    whole = apply(CONV2D, hx, k, **how) + apply(CONV2D, x, hk, **how)
    gz = apply(TAKE_PIXELS, whole, argmax) + hb
    return relu_gradient(gz, y) if record.attrs["relu"] else gz


def _backprop_gy(h: tuple[Tensor, ...], record: Record) -> Tensor:
    return Tensor(np.zeros_like(record.inputs[3]._data))  # zeros, not None, as in TensorFlow


POOLED_CONV2D_BACKPROP = register(
    Op(
        "pooled_conv2d_backprop",
        pooled_conv2d_backprop,
        _pooled_conv2d_backprop,
        vjps=(
            *(_backprop_gx, _backprop_gk, _backprop_gg, _backprop_gy),
            NoGradient("pixel numbers are integers"),
        ),
    )
)
