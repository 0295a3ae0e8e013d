"""The error function and its complement."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import scratchnet
from tests.support.bad_calls import Bad, BadCalls, refuse_integers, refuse_what_is_no_tensor
from tests.support.cases import Case, largest, simple
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

CASES: dict[str, Case] = {
    "erf": simple(scale=largest),
    "erfc": simple(scale=largest),
}


# -- calls that must fail --------------------------------------------------------------------------

BAD_CALLS = BadCalls()
bad = BAD_CALLS.bad
FLOAT_OPS = {"erf": "x", "erfc": "x"}
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
    "erfc": lambda tf, x: tf.math.erfc(x),
}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ONE)
def test_functions_of_one_number_at_special_points(name: str, dtype: str) -> None:
    agree(ONE[name], points(*SPECIAL, dtype=dtype))


def test_the_error_function_reaches_one() -> None:
    """TensorFlow makes nan of a float64 inf, which no error function is."""
    agree(lambda tf, x: tf.math.erf(x), points(*SPECIAL, dtype="float32"))
    agree(lambda tf, x: tf.math.erf(x), points(*SPECIAL[1:-2], dtype="float64"))
    assert scratchnet.math.erf(np.array([-INF, INF])).numpy().tolist() == [-1, 1]
