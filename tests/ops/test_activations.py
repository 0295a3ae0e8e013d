"""Smooth activation functions: sigmoid, tanh, softplus, silu, gelu and their kin."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import scratchnet
from tests.support import taped
from tests.support.bad_calls import (
    NO_TENSOR,
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
    complex_normal,
    largest,
    normal,
    seeds,
    shapes,
    simple,
    unary,
)
from tests.support.derivatives import SPECIAL, agree, points
from tests.support.gradcheck import check_gradients
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
def with_output(draw: Draw) -> Sample:
    """A cotangent, and what the function returned."""
    seed, shape = draw(seeds()), draw(shapes())
    rng = np.random.default_rng(seed)
    return Sample([normal(rng, shape), rng.uniform(-1, 1, shape)], {}, seed)


CASES: dict[str, Case] = {
    "sigmoid": simple(scale=largest),
    "tanh": simple(scale=largest),
    "sigmoid_gradient": Case(with_output(), scale=largest),
    "tanh_gradient": Case(with_output(), scale=largest),
    "softplus": simple(scale=largest),
    "log_sigmoid": simple(scale=largest),
    "softsign": simple(order=1),  # TensorFlow has no second derivative of it
    "silu": Case(unary(beta=st.sampled_from([1.0, 0.3])), scale=largest),
    "gelu": Case(unary(approximate=st.booleans()), scale=largest),
}


# -- calls that must fail --------------------------------------------------------------------------

BAD_CALLS = BadCalls()
bad, arguments = BAD_CALLS.bad, BAD_CALLS.arguments
FLOAT_OPS = {
    "sigmoid": "x",
    "tanh": "x",
    "softplus": "features",
    "softsign": "features",
    "log_sigmoid": "x",
    "silu": "features",
}
for _name in ("sigmoid_gradient", "tanh_gradient"):
    bad(_name, "shapes", lambda f, t: f(t(f32(2)), t(f32(3))), "`output` must have", alone=OWN)
    bad(_name, "dtypes", lambda f, t: f(t(f32(2)), t(f64(2))), "`output`", alone=OWN)
    bad(_name, "integers", lambda f, t: f(t([1]), t([1])), "`gradients` must be", alone=OWN)
refuse_integers(bad, FLOAT_OPS)
refuse_what_is_no_tensor(bad, FLOAT_OPS)

gelu = arguments("gelu", {"features": f32(2)})
for kind in (np.int32, bool):
    gelu(
        f"{kind.__name__}",
        core="`features.dtype` must be a floating point tensor",
        features=np.ones(2, kind),
    )
gelu("None", "`features`", core=NO_TENSOR, features=None)
bad("silu", "beta None", lambda f, t: f(t(f32(2)), None), "`beta`", core=NO_TENSOR)


# -- the checks of every op ------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", CASES)
@given(data=st.data())
def test_op_is_tensorflows(name: str, dtype: str, data: st.DataObject) -> None:
    check_against_tensorflow(name, CASES[name], dtype, data)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ["sigmoid", "tanh"])
@settings(max_examples=4)
@given(data=st.data())
def test_of_complex_numbers_it_is_tensorflows(name: str, dtype: str, data: st.DataObject) -> None:
    case = Case(unary(complex_normal), scale=lambda s: 10 * largest(s), order=1)
    check_against_tensorflow(name, case, dtype, data)


@pytest.mark.parametrize("name", differentiable(CASES))
@settings(max_examples=8)
@given(data=st.data())
def test_op_matches_finite_differences(name: str, data: st.DataObject) -> None:
    sample = data.draw(CASES[name].samples)
    assume(all(a.size for a in sample.arrays))  # the mean of nothing is nan, on both sides
    check_finite_differences(name, CASES[name], sample, order=2)


@pytest.mark.parametrize("name", ["tanh"])
@settings(max_examples=4)
@given(data=st.data())
def test_third_order(name: str, data: st.DataObject) -> None:
    check_finite_differences(name, CASES[name], data.draw(CASES[name].samples), order=3)


@pytest.mark.parametrize("name", ["sigmoid", "tanh", "softplus"])
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
    "tanh": lambda tf, x: tf.tanh(x),
    "sigmoid": lambda tf, x: tf.sigmoid(x),
    "softplus": lambda tf, x: tf.math.softplus(x),
    "softsign": lambda tf, x: tf.nn.softsign(x),
    "silu": lambda tf, x: tf.nn.silu(x),
    "gelu": lambda tf, x: tf.nn.gelu(x),
    "log_sigmoid": lambda tf, x: tf.math.log_sigmoid(x),
}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ONE)
def test_functions_of_one_number_at_special_points(name: str, dtype: str) -> None:
    agree(ONE[name], points(*SPECIAL, dtype=dtype))


def test_the_second_derivative_of_softsign_is_there() -> None:
    """TensorFlow has none."""
    check_gradients(scratchnet.nn.softsign, [np.array([-2.0, 0.3, 1.0])])


@pytest.mark.parametrize("function", ["tf.nn.softplus(x)"])
def test_gradients_at_kinks_and_nan(function: str) -> None:
    taped.same_at_kinks(function)
