"""The rules of the house, read from the source: imports, examples, versions, commands."""

from __future__ import annotations

import ast
import doctest
import inspect
import json
import re
import subprocess
import sys
import textwrap
import tomllib
from pathlib import Path

import numpy as np
import pytest
import tensorflow

import scratchnet
from scratchnet.engine.op import OPS
from scratchnet.ops import arithmetic

ROOT = Path(__file__).parent.parent
LIBRARY = sorted((ROOT / "scratchnet").rglob("*.py"))
BENCHMARKS = sorted((ROOT / "benchmarks").rglob("*.py"))
SOURCES = LIBRARY + sorted((ROOT / "reference").rglob("*.py")) + BENCHMARKS
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
README = (ROOT / "README.md").read_text()

# Imports only point down: what each room of the library may import from the others.
FACE = {"ops", "engine", "unsupported"}
MAY_IMPORT: dict[str, set[str]] = {
    "engine": set(),
    "kernels": set(),
    "ops": {"engine", "kernels"},
    **dict.fromkeys(("nn", "math", "linalg", "bitwise", "random", "errors"), FACE),
    **dict.fromkeys(("autodiff", "config", "debugging", "dtypes", "nest", "test"), FACE),
    "root_namespace": FACE,
    "atomic_files": set(),
    "unsupported": set(),
    "version": set(),
    "framework": FACE | {"config", "nest"},
    "data": FACE,
    "keras": FACE | {"data", "atomic_files", "version"},
    "train": {"engine", "keras", "data", "atomic_files"},
    "twin": {"engine", "train", "atomic_files"},
    "cli": {"cli_options", "train", "twin"},
    "cli_options": set(),
    "__main__": {"cli"},
}
THIRD_PARTY = {"engine": {"numpy"}, "kernels": {"numpy", "numba", "llvmlite"}}
# What may be imported only where it is used: it is slow to import, and not everybody needs it.
LAZY = {"matplotlib", "h5py", "rich", "tensorflow", "keras"}


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def room(path: Path) -> str:
    return path.relative_to(ROOT / "scratchnet").parts[0].removesuffix(".py")


def for_types_only(tree: ast.Module) -> set[ast.AST]:
    """Everything inside `if TYPE_CHECKING:`."""
    guards = [
        n for n in ast.walk(tree) if isinstance(n, ast.If) and "TYPE_CHECKING" in ast.dump(n.test)
    ]
    return {node for guard in guards for node in ast.walk(guard)}


def imports(path: Path, lazy: bool = True) -> set[str]:
    """The dotted names that a file imports when it is imported; with `lazy`, ever."""
    tree = ast.parse(path.read_text())
    inside_functions = {
        inner
        for outer in ast.walk(tree)
        if isinstance(outer, ast.FunctionDef | ast.AsyncFunctionDef)
        for inner in ast.walk(outer)
    }
    types_only = for_types_only(tree)
    found: set[str] = set()
    for node in ast.walk(tree):
        if node in types_only or (node in inside_functions and not lazy):
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name_of(path)}:{node.lineno} is a relative import"
            if node.module == "scratchnet":
                found |= {f"scratchnet.{alias.name}" for alias in node.names}
            else:
                found.add(str(node.module))
    return found


@pytest.mark.parametrize("path", LIBRARY, ids=name_of)
def test_imports_point_down(path):
    if path == ROOT / "scratchnet" / "__init__.py":
        return  # the face of all
    here = room(path)
    for module in imports(path):
        top, _, rest = module.partition(".")
        assert top not in {"reference", "tests", "benchmarks"}
        if top == "scratchnet":
            assert rest.partition(".")[0] in MAY_IMPORT[here] | {here}, f"{here} imports {module}"
        elif here in THIRD_PARTY:
            assert top in THIRD_PARTY[here] | sys.stdlib_module_names, f"{here} imports {module}"


@pytest.mark.parametrize("path", LIBRARY, ids=name_of)
def test_what_is_slow_to_import_is_imported_where_it_is_used(path):
    tops = {module.partition(".")[0] for module in imports(path, lazy=False)}
    assert not tops & LAZY
    assert "typer" not in tops or room(path) in {"cli", "cli_options"}


def test_the_import_checker_sees_what_it_should(tmp_path):
    path = tmp_path / "example.py"
    path.write_text(
        "import a.b\nfrom c import d\nfrom scratchnet import keras\n"
        "if TYPE_CHECKING:\n    import e\ndef f():\n    import g\n"
    )
    assert imports(path, lazy=False) == {"a.b", "c", "scratchnet.keras"}
    assert imports(path) == {"a.b", "c", "scratchnet.keras", "g"}


def test_importing_scratchnet_is_quick_and_brings_in_only_what_it_needs():
    program = (
        "import json, sys, time; start = time.process_time(); import scratchnet; "
        "print(json.dumps([time.process_time() - start, sorted(sys.modules)]))"
    )
    runs = [
        json.loads(
            subprocess.run([sys.executable, "-c", program], capture_output=True, check=True).stdout
        )
        for _ in range(3)
    ]
    assert not {name.partition(".")[0] for name in runs[0][1]} & (LAZY | {"typer"})
    assert min(seconds for seconds, _ in runs) < 1.5


