"""Names in `tf` itself: small things, and what Python expects of a module."""

from __future__ import annotations

import doctest
import inspect
import pickle
from typing import Any

import pytest
import tensorflow

import scratchnet
from tests.support.paired import both_raise, run


@pytest.mark.parametrize(
    "program",
    [
        "[tf.is_tensor(x) for x in (tf.ones(1), tf.Variable(1), 1, np.ones(1), [tf.ones(1)])]",
        "[tf.is_tensor(x) for x in (tf.keras.Variable(1.0), tf.keras.Input((2,)), None)]",
        "tf.executing_eagerly()",
        "type(tf.__version__), tf.__version__ == tf.version.VERSION, type(tf.keras.__version__)",
        "tf.ones([2, 3]).set_shape([None, 3])",
        "repr(np.ones([2, 2]) * tf.constant(42)), repr(tf.constant([1, 2]) + np.float64(2))",
        "with tf.init_scope(), tf.control_dependencies([tf.ones(1)]):\n  x = 3\nx",
        "with tf.name_scope('a'), tf.name_scope('b/') as s:\n  v = tf.Variable(1.0)\ns, v.name",
        "tf.name_scope('foo').name, tf.get_current_name_scope()",
        "tf.autodiff.GradientTape is tf.GradientTape",
        "repr(tf.zeros_initializer()([2, 1])), repr(tf.ones_initializer()([2], tf.float64))",
        "repr(tf.constant_initializer(3.0)([2, 2]))",
        "repr(tf.constant_initializer([1, 2])([2]))",
        "tf.random_uniform_initializer(seed=22)([3, 2]).numpy().tolist()",
        "tf.random.set_seed(3)\ntf.random_uniform_initializer(-1, 1)([4]).numpy().tolist()",
        "[tf.dtypes.half, tf.dtypes.as_dtype('double'), tf.dtypes.bool, tf.dtypes.float32] == "
        "[tf.float16, tf.float64, tf.bool, tf.float32]",
        "tf.losses.MeanSquaredError is tf.keras.losses.MeanSquaredError",
        "tf.optimizers.SGD is tf.keras.optimizers.SGD, tf.metrics.Mean is tf.keras.metrics.Mean",
    ],
)
def test_small_things(program: str) -> None:
    assert run(program, scratchnet) == run(program, tensorflow)


def test_set_shape_sets_nothing() -> None:
    both_raise("tf.ones([2]).set_shape([3])", "Tensor's shape (2,) is not compatible with supplied")


def test_gradients_of_graphs_are_refused_as_in_tensorflow() -> None:
    for name in ("gradients", "hessians"):
        both_raise(f"tf.{name}(tf.ones(1), tf.ones(1))", "Use tf.GradientTape instead.")


def test_python_itself_is_not_disturbed() -> None:
    assert not hasattr(scratchnet, "Session")
    assert getattr(scratchnet.nn, "nothing", 5) == 5
    with pytest.raises(ImportError, match="cannot import name 'ragged'"):
        exec("from scratchnet import ragged")
    with pytest.raises(AttributeError, match=r"no attribute '__wrapped__'$"):
        scratchnet.__wrapped__  # noqa: B018
    assert inspect.unwrap(scratchnet.function) is scratchnet.function
    assert inspect.getmodule(scratchnet.Module) is not None
    assert pickle.loads(pickle.dumps(scratchnet.function)) is scratchnet.function
    assert doctest.DocTestFinder().find(scratchnet.nn)
    assert "log" not in dir(scratchnet)
    names: dict[str, Any] = {}
    exec("from scratchnet import *", names)
    assert set(scratchnet.__all__) <= set(names)
