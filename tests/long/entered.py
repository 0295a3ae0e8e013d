"""Which tests enter which function of `ops`, `engine` and `keras`: one run of the whole suite.

In a copy of the sources each function notes that it was entered, and pytest writes after each test
which were (this module is its plugin there). A process that a test starts writes at its end.
"""

from __future__ import annotations

import ast
import atexit
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

FOLDER = "SCRATCHNET_ENTERED"  # the environment variable with the folder that is written to
_ENTERED: set[int] = set()
enter = _ENTERED.add  # all that a function does more


def _write(test: str) -> None:
    if _ENTERED and FOLDER in os.environ:
        with Path(os.environ[FOLDER], str(os.getpid())).open("a") as file:
            file.write(json.dumps([test, sorted(_ENTERED)]) + "\n")
    _ENTERED.clear()


def pytest_runtest_logstart() -> None:
    _ENTERED.clear()


def pytest_runtest_logfinish(nodeid: str) -> None:
    _write(nodeid)


def _write_at_end(parent: str) -> None:
    """In a process that the test `parent` started."""
    if os.environ.get("PYTEST_CURRENT_TEST") == parent:  # pytest's own takes its name away
        _write(parent.rpartition(" (")[0])


if _PARENT := os.environ.get("PYTEST_CURRENT_TEST"):
    atexit.register(_write_at_end, _PARENT)


def functions(source: str) -> list[tuple[int, int]]:
    """The first and the last line of each function, those in others too."""
    found = [n for n in ast.walk(ast.parse(source)) if isinstance(n, ast.FunctionDef)]
    return sorted((f.lineno, f.end_lineno or f.lineno) for f in found)


def around(source: str, line: int) -> int | None:
    """The number, in `functions`, of the innermost that holds a line."""
    held = [k for k, (first, last) in enumerate(functions(source)) if first <= line <= last]
    return max(held, default=None)


def marked(source: str, first: int) -> str:
    """The source with a call of `enter` in each function, with the numbers from `first` on.

    A function whose body begins on the line of its signature has none.
    """
    tree = ast.parse(source)
    number = {line: first + k for k, (line, _) in enumerate(functions(source))}
    text = source.split("\n")
    calls: dict[int, str] = {}
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef):
            continue
        begin = function.body[0]
        if text[begin.lineno - 1][: begin.col_offset].strip():
            continue
        at = (begin.end_lineno or 0) + 1 if _is_text(begin) else _begin(begin)
        calls[at] = " " * begin.col_offset + f"_enter({number[function.lineno]})"
    for at in sorted(calls, reverse=True):
        text[at - 1 : at - 1] = [calls[at]]
    head = list(_head(tree))
    at = head[-1].end_lineno or 0 if head else 0
    text[at:at] = ["from tests.long.entered import enter as _enter"]
    return "\n".join(text)


def _is_text(node: ast.stmt) -> bool:
    match node:
        case ast.Expr(ast.Constant(str())):
            return True
    return False


def _head(tree: ast.Module) -> Iterator[ast.stmt]:
    """What must stay first in a module."""
    for node in tree.body:
        if not _is_text(node) and not (
            isinstance(node, ast.ImportFrom) and node.module == "__future__"
        ):
            return
        yield node


def _begin(node: ast.stmt) -> int:
    decorators = getattr(node, "decorator_list", [])
    return min([node.lineno, *(d.lineno for d in decorators)])


def tests_by_function(paths: list[Path], copy: Path, seconds: float) -> dict[int, list[str]]:
    """The number of each function of `paths`, counted through -> the tests that enter it.

    Those that enter few functions come first, file by file. A test that fails with the marks, as
    where it looks at sources, is none of them.

    Args:
        paths: of the modules, in the folder `copy`, a copy of the project that is put back after.
        seconds: for the whole suite.
    """
    sources = {path: (copy / path).read_text() for path in paths}
    written = copy.parent / "entered"
    written.mkdir()
    words = ["-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "tests.long.entered"]
    words += ["-m", "not long_form"]  # of which one is this
    first = 0
    try:
        for path, source in sources.items():
            (copy / path).write_text(marked(source, first))
            first += len(functions(source))
        done = subprocess.run(
            [sys.executable, *words, "-n", "auto", "--dist", "worksteal", "tests"],
            cwd=copy,
            env=os.environ | {"PYTHONPATH": str(copy), FOLDER: str(written)},
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
    finally:
        for path, source in sources.items():
            (copy / path).write_text(source)
    failed = set(re.findall(r"^(?:FAILED|ERROR) (.+?)(?: - |$)", done.stdout, re.MULTILINE))
    for test in sorted(failed):
        print(f"fails with the marks, and is left out: {test}", file=sys.stderr, flush=True)
    entered: dict[str, set[int]] = {}
    for file in written.iterdir():
        for line in file.read_text().splitlines(keepends=True):
            if not line.endswith("\n"):  # of a process that was killed, or that a full disk met
                continue
            test, numbers = json.loads(line)
            if test not in failed:
                entered.setdefault(test, set()).update(numbers)
    shutil.rmtree(written)
    return _by_function(entered)


def _by_function(entered: dict[str, set[int]]) -> dict[int, list[str]]:
    fewest: dict[str, int] = {}
    for test, numbers in entered.items():
        file = test.partition("::")[0]
        fewest[file] = min(fewest.get(file, len(numbers)), len(numbers))
    found: dict[int, list[str]] = {}
    for test in sorted(entered, key=lambda t: (fewest[t.partition("::")[0]], t)):
        for number in entered[test]:
            found.setdefault(number, []).append(test)
    return found
