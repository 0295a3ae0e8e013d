"""Variables that are frozen: optimizers leave them, tapes follow what was made trainable."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import scratchnet as sn
from scratchnet import extend
from tests.support.keras_programs import close

X = np.linspace(-1, 1, 6, dtype=np.float32).reshape(2, 3)


def _dense(tf: Any, **options: Any) -> Any:
    layer = tf.keras.layers.Dense(2, kernel_initializer="ones", **options)
    layer.build((None, 3))
    return layer


def _gradients(tf: Any, layer: Any, watched: Any = ()) -> list[Any]:
    """How many variables the tape watches, then the gradients of the weights, zeros for None."""
    with tf.GradientTape() as tape:
        tape.watch(watched)
        y = tf.reduce_sum(layer(tf.constant(X)) ** 2)
    found = tape.gradient(y, layer.weights)
    none = [float(g is None) for g in found]
    return [float(len(tape.watched_variables())), none, *(g for g in found if g is not None)]


def _frozen_kernel(tf: Any) -> Any:
    layer = _dense(tf)
    layer.kernel.trainable = False
    return _gradients(tf, layer), len(layer.trainable_variables)


def _frozen_layer(tf: Any) -> Any:
    layer = _dense(tf)
    layer.trainable = False
    return _gradients(tf, layer), len(layer.trainable_variables)


def _made_frozen(tf: Any) -> Any:
    return _gradients(tf, _dense(tf, trainable=False))


def _thawed(tf: Any) -> Any:
    layer = _dense(tf, trainable=False)
    layer.trainable = True
    return _gradients(tf, layer)


def _made_without(tf: Any) -> Any:
    """What was not made trainable is not watched, however it is set later."""
    layer = tf.keras.layers.BatchNormalization()
    layer.build((None, 3))
    layer.moving_mean.trainable = True
    return _gradients(tf, layer)


def _made_without_but_watched(tf: Any) -> Any:
    layer = tf.keras.layers.BatchNormalization()
    layer.build((None, 3))
    return _gradients(tf, layer, [layer.moving_mean.value])


def _value(tf: Any) -> Any:
    v = tf.keras.Variable([1.0, 2.0])
    v.trainable = False
    return [float(v.trainable), float(v.value.trainable)]


def _below_a_head(tf: Any) -> Any:
    """Gradients of the head alone, and of the input, through a frozen layer."""
    base, head = _dense(tf), _dense(tf)
    base.trainable = False
    x = tf.constant(X)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        h = base(x)
        y = tf.reduce_sum(tf.linalg.matmul(h, head.kernel[:2]) ** 2)
    alone = tape.gradient(y, [head.kernel])
    return alone, tape.gradient(y, [x, head.kernel, h]), tape.gradient(y, [base.bias])


def _custom(tf: Any) -> Any:
    v = tf.keras.Variable([1.0, 2.0])
    v.trainable = False

    @tf.custom_gradient
    def scaled(x: Any) -> Any:
        return x * v, lambda g, variables: (g, [g * 5.0 for _ in variables])

    x = tf.constant([1.0, 2.0])
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = scaled(x)
    return tape.gradient(y, [x, v])


PROGRAMS = [
    *(_frozen_kernel, _frozen_layer, _made_frozen, _thawed, _made_without),
    *(_made_without_but_watched, _value, _below_a_head, _custom),
]


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.__name__[1:])
def test_tapes_follow_what_was_made_trainable(program: Any) -> None:
    close(program, 4)


def test_fit_keeps_nothing_of_what_is_computed_from_frozen_weights_alone() -> None:
    """A training step asks for no gradient of them, and is not to be slower for having them."""
    base, head = (sn.keras.layers.Dense(3) for _ in range(2))
    model = sn.keras.Sequential([sn.keras.Input((3,)), base, head])
    base.trainable = False
    model.compile("sgd", "mse")
    kept: list[str] = []

    class Listener(extend.Listener):
        def end_tape(self, tape: Any) -> None:
            kept.extend(record.op.name for record in tape.records)

    before = [w.numpy() for w in model.weights]
    with extend.listening(Listener()):
        model.fit(X, X, verbose=0)
    assert kept.count("matmul") == 1
    changed = [bool((a != w.numpy()).any()) for a, w in zip(before, model.weights, strict=True)]
    assert changed == [False, False, True, True]


def test_a_way_back_that_ends_in_frozen_weights_is_not_gone() -> None:
    base, head = _dense(sn), _dense(sn)
    base.trainable = False
    asked: list[str] = []

    class Listener(extend.Listener):
        def vjp(self, record: Any, argument: int, g: Any, gx: Any) -> None:
            asked.append(f"{record.op.name} {argument}")

    with sn.GradientTape() as tape:
        h = base(sn.constant(X))
        y = sn.reduce_sum(sn.matmul(h, head.kernel[:2]))
    with extend.listening(Listener()):
        tape.gradient(y, head.kernel)
    assert "matmul 1" in asked
    assert "matmul 0" not in asked
