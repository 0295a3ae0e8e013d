"""Regularizers by their names, and what they refuse."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.keras_programs import close, complain_alike
from tests.support.optimizer_steps import START


@pytest.mark.parametrize("name", ["l1", "l2", "L1", "L2", "L1L2"])
def test_regularizers(name: str) -> None:
    def program(tf: Any) -> list[Any]:
        regularizer = tf.keras.regularizers.get(name)
        return [regularizer(tf.constant(START[0])).numpy()] + [
            float(v) for v in regularizer.get_config().values()
        ]

    close(program, 20)


# name -> (program, what both texts say, what ours says)
COMPLAINTS: dict[str, tuple[Any, str, str]] = {
    "regularizer": (lambda tf: tf.keras.regularizers.L2(-1.0), "l2=-1.0", "finite number >= 0"),
}


@pytest.mark.parametrize("name", COMPLAINTS)
def test_complaints(name: str) -> None:
    complain_alike(*COMPLAINTS[name])
