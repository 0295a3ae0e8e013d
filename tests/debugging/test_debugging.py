"""tf.debugging and tf.ensure_shape: what holds, and what the errors say."""

from __future__ import annotations

import re
from typing import Any

import pytest
import tensorflow

import scratchnet
from tests.support.paired import families, run

START = "D, c = tf.debugging, tf.constant\nv, m = c([1, 2, 3]), c([[1.0, 2.0], [3.0, 4.0]])\n"


def outcome(program: str, tf: Any) -> tuple[list[str], str]:
    """The classes of an error and its core text; of a value, its text."""
    try:
        return ["returned"], repr(run(START + program, tf))
    except Exception as error:
        text = re.sub(r"^\{\{.*?\}\} | \[Op:\w+\] name: .*$|^\w+: (?=Shape of)", "", str(error))
        return families(error), text


def alike(program: str) -> None:
    """The same value; or an error of the same class, with the same text."""
    (theirs, text), (ours, our_text) = (outcome(program, tf) for tf in (tensorflow, scratchnet))
    assert theirs[0] in ours, f"{ours} {our_text!r} for {theirs} {text!r}"
    assert our_text == text


TO_THE_LETTER = """assert_equal(v, [1, 2, 3])
assert_equal(v, [1, 2, 4])
assert_equal(v, [1, 2, 4], message='mine')
assert_equal(1, 2)
assert_equal(m, m + 1)
assert_equal(tf.range(20), tf.range(20) + 1)
assert_equal(tf.range(20), tf.range(20) + 1, summarize=5)
assert_equal(tf.range(20), tf.range(20) + 1, summarize=-1)
assert_equal(v, 2, name='nm')
assert_equal(tf.Variable([1.0, 2.0]), [1.0, 3.0])
assert_equal(np.float32([1, 2]), [1.0, 3.0])
assert_none_equal(v, [1, 5, 6])
assert_none_equal(v, [4, 5, 6])
assert_less(v, [2, 3, 4])
assert_less(v, [2, 2, 4])
assert_less_equal(v, [2, 1, 4])
assert_greater(v, [0, 1, 5], message='m')
assert_greater_equal(v, [0, 1, 5])
assert_less([], [])
assert_near(1.0, 1.0 + 1e-7)
assert_near(1.0, 1.05, rtol=0.1)
assert_near(1.0, 1.05, atol=0.1)
assert_near(1, 2)
assert_near(c(1.0, tf.float64), c(1.0, tf.float64))
assert_positive([1, 2])
assert_positive([1, 0])
assert_positive(c([1.0, -2.0]), message='m')
assert_negative([1, -1])
assert_non_negative([-1, 0])
assert_non_negative(c([[1.0, -2.0], [3.0, 4.0]]))
assert_rank(m, 2)
assert_rank(m, 1)
assert_rank(m, 1, message='m')
assert_rank(m, c(1))
assert_rank(m, [1])
assert_rank_at_least(m, 3)
assert_rank_at_least(m, 2)
assert_rank_in(m, (1, 3))
assert_rank_in(m, (1, 3), message='m')
assert_rank_in(m, (1, 2))
assert_scalar(m)
assert_scalar(m, message='m')
assert_type(m, tf.float32)
assert_type(m, tf.int32)
assert_type(m, 'int32', message='m')
assert_type(1.0, tf.int32)
assert_integer(m)
assert_integer(v)
assert_integer(m, message='m')
assert_same_float_dtype([m, m])
assert_same_float_dtype([m, c(1.0, tf.float64)])
assert_same_float_dtype([v])
assert_same_float_dtype([m], tf.float64)
assert_same_float_dtype()
assert_same_float_dtype(dtype=tf.int32)
assert_same_float_dtype(dtype=tf.float64)
assert_shapes([(m, ('N', 'D'))])
assert_shapes([(m, ('N', 'N')), (v, ('N',))])
assert_shapes([(m, (2, 3))])
assert_shapes([(m, (2, 3))], message='m')
assert_shapes([(m, ('N',))])
assert_shapes([(m, ('N', 'D')), (v, ('D',))])
assert_shapes([(m, 'ND')])
assert_shapes([(m, ('N', None))])
assert_shapes([(c(1.0), ())])
assert_shapes([(c(1.0), (1,))])
assert_shapes([(m, ('...', 'D'))])
assert_shapes([(m, (..., 3))])
assert_shapes([(m, ('*', 'Q', 'R', 'S'))])
assert_shapes([(m, 2)])
assert_shapes([(m, ('N', ..., 'Q', ...))])
assert_shapes([(m, ('.', 'Q'))])
assert_shapes([(m, '23')])
assert_shapes([(v, ('N', 'D')), (m, ('N', 'D'))])
assert_shapes([])
check_numerics(m, 'msg')
check_numerics(c([1.0, np.nan]), 'msg')
check_numerics(c([1.0, np.inf]), 'msg')
check_numerics(c([np.nan, -np.inf]), 'msg')
check_numerics([1.0, 2.0], 'msg')
assert_all_finite(m, 'msg')
assert_all_finite(c([1.0, np.nan]), 'msg')
assert_proper_iterable([1])
assert_proper_iterable(5)
assert_proper_iterable('abc')
is_numeric_tensor(m)
is_numeric_tensor(c(True))
is_numeric_tensor(3)
Assert(c(True), [m])
Assert(c(False), [m])
Assert(False, [v, m], summarize=2)"""


