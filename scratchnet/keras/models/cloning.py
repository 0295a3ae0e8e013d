"""clone_model: the same layers again, with new weights."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from scratchnet.engine import nest
from scratchnet.engine.errors import say
from scratchnet.keras.configs.serialization import deserialize_keras_object, serialize_keras_object
from scratchnet.keras.keras_tensor import KerasTensor
from scratchnet.keras.layers.input_layer import Input, InputLayer
from scratchnet.keras.models.functional import Functional
from scratchnet.keras.models.model import Model
from scratchnet.keras.models.saving import takes_inputs_and_outputs
from scratchnet.keras.models.sequential import Sequential


def clone_model(
    model: Any,
    input_tensors: Any = None,
    clone_function: Callable[[Any], Any] | None = None,
    call_function: Callable[..., Any] | None = None,
    recursive: bool = False,
) -> Any:
    """A model like `model`, with new layers and so with new weights.

    Args:
        model: a Sequential or functional model; a subclassed one needs ``get_config``.
        input_tensors: what the new one begins with, in the structure of ``model.input``; new
            inputs if not given.
        clone_function: makes the new layer from an old one; by its configuration if not given.
        call_function: ``f(layer, *args, **kwargs)``, which calls the new layers of a functional
            model.
        recursive: clone the models inside by `clone_model`, too.

    Raises:
        ValueError: no model; an argument that does not go with this kind of model.

    Reference: ``keras.models.clone_model``.

    >>> from scratchnet import keras
    >>> model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    >>> clone_model(model).count_params()
    8
    """
    if not isinstance(model, Model):
        raise ValueError(say("clone_model", "model", "must be a model", model))
    copies = _Copies(clone_function, call_function, recursive)
    if isinstance(model, Sequential):
        if call_function is not None:
            rule = "is not supported with Sequential models, whose layers are only listed"
            raise ValueError(say("clone_model", "call_function", rule, call_function))
        return _compiled(_sequential(model, copies, input_tensors), model)
    if isinstance(model, Functional):
        return _compiled(_functional(model, copies, input_tensors), model)
    given = {"clone_function": clone_function, "input_tensors": input_tensors}
    for name, value in {**given, "call_function": call_function}.items():
        if value is not None:
            rule = "is only supported for Sequential and functional models"
            raise ValueError(say("clone_model", name, rule, value))
    known = {type(model).__name__: type(model)}
    return deserialize_keras_object(serialize_keras_object(model), known)


class _Copies:
    """The new layer for each old one; a shared layer has one copy."""

    def __init__(self, function: Any, call_function: Any, recursive: bool) -> None:
        self._function, self._recursive = function, recursive
        self._call_function = call_function
        self._known: dict[int, Any] = {}

    def of(self, layer: Any) -> Any:
        if id(layer) not in self._known:
            self._known[id(layer)] = self._copied(layer)
        return self._known[id(layer)]

    def _copied(self, layer: Any) -> Any:
        if self._recursive and isinstance(layer, Sequential):
            return clone_model(layer, clone_function=self.of, recursive=True)
        if self._recursive and isinstance(layer, Functional):
            calls = {"call_function": self._call_function, "recursive": True}
            return clone_model(layer, clone_function=self.of, **calls)
        if self._function is None:
            return type(layer).from_config(layer.get_config())
        return self._function(layer)

    def call(self, layer: Any, args: Any, kwargs: dict[str, Any]) -> Any:
        copy = self.of(layer)
        if self._call_function is None:
            return copy(*args, **kwargs)
        return self._call_function(copy, *args, **kwargs)


def _sequential(model: Sequential, copies: _Copies, input_tensors: Any) -> Sequential:
    layers = [copies.of(layer) for layer in model.layers]
    first = model._layers[0] if model._layers else None
    if input_tensors is not None:
        given = nest.flatten(input_tensors)
        if len(given) != 1 or not isinstance(given[0], KerasTensor):
            rule = "must be one KerasTensor for a Sequential"
            raise ValueError(say("clone_model", "input_tensors", rule, input_tensors))
        layers.insert(0, given[0])
    elif isinstance(first, InputLayer):
        layers.insert(0, Input(batch_shape=first.batch_shape, dtype=first.dtype, name=first.name))
    return Sequential(layers, name=model.name, trainable=model.trainable)


def _functional(model: Functional, copies: _Copies, input_tensors: Any) -> Any:
    if input_tensors is None:
        made = [Input(batch_shape=x.shape, dtype=x.dtype, name=x.name) for x in model.inputs]
        input_tensors = nest.pack(model.input, made)
    given = nest.flatten(input_tensors)
    if len(given) != len(model.inputs) or not all(isinstance(x, KerasTensor) for x in given):
        rule = f"must be KerasTensors in the structure of {model.input}"
        raise ValueError(say("clone_model", "input_tensors", rule, input_tensors))
    values: dict[int, Any] = dict(zip(map(id, model.inputs), given, strict=True))
    for node in model._call_nodes:
        args, kwargs = node.filled(values)
        outputs = nest.flatten(copies.call(node.layer, args, kwargs))
        values.update(zip(map(id, node.outputs), outputs, strict=True))
    outputs = nest.pack(model.output, [values[id(x)] for x in model.outputs])
    cls: Any = type(model) if takes_inputs_and_outputs(type(model)) else Functional
    return cls(input_tensors, outputs, name=model.name)


def _compiled(copy: Any, model: Any) -> Any:
    """`copy`, compiled as `model` was."""
    if model.compiled:
        copy.compile_from_config(model.get_compile_config())
    return copy
