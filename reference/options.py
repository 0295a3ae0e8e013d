"""The options of `python -m reference.train`: those of `scratchnet train`, and TensorFlow's own."""

from __future__ import annotations

from dataclasses import dataclass

from scratchnet.train.options import Options

ALL = 10**9  # more images than any data set has
DEVICES = ("auto", "gpu", "cpu")
PRECISIONS = ("float32", "float16", "bfloat16")


@dataclass(frozen=True)
class FullOptions(Options):
    """What one full training is to be, by the names of the command's options.

    Raises:
        ValueError: a value out of range; the message names the option, the rule and the value.
    """

    limit_train: int = ALL
    limit_test: int = ALL
    out: str = "reference-run"
    on: str = "tensorflow"
    device: str = "auto"
    replicas: int | None = None
    mixed_precision: str = "float32"
    xla: bool = False
    tf32: bool = False
    checkpoint_every: int = 0
    resume: bool = False
    workers: str | None = None
    index: int | None = None
    patience: float = 300.0

    def __post_init__(self) -> None:
        super().__post_init__()
        self._check("device", self.device in DEVICES, "auto, gpu or cpu")
        rule = "float32, float16 or bfloat16"
        self._check("mixed_precision", self.mixed_precision in PRECISIONS, rule)
        self._check("replicas", self.replicas is None or self.replicas >= 1, "at least 1")
        self._check("checkpoint_every", self.checkpoint_every >= 0, "at least 0")
        self._check("patience", self.patience > 0, "positive")
