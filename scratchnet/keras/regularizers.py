"""Penalties on weights, added to the loss: ``l1 Σ|w| + l2 Σ w²``."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from scratchnet import ops
from scratchnet.engine.errors import DtypeError, say
from scratchnet.engine.tensor import Tensor, TensorLike
from scratchnet.keras.configs.by_name import ByName
from scratchnet.keras.configs.serialization import serialize_keras_object
from scratchnet.ops.arguments import tensor
from scratchnet.unsupported import listed, missing

__all__ = [
    "L1",
    "L1L2",
    "L2",
    "deserialize",
    "get",
    "l1",
    "l1_l2",
    "l2",
    "serialize",
]

Regularizer = Callable[[Any], Any]


class L1L2:
    """``l1 Σ|w| + l2 Σ w²`` (``keras.regularizers.L1L2``).

    The factors are float32, as in Keras, and then cast to the dtype of w: those of float64 weights
    are rounded, those of integers lose their fraction.

    Args:
        l1: the factor of the absolute values; None is 0.
        l2: the factor of the squares; None is 0.

    Raises:
        ValueError: a factor that is negative or no number.
        TypeError: called with weights of an unsigned dtype or bool, which have no penalty here.

    >>> L1L2(l1=1.0, l2=10.0)([1.0, -2.0]).numpy()
    np.float32(53.0)
    """

    def __init__(self, l1: float | None = 0.0, l2: float | None = 0.0) -> None:
        self.l1 = _factor(type(self).__name__, "l1", 0.0 if l1 is None else l1)
        self.l2 = _factor(type(self).__name__, "l2", 0.0 if l2 is None else l2)

    def __call__(self, x: TensorLike) -> Tensor:
        """The penalty on `x`, a scalar; a factor of 0 adds none, and no gradient."""
        w = self._weights(x)
        penalty = ops.zeros((), w.dtype)
        if self.l1:
            penalty = penalty + _absolute(self.l1, w)
        if self.l2:
            penalty = penalty + _squared(self.l2, w)
        return penalty

    def _weights(self, x: TensorLike) -> Tensor:
        where = type(self).__name__
        w = tensor(where, "x", x)
        if (dtype := w._data.dtype).kind in "ub":
            raise DtypeError(f"{where}: `x` must be numeric and signed, received dtype {dtype}")
        return w

    def get_config(self) -> dict[str, float]:
        """The arguments that make this regularizer again."""
        return {"l1": self.l1, "l2": self.l2}

    @classmethod
    def from_config(cls, config: dict[str, float]) -> L1L2:
        """A regularizer with the arguments that `get_config` returned."""
        return cls(**config)


class L1(L1L2):
    """``l1 Σ|w|`` (``keras.regularizers.L1``)."""

    def __init__(self, l1: float = 0.01) -> None:
        super().__init__(l1=0.01 if l1 is None else l1)

    def __call__(self, x: TensorLike) -> Tensor:
        """The penalty on `x`, a scalar; of a factor of 0, too, with a gradient of zeros."""
        return _absolute(self.l1, self._weights(x))

    def get_config(self) -> dict[str, float]:
        """The arguments that make this regularizer again; as in Keras, rounded to float32."""
        return {"l1": float(np.float32(self.l1))}


class L2(L1L2):
    """``l2 Σ w²`` (``keras.regularizers.L2``)."""

    def __init__(self, l2: float = 0.01) -> None:
        super().__init__(l2=0.01 if l2 is None else l2)

    def __call__(self, x: TensorLike) -> Tensor:
        """The penalty on `x`, a scalar; of a factor of 0, too, with a gradient of zeros."""
        return _squared(self.l2, self._weights(x))

    def get_config(self) -> dict[str, float]:
        """The arguments that make this regularizer again."""
        return {"l2": self.l2}


def _absolute(l1: float, w: Tensor) -> Tensor:
    return _in_dtype(l1, w._data.dtype) * ops.reduce_sum(ops.abs(w))


def _squared(l2: float, w: Tensor) -> Tensor:
    return _in_dtype(l2, w._data.dtype) * ops.reduce_sum(ops.square(w))


def _in_dtype(factor: float, dtype: np.dtype[Any]) -> Tensor:
    return Tensor(np.asarray(np.float32(factor)).astype(dtype))


# Keras's second names.
l1, l2, l1_l2 = L1, L2, L1L2


def _factor(where: str, name: str, value: Any) -> float:
    if (
        isinstance(value, bool)
        or not isinstance(value, int | float)
        or not 0 <= value < float("inf")
    ):
        raise ValueError(say(where, name, "must be a finite number >= 0", value))
    return float(value)


REGULARIZERS = ByName(
    "regularizer", {"L1": L1, "l1": L1, "L2": L2, "l2": L2, "L1L2": L1L2, "l1l2": L1L2}
)
get, deserialize = REGULARIZERS.get, REGULARIZERS.deserialize


def serialize(regularizer: Any) -> Any:
    """`regularizer` as plain data (``keras.regularizers.serialize``).

    >>> serialize(L2(0.5))["config"]
    {'l2': 0.5}
    """
    return serialize_keras_object(regularizer)


if not TYPE_CHECKING:  # a type checker is to see which names there are
    __getattr__ = missing(__name__, "tf.keras.regularizers")
    __dir__ = listed(__name__)
