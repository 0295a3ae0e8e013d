"""rejection_resample: TensorFlow's elements and draws."""

from __future__ import annotations

import pytest

from tests.support.datasets import rows, same_error, unequal


def parity(tf):
    return lambda i: tf.cast(i % 3 // 2, "int32")  # class 1 for every third


PIPELINES = {
    "known shares": lambda tf, ds: ds.range(60).rejection_resample(
        parity(tf), [0.5, 0.5], [2 / 3, 1 / 3], seed=4
    ),
    "counted shares": lambda tf, ds: ds.range(80).rejection_resample(
        parity(tf), [0.5, 0.5], seed=4
    ),
    "no seed": lambda tf, ds: ds.range(60).rejection_resample(parity(tf), [0.3, 0.7], [0.6, 0.4]),
    "pairs": lambda tf, ds: rows(ds).rejection_resample(
        lambda x, y: tf.cast(y % 2, "int32"), [0.4, 0.6], [0.5, 0.5], seed=1
    ),
    "as it is": lambda tf, ds: ds.range(9).rejection_resample(parity(tf), [0.5, 0.5], [0.5, 0.5]),
    "one class only": lambda tf, ds: ds.range(30).rejection_resample(
        parity(tf), [0.0, 1.0], [0.5, 0.5], seed=1
    ),
}


@pytest.mark.parametrize("name", PIPELINES)
def test_resampled_elements_are_tensorflows(name):
    assert unequal(PIPELINES[name]) == []


ERRORS = {
    "seed 1.5": (
        lambda tf, ds: ds.range(9).rejection_resample(parity(tf), [0.5, 0.5], [0.6, 0.4], seed=1.5),
        "1.5",
    ),
}


@pytest.mark.parametrize("name", ERRORS)
def test_what_tensorflow_refuses(name):
    same_error(*ERRORS[name])
