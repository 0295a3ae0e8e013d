"""Gathering slices, by one index or several, and adding them back where they came from."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import scratchnet
import scratchnet as tf
from scratchnet import ops
from scratchnet.engine.indexed_slices import slices_of
from scratchnet.kernels.rows import LARGE
from tests.support import paired
from tests.support.adjoint import (
    assert_equal_products,
    check_the_tape_gives_the_transpose,
    normal_tensor,
    rngs,
)
from tests.support.bad_calls import (
    DOCUMENTED,
    INTEGER,
    NO_TENSOR,
    OWN,
    Bad,
    BadCalls,
    f32,
    i32,
)
from tests.support.cases import (
    Case,
    Draw,
    Sample,
    axis_of,
    bits,
    moving,
    normal,
    positions,
    seeds,
    shapes,
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
def gathers(draw: Draw) -> Sample:
    seed, shape = draw(seeds()), draw(shapes(min_rank=1, min_side=1))
    rng, axis = np.random.default_rng(seed), axis_of(draw, len(shape))
    kind = draw(st.sampled_from([np.int32, np.int64]))
    at = rng.integers(0, shape[axis], size=draw(shapes(max_rank=2))).astype(kind)
    return Sample([normal(rng, shape), at], {"axis": axis}, seed)


@st.composite
def adds_at(draw: Draw) -> Sample:
    sample = draw(gathers())
    x, at = sample.arrays
    axis = sample.attrs["axis"] % x.ndim
    values = normal(np.random.default_rng(sample.seed), np.take(x, at, axis).shape)
    return Sample([values, at], {"axis": axis, "shape": list(x.shape)}, sample.seed)


@st.composite
def scatters(draw: Draw) -> Sample:
    sample = draw(positions())
    x, at = sample.arrays
    lead = at.shape[:-1] + x.shape[at.shape[-1] :]
    values = normal(np.random.default_rng(sample.seed), lead)
    return Sample([at, values], {"shape": list(x.shape)}, sample.seed)


@st.composite
def batch_gathers(draw: Draw) -> Sample:
    """As `gathers`; half of them with leading axes that go together."""
    if draw(st.booleans()):
        return draw(gathers())
    seed, shape = draw(seeds()), draw(shapes(min_rank=2, max_rank=4, min_side=1, max_side=3))
    rng, b = np.random.default_rng(seed), draw(st.integers(1, len(shape) - 1))
    axis = draw(st.integers(b, len(shape) - 1))
    own = draw(shapes(max_rank=2))
    at = rng.integers(0, shape[axis], size=shape[:b] + own).astype(np.int32)
    named = draw(st.sampled_from([axis, axis - len(shape)] + [None] * (axis == b)))
    return Sample([normal(rng, shape), at], {"axis": named, "batch_dims": b}, seed)


@st.composite
def masked(draw: Draw) -> Sample:
    seed, shape = draw(seeds()), draw(shapes(min_rank=1, max_rank=4, min_side=1))
    rng, axis = np.random.default_rng(seed), draw(st.integers(0, len(shape) - 1))
    end = draw(st.integers(axis + 1, len(shape)))
    named = None if axis == 0 and draw(st.booleans()) else axis
    return Sample([normal(rng, shape), bits(rng, shape[axis:end])], {"axis": named}, seed)


CASES: dict[str, Case] = {
    "gather": moving(batch_gathers()),
    "add_at": moving(adds_at()),
    "gather_nd": moving(positions()),
    "scatter_nd": moving(scatters()),
    "boolean_mask": moving(masked()),
}


# -- calls that must fail --------------------------------------------------------------------------

BAD_CALLS = BadCalls()
bad, arguments = BAD_CALLS.bad, BAD_CALLS.arguments
for k in (3, -1):
    bad(
        "gather",
        f"index {k}",
        lambda f, t, k=k: f(t(f32(3)), [k]),
        core=f"indices[0] = {k} is not in [0, 3)",
    )
bad(
    "gather",
    "along axis 1",
    lambda f, t: f(t(f32(3, 3)), [[0, 5]], axis=1),
    core="= 5 is not in [0, 3)",
)
bad(
    "gather", "floats", lambda f, t: f(t(f32(3)), t([0.0])), "`indices` must be of an integer dtype"
)
bad(
    "gather", "bools", lambda f, t: f(t(f32(3)), t([True])), "`indices` must be of an integer dtype"
)
bad("gather", "None", lambda f, t: f(t(f32(3)), None), "`indices`", core=NO_TENSOR)
for k in (1, -2):
    bad(
        "gather",
        f"axis {k}",
        lambda f, t, k=k: f(t(f32(3)), [0], axis=k),
        "`axis` must be in range [-1, 1)",
    )
bad("gather", "axis 0.5", lambda f, t: f(t(f32(3)), [0], axis=0.5), f"`axis` {INTEGER} axis=0.5")
bad("gather", "of a scalar", lambda f, t: f(t(1.0), [0]), "`axis` must be in range [0, 0)")
bad(
    "gather",
    "other leading axes",
    lambda f, t: f(t(f32(3, 3)), [[0], [0]], batch_dims=1),
    "`batch_dims` must be <= axis=1, and so many axes be alike",
)
bad(
    "gather",
    "batch_dims behind axis",
    lambda f, t: f(t(f32(3, 3)), t(i32(3, 3)), axis=0, batch_dims=1),
    "`batch_dims` must be <= axis=0",
    differs=DOCUMENTED,
)
bad(
    "gather",
    "batch_dims 3",
    lambda f, t: f(t(f32(3, 3)), t(i32(3, 3)), batch_dims=3),
    "`batch_dims` must be in [-2, 2], received batch_dims=3",
)
bad(
    "gather",
    "in a batch, index 3",
    lambda f, t: f(t(f32(1, 3)), [[3]], batch_dims=1),
    core="indices[0,0] = 3 is not in [0, 3)",
)
bad(
    "gather",
    "an axis as validate_indices",
    lambda f, t: f(t(f32(3, 3)), [0], 1),
    "`validate_indices` must be None (is it `axis`?)",
    differs=DOCUMENTED,
)
bad(
    "add_at",
    "an index",
    lambda f, t: f(t(f32(1)), t([3]), 0, [3]),
    "indices[0] = 3 is not in [0, 3)",
    alone=OWN,
)
bad(
    "add_at",
    "another shape",
    lambda f, t: f(t(f32(2)), t([0]), 0, [3]),
    "shapes: [2] vs. [1]",
    alone=OWN,
)
for at in ([[3]], [[-1]]):
    bad(
        "gather_nd",
        f"{at}",
        lambda f, t, at=at: f(t(f32(3)), at),
        "`indices`",
        core="does not index into",
    )
bad(
    "gather_nd",
    "too deep",
    lambda f, t: f(t(f32(3)), [[0, 0]]),
    "shape (…, k) with 1 <= k <= 1",
    "(1, 2)",
)
bad(
    "gather_nd",
    "floats",
    lambda f, t: f(t(f32(3)), t([[0.0]])),
    "`indices` must be of an integer dtype",
)
bad("gather_nd", "a scalar index", lambda f, t: f(t(f32(3)), 0), "`indices` must have shape")
bad("gather_nd", "of a scalar", lambda f, t: f(t(1.0), [[0]]), "`indices` must have shape")
bad("gather_nd", "None", lambda f, t: f(t(f32(3)), None), "`indices`", core=NO_TENSOR)
bad("gather_nd", "k = 0", lambda f, t: f(t(f32(3)), i32(1, 0)), "`indices`", differs=DOCUMENTED)
for at in ([[3]], [[-1]]):
    bad(
        "scatter_nd",
        f"{at}",
        lambda f, t, at=at: f(at, t(f32(1)), [3]),
        "`indices`",
        core="does not index into",
    )
bad(
    "scatter_nd", "updates", lambda f, t: f([[0]], t(f32(2)), [3]), "`updates` must have shape (1,)"
)
bad("scatter_nd", "rank", lambda f, t: f([[0]], t(f32(1, 2)), [3]), "received shape (1, 2)")
bad(
    "scatter_nd",
    "a negative size",
    lambda f, t: f([[0]], t(f32(1)), [-3]),
    "`shape` must hold sizes >= 0",
)
bad("scatter_nd", "sizes of floats", lambda f, t: f([[0]], t(f32(1)), [3.0]), f"`shape` {INTEGER}")
bad(
    "scatter_nd",
    "floats",
    lambda f, t: f([[0.0]], t(f32(1)), [3]),
    "`indices` must be of an integer dtype",
)
bad(
    "scatter_nd",
    "too deep",
    lambda f, t: f([[0, 0]], t(f32(1)), [3]),
    "`indices` must have shape (…, k)",
)
bad(
    "scatter_nd",
    "2**80 elements",
    lambda f, t: f([[0, 0]], t(f32(1)), [2**40] * 2),
    "more than 2**59",
)
bad("scatter_nd", "None", lambda f, t: f([[0]], None, [3]), "`updates`", core=NO_TENSOR)

mask = arguments("boolean_mask", {"tensor": f32(2, 3), "mask": [True, False]})
mask("three of two", core="Shapes (2,) and (3,) are incompatible", mask=[True, False, True])
mask("of a larger rank", core="are incompatible", mask=np.ones((2, 3, 1), bool))
mask("a scalar", core="annot be scalar", mask=True)
for k in (2, -1):
    mask(f"axis {k}", core="Shapes () and (2,) are incompatible", axis=k)
mask("None", "`tensor`", core=NO_TENSOR, tensor=None)


@pytest.mark.parametrize("batch_dims", [0, 1, -1, -2])
@pytest.mark.parametrize("axis", [None, 1, 2, -1])
def test_batch_dims_from_the_end(batch_dims: int, axis: int | None) -> None:
    """Without an axis they are it, from the end of the other tensor."""
    paired.agree(
        "x = tf.reshape(tf.range(24), (2, 3, 4))\n"
        f"tf.gather(x, [[0, 1, 1], [1, 1, 0]], axis={axis}, batch_dims={batch_dims}).numpy()"
    )


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


@pytest.mark.parametrize("name", ["gather"])
@settings(max_examples=4)
@given(data=st.data())
def test_third_order(name: str, data: st.DataObject) -> None:
    check_finite_differences(name, CASES[name], data.draw(CASES[name].samples), order=3)


# Linear in the floating argument with this number, the others held; or, if None, in all together.
LINEAR: dict[str, int | None] = {
    "gather": 0,
    "add_at": 0,
    "gather_nd": 0,
    "scatter_nd": 0,
    "boolean_mask": 0,
}


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


@given(gathers(), rngs)
def test_gather_and_add_at(sample: Sample, rng: np.random.Generator) -> None:
    x, at = map(tf.constant, sample.arrays)
    axis = sample.attrs["axis"]
    y = ops.gather(x, at, axis=axis)
    g = normal_tensor(rng, *y.shape)
    assert_equal_products((y, g), (x, ops.add_at(g, at, axis, x.shape)))


@given(positions(), rngs)
def test_gather_nd_and_scatter_nd(sample: Sample, rng: np.random.Generator) -> None:
    x, at = map(tf.constant, sample.arrays)
    y = ops.gather_nd(x, at)
    g = normal_tensor(rng, *y.shape)
    assert_equal_products((y, g), (x, ops.scatter_nd(at, g, x.shape)))


def test_a_slice_that_is_gathered_twice_gets_both_gradients() -> None:
    x, at = np.arange(6.0).reshape(3, 2), np.array([0, 2, 0, 0])
    _, gx = agree(lambda tf, x, at: tf.gather(x, at), x, at)
    np.testing.assert_array_equal(gx, [[1 + 5 + 7, 2 + 6 + 8], [0, 0], [3, 4]])
    agree(lambda tf, x, at: tf.gather(x, at, axis=1), x.T, at)
    agree(lambda tf, x, at: tf.gather_nd(x, at), x, np.array([[0], [2], [0]]))
    agree(lambda tf, x: tf.repeat(x, [2, 0, 1], axis=0), x)


def test_updates_at_the_same_place_add_up() -> None:
    at, updates = np.array([[1], [3], [1]]), np.array([1.0, 2.0, 3.0])
    y, gu = agree(lambda tf, u: tf.scatter_nd(at, u, [4]), updates)
    np.testing.assert_array_equal(y, [0, 4, 0, 2])
    np.testing.assert_array_equal(gu, [2, 4, 2])


def test_the_gradient_of_a_gather_is_dense() -> None:
    """TensorFlow gives IndexedSlices; as a tensor they are the same."""

    def program(tf: Any) -> Any:
        x = tf.constant([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = tf.gather(x, [2, 0, 2]) ** 2
        return tf.convert_to_tensor(tape.gradient(y, x))

    assert isinstance(program(scratchnet), scratchnet.Tensor)
    paired.agree(program)


PROGRAMS = paired.programs("""
    tf.gather([10, 20, 30], [2, 0]) | tf.gather([10, 20, 30], 1)
    tf.gather([[1, 2], [3, 4], [5, 6]], [2, 0]) | tf.gather([[1, 2, 3], [4, 5, 6]], [2, 0], axis=1)
    tf.gather([[1, 2, 3], [4, 5, 6]], [2, 0], axis=-1)
    tf.gather([[1, 2, 3], [4, 5, 6]], [[2, 0], [1, 1]], axis=1)
    tf.gather([[1, 2, 3], [4, 5, 6]], [[2, 0], [1, 1]], batch_dims=1)
    tf.gather([[1, 2, 3], [4, 5, 6]], [[2], [1]], axis=1, batch_dims=1)
    tf.gather([[1, 2, 3], [4, 5, 6]], [2, 1], batch_dims=-1, axis=1)
    tf.gather([[[1, 2], [3, 4]], [[5, 6], [7, 8]]], [[1], [0]], axis=2, batch_dims=1)
    tf.gather([1, 2], tf.zeros((0,), 'int32'))
    tf.gather([[[1, 2], [3, 4]], [[5, 6], [7, 8]]], [1], axis=-2) | tf.gather([10, 20], [[[1]]])
    tf.gather([True, False], [1, 1]) | tf.gather_nd([[1, 2], [3, 4]], [[1, 0], [0, 1]])
    tf.gather_nd([[1, 2], [3, 4]], [[1]]) | tf.gather_nd([[1, 2], [3, 4]], [1, 1])
    tf.gather_nd([[1, 2], [3, 4]], [[[1, 0]], [[0, 1]]])
    tf.boolean_mask([1, 2, 3], [True, False, True])
    tf.boolean_mask([[1, 2], [3, 4]], [True, False])
    tf.boolean_mask([[1, 2], [3, 4]], [[True, False], [True, True]])
    tf.boolean_mask([[1, 2], [3, 4]], [True, False], axis=1)
    tf.boolean_mask([[[1, 2], [3, 4]]], [[False, True], [True, False]], axis=1)
    tf.boolean_mask([[1, 2], [3, 4]], [False, False])
