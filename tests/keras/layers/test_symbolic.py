"""Calls on KerasTensors, which learn shapes by running `call`, leave no trace."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import scratchnet
from tests.support.keras_programs import twins


def test_building_leaves_no_trace() -> None:
    """To learn shapes `call` is run here: variables and random numbers must not notice."""

    def program(tf: Any) -> Any:
        class Noisy(tf.keras.layers.Layer):
            def __init__(self) -> None:
                super().__init__()
                self.calls = self.add_weight(initializer="zeros", trainable=False)
                self.own = tf.Variable(0.0)
                self.seeds = tf.keras.random.SeedGenerator(3)

            def call(self, x: Any) -> Any:
                self.calls.assign_add(1.0)
                noise = tf.keras.random.normal((3,), seed=self.seeds)
                return tf.reshape(x + tf.random.normal((3,)) + noise, (-1, 6))

        tf.random.set_seed(5)
        x, layer = tf.keras.Input((3,)), Noisy()
        y = layer(x)
        found = [tuple(y.shape), layer.calls.numpy(), layer.seeds.state.numpy().tolist()]
        return [*found, tf.random.normal((2,)).numpy()]

    theirs, ours = twins(program)
    assert ours[:3] == theirs[:3]
    np.testing.assert_array_equal(ours[3], theirs[3])


ONES = np.ones((15, 1), np.float32)
PICKS = [True, False, True, True]
X = np.random.default_rng(3).uniform(0, 9, (15, 4)).astype(np.float32)

# Functions of a tensor of shape (None, 4), which is called with 15 rows.
OF_ANY_BATCH = {
    "a row": lambda tf, x: x[7],
    "a row far off": lambda tf, x: x[14],
    "a row from behind": lambda tf, x: x[-9],
    "a number": lambda tf, x: x[7, 1],
    "the first rows": lambda tf, x: x[:5],
    "the first row": lambda tf, x: x[:1],
    "the last rows": lambda tf, x: x[-3:],
    "rows between": lambda tf, x: x[2:4],
    "rows beyond the sizes that are tried": lambda tf, x: x[13:],
    "columns of rows": lambda tf, x: tf.transpose(x[:5]),
    "reshape": lambda tf, x: tf.reshape(x, (5, -1)),
    "reshape to a known shape": lambda tf, x: tf.reshape(x, (60,)),
    "gather": lambda tf, x: tf.gather(x, [7]),
    "split": lambda tf, x: tf.split(x, 5, 0),
    "top_k": lambda tf, x: tf.math.top_k(tf.transpose(x), 7).values,
    "broadcast": lambda tf, x: x + ONES,
    "matmul": lambda tf, x: tf.matmul(ONES, x, transpose_a=True),
    "ensure_shape": lambda tf, x: tf.ensure_shape(x, (15, 4)),
    "slice": lambda tf, x: tf.slice(x, [1, 0], [8, 2]),
    "scatter": lambda tf, x: tf.tensor_scatter_nd_update(x, [[8]], np.ones((1, 4), np.float32)),
    "boolean_mask": lambda tf, x: tf.boolean_mask(x, x[:, 0] > 5),
    "boolean_mask of columns": lambda tf, x: tf.boolean_mask(x, PICKS, axis=1),
    "reshape after boolean_mask": lambda tf, x: tf.reshape(
        tf.boolean_mask(x, PICKS, axis=1), (-1, 3)
    ),
    "unique": lambda tf, x: tf.unique(tf.reshape(x, [-1]))[0],
    "one of the unique": lambda tf, x: tf.unique(tf.reshape(x, [-1]))[0][11],
    "an inverse": lambda tf, x: tf.linalg.inv(tf.matmul(x, x, transpose_a=True)),
    "an assertion": lambda tf, x: (tf.debugging.assert_greater(x, -1.0), x * 2)[1],
    "segment_sum": lambda tf, x: tf.math.segment_sum(x, [0] * 7 + [2] * 8),
    "sums": lambda tf, x: [tf.reduce_sum(x), tf.reduce_sum(x, 0), tf.reduce_sum(x, 1)],
    "sizes that stay": lambda tf, x: [x[:, :2], x[:, 1], x[None], x * 2],
}


@pytest.mark.parametrize("name", OF_ANY_BATCH)
def test_lambdas_that_use_the_axis_of_the_batch(name: str) -> None:
    def program(tf: Any) -> Any:
        def function(x: Any) -> Any:
            return OF_ANY_BATCH[name](tf, x)

        return shapes_and_values(tf, lambda x: tf.keras.layers.Lambda(function)(x))

    alike(program)


@pytest.mark.parametrize("name", OF_ANY_BATCH)
def test_own_layers_that_use_the_axis_of_the_batch(name: str) -> None:
    def program(tf: Any) -> Any:
        class Own(tf.keras.layers.Layer):
            def call(self, x: Any) -> Any:
                return OF_ANY_BATCH[name](tf, x)

        return shapes_and_values(tf, lambda x: Own()(x))

    alike(program)


OPERATIONS = {
    "a row": lambda tf, x: x[7],
    "a row far off": lambda tf, x: x[14],
    "a number": lambda tf, x: x[7, 1],
    "columns of rows": lambda tf, x: x[:7, :2],
    "broadcast": lambda tf, x: x + ONES,
    "take": lambda tf, x: tf.keras.ops.take(x, [7], axis=0),
    "reshape": lambda tf, x: tf.keras.ops.reshape(x, (5, -1)),
    "split": lambda tf, x: tf.keras.ops.split(x, 5, 0),
    "top_k": lambda tf, x: tf.keras.ops.top_k(tf.keras.ops.transpose(x), 7)[0],
    "where": lambda tf, x: tf.keras.ops.where(x > ONES, x, ONES),
    "maximum": lambda tf, x: tf.keras.ops.maximum(x, ONES),
    "slice": lambda tf, x: tf.keras.ops.slice(x, (1, 0), (8, 2)),
    "matmul of two unknown sizes": lambda tf, x: tf.keras.ops.matmul(tf.keras.ops.transpose(x), x),
    "einsum": lambda tf, x: tf.keras.ops.einsum("ij,ik->jk", x, ONES),
    "nonzero": lambda tf, x: tf.keras.ops.nonzero(x),
    "bincount": lambda tf, x: tf.keras.ops.bincount(tf.keras.ops.cast(x, "int32")),
    "diagonal": lambda tf, x: tf.keras.ops.diagonal(x),
    "repeat": lambda tf, x: tf.keras.ops.repeat(x, [1, 2, 0] * 5, axis=0),
}


@pytest.mark.parametrize("name", OPERATIONS)
def test_operations_that_use_the_axis_of_the_batch(name: str) -> None:
    alike(lambda tf: shapes_and_values(tf, lambda x: OPERATIONS[name](tf, x)))


def shapes_and_values(tf: Any, function: Any) -> Any:
    x = tf.keras.Input((4,))
    y = function(x)
    values = tf.keras.Model(x, y)(tf.constant(X))
    outputs = [part if isinstance(part, list | tuple) else [part] for part in (y, values)]
    return [tuple(part.shape) for part in outputs[0]], [part.numpy() for part in outputs[1]]


def alike(program: Any) -> None:
    theirs, ours = twins(program)
    assert ours[0] == theirs[0]
    for a, b in zip(ours[1], theirs[1], strict=True):
        assert a.dtype == b.dtype
        np.testing.assert_allclose(a, b, rtol=2e-4, atol=2e-4)


def test_a_function_that_refuses_a_size_that_is_tried_only() -> None:
    def picky(x: Any) -> Any:
        if x.shape[0] in (6, 60):
            raise ValueError(f"refused {x.shape}")
        return x

    keras = scratchnet.keras
    assert keras.layers.Lambda(picky)(keras.Input((4,))).shape == (None, 4)


def test_models_are_built_though_they_use_a_row() -> None:
    def program(tf: Any) -> Any:
        class Own(tf.keras.Model):
            def __init__(self) -> None:
                super().__init__()
                self.dense = tf.keras.layers.Dense(3)

            def call(self, x: Any) -> Any:
                return self.dense(x) - self.dense(x[7:8]) + self.dense(x)[7]

        model = Own()
        if tf is scratchnet:
            model.build((None, 4))  # Keras's makes no weights
            assert len(model.weights) == 2
        y = model(tf.keras.Input((4,)))
        return [tuple(y.shape), *[tuple(v.shape) for v in model.weights]]

    theirs, ours = twins(program)
    assert ours == theirs


def test_weights_for_an_axis_of_unknown_size_are_refused() -> None:
    """The weights fit one size that is tried; Keras asks for a size that is known."""

    def refused(tf: Any) -> Any:
        class Own(tf.keras.layers.Layer):
            def __init__(self) -> None:
                super().__init__()
                self.dense = tf.keras.layers.Dense(3)

            def call(self, x: Any) -> Any:
                return self.dense(x)

        with pytest.raises(Exception, match="dense") as caught:
            Own()(tf.keras.Input((5, None)))
        return bool(caught.value)

    assert all(twins(refused))


def test_keras_takes_no_axis_of_unknown_size_away() -> None:
    def refused(tf: Any) -> Any:
        with pytest.raises(ValueError, match="squeeze"):
            tf.keras.ops.squeeze(tf.keras.Input((4,)), 0)
        return tuple(tf.keras.ops.squeeze(tf.keras.Input((1, 4)), 1).shape)

    assert [tuple(found) for found in twins(refused)] == [(None, 4)] * 2


def test_two_axes_of_unknown_size() -> None:
    functions = {
        "unstack": lambda tf, x: tf.unstack(x, 15, axis=1),
        "broadcast over one": lambda tf, x: x + np.ones((15, 1), np.float32),
        "broadcast over the other": lambda tf, x: x + np.ones((10, 1, 8), np.float32),
        "the first steps": lambda tf, x: x[:, :10],
        "some of both": lambda tf, x: [x[:2, :3], x[0, :4], x[:, 40:], x[:, -3:]],
        "a step": lambda tf, x: [x[:, 7], x[:, 14], x[:, -1]],
        "reshape": lambda tf, x: tf.reshape(x, (-1, 5, 8)),
        "whole samples by a mask": lambda tf, x: tf.boolean_mask(x, x[..., 0] > 5)[:3],
    }

    def program(tf: Any) -> Any:
        found = []
        for function in functions.values():
            layer = tf.keras.layers.Lambda(lambda x, f=function: f(tf, x))
            y = layer(tf.keras.Input((None, 8)))
            found.append([tuple(part.shape) for part in (y if isinstance(y, list) else [y])])
        return found

    theirs, ours = twins(program)
    assert ours == theirs
