"""Random numbers with TensorFlow's bits.

Stateless ops (`scratchnet.ops.random_stateless`) are functions of their seed.  The stateful ones
here give new numbers at each call, and `set_seed` begins the sequence again
(`scratchnet.ops.random_seeds` says how).
"""

from __future__ import annotations

import math

from scratchnet.engine.dtypes import Array
from scratchnet.engine.tensor import Tensor, TensorLike
from scratchnet.ops.arguments import dtype_named
from scratchnet.ops.random_categorical import categorical, stateless_categorical
from scratchnet.ops.random_order import ShuffleStream, fit_permutation, shuffle
from scratchnet.ops.random_sample import (
    FLOATS,
    DType,
    Source,
    check_dtype,
    normals,
    uniforms,
    uniforms_from_zero,
)
from scratchnet.ops.random_seeds import (
    BLOCKS,
    TracedOps,
    forget_kernels,
    global_seed,
    next_stream,
    set_seed,
)
from scratchnet.ops.random_stateless import (
    Algorithm,
    stateless_fold_in,
    stateless_normal,
    stateless_split,
    stateless_truncated_normal,
    stateless_uniform,
    uniform_array,
)
from scratchnet.ops.random_stream import Stream

__all__ = [
    "Algorithm",
    "ShuffleStream",
    "TracedOps",
    "categorical",
    "fit_permutation",
    "forget_kernels",
    "global_seed",
    "next_op_seed_uniform_array",
    "normal",
    "set_seed",
    "shuffle",
    "stateless_categorical",
    "stateless_fold_in",
    "stateless_normal",
    "stateless_split",
    "stateless_truncated_normal",
    "stateless_uniform",
    "truncated_normal",
    "uniform",
    "uniform_array",
]


def uniform(
    shape: TensorLike,
    minval: TensorLike = 0,
    maxval: TensorLike = None,
    dtype: object = "float32",
    seed: int | None = None,
) -> Tensor:
    """Numbers in [minval, maxval), others at each call: ``u (maxval - minval) + minval``.

    Args:
        shape: the shape, 1-D of integers.
        minval: the lower bound.
        maxval: the upper bound, excluded; 1 for floats if not given.  Both bounds must be scalars
            for integers (``bits mod (maxval - minval)``), and are broadcast for floats.
        dtype: float16, float32, float64, int32 or int64.
        seed: with `set_seed`, makes the numbers repeatable.

    Raises:
        ValueError: a dtype not in this list, no `maxval` for integers.
        TypeError: `seed` is not an integer.
        InvalidArgumentError: a bad `shape`, an empty range of integers.

    Reference: ``tf.random.uniform``.

    >>> set_seed(5)
    >>> uniform([], maxval=3, dtype="int32", seed=10).numpy()
    np.int32(2)
    """
    where, kind = "uniform", dtype_named("uniform", dtype)
    check_dtype(where, kind, (*FLOATS, "int32", "int64"))
    if maxval is None and kind.kind == "i":
        raise ValueError(f"{where}: Must specify maxval for integer dtype {kind.name}")
    source, top = _stateful(where, seed), 1 if maxval is None else maxval
    if kind.kind == "f" and isinstance(minval, int) and minval == 0:
        return uniforms_from_zero(where, shape, top, kind, source)
    return uniforms(where, shape, minval, top, kind, source)


def normal(
    shape: TensorLike,
    mean: TensorLike = 0.0,
    stddev: TensorLike = 1.0,
    dtype: object = "float32",
    seed: int | None = None,
) -> Tensor:
    """Normal numbers, others at each call: ``z stddev + mean``.

    Args:
        shape: the shape, 1-D of integers.
        mean, stddev: of `dtype`, broadcast against `shape`.  Gradients flow to them.
        dtype: float16, float32 or float64.
        seed: with `set_seed`, makes the numbers repeatable.

    Raises:
        TypeError: `mean` or `stddev` do not fit `dtype`; `seed` is not an integer.
        InvalidArgumentError: a bad `shape`, another dtype.

    Reference: ``tf.random.normal``.

    >>> set_seed(5)
    >>> normal([2, 2], seed=1).numpy()
    array([[-1.3768897 , -0.01258316],
           [-0.169515  ,  1.0824056 ]], dtype=float32)
    """
    return normals("normal", Stream.normal, shape, mean, stddev, dtype, _stateful("normal", seed))


def truncated_normal(
    shape: TensorLike,
    mean: TensorLike = 0.0,
    stddev: TensorLike = 1.0,
    dtype: object = "float32",
    seed: int | None = None,
) -> Tensor:
    """As `normal`, but no number is `stddev` times 2 or more from `mean`: drawn again.

    Args, Raises: as `normal`.  Reference: ``tf.random.truncated_normal``.

    >>> bool((abs(truncated_normal([1000]).numpy()) < 2).all())
    True
    """
    where, source = "truncated_normal", _stateful("truncated_normal", seed)
    return normals(where, Stream.truncated_normal, shape, mean, stddev, dtype, source)


def _stateful(op: str, op_seed: int | None) -> Source:
    return lambda n, dtypes: next_stream(op, dtypes, op_seed, n * BLOCKS)


def next_op_seed_uniform_array(
    shape: tuple[int, ...], dtype: DType, op_seed: int | None = None
) -> Array:
    """What the next call of `uniform` would have in [0, 1), as an array."""
    n = math.prod(shape)
    return _stateful("uniform", op_seed)(n, f"{dtype.name} int32").uniform(n, dtype).reshape(shape)
