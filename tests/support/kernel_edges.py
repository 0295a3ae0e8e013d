"""All kernels at the edges of what the ops let through.

``python -m tests.support.kernel_edges float32`` runs every geometry below in that dtype and
compares with the composed definitions, or with NumPy. The values are small whole numbers, so that
every sum is exact, whatever its order. `tests.kernels.test_edges` runs it with bounds checked
(NUMBA_BOUNDSCHECK=1), and as Python, where every index is checked (NUMBA_DISABLE_JIT=1); one
process for each dtype, since nearly all of the time goes into compiling, which takes one core.
A kernel that nothing here enters is an error: a new one needs a check of its own.
"""

from __future__ import annotations

import itertools
import math
import sys
from collections.abc import Callable, Iterator
from functools import partial
from importlib import import_module
from pkgutil import iter_modules
from types import CodeType
from typing import Any

import numpy as np

import scratchnet as tf
from scratchnet import kernels, ops
from scratchnet.kernels import batch_normalization, philox
from scratchnet.kernels.batch_normalization import LINES, PARTS
from scratchnet.kernels.conv2d import scatter_gradient
from scratchnet.kernels.elementwise import LARGE
from scratchnet.kernels.jit import Kernel
from scratchnet.kernels.matmul import DEPTH, product
from scratchnet.kernels.rows import add_rows
from scratchnet.kernels.sums import BLOCK, sum_middle
from scratchnet.ops.composed import TWINS
from scratchnet.ops.optimizer_updates import adam_step, sgd_step
from scratchnet.ops.random_stream import Stream

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
# (N, C, O): no image, one, more than there are threads, so many that some are tiled together; one
# channel, and more than a tile holds
DEPTHS = [(0, 1, 1), (1, 1, 1), (1, 3, 33), (2, 1, 17), (5, 2, 3), (1, 13, 2), (2, 2, 16)]
DEPTHS += [(29, 3, 2), (3, 16, 2), (1, 6, 3)]  # and few filters of whole registers

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
            b, how["output_shape"] = whole(rng, (C,), dtype), x.shape
            compare("fused_conv2d_transpose", x, g, k, b, **how, activation="relu")
        count += 1
    return count


# (N, C, filters for each): fewer channels than a register holds, one more, more than a tile
DEPTHWISE = [(0, 2, 1), (2, 3, 2), (1, 17, 1), (3, 33, 1)]


def check_depthwise(dtype: str) -> int:
    """Each channel alone, and all of them by `conv2d` in as many groups."""
    count, rng = 0, np.random.default_rng(8)

    def by_channels(x: Any, k: Any, **how: Any) -> Any:
        C = x.shape[3]
        pairs = zip(tf.split(x, C, 3), tf.split(k, C, 3), strict=True)
        return tf.concat([ops.conv2d(*pair, **how) for pair in pairs], 3)

    for (size, window, strides, dilations, padding), (N, C, m) in itertools.product(
        CONVOLUTIONS, DEPTHWISE
    ):
        x, k = whole(rng, (N, *size, C), dtype), whole(rng, (*window, 1, C * m), dtype)
        how = {"strides": strides, "padding": padding, "dilations": dilations}
        g = whole(rng, ops.conv2d(x, k, **how).shape, dtype)
        ours, each = (with_gradients(partial(f, **how), g, x, k) for f in (ops.conv2d, by_channels))
        for a, b in zip(ours, each, strict=True):
            np.testing.assert_array_equal(a, b, err_msg=f"{x.shape}, {k.shape}, {how}")
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


# images (N, H, W, C), and how many pixels are taken of each (oh, ow)
PIXELS = [
    ((0, 2, 2, 1), (1, 1)),
    ((1, 1, 1, 1), (1, 1)),
    ((3, 2, 5, 2), (4, 3)),
    ((2, 4, 1, 3), (0, 2)),
]


