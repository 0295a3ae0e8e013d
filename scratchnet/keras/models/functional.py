"""Functional: a model made of the calls between KerasTensors."""

from __future__ import annotations

import copy
from typing import Any

from scratchnet.engine import nest
from scratchnet.engine.errors import say
from scratchnet.engine.tracebacks import filters_tracebacks, warn
from scratchnet.keras.config import Shape
from scratchnet.keras.configs.limits import take_call
from scratchnet.keras.keras_mask import set_masks
from scratchnet.keras.keras_tensor import KerasTensor
from scratchnet.keras.layers.fusion import layers_are_fused
from scratchnet.keras.layers.input_conversion import shapes
from scratchnet.keras.layers.layer import Layer
from scratchnet.keras.layers.node import Node
from scratchnet.keras.layers.symbolic import map_shapes
from scratchnet.keras.layers.tensor_operators import Operation
from scratchnet.keras.models.graph import (
    Call,
    LayerGraph,
    clone_graph_nodes,
    fused_calls,
    last_reads,
    map_graph,
)
from scratchnet.keras.models.graph_config import serialize_graph
from scratchnet.keras.models.input_structure import InputStructure, shapes_agree
from scratchnet.keras.models.model import Model
from scratchnet.keras.models.saving import takes_inputs_and_outputs
from scratchnet.keras.models.training import Training
from scratchnet.keras.tracking import owned, unique


