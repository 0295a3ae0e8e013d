"""Random numbers, bit for bit: stored vectors, and TensorFlow itself on the same program."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

import scratchnet
from scratchnet import ops
from scratchnet import random as snr
from scratchnet.engine.errors import InvalidArgumentError
from scratchnet.engine.tape import GradientTape
from scratchnet.engine.variable import Variable
from scratchnet.kernels import philox
from scratchnet.ops import random as sn
from scratchnet.ops.random_stream import Stream, any_stream, stateful_stream, stateless_stream

ROOT = Path(__file__).parents[1]
GOLDEN = json.loads((ROOT / "tests/data/tf_rng_golden.json").read_text())


def array_of(out: dict[str, Any]) -> np.ndarray:
    return np.frombuffer(bytes.fromhex(out["hex"]), out["dtype"]).reshape(out["shape"])


def assert_golden(found: Any, out: dict[str, Any], ulps: int = 0) -> None:
    """`found` is the stored array.

    `ulps`: how far it may be off for float64 normals, since the C library's log, sin and cos differ
    in the last bit between processors with and without fused multiply-add.
    """
    x = np.asarray(found)
    assert (x.dtype.name, list(x.shape)) == (out["dtype"], out["shape"])
    if "hex" in out:
        head = array_of(out)
    else:
        size = len(out["head_hex"]) // 2 // x.itemsize
        head = array_of({"hex": out["head_hex"], "dtype": out["dtype"], "shape": [size]})
        if not ulps:
            assert hashlib.sha256(np.ascontiguousarray(x)).hexdigest() == out["sha256"]
    x = x.reshape(-1)[: head.size].reshape(head.shape)
    if ulps:
        np.testing.assert_array_max_ulp(x, head, ulps)
    else:
        assert_same_bits(x, head)


def assert_same_bits(found: Any, expected: Any) -> None:
    x, y = np.asarray(found), np.asarray(expected)
    assert (x.dtype, x.shape) == (y.dtype, y.shape)
    np.testing.assert_array_equal(x.reshape(-1).view(np.uint8), y.reshape(-1).view(np.uint8))


def ulps_of(op: str, dtype: str) -> int:
    return 2 if dtype == "float64" and op != "uniform" else 0


# -- stored vectors -------------------------------------------------------------------------------


def test_the_block_of_key_0_and_counter_0() -> None:
    words = Stream(0, 0).bits(4)
    assert [f"{word:08x}" for word in words] == ["6627e8d5", "e169c58d", "bc57ac4c", "9b00dbd8"]


@pytest.mark.parametrize("case", GOLDEN["scramble"])
def test_golden_scramble(case: dict[str, Any]) -> None:
    low, high = (int(part, 16) for part in case["counter"])
    assert stateless_stream(tuple(case["seed"])) == (int(case["key"], 16), low | high << 64)


@pytest.mark.parametrize("case", GOLDEN["stateless"])
def test_golden_stateless(case: dict[str, Any]) -> None:
    function = getattr(sn, f"stateless_{case['op']}")
    found = function(case["shape"], case["seed"], dtype=case["dtype"], **case["kwargs"])
    assert_golden(found, case["out"], ulps_of(case["op"], case["dtype"]))


@pytest.mark.parametrize("case", GOLDEN["stateful_eager"])
def test_golden_stateful_eager(case: dict[str, Any]) -> None:
    sn.set_seed(case["set_seed"])
    for call in case["calls"]:
        if call["op"] == "shuffle":
            found = sn.shuffle(np.arange(call["shape"][0], dtype=np.int32), seed=call["op_seed"])
        else:
            keywords = {"dtype": call["dtype"], "seed": call["op_seed"], **call["kwargs"]}
            found = getattr(sn, call["op"])(call["shape"], **keywords)
        assert_golden(found, call["out"], ulps_of(call["op"], call["dtype"]))


@pytest.mark.parametrize("case", GOLDEN["stateful_graph"])
def test_golden_stateful_graph(case: dict[str, Any]) -> None:
    sn.set_seed(case["set_seed"])
    traced = sn.TracedOps()
    for call in case["calls"]:
        with traced.call():
            for (op, shape, seed), out in zip(case["ops"], call, strict=True):
                if op == "shuffle":
                    found = sn.shuffle(np.arange(shape[0], dtype=np.int32), seed=seed)
                elif op == "uniform_int_0_10_int32":
                    found = sn.uniform(shape, 0, 10, "int32", seed)
                else:
                    found = getattr(sn, op)(shape, seed=seed)
                assert_golden(found, out)


@pytest.mark.parametrize("case", GOLDEN["fit_batches"])
def test_golden_fit_order(case: dict[str, Any]) -> None:
    batch_size = case["batch_size"] if case["shuffle"] == "batch" else None
    order = sn.fit_permutation(case["seed"], case["n"], batch_size)
    assert order.tolist() == case["order_of_every_epoch"]


@pytest.mark.parametrize("case", GOLDEN["dataset_shuffle"])
def test_golden_dataset_shuffle(case: dict[str, Any]) -> None:
    for by_rows in (True, False):
        sn.set_seed(case["global_seed"])
        stream = sn.ShuffleStream(case["buffer_size"], case["seed"], case["reshuffle"])
        for epoch in case["epochs"]:
            order = stream.order(case["n"]) if by_rows else stream.shuffled(iter(range(case["n"])))
            assert list(order) == epoch


def test_golden_without_a_global_seed() -> None:
    case = GOLDEN["no_global_seed_op_seed_5"]
    sn.set_seed(None)
    stream = sn.ShuffleStream(7, seed=5)
    assert [stream.order(20).tolist() for _ in case["shuffle"]] == case["shuffle"]
    for out in case["uniform"]:
        assert sn.uniform([3], seed=5).numpy().tobytes().hex() == out


@pytest.mark.parametrize("case", GOLDEN["generator"])
def test_golden_generator(case: dict[str, Any]) -> None:
    def state() -> list[str]:
        return [hex(part) for part in generator.state.numpy().view(np.uint64).tolist()]

    generator = snr.Generator.from_seed(case["from_seed"])
    assert state() == case["state"]
    assert_golden(generator.normal([5]), case["normal"])
    assert_golden(generator.uniform([2, 3], -1.0, 2.0), case["uniform"])
    assert_golden(generator.uniform([4], 0, 100, "int64"), case["uniform_int"])
    assert_golden(generator.truncated_normal([3]), case["truncated_normal"])
    assert_golden(generator.make_seeds(2), case["make_seeds"])
    assert state() == case["state_after"]


@pytest.mark.parametrize("case", GOLDEN["xla_uniform"])
def test_golden_xla(case: dict[str, Any]) -> None:
    """XLA has the same words, but makes a number of the upper bits; `uniform` is not XLA's."""
    words = stateless_stream(tuple(case["seed"])).bits(9)
    assert_golden((words >> 9).astype(np.float32) * np.float32(2.0**-23), case["out"])


