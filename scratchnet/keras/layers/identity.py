"""Identity."""

from __future__ import annotations

from typing import Any

from scratchnet.engine import nest
from scratchnet.keras.keras_tensor import KerasTensor
from scratchnet.keras.layers.layer import Layer


class Identity(Layer):
    """``y = x``: the place of a layer that is left out (``keras.layers.Identity``).

    Args:
        **kwargs: of `Layer`.

    Inputs of any shape and structure; the output has the same.

    >>> import scratchnet as tf
    >>> Identity()(tf.constant([1.0, 2.0])).numpy()
    array([1., 2.], dtype=float32)
    """

    supports_masking = True

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.built = True

    def call(self, inputs: Any) -> Any:
        """The inputs."""
        return inputs

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The shape of the input."""
        return input_shape

    def compute_output_spec(self, inputs: Any) -> Any:
        """A KerasTensor like each of `inputs`."""
        found = [KerasTensor(x.shape, x.dtype) for x in nest.flatten(inputs)]
        return nest.pack(inputs, found)
