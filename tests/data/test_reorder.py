"""shuffle and repeat: TensorFlow's orders and seeds, in every reading."""

from __future__ import annotations

import itertools
import tracemalloc

import numpy as np
import pytest
import tensorflow
import tensorflow as tf

import scratchnet
from scratchnet.data import UNKNOWN_CARDINALITY, Dataset
from scratchnet.data.element_spec import TensorSpec
from scratchnet.data.node import Node
from scratchnet.ops.random_seeds import set_seed
from tests.support.datasets import Y, read, rows

SHUFFLES = {
    "buffer smaller": lambda d: d.shuffle(4, seed=3),
    "buffer equal": lambda d: d.shuffle(11, seed=3),
    "buffer larger": lambda d: d.shuffle(100, seed=3),
    "buffer of all": lambda d: d.shuffle(UNKNOWN_CARDINALITY, seed=3),
    "buffer of one": lambda d: d.shuffle(1, seed=3),
    "negative seed": lambda d: d.shuffle(4, seed=-3),
    "one order": lambda d: d.shuffle(4, seed=3, reshuffle_each_iteration=False),
    "new orders": lambda d: d.shuffle(4, seed=3, reshuffle_each_iteration=True),
    "new orders by None": lambda d: d.shuffle(4, seed=3, reshuffle_each_iteration=None),
    "batch": lambda d: d.shuffle(8, seed=3).batch(4),
    "repeat": lambda d: d.shuffle(8, seed=3).repeat(3),
    "repeat one order": lambda d: d.shuffle(8, seed=3, reshuffle_each_iteration=False).repeat(3),
    "repeat first": lambda d: d.repeat(3).shuffle(8, seed=3),
    "twice": lambda d: d.shuffle(8, seed=3).shuffle(5, seed=4),
    "take": lambda d: d.shuffle(8, seed=3).take(5),
    "skip": lambda d: d.shuffle(8, seed=3).skip(5),
    "map": lambda d: d.shuffle(8, seed=3).map(lambda i: i * 2),
    "after map": lambda d: d.map(lambda i: i * 2).shuffle(8, seed=3).batch(3),
    "cache": lambda d: d.shuffle(8, seed=3).cache(),
    "after cache": lambda d: d.cache().shuffle(8, seed=3),
    "concatenate": lambda d: d.shuffle(8, seed=3).concatenate(d.shuffle(5, seed=3)),
    "enumerate": lambda d: d.shuffle(8, seed=3).enumerate().map(lambda i, x: x),
    "prefetch": lambda d: d.shuffle(8, seed=3).prefetch(2),
    "unbatch": lambda d: d.batch(2).shuffle(8, seed=3).unbatch(),
    "filter": lambda d: d.shuffle(8, seed=3).filter(lambda i: i > 2),
    "flat_map": lambda d: d.shuffle(8, seed=3).flat_map(lambda i: type(d).from_tensors(i)),
}


def sources(ds):
    """The same numbers as rows, which are shuffled by number, and as elements."""
    return {"rows": ds.from_tensor_slices(Y), "elements": ds.range(11)}


@pytest.mark.parametrize("kind", ["rows", "elements"])
@pytest.mark.parametrize("name", SHUFFLES)
def test_shuffle_has_tensorflows_order_in_each_of_three_readings(name, kind):
    ours = SHUFFLES[name](sources(Dataset)[kind])
    theirs = SHUFFLES[name](sources(tf.data.Dataset)[kind])
    assert [read(ours) for _ in range(3)] == [read(theirs) for _ in range(3)]


def test_shuffle_with_the_global_seed_has_tensorflows_order():
    set_seed(7), tf.random.set_seed(7)
    for ds in (Dataset, tf.data.Dataset):
        ds.range(3).shuffle(3)  # each takes one number from the global generator
    ours, theirs = Dataset.range(20).shuffle(6), tf.data.Dataset.range(20).shuffle(6)
    both = Dataset.range(20).shuffle(6, seed=5), tf.data.Dataset.range(20).shuffle(6, seed=5)
    assert [read(ours) for _ in range(3)] == [read(theirs) for _ in range(3)]
    assert [read(both[0]) for _ in range(2)] == [read(both[1]) for _ in range(2)]


def plain(dataset):
    """Without TensorFlow's reading ahead in another thread, which is another race every time."""
    if isinstance(dataset, Dataset):
        return dataset
    options = tf.data.Options()
    options.experimental_optimization.inject_prefetch = False
    return dataset.with_options(options)


REPEATS = {
    "batch": lambda d: d.batch(3).repeat(2),
    "map": lambda d: d.map(lambda i: i + 1).repeat(3),
    "take": lambda d: d.take(5).repeat(2),
    "skip": lambda d: d.skip(2).repeat(2),
    "prefetch": lambda d: d.prefetch(2).repeat(2),
    "prefetch of nothing": lambda d: d.prefetch(0).repeat(2),
    "take all": lambda d: d.take(-1).repeat(2),
    "skip nothing": lambda d: d.skip(0).repeat(2),
    "once, then again": lambda d: d.repeat(1).repeat(2),
    "once": lambda d: d.batch(3).repeat(1),
    "for ever": lambda d: d.batch(3).repeat().take(8),
    "in a repeat": lambda d: d.batch(3).repeat(2).repeat(2),
    "fused, in a repeat": lambda d: d.repeat(2).repeat(3),
    "then take": lambda d: d.batch(2).repeat(3).take(6),
    "then take past the end": lambda d: d.batch(2).repeat(2).take(99),
    "two shuffles": lambda d: d.shuffle(4, seed=1).batch(2).repeat(2),
    "two shuffles, fused": lambda d: d.shuffle(4, seed=1).repeat(3),
    "shuffle after": lambda d: d.batch(2).repeat(2).shuffle(3, seed=2),
    "one order": lambda d: d.shuffle(4, seed=1, reshuffle_each_iteration=False).take(3).repeat(3),
    "cache": lambda d: d.cache().repeat(2),
    "nothing": lambda d: d.filter(lambda i: i > 99).repeat(3),
    "concatenate": lambda d: d.batch(2).repeat(2).concatenate(d.batch(2)),
}


