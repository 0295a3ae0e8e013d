"""Layers: what they begin with, the random numbers they take, inputs, names, complaints."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest
import tensorflow

import scratchnet
from tests.behaviours.both import F, gradient
from tests.support.keras_programs import close, complain_alike, complaint, fresh, same

RNG = np.random.default_rng(47)
IMAGES = RNG.normal(size=(4, 5, 5, 3)).astype("f")
ROWS = RNG.normal(size=(6, 3)).astype("f")
TRUNCATED = 0.87962566103423978  # the deviation of a standard normal cut off at ±2


def test_47_variance_scaling() -> None:
    """Glorot's limit is √(6 / (fan_in + fan_out)), with fans times the receptive field.

    The normal kinds are cut off at 2 σ and divided by what that takes from the deviation; a plain
    TruncatedNormal is not.
    """

    def program(tf: Any) -> list[Any]:
        made = tf.keras.initializers
        shape = (1000, 200)
        return [
            made.GlorotUniform(seed=1)((3, 3, 16, 32)).numpy(),
            made.HeNormal(seed=1)(shape).numpy(),
            made.TruncatedNormal(stddev=1.0, seed=1)(shape).numpy(),
        ]

    uniform, he, plain = close(program, 0)
    limit = np.sqrt(6 / (9 * 16 + 9 * 32))
    assert 0.99 * limit < np.abs(uniform).max() < limit
    assert he.std() == pytest.approx(np.sqrt(2 / 1000), rel=0.01)
    assert np.abs(he).max() < 2 * np.sqrt(2 / 1000) / TRUNCATED
    assert plain.std() == pytest.approx(TRUNCATED, rel=0.01)


def draws_of(make: Any) -> int:
    """How many numbers `make` takes from Python's own generator."""
    coming = random.Random()
    coming.setstate(random.getstate())
    expected = [coming.randint(1, 10**9) for _ in range(5)]
    make()
    return expected.index(random.randint(1, 10**9))


def test_48_initializers_take_their_seeds_when_made() -> None:
    """From Python's own `random`, one each, when the layer is made; one called twice repeats.

    What needs no random numbers takes none: zeros, pooling, Flatten, BatchNormalization.
    """

    def program(tf: Any) -> list[Any]:
        fresh(tf, 0)
        made, k = tf.keras.initializers, tf.keras.layers
        first, second = made.GlorotUniform(), made.HeNormal()
        seeds = [first.seed, second.seed]
        a, b = first((2, 3)).numpy(), first((2, 3)).numpy()
        drawn = [
            draws_of(made.Zeros),
            draws_of(lambda: k.Dense(1)),
            draws_of(lambda: k.Dense(1, kernel_initializer="zeros")),
            draws_of(lambda: k.Conv2D(1, 2, kernel_initializer=made.HeNormal(seed=3))),
            draws_of(lambda: k.Dropout(0.5)),
            draws_of(k.BatchNormalization),
            draws_of(k.MaxPooling2D),
            draws_of(k.Flatten),
            draws_of(lambda: k.Dense(1).build((1, 1))),
        ]
        return [seeds, bool((a == b).all()), drawn]

    seeds, repeats, drawn = same(program)
    coming = random.Random(0)
    assert seeds == [coming.randint(1, 10**9) for _ in range(2)]
    assert repeats
    assert drawn == [0, 1, 0, 0, 1, 0, 0, 0, 1]


@pytest.mark.parametrize("shape", [(3, 3, 1, 32), (3, 3, 32, 64), (9216, 16), (128, 10)])
def test_49_kernels_are_stateless_uniform_numbers(shape: tuple[int, ...]) -> None:
    """GlorotUniform(seed=s) is `stateless_uniform` with the seed [s, 0], bit for bit."""
    window = int(np.prod(shape[:-2]))
    limit = float(np.sqrt(6 / (window * (shape[-2] + shape[-1]))))

    def program(tf: Any) -> list[Any]:
        uniform = tf.random.stateless_uniform(shape, [5, 0], -limit, limit)
        return [tf.keras.initializers.GlorotUniform(seed=5)(shape).numpy(), uniform.numpy()]

    kernel, uniform = close(program, 0)
    np.testing.assert_array_equal(kernel, uniform)


