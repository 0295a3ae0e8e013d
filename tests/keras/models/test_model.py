"""What a Model refuses, and layers inside that are built for any batch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import scratchnet
from tests.support.keras_programs import complain_alike
from tests.support.sequential_models import with_input

# name -> (program, what both texts say, what ours says)
COMPLAINTS: dict[str, tuple[Any, str, str]] = {
    "one end of a model": (
        lambda tf: tf.keras.Model(tf.keras.Input((3,))),
        "",
        "Model: `outputs` must be given together with `inputs`",
    ),
    "no such layer": (
        lambda tf: with_input(tf).get_layer("foo"),
        "['conv2d', 'batch_normalization', 'max_pooling2d', 'dropout', 'flatten', 'dense']",
        "received name='foo'",
    ),
    "index": (lambda tf: with_input(tf).get_layer(index=9), "9", "must be below 6"),
    "neither": (lambda tf: with_input(tf).get_layer(), "", "one of `name` and `index`"),
    "both": (lambda tf: with_input(tf).get_layer("a", 1), "index=1", "one of `name` and `index`"),
    "no call": (
        lambda tf: tf.keras.Model()(np.zeros((1, 2), "f")),
        "`call",
        "is not overridden",
    ),
}


@pytest.mark.parametrize("name", COMPLAINTS)
def test_complaints(name: str) -> None:
    complain_alike(*COMPLAINTS[name])


def test_the_layers_of_a_model_cannot_be_set() -> None:
    for model in (with_input(scratchnet), scratchnet.keras.Model()):
        with pytest.raises(AttributeError, match="`layers`"):
            model.layers = []