# -- stateless, against TensorFlow ----------------------------------------------------------------

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


# -- the 128-bit counter --------------------------------------------------------------------------


@pytest.mark.parametrize("counter", [2**64 - 3, 2**128 - 3, (5 << 64) - 2, 2**32 - 2])
@pytest.mark.parametrize("n", [40, 5000])
def test_the_counter_carries(counter: int, n: int) -> None:
    one_by_one = [Stream(7, counter).skip(i).bits(4) for i in range(n // 4)]
    np.testing.assert_array_equal(Stream(7, counter).bits(n), np.concatenate(one_by_one))


@given(st.integers(0, 2**64 - 1), st.integers(0, 2**128 - 1), st.integers(1, 20_000))
def test_a_number_depends_on_its_place_only(key, counter, n) -> None:
    stream = Stream(key, counter)
    for draw, dtype, per_block in (
        (Stream.uniform, "float32", 4),
        (Stream.uniform, "float64", 2),
        (Stream.normal, "float32", 4),
        (Stream.normal, "float64", 2),
    ):
        whole = draw(stream, n, np.dtype(dtype))
        half = n // per_block // 2
        rest = draw(stream.skip(half), n - half * per_block, np.dtype(dtype))
        np.testing.assert_array_equal(whole[half * per_block :], rest)


# -- stateful -------------------------------------------------------------------------------------


def both(seed: Any) -> None:
    sn.set_seed(seed)
    tf.random.set_seed(seed)


CALLS = st.lists(
    st.tuples(
        st.sampled_from(["uniform", "normal", "truncated_normal", "int", "shuffle", "dropout"]),
        st.lists(st.integers(0, 4), min_size=1, max_size=2),
        st.sampled_from(["float32", "float64"]),
        st.sampled_from([None, None, 0, 5, -7, 2**40]),
    ),
    max_size=8,
)


def call_both(op: str, shape: list[int], dtype: str, seed: int | None) -> tuple[Any, Any]:
    if op == "int":
        keywords = {"minval": -3, "maxval": 9, "dtype": dtype.replace("float", "int")}
        pair = [m.uniform(shape, seed=seed, **keywords) for m in (sn, tf.random)]
    elif op == "shuffle":
        x = np.arange(np.prod(shape), dtype=dtype).reshape(shape)
        pair = [m.shuffle(x, seed=seed) for m in (sn, tf.random)]
    elif op == "dropout":
        x = np.ones(shape, dtype)
        pair = [ops.dropout(x, 0.4, seed=seed), tf.nn.dropout(x, 0.4, seed=seed)]
    else:
        pair = [getattr(m, op)(shape, dtype=dtype, seed=seed) for m in (sn, tf.random)]
    return pair[0], pair[1]


@given(st.sampled_from([0, 1, 42, -5, 2**31 - 1, 2**31, 2**70]), CALLS)
def test_stateful_programs(seed, calls) -> None:
    both(seed)
    for call in calls:
        assert_same_bits(*call_both(*call))


def test_an_op_seed_alone_is_enough() -> None:
    sn.set_seed(None)
    tf.random.set_seed(None)
    for _ in range(3):
        assert_same_bits(sn.normal([3], seed=11), tf.random.normal([3], seed=11))


def test_without_any_seed_the_numbers_differ() -> None:
    sn.set_seed(None)
    assert not np.array_equal(sn.uniform([8]), sn.uniform([8]))
    assert not np.array_equal(sn.fit_permutation(None, 50), sn.fit_permutation(None, 50))
    assert any_stream() != any_stream()


@pytest.mark.parametrize(
    ("minval", "maxval"), [(0, 1), (0, None), (0.0, 1.0), (0, -3), (0.0, -3.0), (-1, 5), (2, 2)]
)
def test_stateful_bounds(minval: Any, maxval: Any) -> None:
    for dtype in ("float16", "float32", "float64"):
        both(3)
        found = sn.uniform([500], minval, maxval, dtype)
        assert_same_bits(found, tf.random.uniform([500], minval, maxval, dtype))


@pytest.mark.parametrize("maxval", [-3, -3.0])
@pytest.mark.parametrize("minval", [0, 0.0])
def test_the_sign_of_zero(minval: float, maxval: float) -> None:
    """A product of 0 and a negative bound is -0; to add the lower bound makes it 0 again."""
    both(116)  # searched for: its number 8741 is 0, as one in 2^23 is
    found = sn.uniform([9000], minval, maxval)
    assert found.numpy()[8741] == 0
    assert_same_bits(found, tf.random.uniform([9000], minval, maxval))


def test_a_kernel_per_dtype_of_the_shape() -> None:
    both(1)
    for shape in ([3], np.array([3]), [3], np.array([3])):
        assert_same_bits(sn.uniform(shape, seed=5), tf.random.uniform(shape, seed=5))


def test_arrays_for_dropout_are_those_of_uniform() -> None:
    f32 = np.dtype(np.float32)
    found = sn.uniform_array((3, 4), (5, 6), f32)
    assert_same_bits(found, tf.random.stateless_uniform((3, 4), (5, 6)))
    both(9)
    assert_same_bits(sn.next_op_seed_uniform_array((3, 4), f32), tf.random.uniform((3, 4)))
    for _ in range(2):
        expected = tf.random.uniform((2,), seed=8)
        assert_same_bits(sn.next_op_seed_uniform_array((2,), f32, 8), expected)


@pytest.mark.parametrize("seed", [5, -5, np.int64(5), True, 2**40])
def test_seeds_of_ops(seed: Any) -> None:
    both(1)
    assert_same_bits(sn.uniform([3], seed=seed), tf.random.uniform([3], seed=seed))
    both(seed)
    assert_same_bits(sn.uniform([3]), tf.random.uniform([3]))


def test_forgotten_kernels_begin_again() -> None:
    both(1)
    first = sn.uniform([3], seed=5).numpy()
    assert not np.array_equal(sn.uniform([3], seed=5), first)
    sn.forget_kernels()
    assert_same_bits(sn.uniform([3], seed=5), first)


def test_a_refused_call_draws_nothing() -> None:
    sn.set_seed(1)
    with pytest.raises(InvalidArgumentError):
        sn.uniform([3], 5, 5, "int32")
    with pytest.raises(InvalidArgumentError):
        sn.normal([-1])
    with pytest.raises(TypeError):
        sn.normal([1], seed="a")
    tf.random.set_seed(1)
    assert_same_bits(sn.uniform([3]), tf.random.uniform([3]))


@pytest.mark.parametrize("value", [5, [], [[1, 2], [3, 4], [5, 6]], [True, False, True], [7]])
def test_shuffle(value: Any) -> None:
    both(4)
    for _ in range(2):
        assert_same_bits(sn.shuffle(value), tf.random.shuffle(value))
    assert_same_bits(sn.uniform([2]), tf.random.uniform([2]))


def test_threads_share_the_seeds() -> None:
    """Four threads make the very calls that one would: none twice, none left out."""
    sn.set_seed(1)
    expected = sorted(sn.uniform([], seed=3).numpy() for _ in range(200))
    sn.set_seed(1)
    found: list[Any] = []

    def work() -> None:
        found.extend(sn.uniform([], seed=3).numpy() for _ in range(50))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == expected


# -- traced functions -----------------------------------------------------------------------------


def program(m: Any) -> list[Any]:
    a = m.uniform([3])
    b = m.normal([2], seed=11)
    c = m.normal([2], seed=11)
    d = m.uniform([4], maxval=9, dtype="int32")
    return [a, b, c, d, m.shuffle(np.arange(6))]


def test_traced_functions() -> None:
    both(7)
    function, traced = tf.function(lambda: program(tf.random)), sn.TracedOps()
    for seed in (None, None, 8, None):  # a new global seed restarts the kernels, but is not theirs
        if seed is not None:
            both(seed)
        with traced.call():
            found = program(sn)
        for x, y in zip(found, function(), strict=True):
            assert_same_bits(x, y)
        assert_same_bits(sn.uniform([2]), tf.random.uniform([2]))  # the eager ops go their own way


@pytest.mark.parametrize("seed", [3, 0])
def test_random_ops_in_dataset_map(seed: int) -> None:
    both(seed)
    dataset = tf.data.Dataset.range(4).map(lambda i: tf.random.uniform([2]))
    traced = sn.TracedOps()
    for _ in range(2):
        iterator = traced.restarted()
        for expected in dataset:
            with iterator.call():
                assert_same_bits(sn.uniform([2]), expected)


def test_a_traced_function_inside_another() -> None:
    sn.set_seed(1)
    outer, inner = sn.TracedOps(), sn.TracedOps()
    with outer.call():
        first = sn.uniform([2])
        with inner.call():
            nested = sn.uniform([2])
        second = sn.uniform([2])
    assert_same_bits(first, nested)
    assert not np.array_equal(first, second)
    sn.set_seed(None)
    unseeded = sn.TracedOps()
    with unseeded.call():
        assert not np.array_equal(sn.uniform([2]), sn.uniform([2]))


# -- orders ---------------------------------------------------------------------------------------


@given(
    st.integers(1, 40),
    st.integers(1, 50),
    st.sampled_from([None, 0, 3, -1]),
    st.sampled_from([None, 0, 5]),
    st.booleans(),
)
def test_dataset_shuffle(n, buffer_size, global_seed, seed, reshuffle) -> None:
    if global_seed is None and seed is None:
        seed = 1
    both(global_seed)
    expected = tf.data.Dataset.range(n).shuffle(buffer_size, seed, reshuffle)
    stream = sn.ShuffleStream(buffer_size, seed, reshuffle)
    for epoch in range(3):
        order = stream.order(n) if epoch % 2 else stream.shuffled(iter(range(n)))
        assert list(order) == list(expected.as_numpy_iterator())


def test_an_iterator_takes_its_seeds_when_it_is_made() -> None:
    both(5)
    expected = tf.data.Dataset.range(9).shuffle(4)
    stream = sn.ShuffleStream(4)
    a, b = stream.shuffled(iter(range(9))), stream.shuffled(iter(range(9)))
    first, second = iter(expected), iter(expected)
    assert list(b) == [int(i) for i in second]
    assert list(a) == [int(i) for i in first]


def test_a_stream_longer_than_one_reading_of_words() -> None:
    both(2)
    expected = list(tf.data.Dataset.range(2000).shuffle(700).as_numpy_iterator())
    sn.set_seed(2)
    assert list(sn.ShuffleStream(700).shuffled(iter(range(2000)))) == expected


@pytest.mark.parametrize("seed", [0, 1, 42, 2**31 - 1, 2**31])
@pytest.mark.parametrize("n", [1, 2, 30, 1000])
def test_fit_order(seed: int, n: int) -> None:
    """``fit`` shuffles 0 … n-1 by the first op of a traced function, with the seeds (seed, 0)."""
    tf.random.set_seed(seed)
    shuffled = tf.data.Dataset.range(1).map(lambda _: tf.random.shuffle(tf.range(n)))
    assert sn.fit_permutation(seed, n).tolist() == next(iter(shuffled)).numpy().tolist()


def fed_batches(module: Any, n: int, seed: int, **options: Any) -> list[list[float]]:
    """The samples 0 … n-1 in the batches in which `fit` hands them out."""
    fed: list[list[float]] = []

    class Listener(module.keras.Model):  # type: ignore[misc]
        def call(self, inputs: Any) -> Any:
            return inputs

        def train_step(self, data: Any) -> dict[str, float]:
            fed.append(np.asarray(data[0]).ravel().tolist())
            return {"zero": module.constant(0.0)}

        def test_step(self, data: Any) -> dict[str, float]:
            return {"zero": module.constant(0.0)}

    model = Listener()
    model.compile(run_eagerly=True)
    module.keras.utils.set_random_seed(seed)
    x = np.arange(n, dtype=np.float32)[:, None]
    model.fit(x, x, verbose=0, **options)
    return fed


@settings(max_examples=12)
@given(
    st.integers(1, 50),
    st.integers(0, 2**32 - 1),
    st.sampled_from([1, 3, 16, 64]),
    st.sampled_from([True, False, "batch"]),
    st.sampled_from([0.0, 0.3]),
)
def test_fit_feeds_the_samples_in_keras_order(n, seed, batch_size, shuffle, split) -> None:
    options: dict[str, Any] = {"batch_size": batch_size, "shuffle": shuffle, "epochs": 2}
    if int(n * (1 - split)) in range(1, n):
        options["validation_split"] = split
    assert fed_batches(scratchnet, n, seed, **options) == fed_batches(tf, n, seed, **options)


def test_orders_hold_every_index_once() -> None:
    for n in (0, 1, 2, 7, 5000):
        assert sorted(sn.fit_permutation(3, n)) == list(range(n))
        assert sorted(sn.fit_permutation(3, n, batch_size=4)) == list(range(n))
        assert sorted(sn.ShuffleStream(3, seed=1).order(n)) == list(range(n))


# -- Generator ------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", [0, 42, -1, 2**64 - 1, 2**64 + 5, 2**130 + 3, 2**200, -(2**70)])
def test_generator(seed: int) -> None:
    a, b = snr.Generator.from_seed(seed), tf.random.Generator.from_seed(seed)
    for shape, dtype in (([3], "float32"), ([2, 3], "float64"), ([], "float32"), ([0], "float32")):
        for method in ("normal", "truncated_normal", "uniform"):
            found = getattr(a, method)(shape, -1, 2, dtype=dtype)
            assert_same_bits(found, getattr(b, method)(shape, -1, 2, dtype=dtype))
    for dtype in ("int32", "int64"):
        assert_same_bits(a.uniform([5], -3, 8, dtype), b.uniform([5], -3, 8, dtype))
        assert_same_bits(a.uniform([5], None, None, dtype), b.uniform([5], None, None, dtype))
    assert_same_bits(a.uniform_full_int([3]), b.uniform_full_int([3]))
    assert_same_bits(a.uniform_full_int([3], "uint32"), b.uniform_full_int([3], "uint32"))
    assert_same_bits(a.skip(7), b.skip(7))
    assert_same_bits(a.make_seeds(3), b.make_seeds(3))
    for child, twin in zip(a.split(2), b.split(2), strict=True):
        assert_same_bits(child.normal([3]), twin.normal([3]))
    assert_same_bits(a.state.numpy(), b.state.numpy())
    assert_same_bits(a.key, b.key)
    assert a.algorithm == b.algorithm


def test_generators_from_elsewhere() -> None:
    for state in ([1, 2, 3], np.array([-1, 5, 2**62])):
        a = snr.Generator.from_state(state, "philox")
        assert_same_bits(a.normal([3]), tf.random.Generator.from_state(state, "philox").normal([3]))
    a, b = (m.Generator.from_key_counter(5, [1, 2], "philox") for m in (snr, tf.random))
    assert_same_bits(a.normal([3]), b.normal([3]))
    copy = snr.Generator(copy_from=a)
    assert_same_bits(copy.normal([3]), a.normal([3]))
    a.reset_from_seed(9)
    b.reset_from_seed(9)
    assert_same_bits(a.normal([3]), b.normal([3]))
    a.reset_from_key_counter(1, [2, 3])
    assert a.state.numpy().tolist() == [2, 3, 1]
    a.reset([4, 5, 6])
    assert a.state.numpy().tolist() == [4, 5, 6]
    for seed in (7, [1, 2], [1, 2, 3, 4], np.int32(-5), -1):
        expected = tf.random.create_rng_state(seed, "philox")
        assert_same_bits(snr.create_rng_state(seed, "philox"), expected)


def test_the_global_generator() -> None:
    mine = snr.Generator.from_seed(3)
    snr.set_global_generator(mine)
    assert snr.get_global_generator() is mine
    unseeded = [snr.Generator.from_non_deterministic_state() for _ in range(2)]
    assert not np.array_equal(*[g.state.numpy() for g in unseeded])


# -- gradients ------------------------------------------------------------------------------------


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


def test_no_gradient_through_shuffle() -> None:
    x = Variable([1.0, 2.0])
    with GradientTape() as tape:
        y = sn.shuffle(x * 2)
    assert tape.gradient(y, x) is None


# -- errors ---------------------------------------------------------------------------------------

BAD_SHAPES = [
    (None, ValueError),
    ([3, None], ValueError),
    (2, InvalidArgumentError),
    ([[2]], InvalidArgumentError),
    ([2.5], InvalidArgumentError),
    ([True], InvalidArgumentError),
    ([-1], InvalidArgumentError),
    ([2**33, 2**33], InvalidArgumentError),
    (np.array([2], np.int16), InvalidArgumentError),
]


@pytest.mark.parametrize(("shape", "error"), BAD_SHAPES)
@pytest.mark.parametrize("name", ["uniform", "normal", "truncated_normal"])
def test_bad_shapes(name: str, shape: Any, error: type[Exception]) -> None:
    theirs = tf.errors.InvalidArgumentError if error is InvalidArgumentError else error
    for mine, twin in (
        (getattr(sn, name), getattr(tf.random, name)),
        (
            lambda s: getattr(sn, f"stateless_{name}")(s, (1, 2)),
            lambda s: getattr(tf.random, f"stateless_{name}")(s, (1, 2)),
        ),
        (
            getattr(snr.Generator.from_seed(1), name),
            getattr(tf.random.Generator.from_seed(1), name),
        ),
    ):
        with pytest.raises(error):
            mine(shape)
        with pytest.raises(theirs):
            twin(shape)


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


@pytest.mark.parametrize("seed", ["a", [1, 2], 1.5])
def test_bad_seeds(seed: Any) -> None:
    for call in (sn.uniform, sn.normal, sn.truncated_normal, sn.shuffle):
        with pytest.raises(TypeError, match="`seed` must be an integer"):
            call([2], seed=seed)
    with pytest.raises(TypeError, match="set_seed: `seed` must be an integer"):
        sn.set_seed(seed)
    with pytest.raises(TypeError, match="`seed` must be an integer"):
        sn.ShuffleStream(3, seed=seed)


UNIFORM = [
    ({"dtype": "int8"}, ValueError, "got invalid value int8"),
    ({"dtype": "bool"}, ValueError, "got invalid value bool"),
    ({"dtype": "complex64"}, ValueError, "got invalid value complex64"),
    ({"dtype": "foo"}, TypeError, "foo"),
    ({"dtype": None}, TypeError, "None"),
    ({"minval": None}, ValueError, "None"),
    ({"minval": None, "maxval": None}, ValueError, "None"),
    ({"minval": 3, "maxval": 3, "dtype": "int32"}, InvalidArgumentError, "got 3 >= 3"),
    ({"minval": 5, "maxval": 3, "dtype": "int64"}, InvalidArgumentError, "got 5 >= 3"),
    ({"minval": [0, 1], "maxval": 5, "dtype": "int32"}, InvalidArgumentError, "minval must be 0-D"),
    ({"minval": 0, "maxval": [5], "dtype": "int32"}, InvalidArgumentError, "maxval must be 0-D"),
    ({"minval": 0.5, "maxval": 5, "dtype": "int32"}, TypeError, "Cannot convert 0.5"),
    ({"minval": [0.0, 1.0, 2.0], "maxval": 3}, InvalidArgumentError, "Incompatible shapes"),
    ({"maxval": "a"}, TypeError, "a"),
]


@pytest.mark.parametrize(("keywords", "error", "text"), UNIFORM)
def test_bad_arguments_of_uniform(keywords: Any, error: type[Exception], text: str) -> None:
    theirs = tf.errors.InvalidArgumentError if error is InvalidArgumentError else error
    if keywords != {"minval": None, "maxval": None}:  # full range, for a stateless op
        with pytest.raises(error, match=text):
            sn.uniform([2], **keywords)
        with pytest.raises(theirs):
            tf.random.uniform([2], **keywords)
    with pytest.raises(error, match=text):
        sn.stateless_uniform([2], (1, 2), **keywords)
    with pytest.raises(theirs):
        tf.random.stateless_uniform([2], (1, 2), **keywords)


def test_integers_need_both_bounds() -> None:
    with pytest.raises(ValueError, match="Must specify maxval for integer dtype"):
        sn.uniform([2], dtype="int32")
    for keywords in ({}, {"minval": None, "maxval": 3}):
        with pytest.raises(ValueError, match="must be both None or not None"):
            sn.stateless_uniform([2], (1, 2), dtype="int32", **keywords)
        with pytest.raises(ValueError, match="both `None` or both non-`None`"):
            snr.Generator.from_seed(1).uniform([2], dtype="int32", **keywords)
    with pytest.raises(ValueError, match="don't use unsigned integers"):
        sn.stateless_uniform([2], (1, 2), 1, 3, "uint32")
    with pytest.raises(ValueError, match="got invalid value uint32"):
        sn.uniform([2], maxval=3, dtype="uint32")


def test_an_empty_range_of_no_integers_is_no_error() -> None:
    assert sn.stateless_uniform([0], (1, 2), 5, 3, "int32").shape == [0]
    assert sn.uniform([0], 3, 3, "int32").shape == [0]


@pytest.mark.parametrize("name", ["normal", "truncated_normal"])
def test_bad_arguments_of_normal(name: str) -> None:
    generator = snr.Generator.from_seed(1)
    for call in (
        getattr(sn, name),
        lambda shape, *a, **k: getattr(sn, f"stateless_{name}")(shape, (1, 2), *a, **k),
        getattr(generator, name),
    ):
        with pytest.raises(TypeError, match=r"Cannot convert 0.0 to EagerTensor of dtype int32"):
            call([2], dtype="int32")
        with pytest.raises(InvalidArgumentError, match="`dtype` must be float16"):
            call([2], 0, 1, dtype="int32")
        with pytest.raises(ValueError, match="None"):
            call([2], mean=None)
        with pytest.raises(TypeError):
            call([2], mean="a")
        with pytest.raises(ValueError, match="requested dtype float32"):
            call([2], stddev=ops.constant(2.0, "float64"))
        with pytest.raises(InvalidArgumentError, match="Incompatible shapes"):
            call([2], mean=[1.0, 2.0, 3.0])
    assert generator.state.numpy().tolist() == [1, 0, 0]


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


def test_bad_generators() -> None:
    with pytest.raises(ValueError, match="received neither"):
        snr.Generator()
    for state in ([1, 2], [1, 2, 3, 4], 5):
        with pytest.raises(ValueError, match=r"must have shape \[3\]"):
            snr.Generator.from_state(state, "philox")
    with pytest.raises(InvalidArgumentError, match="integer dtype"):
        snr.Generator.from_seed([1.5])
    with pytest.raises(ValueError, match="unsupported value foo"):
        snr.Generator.from_seed(1, alg="foo")
    with pytest.raises(ValueError, match="`key` must be an integer"):
        snr.Generator.from_key_counter([1], [1, 2], "philox")
    generator = snr.Generator.from_seed(1)
    for call in (
        lambda: generator.uniform([2], 1, 3, "uint32"),
        lambda: generator.uniform([2], dtype="complex64"),
        lambda: generator.uniform_full_int([2], "int8"),
        lambda: generator.make_seeds(-1),
        lambda: generator.split(-1),
        lambda: generator.skip(1.5),
    ):
        with pytest.raises(InvalidArgumentError):
            call()
    assert generator.state.numpy().tolist() == [1, 0, 0]


# -- kernels --------------------------------------------------------------------------------------


def test_kernels_without_jit_and_with_checked_bounds() -> None:
    """The same uniforms and orders; normals to the last bits, for Python's log works in float64."""
    program = (
        "import numpy as np, scratchnet.ops.random as r\n"
        "print(r.stateless_uniform([9], (1, 2)).numpy().tobytes().hex())\n"
        "print(r.stateless_uniform([9], (1, 2), dtype='float64').numpy().tobytes().hex())\n"
        "print(r.fit_permutation(42, 11).tolist())\n"
        "for dtype in ('float32', 'float64'):\n"
        "    print(r.stateless_normal([5], (1, 2), dtype=dtype).numpy().tolist())\n"
        "    print(r.stateless_truncated_normal([5], (1, 2), dtype=dtype).numpy().tolist())\n"
    )
    said = []
    for switch in ("NUMBA_DISABLE_JIT", "NUMBA_BOUNDSCHECK"):
        result = subprocess.run(
            [sys.executable, "-W", "error", "-c", program],
            env={**os.environ, "PYTHONPATH": str(ROOT), switch: "1"},
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert result.returncode == 0, result.stderr
        said.append(result.stdout.splitlines())
    for lines in said:
        assert lines[0] == tf.random.stateless_uniform([9], (1, 2)).numpy().tobytes().hex()
        twice = tf.random.stateless_uniform([9], (1, 2), dtype="float64")
        assert lines[1] == twice.numpy().tobytes().hex()
        assert json.loads(lines[2]) == [4, 2, 5, 10, 0, 8, 3, 6, 9, 7, 1]
        for i, dtype in enumerate(("float32", "float64")):
            for j, name in enumerate(("normal", "truncated_normal")):
                found = np.array(json.loads(lines[3 + 2 * i + j]), dtype)
                expected = getattr(tf.random, f"stateless_{name}")([5], (1, 2), dtype=dtype)
                np.testing.assert_array_max_ulp(found, expected.numpy(), 4)


def test_whole_arrays_are_made_of_pieces() -> None:
    """Each kernel for all threads fills what the one for a single thread does."""
    n = 3 * philox.PIECE + 8
    key, low, high = np.uint64(3), np.uint64(2**64 - 5), np.uint64(1)
    for name, dtype in (
        ("bits", np.uint32),
        ("uniform32", np.float32),
        ("uniform64", np.float64),
        ("normal32", np.float32),
        ("normal64", np.float64),
        ("truncated32", np.float32),
        ("truncated64", np.float64),
    ):
        one, all_ = np.zeros(n, dtype), np.zeros(n, dtype)
        getattr(philox, f"some_{name}")(one, key, low, high, 0)
        getattr(philox, f"all_{name}")(all_, key, low, high)
        assert_same_bits(all_, one)


def test_truncated_numbers_are_truncated() -> None:
    x = sn.stateless_truncated_normal([100_000], (3, 4)).numpy()
    assert np.abs(x).max() < 2
    assert abs(x.std() - 0.8796) < 0.01
    assert stateful_stream(1, 2) == (1, 2 << 64)
