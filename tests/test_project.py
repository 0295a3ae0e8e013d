"""The rules of imports that are read from the source, and how fast the package is imported."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.allowed_imports import MAY_IMPORT, PROGRAMS

ROOT = Path(__file__).parent.parent
LIBRARY = sorted((ROOT / "scratchnet").rglob("*.py"))

THIRD_PARTY = {"engine": {"numpy"}, "kernels": {"numpy", "numba", "llvmlite"}}

# What may be imported only where it is used: it is slow to import, and not everybody needs it.
LAZY = {"matplotlib", "tensorboard", "h5py", "rich", "tensorflow", "keras"}


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def package_of(path: Path) -> str:
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
        return  # the public namespace: tests/test_imports.py has its rule
    here = package_of(path)
    for module in imports(path):
        top, _, rest = module.partition(".")
        assert top not in {"reference", "tests", "benchmarks"}
        if top == "scratchnet":
            allowed = MAY_IMPORT[here] - ({""} if here not in PROGRAMS else set()) | {here}
            assert rest.partition(".")[0] in allowed, f"{here} imports {module}"
        elif here in THIRD_PARTY:
            assert top in THIRD_PARTY[here] | sys.stdlib_module_names, f"{here} imports {module}"


@pytest.mark.parametrize("path", LIBRARY, ids=name_of)
def test_what_is_slow_to_import_is_imported_where_it_is_used(path):
    tops = {module.partition(".")[0] for module in imports(path, lazy=False)}
    assert not tops & LAZY
    assert "typer" not in tops or package_of(path) in {"cli", "cli_options"}


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
