"""Both witnesses agree with sound ops of five models, and not with a wrong VJP that is planted."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow

import scratchnet as tf
from reference.ops import REFERENCE
from scratchnet.engine.op import OPS
from scratchnet.explain import on_tensorflow
from scratchnet.explain.finite_differences import check as by_differences
from scratchnet.explain.on_tensorflow import CALLS, FUNCTIONS, function_at
from scratchnet.explain.page import assemble
from scratchnet.explain.page_data import PageData
from scratchnet.explain.witnesses import ask
from tests.support.browser import Page
from tests.support.explained import MODELS


@pytest.mark.parametrize("name", MODELS)
def test_they_agree_with_sound_models(explained: Any, name: str) -> None:
    trace, _, _ = explained(name)
    said = ask(trace, tensorflow)
    wrong = [(trace[i].op, w) for i, all_ in said.items() for w in all_ if w["agrees"] is False]
    assert wrong == []
    heard = {i for i, all_ in said.items() if any(w["who"] == "tensorflow" for w in all_)}
    silent = {row.op for row in trace if row.index not in heard} - {"read_variable"}
    assert silent <= {"cast", "greater_equal"}  # no gradient, nothing computed
    for row in trace:
        if row.gx and row.op != "read_variable":
            judged = [w["agrees"] for w in said[row.index] if w["argument"] is not None]
            assert True in judged, row.op


WRONG = {
    "relu": lambda g, record: g,
    "tanh": lambda g, record: g * record.output * record.output,
    "square": lambda g, record: g * record.inputs[0],
    "softmax": lambda g, record: g * record.output,
    "exp": lambda g, record: g * record.output * 1.001,
}


@pytest.fixture
def planted(request: pytest.FixtureRequest) -> Any:
    """A wrong VJP in the row of an op."""
    op = OPS[request.param]
    right = op.vjps
    object.__setattr__(op, "vjps", (WRONG[request.param], *right[1:]))  # rows are frozen
    yield request.param
    object.__setattr__(op, "vjps", right)


def traced(name: str) -> Any:
    x = tf.Variable([[0.5, -1.5, 2.0]])
    function = {"exp": tf.exp, "tanh": tf.tanh, "square": tf.square}.get(name)
    function = function or getattr(tf.nn, name)
    with tf.tracing() as trace, tf.GradientTape() as tape:
        loss = tf.reduce_sum(function(x) * [[3.0, -1.0, 0.7]])
        tape.gradient(loss, x)
    return trace


@pytest.mark.parametrize("planted", WRONG, indirect=True)
def test_both_see_a_wrong_vjp(planted: str) -> None:
    trace = traced(planted)
    row = next(row for row in trace if row.op == planted)
    said = {w["who"]: w["agrees"] for w in ask(trace, tensorflow)[row.index] if w["argument"] == 0}
    assert said == {"tensorflow": False, "finite": False}


@pytest.mark.parametrize("name", WRONG)
def test_neither_cries_wolf_at_the_right_one(name: str) -> None:
    said = [w["agrees"] for all_ in ask(traced(name), tensorflow).values() for w in all_]
    assert False not in said
    assert True in said


@pytest.mark.parametrize("planted", ["relu"], indirect=True)
def test_the_mark_of_the_page_turns_red(planted: str, driver: Any, tmp_path: Any) -> None:
    trace = traced(planted)
    data = PageData(trace)
    data.add_witnesses(ask(trace, tensorflow))
    path = tmp_path / "page.html"
    path.write_text(assemble(data.to_dict()), encoding="utf-8")
    page = Page(driver, path)
    assert page.text("#verdict").startswith("✗ the witnesses DISAGREE in 2 of")
    assert page.js("return document.querySelectorAll('.card .mark.bad').length") == 1
    page.js("page.goNode(DATA.nodes.find((n) => n.op === 'relu').id, 'backward')")
    assert page.js("return document.querySelector('.witnesses').open")
    assert "DISAGREES" in page.text(".witnesses .disagrees:not(summary)")
    colour = "return getComputedStyle(document.querySelector(arguments[0])).color"
    assert page.js(colour, ".card .mark.bad") != page.js(colour, ".card .mark:not(.bad)")
    assert page.complaints() == []


def test_of_what_tensorflow_cannot_differentiate_it_says_the_values() -> None:
    """Convolutions in groups, on a CPU: forward they are compared."""
    rng = np.random.default_rng(0)
    x, k = (tf.Variable(rng.normal(size=s).astype("f")) for s in ((1, 5, 5, 4), (3, 3, 2, 4)))
    with tf.tracing() as trace:
        with tf.GradientTape() as tape:
            y = tf.nn.conv2d(x, k, 1, "SAME")
        tape.gradient(y, [x, k])
    row = next(row for row in trace if row.op == "conv2d")
    said = on_tensorflow.check(row, tensorflow)
    assert [(w["argument"], w["agrees"]) for w in said] == [(None, True), (0, None), (1, None)]
    assert all(not w["reason"].startswith("{{") and w["reason"] for w in said[1:])


def test_an_entry_at_a_kink_is_not_judged() -> None:
    x = tf.Variable([[0.0, 1.0]])
    with tf.tracing() as trace, tf.GradientTape() as tape:
        tape.gradient(tf.reduce_sum(tf.nn.relu(x)), x)
    (found,) = by_differences(next(row for row in trace if row.op == "relu"))
    assert found["agrees"]
    assert found["kinks"] == 1
    x.assign(np.zeros((1, 2), np.float32))
    with tf.tracing() as trace, tf.GradientTape() as tape:
        tape.gradient(tf.reduce_sum(tf.nn.relu(x)), x)
    (found,) = by_differences(next(row for row in trace if row.op == "relu"))
    assert found["agrees"] is None
    assert "kink" in found["reason"]


def test_without_tensorflow_finite_differences_are_asked_alone() -> None:
    said = ask(traced("relu"), None)
    assert {w["who"] for all_ in said.values() for w in all_} == {"finite"}


def test_an_entry_at_a_pole_is_not_judged_and_nothing_warns() -> None:
    """Warnings are errors here: an op is called as on the tape, where inf and nan are values."""
    w = tf.Variable([0.0, 1.0])
    with tf.tracing() as trace:
        with tf.GradientTape() as tape:
            y = tf.math.log(w)
        tape.gradient(y, w)
    (found,) = by_differences(trace[1])
    assert (found["agrees"], found["entries"], found["kinks"]) == (True, 1, 1)


def test_the_calls_on_records_are_those_of_the_reference_where_an_op_has_no_attributes() -> None:
    """Two tables, for two kinds of arguments: what both say must be the same."""
    for name, path in FUNCTIONS.items():
        assert function_at(tensorflow, path) is REFERENCE[name], name
    assert set(CALLS) <= set(REFERENCE) == set(OPS)


SMOOTH = ["sin", "cos", "tan", "atan", "selu", "softsign", "expm1", "reciprocal"]


@pytest.mark.parametrize("name", SMOOTH)
def test_an_op_without_attributes_is_compared_with_tensorflows_function(name: str) -> None:
    x = tf.Variable([[0.5, -1.5, 2.0]])
    with tf.tracing() as trace, tf.GradientTape() as tape:
        tape.gradient(tf.reduce_sum(OPS[name].function(x) * [[3.0, -1.0, 0.7]]), x)
    row = next(row for row in trace if row.op == name)
    said = [(w["argument"], w["agrees"]) for w in ask(trace, tensorflow)[row.index]]
    assert said == [(None, True), (0, True), (0, True)]
