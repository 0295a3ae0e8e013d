"""What SGD refuses."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.keras_programs import complain_alike
from tests.support.signatures import taken_alike

# name -> (program, what both texts say, what ours says)
COMPLAINTS: dict[str, tuple[Any, str, str]] = {
    "momentum 1": (
        lambda tf: tf.keras.optimizers.SGD(momentum=1),
        "`momentum` must be a float",
        "",
    ),
    "momentum 2": (lambda tf: tf.keras.optimizers.SGD(momentum=2.0), "[0, 1]", "momentum=2.0"),
    "lr": (
        lambda tf: tf.keras.optimizers.SGD(lr=0.1),
        "Argument(s) not recognized: {'lr': 0.1}",
        "",
    ),
}


@pytest.mark.parametrize("name", COMPLAINTS)
def test_complaints(name: str) -> None:
    complain_alike(*COMPLAINTS[name])


def test_what_is_taken() -> None:
    taken_alike("optimizers", "SGD")
