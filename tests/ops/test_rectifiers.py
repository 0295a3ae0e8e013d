"""Piecewise activation functions: relu and its kin, at and around their kinks."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import scratchnet
from scratchnet import ops
from tests.support import paired, taped
from tests.support.bad_calls import (
    DOCUMENTED,
    OWN,
    Bad,
    BadCalls,
    f32,
    f64,
    refuse_integers,
    refuse_what_is_no_tensor,
)
from tests.support.cases import (
    Case,
    Draw,
    Sample,
    along_axis,
    away_from_zero,
    largest,
    moving,
    normal,
    seeds,
    shapes,
    simple,
    unary,
)
from tests.support.derivatives import NAN, SPECIAL, agree, points
from tests.support.layouts import LARGE_SHAPES, in_memory_layouts, with_special_values
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
def rectified(draw: Draw, values: Any = away_from_zero, **attrs: st.SearchStrategy[Any]) -> Sample:
    seed, shape = draw(seeds()), draw(shapes())
    rng = np.random.default_rng(seed)
    drawn = {name: draw(strategy) for name, strategy in attrs.items()}
    return Sample([normal(rng, shape), values(rng, shape)], drawn, seed)


def around_six(rng: np.random.Generator, shape: Any) -> np.ndarray:
    return away_from_zero(rng, shape) * 3 + rng.choice([0.01, 6.01], size=shape)


CASES: dict[str, Case] = {
    "relu": simple(away_from_zero),
    "relu6": simple(around_six),
    "relu_gradient": Case(rectified()),
    "relu6_gradient": Case(rectified(values=around_six)),
    "crelu": moving(along_axis(away_from_zero)),
    "leaky_relu": Case(unary(away_from_zero, alpha=st.sampled_from([0.0, 0.2, 0.7]))),
    "leaky_relu_gradient": Case(rectified(alpha=st.sampled_from([0.0, 0.2, 0.7]))),
    "elu": simple(away_from_zero, scale=largest),
    "elu_gradient": Case(rectified(), scale=largest),
    "selu": simple(away_from_zero, scale=largest),
    "selu_gradient": Case(rectified(), scale=largest),
}


# -- calls that must fail --------------------------------------------------------------------------

BAD_CALLS = BadCalls()
bad = BAD_CALLS.bad
FLOAT_OPS = {"elu": "features", "selu": "features"}
NUMBER_OPS = {
    "relu": "features",
    "leaky_relu": "features",
    "relu6": "features",
    "crelu": "features",
}
refuse_integers(bad, FLOAT_OPS)
refuse_what_is_no_tensor(bad, FLOAT_OPS | NUMBER_OPS)
bad("leaky_relu", "alpha a string", lambda f, t: f(t([1.0]), alpha="a"), "`alpha`", "alpha='a'")
bad("leaky_relu", "alpha a list", lambda f, t: f(t([1.0]), alpha=[0.1]), "`alpha`", "alpha=[0.1]")
bad(
    "leaky_relu",
    "alpha None",
    lambda f, t: f(t([1.0]), alpha=None),
    "`alpha` must be a number, received alpha=None",
    differs=DOCUMENTED,
)
for _name, _other in (
    *(("relu_gradient", "features"), ("leaky_relu_gradient", "features")),
    *(("relu6_gradient", "features"), ("elu_gradient", "output"), ("selu_gradient", "output")),
):
    bad(
        _name,
        "shapes",
        lambda f, t: f(t(f32(2)), t(f32(3))),
        f"`{_other}` must have the shape (2,)",
        alone=OWN,
    )
    bad(
        _name,
        "dtypes",
        lambda f, t: f(t(f32(2)), t(f64(2))),
        f"`{_other}`",
        alone=OWN,
    )
    bad(
        _name,
        "integers",
        lambda f, t: f(t([1]), t([1])),
        "`gradients` must be floating",
        alone=OWN,
    )
bad(
    "leaky_relu_gradient",
    "alpha None",
    lambda f, t: f(t(f32(2)), t(f32(2)), alpha=None),
    "`alpha` must be a number, received alpha=None",
    alone=OWN,
)
bad("crelu", "a scalar", lambda f, t: f(t(1.0)), "`axis` must be in range [0, 0)")
bad("crelu", "axis 1", lambda f, t: f(t(f32(2)), axis=1), "`axis` must be in range [-1, 1)")


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


@pytest.mark.parametrize("name", ["relu", "leaky_relu"])
@given(data=st.data())
def test_the_fused_op_is_its_definition(name: str, data: st.DataObject) -> None:
    check_composed(name, CASES[name], data.draw(CASES[name].samples))


@pytest.mark.parametrize("row", BAD_CALLS, ids=str)
@pytest.mark.usefixtures("no_kernels")
def test_it_is_refused_by_name_before_any_work(row: Bad) -> None:
    check_refused(row)


@pytest.mark.parametrize("row", [row for row in BAD_CALLS if not row.alone], ids=str)
def test_the_error_is_of_tensorflows_family(row: Bad) -> None:
    check_error_family(row)


# -- special values, ties and identities -----------------------------------------------------------

ONE = {
    "relu": lambda tf, x: tf.nn.relu(x),
    "elu": lambda tf, x: tf.nn.elu(x),
    "leaky_relu": lambda tf, x: tf.nn.leaky_relu(x),
    "leaky_relu 0": lambda tf, x: tf.nn.leaky_relu(x, alpha=0.0),
    "relu6": lambda tf, x: tf.nn.relu6(x),
    "selu": lambda tf, x: tf.nn.selu(x),
    "crelu": lambda tf, x: tf.nn.crelu(x),
}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ONE)
def test_functions_of_one_number_at_special_points(name: str, dtype: str) -> None:
    agree(ONE[name], points(*SPECIAL, dtype=dtype))


def test_one_sided_derivatives_at_zero() -> None:
    at_zero = points(0.0, dtype="float64")
    for name, wanted in (("leaky_relu", np.float64(np.float32(0.2))), ("elu", 1.0)):
        assert agree(ONE[name], at_zero)[1] == wanted


def test_relu_stops_the_gradient_at_zero_and_at_nan() -> None:
    y, gx = agree(ONE["relu"], points(-0.0, 0.0, NAN, 2.0, dtype="float32"))
    np.testing.assert_array_equal(y, [0, 0, NAN, 2])
    np.testing.assert_array_equal(gx, [0, 0, 0, 4])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("alpha", [0.0, 0.3, -2.0])
@pytest.mark.parametrize("shape", LARGE_SHAPES[-1:])
def test_large_leaky_relu_and_its_gradient(shape, alpha, dtype):
    rng = np.random.default_rng(4)
    x, g = with_special_values(rng, shape, dtype), rng.normal(size=shape).astype(dtype)
    for a, b in zip(in_memory_layouts(x), in_memory_layouts(g), strict=True):
        y = [tf.nn.leaky_relu(tf.constant(a), alpha).numpy() for tf in (scratchnet, tensorflow)]
        np.testing.assert_array_equal(*y)
        ours = ops.leaky_relu_gradient(scratchnet.constant(b), scratchnet.constant(a), alpha)
        b, a = tensorflow.constant(b), tensorflow.constant(a)
        theirs = tensorflow.raw_ops.LeakyReluGrad(gradients=b, features=a, alpha=alpha)
        np.testing.assert_array_equal(ours.numpy(), theirs.numpy())


def relu_gradient(tf: Any, g: Any, y: Any) -> Any:
    if tf is scratchnet:
        return ops.relu_gradient(g, y)
    return tf.raw_ops.ReluGrad(gradients=g, features=y)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", LARGE_SHAPES)
def test_relu_and_its_gradient(shape, dtype):
    rng = np.random.default_rng(3)
    x, g = with_special_values(rng, shape, dtype), rng.normal(size=shape).astype(dtype)
    for a, b in zip(in_memory_layouts(x), in_memory_layouts(g), strict=True):
        before = a.copy(), b.copy()
        y = [tf.nn.relu(tf.constant(a)).numpy() for tf in (scratchnet, tensorflow)]
        np.testing.assert_array_equal(*y)
        assert not np.signbit(y[0][y[0] == 0]).any()
        gx = [
            relu_gradient(tf, tf.constant(b), tf.constant(a)).numpy()
            for tf in (scratchnet, tensorflow)
        ]
        np.testing.assert_array_equal(*gx)
        np.testing.assert_array_equal((a, b), before)


@pytest.mark.parametrize("function", ["tf.nn.relu(x)", "tf.nn.leaky_relu(x)", "tf.nn.elu(x)"])
def test_gradients_at_kinks_and_nan(function: str) -> None:
    taped.same_at_kinks(function)


@pytest.mark.parametrize("program", ["tf.nn.relu(float('nan'))"])
def test_special_values(program: str) -> None:
    paired.agree(program)
