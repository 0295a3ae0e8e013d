"""The optimizers, by Keras's names; `get` finds them by name."""

from __future__ import annotations

from typing import Any

from scratchnet.keras.optimizers import schedules
from scratchnet.keras.optimizers.adam import Adam
from scratchnet.keras.optimizers.optimizer import Optimizer
from scratchnet.keras.optimizers.rmsprop import RMSprop
from scratchnet.keras.optimizers.sgd import SGD

_BY_NAME: dict[str, type[Optimizer]] = {"sgd": SGD, "adam": Adam, "rmsprop": RMSprop}


def get(identifier: Any) -> Optimizer | None:
    """The optimizer called `identifier`, or described by it; an optimizer is handed back.

    Raises:
        ValueError: an unknown name.

    >>> get("sgd").learning_rate.numpy()
    np.float32(0.01)
    """
    if identifier is None or isinstance(identifier, Optimizer):
        return identifier
    name = identifier.get("class_name") if isinstance(identifier, dict) else identifier
    found = _BY_NAME.get(name.lower()) if isinstance(name, str) else None
    if found is None:
        raise ValueError(f"Could not interpret optimizer identifier: {identifier}")
    return found(**(identifier["config"] if isinstance(identifier, dict) else {}))


__all__ = ["SGD", "Adam", "Optimizer", "RMSprop", "get", "schedules"]
