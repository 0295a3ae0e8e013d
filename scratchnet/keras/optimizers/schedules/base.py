"""LearningRateSchedule: a learning rate that changes with the number of steps taken."""

from __future__ import annotations

from typing import Any

import numpy as np

from scratchnet.engine.dtypes import Array
from scratchnet.engine.errors import say
from scratchnet.engine.tensor import TensorLike, convert
from scratchnet.keras.config import floatx


class LearningRateSchedule:
    """The base of all schedules: override `__call__`, and `get_config` to save it.

    Reference: ``keras.optimizers.schedules.LearningRateSchedule``.

    >>> class Halving(LearningRateSchedule):
    ...     def __call__(self, step):
    ...         return 0.5 ** (step // 100)
    >>> Halving()(250)
    0.25
    """

    def __call__(self, step: TensorLike) -> Any:
        """The learning rate at `step`, the number of updates made before."""
        raise NotImplementedError(
            f"Learning rate schedule '{type(self).__name__}' must override `__call__(self, step)`."
        )

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this schedule again."""
        raise NotImplementedError(
            f"Learning rate schedule '{type(self).__name__}' must override `get_config()` in order "
            "to be serializable."
        )

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """The schedule that `get_config` described."""
        return cls(**config)


def as_float(rate: TensorLike) -> Array:
    """`rate` as an array; integers become `floatx`.

    Keras computes in integers then, where a decay rate of 0.5 is 0.
    """
    array = convert(rate)._data
    return array if array.dtype.kind == "f" else np.asarray(array, floatx())


def setting(value: TensorLike, dtype: Any) -> Any:
    """`value` as a scalar of `dtype`; a Python float passes through float32, as in Keras."""
    return dtype.type(convert(value)._data)


def check_steps(where: str, decay_steps: float) -> None:
    """Refuse a number of steps that is 0 or below."""
    if decay_steps <= 0:
        raise ValueError(say(where, "decay_steps", "must be positive", decay_steps))