def check_pixels(dtype: str) -> int:
    """Pixels anywhere, the first and the last among them: what overlapping windows may find."""
    rng = np.random.default_rng(8)
    for shape, size in PIXELS:
        N, H, W, C = shape
        at = rng.integers(0, H * W, (N, *size, C))
        at.reshape(-1)[:2] = [H * W - 1, 0][: at.size]
        x, g = whole(rng, shape, dtype), whole(rng, at.shape, dtype)
        n, c = np.arange(N)[:, None, None, None], np.arange(C)
        taken = ops.take_pixels(x, at).numpy()
        np.testing.assert_array_equal(taken, x.numpy()[n, at // W, at % W, c])
        wanted = np.zeros(shape, dtype)
        np.add.at(wanted, (n, at // W, at % W, c), g.numpy())
        np.testing.assert_array_equal(ops.put_pixels(g, at, shape).numpy(), wanted)
    return 2 * len(PIXELS)


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
    for turned, (M, K, N) in itertools.product((False, True), PRODUCTS[1:-1]):
        a, b = whole(rng, (2, 1, M, K), dtype).numpy(), whole(rng, (2, K, N), dtype).numpy()
        wanted = a @ b
        if turned:
            a, b = (x.swapaxes(-1, -2).copy().swapaxes(-1, -2) for x in (a, b))
        np.testing.assert_array_equal(product(a, b), wanted, err_msg=f"{a.shape} @ {b.shape}")
        count += 1
    return count


def in_memory_layouts(a: np.ndarray) -> list[np.ndarray]:
    """The same matrix: row-major, column-major, strided."""
    return [a, np.asfortranarray(a), np.repeat(np.repeat(a, 2, 0), 3, 1)[::2, ::3]]


# From the size on at which the ops leave NumPy for a kernel; not a whole number of anything.
FLAT = [(LARGE,), (LARGE + 1,), (3, LARGE // 3 + 5)]


def check_elementwise(dtype: str) -> int:
    rng = np.random.default_rng(5)
    for shape in FLAT:
        x, g = whole(rng, shape, dtype), whole(rng, shape, dtype)
        a, b = x.numpy(), g.numpy()
        np.testing.assert_array_equal(ops.relu(x).numpy(), np.maximum(a, 0))
        np.testing.assert_array_equal(ops.add(x, g).numpy(), a + b)
        np.testing.assert_array_equal(ops.add_relu(x, g).numpy(), np.maximum(a + b, 0))
        np.testing.assert_array_equal(ops.relu_gradient(g, x).numpy(), np.where(a > 0, b, 0))
        np.testing.assert_array_equal(ops.leaky_relu(x, 0.5).numpy(), np.where(a > 0, a, a / 2))
        sloped = ops.leaky_relu_gradient(g, x, 0.5).numpy()
        np.testing.assert_array_equal(sloped, np.where(a > 0, b, b / 2))
        keep = rng.random(shape) < 0.5
        dropped = ops.drop(x, tf.constant(keep), 0.5).numpy()
        np.testing.assert_array_equal(dropped, np.where(keep, 2 * a, 0))
        u = tf.random.stateless_uniform(shape, (1, 2), dtype=dtype).numpy()
        dropped = ops.stateless_dropout(x, 0.5, (1, 2)).numpy()
        np.testing.assert_array_equal(dropped, np.where(u >= 0.5, 2 * a, 0))
        for name in ("erf", "erfc"):
            y, at = getattr(ops, name)(x).numpy(), rng.integers(0, x.numpy().size, 20)
            wanted = [getattr(math, name)(v) for v in a.ravel()[at]]
            eps = 2 * np.finfo(dtype).eps  # the C library's, of this dtype and of float64
            np.testing.assert_allclose(y.ravel()[at], np.asarray(wanted, dtype), rtol=eps)
    return 8 * len(FLAT)


def check_updates(dtype: str) -> int:
    rng = np.random.default_rng(6)
    for shape in FLAT:
        w, g, m = (whole(rng, shape, dtype).numpy() for _ in range(3))
        v = np.abs(m) + 1
        a, b, rate, epsilon = np.asarray([0.5, 0.25, 0.125, 1], dtype)
        np.testing.assert_array_equal(sgd_step(w, g, rate), w - g * rate)
        new_m, new_v = (g - m) * a + m, (g * g - v) * b + v
        wanted = w - new_m * rate / (np.sqrt(new_v) + epsilon), new_m, new_v
        for new, old in zip(adam_step(w, g, m, v, a, b, rate, epsilon), wanted, strict=True):
            np.testing.assert_array_equal(new, old)
    return 2 * len(FLAT)


# (outer, n, inner): nothing, less than a block, blocks and a rest, more outer sums than threads
SUMS = [(0, 3, 2), (2, 0, 3), (1, 1, 1), (1, BLOCK - 1, 2), (1, 5 * BLOCK + 3, 1), (9, BLOCK, 3)]


def check_sums(dtype: str) -> int:
    rng = np.random.default_rng(7)
    for shape in SUMS:
        x = whole(rng, shape, dtype).numpy()
        np.testing.assert_array_equal(sum_middle(x), x.sum(1))
    return len(SUMS)


# (n, C): one number, less than a line, whole lines, a rest; less than a block, blocks and a rest
CHANNELS = [(1, 1), (3, 2), (256, 1), (300, 3), ((PARTS + 1) * LINES + 3, 128), (5, 150)]


def check_batch_normalization(dtype: str) -> int:
    rng = np.random.default_rng(9)
    for n, C in CHANNELS:
        x, g = whole(rng, (n, C), dtype).numpy(), whole(rng, (n, C), dtype).numpy()
        total, squares = x.sum(0, dtype="d"), np.square(x).sum(0, dtype="d")  # whole numbers: exact
        wanted = total / n, (n * squares - total * total) / n**2
        for a, b in zip(batch_normalization.moments(x), wanted, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-14, atol=1e-14)
        m, s = rng.integers(-2, 3, (2, C)).astype("d")
        for relu in (False, True):
            y, plain = batch_normalization.normalize(x, m, s, m, relu), (x - m) * s + m
            np.testing.assert_array_equal(y, np.maximum(plain, 0) if relu else plain)
            added = batch_normalization.normalize(x, m, s, m, relu, g)
            np.testing.assert_array_equal(added, np.maximum(plain + g, 0) if relu else plain + g)
            z, output = np.where(y > 0, g, 0) if relu else g, y if relu else None
            sums = batch_normalization.gradient_sums(g, x, output, m)
            for a, b in zip(sums, (z, z * (x - m)), strict=True):
                np.testing.assert_array_equal(a, b.sum(0, dtype="d"))
            gx = batch_normalization.input_gradient(g, x, output, m, s, m, s)
            np.testing.assert_array_equal(gx, z * s + (x - m) * m + s)
    return len(CHANNELS)


# (steps, samples, units): no sample, one of each, tiles that are full and that are not
SEQUENCES = [(2, 0, 3), (1, 1, 1), (2, 13, 5), (3, 12, 16)]


def check_recurrent(dtype: str) -> int:
    rng, bound = np.random.default_rng(0), 200 * float(np.finfo(dtype).eps)
    gates = {"lstm": 4, "gru": 3}
    for name, (steps, N, u), masked in itertools.product(gates, SEQUENCES, (False, True)):
        k = gates[name]
        shapes = [(steps, N, k * u), (N, u), (N, u), (u, k * u)]
        if name == "gru":
            shapes = [shapes[0], shapes[1], shapes[3], (3 * u,)]
        xs = [tf.constant(rng.normal(size=shape) / np.sqrt(u), dtype) for shape in shapes]
        mask = rng.random((steps, N)) < 0.5 if masked else None
        g = tf.constant(rng.normal(size=(steps, N, u)), dtype)

        def states(op: Any, *xs: Any, mask: Any = mask) -> Any:
            found = op(*xs, mask)
            return found[0] if isinstance(found, tuple) else found

        ours, twins = (
            with_gradients(lambda *xs, op=op: states(op, *xs), g, *xs)
            for op in (getattr(ops, name), TWINS[name])
        )
        for a, b in zip(ours, twins, strict=True):
            np.testing.assert_allclose(a, b, rtol=bound, atol=bound, err_msg=f"{name} {steps} {N}")
    return 2 * len(gates) * len(SEQUENCES)


def check_rows(dtype: str) -> int:
    rng = np.random.default_rng(0)
    for rows, columns, places in ((0, 3, 2), (1, 1, 1), (7, 5, 3), (40, 33, 40)):
        x, at = whole(rng, (rows, columns), dtype), rng.integers(0, places, rows)
        found, expected = np.zeros((2, places, columns), dtype)
        add_rows(np.asarray(x), at, found)
        np.add.at(expected, at, x)
        np.testing.assert_array_equal(found, expected)
    return 4


def check_random(dtype: str) -> int:
    """A part is what all threads make there, whole chunks and a rest; a shuffle is an order."""
    bits = np.dtype(dtype).itemsize * 8
    per_block = 128 // bits
    key, high = np.uint64(12345), np.uint64(3)
    low = np.uint64(2**64 - 1)  # the lower half of the counter runs over
    kinds = [("bits", np.uint32, 4)]
    kinds += [(f"{k}{bits}", dtype, per_block) for k in ("uniform", "normal", "truncated")]
    for name, out, per in kinds:
        some, every = getattr(philox, f"some_{name}"), getattr(philox, f"all_{name}")
        whole_chunk = np.zeros(philox.CHUNK + per, out)
        every(whole_chunk, key, low, high)
        for begin, n in ((0, 0), (0, 1), (1, 2), (philox.CHUNK // per, 1)):
            part = np.zeros(n * per, out)
            some(part, key, low, high, begin)
            np.testing.assert_array_equal(part, whole_chunk[begin * per :][: n * per])
    for n, window in ((0, 1), (1, 1), (2, 2), (9, 3), (9, 20)):
        order = np.arange(n)
        philox.shuffle_within(order, Stream(5, 6).bits(max(n - 1, 0)), window)
        np.testing.assert_array_equal(np.sort(order), np.arange(n))
    return 4 * len(kinds) + 5


# -- that no kernel was left out -------------------------------------------------------------------


def all_kernels() -> Iterator[Kernel]:
    for module in iter_modules(kernels.__path__, f"{kernels.__name__}."):
        for value in vars(import_module(module.name)).values():
            if isinstance(value, Kernel) and value.py_func.__module__ == module.name:
                yield value


def with_all_they_call(entered: set[Kernel]) -> set[Kernel]:
    found, new = set[Kernel](), entered
    while new:
        found |= new
        named = [v for k in new for v in named_in(k.py_func.__code__, k.py_func.__globals__)]
        new = {value for value in named if isinstance(value, Kernel)} - found
    return found


def named_in(code: CodeType, names: dict[str, Any]) -> Iterator[Any]:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from named_in(constant, names)
    yield from (names[name] for name in code.co_names if name in names)


def names_of(found: Any) -> set[str]:
    return {f"{k.py_func.__module__}.{k.py_func.__name__}" for k in found}


CHECKS = (
    check_convolutions,
    check_depthwise,
    check_spread,
    check_pooled,
    check_pools,
    check_pixels,
    check_products,
    check_elementwise,
    check_updates,
    check_sums,
    check_batch_normalization,
    check_recurrent,
    check_rows,
    check_random,
)


def main(*dtypes: str) -> int:
    """How many calls were checked.

    Raises:
        AssertionError: one is wrong; a kernel that takes one of `dtypes` was not entered.
    """
    entered: set[Kernel] = set()
    enter = Kernel.__call__

    def noted(kernel: Kernel, *args: Any) -> Any:
        entered.add(kernel)
        return enter(kernel, *args)

    Kernel.__call__ = noted  # type: ignore[method-assign]
    count = sum(check(dtype) for dtype in dtypes for check in CHECKS)
    others = {"float32": "64", "float64": "32"}
    left_out = names_of(all_kernels()) - names_of(with_all_they_call(entered))
    left_out = {n for n in left_out if len(dtypes) > 1 or not n.endswith(others[dtypes[0]])}
    assert not left_out, f"kernels that no check here enters: {sorted(left_out)}"
    return count


if __name__ == "__main__":
    print(main(*sys.argv[1:]))
