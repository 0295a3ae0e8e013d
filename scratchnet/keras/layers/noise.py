"""Noise in training: GaussianNoise, GaussianDropout, AlphaDropout."""

from __future__ import annotations

import math
from typing import Any

from scratchnet import ops
from scratchnet.engine.errors import say
from scratchnet.engine.tensor import Tensor
from scratchnet.keras import random
from scratchnet.keras.config import Shape
from scratchnet.keras.layers.layer import Layer
from scratchnet.keras.random import SeedGenerator

# Of the SELU: what it tends to far left is -ALPHA SCALE.
_ALPHA, _SCALE = 1.6732632423543772, 1.0507009873554805


def check_fraction(where: str, name: str, value: Any) -> None:
    """Refuse what is no number in [0, 1].

    Raises:
        ValueError: such a value.
        TypeError: no number.
    """
    rule = "must be a number in [0, 1]"
    if not isinstance(value, int | float):
        raise TypeError(say(where, name, rule, value))
    if not 0 <= value <= 1:
        raise ValueError(say(where, name, rule, value))


class GaussianNoise(Layer):
    """In training, adds normal numbers of mean 0 (``keras.layers.GaussianNoise``).

        y = x + z,      z of mean 0 and deviation `stddev`

    The numbers are a function of the layer's seed and of how many training calls it has seen, as of
    `Dropout`.

    Args:
        stddev: their standard deviation, in [0, 1].
        seed: an integer, which makes the numbers repeatable.
        **kwargs: of `Layer`.

    Raises:
        ValueError: `stddev` out of range.

    Reference: ``keras.layers.GaussianNoise``.

    >>> import scratchnet as tf
    >>> GaussianNoise(0.5, seed=7)(tf.ones((1, 3))).numpy()
    array([[1., 1., 1.]], dtype=float32)
    """

    supports_masking = True

    def __init__(self, stddev: float, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        check_fraction("GaussianNoise", "stddev", stddev)
        self.stddev, self.seed = stddev, seed
        if stddev > 0:
            self.seed_generator = SeedGenerator(seed)
        self._build_at_init()

    def call(self, inputs: Tensor, training: bool | None = False) -> Tensor:
        """The inputs, with noise if `training`."""
        if not training or self.stddev == 0:
            return inputs
        kind = self.compute_dtype
        return inputs + random.normal(
            inputs._data.shape, 0.0, self.stddev, kind, self.seed_generator
        )

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """The shape of the input."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this layer again."""
        own = {"stddev": self.stddev, "seed": self.seed}
        return {**super().get_config(), **own}


class GaussianDropout(Layer):
    """In training, multiplies by normal numbers of mean 1.

        y = x z,      z of mean 1 and deviation √(rate / (1 - rate))

    The numbers are a function of the layer's seed and of how many training calls it has seen, as of
    `Dropout`.

    Args:
        rate: the share that a Dropout of the same variance would drop, in [0, 1].
        seed: an integer, which makes the numbers repeatable.
        **kwargs: of `Layer`.

    Raises:
        ValueError: `rate` out of range.

    Reference: ``keras.layers.GaussianDropout``; Srivastava et al. 2014, section 10.

    >>> import scratchnet as tf
    >>> GaussianDropout(0.5, seed=7)(tf.ones((1, 3))).numpy()
    array([[1., 1., 1.]], dtype=float32)
    """

    supports_masking = True

    def __init__(self, rate: float, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        check_fraction("GaussianDropout", "rate", rate)
        self.rate, self.seed = rate, seed
        if rate > 0:
            self.seed_generator = SeedGenerator(seed)
        self._build_at_init()

    def call(self, inputs: Tensor, training: bool | None = False) -> Tensor:
        """The inputs, with noise if `training`."""
        if not training or self.rate == 0:
            return inputs
        if self.rate == 1:
            raise ZeroDivisionError(
                say("GaussianDropout", "rate", "must be below 1 in training", self.rate)
            )
        stddev, kind = math.sqrt(self.rate / (1.0 - self.rate)), self.compute_dtype
        return inputs * random.normal(inputs._data.shape, 1.0, stddev, kind, self.seed_generator)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """The shape of the input."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this layer again."""
        own = {"rate": self.rate, "seed": self.seed}
        return {**super().get_config(), **own}


class AlphaDropout(Layer):
    """In training, drops values to where a SELU has its floor, and keeps mean and variance.

        y = a (x if u >= rate else -α λ) + b,      u uniform in [0, 1)

    α and λ are those of the SELU; a and b bring mean and variance back to 0 and 1.

    The numbers are a function of the layer's seed and of how many training calls it has seen, as of
    `Dropout`.

    Args:
        rate: the share to drop, in [0, 1].
        noise_shape: the shape of the mask, broadcast to that of the input; None entries are taken
            from it.
        seed: an integer, which makes the numbers repeatable.
        **kwargs: of `Layer`.

    Raises:
        ValueError: `rate` out of range.

    Reference: ``keras.layers.AlphaDropout``; Klambauer et al. 2017, arXiv:1706.02515.

    >>> import scratchnet as tf
    >>> AlphaDropout(0.5, seed=7)(tf.ones((1, 3))).numpy()
    array([[1., 1., 1.]], dtype=float32)
    """

    supports_masking = True

    def __init__(
        self, rate: float, noise_shape: Any = None, seed: int | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        check_fraction("AlphaDropout", "rate", rate)
        self.rate, self.seed = rate, seed
        self.noise_shape = noise_shape
        if rate > 0:
            self.seed_generator = SeedGenerator(seed)
        self._build_at_init()

    def call(self, inputs: Tensor, training: bool | None = False) -> Tensor:
        """The inputs, with noise if `training`."""
        if not training or self.rate == 0:
            return inputs
        sizes = inputs._data.shape
        wanted = self.noise_shape or (None,) * len(sizes)
        shape = [sizes[i] if size is None else size for i, size in enumerate(wanted)]
        floor = -_ALPHA * _SCALE
        if self.rate == 1:
            raise ZeroDivisionError(
                say("AlphaDropout", "rate", "must be below 1 in training", self.rate)
            )
        kept = random.uniform(shape, seed=self.seed_generator) >= self.rate
        kept = ops.cast(kept, inputs.dtype)
        a: float = ((1 - self.rate) * (1 + self.rate * floor**2)) ** -0.5
        b = -a * floor * self.rate
        return a * (inputs * kept + floor * (1 - kept)) + b

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """The shape of the input."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this layer again."""
        own = {"rate": self.rate, "seed": self.seed, "noise_shape": self.noise_shape}
        return {**super().get_config(), **own}
