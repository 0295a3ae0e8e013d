"""The options of `scratchnet train`: their defaults and their rules."""

from __future__ import annotations

import math
from dataclasses import dataclass

RATES = {"sgd": 0.01, "adam": 0.001}  # the optimizers, each with its usual learning rate
LOOPS = ("fit", "tape")
LIBRARIES = ("scratchnet", "tensorflow")


@dataclass(frozen=True)
class Options:
    """What one training is to be, by the names of the command's options.

    Raises:
        ValueError: a value out of range; the message names the option, the rule and the value.
    """

    data: str | None = None
    model: str | None = None
    epochs: int = 5
    batch_size: int = 32
    optimizer: str = "adam"
    learning_rate: float | None = None
    seed: int = 0
    limit_train: int = 10_000
    limit_test: int = 1_000
    loop: str = "fit"
    out: str = "scratchnet-run"
    on: str = "scratchnet"

    def __post_init__(self) -> None:
        for name in ("epochs", "batch_size", "limit_train", "limit_test"):
            self._check(name, getattr(self, name) >= 1, "at least 1")
        self._check("optimizer", self.optimizer in RATES, "sgd or adam")
        self._check("loop", self.loop in LOOPS, "fit or tape")
        self._check("on", self.on in LIBRARIES, "scratchnet or tensorflow")
        self._check("seed", 0 <= self.seed < 2**32, "in [0, 2**32)")
        self._check("learning_rate", 0 < self.rate < math.inf, "positive and finite")

    def _check(self, name: str, passes: bool, rule: str) -> None:
        check_option(name, getattr(self, name), passes, rule)

    @property
    def rate(self) -> float:
        """The learning rate: the one given, or the optimizer's usual one."""
        return RATES[self.optimizer] if self.learning_rate is None else self.learning_rate


def check_option(name: str, value: object, passes: bool, rule: str) -> None:
    """A ValueError that names the option, the rule and the value, unless it passes."""
    if not passes:
        raise ValueError(f"--{name.replace('_', '-')} must be {rule}, received {value}")
