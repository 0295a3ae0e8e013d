"""GradientTape: what it records, what it answers, what it keeps."""

from __future__ import annotations

import gc
import re
import threading
import time
import timeit
import weakref
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import tensorflow
from hypothesis import given

import scratchnet as sn
from scratchnet.engine.listening import Listener, listening
from scratchnet.engine.op import ACTIVE, OPS, Record
from scratchnet.engine.tensor import Tensor, apply
from tests.support.paired import agree, both_raise, describe, error_of, run, titled
from tests.support.taped import STEPS, WATCHED, doubling_op, drawn_graph, taped

X = np.array([1.0, 2.0], np.float32)

# -- programs --------------------------------------------------------------------------------------


PAIR = "x = tf.constant([1.0, 2.0])"


ANSWERS = [
    taped("y = x * x", "t.gradient(y, x)"),  # a constant is not watched
    taped(WATCHED, "t.gradient(y, x)"),
    taped(WATCHED, "t.gradient(y, x)", PAIR),  # a target that is no scalar is summed
    taped("y = x * x; t.watch(x)", "t.gradient(y, x)"),
    # the target is the source, watched or not
    taped("y = x * x", "t.gradient(x, x)"),
    taped("t.watch(x)", "t.gradient(x, x)"),
    taped("t.watch(x); y = x", "t.gradient(y, x)"),
    taped(WATCHED, "t.gradient(y, y)"),
    taped(WATCHED, "t.gradient([y, x], x)"),
    taped("y = v * v", "t.gradient(v, v)", "v = tf.Variable(3.0)"),
    taped("pass", "t.gradient(v, v)", "v = tf.Variable(3.0)"),
    taped("y = v * v", "t.gradient([y, v], v)", "v = tf.Variable(3.0)"),
    taped("y = v * v", "t.gradient(v, v)", "v = tf.Variable(3.0, trainable=False)"),
    # intermediates, watched by nobody
    taped("t.watch(x); y = x * x; z = y * y", "t.gradient(z, [y, x, z])"),
    taped("y = v * v; z = y * v", "t.gradient(z, [y, v])", "v = tf.Variable(3.0)"),
    taped("t.watch(x); y = x[0] * x[1]; z = y * y", "t.gradient(z, [x, y])", PAIR),
    # repeated targets and sources, nested structures
    taped(WATCHED, "t.gradient([y, y, (y,)], x)"),
    taped(WATCHED, "t.gradient(y, [x, x])"),
    taped(WATCHED, "t.gradient(y, {'a': x, 'b': [x, (x,)]})"),
    taped(WATCHED, "t.gradient({'p': y, 'q': [y]}, x)"),
    taped(WATCHED, "t.gradient(y, (x,))"),
    taped(WATCHED, "t.gradient(y, [])"),
    taped(WATCHED, "t.gradient([], x)"),
    # output_gradients
    taped(WATCHED, "t.gradient(y, x, tf.constant([1.0, 10.0]))", PAIR),
    taped(WATCHED, "t.gradient(y, x, output_gradients=tf.constant([[1.0, 10.0]]))", PAIR),
    taped(WATCHED, "t.gradient(y, x, np.array([1.0, 10.0], np.float32))", PAIR),
    taped(
        "t.watch(x); y = x * x; z = x * 3.0",
        "t.gradient({'y': y, 'z': z}, x, {'y': tf.ones(2) * 3.0, 'z': tf.constant([2.0, 0.0])})",
        PAIR,
    ),
    taped("t.watch(x); y = x * x", "t.gradient(y, y, tf.constant([1.0, 10.0]))", PAIR),
    # unconnected_gradients
    taped(
        WATCHED,
        "t.gradient(y, [x, w], unconnected_gradients='zero')",
        f"{PAIR}; w = tf.ones([1, 3])",
    ),
    taped(
        WATCHED,
        "t.gradient(y, w, unconnected_gradients=tf.UnconnectedGradients.ZERO)",
        f"{PAIR}; w = tf.ones(2)",
    ),
    taped(
        WATCHED, "t.gradient(y, w, unconnected_gradients='none')", f"{PAIR}; w = tf.ones([1, 3])"
    ),
    taped(
        "y = v * 1.0",
        "t.gradient(y, w, unconnected_gradients='zero')",
        "v, w = tf.Variable(1.0), tf.Variable([2])",
    ),
    # integers
    taped(WATCHED, "t.gradient(y, x)", "x = tf.constant([1, 2])"),
    taped("t.watch(x); y = tf.cast(x * x, tf.int32)", "t.gradient(y, x)"),
    taped("t.watch(x); y = tf.cast(tf.cast(x * x, tf.int32), tf.float32)", "t.gradient(y, x)"),
    taped("t.watch(x); y = tf.cast(x, tf.float64) * 2.0", "t.gradient(y, x)"),
    taped("t.watch(x); y = tf.argmax(x)", "t.gradient(y, x)", PAIR),
    taped("t.watch(x); y = tf.floor(x)", "t.gradient(y, x, unconnected_gradients='none')"),
    taped("t.watch(x); y = x * tf.cast(x > 1.5, tf.float32)", "t.gradient(y, x)", PAIR),
    # breaks
    taped("t.watch(x); y = x * x.numpy()", "t.gradient(y, x)"),
    taped("t.watch(x); y = tf.constant(x.numpy()) * 2.0", "t.gradient(y, x)"),
    taped("t.watch(x); y = tf.constant(np.square(x)) * 2.0", "t.gradient(y, x)"),
    taped("t.watch(x); y = x * float(x)", "t.gradient(y, x)"),
    taped("t.watch(x); y = tf.stop_gradient(x) * x", "t.gradient(y, x)", PAIR),
    taped("t.watch(x); y = tf.stop_gradient(x) * 2.0", "t.gradient(y, x)", PAIR),
    taped("t.watch(x); y = tf.stop_gradient(x * x) + x", "t.gradient(y, x)", PAIR),
    taped(WATCHED, "z = y * 2.0\nt.gradient(z, x)"),  # made after the context
    # the tape in its context
    taped("t.watch(x); y = x * x; g = t.gradient(y, x); z = x * g", "g", PAIR),
    taped(
        "t.watch(x); y = x * x * x; g = t.gradient(y, x)",
        "g, t.gradient(g, x)",
        PAIR,
        "persistent=True",
    ),
    taped(
        "t.watch(x); y = x * x",
        "t.gradient(y, x), t.gradient(y, x), t.gradient(x, x)",
        PAIR,
        "True, False",
    ),
    # watching
    taped(
        "y = v * v * w * u",
        "t.gradient(y, [v, w, u])",
        "v, w, u = tf.Variable(3.0), tf.Variable(2.0), tf.Variable(1.0, False)",
    ),
    taped(
        "y = v * v; i + 1",
        "[q.dtype for q in t.watched_variables()]",
        "v, i = tf.Variable(3.0), tf.Variable(1)",
    ),
    taped("y = v * v", "t.gradient(y, v), len(t.watched_variables())", "v = tf.Variable(3.0)"),
    taped(
        "y = v * v",
        "t.gradient(y, v), t.watched_variables()",
        "v = tf.Variable(3.0)",
        "watch_accessed_variables=False",
    ),
    taped(
        "t.watch(v); y = v * v",
        "t.gradient(y, v), len(t.watched_variables())",
        "v = tf.Variable(3.0)",
        "False, False",
    ),
    taped("t.watch(v); y = v * v", "t.gradient(y, v)", "v = tf.Variable(3.0, trainable=False)"),
    taped(
        "t.watch({'a': [x, v]}); y = x * v",
        "t.gradient(y, [x, v])",
        "x, v = tf.constant(2.0), tf.Variable(3.0, False)",
    ),
    # pieces
    taped("t.watch(x); y = [q * q for q in x]", "t.gradient(y, x)", PAIR),
    taped("t.watch(x); y = tf.convert_to_tensor([x * 2.0, [5.0, 6.0]])", "t.gradient(y, x)", PAIR),
    taped("t.watch(x); y = x + [[1.0], [2.0], [3.0]]", "t.gradient(y, x)", PAIR),
    taped("t.watch(x); y = x[:, :0]", "t.gradient(y, x)", "x = tf.ones([2, 2])"),
    taped("t.watch(x); y = x * 2.0", "t.gradient(y, x)", "x = tf.zeros([0, 3])"),
]


