"""Convolution, bias and relu in one pass: what Keras's Conv2D and Conv2DTranspose compute.

The convolution is limited by arithmetic, a bias and a relu by memory: done while the sums are still
in registers, they cost nothing.  The gradient does the relu once, for all three arguments, and is
that of `scratchnet.ops.conv2d` from there on.

Raises, all of them: as `scratchnet.ops.conv2d`.
"""

from __future__ import annotations

from typing import Any

from scratchnet.engine.dtypes import Array
from scratchnet.engine.errors import InvalidArgumentError, say
from scratchnet.engine.op import Op, Record, register
from scratchnet.engine.tensor import Tensor, TensorLike, apply
from scratchnet.kernels import conv2d as kernels
from scratchnet.ops.arguments import brackets, matching
from scratchnet.ops.conv2d import (
    CONV2D,
    CONV2D_BACKPROP_FILTER,
    geometry_between,
    geometry_of,
    operands,
    out_size_of,
    output_sizes,
    shape,
    transposed,
)
from scratchnet.ops.rectifiers import relu_gradient
from scratchnet.ops.reduce import reduce_sum
from scratchnet.ops.window import Four, Pads, Pair, as_kernel_input, before, channels_last


def fused_conv2d(
    input: TensorLike,
    filters: TensorLike,
    bias: TensorLike,
    strides: Any,
    padding: Any,
    data_format: str | None = "NHWC",
    dilations: Any = None,
    activation: str | None = None,
) -> Tensor:
    """``y = max(conv2d(x, k) + b, 0)``; without activation ``conv2d(x, k) + b``.

    VJP: with ``z = g [y > 0]``, or ``z = g`` without activation,
    ``gx = conv2d_backprop_input(x.shape, k, z)``, ``gk = conv2d_backprop_filter(x, k.shape, z)``,
    ``gb = Σ_nij z``.

    Args:
        input: x, (N, H, W, C), floating.
        filters: k, (kh, kw, C, O), of the same dtype.
        bias: b, (O,), of the same dtype.
        strides, padding, data_format, dilations: as of `conv2d`.
        activation: "relu" or None.

    Returns:
        y: (N, oh, ow, O).

    Raises:
        InvalidArgumentError: as all here; `bias` is no vector of O numbers.
        ValueError: as all here; an unknown `activation`.

    Reference: ``tf.nn.relu(tf.nn.bias_add(tf.nn.conv2d(…)))``, which graphs of TensorFlow turn into
    one ``_FusedConv2D``.

    >>> import numpy as np
    >>> x, k = np.ones((1, 2, 2, 1)), np.ones((1, 1, 1, 2))
    >>> fused_conv2d(x, k, [1.0, -2.0], 1, "VALID", activation="relu").numpy()[0, 0]
    array([[2., 0.],
           [2., 0.]])
    """
    channels_last("fused_conv2d", data_format)
    x, k, attrs = checked("fused_conv2d", input, filters, strides, padding, dilations, activation)
    return apply(FUSED_CONV2D, x, k, bias_of("fused_conv2d", bias, k), **attrs)


def checked(
    where: str,
    input: TensorLike,
    filters: TensorLike,
    strides: Any,
    padding: Any,
    dilations: Any,
    activation: str | None,
) -> tuple[Tensor, Tensor, dict[str, Any]]:
    """The image and the filters of a call, and its attributes."""
    relu = is_relu(where, activation)
    x, k = operands(where, filters, input=input)
    geometry = geometry_between(where, shape(x), shape(k), strides, padding, dilations)
    return x, k, {**geometry, "relu": relu}


def is_relu(where: str, activation: str | None) -> bool:
    """Whether the `activation`, one of those that are known here, is relu."""
    if activation not in (None, "relu"):
        raise ValueError(say(where, "activation", "must be None or 'relu'", activation))
    return activation == "relu"


def bias_of(where: str, bias: TensorLike, k: Tensor) -> Tensor:
    """`bias`, one number for each of the filters `k`."""
    _, b = matching(where, filters=k, bias=bias)
    if b._data.shape != k._data.shape[3:]:
        raise InvalidArgumentError(
            f"{where}: `bias`: Must provide as many biases as there are filters: "
            f"{brackets(b._data.shape)} vs. {brackets(k._data.shape)}"
        )
    return b