@pytest.mark.parametrize("seed", [0, 5, None])
@pytest.mark.parametrize("kind", ["rows", "elements"])
@pytest.mark.parametrize("name", REPEATS)
def test_repeat_takes_the_seeds_of_a_shuffle_as_tensorflow_does(name, kind, seed):
    """Of three readings whole, then of one that stops early, then of two side by side."""

    def readings(ds):
        dataset = plain(REPEATS[name](sources(ds)[kind].shuffle(10, seed=seed)))
        whole = [read(dataset) for _ in range(3)]
        read(itertools.islice(dataset, 2))
        both = [[], []]
        for pair in itertools.zip_longest(dataset, dataset):
            for numbers, element in zip(both, pair, strict=True):
                numbers.append(None if element is None else np.asarray(element).tolist())
        return whole, both, read(dataset)

    assert readings(Dataset) == readings(tf.data.Dataset)


def test_a_finite_repeat_reads_on_after_an_empty_pass():
    def passes(ds, spec):
        sizes = iter([2, 0, 3, 0])
        counted_down = lambda: iter(range(next(sizes)))  # noqa: E731
        return read(ds.from_generator(counted_down, output_signature=spec((), "int32")).repeat(3))

    assert passes(Dataset, TensorSpec) == passes(tf.data.Dataset, tf.TensorSpec) == [0, 1, 0, 1, 2]


def test_shuffle_without_any_seed_differs_from_time_to_time():
    set_seed(None)
    orders = {tuple(read(Dataset.range(50).shuffle(50))) for _ in range(3)}
    assert len(orders) == 3
    assert all(sorted(order) == list(range(50)) for order in orders)


@pytest.mark.parametrize(
    "step",
    [
        lambda d: d,
        lambda d: d.batch(1),
        lambda d: d.repeat(),
        lambda d: d.take(9),
        lambda d: d.skip(2),
        lambda d: d.map(lambda i: i),
        lambda d: d.concatenate(d),
        lambda d: d.cache(),
        lambda d: d.batch(2).unbatch(),
        lambda d: d.prefetch(1),
    ],
)
def test_readers_take_their_seeds_when_they_are_made_not_when_first_read(step):
    def interleaved(ds):
        dataset = step(ds.range(11).shuffle(11, seed=3))
        first, second = iter(dataset), iter(dataset)
        late = [np.ravel(next(second)).tolist() for _ in range(4)]
        return [np.ravel(next(first)).tolist() for _ in range(4)], late, read(dataset.take(3))

    assert interleaved(Dataset) == interleaved(tf.data.Dataset)


def test_shuffled_batches_of_rows_are_gathered_without_making_an_element(monkeypatch):
    def fail(node):
        raise AssertionError("an element was made")

    monkeypatch.setattr(Node, "elements", fail)
    batches = rows(Dataset).shuffle(4, seed=1).repeat(2).skip(1).take(20).cache().batch(3)
    assert sum(len(y) for _, y in batches) == 20


def orders(tf, rows, repeats, buffer_size, in_rows, readings=2):
    tf.random.set_seed(3)
    data = tf.data.Dataset.from_tensor_slices(np.arange(rows)).repeat(repeats)
    data = data if in_rows else data.map(lambda x: x)
    data = data.shuffle(buffer_size)
    return [[int(x) for x in data] for _ in range(readings)]


@pytest.mark.parametrize("in_rows", [True, False])
@pytest.mark.parametrize(
    ("rows", "repeats", "buffer_size"), [(7, 3, 2), (5, 12, 3), (4, 1, 2), (3, 4, 50), (6, 2, 1)]
)
def test_repeated_rows_are_shuffled_in_tensorflows_order(rows, repeats, buffer_size, in_rows):
    given = rows, repeats, buffer_size, in_rows
    assert orders(scratchnet, *given) == orders(tensorflow, *given)


def test_a_shuffle_of_many_repetitions_holds_its_buffer_only():
    rows = scratchnet.data.Dataset.from_tensor_slices(np.arange(1000))
    tracemalloc.start()
    try:
        first = next(iter(rows.repeat(10**8).shuffle(100).batch(32)))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert first.shape == (32,)
    assert peak < 1e6


@pytest.mark.parametrize(
    "function",
    [
        lambda tf: lambda x: tf.ones([x]),
        lambda tf: lambda x: (tf.zeros([2, x]), x),
        lambda tf: lambda x: tf.ones([3]) * tf.cast(x, tf.float32),
        lambda tf: lambda x: tf.gather([1.0, 2.0], x - 1),
    ],
)
def test_a_size_that_hangs_on_a_value_is_unknown(function):
    specs = [
        tf.data.Dataset.range(1, 3).map(function(tf)).element_spec
        for tf in (scratchnet, tensorflow)
    ]
    ours, theirs = ([tuple(s.shape) for s in scratchnet.nest.flatten(spec)] for spec in specs)
    assert ours == theirs
