"""What the two runs looked like, epoch by epoch, and the bounds on that."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from scratchnet.engine.dtypes import Array
from scratchnet.twin.differences import Difference
from scratchnet.twin.observe import Seen

KINDS = {
    "initial": "weight",
    "weight": "weight",
    "state": "weight",
    "layer": "activation",
    "gradient": "gradient",
}
TIGHT = 1e-5  # relative, of a loss: what a few hundred steps of SGD stay within
SPREADS = 2.0  # both runs may be at the far ends of what TensorFlow's settings make of it


@dataclass
class Worst:
    """The largest relative difference of one kind of tensor in one epoch."""

    difference: Difference = field(default_factory=lambda: Difference(0.0, 1.0, 0.0))
    tensor: str = "-"

    def take(self, difference: Difference, tensor: str) -> None:
        """Keep it if it is larger."""
        if self.tensor == "-" or not difference.relative <= self.difference.relative:
            self.difference, self.tensor = difference, tensor


@dataclass
class Epoch:
    """One epoch of the runs.

    Attributes:
        logs: the logs of scratchnet, of TensorFlow, and of TensorFlow under its other settings.
        worst: for each kind of tensor, scratchnet against TensorFlow, and TensorFlow against
            itself.
    """

    logs: list[dict[str, float]] = field(default_factory=list)
    worst: dict[str, tuple[Worst, Worst]] = field(
        default_factory=lambda: {kind: (Worst(), Worst()) for kind in KINDS.values()}
    )
    steps: int = 0
    loss_gaps: float = 0.0  # summed over the steps, TensorFlow's loss from its own
    weight_gap: float = 0.0  # summed over the steps, the largest of a weight
    samples: int = 0
    flips: int = 0  # samples that TensorFlow's two settings classify differently

    def take_spread(self, seen: list[Seen], theirs: list[Array], other: list[Array]) -> None:
        """Take into account how far TensorFlow is from itself in one step.

        Epoch means differ by less than single steps do, by chance even by nothing; so what is
        possible is measured step by step and sample by sample.
        """
        for i, what in enumerate(seen):
            if what.role == "loss":
                self.loss_gaps += abs(float(np.sum(theirs[i])) - float(np.sum(other[i])))
        last = max((i for i, what in enumerate(seen) if what.role == "layer"), default=None)
        if last is not None and theirs[last].ndim == 2:
            self.samples += len(theirs[last])
            self.flips += int(np.count_nonzero(theirs[last].argmax(1) != other[last].argmax(1)))

    def take(self, seen: list[Seen], ours: list[Difference], spread: list[Difference]) -> None:
        """Take one step into account."""
        self.steps += 1
        weights = [g.relative for w, g in zip(seen, ours, strict=True) if w.role == "weight"]
        self.weight_gap += max(weights, default=0.0)
        for what, a, b in zip(seen, ours, spread, strict=True):
            if what.role in KINDS:
                mine, its = self.worst[KINDS[what.role]]
                mine.take(a, what.name)
                its.take(b, what.name)

    def gap(self, name: str) -> float:
        """How far scratchnet's `name` of the logs is from TensorFlow's."""
        return abs(self.logs[0][name] - self.logs[1][name])

    def spread(self, name: str) -> float:
        """How far TensorFlow's may be from its own under the other settings."""
        spread = abs(self.logs[2][name] - self.logs[1][name])
        if name == "loss" and self.steps:
            return max(spread, self.loss_gaps / self.steps)
        if name in ("accuracy", "acc") and self.samples:
            return max(spread, self.flips / self.samples)
        return spread


def passed_bound(epochs: list[Epoch], kinked: bool = False) -> str:
    """What the last of `epochs` says against the twins: nothing, or a sentence.

    A loss must be within 1e-5 of TensorFlow's or within twice its spread so far; an accuracy must
    print the same, or likewise.  Once a gradient took another way (see `judge`), which happens to
    one pair of runs sooner than to another, the spread of one pair says too little: then a loss may
    be as far as the weights are, whose every step was judged.

    Args:
        epochs: all so far.
        kinked: whether a gradient took another way.
    """
    number, epoch = len(epochs), epochs[-1]
    if set(epoch.logs[0]) != set(epoch.logs[1]):
        return f"epoch {number}: logs {[*epoch.logs[0]]} where TensorFlow has {[*epoch.logs[1]]}"
    for name in sorted(epoch.logs[1]):
        allowed = _allowed(name, epochs, kinked)
        ours, theirs = epoch.logs[0][name], epoch.logs[1][name]
        if "acc" in name and f"{ours:.4f}" == f"{theirs:.4f}":
            continue
        if not epoch.gap(name) <= allowed:
            return (
                f"epoch {number}: {name} is {ours:.8g}, TensorFlow's {theirs:.8g}; they may "
                f"differ by {allowed:.2g}"
            )
    return ""


def _allowed(name: str, epochs: list[Epoch], kinked: bool) -> float:
    """How far the last epoch's `name` may be from TensorFlow's."""
    size = abs(epochs[-1].logs[1][name])
    allowed = SPREADS * max(e.spread(name) for e in epochs if name in e.logs[1])
    if "acc" not in name:
        allowed = max(allowed, TIGHT * size)
    if kinked or allowed == 0:
        steps = max(1, sum(e.steps for e in epochs))
        allowed = max(allowed, size * sum(e.weight_gap for e in epochs) / steps)
    return allowed


def as_json(epochs: list[Epoch]) -> list[dict[str, Any]]:
    """The epochs as plain values."""
    sides = ("scratchnet", "tensorflow", "tensorflow_other")
    return [
        {
            "steps": epoch.steps,
            "logs": dict(zip(sides, epoch.logs, strict=True)),
            "largest_difference": {
                kind: {
                    who: {
                        "relative": worst.difference.relative,
                        "ulps": worst.difference.ulps,
                        "tensor": worst.tensor,
                    }
                    for who, worst in zip(("scratchnet", "spread"), pair, strict=True)
                }
                for kind, pair in epoch.worst.items()
            },
        }
        for epoch in epochs
    ]
