"""Learning rates that fall all the time: exponentially, as 1/t, as a power."""

from __future__ import annotations

from typing import Any

import numpy as np

from scratchnet.engine.tensor import Tensor, TensorLike, convert
from scratchnet.keras.optimizers.schedules.base import (
    LearningRateSchedule,
    as_float,
    check_steps,
    setting,
)


class _RateDecay(LearningRateSchedule):
    """What the schedules with a `decay_rate` share."""

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: float,
        decay_rate: float,
        staircase: bool,
        name: str,
    ) -> None:
        check_steps(type(self).__name__, decay_steps)
        self.initial_learning_rate, self.decay_steps = initial_learning_rate, decay_steps
        self.decay_rate, self.staircase, self.name = decay_rate, staircase, name

    def _parts(self, step: TensorLike) -> tuple[Any, Any, Any]:
        """(initial rate, decay rate, ``step / decay_steps``)."""
        initial = as_float(self.initial_learning_rate)
        dtype = initial.dtype
        p = np.asarray(convert(step)._data, dtype) / setting(self.decay_steps, dtype)
        return initial, setting(self.decay_rate, dtype), np.floor(p) if self.staircase else p

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this schedule again."""
        names = ("initial_learning_rate", "decay_steps", "decay_rate", "staircase", "name")
        return {name: getattr(self, name) for name in names}


class ExponentialDecay(_RateDecay):
    """``initial_learning_rate decay_rate^(step / decay_steps)``.

    Args:
        initial_learning_rate: the rate at step 0.
        decay_steps: after how many steps the rate was multiplied by `decay_rate` once.
        decay_rate: the factor.
        staircase: round the exponent down, so that the rate falls in steps.
        name: a name, for you.

    Raises:
        ValueError: `decay_steps` of 0 or below.

    Reference: ``keras.optimizers.schedules.ExponentialDecay``.

    >>> float(ExponentialDecay(0.1, decay_steps=1, decay_rate=0.5)(2).numpy())
    0.02500000037252903
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: float,
        decay_rate: float,
        staircase: bool = False,
        name: str = "ExponentialDecay",
    ) -> None:
        super().__init__(initial_learning_rate, decay_steps, decay_rate, staircase, name)

    def __call__(self, step: TensorLike) -> Tensor:
        """The learning rate at `step`."""
        initial, rate, p = self._parts(step)
        return Tensor(np.asarray(initial * np.power(rate, p)))


class InverseTimeDecay(_RateDecay):
    """``initial_learning_rate / (1 + decay_rate step / decay_steps)``.

    Args:
        initial_learning_rate: the rate at step 0.
        decay_steps: the unit that steps are counted in.
        decay_rate: how much the divisor grows in each of them.
        staircase: round ``step / decay_steps`` down, so that the rate falls in steps.
        name: a name, for you.

    Raises:
        ValueError: `decay_steps` of 0 or below.

    Reference: ``keras.optimizers.schedules.InverseTimeDecay``.

    >>> float(InverseTimeDecay(0.5, decay_steps=1, decay_rate=0.5)(2).numpy())
    0.25
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: float,
        decay_rate: float,
        staircase: bool = False,
        name: str = "InverseTimeDecay",
    ) -> None:
        super().__init__(initial_learning_rate, decay_steps, decay_rate, staircase, name)

    def __call__(self, step: TensorLike) -> Tensor:
        """The learning rate at `step`."""
        initial, rate, p = self._parts(step)
        return Tensor(np.asarray(initial / (1 + rate * p)))


class PolynomialDecay(LearningRateSchedule):
    """``(initial_learning_rate - end_learning_rate) (1 - step / decay_steps)^power`` + the end.

    Args:
        initial_learning_rate: the rate at step 0.
        decay_steps: the step at which the end is reached.
        end_learning_rate: the rate at the end.
        power: the exponent; 1 for a straight line.
        cycle: beyond the end, go on with the first multiple of `decay_steps` above the step as the
            end, instead of staying there.
        name: a name, for you.

    Raises:
        ValueError: `decay_steps` of 0 or below.

    Reference: ``keras.optimizers.schedules.PolynomialDecay``.

    >>> float(PolynomialDecay(1.0, decay_steps=4, end_learning_rate=0.0)(1).numpy())
    0.75
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: float,
        end_learning_rate: float = 0.0001,
        power: float = 1.0,
        cycle: bool = False,
        name: str = "PolynomialDecay",
    ) -> None:
        check_steps("PolynomialDecay", decay_steps)
        self.initial_learning_rate, self.decay_steps = initial_learning_rate, decay_steps
        self.end_learning_rate, self.power = end_learning_rate, power
        self.cycle, self.name = cycle, name

    def __call__(self, step: TensorLike) -> Tensor:
        """The learning rate at `step`."""
        initial = as_float(self.initial_learning_rate)
        dtype = initial.dtype
        at, last = np.asarray(convert(step)._data, dtype), setting(self.decay_steps, dtype)
        end, power = (setting(value, dtype) for value in (self.end_learning_rate, self.power))
        with np.errstate(all="ignore"):  # a step below 0
            if self.cycle:
                last = last * np.where(at == 0, dtype.type(1), np.ceil(at / last))
            else:
                at = np.minimum(at, last)
            rest = np.power(1 - at / last, power)
            return Tensor(np.asarray((initial - end) * rest + end))

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this schedule again."""
        names = ("initial_learning_rate", "decay_steps", "end_learning_rate", "power", "cycle")
        return {name: getattr(self, name) for name in (*names, "name")}
