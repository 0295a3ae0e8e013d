"""Dropout."""

from __future__ import annotations

from typing import Any

from scratchnet.engine.errors import say
from scratchnet.engine.tensor import Tensor
from scratchnet.keras.config import Shape
from scratchnet.keras.layers.layer import Layer
from scratchnet.keras.random import SeedGenerator, dropout


class Dropout(Layer):
    """In training, drops each value with probability `rate` and scales the rest.

        y = x / (1 - rate) where u >= rate, else 0;   u uniform in [0, 1)

    The mask is a function of the layer's seed and of how many training calls it has seen: call t
    uses the seed pair (seed, t).

    Args:
        rate: the fraction to drop, in [0, 1].
        noise_shape: the shape of the mask, broadcast to that of the input; None entries are taken
            from it.
        seed: an integer, which makes the masks repeatable.
        **kwargs: of `Layer`.

    Raises:
        ValueError: `rate` out of range, a `noise_shape` that is no shape.

    Reference: ``keras.layers.Dropout``; Srivastava et al. 2014,
    jmlr.org/papers/v15/srivastava14a.html.

    >>> import scratchnet as tf
    >>> layer = Dropout(0.5, seed=7)
    >>> layer(tf.ones((1, 3))).numpy()
    array([[1., 1., 1.]], dtype=float32)
    """

    supports_masking = True

    def __init__(
        self, rate: float, noise_shape: Any = None, seed: int | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        if not isinstance(rate, int | float) or not 0 <= rate <= 1:
            raise ValueError(say("Dropout", "rate", "must be a number in [0, 1]", rate))
        self.rate, self.seed = rate, seed
        self.noise_shape = _checked_noise_shape(noise_shape)
        if rate > 0:
            self.seed_generator = SeedGenerator(seed)
        self.built = True

    def call(self, inputs: Tensor, training: bool | None = False) -> Tensor:
        """The inputs, some of them dropped if `training`."""
        if not training or self.rate == 0:
            return inputs
        return dropout(inputs, self.rate, self.noise_shape, self.seed_generator)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """The shape of the input."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this layer again."""
        own = {"rate": self.rate, "seed": self.seed, "noise_shape": self.noise_shape}
        return {**super().get_config(), **own}


def _checked_noise_shape(noise_shape: Any) -> Any:
    if noise_shape is None:
        return None
    sizes = noise_shape if isinstance(noise_shape, list | tuple) else [0]
    if any(size is not None and (not isinstance(size, int) or size <= 0) for size in sizes):
        raise ValueError(
            say("Dropout", "noise_shape", "must hold positive integers and None", noise_shape)
        )
    return tuple(noise_shape)
