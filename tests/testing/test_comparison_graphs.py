"""compare: branches, what Keras calls inside of its functions, other weights and data."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from scratchnet.keras.models import functional
from scratchnet.testing import compare
from tests.testing.test_comparison import changed, times

RNG = np.random.default_rng(0)
IMAGES, Y = RNG.normal(size=(4, 8, 8, 3)).astype("f"), RNG.normal(size=(4, 2)).astype("f")
ROWS = RNG.normal(size=(6, 5)).astype("f")


def is_ours(tf: Any) -> bool:
    return bool(tf.__name__ == "scratchnet")


def of_images(made: Any) -> Any:
    """A program with a functional model: `made` gets the module and an Input of images."""

    def program(tf: Any) -> Any:
        k = tf.keras.layers
        x = tf.keras.Input((8, 8, 3))
        model = tf.keras.Model(x, k.Dense(2)(k.GlobalAveragePooling2D()(made(tf, x))))
        model.compile("sgd", "mse")
        return model, IMAGES, Y

    return program


def of_rows(*made: Any, y: Any = None) -> Any:
    """A program with a Sequential of what `made` makes of the module."""

    def program(tf: Any) -> Any:
        layers = [layer(tf) for layer in made]
        model = tf.keras.Sequential([tf.keras.Input((5,)), *layers, tf.keras.layers.Dense(2)])
        model.compile("sgd", "mse")
        return model, ROWS, np.ones((6, 2), "f") if y is None else y(tf)

    return program


# -- sound -----------------------------------------------------------------------------------------


def padded(tf: Any, x: Any) -> Any:
    """Each calls an Operation of Keras's, Pad, which is no layer."""
    k = tf.keras.layers

    class Padded(k.Layer):
        def call(self, x: Any) -> Any:
            return tf.keras.ops.pad(x, [[0, 0], [0, 0], [1, 0]])

    x = k.ZeroPadding1D(1)(k.Reshape((8, 24))(x))
    x = Padded()(k.Conv1D(4, 3, padding="causal")(x))
    return k.ZeroPadding2D()(k.Reshape((10, 5, 1))(x))


def normalized_branches(tf: Any, x: Any) -> Any:
    """Keras runs one branch's BatchNormalization between that of the other and its ReLU."""
    k = tf.keras.layers

    def branch(size: int) -> Any:
        return k.ReLU()(k.BatchNormalization()(k.Conv2D(4, size, padding="same")(x)))

    shortcut = k.Conv2D(4, 1)(x)
    return k.Concatenate()([k.Add()([branch(3), shortcut]), branch(1)])


def pooled_branches(tf: Any, x: Any) -> Any:
    k = tf.keras.layers
    x = k.Conv2D(16, 1)(x)
    ends = [
        k.MaxPooling2D(2)(k.Conv2D(16, n, padding="same", activation="relu")(x)) for n in (3, 1)
    ]
    return k.Identity()(k.Concatenate()(ends))


SOUND = {made.__name__: of_images(made) for made in (padded, normalized_branches, pooled_branches)}


@pytest.mark.parametrize("name", SOUND)
def test_nothing_is_found_in_a_sound_model(name: str) -> None:
    found = compare(SOUND[name])
    assert found.ok, str(found)
    assert found.compared > 30
    assert not found.notes


def test_an_order_is_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    """Layers of which none needs the other's output, here in the order of a fused model."""
    monkeypatch.setattr(functional, "layers_are_fused", lambda: True)
    found = compare(SOUND["normalized_branches"])
    assert found.ok, str(found)
    with changed("relu", 0, times(1.01)):
        found = compare(SOUND["normalized_branches"])
    says = r"backward: call \d+, layer re_lu(_1)?, the gradient of its argument 0"
    assert re.match(says, str(found.first))


def test_two_layers_in_another_order_are_a_difference() -> None:
    def both(tf: Any, x: Any) -> Any:
        for name in "ab" if is_ours(tf) else "ba":
            x = tf.keras.layers.Dense(3, name=name)(x)
        return x

    found = compare(of_images(both))
    says = "scratchnet's run has call 2, layer a where TensorFlow's has call 2, layer b"
    assert found.first is not None
    assert found.first.what == says


# -- other weights and data ------------------------------------------------------------------------


def test_weights_of_other_shapes_are_named() -> None:
    def units(tf: Any) -> Any:
        return tf.keras.layers.Dense(4 if is_ours(tf) else 3, name="d1")

    def gru(tf: Any) -> Any:
        return tf.keras.layers.GRU(4, reset_after=not is_ours(tf))

    def bias(tf: Any) -> Any:
        return tf.keras.layers.Dense(4, use_bias=is_ours(tf), name="d1")

    def steps(tf: Any) -> Any:
        return tf.keras.layers.Reshape((5, 1))

    says = (
        (
            of_rows(units),
            "call 2, layer d1: its weight sequential/d1/kernel is of shape (5, 4) in scratchnet's "
            "run, of (5, 3) in TensorFlow's",
        ),
        (
            of_rows(steps, gru),
            "call 3, layer gru: its weight sequential/gru/gru_cell/bias is of shape (12,) in "
            "scratchnet's run, of (2, 12) in TensorFlow's",
        ),
        (of_rows(bias), "call 2, layer d1 has sequential/d1/bias in scratchnet's run only"),
    )
    for program, what in says:
        first = compare(program).first
        assert first is not None
        assert (first.phase, first.what) == ("structure", what)


@pytest.mark.parametrize("frozen_here", [True, False])
def test_a_layer_that_is_frozen_on_one_side_is_said_to_be(frozen_here: bool) -> None:
    def layer(tf: Any) -> Any:
        return tf.keras.layers.Dense(4, name="d1", trainable=is_ours(tf) is not frozen_here)

    found = compare(of_rows(layer))
    here, there = ("TensorFlow's", "scratchnet's")[:: 1 if frozen_here else -1]
    assert [str(difference) for difference in found.differences] == [
        f"structure: sequential/d1/bias, sequential/d1/kernel are trainable in {here} run, frozen "
        f"in {there}"
    ]


def test_other_data_are_named() -> None:
    def dense(tf: Any) -> Any:
        return tf.keras.layers.Dense(4)

    def labels(tf: Any) -> Any:
        return np.full((6, 2), 1.0 + is_ours(tf), "f")

    found = compare(of_rows(dense, y=labels))
    assert str(found.first).startswith("forward: the labels, before any call\n  2 at [0, 0]")
    found = compare(of_rows(dense, y=lambda tf: np.ones((6, 1 + is_ours(tf)), "f")))
    says = "the labels are of shape (6, 2) in scratchnet's run, of (6, 1) in TensorFlow's"
    assert found.first is not None
    assert found.first.what == says

    def inputs(tf: Any) -> Any:
        model, x, y = of_rows(dense)(tf)
        return model, x + 1.0 if is_ours(tf) else x, y

    assert str(compare(inputs).first).startswith("forward: the inputs, before any call")


def test_a_variable_that_one_run_alone_has_is_said_to_be() -> None:
    def program(tf: Any) -> Any:
        v = tf.Variable(3.0, trainable=is_ours(tf), name="v")
        return tf.square(v)

    first = str(compare(program).first)
    assert first == "structure: the first values of v: in scratchnet's run only"
