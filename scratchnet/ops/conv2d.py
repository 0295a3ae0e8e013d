"""Two-dimensional convolution, its two gradients, and the transposed convolution.

Convolution is linear in the image and in the filters (which it does not flip), so its VJPs are two
more linear maps, whose VJPs are again these three: for all x, k, g, <·,·> the sum of products and
other notation as in `scratchnet.ops.window`,

    <conv2d(x, k), g> = <x, backprop_input(k, g)> = <k, backprop_filter(x, g)>

If the image has G times the channels of the filters, it is convolved in G groups: the first O / G
filters with the first C / G channels, and so on.  A pixel of the padding takes no part: inf and nan
in filters and cotangents meet no zeros there (as TensorFlow's oneDNN kernels; its others give nan).

Raises, all of them, before a kernel is entered:
    InvalidArgumentError: a rank other than 4 (TensorFlow takes more axes of images), channels of
        the image that are no multiple of the filters', filters that these groups do not divide, an
        empty filter (which TensorFlow takes), strides or dilations below 1, a window larger than
        the padded input (TensorFlow: an empty image), a padding or data format of unknown name.
    InvalidArgumentError, also TypeError: dtypes that differ or are not floating (`conv2d` and
        `conv2d_transpose` take int32, too, which has no gradient); strides and the like that are
        not integers.
    ValueError: what is no tensor; None for strides (TensorFlow: 1); strides, dilations or padding
        of the wrong length.
    UnimplementedError: NCHW, steps along the batch or the channels.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from scratchnet.engine.dtypes import Array
from scratchnet.engine.errors import InvalidArgumentError, invalid
from scratchnet.engine.op import Op, Record, register
from scratchnet.engine.tensor import Tensor, TensorLike, apply
from scratchnet.kernels import conv2d as kernels
from scratchnet.ops.arguments import brackets, floating, ints, matching
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


def conv2d(
    input: TensorLike,
    filters: TensorLike,
    strides: Any,
    padding: Any,
    data_format: str | None = "NHWC",
    dilations: Any = None,
) -> Tensor:
    """``y[n, i, j, o] = Σ_abc x[n, i sh + a dh - top, j sw + b dw - left, c] k[a, b, c, o]``.

    VJP: ``gx = conv2d_backprop_input(x.shape, k, g)``,
    ``gk = conv2d_backprop_filter(x, k.shape, g)``.

    Args:
        input: x, (N, H, W, C), floating, or int32 (whose sums wrap around).
        filters: k, (kh, kw, C / G, O), of the same dtype, for any number of groups G.
        strides: (sh, sw): one int, two, or four with 1 at both ends.
        padding: "SAME", "VALID" or [[0, 0], [top, bottom], [left, right], [0, 0]].
        data_format: "NHWC".
        dilations: (dh, dw), in the forms of `strides`; 1 if not given.

    Returns: y, (N, oh, ow, O).  Raises: as all here.  Reference: ``tf.nn.conv2d``.

    >>> import numpy as np
    >>> x, k = np.ones((1, 3, 3, 1)), np.ones((2, 2, 1, 1))
    >>> conv2d(x, k, strides=1, padding="VALID").numpy().squeeze()
    array([[4., 4.],
           [4., 4.]])
    """
    channels_last("conv2d", data_format)
    x, k = operands("conv2d", filters, input=input)
    geometry = geometry_between("conv2d", shape(x), shape(k), strides, padding, dilations)
    return apply(CONV2D, x, k, **geometry)


def operands(where: str, filters: TensorLike, **image: TensorLike) -> tuple[Tensor, Tensor]:
    """The one image argument, by its name, and the filters: of one dtype, of rank 4."""
    ((name, _),) = image.items()
    x, k = matching(where, **image, filters=filters)
    whole = where in ("conv2d", "conv2d_transpose") and x._data.dtype == np.int32
    images(where, name, x if whole else floating(where, name, x))
    if k._data.ndim != 4 or not all(k._data.shape):
        rule = "must have rank 4, (kh, kw, C, O), and no empty axis"
        raise invalid(where, "filters", rule, k._data.shape)
    return x, k


def shape(x: Tensor) -> Four:
    """The four sizes of `x`, known to have rank 4."""
    a, b, c, d = x._data.shape
    return a, b, c, d


def geometry_between(
    where: str, x: Four, k: Four, strides: Any, padding: Any, dilations: Any
) -> dict[str, Any]:
    """The attributes of a call: what the three maps need to know besides their arrays."""
    received = f"received an `input` of {brackets(x)} and `filters` of {brackets(k)}"
    if not x[3] or x[3] % k[2]:
        raise InvalidArgumentError(
            f"{where}: input depth must be evenly divisible by filter depth: {x[3]} vs {k[2]}, "
            + received
        )
    if k[3] % (x[3] // k[2]):
        raise InvalidArgumentError(
            f"{where}: output depth must be evenly divisible by number of groups: {k[3]} vs "
            f"{x[3] // k[2]}, {received}"
        )
    steps = two(where, "strides", strides)
    gaps = (1, 1) if dilations is None else two(where, "dilations", dilations)
    pads = window_pads(where, x[1:3], k[:2], steps, gaps, padding)
    return {"strides": steps, "pads": pads, "dilations": gaps}


def out_size_of(size: Pair, window: Pair, strides: Pair, pads: Pads, dilations: Pair) -> Pair:
    """(oh, ow)."""
    down, across = zip(size, window, strides, dilations, strict=True)
    return output_size(*down, *pads[0]), output_size(*across, *pads[1])


def _out_shape(x: Four, k: Four, geometry: dict[str, Any]) -> Four:
    return x[0], *out_size_of(x[1:3], k[:2], **geometry), k[3]


def _conv2d(x: Array, k: Array, strides: Pair, pads: Pads, dilations: Pair) -> tuple[Array, None]:
    size = out_size_of(x.shape[1:3], k.shape[:2], strides, pads, dilations)
    if x.dtype == np.int32:
        return _of_integers(x, k, size, strides, pads, dilations), None
    y = kernels.forward(
        as_kernel_input(x), as_kernel_input(k), size, strides, dilations, before(pads)
    )
    return y.astype(x.dtype, copy=False), None


def _of_integers(
    x: Array, k: Array, size: Pair, strides: Pair, pads: Pads, dilations: Pair
) -> Array:
    """The convolution of int32 images, tap by tap: int64 sums are right modulo 2³²."""
    groups = x.shape[3] // k.shape[2]
    x = np.pad(x.astype(np.int64), [(0, 0), *pads, (0, 0)])
    y = np.zeros((x.shape[0], *size, groups, k.shape[3] // groups), np.int64)
    for taps, at in _taps(x, k, size, strides, dilations):
        pixels = x[at].reshape(*y.shape[:-1], k.shape[2])  # (N, oh, ow, G, C / G)
        y += np.einsum("nijgc,cgo->nijgo", pixels, taps.reshape(k.shape[2], groups, -1))
    return y.reshape(*y.shape[:3], k.shape[3]).astype(np.int32)


def _input_of_integers(
    g: Array, k: Array, sizes: Pair, strides: Pair, pads: Pads, dilations: Pair, groups: int
) -> Array:
    """What `_of_integers` sends the cotangents g to."""
    (top, bottom), (left, right) = pads
    h, w = sizes[0] + top + bottom, sizes[1] + left + right
    gx = np.zeros((g.shape[0], h, w, groups, k.shape[2]), np.int64)
    cotangents = g.astype(np.int64).reshape(*g.shape[:3], groups, k.shape[3] // groups)
    for taps, at in _taps(gx, k, g.shape[1:3], strides, dilations):
        gx[at] += np.einsum("nijgo,cgo->nijgc", cotangents, taps.reshape(k.shape[2], groups, -1))
    inside = gx[:, top : h - bottom, left : w - right]
    return inside.reshape(*inside.shape[:3], groups * k.shape[2]).astype(np.int32)


def _taps(
    x: Array, k: Array, size: tuple[int, ...], strides: Pair, dilations: Pair
) -> Iterator[tuple[Array, Any]]:
    """Each (C / G, O) of the filters, and where its pixels are in the padded `x`."""
    for tap in np.ndindex(k.shape[:2]):
        first = [i * d for i, d in zip(tap, dilations, strict=True)]
        along = [
            slice(i, i + (n - 1) * s + 1 if n else i, s)
            for i, n, s in zip(first, size, strides, strict=True)
        ]
        yield k[tap].astype(np.int64), (slice(None), *along)


def _conv2d_gx(g: Tensor, record: Record) -> Tensor:
    x, k, *_ = record.inputs
    return apply(CONV2D_BACKPROP_INPUT, k, g, input_sizes=x._data.shape, **geometry_of(record))


def _conv2d_gk(g: Tensor, record: Record) -> Tensor:
    x, k, *_ = record.inputs
    return apply(CONV2D_BACKPROP_FILTER, x, g, filter_sizes=k._data.shape, **geometry_of(record))


CONV2D = register(Op("conv2d", conv2d, _conv2d, vjps=(_conv2d_gx, _conv2d_gk)))


def conv2d_backprop_input(
    input_sizes: TensorLike,
    filters: TensorLike,
    out_backprop: TensorLike,
    strides: Any,
    padding: Any,
    dilations: Any = None,
) -> Tensor:
    """``gx[n, h, w, c] = Σ g[n, i, j, o] k[a, b, c, o]`` where tap (a, b) of (i, j) is (h, w).

    VJP: for a cotangent h, ``gk = conv2d_backprop_filter(h, k.shape, g)``, ``gg = conv2d(h, k)``.

    Args:
        input_sizes: (N, H, W, C) of the image whose cotangent this is.
        filters: k, (kh, kw, C, O).
        out_backprop: g, (N, oh, ow, O).
        strides, padding, dilations: as of the `conv2d`.

    Returns:
        gx: (N, H, W, C).

    Raises:
        InvalidArgumentError: as all here; `out_backprop` has not the shape of such a `conv2d`.

    Reference: ``tf.raw_ops.Conv2DBackpropInput``.

    >>> import numpy as np
    >>> k, g = np.ones((2, 2, 1, 1)), np.ones((1, 2, 2, 1))
    >>> conv2d_backprop_input([1, 3, 3, 1], k, g, strides=1, padding="VALID").numpy().squeeze()
    array([[1., 2., 1.],
           [2., 4., 2.],
           [1., 2., 1.]])
    """
    where = "conv2d_backprop_input"
    sizes = four_sizes(where, "input_sizes", input_sizes)
    return input_gradient(
        where, sizes, filters, strides, padding, dilations, out_backprop=out_backprop
    )


def input_gradient(
    where: str,
    sizes: Four,
    filters: TensorLike,
    strides: Any,
    padding: Any,
    dilations: Any,
    **cotangent: TensorLike,
) -> Tensor:
    """`conv2d_backprop_input` for the function `where`, whose cotangent has another name."""
    g, k, attrs = transposed(where, sizes, filters, strides, padding, dilations, **cotangent)
    return apply(CONV2D_BACKPROP_INPUT, k, g, **attrs)


def transposed(
    where: str,
    sizes: Four,
    filters: TensorLike,
    strides: Any,
    padding: Any,
    dilations: Any,
    **cotangent: TensorLike,
) -> tuple[Tensor, Tensor, dict[str, Any]]:
    """The cotangent, by its name, and the filters of such a call, and its attributes."""
    ((name, _),) = cotangent.items()
    g, k = operands(where, filters, **cotangent)
    geometry = geometry_between(where, sizes, shape(k), strides, padding, dilations)
    fits(where, name, g, _out_shape(sizes, shape(k), geometry), "convolution")
    return g, k, {"input_sizes": sizes, **geometry}


def _backprop_input(
    k: Array, g: Array, input_sizes: Four, strides: Pair, pads: Pads, dilations: Pair
) -> tuple[Array, None]:
    how = input_sizes[1:3], strides, dilations, before(pads)
    groups = input_sizes[3] // k.shape[2]
    if g.dtype == np.int32:
        return _input_of_integers(g, k, input_sizes[1:3], strides, pads, dilations, groups), None
    gx = kernels.input_gradient(as_kernel_input(g), as_kernel_input(k), *how, groups)
    return gx.astype(g.dtype, copy=False), None


def geometry_of(record: Record) -> dict[str, Any]:
    """The attributes that `geometry_between` gave to a call."""
    return {name: record.attrs[name] for name in ("strides", "pads", "dilations")}


def _backprop_input_gk(h: Tensor, record: Record) -> Tensor:
    k, g = record.inputs
    return apply(CONV2D_BACKPROP_FILTER, h, g, filter_sizes=k._data.shape, **geometry_of(record))


def _backprop_input_gg(h: Tensor, record: Record) -> Tensor:
    return apply(CONV2D, h, record.inputs[0], **geometry_of(record))


CONV2D_BACKPROP_INPUT = register(
    Op(
        "conv2d_backprop_input",
        conv2d_backprop_input,
        _backprop_input,
        vjps=(_backprop_input_gk, _backprop_input_gg),
    )
)


def conv2d_backprop_filter(
    input: TensorLike,
    filter_sizes: TensorLike,
    out_backprop: TensorLike,
    strides: Any,
    padding: Any,
    dilations: Any = None,
) -> Tensor:
    """``gk[a, b, c, o] = Σ_nij x[n, i sh + a dh - top, j sw + b dw - left, c] g[n, i, j, o]``.

    VJP: for a cotangent h, ``gx = conv2d_backprop_input(x.shape, h, g)``, ``gg = conv2d(x, h)``.

    Args:
        input: x, (N, H, W, C).
        filter_sizes: (kh, kw, C, O) of the filters whose cotangent this is.
        out_backprop: g, (N, oh, ow, O).
        strides, padding, dilations: as of the `conv2d`.

    Returns:
        gk: (kh, kw, C, O).

    Raises:
        InvalidArgumentError: as all here; `out_backprop` has not the shape of such a `conv2d`.

    Reference: ``tf.raw_ops.Conv2DBackpropFilter``.

    >>> import numpy as np
    >>> x, g = np.arange(9.0).reshape(1, 3, 3, 1), np.ones((1, 2, 2, 1))
    >>> conv2d_backprop_filter(x, [2, 2, 1, 1], g, strides=1, padding="VALID").numpy().squeeze()
    array([[ 8., 12.],
           [20., 24.]])
    """
    where = "conv2d_backprop_filter"
    x, g = matching(where, input=input, out_backprop=out_backprop)
    images(where, "input", floating(where, "input", x))
    sizes = four_sizes(where, "filter_sizes", filter_sizes, least=1)
    geometry = geometry_between(where, shape(x), sizes, strides, padding, dilations)
    fits(where, "out_backprop", g, _out_shape(shape(x), sizes, geometry), "convolution")
    return apply(CONV2D_BACKPROP_FILTER, x, g, filter_sizes=sizes, **geometry)


def _backprop_filter(
    x: Array, g: Array, filter_sizes: Four, strides: Pair, pads: Pads, dilations: Pair
) -> tuple[Array, None]:
    how = filter_sizes[:2], strides, dilations, before(pads)
    groups = x.shape[3] // filter_sizes[2]
    gk = kernels.filter_gradient(as_kernel_input(x), as_kernel_input(g), *how, groups)
    return gk.astype(x.dtype, copy=False), None


def _backprop_filter_gx(h: Tensor, record: Record) -> Tensor:
    x, g = record.inputs
    return apply(CONV2D_BACKPROP_INPUT, h, g, input_sizes=x._data.shape, **geometry_of(record))


def _backprop_filter_gg(h: Tensor, record: Record) -> Tensor:
    return apply(CONV2D, record.inputs[0], h, **geometry_of(record))


CONV2D_BACKPROP_FILTER = register(
    Op(
        "conv2d_backprop_filter",
        conv2d_backprop_filter,
        _backprop_filter,
        vjps=(_backprop_filter_gx, _backprop_filter_gg),
    )
)


def conv2d_transpose(
    input: TensorLike,
    filters: TensorLike,
    output_shape: TensorLike,
    strides: Any,
    padding: Any = "SAME",
    data_format: str | None = "NHWC",
    dilations: Any = None,
) -> Tensor:
    """The image that such a `conv2d` would send its cotangent `input` to.

    VJP: as of `conv2d_backprop_input`, which it is under another name.

    Args:
        input: (N, h, w, O).
        filters: (kh, kw, C, O): the channels that come out stand before those that go in.
        output_shape: (N, H, W, C), or (H, W).
        strides, padding, data_format, dilations: as of `conv2d`.

    Returns:
        Tensor of shape (N, H, W, C).

    Raises:
        InvalidArgumentError: as `conv2d`; `input` has not the shape that `conv2d` makes of an image
            of `output_shape`.
        TypeError, ValueError, UnimplementedError: as `conv2d`.

    Reference: ``tf.nn.conv2d_transpose``.

    >>> import numpy as np
    >>> x, k = np.ones((1, 1, 1, 1)), np.ones((2, 2, 1, 1))
    >>> conv2d_transpose(x, k, output_shape=[1, 2, 2, 1], strides=2).numpy().squeeze()
    array([[1., 1.],
           [1., 1.]])
    """
    where = "conv2d_transpose"
    channels_last(where, data_format)
    sizes = output_sizes(where, output_shape, input, filters)
    return input_gradient(where, sizes, filters, strides, padding, dilations, input=input)


def output_sizes(where: str, output_shape: Any, input: TensorLike, filters: TensorLike) -> Four:
    """All four sizes of what `conv2d_transpose` makes; (H, W) may be given alone."""
    sizes = ints(where, "output_shape", output_shape, scalar=False)
    if len(sizes) == 2:
        x, k = operands(where, filters, input=input)
        sizes = (x._data.shape[0], *sizes, k._data.shape[2])
    return four_sizes(where, "output_shape", sizes)


register(Op("conv2d_transpose", conv2d_transpose))
