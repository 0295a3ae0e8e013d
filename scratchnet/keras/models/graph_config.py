"""The graph of a functional model as a plain config, in the form of Keras's files.

Each layer lists its calls as ``inbound_nodes``; a tensor in their arguments is named by
``keras_history``: the layer that returns it, which of the layer's calls, which output of the call.
Files of Keras 2 list these three alone, for each tensor of a call, with the arguments beside:
``[[["dense", 0, 0, {}], …]]``.
"""

from __future__ import annotations

from typing import Any

from scratchnet.engine import nest
from scratchnet.keras.configs.old_layouts import deserialize_layer
from scratchnet.keras.configs.serialization import deserialize_keras_object, serialize_keras_object
from scratchnet.keras.keras_tensor import KerasTensor
from scratchnet.keras.layers.node import Node
from scratchnet.keras.models.graph import Graph

_TENSOR = "__keras_tensor__"


# -- writing --------------------------------------------------------------------------------------


def serialize_graph(graph: Graph, inputs: Any, outputs: Any) -> dict[str, Any]:
    """``layers``, ``input_layers`` and ``output_layers`` of a graph with these ends."""
    calls = {
        layer: [node for node in layer._nodes if node in graph.depths] for layer in graph.layers
    }

    def serialize_layer(layer: Any) -> dict[str, Any]:
        nodes = [_serialize_node(node, calls) for node in calls[layer] if node.inputs]
        return {**serialize_keras_object(layer), "name": layer.name, "inbound_nodes": nodes}

    def end(x: KerasTensor) -> list[Any]:
        at = calls[x.layer].index(x.node) + _offset(x.layer)
        return [x.layer.name, at, x.index]

    return {
        "layers": [serialize_layer(layer) for layer in graph.layers],
        "input_layers": nest.pack(inputs, [end(x) for x in nest.flatten(inputs)]),
        "output_layers": nest.pack(outputs, [end(x) for x in nest.flatten(outputs)]),
    }


def _offset(layer: Any) -> int:
    """At the ends of a graph, Keras counts the calls of a functional model inside it from 1."""
    return int(hasattr(layer, "_graph"))


def _serialize_node(node: Node, calls: dict[Any, list[Node]]) -> dict[str, Any]:
    def serialize_tensor(x: Any) -> Any:
        if not isinstance(x, KerasTensor):
            return serialize_keras_object(x)
        history = [x.layer.name, calls[x.layer].index(x.node), x.index]
        config = {"shape": x.shape, "dtype": x.dtype, "keras_history": history}
        return {"class_name": _TENSOR, "config": config}

    flat = [serialize_tensor(x) for x in nest.flatten([node.args, node.kwargs])]
    args, kwargs = nest.pack([node.args, node.kwargs], flat)
    return {"args": args, "kwargs": kwargs}


# -- reading --------------------------------------------------------------------------------------


def deserialize_graph(
    config: dict[str, Any], custom_objects: dict[str, Any] | None = None
) -> tuple[Any, Any]:
    """(inputs, outputs) of the graph that `serialize_graph` wrote down, with new layers.

    Raises:
        ValueError: a call that needs what no layer returns.
    """
    layers: dict[str, Any] = {}
    waiting: list[tuple[Any, Any]] = []
    for data in config["layers"]:
        layer = deserialize_layer(data, custom_objects)
        layers[data["name"] if "name" in data else data["config"]["name"]] = layer
        waiting += [(layer, call) for call in data["inbound_nodes"]]
    counted_from = _first_calls([call for _, call in waiting], layers)
    while waiting:  # a layer called twice may need, the second time, what comes after it
        left = [
            (layer, call)
            for layer, call in waiting
            if not _call_layer(layer, call, layers, counted_from)
        ]
        if len(left) == len(waiting):
            raise ValueError(
                "from_config: the calls of these layers need what no layer returns: "
                f"{[layer.name for layer, _ in left]}"
            )
        waiting = left

    def end(history: list[Any]) -> KerasTensor:
        name, at, index = history
        at -= _offset(layers[name])
        if at >= len(layers[name]._nodes):  # Keras 2 counted those of a Sequential from 1, too
            at -= counted_from.get(name, 0)
        return _output(layers, name, at, index)

    return _map_ends(end, config["input_layers"]), _map_ends(end, config["output_layers"])


