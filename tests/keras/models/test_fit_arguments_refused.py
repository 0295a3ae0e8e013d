"""Bad values of all kinds: each error names the argument and the value, none leaks from inside."""

from __future__ import annotations

import json
import re
from functools import partial
from typing import Any

import numpy as np
import pytest
import tensorflow

import scratchnet as tf
from scratchnet import keras

X, Y = np.ones((4, 6), "float32"), np.array([0, 1, 2, 0])
IMAGES = np.ones((2, 8, 8, 3), "float32")


def model(tf: Any = tf) -> Any:
    keras = tf.keras
    made = keras.Sequential([keras.Input((6,)), keras.layers.Dense(3, activation="softmax")])
    made.compile("sgd", "sparse_categorical_crossentropy")
    return made


L, O, S = keras.layers, keras.optimizers, keras.optimizers.schedules
C = keras.callbacks
# name of the argument -> calls that give it a bad value
BAD: dict[str, list[Any]] = {
    "units": [lambda: L.Dense("3"), lambda: L.Dense(np.array([1, 1])), lambda: L.Dense(None)],
    "use_bias": [lambda: L.Dense(3, use_bias=np.array([1, 1]))],
    "rate": [lambda: L.Dropout("a"), lambda: L.Dropout(np.array([0.1, 0.2]))],
    "strides": [lambda: L.Conv2D(2, 3, strides="a")(IMAGES)],
    "momentum": [lambda: L.BatchNormalization(momentum="a"), lambda: O.RMSprop(momentum=None)],
    "epsilon": [
        lambda: L.BatchNormalization(epsilon=[1]),
        lambda: O.Adam(epsilon="a"),
        lambda: step(O.Adam(epsilon=[1, 2])),
    ],
    "axis": [
        lambda: L.BatchNormalization(axis="a"),
        lambda: keras.utils.normalize(X, axis=3),
        lambda: keras.activations.softmax(X, axis="a"),
        lambda: L.Softmax(axis=1.5)(X),
        lambda: L.Softmax(axis=[]),
    ],
    "alpha": [lambda: L.ELU(np.ones(2))(X), lambda: keras.activations.elu(X, tf.ones(3))],
    "interpolation": [partial(L.UpSampling2D, interpolation=bad) for bad in (np.ones(2), None, 3)],
    "negative_slope": [
        lambda: L.LeakyReLU("3"),
        lambda: L.ReLU(negative_slope=[1]),
        lambda: keras.activations.relu(X, negative_slope=np.ones(2)),
        lambda: keras.activations.relu(X, negative_slope=None),
    ],
    "threshold": [lambda: keras.activations.relu(X, threshold=None)],
    "max_value": [lambda: L.ReLU("3"), lambda: L.ReLU(np.array([1, 2]))],
    "shared_axes": [lambda: L.PReLU(shared_axes=[7])(IMAGES), lambda: L.PReLU(shared_axes="a")],
    "target_shape": [lambda: L.Reshape(None), lambda: L.Reshape(2.5)],
    "keepdims": [lambda: L.GlobalMaxPooling2D(keepdims=np.array([1, 1]))],
    "beta_1": [lambda: O.Adam(beta_1="a"), lambda: O.AdamW(beta_1=np.array([1, 1]))],
    "weight_decay": [
        lambda: O.SGD(weight_decay="a"),
        lambda: O.Adam(weight_decay={}),
        lambda: O.Adam(weight_decay=[[1], [1, 2]]),
        lambda: O.Adam(weight_decay=np.array(["a"])),
        lambda: step(O.Adam(weight_decay=[0.1, 0.2])),
        lambda: step(O.AdamW(weight_decay=np.ones((1, 3)))),
    ],
    "loss_scale_factor": [
        lambda: O.SGD(loss_scale_factor="a"),
        lambda: step(O.SGD(loss_scale_factor=(1, 2))),
    ],
    "ema_overwrite_frequency": [
        lambda: O.SGD(use_ema=True, ema_overwrite_frequency=np.array([1, 2])),
    ],
    "gradient_accumulation_steps": [
        lambda: O.SGD(gradient_accumulation_steps=2**70),
        lambda: O.SGD(gradient_accumulation_steps=np.True_),
        lambda: O.SGD(gradient_accumulation_steps="3"),
        lambda: O.SGD(gradient_accumulation_steps=2.5),
        lambda: O.SGD(gradient_accumulation_steps=tf.constant(3.0)),
    ],
    "rho": [lambda: O.RMSprop(rho=[0.5]), lambda: step(O.RMSprop(rho=np.ones(2)))],
    "nesterov": [lambda: O.SGD(nesterov=np.array([1, 1]))],
    "learning_rate": [lambda: O.SGD(lambda step: 0.1), lambda: O.Adam(S.ExponentialDecay)],
    "clipnorm": [lambda: O.SGD(clipnorm=np.array([1, 1])), lambda: O.SGD(clipnorm="a")],
    "use_ema": [lambda: O.SGD(use_ema=np.array([1, 1]))],
    "grads_and_vars": [
        lambda: O.SGD().apply_gradients(None),
        lambda: O.SGD().apply_gradients([1]),
        lambda: O.SGD().apply_gradients([(tf.ones(1),)]),
    ],
    "decay_steps": [lambda: S.ExponentialDecay(0.1, "3", 0.5)],
    "boundaries": [lambda: S.PiecewiseConstantDecay(None, [1]), lambda: _boundaries(["a"])],
    "label_smoothing": [lambda: keras.losses.CategoricalCrossentropy(label_smoothing="a")],
    "from_logits": [
        partial(loss, [[0.0, 1.0]], [[0.5, 0.5]], from_logits=np.ones(2))
        for loss in (keras.losses.categorical_crossentropy, keras.losses.binary_crossentropy)
    ],
    "ignore_class": [
        partial(keras.losses.sparse_categorical_crossentropy, [1], [[0.5, 0.5]], ignore_class=bad)
        for bad in ("a", {}, [1, 2, 3], np.ones(3), 1j)
    ],
    "reduction": [lambda: keras.losses.MeanSquaredError(reduction=np.array([1, 1]))],
    "monitor": [lambda: C.EarlyStopping(None), lambda: C.ReduceLROnPlateau(3)],
    "patience": [lambda: C.EarlyStopping("loss", patience="a")],
    "factor": [lambda: C.ReduceLROnPlateau("loss", factor="a")],
    "start_from_epoch": [lambda: C.EarlyStopping("loss", start_from_epoch="a")],
    "filepath": [lambda: C.ModelCheckpoint(3)],
    "epochs": [lambda: model().fit(X, Y, epochs="2")],
    "verbose": [lambda: model().fit(X, Y, verbose=np.array([1, 1]))],
    "callbacks": [lambda: model().fit(X, Y, callbacks=np.array([1, 1]), verbose=0)],
    "shuffle": [lambda: model().fit(X, Y, shuffle=np.array([1, 1]), verbose=0)],
    "validation_split": [lambda: model().fit(X, Y, validation_split=np.array([0.1, 0.2]))],
    "x": [
        lambda: model().fit(np.array(1.0), Y, verbose=0),
        lambda: keras.utils.to_categorical([0, 3], 3),
        lambda: keras.utils.to_categorical("a"),
        lambda: keras.utils.to_categorical([[1], [1, 2]]),
    ],
    "y": [lambda: model().fit(X, np.array(1), verbose=0)],
    "sample_weight": [
        lambda: model().fit(X, Y, sample_weight=np.array(1.0), verbose=0),
        lambda: keras.metrics.Mean().update_state(X, np.ones(3)),
    ],
    "num_classes": [lambda: keras.utils.to_categorical([0], "3")],
    "index": [lambda: model().get_layer(index="3"), lambda: model().get_layer(index=-9)],
    "weights": [lambda: model().set_weights(None)],
    "shape": [lambda: keras.initializers.GlorotUniform()(None), lambda: keras.Input(np.array(2))],
    "padding": [lambda: tf.nn.conv2d(IMAGES, tf.ones((2, 2, 3, 1)), 1, np.array(2))],
    "inputs": [
        lambda: L.Conv2DTranspose(2, 3)(np.ones((1, 4, 4, 4, 1))),
        lambda: L.Reshape((3,))(None),
        lambda: L.Reshape((3,))({}),
        lambda: L.Reshape((3,))([]),
        lambda: L.PReLU()(()),
    ],
    "input_shape": [
        lambda: L.BatchNormalization()(None),
        lambda: L.BatchNormalization()({"a": None}),
        lambda: L.PReLU()(None),
        lambda: L.PReLU()({}),
    ],
    "optimizer": [lambda: _without_optimizer()],
}


