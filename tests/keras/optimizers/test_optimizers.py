"""The names in keras.optimizers: look-up and signatures."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

from tests.support.keras_programs import complain_alike, same

# name -> (program, what both texts say, what ours says)
COMPLAINTS: dict[str, tuple[Any, str, str]] = {
    "unknown config": (
        lambda tf: tf.keras.optimizers.get({"class_name": "foo", "config": {}}),
        "Could not interpret optimizer identifier: {'class_name': 'foo', 'config': {}}",
        "",
    ),
    "a class": (
        lambda tf: tf.keras.optimizers.get(tf.keras.optimizers.SGD),
        "Could not interpret optimizer identifier: <class",
        "",
    ),
    "a config without class": (
        lambda tf: tf.keras.optimizers.get({"config": {}}),
        "class_name",
        "",
    ),
    "unknown": (
        lambda tf: tf.keras.optimizers.get("foo"),
        "Could not interpret optimizer identifier: foo",
        "",
    ),
}


@pytest.mark.parametrize("name", COMPLAINTS)
def test_complaints(name: str) -> None:
    complain_alike(*COMPLAINTS[name])


@pytest.mark.parametrize("name", ["SGD", "Adam", "AdamW", "RMSprop"])
def test_signature(name: str) -> None:
    same(
        lambda tf: [
            (p.name, p.kind, p.default)
            for p in inspect.signature(
                getattr(tf.keras.optimizers, name).__init__
            ).parameters.values()
        ]
    )
