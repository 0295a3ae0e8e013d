"""Functions that guard a zero, and sums of several tensors."""

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
    f32,
    f64,
    refuse_bad_pairs_of_floats,
    refuse_bools,
    refuse_unlike_pairs,
)
from tests.support.cases import (
    Case,
    Draw,
    Sample,
    away_from_zero,
    list_call,
    moving,
    normal,
    pair,
    positive,
    some_zeros,
    stacks,
)
from tests.support.derivatives import INF, NAN, agree
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


CASES: dict[str, Case] = {
    "divide_no_nan": pair(normal, away_from_zero),
    "multiply_no_nan": pair(normal, some_zeros),
    "xlogy": pair(away_from_zero, positive),
    "xdivy": pair(away_from_zero, away_from_zero),
    "squared_difference": pair(),
    "add_n": moving(alike(), call=list_call),
}


# -- calls that must fail --------------------------------------------------------------------------

BAD_CALLS = BadCalls()
bad = BAD_CALLS.bad
refuse_unlike_pairs(bad, ["squared_difference"])
refuse_bools(bad, ["squared_difference"])
refuse_bad_pairs_of_floats(bad, ["divide_no_nan", "multiply_no_nan", "xlogy", "xdivy"])
bad("add_n", "nothing", lambda f, t: f([]), "`inputs` must hold at least one tensor")
bad("add_n", "a number", lambda f, t: f(3.0), "`inputs` must be a list of tensors")
bad("add_n", "None", lambda f, t: f(None), "`inputs` must be a list of tensors")
bad("add_n", "a list of None", lambda f, t: f([None]), "`inputs[0]`", "a value (None)")
bad(
    "add_n", "shapes", lambda f, t: f([t(f32(1)), t(f32(2))]), "must have the same size", "[1], [2]"
)
bad("add_n", "dtypes", lambda f, t: f([t(f32(1)), t(f64(1))]), "`inputs[1]`", "is a double tensor")
bad("add_n", "bools", lambda f, t: f([t([True]), t([False])]), "`inputs` must be numeric")


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


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    "name", ["divide_no_nan", "multiply_no_nan", "xlogy", "xdivy", "squared_difference"]
)
def test_products_and_quotients_with_zero_inf_and_nan(name: str, dtype: str) -> None:
    pairs = np.array(
        list(itertools.product([-INF, -2.0, -0.0, 0.0, 3.0, INF, NAN], repeat=2)), dtype
    )
    agree(lambda tf, x, y: getattr(tf.math, name)(x, y), *pairs.T)


def test_an_integer_where_a_sum_of_one_is_asked() -> None:
    agree(lambda tf, x: tf.add_n(x), np.arange(3.0))  # a tensor is a list of its rows
    agree(lambda tf, x: tf.add_n([x]), np.arange(3.0))
    agree(lambda tf, x: tf.add_n(v * v for v in (x, x, x)), np.arange(3.0))
