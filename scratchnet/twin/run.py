"""The comparing process: reads three runs step by step, compares, reports.

The third run is TensorFlow once more, under its other oneDNN setting and with one thread: the same
program and the same seed, only summed up in another order.  How far it comes from the first is
TensorFlow's own spread.
"""

from __future__ import annotations

import importlib.util
import json
import math
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import numpy as np

from scratchnet.atomic_files import replacing
from scratchnet.train.images import load_images
from scratchnet.train.training import versions
from scratchnet.twin.bounds import Judge, all_differences
from scratchnet.twin.differences import Difference
from scratchnet.twin.epochs import Epoch, as_json, passed_bound
from scratchnet.twin.observe import Seen
from scratchnet.twin.options import TwinOptions
from scratchnet.twin.process import Message, ProgramError, Side, SideError

PICTURE, REPORT = "twin.png", "twin.json"
QUIET = {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
PATIENCE = 30.0  # seconds, for TensorFlow to come to where scratchnet failed
SETTINGS = ("oneDNN off", "oneDNN on, one thread")


@dataclass
class Twins:
    """One comparison: what is run, and what was found so far."""

    options: TwinOptions
    folder: Path
    sabotage: str | None = None  # for the tests: see `Side`
    epochs: list[Epoch] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)
    losses: list[tuple[float, float]] = field(default_factory=list)
    drifts: list[tuple[float, float]] = field(default_factory=list)
    judge: Judge = field(default_factory=Judge)
    checked: list[str] = field(default_factory=list)  # gradients that the program wrote itself
    notes: list[str] = field(default_factory=list)  # what finite differences say of them
    _open: Epoch = field(default_factory=Epoch)

    @classmethod
    def prepare(cls, options: TwinOptions, sabotage: str | None = None) -> Twins:
        """Check what can be checked before anything runs.

        Raises:
            OSError, ValueError: the data or the folder cannot be used.
            ModuleNotFoundError: TensorFlow is not installed.
        """
        if importlib.util.find_spec("tensorflow") is None:
            raise ModuleNotFoundError(
                "TensorFlow is not installed; `pip install tensorflow` installs it"
            )
        if options.script is None:
            load_images(options.data, options.limit_train, 1)
        folder = Path(options.out).expanduser()
        try:
            folder.mkdir(parents=True, exist_ok=True)
            TemporaryFile(dir=folder).close()  # fails here and now, not after the training
        except OSError as error:
            raise OSError(
                f"--out must be a folder that can be written to, received {folder}: {error}"
            ) from error
        return cls(options, folder, sabotage)

    def run(self, progress: Callable[[int, int], None] = lambda *_: None) -> None:
        """Run and compare; afterwards `findings` says what passed a bound.

        Args:
            progress: called after each step, with the numbers of the step and of the epoch.

        Raises:
            SideError: the program failed on one side.
            ValueError: the file of `--model` is not what it must be.
        """
        with ExitStack() as stack:
            sides = []
            for start in _starts(self.options, self.sabotage):
                sides.append(start())
                stack.callback(sides[-1].end)
            self.compare(sides, progress)

    def compare(
        self, sides: Sequence[Any], progress: Callable[[int, int], None] = lambda *_: None
    ) -> None:
        """Read what scratchnet, TensorFlow and TensorFlow's other settings say, to the end."""
        while self._take(_read(sides)):
            progress(self.judge.steps, len(self.epochs) + 1)
        if not self.judge.steps and not self.findings:
            raise SideError("The program trained nothing: no optimizer was applied")
        self._close()

    # -- comparing ---------------------------------------------------------------------------------

    def _take(self, messages: list[Message]) -> bool:
        """Compare what the three sides say; False when all are done."""
        kinds = [message[0] for message in messages]
        if len(set(kinds)) > 1:
            self._stop(f"scratchnet said {kinds[0]!r} where TensorFlow said {kinds[1]!r}")
            return False
        if kinds[0] == "step":
            return self._step(messages)
        if kinds[0] == "epoch":
            self._open.logs = [_numbers(message[1]) for message in messages]
            self._end_epoch()
        if kinds[0] == "done" and len(messages[0]) > 1:
            self.checked, self.notes = messages[0][1:]
        return bool(kinds[0] != "done")

    def _stop(self, reason: str) -> None:
        self.findings.append(f"after step {self.judge.steps}, structure: {reason}")

    def _step(self, messages: list[Message]) -> bool:
        _, seen, theirs = messages[1]
        matched = []
        for _, others, arrays in (messages[0], messages[2]):
            wrong, order = _matched(seen, theirs, others, arrays)
            if wrong:
                self._stop(wrong)
                return False
            matched.append(([others[i] for i in order], [arrays[i] for i in order]))
        (seen, ours), (_, other) = matched
        gaps, finding = self.judge.step(seen, ours, theirs, other)
        spread = all_differences(seen, other, theirs)
        self._open.take(seen, gaps, spread)
        self._open.take_spread(seen, theirs, other)
        self.drifts.append((_largest(seen, gaps), _largest(seen, spread)))
        self.losses += [
            (float(np.sum(ours[i])), float(np.sum(theirs[i])))
            for i, what in enumerate(seen)
            if what.role == "loss"
        ][:1] or [(np.nan, np.nan)]
        if finding is not None:
            self.findings.append(str(finding))
        return True

    def _end_epoch(self) -> None:
        self.epochs.append(self._open)
        self._open = Epoch()
        passed = passed_bound(self.epochs, self.judge.kinked > 0)
        if passed:
            self.findings.append(passed)

    def _close(self) -> None:
        """A program without `fit` has no epochs: what is open is shown as one."""
        if self._open.steps:
            self._open.logs = [{}, {}, {}]
            self._end_epoch()

    # -- what is kept ------------------------------------------------------------------------------

    def keep(self) -> str:
        """Write the picture and the report; a line that says where they are."""
        from scratchnet.twin.plots import draw_twins  # takes longer to import than all the rest

        draw_twins(self.losses, self.drifts, self.folder / PICTURE, self.title)
        report: dict[str, Any] = {
            "options": asdict(self.options),
            "settings": {"tensorflow": SETTINGS[0], "tensorflow_other": SETTINGS[1]},
            "versions": versions("scratchnet", "numpy", "numba", "tensorflow", "keras"),
            "findings": self.findings,
            "notes": self.notes,
            "epochs": as_json(self.epochs),
            "loss_by_step": self.losses,
            "weight_difference_by_step": self.drifts,
        }
        with replacing(self.folder / REPORT) as part:
            text = json.dumps(_finite(report), indent=1, allow_nan=False)
            part.write_text(text + "\n", encoding="utf-8")
        return f"Kept in {self.folder}: {PICTURE} and {REPORT}."

    @property
    def title(self) -> str:
        """What is run, in a line."""
        chosen = self.options
        if chosen.script is not None:
            return f"{Path(chosen.script).name}, seed {chosen.seed}"
        model = "seed network" if chosen.model is None else Path(chosen.model).name
        return (
            f"{model} on {Path(chosen.data).name}, {chosen.optimizer} at {chosen.rate:g}, batches "
            f"of {chosen.batch_size}, loop: {chosen.loop}, seed {chosen.seed}"
        )


