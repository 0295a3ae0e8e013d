"""pad_sequences: the arrays of Keras."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import scratchnet
from tests.support.keras_programs import complain_alike, twins
from tests.support.signatures import taken_alike

LISTS = [[1, 2, 3], [], [4], [5, 6, 7, 8, 9]]
CALLS: list[tuple[Any, dict[str, Any]]] = [
    (LISTS, {}),
    (LISTS, {"maxlen": 3}),
    (LISTS, {"maxlen": 3, "padding": "post", "truncating": "post", "value": -1}),
    (LISTS, {"maxlen": 7, "padding": "post", "dtype": "float64", "value": 0.5}),
    ([[1.5, 2.5], [3.9]], {}),
    ([[[1, 2], [3, 4]], [[5, 6]]], {"maxlen": 3}),
    ([["a", "b"], ["c"]], {"dtype": object, "value": "pad"}),
    (np.arange(6).reshape(2, 3), {"maxlen": 2}),
    ([[], []], {}),
    ([], {"maxlen": 2}),
]


@pytest.mark.parametrize("i", range(len(CALLS)))
def test_arrays_are_keras_own(i: int) -> None:
    sequences, options = CALLS[i]
    theirs, ours = twins(lambda tf: tf.keras.utils.pad_sequences(sequences, **options))
    assert ours.dtype == theirs.dtype
    assert ours.shape == theirs.shape
    assert ours.tolist() == theirs.tolist()
    assert scratchnet.keras.preprocessing.sequence.pad_sequences is (
        scratchnet.keras.utils.pad_sequences
    )


WRONG: list[tuple[Any, dict[str, Any], str, str]] = [
    (3, {}, "`sequences` must be iterable", "received sequences=3"),
    ([1, 2], {}, "`sequences` must be a list of iterables", "received sequences=1"),
    ([[1]], {"padding": "x"}, "", "`padding` must be 'pre' or 'post'"),
    ([[1]], {"truncating": "x"}, "", "`truncating` must be 'pre' or 'post'"),
    ([[[1, 2]], [[1, 2, 3]]], {}, "Shape of sample", "must hold elements of one shape"),
    ([["a"]], {"value": "pad"}, "is not compatible with `value`", "must be a number"),
    ([], {}, "", "must not be empty without `maxlen`"),
]


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_said(case: Any) -> None:
    sequences, options, shared, ours = case
    complain_alike(lambda tf: tf.keras.utils.pad_sequences(sequences, **options), shared, ours)
    for maxlen in (0, -1, 1.5):
        with pytest.raises(ValueError, match="`maxlen` must be a positive integer or None"):
            scratchnet.keras.utils.pad_sequences(LISTS, maxlen)


def test_what_is_taken() -> None:
    taken_alike("utils", "pad_sequences")
