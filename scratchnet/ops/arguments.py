"""The checks that many ops share: each converts an argument or refuses it by name, before work."""

from __future__ import annotations

import math
import operator
from collections.abc import Sequence
from typing import Any

import numpy as np

from scratchnet.engine.convert import to_bool
from scratchnet.engine.dtypes import as_dtype, spoken
from scratchnet.engine.errors import (
    DtypeError,
    IncompatibleShapesError,
    InvalidArgumentError,
    invalid,
    say,
)
from scratchnet.engine.tensor import Operators, Tensor, TensorLike, convert
from scratchnet.engine.tensor_shape import TensorShape

# -- tensors --------------------------------------------------------------------------------------


def tensor(where: str, name: str, value: TensorLike, hint: np.dtype[Any] | None = None) -> Tensor:
    """`value` as a Tensor; what cannot be one is refused in the name of the function.

    A variable is read here, an op that tapes record (`scratchnet.engine.tensor.convert`); so in
    all checks of this module that take values.

    Raises:
        DtypeError: strings, and Python values that the `hint` cannot hold.
        ValueError: None, ragged lists, objects.
    """
    if type(value) is Tensor:
        return value
    try:
        return convert(value, hint=hint)
    except TypeError as error:
        raise DtypeError(f"{where}: `{name}`: {error}") from None
    except ValueError as error:
        raise ValueError(f"{where}: `{name}`: {error}") from None


def of_dtype(where: str, name: str, value: TensorLike, dtype: np.dtype[Any]) -> Tensor:
    """`value` as a Tensor of that dtype; what cannot be one is refused as by `tensor`."""
    try:
        return convert(value, dtype)
    except TypeError as error:
        raise DtypeError(f"{where}: `{name}`: {error}") from None
    except ValueError as error:
        raise ValueError(f"{where}: `{name}`: {error}") from None


def floating(where: str, name: str, value: TensorLike) -> Tensor:
    """`value` as a Tensor of a floating dtype."""
    return _of_kinds(where, name, value, "f", "floating (float16, float32 or float64)")


def inexact(where: str, name: str, value: TensorLike) -> Tensor:
    """`value` as a Tensor of a floating or complex dtype."""
    return _of_kinds(where, name, value, "fc", "floating (float16, float32 or float64)")


def numeric(where: str, name: str, value: TensorLike) -> Tensor:
    """`value` as a Tensor of any dtype but bool."""
    return _of_kinds(where, name, value, "iufc", "numeric")


def real(where: str, name: str, value: TensorLike) -> Tensor:
    """`value` as a Tensor of integers or floats."""
    return _of_kinds(where, name, value, "iuf", "numeric and real")


def signed(where: str, name: str, value: TensorLike) -> Tensor:
    """`value` as a Tensor of a dtype that has negative numbers."""
    return _of_kinds(where, name, value, "ifc", "numeric and signed")


def boolean(where: str, name: str, value: TensorLike) -> Tensor:
    """`value` as a bool Tensor."""
    return _of_kinds(where, name, value, "b", "bool")


def integer(where: str, name: str, value: TensorLike) -> Tensor:
    """`value` as an integer Tensor."""
    return _of_kinds(where, name, value, "iu", "of an integer dtype")


def _of_kinds(where: str, name: str, value: TensorLike, kinds: str, said: str) -> Tensor:
    x = tensor(where, name, value)
    if x._data.dtype.kind not in kinds:
        raise DtypeError(f"{where}: `{name}` must be {said}, received dtype {x.dtype.name}")
    return x


def dtype_named(where: str, value: object) -> np.dtype[Any]:
    """The argument `dtype` of an op, as NumPy's."""
    try:
        return as_dtype(value).numpy
    except TypeError as error:
        raise TypeError(f"{where}: `dtype`: {error}") from None


