"""Functions that put a weight back where it may be, after each update."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from scratchnet import ops
from scratchnet.engine.errors import say
from scratchnet.engine.tensor import Tensor, TensorLike, convert
from scratchnet.keras.config import check_factors, epsilon
from scratchnet.keras.configs.by_name import ByName
from scratchnet.keras.configs.serialization import serialize_keras_object
from scratchnet.keras.naming import to_snake_case
from scratchnet.unsupported import listed, missing

__all__ = [
    "MaxNorm",
    "MinMaxNorm",
    "NonNeg",
    "UnitNorm",
    "deserialize",
    "get",
    "max_norm",
    "min_max_norm",
    "non_neg",
    "serialize",
    "unit_norm",
]

Constraint = Callable[[Any], Any]


class NonNeg:
    """Sets negative weights to 0 (``keras.constraints.NonNeg``).

    >>> NonNeg()([-1.0, 2.0]).numpy()
    array([0., 2.], dtype=float32)
    """

    def __call__(self, w: TensorLike) -> Tensor:
        """`w` without its negative values."""
        return ops.maximum(convert(w), 0)

    def get_config(self) -> dict[str, Any]:
        """No arguments."""
        return {}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> NonNeg:
        """A constraint with the arguments that `get_config` returned."""
        return cls(**config)


class MaxNorm:
    """Shortens the vectors of weights along `axis` to `max_value` (``keras.constraints.MaxNorm``).

    ``w clip(‖w‖, 0, max_value) / (ε + ‖w‖)``, ``ε = 1e-7``.

    Args:
        max_value: the greatest length.
        axis: along which lengths are taken: 0 for the weights of one unit of a Dense layer,
            ``[0, 1, 2]`` for those of one filter of a Conv2D.

    >>> MaxNorm(5.0)([[6.0, 0.6], [8.0, 0.8]]).numpy().round(4)
    array([[3. , 0.6],
           [4. , 0.8]], dtype=float32)
    """

    def __init__(self, max_value: float = 2, axis: Any = 0) -> None:
        self.max_value, self.axis = max_value, axis

    def __call__(self, w: TensorLike) -> Tensor:
        """`w`, shortened."""
        weights, norms = _with_norms(w, self.axis)
        return weights * (_clipped(norms, 0, self.max_value) / (epsilon() + norms))

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this constraint again."""
        return {"max_value": self.max_value, "axis": self.axis}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> MaxNorm:
        """A constraint with the arguments that `get_config` returned."""
        return cls(**config)


class UnitNorm:
    """Brings the vectors of weights along `axis` to length 1 (``keras.constraints.UnitNorm``).

    ``w / (ε + ‖w‖)``, ``ε = 1e-7``.

    Args:
        axis: as of `MaxNorm`.

    >>> UnitNorm()([[6.0], [8.0]]).numpy().round(4)
    array([[0.6],
           [0.8]], dtype=float32)
    """

    def __init__(self, axis: Any = 0) -> None:
        self.axis = axis

    def __call__(self, w: TensorLike) -> Tensor:
        """`w`, of length 1."""
        weights, norms = _with_norms(w, self.axis)
        return weights / (epsilon() + norms)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this constraint again."""
        return {"axis": self.axis}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> UnitNorm:
        """A constraint with the arguments that `get_config` returned."""
        return cls(**config)


class MinMaxNorm:
    """Brings the lengths of vectors of weights between two bounds, or nearer to them.

    ``w (rate clip(‖w‖, min_value, max_value) + (1 - rate) ‖w‖) / (ε + ‖w‖)``, ``ε = 1e-7``.

    Args:
        min_value, max_value: the bounds.
        rate: how much of the way is gone at each update; 1 for all of it.
        axis: as of `MaxNorm`.

    Reference: ``keras.constraints.MinMaxNorm``.

    >>> MinMaxNorm(max_value=5.0, rate=0.5)([[6.0], [8.0]]).numpy().round(4)
    array([[4.5],
           [6. ]], dtype=float32)
    """

    def __init__(
        self, min_value: float = 0.0, max_value: float = 1.0, rate: float = 1.0, axis: Any = 0
    ) -> None:
        check_factors("MinMaxNorm", rate=rate)
        if isinstance(rate, Sequence):
            raise TypeError(say("MinMaxNorm", "rate", "must be a number", rate))
        self.min_value, self.max_value = min_value, max_value
        self.rate, self.axis = rate, axis

    def __call__(self, w: TensorLike) -> Tensor:
        """`w`, longer or shorter."""
        weights, norms = _with_norms(w, self.axis)
        inside = _clipped(norms, self.min_value, self.max_value)
        wanted = self.rate * inside + (1 - self.rate) * norms
        return weights * (wanted / (epsilon() + norms))

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this constraint again."""
        names = ("min_value", "max_value", "rate", "axis")
        return {name: getattr(self, name) for name in names}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> MinMaxNorm:
        """A constraint with the arguments that `get_config` returned."""
        return cls(**config)


def _with_norms(w: TensorLike, axis: Any) -> tuple[Tensor, Tensor]:
    weights = convert(w)
    return weights, ops.sqrt(ops.reduce_sum(ops.square(weights), axis, keepdims=True))


def _clipped(norms: Tensor, low: float, high: float) -> Tensor:
    return ops.clip_by_value(norms, low, high)


# Keras's second names
non_neg, max_norm, unit_norm, min_max_norm = NonNeg, MaxNorm, UnitNorm, MinMaxNorm

_CLASSES: tuple[type, ...] = (NonNeg, MaxNorm, UnitNorm, MinMaxNorm)
CONSTRAINTS = ByName(
    "constraint",
    {cls.__name__: cls for cls in _CLASSES}
    | {to_snake_case(cls.__name__): cls for cls in _CLASSES}
    | {"nonneg": NonNeg, "unitnorm": UnitNorm},
)
get, deserialize = CONSTRAINTS.get, CONSTRAINTS.deserialize


def serialize(constraint: Any) -> Any:
    """`constraint` as plain data (``keras.constraints.serialize``).

    >>> serialize(NonNeg())["class_name"]
    'NonNeg'
    """
    return serialize_keras_object(constraint)


if not TYPE_CHECKING:  # a type checker is to see which names there are
    __getattr__ = missing(__name__, "tf.keras.constraints")
    __dir__ = listed(__name__)
