"""Errors: TensorFlow's families and core phrases, and one grammar for our own texts."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow

import scratchnet as sn
from scratchnet.engine import errors
from scratchnet.engine.op import OPS
from scratchnet.engine.tensor import Tensor, apply
from tests.support.paired import both_raise, error_of, families, run

OURS = ["InvalidArgumentError", "OpError", "OutOfRangeError", "UnimplementedError"]


@pytest.mark.parametrize("name", OURS)
def test_the_families_are_tensorflows(name: str) -> None:
    mine, theirs = getattr(sn.errors, name), getattr(tensorflow.errors, name)
    assert [k.__name__ for k in mine.__mro__] == [k.__name__ for k in theirs.__mro__]
    assert mine("a text").message == "a text"
    assert str(mine("a text")) == "a text"


@pytest.mark.parametrize("name", OURS)
def test_an_error_takes_the_arguments_of_tensorflows(name: str) -> None:
    """TensorFlow's own take a node, an op and a message, the base class also a code."""
    mine, theirs = getattr(sn.errors, name), getattr(tensorflow.errors, name)
    more = (7,) if name == "OpError" else ()
    for error in (mine, theirs):
        made = error("node", "op", "a text", *more)
        assert (made.node_def, made.op, made.message) == ("node", "op", "a text")
        assert made.experimental_payloads == {}
    assert mine("node", "op", "a text", *more).error_code == made.error_code
    short = mine("a text")
    assert (short.node_def, short.op, short.message) == (None, None, "a text")
    assert short.error_code == (2 if name == "OpError" else made.error_code)
    if not more:
        assert mine("node", "op", "a text", 7).error_code == made.error_code
    for error in (mine, theirs):
        with pytest.raises((TypeError, ValueError)):
            error("node", "op")


def test_no_public_error_is_without_a_family() -> None:
    for name, kind in vars(errors).items():
        if isinstance(kind, type):
            assert issubclass(kind, errors.OpError)
            base = next(k.__name__ for k in kind.__mro__ if hasattr(tensorflow.errors, k.__name__))
            assert issubclass(getattr(tensorflow.errors, base), Exception)
            assert name.endswith("Error")


def test_a_missing_derivative_is_a_lookup_error_as_in_tensorflow() -> None:
    assert issubclass(sn.errors.NoDerivativeError, LookupError)


TEXTS = [
    (
        "tf.constant([[1, 2, 3], [4, 5, 6]]) + tf.ones([2, 4], tf.int32)",
        "Incompatible shapes: [2,3] vs. [2,4]",
    ),
    ("tf.ones([2, 3]) * tf.ones([4, 2, 2])", "Incompatible shapes: [2,3] vs. [4,2,2]"),
    (
        "tf.reshape(tf.ones([2, 3]), [8])",
        "Input to reshape is a tensor with 6 values, but the requested shape has 8",
    ),
    (
        "tf.matmul(tf.ones([2, 3]), tf.ones([2, 3]))",
        "Matrix size-incompatible: In[0]: [2,3], In[1]: [2,3]",
    ),
    ("tf.ones([2, 3]) @ tf.ones([2, 3])", "Matrix size-incompatible: In[0]: [2,3], In[1]: [2,3]"),
    ("tf.matmul(tf.ones([2]), tf.ones([2]))", "In[0] and In[1] ndims must be"),
    ("tf.constant([1, 2])[5]", "slice index 5 of dimension 0 out of bounds"),
    ("tf.constant([1, 2])[-3]", "of dimension 0 out of bounds"),
    ("tf.constant([1, 2])['a']", "are valid indices, got 'a'"),
    ("tf.constant([1, 2])[1.5]", "are valid indices, got 1.5"),
    ("tf.constant(5) // 0", "Integer division by zero"),
    ("tf.constant(5) % 0", "Integer division by zero"),
    (
        "tf.constant(1) + tf.constant(1.5)",
        "was expected to be a int32 tensor but is a float tensor",
    ),
    (
        "tf.constant(1.0) + tf.constant(1.5, tf.float64)",
        "was expected to be a float tensor but is a double tensor",
    ),
    (
        "tf.constant(1.0, tf.float16) + tf.constant(1)",
        "was expected to be a half tensor but is a int32 tensor",
    ),
    (
        "tf.constant(1.0) + tf.constant(True)",
        "was expected to be a float tensor but is a bool tensor",
    ),
    (
        "tf.convert_to_tensor(tf.ones(1), tf.int32)",
        "Tensor conversion requested dtype int32 for Tensor with dtype float32",
    ),
    (
        "tf.cast(1.0, 'foo')",
        "Cannot convert the argument `type_value`: 'foo' to a TensorFlow DType.",
    ),
    (
        "tf.zeros([1], 'foo')",
        "Cannot convert the argument `type_value`: 'foo' to a TensorFlow DType.",
    ),
]


