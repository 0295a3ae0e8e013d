"""The transposed convolution: one of the gradients of `conv2d`, used as a layer.

(Notation and window arithmetic: `scratchnet.ops.window`.  What is refused, and where TensorFlow
differs: `scratchnet.ops.conv2d`; NCHW is an InvalidArgumentError there.)
"""

from __future__ import annotations

from typing import Any

from scratchnet.engine.op import Op, register
from scratchnet.engine.tensor import Tensor, TensorLike
from scratchnet.ops.arguments import ints
from scratchnet.ops.conv2d import input_gradient, operands
from scratchnet.ops.window import channels_last, four_sizes


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
    sizes = ints(where, "output_shape", output_shape, scalar=False)
    if len(sizes) == 2:
        x, k = operands(where, filters, input=input)
        sizes = (x._data.shape[0], *sizes, k._data.shape[2])
    four = four_sizes(where, "output_shape", sizes)
    return input_gradient(where, four, filters, strides, padding, dilations, input=input)


register(Op("conv2d_transpose", conv2d_transpose))