def index_dtype(where: str, name: str, value: object) -> np.dtype[Any]:
    """The dtype of indices that a caller asks for: int32 or int64."""
    kind = dtype_named(where, value)
    if kind.name not in ("int32", "int64"):
        raise DtypeError(say(where, name, "must be int32 or int64", value))
    return kind


flag = to_bool


def one_of(value: object, names: Sequence[str]) -> bool:
    """Whether `value` is one of the `names`; an array, of whatever it is, is none."""
    return isinstance(value, str) and value in names


# -- several tensors together ---------------------------------------------------------------------


def matching(where: str, /, **values: TensorLike) -> list[Tensor]:
    """The values as tensors of one dtype: that of the first tensor among them, or of the first.

    Python numbers and NumPy arrays take that dtype; another tensor of another dtype is refused,
    since TensorFlow does not promote.

    Args:
        where: the caller's name, for messages.
        **values: the arguments of the caller by their names.
    """
    given = list(values.values())
    if not all([type(v) is Tensor for v in given]):
        first = next((v for v in given if isinstance(v, Operators)), None)
        if first is None:
            first = tensor(where, next(iter(values)), given[0])
        # A variable is not read for its dtype: each read is a record on the tapes.
        dtype = first._data.dtype
        given = [
            v if type(v) is Tensor else _hinted(where, i, n, v, dtype)
            for i, (n, v) in enumerate(values.items())
        ]
    wanted = given[0]._data.dtype
    if all([x._data.dtype == wanted for x in given]):
        return given
    for i, (name, x) in enumerate(zip(values, given, strict=True)):
        if x._data.dtype != wanted:
            raise _mismatch(where, i, name, wanted, x._data.dtype)
    return given


def cotangent_and(
    where: str, gradients: TensorLike, takes_complex: bool = False, **other: TensorLike
) -> tuple[Tensor, Tensor]:
    """The `gradients`, floating, and another tensor of the same shape and dtype, by its name."""
    ((name, _),) = other.items()
    g, y = matching(where, gradients=gradients, **other)
    (inexact if takes_complex else floating)(where, "gradients", g)
    if g._data.shape != y._data.shape:
        raise invalid(where, name, f"must have the shape {g._data.shape} of `gradients`", y)
    return g, y


def _hinted(where: str, i: int, name: str, value: TensorLike, dtype: np.dtype[Any]) -> Tensor:
    try:
        return tensor(where, name, value, hint=dtype)
    except DtypeError as error:
        found = tensor(where, name, value)._data.dtype  # a string raises its own error here
        cannot = str(error).removeprefix(f"{where}: `{name}`: ")
        raise _mismatch(where, i, name, dtype, found, f"{cannot}; ") from None


def _mismatch(
    where: str, i: int, name: str, wanted: np.dtype[Any], found: np.dtype[Any], why: str = ""
) -> DtypeError:
    return DtypeError(
        f"{where}: `{name}`: cannot compute {where} as input #{i}(zero-based) was expected to be a "
        f"{spoken(wanted)} tensor but is a {spoken(found)} tensor: {why}"
        "dtypes are never promoted, `cast` one of them"
    )


def broadcastable(where: str, *tensors: Tensor) -> None:
    """The shapes broadcast against each other."""
    shapes = [x._data.shape for x in tensors]
    if len({*shapes, ()}) <= 2:  # alike, but for scalars
        return
    try:
        np.broadcast_shapes(*[shape[-32:] for shape in shapes])  # as many axes as it takes
        if max(map(len, shapes)) > 32:
            np.broadcast_shapes(*[shape[:-32] for shape in shapes])
    except ValueError:
        said = " vs. ".join(brackets(shape) for shape in shapes)
        raise IncompatibleShapesError(f"{where}: Incompatible shapes: {said}") from None


def brackets(shape: Sequence[int]) -> str:
    """A shape as TensorFlow's messages write it: ``[2,3]``."""
    return "[" + ",".join(str(size) for size in shape) + "]"


# -- integers: sizes and axes ---------------------------------------------------------------------