@pytest.mark.parametrize("program", ANSWERS)
def test_answers(program: str) -> None:
    agree(program)


REFUSALS = [
    (
        taped(WATCHED, "t.gradient(y, x)\nt.gradient(y, x)"),
        "can only be used to compute one set of gradients",
    ),
    (
        taped(WATCHED, "t.gradient(y, x)\nt.jacobian(y, x)"),
        "can only be used to compute one set of gradients",
    ),
    (
        taped(WATCHED, "t.jacobian(y, x)\nt.gradient(y, x)"),
        "can only be used to compute one set of gradients",
    ),
    (
        taped(WATCHED, "t.gradient(y, x, unconnected_gradients='nonsense')"),
        "Unknown value for unconnected_gradients: 'nonsense'",
    ),
    (taped(WATCHED, "t.gradient(None, x)"), "to be differentiated, but received None."),
    (
        taped("t.watch(3.0)", "t"),
        "Passed in object 3.0 of type 'float', not tf.Tensor or tf.Variable",
    ),
    (taped("t.watch([x, None])", "t"), "of type 'NoneType', not tf.Tensor or tf.Variable"),
    (taped("t.watch(np.ones(2))", "t"), "of type 'ndarray', not tf.Tensor or tf.Variable"),
    (
        taped("t.__enter__()", "t"),
        "Tape is still recording, This can happen if you try to re-enter",
    ),
    (taped("pass", "t.stop_recording().__enter__()"), "Tape is not recording."),
    (taped("pass", "t.reset()"), "Tape is not recording."),
    (taped("t.watch(x); raise KeyError('inside')", "t"), "inside"),
]


