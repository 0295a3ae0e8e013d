"""Choosing between values, element by element: comparisons, logic, is_nan and its like, where.

What is true or false has no gradient; `where` hands it to the values that it chose.

Raises, all of them: InvalidArgumentError for two dtypes (then also a TypeError) and for shapes that
do not broadcast; ValueError for what is no tensor.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from scratchnet.engine.dtypes import Array
from scratchnet.engine.errors import IncompatibleShapesError
from scratchnet.engine.op import NoGradient, Op, Record, register
from scratchnet.engine.tensor import Tensor, TensorLike, apply
from scratchnet.ops.arguments import (
    boolean,
    brackets,
    broadcastable,
    floating,
    matching,
    numeric,
    real,
    tensor,
)
from scratchnet.ops.describing import size_by_value

# -- comparisons: any dtype in, bool out ----------------------------------------------------------

_BOOL = NoGradient("a comparison is true or false")


def _compare(op: Op, x: TensorLike, y: TensorLike) -> Tensor:
    a, b = matching(op.name, x=x, y=y)
    if op.name not in ("equal", "not_equal"):
        real(op.name, "x", numeric(op.name, "x", a))
    broadcastable(op.name, a, b)
    return apply(op, a, b)


def _row(function: Callable[..., Tensor], on_arrays: Callable[..., Any], reason: NoGradient) -> Op:
    def forward(*arrays: Array) -> tuple[Array, None]:
        return on_arrays(*arrays), None

    vjps = (reason,) * on_arrays.nin  # type: ignore[attr-defined]
    return register(Op(function.__name__, function, forward, vjps, broadcasts=True))


def equal(x: TensorLike, y: TensorLike) -> Tensor:
    """``z = [x == y]``, bool.  (``x == y`` of tensors also answers shapes that do not broadcast.)

    Reference: ``tf.math.equal``.

    >>> equal([1, 2], 2).numpy()
    array([False,  True])
    """
    return _compare(EQUAL, x, y)


def not_equal(x: TensorLike, y: TensorLike) -> Tensor:
    """``z = [x != y]``, bool.

    Reference: ``tf.math.not_equal``.

    >>> not_equal([1, 2], 2).numpy()
    array([ True, False])
    """
    return _compare(NOT_EQUAL, x, y)


def less(x: TensorLike, y: TensorLike) -> Tensor:
    """``z = [x < y]``, bool.

    Reference: ``tf.math.less``.

    >>> less([1, 2], 2).numpy()
    array([ True, False])
    """
    return _compare(LESS, x, y)


def less_equal(x: TensorLike, y: TensorLike) -> Tensor:
    """``z = [x <= y]``, bool.

    Reference: ``tf.math.less_equal``.

    >>> less_equal([1, 2], 1).numpy()
    array([ True, False])
    """
    return _compare(LESS_EQUAL, x, y)


def greater(x: TensorLike, y: TensorLike) -> Tensor:
    """``z = [x > y]``, bool.

    Reference: ``tf.math.greater``.

    >>> greater([1, 2], 1).numpy()
    array([False,  True])
    """
    return _compare(GREATER, x, y)


def greater_equal(x: TensorLike, y: TensorLike) -> Tensor:
    """``z = [x >= y]``, bool.

    Reference: ``tf.math.greater_equal``.

    >>> greater_equal([1, 2], 2).numpy()
    array([False,  True])
    """
    return _compare(GREATER_EQUAL, x, y)


EQUAL = _row(equal, np.equal, _BOOL)
NOT_EQUAL = _row(not_equal, np.not_equal, _BOOL)
LESS = _row(less, np.less, _BOOL)
LESS_EQUAL = _row(less_equal, np.less_equal, _BOOL)
GREATER = _row(greater, np.greater, _BOOL)
GREATER_EQUAL = _row(greater_equal, np.greater_equal, _BOOL)


# -- logic: bool in, bool out ---------------------------------------------------------------------


def _logic(op: Op, x: TensorLike, y: TensorLike) -> Tensor:
    a, b = boolean(op.name, "x", x), boolean(op.name, "y", y)
    broadcastable(op.name, a, b)
    return apply(op, a, b)


def logical_and(x: TensorLike, y: TensorLike) -> Tensor:
    """``z = x and y``.

    Raises: as all here, and InvalidArgumentError for what is not bool.  Reference:
        ``tf.math.logical_and``.

    >>> logical_and([True, True], [True, False]).numpy()
    array([ True, False])
    """
    return _logic(LOGICAL_AND, x, y)


def logical_or(x: TensorLike, y: TensorLike) -> Tensor:
    """``z = x or y``.

    Raises: as all here, and InvalidArgumentError for what is not bool.  Reference:
        ``tf.math.logical_or``.

    >>> logical_or([True, False], [False, False]).numpy()
    array([ True, False])
    """
    return _logic(LOGICAL_OR, x, y)


def logical_xor(x: TensorLike, y: TensorLike) -> Tensor:
    """``z = x or y, but not both``.

    Raises: as all here, and InvalidArgumentError for what is not bool.  Reference:
        ``tf.math.logical_xor``.

    >>> logical_xor([True, True], [True, False]).numpy()
    array([False,  True])
    """
    return _logic(LOGICAL_XOR, x, y)


def logical_not(x: TensorLike) -> Tensor:
    """``z = not x``.

    Raises: as all here, and InvalidArgumentError for what is not bool.  Reference:
        ``tf.math.logical_not``.

    >>> logical_not([True, False]).numpy()
    array([False,  True])
    """
    return apply(LOGICAL_NOT, boolean("logical_not", "x", x))


LOGICAL_AND = _row(logical_and, np.logical_and, _BOOL)
LOGICAL_OR = _row(logical_or, np.logical_or, _BOOL)
LOGICAL_XOR = _row(logical_xor, np.logical_xor, _BOOL)
LOGICAL_NOT = _row(logical_not, np.logical_not, _BOOL)


# -- is_nan, is_inf, is_finite: floating dtypes in, bool out ---------------------------------------


def is_nan(x: TensorLike) -> Tensor:
    """``y = [x is nan]``, bool.  Reference: ``tf.math.is_nan``.

    >>> is_nan([1.0, np.nan, np.inf]).numpy()
    array([False,  True, False])
    """
    return apply(IS_NAN, floating("is_nan", "x", x))


def is_inf(x: TensorLike) -> Tensor:
    """``y = [x is inf or -inf]``, bool.  Reference: ``tf.math.is_inf``.

    >>> is_inf([1.0, np.nan, -np.inf]).numpy()
    array([False, False,  True])
    """
    return apply(IS_INF, floating("is_inf", "x", x))


def is_finite(x: TensorLike) -> Tensor:
    """``y = [x is a number, and finite]``, bool.  Reference: ``tf.math.is_finite``.

    >>> is_finite([1.0, np.nan, np.inf]).numpy()
    array([ True, False, False])
    """
    return apply(IS_FINITE, floating("is_finite", "x", x))


def _is_nan(x: Array) -> tuple[Array, None]:
    return np.isnan(x), None


def _is_inf(x: Array) -> tuple[Array, None]:
    return np.isinf(x), None


def _is_finite(x: Array) -> tuple[Array, None]:
    return np.isfinite(x), None


_TRUTH = NoGradient("it is true or false")
IS_NAN = register(Op("is_nan", is_nan, _is_nan, vjps=(_TRUTH,)))
IS_INF = register(Op("is_inf", is_inf, _is_inf, vjps=(_TRUTH,)))
IS_FINITE = register(Op("is_finite", is_finite, _is_finite, vjps=(_TRUTH,)))


# -- where ----------------------------------------------------------------------------------------


def where(condition: TensorLike, x: TensorLike = None, y: TensorLike = None) -> Tensor:
    """``z = x where condition holds, else y``.

    VJP: ``gx = g [condition]``, ``gy = g [not condition]``.

    Args:
        condition: bool, broadcast with `x` and `y`.
        x, y: of one dtype, broadcast.  Without them: the indices where `condition` holds.

    Returns:
        Tensor of the broadcast shape; without `x` and `y` int64, (count, rank of condition).

    Raises:
        InvalidArgumentError: `condition` is not bool, dtypes differ, shapes do not broadcast.
        ValueError: only one of `x` and `y`.

    Reference: ``tf.where``.

    >>> where([True, False], [1.0, 2.0], 0.0).numpy()
    array([1., 0.], dtype=float32)
    """
    if x is None and y is None:
        holds = tensor("where", "condition", condition)._data
        if (n := size_by_value()) is not None:
            return Tensor(np.zeros((n, holds.ndim), np.int64))
        return Tensor(np.argwhere(holds))
    if x is None or y is None:
        raise ValueError(
            "where: `x` and `y` must both be non-None or both be None, received "
            f"x={x!r:.99}, y={y!r:.99}"
        )
    picks = boolean("where", "condition", condition)
    a, b = matching("where", x=x, y=y)
    try:
        broadcastable("where", picks, a, b)
    except IncompatibleShapesError:
        shapes = [brackets(t._data.shape) for t in (picks, a, b)]
        raise IncompatibleShapesError(
            "where: condition {}, then {}, and else {} must be broadcastable".format(*shapes)
        ) from None
    return apply(WHERE, picks, a, b)


def _where(condition: Array, x: Array, y: Array) -> tuple[Array, None]:
    return np.where(condition, x, y), None


def _where_gx(g: Tensor, record: Record) -> Tensor:
    return where(record.inputs[0], g, 0)


def _where_gy(g: Tensor, record: Record) -> Tensor:
    return where(record.inputs[0], 0, g)


_MASK = NoGradient("a condition is true or false")
WHERE = register(
    Op(
        "where",
        where,
        _where,
        vjps=(_MASK, _where_gx, _where_gy),
        broadcasts=True,
        complex_vjps=True,
    )
)
