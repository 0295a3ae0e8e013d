"""Clipping by value, by the norm of one tensor, or of several together."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
import tensorflow
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import scratchnet
from tests.support import taped
from tests.support.bad_calls import DOCUMENTED, NO_TENSOR, Bad, BadCalls, f32, f64, i32
from tests.support.cases import (
    Case,
    Draw,
    Sample,
    away_from_zero,
    distinct,
    largest,
    list_call,
    reductions,
    seeds,
    shapes,
    summing,
    unary,
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
def any_shapes(draw: Draw, **attrs: Any) -> Sample:
    seed = draw(seeds())
    rng = np.random.default_rng(seed)
    arrays = [away_from_zero(rng, draw(shapes(min_side=1))) for _ in range(draw(st.integers(1, 3)))]
    return Sample(arrays, {n: draw(strategy) for n, strategy in attrs.items()}, seed)


CASES: dict[str, Case] = {
    "clip_by_value": Case(
        unary(distinct).map(
            lambda s: Sample([*s.arrays, np.array(-0.71), np.array(0.83)], {}, s.seed)
        ),
        length=lambda s: 64.0,
        scale=largest,
    ),
    "clip_by_norm": summing(
        reductions(away_from_zero, min_side=2, min_axes=1).map(
            lambda s: Sample(s.arrays, {"axes": s.attrs["axis"], "clip_norm": 1.7}, s.seed)
        )
    ),
    "clip_by_global_norm": summing(
        any_shapes(clip_norm=st.sampled_from([0.5, 3.0, 100.0])), call=list_call
    ),
    "global_norm": summing(any_shapes(), call=list_call),
}


# -- calls that must fail --------------------------------------------------------------------------

BAD_CALLS = BadCalls()
bad, arguments = BAD_CALLS.bad, BAD_CALLS.arguments

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

clip = arguments("clip_by_norm", {"t": f32(2, 3), "clip_norm": 1.0})
clip("integers", "`t` must be floating", t=i32(2))
clip("a vector of norms", "`clip_norm` must be a scalar", clip_norm=[1.0, 2.0])
clip(
    "norms that broadcast",
    "`clip_norm` must be a scalar",
    clip_norm=[1.0, 2.0, 3.0],
    differs=DOCUMENTED,
)
clip("axis 2", "`axes` must be in range [-2, 2)", axes=[2])
clip("None", "`clip_norm`", core=NO_TENSOR, clip_norm=None)
clip("a bool", "`clip_norm` must be numeric", clip_norm=np.array(True))
clip("a string", "`clip_norm`", "'a'", clip_norm="a")

for op in ("global_norm", "clip_by_global_norm"):
    several = arguments(op, {"clip_norm": 1.0} if op != "global_norm" else {})
    several("a tensor", core="`t_list` should be a sequence of tensors", t_list=f32(2))
    several("None", core="`t_list` should be a sequence of tensors", t_list=None)
    several("a string", core="`t_list` should be a sequence of tensors", t_list="ab")
    several("dtypes", "`t_list[1]`", "is a double tensor", t_list=[f32(2), f64(2)])
    several("integers", "`t_list` must be floating", t_list=[i32(2)])
several("clip_norm None", "`clip_norm`", core=NO_TENSOR, t_list=[f32(2)], clip_norm=None)
several(
    "an integer norm",
    "`use_norm` must be floating",
    t_list=[],
    clip_norm=i32(),
    use_norm=i32(),
)
several("a vector of norms", "`clip_norm` must be a scalar", t_list=[f32(3)], clip_norm=[1.0, 2.0])


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
    "function", ["tf.clip_by_value(x, -1.0, 1.0)", "tf.clip_by_value(x, 0.0, 0.0)"]
)
def test_gradients_at_kinks_and_nan(function: str) -> None:
    taped.same_at_kinks(function)


def test_clipping_by_the_norm_of_nothing_and_of_too_much() -> None:
    for x in (np.zeros(2), np.array([3.0, 4.0]), np.array([INF, 1.0]), np.array([NAN, 1.0])):
        agree(lambda tf, x: tf.clip_by_norm(x, 5.0), x)
        agree(lambda tf, x: tf.clip_by_norm(x, -1), x)
        agree(lambda tf, x: tf.clip_by_norm(x, tf.constant(2)), x)
        agree(lambda tf, x: tf.clip_by_global_norm([x, None, 2 * x], 5.0)[0][::2], x)
        agree(
            lambda tf, x: tf.clip_by_global_norm([x], 5.0, use_norm=tf.constant(9.0, x.dtype))[0], x
        )
    agree(
        lambda tf: [*tf.clip_by_global_norm([], 1.0)[0], tf.linalg.global_norm([None])],
        orders=0,
    )


def test_a_bound_equal_to_the_other_takes_the_gradient_of_what_is_above() -> None:
    t, one = np.array([0.0, 1.0, 2.0]), np.array(1.0)
    _, *gradients = agree(lambda tf, *ts: tf.clip_by_value(*ts), t, one, one)
    assert [g.tolist() for g in gradients] == [[0, 2, 0], 1, 3]


def test_norms_below_and_above_one_and_the_limit() -> None:
    for size, limit in itertools.product([0.3, 0.7, 1.0, 1.4], repeat=2):
        x = np.array([[0.6, 0.0], [0.0, -0.8]]) * size
        agree(lambda tf, x, c=limit: tf.clip_by_norm(x, c), x)
        agree(lambda tf, x, c=limit: tf.clip_by_norm(x, c, axes=-1), x)
        agree(lambda tf, x, c=limit: tf.clip_by_global_norm([x], c)[0], x)
    agree(lambda tf, x: tf.clip_by_norm(x, 0.5), np.zeros(3))
    agree(lambda tf, x: tf.clip_by_norm(x, 2, axes=[0]), np.array([[0.0, 3.0], [0.0, 4.0]]))


@pytest.mark.parametrize(
    "clipped",
    [
        lambda tf, g: tf.clip_by_value(g, -1.0, 2.0),
        lambda tf, g: tf.clip_by_norm(g, 2.0),
        lambda tf, g: tf.clip_by_norm(g, 1.5, axes=[1]),
        lambda tf, g: tf.clip_by_global_norm([g, None], 2.0)[0][0],
    ],
)
def test_a_gradient_of_slices_stays_one(clipped: Any) -> None:
    """Row 2 is gathered twice: each of its slices is clipped, then both are added."""

    def program(tf: Any) -> list[Any]:
        v = tf.Variable(np.ones((4, 2)))
        with tf.GradientTape() as tape:
            y = tf.gather(v, [2, 0, 2]) * [[1.0, 3.0], [-2.0, 0.5], [2.0, 2.0]]
        g = clipped(tf, tape.gradient(y, v))
        found = tf.convert_to_tensor(g).numpy()
        tf.keras.optimizers.SGD(1.0).apply_gradients([(g, v)])
        return [found, v.numpy()]

    for ours, theirs in zip(program(scratchnet), program(tensorflow), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-12)
