"""Progbar: progress and running values on one line of the terminal, as Keras draws it."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterable
from typing import Any

import numpy as np

_BOLD, _GREEN, _GREY, _PLAIN = "\x1b[1m", "\x1b[32m", "\x1b[37m", "\x1b[0m"
_ESCAPES = (_BOLD, _GREEN, _GREY, _PLAIN)


def write(text: str) -> None:
    """`text` to stdout, at once; a terminal that has no ``━`` gets ``=``."""
    try:
        sys.stdout.write(text)
    except UnicodeEncodeError:
        encoding = sys.stdout.encoding or "utf-8"
        sys.stdout.write(text.replace("━", "=").encode(encoding, errors="ignore").decode(encoding))
    sys.stdout.flush()


class Progbar:
    """A progress bar (``keras.utils.Progbar``).

    Args:
        target: how many steps there will be; None if that is not known.
        width: of the bar, in characters.
        verbose: 0: nothing; 1: a bar, redrawn; 2: one line at the end.
        interval: the least time in seconds between two drawings.
        stateful_metrics: names of values to show as they are; all others are averaged over the
            steps.
        stateless_metrics: instead: names of values to average; all others are shown as they are.
        unit_name: what a step is called.

    Raises:
        ValueError: both kinds of names given.
    """

    def __init__(
        self,
        target: int | None,
        width: int = 20,
        verbose: int = 1,
        interval: float = 0.05,
        stateful_metrics: Iterable[str] | None = None,
        stateless_metrics: Iterable[str] | None = None,
        unit_name: str = "step",
    ) -> None:
        if stateful_metrics is not None and stateless_metrics is not None:
            raise ValueError(
                "Progbar: at most one of `stateful_metrics` and `stateless_metrics` must be given, "
                f"received {stateful_metrics=}, {stateless_metrics=}"
            )
        self.target, self.width, self.verbose = target, width, verbose
        self.interval, self.unit_name = interval, unit_name
        self.stateful_metrics = set(stateful_metrics or ())
        self.stateless_metrics = None if stateless_metrics is None else set(stateless_metrics)
        # A terminal, a notebook or a console that can go back to the start of the line.
        self._redraws = (
            (hasattr(sys.stdout, "isatty") and sys.stdout.isatty())
            or "ipykernel" in sys.modules
            or "posix" in sys.modules
            or "PYCHARM_HOSTED" in os.environ
        )
        self._seen = 0
        self._values: dict[str, tuple[float, int]] = {}  # name -> (sum, count)
        self._start = time.time()
        self._drawn_at = 0.0
        self._after_first: float | None = None
        self.warms_up = False  # the first step says nothing of how long the others will take
        self._drawn_width = 0

    def update(
        self,
        current: int,
        values: Iterable[tuple[str, Any]] | None = None,
        finalize: bool | None = None,
    ) -> None:
        """Show that `current` steps are done.

        Args:
            current: the number of steps.
            values: pairs (name, value of the last step).
            finalize: whether this is the last update; ``current >= target`` if not given.
        """
        if finalize is None:
            finalize = self.target is not None and current >= self.target
        for name, value in values or ():
            self._values[name] = self._running(name, value, current, finalize)
        self._seen = current
        now = time.time()
        per_step = self._time_per_step(current, now)
        if self.verbose == 1:
            if now - self._drawn_at < self.interval and not finalize:
                return
            self._draw(current, now, per_step, finalize)
        elif self.verbose == 2 and finalize and self.target:
            self._write_line(current, now, per_step)
        self._drawn_at = now

    def add(self, n: int, values: Iterable[tuple[str, Any]] | None = None) -> None:
        """Show that `n` more steps are done."""
        self.update(self._seen + n, values)

    def _running(self, name: str, value: Any, current: int, finalize: bool) -> tuple[float, int]:
        if self.stateless_metrics is None:
            as_it_is = name in self.stateful_metrics
        else:
            as_it_is = name not in self.stateless_metrics
        if as_it_is or finalize:
            return value, 1
        steps = max(current - self._seen, 1)
        total, count = self._values.get(name, (0.0, 0))
        return total + value * steps, count + steps

    def _time_per_step(self, current: int, now: float) -> float:
        """Seconds per step; the first one, which is not typical, counts only while it is alone."""
        if not current:
            return 0.0
        if self._after_first is not None and current > 1:
            found = (now - self._after_first) / (current - 1)
        else:
            found = (now - self._start) / current
        if current == 1:
            self._after_first = now
        return found

    def _draw(self, current: int, now: float, per_step: float, finalize: bool) -> None:
        if finalize or not self.target:
            clock = f"{now - self._start:.0f}s"
        elif self.warms_up and current <= 1:
            clock = f"{int(now - self._start)}s"  # that have passed: kernels may be compiled in it
        else:
            clock = _remaining(per_step * (self.target - current))
        line = f"{self._bar(current)} {_BOLD}{clock}{_PLAIN}{_speed(per_step, self.unit_name)}"
        line += "".join(f" - {name}: {_number(abs(v), v)}" for name, v in self._means())
        width = len(line) - sum(line.count(escape) * len(escape) for escape in _ESCAPES)
        back = "\b" * self._drawn_width + "\r" if self._redraws else "\n"
        blank = " " * max(self._drawn_width - width, 0)  # over the rest of a longer line
        write(back + line + blank + ("\n" if finalize else ""))
        self._drawn_width = width

    def _bar(self, current: int) -> str:
        if not self.target:
            return f"{current:7d}/Unknown"
        done = int(self.width * (current / self.target))
        digits = len(str(self.target))
        green = f"{_GREEN}{'━' * done}{_PLAIN}" if done > 0 else ""
        count = f"{_BOLD}{current:{digits}d}/{self.target}{_PLAIN}"
        return f"{count} {green}{_GREY}{'━' * (self.width - done)}{_PLAIN}"

    def _write_line(self, current: int, now: float, per_step: float) -> None:
        count = f"{current:{len(str(self.target))}d}/{self.target}"
        line = f"{count} - {now - self._start:.0f}s -{_speed(per_step, self.unit_name)}"
        line += "".join(f" - {name}: {_number(v, v)}" for name, v in self._means())
        write(line + "\n")

    def _means(self) -> list[tuple[str, float]]:
        return [(k, float(np.mean(total)) / max(1, n)) for k, (total, n) in self._values.items()]


def _number(size: float, value: float) -> str:
    """Four digits after the point, with an exponent where `size` is small."""
    return f"{value:.4f}" if size > 1e-3 else f"{value:.4e}"


def _speed(seconds: float, unit: str) -> str:
    if seconds >= 1 or seconds == 0:
        return f" {seconds:.0f}s/{unit}"
    if seconds >= 1e-3:
        return f" {seconds * 1e3:.0f}ms/{unit}"
    return f" {seconds * 1e6:.0f}us/{unit}"


def _remaining(seconds: float) -> str:
    whole = int(seconds)
    if seconds > 3600:
        return f"{whole // 3600}:{whole % 3600 // 60:02d}:{whole % 60:02d}"
    return f"{whole // 60}:{whole % 60:02d}" if seconds > 60 else f"{whole}s"
