"""Kinks, ties and special values: where calculus leaves a choice, TensorFlow's is taken.

Each test runs one program on both modules and demands the same inf and nan, the same integers, and
the same finite floats but for the last bits of the largest.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import tensorflow

import scratchnet
from tests.gradcheck import check_gradients

Program = Callable[..., Any]
INF, NAN = float("inf"), float("nan")
DTYPES = ["float32", "float64"]


def arrays_of(ys: Any) -> list[np.ndarray]:
    if isinstance(ys, list | tuple):
        return [array for y in ys for array in arrays_of(y)]
    return [np.asarray(ys.numpy())]


def outcome(tf: Any, f: Program, inputs: tuple[Any, ...], orders: int) -> list[np.ndarray]:
    """f(x), the gradients of Σ g f(x) with g = 1, 2, 3, …, and so on to higher orders."""
    xs = [tf.constant(x) for x in inputs]
    smooth = [x for x in xs if x.dtype.is_floating]
    return arrays_of(derivatives(tf, f, xs, smooth, orders))


def derivatives(tf: Any, f: Program, xs: list[Any], smooth: list[Any], orders: int) -> list[Any]:
    if not orders:
        return [f(tf, *xs)]
    with tf.GradientTape() as tape:
        tape.watch(smooth)
        found = derivatives(tf, f, xs, smooth, orders - 1)
    y = found[-1]
    ys = y if isinstance(y, list | tuple) else [y]
    gs = [tf.constant(np.arange(1, 1 + y.numpy().size).reshape(y.shape), y.dtype) for y in ys]
    first = tape.gradient(list(ys), smooth, output_gradients=gs)
    return [*found, [tf.convert_to_tensor(g) for g in first if g is not None]]


def agree(f: Program, *inputs: Any, orders: int = 1) -> list[np.ndarray]:
    """The program does the same on both modules; what it does."""
    ours = outcome(scratchnet, f, inputs, orders)
    theirs = outcome(tensorflow, f, inputs, orders)
    assert len(ours) == len(theirs)
    for i, (a, b) in enumerate(zip(ours, theirs, strict=True)):
        assert a.dtype == b.dtype
        finite = np.isfinite(b)
        size = np.abs(b[finite]).max(initial=0) if a.dtype.kind == "f" else 0
        near = 8 * np.finfo(a.dtype).eps * size if size else 0
        np.testing.assert_allclose(a, b, rtol=0, atol=near, err_msg=f"part {i}")
    return ours


def points(*values: float, dtype: str) -> np.ndarray:
    return np.array(values, dtype)


# -- functions of one number -----------------------------------------------------------------------

SPECIAL = (-INF, -2.0, -1.0, -0.0, 0.0, 0.5, 1.0, 6.0, INF, NAN)
ONE = {
    **{"relu": lambda tf, x: tf.nn.relu(x), "elu": lambda tf, x: tf.nn.elu(x)},
    **{"leaky_relu": lambda tf, x: tf.nn.leaky_relu(x), "abs": lambda tf, x: tf.abs(x)},
    **{"leaky_relu 0": lambda tf, x: tf.nn.leaky_relu(x, alpha=0.0)},
    **{"sign": lambda tf, x: tf.sign(x), "square": lambda tf, x: tf.square(x)},
    **{"sqrt": lambda tf, x: tf.sqrt(x), "rsqrt": lambda tf, x: tf.math.rsqrt(x)},
    **{"reciprocal": lambda tf, x: tf.math.reciprocal(x), "log": lambda tf, x: tf.math.log(x)},
    **{"log1p": lambda tf, x: tf.math.log1p(x), "exp": lambda tf, x: tf.exp(x)},
    **{"tanh": lambda tf, x: tf.tanh(x), "sigmoid": lambda tf, x: tf.sigmoid(x)},
    **{"softplus": lambda tf, x: tf.math.softplus(x), "relu6": lambda tf, x: tf.nn.relu6(x)},
    **{"selu": lambda tf, x: tf.nn.selu(x), "softsign": lambda tf, x: tf.nn.softsign(x)},
    **{"silu": lambda tf, x: tf.nn.silu(x), "gelu": lambda tf, x: tf.nn.gelu(x)},
    **{
        "expm1": lambda tf, x: tf.math.expm1(x),
        "log_sigmoid": lambda tf, x: tf.math.log_sigmoid(x),
    },
    **{"erfc": lambda tf, x: tf.math.erfc(x)},
    **{"ceil": lambda tf, x: tf.math.ceil(x), "rint": lambda tf, x: tf.math.rint(x)},
    **{"tan": lambda tf, x: tf.tan(x), "sinh": lambda tf, x: tf.sinh(x)},
    **{"cosh": lambda tf, x: tf.cosh(x), "asin": lambda tf, x: tf.asin(x)},
    **{"acos": lambda tf, x: tf.acos(x), "atan": lambda tf, x: tf.atan(x)},
    **{"asinh": lambda tf, x: tf.asinh(x), "acosh": lambda tf, x: tf.acosh(x)},
    **{"atanh": lambda tf, x: tf.atanh(x), "crelu": lambda tf, x: tf.nn.crelu(x)},
}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ONE)
def test_functions_of_one_number_at_special_points(name: str, dtype: str) -> None:
    agree(ONE[name], points(*SPECIAL, dtype=dtype))


def test_the_error_function_reaches_one() -> None:
    """TensorFlow makes nan of a float64 inf, which no error function is."""
    agree(lambda tf, x: tf.math.erf(x), points(*SPECIAL, dtype="float32"))
    agree(lambda tf, x: tf.math.erf(x), points(*SPECIAL[1:-2], dtype="float64"))
    assert scratchnet.math.erf(np.array([-INF, INF])).numpy().tolist() == [-1, 1]


def test_relu_stops_the_gradient_at_zero_and_at_nan() -> None:
    y, gx = agree(ONE["relu"], points(-0.0, 0.0, NAN, 2.0, dtype="float32"))
    np.testing.assert_array_equal(y, [0, 0, NAN, 2])
    np.testing.assert_array_equal(gx, [0, 0, 0, 4])


def test_one_sided_derivatives_at_zero() -> None:
    at_zero = points(0.0, dtype="float64")
    for name, wanted in (("leaky_relu", np.float64(np.float32(0.2))), ("elu", 1.0), ("abs", 0.0)):
        assert agree(ONE[name], at_zero)[1] == wanted
    for name in ("sqrt", "log"):
        assert agree(ONE[name], at_zero)[1] == INF


@pytest.mark.parametrize("dtype", DTYPES)
def test_pow_at_zero_and_below(dtype: str) -> None:
    x, y = np.meshgrid([-2.0, -1.0, -0.0, 0.0, 1.0, 2.0], [-1.0, 0.0, 0.5, 1.0, 2.0, 3.0])
    agree(lambda tf, x, y: tf.pow(x, y), x.astype(dtype), y.astype(dtype))
    gx = agree(lambda tf, x: tf.pow(x, 0.0), points(0.0, dtype=dtype))[1]
    assert np.isnan(gx)


@pytest.mark.parametrize("name", ["tf.norm", "reduce_std"])
def test_a_root_of_a_sum_of_squares_at_zero(name: str) -> None:
    f = (lambda tf, x: tf.norm(x)) if name == "tf.norm" else lambda tf, x: tf.math.reduce_std(x)
    assert np.isnan(agree(f, np.zeros(3))[1]).all()
    agree(lambda tf, x: tf.norm(x, axis=1), np.array([[0.0, 0.0], [3.0, 4.0]]))
    agree(lambda tf, x: tf.norm(x, ord=np.inf), np.array([3.0, -3.0, 1.0]))
    agree(lambda tf, x: tf.norm(x, ord=1), np.array([0.0, -3.0, 1.0]))


# -- functions of two numbers ----------------------------------------------------------------------


@pytest.mark.parametrize("name", ["maximum", "minimum"])
def test_of_two_equal_values_the_first_takes_the_gradient(name: str) -> None:
    pairs = np.array(list(itertools.product([-1.0, -0.0, 0.0, 1.0, INF, -INF], repeat=2))).T
    agree(lambda tf, x, y: getattr(tf, name)(x, y), *pairs)
    assert agree(lambda tf, x: getattr(tf, name)(x, 0.0), np.zeros(1))[1] == 1
    assert agree(lambda tf, x: getattr(tf, name)(0.0, x), np.zeros(1))[1] == 0
    agree(lambda tf, x, y: getattr(tf, name)(x, y), np.zeros((2, 3)), np.zeros(3))


@pytest.mark.parametrize("name", ["maximum", "minimum"])
def test_nan_among_two(name: str) -> None:
    x, y = np.array([NAN, 1.0, NAN]), np.array([1.0, NAN, NAN])
    agree(lambda tf, x, y: getattr(tf, name)(x, y), x, y)


GUARDED = ["divide_no_nan", "multiply_no_nan", "xlogy", "xdivy", "squared_difference", "atan2"]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", GUARDED)
def test_products_and_quotients_with_zero_inf_and_nan(name: str, dtype: str) -> None:
    pairs = np.array(
        list(itertools.product([-INF, -2.0, -0.0, 0.0, 3.0, INF, NAN], repeat=2)), dtype
    )
    agree(lambda tf, x, y: getattr(tf.math, name)(x, y), *pairs.T)


def test_clipping_by_the_norm_of_nothing_and_of_too_much() -> None:
    for x in (np.zeros(2), np.array([3.0, 4.0]), np.array([INF, 1.0]), np.array([NAN, 1.0])):
        agree(lambda tf, x: tf.clip_by_norm(x, 5.0), x)
        agree(lambda tf, x: tf.clip_by_norm(x, -1), x)
        agree(lambda tf, x: tf.clip_by_norm(x, tf.constant(2)), x)
        agree(lambda tf, x: tf.clip_by_global_norm([x, None, 2 * x], 5.0)[0][::2], x)
        agree(
            lambda tf, x: tf.clip_by_global_norm([x], 5.0, use_norm=tf.constant(9.0, x.dtype))[0], x
        )
        agree(lambda tf, x: tf.linalg.l2_normalize(x), x)
    agree(
        lambda tf: [*tf.clip_by_global_norm([], 1.0)[0], tf.linalg.global_norm([None])],
        orders=0,
    )


def test_clip_by_value_passes_the_gradient_on_both_boundaries() -> None:
    t = np.array([-INF, -2.0, -1.0, 0.0, 1.0, 2.0, INF, NAN])
    _, gt, *_ = agree(
        lambda tf, t, lo, hi: tf.clip_by_value(t, lo, hi), t, np.array(-1.0), np.array(1.0)
    )
    np.testing.assert_array_equal(gt[2:5], [3, 4, 5])
    agree(lambda tf, t, lo, hi: tf.clip_by_value(t, lo, hi), t, np.full(8, -1.0), np.full(8, 1.0))
    agree(lambda tf, t: tf.clip_by_value(t, 1.0, 1.0), np.array([0.0, 1.0, 2.0]))
    agree(lambda tf, t, lo, hi: tf.clip_by_value(t, lo, hi), t, np.array(1.0), np.array(-1.0))


WHERE = {
    "sqrt": lambda tf, x: tf.where(x > 0, tf.sqrt(x), 0.0),
    "rsqrt": lambda tf, x: tf.where(x > 0, tf.math.rsqrt(x), 0.0),
    "reciprocal": lambda tf, x: tf.where(x > 0, tf.math.reciprocal(x), 0.0),
    "division": lambda tf, x: tf.where(x > 0, 1 / x, 0.0),
    "log": lambda tf, x: tf.where(x > 0, tf.math.log(x), 0.0),
    "pow": lambda tf, x: tf.where(x > 0, x**0.5, 0.0),
    "two wheres": lambda tf, x: tf.where(x > 0, tf.sqrt(tf.where(x > 0, x, 1.0)), 0.0),
    "norm": lambda tf, x: tf.where(x > 0, tf.norm(x[:, None], axis=1), 0.0),
}


@pytest.mark.parametrize("name", WHERE)
def test_a_branch_that_where_does_not_take(name: str) -> None:
    agree(WHERE[name], np.array([-1.0, 0.0, 4.0]))


def test_the_gradient_of_a_root_that_where_does_not_take_is_zero() -> None:
    np.testing.assert_array_equal(agree(WHERE["sqrt"], np.array([0.0, 4.0]))[1], [0, 0.5])


# -- reductions ------------------------------------------------------------------------------------

TIED = np.array([[1.0, 3.0, 3.0], [2.0, 2.0, 2.0], [-INF, -INF, 5.0], [0.0, -0.0, -1.0]])


@pytest.mark.parametrize("axis", [None, 0, 1, [0, 1], []])
@pytest.mark.parametrize("name", ["reduce_max", "reduce_min"])
def test_tied_extrema_share_the_gradient(name: str, axis: Any) -> None:
    agree(lambda tf, x: getattr(tf, name)(x, axis), TIED, orders=2)
    agree(lambda tf, x: getattr(tf, name)(x, axis, keepdims=True), TIED)


def test_tied_extrema_share_alike() -> None:
    _, gx = agree(lambda tf, x: tf.reduce_max(x), np.array([4.0, 4.0, 1.0]))
    np.testing.assert_array_equal(gx, [0.5, 0.5, 0])
    _, gx = agree(lambda tf, x: tf.reduce_max(x), np.ones((2, 2)))
    np.testing.assert_array_equal(gx, np.full((2, 2), 0.25))


@pytest.mark.parametrize("name", ["reduce_max", "reduce_min"])
@pytest.mark.parametrize("values", [(NAN, 1.0, 2.0), (1.0, NAN, 2.0), (1.0, 2.0, NAN), (NAN, NAN)])
def test_nan_among_many(name: str, values: tuple[float, ...]) -> None:
    agree(lambda tf, x: getattr(tf, name)(x), np.array(values))
    agree(lambda tf, x: getattr(tf, name)(x), np.array(values, np.float32))


@pytest.mark.parametrize("name", ["argmax", "argmin"])
def test_of_several_extrema_the_first_is_named(name: str) -> None:
    for x in ([2, 5, 5, 2], [0, 0, 0], [True, False, True], [-0.0, 0.0, -0.0]):
        agree(lambda tf, x: getattr(tf, name)(x), np.array(x), orders=0)
    agree(lambda tf, x: getattr(tf, name)(x, axis=1), TIED, orders=0)


@pytest.mark.parametrize("values", [(NAN, 1.0, 2.0), (1.0, NAN, 2.0), (1.0, 2.0, NAN), (NAN, NAN)])
@pytest.mark.parametrize("name", ["argmax", "argmin"])
@pytest.mark.parametrize("dtype", DTYPES)
def test_which_extremum_is_named_beside_nan(
    name: str, values: tuple[float, ...], dtype: str
) -> None:
    agree(lambda tf, x: getattr(tf, name)(x), np.array(values, dtype), orders=0)


EMPTY = "reduce_sum reduce_mean reduce_max reduce_min reduce_prod reduce_logsumexp".split()


@pytest.mark.parametrize("name", EMPTY)
def test_a_reduction_of_nothing(name: str) -> None:
    for shape in ((0,), (2, 0), (0, 2)):
        agree(lambda tf, x: getattr(tf, name)(x, 0), np.zeros(shape))
    agree(lambda tf, x: getattr(tf, name)(x), np.zeros((2, 0)))


@pytest.mark.parametrize("name", ["reduce_sum", "reduce_max", "reduce_min", "reduce_prod"])
@pytest.mark.parametrize("dtype", ["int32", "int64", "uint8"])
def test_a_reduction_of_no_integers(name: str, dtype: str) -> None:
    agree(lambda tf, x: getattr(tf, name)(x, 0), np.zeros((0, 2), dtype), orders=0)


@pytest.mark.parametrize("name", ["reduce_any", "reduce_all"])
def test_a_reduction_of_no_truth(name: str) -> None:
    agree(lambda tf, x: getattr(tf, name)(x, 0), np.zeros((0, 2), bool), orders=0)


def test_the_mean_of_integers_is_an_integer() -> None:
    for x in ([1, 2], [-1, -2], [7, 8, 9], [-7, 0]):
        agree(lambda tf, x: tf.reduce_mean(x), np.array(x, np.int32), orders=0)


ZEROS = {"none": [2.0, 3.0, 4.0], "one": [2.0, 0.0, 4.0], "two": [0.0, 3.0, 0.0], "all": [0.0] * 3}


@pytest.mark.parametrize("zeros", ZEROS)
def test_a_product_with_zeros(zeros: str) -> None:
    x = np.array([ZEROS[zeros], [1.0, 2.0, 3.0]])
    agree(lambda tf, x: tf.reduce_prod(x), np.array(ZEROS[zeros]))
    agree(lambda tf, x: tf.reduce_prod(x, 1), x)
    # A polynomial: its derivatives of all orders are there, whatever TensorFlow makes of them.
    check_gradients(lambda x: scratchnet.reduce_prod(x, 1), [x], order=3)


def test_a_product_with_one_zero_is_exact() -> None:
    _, gx = agree(lambda tf, x: tf.reduce_prod(x), np.array([0.0, 2.0, 3.0]))
    np.testing.assert_array_equal(gx, [6, 0, 0])


def test_wholes_that_overflow_wrap_around() -> None:
    x = np.array([2**30, 2**30, 2**30], np.int32)
    agree(lambda tf, x: [tf.reduce_sum(x), tf.reduce_prod(x), tf.cumsum(x), x * x], x, orders=0)


# -- pooling ---------------------------------------------------------------------------------------

POOLS = [(2, 2, "VALID"), (3, 2, "SAME"), (2, 1, "VALID"), (3, 1, "SAME"), ((2, 3), (1, 2), "SAME")]


def max_pool(ksize: Any, strides: Any, padding: str) -> Program:
    return lambda tf, x: tf.nn.max_pool2d(x, ksize, strides, padding)


@pytest.mark.parametrize("pool", POOLS)
@pytest.mark.parametrize("seed", range(5))
def test_of_several_maxima_in_a_window_the_first_takes_the_gradient(pool: Any, seed: int) -> None:
    x = np.random.default_rng(seed).integers(-1, 2, (2, 7, 6, 3))
    agree(max_pool(*pool), x.astype(np.float64))
    agree(max_pool(*pool), x.astype(np.float32))


@pytest.mark.parametrize("pool", POOLS)
def test_a_window_of_equal_values_sends_the_gradient_to_its_first_cell(pool: Any) -> None:
    agree(max_pool(*pool), np.zeros((1, 6, 6, 1)))
    agree(max_pool(*pool), np.full((1, 6, 6, 1), -3.0))


def test_a_window_of_zeros_sends_the_gradient_top_left() -> None:
    _, gx = agree(max_pool(2, 2, "VALID"), np.zeros((1, 2, 2, 1)))
    np.testing.assert_array_equal(gx[0, :, :, 0], [[1, 0], [0, 0]])


def test_padding_never_wins() -> None:
    y, _ = agree(max_pool(2, 2, "SAME"), -np.ones((1, 3, 3, 1)))
    np.testing.assert_array_equal(y, -np.ones((1, 2, 2, 1)))


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_window_of_minus_infinity_gives_the_least_finite_value(dtype: str) -> None:
    x = np.full((1, 4, 4, 1), -INF, dtype)
    x[0, 3, 3, 0] = 1
    (y,) = agree(max_pool(2, 2, "VALID"), x, orders=0)
    assert y[0, 0, 0, 0] == np.finfo(dtype).min


def test_nan_does_not_win_a_window() -> None:
    # Where its gradient goes differs between TensorFlow's own kernels; only the forward is held.
    for at in np.ndindex(2, 2):
        x = np.arange(4.0).reshape(1, 2, 2, 1)
        x[0, *at, 0] = NAN
        agree(max_pool(2, 2, "VALID"), x, orders=0)


@pytest.mark.parametrize("pool", POOLS)
def test_a_mean_is_taken_over_the_real_cells(pool: Any) -> None:
    x = np.arange(84.0).reshape(1, 7, 6, 2)
    agree(lambda tf, x: tf.nn.avg_pool2d(x, *pool), x)


def test_the_mean_at_the_border() -> None:
    x = np.arange(1.0, 10.0).reshape(1, 3, 3, 1)
    y, _ = agree(lambda tf, x: tf.nn.avg_pool2d(x, 2, 2, "SAME"), x)
    np.testing.assert_array_equal(y[0, :, :, 0], [[3, 4.5], [7.5, 9]])


# -- softmax and cross-entropy ---------------------------------------------------------------------

LOGITS = {
    "infinite": [INF, 0.0],
    "two infinite": [INF, INF, 0.0],
    "minus infinite": [-INF, 0.0, 1.0],
    "all minus infinite": [-INF, -INF],
    "large": [1000.0, 0.0],
    "very large": [1000.0, -1000.0, 999.0],
    "equal": [3.0, 3.0, 3.0],
    "nan": [NAN, 0.0],
    "one": [5.0],
}


def softmax(tf: Any, x: Any) -> Any:
    return tf.nn.softmax(x)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("logits", LOGITS)
def test_softmax_of_extreme_logits(logits: str, dtype: str) -> None:
    x = np.array(LOGITS[logits], dtype)
    agree(softmax, x)
    agree(lambda tf, x: tf.nn.log_softmax(x), x)
    agree(lambda tf, x: tf.reduce_logsumexp(x), x)


def test_softmax_where_it_is_known() -> None:
    np.testing.assert_array_equal(agree(softmax, np.array([1000.0, 0.0]))[0], [1, 0])
    np.testing.assert_array_equal(agree(softmax, np.array([INF, 0.0]))[0], [NAN, NAN])


EXTREME = np.array([[1000.0, -1000.0, 0.0], [-1000.0, 1000.0, 1000.0], [0.0, 0.0, 0.0]])


def dense(tf: Any, labels: Any, logits: Any) -> Any:
    return tf.nn.softmax_cross_entropy_with_logits(labels=labels, logits=logits)


def sparse(tf: Any, labels: Any, logits: Any) -> Any:
    return tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits)


@pytest.mark.parametrize("dtype", DTYPES)
def test_cross_entropy_of_extreme_logits(dtype: str) -> None:
    logits = EXTREME.astype(dtype)
    for column in range(3):
        labels = np.full(3, column)
        agree(sparse, labels, logits)
        one_hot = np.eye(3, dtype=dtype)[labels]
        agree(dense, one_hot, logits)


def test_the_gradient_of_cross_entropy_is_exact_for_extreme_logits() -> None:
    _, gx = agree(sparse, np.array([1]), np.array([[1000.0, -1000.0]]))
    np.testing.assert_array_equal(gx, [[1, -1]])
    _, gx = agree(sparse, np.array([0]), np.array([[1000.0, -1000.0]]))
    np.testing.assert_array_equal(gx, [[0, 0]])


SOFT = {
    "sum to one": [[0.2, 0.3, 0.5], [1.0, 0.0, 0.0]],
    "sum to two": [[1.0, 0.5, 0.5], [2.0, 0.0, 0.0]],
    "zero": [[0.0, 0.0, 0.0], [0.0, 0.0, 0.0]],
    "negative": [[-1.0, 1.0, 1.0], [0.5, -0.5, 1.0]],
}


@pytest.mark.parametrize("soft", SOFT)
def test_soft_labels_need_not_sum_to_one(soft: str) -> None:
    labels, logits = np.array(SOFT[soft]), np.array([[0.5, -1.0, 2.0], [0.0, 3.0, -2.0]])
    _, glabels, glogits = agree(dense, labels, logits)
    assert glabels.shape == glogits.shape == (2, 3)


def test_labels_of_other_dtypes_are_cast() -> None:
    for dtype in ("int32", "int64", "uint8", "bool", "float64"):
        agree(dense, np.eye(3)[[1, 0, 2]].astype(dtype), EXTREME.astype(np.float32))


def test_labels_broadcast() -> None:
    agree(dense, np.array([0.25, 0.25, 0.5]), EXTREME[:2] / 1000, orders=0)
    agree(dense, np.array([[0.25, 0.25, 0.5]]), EXTREME[:2] / 1000, orders=0)


# -- rounding and integers -------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", DTYPES)
def test_halves_are_rounded_to_even(dtype: str) -> None:
    x = np.array([*np.arange(-4.5, 5), 0.49999997, 2**22 + 0.5, -0.2, INF, -INF, NAN], dtype)
    agree(lambda tf, x: [tf.round(x), tf.floor(x)], x, orders=0)
    agree(lambda tf, x: tf.round(x), np.array([-3, 3, 2**31 - 1], np.int32), orders=0)


SIGNED = [n for n in range(-7, 8) if n]


@pytest.mark.parametrize("dtype", ["int8", "int16", "int32", "int64"])
def test_division_of_integers_floors_and_the_rest_has_the_sign_of_the_divisor(dtype: str) -> None:
    x, y = (np.array(a, dtype) for a in np.meshgrid(range(-9, 10), SIGNED))
    agree(lambda tf, x, y: [x // y, x % y, x / y], x, y, orders=0)


def test_division_of_unsigned_integers() -> None:
    x, y = (np.array(a, np.uint8) for a in np.meshgrid([0, 1, 7, 255], [1, 2, 3, 255]))
    agree(lambda tf, x, y: [x // y, x % y, x / y, x - y, x * y], x, y, orders=0)


@pytest.mark.parametrize("dtype", DTYPES)
def test_division_of_floats(dtype: str) -> None:
    x, y = np.meshgrid([-7.5, -1.0, -0.0, 0.0, 1.0, 7.5, INF], [-INF, -2.0, -0.0, 0.0, 2.0, INF])
    x, y = x.astype(dtype), y.astype(dtype)
    agree(lambda tf, x, y: [x // y, x / y], x, y, orders=0)
    finite = np.isfinite(x) & np.isfinite(y) & (y != 0)
    agree(lambda tf, x, y: x % y, x[finite], y[finite])


def test_a_cast_to_integers_cuts_off_and_wraps_around() -> None:
    floats = np.array([1.9, -1.9, 0.5, -0.5, 255.0, 256.0, 300.0, -1.0, 70000.0])
    for dtype in ("int8", "uint8", "int16", "uint16", "int32", "int64"):
        agree(lambda tf, x, d=dtype: tf.cast(x, d), floats, orders=0)
        agree(lambda tf, x, d=dtype: tf.cast(x, d), floats.astype(np.float32), orders=0)
    wholes = np.array([-1, 0, 1, 255, 256, 2**31, -(2**31), 2**40 + 3])
    for dtype in ("int8", "uint8", "int16", "int32", "uint32", "float32", "float64", "bool"):
        agree(lambda tf, x, d=dtype: tf.cast(x, d), wholes, orders=0)


def test_a_cast_to_bool_asks_for_zero() -> None:
    agree(lambda tf, x: tf.cast(x, "bool"), np.array([0.0, -0.0, 0.5, NAN, -1.0]), orders=0)
    agree(lambda tf, x: tf.cast(x, "float32"), np.array([True, False]), orders=0)


# -- indices ---------------------------------------------------------------------------------------


def test_one_hot_out_of_range_is_a_row_of_zeros() -> None:
    at = np.array([-1, 0, 2, 3, 100])
    (y,) = agree(lambda tf, x: tf.one_hot(x, 3), at, orders=0)
    np.testing.assert_array_equal(y.sum(1), [0, 1, 1, 0, 0])
    agree(lambda tf, x: tf.one_hot(x, 3, on_value=5, off_value=-1), at, orders=0)


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


def test_nothing_can_be_reshaped_to_any_size() -> None:
    for old, new in (((0, 6), [0, -1]), ((0, 5), [0, 2, -1]), ((0,), [-1, 3]), ((0, 4), [-1])):
        agree(lambda tf, x, new=new: tf.reshape(x, new), np.zeros(old))


def test_of_several_updates_at_one_place_the_last_stays() -> None:
    at, x = np.array([[1], [3], [1]]), np.arange(4.0)
    y, *_ = agree(
        lambda tf, x, u: tf.tensor_scatter_nd_update(x, at, u), x, np.array([7.0, 8.0, 9.0])
    )
    np.testing.assert_array_equal(y, [0, 9, 2, 8])


def test_of_equal_values_the_first_is_sorted_first() -> None:
    x = np.array([[2, 1, 2, 1], [0, 0, 0, 0], [-1, 5, -1, 5]])
    for values in (x, x.astype(float), x.astype(np.int8)):
        for direction in ("ASCENDING", "DESCENDING"):
            for axis in (0, 1):
                agree(lambda tf, x, a=axis, d=direction: tf.argsort(x, a, d), values, orders=0)
        agree(lambda tf, x: list(tf.math.top_k(x, 3)), values, orders=0)
    _, gx = agree(lambda tf, x: tf.sort(x), np.array([2.0, 1.0, 2.0]))
    np.testing.assert_array_equal(gx, [2, 1, 3])


def test_the_extremes_of_integers_are_sorted() -> None:
    for kind in (np.int8, np.int32, np.int64):
        ends = np.array([0, np.iinfo(kind).max, np.iinfo(kind).min, -1], kind)
        agree(lambda tf, x: [tf.sort(x), tf.sort(x, direction="DESCENDING")], ends, orders=0)


def test_the_gradient_of_a_cumulative_product_with_zeros_is_exact() -> None:
    """TensorFlow's is 0 at a zero; finite differences see ours."""
    for how in ({}, {"exclusive": True}, {"reverse": True}, {"exclusive": True, "reverse": True}):
        for values in ([[2.0, 0.0, 3.0]], [[0.0, 2.0, 0.0, 1.5]], [[0.0]]):
            f = lambda x, how=how: scratchnet.math.cumprod(x, axis=1, **how)  # noqa: E731
            check_gradients(f, [np.array(values)])
    (y,) = agree(lambda tf, x: tf.math.cumprod(x), np.array([2.0, 0.0, 3.0]), orders=0)
    np.testing.assert_array_equal(y, [2, 0, 0])


