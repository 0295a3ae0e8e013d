"""Cross entropies find the logits of a softmax or sigmoid again."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import scratchnet
from tests.support.keras_programs import close, complain_alike
from tests.support.loss_programs import (
    BITS,
    CLASSES,
    EXTREME,
    LOGITS,
    NUMBERS,
    ONE_HOT,
    value_and_gradient,
)


def softmaxes(tf: Any) -> list[Any]:
    keras = tf.keras
    dense = keras.layers.Dense(4, activation="softmax", kernel_initializer="identity")
    return [
        keras.activations.softmax,
        keras.layers.Activation("softmax"),
        keras.layers.Softmax(),
        dense,
        tf.nn.softmax,
        keras.Sequential([keras.Input((4,)), keras.layers.Softmax()]),
    ]


@pytest.mark.parametrize("i", range(6))
@pytest.mark.parametrize("sparse", [False, True])
def test_softmax_hides_its_logits(i: int, sparse: bool) -> None:
    def program(tf: Any) -> list[Any]:
        f, losses = softmaxes(tf)[i], tf.keras.losses
        loss = (
            losses.SparseCategoricalCrossentropy() if sparse else losses.CategoricalCrossentropy()
        )
        truth = CLASSES if sparse else ONE_HOT
        return value_and_gradient(tf, lambda t, x: loss(t, f(x)), truth, EXTREME)

    close(program, 4)


@pytest.mark.parametrize("hides", [True, False])
def test_sigmoid_hides_its_logits(hides: bool) -> None:
    def program(tf: Any) -> list[Any]:
        f = tf.keras.activations.sigmoid if hides else tf.nn.sigmoid
        loss = tf.keras.losses.BinaryCrossentropy()
        return value_and_gradient(
            tf, lambda t, x: loss(t, f(x)), BITS, NUMBERS * (100 if hides else 1)
        )

    close(program, 30)


HIDDEN_COMPLAINTS = {
    "cce": ("CategoricalCrossentropy", "softmax", ONE_HOT, LOGITS),
    "scce": ("SparseCategoricalCrossentropy", "softmax", CLASSES, LOGITS),
    "bce": ("BinaryCrossentropy", "sigmoid", BITS, NUMBERS),
}


@pytest.mark.parametrize("name", HIDDEN_COMPLAINTS)
def test_from_logits_of_probabilities_warns(name: str) -> None:
    cls, activation, truth, x = HIDDEN_COMPLAINTS[name]

    def program(tf: Any) -> Any:
        p = getattr(tf.keras.activations, activation)(tf.constant(x))
        return getattr(tf.keras.losses, cls)(from_logits=True)(truth, p).numpy()

    complain_alike(
        program, "received `from_logits=True`, but the `output` argument was produced by a "
    )


@pytest.mark.filterwarnings("ignore:.*produced by a Softmax:UserWarning")
def test_from_logits_of_probabilities_is_right_all_the_same() -> None:
    def program(tf: Any) -> Any:
        p = tf.keras.activations.softmax(tf.constant(EXTREME))
        return tf.keras.losses.CategoricalCrossentropy(from_logits=True)(ONE_HOT, p).numpy()

    close(program, 4)


@pytest.mark.parametrize(
    ("loss", "activation", "truth"),
    [("SparseCategoricalCrossentropy", "softmax", CLASSES), ("BinaryCrossentropy", "sigmoid", 1.0)],
)
def test_the_probabilities_have_no_gradient_and_it_is_said_why(
    loss: str, activation: str, truth: Any
) -> None:
    logits = scratchnet.constant(LOGITS)
    truth = truth if activation == "softmax" else np.ones_like(LOGITS)
    with scratchnet.GradientTape(persistent=True) as tape:
        tape.watch(logits)
        p = getattr(scratchnet.keras.activations, activation)(logits)
        value = getattr(scratchnet.keras.losses, loss)()(truth, p)
    assert tape.gradient(value, p) is None
    assert tape.explain_none(p) == (
        f"the loss takes the logits behind this {activation} in place of it, so it has no gradient "
        "of its own; that of a sample's loss by the logits is p - y"
    )
    assert tape.gradient(value, logits) is not None


def test_what_is_said_of_logits_that_were_activated() -> None:
    losses, p = scratchnet.keras.losses, scratchnet.keras.activations.sigmoid([[0.5, -1.0]])
    text = (
        r'^"`binary_crossentropy` received `from_logits=True`, but the `output` argument was '
        r"produced by a Sigmoid activation and thus does not represent logits\. Was this intended\?"
    )
    with pytest.warns(UserWarning, match=text):
        warned = losses.binary_crossentropy([[1.0, 0.0]], p, from_logits=True)
    known = losses.binary_crossentropy([[1.0, 0.0]], p)
    given = losses.binary_crossentropy([[1.0, 0.0]], [[0.5, -1.0]], from_logits=True)
    assert warned.numpy() == known.numpy() == given.numpy()


def test_logits_of_another_activation_are_not_taken() -> None:
    """A softmax is no sigmoid, but what it keeps are logits to any loss, as in Keras."""
    x = np.array([[0.5, -1.0, 2.0]], "f")

    def program(tf: Any) -> list[Any]:
        a, losses = tf.keras.activations, tf.keras.losses
        truth = tf.constant([[0.0, 1.0, 0.0]])
        found = [losses.binary_crossentropy(truth, a.softmax(tf.constant(x)))]
        found.append(losses.categorical_crossentropy(truth, a.sigmoid(tf.constant(x))))
        found.append(losses.binary_crossentropy(truth, tf.identity(a.sigmoid(tf.constant(x)))))
        return [y.numpy() for y in found]

    close(program, 20)
