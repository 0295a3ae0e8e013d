"""Activation functions against Keras's, in corners and far out too."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
import tensorflow

import scratchnet
from scratchnet.keras import activations
from tests.support.keras_programs import EPS, close, complain_alike, same
from tests.support.signatures import taken_alike

RNG = np.random.default_rng(8)

# Both sides of every bend, the bends themselves, and far out; of even size, for glu.
BENDS = [-6.0, -3.0, -2.0, -1.0, -0.5, -0.0, 0.0, 0.5, 1.0, 2.0, 3.0, 6.0]
POINTS = np.array([*BENDS, *RNG.normal(size=16) * 3, -90.0, 90.0, -1e-4, 1e-4]).reshape(2, -1)
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
    "softmax": [{"axis": 0}, {"axis": None}, {"axis": (0, 1)}, {"axis": (1, 0)}],
    "log_softmax": [{"axis": 0}, {"axis": None}, {"axis": (0, 1)}, {"axis": (1, 0)}],
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


@pytest.mark.parametrize("kind", ["int32", "int64", "uint8", "bool"])
@pytest.mark.parametrize("name", ["tanh", "exponential"])
def test_integers_as_floats(name: str, kind: str) -> None:
    x = np.array([[1, 0, 3]]).astype(kind)
    close(lambda tf: getattr(tf.keras.activations, name)(tf.constant(x)).numpy(), 16)


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


ACTIVATIONS = "linear relu leaky_relu elu selu softmax log_softmax sigmoid tanh softplus softsign"


@pytest.mark.parametrize("name", [*ACTIVATIONS.split(), "exponential", "silu", "swish"])
def test_activations(name: str) -> None:
    def program(tf: Any) -> list[Any]:
        x = tf.constant(np.linspace(-4, 4, 24, dtype="f").reshape(4, 6))
        f = tf.keras.activations.get(name)
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = tf.identity(f(x))
        g = tf.constant(np.random.default_rng(0).normal(size=(4, 6)).astype("f"))
        return [y.numpy(), tape.gradient(y, x, output_gradients=g).numpy()]

    close(program, 20)


@pytest.mark.parametrize("alpha", [1.0, 0.5])
def test_activation_arguments(alpha: float) -> None:
    def program(tf: Any) -> list[Any]:
        x, a = tf.constant(np.linspace(-4, 4, 24, dtype="f")), tf.keras.activations
        options = [{}, {"negative_slope": 0.1}, {"max_value": 2.0}, {"threshold": 1.0}]
        options.append({"negative_slope": 0.2, "max_value": 2.0, "threshold": 1.0})
        options += [{"threshold": [1.0]}, {"threshold": [], "negative_slope": 0.1}]
        options += [{"negative_slope": [0.5], "max_value": 1.0}]
        found = [a.relu(x, **o).numpy() for o in options[:-3]]
        found += [a.relu(x[:1], **o).numpy() for o in options]
        return [
            *found,
            a.elu(x, alpha=alpha).numpy(),
            a.leaky_relu(x, negative_slope=alpha).numpy(),
        ]

    close(program, 8)


@pytest.mark.parametrize(("shape", "axis"), [((), -1), ((4,), 2), ((2, 4), -3)])
def test_glu_along_no_axis_is_refused_by_name(shape: tuple[int, ...], axis: int) -> None:
    with pytest.raises(scratchnet.errors.InvalidArgumentError, match="glu: `axis` must be in"):
        scratchnet.keras.activations.glu(np.ones(shape, "f"), axis=axis)


@pytest.mark.parametrize("name", ["tanh", "exponential"])
@pytest.mark.parametrize("value", [1j, [1j, 2.0], np.array([1j]), np.complex64(1j), 2, 2.0])
def test_the_dtype_of_complex_numbers_and_integers(name: str, value: Any) -> None:
    ours, theirs = (getattr(tf.keras.activations, name)(value) for tf in (scratchnet, tensorflow))
    assert ours.dtype.name == theirs.dtype.name
    np.testing.assert_allclose(ours, theirs, rtol=1e-6)


def test_what_they_take() -> None:
    taken_alike("activations")


X = np.ones((2, 3), "f")
REFUSED: list[tuple[Any, type[Exception], str]] = [
    (lambda a: a.relu(X, None), TypeError, "relu: `negative_slope` must be a number, received neg"),
    (lambda a: a.relu(X, threshold=None), TypeError, "relu: `threshold` must be a number, receive"),
    (lambda a: a.relu(X, X), ValueError, "relu: `negative_slope` must be one number, received neg"),
    (lambda a: a.relu(X, 0.0, X), ValueError, "relu: `max_value` must be one number, received max"),
    (lambda a: a.relu(X, threshold=X), ValueError, "relu: `threshold` must be one number, receive"),
    (lambda a: a.elu(X, X), ValueError, "elu: `alpha` must be one number, received alpha="),
    (lambda a: a.soft_shrink(X, "a"), TypeError, "soft_shrink: `threshold` must be a number, rece"),
    (lambda a: a.soft_shrink(X, (0.5,)), TypeError, "soft_shrink: `threshold` must be a number, r"),
    (lambda a: a.softmax(X, 0.5), TypeError, "softmax: `axis` must be an integer, received axis=0"),
    (lambda a: a.glu(X), ValueError, "glu: `x` must be divisible by 2 along axis 1, received x=(2"),
]


@pytest.mark.parametrize("case", REFUSED, ids=range(len(REFUSED)))
def test_refused_by_name(case: Any) -> None:
    call, error, text = case
    with pytest.raises((error, scratchnet.errors.InvalidArgumentError)) as caught:
        call(scratchnet.keras.activations)
    assert str(caught.value).startswith(text), str(caught.value)


def test_a_softmax_of_one_value_warns() -> None:
    softmax = scratchnet.keras.activations.softmax
    for shape, axis in (((2, 1), -1), ((1, 2), 0), ((3, 1, 2), -2), ((1,), 0)):
        text = re.escape(
            f"softmax: axis {axis} of shape {shape} has size 1, so every result is 1; one output "
            "takes a sigmoid"
        )
        with pytest.warns(UserWarning, match=f"^{text}$"):
            assert (softmax(np.zeros(shape, "f"), axis).numpy() == 1).all()
    softmax(np.zeros((1, 2), "f"))  # another axis of size 1 does not matter
    softmax(np.zeros((1, 1), "f"), None)
    softmax(np.zeros((1, 1), "f"), (0, 1))


@pytest.mark.parametrize("name", ["softmax", "log_softmax"])
@pytest.mark.parametrize("axis", [0, 1, 2, -2, (0,), (0, 2), (2, 0), (1, 2), (0, 1, 2)])
def test_all_axes_and_several(name: str, axis: Any) -> None:
    x = RNG.normal(size=(2, 3, 4)).astype("f")
    close(lambda tf: values(tf, name, x, {"axis": axis}), 40)


@pytest.mark.parametrize("axis", [0, 1, 2, -1, -2, -3])
def test_glu_along_every_axis(axis: int) -> None:
    x = RNG.normal(size=(2, 4, 6)).astype("f")
    close(lambda tf: values(tf, "glu", x, {"axis": axis}), 20)
