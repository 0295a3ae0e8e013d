"""The error of a program shows its own lines."""

from __future__ import annotations

import json

import scratchnet as tf
from scratchnet.engine.program_error import LINES, users_traceback

BETWEEN = "\n\nThe above came of:\n\n"


def said(function) -> str:
    try:
        function()
    except Exception as error:
        return users_traceback(error)
    raise AssertionError


def test_frames_of_libraries_are_left_out():
    text = said(lambda: json.loads("{"))
    assert text.startswith("Traceback (most recent call last):\n  File ")
    assert text.count("File ") == 2
    assert "json" not in text.replace("json.loads", "").replace("json.decoder", "")
    assert text.endswith("JSONDecodeError: Expecting property name enclosed in double quotes: "
                         "line 1 column 2 (char 1)")  # fmt: skip


def test_what_an_error_came_of_is_said_and_what_it_was_raised_during_is_not():
    def chained(explicitly):
        try:
            int("one")
        except ValueError as error:
            if explicitly:
                raise KeyError("two") from error
            raise KeyError("two")  # noqa: B904

    assert BETWEEN not in said(lambda: chained(False))
    text = said(lambda: chained(True))
    assert text.index("KeyError: 'two'") < text.index(BETWEEN)
    assert text.endswith("ValueError: invalid literal for int() with base 10: 'one'")


def test_the_lists_of_frames_in_the_texts_of_tensorflow_are_left_out():
    listed = f'File "{tf.__file__}", line 3, in fit'
    long = "Graph execution error:\n\nDetected at node\n" + (f"  {listed}\n\n" * 40)
    assert said(lambda: fail(long + "Incompatible shapes")).endswith(
        "ValueError: Graph execution error:\nDetected at node\nIncompatible shapes"
    )
    text = said(lambda: fail("\n".join(map(str, range(100)))))
    assert text.endswith(f"{LINES - 1}\n… ({100 - LINES} more lines)")


def fail(text):
    raise ValueError(text)


def test_an_error_in_a_library_alone_shows_its_last_frame():
    error = ValueError("oh")
    assert users_traceback(error) == "ValueError: oh"
