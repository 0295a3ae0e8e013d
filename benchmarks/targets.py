"""What is to be reached, and what of it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Goal:
    """A row of the summary.

    Attributes:
        name: by which cases say that they count for it.
        work: in words.
        least: that the worst of its values is to reach.
        aim: what would be good; None if `least` is all that is asked.
        percent: whether values are shares, not ratios.
    """

    name: str
    work: str
    least: float
    aim: float | None = None
    percent: bool = False

    def shown(self, value: float) -> str:
        """A value of this goal as a text."""
        return f"{value:.0%}" if self.percent else f"{value:.2f}x"


GOALS = (
    Goal("fit", "training step of the seed network, fit against fit", 1.7, 2.2),
    Goal("tape eager", "loop with a tape, against TensorFlow's eager one", 3.0, 4.0),
    Goal("tape function", "loop with a tape, against TensorFlow's tf.function", 1.7, 2.2),
    Goal("predict", "predict, batch 128 and 1", 1.5, 2.5),
    Goal("op", "each op alone at the seed network's sizes", 1.0, 1.5),
    Goal("size", "each convolution of another size", 0.8),
    Goal("peak", "fit at batch 128, share of the sgemm peak", 0.60, 0.75, percent=True),
    Goal("memory", "peak memory of a training, TensorFlow's by ours", 2.0, 3.0),
    Goal("startup", "import and first trained batch, TensorFlow's time by ours", 3.0, 5.0),
    Goal("growth", "growth of the cost per image, TensorFlow's by ours", 1.0),
)


@dataclass(frozen=True)
class Value:
    """One measured number that counts for a goal."""

    goal: str
    name: str
    value: float


@dataclass(frozen=True)
class Verdict:
    """What became of a goal: its worst value, or None if nothing was measured for it."""

    goal: Goal
    worst: Value | None

    @property
    def reached(self) -> bool | None:
        """Whether the worst value is as good as it must be."""
        return None if self.worst is None else self.worst.value >= self.goal.least

    @property
    def aim_reached(self) -> bool | None:
        """Whether it is as good as it should be; None if that is not asked or not measured."""
        if self.worst is None or self.goal.aim is None:
            return None
        return self.worst.value >= self.goal.aim

    def as_json(self) -> dict[str, Any]:
        """For the report."""
        return {
            "work": self.goal.work,
            "at_least": self.goal.least,
            "aim": self.goal.aim,
            "worst": None if self.worst is None else self.worst.value,
            "worst_of": None if self.worst is None else self.worst.name,
            "reached": self.reached,
            "aim_reached": self.aim_reached,
        }


def verdicts(values: Sequence[Value]) -> list[Verdict]:
    """One per goal.

    Raises:
        ValueError: a value counts for a goal that there is not.
    """
    unknown = {value.goal for value in values} - {goal.name for goal in GOALS}
    if unknown:
        raise ValueError(f"there is no goal of the name {sorted(unknown)}")
    found = []
    for goal in GOALS:
        own = [value for value in values if value.goal == goal.name]
        found.append(Verdict(goal, min(own, key=lambda value: value.value, default=None)))
    return found
