"""Where cross entropies find the logits: what a program runs in, and the way of the tensor."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tests.support.keras_programs import close

X = np.array([[300.0, 0.0]], "f")
Body = Callable[[Any], Any]


def four_losses(tf: Any, way: str, x: Any) -> Any:
    """One number: whatever of the four losses took the logits, its sum is another."""
    losses, activations = tf.keras.losses, tf.keras.activations

    def of_classes(p: Any) -> Any:
        return losses.sparse_categorical_crossentropy(tf.ones(1, tf.int32), p)[0]

    def of_bits(p: Any) -> Any:
        return losses.binary_crossentropy(tf.zeros([1, 2]), p)[0]

    go = WAYS[way]
    return (
        go(tf, tf.nn.softmax, of_classes, x)
        + go(tf, activations.softmax, of_classes, x) * 3
        + go(tf, tf.sigmoid, of_bits, x) * 9
        + go(tf, activations.sigmoid, of_bits, x) * 27
    )


# -- what the program runs in --------------------------------------------------------------------


def dataset(tf: Any) -> Any:
    return tf.data.Dataset.from_tensors(X)


def first(data: Any) -> Any:
    return next(iter(data))


def in_init_scope(tf: Any, body: Body) -> Any:
    def lifted(x: Any) -> Any:
        with tf.init_scope():
            return body(tf.constant(X))

    return tf.function(lifted)(X)


def eagerly(tf: Any, program: Callable[[], Any]) -> Any:
    tf.config.run_functions_eagerly(True)
    try:
        return program()
    finally:
        tf.config.run_functions_eagerly(False)


def model(tf: Any, body: Body, **compiled: Any) -> Any:
    class InCall(tf.keras.Model):  # type: ignore[misc]
        def call(self, x: Any) -> Any:
            return tf.reshape(body(x), [1, 1])

    found = InCall()
    found.compile(loss=lambda y, p: p[:, 0], **compiled)
    return found


def step(tf: Any, name: str, body: Body, **compiled: Any) -> Any:
    """A model with a `train_step`, `test_step` or `predict_step` of its own."""

    def own_step(self: Any, data: Any) -> Any:
        value = body(tf.keras.utils.unpack_x_y_sample_weight(data)[0])
        return tf.reshape(value, [1, 1]) if name == "predict_step" else {"loss": value}

    found = type("OwnStep", (tf.keras.Model,), {name: own_step})()
    found.compile(loss="mse", **compiled)
    return found


def by_python(tf: Any, body: Body) -> Body:
    return lambda x: tf.py_function(body, [x], tf.float32)


def by_numpy(tf: Any, body: Body) -> Body:
    return lambda x: tf.numpy_function(lambda a: body(tf.constant(a)).numpy(), [x], tf.float32)


def generated(tf: Any, body: Body) -> Any:
    return tf.data.Dataset.from_generator(
        lambda: iter([body(tf.constant(X)).numpy()]), output_signature=tf.TensorSpec([])
    )


def kept(tf: Any, method: str, body: Body) -> list[int]:
    """How many elements are kept by predicates that compare with several limits."""
    data = dataset(tf)
    return [
        len(list(getattr(data, method)(lambda x: body(x) > limit)))  # noqa: B023 - asked at once
        for limit in range(1000, 12000, 2500)
    ]


def one(tf: Any) -> Callable[[Any], Any]:
    return tf.data.Dataset.from_tensors


CONTEXTS: dict[str, Callable[[Any, Body], Any]] = {
    "eager": lambda tf, body: body(tf.constant(X)),
    "function": lambda tf, body: tf.function(body)(X),
    "function of a function": lambda tf, body: tf.function(tf.function(body))(X),
    "function run eagerly": lambda tf, body: eagerly(tf, lambda: tf.function(body)(X)),
    "concrete function": lambda tf, body: tf.function(body).get_concrete_function(
        tf.TensorSpec([1, 2])
    )(tf.constant(X)),
    "init_scope": in_init_scope,
    "py_function": lambda tf, body: by_python(tf, body)(X),
    "py_function in a function": lambda tf, body: tf.function(by_python(tf, body))(X),
    "numpy_function in a function": lambda tf, body: tf.function(by_numpy(tf, body))(X),
    "map": lambda tf, body: first(dataset(tf).map(body)),
    "map while functions run eagerly": lambda tf, body: eagerly(
        tf, lambda: first(dataset(tf).map(body))
    ),
    "map of a py_function": lambda tf, body: first(dataset(tf).map(by_python(tf, body))),
    "filter": lambda tf, body: kept(tf, "filter", body),
    "take_while": lambda tf, body: kept(tf, "take_while", body),
    "reduce": lambda tf, body: dataset(tf).reduce(0.0, lambda total, x: total + body(x)),
    "flat_map": lambda tf, body: first(dataset(tf).flat_map(lambda x: one(tf)(body(x)))),
    "interleave": lambda tf, body: first(dataset(tf).interleave(lambda x: one(tf)(body(x)))),
    "map in flat_map": lambda tf, body: first(dataset(tf).flat_map(lambda x: one(tf)(x).map(body))),
    "scan of a dataset": lambda tf, body: first(dataset(tf).scan(0, lambda s, x: (s, body(x)))),
    "group_by_window": lambda tf, body: first(
        dataset(tf).group_by_window(
            lambda x: tf.cast(body(x), tf.int64), lambda key, group: one(tf)(key), 1
        )
    ),
    "apply": lambda tf, body: first(dataset(tf).apply(lambda d: one(tf)(body(first(d))))),
    "from_generator": lambda tf, body: first(generated(tf, body)),
    "from_generator in a function": lambda tf, body: tf.function(
        lambda data: data.reduce(0.0, lambda total, x: total + x)
    )(generated(tf, body)),
    "vectorized_map": lambda tf, body: tf.vectorized_map(body, tf.constant(X[None])),
    "vectorized_map of Keras": lambda tf, body: tf.keras.ops.vectorized_map(
        body, tf.constant(X[None])
    ),
    "map_fn": lambda tf, body: tf.map_fn(body, tf.constant(X[None])),
    "map of Keras": lambda tf, body: tf.keras.ops.map(body, tf.constant(X[None])),
    "foldl": lambda tf, body: tf.foldl(lambda s, x: s + body(x), tf.constant(X[None]), 0.0),
    "custom_gradient": lambda tf, body: tf.custom_gradient(lambda x: (body(x), lambda g: g))(
        tf.constant(X)
    ),
    "a model": lambda tf, body: model(tf, body)(X),
    "fit": lambda tf, body: model(tf, body).fit(X, X, verbose=0).history["loss"],
    "fit eagerly": lambda tf, body: (
        model(tf, body, run_eagerly=True).fit(X, X, verbose=0).history["loss"]
    ),
    "evaluate": lambda tf, body: model(tf, body).evaluate(X, X, verbose=0),
    "test_on_batch": lambda tf, body: model(tf, body).test_on_batch(X, X),
    "train_on_batch": lambda tf, body: model(tf, body).train_on_batch(X, X),
    "predict": lambda tf, body: model(tf, body).predict(X, verbose=0),
    "predict in twos": lambda tf, body: model(tf, body, steps_per_execution=2).predict(
        X, verbose=0
    ),
    "predict eagerly": lambda tf, body: model(tf, body, run_eagerly=True).predict(X, verbose=0),
    "predict while functions run eagerly": lambda tf, body: eagerly(
        tf, lambda: model(tf, body).predict(X, verbose=0)
    ),
    "predict_on_batch": lambda tf, body: model(tf, body).predict_on_batch(X),
    "predict_on_batch eagerly": lambda tf, body: model(tf, body, run_eagerly=True).predict_on_batch(
        X
    ),
    "predict_step called": lambda tf, body: model(tf, body).predict_step((tf.constant(X),)),
    "train_step": lambda tf, body: step(tf, "train_step", body).fit(X, X, verbose=0).history,
    "train_step eagerly": lambda tf, body: (
        step(tf, "train_step", body, run_eagerly=True).fit(X, X, verbose=0).history
    ),
    "test_step": lambda tf, body: step(tf, "test_step", body).evaluate(X, X, verbose=0),
    "predict_step": lambda tf, body: step(tf, "predict_step", body).predict(X, verbose=0),
    "predict_step eagerly": lambda tf, body: step(
        tf, "predict_step", body, run_eagerly=True
    ).predict(X, verbose=0),
}


# -- the way of the tensor -----------------------------------------------------------------------

Way = Callable[[Any, Body, Body, Any], Any]  # (tf, the activation, the loss, x) -> the loss of it


def after(change: Callable[[Any, Any], Any]) -> Way:
    """The loss of what `change` makes of the probabilities."""
    return lambda tf, act, loss, x: loss(change(tf, act(x)))


def from_within(branch: Callable[[Any, Callable[[], Any]], Any]) -> Way:
    """The loss of what a branch, or the body of a loop, computes inside."""
    return lambda tf, act, loss, x: loss(branch(tf, lambda: act(x)))


def all_within(branch: Callable[[Any, Callable[[], Any]], Any]) -> Way:
    return lambda tf, act, loss, x: branch(tf, lambda: loss(act(x)))


def loss_within(branch: Callable[[Any, Callable[[], Any]], Any]) -> Way:
    """The loss inside of probabilities from outside, which are captured."""

    def go(tf: Any, act: Body, loss: Body, x: Any) -> Any:
        p = act(x)
        return branch(tf, lambda: loss(p))

    return go


def cond(tf: Any, f: Callable[[], Any]) -> Any:
    return tf.cond(tf.constant(1) < 2, f, lambda: f() * 0)


def case(tf: Any, f: Callable[[], Any]) -> Any:
    return tf.case([(tf.constant(1) < 2, f)], lambda: f() * 0)


def lone_case(tf: Any, f: Callable[[], Any]) -> Any:
    return tf.case([(tf.constant(1) < 2, f)])


def switch_case(tf: Any, f: Callable[[], Any]) -> Any:
    return tf.switch_case(tf.constant(1), [lambda: f() * 0, f])


def loop(tf: Any, f: Callable[[], Any]) -> Any:
    return tf.while_loop(lambda i, _: i < 1, lambda i, _: (i + 1, f()), (0, f() * 0))[1]


def keras_loop(tf: Any, f: Callable[[], Any]) -> Any:
    return tf.keras.ops.while_loop(lambda i, _: i < 1, lambda i, _: (i + 1, f()), (0, f() * 0))[1]


def fori_loop(tf: Any, f: Callable[[], Any]) -> Any:
    return tf.keras.ops.fori_loop(0, 1, lambda i, _: f(), f() * 0)


def folded(tf: Any, f: Callable[[], Any]) -> Any:
    return tf.foldl(lambda state, row: f(), tf.zeros([1]), f() * 0)


def mapped(tf: Any, f: Callable[[], Any]) -> Any:
    return tf.map_fn(lambda row: f(), tf.zeros([1]))[0]


def vectorized(tf: Any, f: Callable[[], Any]) -> Any:
    return tf.vectorized_map(lambda row: f() + row, tf.zeros([1]))[0]


def function(tf: Any, f: Callable[[], Any]) -> Any:
    return tf.function(f)()


def with_own_gradient(tf: Any, f: Callable[[], Any]) -> Any:
    return tf.custom_gradient(lambda x: (f(), lambda g: g))(tf.constant(1.0))


def loss_of_argument_and_captured(tf: Any, act: Body, loss: Body, x: Any) -> Any:
    p = act(x)
    return tf.function(lambda q: loss(p) + 100 * loss(q))(p)


def loss_of_loop_variable(tf: Any, act: Body, loss: Body, x: Any) -> Any:
    return tf.while_loop(
        lambda i, p, total: i < 1, lambda i, p, total: (i + 1, p, loss(p)), (0, act(x), 0.0)
    )[2]


def loss_in_condition(tf: Any, act: Body, loss: Body, x: Any) -> Any:
    p, turns = act(x), tf.constant(0.0)
    return tf.while_loop(
        lambda i: tf.logical_and(loss(p) > 100, i < 3), lambda i: (i + 1,), (turns,)
    )[0]


def loss_of_scanned_state(tf: Any, act: Body, loss: Body, x: Any) -> Any:
    return tf.scan(lambda s, _: (s[0], loss(s[0])), tf.zeros([2]), (act(x), 0.0))[1][0]


def loss_of_rows(mapping: Callable[[Any], Any]) -> Way:
    return lambda tf, act, loss, x: mapping(tf)(loss, act(x)[None])[0]


WAYS: dict[str, Way] = {
    "straight": after(lambda tf, p: p),
    "converted": after(lambda tf, p: tf.keras.ops.cast(tf.convert_to_tensor(p), "float32")),
    "cast": after(lambda tf, p: tf.cast(p, tf.float32)),
    "add_n": after(lambda tf, p: tf.add_n([p])),
    "no dropout": after(lambda tf, p: tf.nn.dropout(p, 0.0)),
    "a layer that changes nothing": after(lambda tf, p: tf.keras.layers.Identity()(p)),
    "identity": after(lambda tf, p: tf.identity(p)),
    "stop_gradient": after(lambda tf, p: tf.stop_gradient(p)),
    "reshape": after(lambda tf, p: tf.reshape(p, [1, 2])),
    "ensure_shape": after(lambda tf, p: tf.ensure_shape(p, [None, 2])),
    "check_numerics": after(lambda tf, p: tf.debugging.check_numerics(p, "p")),
    "assert_all_finite": after(lambda tf, p: tf.debugging.assert_all_finite(p, "p")),
    "TensorArray": after(lambda tf, p: tf.TensorArray(tf.float32, 1).write(0, p).read(0)),
    "through a function": after(lambda tf, p: tf.function(lambda q: q)(p)),
    "captured by a function": after(lambda tf, p: tf.function(lambda: p)()),
    "through cond": after(lambda tf, p: tf.cond(tf.constant(1) < 2, lambda: p, lambda: p * 0)),
    "through no turns": after(
        lambda tf, p: tf.while_loop(lambda i, q: i < 0, lambda i, q: (i, q), (0, p))[1]
    ),
    "through a loop": after(
        lambda tf, p: tf.while_loop(lambda i, q: i < 2, lambda i, q: (i + 1, q), (0, p))[1]
    ),
    "through a loop of Keras": after(
        lambda tf, p: tf.keras.ops.while_loop(lambda i, q: i < 2, lambda i, q: (i + 1, q), (0, p))[
            1
        ]
    ),
    "through no turns of Keras": after(
        lambda tf, p: tf.keras.ops.fori_loop(0, 0, lambda i, q: q, p)
    ),
    "through foldl": after(lambda tf, p: tf.foldl(lambda state, _: state, tf.zeros([2]), p)),
    "through py_function": after(
        lambda tf, p: tf.ensure_shape(tf.py_function(lambda q: q, [p], tf.float32), [1, 2])
    ),
    "of an argument and captured": loss_of_argument_and_captured,
    "of a loop variable": loss_of_loop_variable,
    "in a condition": loss_in_condition,
    "of a scanned state": loss_of_scanned_state,
    "of rows by map_fn": loss_of_rows(lambda tf: tf.map_fn),
    "of rows by vectorized_map": loss_of_rows(lambda tf: tf.vectorized_map),
    "of an argument of py_function": lambda tf, act, loss, x: tf.ensure_shape(
        tf.py_function(loss, [act(x)], tf.float32), []
    ),
}
PARTS = [
    cond,
    case,
    lone_case,
    switch_case,
    loop,
    keras_loop,
    fori_loop,
    folded,
    mapped,
    vectorized,
    function,
    with_own_gradient,
]
for part in PARTS:
    WAYS[f"from within {part.__name__}"] = from_within(part)
    WAYS[f"all within {part.__name__}"] = all_within(part)
    WAYS[f"loss within {part.__name__}"] = loss_within(part)

EVERYWHERE = ("straight", "ensure_shape")
ALL_WAYS_IN = ("eager", "function")


@pytest.mark.parametrize(
    ("context", "way"),
    [(context, way) for context in CONTEXTS for way in EVERYWHERE]
    + [(context, way) for context in ALL_WAYS_IN for way in WAYS if way not in EVERYWHERE],
)
@pytest.mark.filterwarnings(
    "ignore:.*trainable weights:UserWarning",
    "ignore:.*has no weights to train:UserWarning",
    "ignore:.*does not apply to tf.data functions:UserWarning",
)
def test_the_logits_are_taken_where_keras_takes_them(context: str, way: str) -> None:
    def program(tf: Any) -> Any:
        found = CONTEXTS[context](tf, lambda x: four_losses(tf, way, x))
        return found.numpy() if tf.is_tensor(found) else found

    close(program, 60)


LOSSES: dict[str, Callable[[Any], Any]] = {
    "function of classes": lambda tf: tf.keras.losses.sparse_categorical_crossentropy,
    "loss of classes": lambda tf: tf.keras.losses.SparseCategoricalCrossentropy(),
    "metric of classes": lambda tf: tf.keras.metrics.SparseCategoricalCrossentropy(),
    "op of classes": lambda tf: tf.keras.ops.sparse_categorical_crossentropy,
    "function of one-hot": lambda tf: tf.keras.losses.categorical_crossentropy,
    "loss of one-hot": lambda tf: tf.keras.losses.CategoricalCrossentropy(),
    "metric of one-hot": lambda tf: tf.keras.metrics.CategoricalCrossentropy(),
    "op of one-hot": lambda tf: tf.keras.ops.categorical_crossentropy,
    "function of bits": lambda tf: tf.keras.losses.binary_crossentropy,
    "loss of bits": lambda tf: tf.keras.losses.BinaryCrossentropy(),
    "metric of bits": lambda tf: tf.keras.metrics.BinaryCrossentropy(),
    "op of bits": lambda tf: tf.keras.ops.binary_crossentropy,
    "focal function": lambda tf: tf.keras.losses.binary_focal_crossentropy,
}


@pytest.mark.parametrize("name", LOSSES)
def test_what_was_activated_eagerly_and_is_captured_by_a_function(name: str) -> None:
    """All but the losses of classes make another tensor of it first, which hides the logits."""

    def program(tf: Any) -> Any:
        truth = tf.constant([1] if "of classes" in name else [[0.0, 1.0]])
        x, found = tf.constant(X), []
        for activation in (tf.keras.activations.softmax, tf.keras.activations.sigmoid):
            p = activation(x)
            loss = LOSSES[name](tf)
            found.append(tf.function(lambda: loss(truth, p), autograph=False)().numpy())  # noqa: B023
            loss = LOSSES[name](tf)
            within = tf.function(lambda: loss(truth, activation(x)), autograph=False)  # noqa: B023
            found.append(within().numpy())
        return found

    close(program, 60)
