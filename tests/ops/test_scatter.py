"""A tensor with some slices replaced, added to, or compared."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import scratchnet
from tests.support import paired
from tests.support.adjoint import check_the_tape_gives_the_transpose, rngs
from tests.support.bad_calls import NO_TENSOR, Bad, BadCalls, f32, f64
from tests.support.cases import Case, Draw, Sample, moving, normal, positions
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
def updates(draw: Draw, repeated: bool = True) -> Sample:
    """A tensor, positions in it, what is put there."""
    sample = draw(positions())
    x, at = sample.arrays
    if not repeated:
        at = np.unique(at.reshape(-1, at.shape[-1]), axis=0)
    rng = np.random.default_rng(sample.seed + 1)
    values = normal(rng, at.shape[:-1] + x.shape[at.shape[-1] :])
    return Sample([x, at, values], {}, sample.seed)


CASES: dict[str, Case] = {
    "tensor_scatter_nd_update": moving(updates(repeated=False)),
    "tensor_scatter_nd_add": moving(updates()),
    "tensor_scatter_nd_sub": moving(updates()),
    "tensor_scatter_nd_max": moving(updates(repeated=False)),
    "tensor_scatter_nd_min": moving(updates(repeated=False)),
}


# -- calls that must fail --------------------------------------------------------------------------

BAD_CALLS = BadCalls()
bad, arguments = BAD_CALLS.bad, BAD_CALLS.arguments

for how in ("update", "add", "sub", "max", "min"):
    op = f"tensor_scatter_nd_{how}"
    put = arguments(op, {"tensor": f32(3), "indices": [[0]], "updates": [1.0]})
    for k in (3, -1):
        put(f"index {k}", core=f" = [{k}] does not index into shape [3]", indices=[[k]])
    put("another count", "`updates` must have shape (1,)", updates=[1.0, 2.0])
    put("dtypes", "`updates`", "is a double tensor", updates=f64(1))
    put("indices of floats", "`indices` must be of an integer dtype", indices=[[0.0]])
    put("None", "`tensor`", core=NO_TENSOR, tensor=None)


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
    "tensor_scatter_nd_update by both": None,
    "tensor_scatter_nd_add by both": None,
    "tensor_scatter_nd_sub by both": None,
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


def test_of_several_updates_at_one_place_the_last_stays() -> None:
    at, x = np.array([[1], [3], [1]]), np.arange(4.0)
    y, *_ = agree(
        lambda tf, x, u: tf.tensor_scatter_nd_update(x, at, u), x, np.array([7.0, 8.0, 9.0])
    )
    np.testing.assert_array_equal(y, [0, 9, 2, 8])


@pytest.mark.parametrize("name", ["max", "min"])
def test_complex_numbers_have_no_largest(name: str) -> None:
    op = getattr(scratchnet, f"tensor_scatter_nd_{name}")
    with pytest.raises(TypeError, match="`tensor` must be numeric and real"):
        op(np.ones(2, "c8"), [[0]], np.ones(1, "c8"))


PROGRAMS = paired.programs("""
    tf.scatter_nd([[1], [3]], [10, 20], [5]) | tf.scatter_nd([[1], [1]], [10, 20], [3])
    tf.scatter_nd([[0, 1]], [7.5], [2, 2]) | tf.scatter_nd([[1]], [[1, 2]], [3, 2])
    tf.scatter_nd(tf.zeros((0, 1), 'int32'), tf.zeros((0, 2)), [2, 2])
    tf.tensor_scatter_nd_update([1, 2, 3], [[0], [2]], [7, 8])
    tf.tensor_scatter_nd_add([1, 2, 3], [[0], [0]], [7, 8])
    tf.tensor_scatter_nd_sub([1, 2, 3], [[0], [2]], [7, 8])
    tf.tensor_scatter_nd_max([1, 2, 3], [[0], [2]], [7, -8])
    tf.tensor_scatter_nd_min([1, 2, 3], [[0], [2]], [7, -8])
    tf.tensor_scatter_nd_update([[1, 2], [3, 4]], [[1]], [[7, 8]])
    tf.tensor_scatter_nd_update([[1, 2], [3, 4]], [[[1, 0]], [[0, 1]]], [[7], [8]])
    tf.tensor_scatter_nd_max([1, 5], [[1], [1]], [9, 7])
    tf.tensor_scatter_nd_max([[1, 2, 3], [4, 5, 6]], [[[1, 0], [0, 1], [1, 2]]], [[9, 1, 6]])
    tf.tensor_scatter_nd_min([[1, 2, 3], [4, 5, 6]], [[[1, 0], [0, 1], [1, 2]]], [[9, 1, 6]])
    tf.tensor_scatter_nd_add([[1, 2, 3], [4, 5, 6]], [[[1, 0], [0, 1], [1, 2]]], [[9, 1, 6]])
    tf.tensor_scatter_nd_sub([[1, 2, 3], [4, 5, 6]], [[[1, 0], [0, 1], [1, 2]]], [[9, 1, 6]])
    tf.tensor_scatter_nd_update([[1, 2, 3], [4, 5, 6]], [[[1, 0], [0, 1], [1, 2]]], [[9, 1, 6]])
    tf.scatter_nd([[[1, 0], [0, 1], [1, 2]]], [[9, 1, 6]], [2, 3])
""")


@pytest.mark.parametrize("program", PROGRAMS)
def test_programs_with_every_option(program: str) -> None:
    paired.agree(program)
