"""Comparisons, logic, and where: which branch a gradient takes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.support import taped
from tests.support.bad_calls import (
    NO_TENSOR,
    Bad,
    BadCalls,
    f32,
    refuse_bools,
    refuse_integers,
    refuse_unlike_pairs,
    refuse_what_is_no_tensor,
)
from tests.support.cases import (
    TRUTH,
    Case,
    Draw,
    Sample,
    bits,
    broadcast,
    largest,
    normal,
    simple,
    unary,
    whole,
)
from tests.support.derivatives import agree
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
def comparisons(draw: Draw) -> Sample:
    """Small whole numbers, so that equal pairs are frequent."""
    sample = draw(broadcast(whole(normal), whole(normal)))
    if draw(st.booleans()):
        sample.arrays = [a.astype(np.float64) for a in sample.arrays]
    return sample


def special(rng: np.random.Generator, shape: Any) -> np.ndarray:
    return rng.choice([np.nan, np.inf, -np.inf, 0.0, 1.5], size=shape)


CASES: dict[str, Case] = {
    "is_nan": simple(special, order=1),
    "is_inf": simple(special, order=1),
    "is_finite": simple(special, order=1),
    "equal": Case(comparisons(), **TRUTH),
    "not_equal": Case(comparisons(), **TRUTH),
    "less": Case(comparisons(), **TRUTH),
    "less_equal": Case(comparisons(), **TRUTH),
    "greater": Case(comparisons(), **TRUTH),
    "greater_equal": Case(comparisons(), **TRUTH),
    "logical_and": Case(broadcast(bits, bits), **TRUTH),
    "logical_or": Case(broadcast(bits, bits), **TRUTH),
    "logical_xor": Case(broadcast(bits, bits), **TRUTH),
    "logical_not": Case(unary(bits), **TRUTH),
    "where": Case(broadcast(bits, normal, normal), length=lambda s: 64.0, scale=largest),
}


# -- calls that must fail --------------------------------------------------------------------------

BAD_CALLS = BadCalls()
bad = BAD_CALLS.bad
FLOAT_OPS = {"is_nan": "x", "is_inf": "x", "is_finite": "x"}
refuse_integers(bad, FLOAT_OPS)
refuse_what_is_no_tensor(bad, FLOAT_OPS)
refuse_unlike_pairs(bad, ["less", "less_equal", "greater", "greater_equal", "equal", "not_equal"])
refuse_bools(bad, ["less", "less_equal", "greater", "greater_equal"])
for op in ("logical_and", "logical_or", "logical_xor"):
    bad(op, "integers", lambda f, t: f(t([1]), t([True])), "`x` must be bool, received dtype int32")
    bad(
        op,
        "shapes",
        lambda f, t: f(t([True, False]), t([True] * 3)),
        core="Incompatible shapes: [2] vs. [3]",
    )
    bad(op, "None", lambda f, t: f(t([True]), None), "`y`", core=NO_TENSOR)
bad("logical_not", "integers", lambda f, t: f(t([1])), "`x` must be bool, received dtype int32")
bad(
    "where",
    "condition of integers",
    lambda f, t: f(t([1]), t([1.0]), t([2.0])),
    "`condition` must be bool, received dtype int32",
)
bad("where", "dtypes", lambda f, t: f(t([True]), t([1.0]), t([2])), "`y`", "is a int32 tensor")
bad(
    "where",
    "shapes",
    lambda f, t: f(t([True, False]), t(f32(3)), t(f32(3))),
    core="condition [2], then [3], and else [3] must be broadcastable",
)
bad("where", "x alone", lambda f, t: f(t([True]), t([1.0])), "`x` and `y`", core="both be None")
bad("where", "None", lambda f, t: f(None), "`condition`", core=NO_TENSOR)


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

WHERE = {
    "sqrt": lambda tf, x: tf.where(x > 0, tf.sqrt(x), 0.0),
    "rsqrt": lambda tf, x: tf.where(x > 0, tf.math.rsqrt(x), 0.0),
    "reciprocal": lambda tf, x: tf.where(x > 0, tf.math.reciprocal(x), 0.0),
    "division": lambda tf, x: tf.where(x > 0, 1 / x, 0.0),
    "log": lambda tf, x: tf.where(x > 0, tf.math.log(x), 0.0),
    "pow": lambda tf, x: tf.where(x > 0, x**0.5, 0.0),
    "two wheres": lambda tf, x: tf.where(x > 0, tf.sqrt(tf.where(x > 0, x, 1.0)), 0.0),
    "norm": lambda tf, x: tf.where(x > 0, tf.norm(x[:, None], axis=1), 0.0),
}


@pytest.mark.parametrize("name", WHERE)
def test_a_branch_that_where_does_not_take(name: str) -> None:
    agree(WHERE[name], np.array([-1.0, 0.0, 4.0]))


def test_the_gradient_of_a_root_that_where_does_not_take_is_zero() -> None:
    np.testing.assert_array_equal(agree(WHERE["sqrt"], np.array([0.0, 4.0]))[1], [0, 0.5])


@pytest.mark.parametrize("function", ["tf.where(x > 0.0, x, 0.0)", "tf.where(x > 0.0, x * x, -x)"])
def test_gradients_at_kinks_and_nan(function: str) -> None:
    taped.same_at_kinks(function)


@pytest.mark.parametrize("function", ["tf.where(x > 0.0, tf.sqrt(x), 0.0)"])
@pytest.mark.parametrize("x", ["0.0", "-1.0"])
def test_gradients_at_singular_points(function: str, x: str) -> None:
    taped.same_at(function, x)
