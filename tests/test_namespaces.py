"""Public functions take TensorFlow's arguments, in its order, with its defaults."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

import pytest
import tensorflow

import scratchnet

NAMES = {space: list(getattr(scratchnet, space).__all__) for space in ("math", "nn", "linalg")}
NAMES |= {"bitwise": list(scratchnet.bitwise.__all__)}
NAMES["tf"] = [
    name
    for name in scratchnet.__all__
    if getattr(getattr(scratchnet, name), "__module__", "").startswith("scratchnet.ops")
]


@pytest.mark.parametrize("space", NAMES)
def test_every_name_is_tensorflows(space: str) -> None:
    ours, theirs = (getattr(tf, space, tf) for tf in (scratchnet, tensorflow))
    assert len(set(NAMES[space])) == len(NAMES[space])
    for name in NAMES[space]:
        f, g = getattr(ours, name), getattr(theirs, name)
        mine = [
            p for p in inspect.signature(f).parameters.values() if p.kind == p.POSITIONAL_OR_KEYWORD
        ]
        yours = list(inspect.signature(g).parameters)
        assert [p.name for p in mine] == yours[: len(mine)], f"{space}.{name}"


# (function, argument): why its default is not TensorFlow's.
OTHER_DEFAULTS = {
    **{("Variable.__init__", name): "an enum" for name in ("synchronization", "aggregation")},
    **{(f"Variable.assign{end}", "use_locking"): "ignored" for end in ("", "_add", "_sub")},
    ("custom_gradient", "f"): "None does nothing there",
    ("keras.InputSpec.__init__", "axes"): "None is read as {}",
    ("keras.KerasTensor.__init__", "dtype"): "None is floatx, which is float32",
    **{
        (f"keras.layers.{cell}.call", "states"): "an error of ours names them"
        for cell in ("GRUCell", "SimpleRNNCell", "StackedRNNCells")
    },
    ("keras.Metric.add_variable", "initializer"): "may be left out here",
    ("keras.Metric.add_weight", "initializer"): "None is zeros",
    ("linalg.norm", "keepdims"): "None is False",
    ("math.log_softmax", "axis"): "None is -1",
    ("math.softmax", "axis"): "None is -1",
    ("nn.avg_pool", "data_format"): "None is NHWC",
    ("nn.max_pool", "data_format"): "None is NHWC",
}


def default_of(parameter: inspect.Parameter) -> str:
    value = parameter.default
    if value is parameter.empty:
        return "required"
    if isinstance(value, scratchnet.DType | tensorflow.DType):
        return repr(value.name)
    return str(getattr(value, "__name__", repr(value)))


def functions(ours: Any, theirs: Any, path: str, seen: set[int]) -> Iterator[tuple[str, Any, Any]]:
    """(name, our function, TensorFlow's) for all functions and methods that both have."""
    for name in dir(ours):
        if name.startswith("_") or not hasattr(theirs, name):
            continue
        f, g = getattr(ours, name), getattr(theirs, name)
        if id(f) in seen:
            continue
        seen.add(id(f))
        if inspect.ismodule(f):
            if f.__name__.startswith("scratchnet"):
                yield from functions(f, g, f"{path}{name}.", seen)
        elif inspect.isclass(f):
            yield f"{path}{name}.__init__", f.__init__, g.__init__
            yield from functions(f, g, f"{path}{name}.", seen)
        elif callable(f):
            yield path + name, f, g


def test_defaults_are_tensorflows() -> None:
    compared, differ = 0, {}
    for name, f, g in functions(scratchnet, tensorflow, "", set()):
        try:
            mine, yours = inspect.signature(f).parameters, inspect.signature(g).parameters
        except (TypeError, ValueError):  # of builtins
            continue
        for key in mine.keys() & yours.keys():
            compared += 1
            found, wanted = default_of(mine[key]), default_of(yours[key])
            if found != wanted:
                differ[name, key] = f"{found}, TensorFlow {wanted}"
    assert compared > 2000
    assert differ.keys() == OTHER_DEFAULTS.keys(), differ
