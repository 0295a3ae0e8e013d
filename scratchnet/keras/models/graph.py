"""The graph of a functional model: the calls between its inputs and its outputs, in order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from scratchnet.engine import nest
from scratchnet.keras.keras_tensor import KerasTensor
from scratchnet.keras.layers.fusion import PooledConv, can_join
from scratchnet.keras.layers.input_layer import InputLayer
from scratchnet.keras.layers.node import Node


@dataclass(frozen=True)
class Graph:
    """The calls of a functional model.

    Attributes:
        nodes: each after those whose outputs it takes.
        depths: for each node, how many calls lie between it and the outputs, at most.
        layers: each once, the farthest from the outputs first.
    """

    nodes: list[Node]
    depths: dict[Node, int]
    layers: list[Any]

    @property
    def is_chain(self) -> bool:
        """Whether each layer is called once, on what the one before returned."""
        one_by_one = len(set(self.depths.values())) == len(self.nodes) == len(self.layers)
        return one_by_one and all(len(node.inputs) <= 1 for node in self.nodes)


def graph_between(inputs: list[KerasTensor], outputs: list[KerasTensor]) -> Graph:
    """The calls that lead from `inputs` to `outputs`.

    Raises:
        ValueError: an output needs an `Input` that is not among `inputs`; two layers of one name.
    """
    nodes, seen_at = _in_order(outputs)
    _check_connected(nodes, inputs, outputs)
    depths, layer_depths = _depths(nodes)
    for node in [x.node for x in inputs if x.node not in depths]:  # of inputs that lead nowhere
        nodes.append(node)
        depths[node] = layer_depths[node.layer] = 0
        seen_at[node.layer] = -1
    layers = sorted(layer_depths, key=lambda layer: (-layer_depths[layer], seen_at[layer]))
    _check_names(layers)
    return Graph(nodes, depths, layers)


def _in_order(outputs: list[KerasTensor]) -> tuple[list[Node], dict[Any, int]]:
    """(nodes, each after its parents; layer -> when a search from the outputs first saw it)."""
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
    """What is run for one node, or for two whose layers are joined."""

    run: Callable[..., Any]
    first: Node  # whose inputs it takes
    last: Node  # whose outputs it returns


def joined_calls(nodes: list[Node], outputs: list[KerasTensor]) -> list[Call]:
    """The calls of `nodes`, with those joined whose result nobody else reads."""
    readers = Counter(id(x) for x in [*outputs, *(x for node in nodes for x in node.inputs)])
    calls: dict[int, Call] = {}  # by the tensor that is returned
    for node in nodes:
        before = calls.get(id(node.inputs[0]))
        alone = len(node.inputs) == 1 and readers[id(node.inputs[0])] == 1 and not node.kwargs
        if before and alone and can_join(before.run, node.layer):
            del calls[id(node.inputs[0])]
            run = PooledConv(before.first.layer, node.layer)
            calls[id(node.outputs[0])] = Call(run, before.first, node)
        else:
            calls[id(node.outputs[0])] = Call(node.layer, node, node)
    return list(calls.values())


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


def with_inputs_of_its_own(inputs: Any, outputs: Any) -> tuple[Any, Any]:
    """(inputs, outputs) of the same calls, made again from an `Input` for each inner tensor.

    So that ``Model(layer.output, other.output)`` cuts a part out of a larger model.
    """
    if all(isinstance(x.layer, InputLayer) for x in nest.flatten(inputs)):
        return inputs, outputs
    copies: dict[int, KerasTensor] = {}
    for x in nest.flatten(inputs):
        is_input = isinstance(x.layer, InputLayer)
        copies[id(x)] = x if is_input else _input_like(x)
    for node in _in_order(nest.flatten(outputs))[0]:
        if any(id(x) not in copies for x in node.outputs) and node.inputs:
            _copy(node, copies)
    found = [copies.get(id(x), x) for x in nest.flatten([inputs, outputs])]
    inputs, outputs = nest.pack([inputs, outputs], found)
    return inputs, outputs


def _input_like(x: KerasTensor) -> KerasTensor:
    made: KerasTensor = InputLayer(batch_shape=x.shape, dtype=x.dtype, name=f"{x.name}CLONE").output
    return made


def _copy(node: Node, copies: dict[int, KerasTensor]) -> None:
    if any(id(x) not in copies for x in node.inputs):
        return  # it lies before the inputs
    args, kwargs = node.filled(copies)
    outputs = [KerasTensor(x.shape, x.dtype) for x in node.outputs]
    Node(node.layer, args, kwargs, nest.pack(node.structure, outputs))
    copies.update(zip(map(id, node.outputs), outputs, strict=True))
