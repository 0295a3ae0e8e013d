"""Diagonals, bands and traces of matrices, and what is built from them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.support import paired
from tests.support.adjoint import check_the_tape_gives_the_transpose, rngs
from tests.support.bad_calls import INTEGER, NO_TENSOR, Bad, BadCalls, f32, f64
from tests.support.cases import (
    Case,
    Draw,
    Sample,
    along_axis,
    largest,
    moving,
    normal,
    seeds,
    shapes,
    summing,
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
def some_matrices(draw: Draw, **attrs: Any) -> Sample:
    seed, shape = draw(seeds()), draw(shapes(min_rank=2, max_rank=4))
    drawn = {name: draw(strategy) for name, strategy in attrs.items()}
    return Sample([normal(np.random.default_rng(seed), shape)], drawn, seed)


@st.composite
def bands(draw: Draw) -> Sample:
    sample = draw(some_matrices())
    m, n = sample.arrays[0].shape[-2:]
    lower, upper = draw(st.integers(-1, m)), draw(st.integers(-1, n))
    return Sample(sample.arrays, {"num_lower": lower, "num_upper": upper}, sample.seed)


@st.composite
def diagonals(draw: Draw) -> Sample:
    seed, shape = draw(seeds()), draw(shapes(min_rank=2, max_rank=4, min_side=1))
    k = draw(st.integers(1 - shape[-2], shape[-1] - 1))
    return Sample([normal(np.random.default_rng(seed), shape)], {"k": k}, seed)


@st.composite
def matvecs(draw: Draw) -> Sample:
    seed = draw(seeds())
    rng, side = np.random.default_rng(seed), st.integers(0, 5)
    m, n, flip = draw(side), draw(side), draw(st.booleans())
    batches = draw(st.sampled_from([((), ()), ((2,), (2,)), ((3,), (1,)), ((), (2,))]))
    a = normal(rng, (*batches[0], *((n, m) if flip else (m, n))))
    return Sample([a, normal(rng, (*batches[1], n))], {"transpose_a": flip}, seed)


CASES: dict[str, Case] = {
    "matvec": Case(matvecs(), ulps=8, length=lambda s: 64.0, scale=largest),
    "matrix_transpose": moving(some_matrices()),
    "diag": moving(
        along_axis(min_side=1).map(lambda s: Sample(s.arrays, {"k": s.attrs["axis"]}, s.seed))
    ),
    "diag_part": moving(diagonals()),
    "trace": summing(some_matrices()),
    "band_part": moving(bands()),
}


# -- calls that must fail --------------------------------------------------------------------------

BAD_CALLS = BadCalls()
bad, arguments = BAD_CALLS.bad, BAD_CALLS.arguments

vector = arguments("matvec", {"a": f32(2, 3), "b": f32(3)})
vector("sizes", core="Matrix size-incompatible: In[0]: [2,3], In[1]: [2", b=f32(2))
vector("transposed", "Matrix size-incompatible", transpose_a=True)
vector("a vector as matrix", "`a` must be at least 2-dim", a=f32(3))
vector("dtypes", "is a double tensor", b=f64(3))
vector("bools", "`a` must be numeric", a=np.ones((1, 1), bool), b=np.ones(1, bool))
vector("None", "`a`", core=NO_TENSOR, a=None)
bad(
    "matrix_transpose",
    "a vector",
    lambda f, t: f(t(f32(2))),
    core="should be a (batch) matrix with rank",
)
bad("matrix_transpose", "None", lambda f, t: f(None), "`a`", core=NO_TENSOR)
bad("diag", "a scalar", lambda f, t: f(t(1.0)), core="must be at least 1-dim")
bad("diag", "k 0.5", lambda f, t: f(t(f32(2)), k=0.5), f"`k` {INTEGER} k=0.5")
bad("diag", "None", lambda f, t: f(None), "`diagonal`", core=NO_TENSOR)
bad("diag_part", "a vector", lambda f, t: f(t(f32(2))), core="must be at least 2-dim")
for k in (2, -3):
    bad(
        "diag_part",
        f"k {k}",
        lambda f, t, k=k: f(t(f32(3, 2)), k=k),
        f"`k` must be in (-3, 2), received k={k}",
    )
bad("diag_part", "None", lambda f, t: f(None), "`input`", core=NO_TENSOR)
bad("trace", "a vector", lambda f, t: f(t(f32(2))), core="must be at least 2-dim")
bad("trace", "bools", lambda f, t: f(t(np.ones((2, 2), bool))), "`x` must be numeric")
bad("trace", "None", lambda f, t: f(None), "`x`", core=NO_TENSOR)

band = arguments("band_part", {"input": f32(2, 3), "num_lower": 0, "num_upper": 0})
band("three below", core="must be negative or less or equal to", num_lower=3)
band("four above", core="must be negative or less or equal to", num_upper=4)
band("half of one", f"`num_lower` {INTEGER} num_lower=0.5", num_lower=0.5)
band("a vector", core="must be at least 2-dim", input=f32(2))
band("None", "`input`", core=NO_TENSOR, input=None)


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
    "diag": 0,
    "diag_part": 0,
    "matrix_transpose": 0,
    "trace": 0,
    "band_part": 0,
    "matvec by its first": 0,
    "matvec by its second": 1,
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


@pytest.mark.parametrize("k", [0, 1, -2])
def test_diagonals(k: int) -> None:
    x = np.arange(24.0).reshape(2, 3, 4)
    agree(lambda tf, x: tf.linalg.diag(x, k=k), x)
    agree(lambda tf, x: tf.linalg.diag_part(x, k=k), x)
    for other in (np.array([True, False]), np.array([1, 2], np.int32), np.array([np.inf, 1.0])):
        agree(lambda tf, x: tf.linalg.diag(x, k=k), other, orders=0)


PROGRAMS = paired.programs("""
    tf.linalg.diag([1, 2]) | tf.linalg.diag([[1, 2], [3, 4]]) | tf.linalg.diag([1, 2], k=1)
    tf.linalg.diag([1, 2], k=-2) | tf.linalg.diag_part([[1, 2, 3], [4, 5, 6]])
    tf.linalg.diag_part([[1, 2, 3], [4, 5, 6]], k=1)
    tf.linalg.diag_part([[1, 2, 3], [4, 5, 6]], k=2)
    tf.linalg.diag_part([[1, 2, 3], [4, 5, 6]], k=-1)
    tf.linalg.diag_part([[[1, 2], [3, 4], [5, 6]], [[7, 8], [9, 10], [11, 12]]], k=-1)
    tf.linalg.diag_part([[1, 2], [3, 4], [5, 6]], k=-2) | tf.linalg.trace([[1, 2, 3], [4, 5, 6]])
    tf.linalg.trace([[[1, 2], [3, 4]], [[5, 6], [7, 8]]])
    tf.linalg.band_part([[1, 2, 3], [4, 5, 6], [7, 8, 9]], 0, 0)
    tf.linalg.band_part([[1, 2, 3], [4, 5, 6], [7, 8, 9]], 1, 0)
    tf.linalg.band_part([[1, 2, 3], [4, 5, 6], [7, 8, 9]], 0, 1)
    tf.linalg.band_part([[1, 2, 3], [4, 5, 6], [7, 8, 9]], -1, 0)
    tf.linalg.band_part([[1, 2, 3], [4, 5, 6], [7, 8, 9]], 0, -1)
    tf.linalg.band_part([[1, 2, 3], [4, 5, 6]], 1, 1)
    tf.linalg.band_part([[1, 2, 3], [4, 5, 6]], -1, -1)
    tf.linalg.band_part([[[1, 2], [3, 4], [5, 6]]], 1, 0)
    tf.linalg.matrix_transpose([[1, 2, 3], [4, 5, 6]])
    tf.linalg.matrix_transpose([[[1j, 2.0]]], conjugate=True)
    tf.linalg.matrix_transpose([[[1j, 2.0]]]) | tf.linalg.diag(tf.zeros((2, 0)))
    tf.linalg.diag_part(tf.zeros((2, 0, 3))) | tf.linalg.trace(tf.zeros((0, 2)))
""")


@pytest.mark.parametrize("program", PROGRAMS)
def test_programs_with_every_option(program: str) -> None:
    paired.agree(program)
