"""Convolution, its two gradients and its transpose: each the adjoint of another."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import scratchnet as tf
from scratchnet import ops
from tests.support.adjoint import (
    assert_equal_products,
    check_the_tape_gives_the_transpose,
    normal_tensor,
    rngs,
)
from tests.support.bad_calls import (
    ACCIDENT,
    DOCUMENTED,
    FLOATING,
    FRACTION,
    INTEGER,
    NO_TENSOR,
    POSITIVE,
    Bad,
    BadCalls,
    f32,
    f64,
    i32,
    padding_name_rows,
    window_rows,
)
from tests.support.cases import Case
from tests.support.images import convolving, geometries
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


def backprop_input_call(f: Any, k: Any, g: Any, input_sizes: Any, **attrs: Any) -> Any:
    return f(input_sizes, k, g, **attrs)


def backprop_filter_call(f: Any, x: Any, g: Any, filter_sizes: Any, **attrs: Any) -> Any:
    return f(x, filter_sizes, g, **attrs)


CASES: dict[str, Case] = {
    "conv2d": convolving("forward"),
    "conv2d_backprop_input": convolving("input", call=backprop_input_call),
    "conv2d_backprop_filter": convolving("filter", call=backprop_filter_call),
    "conv2d_transpose": convolving("transpose"),
}


# -- calls that must fail --------------------------------------------------------------------------

BAD_CALLS = BadCalls()
bad, arguments = BAD_CALLS.bad, BAD_CALLS.arguments
PAIRS = "`padding` must be [[0, 0], [top, bottom], [left, right], [0, 0]]"
INTS = {"input": i32(1, 5, 5, 2), "filters": i32(3, 3, 2, 4)}

conv = arguments(
    "conv2d",
    {"input": f32(1, 5, 5, 2), "filters": f32(3, 3, 2, 4), "strides": 1, "padding": "VALID"},
)
for size in ((5, 5, 2), (5, 2), ()):
    conv(
        f"input of shape {size}",
        "`input` must have rank 4, (N, H, W, C)",
        f"={size}",
        input=f32(*size),
    )
conv("input of rank 5", "`input` must have rank 4", input=f32(1, 1, 5, 5, 2), differs=DOCUMENTED)
conv("filters of rank 3", "`filters` must have rank 4", "=(3, 3, 2)", filters=f32(3, 3, 2))
conv(
    "channels",
    "`input` of [1,5,5,2] and `filters` of [3,3,3,4]",
    core="input depth must be evenly divisible by filter depth: 2 vs 3",
    filters=f32(3, 3, 3, 4),
)
conv("groups of channels", "3 vs 2", input=f32(1, 5, 5, 4), filters=f32(3, 3, 2, 3))
conv("an empty window", "`filters`", "no empty axis", filters=f32(0, 3, 2, 4))
conv("no channels", "`filters`", "no empty axis", input=f32(1, 5, 5, 0), filters=f32(3, 3, 0, 4))
conv("no filters", "`filters`", "no empty axis", filters=f32(3, 3, 2, 0), differs=DOCUMENTED)
conv("a large window", "a window of 6", "5 rows", filters=f32(6, 6, 2, 4), differs=DOCUMENTED)
conv("a wide window", "a window of 6", "5 columns", filters=f32(3, 6, 2, 4), differs=DOCUMENTED)
conv("a dilated window", "the window must fit", "dilation 3", dilations=3)
window_rows(conv, "strides", "dilations")
conv("strides None", "`strides`", "a value (None)", strides=None, differs=DOCUMENTED)
for name in ("strides", "dilations"):
    for n in ((2, 1, 1, 1), (1, 1, 1, 2)):
        conv(
            f"{name} {n}",
            f"`{name}` must be 1 along the batch and the channels",
            f"={n}",
            **{name: n},
        )
padding_name_rows(conv)
conv("padding None", PAIRS, "padding=None", padding=None)
conv("padding 1", PAIRS, "padding=1", padding=1)
for pairs in ([[0, 0], [1, 1], [1, 1]], [1, 1, 1, 1], [[0, 0], [1, 1, 1], [1, 1], [0, 0]]):
    conv(f"padding {pairs}", PAIRS, f"padding={pairs}", padding=pairs)
conv(
    "negative padding", "`padding` must hold counts >= 0", padding=[[0, 0], [-1, 1], [1, 1], [0, 0]]
)
conv("padded batch", PAIRS, "batch or channels", padding=[[1, 0], [1, 1], [1, 1], [0, 0]])
conv("padding 1.5", "`padding` must", padding=[[0, 0], [1.5, 1], [1, 1], [0, 0]], differs=FRACTION)
INT64 = FLOATING.replace("int32", "int64")
conv("integers", f"`input` {INT64}", **{n: x.astype(np.int64) for n, x in INTS.items()})
conv("bools", "`input` must be floating", **{n: x.astype(bool) for n, x in INTS.items()})
conv(
    "dtypes",
    "`filters`",
    core="expected to be a float tensor but is a double tensor",
    filters=f64(3, 3, 2, 4),
)
conv("a string", "`input`", "'a'", input="a", differs=ACCIDENT)
conv("None", "`input`", "a value (None)", input=None, differs=ACCIDENT)
conv("filters None", "`filters`", core=NO_TENSOR, filters=None)
conv(
    "NCHW",
    "`data_format` must be 'NHWC', received data_format='NCHW'",
    input=f32(1, 2, 5, 5),
    data_format="NCHW",
)
conv("a data format", "`data_format` must be 'NHWC'", "'foo'", data_format="foo")

to_input = arguments(
    "conv2d_backprop_input",
    {
        "input_sizes": [1, 5, 5, 2],
        "filters": f32(3, 3, 2, 4),
        "out_backprop": f32(1, 3, 3, 4),
        "strides": 1,
        "padding": "VALID",
    },
)
for size in ((1, 4, 3, 4), (1, 3, 3, 5), (2, 3, 3, 4)):
    to_input(
        f"out_backprop {size}",
        "`out_backprop` must have the shape (1, 3, 3, 4) of the convolution",
        f"received out_backprop={size}",
        out_backprop=f32(*size),
    )
to_input("out_backprop of rank 3", "`out_backprop` must have rank 4", out_backprop=f32(3, 3, 4))
for sizes in ([5, 5, 2], [1, -5, 5, 2]):
    to_input(f"sizes {sizes}", "`input_sizes` must", f"={tuple(sizes)}", input_sizes=sizes)
to_input("sizes of floats", f"`input_sizes` {INTEGER}", input_sizes=[1.0, 5.0, 5.0, 2.0])
to_input("sizes None", "`input_sizes`", "a value (None)", input_sizes=None, differs=ACCIDENT)
to_input("2**81 elements", "`input_sizes` must not have more", input_sizes=[1, 2**40, 2**40, 2])
to_input("channels", "input depth", "3 vs 2", input_sizes=[1, 5, 5, 3])
to_input("dtypes", "`filters`", "is a double tensor", filters=f64(3, 3, 2, 4))
to_input("filters of rank 3", "`filters` must have rank 4", filters=f32(3, 3, 2))
to_input("strides 0", f"`strides` {POSITIVE} strides=0", strides=0)
to_input("dilations 0", f"`dilations` {POSITIVE} dilations=0", dilations=0)
padding_name_rows(to_input)
to_input("None", "`out_backprop`", core=NO_TENSOR, out_backprop=None)
to_input(
    "integers",
    f"`out_backprop` {FLOATING}",
    filters=i32(3, 3, 2, 4),
    out_backprop=i32(1, 3, 3, 4),
    differs=DOCUMENTED,
)

to_filter = arguments(
    "conv2d_backprop_filter",
    {
        "input": f32(1, 5, 5, 2),
        "filter_sizes": [3, 3, 2, 4],
        "out_backprop": f32(1, 3, 3, 4),
        "strides": 1,
        "padding": "VALID",
    },
)
for size in ((1, 4, 3, 4), (1, 3, 3, 5), (2, 3, 3, 4), (3, 3, 4)):
    to_filter(
        f"out_backprop {size}",
        "`out_backprop` must have the shape (1, 3, 3, 4)",
        out_backprop=f32(*size),
    )
for sizes in ([3, 3, 2], [0, 3, 2, 4], [-3, 3, 2, 4]):
    to_filter(f"sizes {sizes}", "`filter_sizes` must", f"={tuple(sizes)}", filter_sizes=sizes)
to_filter("sizes of floats", f"`filter_sizes` {INTEGER}", filter_sizes=[3.0, 3.0, 2.0, 4.0])
to_filter("channels", "input depth", "2 vs 3", filter_sizes=[3, 3, 3, 4])
to_filter("integers", f"`input` {FLOATING}", input=i32(1, 5, 5, 2), out_backprop=i32(1, 3, 3, 4))
to_filter("dtypes", "`out_backprop`", "is a float tensor", input=f64(1, 5, 5, 2))
to_filter("rank 3", "`input` must have rank 4", input=f32(5, 5, 2))
to_filter("strides 0", f"`strides` {POSITIVE} strides=0", strides=0)
to_filter("dilations 0", f"`dilations` {POSITIVE} dilations=0", dilations=0)
padding_name_rows(to_filter)
to_filter("None", "`out_backprop`", core=NO_TENSOR, out_backprop=None)

transposed = arguments(
    "conv2d_transpose",
    {
        "input": f32(1, 3, 3, 4),
        "filters": f32(3, 3, 2, 4),
        "output_shape": [1, 5, 5, 2],
        "strides": 1,
        "padding": "VALID",
    },
)
for shape in ([1, 6, 5, 2], [2, 5, 5, 2]):
    transposed(
        f"shape {shape}", "`input` must have the shape", "of the convolution", output_shape=shape
    )
for shape in ([5, 5, 2], [1, -5, 5, 2]):
    transposed(f"shape {shape}", "`output_shape` must", f"={tuple(shape)}", output_shape=shape)
transposed("sizes of floats", f"`output_shape` {INTEGER}", output_shape=[1.0, 5.0, 5.0, 2.0])
transposed("shape None", "`output_shape`", "a value (None)", output_shape=None)
transposed(
    "channels", "`input` must have the shape (1, 3, 3, 4)", "(1, 3, 3, 5)", input=f32(1, 3, 3, 5)
)
transposed("channels out", "input depth", "3 vs 2", output_shape=[1, 5, 5, 3])
transposed("rank 3", "`input` must have rank 4", input=f32(3, 3, 4))
transposed("a size alone", "`output_shape` must be a list of integers (1-D)", output_shape=5)
transposed("strides 0", f"`strides` {POSITIVE} strides=0", strides=0)
padding_name_rows(transposed)
transposed("None", "`input`", core=NO_TENSOR, input=None)
transposed("dtypes", "`filters`", "is a double tensor", filters=f64(3, 3, 2, 4))
transposed("NCHW", "`data_format` must be 'NHWC'", data_format="NCHW", differs=DOCUMENTED)
transposed(
    "integers",
    f"`input` {INT64}",
    input=i32(1, 3, 3, 4).astype(np.int64),
    filters=i32(3, 3, 2, 4).astype(np.int64),
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


@pytest.mark.parametrize("name", ["conv2d"])
@settings(max_examples=4)
@given(data=st.data())
def test_third_order(name: str, data: st.DataObject) -> None:
    check_finite_differences(name, CASES[name], data.draw(CASES[name].samples), order=3)


@pytest.mark.parametrize("name", ["conv2d", "conv2d_transpose"])
@given(data=st.data())
def test_the_fused_op_is_its_definition(name: str, data: st.DataObject) -> None:
    check_composed(name, CASES[name], data.draw(CASES[name].samples))


# Linear in the floating argument with this number, the others held; or, if None, in all together.
LINEAR: dict[str, int | None] = {
    "conv2d by its first": 0,
    "conv2d_backprop_input by its first": 0,
    "conv2d by its second": 1,
    "conv2d_backprop_input by its second": 1,
    "conv2d_backprop_filter by its first": 0,
    "conv2d_backprop_filter by its second": 1,
    "conv2d_transpose by its first": 0,
    "conv2d_transpose by its second": 1,
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


@given(geometry=geometries(), rng=rngs)
def test_convolution_and_its_two_gradients(geometry: Any, rng: np.random.Generator) -> None:
    image, filters, moves = geometry
    x, k = normal_tensor(rng, *image), normal_tensor(rng, *filters)
    y = ops.conv2d(x, k, **moves)
    g = normal_tensor(rng, *y.shape)
    assert_equal_products(
        (y, g),
        (x, ops.conv2d_backprop_input(image, k, g, **moves)),
        (k, ops.conv2d_backprop_filter(x, filters, g, **moves)),
    )


@given(geometry=geometries(), rng=rngs)
def test_transposed_convolution(geometry: Any, rng: np.random.Generator) -> None:
    image, filters, moves = geometry
    x, k = normal_tensor(rng, *image), normal_tensor(rng, *filters)
    y = ops.conv2d(x, k, **moves)
    g = normal_tensor(rng, *y.shape)
    assert_equal_products((y, g), (x, ops.conv2d_transpose(g, k, image, **moves)))


@pytest.mark.parametrize("padding", ["SAME", "VALID", [[0, 0], [1, 0], [0, 2], [0, 0]]])
@pytest.mark.parametrize("largest", [3, 10**5, 2**31])  # the sums of large ones wrap around
def test_convolution_of_int32(padding: Any, largest: int) -> None:
    rng = np.random.default_rng(largest)
    shapes = [
        ((2, 6, 5, 3), (3, 2, 3, 4), 1, 1),
        ((1, 7, 4, 2), (2, 3, 2, 1), 2, 1),
        ((2, 6, 7, 1), (2, 2, 1, 3), 1, 2),
        ((1, 5, 4, 6), (2, 2, 2, 9), 1, 1),  # three groups
        ((0, 5, 5, 2), (3, 3, 2, 2), 1, 1),
    ]
    for image, window, strides, dilations in shapes:
        x, k = (rng.integers(-largest, largest, shape).astype("i4") for shape in (image, window))
        how = {"strides": strides, "padding": padding, "dilations": dilations}
        y = tf.nn.conv2d(tf.constant(x), tf.constant(k), **how).numpy()
        theirs = tensorflow.nn.conv2d(x, k, **how).numpy()
        assert y.dtype == theirs.dtype == np.int32
        np.testing.assert_array_equal(y, theirs)
        if image[3] == window[2] and isinstance(padding, str) and dilations == 1:
            back = [module.nn.conv2d_transpose for module in (tf, tensorflow)]
            ours, theirs = (f(y, k, image, strides, padding).numpy() for f in back)
            np.testing.assert_array_equal(ours, theirs)


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
