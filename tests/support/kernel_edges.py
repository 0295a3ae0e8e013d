"""The convolution and pooling kernels at the edges of what the ops let through.

``python -m tests.support.kernel_edges float32`` runs every geometry below in that dtype and
compares with the composed definitions. The values are small whole numbers, so that every sum is
exact, whatever its order. `tests.kernels.test_edges` runs it with bounds checked
(NUMBA_BOUNDSCHECK=1), and as Python, where every index is checked (NUMBA_DISABLE_JIT=1); one
process for each dtype, since nearly all of the time goes into compiling, which takes one core.
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

import scratchnet as tf
from scratchnet import ops
from scratchnet.kernels.conv2d import scatter_gradient
from scratchnet.kernels.matmul import DEPTH, product
from scratchnet.ops.composed import TWINS

Explicit = list[list[int]]


def around(top: int, bottom: int, left: int, right: int) -> Explicit:
    return [[0, 0], [top, bottom], [left, right], [0, 0]]


# image (H, W), window (kh, kw), strides, dilations, padding
CONVOLUTIONS: list[tuple[Any, Any, Any, Any, Any]] = [
    ((1, 1), (1, 1), 1, 1, "VALID"),  # nothing but one number
    ((1, 1), (3, 3), 1, 1, "SAME"),  # a window larger than the image
    ((1, 1), (1, 1), 4, 1, around(3, 2, 0, 1)),  # windows that see padding only
    ((3, 2), (3, 2), 1, 1, "VALID"),  # a window as large as the image
    ((5, 4), (2, 3), (3, 4), 1, "VALID"),  # steps larger than the window, a rest left over
    ((5, 4), (1, 1), (3, 2), 1, "SAME"),
    ((4, 6), (2, 2), 1, 1, "SAME"),  # an even window: padded bottom and right only
    ((7, 5), (3, 3), 2, 1, "SAME"),
    ((7, 6), (3, 2), 1, (2, 3), "SAME"),  # dilated
    ((7, 6), (2, 2), (2, 3), (3, 2), "VALID"),  # dilated and strided
    ((3, 3), (2, 2), (2, 1), (2, 1), around(0, 2, 3, 0)),
    ((2, 9), (1, 4), (1, 2), 1, around(1, 0, 0, 3)),
]
# (N, C, O): no image, one, more than there are threads; one channel, and more than a tile holds
DEPTHS = [(0, 1, 1), (1, 1, 1), (1, 3, 33), (2, 1, 17), (5, 2, 3), (1, 13, 2), (2, 2, 16)]

# image, window, strides, padding
POOLS: list[tuple[Any, Any, Any, Any]] = [
    ((1, 1), (1, 1), 1, "VALID"),
    ((1, 1), (3, 3), 2, "SAME"),
    ((4, 5), (4, 5), 1, "VALID"),
    ((5, 4), (2, 2), (2, 3), "VALID"),
    ((5, 4), (2, 3), (4, 4), "SAME"),
    ((6, 3), (3, 2), 1, "SAME"),
    ((3, 4), (2, 3), (1, 2), around(1, 0, 2, 1)),
]


def whole(rng: np.random.Generator, shape: Any, dtype: str) -> Any:
    return tf.constant(rng.integers(-3, 4, shape).astype(dtype))


def with_gradients(f: Callable[..., Any], g: Any, *xs: Any) -> list[np.ndarray]:
    with tf.GradientTape() as tape:
        tape.watch(xs)
        y = f(*xs)
    found = [y, *tape.gradient(y, xs, output_gradients=g)]
    return [t.numpy() for t in found]


def compare(name: str, g: Any, *xs: Any, **how: Any) -> None:
    """The op and its definition agree, in value and gradients."""
    ours = with_gradients(lambda *ts: getattr(ops, name)(*ts, **how), g, *xs)
    definition = with_gradients(lambda *ts: TWINS[name](*ts, **how), g, *xs)
    title = f"{name} of {[x.shape for x in xs]}, {how}"
    for a, b in zip(ours, definition, strict=True):
        assert a.dtype == b.dtype, title
        near = 1e-6 if name == "avg_pool2d" else 0  # the only one that divides
        np.testing.assert_allclose(a, b, rtol=near, atol=near, err_msg=title)


def check_convolutions(dtype: str) -> int:
    count, rng = 0, np.random.default_rng(0)
    for (size, window, strides, dilations, padding), (N, C, O) in itertools.product(
        CONVOLUTIONS, DEPTHS
    ):
        x, k = whole(rng, (N, *size, C), dtype), whole(rng, (*window, C, O), dtype)
        how = {"strides": strides, "padding": padding, "dilations": dilations}
        g = whole(rng, ops.conv2d(x, k, **how).shape, dtype)
        compare("conv2d", g, x, k, **how)
        if N:
            b = whole(rng, (O,), dtype)
            compare("fused_conv2d", g, x, k, b, **how, activation="relu")
        count += 1
    return count


def check_spread(dtype: str) -> int:
    """The input gradient by the pixels of the cotangent, which ops choose for many images only."""
    count, rng = 0, np.random.default_rng(4)
    for (size, window, strides, dilations, padding), (N, C, O) in itertools.product(
        CONVOLUTIONS, DEPTHS[1:]
    ):
        k = whole(rng, (*window, C, O), dtype)
        how = {"strides": strides, "padding": padding, "dilations": dilations}
        x = whole(rng, (N, *size, C), dtype)
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = ops.conv2d(x, k, **how)
        g = whole(rng, y.shape, dtype)
        gx = np.full(x.shape, np.nan, dtype)
        steps, pads, gaps = (
            next(r for r in tape.records if r.op.name == "conv2d").attrs[name]
            for name in ("strides", "pads", "dilations")
        )
        if y.numpy().size:
            before = (pads[0][0], pads[1][0])
            scatter_gradient(g.numpy(), k.numpy(), gx, steps, gaps, before)
            np.testing.assert_array_equal(gx, tape.gradient(y, x, output_gradients=g).numpy())
            count += 1
    return count


# (N, C, O, pool): filters that fill registers, whole or in part, and windows larger than a tile
POOLED = [(0, 1, 1, 2), (1, 3, 5, (2, 1)), (3, 16, 33, (2, 2)), (2, 16, 17, (3, 2)), (1, 16, 2, 4)]


def check_pooled(dtype: str) -> int:
    """Pooled convolutions, of images large enough for a window of the pooling."""
    count, rng = 0, np.random.default_rng(3)
    for (size, window, strides, dilations, padding), (N, C, O, pool) in itertools.product(
        CONVOLUTIONS, POOLED
    ):
        x, k = whole(rng, (N, *size, C), dtype), whole(rng, (*window, C, O), dtype)
        how = {"strides": strides, "padding": padding, "dilations": dilations}
        out = ops.conv2d(x, k, **how).shape[1:3]
        if all(n >= a for n, a in zip(out, np.broadcast_to(pool, 2), strict=True)):
            how |= {"pool_size": pool, "activation": "relu"}
            b = whole(rng, (O,), dtype)
            g = whole(rng, ops.pooled_conv2d(x, k, b, **how).shape, dtype)
            compare("pooled_conv2d", g, x, k, b, **how)
            count += 1
    return count


def check_pools(dtype: str) -> int:
    count, rng = 0, np.random.default_rng(1)
    for (size, window, strides, padding), N in itertools.product(POOLS, (0, 1, 5)):
        x = whole(rng, (N, *size, 3), dtype)
        how = {"ksize": window, "strides": strides, "padding": padding}
        g = whole(rng, ops.max_pool2d(x, **how).shape, dtype)
        compare("max_pool2d", g, x, **how)
        if isinstance(padding, str):
            compare("avg_pool2d", g, x, **how)
        count += 1
    return count


# (M, K, N): nothing, one number, less than a tile, more than a block, whole tiles
PRODUCTS = [(0, 2, 3), (1, 1, 1), (13, 3, 5), (5, 9, 40), (24, 2, 64), (3, DEPTH + 2, 2)]


def check_products(dtype: str) -> int:
    """`product`, which ops ask only for large matrices, of matrices in all memory layouts."""
    count, rng = 0, np.random.default_rng(2)
    for M, K, N in PRODUCTS:
        a, b = whole(rng, (M, K), dtype).numpy(), whole(rng, (K, N), dtype).numpy()
        for left, right in itertools.product(in_memory_layouts(a), in_memory_layouts(b)):
            if K * M * N:
                y = product(left, right)
                assert y.dtype == a.dtype
                np.testing.assert_array_equal(y, a @ b, err_msg=f"{a.shape} @ {b.shape}")
                count += 1
    return count


def in_memory_layouts(a: np.ndarray) -> list[np.ndarray]:
    """The same matrix: row-major, column-major, strided."""
    return [a, np.asfortranarray(a), np.repeat(np.repeat(a, 2, 0), 3, 1)[::2, ::3]]


if __name__ == "__main__":
    print(
        sum(
            check(dtype)
            for dtype in sys.argv[1:]
            for check in (
                check_convolutions,
                check_spread,
                check_pooled,
                check_pools,
                check_products,
            )
        )
    )
