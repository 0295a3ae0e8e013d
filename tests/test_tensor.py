"""Tensors: what they are made of, how they print, what their operators and NumPy do with them."""

from __future__ import annotations

import copy
import gc
import pickle
import weakref
from typing import Any

import numpy as np
import pytest
import tensorflow
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import scratchnet as sn
from scratchnet.engine.convert import to_array
from scratchnet.engine.dtypes import DTYPES, as_dtype
from tests.support.paired import agree, both_raise, describe, error_of

# -- which dtype a value gets ---------------------------------------------------------------------

VALUES = """
1 | 2**31 - 1 | 2**31 | -2**31 | -2**31 - 1 | 1.5 | True | 1 + 2j | float("nan") | float("inf") | []
[[]] | [[], []] | [1, 2] | (1, 2) | range(3) | [[1, 2], [3, 4]] | [[[[[[[[[[1]]]]]]]]]] | [1, 2.5]
[2.5, 1] | [1, True] | [1.0, True] | [2j, 1.0] | [1, 2**31] | [[1], [2.5]] | [[1], [True]]
np.float64(1) | np.float32(1) | np.float16(1) | np.int8(1) | np.uint16(1) | np.int64(1)
np.bool_(1) | np.complex64(1) | [np.float64(1)] | [np.float32(1), 2.0] | [1.0, np.float64(2)]
[np.float16(1), 1.0] | [np.int64(1)] | [1, np.int64(1)] | [np.int32(1), np.int64(2)] | [np.uint8(1)]
[np.uint64(1)] | [np.int64(2**40)] | [np.bool_(True)] | [np.complex64(1)] | [1, np.float32(2.5)]
[1, np.float64(2.5)] | [np.float64(1e300)] | [[np.float64(1)], [2.0]] | [[1.0], [np.float64(1)]]
np.array(1.0) | np.array([1, 2]) | np.array([True]) | np.zeros((0, 3)) | np.zeros(2, np.uint8)
np.array([1.0], ">f4") | np.array([1], ">i8") | np.ma.array([1, 2], mask=[0, 1])
np.arange(6.0).reshape(2, 3).T | np.arange(6)[::2] | np.arange(6)[::-1]
np.asfortranarray(np.arange(6).reshape(2, 3)) | np.broadcast_to(np.float32(1), (2, 3))
[np.array([1.0, 2.0]), np.array([3.0, 4.0])] | [np.array([1, 2]), np.array([3, 4])]
[np.array([1, 2], np.uint8), [3, 4]] | [[1, 2], np.array([3, 4])] | [np.array(1.0), 2.0]
[np.array([1.5]), [2]] | [[2], np.array([1.5])] | bytearray(b"ab") | memoryview(b"ab")
tf.constant([1, 2]).shape | tf.TensorShape([2, 3])
"""


def programs(table: str) -> list[str]:
    """The cells of a table of program texts."""
    return [cell.strip() for line in table.strip().splitlines() for cell in line.split(" | ")]


@pytest.mark.parametrize("value", programs(VALUES))
@pytest.mark.parametrize("function", ["constant", "convert_to_tensor"])
def test_the_dtype_of_a_value(function: str, value: str) -> None:
    agree(f"tf.{function}({value})")


@pytest.mark.parametrize("dtype", [d.name for d in DTYPES.values()])
def test_arrays_keep_each_dtype(dtype: str) -> None:
    agree(f"tf.constant(np.array([[0, 1], [1, 1]], {dtype!r}))")
    agree(f"tf.constant(np.array(1, {dtype!r})), tf.constant(np.zeros((2, 0), {dtype!r}))")


ASKED = """
1, tf.float32 | [1, 2], tf.float64 | 1, tf.int64 | 1, tf.uint8 | 1, "float32" | 1, float
1, np.float32 | 1, np.dtype("int16") | [], tf.int32 | [[]], tf.bool | 1, tf.complex64
1.5, tf.complex64 | 1, "half" | 1.5, tf.float16 | True, tf.float32 | True, tf.int32
[True, 1], tf.float32 | [1, True], tf.float32 | [True, 1], tf.int32 | 2**63, tf.uint64
2**64 - 1, tf.uint64 | 2**63, tf.float32 | 2**70, tf.float32 | [1e300], tf.float64
1e300, tf.float32 | 1e300, tf.float16 | float("inf"), tf.float16 | 1 + 2j, tf.complex64
[np.float32(1)], tf.float64 | np.array([1]), tf.float32 | np.array([1.5, -1.5]), tf.int32
np.array(1.5), tf.int32 | np.float64(1.5), tf.int32 | np.array([True]), tf.float32
np.array([0, 2]), tf.bool | np.array([300, -1]), tf.uint8 | np.array([2**31]), tf.int32
np.array([1.5]), tf.complex64 | 1, None
"""


@pytest.mark.parametrize("arguments", programs(ASKED))
@pytest.mark.parametrize("function", ["constant", "convert_to_tensor"])
def test_a_dtype_that_is_asked_for(function: str, arguments: str) -> None:
    agree(f"tf.{function}({arguments})")


