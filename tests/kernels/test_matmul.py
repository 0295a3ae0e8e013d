"""The product of two large matrices."""

from __future__ import annotations

import numpy as np
import pytest

import scratchnet as tf
from scratchnet.kernels import matmul


def test_a_product_carries_inf_and_nan():
    a, b = np.ones((70, 80), "f"), np.ones((80, 90), "f")
    a[3, 5], a[4, 6], b[7, 8] = np.inf, np.nan, -np.inf
    with np.errstate(invalid="ignore"):
        np.testing.assert_array_equal(matmul.product(a, b), a @ b)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("sizes", [(1, 2051, 131), (13, 1030, 37), (129, 67, 33), (700, 515, 5)])
def test_products_of_transposed_operands_of_odd_sizes(
    sizes: tuple[int, int, int], dtype: str
) -> None:
    """Whole tiles, ragged ones, and the last numbers of an array, behind which there are none."""
    M, K, N = sizes
    rng = np.random.default_rng(sum(sizes))
    a, b = rng.standard_normal((M, K)).astype(dtype), rng.standard_normal((K, N)).astype(dtype)
    wanted = a.astype("f8") @ b.astype("f8")
    bound = K * np.finfo(dtype).eps * (abs(a).astype("f8") @ abs(b).astype("f8")).max()
    for left in (a, a.T.copy().T):
        for right in (b, b.T.copy().T):
            np.testing.assert_allclose(matmul.product(left, right), wanted, rtol=0, atol=bound)


@pytest.mark.parametrize(
    ("a_shape", "b_shape"),
    [
        ((7, 41, 67), (7, 67, 33)),  # a thread multiplies whole matrices
        ((2, 3, 70, 60), (3, 60, 65)),
        ((5, 1, 30, 31), (4, 31, 90)),
        ((130, 140), (6, 140, 20)),
        ((2, 300, 520), (2, 520, 130)),  # all threads share each
        ((1, 90, 80), (1, 80, 70)),
        ((0, 90, 80), (0, 80, 70)),
    ],
)
def test_stacks_are_multiplied_matrix_by_matrix(
    a_shape: tuple[int, ...], b_shape: tuple[int, ...]
) -> None:
    rng = np.random.default_rng(3)
    a, b = rng.integers(-3, 4, a_shape), rng.integers(-3, 4, b_shape)
    for dtype in (np.float32, np.float64):
        x, y = a.astype(dtype), b.astype(dtype)
        for left in (x, x.swapaxes(-1, -2).copy().swapaxes(-1, -2)):
            for right in (y, y.swapaxes(-1, -2).copy().swapaxes(-1, -2)):
                np.testing.assert_array_equal(matmul.product(left, right), a @ b)


@pytest.mark.parametrize(
    "shapes", [((128, 2048), (2048, 32)), ((2, 90, 80), (2, 80, 70)), ((9, 50, 40), (9, 40, 40))]
)
def test_no_large_product_is_left_to_blas(
    shapes: tuple[tuple[int, ...], tuple[int, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its threads would wait without sleeping, in the way of those of the next kernel."""

    def refused(*args: object) -> None:
        raise AssertionError("a product that BLAS shares out among threads")

    monkeypatch.setattr(np, "matmul", refused)
    a, b = (tf.Variable(np.ones(shape, "f")) for shape in shapes)
    with tf.GradientTape() as tape:
        y = a @ b
    assert [g.shape for g in tape.gradient(y, [a, b])] == [a.shape, b.shape]
    with pytest.raises(AssertionError):  # a small one is
        tf.linalg.matmul(np.ones((2, 3), "f"), np.ones((3, 2), "f"))