def _call_layer(
    layer: Any, call: Any, layers: dict[str, Any], counted_from: dict[str, int]
) -> bool:
    """Call `layer` as `call` says, if all that it needs is there."""
    try:
        if isinstance(call, list):
            args, kwargs = _old_arguments(layer, call, layers, counted_from)
        else:
            args = [_deserialize_argument(part, layers) for part in call["args"]]
            kwargs = {k: _deserialize_argument(part, layers) for k, part in call["kwargs"].items()}
    except LookupError:
        return False
    if not any(isinstance(x, KerasTensor) for x in nest.flatten([args, kwargs])):
        raise ValueError(f"from_config: the layer {layer.name!r} is called on no layer's output")
    layer(*args, **{k: value for k, value in kwargs.items() if not (k == "mask" and value is None)})
    return True


def _first_calls(calls: list[Any], layers: dict[str, Any]) -> dict[str, int]:
    """For each model inside, which number its first call has in calls of the form of Keras 2: 0, 1.

    There a model that began with an Input had been called already, when it was made.
    """
    found: dict[str, int] = {}
    for call in calls:
        for reference in call if isinstance(call, list) else ():
            name, at = reference[:2]
            if hasattr(layers[name], "get_compile_config") and isinstance(at, int):
                found[name] = min(at, found.get(name, 1))
    return found


def _old_arguments(
    layer: Any, call: list[Any], layers: dict[str, Any], counted_from: dict[str, int]
) -> tuple[list[Any], dict[str, Any]]:
    """The arguments that a call in the form of Keras 2 says."""

    def tensor(reference: list[Any]) -> KerasTensor:
        name, at, index = reference[:3]
        return _output(layers, name, at - counted_from.get(name, 0), index)

    def argument(part: Any) -> Any:
        if isinstance(part, list) and len(part) == 3 and str(part[0]) in layers:
            return tensor(part)
        return [argument(x) for x in part] if isinstance(part, list) else part

    kwargs: dict[str, Any] = {}
    for reference in call:
        kwargs |= reference[3] if len(reference) > 3 else {}
    tensors = [tensor(reference) for reference in call]
    if len(tensors) > 1 and "initial_state" in getattr(
        layer, "_call_parameters", ()
    ):  # of a recurrent layer
        kwargs["initial_state"], tensors = tensors[1:], tensors[:1]
    kwargs = {key: argument(part) for key, part in kwargs.items()}
    return [tensors[0] if len(tensors) == 1 else tensors], kwargs


def _deserialize_argument(data: Any, layers: dict[str, Any]) -> Any:
    if isinstance(data, list | tuple):
        return [_deserialize_argument(part, layers) for part in data]
    if isinstance(data, dict) and data.get("class_name") == _TENSOR:
        return _output(layers, *data["config"]["keras_history"])
    if isinstance(data, dict) and "class_name" not in data:
        return {key: _deserialize_argument(part, layers) for key, part in data.items()}
    return deserialize_keras_object(data)


def _output(layers: dict[str, Any], name: str, at: int, index: int) -> KerasTensor:
    found: KerasTensor = layers[name]._nodes[at].outputs[index]
    return found


def _map_ends(function: Any, ends: Any) -> Any:
    """`function` of each ``[name, call, output]`` in a structure of them."""
    if isinstance(ends, dict):
        return {key: _map_ends(function, part) for key, part in ends.items()}
    if len(ends) == 3 and isinstance(ends[0], str):
        return function(ends)
    return [_map_ends(function, part) for part in ends]
