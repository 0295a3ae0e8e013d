"""Eigenvalues, singular values, QR, and what is made with them; one matrix or a batch (…, m, n).

The vectors of a decomposition are known up to their signs only: those of `eigh` and `svd` may be
the opposite ones of TensorFlow's.  What does not depend on them is equal.

Raises, all of them: InvalidArgumentError for a rank below 2 and matrices that are not square where
they have to be, and (also a TypeError) for a dtype that is not float32 or float64; ValueError for
what is no tensor.
"""

from __future__ import annotations

import math
from contextlib import suppress
from functools import reduce
from typing import Any, NamedTuple

import numpy as np

from scratchnet.engine.custom_gradient import custom_gradient
from scratchnet.engine.dtypes import Array
from scratchnet.engine.errors import DtypeError, InvalidArgumentError, UnimplementedError, say
from scratchnet.engine.errstate import ignoring_errors
from scratchnet.engine.op import Op, Record, register
from scratchnet.engine.tensor import Operators, Tensor, TensorLike, apply, convert
from scratchnet.ops.arguments import brackets, flag, matching, tensor
from scratchnet.ops.arithmetic import add, divide
from scratchnet.ops.concat_split import concat
from scratchnet.ops.creation import eye
from scratchnet.ops.diagonal import band_part, diag, diag_part, matrix_transpose
from scratchnet.ops.exponential import log
from scratchnet.ops.matmul import matmul
from scratchnet.ops.reduce import reduce_sum
from scratchnet.ops.shape import expand_dims, reshape
from scratchnet.ops.solve import _square, cholesky, inv, solve, solve_triangular


def _matrix(
    where: str, name: str, value: TensorLike, kind: type[Exception] = InvalidArgumentError
) -> Tensor:
    x = tensor(where, name, value)
    if x._data.dtype.name not in ("float32", "float64"):
        raise DtypeError(f"{where}: `{name}` must be float32 or float64, received {x.dtype.name}")
    if x._data.ndim < 2:
        shape = brackets(x._data.shape)
        raise kind(
            f"{where}: `{name}` must have at least 2 dimensions: rank 2 at least, received {shape}"
        )
    return x


def _system(where: str, name: str, matrix: TensorLike, rhs: TensorLike) -> tuple[Tensor, Tensor]:
    """A square matrix and a right-hand side of as many rows."""
    a, b = matching(where, **{name: matrix, "rhs": rhs})
    _square(where, name, a)
    return _rows_alike(where, name, a, b)


