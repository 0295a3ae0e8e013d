"""random, sample_from_datasets, choose_from_datasets: TensorFlow's draws and choices."""

from __future__ import annotations

import numpy as np
import pytest

from tests.support.datasets import rows, same_error, unequal


def three(ds):
    return [ds.range(5), ds.range(10, 13), ds.range(20, 29)]


PIPELINES = {
    "random": lambda tf, ds: ds.random(seed=4).take(6),
    "random, no seed": lambda tf, ds: ds.random().take(6),
    "random anew": lambda tf, ds: ds.random(4, rerandomize_each_iteration=True).take(6),
    "random for ever": lambda tf, ds: ds.random(4),
    "sample": lambda tf, ds: ds.sample_from_datasets(three(ds), seed=3),
    "sample, no seed": lambda tf, ds: ds.sample_from_datasets(three(ds)),
    "sample anew": lambda tf, ds: ds.sample_from_datasets(
        three(ds), seed=3, rerandomize_each_iteration=True
    ),
    "sample to the first end": lambda tf, ds: ds.sample_from_datasets(
        three(ds), seed=3, stop_on_empty_dataset=True
    ),
    "weights": lambda tf, ds: ds.sample_from_datasets(three(ds), [0.1, 0.2, 0.7], 5),
    "weights over 1": lambda tf, ds: ds.sample_from_datasets(three(ds), [5.0, 2.0, 1.0], 5),
    "a weight of 0": lambda tf, ds: ds.sample_from_datasets(three(ds), [0.5, 0.0, 0.5], 5),
    "one weight": lambda tf, ds: ds.sample_from_datasets(three(ds), [0.0, 1.0, 0.0], 5),
    "no weight": lambda tf, ds: ds.sample_from_datasets(three(ds), [0.0, 0.0, 0.0], 5),
    "weights in an array": lambda tf, ds: ds.sample_from_datasets(
        three(ds), np.array([0.1, 0.2, 0.7]), 5
    ),
    "weights in a tensor": lambda tf, ds: ds.sample_from_datasets(
        three(ds), tf.constant([0.5, 0.0, 0.5]), 5
    ).take(9),  # a reading to the end would wait for the one in the middle, for ever
    "weights in a dataset": lambda tf, ds: ds.sample_from_datasets(
        three(ds), ds.range(1, 9).map(lambda i: [tf.cast(tf.stack([i, 1, 2]), "float32")]), 5
    ),
    "one dataset": lambda tf, ds: ds.sample_from_datasets([ds.range(3)], seed=3),
    "for ever": lambda tf, ds: ds.sample_from_datasets([d.repeat() for d in three(ds)], seed=3),
    "one for ever": lambda tf, ds: ds.sample_from_datasets(
        [ds.range(3).repeat(), ds.range(7)], seed=3
    ),
    "one for ever, to the first end": lambda tf, ds: ds.sample_from_datasets(
        [ds.range(3).repeat(), ds.range(7)], seed=3, stop_on_empty_dataset=True
    ),
    "pairs": lambda tf, ds: ds.sample_from_datasets((rows(ds), rows(ds).skip(5)), seed=3).batch(4),
    "shuffles": lambda tf, ds: ds.sample_from_datasets(
        [ds.range(5).shuffle(5), ds.range(10, 19).shuffle(4)]
    ),
    "choose": lambda tf, ds: ds.choose_from_datasets(three(ds), ds.range(3).repeat(4)),
    "choose past the ends": lambda tf, ds: ds.choose_from_datasets(
        three(ds), ds.range(3).repeat(12), stop_on_empty_dataset=False
    ),
    "choose other sizes": lambda tf, ds: ds.choose_from_datasets(
        [ds.range(4).batch(3), ds.range(4).batch(2, drop_remainder=True)], ds.range(2)
    ),
    "choose of filtered": lambda tf, ds: ds.choose_from_datasets(
        [ds.range(9).filter(lambda i: i > 3), ds.range(3)], ds.range(2).repeat()
    ),
    "choose nothing": lambda tf, ds: ds.choose_from_datasets(three(ds), ds.range(0)),
}


@pytest.mark.parametrize("name", PIPELINES)
def test_what_is_chosen_is_tensorflows(name):
    assert unequal(PIPELINES[name]) == []


ERRORS = {
    "sample of nothing": (
        lambda tf, ds: ds.sample_from_datasets([]),
        "`datasets` should not be empty",
    ),
    "two weights for three": (
        lambda tf, ds: ds.sample_from_datasets(three(ds), [0.5, 0.5]),
        "Invalid `weights`",
    ),
    "two weights for three, in a tensor": (
        lambda tf, ds: ds.sample_from_datasets(three(ds), tf.constant([0.5, 0.5])),
        "Invalid `weights`",
    ),
    "whole weights": (
        lambda tf, ds: ds.sample_from_datasets(three(ds), [1, 1, 1]),
        "must be either `tf.float32` or `tf.float64`",
    ),
    "sample of other structures": (
        lambda tf, ds: ds.sample_from_datasets([ds.range(3), rows(ds)]),
        "must have compatible element specs",
    ),
    "choose of nothing": (
        lambda tf, ds: ds.choose_from_datasets([], ds.range(3)),
        "`datasets` should not be empty",
    ),
    "choose by a list": (
        lambda tf, ds: ds.choose_from_datasets(three(ds), [0, 1]),
        "`choice_dataset` should be a `tf.data.Dataset` but is <class 'list'>",
    ),
    "choose by int32": (
        lambda tf, ds: ds.choose_from_datasets(three(ds), ds.range(3, output_type="int32")),
        "must be scalar `tf.int64` tensors",
    ),
    "choose the fourth of three": (
        lambda tf, ds: list(ds.choose_from_datasets(three(ds), ds.range(4))),
        "elector index out of range: 3 >= 3",
    ),
}


@pytest.mark.parametrize("name", ERRORS)
def test_what_tensorflow_refuses(name):
    same_error(*ERRORS[name])
