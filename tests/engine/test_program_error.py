"""The error of a program shows its own lines."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import scratchnet as tf
from scratchnet.engine.program_error import LINES, lines_in_file, users_traceback

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


# -- the lines of one file -------------------------------------------------------------------------


def of_mine(source: str, path: Path) -> str:
    """What is said of running `source`, which is what is in the file `mine.py`."""
    path.write_text(source)
    try:
        exec(compile(source, str(path), "exec"), {})
    except Exception as error:
        return lines_in_file(error, path)
    raise AssertionError


def test_the_last_four_lines_on_the_way_to_an_error(tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    said = of_mine("def down(n):\n    return down(n - 1) if n else 1 / 0\n\ndown(9)\n", path)
    step = f"{path}, line 2, in down\n    return down(n - 1) if n else 1 / 0\n"
    assert said == step * 4 + "ZeroDivisionError: division by zero"
    said = of_mine("import json\njson.loads('{')\n", path)
    assert said == (
        f"{path}, line 2, in <module>\n    json.loads('{{')\n"
        "json.decoder.JSONDecodeError: Expecting property name enclosed in double quotes: line 1 "
        "column 2 (char 1)"
    )


def test_a_line_that_cannot_be_read(tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    assert of_mine("x = 1\ny = (2 +* 3)\n", path) == (
        f"{path}, line 2\n    y = (2 +* 3)\n            ^\nSyntaxError: invalid syntax"
    )
    error = SyntaxError("no place", (str(path), 1, None, None))
    assert lines_in_file(error, path).startswith(f"{path}, line 1\n    \n    ^\n")
    elsewhere = SyntaxError("elsewhere", ("other.py", 1, 3, "abc"))
    assert lines_in_file(elsewhere, path) == "elsewhere (other.py, line 1)"


@pytest.mark.parametrize("more", [0, 1, 2])
def test_as_many_lines_as_fit_are_left_whole(more: int) -> None:
    text = "\n".join(f"line {k}" for k in range(LINES + more))
    said = lines_in_file(ValueError(text), Path("mine.py")).split("\n")
    assert said[:LINES] == text.split("\n")[:LINES]
    assert said[LINES:] == ([f"… ({more} more lines)"] if more else [])


def test_what_is_raised_twice_over_is_said_in_turn() -> None:
    def thrice() -> None:
        try:
            try:
                int("one")
            except ValueError as error:
                raise KeyError("two") from error
        except KeyError as error:
            raise TypeError("three") from error

    parts = said(thrice).split(BETWEEN)
    assert [part.split("\n")[-1] for part in parts] == [
        "TypeError: three",
        "KeyError: 'two'",
        "ValueError: invalid literal for int() with base 10: 'one'",
    ]
    assert all(part.startswith("Traceback (most recent call last):\n  File ") for part in parts)


def test_an_error_of_a_library_shows_where_in_it() -> None:
    """No frame is the program's own: the last one there is tells more than none."""
    error = said_of_json()
    assert error.count("File ") == 1
    assert "decoder.py" in error


def said_of_json() -> str:
    try:
        json.loads("{")
    except ValueError as error:
        error.__traceback__ = error.__traceback__.tb_next  # without this file's frame
        return users_traceback(error)
    raise AssertionError
