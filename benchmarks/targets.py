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
        optional: whether it is not shown where it cannot be measured.
    """

    name: str
    work: str
    least: float
    aim: float | None = None
    percent: bool = False
    optional: bool = False

    def shown(self, value: float) -> str:
        """A value of this goal as a text."""
        return f"{value:.0%}" if self.percent else f"{value:.2f}x"


GOALS = (
    Goal("fit resnet20", "ResNet-20, a step of fit", 1.3, 1.6),
    Goal("torch resnet20", "ResNet-20, a step, against PyTorch's", 0.95, 1.15, optional=True),
    Goal("fit vgg", "VGG with BatchNorm, a step of fit", 1.25, 1.6),
    Goal("fit dcgan", "DCGAN generator, a step of fit", 1.05, 1.25),
    Goal("fit autoencoder", "convolutional autoencoder, a step of fit", 1.7, 2.5),
    Goal("fit lenet5", "LeNet-5, a step of fit", 1.8, 3.0),
    Goal("fit cifar", "CIFAR tutorial CNN, a step of fit", 2.7),
    Goal("fit dense", "dense 784-512-10, a step of fit", 3.5),
    Goal("fit small", "dense 8-16-1, a step of fit", 2.5, 4.0),
    Goal("tape small", "dense 8-16-1, loop with a tape, against tf.function", 0.9, 1.3),
    Goal("predict resnet20", "ResNet-20, predict", 1.3, 2.0),
    Goal("predict vgg", "VGG with BatchNorm, predict", 1.3, 2.0),
    Goal("predict dcgan", "DCGAN generator, predict", 1.1, 2.0),
    Goal("predict others", "the other networks, predict", 1.8, 2.0),
    Goal("fit 32", "seed network, a step of fit, batch 32", 2.5, 3.0),
    Goal("fit 128", "seed network, a step of fit, batch 128", 2.8, 3.0),
    Goal("tape eager", "loop with a tape, against TensorFlow's eager one", 3.0, 4.0),
    Goal("tape function 32", "loop with a tape, against tf.function, batch 32", 2.5, 3.0),
    Goal("tape function 128", "loop with a tape, against tf.function, batch 128", 2.1, 3.0),
    Goal("predict", "predict, batch 128 and 1", 1.5, 2.5),
    Goal("op", "each op alone at the seed network's sizes", 1.0, 1.5),
    Goal("size", "each convolution of another size", 0.8),
    Goal("peak", "fit at batch 128, share of the sgemm peak", 0.60, 0.75, percent=True),
    Goal("memory", "peak memory of a training, TensorFlow's by ours", 2.0, 3.0),
    Goal("memory resnet20", "peak memory of ResNet-20's training, TensorFlow's by ours", 3.0, 4.0),
    Goal("startup", "import and first trained batch, TensorFlow's time by ours", 3.0, 5.0),
    Goal("growth", "growth of the cost per image, TensorFlow's by ours", 1.0),
    Goal("busy fit", "fit, batch 32, one other busy process per core", 1.5, 1.9),
    Goal("busy tape", "loop with a tape, against tf.function, as busy", 1.5, 1.9),
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