REFUSED = {
    "non-rectangular": ["[[1, 2], [3]]", "[[1, 2], 3]", "[[[1], [2]], [[3, 4], [5]]]"],
    "mixed types": ["[True, 1]", "[True, 1.0]", "[1, 2j]", "[1.0, 2j]", "[1, None]", "[1, 'a']"],
    "out-of-range integer": [
        *("2**63", "-2**63 - 1", "2**64", "[1, 2**63]", "[-1, 2**63]", "2**63, tf.int32"),
    ],
    "value out of range": ["1e300", "-1e300", "[1.0, 1e39]", "3.5e38", "[1.0, np.float64(1e300)]"],
    "Attempt to convert a value": ["None", "[None]", "{1: 2}", "{1}", "None, tf.float32"],
    "unsupported type (<class 'generator'>)": ["(x for x in [1, 2])"],
    "Failed to convert a NumPy array to a Tensor": [
        *("np.array([1, 'a'], object)", "np.longdouble(1)", "np.array([1], 'M8[s]')"),
        "np.zeros(1, [('a', int)])",
    ],
    "EagerTensor of dtype int32": [
        "1.5, tf.int32",
        "[1.5], tf.int32",
        "1.0, tf.int32",
        "'a', tf.int32",
    ],
    "EagerTensor of dtype float": ["1j, tf.float32", "'a', tf.float32"],
    "EagerTensor of dtype bool": ["1, tf.bool", "[1, 0], tf.bool", "0.5, tf.bool"],
    "to a TensorFlow DType": ["1, 'foo'", "1, int", "1, 'f4'", "1, complex", "1, 'int'"],
}


@pytest.mark.parametrize(
    ("phrase", "arguments"), [(key, value) for key, values in REFUSED.items() for value in values]
)
@pytest.mark.parametrize("function", ["constant", "convert_to_tensor"])
def test_what_no_tensor_can_be_made_of(function: str, phrase: str, arguments: str) -> None:
    both_raise(f"tf.{function}({arguments})", phrase)


def test_a_list_that_holds_itself() -> None:
    for make in ("a = [1]", "a = []"):
        received = error_of(f"{make}\na.append(a)\ntf.constant(a)", sn)
        assert isinstance(received, ValueError)


def test_a_message_does_not_print_a_million_numbers() -> None:
    assert len(str(error_of(lambda tf: tf.constant([0.5] * 10**6, tf.int32), sn))) < 500


def test_integers_out_of_range_are_refused_not_wrapped() -> None:
    """On purpose unlike TensorFlow, where 300 in uint8 is 44 without a word."""
    for text in ("300, tf.uint8", "-1, tf.uint8", "-1, tf.uint64", "2**31, tf.int32"):
        error = error_of(f"tf.constant({text})", sn)
        assert isinstance(error, ValueError)
        assert "out-of-range integer" in str(error)
        assert f"does not fit {text.split('.')[1]}" in str(error)
    agree("tf.cast(300, tf.uint8), tf.cast(-1, tf.uint8)")


def test_strings_are_refused_by_name() -> None:
    for text in ("'a'", "['a', 'b']", "b'a'"):
        error = error_of(f"tf.constant({text})", sn)
        assert isinstance(error, TypeError)
        assert "strings are not supported" in str(error)


def test_lists_with_tensors_in_them_are_stacked() -> None:
    agree("tf.convert_to_tensor([tf.constant(1.0), 2.0])")
    agree("tf.convert_to_tensor([2, tf.constant(1.0)])")
    agree("tf.convert_to_tensor([[tf.constant(1.0), 2.0], [3.0, tf.Variable(4.0)]])")
    agree("tf.convert_to_tensor([tf.constant([1.0, 2.0]), [3.0, 4.0]])")
    agree("tf.convert_to_tensor([np.float64(1), tf.constant(1.0)])")
    agree("tf.convert_to_tensor([np.array([1.0, 2.0]), tf.constant([1.0, 2.0])])")
    agree("tf.convert_to_tensor([tf.constant(1.0)], dtype=tf.float64)")
    both_raise("tf.convert_to_tensor([2.5, tf.constant(1)])", "EagerTensor of dtype int32")
    both_raise("tf.convert_to_tensor([tf.constant(1), tf.constant(1.0)])", "to be a int32 tensor")
    both_raise("tf.convert_to_tensor([tf.constant([1.0]), tf.constant(3.0)])", "must match")


def test_convert_to_tensor_of_a_tensor() -> None:
    tensor, variable = sn.constant(1.0), sn.Variable(1.0)
    assert sn.convert_to_tensor(tensor) is tensor
    assert sn.convert_to_tensor(tensor, dtype=sn.float32) is tensor
    agree("tf.convert_to_tensor(tf.Variable([1.0]))")
    agree("tf.convert_to_tensor(1, dtype_hint=tf.float32)")
    agree("tf.convert_to_tensor(1.5, dtype_hint=tf.int32)")
    both_raise(
        "tf.convert_to_tensor(tf.constant(1.0), dtype=tf.float64)", "requested dtype float64"
    )
    with pytest.raises(ValueError, match="requested dtype float64"):
        sn.convert_to_tensor(variable, dtype=sn.float64)