@pytest.mark.parametrize(("program", "phrase"), REFUSALS)
def test_refusals(program: str, phrase: str) -> None:
    both_raise(program, phrase)
    assert ACTIVE.tapes == []


@pytest.mark.parametrize(
    "call",
    [
        *(
            "t.gradient([None], x)",
            "t.gradient([None, y], x)",
            "t.gradient(3.0, x)",
            "t.gradient(y, None)",
        ),
        *("t.gradient(y.numpy(), x)", "t.gradient(y, [x, None])", "t.gradient(y, 3.0)"),
        *(
            "t.gradient(y, np.ones(2))",
            "t.jacobian(None, x)",
            "t.jacobian([y, y], x)",
            "t.jacobian(y, 3.0)",
        ),
    ],
)
def test_what_is_no_tensor_is_refused(call: str) -> None:
    """TensorFlow raises too: a TypeError or an AttributeError from the inside."""
    program = taped(WATCHED, call)
    assert isinstance(error_of(program, tensorflow), TypeError | AttributeError)
    error = error_of(program, sn)
    assert isinstance(error, TypeError)
    assert "must hold tensors or variables, received" in str(error)


@pytest.mark.parametrize(
    ("cotangent", "rule"),
    [
        ("tf.constant([1.0, 2.0, 3.0])", "must have the target's shape (2,) and dtype float32"),
        ("tf.constant(2.0)", "must have the target's shape (2,) and dtype float32"),
        (
            "tf.constant([1.0, 2.0], tf.float64)",
            "must have the target's shape (2,) and dtype float32",
        ),
        ("[1.0, 10.0]", "must have one entry for each of 1 targets, received 2"),
    ],
)
def test_output_gradients_must_fit(cotangent: str, rule: str) -> None:
    """TensorFlow takes some: it broadcasts a scalar, and of a list it uses the first entry."""
    error = error_of(taped(WATCHED, f"t.gradient(y, x, {cotangent})", PAIR), sn)
    assert isinstance(error, ValueError)
    assert rule in str(error)


def test_a_refused_call_does_not_use_the_tape_up() -> None:
    x = sn.constant([1.0, 2.0])
    with sn.GradientTape() as tape:
        tape.watch(x)
        y = x * x
    for bad in (
        lambda: tape.gradient(None, x),
        lambda: tape.gradient(y, 3.0),
        lambda: tape.gradient(y, x, [1, 2]),
    ):
        with pytest.raises((TypeError, ValueError)):
            bad()
    assert tape.gradient(y, x).numpy().tolist() == [2.0, 4.0]


def test_an_entry_of_output_gradients_may_be_none() -> None:
    x = sn.constant([1.0, 2.0])
    with sn.GradientTape() as tape:
        tape.watch(x)
        y, z = x * x, x * 3.0
    assert tape.gradient([y, z], x, [None, sn.constant([1.0, 10.0])]).numpy().tolist() == [
        5.0,
        34.0,
    ]


