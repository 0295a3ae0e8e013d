"""Masking."""

from __future__ import annotations

from typing import Any

import numpy as np

from scratchnet import ops
from scratchnet.engine.tensor import Tensor
from scratchnet.keras.config import Shape
from scratchnet.keras.configs.serialization import deserialize_keras_object
from scratchnet.keras.layers.arguments import check_one_tensor
from scratchnet.keras.layers.layer import Layer
from scratchnet.keras.layers.mask_operators import any_of_last_axis, different, not_equal


class Masking(Layer):
    """Masks the steps of a sequence whose values are all `mask_value` (``keras.layers.Masking``).

        valid[n, t] = any_c x[n, t, c] ≠ mask_value;    y = x where valid, else 0

    Recurrent layers behind it leave masked steps out, losses and metrics do not count them.

    Args:
        mask_value: the value of what is padding.
        **kwargs: of `Layer`.

    Input (N, T, …, C), output of the same shape; its mask is (N, T, …).

    >>> import scratchnet as tf
    >>> y = Masking()(tf.constant([[[1.0, 0.0], [0.0, 0.0]]]))
    >>> y._keras_mask.numpy()
    array([[ True, False]])
    """

    def __init__(self, mask_value: Any = 0.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if isinstance(mask_value, dict) and mask_value.get("config") is not None:
            mask_value = deserialize_keras_object(mask_value)
        self.mask_value = mask_value
        self._build_at_init()

    def call(self, inputs: Tensor) -> Tensor:
        """The inputs, with zeros at masked steps."""
        check_one_tensor("Masking", inputs)
        valid = ops.reduce_any(different(inputs, self.mask_value), -1, keepdims=True)
        if inputs.dtype.is_bool:  # which `where` promotes with its 0
            inputs = ops.cast(inputs, np.int32)
        return ops.where(valid, inputs, ops.zeros_like(inputs))

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        """Whether any value of a step differs from `mask_value`."""
        return any_of_last_axis(not_equal(inputs, self.mask_value))

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """The shape of the input."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this layer again."""
        return {**super().get_config(), "mask_value": self.mask_value}
