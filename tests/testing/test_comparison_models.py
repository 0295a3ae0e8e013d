"""compare: recurrent layers, and models whose layers are built by their first call."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from scratchnet.engine.op import OPS
from scratchnet.testing import compare
from tests.testing.test_comparison import changed, times

RNG = np.random.default_rng(0)
S = RNG.normal(size=(6, 7, 5)).astype("f")
X, Y = RNG.normal(size=(8, 5)).astype("f"), RNG.normal(size=(8, 3)).astype("f")
WORDS = RNG.integers(0, 4, (6, 9))


def sequential(x: Any, *layers: Any) -> Any:
    """A program with a model of these layers, each a function of ``tf.keras.layers``."""

    def program(tf: Any) -> Any:
        k = tf.keras.layers
        inner = [layer(k) for layer in layers]
        model = tf.keras.Sequential([tf.keras.Input(x.shape[1:]), *inner, k.Dense(2)])
        model.compile("adam", "mse")
        return model, x, np.ones((6, 2), "f")

    return program


def own_cell(tf: Any) -> Any:
    class Cell(tf.keras.layers.Layer):
        state_size = 4

        def build(self, shape: Any) -> None:
            self.w = self.add_weight(shape=(shape[-1], 4), name="w")
            self.r = self.add_weight(shape=(4, 4), name="r")
            self.built = True

        def call(self, x: Any, states: Any) -> Any:
            h = tf.tanh(tf.matmul(x, self.w) + tf.matmul(states[0], self.r))
            return h, [h]

    return tf.keras.layers.RNN(Cell(), return_sequences=True)(tf.constant(S))


def encoder_and_decoder(tf: Any) -> Any:
    k = tf.keras.layers
    a, b = tf.keras.Input((7, 5)), tf.keras.Input((7, 5))
    _, h, c = k.LSTM(4, return_state=True)(a)  # the first is `h`, too, and is not used
    y = k.LSTM(4, return_sequences=True)(b, initial_state=[h, c])
    model = tf.keras.Model([a, b], k.Dense(2)(y))
    model.compile("adam", "mse")
    return model, [S, S[::-1].copy()], np.ones((6, 7, 2), "f")


RECURRENT = {
    "called": lambda tf: tf.keras.layers.LSTM(4)(tf.ones((3, 5, 2))),
    "unroll": sequential(
        S,
        lambda k: k.GRU(4, return_sequences=True, unroll=True),
        lambda k: k.SimpleRNN(3, activation="relu"),
    ),
    "stacked": sequential(
        S,
        lambda k: k.RNN([k.LSTMCell(4), k.GRUCell(3)], return_sequences=True),
        lambda k: k.LSTM(3, dropout=0.3, recurrent_dropout=0.2),
    ),
    "masked": sequential(
        WORDS,
        lambda k: k.Embedding(6, 5, mask_zero=True),
        lambda k: k.Bidirectional(k.LSTM(4, return_sequences=True)),
        lambda k: k.GRU(4, reset_after=False),
    ),
    "masking": sequential(
        S * (S[..., :1] > 0),
        lambda k: k.Masking(0.0),
        lambda k: k.TimeDistributed(k.Dense(4, activation="relu")),
        lambda k: k.LSTM(3, go_backwards=True),
    ),
    "own_cell": own_cell,
    "encoder": encoder_and_decoder,
}


@pytest.mark.parametrize("name", RECURRENT)
def test_nothing_is_found_in_a_recurrent_layer(name: str) -> None:
    """However often each library calls its cell."""
    found = compare(RECURRENT[name], seed=len(name))
    assert found.ok, str(found)
    assert found.compared > 8


@pytest.mark.parametrize(
    ("name", "op", "argument", "says"),
    [
        ("masked", "sigmoid", 0, r"backward: call \d, layer gru, the gradient of "),
        ("unroll", "relu", 0, r"backward: call \d, layer simple_rnn, the gradient of "),
        ("own_cell", "tanh", 0, r"backward: call 1, layer rnn, the gradient of rnn/cell/[rw]"),
        ("encoder", "lstm", 0, r"backward: call \d, layer lstm_1, the gradient of .*/kernel"),
    ],
)
def test_a_mistake_in_a_recurrent_layer_is_named(
    name: str, op: str, argument: int, says: str
) -> None:
    assert op in OPS
    with changed(op, argument, times(1.01)):
        found = compare(RECURRENT[name])
    assert re.search(says, str(found.first)), str(found)


# -- built by their first call ---------------------------------------------------------------------


def lazily(use: Any, own_step: bool = False, factor: float = 1.0) -> Any:
    """A program with a model that is built when it is first called, in `use`, which returns.

    With `own_step` it has its own ``train_step``; scratchnet's loss there is `factor` times it.
    """

    def program(tf: Any) -> Any:
        k = tf.keras.layers

        class Block(k.Layer):
            def __init__(self) -> None:
                super().__init__()
                self.inner, self.outer = k.Dense(4, activation="relu"), k.Dense(5)

            def call(self, x: Any) -> Any:
                return x + self.outer(self.inner(x))

        class Plain(tf.keras.Model):
            def __init__(self) -> None:
                super().__init__()
                self.block, self.last = Block(), k.Dense(3)

            def call(self, x: Any) -> Any:
                return self.last(self.block(x))

        class Own(Plain):
            def train_step(self, data: Any) -> Any:
                x, y = data[:2]
                with tf.GradientTape() as tape:
                    loss = tf.reduce_mean((self(x, training=True) - y) ** 2.0)
                    if tf.__name__ == "scratchnet":
                        loss = loss * factor
                variables = self.trainable_variables
                gradients = tape.gradient(loss, variables)
                self.optimizer.apply_gradients(zip(gradients, variables, strict=True))
                return {"loss": loss}

        model = Own() if own_step else Plain()
        model.compile("sgd", "mse")
        return use(tf, model, Block)

    return program


def trained(tf: Any, model: Any, block: Any) -> Any:
    model.fit(X, Y, batch_size=4, verbose=0)
    return model(X)


def on_a_batch(tf: Any, model: Any, block: Any) -> Any:
    model.train_on_batch(X.astype("float64"), Y)
    return model(X)


def predicted(tf: Any, model: Any, block: Any) -> Any:
    model.evaluate(X, Y, verbose=0)
    return tf.constant(model.predict(X, verbose=0))


LAZY = {
    "called": lazily(lambda tf, model, block: model(X)),
    "trained": lazily(trained),
    "own_step": lazily(trained, own_step=True),
    "batch": lazily(on_a_batch),
    "own_batch": lazily(on_a_batch, own_step=True),
    "predicted": lazily(predicted),
    "returned": lazily(lambda tf, model, block: (model, X, Y)),
    "block": lazily(lambda tf, model, block: block()(tf.constant(X))),
}


@pytest.mark.filterwarnings("ignore::UserWarning")  # TensorFlow's, of its eager functions
@pytest.mark.parametrize("name", LAZY)
def test_layers_may_be_built_inside_of_a_call(name: str) -> None:
    found = compare(LAZY[name])
    assert found.ok, str(found)
    if name == "predicted":
        return  # arrays, which no gradient can flow to
    with changed("matmul", 1, times(1.01)):
        found = compare(LAZY[name])
    assert re.search(r"layer dense(_\d)?, the gradient of .*/kernel|optimizer", str(found.first))


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_a_mistake_in_the_train_step_of_a_model_that_is_built_there() -> None:
    found = compare(lazily(trained, own_step=True, factor=1.01))
    says = r"backward: the cotangent of what call \d+, reduce_mean .*|.*as call \d+, optimizer SGD"
    assert re.match(says, str(found.first)), str(found)
