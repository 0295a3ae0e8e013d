"""Exponentials, logarithms and roots, also where they are singular."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.support import taped
from tests.support.bad_calls import (
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
    away_from_zero,
    largest,
    positive,
    seeds,
    shapes,
    simple,
)
from tests.support.derivatives import INF, SPECIAL, agree, points
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
def with_output(draw: Draw, values: Any) -> Sample:
    """A cotangent that is not 0, and what the function returned."""
    seed, shape = draw(seeds()), draw(shapes())
    rng = np.random.default_rng(seed)
    return Sample([away_from_zero(rng, shape), values(rng, shape)], {}, seed)


CASES: dict[str, Case] = {
    "exp": simple(),
    "expm1": simple(),
    "log": simple(positive),
    "log1p": simple(positive),
    "sqrt": simple(positive),
    "rsqrt": simple(positive),
    "reciprocal": simple(away_from_zero),
    "sqrt_gradient": Case(with_output(positive), scale=largest),
    "rsqrt_gradient": Case(with_output(positive), scale=largest),
    "reciprocal_gradient": Case(with_output(away_from_zero), scale=largest),
}


# -- calls that must fail --------------------------------------------------------------------------

BAD_CALLS = BadCalls()
bad = BAD_CALLS.bad
FLOAT_OPS = {
    "exp": "x",
    "log": "x",
    "log1p": "x",
    "sqrt": "x",
    "rsqrt": "x",
    "reciprocal": "x",
    "expm1": "x",
}
for _name in ("sqrt_gradient", "rsqrt_gradient", "reciprocal_gradient"):
    bad(_name, "shapes", lambda f, t: f(t(f32(2)), t(f32(3))), "`output` must have", alone=OWN)
    bad(_name, "dtypes", lambda f, t: f(t(f32(2)), t(f64(2))), "`output`", alone=OWN)
    bad(_name, "integers", lambda f, t: f(t([1]), t([1])), "`gradients` must be", alone=OWN)
refuse_integers(bad, FLOAT_OPS)
refuse_what_is_no_tensor(bad, FLOAT_OPS)


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


@pytest.mark.parametrize("row", BAD_CALLS, ids=str)
@pytest.mark.usefixtures("no_kernels")
def test_it_is_refused_by_name_before_any_work(row: Bad) -> None:
    check_refused(row)


@pytest.mark.parametrize("row", [row for row in BAD_CALLS if not row.alone], ids=str)
def test_the_error_is_of_tensorflows_family(row: Bad) -> None:
    check_error_family(row)


# -- special values, ties and identities -----------------------------------------------------------

ONE = {
    "sqrt": lambda tf, x: tf.sqrt(x),
    "rsqrt": lambda tf, x: tf.math.rsqrt(x),
    "reciprocal": lambda tf, x: tf.math.reciprocal(x),
    "log": lambda tf, x: tf.math.log(x),
    "log1p": lambda tf, x: tf.math.log1p(x),
    "exp": lambda tf, x: tf.exp(x),
    "expm1": lambda tf, x: tf.math.expm1(x),
}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ONE)
def test_functions_of_one_number_at_special_points(name: str, dtype: str) -> None:
    agree(ONE[name], points(*SPECIAL, dtype=dtype))


def test_one_sided_derivatives_at_zero() -> None:
    for name in ("sqrt", "log"):
        assert agree(ONE[name], points(0.0, dtype="float64"))[1] == INF


@pytest.mark.parametrize(
    "function", ["tf.sqrt(x)", "tf.math.log(x)", "tf.math.rsqrt(x)", "tf.math.reciprocal(x)"]
)
@pytest.mark.parametrize("x", ["0.0", "-1.0"])
def test_gradients_at_singular_points(function: str, x: str) -> None:
    taped.same_at(function, x)