def test_the_second_derivative_of_softsign_is_there() -> None:
    """TensorFlow has none."""
    check_gradients(scratchnet.nn.softsign, [np.array([-2.0, 0.3, 1.0])])


def test_segments_without_rows() -> None:
    x, ids = np.arange(6.0).reshape(3, 2), np.array([0, 3, 3])
    for name in ("segment_sum", "segment_mean"):
        agree(lambda tf, x, name=name: getattr(tf.math, name)(x, ids), x)
    for name in ("unsorted_segment_sum", "unsorted_segment_mean"):
        agree(lambda tf, x, name=name: getattr(tf.math, name)(x, ids[::-1], 5), x)


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int16", "int32", "int64"])
def test_the_mean_of_integer_segments_is_an_integer(dtype: str) -> None:
    signed = np.array([-3, -4, 100, 100, 101, 7, 8], np.int64).astype(dtype)  # int8 wraps around
    for x in (signed, np.abs(signed), np.ones(7, dtype), signed[:, None]):
        agree(lambda tf, x: tf.math.segment_mean(x, [0, 0, 2, 2, 2, 5, 5]), x, orders=0)
        agree(lambda tf, x: tf.math.unsorted_segment_mean(x, [4, 1, 1, 0, 0, 0, 0], 5), x, orders=0)


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "uint32", "uint64", "int8", "int64"])
def test_classes_of_every_integer_dtype_are_counted(dtype: str) -> None:
    true, found = np.array([[0, 2, 120, 2], [0, 2, 1, 0]], dtype)
    agree(lambda tf, a, b: tf.math.confusion_matrix(a, b), true, found, orders=0)
    agree(lambda tf, a, b: tf.math.confusion_matrix(a, b, 200), true, found, orders=0)
    agree(lambda tf, a: tf.math.confusion_matrix(a, [0, 0, 1, 1]), true, orders=0)
    assert scratchnet.math.bincount(found).numpy().tolist() == [2, 1, 1]  # TensorFlow: only int32


def test_which_of_a_row_are_above_the_target() -> None:
    rows = np.array([[0.5, 0.5, 0.6], [1, NAN, 0], [INF, 1, 2], [3, 2, 1]], np.float32)
    for k in (0, 1, 2, 3, 9):
        for at in ([0, 0, 0, 0], [1, 2, 1, 3], [-1, 0, 2, 2]):
            agree(
                lambda tf, at, k=k: tf.math.in_top_k(at, rows, k), np.array(at, np.int32), orders=0
            )


def test_unique_tells_nan_from_nan_but_not_zero_from_zero() -> None:
    for x in ([NAN, NAN, 1.0, -0.0, 0.0], [True, False, True], [3, 1, 3, 2], []):
        agree(lambda tf, x: list(tf.unique(x)), np.array(x), orders=0)
        agree(lambda tf, x: list(tf.unique_with_counts(x, "int64")), np.array(x), orders=0)