class Functional(Model):
    """What ``keras.Model(inputs, outputs)`` makes: a graph of layers.

    Layers may be called several times (they share their weights then), take several inputs, and
    return several outputs.

    Args:
        inputs: a KerasTensor, or a list, tuple or dict of them; those that no `Input` made cut the
            graph there.
        outputs: likewise.
        name: the name; automatic if not given.
        trainable: whether an optimizer changes the weights.

    Raises:
        ValueError: something that is no KerasTensor; outputs that need other inputs, too; two
            layers of one name.

    >>> from scratchnet import keras
    >>> x = keras.Input((4,))
    >>> hidden = keras.layers.Dense(4, activation="relu")(x)
    >>> model = keras.Model(x, keras.layers.Add()([x, hidden]))
    >>> model.output_shape, model.count_params()
    ((None, 4), 20)
    """

    keras_module = "keras.src.models.functional"  # where a file says that it is

    @filters_tracebacks
    def __init__(
        self, inputs: Any, outputs: Any, name: str | None = None, trainable: bool | None = None
    ) -> None:
        _check_tensors(inputs=inputs, outputs=outputs)
        Training.__init__(self, name=name)  # not that of Model, which called this one
        self._inputs_struct, self._outputs_struct = clone_graph_nodes(inputs, outputs)
        self._input_structure = InputStructure(self._inputs_struct)
        self._graph = map_graph(self.inputs, self.outputs)
        self._call_nodes = [node for node in self._graph.nodes if node.inputs]
        one_by_one = [Call(node.layer, node, node) for node in self._call_nodes]
        fused = fused_calls(self._call_nodes, self.outputs)
        self._calls, self._fused_calls = [  # each with what is not needed after it
            [*zip(calls, last_reads(calls, self.outputs), strict=True)]
            for calls in (one_by_one, fused)
        ]
        self.built = True
        if trainable is not None:
            self._trainable = bool(trainable)  # as in Keras, the layers keep their own

    def build(self, input_shape: Any) -> None:
        """Nothing to do: all layers were built when they were called on KerasTensors."""

    def _graph_nodes(self) -> list[Node]:
        return self._graph.nodes

    # -- calling -----------------------------------------------------------------------------------

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """The outputs for `inputs`, in the structure of `outputs`; see `Layer`."""
        if not args and "inputs" in kwargs:
            args = (kwargs.pop("inputs"),)
        if args:
            args = (self._check_sizes(self._match_input_structure(args[0])), *args[1:])
        return super().__call__(*args, **kwargs)

    def _standardized(self, x: Any) -> Any:
        return x  # `call` casts each input to the dtype of its own

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        """Each node of the graph on what its parents returned.

        Args:
            inputs: in the structure of `inputs`.
            training: handed to all layers.
            mask: the masks of the inputs, in their structure: the layers find them there.
        """
        converted = self._input_structure.convert(inputs)
        if mask is not None:
            set_masks(converted, mask)
        values = dict(zip(map(id, self.inputs), converted, strict=True))
        # Layers in one run where the first stands: whoever wants layers wants Keras's order.
        for call, done in self._fused_calls if layers_are_fused() else self._calls:
            args, kwargs = call.filled(values)
            if training is not None:
                kwargs.pop("training", None)  # as in Keras: that of the whole model counts
            outputs = call.run(*args, **kwargs)
            values.update(zip(map(id, call.last.outputs), nest.flatten(outputs), strict=True))
            for x in done:  # their memory is for the next ones, and still in the caches
                del values[id(x)]
        return self._packed([values[id(x)] for x in self.outputs])

    def _packed(self, outputs: list[Any]) -> Any:
        packed = nest.pack(self._outputs_struct, outputs)
        is_list = isinstance(packed, list | tuple)
        return packed[0] if is_list and len(packed) == 1 else packed

    def compute_output_spec(self, *args: Any, **kwargs: Any) -> Any:
        """KerasTensors like the outputs for inputs like `args`, of any sizes that fit."""
        values = dict(zip(map(id, self.inputs), nest.flatten(args[0]), strict=True))
        for node in self._call_nodes:
            take_call(node.layer.name)
            args, kwargs = node.filled(values)
            outputs = nest.flatten(node.layer.compute_output_spec(*args, **kwargs))
            values.update(zip(map(id, node.outputs), outputs, strict=True))
        found = [values[id(x)] for x in self.outputs]
        return self._packed([KerasTensor(x.shape, x.dtype) for x in found])

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The shapes of the outputs for inputs of shape `input_shape` (sizes may be None)."""
        dtypes = iter(self.inputs)
        x = map_shapes(lambda shape: KerasTensor(shape, next(dtypes).dtype), input_shape)
        return shapes(self.compute_output_spec(x))

    # -- inputs ------------------------------------------------------------------------------------

    def _match_input_structure(self, x: Any, any_batch_size: bool = False) -> Any:
        return self._input_structure.match(x, any_batch_size)

    def _check_sizes(self, x: Any) -> Any:
        """`x`, whose sizes must be those of the inputs where these are known."""
        for i, (part, expected) in enumerate(zip(nest.flatten(x), self.inputs, strict=True)):
            if getattr(part, "shape", None) is None:
                continue
            shape, wanted = tuple(part.shape), (None, *expected.shape[1:])
            if _agree_but_for_the_last(shape, wanted):
                continue
            raise ValueError(
                f"Input {i} with name '{expected.name}' of layer '{self.name}' is incompatible "
                f"with the layer: expected shape={wanted}, found shape={tuple(shape)}"
            )
        return x

    # -- layers and configs ------------------------------------------------------------------------

    @property
    def layers(self) -> list[Any]:
        """The layers of the graph, from the inputs on, without operators such as ``+``."""
        return [layer for layer in self._graph.layers if not isinstance(layer, Operation)]

    @layers.setter
    def layers(self, value: Any) -> None:
        raise AttributeError("`layers` lists the layers of the model and cannot be set")

    def _sublayers(self) -> list[Any]:
        """The layers of the graph, and those that attributes hold beside it."""
        return unique(self._graph.layers + owned(self, Layer))

    def _layer_graph(self) -> LayerGraph:
        # Of the graph, not of `layers`, which leave out operators such as ``+``.
        return self._graph.layer_graph(self.inputs, self.outputs)

    def _attributes_to_save(self) -> list[tuple[str, Any]]:
        """The layers first, as a file lists them."""
        return [("layers", self.layers), *Layer._attributes_to_save(self)]

    @property
    def inputs(self) -> list[KerasTensor]:
        """What the model takes, as a flat list."""
        return self._input_structure.inputs

    @property
    def outputs(self) -> list[KerasTensor]:
        """What the model returns, as a flat list."""
        return nest.flatten(self._outputs_struct)

    @property
    def input(self) -> Any:
        """What the model takes, as it was given to the constructor."""
        return self._inputs_struct

    @property
    def output(self) -> Any:
        """What the model returns, as it was given to the constructor."""
        return self._outputs_struct

    @property
    def output_names(self) -> list[str]:
        """The names of the layers that return the outputs."""
        return [x.layer.name for x in self.outputs]

    @property
    def input_shape(self) -> Any:
        """The shape that the model takes, or the list of them."""
        found = [x.shape for x in self.inputs]
        return found[0] if len(found) == 1 else found

    @property
    def output_shape(self) -> Any:
        """The shape that the model returns, or the list of them."""
        found = [x.shape for x in self.outputs]
        return found[0] if len(found) == 1 else found

    def add_loss(self, loss: Any) -> None:
        """Not here: call it in the `call` of a layer of the graph."""
        raise NotImplementedError(
            "add_loss: the graph of a functional model is fixed; call `self.add_loss` in the "
            f"`call` of one of its layers, received loss={loss!r} for {self.name!r}"
        )

    def get_build_config(self) -> dict[str, Any]:
        """Nothing that matters: the graph builds all layers."""
        return {"input_shape": None}

    def get_config(self) -> dict[str, Any]:
        """The layers and their calls; for a subclass with other arguments, what `Layer` returns."""
        if not takes_inputs_and_outputs(type(self)):
            return super().get_config()
        ends = (self._inputs_struct, self._outputs_struct)
        config = {"name": self.name, "trainable": self.trainable}
        return copy.deepcopy({**config, **serialize_graph(self._graph, *ends)})


Model._functional = Functional


def _agree_but_for_the_last(shape: Shape, wanted: Shape) -> bool:
    """Whether sizes agree, with a last axis of 1 or without it, or the rank is wrong anyway."""
    if wanted[-1] == 1 and shapes_agree(shape[: len(wanted) - 1], wanted[:-1]):
        return True  # the layer that takes it knows better what is wrong with the last axis
    if len(shape) == len(wanted) - 1:  # `convert` appends an axis, or tells of a single sample
        return wanted[-1] != 1 or shapes_agree(shape, wanted[1:])
    if len(shape) == len(wanted) + 1 and shape[-1] == 1:
        shape = shape[:-1]
    return len(shape) != len(wanted) or shapes_agree(shape, wanted)


def _check_tensors(**ends: Any) -> None:
    for name, structure in ends.items():
        parts = nest.flatten(structure)
        if not parts:
            raise ValueError(say("Model", name, "must not be empty", structure))
        for part in parts:
            if not isinstance(part, KerasTensor):
                raise ValueError(
                    f"Model: all `{name}` values must be KerasTensors, received {part!r} of type "
                    f"{type(part).__name__}"
                )
    inputs = ends["inputs"]
    if isinstance(inputs, dict) and any(k != getattr(x, "name", k) for k, x in inputs.items()):
        warn(
            "Model: the keys of the dict `inputs` must be the names of the tensors, received "
            f"{ {k: x.name for k, x in inputs.items()} }; name them by Input(…, name=key)"
        )
