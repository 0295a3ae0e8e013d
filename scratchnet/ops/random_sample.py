"""From the arguments of a random op to its numbers: what all kinds of random ops share.

Every function checks its arguments first and asks for the stream last, so that a call which is
refused moves no generator on.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from scratchnet.engine.dtypes import Array
from scratchnet.engine.errors import InvalidArgumentError
from scratchnet.engine.tensor import Tensor, TensorLike
from scratchnet.ops.arguments import brackets, dtype_named, of_dtype, tensor
from scratchnet.ops.arithmetic import add, multiply, subtract
from scratchnet.ops.random_stream import Stream

DType = np.dtype[Any]
Sizes = tuple[int, ...]
# Finds the stream, given how many numbers are wanted and the dtypes of result and shape.
Source = Callable[[int, str], Stream]

FLOATS = ("float16", "float32", "float64")


def normals(
    where: str,
    draw: Callable[[Stream, int, DType], Array],
    shape: TensorLike,
    mean: TensorLike,
    stddev: TensorLike,
    dtype: object,
    source: Source,
) -> Tensor:
    """``z stddev + mean``, where `draw` makes z of a stream."""
    kind = dtype_named(where, dtype)
    center, spread = of_dtype(where, "mean", mean, kind), of_dtype(where, "stddev", stddev, kind)
    if kind.name not in FLOATS:
        raise InvalidArgumentError(
            f"{where}: `dtype` must be float16, float32 or float64, received dtype={kind.name}"
        )
    sizes, width = sizes_of(where, shape)
    _check_broadcast(where, sizes, center, spread)
    n = math.prod(sizes)
    z = Tensor(draw(source(n, f"{kind.name} {width}"), n, kind).reshape(sizes))
    if _is(mean, 0) and _is(stddev, 1):
        return z
    return add(multiply(z, spread), center)


def uniforms(
    where: str,
    shape: TensorLike,
    minval: TensorLike,
    maxval: TensorLike,
    kind: DType,
    source: Source,
) -> Tensor:
    """``u (maxval - minval) + minval`` for floats; for integers any of ``minval … maxval - 1``."""
    if kind.kind in "iu":
        return _integers(where, shape, minval, maxval, kind, source)
    low, high = of_dtype(where, "minval", minval, kind), of_dtype(where, "maxval", maxval, kind)
    u = _units(where, shape, (low, high), kind, source)
    if _is(minval, 0) and _is(maxval, 1):
        return u
    return add(multiply(u, subtract(high, low)), low)


def uniforms_from_zero(
    where: str, shape: TensorLike, maxval: TensorLike, kind: DType, source: Source
) -> Tensor:
    """``u maxval``: not quite `uniforms`, which has 0 where this has -0 if `maxval` is negative."""
    high = of_dtype(where, "maxval", maxval, kind)
    u = _units(where, shape, (high,), kind, source)
    return u if _is(maxval, 1) else multiply(u, high)


def _units(
    where: str, shape: TensorLike, bounds: tuple[Tensor, ...], kind: DType, source: Source
) -> Tensor:
    sizes, width = sizes_of(where, shape)
    _check_broadcast(where, sizes, *bounds)
    n = math.prod(sizes)
    return Tensor(source(n, f"{kind.name} {width}").uniform(n, kind).reshape(sizes))


def full_range(where: str, shape: TensorLike, kind: DType, source: Source) -> Tensor:
    """Integers of all values of the dtype."""
    sizes, width = sizes_of(where, shape)
    n = math.prod(sizes)
    return Tensor(source(n, f"{kind.name} {width}").full_range(n, kind).reshape(sizes))


def _integers(
    where: str,
    shape: TensorLike,
    minval: TensorLike,
    maxval: TensorLike,
    kind: DType,
    source: Source,
) -> Tensor:
    low, high = (
        of_dtype(where, name, bound, kind)._data
        for name, bound in (("minval", minval), ("maxval", maxval))
    )
    for name, bound in (("minval", low), ("maxval", high)):
        if bound.ndim:
            raise InvalidArgumentError(
                f"{where}: {name} must be 0-D, got shape {brackets(bound.shape)}"
            )
    sizes, width = sizes_of(where, shape)
    n = math.prod(sizes)
    if low >= high and n:  # TensorFlow does not mind an empty range for no numbers
        raise InvalidArgumentError(f"{where}: Need minval < maxval, got {low} >= {high}")
    stream = source(n, f"{kind.name} {width}")
    return Tensor(stream.integers(n, kind, int(low), int(high)).reshape(sizes))


def sizes_of(where: str, shape: TensorLike) -> tuple[Sizes, str]:
    """The sizes in `shape`, and the dtype it has: int32 or int64.

    Raises:
        ValueError: None, or a None inside.
        DtypeError: a string.
        InvalidArgumentError: no vector of integers, a negative size, too many elements.
    """
    x = tensor(where, "shape", shape)._data
    if x.ndim != 1:
        raise InvalidArgumentError(
            f"{where}: shape must be a vector of {{int32,int64}}, got shape {brackets(x.shape)}"
        )
    if x.size and x.dtype.name not in ("int32", "int64"):
        raise InvalidArgumentError(
            f"{where}: `shape` must hold integers of int32 or int64, received shape={shape!r}"
        )
    sizes = tuple(int(size) for size in x)
    for size in sizes:
        if size < 0:
            raise InvalidArgumentError(f"{where}: Dimension {size} must be >= 0 in `shape` {sizes}")
    if math.prod(size for size in sizes if size) >= 2**63:
        raise InvalidArgumentError(
            f"{where}: Shape {brackets(sizes)} would have more than 2**63 - 1 elements"
        )
    return sizes, x.dtype.name if x.size else "int32"


def check_dtype(where: str, kind: DType, accepted: tuple[str, ...]) -> None:
    """Refuse a dtype that is not among the `accepted` names."""
    if kind.name not in accepted:
        raise ValueError(
            f"{where}: Argument `dtype` got invalid value {kind.name}. "
            f"Accepted dtypes are {accepted}."
        )


def _check_broadcast(where: str, sizes: Sizes, *bounds: Tensor) -> None:
    shapes = [sizes, *(bound._data.shape for bound in bounds)]
    try:
        np.broadcast_shapes(*shapes)
    except ValueError:
        said = " vs. ".join(brackets(shape) for shape in shapes)
        raise InvalidArgumentError(f"{where}: Incompatible shapes: {said}") from None


def _is(value: TensorLike, number: int) -> bool:
    """Whether `value` is that Python number, so that the step it stands for can be left out."""
    return isinstance(value, int | float) and value == number
