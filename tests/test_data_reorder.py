"""Shuffles of what is repeated: TensorFlow's order, and a buffer's memory however long they are."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
import tensorflow

import scratchnet


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
