"""Sums, means, products and extrema along axes: ties, nan, and reductions of nothing."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import scratchnet
from scratchnet import ops
from scratchnet.kernels import elementwise
from tests.support import paired, taped
from tests.support.adjoint import check_the_tape_gives_the_transpose, rngs
from tests.support.bad_calls import INTEGER, NO_TENSOR, OWN, Bad, BadCalls, f32, refuse_bad_axes
from tests.support.cases import (
    TRUTH,
    Case,
    Sample,
    along_axis,
    away_from_zero,
    bits,
    distinct,
    normal,
    reductions,
    summing,
    whole,
)
from tests.support.derivatives import INF, NAN, agree
from tests.support.gradcheck import check_gradients
from tests.support.layouts import in_memory_layouts
from tests.support.ops_checks import (
    DTYPES,
    check_against_tensorflow,
    check_error_family,
    check_finite_differences,
    check_refused,
    differentiable,
)

# -- cases -----------------------------------------------------------------------------------------

index_names = st.sampled_from([np.int32, np.int64])

CASES: dict[str, Case] = {
    "reduce_sum": summing(reductions()),
    "reduce_mean": summing(reductions()),
    "reduce_max": summing(reductions(distinct)),
    "reduce_min": summing(reductions(distinct)),
    "reduce_prod": summing(reductions(away_from_zero)),
    "prod_of_others": summing(
        reductions(away_from_zero, min_side=1).map(
            lambda s: Sample(s.arrays, {"axis": list(range(s.arrays[0].ndim))[-1:] or []}, s.seed)
        )
    ),
    "reduce_any": Case(reductions(bits), **TRUTH),
    "reduce_all": Case(reductions(bits), **TRUTH),
    "argmax": Case(along_axis(whole(normal), min_side=1, output_type=index_names), **TRUTH),
    "argmin": Case(along_axis(whole(normal), min_side=1, output_type=index_names), **TRUTH),
}


# -- calls that must fail --------------------------------------------------------------------------

BAD_CALLS = BadCalls()
bad = BAD_CALLS.bad
refuse_bad_axes(
    bad,
    [
        "reduce_sum",
        "reduce_mean",
        "reduce_max",
        "reduce_min",
        "reduce_prod",
        "reduce_any",
        "reduce_all",
    ],
)
bad(
    "prod_of_others",
    "axis 1",
    lambda f, t: f(t(f32(2)), 1),
    "`axis` must be in range [-1, 1)",
    alone=OWN,
)
for op in ("argmax", "argmin"):
    bad(op, "of floats", lambda f, t: f(t(f32(2)), 0, np.float32), "`output_type` must be int64")
    for k in (1, -2):
        bad(op, f"axis {k}", lambda f, t, k=k: f(t(f32(2)), k), "`axis` must be in range [-1, 1)")
    bad(
        op,
        "an empty axis",
        lambda f, t: f(t(f32(0)), 0),
        "`input`",
        core="Reduction axis 0 is empty in shape [0]",
    )
    bad(op, "a scalar", lambda f, t: f(t(1.0), 0), "`axis` must be in range [0, 0)")
    bad(op, "None", lambda f, t: f(None, 0), "`input`", core=NO_TENSOR)
    bad(op, "axis 0.5", lambda f, t: f(t(f32(2)), 0.5), f"`axis` {INTEGER} axis=0.5")
    bad(op, "a list of axes", lambda f, t: f(t(f32(2)), [0]), f"`axis` {INTEGER} axis=[0]")
    bad(op, "a string", lambda f, t: f("a", 0), "`input`", "'a'")


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


# Linear in the floating argument with this number, the others held; or, if None, in all together.
LINEAR: dict[str, int | None] = {"reduce_sum": 0, "reduce_mean": 0}


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

TIED = np.array([[1.0, 3.0, 3.0], [2.0, 2.0, 2.0], [-INF, -INF, 5.0], [0.0, -0.0, -1.0]])


@pytest.mark.parametrize("axis", [None, 0, 1, [0, 1], []])
@pytest.mark.parametrize("name", ["reduce_max", "reduce_min"])
def test_tied_extrema_share_the_gradient(name: str, axis: Any) -> None:
    agree(lambda tf, x: getattr(tf, name)(x, axis), TIED, orders=2)
    agree(lambda tf, x: getattr(tf, name)(x, axis, keepdims=True), TIED)


def test_tied_extrema_share_alike() -> None:
    _, gx = agree(lambda tf, x: tf.reduce_max(x), np.array([4.0, 4.0, 1.0]))
    np.testing.assert_array_equal(gx, [0.5, 0.5, 0])
    _, gx = agree(lambda tf, x: tf.reduce_max(x), np.ones((2, 2)))
    np.testing.assert_array_equal(gx, np.full((2, 2), 0.25))


@pytest.mark.parametrize("name", ["reduce_max", "reduce_min"])
@pytest.mark.parametrize("values", [(NAN, 1.0, 2.0), (1.0, NAN, 2.0), (1.0, 2.0, NAN), (NAN, NAN)])
def test_nan_among_many(name: str, values: tuple[float, ...]) -> None:
    agree(lambda tf, x: getattr(tf, name)(x), np.array(values))
    agree(lambda tf, x: getattr(tf, name)(x), np.array(values, np.float32))


@pytest.mark.parametrize("name", ["argmax", "argmin"])
def test_of_several_extrema_the_first_is_named(name: str) -> None:
    for x in ([2, 5, 5, 2], [0, 0, 0], [True, False, True], [-0.0, 0.0, -0.0]):
        agree(lambda tf, x: getattr(tf, name)(x), np.array(x), orders=0)
    agree(lambda tf, x: getattr(tf, name)(x, axis=1), TIED, orders=0)


@pytest.mark.parametrize("values", [(NAN, 1.0, 2.0), (1.0, NAN, 2.0), (1.0, 2.0, NAN), (NAN, NAN)])
@pytest.mark.parametrize("name", ["argmax", "argmin"])
@pytest.mark.parametrize("dtype", DTYPES)
def test_which_extremum_is_named_beside_nan(
    name: str, values: tuple[float, ...], dtype: str
) -> None:
    agree(lambda tf, x: getattr(tf, name)(x), np.array(values, dtype), orders=0)


EMPTY = "reduce_sum reduce_mean reduce_max reduce_min reduce_prod reduce_logsumexp".split()


@pytest.mark.parametrize("name", EMPTY)
def test_a_reduction_of_nothing(name: str) -> None:
    for shape in ((0,), (2, 0), (0, 2)):
        agree(lambda tf, x: getattr(tf, name)(x, 0), np.zeros(shape))
    agree(lambda tf, x: getattr(tf, name)(x), np.zeros((2, 0)))


@pytest.mark.parametrize("name", ["reduce_sum", "reduce_max", "reduce_min", "reduce_prod"])
@pytest.mark.parametrize("dtype", ["int32", "int64", "uint8"])
def test_a_reduction_of_no_integers(name: str, dtype: str) -> None:
    agree(lambda tf, x: getattr(tf, name)(x, 0), np.zeros((0, 2), dtype), orders=0)


@pytest.mark.parametrize("name", ["reduce_any", "reduce_all"])
def test_a_reduction_of_no_truth(name: str) -> None:
    agree(lambda tf, x: getattr(tf, name)(x, 0), np.zeros((0, 2), bool), orders=0)


def test_the_mean_of_integers_is_an_integer() -> None:
    for x in ([1, 2], [-1, -2], [7, 8, 9], [-7, 0]):
        agree(lambda tf, x: tf.reduce_mean(x), np.array(x, np.int32), orders=0)


ZEROS = {"none": [2.0, 3.0, 4.0], "one": [2.0, 0.0, 4.0], "two": [0.0, 3.0, 0.0], "all": [0.0] * 3}


@pytest.mark.parametrize("zeros", ZEROS)
def test_a_product_with_zeros(zeros: str) -> None:
    x = np.array([ZEROS[zeros], [1.0, 2.0, 3.0]])
    agree(lambda tf, x: tf.reduce_prod(x), np.array(ZEROS[zeros]))
    agree(lambda tf, x: tf.reduce_prod(x, 1), x)
    # A polynomial: its derivatives of all orders are there, whatever TensorFlow makes of them.
    check_gradients(lambda x: scratchnet.reduce_prod(x, 1), [x], order=3)


def test_a_product_with_one_zero_is_exact() -> None:
    _, gx = agree(lambda tf, x: tf.reduce_prod(x), np.array([0.0, 2.0, 3.0]))
    np.testing.assert_array_equal(gx, [6, 0, 0])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(elementwise.LARGE, 1), (3001, 17), (9, 61, 73, 4), (3, 20000)])
def test_sums_of_columns(shape, dtype):
    rng = np.random.default_rng(3)
    x = rng.normal(size=shape).astype(dtype) + 1  # a long sum of one sign loses most
    axes = list(range(len(shape) - 1))
    truth = x.astype(np.longdouble).sum(tuple(axes))
    bound = 8 * np.finfo(dtype).eps * np.abs(x.astype("d")).sum(tuple(axes))
    for a in in_memory_layouts(x):
        y = ops.reduce_sum(a, axes)
        assert (y.dtype.name, y.shape) == (dtype, shape[-1:])
        assert (np.abs(y.numpy() - truth) <= bound).all()
        kept = ops.reduce_sum(a, axes, keepdims=True)
        assert kept.shape == (*[1] * len(axes), shape[-1])


@pytest.mark.parametrize("kind", ["reduce_max", "reduce_min", "argmax"])
@pytest.mark.parametrize(
    "values", ["[1.0, 3.0, 3.0]", "[[2.0, 2.0], [2.0, 2.0]]", "[[1.0], [1.0]]"]
)
def test_ties(kind: str, values: str) -> None:
    given, body = f"x = tf.constant({values})", f"t.watch(x); y = tf.{kind}(x, 0)"
    paired.agree(taped.taped(body, "y, t.gradient(y, x)", given))


@pytest.mark.parametrize(
    "program", ["tf.reduce_mean([1, 2])", "tf.argmax([1, 3, 3]), tf.argmin([2, 1, 1])"]
)
def test_special_values(program: str) -> None:
    paired.agree(program)


@pytest.mark.parametrize("function", ["tf.reduce_prod(tf.stack([x, x + 2.0, x + 3.0]))"])
@pytest.mark.parametrize("x", ["0.0", "-1.0"])
def test_gradients_at_singular_points(function: str, x: str) -> None:
    taped.same_at(function, x)


@pytest.mark.parametrize("dtype", ["float16", "float32"])
def test_a_product_whose_parts_are_too_large(dtype: str) -> None:
    """TensorFlow's is inf or nan."""
    x = np.array([[3e4] * 9 + [3e-5] * 9] * 2, dtype)
    found = scratchnet.reduce_prod(x, 1).numpy()
    assert found.dtype == dtype
    np.testing.assert_array_equal(found, np.prod(x, 1, dtype=np.float64).astype(dtype))
    assert np.all(np.isinf(scratchnet.reduce_prod(x[:, :9]).numpy()))


