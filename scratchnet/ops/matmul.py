"""Matrix products: matmul (batched), tensordot.

Raises, all of them: InvalidArgumentError (also a TypeError) for two dtypes and for bools;
ValueError for what is no tensor.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from scratchnet.engine.dtypes import Array
from scratchnet.engine.errors import DtypeError, InvalidArgumentError, say
from scratchnet.engine.op import Op, Record, register
from scratchnet.engine.tensor import Operators, Tensor, TensorLike, apply
from scratchnet.kernels import matmul as kernels
from scratchnet.ops.arguments import brackets, flag, ints, matching, numeric, one_axis
from scratchnet.ops.complex_numbers import conj
from scratchnet.ops.shape import reshape, transpose


def matmul(
    a: TensorLike,
    b: TensorLike,
    transpose_a: bool = False,
    transpose_b: bool = False,
    adjoint_a: bool = False,
    adjoint_b: bool = False,
) -> Tensor:
    """``y = A B``: ``y[…, i, k] = Σ_j A[…, i, j] B[…, j, k]``.

    VJP: ``gA = g Bᵀ``, ``gB = Aᵀ g`` (transposed where the argument was; of complex numbers the
    conjugates of A and B).

    Args:
        a: (…, n, m), or (…, m, n) with `transpose_a`.
        b: (…, m, k), or (…, k, m) with `transpose_b`; leading axes broadcast.
        adjoint_a, adjoint_b: transpose and take the conjugate; of real numbers the same as to
            transpose.

    Returns:
        Tensor of shape (…, n, k).

    Raises:
        ValueError: to transpose and to take the adjoint of one argument.
        InvalidArgumentError: rank below 2, inner sizes differ, leading axes do not broadcast.

    Reference: ``tf.linalg.matmul``.

    >>> matmul([[1, 2], [3, 4]], [[2, 3], [4, 5]]).numpy()
    array([[10, 13],
           [22, 29]], dtype=int32)
    """
    x, y = matching("matmul", a=a, b=b)
    numeric("matmul", "a", x)
    flip_a, flip_b = transpose_a, transpose_b
    if not (adjoint_a is adjoint_b is False and type(flip_a) is type(flip_b) is bool):
        flip_a = _flipped("a", transpose_a, adjoint_a)
        flip_b = _flipped("b", transpose_b, adjoint_b)
    if x._data.dtype.kind == "c":
        x, y = conj(x) if adjoint_a else x, conj(y) if adjoint_b else y
    _check_matmul(x, y, flip_a, flip_b)
    return apply(MATMUL, x, y, transpose_a=flip_a, transpose_b=flip_b)


def _flipped(name: str, transposed: Any, adjoint: Any) -> bool:
    transposed = flag("matmul", f"transpose_{name}", transposed)
    adjoint = flag("matmul", f"adjoint_{name}", adjoint)
    if transposed and adjoint:
        raise ValueError(
            f"matmul: Only one of `transpose_{name}` and `adjoint_{name}` can be True, received "
            f"transpose_{name}={transposed}, adjoint_{name}={adjoint}"
        )
    return bool(transposed or adjoint)


def _check_matmul(x: Tensor, y: Tensor, transpose_a: bool, transpose_b: bool) -> None:
    left, right = x._data.shape, y._data.shape
    for name, shape in (("a", left), ("b", right)):
        if len(shape) < 2:
            raise InvalidArgumentError(
                f"matmul: `{name}`: In[0] and In[1] ndims must be == 2 (or more): {len(shape)}, "
                f"received {name}.shape={brackets(shape)}"
            )
    if left[-2 if transpose_a else -1] != right[-1 if transpose_b else -2]:
        raise InvalidArgumentError(
            f"matmul: `a` and `b`: Matrix size-incompatible: {_both(left, right)}, "
            f"transpose_a={transpose_a}, transpose_b={transpose_b}"
        )
    if left[:-2] == right[:-2]:
        return
    try:
        np.broadcast_shapes(left[:-2], right[:-2])
    except ValueError:
        raise InvalidArgumentError(
            "matmul: `a` and `b`: In[0] and In[1] must have compatible batch dimensions: "
            f"{_both(left, right)}"
        ) from None


def _both(left: tuple[int, ...], right: tuple[int, ...]) -> str:
    return f"In[0]: {brackets(left)}, In[1]: {brackets(right)}"


def _matmul(a: Array, b: Array, transpose_a: bool, transpose_b: bool) -> tuple[Array, None]:
    left = a.swapaxes(-1, -2) if transpose_a else a
    right = b.swapaxes(-1, -2) if transpose_b else b
    if right.ndim == 2 < left.ndim and not transpose_a:  # all rows of `a` in one product
        y = _product(left.reshape(math.prod(left.shape[:-1]), left.shape[-1]), right)
        return y.reshape(*left.shape[:-1], right.shape[1]), None
    return _product(left, right), None


def _product(left: Array, right: Array) -> Array:
    y: Array = (
        kernels.product(left, right) if kernels.are_large(left, right) else np.matmul(left, right)
    )
    return y


def _matmul_ga(g: Tensor, record: Record) -> Tensor:
    b = conj(record.inputs[1])
    t = record.attrs
    if t["transpose_a"]:  # gAᵀ = B gᵀ
        return apply(MATMUL, b, g, transpose_a=t["transpose_b"], transpose_b=True)
    return apply(MATMUL, g, b, transpose_a=False, transpose_b=not t["transpose_b"])


def _matmul_gb(g: Tensor, record: Record) -> Tensor:
    a, b = record.inputs
    a, t = conj(a), record.attrs
    if b._data.ndim == 2 < a._data.ndim and not t["transpose_a"]:  # the sum over all rows at once
        a, g = (reshape(x, [math.prod(x._data.shape[:-1]), x._data.shape[-1]]) for x in (a, g))
    if t["transpose_b"]:  # gBᵀ = gᵀ A
        return apply(MATMUL, g, a, transpose_a=True, transpose_b=t["transpose_a"])
    return apply(MATMUL, a, g, transpose_a=not t["transpose_a"], transpose_b=False)


# `broadcasts` for the leading axes only: the last two of a cotangent are those of its argument.
MATMUL = register(
    Op("matmul", matmul, _matmul, vjps=(_matmul_ga, _matmul_gb), broadcasts=True, complex_vjps=True)
)


def tensordot(a: TensorLike, b: TensorLike, axes: Any) -> Tensor:
    """The sum of products of `a` and `b` over `axes`: transposed, reshaped, multiplied as matrices.

    VJP: through the ops that it is made of.

    Args:
        a, b: of one dtype.
        axes: a count n (the last n of `a` with the first n of `b`), or two lists of axes; or an
            array or tensor of that.

    Returns:
        Tensor with the other axes of `a`, then those of `b`.

    Raises:
        InvalidArgumentError: the sizes of paired axes differ; an axis out of range (TensorFlow:
            IndexError).
        ValueError: `axes` is neither a count nor two lists of equal length of distinct axes.

    Reference: ``tf.tensordot``.

    >>> tensordot([[1, 2], [3, 4]], [1, 10], 1).numpy()
    array([21, 43], dtype=int32)
    """
    x, y = matching("tensordot", a=a, b=b)
    numeric("tensordot", "a", x)
    left, right = _paired(axes, x._data.shape, y._data.shape)
    rest_x = [i for i in range(x._data.ndim) if i not in left]
    rest_y = [i for i in range(y._data.ndim) if i not in right]
    n = math.prod(x._data.shape[i] for i in left)
    out_x = [x._data.shape[i] for i in rest_x]
    out_y = [y._data.shape[i] for i in rest_y]
    rows = reshape(transpose(x, rest_x + left), [math.prod(out_x), n])  # (rest of a, n)
    columns = reshape(transpose(y, right + rest_y), [n, math.prod(out_y)])  # (n, rest of b)
    return reshape(matmul(rows, columns), out_x + out_y)


def _paired(
    axes: Any, left: tuple[int, ...], right: tuple[int, ...]
) -> tuple[list[int], list[int]]:
    """The axes of `a` and those of `b`, in the same order, that are summed over."""
    if isinstance(axes, Operators):
        axes = axes._data
    if isinstance(axes, np.ndarray):
        if axes.dtype.kind not in "iu":
            raise DtypeError(say("tensordot", "axes", "must hold integers", axes))
        axes = axes.tolist()
    if isinstance(axes, list | tuple):
        if len(axes) != 2:
            raise ValueError(say("tensordot", "axes", "must be a count or two lists", axes))
        one, two = (ints("tensordot", "axes", part) for part in axes)
    else:
        (count,) = ints("tensordot", "axes", axes)
        most = min(len(left), len(right))
        if not 0 <= count <= most:
            raise ValueError(say("tensordot", "axes", f"must be in 0..{most}", count))
        one, two = tuple(range(len(left) - count, len(left))), tuple(range(count))
    pairs = (
        [one_axis("tensordot", "axes", i, len(left)) for i in one],
        [one_axis("tensordot", "axes", i, len(right)) for i in two],
    )
    if len(one) != len(two) or any(len(set(side)) != len(side) for side in pairs):
        rule = "must be two lists of equal length, of distinct axes"
        raise ValueError(say("tensordot", "axes", rule, axes))
    if [left[i] for i in pairs[0]] != [right[i] for i in pairs[1]]:
        raise InvalidArgumentError(
            f"tensordot: `a` and `b`: Matrix size-incompatible: {_both(left, right)}, axes={axes}"
        )
    return pairs


register(Op("tensordot", tensordot))