SHAPED = """
[1, 2, 3, 4], shape=(2, 2) | 0, shape=(2, 2) | [1], shape=(2, 2) | np.zeros(4), shape=(2, 2)
1.0, shape=(2,) | [1, 2], shape=2 | [1, 2], shape=[2] | [], shape=(0, 3) | 1.0, tf.float64, (2,)
1.0, shape=(0,) | tf.constant([1.0, 2.0]), shape=(2, 1) | 7, shape=()
"""


@pytest.mark.parametrize("arguments", programs(SHAPED))
def test_the_shape_argument_of_constant(arguments: str) -> None:
    agree(f"tf.constant({arguments})")


def test_the_shape_argument_of_constant_refused() -> None:
    both_raise("tf.constant([1, 2, 3], shape=(2, 2))", "3 elements, but got `shape` (2, 2)")
    both_raise("tf.constant([], shape=(2,))", "0 elements, but got `shape` (2,)")
    both_raise("tf.constant([1, 2], shape=(-1, 2))", "must be >= 0")


def test_constant_does_not_cast_a_tensor() -> None:
    both_raise("tf.constant(tf.constant(1.0), tf.float64)", "Expected tensor 1.0 with dtype")
    agree("tf.constant(tf.constant(1.0), tf.float32), tf.constant(tf.Variable([1.0]))")


CASTS = """
[1.7, -1.7], tf.int32 | 300, tf.uint8 | -1, tf.uint8 | tf.constant(300), tf.uint8 | 1.5, "float64"
tf.constant([0.0, 0.5, -0.1, np.nan]), tf.bool | [True, False], tf.float32
np.arange(3), tf.float32 | tf.constant([300.0, -1.0, 255.9]), tf.uint8
tf.constant(2**40), tf.int32 | tf.Variable(1.5), tf.int32 | tf.constant(1.5), tf.float32
[], tf.int32
"""


@pytest.mark.parametrize("arguments", programs(CASTS))
def test_cast(arguments: str) -> None:
    agree(f"tf.cast({arguments})")


@given(
    hnp.arrays(
        np.float32,
        hnp.array_shapes(min_dims=0, max_side=3),
        elements=st.floats(-120, 120, width=32),
    )
)
def test_cast_truncates_toward_zero(x: np.ndarray[Any, Any]) -> None:
    for dtype in ("int8", "int32", "uint8", "bool", "float64", "float16"):
        agree(lambda tf, d=dtype: tf.cast(tf.cast(x, "int16") if d == "uint8" else x, d))


# -- dtypes and shapes ----------------------------------------------------------------------------


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


@pytest.mark.parametrize(
    "text",
    programs("""
    tf.TensorShape([2, 3]) | tf.TensorShape([2, None]) | tf.TensorShape([2]) | tf.TensorShape([])
    tf.TensorShape([2, 3]) == [2, 3] | tf.TensorShape([2, 3]) == (2, 3)
    (2, 3) == tf.TensorShape([2, 3]) | tf.TensorShape([2, 3]) != [2, 3]
    tf.TensorShape([2, 3]) != (2, 3) | [2, 3] != tf.TensorShape([2, 3])
    tf.TensorShape([2, 3]) == [2, 4], tf.TensorShape([2, 3]) == 5, tf.TensorShape([2, 3]) == None
    tf.TensorShape([2, 3]) + [4] | [4] + tf.TensorShape([2, 3]) | (4,) + tf.TensorShape([2, 3])
    tf.TensorShape([2]) + tf.TensorShape([3]) | bool(tf.TensorShape([])), bool(tf.TensorShape([2]))
    tf.TensorShape([2, 3])[0], tf.TensorShape([2, 3])[-1] | tf.TensorShape([2, 3])[:1]
    tf.TensorShape([2, 3]).as_list(), tf.TensorShape([2, 3]).rank, tf.TensorShape([2, 3]).ndims
    tf.TensorShape([2, 3]).num_elements(), tf.TensorShape([]).num_elements()
    tf.TensorShape([2, None]).num_elements(), tf.TensorShape([2, None]).is_fully_defined()
    tuple(tf.TensorShape([2, 3])), list(tf.TensorShape([2, 3])), len(tf.TensorShape([2, 3]))
    np.zeros(tf.TensorShape([2, 3])) | hash(tf.TensorShape([2])) == hash(tf.TensorShape((2,)))
    f"{tf.zeros([2, 3]).shape}" | (tf.zeros([2, 3]).shape,) | type(tf.zeros([2, 3]).shape[0])
    """),
)
def test_shapes(text: str) -> None:
    agree(text)


# -- printed forms --------------------------------------------------------------------------------

