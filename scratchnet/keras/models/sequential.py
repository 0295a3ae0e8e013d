"""Sequential: one layer after the other."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from scratchnet.engine import nest
from scratchnet.engine.errors import say
from scratchnet.engine.tensor import Tensor
from scratchnet.engine.tracebacks import filters_tracebacks
from scratchnet.keras.config import Shape, standardize_shape
from scratchnet.keras.configs.limits import take_call
from scratchnet.keras.configs.old_layouts import deserialize_layer
from scratchnet.keras.configs.serialization import serialize_keras_object
from scratchnet.keras.keras_mask import set_masks
from scratchnet.keras.keras_tensor import KerasTensor
from scratchnet.keras.layers.fusion import append_fused, fused
from scratchnet.keras.layers.input_conversion import is_array, shapes, standardized
from scratchnet.keras.layers.input_layer import InputLayer
from scratchnet.keras.layers.layer import Layer
from scratchnet.keras.layers.node import Node
from scratchnet.keras.layers.symbolic import is_shape_tuple
from scratchnet.keras.models.graph import LayerGraph
from scratchnet.keras.models.input_structure import InputStructure
from scratchnet.keras.models.model import Model
from scratchnet.keras.naming import auto_name, name_scope, names_used, skip_names


class Sequential(Model):
    """A stack of layers, each called on what the one before returned (``keras.Sequential``).

    With an `Input` (or an ``input_shape=`` of the first layer) the weights are made at once;
    otherwise when the model first sees data.

    Args:
        layers: the layers, from the first on.
        trainable: whether an optimizer changes the weights.
        name: the name; automatic if not given.

    Raises:
        ValueError: something that is no layer; two layers of one name; a second `Input`.

    >>> import scratchnet as tf
    >>> model = Sequential([tf.keras.Input((3,)), tf.keras.layers.Dense(2, activation="relu")])
    >>> model.count_params(), model.output_shape
    (8, (None, 2))
    """

    _changes = 0  # how often a Sequential that is a layer of a model was changed
    _built_at = 0  # what that was when this one was built
    _tensor_names = 0  # how many names of KerasTensors a build takes

    @filters_tracebacks
    def __init__(self, layers: Any = None, trainable: bool = True, name: str | None = None) -> None:
        super().__init__(trainable=trainable, name=name)
        self._layers: list[Any] = []
        self._names: set[str] = set()  # of the layers
        self._input_structure: InputStructure | None = None  # of the Input, once the model is built
        self._output_tensor: KerasTensor | None = None  # of the last layer, likewise
        self._fused_layers: list[Any] = []  # what `call` runs then
        if layers is not None and not isinstance(layers, Iterable):
            raise TypeError(say("Sequential", "layers", "must be a list of layers", layers))
        for layer in () if layers is None else layers:
            self._append(layer)
        self._rebuild()

    # -- putting layers together -------------------------------------------------------------------

    @filters_tracebacks
    def add(self, layer: Any) -> None:
        """Put `layer` on top.

        Raises:
            ValueError: it is no layer, has a name that is taken, or is a second `Input`.
        """
        self._append(layer)
        if self._can_extend():  # else a thousand layers would be called half a million times
            self._extend(self._layers[-1])
        else:
            self._rebuild()

    def pop(self) -> Any:
        """Take the last layer off and return it."""
        layer = self._layers.pop()
        self._rebuild()
        return layer

    def _append(self, layer: Any) -> None:
        if not self._layers and getattr(layer, "input_shape_argument", None) is not None:
            self._layers.append(InputLayer(layer.input_shape_argument))
        if isinstance(layer, KerasTensor) and isinstance(layer.layer, InputLayer):
            layer = layer.layer
        if not isinstance(layer, Layer):
            raise ValueError(say("Sequential", "layer", "must be a layer", layer))
        taken = layer.name in self._names  # at times by itself, or by one that was renamed
        if taken and any(layer.name == x.name and layer is not x for x in self._layers):
            raise ValueError(
                f"Sequential: layers must have different names, received a second {layer.name!r}"
            )
        if (
            isinstance(layer, InputLayer)
            and self._layers
            and isinstance(self._layers[0], InputLayer)
        ):
            raise ValueError(
                f"Sequential: {self.name!r} has an Input already, of shape "
                f"{self._layers[0].batch_shape}; received another"
            )
        self._layers.append(layer)
        self._names.add(layer.name)

    def _can_extend(self) -> bool:
        """Whether all layers but the last, which is new, are built and as they were then."""
        return (
            self._input_structure is not None
            and isinstance(self._output_tensor, KerasTensor)  # a layer may return a list
            and type(self).build is Sequential.build
            and self._built_at == Sequential._changes
        )

    def _extend(self, layer: Any) -> None:
        """What `build` does, for one more layer."""
        if self._nodes:
            Sequential._changes += 1
        before, self.built = self._inputs_and_outputs("output")[1], False
        structure, self._input_structure = self._input_structure, None
        calls, self._fused_layers = self._fused_layers, []
        # Keras calls all layers below again, to which nobody but the names of tensors testifies:
        # the new layer gets what the second call of the last one would return.
        skip_names("KerasTensor", self._tensor_names - 1)
        before = _called_again(before)
        first = names_used("KerasTensor")
        with name_scope(self.name, self, self._parent_path):
            self._output_tensor = layer(before)
        self._tensor_names += names_used("KerasTensor") - first
        # Not before it accepted the shape.
        append_fused(calls, layer)
        self._input_structure, self._fused_layers, self.built = structure, calls, True
        self._built_at = Sequential._changes
        auto_name("Functional")

    def _rebuild(self) -> None:
        if self._nodes:
            Sequential._changes += 1
        self.built, self._input_structure, self._fused_layers = False, None, []
        if len(self._layers) < 2:
            return
        first = self._layers[0]
        if isinstance(first, InputLayer):
            self.build(first.batch_shape)
        elif is_shape_tuple(shape := getattr(first, "input_shape", None)):  # a model that is built
            self.build(shape)

    @filters_tracebacks
    def build(self, input_shape: Any = None) -> None:
        """Make the weights of all layers, for inputs of shape `input_shape` (sizes may be None).

        Without a shape nothing is done, as in Keras: with an Input the weights are there already,
        without one each layer makes its own when it is called.

        Raises:
            ValueError: no layers; an `Input` of another shape; a layer that does not fit.
        """
        if not self._layers:
            raise ValueError(
                f"Sequential: {self.name!r} has no layers, `add` one before it is built"
            )
        if input_shape is None:
            return
        shape = standardize_shape(input_shape)
        first = self._layers[0]
        if not isinstance(first, InputLayer):
            first = InputLayer(batch_shape=shape, dtype=first.compute_dtype)
        elif first.batch_shape != shape:
            raise ValueError(
                f"Sequential: {self.name!r} begins with an Input of shape {first.batch_shape}, "
                f"received input_shape={shape}"
            )
        layers = self.layers
        x, names = first.output, names_used("KerasTensor")
        for layer in layers:
            x = layer(x)
        self._tensor_names = names_used("KerasTensor") - names
        self._layers = [first, *layers]  # not before all of them accepted the shape
        self._input_structure, self._output_tensor = InputStructure(first.output), x
        self._fused_layers = fused(layers)
        self._built_at = Sequential._changes
        auto_name("Functional")  # Keras builds a functional model inside, which takes a number

    def compute_output_shape(self, input_shape: Shape) -> Any:
        """The shape that the last layer returns."""
        for layer in self.layers:
            take_call(layer.name)
            input_shape = layer.compute_output_shape(input_shape)
        return input_shape

    def compute_output_spec(self, inputs: Any, training: Any = None, mask: Any = None) -> Any:
        """A KerasTensor like what the last layer returns; `training` and `mask` do not matter."""
        return super().compute_output_spec(inputs)

    # -- calling -----------------------------------------------------------------------------------

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """The output of the last layer; see `Layer`."""
        if not args and "inputs" in kwargs:
            args = (kwargs.pop("inputs"),)
        if args:
            args = (self._match_input_structure(args[0]), *args[1:])
        return super().__call__(*args, **kwargs)

    def _standardized(self, x: Any) -> Any:
        """`x` in the dtype of the Input, or of the first layer: not rounded to another before."""
        if self._input_structure is not None:
            dtype = self._input_structure.inputs[0].dtype
        else:
            dtype = self._layers[0].compute_dtype if self._layers else self._dtype
        return standardized(type(self).__name__, x, dtype if "float" in dtype else self._dtype)

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        """Each layer on what the one before returned; `mask` is that of the input."""
        if self._input_structure is None:
            x = inputs
        else:
            (x,) = self._input_structure.convert(inputs)
        if mask is not None:
            set_masks([x], mask)
        for layer in self._fused_layers or self.layers:
            x = layer(x)
        return x

    def _match_input_structure(self, x: Any, any_batch_size: bool = False) -> Any:
        """The one array in `x`, which may be in a list or dict (that is worth a warning)."""
        if not nest.is_nested(x):
            return x
        if self._input_structure is None:
            parts = nest.flatten(x)
            if len(parts) == 1 and is_array(parts[0]):
                sizes = np.shape(parts[0])
                self.build((None, *sizes[1:]) if any_batch_size else sizes)
        structure = self._input_structure
        return x if structure is None else structure.match(x, any_batch_size)

    def _build_for_any_batch_size(self, x: Any) -> None:
        """Build for inputs like `x`, with any number of samples."""
        if not self.built and isinstance(x, Tensor):
            self.build((None, *shapes(x)[1:]))

    # -- layers and configs ------------------------------------------------------------------------

    def _sublayers(self) -> list[Any]:
        """The layers, the InputLayer included, and no others that attributes may hold."""
        return list(self._layers)

    @property
    def layers(self) -> list[Any]:
        """The layers, without the InputLayer."""
        has_input = self._layers and isinstance(self._layers[0], InputLayer)
        return self._layers[1:] if has_input else self._layers[:]

    @layers.setter
    def layers(self, value: Any) -> None:
        raise AttributeError("`layers` cannot be set; change the model with `add` and `pop`")

    def _graph_nodes(self) -> list[Node]:
        nodes: list[Node] = []
        x = self._output_tensor if self._input_structure is not None else None
        while x is not None and x.node is not None:
            nodes.append(x.node)
            x = x.node.inputs[0] if x.node.inputs else None
        return nodes[::-1]

    def _layer_graph(self) -> LayerGraph:
        return LayerGraph.of_chain(self.layers)

    def _attributes_to_save(self) -> list[tuple[str, Any]]:
        """The layers first, as a file lists them."""
        rest = [
            item
            for item in Layer._attributes_to_save(self)
            if item[0] not in ("_layers", "_fused_layers")
        ]
        return [("layers", self.layers), *rest]

    def _inputs_and_outputs(self, what: str) -> tuple[KerasTensor, KerasTensor]:
        """The one input and the one output, for a property named `what`."""
        if self._input_structure is None or self._output_tensor is None:
            raise AttributeError(
                f"Sequential: {self.name!r} has no {what} yet: it has not seen the shape of an "
                "input"
            )
        return self._input_structure.inputs[0], self._output_tensor

    @property
    def inputs(self) -> list[KerasTensor]:
        """What the model takes."""
        return [self._inputs_and_outputs("inputs")[0]]

    @property
    def outputs(self) -> list[KerasTensor]:
        """What the model returns."""
        return [self._inputs_and_outputs("outputs")[1]]

    @property
    def input_shape(self) -> Shape:
        """The shape that the model takes."""
        return self._inputs_and_outputs("input shape")[0].shape

    @property
    def output_shape(self) -> Shape:
        """The shape that the model returns."""
        return self._inputs_and_outputs("output shape")[1].shape

    def get_config(self) -> dict[str, Any]:
        """The configs of the layers, in a dict."""
        config = {
            **super().get_config(),
            "layers": [serialize_keras_object(v) for v in self._layers],
        }
        if self._input_structure:
            config["build_input_shape"] = self._layers[0].batch_shape
        return config

    @classmethod
    def from_config(
        cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None
    ) -> Any:
        """A model like the one whose `get_config` returned `config`, with new weights.

        Args:
            config: what `get_config` returned.
            custom_objects: your own classes, by name.
        """
        model = cls(name=config["name"], trainable=config.get("trainable", True))
        for layer in config["layers"]:
            model.add(deserialize_layer(layer, custom_objects))
        shape = config.get("build_input_shape")
        if shape is not None and not model.built:
            model.build(tuple(shape))
        return model


def _called_again(x: KerasTensor) -> KerasTensor:
    """What the layer that returned `x` returns when it is called on the same once more."""
    output, node = KerasTensor(x.shape, x.dtype), x.node
    Node(node.layer, node.args, node.kwargs, output)
    return output
