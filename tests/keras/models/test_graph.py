"""The graph of a functional model, and the connections of layers that a drawing is made of."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow

import scratchnet
from scratchnet import keras
from scratchnet.keras.models.graph import Call, Connection, fused_calls, last_reads, map_graph
from tests.support.keras_programs import same


def test_each_node_comes_after_its_parents_and_the_deepest_layer_first() -> None:
    x = keras.Input((4,), name="x")
    hidden = keras.layers.Dense(4, name="hidden")(x)
    y = keras.layers.Add(name="sum")([x, hidden])
    graph = map_graph([x], [y])
    assert [node.layer.name for node in graph.nodes] == ["x", "hidden", "sum"]
    assert [graph.depths[node] for node in graph.nodes] == [2, 1, 0]
    assert [layer.name for layer in graph.layers] == ["x", "hidden", "sum"]
    assert not graph.is_chain
    assert map_graph([x], [hidden]).is_chain


class Noted(list):
    """The names of layers, in the order in which a model calls them."""

    def layer(self, tf, name):
        noted = self

        class Double(tf.keras.layers.Layer):
            def call(self, *inputs):
                noted.append(self.name)
                return sum(inputs) * 2.0

        return Double(name=name)


def calls(tf, seed):
    """The order in which the layers of a random graph run, some of them called twice."""
    rng = np.random.default_rng(seed)
    noted = Noted()
    x = tf.keras.Input((2,), name="x")
    tensors, layers = [x], [noted.layer(tf, f"layer{i}") for i in range(12)]
    for i in range(15):
        parents = [tensors[j] for j in rng.integers(len(tensors), size=rng.integers(1, 3))]
        layer = layers[i] if i < len(layers) else layers[rng.integers(len(layers))]
        tensors.append(layer(*parents[: 1 if i >= len(layers) else None]))
    model = tf.keras.Model(x, [tensors[-1], tensors[rng.integers(1, 12)]])
    noted.clear()
    model(np.ones((1, 2), np.float32))
    return list(noted)


@pytest.mark.parametrize("seed", range(8))
def test_layers_run_in_the_order_of_keras(seed: int) -> None:
    assert calls(scratchnet, seed) == calls(tensorflow, seed)


def test_a_long_graph_needs_no_recursion() -> None:
    x = y = keras.Input((1,))
    relu = keras.layers.ReLU()
    for _ in range(2000):
        y = relu(y)
    assert len(map_graph([x], [y]).nodes) == 2001


def test_connections_say_which_output_is_which_input() -> None:
    x = keras.Input((4,), name="x")
    two = keras.Model(x, [keras.layers.Dense(2)(x), keras.layers.Dense(3)(x)], name="two")
    a, b = keras.Input((4,), name="a"), keras.Input((4,), name="b")
    (_, second), (first, _) = two(a), two(b)
    model = keras.Model([a, b], keras.layers.Concatenate(name="both")([second, first]))
    graph = model._layer_graph()
    assert [layer.name for layer in graph.layers] == ["a", "b", "two", "both"]
    assert sorted(graph.connections) == [
        Connection(source=0, target=2, output=0, input=0),
        Connection(source=1, target=2, output=0, input=0),
        Connection(source=2, target=3, output=0, input=1),
        Connection(source=2, target=3, output=1, input=0),
    ]
    assert graph.inputs == [(0, 0), (1, 0)]
    assert graph.outputs == [(3, 0)]


def test_a_sequential_is_a_chain_and_a_subclass_has_no_graph() -> None:
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3), keras.layers.Dense(2)])
    graph = model._layer_graph()
    assert graph.layers == model.layers
    assert graph.connections == [Connection(0, 1)]
    assert (graph.inputs, graph.outputs) == ([(0, 0)], [(1, 0)])

    class Own(keras.Model):
        pass

    assert Own()._layer_graph() is None


def test_an_output_that_needs_another_input_is_refused() -> None:
    x, other = keras.Input((2,), name="x"), keras.Input((2,), name="other")
    with pytest.raises(ValueError, match="not connected to `inputs`"):
        map_graph([x], [keras.layers.Add()([x, other])])


def test_calls_are_fused_where_nobody_else_reads_what_is_between() -> None:
    """A normalization and the relu after it, say; not if it has another reader."""
    x = keras.Input((4, 4, 1))
    layers = keras.layers
    for case in ("alone", "read", "output"):
        first = layers.Flatten()(x)
        norm = layers.BatchNormalization()(first)
        relu = layers.ReLU()(norm)
        y = layers.Dense(2)(relu)
        ends = {"read": [y, layers.Dense(2)(norm)], "output": [y, norm]}.get(case, [y])
        graph = map_graph([x], ends)
        nodes = [node for node in graph.nodes if node.inputs]
        calls = fused_calls(nodes, ends)
        several = len(calls) < len(nodes)
        assert several == (case == "alone")
        kept = [node for node in nodes if not several or node is not norm.node]
        assert [call.last for call in calls] == kept
        assert [call.first for call in calls] == [
            norm.node if several and node is relu.node else node for node in kept
        ]
        assert [call.run is call.last.layer for call in calls] == [
            not several or node is not relu.node for node in kept
        ]


def test_what_is_not_needed_after_each_call() -> None:
    x = keras.Input((3,))
    a = keras.layers.Dense(3)(x)
    b = keras.layers.Dense(3)(a)
    c = keras.layers.Add()([a, b])
    d, unused = keras.layers.ReLU()(c), keras.layers.ReLU()(a)
    nodes = [t.node for t in (a, b, unused, c, d)]
    calls = [Call(node.layer, node, node) for node in nodes]
    found = last_reads(calls, [d, b])
    assert [[id(t) for t in part] for part in found] == [
        [id(x)],
        [],
        [id(unused)],
        [id(a)],
        [id(c)],
    ]


def test_inputs_that_lead_nowhere_are_in_the_graph() -> None:
    x, lost, y = keras.Input((2,), name="x"), keras.Input((2,), name="lost"), keras.Input((2,))
    out = keras.layers.Dense(2, name="d")(x)
    graph = map_graph([lost, x], [out])
    assert [layer.name for layer in graph.layers] == ["x", "lost", "d"]
    assert [graph.depths[t.node] for t in (x, out, lost)] == [1, 0, 0]
    assert not graph.is_chain
    with pytest.raises(
        ValueError, match=r"not connected .* need <KerasTensor .*`inputs` are \['x'\]"
    ):
        map_graph([x], [keras.layers.Add()([out, y])])
    bare = keras.KerasTensor((None, 2), name="bare")
    with pytest.raises(ValueError, match="not connected to `inputs`"):
        map_graph([x], [out, bare])


def test_names_are_different() -> None:
    x = keras.Input((2,), name="x")
    y = keras.layers.Dense(2, name="d")(keras.layers.Dense(2, name="d")(x))
    with pytest.raises(ValueError, match="must have different names, received 2 of the name 'd'"):
        map_graph([x], [y])
    layer = keras.layers.Dense(2, name="d")
    assert not map_graph([x], [layer(layer(x))]).is_chain  # one layer, called twice


def test_a_chain_has_one_layer_for_each_node() -> None:
    x = keras.Input((2,))
    first, second = keras.layers.Dense(2), keras.layers.Dense(2)
    assert map_graph([x], [second(first(x))]).is_chain
    assert not map_graph([x], [keras.layers.Add()([x, x])]).is_chain
    assert not map_graph([x], [first(x), second(x)]).is_chain


@pytest.mark.parametrize("cut", ["middle", "both", "input and middle"])
def test_a_part_of_a_model_is_cut_out(cut: str) -> None:
    """With new inputs where no Input was; the layers are shared, the old model is as it was."""

    def program(tf: Any) -> list[Any]:
        keras = tf.keras
        a, b = keras.Input((3,), name="a"), keras.Input((3,), name="b", dtype="float64")
        hidden = keras.layers.Dense(4, name="h")(a)
        other = keras.layers.Dense(4, name="o")(b)
        both = keras.layers.Add(name="s")([hidden, other])
        out = keras.layers.Dense(2, name="out")(both)
        whole = keras.Model([a, b], out)
        inputs = {"middle": both, "both": [hidden, other], "input and middle": [a, other]}[cut]
        part = keras.Model(inputs, out)
        sizes = [tuple(x.shape) for x in part.inputs]
        data = [np.ones((2, *size[1:]), "f") for size in sizes]
        values = np.asarray(part(data if len(data) > 1 else data[0])).shape
        return [
            [[x.shape, x.dtype] for x in part.inputs],
            [x.name for x in part.inputs][:1] if cut == "input and middle" else [],
            *[sorted(layer.name for layer in part.layers if layer.name in "ahobsout"), values],
            *[part.get_layer("out") is whole.get_layer("out"), len(whole.layers)],
        ]

    same(program)
