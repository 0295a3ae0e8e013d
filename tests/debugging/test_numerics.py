"""`tf.debugging.enable_check_numerics`: the first nan or inf is an error, as in TensorFlow."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
import tensorflow

import scratchnet

BOTH = pytest.mark.parametrize("tf", [scratchnet, tensorflow], ids=["scratchnet", "tensorflow"])


@pytest.fixture(autouse=True)
def ends() -> Iterator[None]:
    yield
    for tf in (scratchnet, tensorflow):
        tf.debugging.disable_check_numerics()


def of_forward_pass(tf: Any) -> Any:
    return tf.math.log(tf.constant([0.0, 1.0, -1.0]))


def of_backward_pass(tf: Any) -> Any:
    w = tf.Variable([0.0, 1.0])
    with tf.GradientTape() as tape:
        y = tf.sqrt(w)
    return tape.gradient(y, w)


def of_nan_that_was_there(tf: Any) -> Any:
    return tf.constant([float("nan")]) + 1.0


@BOTH
@pytest.mark.parametrize(
    ("program", "count"),
    [
        (of_forward_pass, "# of -Inf elements: 1"),
        (of_backward_pass, "# of +Inf elements: 1"),
        (of_nan_that_was_there, "NaN elements: 1"),
    ],
)
def test_it_is_an_error_while_it_is_enabled(
    tf: Any, program: Callable[[Any], Any], count: str
) -> None:
    program(tf)
    tf.debugging.enable_check_numerics()
    tf.debugging.enable_check_numerics()  # once is enough, and so is one end
    with pytest.raises(tf.errors.InvalidArgumentError) as caught:
        program(tf)
    assert "Detected Infinity or NaN in output 0 of " in str(caught.value)
    assert count in str(caught.value)
    tf.debugging.disable_check_numerics()
    program(tf)
    tf.debugging.disable_check_numerics()


def test_layer_and_line_are_told() -> None:
    dense = scratchnet.keras.layers.Dense(1, kernel_initializer="ones", name="big")
    scratchnet.debugging.enable_check_numerics()
    with pytest.raises(scratchnet.errors.InvalidArgumentError) as caught:
        dense(np.full((1, 2), 3e38, np.float32))
    assert "output 0 of op \"matmul\" (# of outputs: 1) in layer 'big' at " in str(caught.value)
    assert "test_numerics.py:" in str(caught.value)


def test_other_threads_and_later_ops_go_on() -> None:
    scratchnet.debugging.enable_check_numerics()
    found: list[Any] = []
    thread = threading.Thread(target=lambda: found.append(of_forward_pass(scratchnet)))
    thread.start()
    thread.join()
    assert np.isneginf(found[0].numpy()[0])
    with pytest.raises(scratchnet.errors.InvalidArgumentError):
        of_forward_pass(scratchnet)
    assert (scratchnet.constant(2.0) * 3.0).numpy() == 6.0  # sound ops as ever


def test_training_is_the_same_while_it_is_enabled() -> None:
    def weights() -> Any:
        scratchnet.keras.utils.set_random_seed(0)
        layers = scratchnet.keras.layers
        model = scratchnet.keras.Sequential(
            [layers.Conv2D(3, 3, activation="relu"), layers.MaxPooling2D(), layers.Flatten()]
        )
        model.compile("adam", "mse")
        x = np.random.default_rng(0).random((8, 6, 6, 1), np.float32)
        model.fit(x, np.ones((8, 12), np.float32), verbose=0, batch_size=4)
        return model.get_weights()

    before = weights()
    scratchnet.debugging.enable_check_numerics()
    assert all(np.array_equal(a, b) for a, b in zip(before, weights(), strict=True))
