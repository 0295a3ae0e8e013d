"""Arithmetic on KerasTensors: ``x + shortcut`` in a functional model is a call of a small layer.

Such layers stand in the summary and in files, as in Keras, but not in ``model.layers``.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any, ClassVar

from scratchnet.keras.keras_tensor import KerasTensor
from scratchnet.keras.layers.layer import Layer


class Operation(Layer):
    """A layer without weights that computes what one Python operator does."""

    function: ClassVar[Callable[..., Any]]

    def __init__(self, name: str | None = None) -> None:
        super().__init__(name=name)
        self.built = True

    def _standardized(self, x: Any) -> Any:
        return x  # numbers and slices are welcome

    def call(self, *args: Any) -> Any:
        """What the operator returns."""
        return type(self).function(*args)

    def get_config(self) -> dict[str, Any]:
        """The name alone."""
        return {"name": self.name}


class Add(Operation):
    """``x + y`` (``keras.ops.add``)."""

    function = operator.add


class Subtract(Operation):
    """``x - y`` (``keras.ops.subtract``)."""

    function = operator.sub


class Multiply(Operation):
    """``x * y`` (``keras.ops.multiply``)."""

    function = operator.mul


class TrueDivide(Operation):
    """``x / y`` (``keras.ops.true_divide``)."""

    function = operator.truediv


class Power(Operation):
    """``x ** y`` (``keras.ops.power``)."""

    function = operator.pow


class Matmul(Operation):
    """``x @ y`` (``keras.ops.matmul``)."""

    function = operator.matmul


class Negative(Operation):
    """``-x`` (``keras.ops.negative``)."""

    function = operator.neg


class Absolute(Operation):
    """``abs(x)`` (``keras.ops.absolute``)."""

    function = operator.abs


class GetItem(Operation):
    """``x[key]`` (``keras.ops.get_item``)."""

    function = operator.getitem

    def call(self, x: Any, key: Any) -> Any:
        """``x[key]``; a file holds the tuple `key` as a list."""
        return x[tuple(key) if isinstance(key, list) else key]


_KINDS = (Add, Subtract, Multiply, TrueDivide, Power, Matmul, Negative, Absolute, GetItem)
OPERATIONS = {kind.__name__: kind for kind in _KINDS}


def _give_operators_to_keras_tensors() -> None:
    two = {"add": Add, "sub": Subtract, "mul": Multiply, "truediv": TrueDivide, "pow": Power}
    for name, kind in {**two, "matmul": Matmul}.items():
        setattr(KerasTensor, f"__{name}__", lambda x, y, kind=kind: kind()(x, y))
        setattr(KerasTensor, f"__r{name}__", lambda x, y, kind=kind: kind()(y, x))
    for name, kind in {"neg": Negative, "abs": Absolute}.items():
        setattr(KerasTensor, f"__{name}__", lambda x, kind=kind: kind()(x))
    setattr(KerasTensor, "__getitem__", lambda x, key: GetItem()(x, key))  # noqa: B010 - as above


_give_operators_to_keras_tensors()
