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


SIGNED = np.float32([[[0.3, -0.2], [-0.5, 0.4], [0.6, -0.7]]])  # rows of one index partly cancel
SIGNED_OPTIMIZERS: dict[str, Any] = {
    "adadelta": lambda o: o.Adadelta(0.1),
    "adafactor": lambda o: o.Adafactor(0.1, clip_threshold=0.5),
    "adagrad": lambda o: o.Adagrad(0.1),
    "adagrad clipnorm": lambda o: o.Adagrad(0.1, clipnorm=0.3),
    "adamax": lambda o: o.Adamax(0.1),
    "ftrl": lambda o: o.Ftrl(0.1, l1_regularization_strength=0.01),
    "lion": lambda o: o.Lion(0.1),
    "nadam": lambda o: o.Nadam(0.1),
    "nadam decay": lambda o: o.Nadam(0.1, weight_decay=0.1, use_ema=True),
    "rmsprop": lambda o: o.RMSprop(0.1, momentum=0.5, centered=True),
    "nesterov": lambda o: o.SGD(0.1, momentum=0.9, nesterov=True),
}


def test_slices_that_cancel() -> None:
    def program(tf: Any) -> Any:
        results = []
        for make in SIGNED_OPTIMIZERS.values():
            table, bias = tf.Variable(tf.ones((5, 2))), tf.Variable([1.0, 2.0, 3.0])
            optimizer = make(tf.keras.optimizers)
            for ids in ([[1, 1, 2]], [[2, 3, 1]], [[0, 0, 0]]):
                with tf.GradientTape() as tape:
                    y = tf.reduce_sum(tf.gather(table, tf.constant(ids)) * SIGNED)
                    y += 2 * tf.reduce_sum(tf.gather(table, tf.constant(ids) + 1) ** 2)
                    y += tf.reduce_sum(tf.gather(bias, [0, 0, 1]) * tf.constant(SIGNED[0, :, 0]))
                variables = [table, bias]
                gradients = tape.gradient(y, variables)
                optimizer.apply_gradients(zip(gradients, variables, strict=True))
            results.append([v.numpy() for v in (table, bias, *optimizer.variables)])
        return results

    close(program, 60)


def test_embedding_by_fit() -> None:
    def program(tf: Any) -> Any:
        layers = tf.keras.layers
        model = tf.keras.Sequential(
            [tf.keras.Input((4,)), layers.Embedding(5, 3), layers.GlobalAveragePooling1D()]
        )
        model.compile(tf.keras.optimizers.Nadam(0.1), "mse")
        ids, y = np.array([[0, 0, 0, 1], [1, 1, 2, 2]]), np.float32([[1, 0, -1], [0, 1, 0]])
        history = model.fit(ids, y, epochs=3, verbose=0).history
        return [history["loss"], model.get_weights()]

    close(program, 100)


def test_slices_that_are_given() -> None:
    def program(tf: Any) -> Any:
        table, optimizer = tf.Variable(tf.ones((4, 2))), tf.keras.optimizers.Adam(0.1)
        values = tf.constant([[1.0, -2.0], [3.0, 4.0], [0.5, 0.5]])
        slices = tf.IndexedSlices(values, tf.constant([1, 1, 3]), tf.constant([4, 2]))
        optimizer.apply_gradients([(slices, table)])
        return [table.numpy(), *(v.numpy() for v in optimizer.variables)]

    close(program, 10)
