"""Joining tensors and parting them again."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import scratchnet as tf
from scratchnet import ops
from tests.support import paired
from tests.support.adjoint import (
    assert_equal_products,
    check_the_tape_gives_the_transpose,
    normal_tensor,
    one_vector,
    rngs,
)
from tests.support.bad_calls import (
    ACCIDENT,
    DOCUMENTED,
    FRACTION,
    INTEGER,
    NO_TENSOR,
    Bad,
    BadCalls,
    f32,
)
from tests.support.cases import (
    Case,
    Draw,
    Sample,
    along_axis,
    axis_of,
    list_call,
    moving,
    normal,
    seeds,
    shapes,
    stacks,
)
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
def concats(draw: Draw) -> Sample:
    seed, shape = draw(seeds()), draw(shapes(min_rank=1))
    axis = axis_of(draw, len(shape))
    rng = np.random.default_rng(seed)
    arrays = []
    for _ in range(draw(st.integers(1, 4))):
        size = list(shape)
        size[axis] = draw(st.integers(0, 3))
        arrays.append(normal(rng, size))
    return Sample(arrays, {"axis": axis}, seed)


@st.composite
def splits(draw: Draw) -> Sample:
    seed, shape = draw(seeds()), list(draw(shapes(min_rank=1)))
    axis = axis_of(draw, len(shape))
    if draw(st.booleans()):
        parts: Any = draw(st.integers(1, 3))
        shape[axis] = parts * draw(st.integers(0, 3))
    else:
        parts = draw(st.lists(st.integers(0, 3), min_size=1, max_size=4))
        shape[axis] = sum(parts)
    x = normal(np.random.default_rng(seed), shape)
    return Sample([x], {"num_or_size_splits": parts, "axis": axis}, seed)


CASES: dict[str, Case] = {
    "concat": moving(concats(), call=list_call),
    "stack": moving(stacks(), call=list_call),
    "unstack": moving(along_axis(min_side=1)),
    "split": moving(splits()),
}


# -- calls that must fail --------------------------------------------------------------------------

BAD_CALLS = BadCalls()
bad = BAD_CALLS.bad
bad("concat", "nothing", lambda f, t: f([], 0), "`values` must hold at least one tensor")
bad(
    "concat",
    "axis -2",
    lambda f, t: f([t(f32(2)), t(f32(2))], -2),
    "`axis` must be in range [-1, 1)",
)
bad("concat", "axis 0.5", lambda f, t: f([t(f32(2)), t(f32(2))], 0.5), f"`axis` {INTEGER} axis=0.5")
bad("concat", "axis None", lambda f, t: f([t(f32(2)), t(f32(2))], None), "`axis`", "a value (None)")
bad(
    "concat",
    "ranks",
    lambda f, t: f([t(f32(2)), t(f32(2, 2))], 0),
    core="Ranks of all input tensors should match",
)
bad(
    "concat",
    "sizes",
    lambda f, t: f([t(f32(2, 3)), t(f32(2, 4))], 0),
    "Dimension 1",
    "[2,3] vs. values[1]",
)
bad(
    "concat",
    "dtypes",
    lambda f, t: f([t(f32(2)), t([1, 2])], 0),
    "`values[1]`",
    "is a int32 tensor",
)
bad("concat", "scalars", lambda f, t: f([t(1.0), t(2.0)], 0), "`values` must have rank >= 1")
bad("concat", "None", lambda f, t: f(None, 0), "`values` must be a list of tensors")
bad(
    "concat", "None among them", lambda f, t: f([t(f32(2)), None], 0), "`values[1]`", core=NO_TENSOR
)
bad("concat", "a string among them", lambda f, t: f([t(f32(2)), "a"], 0), "`values[1]`", "'a'")
bad("concat", "axis 1 of one", lambda f, t: f([t(f32(2))], 1), "`axis`", differs=DOCUMENTED)
bad(
    "stack",
    "shapes",
    lambda f, t: f([t(f32(2)), t(f32(3))]),
    core="Shapes of all inputs must match",
)
for k in (2, -3):
    bad(
        "stack",
        f"axis {k}",
        lambda f, t, k=k: f([t(f32(2))] * 2, k),
        "`axis`",
        core="in range [-2, 2)",
    )
bad("stack", "dtypes", lambda f, t: f([t(f32(2)), t([1, 2])]), "`values[1]`", "is a int32 tensor")
bad(
    "stack",
    "nothing",
    lambda f, t: f([]),
    "`values` must hold at least one tensor",
    differs=DOCUMENTED,
)
bad("stack", "None", lambda f, t: f(None), "`values` must be a list of tensors", differs=ACCIDENT)
bad(
    "stack", "axis 0.5", lambda f, t: f([t(f32(2))] * 2, 0.5), f"`axis` {INTEGER}", differs=FRACTION
)
bad(
    "unstack",
    "num",
    lambda f, t: f(t(f32(2)), num=3),
    "`num` must be the size 2 of axis 0",
    "num=3",
)
for k in (1, -2):
    bad(
        "unstack",
        f"axis {k}",
        lambda f, t, k=k: f(t(f32(2)), axis=k),
        "`axis`",
        core="in range [-1, 1)",
    )
bad("unstack", "a scalar", lambda f, t: f(t(1.0)), "`axis`", core="in range [0, 0)")
bad("unstack", "None", lambda f, t: f(None), "`value`", core=NO_TENSOR)
bad("unstack", "axis 0.5", lambda f, t: f(t(f32(2)), axis=0.5), f"`axis` {INTEGER} axis=0.5")
bad(
    "split",
    "uneven",
    lambda f, t: f(t(f32(3)), 2),
    "`num_or_size_splits`",
    core="evenly divide the split dimension, but got split_dim 0 (size = 3)",
)
for parts in (0, -1):
    bad("split", f"{parts} parts", lambda f, t, p=parts: f(t(f32(3)), p), "`num_or_size_splits`")
for parts in ([1, 1], [4, -2], [-1, -1], [4, -1], []):
    bad(
        "split",
        f"{parts}",
        lambda f, t, p=parts: f(t(f32(3)), p),
        f"`num_or_size_splits` must be sizes >= 0 that add up to 3, the size of axis 0, received "
        f"num_or_size_splits={tuple(parts)}",
    )
bad("split", "axis 1", lambda f, t: f(t(f32(3)), 3, axis=1), "`axis` must be in range [-1, 1)")
bad("split", "axis 0.5", lambda f, t: f(t(f32(3)), 3, axis=0.5), f"`axis` {INTEGER} axis=0.5")
bad("split", "floats", lambda f, t: f(t(f32(3)), [1.5, 1.5]), f"`num_or_size_splits` {INTEGER}")
bad("split", "None", lambda f, t: f(t(f32(3)), None), "`num_or_size_splits`", "a value (None)")
bad("split", "a scalar", lambda f, t: f(t(1.0), 1), "`axis` must be in range [0, 0)")
bad("split", "1.5 parts", lambda f, t: f(t(f32(3)), 1.5), f"_splits` {INTEGER}", differs=DOCUMENTED)


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
LINEAR: dict[str, int | None] = {"split": 0, "unstack": 0, "concat": None, "stack": None}


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


@given(concats(), rngs)
def test_concat_and_split(sample: Sample, rng: np.random.Generator) -> None:
    xs, axis = [tf.constant(a) for a in sample.arrays], sample.attrs["axis"]
    y = ops.concat(xs, axis)
    g = normal_tensor(rng, *y.shape)
    parts = ops.split(g, [x.shape[axis] for x in xs], axis)
    assert_equal_products((y, g), (one_vector(xs), one_vector(parts)))


@given(stacks(), rngs)
def test_stack_and_unstack(sample: Sample, rng: np.random.Generator) -> None:
    xs, axis = [tf.constant(a) for a in sample.arrays], sample.attrs["axis"]
    y = ops.stack(xs, axis)
    g = normal_tensor(rng, *y.shape)
    assert_equal_products((y, g), (one_vector(xs), one_vector(ops.unstack(g, axis=axis))))


PROGRAMS = paired.programs("""
    tf.concat(tf.ones((2, 3)), 0) | tf.concat(np.ones((2, 3)), 1)
    tf.concat(tf.Variable([1.0]), 0) | tf.concat([[1], [2, 3]], 0)
    tf.concat([[[1, 2]], [[3, 4]]], -1) | tf.concat(([1], [2]), axis=0)
    tf.concat([tf.ones((2, 1)), tf.zeros((2, 2))], 1) | tf.concat([[True], [False]], 0)
    tf.concat([np.ones((1, 2)), tf.zeros((3, 2), 'float64')], 0) | tf.concat([[1.0], [2]], 0)
    tf.stack([1, 2.5]) | tf.stack([1, 2]) | tf.stack([True, False]) | tf.stack([np.float64(1), 2])
    tf.stack(tf.ones((2, 3)), -1) | tf.stack(([1, 2], [3, 4]), axis=1)
    tf.stack([[1, 2], [3, 4]], -1) | tf.stack([[[1]], [[2]]], 2) | tf.stack([tf.constant(1), 2])
    tf.stack([1, tf.constant(2.0)]) | tf.stack(tf.Variable([1.0, 2.0]))
    tf.unstack([[1, 2, 3], [4, 5, 6]]) | tf.unstack([[1, 2, 3], [4, 5, 6]], axis=1)
    tf.unstack([[1, 2, 3], [4, 5, 6]], 3, -1) | tf.unstack([1.0]) | tf.unstack(tf.zeros((0, 2)))
    tf.unstack([[1, 2]], num=1) | tf.unstack(tf.zeros((2, 0)), axis=1)
    tf.unstack(tf.zeros((2, 0))) | tf.split([1, 2, 3, 4], 2) | tf.split([1, 2, 3, 4], [1, 3])
    tf.split([1, 2, 3, 4], [1, -1]) | tf.split([1, 2, 3, 4], [-1, 1])
    tf.split([[1, 2], [3, 4]], 2, 1) | tf.split([1, 2], [2])
    tf.split([[1, 2, 3], [3, 4, 5]], [2, 1], axis=-1) | tf.split([1, 2], 1)
    tf.split([1, 2], [0, 2]) | tf.split([1, 2, 3], tf.constant([1, 2]))
    tf.split([1, 2, 3], np.array([1, 2])) | tf.split([1, 2, 3], [1, 0, 2])
    tf.split([1, 2, 3], [3, -1]) | tf.split([[1, 2], [3, 4]], 1, axis=-2)
    tf.split(tf.zeros((0, 2)), 3)
""")


@pytest.mark.parametrize("program", PROGRAMS)
def test_programs_with_every_option(program: str) -> None:
    paired.agree(program)