def step(optimizer: Any) -> Any:
    """A variable of three elements after two steps."""
    v = tf.Variable([1.0, 2.0, 3.0])
    for _ in range(2):
        optimizer.apply_gradients([(tf.constant([0.1, 0.2, 0.3]), v)])
    return v


def _boundaries(values: Any) -> Any:
    return S.PiecewiseConstantDecay(values, [0.1, 0.2])


def _without_optimizer() -> None:
    made = model()
    made.compile(None, "sparse_categorical_crossentropy")
    made.fit(X, Y, verbose=0)


@pytest.mark.parametrize(("name", "i"), [(name, i) for name in BAD for i in range(len(BAD[name]))])
def test_an_error_names_the_argument(name: str, i: int) -> None:
    kinds = (ValueError, TypeError, IndexError, AttributeError, tf.errors.InvalidArgumentError)
    with pytest.raises(kinds) as caught:
        BAD[name][i]()
    text = str(caught.value)
    assert f"`{name}`" in text
    assert "must" in text
    assert "received" in text or "Received" in text
    assert not re.search("ambiguous|not supported between|has no attribute|out of range$", text)


@pytest.mark.parametrize("inputs", [[None], {"a": None}, (None, X)])
def test_none_in_the_inputs_of_a_layer(inputs: Any) -> None:
    layers = [L.Flatten(), L.Dense(2), L.Conv2D(2, 2), L.MaxPooling2D(), L.UpSampling2D()]
    for layer in layers:
        with pytest.raises((ValueError, TypeError), match=f"{layer.name}' (received|takes a)"):
            layer(inputs)


