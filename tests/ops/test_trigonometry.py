"""Trigonometric and hyperbolic functions and their inverses."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.support.bad_calls import (
    Bad,
    BadCalls,
    refuse_bad_pairs_of_floats,
    refuse_integers,
    refuse_what_is_no_tensor,
)
from tests.support.cases import Case, away_from_zero, largest, pair, simple
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


def inside(rng: np.random.Generator, shape: Any) -> np.ndarray:
    """Values between -1 and 1, not too near to either."""
    return rng.uniform(-0.8, 0.8, size=shape)


def above_one(rng: np.random.Generator, shape: Any) -> np.ndarray:
    return rng.uniform(1.3, 4.0, size=shape)


CASES: dict[str, Case] = {
    "sin": simple(scale=largest),
    "cos": simple(scale=largest),
    "tan": simple(inside),
    "asin": simple(inside),
    "acos": simple(inside),
    "atan": simple(scale=largest),
    "atan2": pair(away_from_zero, away_from_zero),
    "sinh": simple(scale=largest),
    "cosh": simple(scale=largest),
    "asinh": simple(scale=largest),
    "acosh": simple(above_one),
    "atanh": simple(inside),
}


# -- calls that must fail --------------------------------------------------------------------------

BAD_CALLS = BadCalls()
bad = BAD_CALLS.bad
FLOAT_OPS = {
    "sin": "x",
    "cos": "x",
    "tan": "x",
    "asin": "x",
    "acos": "x",
    "atan": "x",
    "sinh": "x",
    "cosh": "x",
    "asinh": "x",
    "acosh": "x",
    "atanh": "x",
}
refuse_integers(bad, FLOAT_OPS)
refuse_what_is_no_tensor(bad, FLOAT_OPS)
refuse_bad_pairs_of_floats(bad, ["atan2"])


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
    "tan": lambda tf, x: tf.tan(x),
    "sinh": lambda tf, x: tf.sinh(x),
    "cosh": lambda tf, x: tf.cosh(x),
    "asin": lambda tf, x: tf.asin(x),
    "acos": lambda tf, x: tf.acos(x),
    "atan": lambda tf, x: tf.atan(x),
    "asinh": lambda tf, x: tf.asinh(x),
    "acosh": lambda tf, x: tf.acosh(x),
    "atanh": lambda tf, x: tf.atanh(x),
}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ONE)
def test_functions_of_one_number_at_special_points(name: str, dtype: str) -> None:
    agree(ONE[name], points(*SPECIAL, dtype=dtype))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ["atan2"])
def test_products_and_quotients_with_zero_inf_and_nan(name: str, dtype: str) -> None:
    pairs = np.array(
        list(itertools.product([-INF, -2.0, -0.0, 0.0, 3.0, INF, NAN], repeat=2)), dtype
    )
    agree(lambda tf, x, y: getattr(tf.math, name)(x, y), *pairs.T)