def _read(sides: Sequence[Any]) -> list[Message]:
    """The next message of each side.

    Raises:
        SideError, ValueError: as of `Side.read`.  An error of scratchnet's side says whether
            TensorFlow's has one at the same place.
    """
    try:
        messages = [sides[0].read()]
    except ProgramError as error:
        if not _fails(sides[1]):
            raise
        raise SideError(
            f"The program fails on both sides; on scratchnet's:\n{error.said}"
        ) from None
    return messages + [side.read() for side in sides[1:]]


def _fails(side: Any) -> bool:
    """Whether the next thing that `side` says, if it comes soon, is that the program failed."""
    failed = []

    def listen() -> None:
        try:
            side.read()
        except ProgramError:
            failed.append(True)
        except Exception:
            failed.clear()  # it ended otherwise

    thread = threading.Thread(target=listen, daemon=True)
    thread.start()
    thread.join(PATIENCE)
    return bool(failed)


def _starts(options: TwinOptions, sabotage: str | None) -> list[Callable[[], Side]]:
    """What starts scratchnet, TensorFlow, and TensorFlow under its other settings."""

    def tensorflow(onednn: str, threads: int | None, nudging: bool) -> Callable[[], Side]:
        environment = {**QUIET, "TF_ENABLE_ONEDNN_OPTS": onednn}
        return lambda: Side(
            "TensorFlow", "tensorflow", options, environment, threads, nudging=nudging
        )

    return [
        lambda: Side("scratchnet", "scratchnet", options, QUIET, sabotage=sabotage),
        tensorflow("0", None, False),
        tensorflow("1", 1, True),
    ]


def _finite(value: Any) -> Any:
    """`value` without NaN and infinities, which JSON has not: they become null."""
    if isinstance(value, dict):
        return {name: _finite(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(part) for part in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _numbers(logs: dict[str, float]) -> dict[str, float]:
    return {name: float(value) for name, value in logs.items()}


def _largest(seen: list[Seen], gaps: list[Difference]) -> float:
    weights = (gap.relative for what, gap in zip(seen, gaps, strict=True) if what.role == "weight")
    return max(weights, default=0.0)


def _matched(
    seen: list[Seen], theirs: Any, others: list[Seen], arrays: Any
) -> tuple[str, list[int]]:
    """Which of `arrays` is which of `theirs`: by role and name, not by the order of the calls.

    Returns:
        (the first tensor that one side has and the other has not, in words, or "" if they agree;
        for each of `theirs`, the place of its partner).
    """
    keys, places = _keys(seen), {key: i for i, key in enumerate(_keys(others))}
    for i, key in enumerate(keys):
        if key not in places:
            mine = others[i] if i < len(others) else None
            has = "nothing" if mine is None else f"{mine.role} {mine.name!r}"
            return f"{has} where TensorFlow has {seen[i].role} {seen[i].name!r}", []
        array, its, other = theirs[i], arrays[places[key]], others[places[key]]
        if array.shape != its.shape:
            text = f"{other.role} {other.name!r} of shape {its.shape}, TensorFlow's {array.shape}"
            return text, []
        if array.dtype != its.dtype:
            text = f"{other.role} {other.name!r} of {its.dtype}, TensorFlow's {array.dtype}"
            return text, []
    for key in set(places) - set(keys):
        other = others[places[key]]
        return f"{other.role} {other.name!r}, which TensorFlow has not", []
    return "", [places[key] for key in keys]


def _keys(seen: list[Seen]) -> list[tuple[str, str, int]]:
    """Role and name of each, and which of those that have the same it is."""
    counts: Counter[tuple[str, str]] = Counter()
    keys = []
    for what in seen:
        counts[what.role, what.name] += 1
        keys.append((what.role, what.name, counts[what.role, what.name]))
    return keys
