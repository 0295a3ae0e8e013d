"""Shared objects are numbered in one thread."""

from __future__ import annotations

from typing import Any

from scratchnet.keras.configs import shared_objects
from tests.support.threads import elsewhere


def test_shared_objects_are_numbered_in_one_thread() -> None:
    thing = object()
    config: dict[str, Any] = {}
    with shared_objects.numbering(), shared_objects.remembering():
        shared_objects.numbered(thing, config)
        shared_objects.remember(config, thing)
        assert config
        assert shared_objects.remembered(config) is thing
        assert elsewhere(lambda: shared_objects.numbered(thing, {})) == {}
        assert elsewhere(lambda: shared_objects.remembered(config)) is None


def test_what_occurs_twice_has_one_number() -> None:
    a, b = object(), object()
    assert shared_objects.numbered(a, {"x": 1}) == {"x": 1}
    with shared_objects.numbering():
        found = [shared_objects.numbered(thing, {}) for thing in (a, b, a)]
        with shared_objects.numbering():
            assert shared_objects.numbered(b, {}) == {"shared_object_id": 1}
        found.append(shared_objects.numbered(b, {"y": 2}))
    assert [config["shared_object_id"] for config in found] == [1, 2, 1, 2]
    assert found[3] == {"y": 2, "shared_object_id": 2}
    assert shared_objects.numbered(a, {}) == {}


def test_numbers_that_occur_once_are_left_out() -> None:
    once, twice = {"shared_object_id": 1, "a": 0}, {"shared_object_id": 2, "b": [3]}
    config = {"p": [once, twice], "q": ({"r": twice},), "s": "text"}
    assert shared_objects.without_lone_numbers(config) == {
        **{"p": [{"a": 0}, twice], "q": ({"r": twice},), "s": "text"}
    }
    assert shared_objects.without_lone_numbers([once, once]) == [once, once]
    inside = {"shared_object_id": 3, "c": {"shared_object_id": 3}}
    assert shared_objects.without_lone_numbers(inside) == inside
    assert shared_objects.without_lone_numbers({"shared_object_id": 4, "d": once}) == {
        "d": {"a": 0}
    }


def test_an_object_is_remembered_by_its_number() -> None:
    thing, other = object(), object()
    shared_objects.remember({"shared_object_id": 1}, thing)  # outside of all contexts
    assert shared_objects.remembered({"shared_object_id": 1}) is None
    with shared_objects.remembering():
        shared_objects.remember({"shared_object_id": 1}, thing)
        shared_objects.remember({"a": 1}, other)
        assert shared_objects.remembered({"shared_object_id": 1}) is thing
        assert shared_objects.remembered({"shared_object_id": 2}) is None
        assert shared_objects.remembered({"a": 1}) is None
        with shared_objects.remembering():
            assert shared_objects.remembered({"shared_object_id": 1}) is None
        assert shared_objects.remembered({"shared_object_id": 1}) is thing
    assert shared_objects.remembered({"shared_object_id": 1}) is None
