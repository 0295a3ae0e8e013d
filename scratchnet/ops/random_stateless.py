"""Random numbers that are a function of their seed: equal calls give equal numbers."""

from __future__ import annotations

import enum
import math

import numpy as np

from scratchnet.engine.dtypes import Array
from scratchnet.engine.errors import DtypeError, InvalidArgumentError, say
from scratchnet.engine.op import Op, register
from scratchnet.engine.tensor import Tensor, TensorLike
from scratchnet.ops.arguments import brackets, dtype_named, one_int, tensor
from scratchnet.ops.concat_split import stack
from scratchnet.ops.random_sample import (
    FLOATS,
    DType,
    Source,
    check_dtype,
    full_range,
    normals,
    uniforms,
)
from scratchnet.ops.random_stream import Stream, stateless_stream

INTS = ("int32", "int64", "uint32", "uint64")


def uniform_array(shape: tuple[int, ...], seed: tuple[int, int], dtype: DType) -> Array:
    """What `stateless_uniform` has in [0, 1), as an array."""
    return stateless_stream(seed).uniform(math.prod(shape), dtype).reshape(shape)


def stateless_uniform(
    shape: TensorLike,
    seed: TensorLike,
    minval: TensorLike = 0,
    maxval: TensorLike = None,
    dtype: object = "float32",
    alg: object = "auto_select",
) -> Tensor:
    """Numbers in [minval, maxval), a function of `seed`: ``u (maxval - minval) + minval``.

    Args:
        shape: the shape, 1-D of integers.
        seed: two integers.
        minval: the lower bound; None, with `maxval` None, for integers of all values of `dtype`.
        maxval: the upper bound, excluded; 1 for floats if not given.  Both bounds must be scalars
            for integers (``bits mod (maxval - minval)``), and are broadcast for floats.
        dtype: float16, float32, float64, int32 or int64; uint32 or uint64 over all values.
        alg: ``"philox"``, or ``"auto_select"``, which is the same.

    Raises:
        ValueError: a dtype not in this list, one bound of a range of integers missing, an unknown
            `alg`.
        InvalidArgumentError: a bad `shape` or `seed`, an empty range of integers.

    Reference: ``tf.random.stateless_uniform``.

    >>> stateless_uniform([2, 2], seed=(1, 2)).numpy()
    array([[0.8440604 , 0.19204533],
           [0.9962232 , 0.1603874 ]], dtype=float32)
    >>> stateless_uniform([3], seed=(1, 2), minval=0, maxval=10, dtype="int32").numpy()
    array([0, 9, 4], dtype=int32)
    """
    where, kind = "stateless_uniform", dtype_named("stateless_uniform", dtype)
    check_dtype(where, kind, (*FLOATS, *INTS))
    source = stateless_source(where, seed, alg)
    if kind.kind == "f":
        return uniforms(where, shape, minval, 1 if maxval is None else maxval, kind, source)
    if (minval is None) != (maxval is None):
        raise ValueError(
            f"{where}: For integer `dtype` argument {kind.name}, argument `minval` and `maxval` "
            f"must be both None or not None. Got `minval`={minval} and `maxval`={maxval}."
        )
    if minval is None:
        return full_range(where, shape, kind, source)
    if kind.kind == "u":
        raise ValueError(
            f"{where}: Argument `dtype` got invalid value {kind.name} when argument `minval` is "
            "not None. Please don't use unsigned integers in this case."
        )
    return uniforms(where, shape, minval, maxval, kind, source)


def stateless_normal(
    shape: TensorLike,
    seed: TensorLike,
    mean: TensorLike = 0.0,
    stddev: TensorLike = 1.0,
    dtype: object = "float32",
    alg: object = "auto_select",
) -> Tensor:
    """Normal numbers, a function of `seed`: ``z stddev + mean``.

    Args:
        shape: the shape, 1-D of integers.
        seed: two integers.
        mean, stddev: of `dtype`, broadcast against `shape`.  Gradients flow to them.
        dtype: float16, float32 or float64.
        alg: ``"philox"``, or ``"auto_select"``, which is the same.

    Raises:
        TypeError, ValueError: `mean` or `stddev` do not fit `dtype`; an unknown `alg`.
        InvalidArgumentError: a bad `shape` or `seed`, another dtype.

    Reference: ``tf.random.stateless_normal``.

    >>> stateless_normal([3], seed=(1, 2)).numpy()
    array([0.5441101 , 0.20738031, 0.07356432], dtype=float32)
    """
    where = "stateless_normal"
    return normals(
        where, Stream.normal, shape, mean, stddev, dtype, stateless_source(where, seed, alg)
    )


