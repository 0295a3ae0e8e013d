"""Rescaling: values brought to another range."""

from __future__ import annotations

from typing import Any

from scratchnet import ops
from scratchnet.engine.tensor import Tensor
from scratchnet.keras.config import Shape
from scratchnet.keras.configs.serialization import (
    deserialize_keras_object,
    serialize_keras_object,
)
from scratchnet.keras.layers.layer import Layer


class Rescaling(Layer):
    """``y = scale x + offset``, in training and otherwise (``keras.layers.Rescaling``).

    Args:
        scale, offset: numbers, or arrays that broadcast to an input, such as one per channel.
        **kwargs: of `Layer`.

    Inputs of any dtype, lists of numbers too; the output has the dtype of the layer.

    >>> import scratchnet as tf
    >>> Rescaling(1 / 127.5, offset=-1)(tf.constant([0, 255], tf.uint8)).numpy()
    array([-1.,  1.], dtype=float32)
    """

    supports_masking = True

    def __init__(self, scale: Any, offset: Any = 0.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.scale, self.offset = scale, offset

    def __call__(self, inputs: Any, **kwargs: Any) -> Any:
        """As of `Layer`, on numbers and lists of them too."""
        if isinstance(inputs, bool | int | float | list | tuple):
            inputs = ops.convert_to_tensor(inputs)
        return super().__call__(inputs, **kwargs)

    def call(self, inputs: Tensor) -> Tensor:
        """``scale inputs + offset``."""
        scale, offset = [ops.cast(x, self.compute_dtype) for x in (self.scale, self.offset)]
        return ops.cast(inputs, self.compute_dtype) * scale + offset

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """The shape of the input."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this layer again."""
        return {
            **super().get_config(),
            "scale": serialize_keras_object(self.scale),
            "offset": serialize_keras_object(self.offset),
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """A layer with the arguments that `get_config` returned."""
        given = {name: deserialize_keras_object(config[name]) for name in ("scale", "offset")}
        return cls(**{**config, **given})