def _rows_alike(where: str, name: str, a: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
    left, right = a._data.shape, b._data.shape
    if left[:-1] != right[:-1]:
        raise InvalidArgumentError(
            f"{where}: `rhs` must have as many rows as `{name}`, the same rank and outer "
            f"dimensions, received {brackets(left)} and {brackets(right)}"
        )
    return a, b


def _inverse_or_zero(x: Tensor) -> Tensor:
    """``1 / x``, and 0 where x is 0: nothing to tell two equal eigenvalues apart by."""
    return divide(x, x * x + 1e-20)


def _gaps(values: Tensor) -> Tensor:
    """``F[i, j] = 1 / (values[j] - values[i])``, and 0 on the diagonal."""
    gaps = _inverse_or_zero(expand_dims(values, -2) - expand_dims(values, -1))
    # Nor a cotangent: the derivative of `_inverse_or_zero` at 0 is huge.
    return gaps * (1.0 - eye(values._data.shape[-1], dtype=values.dtype))


def _scaled(x: Tensor, columns: Tensor) -> Tensor:
    """``x diag(columns)``."""
    return x * expand_dims(columns, -2)


# -- eigenvalues of symmetric matrices ------------------------------------------------------------


def eigh(tensor: TensorLike) -> tuple[Tensor, Tensor]:
    """``A = V diag(e) Vᵀ`` of a symmetric matrix; only its lower triangle is read.

    VJP: ``gA = V (diag(ge) + F ∘ Vᵀ gV) Vᵀ``, F_ij = 1 / (e_j - e_i), brought to the lower
    triangle.

    Args:
        tensor: (…, n, n).

    Returns:
        ``(e, v)``: the eigenvalues (…, n), which rise, and the vectors (…, n, n), its columns.

    Raises:
        InvalidArgumentError: the eigenvalues of a matrix with nan or inf are not found.

    Reference: ``tf.linalg.eigh``.

    >>> e, v = eigh([[2.0, 0.0], [0.0, 1.0]])
    >>> e.numpy()
    array([1., 2.], dtype=float32)
    """
    x = _square("eigh", "tensor", _matrix("eigh", "tensor", tensor))
    both = apply(EIGH, x)
    return both[..., 0, :], both[..., 1:, :]


def _eigh(x: Array) -> tuple[Array, None]:
    try:
        e, v = np.linalg.eigh(x, "L")
    except np.linalg.LinAlgError:
        rule = "must be finite: its eigenvalues were not found"
        raise InvalidArgumentError(say("eigh", "tensor", rule, x)) from None
    return np.concatenate([e[..., None, :], v], axis=-2), None


def _eigh_gx(g: Tensor, record: Record) -> Tensor:
    e, v = record.output[..., 0, :], record.output[..., 1:, :]
    ge, gv = g[..., 0, :], g[..., 1:, :]
    inner = diag(ge) + _gaps(e) * matmul(v, gv, transpose_a=True)
    full = matmul(matmul(v, inner), v, transpose_b=True)
    # Entry (i, j) of the lower triangle stands for (j, i), too.
    return band_part(full + matrix_transpose(full), -1, 0) - diag(diag_part(full))


# The eigenvalues as a first row over the vectors: one op has one output.
EIGH = register(Op("eigh", eigh, _eigh, vjps=(_eigh_gx,)))


def eigvalsh(tensor: TensorLike) -> Tensor:
    """The eigenvalues of a symmetric matrix, as of `eigh`.  Reference: ``tf.linalg.eigvalsh``.

    >>> eigvalsh([[2.0, 0.0], [0.0, 1.0]]).numpy()
    array([1., 2.], dtype=float32)
    """
    x = _square("eigvalsh", "tensor", _matrix("eigvalsh", "tensor", tensor))
    return apply(EIGH, x)[..., 0, :]


# -- singular values ------------------------------------------------------------------------------


def svd(
    tensor: TensorLike, full_matrices: bool = False, compute_uv: bool = True
) -> Tensor | tuple[Tensor, Tensor, Tensor]:
    """``A = U diag(s) Vᵀ`` with orthonormal columns of U and V.

    VJP, with F_ij = 1 / (s_j² - s_i²) and S = diag(s):

        gA = U (diag(gs) + (F ∘ (UᵀgU - gUᵀU)) S + S (F ∘ (VᵀgV - gVᵀV))) Vᵀ
           + (I - UUᵀ) gU S⁻¹ Vᵀ + U S⁻¹ gVᵀ (I - VVᵀ)

    Args:
        tensor: (…, m, n).
        full_matrices: whether U and V are square; of matrices that are not, nothing but s has a
            gradient then: the columns that are added could be any others.
        compute_uv: whether U and V are returned.

    Returns:
        ``(s, u, v)``: s of shape (…, k) with k = min(m, n), which falls; u (…, m, k), v (…, n, k),
        or (…, m, m) and (…, n, n) with `full_matrices`. Without `compute_uv`, s.

    Raises:
        UnimplementedError: a gradient through the vectors that `full_matrices` adds.

    Reference: ``tf.linalg.svd``.

    >>> s, u, v = svd([[0.0, 2.0], [1.0, 0.0]])
    >>> s.numpy()
    array([2., 1.], dtype=float32)
    """
    x = _matrix("svd", "tensor", tensor)
    m, n = x._data.shape[-2:]
    full = flag("svd", "full_matrices", full_matrices)
    vectors = flag("svd", "compute_uv", compute_uv)
    both = apply(SVD, x)
    s = both[..., 0, :]
    if not vectors:
        return s
    if full and m != n:
        return s, *_full_vectors(x)
    return s, both[..., 1 : m + 1, :], both[..., m + 1 :, :]


@custom_gradient
def _full_vectors(x: Tensor) -> Any:
    """U (…, m, m) and V (…, n, n), which refuse to be differentiated."""

    def grad(*_: Tensor) -> Tensor:
        m, n = x._data.shape[-2:]
        rule = (
            f"must be False where the vectors of matrices that are not square, as this {m} x {n} "
            "one, are differentiated"
        )
        raise UnimplementedError(say("svd", "full_matrices", rule, True))

    finite, data = _or_zeros(x._data)
    u, _, vh = np.linalg.svd(data, full_matrices=True)
    nan = x._data.dtype.type(np.nan)
    square = [np.where(finite[..., None], y, nan) for y in (u, np.swapaxes(vh, -1, -2))]
    return tuple(convert(y) for y in square), grad


def _svd(x: Array) -> tuple[Array, None]:
    finite, x = _or_zeros(x)
    u, s, vh = np.linalg.svd(x, full_matrices=False)
    y = np.concatenate([s[..., None, :], u, np.swapaxes(vh, -1, -2)], axis=-2)
    return np.where(finite[..., None], y, y.dtype.type(np.nan)), None


def _or_zeros(x: Array) -> tuple[Array, Array]:
    """Which matrices are finite, (…, 1), and `x` with zeros for those that are not.

    LAPACK may search for ever in one with inf or nan; its singular values are nan here.
    """
    finite = np.asarray(np.isfinite(x).all(axis=(-2, -1)))[..., None]
    return finite, np.where(finite[..., None], x, x.dtype.type(0))


def _svd_gx(g: Tensor, record: Record) -> Tensor:
    m = record.inputs[0]._data.shape[-2]
    (s, u, v), (gs, gu, gv) = (
        (x[..., 0, :], x[..., 1 : m + 1, :], x[..., m + 1 :, :]) for x in (record.output, g)
    )
    gaps, inverse = _gaps(s * s), _inverse_or_zero(s)
    uu, vv = matmul(u, gu, transpose_a=True), matmul(v, gv, transpose_a=True)
    inner = diag(gs) + _scaled(gaps * (uu - matrix_transpose(uu)), s)
    inner = inner + expand_dims(s, -1) * (gaps * (vv - matrix_transpose(vv)))
    left = _scaled(gu - matmul(u, uu), inverse)  # (I - UUᵀ) gU S⁻¹
    right = _scaled(gv - matmul(v, vv), inverse)
    whole = matmul(u, inner) + left
    return matmul(whole, v, transpose_b=True) + matmul(u, right, transpose_b=True)


# The singular values as a first row over U, and V below it: one op has one output.
SVD = register(Op("svd", svd, _svd, vjps=(_svd_gx,)))


# -- QR -------------------------------------------------------------------------------------------


class Qr(NamedTuple):
    """What `qr` returns."""

    q: Tensor
    r: Tensor


def qr(input: TensorLike, full_matrices: bool = False) -> Qr:
    """``A = Q R``: orthonormal columns, and an upper triangle.

    VJP (m >= n): ``gA = (gQ + Q sym(R gRᵀ - gQᵀ Q)) R⁻ᵀ``, where sym takes the lower triangle and
    mirrors it.

    Args:
        input: (…, m, n).
        full_matrices: whether Q is square; not for m > n.

    Returns:
        ``(q, r)``: (…, m, k) and (…, k, n) with k = min(m, n).

    Raises:
        UnimplementedError: `full_matrices` of a matrix of more rows than columns.

    Reference: ``tf.linalg.qr``.

    >>> q, r = qr([[3.0, 1.0], [4.0, 2.0]])
    >>> abs(r.numpy()).round(2)
    array([[5. , 2.2],
           [0. , 0.4]], dtype=float32)
    """
    x = _matrix("qr", "input", input)
    m, n = x._data.shape[-2:]
    if flag("qr", "full_matrices", full_matrices) and m > n:
        rule = f"must be False for matrices of more rows than columns, as this {m} x {n} one"
        raise UnimplementedError(say("qr", "full_matrices", rule, full_matrices))
    if m < n:  # the first columns make Q, the others are multiplied by it
        q, r = qr(x[..., :m])
        return Qr(q, concat([r, matmul(q, x[..., m:], transpose_a=True)], -1))
    both = apply(QR, x)
    return Qr(both[..., :m, :], both[..., m:, :])


def _qr(x: Array) -> tuple[Array, None]:
    q, r = np.linalg.qr(x, "reduced")
    return np.concatenate([q, r], axis=-2), None


def _qr_gx(g: Tensor, record: Record) -> Tensor:
    m = record.inputs[0]._data.shape[-2]
    (q, r), (gq, gr) = ((x[..., :m, :], x[..., m:, :]) for x in (record.output, g))
    inner = matmul(r, gr, transpose_b=True) - matmul(gq, q, transpose_a=True)
    lower = band_part(inner, -1, 0)
    mirrored = lower + matrix_transpose(lower) - diag(diag_part(lower))
    found = gq + matmul(q, mirrored)
    return matrix_transpose(solve(r, matrix_transpose(found)))


# Q over R: one op has one output.
QR = register(Op("qr", qr, _qr, vjps=(_qr_gx,)))


# -- determinants ---------------------------------------------------------------------------------


class LogMatrixDeterminant(NamedTuple):
    """What `slogdet` returns."""

    sign: Tensor
    log_abs_determinant: Tensor


def slogdet(input: TensorLike) -> LogMatrixDeterminant:
    """The sign of the determinant, and the logarithm of its absolute value.

    VJP of the logarithm: ``gA = g A⁻ᵀ``; the sign has none.

    Args:
        input: (…, n, n).

    Returns:
        ``(sign, log_abs_determinant)``, both (…).

    Reference: ``tf.linalg.slogdet``.

    >>> sign, logarithm = slogdet([[1.0, 2.0], [3.0, 4.0]])
    >>> float(sign), round(float(logarithm), 4)
    (-1.0, 0.6931)
    """
    x = _square("slogdet", "input", tensor("slogdet", "input", input))
    return LogMatrixDeterminant(Tensor(_sign_and_log(x._data)[0]), apply(SLOGDET, x))


def _sign_and_log(x: Array) -> tuple[Array, Array]:
    sign, logarithm = map(np.asarray, ignoring_errors(np.linalg.slogdet, x))
    unknown = ~np.isfinite(x).all((-2, -1)) & ((sign == 0) | np.isnan(logarithm))
    if not unknown.any():
        return sign, logarithm
    nan = x.dtype.type(np.nan)
    return np.where(unknown & (sign != 0), nan, sign), np.where(unknown, nan, logarithm)


def _slogdet(x: Array) -> tuple[Array, None]:
    return _sign_and_log(x)[1], None


def _slogdet_gx(g: Tensor, record: Record) -> Tensor:
    return reshape(g, [*g._data.shape, 1, 1]) * inv(record.inputs[0], adjoint=True)


SLOGDET = register(Op("slogdet", slogdet, _slogdet, vjps=(_slogdet_gx,)))


def logdet(matrix: TensorLike) -> Tensor:
    """``log det A`` of a symmetric positive definite matrix, by its Cholesky factor.

    Reference: ``tf.linalg.logdet``.

    >>> round(float(logdet([[4.0, 0.0], [0.0, 2.0]])), 4)
    2.0794
    """
    factor = cholesky(_square("logdet", "matrix", tensor("logdet", "matrix", matrix)))
    return 2.0 * reduce_sum(log(diag_part(factor)), -1)


# -- equations ------------------------------------------------------------------------------------


def triangular_solve(
    matrix: TensorLike, rhs: TensorLike, lower: bool = True, adjoint: bool = False
) -> Tensor:
    """The X of ``T X = B``, or ``Tᵀ X = B`` if `adjoint`; T is one triangle of `matrix`.

    Args:
        matrix: (…, n, n), of which only the triangle is read.
        rhs: B, (…, n, k).
        lower: whether it is the lower one.
        adjoint: whether T is transposed.

    Raises:
        InvalidArgumentError: as of `solve`.

    Reference: ``tf.linalg.triangular_solve``.

    >>> triangular_solve([[2.0, 9.0], [0.0, 4.0]], [[2.0], [2.0]]).numpy()
    array([[1. ],
           [0.5]], dtype=float32)
    """
    a, b = _system("triangular_solve", "matrix", matrix, rhs)
    is_lower = lower is None or flag("triangular_solve", "lower", lower)  # None: as not given
    below, above = (-1, 0) if is_lower else (0, -1)
    triangle, transposed = band_part(a, below, above), flag("triangular_solve", "adjoint", adjoint)
    if transposed:
        triangle = matrix_transpose(triangle)
    return solve_triangular(triangle, b, is_lower is not transposed)


def cholesky_solve(chol: TensorLike, rhs: TensorLike) -> Tensor:
    """The X of ``L Lᵀ X = B``.

    Args:
        chol: L, (…, n, n), of which the lower triangle is read.
        rhs: B, (…, n, k).

    Reference: ``tf.linalg.cholesky_solve``.

    >>> cholesky_solve([[2.0, 0.0], [0.0, 1.0]], [[8.0], [3.0]]).numpy()
    array([[2.],
           [3.]], dtype=float32)
    """
    factor, b = _system("cholesky_solve", "chol", chol, rhs)
    return triangular_solve(factor, triangular_solve(factor, b), adjoint=True)


def lstsq(
    matrix: TensorLike, rhs: TensorLike, l2_regularizer: float = 0.0, fast: bool = True
) -> Tensor:
    """The X for which ``|A X - B|² + l2_regularizer |X|²`` is least.

    Args:
        matrix: A, (…, m, n).
        rhs: B, (…, m, k).
        l2_regularizer: a number.
        fast: by the Cholesky factor of ``AᵀA`` (or ``AAᵀ`` for m < n); else by the singular values,
            which A of a lower rank needs, and without the regularizer.

    Returns:
        Tensor (…, n, k).

    Reference: ``tf.linalg.lstsq``.

    >>> lstsq([[1.0], [1.0]], [[1.0], [3.0]]).numpy().round(4)
    array([[2.]], dtype=float32)
    """
    a, b = matching("lstsq", matrix=matrix, rhs=rhs)
    _matrix("lstsq", "matrix", a)
    _rows_alike("lstsq", "matrix", a, b)
    if not flag("lstsq", "fast", fast):
        return matmul(pinv(a), b)
    m, n = a._data.shape[-2:]
    penalty = eye(min(m, n), dtype=a.dtype) * convert(l2_regularizer, a.dtype)
    if m >= n:
        factor = cholesky(matmul(a, a, transpose_a=True) + penalty)
        return cholesky_solve(factor, matmul(a, b, transpose_a=True))
    factor = cholesky(matmul(a, a, transpose_b=True) + penalty)
    return matmul(a, cholesky_solve(factor, b), transpose_a=True)


def _check_batch(where: str, name: str, value: TensorLike, batch: tuple[int, ...]) -> None:
    """Refuse a `value` that does not broadcast to `batch`: a number for each of the matrices."""
    shape = convert(value)._data.shape
    try:
        fits = np.broadcast_shapes(shape, batch) == batch
    except ValueError:
        fits = False
    if not fits:
        raise InvalidArgumentError(say(where, name, f"must broadcast to {batch}", value))


def pinv(a: TensorLike, rcond: TensorLike = None, validate_args: bool = False) -> Tensor:
    """The pseudo-inverse ``V S⁻¹ Uᵀ``, without the singular values that are nearly 0.

    Args:
        a: (…, m, n).
        rcond: those up to `rcond` times the largest are left out; ``10 max(m, n) ε`` if not given.
        validate_args: whether TensorFlow checks more.

    Returns:
        Tensor (…, n, m).

    Reference: ``tf.linalg.pinv``.

    >>> pinv([[1.0, 0.0], [0.0, 0.0], [0.0, 2.0]]).numpy()
    array([[1. , 0. , 0. ],
           [0. , 0. , 0.5]], dtype=float32)
    """
    x = _matrix("pinv", "a", a, ValueError)
    kind = x._data.dtype
    if rcond is not None:
        _check_batch("pinv", "rcond", rcond, x._data.shape[:-2])
    s, u, v = svd(x)
    share = 10.0 * max(x._data.shape[-2:]) * float(np.finfo(kind).eps)
    least = share if rcond is None else np.asarray(convert(rcond)._data, kind)[..., None]
    limit = least * s._data.max(axis=-1, keepdims=True, initial=0.0)
    kept = s._data > limit
    inverse = divide(Tensor(kept.astype(kind)), s + Tensor((~kept).astype(kind)))
    return matmul(_scaled(v, inverse), u, transpose_b=True)


def matrix_rank(a: TensorLike, tol: TensorLike = None, validate_args: bool = False) -> Tensor:
    """How many singular values are above `tol`, int32.  Not differentiable.

    Args:
        a: (…, m, n); float32, if it is no tensor yet, as in TensorFlow.
        tol: a number, or one for each matrix, (…, 1); ``ε max(m, n) max(s)`` if not given.
        validate_args: whether TensorFlow checks more.

    Reference: ``tf.linalg.matrix_rank``.

    >>> int(matrix_rank([[1.0, 2.0], [2.0, 4.0]]))
    1
    """
    if not isinstance(a, Operators):
        with suppress(TypeError, ValueError):  # refused below, by name
            a = convert(a, np.float32)
    x = _matrix("matrix_rank", "a", a, ValueError)._data
    if tol is not None:
        _check_batch("matrix_rank", "tol", tol, (*x.shape[:-2], 1))
    finite, x = _or_zeros(x)
    s = np.linalg.svd(x, compute_uv=False)
    s = np.where(finite, s, s.dtype.type(np.nan))
    largest = s.max(axis=-1, keepdims=True, initial=0.0)
    least = np.finfo(x.dtype).eps * max(x.shape[-2:]) * largest
    limit = least if tol is None else np.asarray(convert(tol)._data, x.dtype)
    return Tensor(np.asarray((s > limit).sum(axis=-1), np.int32))


# -- the exponential ------------------------------------------------------------------------------

# Numerators of the Padé approximant of order 13, ``C(13, j) / (26 (26 - 1) … (26 - j + 1))``; with
# signs the denominators.  Up to this norm it is exact to float64's last places (Higham 2005, table
# 2.3).
_PADE = [math.comb(13, j) / math.perm(26, j) for j in range(14)]
_PADE_NORM = 5.371920351148152


def expm(input: TensorLike) -> Tensor:
    """``e^A = I + A + A²/2 + …``, by a Padé approximant of ``A / 2^s``, squared s times.

    Gradients of every order are those of its matrix products and of `solve`.

    Args:
        input: (…, n, n).

    Reference: ``tf.linalg.expm``; Higham 2005, doi:10.1137/04061101X.

    >>> expm([[0.0, 0.0], [0.0, 1.0]]).numpy().round(4)
    array([[1.    , 0.    ],
           [0.    , 2.7183]], dtype=float32)
    """
    x = tensor("expm", "input", input)
    if x._data.dtype.name not in ("float32", "float64"):
        raise ValueError(f"expm: `input` must be float32 or float64, received {x.dtype.name}")
    _square("expm", "input", x)
    if not x._data.size:
        return Tensor(x._data.copy())
    norm = float(np.abs(x._data).sum(axis=-2).max())
    if not math.isfinite(norm):
        raise InvalidArgumentError("expm: `input` must be finite")
    halvings = max(0, math.ceil(math.log2(norm / _PADE_NORM))) if norm else 0
    a = x * (1.0 / 2.0**halvings)
    one = eye(x._data.shape[-1], dtype=x.dtype)
    square = matmul(a, a)
    powers = [one, square, matmul(square, square)]
    powers.append(matmul(powers[2], square))

    def series(first: int) -> Tensor:
        """Every second term, from `first` on, over ``a^first``."""
        low = reduce(add, [p * c for p, c in zip(powers, _PADE[first:8:2], strict=True)])
        high = reduce(add, [p * c for p, c in zip(powers[1:], _PADE[first + 8 :: 2], strict=True)])
        return low + matmul(powers[3], high)

    odd, even = matmul(a, series(1)), series(0)
    y = solve(even - odd, even + odd)
    for _ in range(halvings):
        y = matmul(y, y)
    return y


_COMPOSED = (eigvalsh, logdet, triangular_solve, cholesky_solve, lstsq, pinv, matrix_rank, expm)
for _function in _COMPOSED:
    register(Op(_function.__name__, _function))
