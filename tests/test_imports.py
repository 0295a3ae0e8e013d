"""Imports only point down, file by file: no cycle, and no package imports one above it.

Counted is every import that a file can ever make: at its top, inside a function, and by
``import_module`` of a constant or of an f-string that begins with one. Left out are those under
``if TYPE_CHECKING:``, and that a module's parent packages are imported before it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from tests.support.allowed_imports import MAY_IMPORT, package_of

ROOT = Path(__file__).parent.parent
PACKAGE = "scratchnet"

Graph = dict[str, set[str]]  # module -> the modules that it imports


def modules(root: Path, package: str) -> dict[str, Path]:
    """The files of `package`, by the dotted names of the modules that they are."""
    found = {}
    for path in sorted((root / package).rglob("*.py")):
        parts = path.relative_to(root).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def import_graph(root: Path, package: str) -> Graph:
    """Which modules of `package` import which others."""
    files = modules(root, package)
    graph = {}
    for module, path in files.items():
        is_package = path.name == "__init__.py"
        asked = names_asked_for(ast.parse(path.read_text()), module, is_package)
        graph[module] = {found for name in asked for found in resolved(name, files)} - {module}
    return graph


def resolved(name: str, files: Iterable[str]) -> Iterator[str]:
    """The modules among `files` that are imported for `name`.

    ``a.b.C`` may be the module of that name or a member of ``a.b``; ``a.b*`` is every module whose
    name begins with ``a.b``.
    """
    if name.endswith("*"):
        yield from (module for module in files if module.startswith(name[:-1]))
    elif name in files:
        yield name
    elif name.rpartition(".")[0] in files:
        yield name.rpartition(".")[0]


def names_asked_for(tree: ast.AST, module: str, is_package: bool) -> Iterator[str]:
    """What a module imports, as absolute names; a name taken from a module ends it."""
    for node in counted(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = module.split(".")
            above = above[: len(above) - node.level + is_package] if node.level else []
            start = ".".join([*above, *([node.module] if node.module else [])])
            yield from (f"{start}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call) and node.args and called(node) in IMPORTERS:
            yield from constant_beginning(node.args[0])


IMPORTERS = ("import_module", "__import__")


def called(call: ast.Call) -> str:
    """``f`` for ``f(…)`` and for ``a.b.f(…)``."""
    return getattr(call.func, "attr", getattr(call.func, "id", ""))


def constant_beginning(value: ast.expr) -> Iterator[str]:
    """A constant string; of an f-string the constant that it begins with, and a star."""
    if isinstance(value, ast.JoinedStr) and value.values:
        yield from (f"{start}*" for start in constant_beginning(value.values[0]))
    elif isinstance(value, ast.Constant) and isinstance(value.value, str):
        yield value.value


def counted(node: ast.AST) -> Iterator[ast.AST]:
    """`node` and all below it, without what is there for type checkers only."""
    yield node
    children = list(ast.iter_child_nodes(node))
    if isinstance(node, ast.If) and is_type_checking(node.test):
        children = node.orelse
    for child in children:
        yield from counted(child)


def is_type_checking(test: ast.expr) -> bool:
    return getattr(test, "attr", getattr(test, "id", "")) == "TYPE_CHECKING"


def cycles(graph: Graph) -> list[list[str]]:
    """The groups of modules each of which leads to all others of its group."""
    found: list[list[str]] = []
    seen: set[str] = set()
    for module in graph:
        if module not in seen:
            group = {other for other in reached(graph, module) if module in reached(graph, other)}
            if group:
                found.append(sorted(group))
            seen |= group
    return found


def reached(graph: Graph, start: str) -> set[str]:
    """The modules that `start` imports, and that those import, and so on."""
    found: set[str] = set()
    waiting = list(graph[start])
    while waiting:
        module = waiting.pop()
        if module not in found:
            found.add(module)
            waiting += graph[module]
    return found


def not_allowed(graph: Graph) -> list[str]:
    """The imports of another package that `MAY_IMPORT` does not have."""
    return [
        f"{module} -> {other}"
        for module, others in graph.items()
        for other in sorted(others)
        if package_of(other) not in MAY_IMPORT[package_of(module)] | {package_of(module)}
    ]


GRAPH = import_graph(ROOT, PACKAGE)


def test_no_file_is_in_a_cycle_of_imports():
    assert not cycles(GRAPH)


def test_no_package_imports_one_above_it():
    packages = {package_of(module) for module in GRAPH}
    assert packages <= set(MAY_IMPORT), "a new package needs an entry in MAY_IMPORT"
    assert not not_allowed(GRAPH)


def test_the_packages_stand_one_above_the_other():
    assert not cycles(MAY_IMPORT)


# -- the checker finds what is planted ------------------------------------------------------------

HIDDEN_IMPORTS = {
    "plain": "import toy.keras.b",
    "from": "from toy.keras.b import x",
    "of a submodule": "from toy.keras import b",
    "under another name": "from toy.keras import b as other",
    "relative": "from . import b",
    "relative, of a name": "from .b import x",
    "relative, from above": "from ..keras.b import x",
    "lazy": "def f():\n    from toy.keras import b",
    "lazy, in a method": "class A:\n    def f(self):\n        import toy.keras.b",
    "in a branch": "try:\n    import toy.keras.b\nexcept ImportError:\n    pass",
    "dynamic": "import importlib\nimportlib.import_module('toy.keras.b')",
    "dynamic, by its name": "from importlib import import_module\nimport_module('toy.keras.b').x",
    "dynamic, lazy": "def f():\n    return __import__('toy.keras.b')",
    "dynamic, f-string": "import importlib\ndef f(x):\n    importlib.import_module(f'toy.k{x}')",
    "beside types": "if TYPE_CHECKING:\n    import os\nelse:\n    import toy.keras.b",
    "where no types are checked": "if not TYPE_CHECKING:\n    import toy.keras.b",
}


def toy(root: Path, **files: str) -> Graph:
    """The graph of a package of these files; ``keras__b`` is ``toy/keras/b.py``."""
    for name, text in {"__init__": "", "keras____init__": "", **files}.items():
        path = root / "toy" / f"{name.replace('__', '/', 1) if name != '__init__' else name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return import_graph(root, "toy")


@pytest.mark.parametrize("text", HIDDEN_IMPORTS.values(), ids=HIDDEN_IMPORTS)
def test_a_planted_cycle_is_found(text, tmp_path):
    graph = toy(tmp_path, keras__a=text, keras__b="def f():\n    from toy.keras.a import y")
    assert cycles(graph) == [["toy.keras.a", "toy.keras.b"]]


def test_a_long_cycle_is_found_once(tmp_path):
    files = {f"keras__m{i}": f"import toy.keras.m{(i + 1) % 5}" for i in range(5)}
    graph = toy(tmp_path, **files, keras__other="import toy.keras.m0")
    assert cycles(graph) == [[f"toy.keras.m{i}" for i in range(5)]]


def test_a_cycle_through_the_init_of_a_package_is_found(tmp_path):
    graph = toy(tmp_path, keras____init__="from toy.keras.a import x", keras__a="import toy.keras")
    assert cycles(graph) == [["toy.keras", "toy.keras.a"]]


@pytest.mark.parametrize(
    "text",
    [
        "if TYPE_CHECKING:\n    from toy.keras import b",
        "import typing\nif typing.TYPE_CHECKING:\n    import toy.keras.b",
        "import importlib\ndef f(name):\n    importlib.import_module(name)",
        "text = 'import toy.keras.b'",
        "import toy_keras.b",
        "from toy.keras.c import b",
    ],
)
def test_what_is_no_cycle_is_not_taken_for_one(text, tmp_path):
    assert not cycles(toy(tmp_path, keras__a=text, keras__b="import toy.keras.a", keras__c=""))


@pytest.mark.parametrize(
    ("module", "text"),
    [
        ("engine__tape", "from toy import ops"),
        ("ops__relu", "def f():\n    import toy.keras"),
        ("nn", "from toy.keras import layers"),
        ("framework__x", "from toy.keras import layers"),  # beside it
        ("keras__layers", "import importlib\nimportlib.import_module('toy.train.x')"),
        ("train__x", "from toy.twin import run"),
        ("keras__layers", "import toy"),
    ],
)
def test_a_planted_import_of_a_package_above_is_found(module, text, tmp_path):
    packages = ("engine", "ops", "train", "twin", "framework")
    files = {f"{name}____init__": "" for name in packages} | {"keras__layers": "", "train__x": ""}
    graph = toy(tmp_path, **{**files, "twin__run": "", "nn": "", module: text})
    start = f"toy.{module.replace('__', '.')} -> toy"
    assert [found.startswith(start) for found in not_allowed(graph)] == [True]
