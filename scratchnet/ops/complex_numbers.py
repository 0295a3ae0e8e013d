"""Complex numbers: made of two parts, taken apart, conjugated.

A real L of a complex ``z = a + b i`` has the gradient ``∂L/∂a + i ∂L/∂b`` (elsewhere it is the
conjugate of that): the direction in which L grows fastest.  So the VJP of a function f that has a
complex derivative is ``gz = g conj(f'(z))``, and every VJP that multiplies by a derivative takes
its conjugate, which `conj` leaves as it is where it is real.

Raises, all of them: InvalidArgumentError (also a TypeError) for a dtype that has no parts;
ValueError for what is no tensor.
"""

from __future__ import annotations

import numpy as np

from scratchnet.engine.dtypes import Array
from scratchnet.engine.errors import DtypeError
from scratchnet.engine.op import Op, Record, register
from scratchnet.engine.tensor import Tensor, TensorLike, apply
from scratchnet.ops.arguments import broadcastable, numeric, tensor
from scratchnet.ops.comparison import less, where


def complex(real: TensorLike, imag: TensorLike) -> Tensor:
    """``z = real + imag i``: complex64 of float32, complex128 of float64.

    VJP: ``greal = real(g)``, ``gimag = imag(g)``.

    Args:
        real, imag: float32 or float64, of one dtype, which neither takes from the other (a Python
            float is a float32); their shapes broadcast.

    Reference: ``tf.complex``.

    >>> complex([1.0, 2.0], 3.0).numpy()
    array([1.+3.j, 2.+3.j], dtype=complex64)
    """
    a, b = tensor("complex", "real", real), tensor("complex", "imag", imag)
    if a._data.dtype != b._data.dtype or a._data.dtype.char not in "fd":
        raise DtypeError(
            "complex: `real` and `imag`: The `real` and `imag` components have incorrect types: "
            f"{a.dtype.name} {b.dtype.name}. They must be consistent, and one of float32 and "
            "float64 (a Python integer is neither: write 0.0)"
        )
    broadcastable("complex", a, b)
    return apply(COMPLEX, a, b)


def _complex(real: Array, imag: Array) -> tuple[Array, None]:
    kind = np.complex64 if real.dtype == np.float32 else np.complex128
    z = np.empty(np.broadcast_shapes(real.shape, imag.shape), kind)
    z.real, z.imag = real, imag  # `real + 1j * imag` is nan where imag is inf
    return z, None


def _zeros(x: Tensor) -> Tensor:
    return Tensor(np.zeros_like(x._data))


def _complex_greal(g: Tensor, record: Record) -> Tensor:
    return real(g)


def _complex_gimag(g: Tensor, record: Record) -> Tensor:
    return imag(g)


COMPLEX = register(
    Op(
        "complex",
        complex,
        _complex,
        vjps=(_complex_greal, _complex_gimag),
        broadcasts=True,
        complex_vjps=True,
    )
)


def real(input: TensorLike) -> Tensor:
    """The real part; of real numbers they themselves.  VJP: ``gz = g + 0 i``.

    Reference: ``tf.math.real``.

    >>> real([1 + 2j]).numpy()
    array([1.])
    """
    z = numeric("real", "input", input)
    return apply(REAL, z) if z._data.dtype.kind == "c" else z


def _real(z: Array) -> tuple[Array, None]:
    return z.real.copy(), None  # not a view, which would keep the imaginary part alive


def _real_gz(g: Tensor, record: Record) -> Tensor:
    return complex(g, _zeros(g))


REAL = register(Op("real", real, _real, vjps=(_real_gz,), complex_vjps=True))


def imag(input: TensorLike) -> Tensor:
    """The imaginary part; of real numbers zeros.  VJP: ``gz = 0 + g i``.

    Reference: ``tf.math.imag``.

    >>> imag([1 + 2j]).numpy()
    array([2.])
    """
    z = tensor("imag", "input", input)
    return apply(IMAG, z) if z._data.dtype.kind == "c" else Tensor(np.zeros_like(z._data))


def _imag(z: Array) -> tuple[Array, None]:
    return z.imag.copy(), None


def _imag_gz(g: Tensor, record: Record) -> Tensor:
    return complex(_zeros(g), g)


IMAG = register(Op("imag", imag, _imag, vjps=(_imag_gz,), complex_vjps=True))


def angle(input: TensorLike) -> Tensor:
    """The angle of ``a + b i``, ``atan2(b, a)``; of real numbers π where negative, else 0.

    VJP: ``gz = i g z / |z|²``, inf and nan at 0.  Of real numbers there is no gradient.

    Reference: ``tf.math.angle``.

    >>> angle([1j, -1 + 0j]).numpy().round(4)
    array([1.5708, 3.1416])
    """
    z = tensor("angle", "input", input)
    if z._data.dtype.kind == "c":
        return apply(ANGLE, z)
    if z._data.dtype.kind != "f":
        rule = "must be complex or floating"
        raise DtypeError(f"angle: `input` {rule}, received dtype {z.dtype.name}")
    return where(less(z, 0), Tensor(np.full_like(z._data, np.pi)), _zeros(z))


def _angle(z: Array) -> tuple[Array, None]:
    return np.angle(z), None


def _angle_gz(g: Tensor, record: Record) -> Tensor:
    z = record.inputs[0]
    return -complex(g, _zeros(g)) / complex(imag(z), real(z))


ANGLE = register(Op("angle", angle, _angle, vjps=(_angle_gz,), complex_vjps=True))


def conj(x: TensorLike) -> Tensor:
    """``y = a - b i`` of ``x = a + b i``; real numbers as they are.  VJP: ``gx = conj(g)``.

    Reference: ``tf.math.conj``.

    >>> conj([1 + 2j]).numpy()
    array([1.-2.j])
    """
    if type(x) is Tensor and x._data.dtype.kind == "f":  # the usual case, in VJPs of all kinds
        return x
    z = tensor("conj", "x", x)
    kind = z._data.dtype.kind
    if kind == "b":
        raise DtypeError(f"conj: `x` must be numeric, received dtype {z.dtype.name}")
    return apply(CONJ, z) if kind == "c" else z


def _conj(x: Array) -> tuple[Array, None]:
    return np.conj(x), None


def _conj_gx(g: Tensor, record: Record) -> Tensor:
    return conj(g)


CONJ = register(Op("conj", conj, _conj, vjps=(_conj_gx,), complex_vjps=True))
