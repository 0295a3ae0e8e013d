"""What each function of ``keras.ops`` does with its arguments before it begins.

Tensors are made of arrays, numbers and lists; integers, axes and flags are read.  What cannot be
one is refused in the name of the function and its argument.  The signature says what an argument
is: the tensors have the names of Keras's, the others their annotation.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any

from scratchnet.engine.errors import say
from scratchnet.engine.operators import Operators
from scratchnet.engine.tensor import Tensor
from scratchnet.ops.arguments import flag, ints, one_int, tensor

# The parameters that are tensors, or may be.
TENSORS = frozenset(
    "x x1 x2 xs a b condition constant_values fill_value indices operands predictions targets "
    "variable inputs kernel depthwise_kernel pointwise_kernel target output mean variance "
    "offset scale gamma beta query key value bias mask weights data segment_ids "
    "sorted_sequence values start_indices updates rtol atol".split()
)
# Parameters of such a name that are none.
_CONSTANTS = {
    *(("squareplus", "b"), ("bincount", "weights")),
    *(("allclose", "rtol"), ("allclose", "atol"), ("diagonal", "offset"), ("trace", "offset")),
}
_LISTS = {("stack", "x"), ("meshgrid", "x"), ("max_pool", "inputs")}
# Lists of tensors, sizes, arrays, and numbers that take their dtype from a tensor beside them.
_NOT_READ = frozenset("xs operands constant_values fill_value start_indices rtol atol".split())
_MAY_BE_NUMBERS = frozenset(("x1", "x2"))
_FEW = 2**31  # integers between this and its negative need no check

Reader = Callable[[Any], Any]


def is_tensor_parameter(name: str, key: str) -> bool:
    """Whether the parameter `key` of the function called `name` is a tensor."""
    return key in TENSORS and (name, key) not in _CONSTANTS


def with_arguments_read(function: Callable[..., Any]) -> Callable[..., Any]:
    """`function` of ``keras.ops``, which gets tensors for arrays and lists, and checked numbers.

    >>> from scratchnet import keras
    >>> keras.ops.argmax([1, 3, 2])
    <tf.Tensor: shape=(), dtype=int32, numpy=1>
    >>> keras.ops.diff([1, 3, 2], axis="rows")
    Traceback (most recent call last):
    scratchnet.engine.errors.DtypeError: diff: `axis` must be an integer, received axis='rows'
    """
    name = function.__name__
    parameters = inspect.signature(function).parameters.values()
    named = [p for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD]
    readers = {p.name: _reader(name, p) for p in named}
    in_order = tuple(readers.values())
    count = len(in_order)

    @wraps(function)
    def reading(*args: Any, **kwargs: Any) -> Any:
        read = [
            value if reader is None else reader(value)
            for value, reader in zip(args, in_order, strict=False)
        ]
        for key, value in kwargs.items():
            reader = readers.get(key)
            if reader is not None:
                kwargs[key] = reader(value)
        return function(*read, *args[count:], **kwargs)

    return reading


def _reader(name: str, parameter: inspect.Parameter) -> Reader | None:
    """What reads the argument of one parameter; None: it stays as it is."""
    key, kind = parameter.name, parameter.annotation
    optional = parameter.default is None
    if is_tensor_parameter(name, key) and key not in _NOT_READ and (name, key) not in _LISTS:
        return _of_tensor(name, key, optional, key in _MAY_BE_NUMBERS)
    if kind in ("int", "int | None"):
        return _of_int(name, key, kind != "int")
    if kind == "bool":
        return lambda value: value if type(value) is bool else flag(name, key, value)
    if kind == "str":
        return lambda value: _text(name, key, value)
    if kind in ("float", "float | None"):
        optional = kind != "float"
        return lambda value: None if optional and value is None else _number(name, key, value)
    if key in ("axis", "source", "destination"):
        return lambda value: None if value is None else _axis(name, key, value)
    return None


def _of_tensor(name: str, key: str, optional: bool, may_be_number: bool) -> Reader:
    def read(value: Any) -> Any:
        if type(value) is Tensor or (may_be_number and type(value) in (bool, int, float)):
            return value
        return None if optional and value is None else tensor(name, key, value)

    return read


def _of_int(name: str, key: str, optional: bool) -> Reader:
    def read(value: Any) -> Any:
        if (type(value) is int and -_FEW < value < _FEW) or (optional and value is None):
            return value  # as most are
        return one_int(name, key, value)

    return read


def _axis(name: str, key: str, value: Any) -> int | tuple[int, ...]:
    """One axis, or some."""
    if type(value) is int and -_FEW < value < _FEW:
        return value
    several = isinstance(value, list | tuple) or bool(getattr(value, "shape", ()))
    return ints(name, key, value) if several else one_int(name, key, value)


def _text(name: str, key: str, value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(say(name, key, "must be a string", value))
    return value


def _number(name: str, key: str, value: Any) -> Any:
    """A number, or a tensor of one."""
    if type(value) in (float, int):
        return value
    found = tensor(name, key, value)
    if found._data.ndim or found._data.dtype.kind not in "iuf":
        raise ValueError(say(name, key, "must be a number", value))
    return value if isinstance(value, Operators) else float(found)
