"""The graph of a functional model: its nodes, the calls of layers, in topological order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from scratchnet.engine import nest
from scratchnet.keras.keras_tensor import KerasTensor
from scratchnet.keras.layers.fusion import fuse, fuse_residual
from scratchnet.keras.layers.input_layer import InputLayer
from scratchnet.keras.layers.node import Node


class Connection(NamedTuple):
    """Output `output` of the layer numbered `source` is input `input` of the one at `target`."""

    source: int
    target: int
    output: int = 0
    input: int = 0


@dataclass(frozen=True)
class LayerGraph:
    """What leads to what in a model, as ``keras.utils.plot_model`` draws it.

    Attributes:
        layers: each once; a Sequential may list one several times.
        connections: between them, by their positions in `layers`.
        inputs: for each input of the model, the layer that takes it and as which of its inputs.
        outputs: for each output, the layer that returns it and as which of its outputs.
    """

    layers: list[Any]
    connections: list[Connection]
    inputs: list[tuple[int, int]]
    outputs: list[tuple[int, int]]

    @classmethod
    def of_chain(cls, layers: list[Any]) -> LayerGraph:
        """Each layer takes what the one before returns."""
        last = len(layers) - 1
        return cls(layers, [Connection(i, i + 1) for i in range(last)], [(0, 0)], [(last, 0)])


@dataclass(frozen=True)
class Graph:
    """The nodes of a functional model, each of which is one call of a layer.

    Attributes:
        nodes: the deepest first, and so each after its parents: the order in which they run.
        depths: for each node, the longest path, in nodes, from it to the outputs.
        layers: each once, the deepest first.
    """

    nodes: list[Node]
    depths: dict[Node, int]
    layers: list[Any]

    @property
    def is_chain(self) -> bool:
        """Whether each layer is called once, on what the one before returned."""
        one_by_one = len(set(self.depths.values())) == len(self.nodes) == len(self.layers)
        return one_by_one and all(len(node.inputs) <= 1 for node in self.nodes)

    def layer_graph(self, inputs: list[KerasTensor], outputs: list[KerasTensor]) -> LayerGraph:
        """The same by layers: a layer that is called twice is there once."""
        place = {layer: i for i, layer in enumerate(self.layers)}
        connections = [
            Connection(place[x.layer], place[node.layer], x.index, i)
            for node in self.nodes
            for i, x in enumerate(node.inputs)
        ]
        return LayerGraph(
            self.layers,
            connections,
            [(place[x.layer], 0) for x in inputs],
            [(place[x.layer], x.index) for x in outputs],
        )


def map_graph(inputs: list[KerasTensor], outputs: list[KerasTensor]) -> Graph:
    """The graph of the nodes that lead from `inputs` to `outputs`.

    Raises:
        ValueError: an output needs an `Input` that is not among `inputs`; two layers of one name.
    """
    nodes, seen_at = _topological_order(outputs)
    _check_connected(nodes, inputs, outputs)
    depths, layer_depths = _depths(nodes)
    for node in [x.node for x in inputs if x.node not in depths]:  # of inputs that lead nowhere
        depths[node] = layer_depths[node.layer] = 0
        seen_at[node.layer] = -1
    # Keras's order, by depth: of equal ones the last in post-order comes first.
    nodes = sorted(depths, key=lambda node: -depths[node])
    layers = sorted(layer_depths, key=lambda layer: (-layer_depths[layer], seen_at[layer]))
    _check_names(layers)
    return Graph(nodes, depths, layers)


def _topological_order(outputs: list[KerasTensor]) -> tuple[list[Node], dict[Any, int]]:
    """(nodes, each after its parents; layer -> when the search first saw it).

    A depth-first search from the outputs, without recursion, lists the nodes in post-order.
    """
    nodes: dict[Node, None] = {}
    seen_at: dict[Any, int] = {}
    for output in outputs:
        waiting = [] if output.node is None else [(output.node, False)]
        while waiting:
            node, is_done = waiting.pop()
            if is_done:
                nodes[node] = None
            elif node is not None and node not in nodes:
                seen_at.setdefault(node.layer, len(seen_at))
                waiting.append((node, True))
                waiting += [(parent, False) for parent in reversed(node.parents)]
    return list(nodes), seen_at


def _depths(nodes: list[Node]) -> tuple[dict[Node, int], dict[Any, int]]:
    """The depth of each node and of each layer, which is that of its deepest node so far."""
    depths: dict[Node, int] = {}
    of_layers: dict[Any, int] = {}
    for node in reversed(nodes):
        depth = max(depths.get(node, 0), of_layers.get(node.layer, 0))
        depths[node] = of_layers[node.layer] = depth
        for parent in node.parents:
            depths[parent] = max(depths.get(parent, 0), depth + 1)
    return depths, of_layers


@dataclass(frozen=True)
class Call:
    """What runs for one node, or for several whose layers are fused."""

    run: Callable[..., Any]
    first: Node  # whose inputs it takes
    last: Node  # whose outputs it returns
    shortcut: KerasTensor | None = None  # what it takes besides: the other term of a sum between

    @property
    def inputs(self) -> list[KerasTensor]:
        """All that it reads."""
        return [*self.first.inputs, *([] if self.shortcut is None else [self.shortcut])]

    def filled(self, values: dict[int, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """(args, kwargs) of `run`, with ``values[id(t)]`` in place of each KerasTensor ``t``."""
        args, kwargs = self.first.filled(values)
        return args if self.shortcut is None else (*args, values[id(self.shortcut)]), kwargs


def fused_calls(nodes: list[Node], outputs: list[KerasTensor]) -> list[Call]:
    """A call for each of `nodes`; what is fused has no other reader of what is between.

    It runs where its first layer stands, or the one that it was next to: what a layer changes when
    it is called, as a moving mean, is changed in Keras's order, and tapes record in that order.
    """
    readers = Counter(id(x) for x in [*outputs, *(x for node in nodes for x in node.inputs)])
    calls: list[Call | None] = []  # None: fused with the next
    place_of: dict[int, int] = {}  # in `calls`, by the tensor that is returned
    for node in nodes:
        place = place_of.get(id(node.inputs[0]), -1)
        before = calls[place] if place >= 0 else None
        alone = len(node.inputs) == 1 and readers[id(node.inputs[0])] == 1 and not node.kwargs
        both = fuse(before.run, node.layer) if before is not None and alone else None
        if before is None or both is None:
            place = len(calls)
            calls.append(Call(node.layer, node, node))
        else:
            calls[place] = Call(both, before.first, node)
            _fuse_residual(calls, place, readers)
        place_of[id(node.outputs[0])] = place
    return [call for call in calls if call is not None]


def _fuse_residual(calls: list[Call | None], place: int, readers: Counter[int]) -> None:
    """Fuse the call at `place`, if it is a sum and a relu, with a term made just before it."""
    before, last = calls[place - 1] if place else None, calls[place]
    if before is None or last is None or len(last.first.inputs) != 2 or last.first.kwargs:
        return
    (made,), (x, y) = before.last.outputs[:1], last.first.inputs
    for number, term, shortcut in ((0, x, y), (1, y, x)):
        # What is normalized is no shortcut here: its gradient has two terms, added in their order.
        is_other = all(shortcut is not read for read in before.inputs)
        if term is made and is_other and readers[id(made)] == 1:
            whole = fuse_residual(before.run, last.run, number)
            if whole is not None:
                calls[place - 1] = None
                calls[place] = Call(whole, before.first, last.last, shortcut)


def last_reads(calls: list[Call], outputs: list[KerasTensor]) -> list[list[KerasTensor]]:
    """For each call the tensors that are no longer needed after it: no later one reads them."""
    kept = {id(x) for x in outputs}
    found: list[list[KerasTensor]] = []
    for call in reversed(calls):
        done = {id(x): x for x in [*call.inputs, *call.last.outputs] if id(x) not in kept}
        found.append(list(done.values()))
        kept.update(done)
    return found[::-1]


def _check_connected(
    nodes: list[Node], inputs: list[KerasTensor], outputs: list[KerasTensor]
) -> None:
    known = {id(x) for x in inputs}
    ends = [x for node in nodes if not node.inputs for x in node.outputs]
    for needed in ends + [x for x in outputs if x.node is None]:
        if id(needed) not in known:
            raise ValueError(
                f"Model: `outputs` are not connected to `inputs`: they need {needed!r}, and "
                f"`inputs` are {[x.name for x in inputs]}"
            )


def _check_names(layers: list[Any]) -> None:
    for name, count in Counter(layer.name for layer in layers).items():
        if count > 1:
            raise ValueError(
                f"Model: layers must have different names, received {count} of the name {name!r}"
            )


def clone_graph_nodes(inputs: Any, outputs: Any) -> tuple[Any, Any]:
    """(inputs, outputs) of the same nodes, cloned, with an `Input` for each inner tensor.

    So that ``Model(layer.output, other.output)`` cuts a part out of a larger model.
    """
    if all(isinstance(x.layer, InputLayer) for x in nest.flatten(inputs)):
        return inputs, outputs
    copies: dict[int, KerasTensor] = {}
    for x in nest.flatten(inputs):
        is_input = isinstance(x.layer, InputLayer)
        copies[id(x)] = x if is_input else _input_like(x)
    for node in _topological_order(nest.flatten(outputs))[0]:
        if any(id(x) not in copies for x in node.outputs) and node.inputs:
            _clone_node(node, copies)
    found = [copies.get(id(x), x) for x in nest.flatten([inputs, outputs])]
    inputs, outputs = nest.pack([inputs, outputs], found)
    return inputs, outputs


def _input_like(x: KerasTensor) -> KerasTensor:
    made: KerasTensor = InputLayer(batch_shape=x.shape, dtype=x.dtype, name=f"{x.name}CLONE").output
    return made


def _clone_node(node: Node, copies: dict[int, KerasTensor]) -> None:
    if any(id(x) not in copies for x in node.inputs):
        return  # it lies before the inputs
    args, kwargs = node.filled(copies)
    outputs = [KerasTensor(x.shape, x.dtype) for x in node.outputs]
    Node(node.layer, args, kwargs, nest.pack(node.structure, outputs))
    copies.update(zip(map(id, node.outputs), outputs, strict=True))
