"""element_spec after functions of a pipeline: TensorFlow's, whatever sizes they need."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow

import scratchnet
from tests.support.datasets import unequal

X = np.arange(48, dtype=np.float32).reshape(12, 4)


def batches(ds: Any, n: int = 6, drop_remainder: bool = False) -> Any:
    return ds.from_tensor_slices(X).batch(n, drop_remainder)


# Functions of a batch of 6 rows, of which TensorFlow knows the number in one case of two.
OF_BATCHES = {
    "a row": lambda tf, x: x[5],
    "a row from behind": lambda tf, x: x[-6],
    "rows": lambda tf, x: tf.gather(x, [5, 3]),
    "reshape": lambda tf, x: tf.reshape(x, (2, -1)),
    "reshape to whole rows": lambda tf, x: tf.reshape(x, (-1, 8)),
    "reshape to a known shape": lambda tf, x: tf.reshape(x, (24,)),
    "split": lambda tf, x: tuple(tf.split(x, 2)),
    "split in single rows": lambda tf, x: tuple(tf.split(x, 6)),
    "unstack": lambda tf, x: tuple(tf.unstack(x, 6)),
    "top_k": lambda tf, x: tf.math.top_k(tf.transpose(x), 4).values,
    "broadcast": lambda tf, x: x + np.ones((6, 1), np.float32),
    "matmul": lambda tf, x: tf.matmul(np.ones((2, 6), np.float32), x),
    "ensure_shape": lambda tf, x: tf.ensure_shape(x, (6, 4)),
    "slice": lambda tf, x: tf.slice(x, [1, 0], [4, 2]),
    "scatter": lambda tf, x: tf.tensor_scatter_nd_update(x, [[5]], np.ones((1, 4), np.float32)),
    "the first row": lambda tf, x: x[:1],
    "the first rows": lambda tf, x: x[:2],
    "the last rows": lambda tf, x: x[-2:],
    "rows from the middle": lambda tf, x: x[5:6],
    "half": lambda tf, x: x[: tf.shape(x)[0] // 2],
    "unique": lambda tf, x: tf.unique(tf.reshape(x // 7, [-1])),
    "unique_with_counts": lambda tf, x: tuple(tf.unique_with_counts(tf.reshape(x // 7, [-1]))),
    "one of the unique": lambda tf, x: tf.unique(tf.reshape(x, [-1]))[0][5],
    "where": lambda tf, x: tf.where(x > 5),
    "rows by where": lambda tf, x: tf.gather(x, tf.where(x[:, 0] > 5)[:, 0]),
    "boolean_mask": lambda tf, x: tf.boolean_mask(x, x > 5),
    "boolean_mask of rows": lambda tf, x: tf.boolean_mask(x, x[:, 0] > 5),
    "boolean_mask of columns": lambda tf, x: tf.boolean_mask(x, [True, False, True, True], axis=1),
    "some of boolean_mask": lambda tf, x: tf.boolean_mask(x[0], x[0] >= 0)[:2],
    "bincount": lambda tf, x: tf.math.bincount(tf.cast(tf.reshape(x, [-1]), tf.int32)),
    "sequence_mask": lambda tf, x: tf.sequence_mask(tf.cast(x[:, 0], tf.int32)),
    "segment_sum": lambda tf, x: tf.math.segment_sum(x, [0, 0, 1, 1, 2, 2]),
    "repeat": lambda tf, x: tf.repeat(x, [1, 2, 3, 1, 1, 1], axis=0),
    "range": lambda tf, x: tf.range(tf.cast(tf.reduce_max(x), tf.int32)),
    "an inverse": lambda tf, x: tf.linalg.inv(tf.linalg.diag(x[5] - x[4])),
    "shapes that stay": lambda tf, x: (x * 2, tf.reduce_sum(x, 0), tf.transpose(x), x[:, :1]),
    "scan": lambda tf, x: tf.scan(lambda a, e: a + e, x),
}


@pytest.mark.parametrize("drop", [False, True])
@pytest.mark.parametrize("name", OF_BATCHES)
def test_functions_of_batches(name: str, drop: bool) -> None:
    def dataset(tf: Any, ds: Any) -> Any:
        return batches(ds, drop_remainder=drop).map(lambda x: OF_BATCHES[name](tf, x))

    assert unequal(dataset) == []


PIPELINES = {
    "different numbers, padded": lambda tf, ds: (
        ds.from_tensor_slices(X % 3).map(lambda x: tf.unique(x)[0]).padded_batch(6)
    ),
    "two of them": lambda tf, ds: (
        ds.from_tensor_slices(X % 3)
        .map(lambda x: (tf.boolean_mask(x, x > 0), tf.where(x > 0)))
        .padded_batch(6)
    ),
    "as long as a number says": lambda tf, ds: (
        ds.range(1, 7).map(lambda n: tf.range(n)).padded_batch(3)
    ),
    "as long as a float says": lambda tf, ds: (
        ds.from_tensor_slices([3.0, 1.0]).map(lambda x: tf.range(x)).padded_batch(2)
    ),
    "map after map": lambda tf, ds: (
        batches(ds).map(lambda x: (x[5], x)).map(lambda row, x: (row, x + row, x[:2]))
    ),
    "flat_map": lambda tf, ds: batches(ds).flat_map(lambda x: ds.from_tensors(x[5])),
    "flat_map of rows": lambda tf, ds: batches(ds).flat_map(
        lambda x: ds.from_tensor_slices(tf.reshape(x, (3, 2, 4)))
    ),
    "interleave": lambda tf, ds: batches(ds).interleave(
        lambda x: ds.from_tensors(tf.boolean_mask(x, x > 3)), cycle_length=1
    ),
    "a scan of batches": lambda tf, ds: batches(ds).scan(0.0, lambda s, x: (s + x[5, 0], x[5])),
    "a scan whose state varies": lambda tf, ds: ds.from_tensor_slices(X % 3).scan(
        tf.zeros([2]), lambda s, x: (tf.unique(x)[0], s)
    ),
    "a window": lambda tf, ds: (
        ds.range(8).window(4).flat_map(lambda w: w.batch(4).map(lambda x: x[3]))
    ),
    "a group": lambda tf, ds: ds.range(12).group_by_window(
        lambda i: i % 2, lambda key, group: group.batch(6).map(lambda x: x[5]), window_size=6
    ),
    "unbatch": lambda tf, ds: batches(ds).map(lambda x: tf.reshape(x, (3, 8))).unbatch(),
    "shuffle": lambda tf, ds: (
        ds.from_tensor_slices(X).shuffle(12, seed=3).batch(6).map(lambda x: x[5])
    ),
}


@pytest.mark.parametrize("name", PIPELINES)
def test_pipelines(name: str) -> None:
    assert unequal(PIPELINES[name]) == []


def test_an_element_decides_where_no_stand_in_passes() -> None:
    """Two sizes that differ: no stand-in has them."""

    def dataset(tf: Any, ds: Any) -> Any:
        pairs = ds.zip(batches(ds, 3), batches(ds, 2))
        seven = np.ones((3, 2), np.float32)
        return pairs.map(lambda a, b: (a[:, :2] + seven, b[:, :1] * seven[:2], tf.unique(b[0])[0]))

    assert unequal(dataset) == []


def test_finding_a_spec_draws_no_seeds_and_reads_no_shuffle() -> None:
    def run(tf: Any) -> Any:
        tf.random.set_seed(5)
        ds = tf.data.Dataset
        a, b = [ds.range(12).shuffle(12, seed=1).batch(n, drop_remainder=False) for n in (3, 2)]
        pairs = ds.zip(a, b).map(lambda x, y: (x + np.arange(3), y + np.arange(2)))
        assert pairs.element_spec[0].shape == (3,)
        drawn = [[x.numpy().tolist() for x in pair] for pair in pairs]
        return drawn, tf.random.uniform([2]).numpy().tolist()

    assert run(scratchnet) == run(tensorflow)


def test_true_errors_come_with_the_elements() -> None:
    def dataset(tf: Any) -> Any:
        ds = batches(tf.data.Dataset)
        return ds.map(lambda x: x[99]), ds.map(lambda x: (tf.debugging.assert_less(x, 30.0), x)[1])

    for tf in (tensorflow, scratchnet):
        row, checked = dataset(tf)
        assert tuple(row.element_spec.shape) == (4,)
        assert tuple(checked.element_spec.shape) == (None, 4)
        for reader in (iter(row), row.as_numpy_iterator()):
            with pytest.raises(tf.errors.InvalidArgumentError, match="99 of dimension 0"):
                next(reader)
        reader = iter(checked)
        assert float(next(reader)[5, 3]) == 23
        with pytest.raises(tf.errors.InvalidArgumentError):
            next(reader)


def test_errors_of_an_element_come_when_it_is_drawn() -> None:
    """A function that no stand-in and no element passes is refused where elements are asked for."""
    wrong = scratchnet.data.Dataset.range(3).map(lambda i: scratchnet.zeros(2) + scratchnet.ones(3))
    reader = wrong.as_numpy_iterator()
    with pytest.raises(scratchnet.errors.InvalidArgumentError, match="Incompatible shapes"):
        next(reader)
    with pytest.raises(scratchnet.errors.InvalidArgumentError, match="Incompatible shapes"):
        wrong.element_spec  # noqa: B018 - the property is what is tested
