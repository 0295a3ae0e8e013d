"""What AdamW refuses."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.keras_programs import complain_alike
from tests.support.signatures import taken_alike

# name -> (program, what both texts say, what ours says)
COMPLAINTS: dict[str, tuple[Any, str, str]] = {
    "adamw": (
        lambda tf: tf.keras.optimizers.AdamW(weight_decay=None),
        "`weight_decay` must be a float",
        "received weight_decay=None",
    ),
}


@pytest.mark.parametrize("name", COMPLAINTS)
def test_complaints(name: str) -> None:
    complain_alike(*COMPLAINTS[name])


def test_what_is_taken() -> None:
    taken_alike("optimizers", "AdamW")
