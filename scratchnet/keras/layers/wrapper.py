"""Wrapper."""

from __future__ import annotations

from typing import Any

from scratchnet.engine.errors import say
from scratchnet.keras.configs.serialization import deserialize_keras_object, serialize_keras_object
from scratchnet.keras.layers.layer import Layer


class Wrapper(Layer):
    """The base of layers that hold another layer (``keras.layers.Wrapper``).

    Args:
        layer: the layer inside.
        **kwargs: of `Layer`.

    Raises:
        ValueError: `layer` is no layer.

    >>> from scratchnet.keras import layers
    >>> Wrapper(layers.Dense(2, name="dense")).layer
    <Dense name=dense, built=False>
    """

    def __init__(self, layer: Any, **kwargs: Any) -> None:
        if not isinstance(layer, Layer):
            rule = "must be a `keras.layers.Layer` instance"
            raise ValueError(say(type(self).__name__, "layer", rule, layer))
        super().__init__(**kwargs)
        self.layer = layer

    def build(self, input_shape: Any = None) -> None:
        """Build the layer inside."""
        if not self.layer.built:
            self.layer.build(input_shape)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this layer again."""
        return {**super().get_config(), "layer": serialize_keras_object(self.layer)}

    @classmethod
    def from_config(
        cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None
    ) -> Any:
        """A layer like the one whose `get_config` returned `config`, with new weights."""
        config = dict(config)
        return cls(deserialize_keras_object(config.pop("layer"), custom_objects), **config)
