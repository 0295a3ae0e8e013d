"""Max and mean pooling: ties, padding, infinities, and the transposes of both."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import scratchnet
import scratchnet as tf
from scratchnet import ops
from scratchnet.ops.composed import TWINS
from tests.support.adjoint import (
    assert_equal_products,
    check_the_tape_gives_the_transpose,
    normal_tensor,
    rngs,
)
from tests.support.bad_calls import (
    DOCUMENTED,
    FLOATING,
    NO_TENSOR,
    OWN,
    POSITIVE,
    Bad,
    BadCalls,
    f32,
    i32,
    padding_name_rows,
    window_rows,
)
from tests.support.cases import Case, Draw, Sample, distinct, moving, normal, seeds
from tests.support.derivatives import INF, NAN, Program, agree
from tests.support.images import geometries, windows
from tests.support.ops_checks import (
    DTYPES,
    check_against_tensorflow,
    check_composed,
    check_error_family,
    check_finite_differences,
    check_refused,
    differentiable,
)

# -- cases -----------------------------------------------------------------------------------------


@st.composite
def poolings(
    draw: Draw, values: Any = normal, explicit: bool = False, kind: str = "forward"
) -> Sample:
    w, N, C = (
        draw(windows(explicit=False, dilated=False)),
        draw(st.integers(1, 3)),
        draw(st.integers(1, 3)),
    )
    seed = draw(seeds())
    rng = np.random.default_rng(seed)
    attrs = {"ksize": list(w.window), "strides": w.strides, "padding": w.padding}
    if kind == "backprop":
        g = normal(rng, (N, *w.out(), C))
        return Sample([g], {"input_sizes": [N, *w.size, C], **attrs}, seed)
    return Sample([values(rng, (N, *w.size, C))], attrs, seed)


def sizes_first_call(f: Any, g: Any, input_sizes: Any, **attrs: Any) -> Any:
    return f(input_sizes, g, **attrs)


@st.composite
def pixels(draw: Draw, put: bool = False) -> Sample:
    seed = draw(seeds())
    rng = np.random.default_rng(seed)
    N, H, W, C = (draw(st.integers(1, 4)) for _ in range(4))
    at = rng.integers(0, H * W, size=(N, draw(st.integers(1, 4)), draw(st.integers(1, 4)), C))
    if put:
        return Sample([normal(rng, at.shape), at], {"shape": [N, H, W, C]}, seed)
    return Sample([normal(rng, (N, H, W, C)), at], {}, seed)


CASES: dict[str, Case] = {
    "max_pool2d": moving(poolings(distinct)),
    "take_pixels": moving(pixels()),
    "put_pixels": moving(pixels(put=True)),
    "avg_pool2d": moving(poolings()),
    "avg_pool2d_backprop": moving(poolings(kind="backprop"), call=sizes_first_call),
}


# -- calls that must fail --------------------------------------------------------------------------

BAD_CALLS = BadCalls()
bad, arguments = BAD_CALLS.bad, BAD_CALLS.arguments
BEYOND = "TensorFlow's op reads and writes beyond its arrays"

for op in ("max_pool2d", "avg_pool2d"):
    pool = arguments(op, {"input": f32(1, 5, 5, 2), "ksize": 2, "strides": 1, "padding": "VALID"})
    pool(
        "rank 3",
        "`input` must have rank 4, (N, H, W, C), received input=(5, 5, 2)",
        input=f32(5, 5, 2),
    )
    pool("rank 5", "`input` must have rank 4", input=f32(1, 1, 5, 5, 2))
    pool("a large window", "a window of 6", "5 rows", ksize=6, differs=DOCUMENTED)
    window_rows(pool, "ksize", "strides")
    for name in ("ksize", "strides"):
        pool(f"{name} None", f"`{name}`", "a value (None)", differs=DOCUMENTED, **{name: None})
    pool("windows of images", "`ksize` must be 1 along the batch", ksize=(2, 1, 1, 1))
    pool("windows of channels", "`ksize` must be 1 along the batch", ksize=(1, 1, 1, 2))
    pool("steps of images", "`strides` must be 1 along the batch", strides=(2, 1, 1, 1))
    pool("steps of channels", "`strides` must be 1 along", strides=(1, 1, 1, 2), differs=DOCUMENTED)
    padding_name_rows(pool)
    pool("padding None", "`padding` must be", "padding=None", padding=None)
    pool("padding 1", "`padding` must be", "padding=1", padding=1)
    pool("padding [1, 1]", "`padding` must be", "padding=[1, 1]", padding=[1, 1])
    pool("negative padding", "`padding`", padding=[[0, 0], [-1, 1], [1, 1], [0, 0]])
    pool("wide padding", "`padding`", padding=[[0, 0], [2, 1], [1, 1], [0, 0]])
    if op == "avg_pool2d":
        pool("int32", "`input` must be floating", input=i32(1, 5, 5, 2))
        pool("uint8", "`input` must be floating", input=np.ones((1, 5, 5, 2), np.uint8))
    pool("bools", "`input` must be floating", input=np.ones((1, 5, 5, 2), bool))
    pool("a string", "`input`", "'a'", input="a")
    pool("None", "`input`", core=NO_TENSOR, input=None)
    pool("NCHW", "`data_format` must be 'NHWC'", data_format="NCHW", differs=DOCUMENTED)
    pool("a data format", "`data_format` must be 'NHWC'", "'foo'", data_format="foo")
bad(
    "avg_pool2d",
    "explicit padding",
    lambda f, t: f(t(f32(1, 5, 5, 2)), 2, 1, [[0, 0], [1, 1], [1, 1], [0, 0]]),
    "`padding` must be 'SAME' or 'VALID'",
)

spread = arguments(
    "avg_pool2d_backprop",
    {
        "input_sizes": [1, 5, 5, 2],
        "out_backprop": f32(1, 4, 4, 2),
        "ksize": 2,
        "strides": 1,
        "padding": "VALID",
    },
)
for size in ((1, 3, 4, 2), (1, 4, 4, 3), (2, 4, 4, 2)):
    spread(
        f"out_backprop {size}",
        "`out_backprop` must have the shape (1, 4, 4, 2) of the pooling",
        f"received out_backprop={size}",
        out_backprop=f32(*size),
        alone=BEYOND,
    )
spread("ksize 0", f"`ksize` {POSITIVE} ksize=0", ksize=0, alone=BEYOND)
spread("a large window", "a window of 6", ksize=6, alone=BEYOND)
spread("rank 3", "`out_backprop` must have rank 4", out_backprop=f32(4, 4, 2))
for sizes in ([5, 5, 2], [1, -5, 5, 2]):
    spread(f"sizes {sizes}", "`input_sizes` must", f"={tuple(sizes)}", input_sizes=sizes)
spread("strides 0", f"`strides` {POSITIVE} strides=0", strides=0)
padding_name_rows(spread)
spread("integers", f"`out_backprop` {FLOATING}", out_backprop=i32(1, 4, 4, 2))
spread("None", "`out_backprop`", core=NO_TENSOR, out_backprop=None)
for why, at, says in (
    ("a pixel beyond", [[[[4]]]], "`at` must hold pixel numbers in [0, 4), received 4 to 4"),
    ("one pixel of two", [[[[0], [4]]]], "`at` must hold pixel numbers in [0, 4), received 0 to 4"),
    ("a negative pixel", [[[[-1]]]], "`at` must hold pixel numbers in [0, 4), received -1 to -1"),
    ("pixels of floats", [[[[1.0]]]], "`at` must be of an integer dtype"),
    ("pixels of rank 1", [0], "`at` must have rank 4"),
    ("another batch", [[[[0]]], [[[0]]]], "Incompatible shapes: [2,1,1,1] vs. [1,2,2,1]"),
):
    bad("take_pixels", why, lambda f, t, at=at: f(t(f32(1, 2, 2, 1)), t(at)), says, alone=OWN)
    g = f32(*np.shape(at)) if np.ndim(at) == 4 else f32(1, 1, 1, 1)
    bad("put_pixels", why, lambda f, t, g=g, at=at: f(t(g), t(at), [1, 2, 2, 1]), says, alone=OWN)
bad(
    "take_pixels",
    "integers",
    lambda f, t: f(t(i32(1, 2, 2, 1)), t([[[[0]]]])),
    f"`x` {FLOATING}",
    alone=OWN,
)
bad(
    "put_pixels",
    "sizes",
    lambda f, t: f(t(f32(1, 1, 1, 1)), t([[[[0]]]]), [2, 2, 1]),
    "`shape` must be four sizes >= 0",
    alone=OWN,
)
bad(
    "put_pixels",
    "another shape",
    lambda f, t: f(t(f32(1, 1, 2, 1)), t([[[[0]]]]), [1, 2, 2, 1]),
    "Incompatible shapes: [1,1,2,1] vs. [1,1,1,1]",
    alone=OWN,
)


# -- the checks of every op ------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", CASES)
@given(data=st.data())
def test_op_is_tensorflows(name: str, dtype: str, data: st.DataObject) -> None:
    check_against_tensorflow(name, CASES[name], dtype, data)


@pytest.mark.parametrize("name", differentiable(CASES))
@settings(max_examples=8)
@given(data=st.data())
def test_op_matches_finite_differences(name: str, data: st.DataObject) -> None:
    sample = data.draw(CASES[name].samples)
    assume(all(a.size for a in sample.arrays))  # the mean of nothing is nan, on both sides
    check_finite_differences(name, CASES[name], sample, order=2)


@pytest.mark.parametrize("name", ["max_pool2d", "avg_pool2d"])
@settings(max_examples=4)
@given(data=st.data())
def test_third_order(name: str, data: st.DataObject) -> None:
    check_finite_differences(name, CASES[name], data.draw(CASES[name].samples), order=3)


@pytest.mark.parametrize("name", ["max_pool2d", "avg_pool2d"])
@given(data=st.data())
def test_the_fused_op_is_its_definition(name: str, data: st.DataObject) -> None:
    check_composed(name, CASES[name], data.draw(CASES[name].samples))


# Linear in the floating argument with this number, the others held; or, if None, in all together.
LINEAR: dict[str, int | None] = {
    "avg_pool2d": 0,
    "avg_pool2d_backprop": 0,
    "take_pixels": 0,
    "put_pixels": 0,
}


@pytest.mark.parametrize("title", LINEAR)
@given(data=st.data(), rng=rngs)
def test_the_tape_gives_the_transpose(
    title: str, data: st.DataObject, rng: np.random.Generator
) -> None:
    name = title.partition(" ")[0]
    sample = data.draw(CASES[name].samples)
    check_the_tape_gives_the_transpose(name, CASES[name], sample, LINEAR[title], rng)


@pytest.mark.parametrize("row", BAD_CALLS, ids=str)
@pytest.mark.usefixtures("no_kernels")
def test_it_is_refused_by_name_before_any_work(row: Bad) -> None:
    check_refused(row)


@pytest.mark.parametrize("row", [row for row in BAD_CALLS if not row.alone], ids=str)
def test_the_error_is_of_tensorflows_family(row: Bad) -> None:
    check_error_family(row)


# -- special values, ties and identities -----------------------------------------------------------


@st.composite
def drawn_pixels(draw: Draw) -> tuple[Any, Any, np.random.Generator]:
    N, C = draw(st.integers(0, 3)), draw(st.integers(1, 3))
    H, W, oh, ow = (draw(st.integers(1, 4)) for _ in range(4))
    rng = draw(rngs)
    at = rng.integers(0, H * W, (N, oh, ow, C)).astype(draw(st.sampled_from([np.int32, np.int64])))
    return normal_tensor(rng, N, H, W, C), tf.constant(at), rng


@given(drawn_pixels())
def test_taking_pixels_and_putting_them_back(drawn: Any) -> None:
    x, at, rng = drawn
    g = normal_tensor(rng, *at.shape)
    assert_equal_products((ops.take_pixels(x, at), g), (x, ops.put_pixels(g, at, x.shape)))


@given(geometry=geometries(), rng=rngs)
def test_mean_pooling_and_spreading(geometry: Any, rng: np.random.Generator) -> None:
    image, (kh, kw, *_), moves = geometry
    padding = moves["padding"] if isinstance(moves["padding"], str) else "SAME"
    x = normal_tensor(rng, *image)
    y = ops.avg_pool2d(x, [kh, kw], moves["strides"], padding)
    g = normal_tensor(rng, *y.shape)
    spread = ops.avg_pool2d_backprop(image, g, [kh, kw], moves["strides"], padding)
    assert_equal_products((y, g), (x, spread))


POOLS = [(2, 2, "VALID"), (3, 2, "SAME"), (2, 1, "VALID"), (3, 1, "SAME"), ((2, 3), (1, 2), "SAME")]


def max_pool(ksize: Any, strides: Any, padding: str) -> Program:
    return lambda tf, x: tf.nn.max_pool2d(x, ksize, strides, padding)


@pytest.mark.parametrize("pool", POOLS)
@pytest.mark.parametrize("seed", range(5))
def test_of_several_maxima_in_a_window_the_first_takes_the_gradient(pool: Any, seed: int) -> None:
    x = np.random.default_rng(seed).integers(-1, 2, (2, 7, 6, 3))
    agree(max_pool(*pool), x.astype(np.float64))
    agree(max_pool(*pool), x.astype(np.float32))


@pytest.mark.parametrize("pool", POOLS)
def test_a_window_of_equal_values_sends_the_gradient_to_its_first_cell(pool: Any) -> None:
    agree(max_pool(*pool), np.zeros((1, 6, 6, 1)))
    agree(max_pool(*pool), np.full((1, 6, 6, 1), -3.0))


def test_a_window_of_zeros_sends_the_gradient_top_left() -> None:
    _, gx = agree(max_pool(2, 2, "VALID"), np.zeros((1, 2, 2, 1)))
    np.testing.assert_array_equal(gx[0, :, :, 0], [[1, 0], [0, 0]])


def test_padding_never_wins() -> None:
    y, _ = agree(max_pool(2, 2, "SAME"), -np.ones((1, 3, 3, 1)))
    np.testing.assert_array_equal(y, -np.ones((1, 2, 2, 1)))


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_window_of_minus_infinity_gives_the_least_finite_value(dtype: str) -> None:
    x = np.full((1, 4, 4, 1), -INF, dtype)
    x[0, 3, 3, 0] = 1
    (y,) = agree(max_pool(2, 2, "VALID"), x, orders=0)
    assert y[0, 0, 0, 0] == np.finfo(dtype).min


def test_nan_does_not_win_a_window() -> None:
    # Where its gradient goes differs between TensorFlow's own kernels; only the forward is held.
    for at in np.ndindex(2, 2):
        x = np.arange(4.0).reshape(1, 2, 2, 1)
        x[0, *at, 0] = NAN
        agree(max_pool(2, 2, "VALID"), x, orders=0)


@pytest.mark.parametrize("pool", POOLS)
def test_a_mean_is_taken_over_the_real_cells(pool: Any) -> None:
    x = np.arange(84.0).reshape(1, 7, 6, 2)
    agree(lambda tf, x: tf.nn.avg_pool2d(x, *pool), x)


def test_the_mean_at_the_border() -> None:
    x = np.arange(1.0, 10.0).reshape(1, 3, 3, 1)
    y, _ = agree(lambda tf, x: tf.nn.avg_pool2d(x, 2, 2, "SAME"), x)
    np.testing.assert_array_equal(y[0, :, :, 0], [[3, 4.5], [7.5, 9]])


def test_the_twin_of_max_pooling_breaks_ties_alike() -> None:
    x = scratchnet.constant(np.random.default_rng(0).integers(-1, 2, (2, 6, 5, 2)) * 1.0)
    g = scratchnet.constant(np.random.default_rng(1).integers(-9, 9, (2, 3, 3, 2)) * 1.0)
    found = []
    for f in (ops.max_pool2d, TWINS["max_pool2d"]):
        with scratchnet.GradientTape() as tape:
            tape.watch(x)
            y = f(x, 3, 2, "SAME")
        found.append((y.numpy(), tape.gradient(y, x, output_gradients=g).numpy()))
    np.testing.assert_array_equal(found[0][0], found[1][0])
    np.testing.assert_array_equal(found[0][1], found[1][1])