@pytest.mark.parametrize("program", TO_THE_LETTER.split("\n"))
def test_checks_say_the_same(program: str) -> None:
    alike(f"D.{program}")


@pytest.mark.parametrize(
    ("program", "phrase"),
    [
        ("D.assert_non_positive([1, 0])", "Condition x <= 0 did not hold element-wise:"),
        ("D.assert_equal(v, [1, 2])", "Incompatible shapes: [3] vs. [2]"),
        ("D.assert_equal(v, c([1.0, 2.0, 3.0]))", "expected to be a int32 tensor but is a float"),
        (
            "D.assert_near(1.0, 1.1)",
            "x and y not equal to tolerance rtol = tf.Tensor(1.1920",
        ),
        (
            "D.assert_near(c([1.0, 2.0]), c([1.0, 2.1]), message='m')",
            "y (shape=(2,) dtype=float3",
        ),
        ("D.assert_rank(m, 1.5)", "tensor must be of type tf.int32; got "),
        ("D.assert_rank(m, 'a')", "tensor must be of type tf.int32; got "),
        ("D.check_numerics(v, 'msg')", "float"),
        ("D.assert_all_finite(v, 'msg')", "float"),
        ("D.assert_proper_iterable(m)", 'Expected argument "values" to be a "proper" iterable.'),
        ("D.Assert(c([True, False]), [v])", "The truth value of an array with more than one"),
        ("D.Assert(False, ['x is bad', v])", "Expected 'False' to be true. Summarized data: "),
    ],
)
def test_checks_whose_errors_differ_in_words_only(program: str, phrase: str) -> None:
    (theirs, text), (ours, our_text) = (outcome(program, tf) for tf in (tensorflow, scratchnet))
    assert theirs[0] in ours, f"{ours} {our_text!r} for {theirs} {text!r}"
    assert phrase in text
    assert phrase in our_text


# How many elements an error shows, what it begins with, and its texts and tensors, are looked at
# where the check fails only.
REFUSED = {
    "summarize": [
        *(f"assert_less(v, 2, summarize={bad})" for bad in ("'a'", "1.5", "{}", "c([1.0])")),
        "assert_positive([0], summarize='a')",
        "assert_near(1.0, 2.0, summarize=[1])",
        "Assert(False, [v], summarize=())",
    ],
    "data": [f"Assert(False, {bad})" for bad in ("3", "1.5", "None", "c(3.0)")],
    "condition": ["Assert(c([True, False]), [v])"],
    "rtol": ["assert_near(1.0, 1.0, rtol='a')", "assert_near(1.0, 1.0, rtol=1j)"],
    "atol": ["assert_near(1.0, 1.0, atol=[[1], [1, 2]])"],
}


@pytest.mark.parametrize(
    ("name", "program"), [(name, f"D.{p}") for name, ps in REFUSED.items() for p in ps]
)
def test_bad_arguments_are_refused_by_name(name: str, program: str) -> None:
    (theirs, _), (ours, text) = (outcome(program, tf) for tf in (tensorflow, scratchnet))
    assert theirs[0] in ours
    assert f"`{name}`" in text


@pytest.mark.parametrize(
    "program",
    [
        "assert_less(v, 4, summarize='a')",
        "Assert(True, 3, summarize='a')",
        "assert_less(v, 2, message=[1])",
        "assert_positive([0], message=3)",
        "assert_rank(m, 1, message=3)",
        "assert_less(v, 2, message='')",
        "assert_less(v, 2, summarize=True)",
        "assert_less(v, 2, summarize=c(2))",
        "assert_near(m, m + 1, rtol=[1.0, 2.0], atol=c(3.0))",
    ],
)
def test_unusual_arguments(program: str) -> None:
    alike(f"D.{program}")


def test_tolerances_that_do_not_fit() -> None:
    for tf in (tensorflow, scratchnet):
        classes, text = outcome("D.assert_near(m, m, rtol=[1.0] * 3)", tf)
        assert "InvalidArgumentError" in classes
        assert "Incompatible shapes: [3] vs. [2,2]" in text


def test_the_checks_are_also_in_tf() -> None:
    for name in ("Assert", "assert_equal", "assert_greater", "assert_less", "assert_rank"):
        assert getattr(scratchnet, name) is getattr(scratchnet.debugging, name)
        assert getattr(tensorflow, name) is getattr(tensorflow.debugging, name)
    assert set(scratchnet.debugging.__all__) <= set(dir(tensorflow.debugging))


@pytest.mark.parametrize(
    "program",
    [
        *("tf.ensure_shape(m, (None, 2))", "tf.ensure_shape(m, None)", "tf.ensure_shape([1], [1])"),
        *(
            "tf.ensure_shape(m, (2, 3))",
            "tf.ensure_shape(m, (2,))",
            "tf.ensure_shape(m, [2, None])",
        ),
        "tf.ensure_shape(m, [None, 3])",
        "x = tf.Variable(m)\nwith tf.GradientTape() as t:\n  y = tf.ensure_shape(x, [2, 2]) * 3\n"
        "t.gradient(y, x)",
    ],
)
def test_ensure_shape(program: str) -> None:
    alike(program)


def test_assert_near_of_complex_numbers() -> None:
    for tf_ in (scratchnet, tensorflow):
        z = tf_.constant([1 + 1j, 2.0])
        tf_.debugging.assert_near(z, z * (1 + 1e-15))
        with pytest.raises(tf_.errors.InvalidArgumentError, match="not equal to tolerance"):
            tf_.debugging.assert_near(z, z + 1e-3j)
