"""Where the cross entropies take the logits behind probabilities, against Keras."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

import scratchnet
from tests.support.keras_programs import Program, close, twins

RNG = np.random.default_rng(12)
X = RNG.normal(size=(6, 5)).astype("f")
W = (RNG.normal(size=(5, 3)) * 40).astype("f")  # logits far beyond where probabilities round
CLASSES = RNG.integers(0, 3, 6)
TRUTHS = {
    "sparse_categorical_crossentropy": CLASSES,
    "categorical_crossentropy": np.eye(3, dtype="f")[CLASSES],
    "binary_crossentropy": RNG.integers(0, 2, (6, 3)).astype("f"),
}
MAKERS: dict[str, Any] = {
    "softmax": lambda tf, x: tf.nn.softmax(x),
    "softmax of the first axis": lambda tf, x: tf.nn.softmax(x, axis=0),
    "softmax of the last axis by its number": lambda tf, x: tf.nn.softmax(x, axis=1),
    "sigmoid": lambda tf, x: tf.sigmoid(x),
    "math.sigmoid": lambda tf, x: tf.math.sigmoid(x),
    "keras softmax": lambda tf, x: tf.keras.activations.softmax(x),
    "keras sigmoid": lambda tf, x: tf.keras.activations.sigmoid(x),
    "layer": lambda tf, x: tf.keras.layers.Activation("softmax")(x),
    "identity": lambda tf, x: tf.identity(tf.nn.softmax(x)),
    "reshape": lambda tf, x: tf.reshape(tf.nn.softmax(x), (6, 3)),
    "stop_gradient": lambda tf, x: tf.stop_gradient(tf.nn.softmax(x)),
    "cast": lambda tf, x: tf.cast(tf.nn.softmax(x), "float32"),
    "function": lambda tf, x: tf.function(tf.nn.softmax)(x),
    "keras function": lambda tf, x: tf.function(tf.keras.activations.softmax)(x),
    "product": lambda tf, x: tf.nn.softmax(x) * 1.0,
}


def step(tf: Any, maker: str, loss: str) -> list[Any]:
    """The loss of ``maker(x w)`` and its gradient by w."""
    w = tf.constant(W)
    with tf.GradientTape() as tape:
        tape.watch(w)
        p = MAKERS[maker](tf, tf.constant(X) @ w)
        y = tf.reduce_mean(getattr(tf.keras.losses, loss)(TRUTHS[loss], p))
    return [y, tape.gradient(y, w)]


@pytest.mark.parametrize("loss", TRUTHS)
@pytest.mark.parametrize("maker", MAKERS)
def test_a_loss_in_a_function_and_eagerly(maker: str, loss: str) -> None:
    def program(tf: Any) -> list[Any]:
        eager = step(tf, maker, loss)
        graph = tf.function(lambda: step(tf, maker, loss))()
        return [part.numpy() for part in (*eager, *graph) if part is not None]

    close(program, 200)


ACTIVATIONS: dict[str, Any] = {
    "tf.nn.softmax": lambda tf: tf.nn.softmax,
    "tf.sigmoid": lambda tf: tf.sigmoid,
    "softmax": lambda tf: "softmax",
    "a function of tf.nn.softmax": lambda tf: lambda x: tf.nn.softmax(2 * x),
}


@pytest.mark.parametrize("eagerly", [False, True])
@pytest.mark.parametrize("loss", TRUTHS)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_fit_evaluate_and_metrics(activation: str, loss: str, eagerly: bool) -> None:
    def program(tf: Any) -> list[Any]:
        keras = tf.keras
        layer = keras.layers.Dense(3, activation=ACTIVATIONS[activation](tf), use_bias=False)
        model = keras.Sequential([keras.Input((5,)), layer])
        layer.set_weights([W])
        metric = "".join(part.capitalize() for part in loss.split("_"))
        metrics = [getattr(keras.metrics, metric)(name="again")]
        model.compile(keras.optimizers.SGD(0.5), loss, metrics=metrics, run_eagerly=eagerly)
        y = TRUTHS[loss]
        found = [model.evaluate(X, y, verbose=0), model.test_on_batch(X, y)]
        found += model.fit(X, y, epochs=2, batch_size=6, verbose=0).history.values()
        return [*found, model.train_on_batch(X, y), layer.get_weights()[0]]

    close(program, 400)


def own_train_step(tf: Any, decorate: bool) -> list[Any]:
    keras = tf.keras

    class Own(keras.Model):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.dense = keras.layers.Dense(3, use_bias=False)

        def call(self, x: Any) -> Any:
            return tf.nn.softmax(self.dense(x))

        def train_step(self, data: Any) -> Any:
            x, y = data
            with tf.GradientTape() as tape:
                loss = self.compute_loss(x, y, self(x, training=True))
            gradients = tape.gradient(loss, self.trainable_variables)
            self.optimizer.apply_gradients(zip(gradients, self.trainable_variables, strict=True))
            return {"loss": loss}

        if decorate:
            train_step = tf.function(train_step)

    model = Own()
    model(tf.constant(X))
    model.set_weights([W])
    model.compile(keras.optimizers.SGD(0.5), "sparse_categorical_crossentropy")
    history = model.fit(X, CLASSES, epochs=2, batch_size=6, verbose=0).history
    return [*history.values(), *model.get_weights()]


@pytest.mark.parametrize("decorate", [False, True])
def test_a_train_step_of_ones_own(decorate: bool) -> None:
    close(lambda tf: own_train_step(tf, decorate), 400)


def of_an_argument(tf: Any) -> Any:
    loss = tf.function(tf.keras.losses.sparse_categorical_crossentropy)
    makers = (tf.nn.softmax, tf.keras.activations.softmax)
    outside = [loss(CLASSES, make(tf.constant(X) @ W)) for make in makers]
    inside = [tf.function(lambda m=make: loss(CLASSES, m(tf.constant(X) @ W)))() for make in makers]
    return [part.numpy() for part in (*outside, *inside)]


def of_a_capture(tf: Any) -> Any:
    loss = tf.keras.losses.sparse_categorical_crossentropy

    def captured(make: Any) -> Any:
        p = make(tf.constant(X) @ W)
        return tf.function(lambda: loss(CLASSES, p))()

    makers = (tf.nn.softmax, tf.keras.activations.softmax)
    outside = [captured(make) for make in makers]
    inside = [tf.function(lambda m=make: captured(m))() for make in makers]
    return [part.numpy() for part in (*outside, *inside)]


def of_a_result(tf: Any) -> Any:
    loss = tf.keras.losses.sparse_categorical_crossentropy
    makers = (tf.nn.softmax, tf.keras.activations.softmax)
    made = [tf.function(lambda m=make: m(tf.constant(X) @ W))() for make in makers]
    return [loss(CLASSES, p).numpy() for p in made]


def run_eagerly(tf: Any) -> Any:
    tf.config.run_functions_eagerly(True)
    try:
        return tf.function(lambda: step(tf, "softmax", "categorical_crossentropy"))()[0].numpy()
    finally:
        tf.config.run_functions_eagerly(False)


@pytest.mark.parametrize("program", [of_an_argument, of_a_capture, of_a_result, run_eagerly])
def test_probabilities_that_cross_the_edge_of_a_function(program: Program) -> None:
    close(program, 200)


def test_from_logits_of_probabilities_warns() -> None:
    def program(tf: Any) -> list[str]:
        loss = tf.keras.losses.categorical_crossentropy
        truth = TRUTHS["categorical_crossentropy"]
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            tf.function(
                lambda: loss(truth, tf.nn.softmax(tf.constant(X[:, :3])), from_logits=True)
            )()
        return [str(w.message) for w in caught if "from_logits" in str(w.message)]

    theirs, ours = twins(program)
    assert len(ours) == len(theirs) == 1
    assert ours[0].split(",")[0] == theirs[0].split(",")[0]


def test_no_graph_is_left_running_after_an_error() -> None:
    from scratchnet.engine.graph import RUNNING

    @scratchnet.function  # type: ignore[untyped-decorator]
    def fails() -> None:
        raise KeyError("as asked")

    with pytest.raises(KeyError):
        fails()
    assert RUNNING.graph is None