def test_padding_may_be_an_array() -> None:
    pads = [[0, 0], [1, 1], [2, 0], [0, 0]]
    filters = np.ones((2, 2, 3, 1), "float32")
    found = tf.nn.conv2d(IMAGES, filters, 1, np.array(pads))
    expected = tensorflow.nn.conv2d(IMAGES, filters, 1, pads)
    np.testing.assert_array_equal(found.numpy(), expected.numpy())


@pytest.mark.parametrize("weight", [2, 0.5, np.float32(3), np.array(2)])
def test_one_weight_for_a_batch(weight: Any) -> None:
    """`train_on_batch` and `test_on_batch` take it, as Keras's do."""
    found = []
    for module in (tf, tensorflow):
        module.keras.utils.set_random_seed(0)
        made = model(module)
        made.build((None, 6))
        found.append([made.test_on_batch(X, Y, weight), made.train_on_batch(X, Y, weight)])
    np.testing.assert_allclose(found[0], found[1], rtol=1e-6)


def test_lists_nested_deep() -> None:
    def nested(depth: int) -> Any:
        return json.loads("[" * depth + "1.0" + "]" * depth)

    found = tf.ones((2,)) + nested(33)
    expected = tensorflow.ones((2,)) + nested(33)
    assert found.shape == expected.shape
    with pytest.raises(ValueError, match="nested 70 deep: a tensor has at most 64 axes"):
        tf.constant(nested(70))


def test_no_smoothing() -> None:
    loss = keras.losses.CategoricalCrossentropy(label_smoothing=None)
    assert float(loss([[0.0, 1.0]], [[0.5, 0.5]])) == pytest.approx(np.log(2), rel=1e-6)