PRINTED = """
3.0 | [1, 2] | [[1, 2], [3, 4]] | [[[1.0]]] | [[1.0]] | True | [True, False] | [] | 1e-8
[1e-8, 1e8] | [[[1, 2], [3, 4]], [[5, 6], [7, 8]]] | 1 + 2j | float("nan")
[float("nan"), float("inf")] | np.zeros((0, 3)) | np.zeros((2, 0)) | np.arange(2000)
np.zeros((100, 100)) | np.uint8(1) | np.float16(1.5) | np.array([1], np.int64)
np.array([1.5], np.float64) | 2.0 ** 0.5 | [-0.0]
"""


@pytest.mark.parametrize("value", programs(PRINTED))
def test_printed_forms(value: str) -> None:
    agree(f"t = tf.constant({value})\nstr(t), repr(t), f'{{t}}', f'{{t!r}}', '%s' % t, format(t)")


def test_the_printed_forms_are_these() -> None:
    t = sn.constant([[1, 2], [3, 4]])
    assert str(t) == "tf.Tensor(\n[[1 2]\n [3 4]], shape=(2, 2), dtype=int32)"
    assert repr(t).startswith("<tf.Tensor: shape=(2, 2), dtype=int32, numpy=\narray([[1, 2],")
    assert repr(sn.constant(3.0)) == "<tf.Tensor: shape=(), dtype=float32, numpy=3.0>"
    assert f"{sn.constant([[4.0]])}" == "[[4.]]"


@pytest.mark.parametrize(
    ("spec", "value"),
    [
        (".3f", "3.14159"),
        ("", "3.14159"),
        ("d", "3"),
        ("5", "3"),
        (".3f", "3"),
        ("", "True"),
        ("e", "1e9"),
    ],
)
def test_format(spec: str, value: str) -> None:
    agree(f"format(tf.constant({value}), {spec!r})")


def test_format_refused() -> None:
    both_raise(
        "'{:.3f}'.format(tf.constant([3.14]))", "unsupported format string passed to numpy.ndarray"
    )
    both_raise("'{:d}'.format(tf.constant(3.0))", "Unknown format code 'd'")


# -- operators ------------------------------------------------------------------------------------

MIXED = """
tf.constant(1) + 2 | tf.constant(1.0) + 2 | tf.constant(1.0) + 2**70 | tf.constant(1) + True
tf.constant(1.0) + True | tf.constant(1) + [1, 2] | tf.constant(1) + (1, 2)
[1, 2] + tf.constant([1, 2]) | tf.constant([1, 2]) + [[1], [2]] | 2 + tf.constant(1)
2 - tf.constant(1) | 2.0 * tf.constant([1.0]) | tf.constant(1.0) + np.float64(1)
np.float64(1) + tf.constant(1.0) | np.int64(2) * tf.constant([1.0])
tf.constant(1.0) + np.array([1.0, 2.0]) | np.array([1.0, 2.0]) + tf.constant(1.0)
np.array([1.0, 2.0]) * tf.constant([1.0, 2.0]) | np.array([1.0, 2.0]) - tf.constant([1.0, 2.0])
np.array([1.0, 2.0]) / tf.constant([1.0, 2.0]) | np.array([1.0, 2.0]) ** tf.constant([1.0, 2.0])
np.array([[1.0, 2.0]]) @ tf.constant([[1.0], [2.0]])
tf.constant([[1.0, 2.0]]) @ np.array([[1.0], [2.0]])
np.array([1, 2], np.int32) + tf.constant([1, 2]) | np.array([1, 2]) + tf.constant([1, 2])
np.float32(1.5) * tf.constant([1.0], tf.float64) | tf.constant([1.0]) * np.int64(2)
tf.constant([1.0]) + np.array([True]) | np.array([1.0, 2.0]) == tf.constant([1.0, 3.0])
np.array([1.0, 2.0]) < tf.constant([1.0, 3.0]) | np.array([1.0]) >= tf.constant([1.0])
tf.Variable(1.0) + 1 | 1 + tf.Variable(1.0) | tf.Variable(1.0) + np.array([1.0, 2.0])
np.array([1.0, 2.0]) + tf.Variable(1.0) | np.float64(2) * tf.Variable(1.0) | 1 - tf.Variable(3.0)
tf.Variable(1.0) + tf.Variable(2.0) | tf.Variable(1.0) + tf.constant(2.0)
tf.constant(1.0) + tf.Variable(2.0)
-tf.Variable(1.0), abs(tf.Variable(-1.0)), tf.Variable(2.0) ** 2, ~tf.Variable(True)
tf.Variable([[1.0]]) @ tf.Variable([[2.0]]) | tf.Variable(3.0) > 2 | tf.Variable(3) // 2
tf.Variable(3) % 2 | tf.Variable([1.0, 2.0])[0], tf.Variable([1.0, 2.0])[::-1]
tf.Variable(1) == tf.Variable(1)
tf.constant(7) // 2, tf.constant(-7) // 2, tf.constant(-7) % 2, tf.constant(7) % -2
7 // tf.constant(2), -7 % tf.constant(2), 2 ** tf.constant(3)
tf.constant(2.0) ** -1, tf.constant(4.0) ** 0.5
tf.constant(1) / tf.constant(2), tf.constant(1) / 2, 1 / tf.constant(2) | tf.constant(1.0) / 0
tf.constant(1, tf.uint8) / 255 | np.array([1], np.uint8) / 255 | tf.constant(1, tf.int64) / 2
tf.constant(1.0, tf.float16) / 2 | tf.constant(1) / tf.constant(0)
abs(tf.constant(-1)), -tf.constant(1.0)
~tf.constant(True), tf.constant(True) & False, False & tf.constant(True), tf.constant(True) ^ True
tf.constant(1) < 2 | tf.constant(1.0) <= 1 | 1 > tf.constant(2) | tf.constant(1) >= 1
pow(tf.constant(2), 3) | sum([tf.constant(1.0), tf.constant(2.0)]) | sum(tf.constant([1.0, 2.0]))
max(tf.constant([1.0, 2.0])) | sorted(tf.constant([3.0, 1.0])) | 1.0 in tf.constant([1.0, 2.0])
tf.constant(1.0) in [tf.constant(1.0)]
"""


