"""Limits of gradients."""

from __future__ import annotations

from typing import Any

import pytest

import scratchnet
from tests.support.keras_programs import complain_alike

# name -> (program, what both texts say, what ours says)
COMPLAINTS: dict[str, tuple[Any, str, str]] = {
    "two clips": (
        lambda tf: tf.keras.optimizers.SGD(clipnorm=1.0, clipvalue=1.0),
        "clipnorm=1.0, clipvalue=1.0",
        "at most one of",
    ),
}


@pytest.mark.parametrize("name", COMPLAINTS)
def test_complaints(name: str) -> None:
    complain_alike(*COMPLAINTS[name])


@pytest.mark.parametrize("name", ["clipnorm", "clipvalue", "global_clipnorm"])
def test_limits_of_gradients_that_are_none(name: str) -> None:
    """Keras takes a text, too, until the first step."""
    with pytest.raises(TypeError, match=f"SGD: `{name}` must be a number.*{name}='a'"):
        scratchnet.keras.optimizers.SGD(**{name: "a"})
    assert getattr(scratchnet.keras.optimizers.SGD(-1.0, **{name: 0.0}), name) == 0.0
