"""The ops that TensorFlow has no function for (transposes, adjoints), written in its own ops."""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf


def sum_to(input: Any, shape: Any) -> Any:
    """The sum over the axes that `shape` lacks, or has with size 1."""
    wanted = list(shape)
    new = len(input.shape) - len(wanted)
    stretched = [new + i for i, n in enumerate(wanted) if n == 1]
    return tf.reshape(tf.reduce_sum(input, [*range(new), *stretched]), wanted)


def place(x: Any, key: Any, shape: Any) -> Any:
    """Zeros of `shape` with `x` at ``[key]``."""
    flat = np.arange(int(np.prod(shape))).reshape(shape)[key]
    values = tf.scatter_nd(flat.reshape(-1, 1), tf.reshape(x, [-1]), [int(np.prod(shape))])
    return tf.reshape(values, shape)


def add_at(x: Any, indices: Any, axis: int, shape: Any) -> Any:
    """Zeros of `shape`, the slices of `x` added at `indices`: a product with one-hot rows."""
    selector = tf.one_hot(indices, shape[axis], dtype=x.dtype)  # (…indices, n)
    axis %= len(shape)
    own = list(range(axis, axis + len(indices.shape)))
    summed = tf.tensordot(x, selector, [own, list(range(len(indices.shape)))])  # n comes last
    order = list(range(len(shape) - 1))
    order.insert(axis, len(shape) - 1)
    return tf.transpose(summed, order)


def prod_of_others(x: Any, axis: Any = None) -> Any:
    """The products of what comes before and of what comes after."""
    axes = sorted(a % len(x.shape) for a in ([axis] if isinstance(axis, int) else axis))
    order = [i for i in range(len(x.shape)) if i not in axes] + axes
    moved = tf.transpose(x, order)
    kept = list(moved.shape[: len(order) - len(axes)])
    flat = tf.reshape(moved, [*kept, int(np.prod([x.shape[a] for a in axes]))])
    before = tf.math.cumprod(flat, axis=-1, exclusive=True)
    after = tf.math.cumprod(flat, axis=-1, exclusive=True, reverse=True)
    return tf.transpose(tf.reshape(before * after, moved.shape), np.argsort(order))


def linked(input: Any, to: Any) -> Any:
    """`input`, with zeros for its derivative by `to`."""
    zeros = tf.zeros_like(to)
    return tf.custom_gradient(lambda x, y: (tf.identity(x), lambda g: (g, zeros)))(input, to)


def relu_gradient(gradients: Any, features: Any) -> Any:
    """The kernel behind the gradient of `tf.nn.relu`."""
    return tf.raw_ops.ReluGrad(gradients=gradients, features=features)


def relu6_gradient(gradients: Any, features: Any) -> Any:
    """The kernel behind the gradient of `tf.nn.relu6`."""
    return tf.raw_ops.Relu6Grad(gradients=gradients, features=features)


def elu_gradient(gradients: Any, output: Any) -> Any:
    """The kernel behind the gradient of `tf.nn.elu`."""
    return tf.raw_ops.EluGrad(gradients=gradients, outputs=output)


def selu_gradient(gradients: Any, output: Any) -> Any:
    """The kernel behind the gradient of `tf.nn.selu`."""
    return tf.raw_ops.SeluGrad(gradients=gradients, outputs=output)


def sqrt_gradient(gradients: Any, output: Any) -> Any:
    """The kernel behind the gradient of `tf.sqrt`."""
    return tf.raw_ops.SqrtGrad(y=output, dy=gradients)


def rsqrt_gradient(gradients: Any, output: Any) -> Any:
    """The kernel behind the gradient of `tf.math.rsqrt`."""
    return tf.raw_ops.RsqrtGrad(y=output, dy=gradients)


def reciprocal_gradient(gradients: Any, output: Any) -> Any:
    """The kernel behind the gradient of `tf.math.reciprocal`."""
    return tf.raw_ops.ReciprocalGrad(y=output, dy=gradients)


def leaky_relu_gradient(gradients: Any, features: Any, alpha: float = 0.2) -> Any:
    """The kernel behind the gradient of `tf.nn.leaky_relu`."""
    return tf.raw_ops.LeakyReluGrad(gradients=gradients, features=features, alpha=alpha)


def sigmoid_gradient(gradients: Any, output: Any) -> Any:
    """The kernel behind the gradient of `tf.sigmoid`."""
    return tf.raw_ops.SigmoidGrad(y=output, dy=gradients)


def tanh_gradient(gradients: Any, output: Any) -> Any:
    """The kernel behind the gradient of `tf.tanh`."""
    return tf.raw_ops.TanhGrad(y=output, dy=gradients)


def add_relu(x: Any, y: Any) -> Any:
    """A sum, and relu."""
    return tf.nn.relu(tf.add(x, y))


def fused_conv2d(
    input: Any,
    filters: Any,
    bias: Any,
    strides: Any,
    padding: Any,
    dilations: Any = None,
    activation: str | None = None,
) -> Any:
    """Convolution, bias and relu, one after the other."""
    y = tf.nn.bias_add(tf.nn.conv2d(input, filters, strides, padding, dilations=dilations), bias)
    return tf.nn.relu(y) if activation == "relu" else y