@pytest.mark.parametrize(
    "text", [*programs(MIXED), "False | tf.constant(True), tf.constant(True) | False"]
)
def test_operators(text: str) -> None:
    agree(text)


DTYPE_CLASHES = """
tf.constant(1) + 1.5 | tf.Variable(1) + 1.5 | tf.constant([1, 2]) + [1, 2.5] | tf.constant(1.0) + 1j
tf.constant(1) + tf.constant(1.0) | tf.constant(1.0) + tf.constant(1)
tf.Variable(1.0) + tf.Variable(2) | tf.constant(1.0) * tf.constant(1.0, tf.float64)
tf.constant(1) == tf.constant(1.0)
"""


@pytest.mark.parametrize("text", programs(DTYPE_CLASHES))
def test_dtypes_are_never_promoted(text: str) -> None:
    both_raise(text, "as input #1(zero-based) was expected to be a ")
    theirs, ours = str(error_of(text, tensorflow)), str(error_of(text, sn))
    expected = theirs.split("expected")[1].split(" [Op")[
        0
    ]  # "to be a int32 tensor but is a float tensor"
    assert expected in ours


@pytest.mark.parametrize(
    "text", ["1.5 + tf.constant(1)", "tf.constant(1) < 2.5", "tf.constant(1) == 1.5"]
)
def test_a_number_that_does_not_fit(text: str) -> None:
    """In TensorFlow a TypeError, but for ``tensor + 1.5`` what it always is here."""
    assert isinstance(error_of(text, tensorflow), TypeError)
    error = error_of(text, sn)
    assert isinstance(error, sn.errors.InvalidArgumentError)
    assert "was expected to be a int32 tensor but is a float tensor" in str(error)


@pytest.mark.parametrize(
    "text",
    [
        "tf.constant([1]) + np.array([1.5])",
        "np.array([1.5]) + tf.constant([1])",
        "np.float64(1.5) * tf.constant(1)",
    ],
)
def test_numpy_fractions_do_not_vanish_in_an_integer_tensor(text: str) -> None:
    """On purpose unlike TensorFlow, where ``tensor([1]) + array([1.5])`` is 2."""
    assert isinstance(error_of(text, sn), sn.errors.InvalidArgumentError)


def test_operators_refuse() -> None:
    both_raise("tf.constant(1) + None", "Attempt to convert a value (None)")
    both_raise("tf.constant(1) + {}", "Attempt to convert a value ({})")
    both_raise(
        "tf.constant([1.0, 2.0]) + tf.constant([1.0, 2.0, 3.0])", "Incompatible shapes: [2] vs. [3]"
    )
    both_raise("tf.constant(1) // tf.constant(0)", "Integer division by zero")
    both_raise("tf.constant(1) % tf.constant(0)", "Integer division by zero")
    both_raise("tf.constant(2) ** -1", "Integers to negative integer powers are not allowed")
    both_raise("+tf.constant(1.0)", "bad operand type for unary +")
    both_raise("divmod(tf.constant(7), 2)", "unsupported operand type(s) for divmod()")
    both_raise("tf.constant([1, 2])[5]", "slice index 5 of dimension 0 out of bounds.".rstrip("."))
    both_raise(
        "tf.constant([1.0]) in [1.0]\ntf.constant([1.0, 2.0]) in [tf.constant([1.0, 2.0])]",
        "ambiguous",
    )


@pytest.mark.parametrize("sign", ["+", "-", "*", "/", "//", "%", "**"])
def test_in_place_operators_make_a_new_tensor(sign: str) -> None:
    agree(f"a = b = tf.constant(3.0)\na {sign}= 2\na, b")


def test_an_array_becomes_a_tensor_in_place() -> None:
    agree("a = np.ones(2)\na += tf.constant([1.0, 2.0])\na")
    agree("a = b = np.ones(2)\na *= tf.constant([1.0, 2.0])\nb")


