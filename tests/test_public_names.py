"""The public names: what `dir` lists is what TensorFlow has, and a type checker knows no others."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import keras
import pytest
import tensorflow

import scratchnet

ROOT = Path(__file__).parent.parent

# What scratchnet offers besides, on purpose.
OWN = {
    "tf": {"trace", "tracing", "warmup"},
    "tf.errors": {"NoDerivativeError"},
    "tf.keras.config": {
        *("enable_strict_compile", "disable_strict_compile", "is_strict_compile_enabled"),
        *("enable_layer_fusion", "disable_layer_fusion", "is_layer_fusion_enabled"),
    },
    "tf.keras.datasets": {"digits"},
    "tf.keras.datasets.digits": {"enlarge", "load_data"},
}


def public(module: object) -> set[str]:
    return {name for name in dir(module) if not name.startswith("_")}


def public_modules(module: ModuleType, shown: str = "tf") -> Iterator[tuple[str, ModuleType]]:
    """The public modules of scratchnet by the names of TensorFlow, from the top down."""
    yield shown, module
    for name in sorted(public(module)):
        inner = getattr(module, name)
        if isinstance(inner, ModuleType):
            yield from public_modules(inner, f"{shown}.{name}")


MODULES = dict(public_modules(scratchnet))


def of_tensorflow(shown: str) -> set[str]:
    """The names that TensorFlow has there, and Keras, some of whose names `tf.keras` lacks."""
    path = shown.split(".")[1:]
    places = [(tensorflow, path), (keras, path)]  # tf.losses, say, is keras.losses
    if path[:1] == ["keras"]:
        places.append((keras, path[1:]))
    names = set()
    for there, parts in places:
        for part in parts:
            there = getattr(there, part, None)
        names |= public(there) if isinstance(there, ModuleType) else set()
    return names


def test_all_of_the_public_modules_are_looked_at():
    assert {"tf", "tf.nn", "tf.debugging", "tf.test", "tf.keras.callbacks"} <= MODULES.keys()
    assert all(module.__name__.startswith("scratchnet") for module in MODULES.values())
    assert len(MODULES) > 35


@pytest.mark.parametrize("shown", MODULES)
def test_dir_lists_what_tensorflow_has(shown):
    module = MODULES[shown]
    assert public(module) == set(module.__all__)
    assert len(module.__all__) == len(set(module.__all__))
    assert public(module) - of_tensorflow(shown) == OWN.get(shown, set())
    assert {"__name__", "__doc__", "__file__", "__all__"} <= set(dir(module))
    assert all(hasattr(module, name) for name in dir(module))


CHECKED = """\
import scratchnet as tf
from scratchnet import keras

tf.nn.relu([1.0])
tf.math.reduce_sum([1.0])
tf.linalg.norm([1.0])
tf.debugging.assert_equal(1, 1)
tf.data.Dataset.range(3)
tf.random.set_seed(1)
keras.layers.Dense(3)
keras.callbacks.EarlyStopping()
keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.5)
tf.keras.utils.set_random_seed(1)
"""
WRONG = """\
import scratchnet as tf
from scratchnet import keras

tf.nothing
tf.nn.relux
tf.math.nothing
tf.linalg.nothing
tf.debugging.nothing
tf.data.nothing
tf.random.nothing
tf.test.nothing
keras.nothing
keras.layers.Dens
keras.callbacks.nothing
keras.optimizers.schedules.nothing
keras.config.nothing
keras.random.nothing
"""


def test_a_type_checker_knows_the_names_and_no_others(tmp_path):
    (tmp_path / "right.py").write_text(CHECKED)
    (tmp_path / "wrong.py").write_text(WRONG)
    said = subprocess.run(
        [sys.executable, "-m", "mypy", tmp_path / "right.py", tmp_path / "wrong.py"],
        cwd=ROOT,  # its settings, and its cache
        capture_output=True,
        text=True,
    ).stdout
    errors = [line.rpartition("/")[2] for line in said.splitlines() if "error:" in line]
    lines = [line for line in WRONG.splitlines() if "." in line and "import" not in line]
    assert len(errors) == len(lines), said
    for number, (error, line) in enumerate(zip(errors, lines, strict=True), 4):
        assert error.startswith(f"wrong.py:{number}: error: Module")
        assert f'has no attribute "{line.rpartition(".")[2]}"' in error
