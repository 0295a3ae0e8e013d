"""Why a gradient is None: every way to lose it, and what the tape says about it."""

from __future__ import annotations

import weakref
from typing import Any

import numpy as np
import pytest
import tensorflow

import scratchnet as tf
from scratchnet.engine.op import NoGradient, Op
from scratchnet.engine.tensor import apply
from tests.support.paired import run

WATCH = "call `tape.watch(…)` on it before it is used"
OUTSIDE = (
    "the tape did not record how the target was made: that was outside its context, or from "
    "nothing that it follows"
)
NOTHING = "nothing was computed from it while the tape was recording"
FLOATING = "and only floating and complex tensors have gradients"

# A program that has no gradient of `y` by `x`, in TensorFlow as here; and what is said about it.
X = "x = tf.constant([3.0, 4.0])\n"
TAPE = "with tf.GradientTape() as t:\n    "
WATCHED = f"{X}{TAPE}t.watch(x)\n    "

REASONS = {
    "a constant": (
        f"{X}{TAPE}y = x * x",
        f"the tape does not watch this tensor: {WATCH}",
    ),
    "an intermediate of constants": (
        f"c = tf.constant(2.0)\n{TAPE}x = c * c\n    y = x * x",
        f"the tape does not watch this tensor: {WATCH}",
    ),
    "a copy of what is watched": (
        f"{WATCHED}y = x * x\nx = tf.constant([3.0, 4.0])",
        f"the tape does not watch this tensor: {WATCH}",
    ),
    "an integer": (
        f"x = tf.constant([1, 2])\n{TAPE}y = tf.cast(x, tf.float32) * 2.0",
        f"its dtype is int32, {FLOATING}",
    ),
    "an integer variable": (
        f"x = tf.Variable([1, 2])\n{TAPE}y = tf.cast(x, tf.float32) * 2.0",
        f"its dtype is int32, {FLOATING}",
    ),
    "a frozen variable": (
        f"x = tf.Variable(3.0, trainable=False)\n{TAPE}y = x * x",
        f"this variable has trainable=False: {WATCH}",
    ),
    "watch_accessed_variables": (
        "x = tf.Variable(3.0)\n"
        "with tf.GradientTape(watch_accessed_variables=False) as t:\n    y = x * x",
        f"the tape has watch_accessed_variables=False: {WATCH}",
    ),
    "a variable nobody reads": (
        f"x = tf.Variable(3.0)\nv = tf.Variable(2.0)\n{TAPE}y = v * v",
        "this variable was not read while the tape was recording",
    ),
    "a variable read before": (
        f"x = tf.Variable(3.0)\nr = x.read_value()\n{TAPE}y = r * r",
        "this variable was not read while the tape was recording",
    ),
    "numpy()": (
        f"{WATCHED}y = tf.constant(x.numpy()) * 2.0",
        "its value went through `.numpy()`, where the tape cannot follow",
    ),
    "numpy() of a variable": (
        f"x = tf.Variable(3.0)\n{TAPE}y = tf.constant(x.numpy()) * 2.0",
        "its value went through `.numpy()`, where the tape cannot follow",
    ),
    "numpy() further on": (
        f"{WATCHED}z = tf.exp(x)\n    y = tf.constant(z.numpy()) * 2.0",
        "its value went through `.numpy()`, where the tape cannot follow",
    ),
    "a NumPy function": (
        f"{WATCHED}y = tf.constant(np.square(x)) * 2.0",
        "its value went through a NumPy function, where the tape cannot follow",
    ),
    "np.asarray": (
        f"{WATCHED}y = tf.constant(np.asarray(x)) * 2.0",
        "its value went through a NumPy function, where the tape cannot follow",
    ),
    "float()": (
        f"{WATCHED}y = tf.constant(float(x[0])) * 2.0",
        "its value went through `float()`, where the tape cannot follow",
    ),
    "assign": (
        f"{WATCHED}w = tf.Variable([0.0, 0.0], name='w')\n    w.assign(x * 2.0)\n    y = w * w",
        "its value went through `assign` to the variable 'w:0', where the tape cannot follow",
    ),
    "assign to a slice": (
        f"{WATCHED}w = tf.Variable([0.0, 0.0], name='w')\n    w[0].assign(x[0])\n    y = w * w",
        "its value went through `assign` to the variable 'w:0', where the tape cannot follow",
    ),
    "assign_add": (
        f"{WATCHED}w = tf.Variable([0.0, 0.0], name='w')\n    w.assign_add(x)\n    y = w * w",
        "its value went through `assign` to the variable 'w:0', where the tape cannot follow",
    ),
    "a cast to int and back": (
        f"{WATCHED}y = tf.cast(tf.cast(x, tf.int32), tf.float32)",
        f"the result of `cast` is int32, {FLOATING}",
    ),
    "an integer target": (
        f"{WATCHED}y = tf.cast(x, tf.int64)",
        f"the target is int64, {FLOATING}",
    ),
    "argmax": (
        f"{WATCHED}y = tf.cast(tf.argmax(x), tf.float32)",
        "`argmax` has no gradient: ",
    ),
    "a comparison": (
        f"{WATCHED}y = tf.cast(x > 3.5, tf.float32)",
        "`greater` has no gradient: ",
    ),
    "floor": (
        f"{WATCHED}y = tf.floor(x)",
        "`floor` has no gradient: ",
    ),
    "stop_gradient": (
        f"{WATCHED}y = tf.stop_gradient(x * x) * 2.0",
        "`stop_gradient` has no gradient: ",
    ),
    "made after the context": (
        f"{WATCHED}z = x * x\ny = z * 2.0",
        OUTSIDE,
    ),
    "nothing made in the context": (
        f"{WATCHED}pass\ny = x * x",
        f"{NOTHING}; {OUTSIDE}",
    ),
    "stop_recording": (
        f"{WATCHED}with t.stop_recording():\n        y = x * x",
        f"{NOTHING}; {OUTSIDE}",
    ),
    "watched too late": (
        f"{X}{TAPE}y = x * x\n    t.watch(x)",
        f"{NOTHING}; {OUTSIDE}",
    ),
    "reset": (
        f"{WATCHED}y = x * x\n    t.reset()\n    t.watch(x)",
        f"{NOTHING}; {OUTSIDE}",
    ),
    "another branch": (
        f"{WATCHED}c = tf.Variable(1.0)\n    z = tf.exp(x) * x\n    y = c * c",
        "the target does not depend on it; it was used by `exp`, `multiply`",
    ),
    "nothing, and another branch": (
        f"{WATCHED}c = tf.Variable(1.0)\n    y = c * c",
        NOTHING,
    ),
    "from the target to the source": (
        f"{WATCHED}y = x * x\n    x = y * 2.0",
        NOTHING,
    ),
    "several reasons": (
        f"{WATCHED}z = x * x\n    i = tf.cast(z, tf.int32)\n    y = tf.constant(z.numpy()) * 2.0",
        f"the result of `cast` is int32, {FLOATING}; "
        "its value went through `.numpy()`, where the tape cannot follow; " + OUTSIDE,
    ),
    "a custom gradient of None": (
        f"f = tf.custom_gradient(lambda a: (a * a, lambda g: None))\n{WATCHED}y = f(x)",
        "a custom gradient between it and the target is None",
    ),
}