def test_watching_an_integer_warns(caplog: pytest.LogCaptureFixture) -> None:
    with sn.GradientTape() as tape:
        tape.watch(sn.constant(1))
    assert caplog.messages == [
        "The dtype of the watched tensor must be floating (e.g. tf.float32), got tf.int32"
    ]


def test_a_persistent_tape_in_its_context_warns(caplog: pytest.LogCaptureFixture) -> None:
    v = sn.Variable(2.0)
    with sn.GradientTape(persistent=True) as tape:
        tape.gradient(v * v, v)
    assert "significantly less efficient" in caplog.text


def test_complex_tensors_can_be_watched(caplog: pytest.LogCaptureFixture) -> None:
    x = sn.constant(1 + 2j)
    with sn.GradientTape() as tape:
        tape.watch(x)
        y = x * x
    assert tape.gradient(y, x).numpy() == 2 - 4j
    assert not caplog.text
    assert tape.explain_none(x) == "its gradient was not None, or has not been asked for"


# -- contexts --------------------------------------------------------------------------------------


CONTEXTS = """
# stop_recording
x = tf.constant(3.0)
with tf.GradientTape() as t:
    t.watch(x)
    with t.stop_recording():
        y = x * x
    z = y * x
t.gradient(z, x)

# gradient under stop_recording
x = tf.constant(3.0)
with tf.GradientTape() as t:
    t.watch(x)
    y = x * x
    with t.stop_recording():
        g = t.gradient(y, x)
g

# gradient under stop_recording, persistent
x = tf.constant(3.0)
with tf.GradientTape(persistent=True) as t:
    t.watch(x)
    y = x * x
    with t.stop_recording():
        g = t.gradient(y, x)
    z = g * x
t.gradient(z, x)

# reset
x = tf.constant(3.0)
with tf.GradientTape() as t:
    t.watch(x)
    y = x * x
    t.reset()
    z = x * x
t.gradient(z, x)

# reset, and a variable
x = tf.constant(3.0)
v = tf.Variable(3.0)
with tf.GradientTape() as t:
    y = v * v
    t.reset()
    z = v * 3.0
t.gradient([y, z], v), len(t.watched_variables())

# entered twice, persistent
x = tf.constant(3.0)
t = tf.GradientTape(persistent=True)
with t:
    t.watch(x)
    y = x * x
with t:
    z = y * y
t.gradient(z, x)

# entered twice
x = tf.constant(3.0)
t = tf.GradientTape()
with t:
    t.watch(x)
    y = x * x
with t:
    z = y * y
t.gradient(z, x)

# entered again after it was used
x = tf.constant(3.0)
t = tf.GradientTape()
with t:
    t.watch(x)
    y = x * x
g = t.gradient(y, x)
with t:
    t.watch(x)
    z = x * x * x
g, t.gradient(z, x)

# one inside another
x = tf.constant(3.0)
with tf.GradientTape() as s:
    s.watch(x)
    with tf.GradientTape() as t:
        t.watch(x)
        y = x * x
    z = y * x
s.gradient(z, x), t.gradient(y, x)

# two of which one watches
x = tf.constant(3.0)
with tf.GradientTape() as s, tf.GradientTape() as t:
    s.watch(x)
    y = x * x
s.gradient(y, x), t.gradient(y, x)

# overlapping
x = tf.constant(3.0)
s, t = tf.GradientTape(), tf.GradientTape()
s.__enter__()
t.__enter__()
s.watch(x)
t.watch(x)
y = x * x
s.__exit__(None, None, None)
z = y * x
t.__exit__(None, None, None)
s.gradient(y, x), t.gradient(z, x)

# left by an error
x = tf.constant(3.0)
try:
    with tf.GradientTape() as t:
        t.watch(x)
        y = x * x
        raise ValueError
except ValueError:
    pass
t.gradient(y, x)
"""


@pytest.mark.parametrize("program", titled(CONTEXTS))
def test_contexts(program: str) -> None:
    agree(program)
    assert ACTIVE.tapes == []


