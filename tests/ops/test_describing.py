"""Functions run only for their shapes: the sizes that depend on values, and what holds there."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow

import scratchnet
from scratchnet.ops.describing import describing, is_describing, size_by_value, was_asked

X = np.arange(12, dtype=np.float32).reshape(3, 4)
IDS = np.array([0, 2, 2])


def test_it_is_known_on_its_thread_until_it_ends() -> None:
    assert not is_describing()
    assert size_by_value() is None
    with describing(5):
        with describing():
            assert is_describing()
            assert size_by_value() is None
        assert is_describing()
        assert size_by_value() == 5
    assert not is_describing()
    assert size_by_value() is None


def test_whether_a_size_was_asked_for_is_known_once() -> None:
    was_asked()
    with describing(5):
        assert not was_asked()
        size_by_value()
    assert was_asked()
    assert not was_asked()
    size_by_value()  # of no trial
    assert not was_asked()


BY_VALUE = {
    "where": lambda tf, x, ids: tf.where(x > 3),
    "unique": lambda tf, x, ids: tf.unique(x[0]),
    "unique_with_counts": lambda tf, x, ids: tf.unique_with_counts(x[0], out_idx=tf.int64),
    "boolean_mask": lambda tf, x, ids: tf.boolean_mask(x, x[:, 0] > 3),
    "boolean_mask along an axis": lambda tf, x, ids: tf.boolean_mask(
        x, [True, False, True, True], axis=1
    ),
    "boolean_mask of two axes": lambda tf, x, ids: tf.boolean_mask(x, x > 3),
    "bincount": lambda tf, x, ids: tf.math.bincount(ids),
    "bincount of weights": lambda tf, x, ids: tf.math.bincount(ids, weights=x[:, 0]),
    "bincount within bounds": lambda tf, x, ids: tf.math.bincount(ids, minlength=3, maxlength=3),
    "confusion_matrix": lambda tf, x, ids: tf.math.confusion_matrix(ids, ids),
    "confusion_matrix of classes": lambda tf, x, ids: tf.math.confusion_matrix(
        ids, ids, num_classes=4
    ),
    "sequence_mask": lambda tf, x, ids: tf.sequence_mask(ids),
    "sequence_mask of a length": lambda tf, x, ids: tf.sequence_mask(ids, maxlen=4),
    "segment_sum": lambda tf, x, ids: tf.math.segment_sum(x, ids),
    "segment_mean": lambda tf, x, ids: tf.math.segment_mean(x, ids),
    "segment_mean of integers": lambda tf, x, ids: tf.math.segment_mean(tf.cast(x, tf.int32), ids),
    "repeat": lambda tf, x, ids: tf.repeat(x, [1, 0, 2], axis=0),
    "repeat along the last axis": lambda tf, x, ids: tf.repeat(x, [1, 0, 2, 1], axis=1),
    "repeat of one count": lambda tf, x, ids: tf.repeat(x, 2, axis=0),
}


@pytest.mark.parametrize("name", BY_VALUE)
def test_sizes_by_value_are_those_that_tensorflow_does_not_know(name: str) -> None:
    @tensorflow.function
    def traced(x: Any, ids: Any) -> Any:
        return BY_VALUE[name](tensorflow, x, ids)

    theirs = traced.get_concrete_function(X, IDS).structured_outputs
    with describing(7):
        ours = BY_VALUE[name](scratchnet, X, IDS)
    true = BY_VALUE[name](scratchnet, X, IDS)
    wanted, found, real = [parts(x) for x in (theirs, ours, true)]
    assert len(wanted) == len(found) == len(real)
    for a, b, c in zip(wanted, found, real, strict=True):
        assert tuple(b.shape) == tuple(7 if size is None else size for size in a.shape)
        assert b.dtype.name == c.dtype.name == a.dtype.name


def parts(outputs: Any) -> list[Any]:
    return list(outputs) if isinstance(outputs, tuple) else [outputs]


def test_assertions_hold() -> None:
    x = scratchnet.constant([1.0, np.inf])
    with describing():
        scratchnet.debugging.assert_less(x, 0.0)
        scratchnet.debugging.assert_negative(x)
        scratchnet.debugging.Assert(False, [x])
        scratchnet.debugging.check_numerics(x, "x")
    with pytest.raises(scratchnet.errors.InvalidArgumentError):
        scratchnet.debugging.assert_negative(x)
