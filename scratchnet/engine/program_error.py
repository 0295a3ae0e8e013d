"""The error of a program, as its author wants to read it: their lines, and what went wrong."""

from __future__ import annotations

import re
import traceback
from pathlib import Path

from scratchnet.engine.tracebacks import is_the_users

# What TensorFlow's errors list of its own frames, in their text.
_LISTED = re.compile(r'^\s*File "(?P<file>[^"]+)", line \d+')
LINES = 20  # of the error's own text
FRAMES = 4  # of a file, the last ones: a recursion has a thousand


def users_traceback(error: BaseException) -> str:
    """The traceback of `error` without the frames of Python, TensorFlow, Keras and scratchnet.

    >>> try:
    ...     int("one")
    ... except ValueError as error:
    ...     print(users_traceback(error))
    Traceback (most recent call last):
      File "<doctest ...>", line 2, in <module>
        int("one")
    ValueError: invalid literal for int() with base 10: 'one'
    """
    found = traceback.TracebackException.from_exception(error)
    last = list(found.stack)[-1:]
    parts = []
    shown: traceback.TracebackException | None = found
    while shown is not None:
        frames = [frame for frame in shown.stack if _is_the_programs(frame.filename)]
        stack = traceback.StackSummary.from_list(frames)
        parts.append(_formatted(stack, shown))
        shown = shown.__cause__  # said by the program, unlike what it was raised during
    if "File" not in parts[0]:
        parts[0] = _formatted(traceback.StackSummary.from_list(last), found)
    return "\n\nThe above came of:\n\n".join(parts)


def lines_in_file(error: BaseException, path: Path) -> str:
    """What was raised, and the lines of one file on the way to it, the last one last.

    An error that no line of the file is on the way to is its own text alone.

    >>> try:
    ...     int("one")
    ... except ValueError as error:
    ...     print(lines_in_file(error, Path("mine.py")))
    invalid literal for int() with base 10: 'one'
    """
    found = traceback.TracebackException.from_exception(error)
    said = _shortened(list(found.format_exception_only())[-1].strip())
    if isinstance(error, SyntaxError) and error.filename == str(path):
        text = (error.text or "").rstrip("\n")
        caret = " " * ((error.offset or 1) - 1) + "^"
        return f"{path}, line {error.lineno}\n    {text}\n    {caret}\n{said}"
    frames = [frame for frame in found.stack if frame.filename == str(path)]
    if not frames:
        return _shortened(str(error))
    shown = frames[-FRAMES:]
    lines = [f"{path}, line {frame.lineno}, in {frame.name}\n    {frame.line}" for frame in shown]
    return "\n".join([*lines, said])


def _formatted(stack: traceback.StackSummary, error: traceback.TracebackException) -> str:
    head = ["Traceback (most recent call last):\n", *stack.format()] if stack else []
    text = "".join(error.format_exception_only()).rstrip("\n")
    return "".join(head) + _shortened(text)


def _shortened(text: str) -> str:
    """Without what TensorFlow lists of its own frames, and not more than `LINES` lines."""
    kept = []
    for line in text.split("\n"):
        match = _LISTED.match(line)
        if line.strip() and (match is None or _is_the_programs(match["file"])):
            kept.append(line)
    left_out = len(kept) - LINES
    return "\n".join(kept[:LINES] + ([f"… ({left_out} more lines)"] if left_out > 0 else []))


def _is_the_programs(file: str) -> bool:
    return is_the_users(file) and not re.search(r"[/\\](site|dist)-packages[/\\]", file)