def fused_conv2d_transpose(
    input: Any,
    filters: Any,
    bias: Any,
    output_shape: Any,
    strides: Any,
    padding: Any,
    dilations: Any = None,
    activation: str | None = None,
) -> Any:
    """Transposed convolution, bias and relu, one after the other."""
    how = {"strides": strides, "padding": padding, "dilations": dilations}
    y = tf.nn.bias_add(tf.nn.conv2d_transpose(input, filters, output_shape, **how), bias)
    return tf.nn.relu(y) if activation == "relu" else y


def pooled_conv2d(
    input: Any,
    filters: Any,
    bias: Any,
    strides: Any,
    padding: Any,
    pool_size: Any,
    dilations: Any = None,
    activation: str | None = None,
) -> Any:
    """`fused_conv2d` and max pooling, one after the other."""
    y = fused_conv2d(input, filters, bias, strides, padding, dilations, activation)
    return tf.nn.max_pool2d(y, pool_size, pool_size, "VALID")


def pooled_conv2d_backprop(
    input: Any,
    filters: Any,
    out_backprop: Any,
    output: Any,
    argmax: Any,
    strides: Any,
    padding: Any,
    pool_size: Any,
    dilations: Any = None,
    activation: str | None = None,
) -> Any:
    """The gradients of pooling, relu, bias and convolution, one after the other."""
    how = {"strides": strides, "padding": padding}
    z = relu_gradient(out_backprop, output) if activation == "relu" else out_backprop
    like = tf.nn.conv2d(input, filters, **how, dilations=dilations)
    z = put_pixels(z, argmax, like.shape)
    sizes = [list(input.shape), list(filters.shape)]
    how["dilations"] = 1 if dilations is None else dilations
    gx = conv2d_backprop_input(sizes[0], filters, z, **how)
    gk = conv2d_backprop_filter(input, sizes[1], z, **how)
    return gx, gk, tf.reduce_sum(z, [0, 1, 2])


def drop(x: Any, keep: Any, rate: float) -> Any:
    """Dropout with a mask that is given."""
    return tf.where(keep, x * (1 / (1 - rate)), tf.zeros([], x.dtype))


def _explicit(padding: Any) -> dict[str, Any]:
    """A padding argument as the raw ops want it."""
    if isinstance(padding, str):
        return {"padding": padding}
    return {"padding": "EXPLICIT", "explicit_paddings": [n for pair in padding for n in pair]}


def _four(value: Any) -> list[int]:
    sizes = [value] * 2 if isinstance(value, int) else list(value)
    return sizes if len(sizes) == 4 else [1, *sizes, 1]


def conv2d_backprop_input(
    input_sizes: Any,
    filters: Any,
    out_backprop: Any,
    strides: Any,
    padding: Any,
    dilations: Any = 1,
) -> Any:
    """``tf.raw_ops.Conv2DBackpropInput`` with the arguments of ours."""
    return tf.raw_ops.Conv2DBackpropInput(
        input_sizes=list(input_sizes),
        filter=filters,
        out_backprop=out_backprop,
        strides=_four(strides),
        dilations=_four(dilations),
        **_explicit(padding),
    )


def conv2d_backprop_filter(
    input: Any,
    filter_sizes: Any,
    out_backprop: Any,
    strides: Any,
    padding: Any,
    dilations: Any = 1,
) -> Any:
    """``tf.raw_ops.Conv2DBackpropFilter`` with the arguments of ours."""
    return tf.raw_ops.Conv2DBackpropFilter(
        input=input,
        filter_sizes=list(filter_sizes),
        out_backprop=out_backprop,
        strides=_four(strides),
        dilations=_four(dilations),
        **_explicit(padding),
    )


def _flat_pixels(argmax: Any, shape: Any) -> Any:
    """Pixel numbers within an image -> positions in the flat (N, H, W, C) array."""
    N, H, W, C = shape
    n = tf.reshape(tf.range(N, dtype=tf.int64), [-1, 1, 1, 1])
    c = tf.reshape(tf.range(C, dtype=tf.int64), [1, 1, 1, -1])
    return (n * (H * W) + tf.cast(argmax, tf.int64)) * C + c


def take_pixels(x: Any, argmax: Any) -> Any:
    """The gather by argmax: the values of each image at pixel numbers, channel by channel."""
    return tf.gather(tf.reshape(x, [-1]), _flat_pixels(argmax, x.shape))


def put_pixels(g: Any, argmax: Any, shape: Any) -> Any:
    """The unpooling scatter: zeros of `shape`, the values of `g` added at pixel numbers."""
    positions = _flat_pixels(argmax, shape)[..., None]
    return tf.reshape(tf.scatter_nd(positions, g, [int(np.prod(shape))]), shape)


def avg_pool2d_backprop(
    input_sizes: Any, out_backprop: Any, ksize: Any, strides: Any, padding: str
) -> Any:
    """``tf.raw_ops.AvgPoolGrad`` with the arguments of ours."""
    return tf.raw_ops.AvgPoolGrad(
        orig_input_shape=list(input_sizes),
        grad=out_backprop,
        ksize=_four(ksize),
        strides=_four(strides),
        padding=padding,
    )


