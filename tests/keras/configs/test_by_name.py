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


def test_a_config_is_looked_up_by_its_module(family):
    """One without a module must name ours or yours; of another module only yours is found."""
    kind, module, name = family
    cls = getattr(module, name)
    config = {"class_name": name, "config": cls().get_config()}
    custom = type("Mine", (cls,), {})
    for given in ({}, {"module": None}, {"module": ""}, {"module": f"keras.{kind}s"}):
        assert type(module.deserialize({**config, **given})) is cls
        assert type(module.get({**config, **given})) is cls
    with pytest.raises(TypeError, match="Could not locate class"):
        module.deserialize({**config, "module": "other"})
    with pytest.raises(ValueError, match=f"Could not interpret {kind} identifier: {{'class_name"):
        module.deserialize({**config, "class_name": "Mine"})
    mine = {**config, "class_name": "Mine", "registered_name": "Mine"}
    for given in ({}, {"module": "other"}, {"module": None}):
        assert type(module.deserialize({**mine, **given}, {"Mine": custom})) is custom
    known = {**config, "module": f"keras.{kind}s", "registered_name": "Mine"}
    assert type(module.deserialize(known, {"Mine": custom})) is custom
    assert type(module.deserialize({**config, "module": None}, {name: custom})) is custom


def test_a_config_may_say_nothing_of_its_arguments(family):
    _, module, name = family
    for config in ({}, {"config": None}, {"config": {}}):
        assert type(module.deserialize({"class_name": name, **config})) is getattr(module, name)


def test_a_name_of_a_function_and_of_a_class_of_yours(family):
    _, module, name = family

    def function(*args):
        return 0.0

    made = module.deserialize("function", {"function": function})
    assert made is function
    assert type(module.deserialize(name)) is getattr(module, name)
    assert module.deserialize(made) is function


def test_a_config_may_name_a_function():
    function = keras.losses.mean_squared_error
    assert keras.losses.deserialize({"class_name": "mse", "config": {}}) is function
    assert keras.losses.get({"class_name": "mse"}) is keras.losses.get("mse") is function
