"""Functions that put a weight back where it may be, after each update."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from scratchnet import ops
from scratchnet.engine.tensor import Tensor, TensorLike, convert

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


_BY_NAME = {"NonNeg": NonNeg, "nonneg": NonNeg, "non_neg": NonNeg}


def get(identifier: Any) -> Constraint | None:
    """The constraint called `identifier`; a function is handed back, None stays None.

    Raises:
        ValueError: an unknown name.
    """
    if identifier is None or (callable(identifier) and not isinstance(identifier, type)):
        return identifier
    if isinstance(identifier, dict):
        identifier = identifier["class_name"]
    found = _BY_NAME.get(identifier) if isinstance(identifier, str) else identifier
    if not callable(found):
        raise ValueError(f"Could not interpret constraint identifier: {identifier}")
    return found()
