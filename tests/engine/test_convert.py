"""Values to arrays: which dtype a Python or NumPy value gets, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import scratchnet as sn
from scratchnet.engine.convert import to_array, to_bool
from scratchnet.engine.dtypes import DTYPES
from tests.support.paired import agree, both_raise, error_of, programs

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
    lists = "[-1, 5], tf.uint8", "[5, -1], tf.uint16", "[-300, 7], tf.int8", "[7, 300], tf.uint8"
    for text in ("300, tf.uint8", "-1, tf.uint8", "-1, tf.uint64", "2**31, tf.int32", *lists):
        error = error_of(f"tf.constant({text})", sn)
        assert isinstance(error, ValueError)
        assert "out-of-range integer" in str(error)
        assert f"does not fit {text.split('.')[1]}" in str(error)
    for text in ("[-(2**31) - 1, 5]", "[5, 2**31]", "[-(2**31), 2**31 - 1]", "[-(2**40), 2**40]"):
        agree(f"tf.constant({text})")
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
    for hint in ("'x'", "[]", "1.5"):
        both_raise(f"tf.convert_to_tensor(1, dtype_hint={hint})", "to a TensorFlow DType")
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
        elements=st.floats(-120, 120, width=32, allow_subnormal=False),  # TensorFlow: 0
    )
)
def test_cast_truncates_toward_zero(x: np.ndarray[Any, Any]) -> None:
    for dtype in ("int8", "int32", "uint8", "bool", "float64", "float16"):
        agree(lambda tf, d=dtype: tf.cast(tf.cast(x, "int16") if d == "uint8" else x, d))


def test_the_fast_path_for_plain_numbers_is_the_slow_one() -> None:
    for value in (0, 1, -3, 1.5, -9999.5, 10**4, 1e5):
        for dtype in (np.float16, np.float32, np.float64):
            fast = to_array(value, np.dtype(dtype))
            assert fast.dtype == dtype
            assert fast.shape == ()
            assert fast == to_array([value], np.dtype(dtype))[0]


def test_true_or_false() -> None:
    for value in (
        True,
        False,
        1,
        0.0,
        None,
        "",
        [0],
        np.zeros(1),
        np.array(2),
        sn.constant([True]),
    ):
        assert to_bool("f", "a", value) is bool(value)
    for value in (np.ones(2), np.zeros((0, 3)), sn.constant([]), sn.Variable([1, 2])):
        with pytest.raises(ValueError, match="f: `a` must be True or False, received a="):
            to_bool("f", "a", value)


@pytest.mark.parametrize(
    ("name", "program"),
    [
        ("trainable", lambda b: sn.Variable(1.0, trainable=b)),
        ("pred", lambda b: sn.cond(b, lambda: 1, lambda: 2)),
        ("run_eagerly", sn.config.run_functions_eagerly),
    ],
)
def test_arrays_are_neither_true_nor_false(name: str, program: Any) -> None:
    for value in (np.array([None, 1]), np.zeros((0, 3))):
        with pytest.raises(ValueError, match=f"`{name}` must be True or False, received {name}="):
            program(value)


def test_large_arrays_begin_on_a_cache_line() -> None:
    for size in (100_003, 200_000):
        x = np.arange(size + 1, dtype=np.float32)[1:]  # which begins between two lines
        assert sn.constant(x)._data.ctypes.data % 64 == 0


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int16", "int32", "uint32", "int64", "uint64"])
def test_whole_floats_of_numpy_meet_integers_up_to_their_ends(dtype: str) -> None:
    """The first and the last float64 in the range are taken, the next ones are not."""
    low, end = float(np.iinfo(dtype).min), 2.0 ** np.log2(float(np.iinfo(dtype).max) + 1).round()
    last = end - 1 if end < 2**53 else np.nextafter(end, 0)
    zero = sn.constant(0, dtype)
    for value in (low, last, 3.0):
        total = zero + np.array([value])
        assert total.dtype.name == dtype
        assert total.numpy().tolist() == [int(value)]
    for value in (np.nextafter(low, -np.inf) if low else -1.0, low - 1, end, 0.5, np.nan, np.inf):
        if value != low:
            with pytest.raises(TypeError, match="Cannot convert"):
                to_array(np.array([1.0, value]), np.dtype(dtype), implicit=True)


def test_how_deep_lists_may_be_nested() -> None:
    def nested(depth: int, start: str = "[1, 2]") -> str:
        return "[" * (depth - 1) + start + "]" * (depth - 1)

    assert sn.constant(eval(nested(64))).shape.rank == 64
    for depth in (65, 80):
        error = error_of(f"tf.constant({nested(depth)})", sn)
        assert isinstance(error, ValueError)
        assert f"nested {depth} deep: a tensor has at most 64 axes" in str(error)
    ragged = error_of(f"tf.constant({nested(64, '[1, [2]]')})", sn)
    assert "non-rectangular" in str(ragged)


@pytest.mark.parametrize("length", [190, 199, 200, 201, 250])
def test_a_message_quotes_200_characters(length: int) -> None:
    text = repr("a" * (length - 2))
    said = str(error_of(f"tf.constant({text})", sn))
    assert said.endswith(text if length <= 200 else text[:200] + "…")


@pytest.mark.parametrize("size", [2**14 - 1, 2**14, 2**14 + 1])
def test_the_values_of_large_arrays(size: int) -> None:
    """Copies that begin on a cache line, from 64 KiB on, of each order and dtype."""
    x = np.arange(2.0 * size).reshape(2, size)[:, ::2]
    for array, dtype in ((x, None), (x.T, None), (x, sn.float32), (x.astype(">f4"), None)):
        ours = sn.constant(array, dtype)
        np.testing.assert_array_equal(ours.numpy(), array)
        assert ours._data.flags.c_contiguous
        assert ours.dtype == (dtype or array.dtype.newbyteorder("="))
        if ours._data.nbytes >= 2**16:
            assert ours._data.ctypes.data % 64 == 0


class Own:
    """An object that tells its array, as those of other libraries do."""

    def __init__(self, array: Any) -> None:
        self.array = array

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        return self.array if dtype is None else self.array.astype(dtype)


def test_objects_that_tell_their_array_keep_its_dtype() -> None:
    for array in (np.ones(2), np.ones((1, 2), np.int64), np.zeros(0, np.float16)):
        own = Own(array)
        agree(lambda tf, x=own: tf.constant(x))
        agree(lambda tf, x=own: tf.constant(x, tf.float32))
        assert (sn.constant(1.0) + Own(np.ones(2))).dtype == sn.float32
