"""Labels of the wrong kind: the error names the loss that takes them."""

from __future__ import annotations

import numpy as np
import pytest

from scratchnet import keras

ONE_HOT, CLASSES, P = np.eye(3)[[0, 2, 1, 0]], np.array([0, 2, 1, 0]), np.full((4, 3), 1 / 3)


@pytest.mark.parametrize(
    ("loss", "labels", "other"),
    [
        ("sparse_categorical_crossentropy", ONE_HOT, "use `categorical_crossentropy`"),
        ("categorical_crossentropy", CLASSES, "use `sparse_categorical_crossentropy`"),
        ("categorical_crossentropy", CLASSES[:, None], "use `sparse_categorical_crossentropy`"),
        ("binary_crossentropy", CLASSES, "use `sparse_categorical_crossentropy`"),
    ],
)
def test_the_other_loss_is_named(loss: str, labels: np.ndarray, other: str) -> None:
    model = keras.Sequential([keras.Input((3,)), keras.layers.Softmax()])
    model.compile("sgd", loss)
    shapes = rf"target.shape={labels.shape}".replace("(", r"\(").replace(")", r"\)")
    for call in (
        lambda: keras.losses.get(loss)(labels, P),
        lambda: model.evaluate(P, labels, verbose=0),
    ):
        with pytest.raises(ValueError, match=shapes) as caught:
            call()
        assert other in str(caught.value)
