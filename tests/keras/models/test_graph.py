"""The graph of a functional model, and the connections of layers that a drawing is made of."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow

import scratchnet
from scratchnet import keras
from scratchnet.keras.models.graph import Connection, map_graph


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
