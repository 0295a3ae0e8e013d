"""Classes drawn by their log-probabilities, with TensorFlow's bits.

    p = softmax(logits)          c[k] = p[0] + … + p[k]          the first class with c[k] > u

for a u in [0, 1) of 52 bits per sample, row after row.  (TensorFlow cuts a large batch into pieces,
one for each thread, which begin elsewhere in the stream: the same classes are drawn where it runs
on one thread, or the batch is small, as 300 rows of 10 classes are.)
"""

from __future__ import annotations

import numpy as np

from scratchnet.engine.dtypes import Array
from scratchnet.engine.errors import InvalidArgumentError
from scratchnet.engine.op import NoGradient, Op, register
from scratchnet.engine.tensor import Tensor, TensorLike, apply
from scratchnet.ops.arguments import brackets, dtype_named, floating, one_int
from scratchnet.ops.random_sample import DType, Source, check_dtype
from scratchnet.ops.random_seeds import BLOCKS, next_stream
from scratchnet.ops.random_stateless import stateless_source
from scratchnet.ops.random_stream import Stream


def categorical(
    logits: TensorLike, num_samples: TensorLike, dtype: object = None, seed: int | None = None
) -> Tensor:
    """Classes, others at each call, each with its probability ``softmax(logits)``.  No gradient.

    Args:
        logits: (N, C), floating: log-probabilities, up to a constant of each row.  A class with an
            infinity or nan is never drawn; of a row without any other "class" C is.
        num_samples: how many to draw for each row.
        dtype: of the result, int32 or int64; int64 if not given.
        seed: with `set_seed`, makes the numbers repeatable.

    Returns:
        (N, num_samples).

    Raises:
        ValueError: a dtype not in this list.
        TypeError: `num_samples` or `seed` is not an integer.
        InvalidArgumentError: (also a TypeError) `logits` are not floating, no matrix, without a
            class; `num_samples` is negative.

    Reference: ``tf.random.categorical``.

    >>> from scratchnet.ops.random_seeds import set_seed
    >>> set_seed(5)
    >>> categorical([[0.0, 1.0, 2.0], [9.0, 0.0, 0.0]], 5, seed=1).numpy()
    array([[1, 2, 1, 0, 1],
           [0, 0, 0, 0, 0]])
    """

    def source(n: int, dtypes: str) -> Stream:
        return next_stream("categorical", dtypes, seed, n * BLOCKS)

    return _classes("categorical", logits, num_samples, dtype, source)


def stateless_categorical(
    logits: TensorLike, num_samples: TensorLike, seed: TensorLike, dtype: object = "int64"
) -> Tensor:
    """Classes, a function of `seed`, each with its probability ``softmax(logits)``.  No gradient.

    Args:
        logits, num_samples, dtype: as `categorical`.
        seed: two integers.

    Raises:
        ValueError, TypeError, InvalidArgumentError: as `categorical`; a bad `seed`.

    Reference: ``tf.random.stateless_categorical``.

    >>> stateless_categorical([[0.0, 1.0, 2.0]], 5, seed=(1, 2)).numpy()
    array([[2, 2, 1, 2, 2]])
    """
    where = "stateless_categorical"
    return _classes(where, logits, num_samples, dtype, stateless_source(where, seed, "auto_select"))


def _classes(
    where: str, logits: TensorLike, num_samples: TensorLike, dtype: object, source: Source
) -> Tensor:
    kind = dtype_named(where, "int64" if dtype is None else dtype)
    check_dtype(where, kind, ("int32", "int64"))
    x, n = floating(where, "logits", logits), one_int(where, "num_samples", num_samples)
    shape = x._data.shape
    if len(shape) != 2:
        said = brackets(shape)
        raise InvalidArgumentError(f"{where}: logits should be a matrix, got shape {said}")
    if n < 0:
        raise InvalidArgumentError(f"{where}: num_samples should be non-negative, got {n}")
    if not shape[1]:
        raise InvalidArgumentError(f"{where}: num_classes should be positive, got 0")
    reserved = shape[0] * -(-n // 4) * 4 * 2  # TensorFlow counts by whole blocks, two for a float64
    stream = source(reserved, f"{x._data.dtype.name} {kind.name}")
    return apply(CATEGORICAL, x, num_samples=n, stream=stream, dtype=kind)


def _categorical(x: Array, num_samples: int, stream: Stream, dtype: DType) -> tuple[Array, None]:
    finite = np.isfinite(x)
    logits = np.where(finite, x, np.finfo(x.dtype).min).astype(np.float64)
    p = np.exp(logits - logits.max(axis=1, keepdims=True)) * finite  # (N, C), their sum is not 1
    c = np.cumsum(p, axis=1)
    u = stream.uniform(len(x) * num_samples, np.dtype(np.float64)).reshape(len(x), num_samples)
    u = u * c[:, -1:]
    out = np.empty(u.shape, dtype)
    for row, sums, wanted in zip(out, c, u, strict=True):
        row[:] = np.searchsorted(sums, wanted, side="right")
    return out, None


CATEGORICAL = register(
    Op(
        "stateless_categorical",
        stateless_categorical,
        _categorical,
        vjps=(NoGradient("its result is the number of a class"),),
    )
)
