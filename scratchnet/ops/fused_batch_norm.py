"""Batch normalization in training as one op: statistics, normalization, scale and shift.

What follows may be in it, too: a relu, or the sum of a residual block and its relu.  Composed of
`moments` and `batch_normalization` it is some twenty passes over the largest arrays of a network;
here it is two forward (the statistics; the rest) and two backward (two sums; the rest).

The shapes: x (…, C), whose last axis is that of the channels, and one number per channel of all
else.  n is how many values a channel has.  In float32 and float64 everything between what is read
and what is written is computed in float64, and rounded once.

Raises, all of them: InvalidArgumentError for dtypes that differ or are not floating, and for shapes
that do not fit; ValueError for what is no tensor.
"""

from __future__ import annotations

from functools import reduce
from typing import Any

import numpy as np

from scratchnet.engine.dtypes import Array
from scratchnet.engine.errors import InvalidArgumentError, invalid, say
from scratchnet.engine.op import NoGradient, Op, Record, register
from scratchnet.engine.tensor import Tensor, TensorLike, apply, apply_all
from scratchnet.kernels import batch_normalization as kernels
from scratchnet.kernels.elementwise import LARGE
from scratchnet.ops.arguments import brackets, flag, floating, matching
from scratchnet.ops.arithmetic import add
from scratchnet.ops.exponential import rsqrt
from scratchnet.ops.normalization import BATCH_NORMALIZATION, checked_epsilon
from scratchnet.ops.rectifiers import relu_gradient
from scratchnet.ops.reduce import reduce_sum
from scratchnet.ops.shape import broadcast_to
from scratchnet.ops.sums import mean_over, sum_over
from scratchnet.ops.window import as_kernel_input, channels_last


def fused_batch_norm(
    x: TensorLike,
    scale: TensorLike,
    offset: TensorLike,
    mean: TensorLike | None = None,
    variance: TensorLike | None = None,
    epsilon: float = 0.001,
    data_format: str | None = "NHWC",
    is_training: bool = True,
    activation: str | None = None,
) -> tuple[Tensor, Tensor, Tensor]:
    """``y = max((x - mean) r scale + offset, 0)``, ``r = 1 / √(variance + ε)``; and the moments.

    Without activation ``y = (x - mean) r scale + offset``.  In training ``mean = Σ x / n`` and
    ``variance = Σ (x - mean)² / n`` are those of `x`, over all axes but the last.

    VJP, in training: ``gx, gscale, goffset = fused_batch_norm_gradient(…)``; else as
    `batch_normalization`, of ``g [y > 0]``.

    Args:
        x: (…, C), floating.
        scale, offset: (C,), of the same dtype.
        mean, variance: in training None, else (C,), of the same dtype.
        epsilon: ε >= 0, a Python number.
        data_format: "NHWC" or None: the channels come last.
        is_training: whether `x` is normalized by its own moments.
        activation: "relu" or None.

    Returns:
        (y, mean, variance).  The variance is biased, divided by n (TensorFlow's by n - 1); all
        three have gradients (TensorFlow's mean and variance have none).

    Raises:
        InvalidArgumentError: as all here; ε is negative; another `data_format`.
        ValueError: as all here; an unknown `activation`; `mean` or `variance` given in training, or
            missing else.
        UnimplementedError: "NCHW".
        TypeError: ε is no number.

    Reference: ``tf.compat.v1.nn.fused_batch_norm``, ``tf.raw_ops.FusedBatchNormV3``; Ioffe and
    Szegedy 2015, arXiv:1502.03167.

    >>> y, mean, variance = fused_batch_norm([[1.0], [3.0]], [1.0], [0.5], epsilon=0.0)
    >>> y.numpy().ravel(), mean.numpy(), variance.numpy()
    (array([-0.5,  1.5], dtype=float32), array([2.], dtype=float32), array([1.], dtype=float32))
    """
    where = "fused_batch_norm"
    channels_last(where, data_format)
    training = flag(where, "is_training", is_training)
    attrs = _attrs(where, epsilon, activation)
    given = {"mean": mean, "variance": variance}
    for name, value in given.items():
        if (value is None) != training:
            rule = f"must {'' if training else 'not '}be None, as is_training={training}"
            raise ValueError(say(where, name, rule, value))
    if training:
        t, *channels = _checked(where, x, scale=scale, offset=offset)
        y, mean, variance = apply_all(FUSED_BATCH_NORM, t, *channels, **attrs)
        return y, mean, variance
    t, factor, shift, mean, variance = _checked(where, x, scale=scale, offset=offset, **given)
    return apply(BATCH_NORMALIZATION, t, mean, variance, shift, factor, **attrs), mean, variance


