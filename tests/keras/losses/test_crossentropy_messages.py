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


@pytest.mark.parametrize("labels", [1, [1]])
def test_a_prediction_without_classes(labels: object) -> None:
    for loss in (
        keras.losses.sparse_categorical_crossentropy,
        keras.losses.SparseCategoricalCrossentropy(),
    ):
        with pytest.raises(
            ValueError, match=r"`output` must be at least rank 1.*output.shape=\(\)"
        ):
            loss(np.array(labels), np.array(0.5))


@pytest.mark.parametrize("axis", [np.array([1, 1]), "a", 0, None, {}])
def test_an_axis_that_is_not_the_last(axis: object) -> None:
    with pytest.raises(ValueError, match="`axis` must be the last axis"):
        keras.losses.sparse_categorical_crossentropy(CLASSES, P, axis=axis)