def _fused_conv2d(
    x: Array, k: Array, b: Array, strides: Pair, pads: Pads, dilations: Pair, relu: bool
) -> tuple[Array, None]:
    size = out_size_of(x.shape[1:3], k.shape[:2], strides, pads, dilations)
    arrays = as_kernel_input(x), as_kernel_input(k)
    y = kernels.forward(*arrays, size, strides, dilations, before(pads), as_kernel_input(b), relu)
    return y.astype(x.dtype, copy=False), None


def _through_relu(g: Tensor, record: Record, wanted: tuple[bool, ...]) -> Tensor:
    return relu_gradient(g, record.output) if record.attrs["relu"] else g


def _fused_conv2d_gb(z: Tensor, record: Record) -> Tensor:
    return reduce_sum(z, [0, 1, 2])


FUSED_CONV2D = register(
    Op(
        "fused_conv2d",
        fused_conv2d,
        _fused_conv2d,
        vjps=(*CONV2D.vjps, _fused_conv2d_gb),
        prologue=_through_relu,
    )
)


def fused_conv2d_transpose(
    input: TensorLike,
    filters: TensorLike,
    bias: TensorLike,
    output_shape: TensorLike,
    strides: Any,
    padding: Any = "SAME",
    data_format: str | None = "NHWC",
    dilations: Any = None,
    activation: str | None = None,
) -> Tensor:
    """``y = max(conv2d_transpose(x, k) + b, 0)``; without activation no `max`.

    VJP: with ``z = g [y > 0]``, or ``z = g`` without activation, ``gx = conv2d(z, k)``,
    ``gk = conv2d_backprop_filter(z, k.shape, x)``, ``gb = Σ_nhw z``.

    Args:
        input: x, (N, h, w, O), floating.
        filters: k, (kh, kw, C, O), of the same dtype.
        bias: b, (C,), of the same dtype; with groups of channels, (C groups,).
        output_shape: (N, H, W, C), or (H, W).
        strides, padding, data_format, dilations: as of `conv2d_transpose`.
        activation: "relu" or None.

    Returns:
        y: (N, H, W, C).

    Raises:
        InvalidArgumentError: as `conv2d_transpose`; `bias` is no vector of C numbers.
        ValueError: as all here; an unknown `activation`.

    Reference: ``tf.nn.relu(tf.nn.bias_add(tf.nn.conv2d_transpose(…)))``.

    >>> import numpy as np
    >>> x, k = np.ones((1, 1, 1, 1)), np.ones((2, 2, 2, 1))
    >>> y = fused_conv2d_transpose(x, k, [1.0, -2.0], [2, 2], 2, activation="relu")
    >>> y.numpy()[0, 0]
    array([[2., 0.],
           [2., 0.]])
    """
    where = "fused_conv2d_transpose"
    channels_last(where, data_format)
    relu = is_relu(where, activation)
    sizes = output_sizes(where, output_shape, input, filters)
    x, k, attrs = transposed(where, sizes, filters, strides, padding, dilations, input=input)
    _, b = matching(where, filters=k, bias=bias)
    if b._data.shape != sizes[3:]:
        raise InvalidArgumentError(
            f"{where}: `bias`: Must provide as many biases as there are channels of the output: "
            f"{brackets(b._data.shape)} vs. {brackets(sizes)}"
        )
    return apply(FUSED_CONV2D_TRANSPOSE, x, k, b, **attrs, relu=relu)


def _fused_conv2d_transpose(
    x: Array,
    k: Array,
    b: Array,
    input_sizes: Four,
    strides: Pair,
    pads: Pads,
    dilations: Pair,
    relu: bool,
) -> tuple[Array, None]:
    how = input_sizes[1:3], strides, dilations, before(pads)
    groups, bias = input_sizes[3] // k.shape[2], as_kernel_input(b)
    y = kernels.input_gradient(as_kernel_input(x), as_kernel_input(k), *how, groups, bias, relu)
    return y.astype(x.dtype, copy=False), None


def _fused_conv2d_transpose_gx(z: Tensor, record: Record) -> Tensor:
    return apply(CONV2D, z, record.inputs[1], **geometry_of(record))


def _fused_conv2d_transpose_gk(z: Tensor, record: Record) -> Tensor:
    x, k, _ = record.inputs
    return apply(CONV2D_BACKPROP_FILTER, z, x, filter_sizes=k._data.shape, **geometry_of(record))


FUSED_CONV2D_TRANSPOSE = register(
    Op(
        "fused_conv2d_transpose",
        fused_conv2d_transpose,
        _fused_conv2d_transpose,
        vjps=(_fused_conv2d_transpose_gx, _fused_conv2d_transpose_gk, _fused_conv2d_gb),
        prologue=_through_relu,
    )
)
