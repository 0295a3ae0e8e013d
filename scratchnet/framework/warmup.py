"""`warmup`: compile the kernels before they are needed."""

from __future__ import annotations

from typing import Any

import numpy as np

from scratchnet import ops
from scratchnet.engine.dtypes import DType, as_dtype
from scratchnet.engine.errors import say
from scratchnet.engine.tape import GradientTape
from scratchnet.engine.tensor import Tensor
from scratchnet.ops import optimizer_updates
from scratchnet.ops.compiling import in_parts
from scratchnet.ops.random_order import fit_permutation

N, H, C = 4, 32, 16  # enough numbers for the kernels that small arrays go without


def warmup(dtype: Any = "float32") -> None:
    """Run every kernel once, so that nothing has to be compiled later.

    Kernels are compiled when they are first used, for each dtype, and kept in files for all later
    programs; where there are none yet that takes about half a minute in all.  Not in TensorFlow.

    Args:
        dtype: float32 or float64.

    Raises:
        ValueError: another dtype.

    >>> warmup()
    """
    kind = as_dtype(dtype)
    if kind.name not in ("float32", "float64"):
        raise ValueError(say("warmup", "dtype", "must be float32 or float64", dtype))
    x = Tensor(np.ones((N, H, H, C), kind.numpy))
    parts = [
        lambda: _images(x, C),  # tiles of one column of registers
        lambda: _images(x, 2 * C),  # and of two
        lambda: _pooled(x),
        lambda: _normalized(x),
        lambda: _matrices(x),
        lambda: _updates(x._data),
        lambda: _random(kind),
    ]
    in_parts("warmup", parts)


def _random(kind: DType) -> None:
    fit_permutation(0, N)
    for seed in ((0, 1), (2, 3)):
        for draw in (ops.stateless_uniform, ops.stateless_normal, ops.stateless_truncated_normal):
            for size in (4, 1 << 18):  # on one thread, and on all
                draw([size], seed, dtype=kind)


def _images(x: Tensor, filters: int) -> None:
    k = Tensor(np.ones((3, 3, C, filters), x._data.dtype))
    bias = Tensor(np.zeros(filters, x._data.dtype))
    with GradientTape() as tape:
        tape.watch([x, k, bias])
        y = ops.fused_conv2d(x, k, bias, 1, "SAME", activation="relu")
        y = ops.stateless_dropout(ops.relu(y), 0.5, (0, 1))
        z = ops.max_pool2d(y, 2, 2, "VALID") + ops.avg_pool2d(y, 2, 2, "VALID")
    tape.gradient(z, [x, k, bias])


def _pooled(x: Tensor) -> None:
    """A convolution of twice the channels and the pooling after it."""
    x = ops.concat([x, x], -1)
    k = Tensor(np.ones((3, 3, 2 * C, 2 * C), x._data.dtype))
    bias = Tensor(np.zeros(2 * C, x._data.dtype))
    with GradientTape() as tape:
        tape.watch([x, k, bias])
        y = ops.pooled_conv2d(x, k, bias, 1, "VALID", 2, activation="relu")
    tape.gradient(y, [x, k, bias])


def _normalized(x: Tensor) -> None:
    """A batch normalization, and a residual block's sum."""
    one = Tensor(np.ones(C, x._data.dtype))
    with GradientTape() as tape:
        tape.watch(x)
        y, mean, variance = ops.fused_batch_norm(x, one, one, activation="relu")
        z = ops.add_relu(ops.fused_batch_norm(y, one, one, mean, variance, is_training=False)[0], x)
        z = ops.add(ops.fused_batch_norm_add_relu(y, x, one, one)[0], z)
    tape.gradient(z, x)


def _matrices(x: Tensor) -> None:
    a = ops.reshape(x, [-1, 256])
    for width in (C, 256):
        b = Tensor(np.ones((256, width), x._data.dtype))
        with GradientTape() as tape:
            tape.watch([a, b])
            y = ops.matmul(a, b)
        tape.gradient(y, [a, b])


def _updates(w: Any) -> None:
    one = w.dtype.type(1)
    optimizer_updates.adam_step(w, w, w, w, one, one, one, one)
    optimizer_updates.sgd_step(w, w, one)
