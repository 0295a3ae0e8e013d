"""RNN, and what all recurrent layers share, against Keras."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

import scratchnet as sn
from tests.support.keras_programs import close, complain_alike, same
from tests.support.layer_programs import configured_alike, shapes_alike
from tests.support.recurrent_programs import MASK, RNG, X, computes_alike

LAYERS: dict[str, Any] = {
    "simple": lambda k, **kw: k.SimpleRNN(5, **kw),
    "lstm": lambda k, **kw: k.LSTM(5, **kw),
    "gru": lambda k, **kw: k.GRU(5, **kw),
    "gru before": lambda k, **kw: k.GRU(5, reset_after=False, **kw),
}
OPTIONS: dict[str, dict[str, Any]] = {
    "last": {},
    "sequences": {"return_sequences": True},
    "all": {"return_sequences": True, "return_state": True},
    "backwards": {"return_sequences": True, "return_state": True, "go_backwards": True},
    "zeros": {"return_sequences": True, "zero_output_for_mask": True},
    "zero last": {"return_state": True, "zero_output_for_mask": True, "go_backwards": True},
    "unrolled": {"return_sequences": True, "return_state": True, "unroll": True},
    "without bias": {"use_bias": False, "return_state": True},
}


def count(name: str) -> int:
    return 2 if name == "lstm" else 1


@pytest.mark.parametrize("option", OPTIONS)
@pytest.mark.parametrize("name", LAYERS)
@pytest.mark.parametrize("masked", [False, True])
def test_values_and_gradients(name: str, option: str, masked: bool) -> None:
    options = OPTIONS[option]
    mask = MASK if masked else None
    computes_alike(lambda k, **kw: LAYERS[name](k, **options, **kw), mask=mask)


@pytest.mark.parametrize("name", LAYERS)
@pytest.mark.parametrize("masked", [False, True])
def test_float64_and_initial_states(name: str, masked: bool) -> None:
    states = [RNG.normal(size=(3, 5)) for _ in range(count(name))]
    mask = MASK if masked else None

    def make(k: Any, **kw: Any) -> Any:
        return LAYERS[name](k, return_sequences=True, return_state=True, **kw)

    computes_alike(make, 90, dtype="float64", mask=mask, states=states)


@pytest.mark.parametrize("name", LAYERS)
@pytest.mark.parametrize("rates", [(0.5, 0.0), (0.0, 0.3), (0.5, 0.3), (1.0, 0.3)], ids=str)
@pytest.mark.parametrize("training", [True, False])
def test_dropout(name: str, rates: tuple[float, float], training: bool) -> None:
    rate, recurrent = rates

    def make(k: Any, **kw: Any) -> Any:
        return LAYERS[name](k, dropout=rate, recurrent_dropout=recurrent, seed=3, **kw)

    computes_alike(make, training=training, calls=2, mask=MASK)


@pytest.mark.parametrize("name", LAYERS)
def test_states_kept_between_batches(name: str) -> None:
    computes_alike(lambda k, **kw: LAYERS[name](k, stateful=True, **kw), calls=3)


@pytest.mark.parametrize("name", LAYERS)
def test_one_sample_one_step(name: str) -> None:
    computes_alike(lambda k, **kw: LAYERS[name](k, return_sequences=True, **kw), x=X[:1, :1])


def own_cell(tf: Any, takes_training: bool, **options: Any) -> Any:
    class Cell(tf.keras.layers.Layer):
        def __init__(self, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            self.state_size = 4

        def build(self, input_shape: Any) -> None:
            self.w = self.add_weight(shape=(input_shape[-1], 4), name="w")

        if takes_training:

            def call(self, inputs: Any, states: Any, training: Any = None) -> Any:
                h = states[0] + tf.matmul(inputs, self.w) * (2.0 if training else 1.0)
                return h * 3, [h]

        else:

            def call(self, inputs: Any, states: Any) -> Any:  # type: ignore[misc]
                h = states[0] + tf.matmul(inputs, self.w)
                return h * 3, h

    return tf.keras.layers.RNN(Cell(), **options)


@pytest.mark.parametrize("takes_training", [False, True])
@pytest.mark.parametrize("training", [None, True])
def test_cells_of_ones_own(takes_training: bool, training: bool | None) -> None:
    def program(tf: Any) -> Any:
        layer = own_cell(tf, takes_training, return_sequences=True, return_state=True)
        options = {} if training is None else {"training": training}
        found = [*layer(tf.constant(X.astype("f")), mask=tf.constant(MASK), **options)]
        paths = [v.path for v in layer.weights]
        return [*[y.numpy() for y in found], *paths]

    close(program, 40)


def test_a_cell_whose_call_is_replaced() -> None:
    """The loop calls what the program put there, and not the two halves."""

    def program(tf: Any) -> Any:
        layer = tf.keras.layers.SimpleRNN(2)
        layer.build((None, None, 4))
        layer.cell.call = lambda inputs, states, training=False: (states[0] + 1, [states[0] + 1])
        return layer(tf.constant(X.astype("f"))).numpy()

    close(program, 1)


def test_symbolic_calls() -> None:
    def program(tf: Any) -> Any:
        k, x = tf.keras.layers, tf.keras.Input((None, 4))
        found = []
        for layer in (
            k.LSTM(3, return_state=True),
            k.GRU(3, return_sequences=True, dtype="float64"),
        ):
            y = layer(x)
            parts = y if isinstance(y, tuple) else [y]
            found += [[part.shape, part.dtype] for part in parts]
        state = tf.keras.Input((3,))
        y = k.SimpleRNN(3, return_sequences=True)(x, initial_state=state)
        return [*found, y.shape, tf.keras.Model([x, state], y).count_params()]

    same(program)


def test_configurations_and_shapes() -> None:
    for make in LAYERS.values():
        for options in ({}, {"return_sequences": True, "return_state": True, "stateful": True}):
            configured_alike(lambda k, make=make, options=options: make(k, **options))
            shapes_alike(lambda k, make=make, options=options: make(k, **options), (None, None, 3))
        configured_alike(
            lambda k, make=make: make(k, dropout=0.2, seed=3, bias_constraint="non_neg", name="r")
        )
        same(lambda tf, make=make: described(make(tf.keras.layers)))
    same(lambda tf: described(LAYERS["lstm"](tf.keras.layers, trainable=False)))


def described(layer: Any) -> Any:
    layer(np.ones((2, 3, 4), "f"))
    options = [layer.units, layer.use_bias, layer.dropout, layer.recurrent_dropout]
    return [[(v.path, tuple(v.shape), v.trainable) for v in layer.variables], *options]


def test_training_and_validation() -> None:
    """By `fit`: masks of dropout are drawn in validation, too, as in Keras."""

    def program(tf: Any) -> Any:
        k = tf.keras.layers
        parts = [
            k.Embedding(8, 4, mask_zero=True),
            k.LSTM(5, dropout=0.2, recurrent_dropout=0.1, return_sequences=True),
            k.Bidirectional(k.GRU(3, return_sequences=True)),
            k.TimeDistributed(k.Dense(3, activation="softmax")),
        ]
        model = tf.keras.Sequential([tf.keras.Input((6,), dtype="int32"), *parts])
        model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
        rng = np.random.default_rng(0)
        x = rng.integers(0, 8, (24, 6)) * (np.arange(6) < rng.integers(1, 7, (24, 1)))
        y = rng.integers(0, 3, (24, 6))
        history = model.fit(x, y, 8, 3, verbose=0, validation_data=(x[:10], y[:10]))
        return [history.history, model.predict(x[:5], verbose=0), *model.get_weights()]

    close(program, 6000)


def test_states_kept_over_batches_of_fit() -> None:
    def program(tf: Any) -> Any:
        k = tf.keras.layers
        layer = k.GRU(3, stateful=True)
        model = tf.keras.Sequential([tf.keras.Input(batch_shape=(4, 6, 4)), layer, k.Dense(1)])
        model.compile("sgd", "mse")
        x = np.random.default_rng(5).normal(size=(12, 6, 4)).astype("f")
        losses = model.fit(x, x[:, 0, :1], 4, 2, shuffle=False, verbose=0).history["loss"]
        states = [v.numpy() for v in layer.states]
        later = tf.keras.Sequential([k.LSTM(2, stateful=True), k.Dense(1)])  # without an Input
        later.compile("sgd", "mse")
        losses += later.fit(x, x[:, 0, :1], 4, shuffle=False, verbose=0).history["loss"]
        layer.reset_states()
        return [losses, states, layer.states[0].numpy(), model.predict(x, 4, verbose=0)]

    close(program, 600)


STATE = np.ones((2, 2), "f")
ROWS = np.ones((2, 4, 3), "f")
COMPLAINTS: dict[str, tuple[Any, str, str]] = {
    "rank 2": (lambda tf, k: k.LSTM(2)(ROWS[0]), "expected ndim=3, found ndim=2", ""),
    "rank 4": (lambda tf, k: k.GRU(2)(ROWS[None]), "expected ndim=3, found ndim=4", ""),
    "no units": (lambda tf, k: k.SimpleRNN(0), "`units`", ""),
    "one state of two": (
        lambda tf, k: k.LSTM(2)(ROWS, initial_state=[tf.constant(STATE)]),
        "list index out of range",
        "must hold one tensor for each state",
    ),
    "three states": (
        lambda tf, k: k.LSTM(2)(ROWS, initial_state=[tf.constant(STATE)] * 3),
        "",
        "must hold one tensor for each state",
    ),
    "units of a state": (
        lambda tf, k: k.SimpleRNN(2)(ROWS, initial_state=tf.zeros((2, 3))),
        "Matrix size-incompatible",
        "`initial_state` must be of shape (2, 2), received (2, 3)",
    ),
    "batch of a state": (
        lambda tf, k: k.SimpleRNN(2)(ROWS, initial_state=tf.zeros((3, 2))),
        "Incompatible shapes",
        "`initial_state` must be of shape (2, 2), received (3, 2)",
    ),
    "no steps": (
        lambda tf, k: k.GRU(2)(ROWS[:, :0]),
        "slice index 0 of dimension 1 out of bounds",
        "must have at least one step",
    ),
    "no cell": (lambda tf, k: k.RNN(3), "`cell` should have a `call` method", ""),
    "no state_size": (lambda tf, k: k.RNN(k.Dense(2)), "should have a `state_size` attribute", ""),
    "mask in a list": (
        lambda tf, k: k.GRU(2)(ROWS, mask=[[True] * 4] * 2),
        "",
        "must be a tensor or an array",
    ),
    "unknown batch": (
        lambda tf, k: k.LSTM(2, stateful=True)(tf.keras.Input((4, 3))),
        "the batch size must be static",
        "",
    ),
    "cudnn": (lambda tf, k: k.LSTM(2, use_cudnn="x"), "use_cudnn", "'auto' or False"),
    "time_major": (lambda tf, k: k.GRU(2, time_major=True), "time_major", ""),
}


@pytest.mark.parametrize("name", COMPLAINTS)
def test_complaints(name: str) -> None:
    program, shared, ours = COMPLAINTS[name]
    complain_alike(lambda tf: program(tf, tf.keras.layers), shared, ours)


def test_another_batch_than_the_states_are_for() -> None:
    def program(tf: Any) -> None:
        layer = tf.keras.layers.LSTM(2, stateful=True)
        layer(ROWS)
        layer(ROWS[:1])

    complain_alike(program, "- Expected batch size: 2\n- Received batch size: 1")


def test_a_mask_of_another_length() -> None:
    """Keras: OutOfRangeError, "Tried to read from index 3 but array size is: 3"."""
    with pytest.raises(sn.errors.InvalidArgumentError, match=r"`mask` must be of shape \(2, 4\)"):
        sn.keras.layers.GRU(2)(ROWS, mask=np.ones((2, 3), bool))


def test_second_order() -> None:
    """The gradient of a gradient's square, float64."""

    def program(tf: Any) -> Any:
        found = []
        for make in LAYERS.values():
            layer = make(tf.keras.layers, dtype="float64", unroll=True)
            x = tf.constant(X)
            with tf.GradientTape() as outer:
                outer.watch(x)
                with tf.GradientTape() as inner:
                    inner.watch(x)
                    y = tf.reduce_sum(layer(x) ** 3)
                g = inner.gradient(y, x)
                penalty = tf.reduce_sum(g * g)
            found += [v.numpy() for v in outer.gradient(penalty, [x, *layer.trainable_variables])]
        return found

    close(program, 600, float(np.finfo("float64").eps))


