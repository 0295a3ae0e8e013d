"""Functions that put a weight back where it may be, after each update."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from scratchnet import ops
from scratchnet.engine.tensor import Tensor, TensorLike, convert
from scratchnet.keras.configs.by_name import deserialize_known
from scratchnet.keras.configs.serialization import serialize_keras_object
from scratchnet.unsupported import listed, missing

__all__ = ["NonNeg", "deserialize", "get", "non_neg", "serialize"]

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
        """The constraint that `get_config` described."""
        return cls(**config)


_BY_NAME = {"NonNeg": NonNeg, "nonneg": NonNeg, "non_neg": NonNeg}


def serialize(constraint: Any) -> Any:
    """`constraint` as plain data (``keras.constraints.serialize``).

    >>> serialize(NonNeg())["class_name"]
    'NonNeg'
    """
    return serialize_keras_object(constraint)


def deserialize(config: Any, custom_objects: dict[str, Any] | None = None) -> Any:
    """The constraint that `serialize` described, or that a name stands for.

    Args:
        config: the description, or a name.
        custom_objects: your own classes and functions, by name.

    Raises:
        ValueError: an unknown name, or a dict that is no description.
        TypeError: the description of an unknown class.
    """
    return deserialize_known("constraint", config, _BY_NAME, custom_objects)


def get(identifier: Any) -> Constraint | None:
    """The constraint called `identifier`; a function is handed back, None stays None.

    Raises:
        ValueError: an unknown name.
    """
    if identifier is None or (callable(identifier) and not isinstance(identifier, type)):
        return identifier
    found: Any = deserialize(identifier)
    if not callable(found):
        raise ValueError(f"Could not interpret constraint identifier: {identifier}")
    made: Constraint = found() if isinstance(found, type) else found
    return made


non_neg = NonNeg  # Keras's second name

if not TYPE_CHECKING:  # a type checker is to see which names there are
    __getattr__ = missing(__name__, "tf.keras.constraints")
    __dir__ = listed(__name__)
