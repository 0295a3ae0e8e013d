"""The register of your own classes and functions, and the scopes that know them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

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
