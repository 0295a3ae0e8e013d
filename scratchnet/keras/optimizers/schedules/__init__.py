"""The learning rate schedules, by Keras's names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scratchnet.keras.configs.serialization import deserialize_keras_object, serialize_keras_object
from scratchnet.keras.optimizers.schedules.learning_rate_schedule import (
    CosineDecay,
    CosineDecayRestarts,
    ExponentialDecay,
    InverseTimeDecay,
    LearningRateSchedule,
    PiecewiseConstantDecay,
    PolynomialDecay,
)
from scratchnet.unsupported import listed, missing

_CLASSES: tuple[type[LearningRateSchedule], ...] = (
    *(CosineDecay, CosineDecayRestarts, ExponentialDecay, InverseTimeDecay),
    *(PiecewiseConstantDecay, PolynomialDecay),
)
_TABLE = {cls.__name__: cls for cls in _CLASSES}


def serialize(learning_rate_schedule: LearningRateSchedule) -> dict[str, Any]:
    """The schedule as plain data (``keras.optimizers.schedules.serialize``).

    >>> serialize(ExponentialDecay(0.1, 10, 0.5))["class_name"]
    'ExponentialDecay'
    """
    return serialize_keras_object(learning_rate_schedule)  # type: ignore[no-any-return]


def deserialize(config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> Any:
    """A schedule made of what `serialize` returned.

    Args:
        config: what `serialize` returned.
        custom_objects: your own classes, by name.

    Reference: ``keras.optimizers.schedules.deserialize``.

    >>> deserialize(serialize(ExponentialDecay(0.1, 10, 0.5))).decay_rate
    0.5
    """
    if config.get("class_name") in _TABLE and config.get("registered_name") is None:
        return _TABLE[config["class_name"]].from_config(config["config"])
    return deserialize_keras_object(config, custom_objects)


__all__ = [
    "CosineDecay",
    "CosineDecayRestarts",
    "ExponentialDecay",
    "InverseTimeDecay",
    "LearningRateSchedule",
    "PiecewiseConstantDecay",
    "PolynomialDecay",
    "deserialize",
    "serialize",
]
if not TYPE_CHECKING:  # a type checker is to see which names there are
    __getattr__ = missing(__name__, "tf.keras.optimizers.schedules")
    __dir__ = listed(__name__)