def test_too_few_states_and_too_many_are_errors_of_keras_s_classes() -> None:
    x, one = np.zeros((2, 3, 4), "f"), np.zeros((2, 5), "f")
    for count in (1, 3):
        complain_alike(
            lambda tf, n=count: tf.keras.layers.LSTM(5)(x, initial_state=[one] * n),
            "" if count == 3 else "list index out of range",
            "must hold one tensor for each state",
        )


def test_masked_outputs_are_the_last_ones_unless_zeros_are_asked_for() -> None:
    assert sn.keras.layers.RNN(sn.keras.layers.SimpleRNNCell(2)).zero_output_for_mask is False


SOME = np.array([[1, 1, 0, 1, 0, 0], [0, 0, 1, 1, 1, 1], [0, 1, 0, 0, 0, 1]], bool)


@pytest.mark.parametrize("name", ["LSTM", "SimpleRNN"])
def test_every_flag_with_every_mask(name: str) -> None:
    """Masked at the end, at the beginning and between; also with steps of no sample at all."""

    def program(tf: Any) -> list[Any]:
        found: list[Any] = []
        for sequences, back, zero, unroll in itertools.product((False, True), repeat=4):
            if unroll and back and zero:
                continue  # there Keras reads the mask forwards
            for mask in (None, SOME, MASK):
                layer = getattr(tf.keras.layers, name)(
                    *(3, "tanh"),
                    return_sequences=sequences,
                    return_state=True,
                    go_backwards=back,
                    zero_output_for_mask=zero,
                    unroll=unroll,
                    kernel_initializer="ones",
                )
                found += [y.numpy() for y in layer(X.astype("f"), mask=mask)]
        return found

    close(program, 200)


def test_masks_with_an_axis_more() -> None:
    """(N, T, 1) is (N, T); more than one flag a step is refused."""

    def program(tf: Any) -> list[Any]:
        layer = tf.keras.layers.GRU(3, kernel_initializer="ones", return_sequences=True)
        x = X.astype("f")
        return [layer(x, mask=mask).numpy() for mask in (SOME, SOME[..., None])]

    first, second = close(program, 60)
    np.testing.assert_array_equal(first, second)
    for mask in (np.stack([SOME, SOME], -1), SOME[..., None, None], SOME[0]):
        with pytest.raises(
            sn.errors.InvalidArgumentError, match=r"`mask` must be of shape \(3, 6\)"
        ):
            sn.keras.layers.GRU(2)(X, mask=mask)
