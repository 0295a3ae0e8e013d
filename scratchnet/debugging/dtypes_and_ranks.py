"""The checks of ``tf.debugging`` that look at dtypes and ranks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from scratchnet.engine.dtypes import DType, as_dtype, float32
from scratchnet.engine.operators import Operators
from scratchnet.engine.tensor import Tensor, TensorLike, convert
from scratchnet.engine.tensor_shape import TensorShape


def led(message: str | None) -> str:
    """What an error begins with."""
    none = message is None or (isinstance(message, str) and not message)
    return "" if none else f"{message}.  "


def _rank(rank: Any) -> int:
    data = convert(rank)._data if not isinstance(rank, str) else np.array(rank)
    if data.dtype.kind not in "iu":
        raise TypeError(f"tensor must be of type tf.int32; got {rank!r}")
    if data.ndim:
        raise ValueError("Rank must be a scalar.")
    return int(data)


def assert_rank(
    x: TensorLike, rank: int, message: str | None = None, name: str | None = None
) -> None:
    """Raise unless `x` has `rank` axes (``tf.debugging.assert_rank``).

    Args:
        x: a tensor.
        rank: an integer.
        message: what the error begins with.
        name: unused, as nothing has a name here.

    Raises:
        ValueError: it has not; or `rank` is no scalar.
        TypeError: `rank` is no integer.

    >>> assert_rank([[1.0]], 2)
    """
    must_rank(x, convert(x).ndim == _rank(rank), f"{_rank(rank)}", message)


def assert_rank_at_least(
    x: TensorLike, rank: int, message: str | None = None, name: str | None = None
) -> None:
    """Raise unless `x` has at least `rank` axes; the arguments are those of `assert_rank`."""
    must_rank(x, convert(x).ndim >= _rank(rank), f"at least {_rank(rank)}", message)


def assert_rank_in(
    x: TensorLike, ranks: Iterable[int], message: str | None = None, name: str | None = None
) -> None:
    """Raise unless the number of axes of `x` is among `ranks`; the rest is as of `assert_rank`."""
    allowed = tuple(map(_rank, ranks))
    must_rank(x, convert(x).ndim in allowed, f"in {allowed}", message)


def must_rank(x: TensorLike, holds: bool, wanted: str, message: str | None) -> None:
    """Raise ValueError unless it `holds` that the rank of `x` is the `wanted` one."""
    if not holds:
        shape = convert(x).shape
        raise ValueError(
            f"{led(message)}Tensor  must have rank {wanted}.  Received rank {shape.rank}, shape "
            f"{shape}"
        )


def assert_scalar(
    tensor: TensorLike, message: str | None = None, name: str | None = None
) -> Tensor:
    """`tensor`, if it has no axes (``tf.debugging.assert_scalar``).

    Args:
        tensor: a tensor.
        message, name: as of `assert_rank`.

    Raises:
        ValueError: it has some.
    """
    found = convert(tensor)
    if found.ndim:
        raise ValueError(f"{led(message)}Expected scalar shape, saw shape: {found.shape}.")
    return found


def assert_type(
    tensor: TensorLike, tf_type: object, message: str | None = None, name: str | None = None
) -> None:
    """Raise unless `tensor` has the dtype `tf_type` (``tf.debugging.assert_type``).

    Args:
        tensor: a tensor.
        tf_type: a dtype.
        message, name: as of `assert_rank`.

    Raises:
        TypeError: it has another.
    """
    found, wanted = convert(tensor).dtype, as_dtype(tf_type)
    if found != wanted:
        raise TypeError(f"{led(message)}tensor must be of type {wanted!r}; got {found!r}")


def assert_integer(x: TensorLike, message: str | None = None, name: str | None = None) -> None:
    """Raise unless `x` is of an integer dtype (``tf.debugging.assert_integer``).

    Args:
        x: a tensor.
        message, name: as of `assert_rank`.

    Raises:
        TypeError: it is not.
    """
    found = convert(x).dtype
    if not found.is_integer:
        raise TypeError(
            f'{led(message)}Expected "x" to be integer type.  Found: tensor of dtype {found}'
        )


def assert_same_float_dtype(
    tensors: Iterable[TensorLike] | None = None, dtype: object = None
) -> DType:
    """The floating dtype that all `tensors` have (``tf.debugging.assert_same_float_dtype``).

    Args:
        tensors: tensors; float32 is returned if there are none.
        dtype: the dtype that they must have.

    Raises:
        ValueError: two differ, or the dtype is not floating.
    """
    wanted, first = None if dtype is None else as_dtype(dtype), None
    for x in map(convert, tensors or ()):
        if wanted is None:
            wanted, first = x.dtype, x
        if x.dtype != wanted:
            as_what = "" if first is None else f" as {first!s}"
            raise ValueError(
                f"{x!s}, type={x.dtype}, must be of the same type ({wanted}){as_what}."
            )
    if wanted is None:
        return float32
    if not wanted.is_floating:
        raise ValueError(f"Expected floating point type, got {wanted}.")
    return wanted


def is_numeric_tensor(tensor: object) -> bool:
    """Whether it is a tensor of numbers, which bools are not."""
    return isinstance(tensor, Operators) and tensor._data.dtype.kind != "b"


def assert_proper_iterable(values: object) -> None:
    """Raise unless `values` is an iterable of things, and no tensor, array or text.

    Raises:
        TypeError: it is not.
    """
    if isinstance(values, Operators | TensorShape | np.ndarray | str | bytes):
        raise TypeError(
            f'Expected argument "values" to be a "proper" iterable.  Found: {type(values)}'
        )
    if not hasattr(values, "__iter__"):
        raise TypeError(f'Expected argument "values" to be iterable.  Found: {type(values)}')
