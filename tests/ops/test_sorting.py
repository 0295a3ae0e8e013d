"""Sorting and ranking: equal values keep their order."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import scratchnet
from tests.support.adjoint import check_the_tape_gives_the_transpose, rngs
from tests.support.bad_calls import INTEGER, NO_TENSOR, Bad, BadCalls, f32, f64
from tests.support.cases import (
    TRUTH,
    Case,
    Draw,
    Sample,
    along_axis,
    distinct,
    moving,
    normal,
    seeds,
    shapes,
    small,
    whole,
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
def tops(draw: Draw) -> Sample:
    # TensorFlow differentiates no sorting of nothing.
    seed, shape = draw(seeds()), draw(shapes(min_rank=1, min_side=1))
    x = draw(st.sampled_from([whole(normal), distinct]))(np.random.default_rng(seed), shape)
    return Sample([x], {"k": draw(st.integers(0, shape[-1]))}, seed)


@st.composite
def ranked(draw: Draw) -> Sample:
    rng = np.random.default_rng(draw(seeds()))
    rows, columns = draw(st.integers(0, 5)), draw(st.integers(1, 6))
    values = rng.integers(0, 4, size=(rows, columns)).astype(np.float32)
    values[rng.random(values.shape) < 0.05] = np.nan
    at = rng.integers(-1, columns + 1, size=rows).astype(rng.choice([np.int32, np.int64]))
    return Sample([at], {"predictions": values, "k": draw(st.integers(0, columns + 1))})


CASES: dict[str, Case] = {
    "sort": moving(
        along_axis(distinct, min_side=1, direction=st.sampled_from(["ASCENDING", "DESCENDING"]))
    ),
    "argsort": Case(
        along_axis(small, direction=st.sampled_from(["ASCENDING", "DESCENDING"])), **TRUTH
    ),
    "top_k": moving(tops()),
    "in_top_k": Case(ranked(), **TRUTH),
}


# -- calls that must fail --------------------------------------------------------------------------

BAD_CALLS = BadCalls()
bad, arguments = BAD_CALLS.bad, BAD_CALLS.arguments

for op in ("sort", "argsort"):
    order = arguments(op, {"values": f32(2, 3)})
    order("direction", core="should be one of ASCENDING, DESCENDING", direction="up")
    for k in (2, -3):
        order(f"axis {k}", "`axis` must be in range [-2, 2)", axis=k)
    order("axis None", "`axis`", core=NO_TENSOR, axis=None)
    order("a scalar", "`axis` must be in range [0, 0)", values=1.0)
    order("bools", "`values` must be numeric", values=np.ones(2, bool))
    order("None", "`values`", core=NO_TENSOR, values=None)

top = arguments("top_k", {"input": f32(2, 3), "k": 2})
top("four of three", core="input must have at least k columns. Had 3, needed 4", k=4)
top("k -1", core="Need k >= 0, got -1", k=-1)
top("k 1.5", f"`k` {INTEGER} k=1.5", k=1.5)
top("a scalar", core="must be >= 1-D, got shape []", input=1.0)
top("bools", "`input` must be numeric", input=np.ones(2, bool))
top("indices of floats", "`index_type` must be int16, int32 or int64", index_type=np.float32)
top("None", "`input`", core=NO_TENSOR, input=None)

among = arguments("in_top_k", {"targets": [0, 1], "predictions": f32(2, 3), "k": 1})
among("a vector", core="must be 2-dimensional", predictions=f32(3))
among("three targets", "match the length of `targets`", targets=[0, 1, 2])
among("targets of floats", "`targets` must be of an integer dtype", targets=[0.0, 1.0])
among("float64", "`predictions` must be float32", predictions=f64(2, 3))
among("k 1.5", f"`k` {INTEGER} k=1.5", k=1.5)


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


# Linear in the floating argument with this number, the others held; or, if None, in all together.
LINEAR: dict[str, int | None] = {"sort": 0}


@pytest.mark.parametrize("title", LINEAR)
@given(data=st.data(), rng=rngs)
def test_the_tape_gives_the_transpose(
    title: str, data: st.DataObject, rng: np.random.Generator
) -> None:
    name = title.partition(" ")[0]
    sample = data.draw(CASES[name].samples)
    check_the_tape_gives_the_transpose(name, CASES[name], sample, LINEAR[title], rng)


@pytest.mark.parametrize("row", BAD_CALLS, ids=str)
@pytest.mark.usefixtures("no_kernels")
def test_it_is_refused_by_name_before_any_work(row: Bad) -> None:
    check_refused(row)


@pytest.mark.parametrize("row", [row for row in BAD_CALLS if not row.alone], ids=str)
def test_the_error_is_of_tensorflows_family(row: Bad) -> None:
    check_error_family(row)


# -- special values, ties and identities -----------------------------------------------------------


def test_of_equal_values_the_first_is_sorted_first() -> None:
    x = np.array([[2, 1, 2, 1], [0, 0, 0, 0], [-1, 5, -1, 5]])
    for values in (x, x.astype(float), x.astype(np.int8)):
        for direction in ("ASCENDING", "DESCENDING"):
            for axis in (0, 1):
                agree(lambda tf, x, a=axis, d=direction: tf.argsort(x, a, d), values, orders=0)
        agree(lambda tf, x: list(tf.math.top_k(x, 3)), values, orders=0)
    _, gx = agree(lambda tf, x: tf.sort(x), np.array([2.0, 1.0, 2.0]))
    np.testing.assert_array_equal(gx, [2, 1, 3])


def test_unsorted_the_largest_are_the_same() -> None:
    values = np.random.default_rng(0).normal(size=(3, 40)).astype("f")
    agree(lambda tf, x: [*map(tf.sort, tf.math.top_k(x, 7, sorted=False))], values, orders=0)


def test_the_extremes_of_integers_are_sorted() -> None:
    for kind in (np.int8, np.int32, np.int64):
        ends = np.array([0, np.iinfo(kind).max, np.iinfo(kind).min, -1], kind)
        agree(lambda tf, x: [tf.sort(x), tf.sort(x, direction="DESCENDING")], ends, orders=0)


def test_which_of_a_row_are_above_the_target() -> None:
    rows = np.array([[0.5, 0.5, 0.6], [1, NAN, 0], [INF, 1, 2], [3, 2, 1]], np.float32)
    for k in (0, 1, 2, 3, 9):
        for at in ([0, 0, 0, 0], [1, 2, 1, 3], [-1, 0, 2, 2]):
            agree(
                lambda tf, at, k=k: tf.math.in_top_k(at, rows, k), np.array(at, np.int32), orders=0
            )


def test_every_axis_of_three_and_what_is_left_out() -> None:
    x = np.random.default_rng(1).permutation(24).reshape(2, 3, 4) * 1.0
    for axis in range(-3, 3):
        for direction in ("ASCENDING", "DESCENDING"):
            agree(lambda tf, x, a=axis, d=direction: tf.sort(x, a, d), x)
            agree(lambda tf, x, a=axis, d=direction: tf.argsort(x, a, d), x, orders=0)
    agree(lambda tf, x: [tf.sort(x), tf.math.top_k(x)[0]], x)
    agree(lambda tf, x: [tf.argsort(x), tf.math.top_k(x)[1]], x, orders=0)
    agree(lambda tf, x: tf.argsort(x, stable=True), x, orders=0)


def test_the_indices_of_the_largest() -> None:
    x = np.random.default_rng(2).normal(size=(3, 5))
    for kind in ("int16", "int32", "int64"):
        for k in (0, 1, 5):
            agree(lambda tf, x, k=k, t=kind: tf.math.top_k(x, k, index_type=t)[1], x, orders=0)
    found = scratchnet.math.top_k(x, 2)
    assert type(found).__name__ == "TopKV2"
    assert found._fields == ("values", "indices")
    assert found.values.shape == found.indices.shape == (3, 2)
    for kind in ("uint8", "uint16", "int8", "float32"):
        with pytest.raises(TypeError, match="top_k: `index_type` must be int16, int32 or int64"):
            scratchnet.math.top_k(x, 2, index_type=kind)


def test_targets_at_the_ends_of_their_row() -> None:
    rows = np.array([[1, 2, 3], [3, 2, 1], [2, 2, 2], [0, NAN, 0], [1, -INF, 2]], np.float32)
    for k in (-1, 0, 1, 2, 3):
        for at in range(-1, 4):
            targets = np.full(5, at, np.int64)
            agree(lambda tf, at, k=k: tf.math.in_top_k(at, rows, k), targets, orders=0)
    assert scratchnet.math.in_top_k([0], [[1, 0]], 1).numpy().tolist() == [True]  # of integers
    for pair in (((2,), (3, 2)), ((2, 1), (2, 2)), ((2,), (2, 2, 1)), ((), (1,))):
        with pytest.raises(scratchnet.errors.InvalidArgumentError) as caught:
            scratchnet.math.in_top_k(np.zeros(pair[0], int), np.ones(pair[1], "f"), 1)
        wide, narrow = (str(list(shape)).replace(" ", "") for shape in (pair[1], pair[0]))
        assert str(caught.value).endswith(f"received {wide} and {narrow}")
