"""CASES and BAD_CALLS of all families of ops as whole tables."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

import tests.ops
from tests.engine import test_base_variable
from tests.support.bad_calls import Bad
from tests.support.cases import Case

FAMILIES = [
    *(import_module(f"tests.ops.{module.name}") for module in iter_modules(tests.ops.__path__)),
    test_base_variable,  # whose op, reading a variable, is the engine's own
]


def _all_cases() -> dict[str, Case]:
    found: dict[str, Case] = {}
    for family in FAMILIES:
        for name, case in getattr(family, "CASES", {}).items():
            if name in found:
                raise ValueError(f"{name} has two cases, one of them in {family.__name__}")
            found[name] = case
    return found


CASES = _all_cases()
BAD_CALLS: list[Bad] = [row for family in FAMILIES for row in getattr(family, "BAD_CALLS", [])]