def test_50_what_dropout_keeps() -> None:
    """u ≥ rate is kept and multiplied by float32(1 / (1 - rate)); so is the gradient."""
    x = np.random.default_rng(50).normal(size=(7, 9)).astype("f")
    rate = float(tensorflow.random.stateless_uniform(x.shape, [4, 0])[2, 3])  # one u is the rate

    def program(tf: Any) -> list[Any]:
        layer = tf.keras.layers.Dropout(rate, seed=4)
        u = tf.random.stateless_uniform(x.shape, [4, 0]).numpy()
        y, gx = gradient(tf, lambda x: layer(x, training=True), x)
        k = tf.keras.layers
        edges = [k.Dropout(0.0)(x, training=True).numpy(), k.Dropout(1.0)(x, training=True).numpy()]
        return [u, y, gx, *edges, layer(x).numpy()]

    u, y, gx, none, all_, inference = close(program, 0)
    mask = np.where(u >= F(rate), F(1 / (1 - rate)), F(0))
    assert mask[2, 3]
    np.testing.assert_array_equal(y, x * mask)
    np.testing.assert_array_equal(gx, mask)
    np.testing.assert_array_equal(none, x)
    assert not all_.any()
    np.testing.assert_array_equal(inference, x)
    for bad in (-0.1, 1.1):
        complain_alike(lambda tf, bad=bad: tf.keras.layers.Dropout(bad), f"rate={bad}")


def test_51_dropout_counts_the_calls_in_training() -> None:
    """Its state is int64 [seed, how many]; only training counts, in `fit` too."""
    x = np.ones((6, 8), "f")

    def program(tf: Any) -> list[Any]:
        keras = tf.keras
        drop = keras.layers.Dropout(0.5, seed=9)
        model = keras.Sequential([keras.Input((8,)), drop, keras.layers.Dense(1)])
        model.compile(keras.optimizers.SGD(0.01), "mse")
        counts = [drop.seed_generator.state.numpy()]
        model.fit(x, x[:, :1], batch_size=2, epochs=2, validation_data=(x, x[:, :1]), verbose=0)
        counts.append(drop.seed_generator.state.numpy())
        model.evaluate(x, x[:, :1], verbose=0)
        model.predict(x, verbose=0)
        counts.append(drop.seed_generator.state.numpy())
        after = drop(x, training=True).numpy()
        u = tf.random.stateless_uniform(x.shape, [9, 6]).numpy()
        return [*counts, after, (u >= 0.5) * F(2)]

    before, trained, evaluated, mask, expected = close(program, 0)
    assert before.dtype == np.int64
    assert [before.tolist(), trained.tolist(), evaluated.tolist()] == [[9, 0], [9, 6], [9, 6]]
    np.testing.assert_array_equal(mask, expected)


def test_52_making_layers_takes_none_of_the_numbers_of_ops() -> None:
    """Each op without a seed takes one draw of ``random.Random(global seed)``; layers take none."""

    def program(tf: Any) -> list[Any]:
        def numbers(layers: bool, seeds: list[Any]) -> list[Any]:
            fresh(tf, 7)
            if layers:
                tf.keras.layers.Dense(3).build((None, 2))
                tf.keras.layers.Dropout(0.5)
            return [tf.random.uniform((3,), seed=seed).numpy() for seed in seeds]

        coming = random.Random(7)
        draws = [coming.randint(0, 2**31 - 1) for _ in range(2)]
        none = [None, None]
        return [numbers(False, none), numbers(True, none), numbers(False, draws)]

    plain, beside_layers, explicit = close(program, 0)
    np.testing.assert_array_equal(plain, beside_layers)
    np.testing.assert_array_equal(plain, explicit)


def test_53_what_layers_take() -> None:
    """Dense works on the last axis of any rank from 2 on, and casts what it gets to float32."""

    def program(tf: Any) -> list[Any]:
        dense = tf.keras.layers.Dense(2)
        deep = dense(np.ones((2, 5, 3), "f"))
        return [
            tuple(deep.shape),
            [dense(np.ones((2, 3), kind)).dtype.name for kind in ("float64", "uint8")],
        ]

    assert same(program) == [(2, 5, 2), ["float32", "float32"]]
    complain_alike(lambda tf: tf.keras.layers.Dense(1)(np.ones(3, "f")), "expected min_ndim=2")
    whole = lambda tf: tf.keras.layers.Conv2D(1, 2)(np.ones((1, 4, 4, 1), "int32"))  # noqa: E731
    complain_alike(whole, "ncompatible type conversion requested")


