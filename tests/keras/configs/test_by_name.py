"""ByName: the same rules for losses, metrics, initializers, regularizers and constraints."""

from __future__ import annotations

import inspect

import pytest

from scratchnet import keras

FAMILIES = {
    "constraint": (keras.constraints, "NonNeg"),
    "initializer": (keras.initializers, "HeNormal"),
    "loss": (keras.losses, "MeanSquaredError"),
    "metric": (keras.metrics, "MeanSquaredError"),
    "regularizer": (keras.regularizers, "L2"),
}


@pytest.fixture(params=FAMILIES)
def family(request):
    return request.param, *FAMILIES[request.param]


def test_get_takes_a_name_a_class_an_object_a_config_and_none(family):
    _, module, name = family
    cls = getattr(module, name)
    thing = cls()
    assert type(module.get(name)) is type(module.get(cls)) is cls
    assert module.get(thing) is thing
    assert type(module.get(module.serialize(thing))) is cls
    assert module.get(None) is None


def test_get_hands_a_function_back(family):
    _, module, _ = family

    def function(*args):
        return 0.0

    assert module.get(function) is function


@pytest.mark.parametrize("wrong", ["no_such_name", 3, [1]])
def test_what_names_nothing_is_refused(family, wrong):
    kind, module, _ = family
    with pytest.raises(ValueError, match=f"Could not interpret {kind} identifier"):
        module.get(wrong)


def test_a_dict_that_is_no_config_is_refused(family):
    _, module, _ = family
    with pytest.raises(ValueError, match="Unknown `config`"):
        module.get({"name": "x"})


def test_deserialize_takes_custom_objects(family):
    _, module, name = family
    custom = type("Mine", (getattr(module, name),), {})
    assert type(module.deserialize("Mine", {"Mine": custom})) is custom
    with keras.saving.CustomObjectScope({"Mine": custom}):
        assert type(module.get("Mine")) is custom


def test_signatures_are_those_of_keras(family):
    _, module, _ = family
    assert list(inspect.signature(module.get).parameters) == ["identifier"]
    assert list(inspect.signature(module.deserialize).parameters) == ["config", "custom_objects"]
