"""Rectifiers, relu and its kin: piecewise, mostly linear.  `y` is the output, `g` its cotangent.

The second derivative of a linear piece is zeros, not None, as in TensorFlow.

Raises, all of them: InvalidArgumentError (also a TypeError) for bools, and for integers where they
are not said to be taken; ValueError for what is no tensor.
"""

from __future__ import annotations

import numpy as np

from scratchnet.engine.dtypes import Array
from scratchnet.engine.errors import say
from scratchnet.engine.op import Op, Record, register
from scratchnet.engine.tensor import Tensor, TensorLike, apply
from scratchnet.kernels import elementwise as kernels
from scratchnet.kernels.buffer_pool import empty_like
from scratchnet.kernels.elementwise import are_large
from scratchnet.ops.arguments import cotangent_and, floating, one_axis, real
from scratchnet.ops.comparison import where
from scratchnet.ops.concat_split import concat
from scratchnet.ops.creation import cast


def relu(features: TensorLike) -> Tensor:
    """``y = max(x, 0)``, of integers too.  VJP: ``gx = g [y > 0]``: 0 at 0, and 0 where `x` is nan.

    A product, as in TensorFlow: where g is inf or nan, gx is nan at what is not positive.

    Reference: ``tf.nn.relu``.

    >>> relu([-1.0, 0.0, 2.0]).numpy()
    array([0., 0., 2.], dtype=float32)
    """
    return apply(RELU, real("relu", "features", features))


def _relu(x: Array) -> tuple[Array, None]:
    if not are_large(x):
        return np.maximum(x, 0), None
    y = empty_like(x)
    kernels.relu(x.ravel(), y.ravel())
    return y, None


def _relu_gx(g: Tensor, record: Record) -> Tensor:
    return apply(RELU_GRADIENT, g, record.output)


RELU = register(Op("relu", relu, _relu, vjps=(_relu_gx,)))


def relu_gradient(gradients: TensorLike, features: TensorLike) -> Tensor:
    """``gx = g [y > 0]``, g being the `gradients` and y the `features`.

    VJP: for a cotangent h, ``gg = relu_gradient(h, y)``, ``gy = 0``.

    Args:
        gradients: g, the cotangent of what `relu` returned; floating.
        features: y, what it returned, or what it was given; of the same shape and dtype.

    Raises:
        InvalidArgumentError: as all here; two shapes or dtypes.

    Reference: ``tf.raw_ops.ReluGrad``.

    >>> relu_gradient([5.0, 6.0], [0.0, 2.0]).numpy()
    array([0., 6.], dtype=float32)
    """
    return apply(RELU_GRADIENT, *cotangent_and("relu_gradient", gradients, features=features))


def _relu_gradient(g: Array, y: Array) -> tuple[Array, None]:
    if not are_large(g, y):
        return g * (y > 0), None
    x = empty_like(g)
    kernels.relu_gradient(g.ravel(), y.ravel(), x.ravel())
    return x, None


def _relu_gradient_gg(h: Tensor, record: Record) -> Tensor:
    return apply(RELU_GRADIENT, h, record.inputs[1])


def _relu_gradient_gy(h: Tensor, record: Record) -> Tensor:
    return Tensor(np.zeros_like(record.inputs[1]._data))


RELU_GRADIENT = register(
    Op(
        "relu_gradient",
        relu_gradient,
        _relu_gradient,
        vjps=(_relu_gradient_gg, _relu_gradient_gy),
    )
)


def relu6(features: TensorLike) -> Tensor:
    """``y = min(max(x, 0), 6)``, of integers too.  VJP: ``gx = g [0 < y < 6]``.

    Reference: ``tf.nn.relu6``.

    >>> relu6([-1.0, 3.0, 8.0]).numpy()
    array([0., 3., 6.], dtype=float32)
    """
    return apply(RELU6, real("relu6", "features", features))


def _relu6(x: Array) -> tuple[Array, None]:
    return np.minimum(np.maximum(x, 0), 6).astype(x.dtype, copy=False), None


def _relu6_gx(g: Tensor, record: Record) -> Tensor:
    return apply(RELU6_GRADIENT, g, record.output)


RELU6 = register(Op("relu6", relu6, _relu6, vjps=(_relu6_gx,)))


def relu6_gradient(gradients: TensorLike, features: TensorLike) -> Tensor:
    """``gx = g [0 < y < 6]``, g being the `gradients` and y the `features`.

    VJP: for a cotangent h, ``gg = relu6_gradient(h, y)``, ``gy = 0``.

    Args:
        gradients: g, the cotangent of what `relu6` returned; floating.
        features: y, what it returned, or what it was given; of the same shape and dtype.

    Raises:
        InvalidArgumentError: as all here; two shapes or dtypes.

    Reference: ``tf.raw_ops.Relu6Grad``.

    >>> relu6_gradient([5.0, 6.0, 7.0], [0.0, 2.0, 6.0]).numpy()
    array([0., 6., 0.], dtype=float32)
    """
    return apply(RELU6_GRADIENT, *cotangent_and("relu6_gradient", gradients, features=features))


