"""What is known to differ from TensorFlow, and that nothing else is excused with it."""

from __future__ import annotations

import re
from typing import Any

from scratchnet.testing import compare
from tests.testing.test_comparison import changed, times
from tests.testing.test_comparison_graphs import IMAGES, is_ours, of_images


def moved(tf: Any, x: Any, fill_mode: str = "reflect") -> Any:
    k = tf.keras.layers
    x = k.RandomTranslation(0.1, 0.1, fill_mode=fill_mode)(x)
    return k.Conv2D(2, 3)(k.RandomRotation(0.1)(x))


def test_the_gradient_of_moved_images_is_known_to_differ() -> None:
    """TensorFlow's own is none; nothing else is excused."""
    found = compare(of_images(moved))
    assert found.ok, str(found)
    assert "moves the cotangent by the inverse transform" in found.notes[0]
    known = [(row.phase, row.call, row.array) for row in found.rows if row.verdict == "known"]
    assert known == [
        ("backward", "3 layer random_rotation", "gradient of argument 0"),
        ("backward", "2 layer random_translation", "gradient of argument 0"),
    ]
    with changed("fused_conv2d", 0, times(1.01)):
        found = compare(of_images(moved))
    assert re.match(r"backward: call 4, layer conv2d, the gradient of", str(found.first))
    found = compare(of_images(lambda tf, x: moved(tf, x, "wrap" if is_ours(tf) else "reflect")))
    assert re.match(r"forward: call 2, layer random_translation", str(found.first))


def test_weights_before_moved_images(tmp_path: Any) -> None:
    """Where cotangents are not replaced, their gradients are what TensorFlow makes of its own."""

    def program(tf: Any) -> Any:
        k = tf.keras.layers
        generator, critic = k.Conv2D(3, 1), k.Conv2D(2, 3, use_bias=False)
        x = tf.constant(IMAGES)
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(critic(k.RandomZoom(0.2)(generator(x), training=True)) ** 2)
        weights = generator.trainable_variables + critic.trainable_variables
        gradients = tape.gradient(loss, weights)
        tf.keras.optimizers.SGD(0.1).apply_gradients(zip(gradients, weights, strict=True))
        return loss, gradients[0] * 2.0, gradients[2] * 2.0

    found, file = compare(program, record=tmp_path / "moved.npz"), tmp_path / "moved.npz"
    assert found.ok, str(found)
    known = {row.array for row in found.rows if row.verdict == "known"}
    own = {f"gradient of conv2d/{name}" for name in ("kernel", "bias")}
    assert known == {"gradient of argument 0", "conv2d/kernel", "conv2d/bias", "returned 1", *own}
    found = compare(program, against=file)
    assert found.ok, str(found)
    assert not any("conv2d_1" in row.array for row in found.rows if row.verdict == "known")

    def penalty(tf: Any) -> Any:
        x = tf.constant(IMAGES)
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = tf.reduce_sum(tf.tanh(tf.keras.layers.RandomZoom(0.2)(x, training=True)))
        return tf.square(tape.gradient(y, x))

    found = compare(penalty)
    assert found.ok, str(found)
    known = {row.array for row in found.rows if row.verdict == "known"}
    assert known <= {"source 0", "argument 0", "cotangent of output 0", "returned 0"}
