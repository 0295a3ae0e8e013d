"""A learning rate that stays for a while, and then is another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from scratchnet.engine.errors import say
from scratchnet.engine.tensor import Tensor, TensorLike, convert
from scratchnet.keras.optimizers.schedules.base import LearningRateSchedule, as_float


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
        if len(boundaries) != len(values) - 1:
            raise ValueError(
                "The length of boundaries should be 1 less than the length of values. Received: "
                f"boundaries={boundaries} of length {len(boundaries)}, and values={values} of "
                f"length {len(values)}."
            )
        limits = [float(b) for b in boundaries]
        if sorted(limits) != limits:
            raise ValueError(say("PiecewiseConstantDecay", "boundaries", "must ascend", boundaries))
        self.boundaries, self.values, self.name = boundaries, values, name

    def __call__(self, step: TensorLike) -> Tensor:
        """The learning rate at `step`."""
        at = convert(step)._data
        limits = np.array([convert(b)._data for b in self.boundaries]).astype(at.dtype)
        values = [as_float(v) for v in self.values]
        table = np.array(values, values[0].dtype)
        return Tensor(np.asarray(table[np.searchsorted(limits, at, side="left")]))

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this schedule again."""
        return {"boundaries": self.boundaries, "values": self.values, "name": self.name}
