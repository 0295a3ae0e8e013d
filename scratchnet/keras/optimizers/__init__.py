"""The optimizers, by Keras's names; `get` finds them by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scratchnet.engine.errors import say
from scratchnet.keras.configs.serialization import deserialize_keras_object, serialize_keras_object
from scratchnet.keras.optimizers import schedules
from scratchnet.keras.optimizers.adadelta import Adadelta
from scratchnet.keras.optimizers.adafactor import Adafactor
from scratchnet.keras.optimizers.adagrad import Adagrad
from scratchnet.keras.optimizers.adam import Adam
from scratchnet.keras.optimizers.adamax import Adamax
from scratchnet.keras.optimizers.adamw import AdamW
from scratchnet.keras.optimizers.ftrl import Ftrl
from scratchnet.keras.optimizers.lion import Lion
from scratchnet.keras.optimizers.nadam import Nadam
from scratchnet.keras.optimizers.optimizer import Optimizer
from scratchnet.keras.optimizers.rmsprop import RMSprop
from scratchnet.keras.optimizers.sgd import SGD
from scratchnet.unsupported import listed, missing, unknown

_CLASSES: tuple[type[Optimizer], ...] = (
    *(SGD, Adam, AdamW, RMSprop, Nadam, Adagrad, Adadelta, Adamax, Ftrl, Lion, Adafactor),
)
_TABLE: dict[str, Any] = {cls.__name__.lower(): cls for cls in _CLASSES}


def serialize(optimizer: Optimizer) -> dict[str, Any]:
    """The optimizer as plain data, without its state (``keras.optimizers.serialize``).

    >>> serialize(SGD(0.5))["config"]["learning_rate"]
    0.5
    """
    return serialize_keras_object(optimizer)  # type: ignore[no-any-return]


def deserialize(config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> Any:
    """An optimizer made of what `serialize` returned; names may be written in any case.

    Args:
        config: what `serialize` returned.
        custom_objects: your own classes, by name.

    Raises:
        ValueError: an unknown class.

    Reference: ``keras.optimizers.deserialize``.

    >>> deserialize({"class_name": "sgd", "config": {"momentum": 0.5}}).momentum
    0.5
    """
    if "class_name" not in config:
        rule = "must hold the key 'class_name'"
        raise KeyError(say("optimizers.deserialize", "config", rule, config))
    found = _TABLE.get(config["class_name"].lower())
    if found is not None and config.get("registered_name") is None:
        return found.from_config(config["config"], custom_objects)
    if config.get("module") is None and config["class_name"] not in (custom_objects or {}):
        raise ValueError(f"Could not interpret optimizer identifier: {config}")
    return deserialize_keras_object(config, custom_objects)


def get(identifier: Any) -> Optimizer | None:
    """The optimizer of that name or config; an optimizer is handed back.

    Raises:
        ValueError: an unknown name.

    >>> get("sgd").learning_rate.numpy()
    np.float32(0.01)
    """
    if identifier is None or isinstance(identifier, Optimizer):
        return identifier
    found: Any = None
    if isinstance(identifier, dict):
        found = deserialize(identifier)
    elif isinstance(identifier, str) and identifier.lower() in _TABLE:
        found = _TABLE[identifier.lower()]()
    if not isinstance(found, Optimizer):
        raise unknown("optimizer", identifier, _TABLE)
    return found


__all__ = [
    "SGD",
    "Adadelta",
    "Adafactor",
    "Adagrad",
    "Adam",
    "AdamW",
    "Adamax",
    "Ftrl",
    "Lion",
    "Nadam",
    "Optimizer",
    "RMSprop",
    "deserialize",
    "get",
    "schedules",
    "serialize",
]

if not TYPE_CHECKING:  # a type checker is to see which names there are
    __getattr__ = missing(__name__, "tf.keras.optimizers")
    __dir__ = listed(__name__)
