"""Small faults planted in `ops`, `engine` and `keras`, one at a time: do the tests notice?

Each case changes one place of one module in a copy of the sources (an operator, a comparison, a
constant, an axis, a condition, a statement left out) and runs the tests that mirror the module. For
the mutants that live then, the whole suite is run once, to see which of its tests enter which
function (kept in the temporary folder until the sources change), and each mutant meets those that
enter its own, and those that compare signatures; one outside of all functions meets the tests of
its folder.
One that lives through that is a finding: a test is missing, or the change makes no difference,
which a reader of the line that is shown must decide.
"""

from __future__ import annotations

import ast
import hashlib
import json
import os
import re
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from threading import Lock

from tests.long import entered
from tests.long.forked import Run
from tests.long.forms import Form
from tests.long.peers import Peer

ROOT = Path(__file__).parents[2]
ROOMS = ("ops", "engine", "keras")
PUBLIC = ("tests/test_namespaces.py", "tests/test_public_names.py")
PATIENCE = 600  # seconds, after which tests that do not end have noticed: ten times the slowest
KILLED = (
    "killed",
    "killed by other tests that enter the function",
    "killed: the tests did not end",
)
WHOLE = 7200  # seconds for the whole suite
MANY = 300  # tests, which all cores run then

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


def tests_of(module: Path) -> list[str]:
    """The module's examples and the files that mirror it, or the one that it is tested with."""
    from tests.test_layout import TESTED_WITH  # with TensorFlow

    folder = ROOT / _folder_of(module)
    if (other := TESTED_WITH.get(module.as_posix())) is not None:
        return [module.as_posix(), other]
    files = [*folder.glob(f"test_{module.stem}.py"), *folder.glob(f"test_{module.stem}_*.py")]
    return [module.as_posix(), *[path.relative_to(ROOT).as_posix() for path in sorted(files)]]


def _folder_of(module: Path) -> Path:
    return Path("tests") / module.parent.relative_to("scratchnet")


def _tests_around(module: Path) -> list[str]:
    """Those of the module's folder, and of what is public, which is compared with TensorFlow."""
    folder = _folder_of(module)
    return [folder.as_posix(), *PUBLIC] if (ROOT / folder).exists() else [*PUBLIC]


