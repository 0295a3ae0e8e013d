"""Random ops with seeds of their own inside ``tf.function``: the numbers of TensorFlow's graphs."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow

import scratchnet


def uniform(tf, seed=2):
    return tf.random.uniform([3], seed=seed)


def equal_seeds(tf):
    f = tf.function(lambda: (uniform(tf), uniform(tf), uniform(tf, 3)))
    return [*f(), *f()]


def a_second_function_begins_anew(tf):
    f, g = tf.function(lambda: uniform(tf)), tf.function(lambda: uniform(tf))
    return [f(), f(), g(), uniform(tf), uniform(tf), f()]


def set_seed_begins_anew(tf):
    f = tf.function(lambda: uniform(tf))
    found = [f(), f()]
    tf.random.set_seed(1)
    found += [f(), uniform(tf)]
    tf.random.set_seed(7)  # a graph keeps the seed that it was made with
    return [*found, f(), tf.function(lambda: uniform(tf))(), uniform(tf)]


def another_kind_of_argument_begins_anew(tf):
    f = tf.function(lambda x, flag=True: uniform(tf))
    one, two = tf.ones(1), tf.ones(2)
    calls = [f(one), f(one), f(two), f(two), f(one), f(one, False), f(tf.ones(1, tf.float64))]
    return [*calls, f(one + 1)]


def functions_in_functions(tf):
    inner = tf.function(lambda: uniform(tf))
    outer = tf.function(lambda: (inner(), inner(), uniform(tf)))
    return [*outer(), *outer(), inner()]


def a_loop_of_python(tf):
    f = tf.function(lambda: [uniform(tf) for _ in range(3)])
    return [*f(), *f()]


def other_ops(tf):
    @tf.function
    def f():
        a, b = tf.random.normal([3], seed=5), tf.random.uniform([3], seed=5)
        return a, b, tf.random.shuffle(tf.range(5), seed=5), tf.nn.dropout(tf.ones(8), 0.5, seed=5)

    return [*f(), *f()]


def methods(tf):
    class Noise(tf.Module):
        @tf.function
        def __call__(self):
            return uniform(tf)

    a, b = Noise(), Noise()
    return [a(), a(), b(), a(), b()]


PROGRAMS = [
    equal_seeds,
    a_second_function_begins_anew,
    set_seed_begins_anew,
    another_kind_of_argument_begins_anew,
    functions_in_functions,
    a_loop_of_python,
    other_ops,
    methods,
]


@pytest.mark.parametrize("program", PROGRAMS)
def test_the_numbers_are_those_of_tensorflows_graphs(program):
    found = []
    for tf in (scratchnet, tensorflow):
        tf.random.set_seed(1)
        found.append([x.numpy() for x in program(tf)])
    for ours, theirs in zip(*found, strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_an_error_inside_leaves_no_function_running():
    def fail():
        uniform(scratchnet)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        scratchnet.function(fail)()
    equal_twice = []
    for _ in range(2):
        scratchnet.random.set_seed(1)
        equal_twice.append([uniform(scratchnet).numpy(), uniform(scratchnet).numpy()])
    np.testing.assert_array_equal(*equal_twice)
    assert not np.array_equal(*equal_twice[0])


def test_functions_run_eagerly_draw_as_outside():
    found = []
    for tf in (scratchnet, tensorflow):
        tf.config.run_functions_eagerly(True)
        try:
            tf.random.set_seed(1)
            f = tf.function(lambda tf=tf: (uniform(tf), uniform(tf)))
            found.append([x.numpy() for x in f()])
        finally:
            tf.config.run_functions_eagerly(False)
    np.testing.assert_array_equal(*found)