EQUALITY = """
tf.constant([1, 2]) == tf.constant([1, 3]) | tf.constant([1, 2]) != tf.constant([1, 3])
tf.constant(1) == None | tf.constant(1) != None | None == tf.constant(1) | tf.constant(1) == True
tf.constant([1, 2]) == [1, 3] | tf.constant([1, 2]) == np.array([1, 3])
tf.constant([1.0]) == [[1], [2]] | tf.constant([1, 2]) == [1, 2, 3]
tf.constant([1, 2]) == tf.constant([1, 2, 3]) | tf.constant([1, 2]) != tf.constant([1, 2, 3])
tf.Variable([1, 2]) != tf.constant([1, 2, 3]) | tf.Variable([1, 2]) != [1, 3]
tf.constant(float("nan")) == tf.constant(float("nan"))
"""


@pytest.mark.parametrize("text", programs(EQUALITY))
def test_equality_is_elementwise(text: str) -> None:
    agree(text)


def test_the_function_equal_refuses_other_shapes() -> None:
    both_raise("tf.equal([1, 2], [1, 2, 3])", "Incompatible shapes: [2] vs. [3]")


# -- the protocols of Python ----------------------------------------------------------------------

PROTOCOLS = """
bool(tf.constant(True)) | bool(tf.constant(0)) | bool(tf.constant(0.5)) | bool(tf.constant([1]))
bool(tf.constant([])) | 1 if tf.constant(3) > 2 else 0 | not tf.constant(1)
bool(tf.Variable([1.0])), bool(tf.Variable(0))
float(tf.constant(1)), int(tf.constant(1.9)), complex(tf.constant(1.0)), int(tf.constant(-1.9))
float(tf.Variable(2.0)) | int(tf.Variable(2.7)) | complex(tf.Variable(2.0))
"%d %f" % (tf.constant(1), tf.constant(1.0))
len(tf.constant([1, 2])), len(tf.zeros([0, 3])), len(tf.zeros([3, 0])) | list(tf.constant([1, 2]))
list(tf.constant([[1], [2]])) | list(tf.zeros([0, 2])) | list(tf.Variable([1, 2]))
tuple(reversed([*tf.constant([1, 2])])), dict(a=tf.constant(1)), [*zip(tf.constant([1, 2]), [3, 4])]
[10, 20, 30][tf.constant(1)], [10, 20, 30][: tf.constant(2)], list(range(tf.constant(3)))
np.arange(3)[tf.constant(1)] | np.arange(3)[tf.constant([1, 2])]
np.arange(3)[tf.constant([True, False, True])] | __import__("math").sqrt(tf.constant(4.0))
__import__("math").floor(tf.constant(2.5)) | round(float(tf.constant(2.5)))
isinstance(tf.constant(1.0), tf.Tensor) | isinstance(tf.Variable(1.0), tf.Tensor)
tf.executing_eagerly()
tf.constant([1]).shape, tf.constant([1]).ndim, tf.constant([1]).dtype, tf.constant([1]).get_shape()
hasattr(tf.constant(1), "T"), hasattr(tf.constant(1), "shape"), getattr(tf.constant(1), "zzz", 5)
tf.constant(1).device
"""


@pytest.mark.parametrize("text", programs(PROTOCOLS))
def test_protocols(text: str) -> None:
    agree(text)


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        (
            "bool(tf.constant([1, 2]))",
            "The truth value of an array with more than one element is ambiguous",
        ),
        (
            "bool(tf.Variable([1, 2]))",
            "The truth value of an array with more than one element is ambiguous",
        ),
        (
            "float(tf.constant([1.0]))",
            "only 0-dimensional arrays can be converted to Python scalars",
        ),
        ("int(tf.constant([1]))", "only 0-dimensional arrays can be converted to Python scalars"),
        (
            "complex(tf.constant([1.0]))",
            "only 0-dimensional arrays can be converted to Python scalars",
        ),
        (
            "float(tf.Variable([2.0]))",
            "only 0-dimensional arrays can be converted to Python scalars",
        ),
        ("int(tf.constant(float('nan')))", "cannot convert float NaN to integer"),
        ("len(tf.constant(1))", "Scalar tensor has no `len()`"),
        ("len(tf.Variable([1, 2]))", "has no len()"),
        ("list(tf.constant(1))", "Cannot iterate over a scalar tensor."),
        ("iter(tf.constant(1))", "Cannot iterate over a scalar tensor."),
        ("list(tf.Variable(1))", "Cannot iterate over a scalar tensor."),
        (
            "[1, 2][tf.constant([1])]",
            "only integer scalar arrays can be converted to a scalar index",
        ),
        (
            "[1, 2][tf.constant([0, 1])]",
            "only integer scalar arrays can be converted to a scalar index",
        ),
        ("hash(tf.constant(1.0))", "Tensor is unhashable. Instead, use tensor.ref() as the key."),
        ("{tf.constant(1.0)}", "Tensor is unhashable. Instead, use tensor.ref() as the key."),
        (
            "hash(tf.Variable(1.0))",
            "Variable is unhashable. Instead, use variable.ref() as the key.",
        ),
        ("t = tf.constant([1])\nt[0] = 3\nt", "object does not support item assignment"),
        ("t = tf.constant([1])\nt[0:1] = 3\nt", "object does not support item assignment"),
        ("t = tf.constant([1])\ndel t[0]\nt", "object doesn't support item deletion"),
        ("tf.constant(1).ref() == 3", "Cannot compare wrapped object with unwrapped object"),
    ],
)
def test_protocols_refuse(text: str, phrase: str) -> None:
    both_raise(text, phrase)


