"""Products of matrices: transposed, in batches, small and large."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import scratchnet
import scratchnet as tf
from scratchnet import ops
from scratchnet.kernels import matmul
from tests.support.adjoint import (
    assert_equal_products,
    check_the_tape_gives_the_transpose,
    normal_tensor,
    rngs,
)
from tests.support.bad_calls import DOCUMENTED, INTEGER, NO_TENSOR, Bad, BadCalls, f32, f64, i32
from tests.support.cases import Case, Draw, Sample, largest, normal, seeds, shapes
from tests.support.ops_checks import (
    DTYPES,
    check_against_tensorflow,
    check_error_family,
    check_finite_differences,
    check_refused,
    differentiable,
)
from tests.support.paired import agree, programs, run

# -- cases -----------------------------------------------------------------------------------------


@st.composite
def matrices(draw: Draw) -> Sample:
    seed = draw(seeds())
    rng, side = np.random.default_rng(seed), st.integers(0, 5)
    n, m, k = draw(side), draw(side), draw(side)
    batch = draw(shapes(max_rank=2, min_side=1, max_side=3))
    left = tuple(1 if draw(st.booleans()) else b for b in batch)
    right = tuple(1 if draw(st.booleans()) else b for b in batch)[
        draw(st.integers(0, len(batch))) :
    ]
    ta, tb = draw(st.booleans()), draw(st.booleans())
    a = normal(rng, (*left, m, n) if ta else (*left, n, m))
    b = normal(rng, (*right, k, m) if tb else (*right, m, k))
    return Sample([a, b], {"transpose_a": ta, "transpose_b": tb}, seed)


@st.composite
def contractions(draw: Draw) -> Sample:
    seed, a_shape = draw(seeds()), draw(shapes(min_rank=1, min_side=1, max_rank=3))
    rng = np.random.default_rng(seed)
    if draw(st.booleans()):
        n = draw(st.integers(0, len(a_shape)))
        axes: Any = n
        b_shape = a_shape[len(a_shape) - n :] + draw(shapes(max_rank=2, min_side=1))
    else:
        left = draw(st.lists(st.integers(0, len(a_shape) - 1), unique=True, min_size=1))
        rest = draw(shapes(max_rank=2, min_side=1))
        b_shape = (*rest, *[a_shape[i] for i in left])
        axes = [left, [len(rest) + i for i in range(len(left))]]
    return Sample([normal(rng, a_shape), normal(rng, b_shape)], {"axes": axes}, seed)


CASES: dict[str, Case] = {
    "matmul": Case(matrices(), ulps=8, length=lambda s: 64.0, scale=largest),
    "tensordot": Case(contractions(), ulps=8, length=lambda s: 64.0, scale=largest),
}


# -- calls that must fail --------------------------------------------------------------------------

BAD_CALLS = BadCalls()
bad, arguments = BAD_CALLS.bad, BAD_CALLS.arguments
bad(
    "matmul",
    "inner sizes",
    lambda f, t: f(t(f32(2, 3)), t(f32(2, 3))),
    core="Matrix size-incompatible: In[0]: [2,3], In[1]: [2,3]",
)
bad(
    "matmul",
    "inner sizes, transposed",
    lambda f, t: f(t(f32(2, 3)), t(f32(3, 2)), transpose_b=True),
    core="Matrix size-incompatible: In[0]: [2,3], In[1]: [3,2]",
)
bad(
    "matmul",
    "vectors",
    lambda f, t: f(t(f32(2)), t(f32(2))),
    "`a`",
    core="In[0] and In[1] ndims must be == 2",
)
bad(
    "matmul",
    "a vector",
    lambda f, t: f(t(f32(2, 2)), t(f32(2))),
    "`b`",
    "b.shape=[2]",
)
bad("matmul", "a scalar", lambda f, t: f(t(f32(2, 2)), t(1.0)), "`b`", "b.shape=[]")
bad(
    "matmul",
    "float32 and float64",
    lambda f, t: f(t(f32(2, 2)), t(f64(2, 2))),
    core="but is a double tensor",
)
bad(
    "matmul",
    "integers and floats",
    lambda f, t: f(t([[1]]), t([[1.0]])),
    core="but is a float tensor",
)
bad(
    "matmul",
    "batches",
    lambda f, t: f(t(f32(2, 2, 2)), t(f32(3, 2, 2))),
    core="must have compatible batch dimensions",
)
bad(
    "matmul",
    "bools",
    lambda f, t: f(t([[True]]), t([[True]])),
    "`a` must be numeric, received dtype bool",
)
bad("matmul", "None", lambda f, t: f(t(f32(2, 2)), None), "`b`", core=NO_TENSOR)
bad("matmul", "a string", lambda f, t: f(t(f32(2, 2)), "a"), "`b`", "'a'")
bad(
    "tensordot",
    "inner sizes",
    lambda f, t: f(t(f32(2, 3)), t(f32(2, 3)), 1),
    core="Matrix size-incompatible: In[0]: [2,3], In[1]: [2,3]",
)
bad(
    "tensordot",
    "too many",
    lambda f, t: f(t(f32(2)), t(f32(2)), 2),
    "`axes` must be in 0..1, received axes=2",
)
bad(
    "tensordot",
    "negative",
    lambda f, t: f(t(f32(2)), t(f32(2)), -1),
    "`axes` must be in 0..1",
    "axes=-1",
)
for axes in ([[0], [0, 1]], [[0], [0], [0]], [[0, 0], [0, 1]]):
    bad(
        "tensordot",
        f"{axes}",
        lambda f, t, a=axes: f(t(f32(2, 2)), t(f32(2, 2)), a),
        "`axes` must be",
        f"axes={axes}",
    )
bad(
    "tensordot",
    "0.5",
    lambda f, t: f(t(f32(2, 2)), t(f32(2, 2)), 0.5),
    f"`axes` {INTEGER} axes=0.5",
)
bad(
    "tensordot",
    "a string",
    lambda f, t: f(t(f32(2, 2)), t(f32(2, 2)), "a"),
    f"`axes` {INTEGER} axes='a'",
)
bad(
    "tensordot",
    "floats",
    lambda f, t: f(t(f32(2, 2)), t(f32(2, 2)), np.array([[0.0], [1.0]])),
    "`axes` must hold integers",
    differs="TensorFlow cuts the fractions off",
)
bad(
    "tensordot",
    "None",
    lambda f, t: f(t(f32(2, 2)), t(f32(2, 2)), None),
    "`axes`",
    "a value (None)",
)
bad(
    "tensordot", "dtypes", lambda f, t: f(t(f32(2, 2)), t(i32(2, 2)), 1), "`b`", "is a int32 tensor"
)
bad("tensordot", "bools", lambda f, t: f(t([[True]]), t([[True]]), 1), "must be numeric")
bad(
    "tensordot",
    "an axis",
    lambda f, t: f(t(f32(2, 2)), t(f32(2, 2)), [[2], [0]]),
    "`axes`",
    differs=DOCUMENTED,
)

product = arguments("matmul", {"a": f32(2, 2), "b": f32(2, 2)})
for side in ("a", "b"):
    both: dict[str, Any] = {f"transpose_{side}": True, f"adjoint_{side}": True}
    product(f"{side} twice over", core=f"`transpose_{side}`", **both)


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


@pytest.mark.parametrize("name", ["matmul"])
@settings(max_examples=4)
@given(data=st.data())
def test_third_order(name: str, data: st.DataObject) -> None:
    check_finite_differences(name, CASES[name], data.draw(CASES[name].samples), order=3)


# Linear in the floating argument with this number, the others held; or, if None, in all together.
LINEAR: dict[str, int | None] = {
    "matmul by its first": 0,
    "tensordot by its first": 0,
    "matmul by its second": 1,
    "tensordot by its second": 1,
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


@given(matrices(), rngs)
def test_matmul_and_the_products_with_the_transposed(
    sample: Sample, rng: np.random.Generator
) -> None:
    a, b = map(tf.constant, sample.arrays)
    ta, tb = sample.attrs["transpose_a"], sample.attrs["transpose_b"]
    y = ops.matmul(a, b, ta, tb)
    g = normal_tensor(rng, *y.shape)
    ga = ops.matmul(b, g, tb, True) if ta else ops.matmul(g, b, False, not tb)
    gb = ops.matmul(g, a, True, ta) if tb else ops.matmul(a, g, not ta, False)
    assert_equal_products((y, g), (a, ops.sum_to(ga, a.shape)), (b, ops.sum_to(gb, b.shape)))


PRODUCTS = [
    (64, 64, 64),
    (1, 700, 400),
    (517, 1, 600),
    (67, 1031, 70),
    (700, 33, 13),
    (3, 9000, 10),
]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("sizes", PRODUCTS)
def test_products_and_their_gradients(sizes, dtype):
    rng = np.random.default_rng(3)
    M, K, N = sizes
    a, b = rng.normal(size=(M, K)).astype(dtype), rng.normal(size=(K, N)).astype(dtype)
    g = rng.normal(size=(M, N)).astype(dtype)
    assert matmul.are_large(a, b) == (M * K * N >= matmul.LARGE)

    def results(tf: Any, a: Any, b: Any, **flips: Any) -> list[np.ndarray]:
        xs = [tf.constant(a), tf.constant(b)]
        with tf.GradientTape() as tape:
            tape.watch(xs)
            y = tf.matmul(*xs, **flips)
        return [t.numpy() for t in (y, *tape.gradient(y, xs, output_gradients=tf.constant(g)))]

    def flip(x: np.ndarray, really: bool) -> np.ndarray:
        return np.ascontiguousarray(x.T) if really else x

    for ta in (False, True):
        for tb in (False, True):
            args = flip(a, ta), flip(b, tb)
            flips = {"transpose_a": ta, "transpose_b": tb}
            ours, theirs = (results(tf, *args, **flips) for tf in (scratchnet, tensorflow))
            for x, y in zip(ours, theirs, strict=True):
                assert x.dtype == y.dtype
                bound = 4 * np.finfo(dtype).eps * max(M, K, N)  # the sum itself is about its root
                np.testing.assert_allclose(x, y, rtol=0, atol=bound)


AXES = ["tf.constant([[0], [0]])", "np.array([[0, 1], [0, 1]])", "[[0], [1]]"]


@pytest.mark.parametrize("axes", AXES)
def test_axes_may_be_an_array(axes: str) -> None:
    agree(f"a = tf.reshape(tf.range(9.0), (3, 3))\ntf.tensordot(a, a, {axes}).numpy()")


@pytest.mark.parametrize("axes", ["c([])", "c([], 'int32')", "c([True, True])", "np.array([0.0])"])
def test_axes_that_are_none(axes: str) -> None:
    with pytest.raises((TypeError, ValueError), match="tensordot: `axes` must"):
        run(f"c = tf.constant\ntf.tensordot(c([[1.0]]), c([[1.0]]), {axes})", scratchnet)


PROGRAMS = programs("""
    tf.matmul([[1, 2, 3]], [[1], [2], [3]]) | tf.matmul([[1], [2]], [[3], [4]], transpose_a=True)
    tf.matmul([[1, 2]], [[3, 4]], transpose_b=True)
    tf.matmul([[1, 2], [3, 4]], [[5, 6], [7, 8]], True, True)
    tf.matmul([[1, 2], [3, 4]], [[5, 6], [7, 8]], False, False, True)
    tf.matmul([[1j, 2.0]], [[1j, 2.0]], adjoint_b=True)
    tf.matmul([[1j, 2.0]], [[1j, 2.0]], adjoint_a=True)
    tf.matmul([[1j, 2.0]], [[1j, 2.0]], transpose_a=True)
    tf.matmul([[1j, 2.0]], [[1j, 2.0]], False, False, True, False)
    tf.matmul([[1j, 2.0]], [[1j, 2.0]], transpose_b=True)
    tf.matmul([[[1, 2]], [[3, 4]]], [[[5], [6]], [[7], [8]]])
    tf.matmul([[[1, 2]], [[3, 4]]], [[5], [6]]) | tf.matmul([[1, 2]], [[[5], [6]], [[7], [8]]])
    tf.matmul([[[[1, 2]]], [[[3, 4]]]], [[[5], [6]], [[7], [8]], [[9], [1]]])
    tf.matmul([[[1], [2]], [[3], [4]]], [[5], [6]], transpose_a=True)
    tf.matmul([[[1, 2]], [[3, 4]]], [[5, 6]], transpose_b=True)
    tf.matmul(tf.zeros((0, 2)), tf.ones((2, 3))) | tf.matmul(tf.ones((2, 0)), tf.ones((0, 3)))
    tf.linalg.matvec([[1, 2], [3, 4]], [5, 6])
    tf.linalg.matvec([[1, 2], [3, 4]], [5, 6], transpose_a=True)
    tf.linalg.matvec([[[1, 2], [3, 4]]], [[5, 6]])
    tf.tensordot([[1, 2], [3, 4]], [[5, 6], [7, 8]], 1)
    tf.tensordot([[1, 2], [3, 4]], [[5, 6], [7, 8]], 2) | tf.tensordot([1, 2], [3, 4, 5], 0)
    tf.tensordot([[1, 2], [3, 4]], [[5, 6], [7, 8]], [[0], [1]])
    tf.tensordot([[1, 2], [3, 4]], [[5, 6], [7, 8]], [[0, 1], [1, 0]])
    tf.tensordot([[1, 2], [3, 4]], [[5, 6], [7, 8]], [[-1], [-2]])
    tf.tensordot([[[1, 2, 3], [4, 5, 6]]], [[1, 2], [3, 4], [5, 6]], [[2, 1], [0, 1]])
    tf.tensordot([[1, 2, 3]], [[1, 2, 3]], (1, 1))
    tf.tensordot([[1, 2], [3, 4]], [5, 6], [[1], [0]])
    tf.tensordot([[1, 2], [3, 4]], [5, 6], np.array([[0], [0]]))
    tf.tensordot([[1, 2], [3, 4]], [[5, 6], [7, 8]], tf.constant([[0], [1]]))
    tf.tensordot([[[1, 2]], [[3, 4]]], [[1, 2, 3], [4, 5, 6]], 1)
