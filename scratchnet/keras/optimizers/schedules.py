"""Learning rates that change with the number of steps taken."""

from __future__ import annotations

from typing import Any

import numpy as np

from scratchnet.engine.errors import say
from scratchnet.engine.tensor import Tensor, TensorLike, convert


class LearningRateSchedule:
    """The base of all schedules (``keras.optimizers.schedules.LearningRateSchedule``)."""

    def __call__(self, step: TensorLike) -> Any:
        """The learning rate at `step`, the number of updates made before."""
        raise NotImplementedError(f"{type(self).__name__}: `__call__` is not overridden")

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this schedule again."""
        raise NotImplementedError(f"{type(self).__name__}: `get_config` is not overridden")

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """The schedule that `get_config` described."""
        return cls(**config)


class ExponentialDecay(LearningRateSchedule):
    """``initial_learning_rate decay_rate^(step / decay_steps)``.

    Args:
        initial_learning_rate: the rate at step 0.
        decay_steps: after how many steps the rate was multiplied by `decay_rate` once.
        decay_rate: the factor.
        staircase: round the exponent down, so that the rate falls in steps.
        name: a name, for you.

    Reference: ``keras.optimizers.schedules.ExponentialDecay``.

    >>> float(ExponentialDecay(0.1, decay_steps=1, decay_rate=0.5)(2).numpy())
    0.02500000037252903
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: int,
        decay_rate: float,
        staircase: bool = False,
        name: str = "ExponentialDecay",
    ) -> None:
        if decay_steps <= 0:
            raise ValueError(
                say("ExponentialDecay", "decay_steps", "must be positive", decay_steps)
            )
        self.initial_learning_rate, self.decay_steps = initial_learning_rate, decay_steps
        self.decay_rate, self.staircase, self.name = decay_rate, staircase, name

    def __call__(self, step: TensorLike) -> Tensor:
        """The learning rate at `step`, float32."""
        power = np.float32(convert(step)._data) / np.float32(self.decay_steps)
        if self.staircase:
            power = np.floor(power)
        rate = np.float32(self.initial_learning_rate) * np.power(np.float32(self.decay_rate), power)
        return Tensor(np.asarray(rate, np.float32))

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this schedule again."""
        names = ("initial_learning_rate", "decay_steps", "decay_rate", "staircase", "name")
        return {name: getattr(self, name) for name in names}
