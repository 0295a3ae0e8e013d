"""Node: one call of a layer on KerasTensors. Nodes and KerasTensors are the graph of a model."""

from __future__ import annotations

from typing import Any

from scratchnet.engine import nest
from scratchnet.keras.keras_tensor import KerasTensor


class Node:
    """What went into one call of a layer, and what came out.

    A shared layer has one node for each of its calls.

    Args:
        layer: the layer that was called; the node is added to its ``_nodes``.
        args, kwargs: what it was called with; the KerasTensors among them are the `inputs`.
        outputs: the KerasTensors that it returned, or a structure of them.
    """

    def __init__(self, layer: Any, args: Any, kwargs: dict[str, Any], outputs: Any) -> None:
        self.layer, self.args, self.kwargs, self.structure = layer, args, kwargs, outputs
        flat = nest.flatten([args, kwargs])
        self.inputs: list[KerasTensor] = [x for x in flat if isinstance(x, KerasTensor)]
        self.outputs: list[KerasTensor] = nest.flatten(outputs)
        self.index = len(layer._nodes)
        layer._nodes.append(self)
        for i, tensor in enumerate(self.outputs):
            tensor.node, tensor.index = self, i

    @property
    def parents(self) -> list[Node]:
        """The nodes that returned the `inputs`."""
        return [x.node for x in self.inputs]

    def filled(self, values: dict[int, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """(args, kwargs), with ``values[id(t)]`` in place of each KerasTensor ``t``."""
        if len(self.args) == 1 and not self.kwargs and isinstance(self.args[0], KerasTensor):
            return (values[id(self.args[0])],), {}  # most calls: nothing to look for
        flat = nest.flatten([self.args, self.kwargs])
        found = [values[id(x)] if isinstance(x, KerasTensor) else x for x in flat]
        args, kwargs = nest.pack([self.args, self.kwargs], found)
        return args, kwargs

    def __repr__(self) -> str:
        return f"<Node layer={self.layer.name}, index={self.index}>"
