"""tf.py_function and tf.numpy_function against TensorFlow: values, dtypes, gradients, pipelines."""

from __future__ import annotations

import pytest

import scratchnet as sn
from tests.support.paired import agree

PROGRAMS = """tf.py_function(lambda x: x * x, [tf.constant([3.0])], tf.float32)
tf.py_function(lambda x, y: [x.numpy() + 1, y], [tf.constant(3), 2.0], [tf.int32, 'float32'])
tf.py_function(lambda x: 7, inp=[1.5], Tout=tf.int64)
tf.py_function(lambda: None, [], [])
tf.numpy_function(np.sinh, [tf.constant([0.5, 1.0])], tf.float32)
tf.numpy_function(lambda x, n: (x.repeat(n), x.sum()), [np.ones(2), 3], (tf.float64, tf.float64))
[int(tf.py_function(lambda j: 2 * j, [i], tf.int64)) for i in tf.data.Dataset.range(3)]"""


@pytest.mark.parametrize("program", PROGRAMS.split("\n"))
def test_values(program: str) -> None:
    agree(program)


@pytest.mark.filterwarnings("ignore:__array__:DeprecationWarning")  # of TensorFlow's tensors
def test_gradients_and_decorators() -> None:
    start = "x = tf.constant(3.0)\nwith tf.GradientTape() as t:\n  t.watch(x)\n  y = "
    agree(start + "tf.py_function(lambda a: a * a, [x], tf.float32) * x\nt.gradient(y, x)")
    agree(start + "tf.numpy_function(lambda a: a * a, [x], tf.float32) * x\nt.gradient(y, x)")
    agree(
        "@tf.py_function(Tout=tf.float32)\ndef f(x, y):\n  return x + y\n"
        "@tf.numpy_function(Tout=tf.float32)\ndef g(x):\n  return 2 * x\nf(1.0, 2.0), g(3.0)"
    )


def test_refusals() -> None:
    for function in (sn.py_function, sn.numpy_function):
        with pytest.raises(TypeError, match="`inp` must be a list"):
            function(lambda x: x, sn.constant(1.0), sn.float32)
    with pytest.raises(sn.errors.InvalidArgumentError, match="must return 2 values"):
        sn.py_function(lambda x: x, [1.0], [sn.float32, sn.float32])
