"""Graphs that stand for TensorFlow's while a function runs."""

from __future__ import annotations

import threading

import pytest

from scratchnet import ops
from scratchnet.engine.graph import RUNNING, Graph, is_from, made_by


def test_what_made_a_tensor_is_known_in_its_graph_and_in_those_within() -> None:
    with Graph() as graph:
        assert RUNNING.graph is graph
        p = ops.softmax([[1.0, 2.0]])
        assert is_from(graph, p)
        assert made_by(p, "Softmax") is not None
        assert made_by(p, "Sigmoid") is None
        with Graph():
            assert made_by(p, "Softmax") is not None  # captured
        with Graph([{"p": p}]):
            assert made_by(p, "Softmax") is None  # a placeholder
            with Graph():
                assert made_by(p, "Softmax") is None
    assert made_by(p, "Softmax") is None
    with Graph():
        assert made_by(p, "Softmax") is None  # made in another graph


def test_what_was_made_outside_of_graphs_is_captured_or_handed_in() -> None:
    p = ops.softmax([[1.0, 2.0]])
    assert made_by(p, "Softmax") is None
    assert is_from(None, p)
    with Graph():
        assert is_from(None, p)
    with Graph(p):
        assert not is_from(None, p)


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
