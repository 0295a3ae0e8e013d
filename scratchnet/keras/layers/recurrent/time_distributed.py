"""TimeDistributed."""

from __future__ import annotations

from typing import Any

from scratchnet import ops
from scratchnet.engine.tensor import Tensor
from scratchnet.keras.config import Shape
from scratchnet.keras.layers.activation import Activation, ReLU
from scratchnet.keras.layers.conv2d import Conv2D
from scratchnet.keras.layers.dense import Dense
from scratchnet.keras.layers.layer import Layer
from scratchnet.keras.layers.pooling import (
    AveragePooling2D,
    GlobalAveragePooling2D,
    GlobalMaxPooling2D,
    MaxPooling2D,
)
from scratchnet.keras.layers.reshaping import Flatten
from scratchnet.keras.layers.wrapper import Wrapper

# What computes each sample by itself, whatever the others are, and draws no random numbers.
_EACH_BY_ITSELF = (
    *(Dense, Conv2D, MaxPooling2D, AveragePooling2D, GlobalAveragePooling2D, GlobalMaxPooling2D),
    *(Activation, ReLU, Flatten),
)


class TimeDistributed(Wrapper):
    """A layer on each step of a sequence: ``y[:, t] = layer(x[:, t])``.

    The weights are the same at all steps.  (``keras.layers.TimeDistributed``.)

    Args:
        layer: the layer.
        **kwargs: of `Layer`.

    Input (N, T, …), output (N, T, …).

    Raises:
        ValueError: no layer; an input of a rank below 3; a mask of another shape than (N, T).

    >>> import scratchnet as tf
    >>> TimeDistributed(tf.keras.layers.Flatten())(tf.ones((2, 3, 4, 5))).shape
    TensorShape([2, 3, 20])
    """

    supports_masking = True

    def __init__(self, layer: Any, **kwargs: Any) -> None:
        if not isinstance(layer, Layer):
            raise ValueError(
                "Please initialize `TimeDistributed` layer with a `keras.layers.Layer` instance. "
                f"Received: {layer}"
            )
        super().__init__(layer, **kwargs)

    def build(self, input_shape: Any) -> None:  # type: ignore[override]  # as in Keras
        """Build the layer for one step."""
        super().build(_of_one_step(input_shape))

    def call(self, inputs: Tensor, training: bool | None = None, mask: Any = None) -> Tensor:
        """The layer on each step.

        Args:
            inputs: (N, T, …).
            training: handed to the layer.
            mask: bool (N, T, …); the layer gets that of its step, if it takes one.
        """
        if mask is not None:
            _check_mask(mask._data.shape, inputs._data.shape)
        layer, shape = self.layer, inputs._data.shape
        own = "call" in vars(layer)  # that a program gave to this one layer
        if type(layer) in _EACH_BY_ITSELF and not own and shape[1]:
            x = ops.reshape(inputs, [shape[0] * shape[1], *shape[2:]])  # all steps in one batch
            y = layer.call(x)
            return ops.reshape(y, [*shape[:2], *y._data.shape[1:]])
        options: dict[str, Any] = {}
        if "training" in layer._call_parameters:
            options["training"] = training
        takes_mask = "mask" in layer._call_parameters and mask is not None
        masks = ops.unstack(mask, axis=1) if takes_mask else []
        outputs = []
        for t, x in enumerate(ops.unstack(inputs, axis=1)):
            if takes_mask:
                options["mask"] = masks[t]
            outputs.append(layer.call(x, **options))
        return ops.stack(outputs, axis=1)

    def compute_output_shape(self, input_shape: Any) -> Shape:
        """That of the layer for one step, with the steps after the batch."""
        batch, *rest = self.layer.compute_output_shape(_of_one_step(input_shape))
        return (batch, input_shape[1], *rest)


def _of_one_step(input_shape: Any) -> Shape:
    if not isinstance(input_shape, list | tuple) or len(input_shape) < 3:
        raise ValueError(
            "`TimeDistributed` Layer should be passed an `input_shape` with at least 3 dimensions, "
            f"received: {input_shape}"
        )
    return (input_shape[0], *input_shape[2:])


def _check_mask(mask: tuple[int, ...], inputs: tuple[int, ...]) -> None:
    if len(mask) < 2:
        raise ValueError(
            "The `mask` passed to the `TimeDistributed` layer must be at least 2D (e.g., "
            f"`(batch_size, timesteps)`), but it has {len(mask)} dimension(s) with shape {mask}."
        )
    if mask[:2] != inputs[:2]:
        raise ValueError(
            f"The `mask` passed to the `TimeDistributed` layer has a shape {mask} that is "
            f"incompatible with the input shape {inputs}. Expected mask shape prefix: {inputs[:2]}."
        )