""")


@pytest.mark.parametrize("program", PROGRAMS)
def test_programs_with_every_option(program: str) -> None:
    paired.agree(program)


REFUSED = {
    "gather_nd(ones((2, 3)), [[[0, 0], [1, 3]], [[1, 1], [-1, 0]]])": "gather_nd: `indices` = "
    "[1, 3] does not index into shape [2,3]",
    "gather_nd(ones((2, 3)), [[[0, 0], [1, 2]], [[2, 1], [0, 5]]])": "gather_nd: `indices` = "
    "[2, 1] does not index into shape [2,3]",
    "gather_nd(ones((2, 3)), [0, -1])": "gather_nd: `indices` = [0, -1] does not index into shape "
    "[2,3]",
    "gather_nd(ones((2, 3)), 1)": "gather_nd: `indices` must have shape (…, k) with 1 <= k <= 2, "
    "the rank of what they index, received shape ()",
    "gather_nd(ones((2, 3)), [[0, 0, 0]])": "gather_nd: `indices` must have shape (…, k) with 1 <= "
    "k <= 2, the rank of what they index, received shape (1, 3)",
    "scatter_nd([[0]], [1.0], 3)": "scatter_nd: `shape` must be a list of integers (1-D), received "
    "shape=3",
    "add_at([1.0], [0], 0, 3)": "add_at: `shape` must be a list of integers (1-D), received "
    "shape=3",
    "add_at([[1.0, 2.0]], [0], 0, [3])": "add_at: Incompatible shapes: [1,2] vs. [1]",
    "add_at([1.0], [3], 0, [3])": "add_at: `indices`: indices[0] = 3 is not in [0, 3)",
    "add_at([1.0], [0], 1, [3])": "add_at: `axis` must be in range [-1, 1), the axes of a tensor "
    "of "
    "rank 1, received axis=1",
    "scatter_nd([[3]], [1.0], [3])": "scatter_nd: `indices` = [3] does not index into shape [3]",
}


@pytest.mark.parametrize("call", REFUSED)
def test_what_is_refused_in_full(call: str) -> None:
    with pytest.raises(scratchnet.errors.InvalidArgumentError) as caught:
        eval(call, vars(scratchnet.ops).copy())
    assert str(caught.value) == REFUSED[call]


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("shape", [(7,), (7, 3), (7, 2, 2)])
def test_the_gradient_of_many_rows(shape: tuple[int, ...], dtype: str) -> None:
    """Of few and of as many as a kernel adds up: each row gets the sum of its own."""
    rng = np.random.default_rng(3)
    for count in (5, LARGE // math.prod(shape[1:]) + 3):
        at = rng.integers(0, 7, count)
        g = rng.integers(-3, 4, (count, *shape[1:])).astype(dtype)
        v = tf.Variable(np.ones(shape, dtype))
        with tf.GradientTape() as tape:
            y = tf.gather(v, at)
        found = tape.gradient(y, v, output_gradients=tf.constant(g))
        wanted = np.zeros(shape)
        np.add.at(wanted, at, g.astype(float))
        if dtype != "float16" or count == 5:
            np.testing.assert_array_equal(found.numpy(), wanted)
        slices = slices_of(found)
        np.testing.assert_array_equal(slices.values, g)
        np.testing.assert_array_equal(slices.indices, at)
        assert slices.dense_shape == shape


def test_a_gradient_along_another_axis_has_no_slices() -> None:
    v = tf.Variable(np.ones((2, 3)))
    with tf.GradientTape() as tape:
        y = tf.gather(v, [2, 2], axis=1)
    found = tape.gradient(y, v)
    assert found.numpy().tolist() == [[0, 0, 2]] * 2
    assert slices_of(found) is None
