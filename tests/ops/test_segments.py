"""Sums and means of the rows that share a number."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.support import paired
from tests.support.bad_calls import INTEGER, NO_TENSOR, Bad, BadCalls, f32
from tests.support.cases import Case, Draw, Sample, normal, seeds, shapes, summing
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
def segments(draw: Draw, in_order: bool = False) -> Sample:
    seed, shape = draw(seeds()), draw(shapes(min_rank=1, max_rank=3, min_side=1))
    rng, n = np.random.default_rng(seed), draw(st.integers(1, 4))
    lead = shape[: 1 if in_order else draw(st.integers(1, len(shape)))]
    ids = rng.integers(0 if in_order else -1, n, size=lead).astype(np.int32)
    x = normal(rng, shape)
    return (
        Sample([x, np.sort(ids)], {}, seed)
        if in_order
        else Sample([x, ids], {"num_segments": n}, seed)
    )


def gapless(ids: np.ndarray) -> np.ndarray:
    return np.unique(ids, return_inverse=True)[1].astype(np.int32)


CASES: dict[str, Case] = {
    "unsorted_segment_sum": summing(segments()),
    "unsorted_segment_mean": summing(segments()),
    "segment_sum": summing(segments(in_order=True)),
    "segment_mean": summing(  # of an empty segment TensorFlow's second derivative is nan
        segments(in_order=True).map(
            lambda s: Sample([s.arrays[0], gapless(s.arrays[1])], {}, s.seed)
        )
    ),
}


# -- calls that must fail --------------------------------------------------------------------------

BAD_CALLS = BadCalls()
bad, arguments = BAD_CALLS.bad, BAD_CALLS.arguments

for op in ("unsorted_segment_sum", "unsorted_segment_mean", "segment_sum", "segment_mean"):
    ordered = not op.startswith("unsorted")
    good = {"data": f32(2), "segment_ids": [0, 1]}
    part = arguments(op, good if ordered else {**good, "num_segments": 2})
    part("three ids", "`segment_ids`", segment_ids=[0, 1, 1])
    part("ids of floats", "`segment_ids` must be of an integer dtype", segment_ids=[0.0, 1.0])
    part("bools", "`data` must be numeric", data=np.ones(2, bool))
    part("None", "`data`", core=NO_TENSOR, data=None)
    if ordered:
        part("not in order", core="segment ids are not increasing", segment_ids=[1, 0])
        part(
            "a matrix of ids",
            "segment_ids should be a vector",
            data=f32(1, 2),
            segment_ids=[[0, 1]],
        )
    else:
        part("segment 2 of 2", core="is out of range [0, 2)", segment_ids=[0, 2])
        part("half a segment", f"`num_segments` {INTEGER}", num_segments=1.5)
        for n in ([2], [1, 2]):
            part(f"segments {n}", core="should be a scalar, not shape", num_segments=n)
        part("-1 segments", "`num_segments` must hold sizes >= 0", num_segments=-1)


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


def test_segments_without_rows() -> None:
    x, ids = np.arange(6.0).reshape(3, 2), np.array([0, 3, 3])
    for name in ("segment_sum", "segment_mean"):
        agree(lambda tf, x, name=name: getattr(tf.math, name)(x, ids), x)
    for name in ("unsorted_segment_sum", "unsorted_segment_mean"):
        agree(lambda tf, x, name=name: getattr(tf.math, name)(x, ids[::-1], 5), x)


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int16", "int32", "int64"])
def test_the_mean_of_integer_segments_is_an_integer(dtype: str) -> None:
    signed = np.array([-3, -4, 100, 100, 101, 7, 8], np.int64).astype(dtype)  # int8 wraps around
    for x in (signed, np.abs(signed), np.ones(7, dtype), signed[:, None]):
        agree(lambda tf, x: tf.math.segment_mean(x, [0, 0, 2, 2, 2, 5, 5]), x, orders=0)
        agree(lambda tf, x: tf.math.unsorted_segment_mean(x, [4, 1, 1, 0, 0, 0, 0], 5), x, orders=0)


PROGRAMS = paired.programs("""
    tf.math.segment_sum([[1, 2], [3, 4], [5, 6]], [0, 0, 1])
    tf.math.segment_mean([1.0, 3.0, 5.0], [0, 0, 2]) | tf.math.segment_sum([1, 3], [1, 3])
    tf.math.unsorted_segment_sum([[1, 2], [3, 4], [5, 6]], [2, 0, 2], 3)
    tf.math.unsorted_segment_sum([1, 2, 3], [1, -1, 1], 2)
    tf.math.unsorted_segment_sum([[1, 2], [3, 4]], [[0, 1], [1, 1]], 3)
    tf.math.unsorted_segment_mean([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], [2, 0, 2], 4)
    tf.math.unsorted_segment_mean([1.0, 2.0], [-1, 1], 2)
    tf.math.segment_mean([[1.0, 2.0], [3.0, 5.0]], [1, 1])
    tf.math.segment_sum(tf.zeros((0, 2)), tf.zeros(0, 'int32'))
    tf.math.segment_sum([1, 2, 3], np.array([0, 2, 2]))
""")


@pytest.mark.parametrize("program", PROGRAMS)
def test_programs_with_every_option(program: str) -> None:
    paired.agree(program)
