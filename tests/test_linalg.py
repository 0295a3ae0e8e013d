"""Matrices, einsum, bits and sizes, by name: one program text on both modules."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest
import tensorflow

import scratchnet
from tests.gradcheck import check_gradients
from tests.test_bad_input import is_of_the_family
from tests.test_ties import agree

A = np.array([[2.0, 1.0, 0.5], [0.0, 3.0, 1.0], [1.0, -1.0, 4.0]])
NAMES = {space: list(getattr(scratchnet, space).__all__) for space in ("math", "nn", "linalg")}
NAMES |= {"bitwise": list(scratchnet.bitwise.__all__)}
NAMES |= {
    "tf": [
        name
        for name in scratchnet.__all__
        if getattr(getattr(scratchnet, name), "__module__", "").startswith("scratchnet.ops")
    ]
}


def complain_alike(program: Any) -> None:
    """A program that catches TensorFlow's error by its class catches ours."""
    found = []
    for tf in (scratchnet, tensorflow):
        with pytest.raises(Exception) as caught:  # noqa: PT011
            program(tf)
        found.append(caught.value)
    assert is_of_the_family(*found)


@pytest.mark.parametrize("space", NAMES)
def test_every_name_is_tensorflows(space: str) -> None:
    ours, theirs = (getattr(tf, space, tf) for tf in (scratchnet, tensorflow))
    assert len(set(NAMES[space])) == len(NAMES[space])
    for name in NAMES[space]:
        f, g = getattr(ours, name), getattr(theirs, name)
        mine = [
            p for p in inspect.signature(f).parameters.values() if p.kind == p.POSITIONAL_OR_KEYWORD
        ]
        yours = list(inspect.signature(g).parameters)
        assert [p.name for p in mine] == yours[: len(mine)], f"{space}.{name}"


# -- einsum ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("equation", "shapes"),
    [
        ("bthd,bshd->bhts", [(2, 3, 2, 4), (2, 5, 2, 4)]),  # attention
        ("bhts,bshd->bthd", [(2, 2, 3, 5), (2, 5, 2, 4)]),
        ("ij,ji->", [(2, 3), (3, 2)]),
        ("...ij,...jk->...ik", [(4, 1, 2, 3), (5, 3, 2)]),
        ("ij,jk,kl,lm->im", [(2, 3), (3, 4), (4, 2), (2, 5)]),
        ("abc,cd,a->bd", [(2, 3, 4), (4, 5), (2,)]),
        ("ii,jj->ij", [(3, 3), (2, 2)]),
        ("", [()]),
        (",->", [(), ()]),
        ("zAb", [(2, 3, 4)]),
    ],
)
def test_einsum_and_its_derivatives(equation: str, shapes: Any) -> None:
    rng = np.random.default_rng(3)
    arrays = [rng.integers(-3, 4, shape) * 1.0 for shape in shapes]
    agree(lambda tf, *xs: tf.einsum(equation, *xs), *arrays, orders=2)


def test_einsum_of_integers() -> None:
    i = np.arange(6, dtype=np.int32)
    agree(lambda tf, x: tf.einsum("ij,kj->ik", x, x), i.reshape(2, 3), orders=0)


def test_third_order_through_einsum() -> None:
    rng = np.random.default_rng(5)
    a, b = rng.normal(size=(2, 3, 3)), rng.normal(size=(3, 2))
    f = lambda a, b: scratchnet.einsum("bii,ij,bij->bj", a, b, scratchnet.tanh(a)[:, :, :2])  # noqa: E731
    check_gradients(f, [a, b], order=3)


# -- linear equations ------------------------------------------------------------------------------


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


# -- diagonals and norms ---------------------------------------------------------------------------


