"""Generator: a stream that keeps its own place, bit for bit TensorFlow's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from scratchnet import random as snr
from scratchnet.engine.errors import InvalidArgumentError
from tests.support.random_numbers import GOLDEN, assert_golden, assert_same_bits


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


@pytest.mark.parametrize(
    "call",
    [
        lambda g: g.normal([5]),
        lambda g: g.normal([5], 3.0),
        lambda g: g.normal([5], 3.0, 0.5, "float64"),
        lambda g: g.normal([2], [1.0, 2.0], [0.5, 0.1]),
        lambda g: g.truncated_normal([5]),
        lambda g: g.truncated_normal([5], stddev=2.0),
        lambda g: g.uniform([5]),
        lambda g: g.uniform([5], 0.5),
        lambda g: g.uniform([5], maxval=7.0),
        lambda g: g.uniform([5], -1.0, 1.0, "float64"),
        lambda g: g.uniform([5], 0, 1),
        lambda g: g.uniform([5], 0, 1.0, "float16"),
        lambda g: g.uniform([5], maxval=7, dtype="int32"),
        lambda g: g.uniform_full_int([5]),
        lambda g: g.make_seeds(),
        lambda g: tf.stack([child.normal([3]).numpy() for child in g.split()]),
        lambda g: g.skip(0),
    ],
)
def test_calls_with_some_arguments(call: Any) -> None:
    a, b = (module.Generator.from_seed(5) for module in (snr, tf.random))
    for _ in range(2):  # the second call begins where the first one ended
        assert_same_bits(call(a), call(b))
    assert_same_bits(a.state.numpy(), b.state.numpy())


def test_counters_carry_into_their_upper_half() -> None:
    for key, counter in ((-1, [-1, -1]), (5, [-256, 3]), (2**63 - 1, [2**63 - 1, -(2**63)])):
        a, b = (
            module.Generator.from_key_counter(key, counter, "philox") for module in (snr, tf.random)
        )
        assert_same_bits(a.uniform([3]), b.uniform([3]))
        assert_same_bits(a.state.numpy(), b.state.numpy())
        assert_same_bits(a.key, b.key)


def test_what_a_generator_refuses_in_full() -> None:
    generator = snr.Generator.from_seed(1)
    said = "For integer dtype int32, minval and maxval must be both `None` or both non-`None`; got "
    for bounds, end in (
        ((None, 3), "minval=None and maxval=3"),
        ((2, None), "minval=2 and maxv"),
    ):
        with pytest.raises(ValueError, match="uniform: ") as caught:
            generator.uniform([2], *bounds, "int32")
        assert said + end in str(caught.value)
    with pytest.raises(InvalidArgumentError) as refused:
        generator.uniform([2], dtype="int8", maxval=3)
    assert str(refused.value) == (
        "Generator: `dtype` must be one of ('int32', 'int64'), received dtype=int8"
    )
    for key, counter in ((1, [1]), (1, [1, 2, 3]), ([1, 2], [1, 2]), (1, 2)):
        with pytest.raises(ValueError, match="`key` must be an integer and `counter` two integers"):
            snr.Generator.from_key_counter(key, counter, "philox")
    with pytest.raises(ValueError, match="neither"):
        snr.Generator(alg="philox")
    assert snr.Generator(state=[1, 2, 3]).algorithm == 1
