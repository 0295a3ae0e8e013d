"""Other shapes for the same numbers, and shapes as tensors."""

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
    rngs,
)
from tests.support.bad_calls import (
    BOOL,
    DOCUMENTED,
    FRACTION,
    INTEGER,
    NO_TENSOR,
    OWN,
    Bad,
    BadCalls,
    f32,
)
from tests.support.cases import (
    TRUTH,
    Case,
    Draw,
    Sample,
    any_dtype,
    broadcast,
    moving,
    normal,
    seeds,
    shapes,
    summing,
    unary,
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
def reshapes(draw: Draw) -> Sample:
    seed, shape = draw(seeds()), draw(shapes())
    x = normal(np.random.default_rng(seed), shape)
    options: list[Any] = [[x.size], [1, x.size, 1], list(shape[::-1])]
    if x.size:
        options += [[-1], [-1, 1], [*shape, -1]]
    return Sample([x], {"shape": draw(st.sampled_from(options))}, seed)


@st.composite
def new_axes(draw: Draw) -> Sample:
    sample = draw(unary())
    rank = sample.arrays[0].ndim
    sample.attrs["axis"] = draw(st.integers(-rank - 1, rank))
    return sample


@st.composite
def squeezes(draw: Draw) -> Sample:
    seed, shape = (
        draw(seeds()),
        draw(st.lists(st.sampled_from([1, 1, 3, 0]), max_size=4).map(tuple)),
    )
    ones = [i for i, n in enumerate(shape) if n == 1]
    axis = (
        draw(st.one_of(st.none(), st.lists(st.sampled_from(ones), unique=True))) if ones else None
    )
    return Sample([normal(np.random.default_rng(seed), shape)], {"axis": axis}, seed)


@st.composite
def permutations(draw: Draw) -> Sample:
    sample = draw(unary())
    rank = sample.arrays[0].ndim
    perm = draw(st.one_of(st.none(), st.permutations(list(range(rank)))))
    sample.attrs["perm"] = None if perm is None else list(perm)
    return sample


@st.composite
def broadcasts_to(draw: Draw) -> Sample:
    sample = draw(broadcast(normal))
    shape = list(sample.arrays[0].shape)
    full = [draw(st.integers(0, 3)) if n == 1 else n for n in shape]
    lead = draw(st.lists(st.integers(0, 3), max_size=2))
    sample.attrs["shape"] = lead + full
    return sample


@st.composite
def sums_to(draw: Draw) -> Sample:
    seed, shape = draw(seeds()), draw(shapes())
    small = [1 if draw(st.booleans()) else n for n in shape][draw(st.integers(0, len(shape))) :]
    return Sample([normal(np.random.default_rng(seed), shape)], {"shape": small}, seed)


CASES: dict[str, Case] = {
    "reshape": moving(reshapes()),
    "expand_dims": moving(new_axes()),
    "squeeze": moving(squeezes()),
    "transpose": moving(permutations()),
    "broadcast_to": moving(broadcasts_to()),
    "sum_to": summing(sums_to()),
    "shape": Case(unary(any_dtype, out_type=st.sampled_from([None, "int64"])), **TRUTH),
    "size": Case(unary(any_dtype, out_type=st.sampled_from([None, "int64"])), **TRUTH),
    "rank": Case(unary(any_dtype), **TRUTH),
}


# -- calls that must fail --------------------------------------------------------------------------

BAD_CALLS = BadCalls()
bad = BAD_CALLS.bad
bad(
    "reshape",
    "another count",
    lambda f, t: f(t(f32(6)), [2, 4]),
    "shape=(2, 4)",
    core="Input to reshape is a tensor with 6 values, but the requested shape has 8",
)
bad(
    "reshape",
    "no multiple",
    lambda f, t: f(t(f32(6)), [4, -1]),
    "shape=(4, -1)",
    core="a tensor with 6 values, but the requested shape requires a multiple of 4",
)
bad(
    "reshape",
    "two -1",
    lambda f, t: f(t(f32(6)), [-1, -1]),
    "`shape`",
    core="nly one input size may be -1",
)
bad("reshape", "-2", lambda f, t: f(t(f32(6)), [-2, 3]), "`shape` must hold sizes >= 0, or -1 once")
bad("reshape", "something of nothing", lambda f, t: f(t(f32(6)), [0, -1]), core="requested shape")
bad("reshape", "floats", lambda f, t: f(t(f32(6)), [2.0, 3.0]), f"`shape` {INTEGER} shape=2.0")
bad(
    "reshape",
    "None",
    lambda f, t: f(t(f32(6)), None),
    "`shape`",
    "Attempt to convert a value (None)",
)
bad("reshape", "a string", lambda f, t: f(t(f32(6)), "a"), f"`shape` {INTEGER} shape='a'")
bad(
    "reshape",
    "nested lists",
    lambda f, t: f(t(f32(6)), [[2, 3]]),
    f"`shape` {INTEGER} shape=[2, 3]",
)
bad("reshape", "of None", lambda f, t: f(None, [1]), "`tensor`", core=NO_TENSOR)
bad(
    "reshape",
    "2**80 elements",
    lambda f, t: f(t(f32(6)), [2**40, 2**40]),
    "6 values, but the requested",
)
bad("reshape", "2**70", lambda f, t: f(t(f32(6)), [2**70]), "`shape` must hold integers of 64 bits")
bad(
    "reshape",
    "True",
    lambda f, t: f(t(f32(1)), [True]),
    f"`shape` {INTEGER} shape=True",
    differs=BOOL,
)
for k in (2, -3):
    bad(
        "expand_dims",
        f"axis {k}",
        lambda f, t, k=k: f(t(f32(2)), k),
        f"`axis` must be in range [-2, 2), the axes of a tensor of rank 2, received axis={k}",
    )
bad("expand_dims", "axis 0.5", lambda f, t: f(t(f32(2)), 0.5), f"`axis` {INTEGER} axis=0.5")
bad("expand_dims", "axis None", lambda f, t: f(t(f32(2)), None), "`axis`", "a value (None)")
bad("expand_dims", "None", lambda f, t: f(None, 0), "`input`", core=NO_TENSOR)
bad(
    "squeeze",
    "a larger axis",
    lambda f, t: f(t(f32(1, 2)), 1),
    "`axis`",
    core="an not squeeze dim[1], expected a dimension of 1, got 2",
)
bad(
    "squeeze",
    "axis 2",
    lambda f, t: f(t(f32(1, 2)), 2),
    "`axis` must be in range [-2, 2)",
    "axis=2",
)
bad("squeeze", "a string", lambda f, t: f(t(f32(1, 2)), "a"), f"`axis` {INTEGER} axis='a'")
bad("squeeze", "None", lambda f, t: f(None), "`input`", core=NO_TENSOR)
bad("squeeze", "axis 0.5", lambda f, t: f(t(f32(1, 2)), 0.5), f"`axis` {INTEGER}", differs=FRACTION)
bad("squeeze", "twice", lambda f, t: f(t(f32(1, 2)), [0, 0]), "an axis twice", differs=DOCUMENTED)
for perm in ([0], [0, 0], [0, 2], [0, -3]):
    bad(
        "transpose",
        f"perm {perm}",
        lambda f, t, perm=perm: f(t(f32(2, 3)), perm),
        f"`perm` must be a permutation of the 2 axes, received perm={tuple(perm)}",
    )
bad("transpose", "floats", lambda f, t: f(t(f32(2, 3)), [0.0, 1.0]), f"`perm` {INTEGER} perm=0.0")
bad(
    "transpose", "a scalar", lambda f, t: f(t(f32(3)), 0), "`perm` must be a list of integers (1-D)"
)
bad("transpose", "a string", lambda f, t: f(t(f32(2, 3)), "a"), f"`perm` {INTEGER} perm='a'")
bad("transpose", "None", lambda f, t: f(None), "`a`", core=NO_TENSOR)
bad(
    "broadcast_to",
    "another size",
    lambda f, t: f(t(f32(2)), [3]),
    "ncompatible shapes: [2] vs. [3]",
)
bad("broadcast_to", "a smaller rank", lambda f, t: f(t(f32(2, 3)), [3]), "shapes: [2,3] vs. [3]")
bad(
    "broadcast_to",
    "a negative size",
    lambda f, t: f(t(f32(1)), [-1]),
    "`shape` must hold sizes >= 0",
)
bad("broadcast_to", "floats", lambda f, t: f(t(f32(1)), [2.0]), f"`shape` {INTEGER} shape=2.0")
bad(
    "broadcast_to",
    "a scalar",
    lambda f, t: f(t(f32(1)), 3),
    "`shape` must be a list of integers (1-D)",
)
bad("broadcast_to", "None", lambda f, t: f(t(f32(1)), None), "`shape`", "a value (None)")
bad("broadcast_to", "2**80 elements", lambda f, t: f(t(f32(1)), [2**40, 2**40]), "more than 2**59")
bad(
    "sum_to",
    "another size",
    lambda f, t: f(t(f32(2)), [3]),
    "Incompatible shapes: [2] vs. [3]",
    alone=OWN,
)
bad(
    "sum_to",
    "a negative size",
    lambda f, t: f(t(f32(2)), [-1]),
    "`shape` must hold sizes >= 0",
    alone=OWN,
)
for op in ("shape", "size", "rank"):
    bad(op, "None", lambda f, t: f(None), "`input`", core=NO_TENSOR)
    bad(op, "a ragged list", lambda f, t: f([[1], [2, 3]]), "`input`", "non-rectangular")
bad(
    "shape", "of floats", lambda f, t: f(t(f32(2)), np.float32), "`out_type` must be int32 or int64"
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


# Linear in the floating argument with this number, the others held; or, if None, in all together.
LINEAR: dict[str, int | None] = {
    "reshape": 0,
    "expand_dims": 0,
    "squeeze": 0,
    "transpose": 0,
    "broadcast_to": 0,
    "sum_to": 0,
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


@given(broadcasts_to(), rngs)
def test_broadcast_to_and_sum_to(sample: Sample, rng: np.random.Generator) -> None:
    x, shape = tf.constant(sample.arrays[0]), sample.attrs["shape"]
    g = normal_tensor(rng, *shape)
    assert_equal_products((ops.broadcast_to(x, shape), g), (x, ops.sum_to(g, x.shape)))


@given(permutations(), rngs)
def test_transpose_and_the_inverse_permutation(sample: Sample, rng: np.random.Generator) -> None:
    x, perm = tf.constant(sample.arrays[0]), sample.attrs["perm"]
    y = ops.transpose(x, perm)
    g = normal_tensor(rng, *y.shape)
    back = None if perm is None else np.argsort(perm)
    assert_equal_products((y, g), (x, ops.transpose(g, back)))


def test_nothing_can_be_reshaped_to_any_size() -> None:
    for old, new in (((0, 6), [0, -1]), ((0, 5), [0, 2, -1]), ((0,), [-1, 3]), ((0, 4), [-1])):
        agree(lambda tf, x, new=new: tf.reshape(x, new), np.zeros(old))


def test_sizes_are_tensors() -> None:
    for x in (np.zeros((2, 3)), np.zeros(()), np.zeros((0, 4))):
        agree(lambda tf, x: [tf.shape(x), tf.size(x), tf.rank(x)], x, orders=0)
        agree(lambda tf, x: tf.shape(x, tf.int64), x, orders=0)
    agree(lambda tf, x: tf.reshape(x, [tf.shape(x)[1], -1]), np.arange(6.0).reshape(2, 3))
    agree(lambda tf, x: tf.zeros(tf.shape(x)), np.arange(6.0).reshape(2, 3), orders=0)


PROGRAMS = paired.programs("""
    tf.reshape([1, 2, 3, 4, 5, 6], [2, 3]) | tf.reshape([1, 2, 3, 4, 5, 6], [-1, 2])
    tf.reshape(5, []) | tf.reshape([1, 2], -1) | tf.reshape(5, [1, -1, 1])
    tf.reshape(tf.zeros((0, 6)), [0, -1]) | tf.reshape(tf.zeros((2, 0)), [-1, 2])
    tf.reshape(tf.zeros((0, 3)), [3, 0]) | tf.reshape([7], [])
    tf.reshape(tf.zeros((0, 4)), [0, -1, 2]) | tf.reshape([[1, 2], [3, 4]], tf.constant([4]))
    tf.expand_dims([1, 2], 0) | tf.expand_dims([1, 2], 1) | tf.expand_dims([1, 2], -1)
    tf.expand_dims([1, 2], -2) | tf.expand_dims(3, 0) | tf.expand_dims(3, -1)
    tf.squeeze([[[1], [2]]]) | tf.squeeze([[[1], [2]]], 0) | tf.squeeze([[[1], [2]]], [-1])
    tf.squeeze([[[1], [2]]], [0, 2]) | tf.squeeze([[1, 2]], []) | tf.squeeze(3)
    tf.squeeze([[[4]]]) | tf.transpose([[1, 2, 3], [4, 5, 6]])
    tf.transpose([[[1, 2]], [[3, 4]]], [1, 2, 0]) | tf.transpose([[[1, 2]], [[3, 4]]], [-1, 0, 1])
    tf.transpose([1, 2]) | tf.transpose(3) | tf.transpose([[1j, 2.0]], conjugate=True)
    tf.transpose([[1j, 2.0]], [0, 1], True) | tf.transpose([[1.5, 2.0]], conjugate=True)
    tf.transpose([[1j, 2.0]], conjugate=False) | tf.broadcast_to([1, 2], [3, 2])
    tf.broadcast_to([[1], [2]], [2, 3]) | tf.broadcast_to(5, [2, 2]) | tf.broadcast_to([1], [0])
    tf.broadcast_to([[1, 2]], [2, 1, 2]) | tf.broadcast_to(5, [])
    tf.broadcast_to(tf.transpose([[1, 2], [3, 4]]), [2, 2, 2])
    tf.broadcast_to(tf.zeros((1, 0)), [3, 0]) | tf.broadcast_to(tf.range(6)[::2], [2, 3])
    tf.shape([[1, 2, 3]]) | tf.shape(3, 'int64') | tf.rank(3) | tf.size([[1, 2, 3]])
    tf.size(3, tf.int64) | tf.rank([[1]]) | tf.size(tf.ones((3, 2)), tf.float32)
""")


@pytest.mark.parametrize("program", PROGRAMS)
def test_programs_with_every_option(program: str) -> None:
    paired.agree(program)


REFUSED = {
    "broadcast_to(1.0, 3)": "broadcast_to: `shape` must be a list of integers (1-D), rece"
    "ived shape=3",
    "reshape(range(6), [-1, 2, -1])": "reshape: `shape`: Only one input size may be -1, not both "
    "0 and 2, received shape=(-1, 2, -1)",
    "reshape(range(6), [-2, 3])": "reshape: `shape` must hold sizes >= 0, or -1 once, received "
    "shape=(-2, 3)",
    "reshape(range(6), [-1, 4])": "reshape: Input to reshape is a tensor with 6 values, but the "
    "requested shape requires a multiple of 4: received shape=(-1, 4)",
    "reshape(range(6), [-1, 0])": "reshape: Input to reshape is a tensor with 6 values, but the "
    "requested shape requires a multiple of 0: received shape=(-1, 0)",
    "reshape(range(6), [2, 2])": "reshape: Input to reshape is a tensor with 6 values, but the "
    "requested shape has 4: received shape=(2, 2)",
    "transpose(ones((2, 3)), [0, 0])": "transpose: `perm` must be a permutation of the 2 axes, "
    "received perm=(0, 0)",
    "transpose(ones((2, 3)), [0])": "transpose: `perm` must be a permutation of the 2 axes, "
    "received perm=(0,)",
    "transpose(ones((2, 3)), [0, 2])": "transpose: `perm` must be a permutation of the 2 axes, "
    "received perm=(0, 2)",
    "transpose(ones((2, 3)), [-3, 0])": "transpose: `perm` must be a permutation of the 2 axes, "
    "received perm=(-3, 0)",
    "transpose(ones(2), 0)": "transpose: `perm` must be a list of integers (1-D), received perm=0",
    "sum_to(ones((2, 3)), 3)": "sum_to: `shape` must be a list of integers (1-D), received shape=3",
    "sum_to(ones((2, 3)), [2])": "sum_to: Incompatible shapes: [2,3] vs. [2]",
    "sum_to(ones(3), [1, 3])": "sum_to: Incompatible shapes: [3] vs. [1,3]",
    "shape(1, 'float32')": "shape: `out_type` must be int32 or int64, received out_type='float32'",
}


@pytest.mark.parametrize("call", REFUSED)
def test_what_is_refused(call: str) -> None:
    with pytest.raises(tf.errors.InvalidArgumentError) as caught:
        eval(call, vars(ops).copy())
    assert str(caught.value) == REFUSED[call]
