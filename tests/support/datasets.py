"""Small datasets, of either library, and how two pipelines are compared."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import tensorflow

import scratchnet
from scratchnet.data import Dataset

X = np.arange(22, dtype=np.float32).reshape(11, 2)
Y = np.arange(11)


def rows(ds):
    return ds.from_tensor_slices((X, Y))


def read(dataset):
    return [np.asarray(element).tolist() for element in dataset]


def unequal(pipeline):
    """What differs between the two datasets that `pipeline` makes of either library: nothing.

    Their cardinality, printed form, spec, and at most 99 elements of two readings.
    """
    found = []
    for tf in (scratchnet, tensorflow):
        tf.random.set_seed(4)
        dataset = pipeline(tf, tf.data.Dataset)
        readings = [[listed(x) for x in itertools.islice(dataset, 99)] for _ in range(2)]
        found.append([int(dataset.cardinality()), repr(dataset), *readings])
    return [pair for pair in zip(*found, strict=True) if pair[0] != pair[1]]


def listed(element):
    """An element as lists with dtypes; a dataset as what it is, with its elements."""
    if isinstance(element, tuple):
        return tuple(map(listed, element))
    if isinstance(element, dict):
        return {key: listed(part) for key, part in element.items()}
    if isinstance(element, Dataset | tensorflow.data.Dataset):
        return repr(element), int(element.cardinality()), [listed(part) for part in element]
    return element.dtype.name, element.shape.as_list(), element.numpy().tolist()


def same_error(call, words):
    """Hold the error that `call` raises to TensorFlow's: its class, and `words` in both."""
    errors = []
    for tf in (scratchnet, tensorflow):
        with pytest.raises(Exception) as info:  # noqa: PT011 (the type is what is found out)
            call(tf, tf.data.Dataset)
        errors.append(info)
    assert errors[0].type.__name__ == errors[1].type.__name__
    for error in errors:
        assert words in str(error.value)
