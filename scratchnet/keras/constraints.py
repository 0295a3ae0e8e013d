"""Functions that put a weight back where it may be, after each update."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from scratchnet import ops
from scratchnet.engine.tensor import Tensor, TensorLike, convert
from scratchnet.keras.configs.by_name import ByName
from scratchnet.keras.configs.serialization import serialize_keras_object
from scratchnet.unsupported import listed, missing

__all__ = [
    "NonNeg",
    "deserialize",
    "get",
    "non_neg",
    "serialize",
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


non_neg = NonNeg  # Keras's second name

CONSTRAINTS = ByName("constraint", {"NonNeg": NonNeg, "nonneg": NonNeg, "non_neg": NonNeg})
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
