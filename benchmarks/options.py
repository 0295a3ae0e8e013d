"""The options of `python -m benchmarks`: their defaults and their rules."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

NAMES = ("networks", "steps", "ops", "sizes", "scaling", "memory", "startup", "busy")


def processors() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@dataclass(frozen=True)
class Options:
    """What is measured, by the names of the command's options.

    Raises:
        ValueError: a value out of range; the message names the option, the rule and the value.
    """

    model: str | None = None
    quick: bool = False
    only: str | None = None
    threads: int | None = None
    out: str = "benchmarks-run"
    avx2: bool = False

    def __post_init__(self) -> None:
        most = processors()
        if self.threads is not None and not 1 <= self.threads <= most:
            raise ValueError(
                f"--threads must be from 1 to the number of processors, which is {most}, received "
                f"{self.threads}"
            )
        if self.model is not None and not Path(self.model).expanduser().is_file():
            raise ValueError(f"MODEL_FILE must be a Python file that exists, received {self.model}")
        if self.model is not None and self.only is not None:
            raise ValueError("--only must be given without MODEL_FILE, which has its own section")
        wrong = [name for name in self._chosen() if name not in NAMES]
        if wrong:
            raise ValueError(
                f"--only must be names of {', '.join(NAMES)}, with commas between them, received "
                f"{self.only}"
            )

    def _chosen(self) -> list[str]:
        return [] if self.only is None else [name.strip() for name in self.only.split(",")]

    @property
    def sections(self) -> tuple[str, ...]:
        """The names of the sections to run, in their order."""
        if self.only is not None:
            return tuple(name for name in NAMES if name in self._chosen())
        return NAMES

    @property
    def size_of_pools(self) -> int:
        """How many threads each library has."""
        return processors() if self.threads is None else self.threads
