"""Activation functions and their layers against Keras's, in corners and far out too."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow

import scratchnet
from scratchnet.keras import activations
from tests.keras_twin import EPS, close, complain_alike, same, twins
from tests.layer_twin import computes_alike, configured_alike, shapes_alike

RNG = np.random.default_rng(8)
# Both sides of every bend, the bends themselves, and far out; of even size, for glu.
BENDS = [-6.0, -3.0, -2.0, -1.0, -0.5, -0.0, 0.0, 0.5, 1.0, 2.0, 3.0, 6.0]
POINTS = np.array([*BENDS, *RNG.normal(size=16) * 3, -90.0, 90.0, -1e-4, 1e-4]).reshape(2, -1)
ROWS = RNG.normal(size=(4, 6))

NAMES = sorted(set(activations.__all__) - {"get", "serialize", "deserialize", "threshold"})
# name -> further arguments
VARIANTS: dict[str, list[dict[str, Any]]] = {
    "relu": [
        {"max_value": 6},
        {"max_value": 2.0},
        {"max_value": 0},
        {"negative_slope": 0.3},
        {"negative_slope": 0.3, "max_value": 6},
        {"negative_slope": 0.3, "max_value": 2.0, "threshold": 1.0},
        {"threshold": 1.0},
        {"threshold": -1.0, "negative_slope": 0.5},
        {"threshold": 2.0, "max_value": 6},
    ],
    "leaky_relu": [{"negative_slope": 0.3}, {"negative_slope": 0}],
    "elu": [{"alpha": 0.3}, {"alpha": 2}],
    "celu": [{"alpha": 0.3}],
    "gelu": [{"approximate": True}],
    "squareplus": [{"b": 0.5}],
    "soft_shrink": [{"threshold": 1.0}],
    "hard_shrink": [{"threshold": 1.0}],
    "softmax": [{"axis": 0}, {"axis": None}],
    "log_softmax": [{"axis": 0}, {"axis": None}],
    "glu": [{"axis": 0}],
    "threshold": [{"threshold": 1.0, "default_value": -2.0}],
}
CALLS = [(name, {}) for name in NAMES]
CALLS += [(name, arguments) for name, several in VARIANTS.items() for arguments in several]


def values(tf: Any, name: str, x: np.ndarray, arguments: dict[str, Any]) -> list[np.ndarray]:
    """The values, and the gradient for a random cotangent."""
    inputs = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        y = getattr(tf.keras.activations, name)(inputs, **arguments)
    g = np.random.default_rng(3).normal(size=tuple(y.shape)).astype(x.dtype)
    return [y.numpy(), tape.gradient(y, inputs, output_gradients=tf.constant(g)).numpy()]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("name", "arguments"), CALLS, ids=str)
def test_activation(name: str, arguments: dict[str, Any], dtype: str) -> None:
    x = POINTS.astype(dtype)
    if name in ("exponential", "softmax"):
        x = np.clip(x, -20, 5)  # else one number is the size of all, others are too small for it
    eps = EPS if dtype == "float32" else float(np.finfo(np.float64).eps)
    close(lambda tf: values(tf, name, x, arguments), 80, eps)


@pytest.mark.parametrize(("name", "arguments"), CALLS, ids=str)
def test_what_is_not_finite(name: str, arguments: dict[str, Any]) -> None:
    x = np.array([[np.nan, np.inf], [-np.inf, 1.0]], "f")
    theirs, ours = (
        np.asarray(getattr(tf.keras.activations, name)(tf.constant(x), **arguments))
        for tf in (tensorflow, scratchnet)
    )
    np.testing.assert_allclose(ours, theirs, rtol=1e-6)


def test_keras_has_no_others() -> None:
    """But sparsemax, whose values do not sum to 1 in this Keras."""
    theirs = {name for name in dir(tensorflow.keras.activations) if not name.startswith("_")}
    assert theirs - set(activations.__all__) <= {"sparsemax"}
    assert not set(activations.__all__) - theirs


@pytest.mark.parametrize("name", ["relu", "relu6", "leaky_relu", "linear"])
def test_integers(name: str) -> None:
    x = np.array([[-3, 0, 9]], "int32")
    close(lambda tf: np.asarray(getattr(tf.keras.activations, name)(x)), 1)
    if name == "relu":
        for arguments in ({"max_value": 1.5}, {"threshold": 1}, {"max_value": 6}):
            close(lambda tf, a=arguments: tf.keras.activations.relu(x, **a).numpy(), 1)


def test_names() -> None:
    def program(tf: Any) -> list[Any]:
        a = tf.keras.activations
        named = [*NAMES, "threshold"]
        return [
            [a.serialize(getattr(a, name)) for name in named],
            [a.get(name) is getattr(a, name) for name in named],
            [a.deserialize(n) is getattr(a, n) for n in named if n not in ("swish", "hard_swish")],
            a.get(None) is a.linear,
            a.get(len) is len,
        ]

    same(program)


def twice(x: Any) -> Any:
    return x * 2


def test_functions_of_your_own() -> None:
    def program(tf: Any) -> list[Any]:
        a, k = tf.keras.activations, tf.keras.layers
        described = k.Dense(2, activation=twice).get_config()["activation"]
        relu = k.Dense(2, activation=tf.nn.relu).get_config()["activation"]
        layer = a.serialize(k.ReLU(max_value=3.0))
        return [
            described,
            a.deserialize(described, custom_objects={"twice": twice}) is twice,
            a.deserialize("twice", custom_objects={"twice": twice}) is twice,
            relu,
            layer,
            a.get(layer).max_value,
            a.deserialize(None),
        ]

    same(program)


# name -> (program on the activations, what both texts say)
COMPLAINTS: dict[str, tuple[Any, str]] = {
    "unknown": (lambda a: a.get("foo"), "activation function identifier: foo"),
    "a number": (lambda a: a.get(3), "activation function identifier: 3"),
    "unknown function": (lambda a: a.get(a.serialize(twice)), "Could not locate function 'twice'"),
    "odd": (lambda a: a.glu(np.ones((2, 3), "f")), "must be divisible by 2"),
    "one value": (lambda a: a.softmax(np.ones((2, 1), "f")), "softmax"),
}


@pytest.mark.parametrize("name", COMPLAINTS)
def test_complaint(name: str) -> None:
    program, shared = COMPLAINTS[name]
    complain_alike(lambda tf: program(tf.keras.activations), shared)


def test_what_cannot_be_saved_or_found() -> None:
    with pytest.raises(ValueError, match="a lambda cannot be saved"):
        activations.serialize(lambda x: x)
    with pytest.raises(ValueError, match="Could not interpret"):
        activations.deserialize("foo")


# -- layers ---------------------------------------------------------------------------------------

LAYERS: dict[str, Any] = {
    "leaky": lambda k, **a: k.LeakyReLU(**a),
    "leaky 2": lambda k, **a: k.LeakyReLU(2, **a),
    "leaky 0": lambda k, **a: k.LeakyReLU(negative_slope=0.0, **a),
    "elu": lambda k, **a: k.ELU(**a),
    "elu 0.3": lambda k, **a: k.ELU(0.3, **a),
    "relu": lambda k, **a: k.ReLU(**a),
    "relu 6": lambda k, **a: k.ReLU(6, **a),
    "relu 6 slope": lambda k, **a: k.ReLU(6.0, 0.1, **a),
    "relu all": lambda k, **a: k.ReLU(max_value=0.8, negative_slope=0.3, threshold=0.2, **a),
    "softmax": lambda k, **a: k.Softmax(**a),
    "softmax first": lambda k, **a: k.Softmax(0, **a),
    "softmax everything": lambda k, **a: k.Softmax(axis=None, **a),
    "softmax list": lambda k, **a: k.Softmax([1], **a),
    "softmax two": lambda k, **a: k.Softmax([0, 1], **a),
    "activation": lambda k, **a: k.Activation("mish", **a),
}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", LAYERS)
def test_layer(name: str, dtype: str) -> None:
    computes_alike(LAYERS[name], ROWS, dtype, 40)
    if name != "softmax first":  # one row would make Keras warn
        computes_alike(LAYERS[name], ROWS[:1], dtype, 40)


@pytest.mark.parametrize("name", LAYERS)
def test_layer_described(name: str) -> None:
    configured_alike(LAYERS[name])
    shapes_alike(LAYERS[name], (None, 6))
    shapes_alike(LAYERS[name], (2, None))
    same(lambda tf: [LAYERS[name](tf.keras.layers).built, LAYERS[name](tf.keras.layers).name])


PARAMETRIC: dict[str, Any] = {
    "plain": lambda k, **a: k.PReLU(**a),
    "normal": lambda k, **a: k.PReLU(_normal(k), "l2", "non_neg", **a),
    "images": lambda k, **a: k.PReLU(_normal(k), shared_axes=[1, 2], **a),
    "one axis": lambda k, **a: k.PReLU(alpha_initializer=_normal(k), shared_axes=3, **a),
    "no axis": lambda k, **a: k.PReLU(_normal(k), shared_axes=(), **a),
}


def _normal(layers: Any) -> Any:
    """An initializer with its seed, from the module of which `layers` is one."""
    room = tensorflow if layers is tensorflow.keras.layers else scratchnet
    return room.keras.initializers.RandomUniform(-1.0, 1.0, seed=3)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", PARAMETRIC)
def test_prelu(name: str, dtype: str) -> None:
    x = np.random.default_rng(4).normal(size=(2, 3, 5, 4))
    x[0, 0, 0] = [0.0, -0.0, 1e-30, -1e-30]
    computes_alike(PARAMETRIC[name], x, dtype, 60, "float32")
    computes_alike(PARAMETRIC[name], x[:1], dtype, 60, "float32")
    configured_alike(PARAMETRIC[name])
    shapes_alike(PARAMETRIC[name], (None, 3, 5, 4))


def test_prelu_takes_images_of_other_sizes() -> None:
    def program(tf: Any) -> list[Any]:
        layer = tf.keras.layers.PReLU("ones", shared_axes=[1, 2])
        layer(np.ones((1, 3, 5, 2), "f"))
        y = layer(-np.ones((2, 4, 1, 2), "f"))
        return [y.numpy(), layer.alpha.name, tuple(layer.alpha.shape), layer.count_params()]

    close(program, 1)


def test_softmax_carries_its_logits() -> None:
    """What a cross entropy finds again behind it."""
    theirs, ours = twins(lambda tf: tf.keras.layers.Softmax(axis=None)(ROWS.astype("f")))
    np.testing.assert_array_equal(theirs._keras_logits, ours._keras_logits.numpy())


def test_leaky_relu_of_integers() -> None:
    close(lambda tf: tf.keras.layers.LeakyReLU()(np.array([-10, 10], "int32")).numpy(), 1)


def test_alpha_is_an_old_name() -> None:
    complain_alike(lambda tf: tf.keras.layers.LeakyReLU(alpha=0.2), "`alpha` is deprecated")

    with pytest.warns(UserWarning, match="use `negative_slope` instead"):
        assert scratchnet.keras.layers.LeakyReLU(alpha=0.2).negative_slope == 0.2


WRONG = np.ones((2, 3, 5), "f")
LAYER_COMPLAINTS: dict[str, tuple[Any, str]] = {
    "leaky -1": (lambda k: k.LeakyReLU(-1.0), "negative_slope=-1.0"),
    "leaky None": (lambda k: k.LeakyReLU(None), "negative_slope=None"),
    "leaky text": (lambda k: k.LeakyReLU("a"), "'<' not supported"),
    "prelu size": (
        lambda k: [(layer := k.PReLU(shared_axes=[1]))(np.ones((2, 3, 4), "f")), layer(WRONG)],
        "expected axis 2",
    ),
    "prelu unknown": (lambda k: k.PReLU("foo"), "initializer identifier: foo"),
    "elu argument": (lambda k: k.ELU(beta=1), "{'beta': 1}"),
    "relu -1": (lambda k: k.ReLU(-1), "max_value=-1"),
    "relu slope": (lambda k: k.ReLU(negative_slope=None), "negative_slope=None"),
    "relu threshold": (lambda k: k.ReLU(threshold=-2), "threshold=-2"),
    "relu alpha": (lambda k: k.ReLU(alpha=2), "{'alpha': 2}"),
    "softmax axis": (lambda k: k.Softmax(5)(np.ones((2, 3), "f")), "5"),
    "softmax no axis": (lambda k: k.Softmax(())(np.ones((2, 3), "f")), "index out of range"),
    "activation": (lambda k: k.Activation("foo"), "foo"),
    "no activation": (lambda k: k.Activation(), "missing 1 required positional argument"),
}


@pytest.mark.parametrize("name", LAYER_COMPLAINTS)
def test_complaint_of_a_layer(name: str) -> None:
    program, shared = LAYER_COMPLAINTS[name]
    complain_alike(lambda tf: program(tf.keras.layers), shared)
