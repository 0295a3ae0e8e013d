"""Limits of gradients."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import scratchnet
from scratchnet.engine.errors import InvalidArgumentError
from scratchnet.keras.optimizers.clipping import check_factor_fits
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


def test_a_factor_fits_each_variable_or_is_refused() -> None:
    variables = [scratchnet.Variable([1.0, 2.0, 3.0], name="w")]
    check_factor_fits("SGD", "learning_rate", np.ones(3), variables)
    check_factor_fits("SGD", "learning_rate", np.ones(()), variables)
    for wrong in (np.ones(2), np.ones((2, 3))):
        with pytest.raises(InvalidArgumentError, match="`learning_rate` must be one number"):
            check_factor_fits("SGD", "learning_rate", wrong, variables)
