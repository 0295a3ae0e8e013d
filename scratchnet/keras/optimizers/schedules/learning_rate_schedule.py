"""Learning rate schedules: the learning rate as a function of the number of steps taken."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from scratchnet.engine.dtypes import Array
from scratchnet.engine.errors import say
from scratchnet.engine.tensor import Tensor, TensorLike, convert
from scratchnet.keras.config import (
    array_of_numbers,
    check_flags,
    check_numbers,
    check_scalars,
    floatx,
)
from scratchnet.ops.arguments import tensor


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
        """A schedule with the arguments that `get_config` returned."""
        return cls(**config)


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
        _check_steps(type(self).__name__, decay_steps)
        check_flags(type(self).__name__, staircase=staircase)
        self.initial_learning_rate, self.decay_steps = initial_learning_rate, decay_steps
        self.decay_rate, self.staircase, self.name = decay_rate, staircase, name

    def _parts(self, step: TensorLike) -> tuple[Any, Any, Any]:
        """(initial rate, decay rate, ``step / decay_steps``)."""
        initial = _as_float(self, "initial_learning_rate")
        dtype = initial.dtype
        p = np.asarray(_array(self, "step", step), dtype) / _as_scalar(self, "decay_steps", dtype)
        return initial, _as_scalar(self, "decay_rate", dtype), np.floor(p) if self.staircase else p

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
        return Tensor(np.asarray(initial * _rounded_once(np.power, rate, p)))


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
        _check_steps("PolynomialDecay", decay_steps)
        check_flags("PolynomialDecay", cycle=cycle)
        self.initial_learning_rate, self.decay_steps = initial_learning_rate, decay_steps
        self.end_learning_rate, self.power = end_learning_rate, power
        self.cycle, self.name = cycle, name

    def __call__(self, step: TensorLike) -> Tensor:
        """The learning rate at `step`."""
        initial = _as_float(self, "initial_learning_rate")
        dtype = initial.dtype
        steps = np.asarray(_array(self, "step", step), dtype)
        last, end, power = (
            _as_scalar(self, name, dtype) for name in ("decay_steps", "end_learning_rate", "power")
        )
        with np.errstate(all="ignore"):  # a step below 0
            if self.cycle:
                last = last * np.where(steps == 0, dtype.type(1), np.ceil(steps / last))
            else:
                steps = np.minimum(steps, last)
            rest = _rounded_once(np.power, 1 - steps / last, power)
            return Tensor(np.asarray((initial - end) * rest + end))

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this schedule again."""
        names = ("initial_learning_rate", "decay_steps", "end_learning_rate", "power", "cycle")
        return {name: getattr(self, name) for name in (*names, "name")}


class CosineDecay(LearningRateSchedule):
    """``rate ((1 - alpha) (1 + cos(π step / decay_steps)) / 2 + alpha)``, then ``rate alpha``.

    Without a `warmup_target`, rate is `initial_learning_rate`. With one, a linear warmup to the
    target comes first; the target then is rate, and the decay begins there.

    Args:
        initial_learning_rate: the rate at step 0.
        decay_steps: how many steps the decay takes.
        alpha: the lowest rate, as a fraction of rate.
        name: a name, for you.
        warmup_target: the rate at the end of the warmup; None for no warmup.
        warmup_steps: how many steps the warmup takes.

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
        _check_steps("CosineDecay", decay_steps)
        check_numbers("CosineDecay", alpha=alpha)
        self.initial_learning_rate, self.decay_steps = initial_learning_rate, decay_steps
        self.alpha, self.name = alpha, name
        self.warmup_target, self.warmup_steps = warmup_target, warmup_steps

    def __call__(self, step: TensorLike) -> Tensor:
        """The learning rate at `step`."""
        initial = _as_float(self, "initial_learning_rate")
        dtype = initial.dtype
        steps = np.asarray(_array(self, "step", step), dtype)
        if self.warmup_target is None:
            return Tensor(np.asarray(self._decayed(steps, initial)))
        target, warmup = (
            _as_scalar(self, name, dtype) for name in ("warmup_target", "warmup_steps")
        )
        with np.errstate(all="ignore"):  # a warmup of 0 steps
            warming = (target - initial) * (steps / warmup) + initial
        decayed = self._decayed(steps - warmup, target)
        return Tensor(np.asarray(np.where(steps < warmup, warming, decayed)))

    def _decayed(self, steps: Any, rate: Any) -> Any:
        """`rate` after so many steps of the decay."""
        kind = rate.dtype.type
        last = _as_scalar(self, "decay_steps", rate.dtype)
        angle = kind(math.pi) * (np.minimum(steps, last) / last)
        cosine = kind(0.5) * (1 + _rounded_once(np.cos, angle))
        return rate * (kind(1 - self.alpha) * cosine + kind(self.alpha))

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this schedule again."""
        names = ("initial_learning_rate", "decay_steps", "alpha", "name", "warmup_target")
        return {name: getattr(self, name) for name in (*names, "warmup_steps")}


