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
