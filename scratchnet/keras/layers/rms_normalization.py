"""RMSNormalization."""

from __future__ import annotations

from typing import Any

import numpy as np

from scratchnet import ops
from scratchnet.engine.errors import say
from scratchnet.engine.tensor import Tensor
from scratchnet.keras.config import Shape, check_scalars
from scratchnet.keras.layers.affine_layer import axes_of, check_axes
from scratchnet.keras.layers.arguments import as_floating, check_one_shape
from scratchnet.keras.layers.layer import Layer


class RMSNormalization(Layer):
    """Divides each sample by its root mean square along `axis`, then scales it.

        y = scale x / √(mean(x²) + ε)

    The mean stays where it is, and there is no beta: it is `LayerNormalization` without both.
    Integers come out as whole numbers, as in Keras.

    Args:
        axis: the axis, or a list of axes, that are averaged over; the scale has their sizes.
        epsilon: ε.
        **kwargs: of `Layer`.

    Raises:
        TypeError: an `axis` that is no integer and no list of them.
        ValueError: an axis that the input lacks, or whose size is not known; an `epsilon` below 0.

    Reference: ``keras.layers.RMSNormalization``; Zhang and Sennrich 2019, arXiv:1910.07467.

    >>> import scratchnet as tf
    >>> RMSNormalization(epsilon=0.0)(tf.constant([[3.0, -3.0], [1.0, 7.0]])).numpy()
    array([[ 1. , -1. ],
           [ 0.2,  1.4]], dtype=float32)
    """

    def __init__(self, axis: Any = -1, epsilon: float = 1e-6, **kwargs: Any) -> None:
        check_scalars("RMSNormalization", epsilon=epsilon)
        if not epsilon >= 0:
            raise ValueError(say("RMSNormalization", "epsilon", "must not be negative", epsilon))
        super().__init__(**kwargs)
        self.axis, self.epsilon = axes_of("RMSNormalization", axis), epsilon

    def build(self, input_shape: Shape) -> None:
        """Make the scale, of the sizes of `axis`."""
        check_one_shape("RMSNormalization", input_shape)
        axes = check_axes("RMSNormalization", self.axis, input_shape)
        self.axis = sorted(axes) if isinstance(self.axis, list) else axes
        sizes = [input_shape[axis] for axis in self.axis]
        if None in sizes:
            rule = f"must be of known size in inputs of shape {input_shape}"
            raise ValueError(say("RMSNormalization", "axis", rule, self.axis))
        self.scale = self.add_weight(sizes, "ones", name="scale")

    def call(self, x: Tensor) -> Tensor:
        """The normalized inputs."""
        return rms_normalized(x, self.scale, self.axis, self.epsilon)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """The shape of the input."""
        check_axes("RMSNormalization", self.axis, input_shape)
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this layer again."""
        return {**super().get_config(), "axis": self.axis, "epsilon": self.epsilon}


def rms_normalized(inputs: Tensor, scale: Any, axis: Any, epsilon: float) -> Tensor:
    """``scale x / √(mean(x²) + ε)``, computed in float32 at least, in the dtype of the `inputs`.

    `scale`, if it is not None, is multiplied with the last axes as it stands, as in Keras.
    """
    x = as_floating("rms_normalization", inputs, "float32")
    x = ops.cast(x, np.promote_types(x._data.dtype, np.float32))
    inverse = ops.rsqrt(ops.reduce_mean(ops.square(x), axis, keepdims=True) + epsilon)
    y = x * inverse
    y = y if scale is None else y * ops.cast(scale, x.dtype)
    return ops.cast(y, inputs.dtype)
