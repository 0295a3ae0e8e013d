"""A learning rate that falls as half a cosine wave, after a straight rise if wanted."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from scratchnet.engine.tensor import Tensor, TensorLike, convert
from scratchnet.keras.optimizers.schedules.base import (
    LearningRateSchedule,
    as_float,
    check_steps,
    setting,
)


class CosineDecay(LearningRateSchedule):
    """``rate ((1 - alpha) (1 + cos(π step / decay_steps)) / 2 + alpha)``, then ``rate alpha``.

    Without a `warmup_target`, rate is `initial_learning_rate`. With one, the learning rate first
    rises in a straight line to the target, which then is rate, and the decay begins there.

    Args:
        initial_learning_rate: the rate at step 0.
        decay_steps: how many steps the decay takes.
        alpha: the share of the rate that stays.
        name: a name, for you.
        warmup_target: the rate at the end of the rise; None for no rise.
        warmup_steps: how many steps the rise takes.

    Raises:
        ValueError: `decay_steps` of 0 or below.

    Reference: ``keras.optimizers.schedules.CosineDecay``.

    >>> schedule = CosineDecay(0.0, 10, warmup_target=1.0, warmup_steps=2)
    >>> [round(float(schedule(step).numpy()), 3) for step in (0, 1, 2, 7, 12, 99)]
    [0.0, 0.5, 1.0, 0.5, 0.0, 0.0]
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: float,
        alpha: float = 0.0,
        name: str = "CosineDecay",
        warmup_target: float | None = None,
        warmup_steps: float = 0,
    ) -> None:
        check_steps("CosineDecay", decay_steps)
        self.initial_learning_rate, self.decay_steps = initial_learning_rate, decay_steps
        self.alpha, self.name = alpha, name
        self.warmup_target, self.warmup_steps = warmup_target, warmup_steps

    def __call__(self, step: TensorLike) -> Tensor:
        """The learning rate at `step`."""
        initial = as_float(self.initial_learning_rate)
        dtype = initial.dtype
        at = np.asarray(convert(step)._data, dtype)
        if self.warmup_target is None:
            return Tensor(np.asarray(self._decayed(at, initial)))
        target, rise = (setting(v, dtype) for v in (self.warmup_target, self.warmup_steps))
        with np.errstate(all="ignore"):  # no steps to rise in
            rising = (target - initial) * (at / rise) + initial
        return Tensor(np.asarray(np.where(at < rise, rising, self._decayed(at - rise, target))))

    def _decayed(self, at: Any, rate: Any) -> Any:
        """`rate` after `at` steps of the decay."""
        kind = rate.dtype.type
        last = setting(self.decay_steps, rate.dtype)
        wave = kind(0.5) * (1 + np.cos(kind(math.pi) * (np.minimum(at, last) / last)))
        return rate * (kind(1 - self.alpha) * wave + kind(self.alpha))

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this schedule again."""
        names = ("initial_learning_rate", "decay_steps", "alpha", "name", "warmup_target")
        return {name: getattr(self, name) for name in (*names, "warmup_steps")}
