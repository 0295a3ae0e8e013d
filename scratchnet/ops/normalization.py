"""Batch normalization: the moments of a batch, and the normalization by them.

In training mean and variance come from `moments`, whose own derivative carries the rest of the
gradient; in inference they are given.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from scratchnet.engine.dtypes import Array
from scratchnet.engine.errors import DtypeError, InvalidArgumentError, invalid, say
from scratchnet.engine.op import Op, Record, register
from scratchnet.engine.tensor import Tensor, TensorLike, apply, apply_all
from scratchnet.kernels import batch_normalization as kernels
from scratchnet.kernels.elementwise import LARGE
from scratchnet.ops import arguments
from scratchnet.ops.arguments import brackets, floating, matching
from scratchnet.ops.creation import cast
from scratchnet.ops.exponential import rsqrt, rsqrt_gradient
from scratchnet.ops.rectifiers import relu_gradient
from scratchnet.ops.reduce import REDUCE_MEAN
from scratchnet.ops.shape import reaches, reshape, squeeze, sum_to
from scratchnet.ops.sums import mean_over
from scratchnet.ops.window import as_kernel_input


def moments(
    x: TensorLike, axes: Any, shift: None = None, keepdims: bool = False
) -> tuple[Tensor, Tensor]:
    """``mean = Σ x / n`` and ``variance = Σ (x - mean)² / n`` over `axes`.

    VJP: ``gx = (gmean + 2 (x - mean) gvariance) / n``.

    Args:
        x: floating, any shape.
        axes: which to reduce; None for all.
        shift: None.
        keepdims: keep them, with size 1.

    Returns:
        (mean, variance), of the shape of `x` without `axes`.

    Raises:
        InvalidArgumentError: `x` not floating (TensorFlow takes integers), an axis out of range or
            named twice.
        ValueError: what is no tensor; a `shift`, which TensorFlow passes over.

    Reference: ``tf.nn.moments``.  (There the second derivative takes the mean for a constant.)

    >>> [float(t) for t in moments([1.0, 2.0, 3.0, 4.0], [0])]
    [2.5, 1.25]
    """
    if shift is not None:
        raise ValueError(say("moments", "shift", "must be None", shift))
    t, keepdims = floating("moments", "x", x), arguments.flag("moments", "keepdims", keepdims)
    if t._data.dtype == np.float16:  # whose squares overflow at 256
        wide = moments(cast(t, np.float32), axes, None, keepdims)
        return cast(wide[0], np.float16), cast(wide[1], np.float16)
    reduced = arguments.axes("moments", "axes", axes, t._data.ndim)
    mean, variance = apply_all(MOMENTS, t, axis=reduced, keepdims=keepdims)
    if not reduced and not keepdims:  # squeezed by no axes, which in TensorFlow means all of size 1
        return squeeze(mean), squeeze(variance)
    return mean, variance


def _moments(x: Array, axis: tuple[int, ...], keepdims: bool) -> tuple[tuple[Array, Array], Array]:
    if axis == tuple(range(x.ndim - 1)) and x.size >= LARGE and x.dtype.char in "fd":
        found = kernels.moments(as_kernel_input(x).reshape(-1, x.shape[-1]))
        shape = (1,) * len(axis) + x.shape[-1:]
        center, spread = [a.astype(x.dtype).reshape(shape) for a in found]
        kept = shape if keepdims else x.shape[-1:]
        return (center.reshape(kept), spread.reshape(kept)), center
    mean = mean_over(x, axis, keepdims=True)
    variance = mean_over(np.square(x - mean), axis, keepdims)
    return (mean.reshape(variance.shape), variance), mean


def _moments_gx(gs: tuple[Tensor, Tensor], record: Record) -> Tensor:
    x, attrs = record.inputs[0], record.attrs
    n = max(x._data.size // max(record.output._data.size, 1), 1)
    mean = apply(REDUCE_MEAN, x, known=record.saved, axis=attrs["axis"], keepdims=True)
    gmean, gvariance = (reshape(g, mean._data.shape) for g in gs)
    return (gmean + gvariance * (x - mean) * 2) / n


MOMENTS = register(Op("moments", moments, _moments, vjps=(_moments_gx,)))


def batch_normalization(
    x: TensorLike,
    mean: TensorLike,
    variance: TensorLike,
    offset: TensorLike,
    scale: TensorLike,
    variance_epsilon: float,
) -> Tensor:
    """``y = (x - mean) r scale + offset``, ``r = 1 / √(variance + ε)``.

    VJP: ``gx = g r scale``, ``gmean = -gx``, ``gvariance = -g (x - mean) scale r³ / 2`` (0 where
    it is 0 before r³, which is nan where ``variance + ε`` is negative),
    ``goffset = g``, ``gscale = g (x - mean) r``, each summed over what was broadcast.

    Args:
        x: floating, any shape.
        mean, variance: broadcast to the shape of `x`.
        offset, scale: likewise; None for 0 and 1.
        variance_epsilon: ε >= 0, a Python number.

    Returns:
        Tensor of the shape and dtype of `x`.

    Raises:
        InvalidArgumentError: dtypes differ or are not floating; a shape does not broadcast to that
            of `x` (TensorFlow stretches `x`); ε is negative (TensorFlow lets it pass).
        ValueError: what is no tensor.
        TypeError: ε is no number.

    Reference: ``tf.nn.batch_normalization``; Ioffe and Szegedy 2015, arXiv:1502.03167.

    >>> batch_normalization([1.0, 3.0], 2.0, 1.0, None, None, 0.0).numpy()
    array([-1.,  1.], dtype=float32)
    """
    where = "batch_normalization"
    given = {
        "mean": mean,
        "variance": variance,
        "offset": 0 if offset is None else offset,
        "scale": 1 if scale is None else scale,
    }
    tensors = matching(where, x=floating(where, "x", x), **given)
    shape = tensors[0]._data.shape
    for name, t in zip(given, tensors[1:], strict=True):
        if not reaches(t._data.shape, shape):
            raise InvalidArgumentError(
                f"{where}: `{name}` must broadcast to the shape of `x`: Incompatible shapes: "
                f"{brackets(t._data.shape)} vs. {brackets(shape)}"
            )
    epsilon = checked_epsilon(where, "variance_epsilon", variance_epsilon)
    return apply(BATCH_NORMALIZATION, *tensors, epsilon=epsilon, relu=False)


def checked_epsilon(where: str, name: str, value: Any) -> float:
    """The argument `name`, a number that is not negative."""
    if not isinstance(value, int | float | np.number):
        raise DtypeError(say(where, name, "must be a number", value))
    if not value >= 0:
        raise invalid(where, name, "must be >= 0", value)
    return float(value)


def _batch_normalization(
    x: Array,
    mean: Array,
    variance: Array,
    offset: Array,
    scale: Array,
    epsilon: float,
    relu: bool,
) -> tuple[Array, None]:
    """`relu` is that of `scratchnet.ops.fused_batch_norm`."""
    if _are_channels(x, mean, variance, offset, scale):
        rows = as_kernel_input(x).reshape(-1, x.shape[-1])
        slope = scale / np.sqrt(variance.astype(np.float64) + epsilon)
        return kernels.normalize(rows, mean, slope, offset, relu).reshape(x.shape), None
    slope = scale / np.sqrt(variance + variance.dtype.type(epsilon))
    y = x * slope + (offset - mean * slope)
    return np.maximum(y, 0) if relu else y, None


def _are_channels(x: Array, *others: Array) -> bool:
    """Whether the kernel takes these, `x` being large and the others (C,) or scalars."""
    if x.size < LARGE or x.dtype.char not in "fd":
        return False
    return all(a.shape in (x.shape[-1:], ()) for a in others)


def _through_relu(g: Tensor, record: Record, wanted: tuple[bool, ...]) -> Tensor:
    return relu_gradient(g, record.output) if record.attrs["relu"] else g


def _slope(record: Record) -> Tensor:
    """``r scale``."""
    _, _, variance, _, scale = record.inputs
    return rsqrt(variance + record.attrs["epsilon"]) * scale


def _gx(g: Tensor, record: Record) -> Tensor:
    return g * _slope(record)


def _gmean(g: Tensor, record: Record) -> Tensor:
    return -g * _slope(record)


def _gvariance(g: Tensor, record: Record) -> Tensor:
    x, mean, variance, _, scale = record.inputs
    r = rsqrt(variance + record.attrs["epsilon"])
    per_slope = np.broadcast_shapes(variance._data.shape, scale._data.shape)
    g_slope = sum_to(g * (x - mean), per_slope)  # before the rest, which is smaller, and which
    g_r = sum_to(g_slope * scale, variance._data.shape)  # is nan for a negative variance
    return rsqrt_gradient(g_r, r)  # but where the cotangent is 0


def _goffset(g: Tensor, record: Record) -> Tensor:
    return g


def _gscale(g: Tensor, record: Record) -> Tensor:
    x, mean, variance, _, _ = record.inputs
    return g * (x - mean) * rsqrt(variance + record.attrs["epsilon"])


BATCH_NORMALIZATION = register(
    Op(
        "batch_normalization",
        batch_normalization,
        _batch_normalization,
        vjps=(_gx, _gmean, _gvariance, _goffset, _gscale),
        prologue=_through_relu,
        broadcasts=True,
    )
)
