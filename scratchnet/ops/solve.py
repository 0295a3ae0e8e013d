"""Determinants, inverses and linear equations, of one square matrix or a batch of them (…, n, n).

Raises, all of them: InvalidArgumentError for matrices that are not square, or not invertible where
they have to be, and (also a TypeError) for a dtype that is not float32 or float64; ValueError for
what is no tensor.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from scratchnet.engine.dtypes import Array
from scratchnet.engine.errors import DtypeError, InvalidArgumentError
from scratchnet.engine.op import Op, Record, register
from scratchnet.engine.tensor import Tensor, TensorLike, apply
from scratchnet.ops.arguments import brackets, flag, matching, tensor
from scratchnet.ops.diagonal import band_part, diag, diag_part, matrix_transpose
from scratchnet.ops.matmul import matmul
from scratchnet.ops.shape import reshape


def _square(where: str, name: str, x: Tensor) -> Tensor:
    if x._data.dtype.name not in ("float32", "float64"):
        raise DtypeError(f"{where}: `{name}` must be float32 or float64, received {x.dtype.name}")
    shape = x._data.shape
    if len(shape) < 2 or shape[-1] != shape[-2]:
        raise InvalidArgumentError(
            f"{where}: `{name}`: Input matrix must be square, and of rank 2 at least, received "
            f"shape {brackets(shape)}"
        )
    return x


def _invertible(where: str, f: Callable[..., Any], *arrays: Array) -> Array:
    try:
        found: Array = f(*arrays)
    except np.linalg.LinAlgError:
        raise InvalidArgumentError(f"{where}: Input matrix is not invertible.") from None
    return found


def det(input: TensorLike) -> Tensor:
    """The determinant.  VJP: ``gA = g y A⁻ᵀ``; there is none where `input` is not invertible.

    Returns:
        Tensor of shape (…).

    Reference: ``tf.linalg.det``.

    >>> det([[1.0, 2.0], [3.0, 4.0]]).numpy().round(4)
    np.float32(-2.0)
    """
    return apply(DET, _square("det", "input", tensor("det", "input", input)))


def _det(x: Array) -> tuple[Array, None]:
    y = np.asarray(np.linalg.det(x))
    # LAPACK ends at a pivot of 0; where that is divided by infinity nothing is known of the rest.
    unknown = (y == 0) & ~np.isfinite(x).all((-2, -1))
    return np.where(unknown, y.dtype.type(np.nan), y) if unknown.any() else y, None


def _det_gx(g: Tensor, record: Record) -> Tensor:
    c = g * record.output
    return reshape(c, [*c._data.shape, 1, 1]) * inv(record.inputs[0], adjoint=True)


DET = register(Op("det", det, _det, vjps=(_det_gx,)))


def inv(input: TensorLike, adjoint: bool = False) -> Tensor:
    """``Y = A⁻¹``, or ``A⁻ᵀ`` if `adjoint`.  VJP: ``gA = -Yᵀ g Yᵀ``.

    Reference: ``tf.linalg.inv``.

    >>> inv([[2.0, 0.0], [0.0, 4.0]]).numpy()
    array([[0.5 , 0.  ],
           [0.  , 0.25]], dtype=float32)
    """
    x = _square("inv", "input", tensor("inv", "input", input))
    return apply(INV, matrix_transpose(x) if flag("inv", "adjoint", adjoint) else x)


def _inv(x: Array) -> tuple[Array, None]:
    return _invertible("inv", np.linalg.inv, x), None


def _inv_gx(g: Tensor, record: Record) -> Tensor:
    y = record.output
    return -matmul(matmul(y, g, transpose_a=True), y, transpose_b=True)


INV = register(Op("inv", inv, _inv, vjps=(_inv_gx,)))


def solve(matrix: TensorLike, rhs: TensorLike, adjoint: bool = False) -> Tensor:
    """The X of ``A X = B``, or of ``Aᵀ X = B`` if `adjoint`.

    VJP: ``gB = A⁻ᵀ g``, ``gA = -gB Xᵀ``.

    Args:
        matrix: A, (…, n, n).
        rhs: B, (…, n, k), of the same dtype and leading axes; a vector has k = 1.
        adjoint: whether A is transposed.

    Returns:
        Tensor of the shape of `rhs`.

    Reference: ``tf.linalg.solve``.

    >>> solve([[2.0, 0.0], [0.0, 4.0]], [[2.0], [2.0]]).numpy()
    array([[1. ],
           [0.5]], dtype=float32)
    """
    a, b = matching("solve", matrix=matrix, rhs=rhs)
    adjoint = flag("solve", "adjoint", adjoint)
    _square("solve", "matrix", a)
    left, right = a._data.shape, b._data.shape
    if right[:-1] != left[:-1]:
        raise InvalidArgumentError(
            "solve: `rhs` must have as many rows as `matrix`, the same rank and outer dimensions, "
            f"received {brackets(left)} and {brackets(right)}"
        )
    return apply(SOLVE, matrix_transpose(a) if adjoint else a, b)


def solve_triangular(a: Tensor, b: Tensor, lower: bool) -> Tensor:
    """`solve` of a triangular matrix, in which nan and infinity reach what depends on them.

    LAPACK's solution of any system may skip products of 0 with them, and takes the rows in another
    order.
    """
    if np.isfinite(a._data).all() and np.isfinite(b._data).all():
        return solve(a, b)
    return apply(SOLVE, a, b, lower=lower)


def _solve(a: Array, b: Array, lower: bool | None = None) -> tuple[Array, None]:
    if lower is None:
        return _invertible("solve", np.linalg.solve, a, b), None
    if (np.diagonal(a, axis1=-2, axis2=-1) == 0).any():
        raise InvalidArgumentError("solve: Input matrix is not invertible.")
    x, n = np.zeros_like(b), a.shape[-1]
    for i in range(n) if lower else reversed(range(n)):
        known = slice(0, i) if lower else slice(i + 1, n)
        rest = b[..., i, :] - (a[..., i : i + 1, known] @ x[..., known, :])[..., 0, :]
        x[..., i, :] = rest / a[..., i, i, None]
    return x, None


def _solve_ga(g: Tensor, record: Record) -> Tensor:
    return -matmul(_solve_gb(g, record), record.output, transpose_b=True)


def _solve_gb(g: Tensor, record: Record) -> Tensor:
    return solve(record.inputs[0], g, adjoint=True)


SOLVE = register(Op("solve", solve, _solve, vjps=(_solve_ga, _solve_gb)))


def cholesky(input: TensorLike) -> Tensor:
    """The lower triangular L of ``A = L Lᵀ``; only the lower triangle of `input` is read.

    VJP: ``gA = (S + Sᵀ) / 2``, ``S = L⁻ᵀ Φ(Lᵀ g) L⁻¹``, where Φ keeps the lower triangle and half
    of the diagonal.

    A matrix that is not positive definite has a factor of nan.

    Reference: ``tf.linalg.cholesky``.

    >>> cholesky([[4.0, 2.0], [2.0, 5.0]]).numpy()
    array([[2., 0.],
           [1., 2.]], dtype=float32)
    """
    return apply(CHOLESKY, _square("cholesky", "input", tensor("cholesky", "input", input)))


def _cholesky(x: Array) -> tuple[Array, None]:
    out = np.empty_like(x)
    for i in np.ndindex(x.shape[:-2]):
        try:
            out[i] = (np.linalg.cholesky if np.isfinite(x[i]).all() else _cholesky_one)(x[i])
        except np.linalg.LinAlgError:
            out[i] = np.tril(np.full_like(x[i], np.nan))
    return out, None


def _cholesky_one(x: Array) -> Array:
    """Row by row: LAPACK may skip products of 0 with inf or nan."""
    y = np.zeros_like(x)
    for i in range(len(x)):
        for j in range(i):
            y[i, j] = (x[i, j] - y[i, :j] @ y[j, :j]) / y[j, j]
        square = x[i, i] - y[i, :i] @ y[i, :i]
        if square <= 0:
            raise np.linalg.LinAlgError
        y[i, i] = np.sqrt(square)
    return y


def _cholesky_gx(g: Tensor, record: Record) -> Tensor:
    y = record.output
    inverse = inv(y)
    inner = matmul(y, g, transpose_a=True)
    halved = band_part(inner, -1, 0) - diag(diag_part(inner)) * 0.5
    s = matmul(matmul(inverse, halved, transpose_a=True), inverse)
    return (s + matrix_transpose(s)) * 0.5


CHOLESKY = register(Op("cholesky", cholesky, _cholesky, vjps=(_cholesky_gx,)))
