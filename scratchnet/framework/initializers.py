"""The initializers that ``tf`` itself has: functions of a shape that make a first value."""

from __future__ import annotations

from typing import Any

from scratchnet.engine.dtypes import as_dtype, float32
from scratchnet.engine.tensor import Tensor, TensorLike
from scratchnet.ops import constant, ones, zeros
from scratchnet.ops.random import normal, stateless_normal, stateless_uniform, uniform


class zeros_initializer:  # noqa: N801 - TensorFlow's name
    """Zeros of any shape (``tf.zeros_initializer``).

    >>> zeros_initializer()([2]).numpy()
    array([0., 0.], dtype=float32)
    """

    def __call__(self, shape: Any, dtype: object = float32) -> Tensor:
        return zeros(shape, dtype)


class ones_initializer:  # noqa: N801 - TensorFlow's name
    """Ones of any shape (``tf.ones_initializer``)."""

    def __call__(self, shape: Any, dtype: object = float32) -> Tensor:
        return ones(shape, dtype)


class constant_initializer:  # noqa: N801 - TensorFlow's name
    """A value, repeated to fill the shape (``tf.constant_initializer``).

    Args:
        value: a number, or nested lists of as many as the shape holds.

    >>> constant_initializer(3.0)([2]).numpy()
    array([3., 3.], dtype=float32)
    """

    def __init__(self, value: TensorLike = 0) -> None:
        self.value = value

    def __call__(self, shape: Any, dtype: object = None) -> Tensor:
        return constant(self.value, dtype=dtype, shape=shape)


class _Draws:
    """Random numbers by two parameters; with a seed, the same on every call."""

    draw: Any
    stateless: Any

    def __init__(self, low: Any, high: Any, seed: int | None) -> None:
        self._parameters, self.seed = (low, high), seed

    def __call__(self, shape: Any, dtype: object = float32) -> Tensor:
        wanted = as_dtype(dtype)
        drawn: Tensor = (
            self.draw(shape, *self._parameters, wanted)
            if self.seed is None
            else self.stateless(shape, [self.seed, 0], *self._parameters, wanted)
        )
        return drawn


class random_normal_initializer(_Draws):  # noqa: N801 - TensorFlow's name
    """Normal random numbers (``tf.random_normal_initializer``).

    Args:
        mean, stddev: of the numbers.
        seed: makes every call draw the same; if not given, each draws anew.

    >>> random_normal_initializer(seed=1)([3, 2]).shape
    TensorShape([3, 2])
    """

    draw, stateless = staticmethod(normal), staticmethod(stateless_normal)

    def __init__(self, mean: float = 0.0, stddev: float = 0.05, seed: int | None = None) -> None:
        super().__init__(mean, stddev, seed)


class random_uniform_initializer(_Draws):  # noqa: N801 - TensorFlow's name
    """Uniform random numbers (``tf.random_uniform_initializer``).

    Args:
        minval, maxval: the least number, and the one below which all are.
        seed: makes every call draw the same; if not given, each draws anew.
    """

    draw, stateless = staticmethod(uniform), staticmethod(stateless_uniform)

    def __init__(
        self, minval: float = -0.05, maxval: float = 0.05, seed: int | None = None
    ) -> None:
        super().__init__(minval, maxval, seed)
