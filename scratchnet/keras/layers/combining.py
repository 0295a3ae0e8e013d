"""Rarer layers of several inputs: Subtract, Average, Maximum, Minimum; each also as a function."""

from __future__ import annotations

from typing import Any

from scratchnet import ops
from scratchnet.engine.tensor import Tensor
from scratchnet.keras.layers.merging import Elementwise, Shapes


class Subtract(Elementwise):
    """The difference of two inputs, the first less the second (``keras.layers.Subtract``).

    Args:
        **kwargs: of `Layer`.

    Inputs broadcast, but not along the batch axis.

    Raises:
        ValueError: called on what is no list; shapes that do not broadcast; other batch sizes;
            not exactly two inputs.

    >>> import scratchnet as tf
    >>> Subtract()([tf.constant([[1.0, 2.0]]), tf.constant([[10.0]])]).numpy()
    array([[-9., -8.]], dtype=float32)
    """

    def build(self, input_shape: Shapes) -> None:
        """Check that the inputs are two, and fit together."""
        super().build(input_shape)
        _two(input_shape, f"input_shape={input_shape}")

    def call(self, inputs: list[Tensor]) -> Tensor:
        """The first less the second."""
        if isinstance(inputs, list | tuple):
            _two(inputs, f"inputs={inputs}")
        return super().call(inputs)

    def _combine(self, x: Tensor, y: Tensor) -> Tensor:
        return ops.subtract(x, y)


class Average(Elementwise):
    """The mean of a list of inputs (``keras.layers.Average``).

    Args:
        **kwargs: of `Layer`.

    Inputs broadcast, but not along the batch axis.

    Raises:
        ValueError: called on what is no list; shapes that do not broadcast; other batch sizes.

    >>> import scratchnet as tf
    >>> Average()([tf.constant([[1.0, 2.0]]), tf.constant([[10.0]])]).numpy()
    array([[5.5, 6. ]], dtype=float32)
    """

    def call(self, inputs: list[Tensor]) -> Tensor:
        """The sum of the inputs, divided by how many they are."""
        return super().call(inputs) / len(inputs)

    def _combine(self, x: Tensor, y: Tensor) -> Tensor:
        return ops.add(x, y)


class Maximum(Elementwise):
    """The largest of a list of inputs, element by element (``keras.layers.Maximum``).

    Args:
        **kwargs: of `Layer`.

    Inputs broadcast, but not along the batch axis.

    Raises:
        ValueError: called on what is no list; shapes that do not broadcast; other batch sizes.

    >>> import scratchnet as tf
    >>> Maximum()([tf.constant([[1.0, 2.0]]), tf.constant([[10.0]])]).numpy()
    array([[10., 10.]], dtype=float32)
    """

    def _combine(self, x: Tensor, y: Tensor) -> Tensor:
        return ops.maximum(x, y)


class Minimum(Elementwise):
    """The smallest of a list of inputs, element by element (``keras.layers.Minimum``).

    Args:
        **kwargs: of `Layer`.

    Inputs broadcast, but not along the batch axis.

    Raises:
        ValueError: called on what is no list; shapes that do not broadcast; other batch sizes.

    >>> import scratchnet as tf
    >>> Minimum()([tf.constant([[1.0, 2.0]]), tf.constant([[10.0]])]).numpy()
    array([[1., 2.]], dtype=float32)
    """

    def _combine(self, x: Tensor, y: Tensor) -> Tensor:
        return ops.minimum(x, y)


def subtract(inputs: list[Any], **kwargs: Any) -> Any:
    """``Subtract(**kwargs)(inputs)``  (``keras.layers.subtract``)."""
    return Subtract(**kwargs)(inputs)


def average(inputs: list[Any], **kwargs: Any) -> Any:
    """``Average(**kwargs)(inputs)``  (``keras.layers.average``)."""
    return Average(**kwargs)(inputs)


def maximum(inputs: list[Any], **kwargs: Any) -> Any:
    """``Maximum(**kwargs)(inputs)``  (``keras.layers.maximum``)."""
    return Maximum(**kwargs)(inputs)


def minimum(inputs: list[Any], **kwargs: Any) -> Any:
    """``Minimum(**kwargs)(inputs)``  (``keras.layers.minimum``)."""
    return Minimum(**kwargs)(inputs)


def _two(things: Any, shown: str) -> None:
    if len(things) != 2:
        raise ValueError(
            f"Subtract: the layer should be called on exactly 2 inputs, received {shown}"
        )
