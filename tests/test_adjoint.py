"""Adjoint identities: <A x, g> = <x, Aᵀ g> for every linear op A and the op that is its transpose.

They need no TensorFlow, no step size and no second derivative, and hold for any x and g: one wrong
index, stride or padding breaks them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import scratchnet as tf
from scratchnet import ops
from scratchnet.engine.op import OPS
from tests import cases
from tests.cases import CASES, Sample

Draw = Callable[..., Any]


def inner(a: Any, b: Any) -> tuple[float, float]:
    """<a, b>, the sum of the products, and the sum of their sizes."""
    assert tuple(a.shape) == tuple(b.shape), f"{a.shape}, {b.shape}"
    products = np.asarray(a.numpy(), np.float64) * np.asarray(b.numpy(), np.float64)
    return float(products.sum()), float(np.abs(products).sum())


def assert_equal_products(*pairs: tuple[Any, Any]) -> None:
    """All the <a, b> are one number, but for the rounding of sums of that size."""
    found = [inner(a, b) for a, b in pairs]
    near = 1e-13 * max(size for _, size in found)
    for value, _ in found[1:]:
        assert abs(value - found[0][0]) <= near, f"{[v for v, _ in found]}, {near} apart at most"


def normal(rng: np.random.Generator, *shape: int) -> Any:
    return tf.constant(rng.normal(size=shape))


rngs = st.integers(0, 2**32 - 1).map(np.random.default_rng)


# -- images ----------------------------------------------------------------------------------------


@st.composite
def geometries(draw: Draw) -> tuple[tuple[int, ...], tuple[int, ...], dict[str, Any]]:
    """(N, H, W, C), (kh, kw, C, O) and how the window moves: strides and dilations at once."""
    pair = lambda low, high: [draw(st.integers(low, high)) for _ in range(2)]  # noqa: E731
    window, dilations, strides = pair(1, 4), pair(1, 3), pair(1, 4)
    padding: Any = draw(st.sampled_from(["SAME", "VALID", "explicit"]))
    if padding == "explicit":
        padding = [[0, 0], pair(0, 3), pair(0, 3), [0, 0]]
    size = [
        (k - 1) * d + 1 + draw(st.integers(0, 6)) for k, d in zip(window, dilations, strict=True)
    ]
    N, C, O = draw(st.integers(0, 3)), draw(st.integers(1, 5)), draw(st.integers(1, 20))
    moves = {"strides": strides, "padding": padding, "dilations": dilations}
    return (N, *size, C), (*window, C, O), moves


@given(geometry=geometries(), rng=rngs)
def test_convolution_and_its_two_gradients(geometry: Any, rng: np.random.Generator) -> None:
    image, filters, moves = geometry
    x, k = normal(rng, *image), normal(rng, *filters)
    y = ops.conv2d(x, k, **moves)
    g = normal(rng, *y.shape)
    assert_equal_products(
        (y, g),
        (x, ops.conv2d_backprop_input(image, k, g, **moves)),
        (k, ops.conv2d_backprop_filter(x, filters, g, **moves)),
    )


@given(geometry=geometries(), rng=rngs)
def test_transposed_convolution(geometry: Any, rng: np.random.Generator) -> None:
    image, filters, moves = geometry
    x, k = normal(rng, *image), normal(rng, *filters)
    y = ops.conv2d(x, k, **moves)
    g = normal(rng, *y.shape)
    assert_equal_products((y, g), (x, ops.conv2d_transpose(g, k, image, **moves)))


@pytest.mark.parametrize("dtype", ["float16", "float32"])
def test_convolution_in_other_dtypes(dtype: str) -> None:
    """Small whole numbers: exact in every dtype."""
    rng = np.random.default_rng(0)
    x, k, g = (
        tf.constant(rng.integers(-2, 3, shape).astype(dtype))
        for shape in ((2, 6, 5, 3), (3, 2, 3, 4), (2, 3, 5, 4))
    )
    moves: Any = {"strides": [2, 1], "padding": "SAME"}
    assert_equal_products(
        (ops.conv2d(x, k, **moves), g),
        (x, ops.conv2d_backprop_input(x.shape, k, g, **moves)),
        (k, ops.conv2d_backprop_filter(x, k.shape, g, **moves)),
    )


@st.composite
def pixels(draw: Draw) -> tuple[Any, Any, np.random.Generator]:
    N, C = draw(st.integers(0, 3)), draw(st.integers(1, 3))
    H, W, oh, ow = (draw(st.integers(1, 4)) for _ in range(4))
    rng = draw(rngs)
    at = rng.integers(0, H * W, (N, oh, ow, C)).astype(draw(st.sampled_from([np.int32, np.int64])))
    return normal(rng, N, H, W, C), tf.constant(at), rng


@given(pixels())
def test_taking_pixels_and_putting_them_back(drawn: Any) -> None:
    x, at, rng = drawn
    g = normal(rng, *at.shape)
    assert_equal_products((ops.take_pixels(x, at), g), (x, ops.put_pixels(g, at, x.shape)))


@given(geometry=geometries(), rng=rngs)
def test_mean_pooling_and_spreading(geometry: Any, rng: np.random.Generator) -> None:
    image, (kh, kw, *_), moves = geometry
    padding = moves["padding"] if isinstance(moves["padding"], str) else "SAME"
    x = normal(rng, *image)
    y = ops.avg_pool2d(x, [kh, kw], moves["strides"], padding)
    g = normal(rng, *y.shape)
    spread = ops.avg_pool2d_backprop(image, g, [kh, kw], moves["strides"], padding)
    assert_equal_products((y, g), (x, spread))


# -- picking, putting, joining, parting ------------------------------------------------------------


@given(cases.keys(), rngs)
def test_getitem_and_place(sample: Sample, rng: np.random.Generator) -> None:
    x, key = tf.constant(sample.arrays[0]), sample.attrs["key"]
    y = x[key]
    g = normal(rng, *y.shape)
    assert_equal_products((y, g), (x, ops.place(g, key, x.shape)))


@given(cases.gathers(), rngs)
def test_gather_and_add_at(sample: Sample, rng: np.random.Generator) -> None:
    x, at = map(tf.constant, sample.arrays)
    axis = sample.attrs["axis"]
    y = ops.gather(x, at, axis=axis)
    g = normal(rng, *y.shape)
    assert_equal_products((y, g), (x, ops.add_at(g, at, axis, x.shape)))


@given(cases.positions(), rngs)
def test_gather_nd_and_scatter_nd(sample: Sample, rng: np.random.Generator) -> None:
    x, at = map(tf.constant, sample.arrays)
    y = ops.gather_nd(x, at)
    g = normal(rng, *y.shape)
    assert_equal_products((y, g), (x, ops.scatter_nd(at, g, x.shape)))


@given(cases.slices(), rngs)
def test_slice_and_pad(sample: Sample, rng: np.random.Generator) -> None:
    x = tf.constant(sample.arrays[0])
    y = ops.slice_(x, **sample.attrs)
    g = normal(rng, *y.shape)
    begin = sample.attrs["begin"]
    around = [[a, n - a - m] for a, n, m in zip(begin, x.shape, y.shape, strict=True)]
    assert_equal_products((y, g), (x, ops.pad(g, around)))


@given(cases.pads().filter(lambda sample: sample.attrs["mode"] == "CONSTANT"), rngs)
def test_pad_and_slice(sample: Sample, rng: np.random.Generator) -> None:
    x, paddings = tf.constant(sample.arrays[0]), sample.attrs["paddings"]
    y = ops.pad(x, paddings)
    g = normal(rng, *y.shape)
    assert_equal_products((y, g), (x, ops.slice_(g, [a for a, _ in paddings], list(x.shape))))


@given(cases.concats(), rngs)
def test_concat_and_split(sample: Sample, rng: np.random.Generator) -> None:
    xs, axis = [tf.constant(a) for a in sample.arrays], sample.attrs["axis"]
    y = ops.concat(xs, axis)
    g = normal(rng, *y.shape)
    parts = ops.split(g, [x.shape[axis] for x in xs], axis)
    assert_equal_products((y, g), (flat(xs), flat(parts)))


@given(cases.stacks(), rngs)
def test_stack_and_unstack(sample: Sample, rng: np.random.Generator) -> None:
    xs, axis = [tf.constant(a) for a in sample.arrays], sample.attrs["axis"]
    y = ops.stack(xs, axis)
    g = normal(rng, *y.shape)
    assert_equal_products((y, g), (flat(xs), flat(ops.unstack(g, axis=axis))))


def flat(tensors: list[Any]) -> Any:
    """Several tensors as one vector, so that their products are one sum."""
    return tf.constant(np.concatenate([t.numpy().ravel() for t in tensors]))


@given(cases.broadcasts_to(), rngs)
def test_broadcast_to_and_sum_to(sample: Sample, rng: np.random.Generator) -> None:
    x, shape = tf.constant(sample.arrays[0]), sample.attrs["shape"]
    g = normal(rng, *shape)
    assert_equal_products((ops.broadcast_to(x, shape), g), (x, ops.sum_to(g, x.shape)))


@given(cases.permutations(), rngs)
def test_transpose_and_the_inverse_permutation(sample: Sample, rng: np.random.Generator) -> None:
    x, perm = tf.constant(sample.arrays[0]), sample.attrs["perm"]
    y = ops.transpose(x, perm)
    g = normal(rng, *y.shape)
    back = None if perm is None else np.argsort(perm)
    assert_equal_products((y, g), (x, ops.transpose(g, back)))


@given(cases.reversals(), rngs)
def test_reverse_is_its_own_transpose(sample: Sample, rng: np.random.Generator) -> None:
    x, axis = tf.constant(sample.arrays[0]), sample.attrs["axis"]
    g = normal(rng, *x.shape)
    assert_equal_products((ops.reverse(x, axis), g), (x, ops.reverse(g, axis)))


# -- sums and products -----------------------------------------------------------------------------


@given(cases.along_axis(exclusive=st.booleans(), reverse=st.booleans()), rngs)
def test_cumsum_and_cumsum_from_the_other_end(sample: Sample, rng: np.random.Generator) -> None:
    x, how = tf.constant(sample.arrays[0]), sample.attrs
    g = normal(rng, *x.shape)
    other = how | {"reverse": not how["reverse"]}
    assert_equal_products((ops.cumsum(x, **how), g), (x, ops.cumsum(g, **other)))


@given(cases.matrices(), rngs)
def test_matmul_and_the_products_with_the_transposed(
    sample: Sample, rng: np.random.Generator
) -> None:
    a, b = map(tf.constant, sample.arrays)
    ta, tb = sample.attrs["transpose_a"], sample.attrs["transpose_b"]
    y = ops.matmul(a, b, ta, tb)
    g = normal(rng, *y.shape)
    ga = ops.matmul(b, g, tb, True) if ta else ops.matmul(g, b, False, not tb)
    gb = ops.matmul(g, a, True, ta) if tb else ops.matmul(a, g, not ta, False)
    assert_equal_products((y, g), (a, ops.sum_to(ga, a.shape)), (b, ops.sum_to(gb, b.shape)))


# -- what the tape makes of it ---------------------------------------------------------------------

# Linear in the floating argument with this number, the others held; or, if None, in all together.
LINEAR: dict[str, int | None] = {
    **{name: 0 for name in ("negative", "identity", "reshape", "expand_dims", "squeeze")},
    **{name: 0 for name in ("transpose", "broadcast_to", "sum_to", "tile", "reverse", "repeat")},
    **{name: 0 for name in ("getitem", "place", "slice", "gather", "add_at", "gather_nd")},
    **{name: 0 for name in ("scatter_nd", "split", "unstack", "sort", "roll", "boolean_mask")},
    **{name: 0 for name in ("diag", "diag_part", "matrix_transpose", "trace", "band_part")},
    **{f"tensor_scatter_nd_{how} by both": None for how in ("update", "add", "sub")},
    **{"matvec by its first": 0, "matvec by its second": 1, "solve by its second": 1},
    **{"concat": None, "stack": None, "linked by its first": 0},
    **{name: 0 for name in ("reduce_sum", "reduce_mean", "cumsum", "drop")},
    **{name: 0 for name in ("avg_pool2d", "avg_pool2d_backprop", "take_pixels", "put_pixels")},
    **{f"{name} by its first": 0 for name in ("matmul", "tensordot", "multiply", "divide")},
    **{f"{name} by its second": 1 for name in ("matmul", "tensordot", "multiply")},
    **{f"{name} by its first": 0 for name in ("conv2d", "conv2d_backprop_input")},
    **{f"{name} by its second": 1 for name in ("conv2d", "conv2d_backprop_input")},
    **{"conv2d_backprop_filter by its first": 0, "conv2d_backprop_filter by its second": 1},
    **{"conv2d_transpose by its first": 0, "conv2d_transpose by its second": 1},
}


@pytest.mark.parametrize("title", LINEAR)
@given(data=st.data(), rng=rngs)
def test_the_tape_gives_the_transpose(
    title: str, data: st.DataObject, rng: np.random.Generator
) -> None:
    name = title.partition(" ")[0]
    case = CASES[name]
    sample = data.draw(case.samples)
    xs = [tf.constant(array) for array in sample.arrays]
    floats, number = [x for x in xs if x.dtype.is_floating], LINEAR[title]
    sources = floats if number is None else [floats[number]]
    with tf.GradientTape() as tape:
        tape.watch(sources)
        out = case.call(OPS[name].function, *xs, **sample.attrs)
    ys = list(out) if isinstance(out, list | tuple) else [out]
    gs = [normal(rng, *y.shape) for y in ys]
    assume(all(np.isfinite(y.numpy()).all() for y in ys))  # the mean of nothing is nan
    gxs = tape.gradient(ys, sources, output_gradients=gs)
    assert_equal_products((flat(ys), flat(gs)), (flat(sources), flat(gxs)))
