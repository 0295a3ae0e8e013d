"""Products and quotients that say what 0 makes of inf and nan; squared differences; long sums.

Arguments and errors are as in `scratchnet.ops.arithmetic`.  (Two dtypes of `multiply_no_nan` are a
ValueError in TensorFlow.)
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from typing import Any

import numpy as np

from scratchnet.engine.dtypes import Array
from scratchnet.engine.errors import DtypeError, InvalidArgumentError, say
from scratchnet.engine.op import Op, Record, register
from scratchnet.engine.tensor import Tensor, TensorLike, apply
from scratchnet.ops.arguments import brackets, matching, numeric
from scratchnet.ops.arithmetic import add, as_floats, pair, square
from scratchnet.ops.comparison import not_equal
from scratchnet.ops.creation import cast, identity


def _floating_pair(where: str, x: TensorLike, y: TensorLike) -> tuple[Tensor, Tensor]:
    a, b = pair(where, x, y)
    if a._data.dtype.kind != "f":
        raise DtypeError(f"{where}: `x` must be floating, received dtype {a.dtype.name}")
    return a, b


def divide_no_nan(x: TensorLike, y: TensorLike) -> Tensor:
    """``z = x / y``, 0 where ``y = 0``.  VJP: ``gx = g / y``, ``gy = -g x / y²``, 0 there too.

    Integers are divided as by `divide`.

    Reference: ``tf.math.divide_no_nan``.

    >>> divide_no_nan([1.0, 3.0], [0.0, 2.0]).numpy()
    array([0. , 1.5], dtype=float32)
    """
    return apply(DIVIDE_NO_NAN, *as_floats(*pair("divide_no_nan", x, y)))


def _divide_no_nan(x: Array, y: Array) -> tuple[Array, None]:
    return np.where(y == 0, 0, x / y), None


def _divide_no_nan_gx(g: Tensor, record: Record) -> Tensor:
    return divide_no_nan(g, record.inputs[1])


def _divide_no_nan_gy(g: Tensor, record: Record) -> Tensor:
    x, y = record.inputs
    return g * divide_no_nan(divide_no_nan(-x, y), y)


DIVIDE_NO_NAN = register(
    Op(
        "divide_no_nan",
        divide_no_nan,
        _divide_no_nan,
        (_divide_no_nan_gx, _divide_no_nan_gy),
        broadcasts=True,
    )
)


def multiply_no_nan(x: TensorLike, y: TensorLike) -> Tensor:
    """``z = x y``, 0 where ``y = 0`` even if `x` is inf or nan.  VJP: ``gx = g y``, ``gy = g x``.

    Reference: ``tf.math.multiply_no_nan``.

    >>> multiply_no_nan([np.inf, 3.0], [0.0, 2.0]).numpy()
    array([0., 6.], dtype=float32)
    """
    return apply(MULTIPLY_NO_NAN, *_floating_pair("multiply_no_nan", x, y))


def _multiply_no_nan(x: Array, y: Array) -> tuple[Array, None]:
    return np.where(y == 0, 0, x * y), None


def _multiply_no_nan_gx(g: Tensor, record: Record) -> Tensor:
    return multiply_no_nan(g, record.inputs[1])


def _multiply_no_nan_gy(g: Tensor, record: Record) -> Tensor:
    return multiply_no_nan(record.inputs[0], g)


MULTIPLY_NO_NAN = register(
    Op(
        "multiply_no_nan",
        multiply_no_nan,
        _multiply_no_nan,
        (_multiply_no_nan_gx, _multiply_no_nan_gy),
        broadcasts=True,
    )
)


def xlogy(x: TensorLike, y: TensorLike) -> Tensor:
    """``z = x ln y``, 0 where ``x = 0``.  VJP: ``gx = g ln y``, ``gy = g x / y``, 0 there too.

    Reference: ``tf.math.xlogy``.

    >>> xlogy([0.0, 2.0], [0.0, 1.0]).numpy()
    array([0., 0.], dtype=float32)
    """
    return apply(XLOGY, *_floating_pair("xlogy", x, y))


def _xlogy(x: Array, y: Array) -> tuple[Array, None]:
    return np.where(x == 0, 0, x * np.log(y)), None


def _not_zero(x: Tensor) -> Tensor:
    return cast(not_equal(x, 0), x._data.dtype)


def _xlogy_gx(g: Tensor, record: Record) -> Tensor:
    x, y = record.inputs
    return g * xlogy(_not_zero(x), y)


def _xlogy_gy(g: Tensor, record: Record) -> Tensor:
    x, y = record.inputs
    return g * xdivy(x, y)


XLOGY = register(Op("xlogy", xlogy, _xlogy, (_xlogy_gx, _xlogy_gy), broadcasts=True))


def xdivy(x: TensorLike, y: TensorLike) -> Tensor:
    """``z = x / y``, 0 where ``x = 0``.  VJP: ``gx = g / y``, ``gy = -g x / y²``, 0 there too.

    Reference: ``tf.math.xdivy``.

    >>> xdivy([0.0, 3.0], [0.0, 2.0]).numpy()
    array([0. , 1.5], dtype=float32)
    """
    return apply(XDIVY, *_floating_pair("xdivy", x, y))


def _xdivy(x: Array, y: Array) -> tuple[Array, None]:
    return np.where(x == 0, 0, x / y), None


def _xdivy_gx(g: Tensor, record: Record) -> Tensor:
    x, y = record.inputs
    return g * xdivy(_not_zero(x), y)


def _xdivy_gy(g: Tensor, record: Record) -> Tensor:
    x, y = record.inputs
    return g * xdivy(-x, square(y))


XDIVY = register(Op("xdivy", xdivy, _xdivy, (_xdivy_gx, _xdivy_gy), broadcasts=True))


def squared_difference(x: TensorLike, y: TensorLike) -> Tensor:
    """``z = (x - y)²``.  Reference: ``tf.math.squared_difference``.

    >>> squared_difference([1, 5], 3).numpy()
    array([4, 4], dtype=int32)
    """
    a, b = pair("squared_difference", x, y)
    return square(a - b)


def add_n(inputs: Any) -> Tensor:
    """The sum of a list of tensors of one shape and dtype; nothing is broadcast.

    Raises:
        InvalidArgumentError: as all here; shapes differ.
        ValueError: an empty list.
        TypeError: nothing that can be iterated over.

    Reference: ``tf.add_n``.

    >>> add_n([[1, 2], [3, 4], [5, 6]]).numpy()
    array([ 9, 12], dtype=int32)
    """
    if not isinstance(inputs, Iterable):
        raise TypeError(say("add_n", "inputs", "must be a list of tensors", inputs))
    parts = list(inputs)
    if not parts:
        raise ValueError(say("add_n", "inputs", "must hold at least one tensor", inputs))
    terms = matching("add_n", **{f"inputs[{i}]": part for i, part in enumerate(parts)})
    numeric("add_n", "inputs", terms[0])
    shapes = [brackets(term._data.shape) for term in terms]
    if len(set(shapes)) > 1:
        raise InvalidArgumentError(
            f"add_n: `inputs`: Inputs to operation AddN must have the same size and shape, "
            f"received {', '.join(shapes)}"
        )
    return reduce(add, terms) if len(terms) > 1 else identity(terms[0])


for _function in (squared_difference, add_n):
    register(Op(_function.__name__, _function))