@pytest.mark.parametrize(("program", "phrase"), TEXTS)
def test_core_texts(program: str, phrase: str) -> None:
    both_raise(program, phrase)


@pytest.mark.parametrize(("program", "phrase"), TEXTS)
def test_nothing_is_recorded_of_a_refused_call(program: str, phrase: str) -> None:
    with sn.GradientTape() as tape:
        error_of(program, sn)
    assert tape.records == ()


def test_the_grammar_of_our_texts() -> None:
    error = errors.invalid("conv2d", "strides", "must be two positive integers", (0, 1))
    assert isinstance(error, sn.errors.InvalidArgumentError)
    assert str(error) == "conv2d: `strides` must be two positive integers, received strides=(0, 1)"
    assert errors.say("f", "x", "must be 'a'", "b") == "f: `x` must be 'a', received x='b'"


def test_shapes_that_do_not_broadcast_are_an_invalid_argument() -> None:
    with pytest.raises(
        sn.errors.InvalidArgumentError, match=r"add: Incompatible shapes: \[2\] vs. \[3\]"
    ):
        sn.ones([2]) + sn.ones([3])


def test_errors_are_told_apart_by_family() -> None:
    """The comparison itself can fail."""
    assert "InvalidArgumentError" in families(errors.IncompatibleShapesError("x"))
    assert "TypeError" not in families(errors.InvalidArgumentError("x"))
    with pytest.raises(AssertionError, match="for InvalidArgumentError"):
        both_raise(
            lambda tf: tf.constant(1) + 1.5 if tf is tensorflow else tf.constant(1, tf.bool), ""
        )
    with pytest.raises(AssertionError):
        both_raise("tf.constant(1) + tf.constant(1.5)", "another text")
    with pytest.raises(AssertionError, match="no error"):
        both_raise("tf.constant(1)", "")


# -- what NumPy would say aloud --------------------------------------------------------------------


@pytest.mark.parametrize(
    "program",
    [
        *(
            "tf.constant(1.0) / 0.0",
            "tf.constant(0.0) / 0.0",
            "tf.sqrt(-1.0)",
            "tf.constant(1e38) * 1e3",
        ),
        *("tf.math.log(0.0)", "tf.math.log(-1.0)", "tf.exp(1000.0)", "tf.cast(1e10, tf.float16)"),
        *("tf.cast(float('nan'), tf.int32)", "tf.constant(np.array([1e300]), 'float16')"),
        *(
            "tf.Variable(3e38).assign_add(3e38)",
            "tf.constant(2**31 - 1) + 1",
            "tf.constant(1e300, tf.float32)",
        ),
        *(
            "tf.constant([3e38, 3e38]) * 2.0",
            "tf.constant(70000, tf.float16)",
            "-tf.constant(-(2**31))",
        ),
    ],
)
def test_no_warning_comes_from_numpy(program: str) -> None:
    """Warnings are errors here; as in TensorFlow, inf and nan come without a word."""
    run(program, sn)


def test_the_users_own_error_settings_are_kept() -> None:
    with np.errstate(divide="raise"):
        sn.constant(1.0) / 0.0
        with pytest.raises(FloatingPointError):
            np.float32(1) / np.float32(0)
    with np.errstate(all="ignore"):
        before = np.geterr()
        apply(OPS["add"], Tensor(np.ones(1)), Tensor(np.ones(1)))
        assert np.geterr() == before
