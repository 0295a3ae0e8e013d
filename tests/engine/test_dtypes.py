"""The dtypes: names, limits, comparisons and printed forms."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow

import scratchnet as sn
from scratchnet.engine.dtypes import DTYPES, as_dtype, spoken
from tests.support.paired import agree, both_raise, programs


@pytest.mark.parametrize(
    "text",
    programs("""
    tf.float32 == "float" | tf.float32 == "float32" | tf.float32 == np.float32 | tf.float32 == float
    tf.float32 == None | tf.float32 == 3 | tf.float32 != "float64" | tf.float32 == "foo"
    "float32" == tf.float32 | np.dtype("float32") == tf.float32 | np.float32 == tf.float32
    repr(tf.float32), str(tf.float32), tf.float32.name | tf.bool, str(tf.bool), tf.bool.size
    tf.float32.size, tf.float32.min, tf.float32.max, tf.uint8.max, tf.int64.min, tf.float16.max
    tf.float32.is_floating, tf.int32.is_floating, tf.int32.is_integer, tf.uint8.is_integer
    tf.bool.is_bool, tf.uint8.is_unsigned, tf.int8.is_unsigned, tf.complex64.is_complex
    tf.float32.as_numpy_dtype, tf.bool.as_numpy_dtype, tf.complex64.as_numpy_dtype
    {tf.float32: 1}[tf.float32] | np.zeros(2, tf.float32.as_numpy_dtype)
    tf.as_dtype("half"), tf.as_dtype("double"), tf.as_dtype("bool"), tf.as_dtype(bool)
    tf.as_dtype(np.intp), tf.as_dtype(np.longlong), tf.as_dtype(np.dtype(">f4")), tf.as_dtype(float)
    """),
)
def test_dtypes(text: str) -> None:
    agree(text)


@pytest.mark.parametrize(
    "text", ["'int'", "'i4'", "int", "str", "None", "[1]", "np.longdouble", "99999"]
)
def test_as_dtype_refuses(text: str) -> None:
    both_raise(f"tf.as_dtype({text})", "to a TensorFlow DType")


def test_limits_that_a_dtype_does_not_have() -> None:
    for dtype in ("bool", "complex64"):
        both_raise(f"tf.{dtype}.max", "Cannot find")


def test_dtype_names_are_all_here() -> None:
    for dtype in DTYPES.values():
        assert as_dtype(dtype.name) is dtype
        assert getattr(tensorflow, dtype.name).name == dtype.name
        assert getattr(sn, dtype.name) is dtype


PROPERTIES = "as_numpy_dtype is_floating is_complex is_integer is_unsigned is_bool size name"


@pytest.mark.parametrize("name", [dtype.name for dtype in DTYPES.values()])
def test_all_that_a_dtype_tells(name: str) -> None:
    mine, theirs = getattr(sn, name), getattr(tensorflow, name)
    for told in PROPERTIES.split():
        assert getattr(mine, told) == getattr(theirs, told), told
    assert mine.real_dtype.name == theirs.real_dtype.name
    assert hash(mine) == hash(getattr(sn, name))
    if not (mine.is_bool or mine.is_complex):
        assert (mine.min, mine.max) == (theirs.min, theirs.max)
    agree(f"[tf.{name} == d for d in ({', '.join(f'tf.{d.name}' for d in DTYPES.values())})]")


@pytest.mark.parametrize(
    ("name", "word"),
    [("float16", "half"), ("float32", "float"), ("float64", "double"), ("int32", "int32")],
)
def test_the_words_of_messages(name: str, word: str) -> None:
    assert spoken(np.dtype(name)) == word
    both_raise(f"tf.constant(1, tf.{name}) + tf.constant(True)", f"to be a {word} tensor")
