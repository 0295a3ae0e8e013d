"""The inputs of a layer: conversion to tensors of its dtype, and their shapes."""

from __future__ import annotations

from typing import Any

from scratchnet import ops
from scratchnet.engine import nest
from scratchnet.engine.tensor import Operators, Tensor, convert
from scratchnet.engine.tracebacks import warn
from scratchnet.keras.keras_mask import get_mask, set_mask
from scratchnet.keras.keras_tensor import KerasTensor


def standardized(where: str, x: Any, dtype: str | None) -> Any:
    """`x` as a tensor, or a structure of them; floating ones cast to `dtype`, if there is one.

    None and KerasTensors stay what they are.

    Raises:
        ValueError: something in it is neither a tensor nor an array.
    """
    if type(x) is not Tensor:
        if x is None or isinstance(x, KerasTensor):
            return x
        if nest.is_nested(x):
            return nest.pack(x, [standardized(where, leaf, dtype) for leaf in nest.flatten(x)])
        _refuse(where, x)
        x = convert(x)
    kind = x._data.dtype
    if kind.kind != "f" or dtype is None or kind == dtype:
        return x
    y = ops.cast(x, dtype)
    if (mask := get_mask(x)) is not None:
        set_mask(y, mask)
    return y


def _refuse(where: str, x: Any) -> None:
    if not is_array(x):
        raise ValueError(
            f"{where}: positional arguments must be tensors or arrays, received {x!r} of type "
            f"{type(x).__name__}"
        )


def is_array(x: Any) -> bool:
    """Whether `x` is a tensor, a variable or an array."""
    return isinstance(x, Operators) or hasattr(x, "__array__")


def shapes(x: Any) -> Any:
    """The shape of `x`; of a structure, the structure of the shapes."""
    if isinstance(x, Tensor):
        return x._data.shape
    if isinstance(x, KerasTensor):
        return x.shape
    if isinstance(x, dict):
        return {key: shapes(part) for key, part in x.items()}
    if isinstance(x, list | tuple):
        parts = [shapes(part) for part in x]
        return parts if isinstance(x, list) else tuple(parts)
    return None


def input_shape_argument(kwargs: dict[str, Any]) -> Any:
    """Take ``input_shape`` or ``input_dim`` out of `kwargs`."""
    given = kwargs.pop("input_shape", None)
    if "input_dim" in kwargs:
        given = (kwargs.pop("input_dim"),)
    if given is not None:
        warn(
            "a layer takes `input_shape`/`input_dim` for old programs only: begin a Sequential "
            "with Input(shape) instead"
        )
    return given


def merge_positional(where: str, args: tuple[Any, ...], given: dict[str, Any]) -> tuple[Any, ...]:
    """The values of the arguments `given` by name, with `args` for the first of them.

    Raises:
        TypeError: more `args` than names.
        ValueError: an argument that is given twice; a name for the first one.

    >>> merge_positional("add_weight", ((3,),), {"shape": None, "initializer": "zeros"})
    ((3,), 'zeros')
    """
    if len(args) > len(given):
        raise TypeError(
            f"{where}: at most {len(given)} positional arguments, {list(given)}, received {args}"
        )
    if args and isinstance(args[0], str):
        raise ValueError(
            f"{where}: `name` must be passed as a keyword argument, received {args[0]!r}; use "
            f"{where}(shape=…, name={args[0]!r})"
        )
    for name, value in zip(given, args, strict=False):
        if given[name] is not None:
            raise ValueError(
                f"{where}: `{name}` was passed both positionally and as a keyword argument, "
                f"received {value!r} and {given[name]!r}"
            )
    return (*args, *list(given.values())[len(args) :])
