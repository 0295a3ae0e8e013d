"""Cross entropies find the logits of a softmax or sigmoid again."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import scratchnet
from tests.support.keras_programs import close, complain_alike
from tests.support.loss_programs import (
    BITS,
    CLASSES,
    EXTREME,
    LOGITS,
    NUMBERS,
    ONE_HOT,
    value_and_gradient,
)


def softmaxes(tf: Any) -> list[Any]:
    keras = tf.keras
    dense = keras.layers.Dense(4, activation="softmax", kernel_initializer="identity")
    return [
        keras.activations.softmax,
        keras.layers.Activation("softmax"),
        keras.layers.Softmax(),
        dense,
        tf.nn.softmax,
        keras.Sequential([keras.Input((4,)), keras.layers.Softmax()]),
    ]


@pytest.mark.parametrize("i", range(6))
@pytest.mark.parametrize("sparse", [False, True])
def test_softmax_hides_its_logits(i: int, sparse: bool) -> None:
    def program(tf: Any) -> list[Any]:
        f, losses = softmaxes(tf)[i], tf.keras.losses
        loss = (
            losses.SparseCategoricalCrossentropy() if sparse else losses.CategoricalCrossentropy()
        )
        truth = CLASSES if sparse else ONE_HOT
        return value_and_gradient(tf, lambda t, x: loss(t, f(x)), truth, EXTREME)

    close(program, 4)


@pytest.mark.parametrize("hides", [True, False])
def test_sigmoid_hides_its_logits(hides: bool) -> None:
    def program(tf: Any) -> list[Any]:
        f = tf.keras.activations.sigmoid if hides else tf.nn.sigmoid
        loss = tf.keras.losses.BinaryCrossentropy()
        return value_and_gradient(
            tf, lambda t, x: loss(t, f(x)), BITS, NUMBERS * (100 if hides else 1)
        )

    close(program, 30)


HIDDEN_COMPLAINTS = {
    "cce": ("CategoricalCrossentropy", "softmax", ONE_HOT, LOGITS),
    "scce": ("SparseCategoricalCrossentropy", "softmax", CLASSES, LOGITS),
    "bce": ("BinaryCrossentropy", "sigmoid", BITS, NUMBERS),
}


@pytest.mark.parametrize("name", HIDDEN_COMPLAINTS)
def test_from_logits_of_probabilities_warns(name: str) -> None:
    cls, activation, truth, x = HIDDEN_COMPLAINTS[name]

    def program(tf: Any) -> Any:
        p = getattr(tf.keras.activations, activation)(tf.constant(x))
        return getattr(tf.keras.losses, cls)(from_logits=True)(truth, p).numpy()

    complain_alike(
        program, "received `from_logits=True`, but the `output` argument was produced by a "
    )


@pytest.mark.filterwarnings("ignore:.*produced by a Softmax:UserWarning")
def test_from_logits_of_probabilities_is_right_all_the_same() -> None:
    def program(tf: Any) -> Any:
        p = tf.keras.activations.softmax(tf.constant(EXTREME))
        return tf.keras.losses.CategoricalCrossentropy(from_logits=True)(ONE_HOT, p).numpy()

    close(program, 4)


@pytest.mark.parametrize(
    ("loss", "activation", "truth"),
    [("SparseCategoricalCrossentropy", "softmax", CLASSES), ("BinaryCrossentropy", "sigmoid", 1.0)],
)
def test_the_probabilities_have_no_gradient_and_it_is_said_why(
    loss: str, activation: str, truth: Any
) -> None:
    logits = scratchnet.constant(LOGITS)
    truth = truth if activation == "softmax" else np.ones_like(LOGITS)
    with scratchnet.GradientTape(persistent=True) as tape:
        tape.watch(logits)
        p = getattr(scratchnet.keras.activations, activation)(logits)
        value = getattr(scratchnet.keras.losses, loss)()(truth, p)
    assert tape.gradient(value, p) is None
    assert tape.explain_none(p) == (
        f"the loss takes the logits behind this {activation} in place of it, so it has no gradient "
        "of its own; that of a sample's loss by the logits is p - y"
    )
    assert tape.gradient(value, logits) is not None


def test_what_is_said_of_logits_that_were_activated() -> None:
    losses, p = scratchnet.keras.losses, scratchnet.keras.activations.sigmoid([[0.5, -1.0]])
    text = (
        r'^"`binary_crossentropy` received `from_logits=True`, but the `output` argument was '
        r"produced by a Sigmoid activation and thus does not represent logits\. Was this intended\?"
    )
    with pytest.warns(UserWarning, match=text):
        warned = losses.binary_crossentropy([[1.0, 0.0]], p, from_logits=True)
    known = losses.binary_crossentropy([[1.0, 0.0]], p)
    given = losses.binary_crossentropy([[1.0, 0.0]], [[0.5, -1.0]], from_logits=True)
    assert warned.numpy() == known.numpy() == given.numpy()


def test_logits_of_another_activation_are_not_taken() -> None:
    """A softmax is no sigmoid, but what it keeps are logits to any loss, as in Keras."""
    x = np.array([[0.5, -1.0, 2.0]], "f")

    def program(tf: Any) -> list[Any]:
        a, losses = tf.keras.activations, tf.keras.losses
        truth = tf.constant([[0.0, 1.0, 0.0]])
        found = [losses.binary_crossentropy(truth, a.softmax(tf.constant(x)))]
        found.append(losses.categorical_crossentropy(truth, a.sigmoid(tf.constant(x))))
        found.append(losses.binary_crossentropy(truth, tf.identity(a.sigmoid(tf.constant(x)))))
        return [y.numpy() for y in found]

    close(program, 20)


# -- which ops a graph knows -----------------------------------------------------------------------

X = np.array([[300.0, 0.0]], "f")


def sparse(tf: Any, p: Any) -> Any:
    """The loss of label 1: 300 by the logits, 16.118 of probabilities that are clipped."""
    return tf.keras.losses.sparse_categorical_crossentropy(tf.ones(1, tf.int32), p)


def whole(tf: Any, x: Any) -> Any:
    return sparse(tf, tf.nn.softmax(x))


def of_row(tf: Any, x: Any) -> Any:
    return tf.keras.losses.sparse_categorical_crossentropy(tf.constant(1), tf.nn.softmax(x))


def model(tf: Any) -> Any:
    class Losses(tf.keras.Model):
        def call(self, x: Any) -> Any:
            return whole(tf, x)

    return Losses()


def eager_model(tf: Any) -> Any:
    found = model(tf)
    found.compile(run_eagerly=True)
    return found


def eagerly(tf: Any, program: Any) -> Any:
    tf.config.run_functions_eagerly(True)
    try:
        return program()
    finally:
        tf.config.run_functions_eagerly(False)


def in_init_scope(tf: Any) -> Any:
    def lifted() -> Any:
        with tf.init_scope():
            return whole(tf, tf.constant(X))

    return tf.function(lifted)()


def branches(tf: Any, x: Any) -> Any:
    return lambda: tf.nn.softmax(x), lambda: tf.nn.softmax(-x)


def looped(tf: Any, first: Any, body: Any) -> Any:
    """What one turn of a loop makes of `first`."""
    loop_vars = [tf.constant(0), first]
    return tf.while_loop(lambda i, _: i < 1, lambda i, y: (i + 1, body(y)), loop_vars)[1]


def data(tf: Any) -> Any:
    return tf.data.Dataset.from_tensors(X)


CONTEXTS: dict[str, Any] = {
    "eager": lambda tf, x: whole(tf, x),
    "function": lambda tf, x: tf.function(lambda x: whole(tf, x))(x),
    "run_functions_eagerly": lambda tf, x: eagerly(
        tf, lambda: tf.function(lambda x: whole(tf, x))(x)
    ),
    "sigmoid": lambda tf, x: tf.function(
        lambda x: tf.keras.losses.binary_crossentropy(tf.zeros((1, 1)), tf.sigmoid(x[:, :1]))
    )(x),
    "predict": lambda tf, x: model(tf).predict(X, verbose=0),
    "predict_on_batch": lambda tf, x: model(tf).predict_on_batch(X),
    "predict_step": lambda tf, x: model(tf).predict_step((x,)),
    "a call": lambda tf, x: model(tf)(x),
    "predict, eagerly": lambda tf, x: eager_model(tf).predict(X, verbose=0),
    "predict, functions eagerly": lambda tf, x: eagerly(
        tf, lambda: model(tf).predict(X, verbose=0)
    ),
    "map": lambda tf, x: next(iter(data(tf).map(lambda x: whole(tf, x)))),
    "map, twice": lambda tf, x: next(
        iter(data(tf).map(tf.nn.softmax).map(lambda p: sparse(tf, p)))
    ),
    "map, captured": lambda tf, x: (lambda p: next(iter(data(tf).map(lambda _: sparse(tf, p)))))(
        tf.nn.softmax(x)
    ),
    "filter": lambda tf, x: float(len(list(data(tf).filter(lambda x: whole(tf, x)[0] > 100.0)))),
    "take_while": lambda tf, x: float(
        len(list(data(tf).take_while(lambda x: whole(tf, x)[0] > 100.0)))
    ),
    "reduce": lambda tf, x: data(tf).reduce(tf.zeros(1), lambda s, x: s + whole(tf, x)),
    "scan of data": lambda tf, x: next(
        iter(data(tf).scan(tf.zeros(1), lambda s, x: (s, whole(tf, x))))
    ),
    "flat_map": lambda tf, x: next(
        iter(data(tf).flat_map(lambda x: tf.data.Dataset.from_tensors(whole(tf, x))))
    ),
    "interleave": lambda tf, x: next(
        iter(data(tf).interleave(lambda x: tf.data.Dataset.from_tensors(whole(tf, x))))
    ),
    "key_func": lambda tf, x: next(
        iter(
            data(tf).group_by_window(
                lambda x: tf.cast(whole(tf, x)[0], tf.int64),
                lambda key, _: tf.data.Dataset.from_tensors(tf.cast(key, tf.float32)),
                1,
            )
        )
    ),
    "py_function of data": lambda tf, x: next(
        iter(data(tf).map(lambda x: tf.py_function(lambda x: whole(tf, x), [x], tf.float32)))
    ),
    "vectorized_map": lambda tf, x: tf.vectorized_map(lambda row: of_row(tf, row), x),
    "vectorized_map, eagerly": lambda tf, x: eagerly(
        tf, lambda: tf.vectorized_map(lambda row: of_row(tf, row), x)
    ),
    "map_fn": lambda tf, x: tf.map_fn(lambda row: of_row(tf, row), x),
    "map_fn in a function": lambda tf, x: tf.function(
        lambda x: tf.map_fn(lambda row: of_row(tf, row), x)
    )(x),
    "init_scope": lambda tf, x: in_init_scope(tf),
    "py_function": lambda tf, x: tf.function(
        lambda x: tf.py_function(lambda x: whole(tf, x), [x], tf.float32)
    )(x),
    "numpy_function": lambda tf, x: tf.function(
        lambda x: tf.numpy_function(lambda a: whole(tf, tf.constant(a)).numpy(), [x], tf.float32)
    )(x),
}
# What the probabilities go through between the softmax and the loss, in a function and eagerly.
WAYS: dict[str, Any] = {
    "softmax": lambda tf, x, softmax: sparse(tf, softmax(x)),
    "cond": lambda tf, x, softmax: sparse(
        tf, tf.cond(x[0, 0] > 0, lambda: softmax(x), lambda: softmax(-x))
    ),
    "cond that passes it on": lambda tf, x, softmax: (
        lambda p: sparse(tf, tf.cond(x[0, 0] > 0, lambda: p, lambda: p + 1.0))
    )(softmax(x)),
    "cond around the loss": lambda tf, x, softmax: (
        lambda p: tf.cond(x[0, 0] > 0, lambda: sparse(tf, p), lambda: sparse(tf, 2 * p))
    )(softmax(x)),
    "cond around both": lambda tf, x, softmax: tf.cond(
        x[0, 0] > 0, lambda: sparse(tf, softmax(x)), lambda: sparse(tf, softmax(-x))
    ),
    "case": lambda tf, x, softmax: sparse(
        tf, tf.case([(x[0, 0] > 0, lambda: softmax(x))], default=lambda: softmax(-x))
    ),
    "switch_case": lambda tf, x, softmax: sparse(
        tf, tf.switch_case(tf.cast(x[0, 1], tf.int32), [lambda: softmax(x), lambda: x])
    ),
    "while_loop": lambda tf, x, softmax: sparse(
        tf, looped(tf, tf.zeros((1, 2)), lambda _: softmax(x))
    ),
    "while_loop around both": lambda tf, x, softmax: looped(
        tf, tf.zeros(1), lambda _: sparse(tf, softmax(x))
    ),
    "while_loop that takes it": lambda tf, x, softmax: looped(
        tf, softmax(x), lambda p: sparse(tf, p)[:, None] * tf.ones((1, 2))
    ),
    "ensure_shape": lambda tf, x, softmax: sparse(tf, tf.ensure_shape(softmax(x), (1, 2))),
    "check_numerics": lambda tf, x, softmax: sparse(
        tf, tf.debugging.check_numerics(softmax(x), "")
    ),
    "assert_all_finite": lambda tf, x, softmax: sparse(
        tf, tf.debugging.assert_all_finite(softmax(x), "")
    ),
    "TensorArray": lambda tf, x, softmax: sparse(
        tf, tf.TensorArray(tf.float32, 1).write(0, softmax(x)).read(0)
    ),
    "py_function": lambda tf, x, softmax: sparse(
        tf, tf.reshape(tf.py_function(softmax, [x], tf.float32), (1, 2))
    ),
    "identity": lambda tf, x, softmax: sparse(tf, tf.identity(softmax(x))),
    "reshape": lambda tf, x, softmax: sparse(tf, tf.reshape(softmax(x), (1, 2))),
    "stop_gradient": lambda tf, x, softmax: sparse(tf, tf.stop_gradient(softmax(x))),
    "cast": lambda tf, x, softmax: sparse(tf, tf.cast(softmax(x), tf.float32)),
    "convert_to_tensor": lambda tf, x, softmax: sparse(tf, tf.convert_to_tensor(softmax(x))),
    "add_n": lambda tf, x, softmax: sparse(tf, tf.add_n([softmax(x)])),
    "a function": lambda tf, x, softmax: sparse(tf, tf.function(softmax)(x)),
}


@pytest.mark.filterwarnings("ignore:Even though the `tf.config.experimental_run_functions_eagerly")
@pytest.mark.parametrize("name", CONTEXTS)
def test_where_a_graph_runs(name: str) -> None:
    close(lambda tf: np.asarray(CONTEXTS[name](tf, tf.constant(X))), 16)


@pytest.mark.parametrize("in_graph", [True, False])
@pytest.mark.parametrize("activation", ["tf.nn", "keras"])
@pytest.mark.parametrize("name", WAYS)
def test_what_is_another_node(name: str, activation: str, in_graph: bool) -> None:
    def program(tf: Any) -> Any:
        softmax = tf.nn.softmax if activation == "tf.nn" else tf.keras.activations.softmax
        run = tf.function if in_graph else lambda f: f
        return np.asarray(run(lambda x: WAYS[name](tf, x, softmax))(tf.constant(X)))

    close(program, 16)


def test_gradients_go_through_what_is_another_node() -> None:
    def program(tf: Any) -> Any:
        x = tf.constant([[0.5, -0.25]])
        found = []
        for name in ("cond that passes it on", "ensure_shape", "add_n", "case", "while_loop"):
            with tf.GradientTape() as tape:
                tape.watch(x)
                loss = tf.function(lambda x, way=WAYS[name]: way(tf, x, tf.nn.softmax))(x)
            found.append(tape.gradient(loss, x).numpy())
        return found

    close(program, 16)