def _attrs(where: str, epsilon: Any, activation: Any) -> dict[str, Any]:
    if activation not in (None, "relu"):
        raise ValueError(say(where, "activation", "must be None or 'relu'", activation))
    return {
        "epsilon": checked_epsilon(where, "epsilon", epsilon),
        "relu": activation is not None,
    }


def fused_batch_norm_add_relu(
    x: TensorLike,
    side_input: TensorLike,
    scale: TensorLike,
    offset: TensorLike,
    epsilon: float = 0.001,
) -> tuple[Tensor, Tensor, Tensor]:
    """``y = max((x - mean) r scale + offset + side_input, 0)``, in training; and the moments.

    Where the branches of a residual block meet, one of which ends in a batch normalization: what it
    returns is never in memory.

    VJP, with ``z = g [y > 0]``: ``gside_input = z``, and
    ``gx, gscale, goffset = fused_batch_norm_gradient(z, …)``.

    Args:
        x: (…, C), floating.
        side_input: of the shape and dtype of `x`.
        scale, offset: (C,), of the same dtype.
        epsilon: ε >= 0, a Python number.

    Returns:
        (y, mean, variance), as of `fused_batch_norm`.

    Raises:
        InvalidArgumentError: as all here; ε is negative.
        ValueError: as all here.
        TypeError: ε is no number.

    Reference: ``_FusedBatchNormEx``, the op that TensorFlow's graph optimizer puts in place of the
    three; He et al. 2016, arXiv:1512.03385, figure 2.

    >>> x, side = [[1.0], [3.0]], [[0.25], [0.25]]
    >>> y, mean, variance = fused_batch_norm_add_relu(x, side, [1.0], [0.5], epsilon=0.0)
    >>> y.numpy().ravel(), mean.numpy(), variance.numpy()
    (array([0.  , 1.75], dtype=float32), array([2.], dtype=float32), array([1.], dtype=float32))
    """
    where = "fused_batch_norm_add_relu"
    epsilon = checked_epsilon(where, "epsilon", epsilon)
    t, *channels = _checked(where, x, scale=scale, offset=offset)
    _, side = matching(where, x=t, side_input=side_input)
    _check_shape_of_x(where, t, side_input=side)
    inputs = t, side, *channels
    y, mean, variance = apply_all(FUSED_BATCH_NORM_ADD_RELU, *inputs, epsilon=epsilon)
    return y, mean, variance


def _check_shape_of_x(where: str, x: Tensor, **others: Tensor) -> None:
    shape = x._data.shape
    for name, other in others.items():
        if other._data.shape != shape:
            raise InvalidArgumentError(
                f"{where}: `{name}` must have the shape of `x`: Incompatible shapes: "
                f"{brackets(other._data.shape)} vs. {brackets(shape)}"
            )


def _checked(where: str, x: TensorLike, **channels: TensorLike) -> list[Tensor]:
    """`x` and the vectors of one number per channel, as tensors of one dtype."""
    t, *vectors = matching(where, x=floating(where, "x", x), **channels)
    shape = t._data.shape
    if not shape:
        raise invalid(where, "x", "must have an axis of channels", t)
    for name, vector in zip(channels, vectors, strict=True):
        if vector._data.shape != shape[-1:]:
            raise InvalidArgumentError(
                f"{where}: `{name}` must have one value per channel of `x`: Incompatible shapes: "
                f"{brackets(vector._data.shape)} vs. {brackets(shape)}"
            )
    return [t, *vectors]


def _fused_batch_norm(
    x: Array, scale: Array, offset: Array, epsilon: float, relu: bool, side: Array | None = None
) -> tuple[tuple[Array, Array, Array], None]:
    if takes_kernel(x):
        rows = as_kernel_input(x).reshape(-1, x.shape[-1])
        mean, variance = kernels.moments(rows)
        slope = scale / np.sqrt(variance + epsilon)
        added = None if side is None else as_kernel_input(side).reshape(rows.shape)
        y = kernels.normalize(rows, mean, slope, offset, relu, added).reshape(x.shape)
    else:
        axes = tuple(range(x.ndim - 1))
        wide = x.astype(np.float64)
        mean = mean_over(wide, axes)
        deviation = wide - mean
        variance = mean_over(np.square(deviation), axes)
        y = deviation * (scale / np.sqrt(variance + epsilon)) + offset
        if side is not None:
            y = y.astype(x.dtype) + side
        y = (np.maximum(y, 0) if relu else y).astype(x.dtype)
    return (y, mean.astype(x.dtype), variance.astype(x.dtype)), None


