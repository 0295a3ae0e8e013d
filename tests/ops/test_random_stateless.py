"""Random numbers that are a function of their seed, bit for bit TensorFlow's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

from scratchnet import ops
from scratchnet.engine.errors import InvalidArgumentError
from scratchnet.engine.tape import GradientTape
from scratchnet.engine.variable import Variable
from scratchnet.ops import random as sn
from scratchnet.ops.random_stateless import Algorithm, check_algorithm
from scratchnet.ops.random_stream import stateful_stream
from tests.support.cases import TRUTH, Case, Draw, Sample, float_names, shapes
from tests.support.ops_checks import DTYPES, check_against_tensorflow
from tests.support.random_numbers import GOLDEN, assert_golden, assert_same_bits, ulps_of

# -- cases -----------------------------------------------------------------------------------------


@st.composite
def random_calls(draw: Draw, **attrs: Any) -> Sample:
    drawn = {name: draw(strategy) for name, strategy in attrs.items()}
    pair = [draw(st.integers(-(2**31), 2**31 - 1)) for _ in range(2)]
    return Sample([], {"shape": list(draw(shapes(max_side=9))), "seed": pair, **drawn})


CASES: dict[str, Case] = {
    "stateless_uniform": Case(random_calls(dtype=float_names), **TRUTH),
    "stateless_normal": Case(random_calls(dtype=float_names), **TRUTH),
    "stateless_truncated_normal": Case(random_calls(dtype=float_names), **TRUTH),
}


# -- the checks of every op ------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", CASES)
@given(data=st.data())
def test_op_is_tensorflows(name: str, dtype: str, data: st.DataObject) -> None:
    check_against_tensorflow(name, CASES[name], dtype, data)


# -- special values, ties and identities -----------------------------------------------------------


@pytest.mark.parametrize("case", GOLDEN["stateless"])
def test_golden_stateless(case: dict[str, Any]) -> None:
    function = getattr(sn, f"stateless_{case['op']}")
    found = function(case["shape"], case["seed"], dtype=case["dtype"], **case["kwargs"])
    assert_golden(found, case["out"], ulps_of(case["op"], case["dtype"]))


SHAPES = st.lists(st.integers(0, 7), max_size=3)
SEEDS = st.tuples(*[st.one_of(st.integers(-5, 5), st.integers(-(2**63), 2**63 - 1))] * 2)
FLOATS = st.sampled_from(["float16", "float32", "float64"])
# Without -0: TensorFlow keeps a table of the Python numbers it has seen, where 0 and -0 are one.
NUMBERS = st.floats(-4, 4, width=16).map(lambda x: x + 0.0)


@given(SHAPES, SEEDS, FLOATS, NUMBERS, NUMBERS)
def test_stateless_floats(shape, seed, dtype, first, second) -> None:
    for name in ("uniform", "normal", "truncated_normal"):
        for bounds in ((), (first, second)):
            found = getattr(sn, f"stateless_{name}")(shape, seed, *bounds, dtype=dtype)
            expected = getattr(tf.random, f"stateless_{name}")(shape, seed, *bounds, dtype=dtype)
            assert_same_bits(found, expected)


@given(SHAPES, SEEDS, st.sampled_from(["int32", "int64"]), st.data())
def test_stateless_integers(shape, seed, dtype, data) -> None:
    limits = np.iinfo(dtype)
    low = data.draw(st.integers(limits.min, limits.max - 1))
    high = data.draw(st.integers(low + 1, limits.max))
    found = sn.stateless_uniform(shape, seed, low, high, dtype)
    assert_same_bits(found, tf.random.stateless_uniform(shape, seed, low, high, dtype))


@given(SHAPES, SEEDS, st.sampled_from(["int32", "int64", "uint32", "uint64"]))
def test_stateless_full_range(shape, seed, dtype) -> None:
    found = sn.stateless_uniform(shape, seed, None, None, dtype)
    assert_same_bits(found, tf.random.stateless_uniform(shape, seed, None, None, dtype))


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize(
    ("name", "n"),
    [
        ("uniform", 2**21),
        ("uniform", 2**21 + 3),
        ("normal", 2**15),
        ("normal", 2**15 + 1),
        ("truncated_normal", 2**15 + 3),
        ("truncated_normal", 2**17 + 5),
    ],
)
def test_large_arrays_that_all_threads_fill(name: str, n: int, dtype: str) -> None:
    found = getattr(sn, f"stateless_{name}")([n], (n, 7), dtype=dtype)
    assert_same_bits(found, getattr(tf.random, f"stateless_{name}")([n], (n, 7), dtype=dtype))


@pytest.mark.parametrize("dtype", ["int32", "int64"])
def test_large_arrays_of_integers(dtype: str) -> None:
    found = sn.stateless_uniform([5, 20_001], (1, 2), -3, 1000, dtype)
    assert_same_bits(found, tf.random.stateless_uniform([5, 20_001], (1, 2), -3, 1000, dtype))


@pytest.mark.parametrize("name", ["uniform", "normal", "truncated_normal"])
def test_bounds_are_broadcast(name: str) -> None:
    for first, second in (([1.0, 2.0], 5.0), ([[1.0], [2.0]], 3), (0, [[-3.0], [2.0]])):
        found = getattr(sn, f"stateless_{name}")([2], (1, 2), first, second)
        expected = getattr(tf.random, f"stateless_{name}")([2], (1, 2), first, second)
        assert_same_bits(found, expected)


@pytest.mark.parametrize(
    "seed",
    [
        [1, 2],
        (2**31, 5),
        [True, False],
        np.array([3, -4], np.int32),
        np.array([3, 4], np.uint8),
        np.array([2**63 + 5, 1], np.uint64),
    ],
)
def test_seeds_of_all_kinds(seed: Any) -> None:
    assert_same_bits(sn.stateless_uniform([5], seed), tf.random.stateless_uniform([5], seed))


@pytest.mark.parametrize("shape", [[], (), (3,), np.array([2, 3]), np.array([2, 0], np.int32)])
def test_shapes_of_all_kinds(shape: Any) -> None:
    assert_same_bits(sn.stateless_normal(shape, (1, 2)), tf.random.stateless_normal(shape, (1, 2)))


def test_a_shape_may_be_a_tensor_or_hold_some() -> None:
    size, seed = ops.constant(3), ops.constant([1, 2])
    expected = tf.random.stateless_uniform([3, 2], [1, 2])
    assert_same_bits(sn.stateless_uniform([size, 2], seed), expected)
    assert_same_bits(sn.stateless_uniform(ops.constant([3, 2]), seed), expected)
    assert_same_bits(sn.stateless_uniform(expected.shape.as_list(), seed), expected)


@given(SEEDS, st.integers(0, 5), st.integers(-(2**31), 2**31 - 1))
def test_split_and_fold_in(seed, num, data) -> None:
    for dtype in (np.int32, np.int64):
        if dtype is np.int32:
            seed = tuple(part % 2**31 for part in seed)
        pair = np.array(seed, dtype)
        assert_same_bits(sn.stateless_split(pair, num), tf.random.split(pair, num))
        assert_same_bits(sn.stateless_fold_in(pair, data), tf.random.fold_in(pair, data))
        wide = np.int64(data)
        assert_same_bits(sn.stateless_fold_in(pair, wide), tf.random.fold_in(pair, wide))


@pytest.mark.parametrize("alg", ["philox", "auto_select", 1, 3])
def test_algorithms(alg: Any) -> None:
    expected = tf.random.stateless_uniform([3], [1, 2], alg=alg)
    assert_same_bits(sn.stateless_uniform([3], [1, 2], alg=alg), expected)
    member = sn.Algorithm(alg) if isinstance(alg, int) else alg
    assert_same_bits(sn.stateless_uniform([3], [1, 2], alg=member), expected)


def test_gradients_flow_to_mean_and_stddev() -> None:
    mean, stddev = Variable([1.0, 2.0]), Variable(3.0)
    tf_mean, tf_stddev = tf.Variable([1.0, 2.0]), tf.Variable(3.0)
    with GradientTape() as tape:
        y = sn.stateless_normal([4, 2], (1, 2), mean, stddev) ** 2
    with tf.GradientTape() as tf_tape:
        tf_y = tf.random.stateless_normal([4, 2], (1, 2), tf_mean, tf_stddev) ** 2
    for found, expected in zip(
        tape.gradient(y, [mean, stddev]), tf_tape.gradient(tf_y, [tf_mean, tf_stddev]), strict=True
    ):
        np.testing.assert_allclose(found, expected, rtol=1e-6)


@pytest.mark.parametrize(
    ("seed", "error", "text"),
    [
        ([1], InvalidArgumentError, r"seed must have shape \[2\], not \[1\]"),
        ([1, 2, 3], InvalidArgumentError, r"seed must have shape \[2\], not \[3\]"),
        ([[1, 2]], InvalidArgumentError, r"seed must have shape \[2\], not \[1,2\]"),
        (5, InvalidArgumentError, r"seed must have shape \[2\], not \[\]"),
        ([1.5, 2.0], InvalidArgumentError, "must hold integers"),
        (None, ValueError, "None"),
        ([2**63, 5], ValueError, "out-of-range"),
    ],
)
def test_bad_stateless_seeds(seed: Any, error: type[Exception], text: str) -> None:
    for name in ("uniform", "normal", "truncated_normal"):
        with pytest.raises(error, match=text):
            getattr(sn, f"stateless_{name}")([2], seed)
        with pytest.raises(getattr(tf.errors, error.__name__, error)):
            getattr(tf.random, f"stateless_{name}")([2], seed)


def test_bad_algorithms() -> None:
    for alg in ("foo", 7, None, 1.5):
        with pytest.raises(ValueError, match="Argument `alg` got unsupported value"):
            sn.stateless_uniform([2], (1, 2), alg=alg)
    for alg in ("threefry", 2, sn.Algorithm.THREEFRY):
        with pytest.raises(InvalidArgumentError, match="must be philox"):
            sn.stateless_normal([2], (1, 2), alg=alg)


def test_bad_splits() -> None:
    with pytest.raises(InvalidArgumentError, match="Dimension -1 must be >= 0"):
        sn.stateless_split([1, 2], -1)
    with pytest.raises(InvalidArgumentError, match="must hold integers"):
        sn.stateless_split([1, 2], 2.5)
    with pytest.raises(ValueError, match="got invalid value float32"):
        sn.stateless_split([1.0, 2.0])
    with pytest.raises(ValueError, match="got invalid value float32"):
        sn.stateless_fold_in([1, 2], 2.5)
    with pytest.raises(InvalidArgumentError, match="`data` must be a scalar"):
        sn.stateless_fold_in([1, 2], [1, 2])


def test_truncated_numbers_are_truncated() -> None:
    x = sn.stateless_truncated_normal([100_000], (3, 4)).numpy()
    assert np.abs(x).max() < 2
    assert abs(x.std() - 0.8796) < 0.01
    assert stateful_stream(1, 2) == (1, 2 << 64)


def test_the_number_of_an_algorithm() -> None:
    for alg, number in (("philox", 1), ("auto_select", 3), (1, 1), (3, 3), (Algorithm.PHILOX, 1)):
        found = check_algorithm("f", alg)
        assert (found, type(found)) == (number, int)
    for alg in ("threefry", 2, Algorithm.THREEFRY):
        with pytest.raises(InvalidArgumentError, match=r"^f: `alg` must be philox on a CPU"):
            check_algorithm("f", alg)
    for alg in ("foo", 0, 4, True, None, 1.5):
        with pytest.raises(ValueError, match=r"^f: Argument `alg` got unsupported value"):
            check_algorithm("f", alg)
