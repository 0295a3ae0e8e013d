"""Statistics along axes, and norms."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import scratchnet
from tests.support import paired, taped
from tests.support.bad_calls import (
    DOCUMENTED,
    FLOATING,
    NO_TENSOR,
    Bad,
    BadCalls,
    f32,
    i32,
    refuse_bad_axes,
)
from tests.support.cases import (
    TRUTH,
    Case,
    Sample,
    any_dtype,
    away_from_zero,
    distinct,
    normal,
    reductions,
    summing,
    unary,
    whole,
)
from tests.support.derivatives import INF, NAN, agree
from tests.support.ops_checks import (
    DTYPES,
    check_against_tensorflow,
    check_composed,
    check_error_family,
    check_finite_differences,
    check_refused,
    differentiable,
)

# -- cases -----------------------------------------------------------------------------------------

CASES: dict[str, Case] = {
    "reduce_logsumexp": summing(reductions(min_side=1)),
    "reduce_variance": summing(reductions(min_side=1)),
    "reduce_std": summing(reductions(distinct, min_side=2, min_axes=1)),
    "reduce_euclidean_norm": summing(reductions(away_from_zero, min_side=1)),
    "count_nonzero": Case(reductions(whole(normal)), **TRUTH),
    "zero_fraction": Case(unary(any_dtype), **TRUTH),
    "l2_loss": summing(unary()),
    "norm": summing(
        reductions(away_from_zero, min_side=1).map(
            lambda s: Sample(
                s.arrays,
                {**s.attrs, "axis": None if isinstance(s.attrs["axis"], list) else s.attrs["axis"]},
                s.seed,
            )
        )
    ),
    "normalize": summing(
        reductions(distinct, min_side=2, min_axes=1).map(
            lambda s: Sample(s.arrays, {"axis": s.attrs["axis"] and -1, "ord": 2}, s.seed)
        )
    ),
    "l2_normalize": summing(
        reductions(away_from_zero, min_side=2, min_axes=1).map(
            lambda s: Sample(s.arrays, {"axis": s.attrs["axis"]}, s.seed)
        )
    ),
}


# -- calls that must fail --------------------------------------------------------------------------

BAD_CALLS = BadCalls()
bad, arguments = BAD_CALLS.bad, BAD_CALLS.arguments
STATISTICS = ["reduce_logsumexp", "reduce_variance", "reduce_std", "reduce_euclidean_norm"]
refuse_bad_axes(bad, STATISTICS)
for op in STATISTICS:
    takes_them = {"differs": DOCUMENTED} if op == "reduce_euclidean_norm" else {}
    bad(op, "integers", lambda f, t: f(t([1])), f"`input_tensor` {FLOATING}", **takes_them)
bad("l2_loss", "integers", lambda f, t: f(t([1])), f"`t` {FLOATING}")
bad("l2_loss", "None", lambda f, t: f(None), "`t`", core=NO_TENSOR)
for ord in ("foo", 0, -1):
    bad(
        "norm",
        f"ord {ord!r}",
        lambda f, t, ord=ord: f(t(f32(2)), ord=ord),
        "`ord` must be",
        f"ord={ord!r}",
    )
bad(
    "norm",
    "fro of a vector",
    lambda f, t: f(t(f32(2, 2)), ord="fro", axis=0),
    "`ord` must be",
    "ord='fro'",
)
bad("norm", "axis 1", lambda f, t: f(t(f32(2)), axis=1), "`axis` must be in range [-1, 1)")
for axes in (0.5, [0], [0, 1, 2], [0, 0], "a"):
    bad(
        "norm",
        f"axis {axes!r}",
        lambda f, t, a=axes: f(t(f32(2, 2, 2)), axis=a),
        f"axis={axes!r}",
        core="must be None, an integer, or a tuple of 2 unique integers",
    )
bad("norm", "integers", lambda f, t: f(t([1])), f"`tensor` {FLOATING}")
bad("norm", "None", lambda f, t: f(None), "`tensor`", core=NO_TENSOR)
bad(
    "norm",
    "3 of a matrix",
    lambda f, t: f(t(f32(2, 2)), 3, [0, 1]),
    "`ord` must be",
    "ord=3",
)
bad("count_nonzero", "axis 1", lambda f, t: f(t(f32(2)), 1), "`axis` must be in range [-1, 1)")
bad("count_nonzero", "None", lambda f, t: f(None), "`input`", core=NO_TENSOR)
bad("zero_fraction", "None", lambda f, t: f(None), "`value`", core=NO_TENSOR)

unit = arguments("normalize", {"tensor": f32(2)})
unit("ord", "`ord` must be", ord="foo")
unit("axis 1", "`axis` must be in range [-1, 1)", axis=1)
unit("axis half", core="must be None, an integer, or a tuple of 2 unique integers", axis=0.5)
unit("integers", "`tensor` must be floating", tensor=i32(2))
unit("None", "`tensor`", core=NO_TENSOR, tensor=None)

unit_length = arguments("l2_normalize", {"x": f32(2)})
unit_length("integers", "`x` must be floating", x=i32(2))
unit_length("axis 1", "`axis` must be in range [-1, 1)", axis=1)
unit_length("None", "`x`", core=NO_TENSOR, x=None)
unit_length("epsilon a string", "`epsilon`", "'a'", epsilon="a")


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


@pytest.mark.parametrize("name", ["reduce_logsumexp"])
@given(data=st.data())
def test_the_fused_op_is_its_definition(name: str, data: st.DataObject) -> None:
    check_composed(name, CASES[name], data.draw(CASES[name].samples))


@pytest.mark.parametrize("row", BAD_CALLS, ids=str)
@pytest.mark.usefixtures("no_kernels")
def test_it_is_refused_by_name_before_any_work(row: Bad) -> None:
    check_refused(row)


@pytest.mark.parametrize("row", [row for row in BAD_CALLS if not row.alone], ids=str)
def test_the_error_is_of_tensorflows_family(row: Bad) -> None:
    check_error_family(row)


# -- special values, ties and identities -----------------------------------------------------------


@pytest.mark.parametrize("name", ["tf.norm", "reduce_std"])
def test_a_root_of_a_sum_of_squares_at_zero(name: str) -> None:
    f = (lambda tf, x: tf.norm(x)) if name == "tf.norm" else lambda tf, x: tf.math.reduce_std(x)
    assert np.isnan(agree(f, np.zeros(3))[1]).all()
    agree(lambda tf, x: tf.norm(x, axis=1), np.array([[0.0, 0.0], [3.0, 4.0]]))
    agree(lambda tf, x: tf.norm(x, ord=np.inf), np.array([3.0, -3.0, 1.0]))
    agree(lambda tf, x: tf.norm(x, ord=1), np.array([0.0, -3.0, 1.0]))


def test_the_unit_vector_of_nothing_and_of_too_much() -> None:
    for x in (np.zeros(2), np.array([3.0, 4.0]), np.array([INF, 1.0]), np.array([NAN, 1.0])):
        agree(lambda tf, x: tf.linalg.l2_normalize(x), x)


@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("axis", [[0, 1], [-1, -2], (2, 0)])
@pytest.mark.parametrize("ord", [1, 2, np.inf, "fro", "euclidean"])
def test_norms_of_matrices(ord: Any, axis: Any, keepdims: bool) -> None:
    x = np.array([[[1.0, -2.0, 3.0], [4.0, 0.5, -6.0]], [[0.0, 7.0, -1.0], [2.0, -3.0, 5.5]]])
    agree(lambda tf, x: tf.norm(x, ord, axis, keepdims), x)


@pytest.mark.parametrize("function", ["tf.norm(x)"])
@pytest.mark.parametrize("x", ["0.0", "-1.0"])
def test_gradients_at_singular_points(function: str, x: str) -> None:
    taped.same_at(function, x)


@pytest.mark.parametrize("program", ["tf.norm([0.0, 0.0])"])
def test_special_values(program: str) -> None:
    paired.agree(program)


CUBE = np.random.default_rng(6).normal(size=(2, 3, 4))
ALONG: list[dict[str, Any]] = [
    {},
    {"axis": 1},
    {"axis": -1, "keepdims": True},
    {"axis": [0, 2]},
    {"axis": (0, -2), "keepdims": True},
    {"keepdims": True},
    {"axis": []},
]


@pytest.mark.parametrize("along", ALONG, ids=str)
@pytest.mark.parametrize(
    "name",
    ["reduce_logsumexp", "reduce_variance", "reduce_std", "reduce_euclidean_norm"],
)
def test_axes_that_are_kept_and_left_out(name: str, along: dict[str, Any]) -> None:
    agree(lambda tf, x: getattr(tf.math, name)(x, **along), CUBE)
    agree(lambda tf, x: tf.math.count_nonzero(x > 0.5, **along), CUBE, orders=0)


@pytest.mark.parametrize("axis", [None, 0, -1, 2])
@pytest.mark.parametrize("ord", [1, 2, 3, 0.5, 2.5, np.inf, "euclidean"])
def test_norms_of_vectors(ord: Any, axis: Any) -> None:
    for keepdims in (False, True):
        agree(lambda tf, x, k=keepdims: tf.norm(x, ord, axis, k), CUBE)
    agree(lambda tf, x: list(tf.linalg.normalize(x, ord, axis)), CUBE)


@pytest.mark.parametrize("ord", ["fro", "euclidean", 1, 2, np.inf])
def test_matrices_that_are_normalized(ord: Any) -> None:
    agree(lambda tf, x: list(tf.linalg.normalize(x, ord, [0, 2])), CUBE)


def test_sums_of_exponentials_of_what_is_not_finite() -> None:
    x = np.array([[INF, 1.0], [-INF, -INF], [-INF, 2.0], [NAN, 0.0], [800.0, 801.0]])
    agree(lambda tf, x: tf.math.reduce_logsumexp(x, 1), x)
    agree(lambda tf, x: tf.math.reduce_logsumexp(x, 0, True), x)


def test_vectors_about_as_long_as_epsilon() -> None:
    for size in (0.9e-6, 1.1e-6, 0.5, 2.0):
        x = np.array([[0.6, 0.8], [0.0, 1.0]]) * size
        agree(lambda tf, x: tf.linalg.l2_normalize(x), x)
        agree(lambda tf, x: tf.linalg.l2_normalize(x, 1), x)
        agree(lambda tf, x: tf.linalg.l2_normalize(x, [0], epsilon=1.0), x)


def test_counts_have_the_dtype_that_is_asked_for() -> None:
    agree(lambda tf: tf.math.count_nonzero([[0, 3], [-1, 2]]), orders=0)
    agree(lambda tf: tf.math.count_nonzero([[0, 3], [-1, 2]], 0, True, tf.float32), orders=0)
    agree(lambda tf: tf.nn.zero_fraction([[0, 3], [-1, 0]]), orders=0)
    agree(lambda tf: tf.nn.zero_fraction(tf.zeros((0, 2))), orders=0)
    with pytest.raises(TypeError, match="count_nonzero: `dtype`"):
        scratchnet.math.count_nonzero([1], dtype="foo")
