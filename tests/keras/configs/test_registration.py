"""The register of your own classes and functions, and the scopes that know them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import scratchnet
from tests.support.keras_programs import complain_alike, same
from tests.support.own_classes import own_function, registered
from tests.support.threads import elsewhere


def test_names_and_objects_of_the_register():
    def program(tf):
        utils = tf.keras.utils
        function = own_function(tf)
        named = registered(tf, own_function(tf, register=False), "other")
        with utils.custom_object_scope({"here": 3}):
            inside = utils.get_registered_object("here")
            with utils.CustomObjectScope({"deeper": 4}):
                deeper = utils.get_registered_object("deeper")
        return [
            utils.get_registered_name(function),
            utils.get_registered_name(named),
            utils.get_registered_name(len),
            utils.get_registered_object("tests>doubled") is function,
            utils.get_registered_object("none"),
            utils.get_registered_object("none", {"none": 1}, {"none": 2}),
            utils.get_registered_object("none", module_objects={"none": 2}),
            utils.get_custom_objects()["tests>other"] is named,
            [inside, deeper, utils.get_registered_object("here")],
            utils.register_keras_serializable()(type("A", (), {"get_config": 1})).__name__,
            utils.get_registered_object("Custom>A") is None,
        ]

    same(program)
    complain_alike(
        lambda tf: tf.keras.utils.register_keras_serializable()(type("A", (), {})), "get_config()"
    )


def test_the_names_are_in_keras_saving_and_keras_utils():
    keras = scratchnet.keras
    for name in ("serialize_keras_object", "deserialize_keras_object", "get_registered_name"):
        assert getattr(keras.saving, name) is getattr(keras.utils, name)
    for name in ("save_model", "load_model"):
        assert getattr(keras.saving, name) is getattr(keras.models, name)


def test_custom_objects_are_known_in_one_thread() -> None:
    def known() -> Any:
        return scratchnet.keras.saving.get_registered_object("Mine")

    with scratchnet.keras.saving.custom_object_scope({"Mine": int}):
        assert known() is int
        assert elsewhere(known) is None
        assert elsewhere(lambda: scope_in_scope(known)) is str
        assert known() is int
    assert known() is None


def scope_in_scope(known: Callable[[], Any]) -> Any:
    with scratchnet.keras.saving.custom_object_scope({"Mine": str}):
        return known()


def test_the_register_beside_keras() -> None:
    """Names given and not, looked up in every way."""

    def program(tf: Any) -> list[Any]:
        saving = tf.keras.utils

        @saving.register_keras_serializable()
        class First:
            def get_config(self) -> Any:
                return {}

        @saving.register_keras_serializable("shop", "other")
        def second(x: Any) -> Any:
            return x

        @saving.register_keras_serializable(package="shop")
        def third(x: Any) -> Any:
            return x

        def fourth(x: Any) -> Any:
            return x

        found = [saving.get_registered_name(thing) for thing in (First, second, third, fourth)]
        got = saving.get_registered_object
        known = {"fourth": fourth, "Custom>First": fourth}
        found += [
            got("Custom>First") is First,
            got("First"),
            got("shop>other") is second,
            got("shop>second"),
            got("fourth"),
            got("fourth", {}),
            got("fourth", known) is fourth,
            got("fourth", None, known) is fourth,
            got("fourth", {"fourth": third}, known) is third,
            got("Custom>First", known) is First,
            saving.get_custom_objects()["shop>other"] is second,
        ]
        with saving.CustomObjectScope({"Custom>First": third, "a": fourth}) as scope:
            found += [got("Custom>First") is third, got("a") is fourth, scope.custom_objects["a"]]
            with saving.custom_object_scope({"b": second}):
                found += [got("b") is second]
            found += [got("b"), got("a") is fourth]
        found += [got("a"), got("Custom>First") is First]
        for name in ("Custom>First", "shop>other", "shop>third"):
            del saving.get_custom_objects()[name]
        return [getattr(x, "__name__", x) for x in found]

    same(program)


def test_what_cannot_be_registered() -> None:
    def program(tf: Any) -> None:
        tf.keras.utils.register_keras_serializable("p", "n")(type("Bare", (), {}))

    complain_alike(program, "Cannot register a class that does not have a get_config() method")


@pytest.mark.parametrize("wrong", [3, [("a", int)], "ab"])
def test_a_scope_is_of_a_dict(wrong: Any) -> None:
    with pytest.raises(ValueError, match="CustomObjectScope: `custom_objects` must be a dict of"):
        scratchnet.keras.saving.CustomObjectScope(wrong)


def test_an_empty_scope_knows_nothing_more() -> None:
    with scratchnet.keras.saving.CustomObjectScope(None) as scope:
        assert scope.custom_objects == {}
        assert scratchnet.keras.saving.get_registered_object("a") is None


def test_who_wins_among_custom_objects() -> None:
    """The register, then the scope around, then what is given."""
    read = scratchnet.keras.saving.deserialize_keras_object
    assert read(["a", "b"], {"a": int}) == [int, "b"]
    assert read("a") == "a"
    scope = scratchnet.keras.saving.CustomObjectScope({"a": str, "Custom>Own": str})
    own = registered(scratchnet, type("Own", (), {"get_config": lambda self: {}}))
    name = scratchnet.keras.saving.get_registered_name(own)
    with scope:
        assert read(["a", "b"], {"a": int, "b": float}) == [str, float]
        assert read(name, {name: int}) is own


@pytest.mark.parametrize("wrong", [3, [("a", int)], "ab", np.ones((2, 2))], ids=str)
def test_custom_objects_are_a_dict(wrong: Any) -> None:
    keras = scratchnet.keras
    for deserialize, config in (
        (keras.utils.deserialize_keras_object, 1.0),
        (keras.activations.deserialize, "relu"),
        (keras.losses.deserialize, "mse"),
    ):
        with pytest.raises(TypeError, match=r"^deserialize: `custom_objects` must be a dict of c"):
            deserialize(config, custom_objects=wrong)
    assert keras.utils.deserialize_keras_object(1.0, custom_objects=[]) == 1.0
    with pytest.raises(ValueError, match=r"^CustomObjectScope: `custom_objects` must be a dict"):
        keras.saving.CustomObjectScope(wrong)
