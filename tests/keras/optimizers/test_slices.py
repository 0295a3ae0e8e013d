"""Gradients that are sums of slices: each slice is clipped and squared by itself, as in Keras."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.support.keras_programs import close

OPTIMIZERS: dict[str, Any] = {
    "sgd": lambda o: o.SGD(0.1, momentum=0.9),
    "adam": lambda o: o.Adam(0.1),
    "amsgrad": lambda o: o.AdamW(0.1, amsgrad=True),
    "rmsprop": lambda o: o.RMSprop(0.1, momentum=0.5),
    "clipnorm": lambda o: o.Adam(0.1, clipnorm=0.3),
    "clipvalue": lambda o: o.Adam(0.1, clipvalue=0.25),
    "sgd clipvalue": lambda o: o.SGD(0.1, clipvalue=0.25),
    "global_clipnorm": lambda o: o.Adam(0.1, global_clipnorm=0.3),
    "accumulation": lambda o: o.Adam(0.1, gradient_accumulation_steps=2),
}
TIMES = np.arange(1, 7).reshape(1, 3, 2) * 0.1


def once(tf: Any, table: Any, ids: Any) -> Any:
    return tf.reduce_sum(tf.gather(table, ids) * tf.constant(TIMES, "float32"))


def two_dense_variables(tf: Any, table: Any, ids: Any) -> Any:
    return once(tf, table, ids) + 0.3 * tf.reduce_sum(table)


def twice(tf: Any, table: Any, ids: Any) -> Any:
    return once(tf, table, ids) + 2 * once(tf, table, ids + 1)


LOSSES = {"once": once, "twice": twice, "with a dense part": two_dense_variables}


@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.parametrize("loss", LOSSES)
def test_steps(name: str, loss: str) -> None:
    def program(tf: Any) -> Any:
        table, other = tf.Variable(tf.ones((5, 2))), tf.Variable([1.0, 2.0])
        optimizer = OPTIMIZERS[name](tf.keras.optimizers)
        for ids in ([[1, 1, 2]], [[2, 3, 1]], [[0, 0, 0]]):
            with tf.GradientTape() as tape:
                y = LOSSES[loss](tf, table, tf.constant(ids)) + tf.reduce_sum(other * other)
            first, second = tape.gradient(y, [table, other])
            optimizer.apply_gradients([(first, table), (second, other)])
        return [v.numpy() for v in (table, other, *optimizer.variables)]

    close(program, 40)


def test_slices_that_are_given() -> None:
    def program(tf: Any) -> Any:
        table, optimizer = tf.Variable(tf.ones((4, 2))), tf.keras.optimizers.Adam(0.1)
        values = tf.constant([[1.0, -2.0], [3.0, 4.0], [0.5, 0.5]])
        slices = tf.IndexedSlices(values, tf.constant([1, 1, 3]), tf.constant([4, 2]))
        optimizer.apply_gradients([(slices, table)])
        return [table.numpy(), *(v.numpy() for v in optimizer.variables)]

    close(program, 10)