def test_54_inputs_that_do_not_fit_a_layer() -> None:
    """The complaint names the input, the layer, what was expected and what came."""
    complain_alike(
        lambda tf: tf.keras.layers.Conv2D(2, 3)(np.zeros((28, 28, 1), "f")),
        "Input 0 with name 'None' of layer 'conv2d' is incompatible with the layer: expected "
        "min_ndim=4, found ndim=3. Full shape received: (28, 28, 1)",
    )

    def other_columns(tf: Any) -> None:
        layer = tf.keras.layers.Dense(1)
        layer(np.zeros((1, 8), "f"))
        layer(np.zeros((1, 9), "f"))

    complain_alike(
        other_columns,
        "expected axis -1 of input shape to have value 8, but received input with shape (1, 9)",
    )


def test_55_errors_inside_a_layer_tell_of_the_call() -> None:
    """Which call, the cause in bold, the arguments that it received."""

    def program(tf: Any) -> None:
        class Breaks(tf.keras.layers.Layer):
            def call(self, inputs: Any, factor: float = 2.0) -> Any:
                raise ValueError("no such thing")

        Breaks()(ROWS, factor=3.0)

    for tf in (tensorflow, scratchnet):
        text = complaint(program, tf)[2]
        assert text.startswith("Exception encountered when calling Breaks.call().")
        assert "\n\n\x1b[1mno such thing\x1b[0m\n\n" in text
        assert "Arguments received by Breaks.call():" in text
        assert "factor=3.0" in text
    assert complaint(program, tensorflow)[2] == complaint(program, scratchnet)[2]


def test_56_names_count() -> None:
    """By class, over the whole program; a Sequential that is built takes a number of `functional`.

    `clear_session` begins again.
    """

    def net(tf: Any) -> Any:
        k = tf.keras.layers
        layers = [k.Conv2D(2, 2), k.Conv2D(2, 2), k.MaxPooling2D(), k.Dropout(0.5), k.Flatten()]
        return tf.keras.Sequential([tf.keras.Input((9, 9, 1)), *layers, k.Dense(2), k.Dense(2)])

    def program(tf: Any) -> list[Any]:
        first = net(tf)
        entry = tf.keras.Input((2,))
        second = tf.keras.Model(entry, tf.keras.layers.Dense(1)(entry))
        names = [[layer.name for layer in first.layers], first.name, second.name]
        tf.keras.utils.clear_session()
        return [*names, tf.keras.layers.Dense(1).name, net(tf).name]

    layers, first, second, dense, again = same(program)
    assert layers == [
        *("conv2d", "conv2d_1", "max_pooling2d", "dropout", "flatten", "dense", "dense_1"),
    ]
    assert [first, second, dense, again] == ["sequential", "functional_1", "dense", "sequential"]


def disconnected(tf: Any) -> Any:
    a, b = tf.keras.Input((2,)), tf.keras.Input((2,))
    return tf.keras.Model(a, tf.keras.layers.Dense(1)(b))


def two_of_a_name(tf: Any) -> Any:
    return tf.keras.Sequential([tf.keras.layers.Dense(1, name="a") for _ in range(2)])


# What cannot be done -> (program, what both say, what we say)
GRAPH_ERRORS: dict[str, tuple[Any, str, str]] = {
    "two of a name": (two_of_a_name, "'a'", "must have different names"),
    "no layer": (lambda tf: tf.keras.Sequential([3]), "3", "`layer` must be a layer"),
    "disconnected": (disconnected, "not connected to `inputs`", "they need"),
    "truth": (lambda tf: bool(tf.keras.Input((2,))), "KerasTensor cannot be used as", "a bool"),
    "NumPy": (lambda tf: np.exp(tf.keras.Input((2,))), "KerasTensor", "call layers on it"),
    "array": (lambda tf: np.asarray(tf.keras.Input((2,))), "KerasTensor", "call layers on it"),
    "tf": (lambda tf: tf.nn.relu(tf.keras.Input((2,))), "KerasTensor", "call layers on it"),
}


@pytest.mark.parametrize("name", GRAPH_ERRORS)
def test_57_what_a_graph_of_layers_refuses(name: str) -> None:
    """Names used twice, what is no layer, loose ends, and the values that a KerasTensor lacks."""
    complain_alike(*GRAPH_ERRORS[name])


