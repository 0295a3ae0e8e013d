"""Of two values the larger or the smaller, and clipping: who takes the gradient at a tie."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.support import paired, taped
from tests.support.bad_calls import NO_TENSOR, Bad, BadCalls, f32, refuse_bools, refuse_unlike_pairs
from tests.support.cases import Case, Sample, distinct, largest, pair, unary
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
    "clip_by_value": Case(
        unary(distinct).map(
            lambda s: Sample([*s.arrays, np.array(-0.71), np.array(0.83)], {}, s.seed)
        ),
        length=lambda s: 64.0,
        scale=largest,
    ),
}


# -- calls that must fail --------------------------------------------------------------------------

BAD_CALLS = BadCalls()
bad = BAD_CALLS.bad
BINARY_OPS = ["maximum", "minimum"]
refuse_unlike_pairs(bad, BINARY_OPS)
refuse_bools(bad, BINARY_OPS)
bad("clip_by_value", "dtypes", lambda f, t: f(t([1.0]), t([1]), t([2])), "`clip_value_min`")
bad(
    "clip_by_value",
    "a bound of a larger shape",
    lambda f, t: f(t([1.0]), t([1.0, 2.0]), 2.0),
    "`clip_value_min` must broadcast",
    core="Shapes (1,) and (2,) are incompatible",
)
bad(
    "clip_by_value",
    "shapes",
    lambda f, t: f(t(f32(3)), t(f32(2)), 2.0),
    core="Incompatible shapes: [3] vs. [2]",
)
bad("clip_by_value", "a string", lambda f, t: f(t([1.0]), "a", 2.0), "`clip_value_min`", "'a'")
bad(
    "clip_by_value", "None", lambda f, t: f(t([1.0]), None, 2.0), "`clip_value_min`", core=NO_TENSOR
)
bad("clip_by_value", "0.5 into integers", lambda f, t: f(t([1]), 0.5, 2), "Cannot convert 0.5")
bad("clip_by_value", "bools", lambda f, t: f(t([True]), False, True), "`t` must be numeric")


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


def test_clip_by_value_passes_the_gradient_on_both_boundaries() -> None:
    t = np.array([-INF, -2.0, -1.0, 0.0, 1.0, 2.0, INF, NAN])
    _, gt, *_ = agree(
        lambda tf, t, lo, hi: tf.clip_by_value(t, lo, hi), t, np.array(-1.0), np.array(1.0)
    )
    np.testing.assert_array_equal(gt[2:5], [3, 4, 5])
    agree(lambda tf, t, lo, hi: tf.clip_by_value(t, lo, hi), t, np.full(8, -1.0), np.full(8, 1.0))
    agree(lambda tf, t: tf.clip_by_value(t, 1.0, 1.0), np.array([0.0, 1.0, 2.0]))
    agree(lambda tf, t, lo, hi: tf.clip_by_value(t, lo, hi), t, np.array(1.0), np.array(-1.0))


@pytest.mark.parametrize(
    "function",
    [
        "tf.maximum(x, 0.0)",
        "tf.maximum(0.0, x)",
        "tf.minimum(x, 0.0)",
        "tf.minimum(1.0, x)",
        "tf.maximum(x, x)",
        "tf.clip_by_value(x, -1.0, 1.0)",
        "tf.clip_by_value(x, 0.0, 0.0)",
    ],
)
def test_gradients_at_kinks_and_nan(function: str) -> None:
    taped.same_at_kinks(function)


@pytest.mark.parametrize("which", ["maximum", "minimum"])
def test_at_a_tie_the_first_argument_gets_everything(which: str) -> None:
    given = "x, z = tf.constant([1.0, 2.0]), tf.constant([1.0, 2.0])"
    body = f"t.watch([x, z]); y = tf.{which}(x, z)"
    paired.agree(taped.taped(body, "t.gradient(y, [x, z])", given))