# -- documentation --------------------------------------------------------------------------------

PUBLIC_OPS = {
    name: op.function
    for name, op in OPS.items()
    if op.function.__module__.startswith("scratchnet.ops") and not name.startswith("_")
}


@pytest.mark.parametrize("name", PUBLIC_OPS)
def test_every_public_op_has_an_example_that_runs(name):
    assert ">>>" in (inspect.getdoc(PUBLIC_OPS[name]) or "")


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_every_file_and_public_class_and_function_says_what_it_is(path):
    tree = ast.parse(path.read_text())
    assert ast.get_docstring(tree)
    for node in tree.body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef) and not node.name.startswith("_"):
            overload = any("overload" in ast.dump(d) for d in node.decorator_list)
            assert overload or ast.get_docstring(node), f"{name_of(path)}:{node.lineno} {node.name}"


def commands(text: str) -> list[str]:
    """The lines of the shell blocks of a Markdown text."""
    blocks = re.findall(r"^```(?:sh|bash|console)\n(.*?)^```", text, flags=re.M | re.S)
    return [line.strip() for block in blocks for line in block.splitlines() if line.strip()]


def test_the_readme_has_the_two_commands_and_ci_runs_the_second():
    install_and_train, install_and_test = commands(README)[:2]
    assert install_and_train.startswith("pip install ")
    assert "&& scratchnet train" in install_and_train
    assert install_and_test.endswith("&& pytest")
    assert install_and_test in (ROOT / ".ci" / "run").read_text()


@pytest.mark.parametrize("line", [c for c in commands(README) if "scratchnet " in c])
def test_every_command_in_the_readme_exists(line):
    words = line.rpartition("scratchnet ")[2].split()
    shown = subprocess.run(
        [sys.executable, "-m", "scratchnet", words[0], "--help"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    for option in (word for word in words if word.startswith("--")):
        assert re.search(rf"{option}\b", shown)


@pytest.mark.parametrize("link", re.findall(r"\]\(((?!https?:|#)[^)]+)\)", README))
def test_every_file_that_the_readme_links_to_is_there(link):
    assert (ROOT / link.partition("#")[0]).exists()


def test_every_room_that_the_readme_maps_is_there():
    rooms = re.findall(r"^\s*(?:scratchnet/)?(\w+/|\w+\.py)  ", README, flags=re.M)
    assert rooms
    for name in rooms:
        assert (ROOT / name).exists() or (ROOT / "scratchnet" / name).exists(), name


# -- versions and licence -------------------------------------------------------------------------


def test_the_version_is_said_once():
    assert PYPROJECT["project"]["version"] == scratchnet.__version__


def test_pre_commit_runs_the_tools_at_the_versions_of_the_test_extra():
    hooks = (ROOT / ".pre-commit-config.yaml").read_text()
    wanted = dict(
        re.findall(
            r"(ruff|mypy)==([\d.]+)",
            " ".join(PYPROJECT["project"]["optional-dependencies"]["test"]),
        )
    )
    pinned = set(re.findall(r"(ruff|mypy)==([\d.]+)", hooks))
    assert len(pinned) == len(wanted) == 2  # every hook of a tool has the same version
    for tool, version in pinned:
        assert version.startswith(wanted[tool])


def test_the_licence_is_the_one_that_is_declared():
    text = (ROOT / "LICENSE").read_text()
    assert PYPROJECT["project"]["license"] == "Apache-2.0"
    assert "Apache License" in text
    assert "END OF TERMS AND CONDITIONS" in text


def run_examples(text: str, names: dict[str, object]) -> int:
    """How many examples there are in a text; each must give what stands below it."""
    examples = doctest.DocTestParser().get_doctest(text, names, "examples", None, 0)
    failed, attempted = doctest.DocTestRunner().run(examples)
    assert failed == 0
    return attempted


def test_the_examples_in_the_readme_run():
    assert (
        sum(run_examples(b, {}) for b in re.findall(r"^```python\n(.*?)^```", README, re.M | re.S))
        >= 4
    )


def test_the_op_that_the_readme_adds_is_tensorflows():
    blocks = [
        textwrap.dedent(b) for b in re.findall(r"^   ```python\n(.*?)^   ```", README, re.M | re.S)
    ]
    room = dict(vars(arithmetic))
    try:
        for block in blocks:
            exec(block, room)
        x = np.array([-1.5, 0.0, 2.0])
        ours, theirs = (
            first_and_second(tf, f, x)
            for tf, f in ((scratchnet, room["cube"]), (tensorflow, lambda x: x**3))
        )
        np.testing.assert_allclose(ours, theirs, rtol=1e-12)
        assert run_examples(room["cube"].__doc__, room) == 1
    finally:
        OPS.pop("cube", None)


def first_and_second(tf, f, x):
    """f(x) and its first two derivatives, with the module `tf`."""
    x = tf.constant(x)
    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape() as inner:
            inner.watch(x)
            y = f(x)
        first = inner.gradient(y, x)
    return [y.numpy(), first.numpy(), outer.gradient(first, x).numpy()]