def stateless_truncated_normal(
    shape: TensorLike,
    seed: TensorLike,
    mean: TensorLike = 0.0,
    stddev: TensorLike = 1.0,
    dtype: object = "float32",
    alg: object = "auto_select",
) -> Tensor:
    """As `stateless_normal`, but no number is `stddev` times 2 or more from `mean`: drawn again.

    Args, Raises: as `stateless_normal`.  Reference: ``tf.random.stateless_truncated_normal``.

    >>> bool((abs(stateless_truncated_normal([1000], seed=(1, 2)).numpy()) < 2).all())
    True
    """
    where = "stateless_truncated_normal"
    source = stateless_source(where, seed, alg)
    return normals(where, Stream.truncated_normal, shape, mean, stddev, dtype, source)


def stateless_split(seed: TensorLike, num: int = 2, alg: object = "auto_select") -> Tensor:
    """`num` new seeds, a function of `seed`: integers [num, 2].

    Args:
        seed: two integers, whose dtype the result has.
        num: how many.
        alg: ``"philox"``, or ``"auto_select"``, which is the same.

    Raises:
        ValueError: `seed` of another dtype, an unknown `alg`.
        InvalidArgumentError: a bad `seed`, a negative `num`, or (also a TypeError) no integer.

    Reference: ``tf.random.split``.

    >>> stateless_split([1, 2], num=2).numpy()
    array([[1105988140, 1738052849],
           [-335576002,  370444179]], dtype=int32)
    """
    where, kind = "split", tensor("split", "seed", seed)._data.dtype
    check_dtype(where, kind, INTS)
    try:
        shape = [one_int(where, "num", num), 2]
    except TypeError:
        rule = "must be an integer (the shape of the result must hold integers)"
        raise DtypeError(say(where, "num", rule, num)) from None
    return full_range(where, shape, kind, stateless_source(where, seed, alg))


def stateless_fold_in(seed: TensorLike, data: TensorLike, alg: object = "auto_select") -> Tensor:
    """A new seed made of `seed` and `data` (the number of a step, a replica, …): integers [2].

    Args:
        seed: two integers.
        data: an integer, whose dtype the result has.
        alg: ``"philox"``, or ``"auto_select"``, which is the same.

    Raises:
        ValueError: `data` of another dtype, an unknown `alg`.
        InvalidArgumentError: a bad `seed`, `data` not a scalar.

    Reference: ``tf.random.fold_in``.

    >>> stateless_fold_in([1, 2], 3).numpy()
    array([1105988140,          3], dtype=int32)
    """
    where, x = "fold_in", tensor("fold_in", "data", data)
    check_dtype(where, x._data.dtype, INTS)
    if x._data.ndim:
        raise InvalidArgumentError(
            f"{where}: `data` must be a scalar, received shape {brackets(x._data.shape)}"
        )
    return stack([full_range(where, [], x._data.dtype, stateless_source(where, seed, alg)), x])


register(Op("stateless_uniform", stateless_uniform))
register(Op("stateless_normal", stateless_normal))
register(Op("stateless_truncated_normal", stateless_truncated_normal))


class Algorithm(enum.Enum):
    """The generators that TensorFlow names.  On a CPU it runs Philox alone."""

    PHILOX = 1
    THREEFRY = 2
    AUTO_SELECT = 3


def check_algorithm(where: str, alg: object) -> int:
    """The number of the algorithm `alg`, which must come to Philox.

    Raises:
        ValueError: `alg` is unknown.
        InvalidArgumentError: `alg` is ThreeFry.
    """
    value = alg.value if isinstance(alg, Algorithm) else alg
    if isinstance(value, Tensor) and not value._data.ndim:
        value = value._data[()]
    names = {"philox": 1, "threefry": 2, "auto_select": 3}
    number = names.get(value) if isinstance(value, str) else value
    if isinstance(number, bool | np.bool_) or not isinstance(number, int | np.integer):
        number = None
    if number == Algorithm.THREEFRY.value:
        raise InvalidArgumentError(f"{where}: `alg` must be philox on a CPU, received alg={alg!r}")
    if number not in (1, 3):
        raise ValueError(
            f"{where}: Argument `alg` got unsupported value {alg}. Supported values are philox for "
            "the Philox algorithm, and auto_select for auto-selection."
        )
    return int(number)


def stateless_source(where: str, seed: TensorLike, alg: object) -> Source:
    """The stream of two integers, from its beginning, for the function `where`."""
    check_algorithm(where, alg)
    x = tensor(where, "seed", seed)._data
    if x.dtype.kind not in "iub":
        raise InvalidArgumentError(f"{where}: `seed` must hold integers, received seed={seed!r}")
    if x.shape != (2,):
        raise InvalidArgumentError(f"{where}: seed must have shape [2], not {brackets(x.shape)}")
    return lambda n, dtypes: stateless_stream((int(x[0]), int(x[1])))