class Copy:
    """A copy of the project in `folder`, and the process that runs its tests."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        shutil.copytree(
            ROOT, folder, ignore=shutil.ignore_patterns(".git", "__pycache__", ".*_cache")
        )
        self.process = Peer("tests.long.forked")
        self.failed: list[str] = []  # tests of the last run
        self._time = time.time()

    def write(self, path: Path, source: str) -> None:
        """Another second for each file: Python looks at no more of the time, and at the size."""
        (self.folder / path).write_text(source)
        self._time += 1
        os.utime(self.folder / path, (self._time, self._time))

    def passes(self, tests: list[str], seconds: float = PATIENCE) -> bool | None:
        """Whether the tests pass; None: they did not end.

        A file in which there are none (exit code 5) passes, and a test that is no more is left out.
        """
        words = ["-q", "-x", "-p", "no:cacheprovider", "-p", "no:randomly"]
        if len(tests) > MANY:
            words += ["-n", "auto", "--dist", "loadfile"]
        names = self.folder.parent / "names"
        names.write_text("\n".join(tests))  # one per line: a command line may not hold them
        run = Run(str(self.folder), (*words, f"@{names}"), seconds)
        said = self.process.ask(run, seconds + PATIENCE)
        if isinstance(said, str):
            raise RuntimeError(f"the process that runs the tests was lost: {said}")
        code, written = said
        if "file or directory not found" in written:
            raise ValueError(f"`tests` must exist, received {tests}")
        if lost := set(re.findall(r"^ERROR: not found: (.+)$", written, re.MULTILINE)):
            lost = {name.removeprefix(f"{self.folder}/") for name in lost}
            return self.passes([test for test in tests if test not in lost], seconds)
        self.failed = re.findall(r"^(?:FAILED|ERROR) (.+?)(?: - |$)", written, re.MULTILINE)
        return None if code is None else code in (0, 5)


def run(form: Form) -> None:
    places = [
        (path, k)
        for path in modules(form.only)
        for k in range(len(mutants_of((ROOT / path).read_text())))
    ]
    form.count("places that can be changed", len(places))

    def planted(i: int) -> Planted:
        path, k = places[int(form.rng(i).integers(len(places)))]
        source = (ROOT / path).read_text()
        return Planted(i, path, source, mutants_of(source)[k])

    with TemporaryDirectory() as place:
        copies = [Copy(Path(place, str(k), "copy")) for k in range(os.cpu_count() or 1)]
        try:
            cases = _Shared(planted(i) for i in form.numbers())
            alive = _living(form, cases, copies, lambda case: tests_of(case.path), KILLED[0])
            if alive:
                found = _entering(form, copies[0].folder)

                def entering(case: Planted) -> list[str]:
                    function = _function_of(case.path, case.line)
                    tests = found.get(-1 if function is None else function, [])
                    return [*PUBLIC, *tests] if tests else _tests_around(case.path)

                alive = _living(form, _Shared(alive), copies, entering, KILLED[1], WHOLE)
        finally:
            for copy in copies:
                copy.process.end()
    for case in alive:
        form.found(case.number, "a mutant that lives", str(case))
    killed = sum(form.figures[how] for how in KILLED)
    if form.figures["cases"]:
        form.count("killed, %", round(100 * killed / form.figures["cases"]))


@dataclass(frozen=True)
class Planted:
    """The mutant of a case."""

    number: int
    path: Path
    source: str
    mutant: Mutant

    @property
    def line(self) -> int:
        return self.source[: self.mutant.begin].count("\n") + 1

    def __str__(self) -> str:
        return f"{self.path}{difference(self.source, self.mutant.of(self.source))}"


class _Shared:
    """For several threads, which take the next case one after the other."""

    def __init__(self, cases: Iterable[Planted]) -> None:
        self._lock, self._rest = Lock(), iter(cases)

    def __iter__(self) -> Iterator[Planted]:
        return self

    def __next__(self) -> Planted:
        with self._lock:
            return next(self._rest)


def _living(
    form: Form,
    cases: Iterator[Planted],
    copies: list[Copy],
    tests_for: Callable[[Planted], list[str]],
    how: str,
    seconds: float = PATIENCE,
) -> list[Planted]:
    """The cases that live through their tests, in the copies, at the same time; `how` is told."""

    def some(copy: Copy) -> list[Planted]:
        living = []
        for case in cases:
            tests = tests_for(case)
            begin = time.monotonic()
            copy.write(case.path, case.mutant.of(case.source))
            passed = copy.passes(tests, seconds)
            copy.write(case.path, case.source)
            if (failed := copy.failed) and not copy.passes(failed):
                form.remark(f"fails without a mutant, too: {failed}")
                passed = True
            if passed:
                living.append(case)
            said = "alive" if passed else KILLED[2] if passed is None else how
            form.count(said)
            took = time.monotonic() - begin
            form.log(f"case {case.number}, {said} ({len(tests)} tests, {took:.0f} s): {case}")
        return living

    with ThreadPoolExecutor(len(copies)) as threads:
        return [case for part in threads.map(some, copies) for case in part]


def _entering(form: Form, folder: Path) -> dict[int, list[str]]:
    """`entered.tests_by_function`, of the last run if the sources are still the same."""
    every = modules("")
    sources = hashlib.sha256("".join((ROOT / path).read_text() for path in every).encode())
    kept = Path(gettempdir(), f"scratchnet-entered-{sources.hexdigest()[:16]}.json")
    if kept.exists():
        return {int(number): tests for number, tests in json.loads(kept.read_text()).items()}
    form.log("running the whole suite, to see which tests enter which function")
    found = entered.tests_by_function(every, folder, WHOLE)
    part = kept.with_suffix(f".{os.getpid()}")
    part.write_text(json.dumps(found))
    part.replace(kept)
    return found


def _function_of(path: Path, line: int) -> int | None:
    """The number of the innermost function around a line, counted through all modules."""
    before = 0
    for other in modules(""):
        source = (ROOT / other).read_text()
        if other == path:
            here = entered.around(source, line)
            return None if here is None else before + here
        before += len(entered.functions(source))
    return None


def difference(source: str, changed: str) -> str:
    """The line that changed, its number and what it became."""
    old, new = source.split("\n"), changed.split("\n")
    line = next(k for k, (a, b) in enumerate(zip(old, new, strict=False)) if a != b)
    return f":{line + 1}: {old[line].strip()}  ->  {new[line].strip()}"