def _relu6_gradient(g: Array, y: Array) -> tuple[Array, None]:
    return g * ((y > 0) & (y < 6)), None


def _relu6_gradient_gg(h: Tensor, record: Record) -> Tensor:
    return apply(RELU6_GRADIENT, h, record.inputs[1])


RELU6_GRADIENT = register(
    Op(
        "relu6_gradient",
        relu6_gradient,
        _relu6_gradient,
        vjps=(_relu6_gradient_gg, _relu_gradient_gy),
    )
)


def crelu(features: TensorLike, axis: int = -1) -> Tensor:
    """``relu(x)`` and ``relu(-x)``, one after the other along `axis`.

    Raises:
        InvalidArgumentError: as all here; rank 0; `axis` out of range.

    Reference: ``tf.nn.crelu``.

    >>> crelu([-1.0, 2.0]).numpy()
    array([0., 2., 1., 0.], dtype=float32)
    """
    x = real("crelu", "features", features)
    k = one_axis("crelu", "axis", axis, x._data.ndim)
    return relu(concat([x, -x], k))


register(Op("crelu", crelu))


def leaky_relu(features: TensorLike, alpha: float = 0.2) -> Tensor:
    """``y = x`` where ``x > 0``, else ``alpha x``.  VJP: ``gx = g`` or ``alpha g``; alpha at 0.

    Args:
        features: floating; integers become float32.
        alpha: a number, rounded to float32 whatever the dtype of `features`, as in TensorFlow.

    Raises:
        InvalidArgumentError: `features` is bool.
        TypeError: `alpha` is no number (TensorFlow takes None for 0.2).

    Reference: ``tf.nn.leaky_relu``.

    >>> leaky_relu([-1.0, 2.0]).numpy()
    array([-0.2,  2. ], dtype=float32)
    """
    x = real("leaky_relu", "features", features)
    if x._data.dtype.kind in "iu":
        x = cast(x, np.float32)
    return apply(LEAKY_RELU, x, alpha=_slope("leaky_relu", alpha))


def _slope(where: str, alpha: float) -> float:
    """`alpha`, rounded to float32."""
    if not isinstance(alpha, int | float | np.number):
        raise TypeError(say(where, "alpha", "must be a number", alpha))
    return float(np.float32(alpha))


def _leaky_relu(x: Array, alpha: float) -> tuple[Array, None]:
    slope = x.dtype.type(alpha)
    if not are_large(x):
        return np.where(x > 0, x, x * slope), None
    y = empty_like(x)
    kernels.leaky_relu(x.ravel(), slope, y.ravel())
    return y, None


def _leaky_relu_gx(g: Tensor, record: Record) -> Tensor:
    return apply(LEAKY_RELU_GRADIENT, g, record.inputs[0], **record.attrs)


LEAKY_RELU = register(Op("leaky_relu", leaky_relu, _leaky_relu, vjps=(_leaky_relu_gx,)))


def leaky_relu_gradient(gradients: TensorLike, features: TensorLike, alpha: float = 0.2) -> Tensor:
    """``gx = g`` where ``x > 0``, else ``alpha g``, g being the `gradients`, x the `features`.

    VJP: for a cotangent h, ``gg = leaky_relu_gradient(h, x, alpha)``, ``gx = 0``.

    Args:
        gradients: g, the cotangent of what `leaky_relu` returned; floating.
        features: x, what it was given; of the same shape and dtype.
        alpha: as of `leaky_relu`.

    Raises:
        InvalidArgumentError: as all here; two shapes or dtypes.
        TypeError: `alpha` is no number.

    Reference: ``tf.raw_ops.LeakyReluGrad``.

    >>> leaky_relu_gradient([5.0, 6.0], [0.0, 2.0]).numpy()
    array([1., 6.], dtype=float32)
    """
    g, x = cotangent_and("leaky_relu_gradient", gradients, features=features)
    return apply(LEAKY_RELU_GRADIENT, g, x, alpha=_slope("leaky_relu_gradient", alpha))


def _leaky_relu_gradient(g: Array, x: Array, alpha: float) -> tuple[Array, None]:
    slope = g.dtype.type(alpha)
    if not are_large(g, x):
        return np.where(x > 0, g, g * slope), None
    gx = empty_like(g)
    kernels.leaky_relu_gradient(g.ravel(), x.ravel(), slope, gx.ravel())
    return gx, None


def _leaky_relu_gradient_gg(h: Tensor, record: Record) -> Tensor:
    return apply(LEAKY_RELU_GRADIENT, h, record.inputs[1], **record.attrs)


def _leaky_relu_gradient_gx(h: Tensor, record: Record) -> Tensor:
    return Tensor(np.zeros_like(record.inputs[1]._data))


LEAKY_RELU_GRADIENT = register(
    Op(
        "leaky_relu_gradient",
        leaky_relu_gradient,
        _leaky_relu_gradient,
        vjps=(_leaky_relu_gradient_gg, _leaky_relu_gradient_gx),
    )
)


