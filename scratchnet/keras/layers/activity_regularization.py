"""ActivityRegularization: a penalty of the values that pass through."""

from __future__ import annotations

from typing import Any

from scratchnet.engine.tensor import Tensor
from scratchnet.keras import regularizers
from scratchnet.keras.config import Shape
from scratchnet.keras.layers.layer import Layer


class ActivityRegularization(Layer):
    """Passes its inputs on, and adds ``(l1 Σ |x| + l2 Σ x²) / N`` to the loss.

    Args:
        l1, l2: the factors.
        **kwargs: of `Layer`.

    Reference: ``keras.layers.ActivityRegularization``.

    >>> import scratchnet as tf
    >>> layer = ActivityRegularization(l1=0.5)
    >>> layer(tf.constant([[1.0, -2.0], [0.0, 1.0]])).numpy()
    array([[ 1., -2.],
           [ 0.,  1.]], dtype=float32)
    >>> layer.losses[0].numpy()
    np.float32(1.0)
    """

    supports_masking = True

    def __init__(self, l1: float = 0.0, l2: float = 0.0, **kwargs: Any) -> None:
        super().__init__(activity_regularizer=regularizers.L1L2(l1=l1, l2=l2), **kwargs)
        self.l1, self.l2 = l1, l2
        self._build_at_init()

    def call(self, inputs: Tensor) -> Tensor:
        """The inputs."""
        return inputs

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """The shape of the input."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this layer again."""
        config = super().get_config()
        config.pop("activity_regularizer", None)
        return {**config, "l1": self.l1, "l2": self.l2}
