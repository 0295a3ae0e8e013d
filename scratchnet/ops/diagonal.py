"""Matrices and their diagonals, one matrix or a batch of them: the last two axes are (m, n).

Raises, all of them: InvalidArgumentError for a rank that is too small; ValueError for what is no
tensor; a count that is no integer is both an InvalidArgumentError and a TypeError.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from scratchnet.engine.dtypes import Array
from scratchnet.engine.errors import InvalidArgumentError, invalid
from scratchnet.engine.op import Op, register
from scratchnet.engine.tensor import Tensor, TensorLike
from scratchnet.ops import arguments
from scratchnet.ops.arguments import brackets, flag, matching, numeric, one_int
from scratchnet.ops.comparison import where
from scratchnet.ops.gather import gather
from scratchnet.ops.layout import pad
from scratchnet.ops.matmul import matmul
from scratchnet.ops.reduce import reduce_sum
from scratchnet.ops.shape import expand_dims, reshape, squeeze, transpose


def _matrix(where: str, name: str, value: TensorLike, least: int = 2) -> Tensor:
    x = arguments.tensor(where, name, value)
    if x._data.ndim < least:
        raise InvalidArgumentError(
            f"{where}: `{name}` must be at least {least}-dim, received shape "
            f"{brackets(x._data.shape)}"
        )
    return x


def matvec(a: TensorLike, b: TensorLike, transpose_a: bool = False) -> Tensor:
    """``y = A b``: ``y[…, i] = Σ_j A[…, i, j] b[…, j]``.

    Args:
        a: (…, m, n), or (…, n, m) with `transpose_a`.
        b: (…, n), of the same dtype; leading axes broadcast.

    Returns:
        Tensor of shape (…, m).

    Raises:
        InvalidArgumentError: as all here; inner sizes differ; bools.

    Reference: ``tf.linalg.matvec``.

    >>> matvec([[1, 2], [3, 4]], [1, 10]).numpy()
    array([21, 43], dtype=int32)
    """
    transpose_a = flag("matvec", "transpose_a", transpose_a)
    x, v = matching("matvec", a=a, b=b)
    x, v = _matrix("matvec", "a", numeric("matvec", "a", x)), _matrix("matvec", "b", v, 1)
    if x._data.shape[-2 if transpose_a else -1] != v._data.shape[-1]:
        raise InvalidArgumentError(
            f"matvec: `a` and `b`: Matrix size-incompatible: In[0]: {brackets(x._data.shape)}, "
            f"In[1]: {brackets(v._data.shape)}, transpose_a={transpose_a}"
        )
    return squeeze(matmul(x, expand_dims(v, -1), transpose_a), -1)


def matrix_transpose(a: TensorLike, *, conjugate: bool = False) -> Tensor:
    """The last two axes changed over; with `conjugate` the conjugates of complex numbers.

    Raises:
        ValueError: rank below 2.

    Reference: ``tf.linalg.matrix_transpose``.

    >>> matrix_transpose([[1, 2, 3], [4, 5, 6]]).shape
    TensorShape([3, 2])
    """
    x = arguments.tensor("matrix_transpose", "a", a)
    rank = x._data.ndim
    if rank < 2:
        raise ValueError(
            "matrix_transpose: `a` should be a (batch) matrix with rank >= 2, received shape "
            f"{x._data.shape}"
        )
    flipped = flag("matrix_transpose", "conjugate", conjugate)
    return transpose(x, [*range(rank - 2), rank - 1, rank - 2], flipped)


# -- diagonals ------------------------------------------------------------------------------------


def diag(diagonal: TensorLike, *, k: int = 0) -> Tensor:
    """Square matrices with `diagonal` on their k-th diagonal, 0 elsewhere.

    Args:
        diagonal: (…, n).
        k: 0 for the main diagonal, > 0 above it, < 0 below.

    Returns:
        Tensor of shape (…, n + |k|, n + |k|).

    Reference: ``tf.linalg.diag``, without bands of several diagonals and other shapes.

    >>> diag([1, 2]).numpy()
    array([[1, 0],
           [0, 2]], dtype=int32)
    """
    x, above = _matrix("diag", "diagonal", diagonal, 1), one_int("diag", "k", k)
    around = [(0, 0)] * (x._data.ndim - 1) + [(max(above, 0), max(-above, 0))]
    none = Tensor(np.zeros((), x._data.dtype))
    row = pad(x, around, constant_values=none)  # at each column what the diagonal has there
    n = row._data.shape[-1]
    return _only(np.eye(n, k=above, dtype=bool), expand_dims(row, -2))


def _only(kept: Array, x: Tensor) -> Tensor:
    """`x` where `kept` is True, 0 elsewhere, even where `x` is inf or nan there."""
    return where(Tensor(kept), x, Tensor(np.zeros((), x._data.dtype)))


def diag_part(input: TensorLike, *, k: int = 0) -> Tensor:
    """The k-th diagonal of each matrix.

    Args:
        input: (…, m, n).
        k: in (-m, n).

    Returns:
        Tensor of shape (…, length of that diagonal).

    Raises:
        InvalidArgumentError: as all here; there is no such diagonal.

    Reference: ``tf.linalg.diag_part``, without bands of several diagonals.

    >>> diag_part([[1, 2], [3, 4]]).numpy()
    array([1, 4], dtype=int32)
    """
    x, above = _matrix("diag_part", "input", input), one_int("diag_part", "k", k)
    *batch, m, n = x._data.shape
    if above and not -m < above < n:
        raise invalid("diag_part", "k", f"must be in ({-m}, {n})", k)
    i = np.arange(min(m + min(above, 0), n - max(above, 0))) + max(-above, 0)
    return gather(reshape(x, [*batch, m * n]), i * n + i + above, axis=-1)


def trace(x: TensorLike) -> Tensor:
    """``y = Σ_i x[…, i, i]``.  Reference: ``tf.linalg.trace``.

    >>> trace([[1, 2], [3, 4]]).numpy()
    np.int32(5)
    """
    return reduce_sum(diag_part(_matrix("trace", "x", numeric("trace", "x", x))), -1)


def band_part(input: TensorLike, num_lower: int, num_upper: int) -> Tensor:
    """Each matrix with zeros outside a band about its diagonal.

    Args:
        input: (…, m, n).
        num_lower, num_upper: how many diagonals to keep below and above the main one; a negative
            number keeps them all.

    Raises:
        InvalidArgumentError: as all here; more diagonals than there are.

    Reference: ``tf.linalg.band_part``.

    >>> band_part([[1, 2], [3, 4]], -1, 0).numpy()
    array([[1, 0],
           [3, 4]], dtype=int32)
    """
    x = _matrix("band_part", "input", input)
    m, n = x._data.shape[-2:]
    counts: list[Any] = []
    for name, value, most in (("num_lower", num_lower, m), ("num_upper", num_upper, n)):
        count = one_int("band_part", name, value)
        if count > most:
            rule = f"must be negative or less or equal to {most}, the size of that side"
            raise invalid("band_part", name, rule, value)
        counts.append(np.inf if count < 0 else count)
    below = np.arange(m)[:, None] - np.arange(n)
    return _only((below <= counts[0]) & (-below <= counts[1]), x)


for _function in (matvec, matrix_transpose, diag, diag_part, trace, band_part):
    register(Op(_function.__name__, _function))
