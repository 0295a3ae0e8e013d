"""What was solved and which hints were given: a small file beside the sheets."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from scratchnet.atomic_files import replacing

NAME = "progress.json"
_LONGEST = 1 << 20  # bytes; the file of all exercises has some hundred


class Progress:
    """By exercise: how often an answer was wrong since the last right one, and if it is solved.

    Args:
        folder: where the file lies; None keeps it in memory only.

    Raises:
        ValueError: a file that is there but holds something else.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._path = None if folder is None else folder / NAME
        self._known: dict[str, dict[str, Any]] = {}
        if self._path is not None and self._path.is_file():
            self._known = _read(self._path)

    def wrong_answers(self, name: str) -> int:
        """How many answers were wrong since it was last solved."""
        return int(self._known.get(name, {}).get("wrong", 0))

    def is_solved(self, name: str) -> bool:
        """Whether any answer was right."""
        return bool(self._known.get(name, {}).get("solved", False))

    def is_last_wrong(self, name: str, written: str | None) -> bool:
        """Whether this is, to the letter, the answer that was wrong the last time."""
        entry = self._known.get(name, {})
        return written is not None and entry.get("answer") == _digest(written)

    def note(self, name: str, right: bool, written: str | None = None) -> None:
        """Take one answer into account; of one that is `written`, what tells it from others."""
        wrong = 0 if right else self.wrong_answers(name) + 1
        entry: dict[str, Any] = {"solved": right or self.is_solved(name), "wrong": wrong}
        if written is not None and not right:
            entry["answer"] = _digest(written)
        self._known[name] = entry
        if self._path is not None:
            with replacing(self._path) as part:
                part.write_text(json.dumps(self._known, indent=1, sort_keys=True) + "\n")


def _digest(written: str) -> str:
    return hashlib.sha256(written.encode()).hexdigest()[:16]


def _read(path: Path) -> dict[str, dict[str, Any]]:
    try:
        with path.open("rb") as file:
            found = json.loads(file.read(_LONGEST))
    except ValueError:
        found = None
    if not isinstance(found, dict) or not all(
        isinstance(entry, dict)
        and type(entry.get("wrong")) is int
        and type(entry.get("solved")) is bool
        for entry in found.values()
    ):
        raise ValueError(f"{path} is not the progress of exercises: remove it to begin anew")
    return found
