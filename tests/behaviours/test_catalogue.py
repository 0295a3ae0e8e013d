"""No fact of the catalogue may be missing: each number has a test, or a reason why not."""

from __future__ import annotations

import ast
import re
from pathlib import Path

HERE = Path(__file__).parent
FACTS = range(27, 110)  # those before are about tensors, variables and tapes: see their test files
# number -> why it has no test
REASONS: dict[int, str] = {}


def catalogue() -> list[ast.FunctionDef]:
    """The test functions of the catalogue."""
    trees = [ast.parse(path.read_text()) for path in sorted(HERE.glob("test_*.py"))]
    functions = [node for tree in trees for node in tree.body if isinstance(node, ast.FunctionDef)]
    return [node for node in functions if re.match(r"test_\d+_", node.name)]


def number(test: ast.FunctionDef) -> int:
    return int(test.name.split("_")[1])


def test_every_fact_has_a_test_or_a_reason() -> None:
    tested = {number(test) for test in catalogue()}
    assert tested | REASONS.keys() == set(FACTS)
    assert not tested & REASONS.keys()
    assert all(REASONS.values())


def test_every_fact_is_told_in_words() -> None:
    told = {number(test) for test in catalogue() if ast.get_docstring(test)}
    assert told >= set(FACTS) - REASONS.keys()


def test_names_are_used_once() -> None:
    names = [test.name for test in catalogue()]
    assert len(names) == len(set(names))