def elu(features: TensorLike) -> Tensor:
    """``y = x`` where ``x >= 0``, else ``eˣ - 1``.

    VJP: ``gx = g``, or ``g (y + 1)`` where ``y < 0``.

    Reference: ``tf.nn.elu``.

    >>> elu([0.0, 2.0, -1000.0]).numpy()
    array([ 0.,  2., -1.], dtype=float32)
    """
    return apply(ELU, floating("elu", "features", features))


def _elu(x: Array) -> tuple[Array, None]:
    return np.where(x < 0, np.expm1(np.minimum(x, 0)), x), None


def _elu_gx(g: Tensor, record: Record) -> Tensor:
    return apply(ELU_GRADIENT, g, record.output)


ELU = register(Op("elu", elu, _elu, vjps=(_elu_gx,)))


def elu_gradient(gradients: TensorLike, output: TensorLike) -> Tensor:
    """``gx = g``, or ``g (y + 1)`` where ``y < 0``, g being the `gradients` and y the `output`.

    VJP: for a cotangent h, ``gg = elu_gradient(h, y)``, and ``gy = h g`` where ``y < 0``, else 0.

    Args:
        gradients: g, the cotangent of what `elu` returned; floating.
        output: y, what it returned; of the same shape and dtype.

    Raises:
        InvalidArgumentError: as all here; two shapes or dtypes.

    Reference: ``tf.raw_ops.EluGrad``.

    >>> elu_gradient([8.0, 4.0], [-0.5, 3.0]).numpy()
    array([4., 4.], dtype=float32)
    """
    return apply(ELU_GRADIENT, *cotangent_and("elu_gradient", gradients, output=output))


def _elu_gradient(g: Array, y: Array) -> tuple[Array, None]:
    return np.where(y < 0, (y + 1) * g, g), None


def _elu_gradient_gg(h: Tensor, record: Record) -> Tensor:
    return apply(ELU_GRADIENT, h, record.inputs[1])


def _where_negative_gy(h: Tensor, record: Record) -> Tensor:
    g, y = record.inputs
    return where(y < 0, h * g, 0)


ELU_GRADIENT = register(
    Op(
        "elu_gradient",
        elu_gradient,
        _elu_gradient,
        vjps=(_elu_gradient_gg, _where_negative_gy),
    )
)


_SCALE, _ALPHA = 1.0507009873554805, 1.6732632423543772


def selu(features: TensorLike) -> Tensor:
    """``y = 1.0507 x`` where ``x >= 0``, else ``1.0507 · 1.6733 (eˣ - 1)``.

    VJP: ``gx = 1.0507 g``, or ``g (y + 1.7581)`` where ``y < 0``.

    Reference: ``tf.nn.selu``.

    >>> selu([0.0, 1.0, -1000.0]).numpy().round(4)
    array([ 0.    ,  1.0507, -1.7581], dtype=float32)
    """
    return apply(SELU, floating("selu", "features", features))


def _selu(x: Array) -> tuple[Array, None]:
    below = np.expm1(np.minimum(x, 0)) * x.dtype.type(_SCALE * _ALPHA)
    return np.where(x < 0, below, x * x.dtype.type(_SCALE)), None


def _selu_gx(g: Tensor, record: Record) -> Tensor:
    return apply(SELU_GRADIENT, g, record.output)


SELU = register(Op("selu", selu, _selu, vjps=(_selu_gx,)))


def selu_gradient(gradients: TensorLike, output: TensorLike) -> Tensor:
    """``gx = 1.0507 g``, or ``g (y + 1.7581)`` where ``y < 0``, y being the `output`.

    VJP: for a cotangent h, ``gg = selu_gradient(h, y)``, and ``gy = h g`` where ``y < 0``, else 0.

    Args:
        gradients: g, the cotangent of what `selu` returned; floating.
        output: y, what it returned; of the same shape and dtype.

    Raises:
        InvalidArgumentError: as all here; two shapes or dtypes.

    Reference: ``tf.raw_ops.SeluGrad``.

    >>> selu_gradient([2.0, 4.0], [-0.7581, 3.0]).numpy().round(4)
    array([2.    , 4.2028], dtype=float32)
    """
    return apply(SELU_GRADIENT, *cotangent_and("selu_gradient", gradients, output=output))


def _selu_gradient(g: Array, y: Array) -> tuple[Array, None]:
    below = g * (y + y.dtype.type(_SCALE * _ALPHA))
    return np.where(y < 0, below, g * g.dtype.type(_SCALE)), None


def _selu_gradient_gg(h: Tensor, record: Record) -> Tensor:
    return apply(SELU_GRADIENT, h, record.inputs[1])


SELU_GRADIENT = register(
    Op(
        "selu_gradient",
        selu_gradient,
        _selu_gradient,
        vjps=(_selu_gradient_gg, _where_negative_gy),
    )
)
