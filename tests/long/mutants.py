"""Small faults planted in `ops`, `engine` and `keras`, one at a time: do the tests notice?

Each case changes one place of one module in a copy of the sources (an operator, a comparison, a
constant, an axis, a condition, a statement left out) and runs the tests that mirror the module; if
they pass, those of its folder. A mutant that lives is a finding: a test is missing, or the change
makes no difference, which a reader of the line that is shown must decide.
"""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.long.forms import Form

ROOT = Path(__file__).parents[2]
ROOMS = ("ops", "engine", "keras")
PUBLIC = ("tests/test_namespaces.py", "tests/test_public_names.py")
COPIED = ("scratchnet", "tests", "reference", "benchmarks")
PATIENCE = 600  # seconds, after which a test that does not end has noticed
KILLED = (
    "killed",
    "killed by the folder's tests only",
    f"killed after {PATIENCE} s without an end",
)

OPERATORS = {
    ast.Add: ("+", "-"),
    ast.Sub: ("-", "+"),
    ast.Mult: ("*", "/"),
    ast.Div: ("/", "*"),
    ast.FloorDiv: ("//", "/"),
    ast.Mod: ("%", "*"),
    ast.Pow: ("**", "*"),
    ast.Lt: ("<", "<="),
    ast.LtE: ("<=", "<"),
    ast.Gt: (">", ">="),
    ast.GtE: (">=", ">"),
    ast.Eq: ("==", "!="),
    ast.NotEq: ("!=", "=="),
    ast.Is: ("is", "is not"),
    ast.IsNot: ("is not", "is"),
    ast.In: ("in", "not in"),
    ast.NotIn: ("not in", "in"),
    ast.And: ("and", "or"),
    ast.Or: ("or", "and"),
}
NAMES = {"argmax": "argmin", "maximum": "minimum", "minimum": "maximum", "max": "min", "min": "max"}


@dataclass(frozen=True)
class Mutant:
    """The characters from `begin` to `end` of a file replaced by `text`."""

    begin: int
    end: int
    text: str

    def of(self, source: str) -> str:
        return source[: self.begin] + self.text + source[self.end :]


def mutants_of(source: str) -> list[Mutant]:
    """All that one file can be changed to, one place at a time."""
    starts = [0]
    for line in source.split("\n"):
        starts.append(starts[-1] + len(line.encode()) + 1)
    raw = source.encode()

    def at(line: int, column: int) -> int:
        return len(raw[: starts[line - 1] + column].decode())

    def begin(node: ast.AST) -> int:
        return at(node.lineno, node.col_offset)  # type: ignore[attr-defined]

    def end(node: ast.AST) -> int:
        return at(node.end_lineno, node.end_col_offset)  # type: ignore[attr-defined]

    def between(left: ast.AST, right: ast.AST, op: ast.AST) -> Iterator[Mutant]:
        old, new = OPERATORS.get(type(op), ("", ""))
        found = re.search(rf"(?<!\S){re.escape(old)}(?!\S)", source[end(left) : begin(right)])
        if old and found:
            yield Mutant(end(left) + found.start(), end(left) + found.end(), new)

    def of(node: ast.AST) -> Iterator[Mutant]:
        match node:
            case ast.BinOp(left, op, right) if not isinstance(left, ast.Constant | ast.JoinedStr):
                yield from between(left, right, op)
            case ast.Compare(left, ops, rights):
                for a, op, b in zip([left, *rights], ops, rights, strict=False):
                    yield from between(a, b, op)
            case ast.BoolOp(op, values):
                yield from between(values[0], values[1], op)
            case ast.UnaryOp(ast.Not() | ast.USub() as op):
                length = len("-" if isinstance(op, ast.USub) else "not ")
                yield Mutant(begin(node), begin(node) + length, "")
            case ast.Constant(bool() as value):
                yield Mutant(begin(node), end(node), str(not value))
            case ast.Constant(int() | float() as value):
                yield Mutant(begin(node), end(node), f"{value + 1}")
            case ast.Attribute(_, attr) if attr in NAMES:
                yield Mutant(end(node) - len(attr), end(node), NAMES[attr])
            case ast.Return(ast.AST() as value) if not isinstance(value, ast.Constant):
                yield Mutant(begin(value), end(value), "None")
            case ast.Expr(ast.Call()) | ast.AugAssign() | ast.Raise() | ast.Delete():
                yield Mutant(begin(node), end(node), "pass")
            case ast.Assign([ast.Attribute() | ast.Subscript()]):
                yield Mutant(begin(node), end(node), "pass")

    return [mutant for node in _code(ast.parse(source)) for mutant in of(node)]


