"""Random orders: shuffle, the order of `fit` and that of Dataset.shuffle."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

import scratchnet
from scratchnet.engine.tape import GradientTape
from scratchnet.engine.variable import Variable
from scratchnet.ops import random as sn
from tests.support.random_numbers import GOLDEN, assert_same_bits, set_both_seeds


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


@pytest.mark.parametrize("value", [5, [], [[1, 2], [3, 4], [5, 6]], [True, False, True], [7]])
def test_shuffle(value: Any) -> None:
    set_both_seeds(4)
    for _ in range(2):
        assert_same_bits(sn.shuffle(value), tf.random.shuffle(value))
    assert_same_bits(sn.uniform([2]), tf.random.uniform([2]))


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
    set_both_seeds(global_seed)
    expected = tf.data.Dataset.range(n).shuffle(buffer_size, seed, reshuffle)
    stream = sn.ShuffleStream(buffer_size, seed, reshuffle)
    for epoch in range(3):
        order = stream.order(n) if epoch % 2 else stream.shuffled(iter(range(n)))
        assert list(order) == list(expected.as_numpy_iterator())


def test_an_iterator_takes_its_seeds_when_it_is_made() -> None:
    set_both_seeds(5)
    expected = tf.data.Dataset.range(9).shuffle(4)
    stream = sn.ShuffleStream(4)
    a, b = stream.shuffled(iter(range(9))), stream.shuffled(iter(range(9)))
    first, second = iter(expected), iter(expected)
    assert list(b) == [int(i) for i in second]
    assert list(a) == [int(i) for i in first]


def test_a_stream_longer_than_one_reading_of_words() -> None:
    set_both_seeds(2)
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


def test_no_gradient_through_shuffle() -> None:
    x = Variable([1.0, 2.0])
    with GradientTape() as tape:
        y = sn.shuffle(x * 2)
    assert tape.gradient(y, x) is None
