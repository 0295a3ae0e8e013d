"""Eigenvalues, singular values, QR, logarithms of determinants, least squares, exponentials."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
import tensorflow
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import scratchnet
from scratchnet.engine.tensor import Tensor
from scratchnet.ops import decompositions
from tests.ops.test_solve import well_conditioned
from tests.support.bad_calls import NO_TENSOR, Bad, BadCalls, f32, f64, i32
from tests.support.cases import Case, Draw, Sample, largest, normal, seeds
from tests.support.derivatives import agree
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


def apart(rng: np.random.Generator, shape: Any) -> np.ndarray:
    """Matrices whose singular values are near 1, 2, 3, …; symmetric parts like them."""
    made = rng.uniform(-0.1, 0.1, size=shape)
    k = min(shape[-2:])
    made[..., range(k), range(k)] += np.arange(1, k + 1)
    return made


@st.composite
def matrices(draw: Draw, wide: bool = True, tall: bool = True, **attrs: Any) -> Sample:
    seed, n = draw(seeds()), draw(st.integers(1, 3))
    more = draw(st.integers(0, 2))
    m, n = (n + more, n) if tall and (not wide or draw(st.booleans())) else (n, n + more * wide)
    shape = (*draw(st.sampled_from([(), (2,), (0,)])), m, n)
    drawn = {name: draw(strategy) for name, strategy in attrs.items()}
    return Sample([apart(np.random.default_rng(seed), shape)], drawn, seed)


@st.composite
def squares(draw: Draw, **attrs: Any) -> Sample:
    return draw(matrices(wide=False, tall=False, **attrs))


@st.composite
def systems(draw: Draw, square: bool = True, **attrs: Any) -> Sample:
    sample = draw(squares(**attrs) if square else matrices(**attrs))
    shape = (*sample.arrays[0].shape[:-1], draw(st.integers(1, 2)))
    if square:
        rng = np.random.default_rng(sample.seed)
        sample.arrays[0] = well_conditioned(rng, sample.arrays[0].shape)
    sample.arrays.append(normal(np.random.default_rng(sample.seed + 1), shape))
    return sample


def module_of(x: Any) -> Any:
    return scratchnet if isinstance(x, scratchnet.Tensor) else tensorflow


def weighted(tf: Any, u: Any, v: Any) -> Any:
    """``Σ_k k u_k v_kᵀ``: what does not depend on the signs of the vectors."""
    k = tf.cast(tf.range(1, u.shape[-1] + 1), u.dtype)
    return tf.matmul(u * k, v, transpose_b=True)


def symmetric(x: Any) -> Any:
    return x + module_of(x).linalg.matrix_transpose(x)


def of_eigh(f: Any, x: Any) -> Any:
    tf, (e, v) = module_of(x), f(symmetric(x))
    return tf.concat([e[..., None, :], weighted(tf, v, v)], -2)


def of_svd(f: Any, x: Any) -> Any:
    tf, (s, u, v) = module_of(x), f(x)
    parts = [weighted(tf, u, v), weighted(tf, u, u), weighted(tf, v, v)]
    flat = [tf.reshape(part, [-1]) for part in (s, *parts)]
    return tf.concat(flat, 0)


def of_qr(f: Any, x: Any) -> Any:
    tf, (q, r) = module_of(x), f(x)
    return tf.concat([tf.reshape(part, [-1]) for part in (q, r)], 0)


SUM = {"length": lambda s: 64.0, "scale": largest, "ulps": 256}
CASES: dict[str, Case] = {
    "eigh": Case(squares(), call=of_eigh, **SUM),
    "eigvalsh": Case(squares(), call=lambda f, x: f(symmetric(x)), **SUM),
    "svd": Case(matrices(), call=of_svd, **SUM),
    "qr": Case(matrices(), call=of_qr, **SUM),
    "slogdet": Case(squares(), call=lambda f, x: f(x)[1], **SUM),
    "logdet": Case(squares(), call=lambda f, x: f(symmetric(x)), **SUM),
    "triangular_solve": Case(systems(lower=st.booleans(), adjoint=st.booleans()), **SUM),
    "cholesky_solve": Case(systems(), **SUM),
    "lstsq": Case(systems(square=False, l2_regularizer=st.sampled_from([0.0, 0.5])), **SUM),
    "pinv": Case(matrices(), **SUM),
    "matrix_rank": Case(matrices()),
    "expm": Case(squares(), length=lambda s: 64.0, scale=lambda s: 64.0, ulps=256),
}


# -- calls that must fail --------------------------------------------------------------------------

BAD_CALLS = BadCalls()
bad, arguments = BAD_CALLS.bad, BAD_CALLS.arguments

FIRST = {"eigh": "tensor", "eigvalsh": "tensor", "svd": "tensor", "qr": "input", "slogdet": "input"}
FIRST |= {"logdet": "matrix", "pinv": "a", "matrix_rank": "a", "expm": "input", "lstsq": "matrix"}
FIRST |= {"triangular_solve": "matrix", "cholesky_solve": "chol"}
WITH_RHS = ("triangular_solve", "lstsq", "cholesky_solve")
SQUARE = ("eigh", "eigvalsh", "slogdet", "logdet", "expm", "triangular_solve", "cholesky_solve")
for op, arg in FIRST.items():
    call = arguments(op, {"rhs": f32(2, 1)} if op in WITH_RHS else {})
    whole = {arg: i32(2, 2)} | ({"rhs": i32(2, 1)} if op in WITH_RHS else {})
    call("integers", f"`{arg}` must be float32 or float64", **whole)
    call("None", f"`{arg}`", core=NO_TENSOR, **{arg: None})
    if op != "lstsq":  # TensorFlow's own `tuple index out of range`
        call("a vector", f"`{arg}`", "rank 2 at least", **{arg: f32(2)})
    if op in SQUARE:
        call("not square", f"`{arg}`: Input matrix must be square", **{arg: f32(2, 3)})
    if op in WITH_RHS:
        call("other rows", "as many rows as", **{arg: f32(2, 2), "rhs": f32(3, 1)})
        call("dtypes", "is a double tensor", **{arg: f32(2, 2), "rhs": f64(2, 1)})


# -- the checks of every op ------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", CASES)
@settings(max_examples=12)
@given(data=st.data())
def test_op_is_tensorflows(name: str, dtype: str, data: st.DataObject) -> None:
    check_against_tensorflow(name, CASES[name], dtype, data)


@pytest.mark.parametrize("name", differentiable(CASES))
@settings(max_examples=4)
@given(data=st.data())
def test_op_matches_finite_differences(name: str, data: st.DataObject) -> None:
    sample = data.draw(CASES[name].samples)
    assume(all(a.size for a in sample.arrays))
    check_finite_differences(name, CASES[name], sample, order=2)


@pytest.mark.parametrize("row", BAD_CALLS, ids=str)
@pytest.mark.usefixtures("no_kernels")
def test_it_is_refused_by_name_before_any_work(row: Bad) -> None:
    check_refused(row)


@pytest.mark.parametrize("row", [row for row in BAD_CALLS if not row.alone], ids=str)
def test_the_error_is_of_tensorflows_family(row: Bad) -> None:
    check_error_family(row)


# -- special values, ties and identities -----------------------------------------------------------

BOTH = (tensorflow, scratchnet)
A = np.array([[2.0, 1.0, 0.5], [0.0, 3.0, 1.0], [1.0, -1.0, 4.0]])


def test_third_derivatives() -> None:
    tf = scratchnet
    for call, of in {of_eigh: tf.linalg.eigh, of_svd: tf.linalg.svd, of_qr: tf.linalg.qr}.items():
        check_gradients(lambda x, call=call, of=of: call(of, x), [A], order=3)
    check_gradients(tf.linalg.expm, [A], order=3)


def test_shapes_and_kinds_of_results() -> None:
    def program(tf: Any) -> list[Any]:
        found: list[Any] = []
        for shape in ((3, 3), (4, 2), (2, 4), (2, 3, 2), (0, 2, 2)):
            x = tf.constant(np.random.default_rng(1).normal(size=shape))
            s, u, v = tf.linalg.svd(x)
            q = tf.linalg.qr(x)
            found += [p.shape.as_list() for p in (s, u, v, q.q, q.r)]
            found += [tf.linalg.svd(x, compute_uv=False).shape.as_list(), type(q).__name__]
            found += [tf.linalg.matrix_rank(x).dtype.name, tf.linalg.pinv(x).shape.as_list()]
        found += [type(tf.linalg.slogdet(tf.constant(A))).__name__]
        e, v = tf.linalg.eigh(tf.constant(A))
        return [*found, e.shape.as_list(), v.shape.as_list()]

    assert program(scratchnet) == program(tensorflow)


def test_special_matrices() -> None:
    zero, one = np.zeros((3, 3)), np.eye(3)
    for x in (zero, one, -one, np.ones((3, 3)), A * 40, np.diag([0.0, 2.0, -1.0])):
        agree(lambda tf, x: tf.linalg.eigvalsh(x), x, orders=0)
        agree(lambda tf, x: tf.linalg.svd(x, compute_uv=False), x, orders=0)
        agree(lambda tf, x: tf.linalg.pinv(x), x, orders=0)
        agree(lambda tf, x: tf.linalg.matrix_rank(x), x, orders=0)
        agree(lambda tf, x: list(tf.linalg.slogdet(x)), x, orders=0)
    for x in (zero, one, A * 0.1, -one):
        agree(lambda tf, x: tf.linalg.expm(x), x, orders=1)
    agree(lambda tf, x: tf.linalg.pinv(x, rcond=0.5), A, orders=0)
    agree(lambda tf, x: tf.linalg.lstsq(x, x[:, :1], fast=False), np.ones((3, 2)), orders=0)


def test_equal_eigenvalues_have_finite_gradients() -> None:
    agree(lambda tf, x: tf.reduce_sum(tf.linalg.eigvalsh(x) ** 2), np.eye(3), orders=1)
    agree(lambda tf, x: tf.reduce_sum(tf.linalg.svd(x, compute_uv=False)), np.eye(3), orders=1)


def test_only_the_lower_triangle_has_eigenvalues() -> None:
    broken = np.tril(A) + np.triu(np.full((3, 3), 9.0), 1)
    agree(lambda tf, x: tf.linalg.eigh(x)[0], broken, orders=1)


def through_vectors(x: Any) -> Any:
    with scratchnet.GradientTape() as tape:
        tape.watch(x)
        _, u, _ = scratchnet.linalg.svd(x, full_matrices=True)
    return [tape.gradient(u, x)]


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda x: through_vectors(x), "svd: `full_matrices` must be"),
        (lambda x: scratchnet.linalg.qr(x, full_matrices=True), "qr: `full_matrices` must be"),
    ],
)
def test_what_is_not_here(call: Any, says: str) -> None:
    with pytest.raises(scratchnet.errors.UnimplementedError, match=says):
        call(scratchnet.ones((4, 2)))
    assert len(call(scratchnet.eye(2))) >= 1


@pytest.mark.parametrize("shape", [(4, 2), (2, 4), (2, 3, 5)])
def test_all_singular_vectors(shape: tuple[int, ...]) -> None:
    x = np.random.default_rng(5).normal(size=shape)
    agree(lambda tf, x: tf.linalg.svd(x, full_matrices=True)[0], x, orders=0)
    with scratchnet.GradientTape(persistent=True) as tape:
        tape.watch(y := scratchnet.constant(x))
        values = [scratchnet.linalg.svd(y, full_matrices=full)[0] for full in (True, False)]
    np.testing.assert_array_equal(*(tape.gradient(s, y) for s in values))
    s, u, v = (part.numpy() for part in scratchnet.linalg.svd(x, full_matrices=True))
    shapes = [part.shape for part in tensorflow.linalg.svd(x, full_matrices=True)]
    assert [s.shape, u.shape, v.shape] == shapes
    for part in (u, v):
        eye = np.broadcast_to(np.eye(part.shape[-1]), part.shape)
        np.testing.assert_allclose(np.swapaxes(part, -1, -2) @ part, eye, atol=1e-14)
    k = s.shape[-1]
    again = (u[..., :k] * s[..., None, :]) @ np.swapaxes(v[..., :k], -1, -2)
    np.testing.assert_allclose(again, x, atol=1e-14)
    x[..., 0, 0] = np.nan
    assert all(np.isnan(part).all() for part in scratchnet.linalg.svd(x, full_matrices=True))


@pytest.mark.parametrize(("name", "limit"), [("pinv", "rcond"), ("matrix_rank", "tol")])
def test_a_limit_for_other_matrices_than_there_are_is_refused(name: str, limit: str) -> None:
    for shape in ((3,), (3, 3), (1, 2)):
        with pytest.raises(scratchnet.errors.OpError, match=f"`{limit}` must broadcast to"):
            getattr(scratchnet.linalg, name)(np.ones((2, 3, 3)), np.ones(shape))


@pytest.mark.parametrize("value", [np.inf, -np.inf, np.nan])
def test_singular_values_of_what_is_not_finite_are_nan(value: float) -> None:
    x = np.ones((2, 3, 4), np.float32)
    x[1, 0, 2] = value
    s, u, v = scratchnet.linalg.svd(x)
    for part in (s, u, v):
        assert np.isfinite(part.numpy()[0]).all()
        assert np.isnan(part.numpy()[1]).all()
    assert scratchnet.linalg.matrix_rank(x).numpy().tolist() == [1, 0]


def test_determinants_of_matrices_that_are_not_finite() -> None:
    """The sign and the logarithm are nan together, but for a pivot of 0."""
    matrices = [np.eye(2, dtype="f") for _ in range(7)]
    for i, (at, value) in enumerate(
        [((0, 0), np.nan), ((0, 1), np.nan), ((1, 0), np.nan), ((0, 0), np.inf), ((0, 1), np.inf)]
    ):
        matrices[i][at] = value
    matrices[5][1, 0] = np.inf
    x = np.stack(matrices)
    for function in ("det", "slogdet"):
        theirs, ours = (
            np.asarray([np.asarray(part) for part in getattr(tf.linalg, function)(x)])
            for tf in (tensorflow, scratchnet)
        )
        np.testing.assert_array_equal(ours, theirs)


def test_eigenvalues_that_are_not_found() -> None:
    for tf in (tensorflow, scratchnet):
        with pytest.raises(tf.errors.InvalidArgumentError):
            tf.linalg.eigh(np.full((3, 3), np.nan, "f"))


def test_a_tolerance_for_each_matrix() -> None:
    x = np.random.default_rng(0).normal(size=(2, 3, 3)).astype("f")
    for tol in (1.0, [1.0], [[1.0], [2.0]]):
        theirs, ours = (tf.linalg.matrix_rank(x, tol).numpy() for tf in (tensorflow, scratchnet))
        np.testing.assert_array_equal(ours, theirs)
    for tf in (tensorflow, scratchnet):
        with pytest.raises(tf.errors.InvalidArgumentError):
            tf.linalg.matrix_rank(x, [1.0, 2.0])


def test_arrays_do_not_say_whether_there_are_vectors() -> None:
    for options in ({"full_matrices": True}, {}):
        with pytest.raises(ValueError, match="svd: `compute_uv` must be True or False"):
            scratchnet.linalg.svd(np.ones((2, 3)), compute_uv=np.ones(2), **options)


def test_an_inverse_of_nearly_nothing_is_bounded() -> None:
    """What tells two eigenvalues apart: ``x / (x² + 1e-20)``, as TensorFlow has it."""
    x = np.array([0.0, 1e-10, -1e-10, 2.0])
    found = decompositions._inverse_or_zero(Tensor(x)).numpy()
    np.testing.assert_allclose(found, [0.0, 5e9, -5e9, 0.5])


def test_arguments_that_are_left_out() -> None:
    upper = np.triu(A) + np.tril(np.full((3, 3), 9.0), -1)
    for x in (A, upper):
        agree(lambda tf, x: tf.linalg.triangular_solve(x, x[:, :2]), x)
        # TensorFlow's gradient takes None for False.
        agree(lambda tf, x: tf.linalg.triangular_solve(x, x[:, :2], None), x, orders=0)
        agree(lambda tf, x: tf.linalg.triangular_solve(x, x[:, :2], adjoint=True), x)
        agree(lambda tf, x: tf.linalg.cholesky_solve(x, x[:, :2]), x)
    agree(lambda tf, x: tf.linalg.lstsq(x[:, :2], x[:, 2:]), A)
    agree(lambda tf, x: tf.linalg.lstsq(x[:, :2], x[:, 2:], 0.5), A)
    agree(lambda tf, x: tf.linalg.lstsq(x[:2], x[:2, :1], 0.5), A)
    agree(lambda tf, x: tf.linalg.lstsq(x[:2], x[:2, :1], 0.5, fast=False), A, orders=0)


def test_vectors_are_not_asked_for() -> None:
    """Then it makes no difference how many there would be."""
    x = np.ones((4, 2))
    agree(lambda tf, x: tf.linalg.svd(x, full_matrices=True, compute_uv=False), x, orders=0)
    assert scratchnet.linalg.svd(x, compute_uv=False).shape == (2,)
    assert len(scratchnet.linalg.svd(x, False)) == 3
    q, r = scratchnet.linalg.qr(scratchnet.ones((2, 4)), full_matrices=True)
    assert (q.shape, r.shape) == ((2, 2), (2, 4))
    assert scratchnet.linalg.qr(scratchnet.ones((4, 2))).q.shape == (4, 2)


def test_the_outer_dimensions_of_both_sides_are_compared() -> None:
    for name in ("triangular_solve", "cholesky_solve", "lstsq"):
        solve = getattr(scratchnet.linalg, name)
        for left, right in (((2, 3, 3), (2, 4, 1)), ((2, 3, 3), (1, 3, 1)), ((3, 3), (1, 3, 3))):
            with pytest.raises(scratchnet.errors.InvalidArgumentError, match="as many rows as"):
                solve(np.ones(left), np.ones(right))


@pytest.mark.parametrize("dtype", DTYPES)
def test_singular_values_just_above_and_just_below_the_limit(dtype: str) -> None:
    """The limit is a share of the largest, by the longer side, whatever the largest is."""
    eps = np.finfo(dtype).eps
    sizes, sides = [1e-3, 1.0, 1e3], [0.99, 1.01]
    for (m, n), size, side in itertools.product([(2, 3), (3, 2)], sizes, sides):
        for share, name in ((10 * 3 * eps, "pinv"), (3 * eps, "matrix_rank")):
            x = np.zeros((2, m, n), dtype)
            x[0, 0, 0], x[0, 1, 1], x[1, 0, 1] = size, size * share * side, size
            theirs, ours = (getattr(tf.linalg, name)(tf.constant(x)) for tf in BOTH)
            np.testing.assert_allclose(ours.numpy(), theirs.numpy(), rtol=1e-3)
            rank = np.linalg.matrix_rank(ours.numpy()[0]) if name == "pinv" else ours.numpy()[0]
            assert rank == (1 if side < 1 else 2)


def test_the_rank_of_what_is_no_tensor_is_that_of_float32() -> None:
    nearly = np.array([[1.0, 1.0], [1.0, 1.0 + 1e-10]])
    for x in (nearly, nearly.tolist(), np.array([[1, 2], [2, 4]]), np.eye(2, dtype=bool)):
        theirs, ours = (int(tf.linalg.matrix_rank(x)) for tf in BOTH)
        assert ours == theirs
    theirs, ours = (int(tf.linalg.matrix_rank(tf.constant(nearly))) for tf in BOTH)
    assert ours == theirs == 2


def test_a_singular_value_at_the_limit_does_not_count() -> None:
    x = np.diag([4.0, 2.0])
    agree(lambda tf, x: tf.linalg.matrix_rank(x, tol=2.0), x, orders=0)
    agree(lambda tf, x: tf.linalg.matrix_rank(x, tol=-1.0), x * 0, orders=0)
    agree(lambda tf, x: tf.linalg.pinv(x, rcond=0.5), x, orders=0)
    agree(lambda tf, x: tf.linalg.pinv(x, rcond=[0.5, 0.4]), np.stack([x, x]), orders=0)
    assert scratchnet.linalg.matrix_rank(x, tol=2.0).numpy() == 1


@pytest.mark.parametrize("scale", [1e-3, 1.0, 5.3, 6.3, 12.7, 100.0])
def test_an_exponential_is_exact_to_the_last_places(scale: float) -> None:
    """Of matrices whose exponential is known: of a number, a rotation, a nilpotent matrix."""
    number, turn = np.array([[scale]]), np.array([[0.0, -scale], [scale, 0.0]])
    shift = np.diag([scale, scale], 1)
    found = [scratchnet.linalg.expm(x).numpy() for x in (number, turn, shift)]
    c, s = np.cos(scale), np.sin(scale)
    near = 1e-15 * max(1.0, 2 * scale)
    np.testing.assert_allclose(found[0], np.exp(number), rtol=near)
    np.testing.assert_allclose(found[1], [[c, -s], [s, c]], atol=2e-15)
    wanted = [[1, scale, scale**2 / 2], [0, 1, scale], [0, 0, 1]]
    np.testing.assert_allclose(found[2], wanted, rtol=near, atol=near * scale)


@pytest.mark.parametrize("value", [np.inf, -np.inf, np.nan])
def test_an_exponential_of_what_is_not_finite_is_refused(value: float) -> None:
    with pytest.raises(scratchnet.errors.InvalidArgumentError, match=r"`input` must be finite$"):
        scratchnet.linalg.expm([[0.0, value], [0.0, 0.0]])


def test_an_exponential_is_squared_as_often_as_its_norm_was_halved() -> None:
    """Not at all up to the norm for which the approximant was made."""

    def products(norm: float) -> int:
        x = scratchnet.constant([[0.0, 0.0], [norm, 0.0]], "float64")
        with scratchnet.GradientTape() as tape:
            tape.watch(x)
            scratchnet.linalg.expm(x)
        return sum(record.op.name == "matmul" for record in tape.records)

    least = products(0.0)
    norms = [1e-9, 5.371, 5.372, 10.743, 10.744, 100.0]
    assert [products(norm) - least for norm in norms] == [0, 0, 1, 1, 2, 5]
