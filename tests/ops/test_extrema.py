"""Of two values the larger or the smaller: who takes the gradient at a tie."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.support import paired, taped
from tests.support.bad_calls import Bad, BadCalls, refuse_bools, refuse_unlike_pairs
from tests.support.cases import Case, distinct, pair
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
    "maximum": pair(distinct, lambda rng, shape: distinct(rng, shape) + 0.03),
    "minimum": pair(distinct, lambda rng, shape: distinct(rng, shape) + 0.03),
}


# -- calls that must fail --------------------------------------------------------------------------

BAD_CALLS = BadCalls()
bad = BAD_CALLS.bad
BINARY_OPS = ["maximum", "minimum"]
refuse_unlike_pairs(bad, BINARY_OPS)
refuse_bools(bad, BINARY_OPS)


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


@pytest.mark.parametrize("name", ["maximum", "minimum"])
def test_of_two_equal_values_the_first_takes_the_gradient(name: str) -> None:
    pairs = np.array(list(itertools.product([-1.0, -0.0, 0.0, 1.0, INF, -INF], repeat=2))).T
    agree(lambda tf, x, y: getattr(tf, name)(x, y), *pairs)
    assert agree(lambda tf, x: getattr(tf, name)(x, 0.0), np.zeros(1))[1] == 1
    assert agree(lambda tf, x: getattr(tf, name)(0.0, x), np.zeros(1))[1] == 0
    agree(lambda tf, x, y: getattr(tf, name)(x, y), np.zeros((2, 3)), np.zeros(3))


@pytest.mark.parametrize("name", ["maximum", "minimum"])
def test_nan_among_two(name: str) -> None:
    x, y = np.array([NAN, 1.0, NAN]), np.array([1.0, NAN, NAN])
    agree(lambda tf, x, y: getattr(tf, name)(x, y), x, y)


@pytest.mark.parametrize(
    "function",
    [
        "tf.maximum(x, 0.0)",
        "tf.maximum(0.0, x)",
        "tf.minimum(x, 0.0)",
        "tf.minimum(1.0, x)",
        "tf.maximum(x, x)",
    ],
)
def test_gradients_at_kinks_and_nan(function: str) -> None:
    taped.same_at_kinks(function)


@pytest.mark.parametrize("which", ["maximum", "minimum"])
def test_at_a_tie_the_first_argument_gets_everything(which: str) -> None:
    given = "x, z = tf.constant([1.0, 2.0]), tf.constant([1.0, 2.0])"
    body = f"t.watch([x, z]); y = tf.{which}(x, z)"
    paired.agree(taped.taped(body, "t.gradient(y, [x, z])", given))
