"""The table of published names: all that Keras shows can be named in a config, and nothing else."""

from __future__ import annotations

import inspect
import subprocess
import sys
from typing import Any

import pytest

from scratchnet import keras
from scratchnet.keras.configs.lookup import find_class, public_module
from scratchnet.keras.configs.published import publish, published

SHOWN = {
    f"keras.{name}": getattr(keras, name)
    for name in (
        *("activations", "constraints", "initializers", "layers", "losses", "metrics", "models"),
        *("optimizers", "random", "regularizers"),
    )
} | {"keras": keras, "keras.optimizers.schedules": keras.optimizers.schedules}

CLASSES = [
    (module, name)
    for module, shown in SHOWN.items()
    for name in shown.__all__
    if inspect.isclass(getattr(shown, name)) and hasattr(getattr(shown, name), "from_config")
]


@pytest.mark.parametrize("module", SHOWN)
def test_what_a_module_shows_is_published(module):
    for name in SHOWN[module].__all__:
        assert published(module)[name] is getattr(SHOWN[module], name)


@pytest.mark.parametrize(("module", "name"), CLASSES)
def test_a_class_is_found_by_the_module_that_it_is_saved_with(module, name):
    cls = getattr(SHOWN[module], name)
    assert find_class({"module": module, "class_name": name}, {}) is cls
    home = public_module(cls)
    assert home is not None
    assert find_class({"module": home, "class_name": cls.__name__}, {}) is cls


def test_a_module_that_was_never_published_has_no_names():
    assert published("keras.nowhere") == {}
    with pytest.raises(TypeError, match=r"there is no module keras\.nowhere"):
        find_class({"module": "keras.nowhere", "class_name": "Dense"}, {})


def test_names_of_one_module_may_come_in_turns():
    publish("keras.of_a_test", {"a": 1})
    publish("keras.of_a_test", {"b": 2})
    assert published("keras.of_a_test") == {"a": 1, "b": 2}


def test_a_class_of_your_own_is_not_public():
    class Dense(keras.layers.Dense):
        pass

    assert public_module(Dense) is None


@pytest.mark.parametrize("first", ["layers", "configs.published", "variable", "saving", "random"])
def test_the_table_is_full_whatever_is_imported_first(first: Any):
    program = (
        f"import scratchnet.keras.{first}; from scratchnet.keras import Variable; "
        "print(Variable('ones', shape=(2,)).numpy().sum())"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert run.stdout == "2.0\n", run.stderr