class CosineDecayRestarts(LearningRateSchedule):
    """A cosine from the initial rate down, again and again.

    The first descent takes `first_decay_steps`, each further one `t_mul` times as many steps as
    the last, and begins at `m_mul` times its rate:

        rate = initial_learning_rate ((1 - alpha) m_mulⁱ (1 + cos(π x)) / 2 + alpha),

    where x in [0, 1) is how far the i-th descent is done.

    Args:
        initial_learning_rate: the learning rate at step 0.
        first_decay_steps: how many steps the first descent takes, above 0.
        t_mul: by how much each is longer.
        m_mul: by how much each begins lower.
        alpha: what part of the initial rate is left.
        name: a name, for you.

    Raises:
        ValueError: `first_decay_steps` of 0 or below.

    Reference: ``keras.optimizers.schedules.CosineDecayRestarts``; Loshchilov and Hutter 2017,
    arXiv:1608.03983.

    >>> schedule = CosineDecayRestarts(1.0, 10, m_mul=0.5)
    >>> [round(float(schedule(step).numpy()), 3) for step in (0, 5, 9, 10, 20)]
    [1.0, 0.5, 0.024, 0.5, 0.25]
    """

    def __init__(
        self,
        initial_learning_rate: Any,
        first_decay_steps: float,
        t_mul: float = 2.0,
        m_mul: float = 1.0,
        alpha: float = 0.0,
        name: str = "SGDRDecay",
    ) -> None:
        check_numbers("CosineDecayRestarts", first_decay_steps=first_decay_steps)
        if first_decay_steps <= 0:
            rule = "must be > 0"
            raise ValueError(
                say("CosineDecayRestarts", "first_decay_steps", rule, first_decay_steps)
            )
        self.initial_learning_rate, self.first_decay_steps = (
            initial_learning_rate,
            first_decay_steps,
        )
        self.t_mul, self.m_mul, self.alpha, self.name = t_mul, m_mul, alpha, name

    def __call__(self, step: TensorLike) -> Tensor:
        """The learning rate at `step`."""
        initial = _as_float(self, "initial_learning_rate")
        dtype, one = initial.dtype, initial.dtype.type(1)
        alpha, longer, lower = (
            _as_scalar(self, name, dtype) for name in ("alpha", "t_mul", "m_mul")
        )
        steps = np.asarray(_array(self, "step", step), dtype)
        with np.errstate(all="ignore"):  # a step before the first
            done = steps / _as_scalar(self, "first_decay_steps", dtype)
            if longer == 1:
                restarts = np.floor(done)
                done = done - restarts
            else:  # i descents take (1 - t_mulⁱ) / (1 - t_mul) times the steps of the first
                logarithm = _rounded_once(np.log, one - done * (one - longer))
                restarts = np.floor(logarithm / _rounded_once(np.log, longer))
                length = _rounded_once(np.power, longer, restarts)
                done = (done - (one - length) / (one - longer)) / length
            height = dtype.type(0.5) * _rounded_once(np.power, lower, restarts)
            cosine = height * (one + _rounded_once(np.cos, dtype.type(math.pi) * done))
        return Tensor(np.asarray(initial * ((one - alpha) * cosine + alpha)))

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this schedule again."""
        names = ("initial_learning_rate", "first_decay_steps", "t_mul", "m_mul", "alpha", "name")
        return {name: getattr(self, name) for name in names}


class PiecewiseConstantDecay(LearningRateSchedule):
    """``values[i]``, i the number of `boundaries` below the step.

    Args:
        boundaries: steps, ascending; at a boundary itself the value before it holds.  (Keras takes
            others, and adds up the values that apply.)
        values: the learning rates, one more than `boundaries`.
        name: a name, for you.

    Raises:
        ValueError: lengths that do not fit, boundaries that do not ascend.

    Reference: ``keras.optimizers.schedules.PiecewiseConstantDecay``.

    >>> schedule = PiecewiseConstantDecay([10, 20], [1.0, 0.5, 0.25])
    >>> [float(schedule(step).numpy()) for step in (0, 10, 11, 20, 21)]
    [1.0, 1.0, 0.5, 0.5, 0.25]
    """

    def __init__(
        self, boundaries: Sequence[float], values: Sequence[float], name: str = "PiecewiseConstant"
    ) -> None:
        for given, numbers in (("boundaries", boundaries), ("values", values)):
            if not hasattr(numbers, "__len__") or isinstance(numbers, str | dict):
                rule = "must be a list of numbers"
                raise TypeError(say("PiecewiseConstantDecay", given, rule, numbers))
        if len(boundaries) != len(values) - 1:
            raise ValueError(
                "The length of boundaries should be 1 less than the length of values. Received: "
                f"boundaries={boundaries} of length {len(boundaries)}, and values={values} of "
                f"length {len(values)}."
            )
        for boundary in boundaries:
            check_scalars("PiecewiseConstantDecay", boundaries=boundary)
        array_of_numbers("PiecewiseConstantDecay", "values", values)
        limits = [float(b) for b in boundaries]
        if sorted(limits) != limits:
            raise ValueError(say("PiecewiseConstantDecay", "boundaries", "must ascend", boundaries))
        self.boundaries, self.values, self.name = boundaries, values, name

    def __call__(self, step: TensorLike) -> Tensor:
        """The learning rate at `step`."""
        steps = _array(self, "step", step)
        limits = np.array([convert(b)._data for b in self.boundaries]).astype(steps.dtype)
        values = [_floating(convert(v)._data) for v in self.values]
        table = np.array(values, values[0].dtype)
        return Tensor(np.asarray(table[np.searchsorted(limits, steps, side="left")]))

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this schedule again."""
        return {"boundaries": self.boundaries, "values": self.values, "name": self.name}


