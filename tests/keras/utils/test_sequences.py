"""pad_sequences: the arrays of Keras."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import scratchnet
from tests.support.keras_programs import close, complain_alike, twins
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
    (LISTS, {"maxlen": 1}),
    (LISTS, {"maxlen": 1, "truncating": "post", "padding": "post"}),
    (LISTS, {"maxlen": 5, "truncating": "post"}),
    (LISTS, {"maxlen": 3, "truncating": "pre", "padding": "post"}),
    (((1, 2), (3,)), {"value": 9}),
    ([np.array([[1.0, 2.0]]), np.zeros((0, 2)), np.ones((3, 2))], {"dtype": "float32"}),
    ([[[1, 2]], [[3, 4], [5, 6]]], {"value": [7, 8], "padding": "post"}),
    ([["ab"], ["c", "d"]], {"dtype": "U2", "value": "z"}),
    ([[1], [2, 3]], {"dtype": "bool", "maxlen": np.int64(2)}),
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


@pytest.mark.parametrize(
    ("sequences", "options", "error", "text"),
    [
        (LISTS, {"maxlen": 2**48}, ValueError, "`maxlen` must be a positive integer or None, rec"),
        (
            LISTS,
            {"maxlen": "a"},
            ValueError,
            "`maxlen` must be a positive integer or None, received",
        ),
        (
            [[1]],
            {"value": "a", "dtype": object, "padding": 3},
            ValueError,
            "`padding` must be 'pre'",
        ),
        (
            [[1]],
            {"value": [1, 2]},
            ValueError,
            "`value` must be a number for dtype=int32, or an el",
        ),
        ([[1]], {"value": None}, TypeError, "`value` must be a number for dtype=int32, or an elem"),
        (
            [["a"]],
            {},
            ValueError,
            "`sequences` must hold lists whose elements have the dtype int32",
        ),
        (
            [[None]],
            {},
            TypeError,
            "`sequences` must hold lists whose elements have the dtype int32",
        ),
        (
            [],
            {},
            ValueError,
            "`sequences` must not be empty without `maxlen`, received sequences=[]",
        ),
    ],
    ids=str,
)
def test_each_argument_is_named(sequences: Any, options: Any, error: Any, text: str) -> None:
    with pytest.raises(error) as caught:
        scratchnet.keras.utils.pad_sequences(sequences, **options)
    assert str(caught.value).startswith(f"pad_sequences: {text}"), str(caught.value)


def test_a_value_of_text_needs_a_dtype_of_text() -> None:
    pad = scratchnet.keras.utils.pad_sequences
    with pytest.raises(
        ValueError, match=r"^is not compatible with `value`: pad_sequences: `value`"
    ):
        pad([[1]], value="a")
    for dtype in ("U3", "S3", object):
        pad([["a"]], value="b", dtype=dtype)
    assert pad([[1]], dtype=scratchnet.float64).dtype == np.float64


@pytest.mark.parametrize(
    "sequences", [[1, 2], [[2], 1], np.ones(2, int), [np.ones((), int)]], ids=str
)
def test_parts_without_a_length(sequences: Any) -> None:
    part = repr(sequences[0] if sequences[0] != [2] else 1)
    complain_alike(
        lambda tf: tf.keras.utils.pad_sequences(sequences),
        "`sequences` must be a list of iterables",
        f": pad_sequences: `sequences` must be a list of lists, received sequences={part} as a",
    )


def test_tensors_without_a_length() -> None:
    pad = scratchnet.keras.utils.pad_sequences
    rule = "pad_sequences: `sequences` must be a list of lists, received sequences=<tf.Tensor: sh"
    with pytest.raises(ValueError, match=f"^`sequences` must be iterable: {rule}"):
        pad(scratchnet.constant(1.0))
    with pytest.raises(ValueError, match=f"^`sequences` must be a list of iterables: {rule}"):
        pad(scratchnet.constant([1.0]))


def test_elements_of_another_dtype_are_shown() -> None:
    text = "dtype int32 and one shape, received sequences=\\['a'\\] in one of them$"
    with pytest.raises(ValueError, match=text):
        scratchnet.keras.utils.pad_sequences([["a"]])


@pytest.mark.parametrize(
    "value", [0, 0.5, np.float32(0.5), np.ones(3, "f"), 1 + 2j, True], ids=lambda x: repr(x)
)
def test_without_a_dtype_it_is_that_of_the_value(value: Any) -> None:
    def program(tf: Any) -> list[Any]:
        rows = [[1.5, 2.5, 3.5], [4.5, 5.5, 6.5]]
        found = tf.keras.utils.pad_sequences(rows, dtype=None, value=value)
        return [found, found.dtype.name]

    close(program, 1)


def test_what_does_not_fit_a_dtype() -> None:
    """It is refused where a dtype is given, and cast where it is that of the value."""

    def program(tf: Any) -> list[Any]:
        pad = tf.keras.utils.pad_sequences
        with pytest.raises((OverflowError, ValueError)):
            pad([[300, 1]], dtype="uint8")
        found = pad([np.array([300, 1]), np.array([2])], dtype=None, value=np.uint8(7))
        return [found, found.dtype.name]

    assert close(program, 1)[0].tolist() == [[44, 1], [7, 2]]


@pytest.mark.parametrize("dtype", ["x", 7, np.ones(2), {"a": 1}], ids=str)
def test_a_dtype_that_is_none(dtype: Any) -> None:
    with pytest.raises(TypeError, match=r"^pad_sequences: `dtype` must be a dtype of NumPy's, r"):
        scratchnet.keras.utils.pad_sequences([[1]], dtype=dtype)
