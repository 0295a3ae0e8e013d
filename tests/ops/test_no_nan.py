"""Functions that guard a zero."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.support.bad_calls import (
    Bad,
    BadCalls,
    refuse_bad_pairs_of_floats,
)
from tests.support.cases import (
    Case,
    away_from_zero,
    normal,
    pair,
    positive,
    some_zeros,
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


CASES: dict[str, Case] = {
    "divide_no_nan": pair(normal, away_from_zero),
    "multiply_no_nan": pair(normal, some_zeros),
    "xlogy": pair(away_from_zero, positive),
    "xdivy": pair(away_from_zero, away_from_zero),
}


# -- calls that must fail --------------------------------------------------------------------------

BAD_CALLS = BadCalls()
bad = BAD_CALLS.bad
refuse_bad_pairs_of_floats(bad, ["divide_no_nan", "multiply_no_nan", "xlogy", "xdivy"])


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
@pytest.mark.parametrize("name", ["divide_no_nan", "multiply_no_nan", "xlogy", "xdivy"])
def test_products_and_quotients_with_zero_inf_and_nan(name: str, dtype: str) -> None:
    pairs = np.array(
        list(itertools.product([-INF, -2.0, -0.0, 0.0, 3.0, INF, NAN], repeat=2)), dtype
    )
    agree(lambda tf, x, y: getattr(tf.math, name)(x, y), *pairs.T)