def _array(schedule: LearningRateSchedule, name: str, value: TensorLike) -> Array:
    """`value`, an argument of the schedule by that name, as an array."""
    return tensor(type(schedule).__name__, name, value)._data


def _as_float(schedule: LearningRateSchedule, name: str) -> Array:
    """The attribute `name`, a rate, as an array; integers become `floatx`.

    Keras computes in integers then, where a decay rate of 0.5 is 0.
    """
    return _floating(_array(schedule, name, getattr(schedule, name)))


def _floating(array: Array) -> Array:
    return array if array.dtype.kind == "f" else np.asarray(array, floatx())


def _as_scalar(schedule: LearningRateSchedule, name: str, dtype: Any) -> Any:
    """The attribute as a scalar of `dtype`; a Python float passes float32, as in Keras."""
    return dtype.type(_array(schedule, name, getattr(schedule, name)))


def _rounded_once(f: np.ufunc, *arguments: Any) -> Any:
    """``f(*arguments)`` to the last bit, as TensorFlow's kernels have it for single numbers.

    NumPy's own float32 loops miss the nearest number one time in five.
    """
    dtype = arguments[0].dtype
    return np.asarray(f(*[np.asarray(a, np.float64) for a in arguments]), dtype)


def _check_steps(where: str, decay_steps: float) -> None:
    """Refuse a number of steps that is 0 or below."""
    check_numbers(where, decay_steps=decay_steps)
    if decay_steps <= 0:
        raise ValueError(say(where, "decay_steps", "must be positive", decay_steps))
