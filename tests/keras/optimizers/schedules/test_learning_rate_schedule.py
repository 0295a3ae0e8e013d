"""What the decays of a learning rate refuse."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.keras_programs import complain_alike

# name -> (program, what both texts say, what ours says)
COMPLAINTS: dict[str, tuple[Any, str, str]] = {
    "decay steps": (
        lambda tf: tf.keras.optimizers.schedules.ExponentialDecay(0.1, 0, 0.5),
        "decay_steps=0",
        "",
    ),
}


@pytest.mark.parametrize("name", COMPLAINTS)
def test_complaints(name: str) -> None:
    complain_alike(*COMPLAINTS[name])