def test_a_float_is_no_index() -> None:
    with pytest.raises(TypeError, match="only integer scalar arrays"):
        [1, 2][sn.constant(1.0)]


def test_references() -> None:
    agree(
        "t = tf.constant(1.0)\nr = t.ref()\nr == t.ref(), hash(r) == hash(t.ref()), r.deref() is t"
    )
    agree("t = tf.constant(1.0)\nt.ref() == tf.constant(1.0).ref(), {t.ref(): 5}[t.ref()], t.ref()")
    agree("v = tf.Variable(1.0)\nv.ref().deref() is v, v.ref() in {v.ref()}, v.ref()")


@pytest.mark.parametrize(
    "name", ["T", "astype", "ravel", "transpose", "reshape", "clip", "size", "tolist", "data"]
)
def test_numpy_names_point_to_the_switch(name: str) -> None:
    both_raise(f"tf.constant([1]).{name}", "experimental_enable_numpy_behavior()")


@pytest.mark.parametrize(
    "name", ["sum", "item", "copy", "foo", "rank", "assign", "real", "name", "op"]
)
def test_other_names_do_not_exist(name: str) -> None:
    assert isinstance(error_of(f"tf.constant([1]).{name}", tensorflow), AttributeError)
    with pytest.raises(AttributeError, match=f"has no attribute '{name}'"):
        getattr(sn.constant([1]), name)


@pytest.mark.parametrize("name", ["shape", "dtype", "ndim"])
def test_a_tensor_cannot_be_changed(name: str) -> None:
    both_raise(f"setattr(tf.constant([1]), {name!r}, 3)", f"property {name!r} of")


def test_copies_and_pickles() -> None:
    for again in (copy.copy, copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))):
        for make in (sn.constant, sn.Variable):
            thing = make([[1.0, 2.0], [3.0, 4.0]])
            assert describe(again(thing)) == describe(thing)


# -- NumPy, both ways -----------------------------------------------------------------------------

NUMPY = """
np.multiply(tf.constant([1, 2]), tf.constant([3, 4])) | np.multiply(tf.constant(2.0), 3)
np.add(tf.Variable([1.0]), 1) | np.sum(tf.constant([[1.0, 2.0]]))
np.mean(tf.constant([[1.0, 2.0]])) | np.mean(tf.constant([1.0, 2.0]), axis=0)
np.max(tf.constant([1, 2])) | np.argmax(tf.constant([1, 2])) | np.sqrt(tf.constant(4.0))
np.concatenate([tf.constant([1]), tf.constant([2])])
np.stack([tf.constant(1.0), tf.constant(2.0)]) | np.array([tf.constant(1.0), tf.constant(2.0)])
np.array([tf.constant([1.0]), tf.constant([2.0])]) | np.array(tf.constant([1, 2]))
np.asarray(tf.constant(1.0)) | np.asarray(tf.constant([1, 2]), np.float64)
np.asarray(tf.constant([1, 2]), dtype="float16") | np.array(tf.constant([1, 2]), copy=True)
np.array(tf.constant([1, 2]), copy=False) | np.asarray(tf.constant([1.5]), int)
np.asarray(tf.Variable([1.0])) | np.dot(tf.constant([1.0, 2.0]), tf.constant([1.0, 2.0]))
np.ones(2).dot(tf.constant([1.0, 2.0])) | np.allclose(tf.constant([1.0]), [1.0])
np.testing.assert_allclose(tf.constant([1.0]), tf.Variable([1.0]))
np.where(tf.constant([True, False]), 1, 2) | np.float32(tf.constant(2.0)), np.int64(tf.constant(3))
np.shape(tf.constant([[1.0]])), np.ndim(tf.constant([1.0])), np.size(tf.constant([1.0, 2.0]))
type(tf.constant(1.0).numpy()), type(tf.constant([1.0]).numpy()), type(tf.constant(True).numpy())
tf.constant(np.array(tf.constant([1.0]))) | tf.constant(tf.constant([1.0]).numpy())
"""


@pytest.mark.parametrize("text", programs(NUMPY))
def test_numpy_takes_tensors(text: str) -> None:
    agree(text)


