"""Graphs that stand for TensorFlow's while a function runs."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from scratchnet import ops
from scratchnet.engine.graph import (
    RUNNING,
    Eagerly,
    Graph,
    at_loop,
    belongs,
    in_own_graph,
    made_by,
    renewed,
    stamp,
)


def test_what_made_a_tensor_is_known_in_its_graph_and_in_those_within() -> None:
    graph = Graph()
    with graph:
        assert RUNNING.graph is graph
        p = ops.softmax([[1.0, 2.0]])
        assert belongs(p)
        assert made_by(p, "Softmax") is not None
        assert made_by(p, "Sigmoid") is None
        with Graph():
            assert made_by(p, "Softmax") is not None  # captured
        q = renewed([{"p": p}])[0]["p"]
        with Graph():
            assert made_by(q, "Softmax") is None  # a placeholder
            with Graph():
                assert made_by(q, "Softmax") is None
        with Eagerly():
            assert RUNNING.graph is None
            assert made_by(p, "Softmax") is None
            with Graph():
                assert made_by(p, "Softmax") is None  # in a function that is called from there
                assert made_by(ops.softmax(p), "Softmax") is p
        assert RUNNING.graph is graph
    assert made_by(p, "Softmax") is None
    with Graph():
        assert made_by(p, "Softmax") is None  # made in another graph


def test_what_was_made_outside_of_graphs_is_captured_or_handed_in() -> None:
    p = ops.softmax([[1.0, 2.0]])
    assert made_by(p, "Softmax") is None
    assert not belongs(p)
    stamp(p)
    assert belongs(p)
    with Graph():
        assert belongs(p)
        assert not belongs(renewed(p))
        with Eagerly():
            assert belongs(p)
    assert not belongs(None)


def test_renewed_are_only_tensors_of_which_something_is_known() -> None:
    x, p = ops.constant([1.0]), stamp(ops.sigmoid([1.0]))
    structure = {"x": x, "more": [None, "text", 3]}
    assert renewed(structure) is structure
    found = renewed({"x": x, "p": [p]})
    assert found["x"] is x
    assert found["p"][0] is not p
    assert found["p"][0].numpy() == p.numpy()


def test_a_part_of_a_graph_is_a_graph_of_its_own_and_else_a_plain_call() -> None:
    outside = stamp(ops.sigmoid([1.0]))
    assert in_own_graph(lambda t: (t, RUNNING.graph), outside) == (outside, None)
    assert at_loop(outside) is outside
    graph, seen = Graph(), []
    with graph:
        p = ops.sigmoid([1.0])

        def part(q: Any) -> Any:
            seen.append((RUNNING.graph, q, made_by(q, "Sigmoid"), made_by(p, "Sigmoid")))
            return p

        found = in_own_graph(part, p)
        assert RUNNING.graph is graph
        assert not belongs(found)
        assert not belongs(at_loop([p])[0])
    ((inner, q, of_argument, of_captured),) = seen
    assert inner is not graph
    assert inner is not None
    assert q is not p
    assert of_argument is None
    assert of_captured is not None


def test_softmax_along_another_axis_ends_in_a_transpose() -> None:
    with Graph():
        assert made_by(ops.softmax([[1.0, 2.0]], axis=0), "Softmax") is None
        assert made_by(ops.softmax([[1.0, 2.0]], axis=1), "Softmax") is not None


def test_a_graph_ends_with_an_error_and_is_of_one_thread() -> None:
    seen = []

    def fail() -> None:
        thread = threading.Thread(target=lambda: seen.append(RUNNING.graph))
        thread.start()
        thread.join()
        raise KeyError

    with pytest.raises(KeyError), Graph():
        fail()
    assert seen == [None]
    assert RUNNING.graph is None


def test_what_an_op_was_given_is_what_made_its_output() -> None:
    x = ops.convert_to_tensor([[1.0, 2.0]])
    with Graph():
        assert made_by(ops.softmax(x), "Softmax") is x
        assert made_by(ops.sigmoid(x), "Sigmoid") is x
        assert made_by(ops.sigmoid(x), "Softmax") is None
        assert made_by(ops.tanh(x), "Tanh") is None  # of those that nobody asks for