""")


@pytest.mark.parametrize("program", PROGRAMS)
def test_programs_with_every_option(program: str) -> None:
    agree(program)


REFUSED = {
    "matmul(ones(2), ones((2, 2)))": "matmul: `a`: In[0] and In[1] ndims must be == 2 (or more): "
    "1, received a.shape=[2]",
    "matmul(ones((2, 2)), ones(2))": "matmul: `b`: In[0] and In[1] ndims must be == 2 (or more): "
    "1, received b.shape=[2]",
    "matmul(ones((2, 3)), ones((2, 3)))": "matmul: `a` and `b`: Matrix size-incompatible: In[0]: "
    "[2,3], In[1]: [2,3], transpose_a=False, transpose_b=False",
    "matmul(ones((2, 3)), ones((3, 2)), True)": "matmul: `a` and `b`: Matrix size-incompatible: "
    "In[0]: [2,3], In[1]: [3,2], transpose_a=True, transpose_b=False",
    "matmul(ones((2, 3)), ones((3, 2)), False, True)": "matmul: `a` and `b`: Matrix "
    "size-incompatible: In[0]: [2,3], In[1]: [3,2], transpose_a=False, transpose_b=True",
    "matmul(ones((2, 1, 3)), ones((3, 3, 1)))": "matmul: `a` and `b`: In[0] and In[1] must have "
    "compatible batch dimensions: In[0]: [2,1,3], In[1]: [3,3,1]",
    "matmul(ones((2, 2)), ones((2, 2)), True, adjoint_a=True)": "matmul: Only one of `transpose_a` "
    "and `adjoint_a` can be True, received transpose_a=True, adjoint_a=True",
    "matmul(ones((2, 2)), ones((2, 2)), transpose_b=1, adjoint_b=1)": "matmul: Only one of "
    "`transpose_b` and `adjoint_b` can be True, received transpose_b=True, adjoint_b=True",
    "tensordot(ones((2, 3)), ones((3, 2)), 3)": "tensordot: `axes` must be in 0..2, received "
    "axes=3",
    "tensordot(ones((2, 3)), ones(3), 2)": "tensordot: `axes` must be in 0..1, received axes=2",
    "tensordot(ones((2, 3)), ones((3, 2)), -1)": "tensordot: `axes` must be in 0..2, received "
    "axes=-1",
    "tensordot(ones((2, 3)), ones((3, 2)), [[0], [0]])": "tensordot: `a` and `b`: Matrix "
    "size-incompatible: In[0]: [2,3], In[1]: [3,2], axes=[[0], [0]]",
    "tensordot(ones((2, 2)), ones((2, 2)), [[0, 1], [0]])": "tensordot: `axes` must be two lists "
    "of equal length, of distinct axes, received axes=[[0, 1], [0]]",
    "tensordot(ones((2, 2)), ones((2, 2)), [[0, 0], [0, 1]])": "tensordot: `axes` must be two "
    "lists of equal length, of distinct axes, received axes=[[0, 0], [0, 1]]",
    "tensordot(ones((2, 2)), ones((2, 2)), [[0, 1], [0, -2]])": "tensordot: `axes` must be two "
    "lists of equal length, of distinct axes, received axes=[[0, 1], [0, -2]]",
    "tensordot(ones((2, 2)), ones((2, 2)), [[0], [0], [1]])": "tensordot: `axes` must be a count "
    "or two lists, received axes=[[0], [0], [1]]",
}


@pytest.mark.parametrize("call", REFUSED)
def test_what_is_refused(call: str) -> None:
    with pytest.raises((ValueError, scratchnet.errors.OpError)) as caught:
        eval(call, vars(scratchnet.ops).copy())
    assert str(caught.value) == REFUSED[call]
