"""Every file, public class and function says what it is; every op has an example."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path

import pytest

from scratchnet.engine.op import OPS

ROOT = Path(__file__).parent.parent
LIBRARY = sorted((ROOT / "scratchnet").rglob("*.py"))
BENCHMARKS = sorted((ROOT / "benchmarks").rglob("*.py"))
SOURCES = LIBRARY + sorted((ROOT / "reference").rglob("*.py")) + BENCHMARKS


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


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
