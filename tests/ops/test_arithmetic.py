"""Arithmetic, element by element, and the division and powers of special values."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
import tensorflow
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import scratchnet
from tests.support import taped
from tests.support.adjoint import check_the_tape_gives_the_transpose, rngs
from tests.support.bad_calls import (
    ACCIDENT,
    DOCUMENTED,
    NO_TENSOR,
    Bad,
    BadCalls,
    f32,
    f64,
    refuse_bools,
    refuse_unlike_pairs,
    refuse_what_is_no_tensor,
)
from tests.support.cases import (
    Case,
    Draw,
    Sample,
    away_from_zero,
    list_call,
    moving,
    normal,
    off_steps,
    pair,
    positive,
    seeds,
    shapes,
    simple,
    stacks,
    summing,
)
from tests.support.derivatives import INF, NAN, SPECIAL, agree, points
from tests.support.ops_checks import (
    DTYPES,
    check_against_tensorflow,
    check_error_family,
    check_finite_differences,
    check_refused,
    differentiable,
)

# -- cases -----------------------------------------------------------------------------------------


@st.composite
def alike(draw: Draw, **attrs: Any) -> Sample:
    """Tensors of one shape."""
    sample = draw(stacks())
    return Sample(sample.arrays, {n: draw(strategy) for n, strategy in attrs.items()}, sample.seed)


@st.composite
def biases(draw: Draw) -> Sample:
    seed, shape = draw(seeds()), draw(shapes(min_rank=2, max_rank=4, min_side=1))
    rng = np.random.default_rng(seed)
    return Sample([normal(rng, shape), normal(rng, shape[-1:])], {}, seed)


CASES: dict[str, Case] = {
    "add": pair(),
    "subtract": pair(),
    "multiply": pair(),
    "divide": pair(normal, away_from_zero),
    "floordiv": pair(off_steps, lambda rng, shape: np.ones(shape), order=1),
    "mod": pair(off_steps, lambda rng, shape: np.ones(shape)),
    "pow": pair(positive, normal),
    "negative": simple(),
    "abs": simple(away_from_zero),
    "sign": simple(away_from_zero),
    "square": simple(),
    "squared_difference": pair(),
    "add_n": moving(alike(), call=list_call),
    "bias_add": summing(biases()),
}


# -- calls that must fail --------------------------------------------------------------------------

BAD_CALLS = BadCalls()
bad = BAD_CALLS.bad
SIGNED_OPS = {"negative": "x", "abs": "x", "sign": "x"}
NUMBER_OPS = {"square": "x"}
refuse_what_is_no_tensor(bad, NUMBER_OPS | SIGNED_OPS)
BINARY_OPS = [
    "add",
    "subtract",
    "multiply",
    "divide",
    "floordiv",
    "mod",
    "pow",
    "squared_difference",
]
refuse_unlike_pairs(bad, BINARY_OPS)
refuse_bools(bad, BINARY_OPS)
for op, arg in SIGNED_OPS.items():
    bad(op, "unsigned", lambda f, t: f(np.array([1], np.uint8)), f"`{arg}` must be", "dtype uint8")
for op in ("floordiv", "mod"):
    bad(op, "zero", lambda f, t: f(t([1, 2]), t([1, 0])), "`y`", core="nteger division by zero")
    no_kernel = {"differs": ACCIDENT} if op == "floordiv" else {}  # NotFoundError
    bad(
        op,
        "complex numbers",
        lambda f, t: f(t([1j]), t([2j])),
        "`x` must be real, received dtype complex128",
        **no_kernel,
    )
bad(
    "pow",
    "a negative exponent of integers",
    lambda f, t: f(t([2]), t([-1])),
    "`y`",
    "received -1",
    core="Integers to negative integer powers are not allowed",
)
bad("add_n", "nothing", lambda f, t: f([]), "`inputs` must hold at least one tensor")
bad("add_n", "a number", lambda f, t: f(3.0), "`inputs` must be a list of tensors")
bad("add_n", "None", lambda f, t: f(None), "`inputs` must be a list of tensors")
bad("add_n", "a list of None", lambda f, t: f([None]), "`inputs[0]`", "a value (None)")
bad(
    "add_n", "shapes", lambda f, t: f([t(f32(1)), t(f32(2))]), "must have the same size", "[1], [2]"
)
bad("add_n", "dtypes", lambda f, t: f([t(f32(1)), t(f64(1))]), "`inputs[1]`", "is a double tensor")
bad("add_n", "bools", lambda f, t: f([t([True]), t([False])]), "`inputs` must be numeric")
bad(
    "bias_add",
    "sizes",
    lambda f, t: f(t(f32(2, 3)), t(f32(2))),
    "`bias`",
    core="Must provide as many biases as the last dimension of the input tensor: [2] vs. [2,3]",
)
bad("bias_add", "a matrix", lambda f, t: f(t(f32(2, 3)), t(f32(1, 3))), "`bias` must be a vector")
bad("bias_add", "to a vector", lambda f, t: f(t(f32(3)), t(f32(3))), "`value` must have rank >= 2")
bad(
    "bias_add",
    "dtypes",
    lambda f, t: f(t(f32(2, 3)), t(f64(3))),
    "`bias`",
    core="but is a double tensor",
)
bad("bias_add", "bools", lambda f, t: f(t([[True]]), t([True])), "`bias` must be numeric")
bad("bias_add", "None", lambda f, t: f(t(f32(2, 3)), None), "`bias`", core=NO_TENSOR)
bad(
    "bias_add",
    "a format",
    lambda f, t: f(t(f32(2, 3)), t(f32(3)), "foo"),
    "`data_format` must be",
    "'foo'",
)
bad(
    "bias_add",
    "NCHW",
    lambda f, t: f(t(f32(2, 3)), t(f32(3)), "NCHW"),
    "`data_format`",
    differs=DOCUMENTED,
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


# Linear in the floating argument with this number, the others held; or, if None, in all together.
LINEAR: dict[str, int | None] = {
    "negative": 0,
    "multiply by its first": 0,
    "divide by its first": 0,
    "multiply by its second": 1,
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

ONE = {
    "abs": lambda tf, x: tf.abs(x),
    "sign": lambda tf, x: tf.sign(x),
    "square": lambda tf, x: tf.square(x),
}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ONE)
def test_functions_of_one_number_at_special_points(name: str, dtype: str) -> None:
    agree(ONE[name], points(*SPECIAL, dtype=dtype))


def test_one_sided_derivatives_at_zero() -> None:
    assert agree(ONE["abs"], points(0.0, dtype="float64"))[1] == 0.0


@pytest.mark.parametrize("dtype", DTYPES)
def test_pow_at_zero_and_below(dtype: str) -> None:
    x, y = np.meshgrid([-2.0, -1.0, -0.0, 0.0, 1.0, 2.0], [-1.0, 0.0, 0.5, 1.0, 2.0, 3.0])
    agree(lambda tf, x, y: tf.pow(x, y), x.astype(dtype), y.astype(dtype))
    gx = agree(lambda tf, x: tf.pow(x, 0.0), points(0.0, dtype=dtype))[1]
    assert np.isnan(gx)


SIGNED = [n for n in range(-7, 8) if n]


@pytest.mark.parametrize("dtype", ["int8", "int16", "int32", "int64"])
def test_division_of_integers_floors_and_the_rest_has_the_sign_of_the_divisor(dtype: str) -> None:
    x, y = (np.array(a, dtype) for a in np.meshgrid(range(-9, 10), SIGNED))
    agree(lambda tf, x, y: [x // y, x % y, x / y], x, y, orders=0)


def test_division_of_unsigned_integers() -> None:
    x, y = (np.array(a, np.uint8) for a in np.meshgrid([0, 1, 7, 255], [1, 2, 3, 255]))
    agree(lambda tf, x, y: [x // y, x % y, x / y, x - y, x * y], x, y, orders=0)


@pytest.mark.parametrize("dtype", DTYPES)
def test_division_of_floats(dtype: str) -> None:
    x, y = np.meshgrid([-7.5, -1.0, -0.0, 0.0, 1.0, 7.5, INF], [-INF, -2.0, -0.0, 0.0, 2.0, INF])
    x, y = x.astype(dtype), y.astype(dtype)
    agree(lambda tf, x, y: [x // y, x / y], x, y, orders=0)
    finite = np.isfinite(x) & np.isfinite(y) & (y != 0)
    agree(lambda tf, x, y: x % y, x[finite], y[finite])


@pytest.mark.parametrize("function", ["tf.abs(x)", "tf.sign(x)", "tf.square(x)"])
def test_gradients_at_kinks_and_nan(function: str) -> None:
    taped.same_at_kinks(function)


@pytest.mark.parametrize(
    "function", ["x ** 0.0", "x ** 2.0", "1.0 / x", "x / x", "x ** 0.5", "0.0 ** x"]
)
@pytest.mark.parametrize("x", ["0.0", "-1.0"])
def test_gradients_at_singular_points(function: str, x: str) -> None:
    taped.same_at(function, x)


@pytest.mark.parametrize("dtype", DTYPES)
def test_squared_differences_of_zero_inf_and_nan(dtype: str) -> None:
    pairs = np.array(
        list(itertools.product([-INF, -2.0, -0.0, 0.0, 3.0, INF, NAN], repeat=2)), dtype
    )
    agree(lambda tf, x, y: tf.math.squared_difference(x, y), *pairs.T)


def test_an_integer_where_a_sum_of_one_is_asked() -> None:
    agree(lambda tf, x: tf.add_n(x), np.arange(3.0))  # a tensor is a list of its rows
    agree(lambda tf, x: tf.add_n([x]), np.arange(3.0))
    agree(lambda tf, x: tf.add_n(v * v for v in (x, x, x)), np.arange(3.0))


BINARY = ["add", "subtract", "multiply", "divide", "floordiv", "floormod", "pow"]
BINARY += ["squared_difference", "maximum", "minimum"]
UNARY = ["negative", "abs", "sign", "square"]
KINDS = ["float16", "float32", "float64", "complex64", "complex128", "bool"]
KINDS += ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", BINARY + UNARY)
def test_every_dtype(name: str, kind: str) -> None:
    """The result, its dtype and a broadcast shape, wherever TensorFlow has a kernel for it."""
    x = np.array([[5, 2, 7], [1, 6, 3]]).astype(kind)
    y = np.array([2, 3, 1]).astype(kind)
    args = (x, y) if name in BINARY else (x - x.dtype.type(3) if kind[0] in "fci" else x,)
    found = []
    for tf in (tensorflow, scratchnet):
        try:
            found.append(getattr(tf.math, name)(*map(tf.constant, args)).numpy())
        except Exception as error:
            found.append(error)
    theirs, ours = found
    if isinstance(theirs, Exception):  # or has no kernel, where NumPy may have one
        no_kernel = any(said in str(theirs) for said in ("not find", "list of allowed values"))
        assert isinstance(ours, Exception) or no_kernel, theirs
        return
    assert not isinstance(ours, Exception), ours
    assert (ours.dtype, ours.shape) == (theirs.dtype, theirs.shape)
    eps = np.finfo(kind).eps if kind[0] in "fc" else 0
    np.testing.assert_allclose(ours, theirs, rtol=8 * eps)


REFUSED = {
    "add(True, False)": "add: `x` must be numeric, received dtype bool",
    "abs(convert_to_tensor(1, 'uint8'))": "abs: `x` must be numeric and signed, received dtype "
    "uint8",
    "floordiv(1j, 2.0)": "floordiv: `x` must be real, received dtype complex128",
    "mod(1j, 2.0)": "mod: `x` must be real, received dtype complex128",
    "floordiv([1, 2], [1, 0])": "floordiv: Integer division by zero: `y` must hold no zero, "
    "received one",
    "mod([1, 2], [1, 0])": "mod: Integer division by zero: `y` must hold no zero, received one",
    "pow([2, 3], [1, -2])": "pow: Integers to negative integer powers are not allowed: `y` must "
    "hold no negative value, received -2",
    "add_n(3)": "add_n: `inputs` must be a list of tensors, received inputs=3",
    "add_n([])": "add_n: `inputs` must hold at least one tensor, received inputs=[]",
    "add_n([[1], [1, 2]])": "add_n: `inputs`: Inputs to operation AddN must have the same size and "
    "shape, received [1], [2]",
    "add_n([True])": "add_n: `inputs` must be numeric, received dtype bool",
    "bias_add(ones((2, 3)), ones(2))": "bias_add: `bias`: Must provide as many biases as the last "
    "dimension of the input tensor: [2] vs. [2,3]",
    "bias_add(ones(3), ones(3))": "bias_add: `value` must have rank >= 2",
    "bias_add(ones((2, 3)), ones((1, 3)))": "bias_add: `bias` must be a vector",
    "bias_add(ones((2, 3)), ones(3), 'NCHW')": "bias_add: `data_format` must be None, 'N...C' or "
    "'NHWC', received data_format='NCHW'",
    "bias_add(ones((2, 3)), ones(3), 'x')": "bias_add: `data_format` must be None, 'N...C' or "
    "'NHWC', received data_format='x'",
}


@pytest.mark.parametrize("call", REFUSED)
def test_what_is_refused_in_full(call: str) -> None:
    with pytest.raises((ValueError, TypeError, scratchnet.errors.OpError)) as caught:
        eval(call, vars(scratchnet.ops).copy())
    assert str(caught.value).startswith(REFUSED[call])
    unimplemented = isinstance(caught.value, scratchnet.errors.UnimplementedError)
    assert unimplemented == ("NCHW" in call)


def test_what_is_not_refused() -> None:
    x, b = scratchnet.ones((2, 3)), scratchnet.constant([1.0, 2.0, 3.0])
    for form in (None, "N...C", "NHWC"):
        assert scratchnet.nn.bias_add(x, b, form).numpy().tolist() == [[2, 3, 4]] * 2
    for tf in (scratchnet, tensorflow):
        one = tf.constant([1.0])
        assert tf.add_n([one]) is one
        assert tf.add_n([one, one]) is not one
    one = scratchnet.constant([1.0])
    assert scratchnet.pow([2, 3], [0, 1]).numpy().tolist() == [1, 3]
    assert scratchnet.add_n([one, one, one]).numpy().tolist() == [3]