def one_int(where: str, name: str, value: Any) -> int:
    """`value` (a Python, NumPy or tensor integer) as an int.

    Raises:
        DtypeError: a float (even a whole one), a bool, a string, a list.
        ValueError: None; an integer of more than 64 bits.
    """
    number = _index(where, name, value)
    if not -(2**63) <= number < 2**63:
        raise ValueError(say(where, name, "must be an integer of 64 bits", value))
    return number


def _index(where: str, name: str, value: Any) -> int:
    if value is None:
        raise ValueError(f"{say(where, name, 'must be an integer', value)}: {_NONE}")
    if isinstance(value, Operators):
        value = value._data
    try:
        if isinstance(value, bool | np.bool_):
            raise TypeError
        return operator.index(value)
    except TypeError:
        raise DtypeError(say(where, name, "must be an integer", value)) from None


_NONE = "Attempt to convert a value (None) with an unsupported type to a Tensor."


def ints(where: str, name: str, value: Any, scalar: bool = True) -> tuple[int, ...]:
    """`value` (a list, tuple, shape, array or tensor of integers) as a tuple of ints.

    Args:
        where, name: the caller and its argument, for messages.
        value: as said; nested lists are refused.
        scalar: whether one integer stands for a list of one.
    """
    if type(value) in (list, tuple) and all([type(n) is int for n in value]):
        found = tuple(value)  # most calls, those of VJPs among them
    else:
        found = _ints(where, name, value, scalar)
    if any([not -(2**63) <= n < 2**63 for n in found]):
        raise ValueError(say(where, name, "must hold integers of 64 bits", value))
    return found


def _ints(where: str, name: str, value: Any, scalar: bool) -> tuple[int, ...]:
    if isinstance(value, Operators):
        value = value._data
    if isinstance(value, np.ndarray):
        if value.dtype.kind not in "iu" and value.size:
            raise DtypeError(say(where, name, "must hold integers", value))
        value = value.tolist()
    if isinstance(value, TensorShape) and value.rank is not None:
        value = list(value)
    if not isinstance(value, list | tuple):
        _index(where, name, value)
        if not scalar:
            raise invalid(where, name, "must be a list of integers (1-D)", value)
        value = (value,)
    return tuple([_index(where, name, part) for part in value])


def sizes(where: str, name: str, value: Any, scalar: bool = True) -> tuple[int, ...]:
    """`value` as the shape of an array: sizes >= 0, and not too many elements to be counted."""
    shape = ints(where, name, value, scalar)
    if any(n < 0 for n in shape):
        raise invalid(where, name, "must hold sizes >= 0", shape)
    countable(where, name, shape)
    return shape


def countable(where: str, name: str, shape: Sequence[int]) -> None:
    """An array of `shape` has fewer bytes than 64 bits can count."""
    if math.prod(shape) > _MOST:
        raise invalid(where, name, "must not have more than 2**59 elements in all", tuple(shape))


_MOST = 2**59  # of 16 bytes, the largest


def one_axis(
    where: str, name: str, value: Any, rank: int, error: type[Exception] = InvalidArgumentError
) -> int:
    """`value` as an axis in 0..rank-1; negative ones count from the end.

    Raises:
        error: out of range.
    """
    axis = one_int(where, name, value)
    if not -rank <= axis < rank:
        rule = f"must be in range [{-rank}, {rank}), the axes of a tensor of rank {rank}"
        raise error(say(where, name, rule, axis))
    return axis % rank


def axes(where: str, name: str, value: Any, rank: int) -> tuple[int, ...]:
    """`value` (None for all, one axis or several) as sorted, distinct axes in 0..rank-1."""
    if value is None:
        return tuple(range(rank))
    if type(value) is int and -rank <= value < rank:
        return (value % rank,)
    found = tuple([one_axis(where, name, axis, rank) for axis in ints(where, name, value)])
    if len(set(found)) != len(found):
        raise invalid(where, name, "must not name an axis twice", value)
    return tuple(sorted(found))