def takes_kernel(x: Array) -> bool:
    """Whether the kernels take `x`, and are worth it."""
    return x.size >= LARGE and x.dtype.char in "fd"


def _all_at_once(gs: Any, record: Record, wanted: tuple[bool, ...]) -> tuple[Any, ...]:
    """(gx, gscale, goffset)."""
    x, scale, _ = record.inputs
    return _of_normalized(gs, x, scale, record, **record.attrs)


def _of_normalized(
    gs: Any, x: Tensor, scale: Tensor, record: Record, **attrs: Any
) -> tuple[Any, ...]:
    """(gx, gscale, goffset), from the cotangents of what is normalized and of the moments."""
    g, gmean, gvariance = gs
    y, mean, variance = record.outputs
    gx: Any = None
    gscale: Any = _THE_MOMENTS
    goffset: Any = _THE_MOMENTS
    if g is not None:
        inputs = g, x, scale, mean, variance, y
        gx, gscale, goffset = apply_all(FUSED_BATCH_NORM_GRADIENT, *inputs, **attrs)
    n = max(x._data.size // max(mean._data.size, 1), 1)
    parts = [gx, None if gmean is None else broadcast_to(gmean / n, x._data.shape)]
    parts.append(None if gvariance is None else (x - mean) * (2 * gvariance / n))
    return reduce(add, [part for part in parts if part is not None]), gscale, goffset


_THE_MOMENTS = NoGradient("of what a batch normalization returns, the moments depend on `x` alone")


def _nth(i: int) -> Any:
    return lambda found, record: found[i]


FUSED_BATCH_NORM = register(
    Op(
        "fused_batch_norm",
        fused_batch_norm,
        _fused_batch_norm,
        vjps=tuple(_nth(i) for i in range(3)),
        prologue=_all_at_once,
        takes_none=True,
    )
)


def _fused_batch_norm_add_relu(
    x: Array, side: Array, scale: Array, offset: Array, epsilon: float
) -> tuple[tuple[Array, Array, Array], None]:
    return _fused_batch_norm(x, scale, offset, epsilon, True, side)


def _behind_the_sum(gs: Any, record: Record, wanted: tuple[bool, ...]) -> tuple[Any, ...]:
    """(gx, gside_input, gscale, goffset)."""
    x, _, scale, _ = record.inputs
    g, gmean, gvariance = gs
    z = None if g is None else relu_gradient(g, record.outputs[0])
    gs, how = (z, gmean, gvariance), {"epsilon": record.attrs["epsilon"], "relu": False}
    gx, gscale, goffset = _of_normalized(gs, x, scale, record, **how)
    return gx, _THE_MOMENTS if z is None else z, gscale, goffset


FUSED_BATCH_NORM_ADD_RELU = register(
    Op(
        "fused_batch_norm_add_relu",
        fused_batch_norm_add_relu,
        _fused_batch_norm_add_relu,
        vjps=tuple(_nth(i) for i in range(4)),
        prologue=_behind_the_sum,
        takes_none=True,
    )
)


def fused_batch_norm_gradient(
    y_backprop: TensorLike,
    x: TensorLike,
    scale: TensorLike,
    mean: TensorLike,
    variance: TensorLike,
    y: TensorLike,
    epsilon: float = 0.001,
    activation: str | None = None,
) -> tuple[Tensor, Tensor, Tensor]:
    """The cotangents of x, scale and offset in `fused_batch_norm`, from the cotangent g of y.

    With ``d = x - mean``, and ``z = g [y > 0]``, or ``z = g`` without activation:

        goffset = Σ z        gscale = r Σ z d        r = 1 / √(variance + ε)
        gx = scale r (z - Σ z / n - d r² Σ z d / n)

    VJP: for cotangents hx, hscale, hoffset of these,

        gg = [y > 0] (scale r (hx - Σ hx / n - d r² Σ hx d / n) + hscale r d + hoffset)
        gx = hscale r z - scale r³ (hx Σ z d + z Σ hx d) / n

    and sums over the pixels for all else.  Here mean and variance are what they are, whatever `x`
    is: what they owe to it comes through their own gradients.

    Args:
        y_backprop: g, (…, C), floating.
        x: (…, C), as it was given.
        scale: (C,), likewise.
        mean, variance, y: what `fused_batch_norm` returned; of y only the sign matters, and that
            for the relu alone.
        epsilon, activation: as they were given.

    Returns:
        gx: (…, C); gscale, goffset: (C,).

    Raises:
        InvalidArgumentError: as all here; ε is negative.
        ValueError: as all here; an unknown `activation`.
        TypeError: ε is no number.

    Reference: ``tf.raw_ops.FusedBatchNormGradV3``.

    >>> x, g = [[1.0], [3.0]], [[1.0], [0.0]]
    >>> y, mean, variance = fused_batch_norm(x, [2.0], [0.0], epsilon=3.0)
    >>> gs = fused_batch_norm_gradient(g, x, [2.0], mean, variance, y, epsilon=3.0)
    >>> [t.numpy().ravel().tolist() for t in gs]
    [[0.375, -0.375], [-0.5], [1.0]]
    """
    where = "fused_batch_norm_gradient"
    attrs = _attrs(where, epsilon, activation)
    t, *channels = _checked(where, x, scale=scale, mean=mean, variance=variance)
    _, g, output = matching(where, x=t, y_backprop=y_backprop, y=y)
    _check_shape_of_x(where, t, y_backprop=g, y=output)
    gx, gscale, goffset = apply_all(FUSED_BATCH_NORM_GRADIENT, g, t, *channels, output, **attrs)
    return gx, gscale, goffset


def _fused_batch_norm_gradient(
    g: Array,
    x: Array,
    scale: Array,
    mean: Array,
    variance: Array,
    y: Array,
    epsilon: float,
    relu: bool,
) -> tuple[tuple[Array, Array, Array], None]:
    n = max(x.size // max(x.shape[-1], 1), 1)
    m, r = mean.astype(np.float64), 1 / np.sqrt(variance.astype(np.float64) + epsilon)

    def factors(total: Array, weighted: Array) -> tuple[Array, Array, Array]:
        """Of z, of d, and of 1, in gx."""
        k = scale * r
        return k, -k * r * r * weighted / n, -k * total / n

    if takes_kernel(x):
        gs, xs = [as_kernel_input(a).reshape(-1, x.shape[-1]) for a in (g, x)]
        ys = as_kernel_input(y).reshape(xs.shape) if relu else None
        total, weighted = kernels.gradient_sums(gs, xs, ys, m)
        gx = kernels.input_gradient(gs, xs, ys, m, *factors(total, weighted)).reshape(x.shape)
    else:
        axes = tuple(range(x.ndim - 1))
        d = x - m
        z = (g * (y > 0) if relu else g).astype(np.float64)
        total, weighted = sum_over(z, axes), sum_over(z * d, axes)
        k, p, q = factors(total, weighted)
        gx = (k * z + p * d + q).astype(x.dtype)
    return (gx, (weighted * r).astype(x.dtype), total.astype(x.dtype)), None


_UNREAD = NoGradient("it is read for the relu alone, which is not there")


def _second(h: tuple[Tensor, ...], record: Record, wanted: tuple[bool, ...]) -> tuple[Any, ...]:
    """The cotangents of all arguments, by the product L of the cotangents and the results.

    L = scale r (Σ hx z - Σ z Σ hx / n - r² Σ z d Σ hx d / n) + hscale r Σ z d + hoffset Σ z
    """
    hx, hscale, hoffset = h
    g, x, scale, mean, variance, y = record.inputs
    axes = list(range(x._data.ndim - 1))
    n = max(x._data.size // max(x._data.shape[-1], 1), 1)
    relu = record.attrs["relu"]

    def total(t: Tensor) -> Tensor:
        return reduce_sum(t, axes)

    z = relu_gradient(g, y) if relu else g
    r, d = rsqrt(variance + record.attrs["epsilon"]), x - mean
    z_sum, zd_sum, h_sum, hd_sum = total(z), total(z * d), total(hx), total(hx * d)
    slope = scale * r
    crossed = r * r * zd_sum * hd_sum / n
    plain = total(hx * z) - z_sum * h_sum / n
    by_z = slope * (hx - h_sum / n - d * (r * r * hd_sum / n)) + hscale * r * d + hoffset
    by_d = z * (hscale * r - slope * r * r * hd_sum / n) - hx * (slope * r * r * zd_sum / n)
    by_r = scale * (plain - 3 * crossed) + hscale * zd_sum
    return (
        relu_gradient(by_z, y) if relu else by_z,
        by_d,
        r * (plain - crossed),
        -total(by_d),
        -0.5 * r * r * r * by_r,
        Tensor(np.zeros_like(y._data)) if relu else _UNREAD,  # zeros, not None, as of relu
    )


FUSED_BATCH_NORM_GRADIENT = register(
    Op(
        "fused_batch_norm_gradient",
        fused_batch_norm_gradient,
        _fused_batch_norm_gradient,
        vjps=tuple(_nth(i) for i in range(6)),
        prologue=_second,
    )
)
