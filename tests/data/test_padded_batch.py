"""padded_batch: TensorFlow's padding, specs and errors."""

from __future__ import annotations

import numpy as np
import pytest

from tests.support.datasets import rows, same_error, unequal


def ragged(tf, ds, n=5):
    """Vectors of n, n - 1, …, 1 numbers."""
    return ds.range(n).map(lambda i: tf.fill([n - i], tf.cast(i, "float32")))


def pairs(tf, ds):
    return ds.zip((ragged(tf, ds), ds.range(5).map(lambda i: tf.fill([2, i], i))))


PIPELINES = {
    "vectors": lambda tf, ds: ragged(tf, ds).padded_batch(2),
    "no remainder": lambda tf, ds: ragged(tf, ds).padded_batch(2, drop_remainder=True),
    "larger than all": lambda tf, ds: ragged(tf, ds).padded_batch(9, drop_remainder=True),
    "to a size": lambda tf, ds: ragged(tf, ds).padded_batch(2, padded_shapes=[7]),
    "to a shape": lambda tf, ds: ragged(tf, ds).padded_batch(3, tf.TensorShape([None])),
    "to the largest": lambda tf, ds: ragged(tf, ds).padded_batch(3, [-1], -1.0),
    "to a tensor's": lambda tf, ds: ragged(tf, ds).padded_batch(3, tf.constant([6], tf.int64)),
    "to an array's": lambda tf, ds: ragged(tf, ds).padded_batch(3, np.array([6])),
    "scalars": lambda tf, ds: ds.range(5).padded_batch(2),
    "known shapes": lambda tf, ds: rows(ds).padded_batch(4),
    "a pair": lambda tf, ds: pairs(tf, ds).padded_batch(2, ([None], [2, None])),
    "a pair, two values": lambda tf, ds: pairs(tf, ds).padded_batch(
        2, ([6], [3, None]), (0.5, np.int64(7))
    ),
    "a pair, one value": lambda tf, ds: pairs(tf, ds).padded_batch(
        2, ([6], [3, None]), (None, np.int64(7))
    ),
    "a dict": lambda tf, ds: (
        pairs(tf, ds)
        .map(lambda x, y: {"b": x, "a": (y, 1)})
        .padded_batch(3, {"b": [None], "a": ([None, 5], [])}, padding_values=None)
    ),
    "one value for all": lambda tf, ds: (
        ragged(tf, ds).map(lambda x: (x, 2 * x)).padded_batch(2, padding_values=9.0)
    ),
    "nothing": lambda tf, ds: rows(ds).take(0).padded_batch(2),
    "of the endless": lambda tf, ds: ragged(tf, ds).repeat().padded_batch(4).take(6),
    "bools": lambda tf, ds: ragged(tf, ds).map(lambda x: x > 2).padded_batch(3),
    "generated": lambda tf, ds: ds.from_generator(
        lambda: iter([[1], [2, 3], [4, 5, 6]]), output_signature=tf.TensorSpec((None,), tf.int32)
    ).padded_batch(2, padding_values=-1),
}


@pytest.mark.parametrize("name", PIPELINES)
def test_padded_batches_are_tensorflows(name):
    assert unequal(PIPELINES[name]) == []


ERRORS = {
    "batch 0": (lambda tf, ds: ds.range(3).padded_batch(0), "ize must be greater than zero"),
    "batch 1.5": (lambda tf, ds: ds.range(3).padded_batch(1.5), "Cannot convert 1.5"),
    "too small": (
        lambda tf, ds: list(ragged(tf, ds).padded_batch(2, [3])),
        "Attempted to pad to a smaller size than the input element",
    ),
    "smaller than known": (lambda tf, ds: rows(ds).padded_batch(2, ([1], [])), "is not compatible"),
    "another rank": (lambda tf, ds: ds.range(3).padded_batch(2, [3]), "is not compatible"),
    "a matrix": (
        lambda tf, ds: ds.range(3).padded_batch(2, tf.zeros([1, 1], tf.int64)),
        "its shape was",
    ),
    "another dtype": (
        lambda tf, ds: ds.range(3).padded_batch(2, padding_values=1.5),
        "does not match type",
    ),
    "a vector": (
        lambda tf, ds: ds.range(3).padded_batch(2, padding_values=np.arange(2)),
        "should be scalars",
    ),
    "unknown rank": (
        lambda tf, ds: ds.from_generator(lambda: iter([1]), tf.int32).padded_batch(2),
        "unknown rank",
    ),
    "too few shapes": (lambda tf, ds: rows(ds).padded_batch(2, ([2],)), ""),
    "arrays for sizes": (
        lambda tf, ds: ds.range(3).padded_batch(2, [np.zeros(2), np.zeros(3)]),
        "",
    ),
    "one shape of two": (lambda tf, ds: rows(ds).padded_batch(2, 3), ""),
}


@pytest.mark.parametrize("name", ERRORS)
def test_what_tensorflow_refuses(name):
    same_error(*ERRORS[name])
