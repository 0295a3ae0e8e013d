"""What clips gradients clips the slices that a gradient is the sum of, as TensorFlow does."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.support.keras_programs import close

TIMES = np.float32([[[0.9, -0.6], [-1.5, 1.2], [1.8, -2.1]]])
CHANGES: dict[str, Any] = {
    "clip_by_global_norm": lambda tf, gs: tf.clip_by_global_norm(gs, 1.0)[0],
    "clip_by_norm": lambda tf, gs: [tf.clip_by_norm(g, 0.5) for g in gs],
    "clip_by_norm of rows": lambda tf, gs: [tf.clip_by_norm(g, 0.5, -1) for g in gs],
    "clip_by_value": lambda tf, gs: [tf.clip_by_value(g, -0.5, 0.5) for g in gs],
    "negative": lambda tf, gs: [-g for g in gs],
    "identity": lambda tf, gs: [tf.identity(g) for g in gs],
    "cast": lambda tf, gs: [tf.cast(g, tf.float64) for g in gs],
    "convert_to_tensor": lambda tf, gs: [tf.convert_to_tensor(g) for g in gs],
}


def gradients(tf: Any, variables: Any) -> Any:
    table, other = variables
    with tf.GradientTape() as tape:
        y = tf.reduce_sum(tf.gather(table, [[1, 1, 2]]) * TIMES) + tf.reduce_sum(other * other)
    return tape.gradient(y, variables)


def test_changed_on_the_way_to_an_optimizer() -> None:
    def program(tf: Any) -> Any:
        results = []
        for change in CHANGES.values():
            variables = [tf.Variable(tf.ones((4, 2))), tf.Variable([1.0, 2.0])]
            optimizer = tf.keras.optimizers.Adam(0.1)
            changed = change(tf, gradients(tf, variables))
            optimizer.apply_gradients(zip(changed, variables, strict=True))
            results.append([v.numpy() for v in (*variables, *optimizer.variables)])
        return results

    close(program, 40)


def test_norm_and_given_slices() -> None:
    def program(tf: Any) -> Any:
        variables = [tf.Variable(tf.ones((4, 2))), tf.Variable([1.0, 2.0])]
        gs = gradients(tf, variables)
        slices = tf.IndexedSlices(tf.constant([[3.0, 4.0], [0.3, -2.0]]), [1, 1], [4, 2])
        clipped = tf.clip_by_norm(slices, 1.0)
        variables[0].scatter_sub(gs[0])
        dense = tf.convert_to_tensor(clipped).numpy()
        return [tf.linalg.global_norm(gs).numpy(), clipped.values.numpy(), dense, variables[0]]

    close(program, 20)


def test_clipping_is_differentiable() -> None:
    def program(tf: Any) -> Any:
        x = tf.Variable([[1.0, 2.0], [3.0, -1.0]])
        with tf.GradientTape() as outer:
            with tf.GradientTape() as tape:
                y = tf.reduce_sum(tf.gather(x, [0, 0, 1]) ** 3)
            (clipped,), norm = tf.clip_by_global_norm([tape.gradient(y, x)], 5.0)
            z = tf.reduce_sum(tf.convert_to_tensor(clipped) * x) + norm
        g = outer.gradient(z, x)
        return tf.convert_to_tensor(g).numpy()

    close(program, 60)
