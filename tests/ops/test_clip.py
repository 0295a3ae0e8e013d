"""Clipping by the norm of one tensor, or of several together."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.support.bad_calls import DOCUMENTED, NO_TENSOR, Bad, BadCalls, f32, f64, i32
from tests.support.cases import (
    Case,
    Draw,
    Sample,
    away_from_zero,
    list_call,
    reductions,
    seeds,
    shapes,
    summing,
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
clip("a string", "`clip_norm`", "'a'", clip_norm="a")

for op in ("global_norm", "clip_by_global_norm"):
    several = arguments(op, {"clip_norm": 1.0} if op != "global_norm" else {})
    several("a tensor", core="`t_list` should be a sequence of tensors", t_list=f32(2))
    several("None", core="`t_list` should be a sequence of tensors", t_list=None)
    several("a string", core="`t_list` should be a sequence of tensors", t_list="ab")
    several("dtypes", "`t_list[1]`", "is a double tensor", t_list=[f32(2), f64(2)])
    several("integers", "`t_list` must be floating", t_list=[i32(2)])
several("clip_norm None", "`clip_norm`", core=NO_TENSOR, t_list=[f32(2)], clip_norm=None)
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


def test_clipping_by_the_norm_of_nothing_and_of_too_much() -> None:
    for x in (np.zeros(2), np.array([3.0, 4.0]), np.array([INF, 1.0]), np.array([NAN, 1.0])):
        agree(lambda tf, x: tf.clip_by_norm(x, 5.0), x)
        agree(lambda tf, x: tf.clip_by_norm(x, -1), x)
        agree(lambda tf, x: tf.clip_by_norm(x, tf.constant(2)), x)
        agree(lambda tf, x: tf.clip_by_global_norm([x, None, 2 * x], 5.0)[0][::2], x)
        agree(
            lambda tf, x: tf.clip_by_global_norm([x], 5.0, use_norm=tf.constant(9.0, x.dtype))[0], x
        )
        agree(lambda tf, x: tf.linalg.l2_normalize(x), x)
    agree(
        lambda tf: [*tf.clip_by_global_norm([], 1.0)[0], tf.linalg.global_norm([None])],
        orders=0,
    )