@pytest.mark.parametrize("k", [0, 1, -2])
def test_diagonals(k: int) -> None:
    x = np.arange(24.0).reshape(2, 3, 4)
    agree(lambda tf, x: tf.linalg.diag(x, k=k), x)
    agree(lambda tf, x: tf.linalg.diag_part(x, k=k), x)
    for other in (np.array([True, False]), np.array([1, 2], np.int32), np.array([np.inf, 1.0])):
        agree(lambda tf, x: tf.linalg.diag(x, k=k), other, orders=0)


@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("axis", [[0, 1], [-1, -2], (2, 0)])
@pytest.mark.parametrize("ord", [1, np.inf, "fro", "euclidean"])
def test_norms_of_matrices(ord: Any, axis: Any, keepdims: bool) -> None:
    x = np.array([[[1.0, -2.0, 3.0], [4.0, 0.5, -6.0]], [[0.0, 7.0, -1.0], [2.0, -3.0, 5.5]]])
    agree(lambda tf, x: tf.norm(x, ord, axis, keepdims), x)


# -- bits, sizes, masks ----------------------------------------------------------------------------

BITS = [
    *("a & b", "a | b", "a ^ b", "~a", "a & 3", "5 | a", "a ^ 1", "True & a", "a & True"),
    *("tf.Variable([6, 5]) & 3", "~tf.Variable([1, 2])", "1 ^ tf.Variable([6, 5])"),
    *("tf.constant([True]) & False", "~tf.constant([True])", "True ^ tf.constant([True, False])"),
    *("~tf.constant([0, 1], tf.uint8)", "tf.constant([7], tf.int64) & 2"),
]


@pytest.mark.parametrize("text", BITS)
def test_the_operators_of_bits(text: str) -> None:
    agree(
        lambda tf: eval(text, {"tf": tf, "a": tf.constant([6, -5]), "b": tf.constant([3, 12])}),
        orders=0,
    )


@pytest.mark.parametrize("text", ["~a", "a & 1.0", "a | a", "i & 1.5", "i ^ a"])
def test_floats_have_no_bits(text: str) -> None:
    complain_alike(lambda tf: eval(text, {"a": tf.constant([1.0]), "i": tf.constant([1])}))


def test_sizes_are_tensors() -> None:
    for x in (np.zeros((2, 3)), np.zeros(()), np.zeros((0, 4))):
        agree(lambda tf, x: [tf.shape(x), tf.size(x), tf.rank(x)], x, orders=0)
        agree(lambda tf, x: tf.shape(x, tf.int64), x, orders=0)
    agree(lambda tf, x: tf.reshape(x, [tf.shape(x)[1], -1]), np.arange(6.0).reshape(2, 3))
    agree(lambda tf, x: tf.zeros(tf.shape(x)), np.arange(6.0).reshape(2, 3), orders=0)


def test_what_several_are_called() -> None:
    for f in (
        lambda tf: tf.math.top_k([1, 5, 3], 2),
        lambda tf: tf.unique([3, 1, 3]),
        lambda tf: tf.unique_with_counts([3, 1, 3]),
    ):
        assert repr(f(scratchnet)) == repr(f(tensorflow))


def test_a_constant_in_another_shape_cuts_the_gradient() -> None:
    def slopes(tf: Any) -> list[Any]:
        x = tf.constant([1.0, 2.0])
        with tf.GradientTape(persistent=True) as tape:
            tape.watch(x)
            ys = [tf.constant(x), tf.constant(x, shape=[2]), tf.constant(x, shape=[2, 1])]
        return [tape.gradient(y, x) for y in ys]

    for ours, theirs in zip(slopes(scratchnet), slopes(tensorflow), strict=True):
        assert (ours is None) == (theirs is None)
        assert ours is None or ours.numpy().tolist() == theirs.numpy().tolist()


def test_an_integer_where_a_sum_of_one_is_asked() -> None:
    agree(lambda tf, x: tf.add_n(x), np.arange(3.0))  # a tensor is a list of its rows
    agree(lambda tf, x: tf.add_n([x]), np.arange(3.0))
    agree(lambda tf, x: tf.add_n(v * v for v in (x, x, x)), np.arange(3.0))
