"""Rounding to whole numbers: halves go to the even one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support import paired
from tests.support.bad_calls import Bad, BadCalls, refuse_integers, refuse_what_is_no_tensor
from tests.support.cases import Case, off_steps, simple
from tests.support.derivatives import INF, NAN, SPECIAL, agree, points
from tests.support.ops_checks import (
    DTYPES,
    check_against_tensorflow,
    check_error_family,
    check_refused,
)

# -- cases -----------------------------------------------------------------------------------------

CASES: dict[str, Case] = {
    "floor": simple(off_steps, order=1),
    "ceil": simple(off_steps, order=1),
    "rint": simple(lambda rng, shape: rng.integers(-8, 9, size=shape) / 2, order=1),
    "round": simple(lambda rng, shape: rng.integers(-8, 9, size=shape) / 2, order=1),
}


# -- calls that must fail --------------------------------------------------------------------------

BAD_CALLS = BadCalls()
bad = BAD_CALLS.bad
FLOAT_OPS = {"floor": "x", "ceil": "x", "rint": "x"}
NUMBER_OPS = {"round": "x"}
refuse_integers(bad, FLOAT_OPS)
refuse_what_is_no_tensor(bad, FLOAT_OPS | NUMBER_OPS)


# -- the checks of every op ------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", CASES)
@given(data=st.data())
def test_op_is_tensorflows(name: str, dtype: str, data: st.DataObject) -> None:
    check_against_tensorflow(name, CASES[name], dtype, data)


@pytest.mark.parametrize("row", BAD_CALLS, ids=str)
@pytest.mark.usefixtures("no_kernels")
def test_it_is_refused_by_name_before_any_work(row: Bad) -> None:
    check_refused(row)


@pytest.mark.parametrize("row", [row for row in BAD_CALLS if not row.alone], ids=str)
def test_the_error_is_of_tensorflows_family(row: Bad) -> None:
    check_error_family(row)


# -- special values, ties and identities -----------------------------------------------------------

ONE = {
    "ceil": lambda tf, x: tf.math.ceil(x),
    "rint": lambda tf, x: tf.math.rint(x),
}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ONE)
def test_functions_of_one_number_at_special_points(name: str, dtype: str) -> None:
    agree(ONE[name], points(*SPECIAL, dtype=dtype))


@pytest.mark.parametrize("dtype", DTYPES)
def test_halves_are_rounded_to_even(dtype: str) -> None:
    x = np.array([*np.arange(-4.5, 5), 0.49999997, 2**22 + 0.5, -0.2, INF, -INF, NAN], dtype)
    agree(lambda tf, x: [tf.round(x), tf.floor(x)], x, orders=0)
    agree(lambda tf, x: tf.round(x), np.array([-3, 3, 2**31 - 1], np.int32), orders=0)


@pytest.mark.parametrize("program", ["tf.round([0.5, 1.5, 2.5, -0.5])"])
def test_special_values(program: str) -> None:
    paired.agree(program)
