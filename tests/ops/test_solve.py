"""Determinants, inverses, linear systems and the Cholesky factor."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
import tensorflow
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import scratchnet
from tests.support.adjoint import check_the_tape_gives_the_transpose, rngs
from tests.support.bad_calls import NO_TENSOR, Bad, BadCalls, f32, f64, i32
from tests.support.cases import Case, Draw, Sample, largest, normal, seeds, shapes
from tests.support.derivatives import agree, complain_alike
from tests.support.gradcheck import check_gradients
from tests.support.ops_checks import (
    DTYPES,
    check_against_tensorflow,
    check_error_family,
    check_finite_differences,
    check_refused,
    differentiable,
)

# -- cases -----------------------------------------------------------------------------------------


def well_conditioned(rng: np.random.Generator, shape: Any) -> np.ndarray:
    """Square matrices not far from twice the identity."""
    return rng.uniform(-0.3, 0.3, size=shape) + 2 * np.eye(shape[-1])


@st.composite
def squares(draw: Draw, **attrs: Any) -> Sample:
    seed, n = draw(seeds()), draw(st.integers(1, 4))
    shape = (*draw(shapes(max_rank=1)), n, n)
    drawn = {name: draw(strategy) for name, strategy in attrs.items()}
    return Sample([well_conditioned(np.random.default_rng(seed), shape)], drawn, seed)


@st.composite
def equations(draw: Draw) -> Sample:
    """A system of linear equations."""
    sample = draw(squares(adjoint=st.booleans()))
    shape = (*sample.arrays[0].shape[:-1], draw(st.integers(1, 3)))
    sample.arrays.append(normal(np.random.default_rng(sample.seed + 1), shape))
    return sample


def symmetric_call(f: Any, x: Any) -> Any:
    """Of a symmetric matrix, whichever way `x` is moved."""

    import scratchnet

    tf: Any = scratchnet if isinstance(x, scratchnet.Tensor) else tensorflow
    return f(x + tf.linalg.matrix_transpose(x))


CASES: dict[str, Case] = {
    "det": Case(squares(), length=lambda s: 64.0, scale=lambda s: 16.0),
    "inv": Case(squares(adjoint=st.booleans()), length=lambda s: 64.0, scale=largest),
    "solve": Case(equations(), length=lambda s: 64.0, scale=largest),
    "cholesky": Case(
        squares(),
        call=symmetric_call,
        length=lambda s: 64.0,
        scale=largest,
    ),
}


# -- calls that must fail --------------------------------------------------------------------------

BAD_CALLS = BadCalls()
bad, arguments = BAD_CALLS.bad, BAD_CALLS.arguments

for op, arg in {"det": "input", "inv": "input", "cholesky": "input", "solve": "matrix"}.items():
    system = arguments(op, {"rhs": f32(2, 1)} if op == "solve" else {})
    system("not square", f"`{arg}`: Input matrix must be square", **{arg: f32(2, 3)})
    system("a vector", f"`{arg}`", "rank 2 at least", **{arg: f32(2)})
    whole = {arg: i32(2, 2)} | ({"rhs": i32(2, 1)} if op == "solve" else {})
    system("integers", f"`{arg}` must be float32 or float64", **whole)
    system("None", f"`{arg}`", core=NO_TENSOR, **{arg: None})
system("another rank", "the same rank and outer dimensions", matrix=f32(2, 2), rhs=f32(2))
system("other rows", "as many rows as `matrix`", matrix=f32(2, 2), rhs=f32(3, 1))
system("dtypes", "is a double tensor", matrix=f32(2, 2), rhs=f64(2, 1))


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
LINEAR: dict[str, int | None] = {"solve by its second": 1}


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

A = np.array([[2.0, 1.0, 0.5], [0.0, 3.0, 1.0], [1.0, -1.0, 4.0]])


@pytest.mark.parametrize("name", ["det", "inv"])
def test_derivatives_of_one_matrix(name: str) -> None:
    check_gradients(getattr(scratchnet.linalg, name), [A], order=3)


def test_derivatives_of_a_system() -> None:
    b = np.array([[1.0, -2.0], [0.5, 3.0], [2.0, 1.0]])
    for adjoint in (False, True):
        f = lambda a, b, adjoint=adjoint: scratchnet.linalg.solve(a, b, adjoint)  # noqa: E731
        check_gradients(f, [A, b], order=3)


def test_only_the_lower_triangle_has_a_cholesky_factor() -> None:
    a = A @ A.T
    broken = np.tril(a) + np.triu(np.full((3, 3), 9.0), 1)
    (found,) = agree(lambda tf, x: tf.linalg.cholesky(x), broken, orders=0)
    np.testing.assert_array_equal(np.triu(found, 1), 0)


def test_what_is_not_positive_definite_has_a_factor_of_nan() -> None:
    lower = lambda tf, x: tf.linalg.band_part(tf.linalg.cholesky(x), -1, 0)  # noqa: E731
    agree(lower, A - 3 * np.eye(3), orders=0)
    (found,) = agree(lambda tf, x: tf.linalg.cholesky(x)[1:], np.stack([-A, A @ A.T]), orders=0)
    assert np.isfinite(found).all()


SINGULAR = {
    "inv": lambda tf: tf.linalg.inv([[1.0, 2.0], [2.0, 4.0]]),
    "solve": lambda tf: tf.linalg.solve([[1.0, 2.0], [2.0, 4.0]], [[1.0], [2.0]]),
}


@pytest.mark.parametrize("name", SINGULAR)
def test_what_has_no_inverse(name: str) -> None:
    complain_alike(SINGULAR[name])


def test_a_determinant_of_zero_is_a_number_without_a_gradient() -> None:
    agree(lambda tf, x: tf.linalg.det(x), np.ones((2, 2)), orders=0)
    agree(lambda tf, x: tf.linalg.det(x), np.ones((0, 0)), orders=0)

    def slope(tf: Any) -> Any:
        x = tf.constant([[1.0, 2.0], [2.0, 4.0]])
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = tf.linalg.det(x)
        return tape.gradient(y, x)

    complain_alike(slope)


def test_nan_and_infinity_reach_all_that_depends_on_them() -> None:
    """LAPACK leaves out products of 0 with nan, and with them what is not a number."""
    nan, inf = np.nan, np.inf
    matrices = [
        [[inf, 0], [nan, inf]],
        [[1, 0], [nan, 1]],
        [[nan, 0], [0, 1]],
        [[inf, 0], [inf, 1]],
    ]
    matrices += [[[inf, nan], [0, inf]], [[inf, 1], [1, 1]], [[4, 0], [2, 5]], [[-inf, 0], [0, 1]]]
    rhs = np.ones((2, 1), np.float32)
    below = np.array([[0.5, 9, 9], [-1.5, -2, 9], [6, 0.5, 2]], np.float32)
    for value in (inf, -inf, nan):
        ends = np.array([[value, 2], [1, -2], [3, 4]], np.float32)
        theirs, ours = (tf.linalg.triangular_solve(below, ends) for tf in (tensorflow, scratchnet))
        np.testing.assert_array_equal(ours.numpy(), theirs.numpy())
    for matrix in np.array(matrices, np.float32):
        for program in (
            lambda tf, a: np.tril(tf.linalg.cholesky(a)),
            lambda tf, a: tf.linalg.triangular_solve(a, rhs).numpy(),
            lambda tf, a: tf.linalg.triangular_solve(a, rhs, lower=False).numpy(),
            lambda tf, a: tf.linalg.triangular_solve(a, rhs, lower=None).numpy(),
            lambda tf, a: tf.linalg.triangular_solve(a, rhs, adjoint=True).numpy(),
            lambda tf, a: tf.linalg.lstsq(a[None], rhs[None], l2_regularizer=1e300).numpy(),
        ):
            theirs, ours = program(tensorflow, matrix), program(scratchnet, matrix)
            np.testing.assert_array_equal(ours, theirs, str(matrix))


def test_leading_axes_that_differ_are_refused() -> None:
    for left, right in (((2, 3, 3), (3, 3, 1)), ((2, 3, 3), (2, 4, 1)), ((3, 3), (1, 3, 3))):
        with pytest.raises(scratchnet.errors.InvalidArgumentError) as caught:
            scratchnet.linalg.solve(np.ones(left), np.ones(right))
        shapes = " and ".join(str(list(shape)).replace(" ", "") for shape in (left, right))
        assert str(caught.value) == (
            "solve: `rhs` must have as many rows as `matrix`, the same rank and outer dimensions, "
            f"received {shapes}"
        )
    for shape in ((2, 2, 3), (3, 2)):
        with pytest.raises(scratchnet.errors.InvalidArgumentError, match="must be square"):
            scratchnet.linalg.det(np.ones(shape))


def test_batches_in_two_axes() -> None:
    rng = np.random.default_rng(3)
    x = rng.normal(size=(2, 3, 4, 4)) + 3 * np.eye(4)
    b = rng.normal(size=(2, 3, 4, 2))
    agree(lambda tf, x: [tf.linalg.inv(x), tf.linalg.inv(x, adjoint=True)], x)
    agree(lambda tf, x: tf.linalg.cholesky(tf.matmul(x, x, transpose_b=True)), x, orders=0)
    np.testing.assert_allclose(scratchnet.linalg.det(x), tensorflow.linalg.det(x), rtol=1e-12)
    for options in ({}, {"adjoint": True}):
        agree(lambda tf, x, b, o=options: tf.linalg.solve(x, b, **o), x, b)


def test_triangles_row_by_row() -> None:
    """Where one right-hand side is not finite, the others have the solution that LAPACK has."""
    rng = np.random.default_rng(4)
    a = rng.normal(size=(2, 4, 4)) + 3 * np.eye(4)
    for broken, row in itertools.product((np.inf, np.nan), (0, 2, 3)):
        b = rng.normal(size=(2, 4, 3))
        b[1, row, 2] = broken
        for lower, adjoint in itertools.product((True, False), repeat=2):
            theirs, ours = (
                tf.linalg.triangular_solve(a, b, lower=lower, adjoint=adjoint).numpy()
                for tf in (tensorflow, scratchnet)
            )
            np.testing.assert_allclose(ours, theirs, rtol=1e-10)
            assert np.isfinite(ours[0]).all()
            assert np.isfinite(ours[1, :, :2]).all()


@pytest.mark.parametrize("lower", [True, False])
def test_a_zero_on_the_diagonal_of_a_triangle(lower: bool) -> None:
    a, b = np.eye(3), np.ones((3, 1))
    a[1, 1] = 0
    for value in (1.0, np.inf):
        b[2] = value
        with pytest.raises(scratchnet.errors.InvalidArgumentError) as caught:
            scratchnet.linalg.triangular_solve(a, b, lower=lower)
        assert str(caught.value) == "solve: Input matrix is not invertible."


def test_the_factor_of_a_matrix_with_infinity_row_by_row() -> None:
    """Rows above what is not finite are those of the finite matrix."""
    rng = np.random.default_rng(5)
    y = np.tril(rng.normal(size=(4, 4))) + 3 * np.eye(4)
    a = y @ y.T
    for at in ((3, 3), (3, 1), (2, 2)):
        broken = a.copy()
        broken[at] = np.inf
        found = np.tril(scratchnet.linalg.cholesky(broken).numpy())
        theirs = np.tril(tensorflow.linalg.cholesky(broken).numpy())
        np.testing.assert_allclose(found, theirs, rtol=1e-10)
        if at[0] == at[1]:  # else the last pivot is negative, and there is no factor
            np.testing.assert_allclose(found[: at[0]], y[: at[0]] * np.sign(np.diag(y)), rtol=1e-10)
    for pivot in (0.0, -1.0):
        zero = np.diag([1.0, pivot, np.inf])
        assert np.isnan(scratchnet.linalg.cholesky(zero).numpy()[np.tril_indices(3)]).all()


def test_determinants_beside_infinity() -> None:
    x = np.array([[[0.0, 1.0], [0.0, np.inf]], [[2.0, 0.0], [0.0, 3.0]], [[0.0, 0.0], [0.0, 1.0]]])
    assert np.isnan(scratchnet.linalg.det(x).numpy()[0])
    assert scratchnet.linalg.det(x).numpy()[1:].tolist() == pytest.approx([6, 0])
