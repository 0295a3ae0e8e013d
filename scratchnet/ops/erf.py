"""The error function and its complement.  `y` is the output, `g` its cotangent.

Raises, both: InvalidArgumentError (also a TypeError) for anything but a floating dtype; ValueError
for what is no tensor.
"""

from __future__ import annotations

import math

import numpy as np

from scratchnet.engine.dtypes import Array
from scratchnet.engine.op import Op, Record, register
from scratchnet.engine.tensor import Tensor, TensorLike, apply
from scratchnet.kernels import erf as kernels
from scratchnet.kernels.jit import Kernel
from scratchnet.ops.arguments import floating
from scratchnet.ops.arithmetic import square
from scratchnet.ops.exponential import exp


def erf(x: TensorLike) -> Tensor:
    """``y = 2/√π ∫ exp(-t²) dt`` from 0 to x.  VJP: ``gx = 2/√π g exp(-x²)``.

    Reference: ``tf.math.erf``, which makes nan of a float64 inf.

    >>> erf([0.0, 1.0, -10.0]).numpy().round(4)
    array([ 0.    ,  0.8427, -1.    ], dtype=float32)
    """
    return apply(ERF, floating("erf", "x", x))


def erfc(x: TensorLike) -> Tensor:
    """``y = 1 - erf x``, exact also where that is tiny.  VJP: ``gx = -2/√π g exp(-x²)``.

    Reference: ``tf.math.erfc``.

    >>> erfc([0.0, 5.0]).numpy()
    array([1.0000000e+00, 1.5374597e-12], dtype=float32)
    """
    return apply(ERFC, floating("erfc", "x", x))


def _each(kernel: Kernel, x: Array) -> Array:
    wide = np.promote_types(x.dtype, np.float32)  # numba has no float16
    flat = np.ascontiguousarray(x, wide).ravel()
    y = np.empty_like(flat)
    kernel(flat, y)
    return y.reshape(x.shape).astype(x.dtype, copy=False)


def _erf(x: Array) -> tuple[Array, None]:
    return _each(kernels.erf, x), None


def _erfc(x: Array) -> tuple[Array, None]:
    return _each(kernels.erfc, x), None


_SLOPE = 2 / math.sqrt(math.pi)


def _erf_gx(g: Tensor, record: Record) -> Tensor:
    return g * _SLOPE * exp(-square(record.inputs[0]))


def _erfc_gx(g: Tensor, record: Record) -> Tensor:
    return g * -_SLOPE * exp(-square(record.inputs[0]))


ERF = register(Op("erf", erf, _erf, vjps=(_erf_gx,)))
ERFC = register(Op("erfc", erfc, _erfc, vjps=(_erfc_gx,)))
