"""tf.function: what it returns, its signatures, what it refuses."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest
import tensorflow

import scratchnet
from tests.support.keras_programs import prints_the_same
from tests.support.paired import both_raise, run

SPEC = "input_signature=[tf.TensorSpec([None], tf.float32)]"


@pytest.mark.parametrize(
    "body",
    [
        *("return x + 1", "return [x, {'a': 2.5, 'b': None}]", "return 5", "return np.ones(2)"),
        *("return (x, [x], {'z': x, 'a': x})", "return x.shape", "pass", "return True, ()"),
        "return tf.Variable(2.0) if False else tf.constant(2.0) * 3",
    ],
)
@pytest.mark.parametrize("x", ["tf.constant([1.0, 2.0])", "tf.Variable([3.0])", "np.arange(3)"])
def test_what_a_function_returns(body: str, x: str) -> None:
    for decorator in ("tf.function", "tf.function()", "tf.function(autograph=False)"):
        program = f"@{decorator}\ndef f(x):\n  {body}\nrepr(f({x}))"
        assert run(program, scratchnet) == run(program, tensorflow)


@pytest.mark.parametrize(
    "call", ["f([1.0, 2.0])", "f(tf.constant([1.0]))", "f([1, 2])", "f(np.ones(2))", "f(x=[1.0])"]
)
def test_calls_that_fit_a_signature(call: str) -> None:
    program = f"@tf.function({SPEC})\ndef f(x):\n  return x\nrepr({call}), repr(f.input_signature)"
    assert run(program, scratchnet) == run(program, tensorflow)


@pytest.mark.parametrize(
    ("call", "phrase"),
    [
        (
            "f(tf.constant([1]))",
            "Can not cast TensorSpec(shape=(1,), dtype=tf.int32, name=None)",
        ),
        ("f(tf.constant([[1.0]]))", "Can not cast TensorSpec(shape=(1, 1), dtype=tf.float32"),
        ("f([1.0], 2)", "Binding inputs to tf.function failed due to `too many positional"),
        ("f()", "Binding inputs to tf.function failed due to `missing a required argument: 'x'`"),
    ],
)
def test_calls_that_do_not_fit_a_signature(call: str, phrase: str) -> None:
    both_raise(f"@tf.function({SPEC})\ndef f(x):\n  return x\n{call}", phrase)


@pytest.mark.parametrize(
    ("program", "phrase"),
    [
        ("tf.function(3)", "3 is not a callable object"),
        ("tf.function(lambda x: x, foo=3)", "got an unexpected keyword argument 'foo'"),
        ("tf.function(lambda x: x, input_signature=3)", "must be either a tuple or a list, got"),
        ("tf.function(lambda x: x, input_signature=[3])", "nested sequence of TensorSpec objects"),
        ("tf.function(lambda x: object())(1)", "found return value of type object"),
        (
            "tf.function(lambda x, y: x, input_signature=[tf.TensorSpec([])])(1.0)",
            "input_signature missing type constraint for y",
        ),
        (
            "tf.function(lambda x: x, input_signature=[tf.TensorSpec([])] * 2)(1.0)",
            "input_signature contains 1 extra type constraint",
        ),
    ],
)
def test_what_a_function_refuses(program: str, phrase: str) -> None:
    both_raise(program, phrase)


def test_a_function_runs_on_every_call_and_has_no_graph() -> None:
    calls = []

    @scratchnet.function(jit_compile=True, reduce_retracing=True)
    def f(x: Any, y: Any = 2) -> Any:
        """Doubles."""
        calls.append(type(x))
        if scratchnet.reduce_sum(x) > 0:
            return x * y
        return x

    assert float(f(np.float32(2))) == 4.0
    assert float(f(-1.0)) == -1.0
    assert calls == [scratchnet.Tensor, float]
    assert (f.__name__, f.name, f.__doc__) == ("f", "f", "Doubles.")
    assert list(inspect.signature(f).parameters) == ["x", "y"]
    with pytest.raises(NotImplementedError, match="runs eagerly in scratchnet"):
        f.experimental_get_tracing_count()
    with pytest.raises(NotImplementedError, match="`experimental_compile` must be None"):
        scratchnet.function(lambda: 1, experimental_compile=True)
    assert "runs eagerly, on every call" in (scratchnet.function.__doc__ or "")


def test_run_functions_eagerly() -> None:
    program = """
