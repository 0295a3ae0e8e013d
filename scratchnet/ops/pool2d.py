"""Max pooling and its unpooling, mean pooling and its transpose.

(Notation and window arithmetic: `scratchnet.ops.window`.)

Pooling has no parameters, yet it decides where gradients go.  Max pooling keeps the argmax of each
window, a pixel number; to gather those pixels (`take_pixels`) and to scatter a cotangent to them
(`put_pixels`, the unpooling) are each other's transposes.

Raises, all of them, before a kernel is entered:
    InvalidArgumentError: a rank other than 4, windows or strides below 1, a window larger than the
        padded input (TensorFlow: an empty image), a padding or data format of unknown name.
    InvalidArgumentError, also TypeError: a dtype that is not floating (`max_pool2d` takes integers
        of up to 64 bits with sign, or 16 without), windows and strides that are not integers.
    ValueError: what is no tensor; None for windows or strides (TensorFlow: 1); windows, strides or
        padding of the wrong length.
    UnimplementedError: NCHW (TensorFlow on a CPU: InvalidArgumentError), windows or steps along the
        batch or the channels (TensorFlow takes steps).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from scratchnet.engine.dtypes import Array
from scratchnet.engine.errors import DtypeError, InvalidArgumentError, invalid, say
from scratchnet.engine.op import NoGradient, Op, Record, register
from scratchnet.engine.tensor import Tensor, TensorLike, apply
from scratchnet.kernels import pool2d as kernels
from scratchnet.kernels.buffer_pool import empty
from scratchnet.ops.arguments import brackets, floating, integer, tensor
from scratchnet.ops.creation import linked
from scratchnet.ops.window import (
    Four,
    Pads,
    Pair,
    as_kernel_input,
    before,
    channels_last,
    fits,
    four_sizes,
    images,
    output_size,
    two,
    window_pads,
)

MAXIMA = ("float16", "float32", "float64", "int8", "int16", "int32", "int64", "uint8", "uint16")


def _image_to_compare(input: TensorLike) -> Tensor:
    """`input` of `max_pool2d`: NumPy arrays become float32, as in TensorFlow; tensors stay."""
    where = "max_pool2d"
    is_array = isinstance(input, np.ndarray | np.generic)
    x = tensor(where, "input", input, hint=np.dtype(np.float32) if is_array else None)
    if x._data.dtype.name not in MAXIMA:
        rule = f"must be floating or integers ({', '.join(MAXIMA)})"
        raise DtypeError(f"{where}: `input` {rule}, received dtype {x.dtype.name}")
    return images(where, "input", x)


def geometry(
    where: str, size: tuple[int, ...], ksize: Any, strides: Any, padding: Any
) -> dict[str, Any]:
    """The attributes of a call."""
    window, steps = two(where, "ksize", ksize), two(where, "strides", strides)
    pads = window_pads(where, (size[1], size[2]), window, steps, (1, 1), padding)
    for sides, k in zip(pads, window, strict=True):
        if max(sides) >= k:
            raise invalid(where, "padding", f"must be smaller than the window {window}", padding)
    return {"window": window, "strides": steps, "pads": pads}


def out_shape(x: tuple[int, ...], window: Pair, strides: Pair, pads: Pads) -> Four:
    """The shape of the output of pooling."""
    oh = output_size(x[1], window[0], strides[0], 1, *pads[0])
    ow = output_size(x[2], window[1], strides[1], 1, *pads[1])
    return x[0], oh, ow, x[3]


def max_pool2d(
    input: TensorLike, ksize: Any, strides: Any, padding: Any, data_format: str | None = "NHWC"
) -> Tensor:
    """``y[n, i, j, c]`` = the largest ``x[n, h, w, c]`` in window (i, j), padding left out.

    VJP: ``gx = put_pixels(g, argmax, x.shape)``, argmax being the pixel of the first maximum of
    each window, row by row, which takes all.  Windows that overlap add up.

    Args:
        input: x, (N, H, W, C), floating or integer (NumPy arrays become float32, of any dtype).
        ksize, strides: (rows, columns): one int, two, or four with 1 at both ends.
        padding: "SAME", "VALID" or [[0, 0], [top, bottom], [left, right], [0, 0]].
        data_format: "NHWC".

    Returns:
        y: (N, oh, ow, C), of the dtype of x.  No nan is the largest; a window of -inf gives the
            least finite value.

    Raises:
        InvalidArgumentError: as all here; padding as large as the window.

    Reference: ``tf.nn.max_pool2d``.

    >>> max_pool2d(np.arange(16.0).reshape(1, 4, 4, 1), 2, 2, "VALID").numpy().squeeze()
    array([[ 5.,  7.],
           [13., 15.]], dtype=float32)
    """
    channels_last("max_pool2d", data_format)
    x = _image_to_compare(input)
    return apply(MAX_POOL2D, x, **geometry("max_pool2d", x._data.shape, ksize, strides, padding))


def _max_pool2d(x: Array, window: Pair, strides: Pair, pads: Pads) -> tuple[Array, Array]:
    wide = _comparable(x)
    y = empty(out_shape(x.shape, window, strides, pads), wide.dtype)
    argmax = empty(y.shape, np.int32 if x.shape[1] * x.shape[2] < 2**31 else np.int64)
    limits = np.iinfo(wide.dtype) if wide.dtype.kind == "i" else np.finfo(x.dtype)
    lowest = wide.dtype.type(limits.min)
    kernels.max_pool(wide, y, argmax, window, strides, before(pads), lowest)
    return y.astype(x.dtype, copy=False), argmax


def _comparable(x: Array) -> Array:
    """A kernel input; small integers as int32, for which there is a kernel already."""
    return as_kernel_input(
        x.astype(np.int32) if x.dtype.kind in "iu" and x.dtype.itemsize < 4 else x
    )


def _max_pool2d_gx(g: Tensor, record: Record) -> Tensor:
    size = record.inputs[0]._data.shape
    gx = apply(PUT_PIXELS, g, Tensor(record.saved), shape=size, windows=record.attrs)
    return linked(gx, record.output)  # the second derivative is zeros, not None, as in TensorFlow


MAX_POOL2D = register(Op("max_pool2d", max_pool2d, _max_pool2d, vjps=(_max_pool2d_gx,)))


def pixels_of(where: str, at: TensorLike, shape: tuple[int, ...]) -> Tensor:
    """`at`, known to name pixels of images of `shape`."""
    pixels = images(where, "at", integer(where, "at", at))
    N, H, W, C = shape
    if (pixels._data.shape[0], pixels._data.shape[3]) != (N, C):
        said = f"{brackets(pixels._data.shape)} vs. {brackets(shape)}"
        raise InvalidArgumentError(f"{where}: `at`: Incompatible shapes: {said}")
    if pixels._data.size and not 0 <= pixels._data.min() <= pixels._data.max() < H * W:
        said = f"received {pixels._data.min()} to {pixels._data.max()}"
        raise InvalidArgumentError(f"{where}: `at` must hold pixel numbers in [0, {H * W}), {said}")
    return pixels


def take_pixels(x: TensorLike, at: TensorLike) -> Tensor:
    """``y[n, i, j, c] = x[n, at // W, at % W, c]``, `at` standing for ``at[n, i, j, c]``.

    VJP: ``gx = put_pixels(g, at, x.shape)``.

    Args:
        x: (N, H, W, C), floating.
        at: pixel numbers in [0, H W), integers of shape (N, oh, ow, C).

    Returns:
        y: (N, oh, ow, C).

    Raises:
        InvalidArgumentError: shapes that do not fit, a pixel out of range; also a TypeError:
            dtypes.

    Reference: ``tf.gather`` of each image's pixels, in the form that `max_pool2d` needs.

    >>> x = np.arange(4.0).reshape(1, 2, 2, 1)
    >>> take_pixels(x, [[[[3], [0]]]]).numpy().squeeze()
    array([3., 0.])
    """
    t = images("take_pixels", "x", floating("take_pixels", "x", x))
    return apply(TAKE_PIXELS, t, pixels_of("take_pixels", at, t._data.shape))


def _take_pixels(x: Array, argmax: Array) -> tuple[Array, None]:
    wide = as_kernel_input(x)
    y = np.empty(argmax.shape, wide.dtype)
    kernels.take_pixels(wide, as_kernel_input(argmax), y)
    return y.astype(x.dtype, copy=False), None


def _take_pixels_gx(g: Tensor, record: Record) -> Tensor:
    x, argmax = record.inputs
    return apply(PUT_PIXELS, g, argmax, shape=x._data.shape)


_PIXELS = NoGradient("pixel numbers are integers")
TAKE_PIXELS = register(
    Op("take_pixels", take_pixels, _take_pixels, vjps=(_take_pixels_gx, _PIXELS))
)


def put_pixels(g: TensorLike, at: TensorLike, shape: TensorLike) -> Tensor:
    """The unpooling scatter: zeros of `shape`, ``g[n, i, j, c]`` added at pixel ``at[n, i, j, c]``.

    The transpose of `take_pixels`; each value goes to its own image and channel.
    VJP: ``gg = take_pixels(h, at)`` for a cotangent h.

    Args:
        g: (N, oh, ow, C), floating.
        at: pixel numbers in [0, H W), integers of the same shape.
        shape: (N, H, W, C).

    Returns:
        x: of that shape.

    Raises:
        InvalidArgumentError: shapes that do not fit, a pixel out of range; also a TypeError:
            dtypes.

    Reference: ``tf.scatter_nd`` into each image's pixels, in the form that `max_pool2d` needs.

    >>> g = np.array([5.0, 7.0]).reshape(1, 1, 2, 1)
    >>> put_pixels(g, [[[[3], [3]]]], [1, 2, 2, 1]).numpy().squeeze()
    array([[ 0.,  0.],
           [ 0., 12.]])
    """
    cotangent = images("put_pixels", "g", floating("put_pixels", "g", g))
    size = four_sizes("put_pixels", "shape", shape)
    pixels = pixels_of("put_pixels", at, size)
    if pixels._data.shape != cotangent._data.shape:
        raise InvalidArgumentError(
            f"put_pixels: `at`: Incompatible shapes: {brackets(cotangent._data.shape)} vs. "
            f"{brackets(pixels._data.shape)}"
        )
    return apply(PUT_PIXELS, cotangent, pixels, shape=size)


def _put_pixels(
    g: Array, argmax: Array, shape: tuple[int, ...], windows: Mapping[str, Any] | None = None
) -> tuple[Array, None]:
    """`windows`: the geometry of the `max_pool2d` that the pixels come from, if they do."""
    wide = as_kernel_input(g)
    x = empty(shape, wide.dtype)
    if windows is None:
        x[...] = 0
        kernels.unpool(wide, as_kernel_input(argmax), x)
    else:
        window, strides, pads = (windows[name] for name in ("window", "strides", "pads"))
        kernels.unpool_windows(wide, as_kernel_input(argmax), x, window, strides, before(pads))
    return x.astype(g.dtype, copy=False), None


def _put_pixels_gg(h: Tensor, record: Record) -> Tensor:
    return apply(TAKE_PIXELS, h, record.inputs[1])


PUT_PIXELS = register(Op("put_pixels", put_pixels, _put_pixels, vjps=(_put_pixels_gg, _PIXELS)))


# -- mean pooling and its transpose ----------------------------------------------------------------


def avg_pool2d(
    input: TensorLike, ksize: Any, strides: Any, padding: str, data_format: str | None = "NHWC"
) -> Tensor:
    """``y[n, i, j, c]`` = the mean of the ``x[n, h, w, c]`` in window (i, j), padding not counted.

    VJP: ``gx = avg_pool2d_backprop(x.shape, g)``: each cell of a window gets an equal part.

    Args:
        input: x, (N, H, W, C), floating (a NumPy array keeps its dtype).
        ksize, strides, data_format: as of `max_pool2d`.
        padding: "SAME" or "VALID".

    Returns:
        y: (N, oh, ow, C).

    Raises:
        InvalidArgumentError, ValueError: as `max_pool2d`.
        TypeError: a `padding` that is not a name.

    Reference: ``tf.nn.avg_pool2d``.

    >>> avg_pool2d(np.arange(16.0).reshape(1, 4, 4, 1), 2, 2, "VALID").numpy().squeeze()
    array([[ 2.5,  4.5],
           [10.5, 12.5]])
    """
    channels_last("avg_pool2d", data_format)
    x = images("avg_pool2d", "input", floating("avg_pool2d", "input", input))
    named = _named_padding("avg_pool2d", padding)
    return apply(AVG_POOL2D, x, **geometry("avg_pool2d", x._data.shape, ksize, strides, named))


def _avg_pool2d(x: Array, window: Pair, strides: Pair, pads: Pads) -> tuple[Array, None]:
    wide = as_kernel_input(x)
    y = empty(out_shape(x.shape, window, strides, pads), wide.dtype)
    kernels.avg_pool(wide, y, window, strides, before(pads))
    return y.astype(x.dtype, copy=False), None


def _avg_pool2d_gx(g: Tensor, record: Record) -> Tensor:
    return apply(AVG_POOL2D_BACKPROP, g, input_sizes=record.inputs[0]._data.shape, **record.attrs)


AVG_POOL2D = register(Op("avg_pool2d", avg_pool2d, _avg_pool2d, vjps=(_avg_pool2d_gx,)))


def avg_pool2d_backprop(
    input_sizes: TensorLike, out_backprop: TensorLike, ksize: Any, strides: Any, padding: str
) -> Tensor:
    """Each ``g[n, i, j, c]`` broadcast back in equal parts to the cells of window (i, j).

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
    wide = as_kernel_input(g)
    x = empty(input_sizes, wide.dtype)
    kernels.avg_pool_gradient(wide, x, window, strides, before(pads))
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