ALIASING = [
    "a = np.ones(2)\nt = tf.constant(a)\na[0] = 5\nt",
    "a = np.ones(2)\nt = tf.convert_to_tensor(a)\na[0] = 5\nt",
    "a = np.ones(2, np.float32)\nt = tf.constant([a])\na[0] = 5\nt",
    "a = np.ones(2)\nv = tf.Variable(a)\na[0] = 5\nv",
    "a = np.ones(2)\nv = tf.Variable([0.0, 0.0])\nv.assign(a)\na[0] = 5\nv",
    "t = tf.constant([1, 2])\na = t.numpy()\na[0] = 9\nt, a",
    "t = tf.constant([1, 2])\na = np.array(t)\na[0] = 9\nt, a",
    "v = tf.Variable([1.0, 2.0])\na = v.numpy()\na[0] = 7\nv, a",
    "t = tf.constant([1.0, 2.0])\nv = tf.Variable(t)\nv.assign_add([1.0, 1.0])\nt",
    "v = tf.Variable([1.0, 2.0])\nt = v.read_value()\nv.assign([5.0, 5.0])\nt",
    "v = tf.Variable([1.0, 2.0])\nt = v[0:1]\nv[0].assign(5.0)\nt",
    "v = tf.Variable([1.0, 2.0])\nw = tf.Variable(v)\nv.assign([5.0, 5.0])\nw",
    "t = tf.constant([1.0, 2.0])\nu = tf.reshape(t, [2, 1])\na = u.numpy()\na[0] = 9\nt, u",
    "a = np.ones(2)\na.flags.writeable = False\ntf.constant(a).numpy().flags.writeable",
    "tf.constant(np.asfortranarray(np.ones((2, 3)))).numpy().flags.c_contiguous",
    "tf.transpose(tf.ones([2, 3])).numpy().flags.c_contiguous",
]


@pytest.mark.parametrize("text", ALIASING)
def test_nothing_is_shared_with_numpy(text: str) -> None:
    agree(text)


def test_a_view_by_numpy_is_read_only() -> None:
    both_raise("a = np.asarray(tf.constant([1, 2]))\na[0] = 9\na", "read-only")


@given(
    hnp.arrays(
        st.sampled_from(["float32", "float64", "int32", "int64", "uint8", "bool", "complex64"]),
        hnp.array_shapes(min_dims=0, min_side=0, max_side=4),
    )
)
def test_arrays_round_trip(x: np.ndarray[Any, Any]) -> None:
    for view in (x, x.T, x[..., ::-1] if x.ndim else x):
        back = sn.constant(view).numpy()
        assert back.dtype == x.dtype
        assert np.asarray(back).tobytes() == np.ascontiguousarray(view).tobytes()
        assert not np.shares_memory(back, x)


def test_arrays_come_back_unchanged() -> None:
    x = np.arange(6.0).reshape(2, 3)
    before = x.copy()
    t = sn.constant(x)
    for result in (t + x, x * t, t - 1.0, -t, t[0], t == x, sn.reshape(t, [-1]), sn.reduce_sum(t)):
        result.numpy()
    assert (x == before).all()
    assert (t.numpy() == before).all()


def test_no_cycle_holds_a_tensor() -> None:
    gc.disable()
    try:
        t = sn.constant([1.0])
        kept = weakref.ref(t)
        u = t + 1.0
        str(t), t.numpy(), t.ref(), list(t), bool(t == u)
        del t
        assert kept() is None
    finally:
        gc.enable()


def test_the_fast_path_for_plain_numbers_is_the_slow_one() -> None:
    for value in (0, 1, -3, 1.5, -9999.5, 10**4, 1e5):
        for dtype in (np.float16, np.float32, np.float64):
            fast = to_array(value, np.dtype(dtype))
            assert fast.dtype == dtype
            assert fast.shape == ()
            assert fast == to_array([value], np.dtype(dtype))[0]


def test_dtype_names_are_all_here() -> None:
    for dtype in DTYPES.values():
        assert as_dtype(dtype.name) is dtype
        assert getattr(tensorflow, dtype.name).name == dtype.name
        assert getattr(sn, dtype.name) is dtype


@pytest.mark.parametrize("shape", [(200, 300), (3, 5), (0, 4), (70, 70, 7)])
@pytest.mark.parametrize("dtype", ["float32", "float64", "int32"])
def test_a_large_tensor_begins_on_a_cache_line_and_is_a_copy(shape, dtype):
    flat = np.arange(np.prod(shape) + 1).astype(dtype)
    for array in (flat[1:].reshape(shape), flat[1:].reshape(shape, order="F")):
        tensor = sn.constant(array)
        assert tensor._data.ctypes.data % 64 == 0 or array.nbytes < 1 << 16
        assert tensor._data.flags.c_contiguous
        assert tensor._data.flags.writeable
        assert not np.shares_memory(tensor._data, flat)
        np.testing.assert_array_equal(tensor.numpy(), array)
    with np.errstate(all="ignore"):
        wide = sn.constant(np.full(shape, 300.7), "float32")
        np.testing.assert_array_equal(wide.numpy(), np.full(shape, 300.7, "float32"))