def _code(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes that are run as numbers: no annotations, no texts, no declarations of types."""
    if isinstance(node, ast.JoinedStr):
        return
    if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
        return
    if isinstance(node, ast.keyword) and ast.unparse(node) in ("copy=False", "strict=True"):
        return  # a copy more, or a check less that cannot fail: no number changes
    if isinstance(node, ast.FunctionDef) and "overload" in map(ast.unparse, node.decorator_list):
        return
    yield node
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "decorator_list", "type_params"):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield from _code(child)


def modules(only: str) -> list[Path]:
    found = [p for room in ROOMS for p in sorted((ROOT / "scratchnet" / room).rglob("*.py"))]
    found = [p.relative_to(ROOT) for p in found if p.name != "__init__.py"]
    return [p for p in found if only in p.as_posix()]


def tests_of(module: Path) -> list[list[str]]:
    """The module's examples and the files that mirror it; then the folder that they lie in.

    What is public is compared with TensorFlow in the files of `PUBLIC`, whatever the module.
    """
    folder = Path("tests") / module.parent.relative_to("scratchnet")
    files = sorted((ROOT / folder).glob(f"test_{module.stem}.py"))
    files += sorted((ROOT / folder).glob(f"test_{module.stem}_*.py"))
    own = [module.as_posix(), *[path.relative_to(ROOT).as_posix() for path in files]]
    return [own, [folder.as_posix(), *PUBLIC] if (ROOT / folder).exists() else [*PUBLIC]]


def passes(tests: list[str], folder: Path) -> bool | None:
    """Whether the tests pass, on the sources in `folder`; None: they did not end.

    A file in which there are none (exit code 5) passes.
    """
    words = ["-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-p", "no:randomly", *tests]
    try:
        done = subprocess.run(
            [sys.executable, *words],
            cwd=folder,
            env=os.environ | {"PYTHONPATH": str(folder)},
            capture_output=True,
            timeout=PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return None
    return done.returncode in (0, 5)


def copied(folder: Path) -> None:
    for name in COPIED:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)


def run(form: Form) -> None:
    places = [
        (path, k)
        for path in modules(form.only)
        for k in range(len(mutants_of((ROOT / path).read_text())))
    ]
    form.count("places that can be changed", len(places))
    with TemporaryDirectory() as place:
        folder = Path(place)
        copied(folder)
        for i in form.numbers():
            path, k = places[int(form.rng(i).integers(len(places)))]
            source = (ROOT / path).read_text()
            changed = mutants_of(source)[k].of(source)
            (folder / path).write_text(changed)
            try:
                _try(form, i, path, source, changed, folder)
            finally:
                (folder / path).write_text(source)
    killed = sum(form.figures[how] for how in KILLED)
    if form.figures["cases"]:
        form.count("killed, %", round(100 * killed / form.figures["cases"]))


def _try(form: Form, i: int, path: Path, source: str, changed: str, folder: Path) -> None:
    shown = _difference(source, changed)
    for stage, tests in enumerate(tests_of(path)):
        passed = passes(tests, folder)
        if not passed:
            how = KILLED[2] if passed is None else KILLED[bool(stage)]
            form.count(how)
            form.log(f"case {i}, {how}: {path}{shown}")
            return
    form.found(i, "a mutant that lives", f"{path}{shown}")


def _difference(source: str, changed: str) -> str:
    old, new = source.split("\n"), changed.split("\n")
    line = next(k for k, (a, b) in enumerate(zip(old, new, strict=False)) if a != b)
    return f":{line + 1}: {old[line].strip()}  ->  {new[line].strip()}"