def test_the_gradient_of_a_mean_of_more_numbers_than_float16_counts_is_0():
    x = scratchnet.constant(np.ones(70_000, np.float16))
    with scratchnet.GradientTape() as tape:
        tape.watch(x)
        y = scratchnet.reduce_mean(x)
    assert (tape.gradient(y, x).numpy() == 0).all()  # as in TensorFlow: 70,000 is inf there


ALONG = [
    "",
    "1",
    "-1, True",
    "[0, 2]",
    "(0, -2), True",
    "None, True",
    "[]",
    "[], True",
    "[2, 1, 0]",
]


@pytest.mark.parametrize("kind", ["float16", "float32", "float64", "uint8", "int16", "int64"])
@pytest.mark.parametrize("name", ["sum", "mean", "prod", "max", "min"])
def test_every_dtype_along_every_choice_of_axes(name: str, kind: str) -> None:
    """Of small whole numbers, which no order of summing rounds."""
    x = f"tf.cast([[[1, 2], [4, 1], [2, 1]], [[1, 3], [1, 1], [2, 2]]], '{kind}')"
    for along in ALONG:
        paired.agree(f"tf.reduce_{name}({x}{along and ', '}{along})")
    if kind != "float16":  # of nothing
        paired.agree(f"tf.reduce_{name}(tf.zeros((0, 3), '{kind}'), 1)")
        if name != "mean":
            paired.agree(f"tf.reduce_{name}(tf.zeros((0, 3), '{kind}'), 0)")


