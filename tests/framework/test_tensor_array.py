"""tf.TensorArray: what it holds, its gradients and complaints, as TensorFlow's."""

from __future__ import annotations

import pytest
import tensorflow

import scratchnet
from tests.support.paired import both_raise, run

SAME = """A('float32', 3).write(0, 1.0).write(2, 3.0).write(1, 5.0).stack()
A('float32', 0, dynamic_size=True).write(0, 1.0).write(1, 3.0).size()
A('float32', 0, True).write(3, [1.0, 2.0]).stack()
A('float32', 2).unstack([[1.0, 2.0], [3.0, 4.0]]).read(1)
A('int32', 2).unstack([1, 2]).gather([1, 0, 1])
A('int32', 2).unstack([[1], [2]]).concat()
A('float32', 3).split([1.0, 2.0, 3.0], [1, 0, 2]).concat()
A('float32', 3).scatter([2, 0, 1], [1.0, 2.0, 3.0]).stack()
A('float32', 2, element_shape=[2]).stack()
A('float32', 2, element_shape=[2]).element_shape
A('float32', 2, clear_after_read=False).write(0, [1.0]).element_shape
A('int64', 3).dtype
A('float32', 2).unstack([[1.0], [2.0]]).element_shape
[(a := A('int32', 3).scatter([0, 1], [[1], [2]])).read(1), a.stack(), a.read(1), a.gather([1])]
[(a := A('float32', 2, element_shape=[1])).unstack([[1.0], [2.0]]).read(0), a.concat()]
A('float32', 1, dynamic_size=True).dynamic_size"""


@pytest.mark.parametrize("program", SAME.split("\n"))
def test_values(program: str) -> None:
    program = f"A = tf.TensorArray\nrepr({program})"
    assert run(program, scratchnet) == run(program, tensorflow)


def test_gradients_of_a_loop() -> None:
    program = """
x = tf.Variable([1.0, 2.0, 3.0])
with tf.GradientTape() as outer:
    with tf.GradientTape() as tape:
        ta = tf.TensorArray(tf.float32, size=0, dynamic_size=True, clear_after_read=False)
        for i in tf.range(3):
            ta = ta.write(i, x[i] ** 3 * (ta.read(i - 1) if i > 0 else 1.0))
        y = tf.reduce_sum(ta.stack() * ta.gather([2, 0, 1]))
    first = tape.gradient(y, x)
repr((y, first, outer.gradient(first, x)))"""
    assert run(program, scratchnet) == run(program, tensorflow)


IN_GRAPHS = """
@tf.function
def fibonacci(n):
    ta = tf.TensorArray(tf.float32, 0, True)
    ta = ta.write(0, 1.0)
    ta = ta.write(1, 1.0)
    ta = ta.write(2, ta.read(1) + ta.read(0))
    ta = ta.write(3, ta.read(2) + ta.read(1))
    return ta.stack()
@tf.function
def again(x):
    ta = tf.TensorArray(tf.float32, 3).unstack(x)
    return ta.read(1), ta.read(1), ta.gather([1, 1]), ta.stack()
def pair(i):
    ta = tf.TensorArray(tf.int64, 2).unstack(tf.stack([i, i + 5]))
    return ta.read(0), ta.stack()
rows = list(tf.data.Dataset.range(2).map(pair))
repr((fibonacci(4), again(tf.constant([1.0, 2.0, 3.0])), rows))"""


@pytest.mark.filterwarnings("ignore")  # TensorFlow's autograph finds no text of the functions
def test_nothing_is_cleared_in_a_function() -> None:
    assert run(IN_GRAPHS, scratchnet) == run(IN_GRAPHS, tensorflow)


COMPLAINTS = {
    "A('float32', 2).write(2, 1.0)": "array is not resizeable and size is: 2",
    "A('float32', 2).write(-1, 1.0)": "",
    "A('float32', 2).read(5)": "Tried to read from index 5 but array size is: 2",
    "A('float32', 2).write(0, 1)": None,
    "A('int32', 2).write(0, tf.constant(1.0))": "TensorArray dtype is int32 but Op is trying to",
    "A('float32', 2).write(0, 1.0).write(1, [1.0])": "Incompatible shape for value",
    "a = A('float32', 1).write(0, 1.0)\na.read(0)\na.read(0)": "cleared after a previous read",
    "a = A('int32', 1).write(0, 1)\na.read(0), a.stack(), a.read(0), a.read(0)": "cleared after a",
    "a = A('float32', 2).unstack([1.0, 2.0])\na.read(0)\na.stack()": "",
    "A('float32', 1).unstack([1.0, 2.0])": "",
    "A('float32', 2).read(0)": "",
}


@pytest.mark.parametrize("program", COMPLAINTS)
def test_complaints(program: str) -> None:
    phrase = COMPLAINTS[program]
    program = f"A = tf.TensorArray\n{program}"
    if phrase is None:
        assert repr(run(program + "\n1", scratchnet)) == repr(run(program + "\n1", tensorflow))
    else:
        both_raise(program, phrase)
