"""The options of `scratchnet twin`: their defaults and their rules."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

from scratchnet.train.options import LOOPS, RATES


@dataclass(frozen=True)
class TwinOptions:
    """What the two runs are to be, by the names of the command's options.

    Raises:
        ValueError: a value out of range, a file that is not there; the message names the option,
            the rule and the value.
    """

    model: str | None = None
    script: str | None = None
    data: str = "digits"
    epochs: int = 3
    batch_size: int = 32
    optimizer: str = "sgd"
    learning_rate: float | None = None
    seed: int = 0
    limit_train: int = 10_000
    loop: str = "fit"
    out: str = "scratchnet-twin"

    def __post_init__(self) -> None:
        for name in ("epochs", "batch_size", "limit_train"):
            self._check(name, getattr(self, name) >= 1, "at least 1")
        self._check("optimizer", self.optimizer in RATES, "sgd or adam")
        self._check("loop", self.loop in LOOPS, "fit or tape")
        self._check("seed", 0 <= self.seed < 2**32, "in [0, 2**32)")
        self._check("learning_rate", 0 < self.rate < math.inf, "positive and finite")
        self._check("script", self.script is None or self.model is None, "given without --model")
        for name in ("model", "script"):
            path = getattr(self, name)
            there = path is None or Path(path).expanduser().is_file()
            self._check(name, there, "a Python file that exists")

    def _check(self, name: str, passes: bool, rule: str) -> None:
        if not passes:
            option = name.replace("_", "-")
            raise ValueError(f"--{option} must be {rule}, received {getattr(self, name)}")

    @property
    def rate(self) -> float:
        """The learning rate: the one given, or the optimizer's usual one."""
        return RATES[self.optimizer] if self.learning_rate is None else self.learning_rate