@tf.function
def f(x):
    return 5, type(x).__name__
tf.config.run_functions_eagerly(True)
found = f(np.ones(2)), tf.config.functions_run_eagerly()
tf.config.run_functions_eagerly(False)
found, tf.config.functions_run_eagerly()"""
    assert run(program, scratchnet) == run(program, tensorflow)


def test_functions_of_functions_methods_and_layers() -> None:
    def program(tf: Any) -> None:
        class Scaled(tf.Module):
            def __init__(self) -> None:
                super().__init__()
                self.k = tf.Variable(2.0)

            @tf.function(input_signature=[tf.TensorSpec([], tf.float32)])
            def __call__(self, x: Any) -> Any:
                return self.k * x

            @tf.function
            def twice(self, x: Any, times: Any = 2) -> Any:
                return self(x) * times

        scaled = Scaled()
        print(
            scaled(3.0), scaled.twice(1.0), scaled.twice(1.0, times=5.0), Scaled.twice(scaled, 1.0)
        )
        print(tf.function(tf.function(lambda x: x))(3), tf.function(tf.matmul)([[1.0]], [[2.0]]))
        dense = tf.keras.layers.Dense(2, kernel_initializer="ones")
        print(tf.function(dense)(tf.ones([1, 2])), [v.name for v in scaled.variables])

    prints_the_same(program)


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


CONCRETE = """tf.function(lambda x: 2 * x).get_concrete_function(S([None]))(tf.constant([1.0, 2.0]))
tf.function(lambda x, y=3: x * y).get_concrete_function(S([None], 'int32'))(tf.constant([1, 2]))
tf.function(lambda x, y: x * y).get_concrete_function(S([]), 3.0)(tf.constant(2.0))
tf.function(lambda k, x: k * x).get_concrete_function(3.0, S([]))(tf.constant(2.0))
tf.function(lambda x: 2 * x, [S([2])]).get_concrete_function()(tf.constant([1.0, 2.0]))
tf.function(lambda x: 2 * x).get_concrete_function(tf.ones([2])).structured_input_signature[1]
tf.function(lambda a: a['k']).get_concrete_function({'k': S([1])})({'k': tf.constant([1.0])})"""


@pytest.mark.parametrize("program", CONCRETE.splitlines())
def test_concrete_functions(program: str) -> None:
    program = f"S = tf.TensorSpec\nrepr({program})"
    assert run(program, scratchnet) == run(program, tensorflow)


def test_what_a_concrete_function_refuses() -> None:
    start = "f = tf.function(lambda x: 2 * x).get_concrete_function(tf.TensorSpec([None]))\n"
    for call in ("f(tf.constant([1, 2]))", "f()", "f(tf.ones([1]), tf.ones([1]))"):
        both_raise(start + call, "")


def test_autograph_shows_the_code_that_runs() -> None:
    @scratchnet.function
    def counted(x: Any) -> Any:
        while x > 0:
            x -= 1
        return x

    with pytest.warns(UserWarning, match="nothing is rewritten here"):
        text = scratchnet.autograph.to_code(counted.python_function)
    assert "while x > 0:\n" in text
    assert not text.startswith(" ")
    for what in (counted, len, 3):
        with pytest.raises(ValueError, match="try passing f"):
            scratchnet.autograph.to_code(what)


def test_autograph_gives_back_what_it_gets() -> None:
    program = """
@tf.function
@tf.autograph.experimental.do_not_convert
def f(x):
    return x + 1
tf.autograph.set_verbosity(0)
g = tf.autograph.experimental.do_not_convert(lambda x: x + 2)
float(f(tf.constant(1.0))), g(1)"""
    assert run(program, scratchnet) == run(program, tensorflow)
