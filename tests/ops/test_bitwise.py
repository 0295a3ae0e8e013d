"""Integers as rows of bits: functions and operators."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.bad_calls import NO_TENSOR, Bad, BadCalls, f32, i32
from tests.support.cases import TRUTH, Case, broadcast, normal, unary, whole
from tests.support.derivatives import agree, complain_alike
from tests.support.ops_checks import (
    DTYPES,
    check_against_tensorflow,
    check_error_family,
    check_refused,
)

# -- cases -----------------------------------------------------------------------------------------

CASES: dict[str, Case] = {
    "bitwise_and": Case(broadcast(whole(normal), whole(normal)), **TRUTH),
    "bitwise_or": Case(broadcast(whole(normal), whole(normal)), **TRUTH),
    "bitwise_xor": Case(broadcast(whole(normal), whole(normal)), **TRUTH),
    "invert": Case(unary(whole(normal)), **TRUTH),
}


# -- calls that must fail --------------------------------------------------------------------------

BAD_CALLS = BadCalls()
bad = BAD_CALLS.bad
for op in ("bitwise_and", "bitwise_or", "bitwise_xor"):
    bad(op, "shapes", lambda f, t: f(t(i32(2)), t(i32(3))), core="Incompatible shapes: [2] vs. [3]")
    bad(op, "dtypes", lambda f, t: f(t(i32(2)), t(np.ones(2, np.int64))), "is a int64 tensor")
    bad(op, "floats", lambda f, t: f(t(f32(2)), t(f32(2))), "`x` must be of an integer dtype")
    bad(op, "bools", lambda f, t: f(t([True]), t([True])), "`x` must be of an integer dtype")
    bad(op, "None", lambda f, t: f(t(i32(2)), None), "`y`", core=NO_TENSOR)
bad("invert", "floats", lambda f, t: f(t(f32(2))), "`x` must be of an integer dtype")
bad("invert", "None", lambda f, t: f(None), "`x`", core=NO_TENSOR)


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

BITS = [
    *("a & b", "a | b", "a ^ b", "~a", "a & 3", "5 | a", "a ^ 1", "True & a", "a & True"),
    *("tf.Variable([6, 5]) & 3", "~tf.Variable([1, 2])", "1 ^ tf.Variable([6, 5])"),
    *("tf.constant([True]) & False", "~tf.constant([True])", "True ^ tf.constant([True, False])"),
    *("~tf.constant([0, 1], tf.uint8)", "tf.constant([7], tf.int64) & 2"),
]


@pytest.mark.parametrize("text", BITS)
def test_the_operators_of_bits(text: str) -> None:
    agree(
        lambda tf: eval(text, {"tf": tf, "a": tf.constant([6, -5]), "b": tf.constant([3, 12])}),
        orders=0,
    )


@pytest.mark.parametrize("text", ["~a", "a & 1.0", "a | a", "i & 1.5", "i ^ a"])
def test_floats_have_no_bits(text: str) -> None:
    complain_alike(lambda tf: eval(text, {"a": tf.constant([1.0]), "i": tf.constant([1])}))