@pytest.mark.parametrize("case", REASONS)
def test_the_reason(case: str) -> None:
    program, reason = REASONS[case]
    assert run(f"{program}\nt.gradient(y, x)", tensorflow) is None
    gradient, said = run(f"{program}\nt.gradient(y, x), t.explain_none(x)", tf)
    assert gradient is None
    assert reason in said
    zero, again = run(f"{program}\nt.gradient(y, x, None, 'zero'), t.explain_none(x)", tf)
    assert not zero.numpy().any()
    assert again == said


@pytest.mark.parametrize("case", REASONS)
def test_the_reason_after_a_jacobian(case: str) -> None:
    program, reason = REASONS[case]
    jacobian, said = run(f"{program}\nt.jacobian(y, x), t.explain_none(x)", tf)
    assert jacobian is None
    assert reason in said


@pytest.mark.parametrize("case", REASONS)
def test_a_persistent_tape_says_the_same(case: str) -> None:
    program, _ = REASONS[case]
    ask = "\nt.gradient(y, x)\nt.explain_none(x)"
    persistent = program.replace("GradientTape(", "GradientTape(persistent=True, ").replace(
        ", )", ")"
    )
    assert run(persistent + ask, tf) == run(program + ask, tf)


@pytest.mark.parametrize("trainable", [True, False])
@pytest.mark.parametrize("watch_accessed", [True, False])
def test_watching_cures_a_variable(trainable: bool, watch_accessed: bool) -> None:
    v = tf.Variable(3.0, trainable=trainable)

    def gradient(watch: bool) -> tuple[Any, str]:
        with tf.GradientTape(watch_accessed_variables=watch_accessed) as tape:
            if watch:
                tape.watch(v)
            y = v * v
        return tape.gradient(y, v), tape.explain_none(v)

    found, said = gradient(watch=False)
    if trainable and watch_accessed:
        assert float(found) == 6.0
        return
    assert found is None
    assert WATCH in said
    assert float(gradient(watch=True)[0]) == 6.0


def test_watching_cures_a_constant() -> None:
    x = tf.constant(3.0)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = x * x
    assert float(tape.gradient(y, x)) == 6.0


