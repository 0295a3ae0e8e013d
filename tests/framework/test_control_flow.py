"""tf.cond, tf.while_loop, tf.map_fn, tf.vectorized_map: values, gradients and complaints."""

from __future__ import annotations

import pytest
import tensorflow

import scratchnet
from tests.support.paired import both_raise, run

SAME = """tf.map_fn(lambda x: x * x, tf.constant([1, 2, 3]))
tf.map_fn(lambda x: tf.cast(x, tf.float32), tf.constant([1, 2]), fn_output_signature=tf.float32)
tf.map_fn(lambda x: tf.cast(x, tf.float32), tf.constant([1, 2]), dtype=tf.float32)
tf.map_fn(lambda x: (x, -x), tf.constant([[1], [2]]), fn_output_signature=(tf.int32, tf.int32))
tf.map_fn(lambda x: x[0] + x[1], (tf.range(3), tf.range(3)), fn_output_signature=tf.int32)
tf.map_fn(lambda x: x, {'b': tf.range(2), 'a': tf.ones([2, 1])})
tf.map_fn(lambda x: 5, tf.constant([1, 2]))
tf.map_fn(lambda x: x, tf.zeros([2]), fn_output_signature=np.float32)
tf.map_fn(abs, tf.zeros([0]), dtype=np.dtype("int64"))
tf.map_fn(lambda x: 1 / 0, tf.zeros([0, 2]))
tf.map_fn(lambda x: x, {'a': tf.zeros([0]), 'b': tf.zeros([0, 3], tf.int32)})
tf.map_fn(lambda x: (x, x), tf.zeros([0]), fn_output_signature=(tf.int32, tf.TensorSpec([3])))
tf.map_fn(abs, tf.zeros([0, 2]), fn_output_signature=tf.TensorSpec(None, tf.int32))
tf.vectorized_map(lambda x: x * x, tf.constant([[1.0], [2.0]]))
tf.vectorized_map(lambda x: x[0] * x[1], (tf.range(3), tf.range(3)))
tf.cond(tf.constant(True), lambda: tf.constant(1), lambda: tf.constant(2))
tf.cond(False, lambda: 1, lambda: [2])
tf.case([(tf.constant(1) > 2, lambda: 1), (tf.constant(1) < 2, lambda: 2)], exclusive=True)
tf.case([(tf.constant(False), lambda: 1)], default=lambda: 3)
tf.switch_case(tf.constant(1), [lambda: tf.constant(1), lambda: tf.constant(2)])
tf.switch_case(tf.constant(7), {0: lambda: 1, 1: lambda: 2})
tf.switch_case(tf.constant(-1), [(1, lambda: 1), (0, lambda: 2)], lambda: 5)
tf.foldl(lambda s, x: s * 2 + x, tf.constant([1, 2, 3]))
tf.foldr(lambda s, x: s * 2 + x, tf.constant([1, 2, 3]), initializer=10)
tf.foldl(lambda s, x: s + x[0] * x[1], (tf.range(3), tf.range(3)), initializer=0)
tf.scan(lambda s, x: s + x, tf.constant([1, 2, 3]))
tf.scan(lambda s, x: s + x, tf.constant([1, 2, 3]), initializer=5, reverse=True)
tf.scan(lambda s, x: (s[1], s[0] + x), tf.constant([1.0, 2.0]), (tf.constant(1.0), 2.0))
tf.while_loop(lambda i: i < 3, lambda i: [i + 1], [0])
tf.while_loop(lambda i: i < 3, lambda i: (i + 1,), (tf.constant(0),))
tf.while_loop(lambda i, j: i < 3, lambda i, j: (i + 1, j * 2), [tf.constant(0), tf.constant(1.0)])
tf.while_loop(lambda i: i < 30, lambda i: [i + 1], [0], maximum_iterations=4)
tf.while_loop(lambda i, p: i < 3, lambda i, p: (i + 1, p[::-1]), (tf.constant(0), [1.0, 2.0]))"""


@pytest.mark.parametrize("program", SAME.split("\n"))
def test_values(program: str) -> None:
    program = f"repr({program})"
    assert run(program, scratchnet) == run(program, tensorflow)


@pytest.mark.parametrize(
    "y",
    [
        "tf.while_loop(lambda i, a: i < 3, lambda i, a: (i + 1, a * x), [0, tf.constant(1.0)])[1]",
        "tf.map_fn(lambda a: a * a, tf.stack([x, 2 * x]))",
        "tf.cond(x > 2.0, lambda: x * x, lambda: x)",
        "tf.scan(lambda s, a: s * a + a, tf.stack([x, 2 * x, x]))",
        "tf.foldr(lambda s, a: s * a, tf.stack([x, 2 * x]), initializer=1.0)",
        "tf.case([(x > 2.0, lambda: x * x)], default=lambda: x)",
    ],
)
def test_gradients(y: str) -> None:
    start = "x = tf.Variable(3.0)\nwith tf.GradientTape() as t:\n"
    program = f"{start}  y = {y}\nrepr(t.gradient(y, x))"
    assert run(program, scratchnet) == run(program, tensorflow)


@pytest.mark.parametrize(
    ("program", "phrase"),
    [
        ("tf.map_fn(lambda x: x * 1.5, tf.constant([1, 2]))", ""),
        ("tf.case([(tf.constant(False), lambda: 1)])", "None of conditions evaluated as True"),
        ("tf.case(3)", "must be a list, tuple, or dict"),
        ("tf.switch_case(tf.constant(0), 3)", "must be a list, tuple, or dict"),
        ("tf.switch_case(tf.constant(0), {0: abs, 2: abs})", "must form contiguous range"),
        ("tf.map_fn(lambda x: tf.cast(x, tf.float32), tf.constant([1]))", "dtype is int32 but"),
        ("tf.map_fn(lambda x: (x, x), tf.constant([1]))", "don't have the same nested structure"),
        ("tf.map_fn(lambda x: {'s': x['a']}, {'a': tf.constant([1])})", "same nested structure"),
        ("tf.map_fn(lambda x: x, tf.constant(1))", "must"),
        ("tf.map_fn(lambda x: x[0], (tf.zeros([0]), tf.zeros([2])))", ""),
        ("tf.map_fn(abs, tf.zeros([0]), fn_output_signature=tf.TensorSpec([None]))", ""),
        ("tf.cond(True, 3, lambda: 1)", "callable"),
        ("tf.cond(True, lambda: 1, None)", "false_fn"),
        ("tf.while_loop(3, lambda i: [i + 1], [0])", "'cond' must be callable"),
        ("tf.while_loop(lambda i: i < 3, 3, [0])", "'body' must be callable"),
        ("tf.while_loop(lambda i: i < 3, lambda i: [i + 1], [])", "'loop_vars' must be provided."),
        ("tf.while_loop(lambda i: i < 3, lambda i: [i, i], [0])", "same nested structure"),
    ],
)
def test_complaints(program: str, phrase: str) -> None:
    both_raise(program, phrase)


def test_what_is_refused_on_purpose() -> None:
    for name, arguments in (("map_fn", (abs, [1])), ("while_loop", (bool, abs, [1]))):
        with pytest.raises(NotImplementedError, match="`back_prop` must be True"):
            getattr(scratchnet, name)(*arguments, back_prop=False)
    with pytest.raises(ValueError, match="`elems` must have rows"):
        scratchnet.vectorized_map(abs, scratchnet.zeros([0, 2]))