def getitem(x: Any, key: Any) -> Any:
    """``x[key]``."""
    return x[key]


def batch_normalization(
    x: Any, mean: Any, variance: Any, offset: Any, scale: Any, variance_epsilon: float
) -> Any:
    """Without its argument `name`."""
    return tf.nn.batch_normalization(x, mean, variance, offset, scale, variance_epsilon)


def fused_batch_norm(
    x: Any,
    scale: Any,
    offset: Any,
    mean: Any = None,
    variance: Any = None,
    epsilon: float = 0.001,
    is_training: bool = True,
    activation: str | None = None,
) -> Any:
    """Its parts: the fused op divides the variance by n - 1, and its moments have no gradients.

    Nor are they `tf.nn.moments`, whose second derivative takes the mean for a constant.
    """
    if is_training:
        axes = list(range(len(x.shape) - 1))
        mean = tf.reduce_mean(x, axes)
        variance = tf.reduce_mean(tf.square(x - mean), axes)
    y = tf.nn.batch_normalization(x, mean, variance, offset, scale, epsilon)
    return tf.nn.relu(y) if activation == "relu" else y, mean, variance


def fused_batch_norm_add_relu(
    x: Any, side_input: Any, scale: Any, offset: Any, epsilon: float = 0.001
) -> Any:
    """Its parts, as of `fused_batch_norm`."""
    y, mean, variance = fused_batch_norm(x, scale, offset, epsilon=epsilon)
    return tf.nn.relu(y + side_input), mean, variance


def fused_batch_norm_gradient(
    y_backprop: Any,
    x: Any,
    scale: Any,
    mean: Any,
    variance: Any,
    y: Any,
    epsilon: float = 0.001,
    activation: str | None = None,
) -> Any:
    """The gradients of the parts, one after the other."""
    axes, n = list(range(len(x.shape) - 1)), tf.cast(tf.size(x) / x.shape[-1], x.dtype)
    z = relu_gradient(y_backprop, y) if activation == "relu" else y_backprop
    r, d = tf.math.rsqrt(variance + epsilon), x - mean
    goffset, gscale = tf.reduce_sum(z, axes), tf.reduce_sum(z * d * r, axes)
    gx = (z - goffset / n - gscale * d * r / n) * scale * r
    return gx, gscale, goffset


def read_variable(x: Any) -> Any:
    """A variable's value, as a tensor."""
    return tf.identity(x)


def size(input: Any, out_type: Any = None) -> Any:
    """``tf.size``, which takes no name for a dtype."""
    return tf.size(input, None if out_type is None else tf.as_dtype(out_type))


# -- recurrent layers -----------------------------------------------------------------------------


def _kept(mask: Any, t: int, new: Any, old: Any) -> Any:
    return new if mask is None else tf.where(tf.constant(mask)[t][:, None], new, old)


def lstm(x: Any, h: Any, c: Any, u: Any, mask: Any = None) -> Any:
    """The steps of an LSTM, one after the other."""
    outputs = []
    for t, x_t in enumerate(tf.unstack(x)):
        i, f, g, o = tf.split(x_t + tf.matmul(h, u), 4, axis=1)
        carry = tf.sigmoid(f) * c + tf.sigmoid(i) * tf.tanh(g)
        h, c = (
            _kept(mask, t, tf.sigmoid(o) * tf.tanh(carry), h),
            _kept(mask, t, carry, c),
        )
        outputs.append(h)
    return tf.stack(outputs), c


def gru(x: Any, h: Any, u: Any, d: Any, mask: Any = None) -> Any:
    """The steps of a GRU, one after the other."""
    outputs = []
    for t, x_t in enumerate(tf.unstack(x)):
        x_z, x_r, x_h = tf.split(x_t, 3, axis=1)
        p_z, p_r, p_h = tf.split(tf.matmul(h, u) + d, 3, axis=1)
        z = tf.sigmoid(x_z + p_z)
        g = tf.tanh(x_h + tf.sigmoid(x_r + p_r) * p_h)
        h = _kept(mask, t, z * h + (1 - z) * g, h)
        outputs.append(h)
    return tf.stack(outputs)


def _gradients(function: Any, inputs: Any, cotangents: Any) -> Any:
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        y = function(*inputs)
    zero = tf.UnconnectedGradients.ZERO
    found = tape.gradient(y, inputs, list(cotangents), unconnected_gradients=zero)
    return tuple(found)


def lstm_backprop(x: Any, h: Any, c: Any, u: Any, g_h: Any, g_c: Any, mask: Any = None) -> Any:
    """The gradient of those steps."""
    return _gradients(lambda x, h, c, u: lstm(x, h, c, u, mask), [x, h, c, u], [g_h, g_c])


def gru_backprop(x: Any, h: Any, u: Any, d: Any, g_h: Any, mask: Any = None) -> Any:
    """The gradient of those steps."""
    return _gradients(lambda x, h, u, d: gru(x, h, u, d, mask), [x, h, u, d], [g_h])
