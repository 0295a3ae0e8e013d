"""Layers of an activation against Keras's, in corners and far out too."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow

import scratchnet
from tests.support.keras_programs import close, complain_alike, same, twins
from tests.support.layer_inputs import ROWS, SEQUENCES
from tests.support.layer_programs import (
    computes_alike,
    configured_alike,
    described_alike,
    outcome_of_call,
    shapes_alike,
)

# name -> (how to make it, its input, the roundings that one result may gather)
SIMPLE: dict[str, tuple[Any, np.ndarray, int]] = {
    "activation": (lambda k: k.Activation("relu"), ROWS, 1),
    "relu": (lambda k: k.ReLU(), ROWS, 1),
    "relu slope": (lambda k: k.ReLU(negative_slope=0.3), ROWS, 2),
    "relu all": (lambda k: k.ReLU(max_value=0.8, negative_slope=0.3, threshold=0.2), ROWS, 4),
    "softmax": (lambda k: k.Softmax(), ROWS, 20),
    "softmax axes": (lambda k: k.Softmax(axis=(1, 2)), SEQUENCES, 60),
}


@pytest.mark.parametrize("name", SIMPLE)
@pytest.mark.parametrize("training", [None, False, True])
def test_in_training(name: str, training: bool | None) -> None:
    make, x, terms = SIMPLE[name]
    close(lambda tf: outcome_of_call(tf, make, x, training), terms)


@pytest.mark.parametrize("name", SIMPLE)
def test_shapes_and_configuration(name: str) -> None:
    make, x, _ = SIMPLE[name]
    described_alike(make, x)


# name -> (program, what both texts say, what ours says)
SIMPLE_COMPLAINTS: dict[str, tuple[Any, str, str]] = {
    "softmax of one": (
        lambda tf: tf.keras.layers.Softmax()(np.zeros((1, 1), "f")),
        "(1, 1)",
        "has size 1, so every result is 1",
    ),
    "negative max_value": (
        lambda tf: tf.keras.layers.ReLU(max_value=-1.0),
        "max_value=-1.0",
        "ReLU: `max_value` must not be negative",
    ),
    "negative slope": (
        lambda tf: tf.keras.layers.ReLU(negative_slope=-1.0),
        "negative_slope=-1.0",
        "ReLU",
    ),
}


@pytest.mark.parametrize("name", SIMPLE_COMPLAINTS)
def test_complaints(name: str) -> None:
    complain_alike(*SIMPLE_COMPLAINTS[name])


RNG = np.random.default_rng(8)
SAMPLES = RNG.normal(size=(4, 6))

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
    computes_alike(LAYERS[name], SAMPLES, dtype, 40)
    if name != "softmax first":  # one row would make Keras warn
        computes_alike(LAYERS[name], SAMPLES[:1], dtype, 40)


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
    tf = tensorflow if layers is tensorflow.keras.layers else scratchnet
    return tf.keras.initializers.RandomUniform(-1.0, 1.0, seed=3)


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
    theirs, ours = twins(lambda tf: tf.keras.layers.Softmax(axis=None)(SAMPLES.astype("f")))
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


SHARED = (None, 1, 2, [1], [1, 2], [2, 1], -1, -2, 0, 3, 4, -3, [1, 1])


@pytest.mark.parametrize("axes", SHARED, ids=str)
def test_every_shared_axis(axes: Any) -> None:
    """Counted from 1; afterwards only inputs that fit, of the axes that are not shared."""

    def program(tf: Any) -> list[Any]:
        found: list[Any] = []
        for shape in ((2, 3, 4), (2, 3), (2, 3, 4, 5)):
            layer = tf.keras.layers.PReLU("ones", shared_axes=axes)
            x = np.random.default_rng(0).normal(size=shape).astype("f")
            try:
                found += [layer(x).numpy().tolist(), tuple(layer.alpha.shape)]
            except IndexError:
                found.append("no such axis")
                continue
            for other in ((2, 3, 4), (2, 6, 4), (2, 3, 6), (2, 3), (7, 3, 4)):
                try:
                    found.append(tuple(layer(np.ones(other, "f")).shape))
                except Exception:
                    found.append("refused")
        return found

    same(program)


MASKS: list[Any] = [
    *(None, np.ones((2, 3, 4), bool), np.array([0.5, 0.6, 0.4, 1.0], "f"), np.array([0, 1, 2, -1])),
    *(np.zeros((3, 1), bool), np.ones((3, 4)), np.ones((2, 1, 1), bool), np.ones((4, 3), bool)),
    *(np.ones((1, 2, 3, 4), bool), np.array([0, 1, 1, 0], "uint8")),
]


@pytest.mark.parametrize("axis", [-1, 0, 1, (1,), (1, 2), [0, -1], None], ids=str)
def test_softmax_of_every_axis_and_mask(axis: Any) -> None:
    x = np.random.default_rng(1).normal(size=(2, 3, 4)).astype("f")

    def program(tf: Any) -> list[Any]:
        found: list[Any] = []
        for mask in MASKS:
            try:
                found.append(tf.keras.layers.Softmax(axis)(x, mask=mask).numpy())
            except ValueError:
                found.append("refused")
        return found

    close(program, 30)
