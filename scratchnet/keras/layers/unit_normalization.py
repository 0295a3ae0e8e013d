"""UnitNormalization: vectors of length 1."""

from __future__ import annotations

from typing import Any

from scratchnet import ops
from scratchnet.engine.tensor import Tensor
from scratchnet.keras.config import Shape
from scratchnet.keras.layers.affine_layer import axes_of, check_axes
from scratchnet.keras.layers.layer import Layer


class UnitNormalization(Layer):
    """``y = x min(1 / ‖x‖, 1e12)`` along `axis` (``keras.layers.UnitNormalization``).

    Args:
        axis: the axis, or a list of axes, along which the lengths are 1.
        **kwargs: of `Layer`.

    Raises:
        TypeError: an `axis` that is no integer and no list of them.
        ValueError: an axis that the input lacks.

    >>> import scratchnet as tf
    >>> UnitNormalization()(tf.constant([[3.0, 4.0]])).numpy()
    array([[0.6, 0.8]], dtype=float32)
    """

    supports_masking = True

    def __init__(self, axis: Any = -1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.axis = axes_of("UnitNormalization", axis)
        self._build_at_init()

    def call(self, inputs: Tensor) -> Tensor:
        """The inputs, divided by their lengths; several of one shape are stacked, as in Keras."""
        inputs = ops.convert_to_tensor(inputs)
        check_axes("UnitNormalization", self.axis, inputs._data.shape)
        inverse = ops.rsqrt(ops.reduce_sum(ops.square(inputs), self.axis, keepdims=True))
        return inputs * ops.minimum(inverse, ops.convert_to_tensor(1e12, inputs.dtype))

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """The shape of the input."""
        check_axes("UnitNormalization", self.axis, input_shape)
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this layer again."""
        return {**super().get_config(), "axis": self.axis}
