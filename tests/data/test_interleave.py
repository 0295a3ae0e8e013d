"""interleave: TensorFlow's order."""

from __future__ import annotations

import os

import numpy as np
import pytest

from scratchnet.data import Dataset
from tests.support.datasets import Y, rows, same_error, unequal


def lengths(tf, ds, sizes):
    """Datasets of these sizes, each of its own numbers."""
    sizes = ds.from_tensor_slices(np.array(sizes, np.int64))
    return sizes.enumerate().map(lambda i, n: (i * 100, i * 100 + n))


@pytest.mark.parametrize("parallel", [None, 1, -1])
def test_datasets_of_all_lengths_in_turns(parallel):
    for sizes in ([3, 1, 0, 4, 2], [0, 0, 5, 1], [2], [4, 4, 4]):
        for cycle, block in [(1, 1), (2, 1), (2, 3), (3, 2), (4, 1), (9, 2), (2, 99)]:
            assert [] == unequal(
                lambda tf, ds, sizes=sizes, cycle=cycle, block=block: lengths(
                    tf, ds, sizes
                ).interleave(ds.range, cycle, block, parallel)
            )


PIPELINES = {
    "as many as cores": lambda tf, ds: lengths(tf, ds, [3, 1, 4, 4, 2, 5]).interleave(ds.range),
    "of nothing": lambda tf, ds: ds.range(0).interleave(ds.range, 3),
    "of batches": lambda tf, ds: rows(ds).interleave(
        lambda x, y: ds.from_tensor_slices(x).repeat(y + 1).batch(3), 4, 2
    ),
    "of shuffles": lambda tf, ds: ds.range(4).interleave(
        lambda i: ds.range(5).shuffle(5, seed=1).map(lambda j: (i, j)), 3
    ),
    "of random numbers": lambda tf, ds: ds.range(4).interleave(
        lambda i: ds.from_tensors(tf.random.uniform([2])), 2
    ),
    "of the endless": lambda tf, ds: (
        ds.range(3).interleave(lambda i: ds.from_tensors(i).repeat(), 2, 3).take(20)
    ),
    "then repeat": lambda tf, ds: ds.from_tensor_slices(Y[:4]).interleave(ds.range, 2).repeat(2),
}


@pytest.mark.parametrize("name", PIPELINES)
def test_interleaved_elements_are_tensorflows(name):
    assert unequal(PIPELINES[name]) == []


def test_without_a_cycle_length_it_is_the_number_of_cores():
    cores = len(os.sched_getaffinity(0))
    for calls in (None, -1, 1, cores):
        assert [] == unequal(
            lambda tf, ds, calls=calls: ds.range(3 * cores).interleave(
                lambda i: ds.from_tensors(i).repeat(3), num_parallel_calls=calls
            )
        )


ERRORS = {
    "cycle 0": (lambda tf, ds: ds.range(3).interleave(ds.range, 0), "must be greater than zero"),
    "cycle -2": (lambda tf, ds: ds.range(3).interleave(ds.range, -2), "must be greater than zero"),
    "block 0": (lambda tf, ds: ds.range(3).interleave(ds.range, 2, 0), "must be greater than zero"),
    "0 in parallel": (
        lambda tf, ds: ds.range(3).interleave(ds.range, 2, 1, 0),
        "must be greater than zero",
    ),
    "more than the cycle": (
        lambda tf, ds: ds.range(3).interleave(ds.range, 2, 1, 3),
        "less than or equal to `cycle_length`",
    ),
    "3": (lambda tf, ds: ds.range(3).interleave(3), "must be a callable. Received"),
}


@pytest.mark.parametrize("name", ERRORS)
def test_what_tensorflow_refuses(name):
    same_error(*ERRORS[name])


def test_a_function_that_returns_no_dataset_is_refused():
    with pytest.raises(
        TypeError, match=r"interleave: .*must return a `Dataset` object. Got <class"
    ):
        list(Dataset.range(3).interleave(lambda i: i, 2))
