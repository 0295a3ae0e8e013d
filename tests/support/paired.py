"""One program text, run on TensorFlow and on scratchnet, and the two outcomes compared.

A program is either Python text over the names ``tf`` and ``np``, statements and at last an
expression, or a function of the module.  Its outcome is described by dtype, shape, exact value and
printed forms, so two outcomes are equal only if a user could not tell them apart.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import tensorflow

import scratchnet

Program = str | Callable[[Any], Any]


def titled(text: str) -> list[Any]:
    """The programs of `text`, each under a line ``# title``, as parameters with that for an id."""
    blocks = [block.split("\n", 1) for block in re.split(r"^# ", text, flags=re.MULTILINE)[1:]]
    return [pytest.param(program, id=title.strip()) for title, program in blocks]


def programs(table: str) -> list[str]:
    """The programs of a table: its cells, which `` | `` parts."""
    return [cell.strip() for line in table.strip().splitlines() for cell in line.split(" | ")]


def run(program: Program, tf: Any) -> Any:
    """The value of `program` with `tf` for its module."""
    if callable(program):
        return program(tf)
    body = ast.parse(program).body
    names = {"tf": tf, "np": np}
    last = body.pop()
    if not isinstance(last, ast.Expr):
        raise SyntaxError(f"a program ends with an expression: {program!r}")
    exec(compile(ast.Module(body, []), "program", "exec"), names)
    return eval(compile(ast.Expression(last.value), "program", "eval"), names)


def describe(value: Any) -> Any:
    """`value` in terms that the two modules share."""
    if isinstance(value, dict):
        return {key: describe(part) for key, part in value.items()}
    if isinstance(value, scratchnet.TensorShape | tensorflow.TensorShape):
        return ("shape", repr(value), str(value))
    if isinstance(value, scratchnet.DType | tensorflow.DType):
        return ("dtype", repr(value), str(value), value.name)
    if isinstance(value, list | tuple):
        return [type(value).__name__, *map(describe, value)]
    if isinstance(value, np.ndarray | np.generic):
        return (type(value).__name__, value.dtype.name, value.shape, repr(value.tolist()))
    if hasattr(value, "read_value"):
        return ("variable", repr(value), str(value), describe(value.numpy()))
    if hasattr(value, "numpy"):
        texts = (repr(value), str(value), f"{value}")
        return ("tensor", value.dtype.name, tuple(value.shape), texts, describe(value.numpy()))
    return (type(value).__name__, repr(value))


def agree(program: Program) -> None:
    """The program returns the same on both modules."""
    expected, received = describe(run(program, tensorflow)), describe(run(program, scratchnet))
    assert received == expected, f"\n{received}, but TensorFlow:\n{expected}"


def error_of(program: Program, tf: Any) -> Exception:
    """The error that `program` ends with."""
    try:
        value = run(program, tf)
    except Exception as error:
        return error
    raise AssertionError(f"{tf.__name__}: no error, but {value!r}")


def families(error: Exception) -> list[str]:
    """The names of the error classes by which a user may catch `error`."""
    return [kind.__name__ for kind in type(error).__mro__]


def both_raise(program: Program, phrase: str) -> None:
    """The program fails on both modules, for the same ``except``, with `phrase` in both texts."""
    expected, received = error_of(program, tensorflow), error_of(program, scratchnet)
    assert type(expected).__name__ in families(received), f"{received!r} for {expected!r}"
    assert phrase in str(expected)
    assert phrase in str(received)