def test_errors_leave_the_stack_of_tapes_clean() -> None:
    x = sn.constant([1.0, 2.0])

    def fail_inside() -> None:
        with sn.GradientTape() as outer, sn.GradientTape():
            outer.watch(x)
            with outer.stop_recording():
                x + sn.constant([1.0, 2.0, 3.0])

    def fail_in_custom() -> None:
        @sn.custom_gradient
        def f(x: Tensor) -> Any:
            raise KeyError(x)

        with sn.GradientTape():
            f(x)

    def fail_in_backward() -> None:
        with sn.GradientTape() as tape:
            tape.watch(x)
            y = doubling_op(lambda g, record: g[0])(x)
        with sn.GradientTape():
            tape.gradient(y, x)

    for fail in (fail_inside, fail_in_custom, fail_in_backward):
        with pytest.raises((KeyError, RuntimeError, sn.errors.InvalidArgumentError)):
            fail()
        assert ACTIVE.tapes == []


def test_a_tape_in_another_thread_sees_nothing() -> None:
    x = sn.constant(3.0)
    meet, found = threading.Barrier(2, timeout=30), {}

    def work(name: str, factor: float) -> None:
        with sn.GradientTape() as tape:
            tape.watch(x)
            meet.wait()
            y = x * factor
            meet.wait()
            z = y * x
            meet.wait()
        found[name] = (float(tape.gradient(z, x)), len(ACTIVE.tapes))

    with sn.GradientTape() as mine:
        mine.watch(x)
        threads = [threading.Thread(target=work, args=pair) for pair in (("a", 2.0), ("b", 5.0))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert mine.records == ()
    assert found == {"a": (12.0, 0), "b": (30.0, 0)}


def test_a_tape_may_be_read_in_another_thread() -> None:
    v, found = sn.Variable(3.0), []
    with sn.GradientTape() as tape:
        y = v * v
    thread = threading.Thread(target=lambda: found.append(float(tape.gradient(y, v))))
    thread.start()
    thread.join()
    assert found == [6.0]


# -- Keras's variables and models ------------------------------------------------------------------


KERAS = """
# a variable
v = tf.keras.Variable([1.0, 2.0])
with tf.GradientTape() as t:
    y = v * v
t.gradient(y, v)

# its value
v = tf.keras.Variable([1.0, 2.0])
with tf.GradientTape() as t:
    y = v.value * v.value
t.gradient(y, [v]), len(t.watched_variables())

# frozen
v = tf.keras.Variable([1.0, 2.0], trainable=False)
with tf.GradientTape() as t:
    y = v * v
t.gradient(y, v), t.watched_variables()

# assigned after use
v = tf.keras.Variable([1.0, 2.0])
with tf.GradientTape() as t:
    y = v * v
    v.assign([5.0, 5.0])
t.gradient(y, v)

# the variables of a layer, and what it made on the way
layer = tf.keras.layers.Dense(2, kernel_initializer="ones")
x = tf.constant([[1.0, 2.0, 3.0]])
with tf.GradientTape() as t:
    h = layer(x)
    y = tf.reduce_sum(h * h)
t.gradient(y, [*layer.trainable_variables, h])
"""


@pytest.mark.parametrize("program", titled(KERAS))
def test_keras(program: str) -> None:
    agree(program)


def test_a_keras_variable_cannot_be_watched() -> None:
    program = taped("t.watch(v)", "t", "v = tf.keras.Variable([1.0, 2.0])")
    both_raise(program, "of type 'Variable', not tf.Tensor or tf.Variable")


# -- jacobian --------------------------------------------------------------------------------------


JACOBIANS = [
    taped(WATCHED, "t.jacobian(y, x)", PAIR),
    taped(WATCHED, "t.jacobian(y, x)"),
    taped("t.watch(x); y = tf.reduce_sum(x)", "t.jacobian(y, x)", PAIR),
    taped("t.watch(x); y = x * x[0]", "t.jacobian(y, [x, {'a': x}])", PAIR),
    taped(
        "t.watch([x, w]); y = x @ w",
        "t.jacobian(y, [x, w])",
        "x, w = tf.ones([2, 3]), tf.ones([3, 2])",
    ),
    taped(
        WATCHED,
        "t.jacobian(y, w), t.jacobian(y, [w, x], unconnected_gradients='zero')",
        f"{PAIR}; w = tf.ones([1, 3])",
        "True",
    ),
    taped("y = v * v", "t.jacobian(v, v)", "v = tf.Variable([1.0, 2.0])"),
    taped("y = v * v; z = y * y", "t.jacobian(z, y)", "v = tf.Variable([1.0, 2.0])"),
    taped("t.watch(x); y = x * x; j = t.jacobian(y, x)", "j", PAIR),
    taped("t.watch(x); y = x[:, :0]", "t.jacobian(y, x)", "x = tf.constant([[1.0, 2.0]])"),
    taped("t.watch(x); y = x * 2.0", "t.jacobian(y, x)", "x = tf.zeros([0, 3])"),
]


@pytest.mark.parametrize("program", JACOBIANS)
def test_jacobians(program: str) -> None:
    agree(program)


def test_a_jacobian_under_an_outer_tape() -> None:
    agree(
        "x = tf.constant([1.0, 2.0])\nwith tf.GradientTape() as o:\n    o.watch(x)\n"
        "    with tf.GradientTape() as t:\n        t.watch(x)\n        y = x * x * x[0]\n"
        "    j = t.jacobian(y, x)\nj, o.jacobian(j, x)"
    )


def test_the_jacobian_of_an_integer_is_none() -> None:
    x = sn.constant([1.0, 2.0])
    with sn.GradientTape(persistent=True) as tape:
        tape.watch(x)
        y = sn.cast(x, sn.int32)
    assert tape.jacobian(y, x) is None
    assert "int32" in tape.explain_none(x)


@given(STEPS)
def test_jacobian_rows_are_gradients(steps: Any) -> None:
    x = sn.constant([0.4, -0.8], sn.float64)
    with sn.GradientTape(persistent=True) as tape:
        tape.watch(x)
        y = drawn_graph(sn, steps, [sn.ones([2, 1], sn.float64), x])[-1]
    whole = tape.jacobian(y, x, unconnected_gradients="zero").numpy()
    for index in np.ndindex(*y.shape):
        one_hot = np.zeros(y.shape)
        one_hot[index] = 1
        row = tape.gradient(y, x, one_hot, unconnected_gradients="zero").numpy()
        np.testing.assert_array_equal(whole[index], row)


# -- records ---------------------------------------------------------------------------------------


def test_records_can_be_walked() -> None:
    x = sn.Variable([1.0, 2.0])
    with sn.GradientTape(persistent=True) as tape:
        y = sn.reduce_sum(x * x, axis=0)
    names = [record.op.name for record in tape.records]
    assert names == ["read_variable", "read_variable", "multiply", "reduce_sum"]
    last = tape.records[-1]
    assert last.output is y
    assert last.op is OPS["reduce_sum"]
    assert tape.records[0].inputs[0] is x
    assert tape.records[2].outputs[0] is last.inputs[0]
    tape.gradient(y, x)
    assert len(tape.records) == 4


def test_what_is_not_followed_is_not_recorded() -> None:
    x, other = sn.constant(1.0), sn.constant(2.0)
    with sn.GradientTape() as tape:
        tape.watch(x)
        other * other, sn.Variable(2.0, trainable=False) + 1.0, sn.cast(x, sn.int32), x > 0.0
    assert tape.records == ()


# -- depth, memory, time ---------------------------------------------------------------------------


def test_a_chain_100_000_ops_deep() -> None:
    x, start = sn.constant(1.0, sn.float64), time.perf_counter()
    with sn.GradientTape() as tape:
        tape.watch(x)
        y = x
        for _ in range(50_000):
            y = (y + x) * 0.5
    g = float(tape.gradient(y, x))
    assert g == pytest.approx(1.0)
    assert time.perf_counter() - start < 30  # about 2 on a quiet machine


@pytest.fixture
def _no_gc() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("_no_gc")
@pytest.mark.parametrize("persistent", [False, True])
@pytest.mark.parametrize("use", ["nothing", "gradient", "jacobian", "error"])
def test_no_memory_is_kept_when_a_tape_dies(persistent: bool, use: str) -> None:
    x = sn.Variable([1.0, 2.0])
    with sn.GradientTape(persistent=persistent) as tape:
        mid = x * x
        kept = [weakref.ref(mid)]
        y = sn.reduce_sum(sn.exp(mid) * mid[0]) + float(mid[1])
    if use == "error":
        with pytest.raises(TypeError):
            tape.gradient(y, None)
    elif use != "nothing":
        getattr(tape, use)(y, [x, mid])
    kept += [weakref.ref(y), weakref.ref(tape)]
    del mid, y, tape
    assert [ref() for ref in kept] == [None] * 3


@pytest.mark.usefixtures("_no_gc")
def test_a_used_tape_keeps_nothing() -> None:
    x = sn.Variable([1.0, 2.0])
    with sn.GradientTape() as tape:
        mid = x * x
        flag = mid > 0.0
        y = sn.reduce_sum(mid * mid)
    kept = weakref.ref(mid)
    del mid, flag
    assert kept() is not None
    tape.gradient(y, x)
    assert kept() is None
    assert tape.records == ()


@pytest.mark.usefixtures("_no_gc")
def test_memory_goes_during_the_backward_pass() -> None:
    alive: list[int] = []
    made: list[weakref.ref[Tensor]] = []

    def vjp(g: Tensor, record: Record) -> Tensor:
        alive.append(sum(ref() is not None for ref in made))
        return g

    step, x = doubling_op(vjp), Tensor(X)
    with sn.GradientTape() as tape:
        tape.watch(x)
        y = x
        for _ in range(10):
            y = step(y)
            _ = y > 0.0  # a comparison does not hold it either
            made.append(weakref.ref(y))
    tape.gradient(y, x)
    assert alive == [10, 10, 9, 8, 7, 6, 5, 4, 3, 2]  # the target is the caller's


def test_the_cost_of_an_op_does_not_grow_with_the_tape() -> None:
    x = sn.constant(1.0)
    add = OPS["add"]
    with sn.GradientTape() as tape:
        tape.watch(x)
        early = min(timeit.repeat(lambda: apply(add, x, x), number=500, repeat=7))
        for _ in range(30_000):
            apply(add, x, x)
        late = min(timeit.repeat(lambda: apply(add, x, x), number=500, repeat=7))
    assert late < 5 * early
    assert early / 500 < 100e-6  # about 3 microseconds on a quiet machine


def test_one_program_gives_one_description() -> None:
    """The comparison above can fail: other values, dtypes and printed forms are told apart."""
    for other in (
        "tf.constant([1.0, 3.0])",
        "tf.constant([1, 2])",
        "tf.constant([[1.0, 2.0]])",
        "np.ones(2)",
    ):
        assert describe(run(other, sn)) != describe(run("tf.constant([1.0, 2.0])", tensorflow))


def test_a_tape_that_was_never_entered_watches_nothing() -> None:
    tape = sn.GradientTape()
    with pytest.raises(AttributeError, match="never entered"):
        tape.watch(sn.constant(1.0))
    with pytest.raises(RuntimeError, match="never entered"):
        tape.gradient(sn.constant(1.0), sn.constant(1.0))


# -- which ways are gone back ----------------------------------------------------------------------


class Passed(Listener):
    """The name and argument of every VJP."""

    def __init__(self) -> None:
        self.vjps: list[str] = []

    def vjp(self, record: Record, argument: int, g: Any, gx: Any) -> None:
        self.vjps.append(f"{record.op.name} {argument}")


def vjps_of(v: Any, w: Any, frozen: bool) -> list[str]:
    """The VJPs of ``v tanh w`` for `v` alone; `w` is frozen after it was made, if at all."""
    w.trainable = not frozen
    with sn.GradientTape() as tape:
        y = v.value * sn.tanh(w.value)
    with listening(Passed()) as passed:
        g = tape.gradient(y, v.value)
    assert g.numpy() == np.tanh(np.float32(3.0))
    return sorted(passed.vjps)


def test_nobody_goes_back_to_a_frozen_variable_alone() -> None:
    v, w = (sn.keras.Variable(value) for value in (2.0, 3.0))
    assert vjps_of(v, w, frozen=True) == ["multiply 0", "read_variable 0"]
    whole = ["multiply 0", "multiply 1", "read_variable 0", "read_variable 0", "tanh 0"]
    assert vjps_of(v, w, frozen=False) == whole


def test_jacobians_of_examples_of_several_numbers() -> None:
    """Each is read back as often as an example has numbers, from the same records."""

    def program(tf: Any) -> list[Any]:
        x = tf.constant([[1.0, 2.0], [-3.0, 0.5], [4.0, -1.0]], tf.float64)
        with tf.GradientTape(persistent=True) as tape:
            tape.watch(x)
            y = tf.stack([x[:, 0] * x[:, 1], x[:, 0] ** 2, tf.sin(x[:, 1])], 1)
            z = tf.reshape(tf.tile(y, [1, 2]), [3, 2, 3])
        found = [tape.batch_jacobian(t, x) for t in (y, z, y)] + [tape.jacobian(y, x)]
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = tf.stack([x[:, 0] * x[:, 1], x[:, 0] ** 2, tf.sin(x[:, 1])], 1)
        return [g.numpy() for g in (*found, tape.batch_jacobian(y, x))]

    for ours, theirs in zip(program(sn), program(tensorflow), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-12)


def test_batches_that_do_not_match() -> None:
    for y, x, said in (
        ([[1.0]], [[1.0], [2.0]], "Need first dimension of target shape ((1, 1)) and source shape"),
        ([1.0, 2.0], [1.0, 2.0], "Shape (2,) must have rank at least 2"),
        (1.0, [1.0, 2.0], "Shape () must have rank at least 2"),
    ):
        source = sn.constant(x)
        with sn.GradientTape() as tape:
            tape.watch(source)
            target = source[0] * sn.constant(y)
        with pytest.raises(ValueError, match=re.escape(said)):
            tape.batch_jacobian(target, source)


def test_gradients_of_complex_parts_among_several_outputs() -> None:
    """`unstack` has several outputs, all of them complex: a VJP for real numbers is refused."""
    double = doubling_op(lambda g, record: g * 2.0)
    z = sn.constant([1 + 2j, 3 - 1j])
    with sn.GradientTape(persistent=True) as tape:
        tape.watch(z)
        a, b = sn.unstack(z)
        y, bad = a * b, double(b)
    assert tape.gradient(y, z).numpy().tolist() == [3 + 1j, 1 - 2j]
    with pytest.raises(LookupError, match="it has a gradient for real numbers only"):
        tape.gradient(bad, z)
    x = sn.constant([1.0, 2.0])
    with sn.GradientTape() as tape:
        tape.watch(x)
        (w,) = sn.unstack(sn.complex(x, x)[None])
        bad = double(w)
    with pytest.raises(LookupError, match="it has a gradient for real numbers only"):
        tape.gradient(bad, x)


@pytest.mark.parametrize("method", ["gradient", "jacobian", "batch_jacobian"])
def test_every_way_to_ask_checks_the_tape_and_its_arguments(method: str) -> None:
    x = sn.constant([[1.0, 2.0]])
    with pytest.raises(RuntimeError, match="this GradientTape has recorded nothing"):
        getattr(sn.GradientTape(), method)(x, x)
    with sn.GradientTape() as tape:
        tape.watch(x)
        y = x * x
    with pytest.raises(ValueError, match="Unknown value for unconnected_gradients: 'some'"):
        getattr(tape, method)(y, x, unconnected_gradients="some")
    for target, source in ((y, 3.0), ("a", x)):
        with pytest.raises(TypeError, match=f"{method}: `.*` must hold tensors or variables"):
            getattr(tape, method)(target, source)
    assert getattr(tape, method)(y, x) is not None
    with pytest.raises(RuntimeError, match="A non-persistent GradientTape can only be used to"):
        getattr(tape, method)(y, x)


@pytest.mark.parametrize("method", ["gradient", "jacobian", "batch_jacobian"])
def test_a_used_tape_lets_go_of_what_it_watched(method: str) -> None:
    for persistent in (False, True):
        x, v = sn.constant([[1.0, 2.0]]), sn.Variable(3.0)
        with sn.GradientTape(persistent=persistent) as tape:
            tape.watch(x)
            y = x * v
        kept = weakref.ref(x)
        getattr(tape, method)(y, x)
        assert len(tape.records) == 2 * persistent
        assert tape.follows(x) == persistent
        assert [w.ref() for w in tape.watched_variables()] == [v.ref()]
        del x, y
        assert (kept() is None) == (not persistent)


@pytest.mark.parametrize("method", ["gradient", "jacobian"])
def test_a_custom_gradient_of_none_is_told(method: str) -> None:
    @sn.custom_gradient
    def f(x: Any) -> Any:
        return x * 2.0, lambda g: None

    x = sn.constant([1.0])
    with sn.GradientTape() as tape:
        tape.watch(x)
        y = f(x)
    assert getattr(tape, method)(y, x) is None
    assert tape.explain_none(x) == "a custom gradient between it and the target is None"


def test_the_target_of_an_integer_beside_others() -> None:
    x, n = sn.constant(3.0), sn.constant(2)
    with sn.GradientTape(persistent=True) as tape:
        tape.watch(x)
        y, m = x * x, n * n
    assert tape.gradient([y, m, m, y], [x, n]) == [sn.constant(12.0), None]
    assert tape.gradient(m, [x, n]) == [None, None]