def test_a_keras_variable_is_told_another_way() -> None:
    """`tape.watch` does not take it, as in Keras."""
    v = tf.keras.Variable(np.float32(3), trainable=False)
    with tf.GradientTape() as tape:
        y = v * v
    assert tape.gradient(y, v) is None
    assert tape.explain_none(v) == (
        "this variable was made with trainable=False: call `tape.watch(…)` on its `value` before "
        "it is used"
    )
    with pytest.raises(ValueError, match=r"of type 'Variable', not tf\.Tensor or tf\.Variable"):
        tape.watch(v)
    with tf.GradientTape() as tape:
        tape.watch(v.value)
        y = v * v
    assert float(tape.gradient(y, v)) == 6.0


def test_only_the_sources_without_a_gradient_have_a_reason() -> None:
    x, w, c = tf.Variable(2.0), tf.Variable(3.0), tf.constant(1.0)
    none = "its gradient was not None, or has not been asked for"
    with tf.GradientTape(persistent=True) as tape:
        y = x * x * c
        z = w * 2.0
    assert tape.explain_none(w) == none
    gradients = tape.gradient(y, {"x": x, "w": [w], "c": c})
    assert float(gradients["x"]) == 4.0
    assert gradients["w"] == [None]
    assert tape.explain_none(x) == none
    assert "used by `multiply`" in tape.explain_none(w)
    assert "does not watch" in tape.explain_none(c)
    assert float(tape.gradient(z, w)) == 2.0  # of the last call only
    assert tape.explain_none(w) == none


def test_what_a_tape_follows_may_leave_it_and_still_have_a_gradient() -> None:
    x = tf.constant(2.0)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = x * x
        assert (float(y), y.numpy(), np.square(y), bool(y > 3.0)) == (4.0, 4.0, 16.0, True)
        z = y * 2.0
    assert float(tape.gradient(z, x)) == 8.0


def test_explaining_keeps_nothing_but_the_source() -> None:
    x = tf.constant(2.0)
    with tf.GradientTape() as tape:
        tape.watch(x)
        mid = x * x
        target = tf.constant(mid.numpy()) * 2.0
    assert tape.gradient(target, x) is None
    kept = weakref.ref(mid)
    del mid
    assert kept() is None
    assert "`.numpy()`" in tape.explain_none(x)


def test_texts_are_of_one_line() -> None:
    for program, _ in REASONS.values():
        said = run(f"{program}\nt.gradient(y, x)\nt.explain_none(x)", tf)
        assert "\n" not in said
        assert not said.endswith(".")
        assert said[0].islower() or said[0] == "`"


def test_what_comes_after_an_argument_without_gradient_is_no_path_of_its_own() -> None:
    reason = "the weights are data"
    weigh = Op(
        "weigh",
        function=lambda x, w: apply(weigh, x, w),
        forward=lambda x, w: (x * w, None),
        vjps=(lambda g, record: g * record.inputs[1], NoGradient(reason)),
    )
    x, w = tf.constant(2.0), tf.constant(3.0)
    with tf.GradientTape() as t:
        t.watch([x, w])
        y = tf.stop_gradient(weigh.function(x, w))
    assert t.gradient(y, w) is None
    assert t.explain_none(w) == f"`weigh` has no gradient: {reason}; {OUTSIDE}"


def reason_of(x: Any, compute: Any) -> str:
    """What is said of the gradient of ``compute(x)`` by `x`, which is None."""
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = compute(x)
    assert tape.gradient(y, x) is None
    return tape.explain_none(x)


def test_a_path_that_ended_in_several_places() -> None:
    numpy = "its value went through `.numpy()`, where the tape cannot follow"
    lost = "; the tape did not record how the target was made: that was outside its context, or "
    lost += "from nothing that it follows"
    x = tf.constant([3.0, 4.0])
    one = reason_of(x, lambda x: tf.constant(x.numpy()) * 2.0)
    assert one == numpy + lost
    two = reason_of(x, lambda x: tf.constant(x.numpy()) * tf.cast(tf.argmax(x), tf.float32))
    several = f"its path ended in several places, of which one led here: {numpy}"
    assert two == f"{several}; `argmax` has no gradient: an index is an integer{lost}"


def test_what_a_tensor_was_used_by_is_named_once() -> None:
    x = tf.constant(3.0)
    with tf.GradientTape() as tape:
        tape.watch(x)
        z = tf.sin(x * x) + x * x
        y = tf.constant(2.0)
        tape.watch(y)
        w = y * 2.0
    assert tape.gradient(w, x) is None
    assert tape.explain_none(x) == (
        "the target does not depend on it; it was used by `multiply`, `sin`, `add`"
    )
    assert z.shape == []
