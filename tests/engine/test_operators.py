"""The Python operators of tensors, beside TensorFlow's."""

from __future__ import annotations

import pytest
import tensorflow

import scratchnet as sn
from tests.support.paired import agree, both_raise, error_of, programs

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