def normalized(tf: Any, x: np.ndarray, training: bool | None, **settings: Any) -> list[Any]:
    layer = tf.keras.layers.BatchNormalization(**settings)
    y = layer(tf.constant(x), training=training).numpy()
    return [y, layer.moving_mean.numpy(), layer.moving_variance.numpy()]


@pytest.mark.parametrize("x", [ROWS, IMAGES], ids=["2-D", "4-D"])
def test_58_moving_variance_is_the_biased_one(x: np.ndarray) -> None:
    """momentum 0.99, ε 1e-3, the last axis; no n / (n - 1) anywhere, not in `fit` either."""
    _, mean, variance = close(lambda tf: normalized(tf, x, True), 30)
    flat = x.reshape(-1, 3).astype("d")
    np.testing.assert_allclose(mean, 0.01 * flat.mean(0), rtol=1e-4)
    np.testing.assert_allclose(variance, 0.99 + 0.01 * flat.var(0), rtol=1e-6)
    y = close(lambda tf: normalized(tf, x, True)[0], 30).reshape(-1, 3)
    exact = (flat - flat.mean(0)) / np.sqrt(flat.var(0) + 1e-3)
    np.testing.assert_allclose(y, exact, atol=1e-5)

    def fitted(tf: Any) -> Any:
        model = tf.keras.Sequential(
            [tf.keras.Input(x.shape[1:]), tf.keras.layers.BatchNormalization()]
        )
        model.compile(tf.keras.optimizers.SGD(0.0), "mse")
        model.fit(x, x, batch_size=len(x), verbose=0)
        return [v.numpy() for v in model.non_trainable_variables]

    _, in_fit = close(fitted, 30)
    np.testing.assert_allclose(in_fit, variance, rtol=1e-6)


def test_59_flags_of_batch_normalization() -> None:
    """Without a flag it is inference; frozen, it is inference even in training.

    A batch of one sample gives 0, and a moving variance of 0.99.
    """

    def program(tf: Any) -> list[Any]:
        layer = tf.keras.layers.BatchNormalization()
        layer.build((None, 3))
        frozen = tf.keras.layers.BatchNormalization(trainable=False)
        return [
            ",".join(v.name for v in layer.weights),
            layer(ROWS).numpy(),
            frozen(ROWS, training=True).numpy(),
            *normalized(tf, ROWS[:1], True),
        ]

    names, plain, frozen, one, _, variance = close(program, 4)
    assert names == "gamma,beta,moving_mean,moving_variance"
    np.testing.assert_array_equal(plain, frozen)
    np.testing.assert_allclose(plain, ROWS / np.sqrt(F(1.001)), rtol=1e-6)
    assert not one.any()
    np.testing.assert_array_equal(variance, np.full(3, F(0.99)))


def test_60_gradients_of_batch_normalization() -> None:
    """Training: ``inv (g - mean g - x̂ mean(g x̂))``; inference: ``g / √(variance + ε)``."""
    x, g = ROWS.astype("d"), np.random.default_rng(60).normal(size=ROWS.shape)

    def program(tf: Any) -> list[Any]:
        layer = tf.keras.layers.BatchNormalization(dtype="float64")
        found = [
            gradient(tf, lambda x, on=on: layer(x, training=on) * g, x) for on in (True, False)
        ]
        return [gx for _, gx in found]

    training, inference = close(program, 1e-6)
    inv = 1 / np.sqrt(x.var(0) + 1e-3)
    hat = (x - x.mean(0)) * inv
    exact = inv * (g - g.mean(0) - hat * (g * hat).mean(0))
    np.testing.assert_allclose(training, exact, atol=1e-12)
    moved = 0.99 + 0.01 * x.var(0)
    np.testing.assert_allclose(inference, g / np.sqrt(moved + 1e-3), atol=1e-12)


def test_61_input_shape_of_a_first_layer_warns_and_works() -> None:
    """Keras says to begin with an Input; the model is built all the same."""

    def program(tf: Any) -> Any:
        return tf.keras.Sequential([tf.keras.layers.Dense(2, input_shape=(3,))])

    complain_alike(program, "`input_shape`/`input_dim`")
    for tf in (tensorflow, scratchnet):
        with pytest.warns(UserWarning, match="input_shape"):
            assert program(tf).count_params() == 8
