"""Mean pooling: taking the mean of a window, and its transpose, spreading a value in equal parts.

(Notation and window arithmetic: `scratchnet.ops.window`.  What is refused, and where TensorFlow
differs: `scratchnet.ops.pool2d`.)
"""

from __future__ import annotations

from typing import Any

from scratchnet.engine.dtypes import Array
from scratchnet.engine.errors import say
from scratchnet.engine.op import Op, Record, register
from scratchnet.engine.tensor import Tensor, TensorLike, apply
from scratchnet.kernels import pool2d as kernels
from scratchnet.kernels.buffer_pool import empty
from scratchnet.ops.arguments import floating
from scratchnet.ops.pool2d import geometry, image, out_shape
from scratchnet.ops.window import (
    Pads,
    Pair,
    before,
    channels_last,
    fits,
    four_sizes,
    images,
    working,
)


def avg_pool2d(
    input: TensorLike, ksize: Any, strides: Any, padding: str, data_format: str | None = "NHWC"
) -> Tensor:
    """``y[n, i, j, c]`` = the mean of the ``x[n, h, w, c]`` in window (i, j), padding not counted.

    VJP: ``gx = avg_pool2d_backprop(x.shape, g)``: each cell of a window gets an equal part.

    Args:
        input, ksize, strides, data_format: as of `max_pool2d`.
        padding: "SAME" or "VALID".

    Returns:
        y: (N, oh, ow, C).

    Raises:
        InvalidArgumentError, ValueError: as `max_pool2d`.
        TypeError: a `padding` that is not a name.

    Reference: ``tf.nn.avg_pool2d``.

    >>> import numpy as np
    >>> avg_pool2d(np.arange(16.0).reshape(1, 4, 4, 1), 2, 2, "VALID").numpy().squeeze()
    array([[ 2.5,  4.5],
           [10.5, 12.5]], dtype=float32)
    """
    channels_last("avg_pool2d", data_format)
    x = image("avg_pool2d", input)
    named = _named_padding("avg_pool2d", padding)
    return apply(AVG_POOL2D, x, **geometry("avg_pool2d", x._data.shape, ksize, strides, named))


def _avg_pool2d(x: Array, window: Pair, strides: Pair, pads: Pads) -> tuple[Array, None]:
    wide = working(x)
    y = empty(out_shape(x.shape, window, strides, pads), wide.dtype)
    kernels.avg_pool(wide, y, window, strides, before(pads))
    return y.astype(x.dtype, copy=False), None


def _avg_pool2d_gx(g: Tensor, record: Record) -> Tensor:
    return apply(AVG_POOL2D_BACKPROP, g, input_sizes=record.inputs[0]._data.shape, **record.attrs)


AVG_POOL2D = register(Op("avg_pool2d", avg_pool2d, _avg_pool2d, vjps=(_avg_pool2d_gx,)))


def avg_pool2d_backprop(
    input_sizes: TensorLike, out_backprop: TensorLike, ksize: Any, strides: Any, padding: str
) -> Tensor:
    """Each ``g[n, i, j, c]`` in equal parts to the cells of window (i, j).

    The transpose of `avg_pool2d`.
    VJP: ``gg = avg_pool2d(h)`` for a cotangent h.

    Args:
        input_sizes: (N, H, W, C) of the image whose cotangent this is.
        out_backprop: g, (N, oh, ow, C), floating.
        ksize, strides, padding: as of the `avg_pool2d`.

    Returns:
        gx: (N, H, W, C).

    Raises:
        InvalidArgumentError: as `avg_pool2d`; `out_backprop` has not the shape of such a pooling
            (of which TensorFlow's op does not take notice).
        TypeError, ValueError: as `avg_pool2d`.

    Reference: ``tf.raw_ops.AvgPoolGrad``.

    >>> import numpy as np
    >>> g = np.array([4.0, 8.0]).reshape(1, 1, 2, 1)
    >>> avg_pool2d_backprop([1, 2, 4, 1], g, 2, 2, "VALID").numpy().squeeze()
    array([[1., 1., 2., 2.],
           [1., 1., 2., 2.]])
    """
    where = "avg_pool2d_backprop"
    g = images(where, "out_backprop", floating(where, "out_backprop", out_backprop))
    sizes = four_sizes(where, "input_sizes", input_sizes)
    attrs = geometry(where, sizes, ksize, strides, _named_padding(where, padding))
    fits(where, "out_backprop", g, out_shape(sizes, **attrs), "pooling")
    return apply(AVG_POOL2D_BACKPROP, g, input_sizes=sizes, **attrs)


def _avg_pool2d_backprop(
    g: Array, input_sizes: tuple[int, ...], window: Pair, strides: Pair, pads: Pads
) -> tuple[Array, None]:
    wide = working(g)
    x = empty(input_sizes, wide.dtype)
    kernels.avg_spread(wide, x, window, strides, before(pads))
    return x.astype(g.dtype, copy=False), None


def _avg_pool2d_backprop_gg(h: Tensor, record: Record) -> Tensor:
    attrs = {name: record.attrs[name] for name in ("window", "strides", "pads")}
    return apply(AVG_POOL2D, h, **attrs)


AVG_POOL2D_BACKPROP = register(
    Op(
        "avg_pool2d_backprop",
        avg_pool2d_backprop,
        _avg_pool2d_backprop,
        vjps=(_avg_pool2d_backprop_gg,),
    )
)


def _named_padding(where: str, padding: Any) -> Any:
    """Mean pooling knows "SAME" and "VALID" only, as in TensorFlow."""
    if not isinstance(padding, str):
        raise TypeError(say(where, "padding", "must be 'SAME' or 'VALID'", padding))
    return padding