@pytest.mark.parametrize("name", ["any", "all"])
def test_truth_along_every_choice_of_axes(name: str) -> None:
    x = "tf.constant([[[True, False], [True, True]], [[False, False], [True, True]]])"
    for along in ALONG:
        paired.agree(f"tf.reduce_{name}({x}{along and ', '}{along})")
    paired.agree(f"tf.reduce_{name}(tf.zeros((0, 2), 'bool'), 0)")


@pytest.mark.parametrize("name", ["argmax", "argmin"])
def test_where_the_extremum_is(name: str) -> None:
    values = "[[3, 1, 3, 0], [0, 5, 5, 0], [2, 2, 1, 1]]"
    for kind in ("float16", "float32", "float64", "uint8", "int16", "int32", "int64"):
        for axis in ("", ", 0", ", 1", ", -1", ", -2", ", axis=None"):
            paired.agree(f"tf.{name}(tf.cast({values}, '{kind}'){axis})")
    for kind in ("int16", "uint16", "int32", "int64")[0 if name == "argmax" else 2 :]:
        paired.agree(f"tf.{name}({values}, 1, '{kind}')")
    paired.agree(f"tf.{name}([[True, False], [False, False]])")
    paired.agree(f"tf.{name}([[np.nan, 1.0, -2.0], [np.nan, np.nan, np.nan]], 1)")
    paired.agree(f"tf.{name}([[np.nan, -np.inf, np.nan], [np.inf, np.nan, 3.0]], 1)")
    for said, call in {
        "must be int64, int32, int16 or uint16": f"tf.{name}([1], output_type='int8')",
        "Reduction axis 1 is empty in shape [2,0]": f"tf.{name}(tf.zeros((2, 0)), 1)",
        "`input` must be real, received dtype complex64": f"tf.{name}(tf.zeros(2, 'complex64'))",
        "`axis` must be in range [-1, 1)": f"tf.{name}([1], 1)",
    }.items():
        error = paired.error_of(call, scratchnet)
        assert isinstance(error, scratchnet.errors.InvalidArgumentError)
        assert str(error).startswith(f"{name}: ")
        assert said in str(error)


@pytest.mark.parametrize("along", [{}, {"axis": 1}, {"axis": [0, -1]}, {"axis": []}, {"axis": -2}])
@pytest.mark.parametrize("zeros", [0, 1, 2])
def test_the_product_of_the_others(zeros: int, along: dict[str, Any]) -> None:
    """Beside its definition, and the gradient of the product to the third order."""
    x = np.random.default_rng(1).uniform(0.5, 2.0, size=(2, 3, 2))
    x.reshape(-1)[[0, 4][:zeros]] = 0
    axes = along.get("axis")
    reduced = range(3) if axes is None else {k % 3 for k in np.atleast_1d(np.array(axes, int))}
    wanted = np.empty_like(x)
    for at in np.ndindex(x.shape):
        others = x.copy()
        others[at] = 1
        line = tuple(slice(None) if k in reduced else i for k, i in enumerate(at))
        wanted[at] = others[line].prod()
    found = scratchnet.ops.prod_of_others(x, **along)
    np.testing.assert_allclose(found.numpy(), wanted, rtol=1e-12)
    check_gradients(lambda x: scratchnet.reduce_prod(x, **along), [x], order=2)
