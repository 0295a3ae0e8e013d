"""Whole models in files: each library loads what the other saved, and it goes on as it would."""

from __future__ import annotations

import json
import warnings
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow

import scratchnet
from tests.support.keras_programs import complain_alike, fresh, same
from tests.support.model_files import (
    CONFIG,
    argument,
    changed,
    first,
    load,
    of_layer,
    packed,
    small,
)
from tests.support.own_classes import (
    X,
    called,
    model_of_own_layers,
    network_class,
    own_function,
    registered,
    scaled_dense,
)
from tests.support.saved_models import (
    BOTH,
    agree,
    config_in,
    crosses,
    differences,
    read,
    tree_of,
    write,
)
from tests.support.threads import CALLS, at_once


def chain(tf: Any) -> Any:
    return tf.keras.Sequential([tf.keras.Input((3,)), tf.keras.layers.Dense(1)])


# name -> (program, what both texts say, what ours says)
COMPLAINTS: dict[str, tuple[Any, str, str]] = {
    "load 5": (lambda tf: tf.keras.models.load_model(5), "filepath=5", "must be a path"),
    "save to 5": (lambda tf: chain(tf).save(5), "", "`filepath` must be a path"),
    "save nowhere": (lambda tf: chain(tf).save("/nonexist/x.keras"), "'/nonexist/x.keras'", ""),
}


@pytest.mark.parametrize("name", COMPLAINTS)
def test_complaints(name: str) -> None:
    complain_alike(*COMPLAINTS[name])


# -- every layer ----------------------------------------------------------------------------------


layers = scratchnet.keras.layers
IMAGE, ROW, STEPS, SEQUENCE = (5, 6, 4), (7,), (4, 3), (5, 4)

EVERYTHING = {
    "use_bias": True,
    "kernel_initializer": "he_normal",
    "bias_initializer": "ones",
    "kernel_regularizer": "l2",
    "bias_regularizer": "l1",
    "kernel_constraint": "non_neg",
}

# class name -> (makes the layer from `keras`, the shape of one input or a list of them); several.
CASES: dict[str, list[tuple[Any, Any]]] = {
    "Activation": [
        (lambda keras: keras.layers.Activation("relu"), ROW),
        (lambda keras: keras.layers.Activation(keras.activations.silu), IMAGE),
    ],
    "Add": [(lambda keras: keras.layers.Add(), [ROW, ROW])],
    "Average": [(lambda keras: keras.layers.Average(), [ROW, ROW, (1,)])],
    "AveragePooling2D": [
        (lambda keras: keras.layers.AveragePooling2D((2, 3), 2, "same"), IMAGE),
    ],
    "BatchNormalization": [
        (lambda keras: keras.layers.BatchNormalization(), IMAGE),
        (lambda keras: keras.layers.BatchNormalization(1, 0.5, 0.1, center=False), IMAGE),
        (
            lambda keras: keras.layers.BatchNormalization(
                scale=False, beta_regularizer=keras.regularizers.L1L2(0.1, 0.2), trainable=False
            ),
            ROW,
        ),
    ],
    "Bidirectional": [
        (lambda keras: keras.layers.Bidirectional(keras.layers.GRU(2), "sum"), STEPS),
        (
            lambda keras: keras.layers.Bidirectional(
                keras.layers.LSTM(2, return_sequences=True),
                backward_layer=keras.layers.GRU(3, return_sequences=True, go_backwards=True),
            ),
            STEPS,
        ),
    ],
    "Concatenate": [(lambda keras: keras.layers.Concatenate(1), [IMAGE, (3, 6, 4)])],
    "Conv2D": [
        (lambda keras: keras.layers.Conv2D(3, 2), IMAGE),
        (
            lambda keras: keras.layers.Conv2D(
                4, (3, 2), (2, 1), "same", groups=2, activation="tanh", **EVERYTHING
            ),
            IMAGE,
        ),
        (lambda keras: keras.layers.Conv2D(2, 2, dilation_rate=(1, 2), use_bias=False), IMAGE),
    ],
    "Conv2DTranspose": [
        (lambda keras: keras.layers.Conv2DTranspose(3, 2, 2, activation="elu"), IMAGE),
        (lambda keras: keras.layers.Conv2DTranspose(2, (3, 2), padding="same"), IMAGE),
    ],
    "Dense": [
        (lambda keras: keras.layers.Dense(3), ROW),
        (lambda keras: keras.layers.Dense(3, "softmax", **EVERYTHING), ROW),
        (
            lambda keras: keras.layers.Dense(
                2,
                kernel_initializer=keras.initializers.VarianceScaling(
                    2.0, "fan_out", "uniform", seed=3
                ),
                name="mine",
            ),
            IMAGE,
        ),
    ],
    "Dropout": [
        (lambda keras: keras.layers.Dropout(0.5), ROW),
        (lambda keras: keras.layers.Dropout(0.25, (None, 1, 1, 4), seed=3), IMAGE),
    ],
    "Embedding": [(lambda keras: keras.layers.Embedding(9, 2, mask_zero=True), ROW)],
    "ELU": [(lambda keras: keras.layers.ELU(0.3), ROW)],
    "Flatten": [(lambda keras: keras.layers.Flatten(), IMAGE)],
    "GRU": [
        (lambda keras: keras.layers.GRU(2, reset_after=False, dropout=0.2, seed=3), STEPS),
        (lambda keras: keras.layers.GRU(2, return_sequences=True, **EVERYTHING), STEPS),
    ],
    "GRUCell": [(lambda keras: keras.layers.RNN(keras.layers.GRUCell(2, "relu")), STEPS)],
    "GlobalAveragePooling2D": [
        (lambda keras: keras.layers.GlobalAveragePooling2D(keepdims=True), IMAGE)
    ],
    "GlobalMaxPooling2D": [(lambda keras: keras.layers.GlobalMaxPooling2D(), IMAGE)],
    "LSTM": [
        (lambda keras: keras.layers.LSTM(2, go_backwards=True, unit_forget_bias=False), STEPS),
        (lambda keras: keras.layers.LSTM(2, unroll=True, **EVERYTHING), STEPS),
    ],
    "LSTMCell": [(lambda keras: keras.layers.RNN(keras.layers.LSTMCell(2), True), STEPS)],
    "LeakyReLU": [(lambda keras: keras.layers.LeakyReLU(0.3), ROW)],
    "Masking": [(lambda keras: keras.layers.Masking(0.5), STEPS)],
    "MaxPooling2D": [
        (lambda keras: keras.layers.MaxPooling2D(), IMAGE),
        (lambda keras: keras.layers.MaxPooling2D((2, 1), (1, 2), "same"), IMAGE),
    ],
    "Maximum": [(lambda keras: keras.layers.Maximum(), [ROW, ROW])],
    "Minimum": [(lambda keras: keras.layers.Minimum(), [ROW, ROW])],
    "Multiply": [(lambda keras: keras.layers.Multiply(), [ROW, ROW, (1,)])],
    "Dot": [(lambda keras: keras.layers.Dot((-1, 1), normalize=True), [ROW, ROW])],
    "Identity": [(lambda keras: keras.layers.Identity(), ROW)],
    "PReLU": [
        (lambda keras: keras.layers.PReLU("ones", "l1l2", "non_neg"), ROW),
        (lambda keras: keras.layers.PReLU("he_normal", shared_axes=[1, 2]), IMAGE),
    ],
    "RNN": [
        (
            lambda keras: keras.layers.RNN(
                [keras.layers.LSTMCell(2), keras.layers.LSTMCell(3), keras.layers.GRUCell(2)]
            ),
            STEPS,
        ),
    ],
    "ReLU": [(lambda keras: keras.layers.ReLU(0.7, 0.1, 0.2), ROW)],
    "Rescaling": [(lambda keras: keras.layers.Rescaling(1 / 255, offset=-0.5), IMAGE)],
    "Reshape": [(lambda keras: keras.layers.Reshape((-1, 10)), IMAGE)],
    "SimpleRNN": [(lambda keras: keras.layers.SimpleRNN(2, "relu", **EVERYTHING), STEPS)],
    "SimpleRNNCell": [(lambda keras: keras.layers.RNN(keras.layers.SimpleRNNCell(2)), STEPS)],
    "Softmax": [
        (lambda keras: keras.layers.Softmax(), ROW),
        (lambda keras: keras.layers.Softmax((1, 2)), IMAGE),
    ],
    "StackedRNNCells": [
        (
            lambda keras: keras.layers.RNN(
                keras.layers.StackedRNNCells([keras.layers.GRUCell(2, dropout=0.1)])
            ),
            STEPS,
        ),
    ],
    "Subtract": [(lambda keras: keras.layers.Subtract(), [ROW, ROW])],
    "TimeDistributed": [
        (lambda keras: keras.layers.TimeDistributed(keras.layers.Dense(2, "relu")), STEPS),
        (lambda keras: keras.layers.TimeDistributed(keras.layers.Conv2D(2, 2)), (2, *IMAGE)),
    ],
    "UpSampling2D": [
        (lambda keras: keras.layers.UpSampling2D((2, 3)), IMAGE),
        (lambda keras: keras.layers.UpSampling2D(2, interpolation="bilinear"), IMAGE),
    ],
    "ActivityRegularization": [
        (lambda keras: keras.layers.ActivityRegularization(0.1, 0.2), ROW),
    ],
    "GaussianDropout": [
        (lambda keras: keras.layers.GaussianDropout(0.3, seed=2), ROW),
    ],
    "GaussianNoise": [
        (lambda keras: keras.layers.GaussianNoise(0.3), IMAGE),
    ],
    "SpatialDropout1D": [
        (lambda keras: keras.layers.SpatialDropout1D(0.3), SEQUENCE),
    ],
    "SpatialDropout2D": [
        (lambda keras: keras.layers.SpatialDropout2D(0.3, seed=3), IMAGE),
    ],
    "GroupNormalization": [
        (lambda keras: keras.layers.GroupNormalization(2), IMAGE),
        (lambda keras: keras.layers.GroupNormalization(-1, 1, scale=False), IMAGE),
    ],
    "LayerNormalization": [
        (lambda keras: keras.layers.LayerNormalization(), ROW),
        (lambda keras: keras.layers.LayerNormalization([1, 2], center=False), IMAGE),
    ],
    "UnitNormalization": [
        (lambda keras: keras.layers.UnitNormalization([1, 2]), IMAGE),
    ],
    "Normalization": [
        (lambda keras: keras.layers.Normalization(mean=1.0, variance=2.0), ROW),
    ],
    "Permute": [
        (lambda keras: keras.layers.Permute((3, 1, 2)), IMAGE),
    ],
    "RepeatVector": [
        (lambda keras: keras.layers.RepeatVector(3), ROW),
    ],
    "Conv1D": [
        (lambda keras: keras.layers.Conv1D(3, 2), SEQUENCE),
        (
            lambda keras: keras.layers.Conv1D(
                4, 3, padding="causal", groups=2, activation="tanh", **EVERYTHING
            ),
            SEQUENCE,
        ),
    ],
    "AdditiveAttention": [
        (lambda keras: keras.layers.AdditiveAttention(dropout=0.1), [SEQUENCE, (3, 4)]),
    ],
    "Attention": [
        (lambda keras: keras.layers.Attention(True, "concat"), [SEQUENCE, (3, 4), (3, 4)]),
    ],
    "CategoryEncoding": [
        (lambda keras: keras.layers.CategoryEncoding(4, "count"), SEQUENCE),
    ],
    "Conv1DTranspose": [
        (lambda keras: keras.layers.Conv1DTranspose(3, 2, 2, **EVERYTHING), SEQUENCE),
    ],
    "AveragePooling1D": [
        (lambda keras: keras.layers.AveragePooling1D(3, 2, "same"), SEQUENCE),
    ],
    "MaxPooling1D": [
        (lambda keras: keras.layers.MaxPooling1D(), SEQUENCE),
    ],
    "GlobalAveragePooling1D": [
        (lambda keras: keras.layers.GlobalAveragePooling1D(), SEQUENCE),
    ],
    "GlobalMaxPooling1D": [
        (lambda keras: keras.layers.GlobalMaxPooling1D(keepdims=True), SEQUENCE),
    ],
    "DepthwiseConv2D": [
        (
            lambda keras: keras.layers.DepthwiseConv2D(3, 2, "same", 2, depthwise_regularizer="l2"),
            IMAGE,
        ),
    ],
    "DepthwiseConv1D": [
        (lambda keras: keras.layers.DepthwiseConv1D(2, depthwise_regularizer="l2"), SEQUENCE),
    ],
    "SeparableConv1D": [
        (
            lambda keras: keras.layers.SeparableConv1D(3, 2, pointwise_constraint="max_norm"),
            SEQUENCE,
        ),
    ],
    "RMSNormalization": [(lambda keras: keras.layers.RMSNormalization(), ROW)],
    "SeparableConv2D": [
        (lambda keras: keras.layers.SeparableConv2D(3, 2, pointwise_constraint="unit_norm"), IMAGE),
    ],
    "Cropping1D": [
        (lambda keras: keras.layers.Cropping1D((1, 2)), SEQUENCE),
    ],
    "Cropping2D": [
        (lambda keras: keras.layers.Cropping2D(((1, 0), (2, 1))), IMAGE),
    ],
    "UpSampling1D": [
        (lambda keras: keras.layers.UpSampling1D(3), SEQUENCE),
    ],
    "ZeroPadding1D": [
        (lambda keras: keras.layers.ZeroPadding1D((0, 2)), SEQUENCE),
    ],
    "ZeroPadding2D": [(lambda keras: keras.layers.ZeroPadding2D(((1, 2), (0, 3))), IMAGE)],
    "EinsumDense": [
        (lambda k: k.layers.EinsumDense("abc,cd->abd", (None, 2), "relu", "d"), (3, 4))
    ],
    "Discretization": [
        (lambda k: k.layers.Discretization([-0.5, 0.5], output_mode="one_hot"), (3,)),
    ],
    "IntegerLookup": [(lambda k: k.layers.IntegerLookup(vocabulary=[0, 1]), (3,))],
    "CenterCrop": [(lambda k: k.layers.CenterCrop(3, 2), IMAGE)],
    "Resizing": [(lambda k: k.layers.Resizing(3, 9, crop_to_aspect_ratio=True), IMAGE)],
    "RandomBrightness": [(lambda k: k.layers.RandomBrightness(0.5, (-1, 1), seed=1), IMAGE)],
    "RandomContrast": [(lambda k: k.layers.RandomContrast(0.5, (-1, 1), seed=1), IMAGE)],
    "RandomCrop": [(lambda k: k.layers.RandomCrop(3, 2, seed=1), IMAGE)],
    "RandomFlip": [(lambda k: k.layers.RandomFlip("vertical", seed=1), IMAGE)],
    "RandomRotation": [(lambda k: k.layers.RandomRotation(0.2, "wrap", seed=1), IMAGE)],
    "RandomTranslation": [(lambda k: k.layers.RandomTranslation(0.2, 0.3, seed=1), IMAGE)],
    "RandomZoom": [(lambda k: k.layers.RandomZoom(0.2, seed=1), IMAGE)],
}

# They are in each of the models, or what others are made of.
PARTS_OF_ALL = {"InputLayer", "Layer", "Wrapper"}
# What TensorFlow shows by the first name is an older class; a Lambda is code, which is not read.
NOT_IN_FILES = {"AlphaDropout", "Lambda"}
OF_SEVERAL_ARGUMENTS = {"MultiHeadAttention"}  # in its own test
ALL = [(name, i) for name, cases in CASES.items() for i in range(len(cases))]


def test_the_table_has_every_layer():
    public = {
        thing.__name__
        for thing in (getattr(layers, name) for name in layers.__all__)
        if isinstance(thing, type) and issubclass(thing, layers.Layer)
    }
    assert public - PARTS_OF_ALL - NOT_IN_FILES - OF_SEVERAL_ARGUMENTS == CASES.keys()


def stacked(tf: Any, make: Any, shape: Any) -> Any:
    """A Sequential of the layer alone; of several inputs, a functional model."""
    keras = tf.keras
    if not isinstance(shape, list):
        return keras.Sequential([keras.Input(shape), make(keras)])
    inputs = [keras.Input(part) for part in shape]
    return keras.Model(inputs, make(keras)(inputs))


def in_a_graph(tf: Any, make: Any, shape: Any) -> Any:
    """A functional model that calls the layer twice."""
    keras = tf.keras
    shapes = shape if isinstance(shape, list) else [shape]
    inputs = [keras.Input(part, name=f"in_{i}") for i, part in enumerate(shapes)]
    layer = make(keras)
    twice = [keras.layers.Rescaling(0.5)(x) for x in inputs]
    calls = [layer(parts if len(parts) > 1 else parts[0]) for parts in (inputs, twice)]
    ends = inputs if len(inputs) > 1 else inputs[0]
    return keras.Model(ends, [*calls, keras.layers.Add()(calls)])


@pytest.mark.parametrize("inside", [stacked, in_a_graph], ids=lambda f: f.__name__)
@pytest.mark.parametrize(("name", "i"), ALL)
def test_a_layer_goes_from_one_to_the_other_and_back(name, i, inside, tmp_path):
    make, shape = CASES[name][i]
    draw = np.random.default_rng(3)
    shapes = shape if isinstance(shape, list) else [shape]
    x = [draw.normal(size=(2, *part)).astype(np.float32) for part in shapes]
    crosses(lambda tf: inside(tf, make, shape), x if len(x) > 1 else x[0], tmp_path)


# -- classes of your own --------------------------------------------------------------------------


@pytest.mark.parametrize("make", [model_of_own_layers, called], ids=lambda f: f.__name__)
def test_own_classes_go_from_one_to_the_other_and_back(make, tmp_path):
    for tf in (tensorflow, scratchnet):
        network_class(tf)
        scaled_dense(tf)
    crosses(make, X, tmp_path)


def test_a_subclassed_model_goes_on_training(tmp_path):
    logs = []
    for writer, reader in BOTH:
        fresh(writer)
        network_class(reader)
        model = network_class(writer)(5)
        model.compile("adam", "mse", metrics=["mae"])
        model.fit(X, X[:, :2], verbose=0)
        write(model, tmp_path / "net.keras")
        config = config_in(tmp_path / "net.keras")
        assert config["build_config"] == {"input_shape": [None, 6]}
        loaded = read(reader, tmp_path / "net.keras")
        assert int(loaded.optimizer.iterations.numpy()) == 1
        agree(loaded(X), model(X), 64)
        logs.append(config)
    assert not differences(logs[1], logs[0])


def test_a_subclass_of_functional_keeps_layers_in_attributes(tmp_path):
    def make(tf):
        keras = tf.keras

        class Own(keras.Model):
            def __init__(self, *args, **kwargs):
                super().__init__(*args, **kwargs)
                self.also = self.layers[1]

        x = keras.Input((6,))
        return registered(tf, Own)(x, keras.layers.Dense(2)(x))

    for tf in (tensorflow, scratchnet):
        make(tf)
    crosses(make, X, tmp_path)


def test_models_inside_models(tmp_path):
    def make(tf):
        keras = tf.keras
        x = keras.Input((6,))
        inner = keras.Model(x, keras.layers.Dense(3, "tanh")(x), name="inner")
        stack = keras.Sequential([keras.layers.Dense(3), keras.layers.ReLU()], name="stack")
        y = keras.Input((6,))
        twice = keras.layers.Add()([inner(y), inner(keras.layers.Rescaling(2.0)(y))])
        return keras.Model(y, stack(twice))

    crosses(make, X, tmp_path)


def two_inputs(tf: Any) -> Any:
    class Mixed(tf.keras.layers.Layer):
        def build(self, left_shape, right_shape):
            self.w = self.add_weight(shape=(left_shape[-1], right_shape[-1]), name="w")

        def call(self, left, right):
            return tf.matmul(left, self.w) + right

        def compute_output_shape(self, left_shape, right_shape):
            return right_shape

    return registered(tf, Mixed)


def test_a_layer_that_is_built_for_two_inputs(tmp_path):
    def make(tf):
        left, right = tf.keras.Input((6,)), tf.keras.Input((4,))
        return tf.keras.Model([left, right], two_inputs(tf)()(left, right))

    for tf in (tensorflow, scratchnet):
        two_inputs(tf)
    crosses(make, [X, X[:, :4]], tmp_path)


def test_operators_on_keras_tensors(tmp_path):
    def make(tf):
        x = tf.keras.Input((6,), name="x")
        h = tf.keras.layers.Dense(6)(x)
        y = abs(h - x) * 2.0 + (1.5 - (-h)) / 4.0 + h**2
        return tf.keras.Model(x, y[:, 1:4] * y[..., ::-2])

    crosses(make, X, tmp_path)


def test_a_sequential_that_was_built_by_data(tmp_path):
    def make(tf):
        model = tf.keras.Sequential([tf.keras.layers.Dense(2), tf.keras.layers.Dense(3)])
        model.build((None, 6))
        return model

    crosses(make, X, tmp_path)


@pytest.mark.parametrize(
    "make", [lambda k: k.Sequential(), lambda k: k.Sequential([k.layers.Dense(2)])]
)
def test_unbuilt_models_are_saved_with_a_warning(make, tmp_path):
    for writer, reader in BOTH:
        path = tmp_path / f"{writer.__name__}.keras"
        with pytest.warns(UserWarning, match="has not yet been built"):
            make(writer.keras).save(path)
        loaded = read(reader, path)
        assert not loaded.built
        assert len(loaded.layers) == len(make(writer.keras).layers)


def test_registered_functions_as_activation_and_loss(tmp_path):
    def make(tf):
        keras = tf.keras

        def plus_one(y_true, y_pred):
            return keras.losses.mse(y_true, y_pred) + 1.0

        loss = registered(tf, plus_one)
        x = keras.Input((6,))
        model = keras.Model(x, keras.layers.Dense(2, own_function(tf))(x))
        model.compile("sgd", loss, metrics=[loss])
        model.train_on_batch(X, X[:, :2])
        return model

    for writer, reader in BOTH:
        fresh(writer)
        make(reader)
        model = make(writer)
        write(model, tmp_path / "own.keras")
        loaded = read(reader, tmp_path / "own.keras")
        pairs = [m.evaluate(X, X[:, :2], verbose=0) for m in (loaded, model)]
        agree(*pairs, 64)


def test_custom_objects_need_no_registration(tmp_path):
    def unregistered(x):
        return x + 1

    function = unregistered
    for writer in (tensorflow, scratchnet):
        fresh(writer)
        keras = writer.keras
        write(
            keras.Sequential([keras.Input((6,)), keras.layers.Dense(2, function)]),
            tmp_path / f"{writer.__name__}.keras",
        )
        k, path = scratchnet.keras, tmp_path / f"{writer.__name__}.keras"
        given = k.models.load_model(path, custom_objects={"unregistered": function})
        with k.saving.custom_object_scope({"unregistered": function}):
            scoped = k.models.load_model(path)
        assert given.layers[0].activation is scoped.layers[0].activation is function
        with pytest.raises(
            TypeError, match=r"tmp.*Could not locate function 'unregistered'.*register"
        ):
            k.models.load_model(path)


def test_an_unknown_class_says_what_to_do(tmp_path):
    class Secret(scratchnet.keras.layers.Layer):
        def call(self, inputs):
            return inputs

    keras, path = scratchnet.keras, tmp_path / "a.keras"
    keras.Sequential([keras.Input((2,)), Secret()]).save(path)
    with pytest.raises(TypeError, match=r"Could not locate class 'Secret'.*custom_objects="):
        keras.models.load_model(path)
    loaded = keras.models.load_model(path, custom_objects={"Secret": Secret})
    assert isinstance(loaded.layers[0], Secret)


def test_shared_objects_are_one_again(tmp_path):
    """An initializer that is shared is shared again, in each direction of one library."""
    keras = scratchnet.keras
    shared = keras.initializers.HeNormal(seed=keras.random.SeedGenerator(3))

    class Holder(keras.layers.Layer):
        def __init__(self, first, second, **kwargs):
            super().__init__(**kwargs)
            self.first, self.second = first, second

        def call(self, inputs):
            return inputs

        def get_config(self):
            return {**super().get_config(), "first": self.first, "second": self.second}

        @classmethod
        def from_config(cls, config):
            parts = ("first", "second")
            made = {k: keras.saving.deserialize_keras_object(config.pop(k)) for k in parts}
            return cls(**config, **made)

    own = keras.saving.register_keras_serializable("tests")(Holder)
    path = tmp_path / "a.keras"
    other = keras.initializers.Zeros()
    keras.Sequential([keras.Input((2,)), own(shared, shared), own(shared, other)]).save(path)
    one, two = keras.models.load_model(path).layers
    assert one.first is one.second is two.first
    assert two.second is not one.first


# -- in the middle of a training ------------------------------------------------------------------


DRAW = np.random.default_rng(11)
ROWS = DRAW.normal(size=(8, 6)).astype(np.float32)
CLASSES = np.eye(3, dtype=np.float32)[DRAW.integers(0, 3, 8)]


def schedules(keras: Any) -> Any:
    return keras.optimizers.schedules


OPTIMIZERS = {
    "sgd": lambda keras: "sgd",
    "momentum": lambda keras: keras.optimizers.SGD(0.1, momentum=0.9, nesterov=True),
    "adam": lambda keras: keras.optimizers.Adam(0.01, beta_1=0.8, clipnorm=0.5),
    "adam by name": lambda keras: "adam",
    "adamw": lambda keras: keras.optimizers.AdamW(0.01, weight_decay=0.1),
    "rmsprop": lambda keras: keras.optimizers.RMSprop(0.01, momentum=0.5, clipvalue=0.1),
    "exponential": lambda keras: keras.optimizers.SGD(
        schedules(keras).ExponentialDecay(0.1, 2, 0.5, staircase=True), momentum=0.5
    ),
    "piecewise": lambda keras: keras.optimizers.Adam(
        schedules(keras).PiecewiseConstantDecay([1, 3], [0.1, 0.01, 0.001])
    ),
    "cosine": lambda keras: keras.optimizers.RMSprop(
        schedules(keras).CosineDecay(0.1, 10, alpha=0.1, warmup_target=0.2, warmup_steps=2)
    ),
}

LOSSES = {
    "name": lambda keras: "categorical_crossentropy",
    "function": lambda keras: keras.losses.categorical_crossentropy,
    "object": lambda keras: keras.losses.CategoricalCrossentropy(label_smoothing=0.1),
    "binary": lambda keras: keras.losses.BinaryCrossentropy(reduction="sum", name="mine"),
    "mse": lambda keras: "mse",
    "mae": lambda keras: keras.losses.MeanAbsoluteError(),
}


def network(tf: Any, optimizer: Any, loss: Any, **options: Any) -> Any:
    """BatchNormalization and regularization; Dropout's seed is not part of the format."""
    keras = tf.keras
    model = keras.Sequential(
        [
            keras.Input((6,)),
            keras.layers.Dense(5, "tanh", kernel_regularizer="l2"),
            keras.layers.BatchNormalization(momentum=0.5),
            keras.layers.Dense(3, "softmax"),
        ]
    )
    model.compile(optimizer(keras), loss=loss(keras), **options)
    return model


def goes_on(make: Any, x: Any, y: Any, path: Any, terms: float = 256) -> None:
    """Two steps, saved, a third step: by the model itself, and by the other library."""
    files = []
    for writer, reader in BOTH:
        fresh(writer)
        model = make(writer)
        for _ in range(2):
            model.train_on_batch(x, y)
        files.append(path / f"{writer.__name__}.keras")
        write(model, files[-1])
        loaded = read(reader, files[-1])
        assert int(loaded.optimizer.iterations.numpy()) == 2
        logs = [m.train_on_batch(x, y, return_dict=True) for m in (loaded, model)]
        assert logs[0].keys() == logs[1].keys()
        agree(logs[0], logs[1], terms)
        agree(loaded.get_weights(), model.get_weights(), terms)
        agree(*([v.numpy() for v in m.optimizer.variables] for m in (loaded, model)), terms)
    found = differences(config_in(files[1]), config_in(files[0]))
    assert not found, "\n".join(found)
    assert tree_of(files[1]) == tree_of(files[0])


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_each_optimizer_goes_on(name, tmp_path):
    goes_on(lambda tf: network(tf, OPTIMIZERS[name], LOSSES["name"]), ROWS, CLASSES, tmp_path)


@pytest.mark.parametrize("name", LOSSES)
def test_each_loss_goes_on(name, tmp_path):
    def make(tf):
        return network(
            tf,
            OPTIMIZERS["momentum"],
            LOSSES[name],
            metrics=["accuracy", tf.keras.metrics.MeanSquaredError(name="squares"), "mae"],
            weighted_metrics=[tf.keras.metrics.CategoricalAccuracy()],
        )

    goes_on(make, ROWS, CLASSES, tmp_path)


def test_sparse_labels_go_on(tmp_path):
    def make(tf):
        loss = tf.keras.losses.SparseCategoricalCrossentropy()
        metrics = [tf.keras.metrics.SparseCategoricalAccuracy(), "sparse_categorical_crossentropy"]
        return network(tf, OPTIMIZERS["sgd"], lambda keras: loss, metrics=metrics)

    goes_on(make, ROWS, CLASSES.argmax(1), tmp_path)


def test_several_outputs_go_on(tmp_path):
    def make(tf):
        keras = tf.keras
        x = keras.Input((6,), name="x")
        hidden = keras.layers.Dense(4, "tanh", name="hidden")(x)
        a = keras.layers.Dense(3, "softmax", name="a")(hidden)
        b = keras.layers.Dense(3, name="b")(keras.layers.Concatenate()([hidden, x]))
        model = keras.Model(x, {"a": a, "b": b})
        model.compile(
            "adam",
            loss={"a": "categorical_crossentropy", "b": "mse"},
            loss_weights={"a": 0.5, "b": 2.0},
            metrics={"a": ["accuracy"], "b": ["mae"]},
        )
        return model

    goes_on(make, ROWS, {"a": CLASSES, "b": CLASSES * 0.5}, tmp_path)


def test_batch_normalization_keeps_its_statistics(tmp_path):
    for writer, reader in BOTH:
        fresh(writer)
        model = network(writer, OPTIMIZERS["sgd"], LOSSES["name"])
        model.fit(ROWS, CLASSES, batch_size=4, epochs=2, verbose=0)
        path = tmp_path / f"{writer.__name__}.keras"
        write(model, path)
        loaded = read(reader, path)
        moving = loaded.layers[1].moving_variance.numpy()
        np.testing.assert_array_equal(moving, model.layers[1].moving_variance.numpy())
        assert not np.allclose(moving, 1.0)


def test_dropout_begins_again_with_the_seed_that_it_was_given(tmp_path):
    """As in Keras: how often it was called is not in the file."""
    masks = []
    for writer, reader in BOTH:
        fresh(writer)
        k = writer.keras
        model = k.Sequential([k.Input((20,)), k.layers.Dropout(0.5, seed=7)])
        ones = np.ones((2, 20), np.float32)
        first = np.asarray(model(ones, training=True))
        assert not np.array_equal(model(ones, training=True), first)
        path = tmp_path / f"{writer.__name__}.keras"
        write(model, path)
        masks += [np.asarray(read(reader, path)(ones, training=True)), first]
    for mask in masks[1:]:
        np.testing.assert_array_equal(mask, masks[0])


def test_frozen_layers_stay_frozen(tmp_path):
    def make(tf):
        model = network(tf, OPTIMIZERS["adam"], LOSSES["name"])
        model.layers[0].trainable = False
        model.compile("adam", "mse")
        return model

    goes_on(make, ROWS, CLASSES, tmp_path)
    for tf in (tensorflow, scratchnet):
        loaded = read(tf, tmp_path / "tensorflow.keras")
        assert [layer.trainable for layer in loaded.layers] == [False, True, True]


def test_a_model_compiled_but_never_trained_warns_that_the_optimizer_is_new(tmp_path):
    for writer, reader in BOTH:
        fresh(writer)
        path = tmp_path / f"{writer.__name__}.keras"
        write(network(writer, OPTIMIZERS["adam"], LOSSES["name"]), path)
        for tf in (writer, reader):
            with pytest.warns(UserWarning, match="optimizer 'adam'"):
                assert tf.keras.models.load_model(path).optimizer.built


def test_compile_false_leaves_it_uncompiled(tmp_path):
    for writer, reader in BOTH:
        fresh(writer)
        model = network(writer, OPTIMIZERS["adam"], LOSSES["name"])
        model.train_on_batch(ROWS, CLASSES)
        path = tmp_path / f"{writer.__name__}.keras"
        write(model, path)
        loaded = read(reader, path, compile=False)
        assert not loaded.compiled
        with pytest.raises(ValueError, match="You must call `compile\\(\\)`"):
            loaded.fit(ROWS, CLASSES)
        agree(loaded(ROWS), model(ROWS), 64)


def test_compile_configs_are_equal_and_compile():
    def program(tf):
        model = network(
            tf,
            OPTIMIZERS["cosine"],
            LOSSES["object"],
            metrics=["accuracy"],
            weighted_metrics=["mse"],
            loss_weights=0.5,
            run_eagerly=True,
        )
        other = network(tf, OPTIMIZERS["sgd"], LOSSES["mse"])
        other.compile_from_config(model.get_compile_config())
        assert other.optimizer.built
        assert type(other.optimizer).__name__ == "RMSprop"
        uncompiled = tf.keras.Sequential([tf.keras.layers.Dense(1)])
        configs = (model.get_compile_config(), other.get_compile_config())
        for config in configs:
            config["optimizer"]["config"].pop("name")
        assert configs[0] == configs[1]
        return configs, uncompiled.get_compile_config()

    same(program)


def test_a_model_with_a_compile_of_its_own_is_not_compiled_on_loading(tmp_path):
    def load(tf):
        keras = tf.keras

        @keras.utils.register_keras_serializable("tests")
        class Own(keras.Sequential):
            def compile(self, extra, **kwargs):
                super().compile(**kwargs)
                self.extra = extra

        model = Own([keras.Input((2,)), keras.layers.Dense(1)])
        model.compile(3, optimizer="sgd", loss="mse")
        path = tmp_path / f"{tf.__name__}.keras"
        write(model, path)
        with warnings.catch_warnings(record=True) as heard:
            warnings.simplefilter("always", UserWarning)
            loaded = tf.keras.models.load_model(path)
        texts = [str(w.message) for w in heard if w.category is UserWarning]
        return loaded.compiled, ["was not called as part of model loading" in t for t in texts]

    for tf in (tensorflow, scratchnet):
        fresh(tf)
        assert load(tf)[1] == [True]
    assert not load(scratchnet)[0]


# -- files and arguments that are wrong -----------------------------------------------------------


LAMBDA = {"class_name": "__lambda__", "config": {"value": ["4wEAAAA=", None, None]}}
CALLABLE = {"module": "os", "class_name": "function", "config": "system", "registered_name": "x"}

# name -> (change, a phrase of both texts, a phrase of ours)
WRONG = {
    "unknown module": (of_layer(module="os", class_name="system"), "system", "Could not locate"),
    "module of ours": (of_layer(module="scratchnet.cli", class_name="main"), "main", "scratchnet"),
    "a subprocess": (of_layer(module="subprocess", class_name="Popen"), "Popen", "custom_objects"),
    "builtin": (of_layer(module="builtins", class_name="eval"), "eval", "Could not locate"),
    "no module": (of_layer(module=None, class_name="Nope"), "Nope", "Could not locate class"),
    "unknown package": (of_layer(module="keras.nope"), "keras.nope", "no module"),
    "unknown layer": (of_layer(class_name="Nope"), "Could not deserialize", "which has"),
    "a loader": (
        of_layer(module="keras.models", class_name="load_model", config={"filepath": "x"}),
        "Cannot deserialize `keras.models.load_model`",
        "modeling",
    ),
    "a downloader": (
        of_layer(module="keras.utils", class_name="function", config="get_file"),
        "Cannot deserialize `keras.utils.get_file`",
        "modeling",
    ),
    "a tool of the library": (
        argument(activation={**CALLABLE, "module": "builtins", "config": "deserialize_known"}),
        "deserialize_known",
        "Could not locate function",
    ),
    "the function for absent names": (
        argument(activation={**CALLABLE, "module": "keras.losses", "config": "missing"}),
        "missing",
        "Could not locate function",
    ),
    "a function of os": (argument(activation=CALLABLE), "system", "Could not locate function"),
    "lambda": (argument(activation=LAMBDA), "lambda", "never run"),
    "unknown argument": (argument(foo=3), "foo", "a.keras"),
    "negative units": (argument(units=-3), "units", "must be a positive integer"),
    "units of text": (argument(units="3"), "units", "must be a positive integer"),
    "unknown activation": (argument(activation="nope"), "nope", "a.keras"),
    "unknown dtype": (argument(dtype="string of pearls"), "string of pearls", "a.keras"),
    "config of text": (of_layer(config="text"), "'config'", "must be a dict"),
    "name for a builtin": (of_layer(registered_name="a>b"), "registered_name", "Keras's own"),
    "a list": (lambda config: [config], "", "must describe a model"),
    "no class": (lambda config: {"a": 1}, "", "must describe a model"),
    "other input": (of_layer(build_config={"input_shape": [None, 7]}), "expected axis -1", "7"),
}


@pytest.mark.parametrize("name", WRONG)
def test_configurations_that_are_wrong(name, members, tmp_path, capfd):
    change, shared, ours = WRONG[name]
    path = changed(members, tmp_path / "a.keras", change)
    complain_alike(load(path), shared, ours)
    with pytest.raises((TypeError, ValueError), match=r"a\.keras"):
        scratchnet.keras.models.load_model(path)


# What Keras has and scratchnet has not: fine at its default, refused otherwise.
BEYOND = {
    "sparse": (first(sparse=False), first(sparse=True)),
    "ragged": (first(ragged=False), first(ragged=True)),
    "quantization_config": (argument(quantization_config=None), argument(quantization_config={})),
    "lora_rank": (argument(lora_rank=None), argument(lora_rank=2)),
    "mixed_float16": (
        argument(
            dtype={"module": "keras", "class_name": "DTypePolicy", "config": {"name": "float32"}}
        ),
        argument(
            dtype={
                "module": "keras",
                "class_name": "DTypePolicy",
                "config": {"name": "mixed_float16"},
            }
        ),
    ),
}


@pytest.mark.parametrize("name", BEYOND)
def test_arguments_that_only_keras_has(name, members, tmp_path):
    default, other = (
        changed(members, tmp_path / f"{i}.keras", change) for i, change in enumerate(BEYOND[name])
    )
    assert scratchnet.keras.models.load_model(default, compile=False).built
    with pytest.raises((TypeError, ValueError), match=rf"1\.keras.*{name}"):
        scratchnet.keras.models.load_model(other, compile=False)


@pytest.mark.parametrize(
    "text", [b"{nope", b"", b"\xff\xfe", b"[" * 100_000], ids=["cut", "empty", "bytes", "deep"]
)
def test_configurations_that_are_no_json(text, members, tmp_path):
    path = packed(tmp_path / "a.keras", {**members, CONFIG: text})
    with pytest.raises(json.JSONDecodeError, match=r"a\.keras.*config\.json is not JSON"):
        scratchnet.keras.models.load_model(path)


class Failing(scratchnet.keras.layers.Layer):
    """It fails with what no part of Keras raises."""

    def build(self, input_shape: Any) -> None:
        raise ZeroDivisionError("in your own class")


def test_errors_of_your_own_classes_name_the_file(members, tmp_path):
    change = of_layer(class_name="Failing", module=None, registered_name="Failing", config={})
    path = changed(members, tmp_path / "a.keras", change)
    with pytest.raises(ValueError, match=r"a\.keras.*ZeroDivisionError: in your own class"):
        scratchnet.keras.models.load_model(path, {"Failing": Failing})


def test_a_file_that_describes_no_model(members, tmp_path):
    def change(config):
        return config["config"]["layers"][1]

    with pytest.raises(ValueError, match=r"must describe a model, and describes <Dense"):
        scratchnet.keras.models.load_model(changed(members, tmp_path / "a.keras", change))


def test_lambda_layers_are_refused_with_what_to_do(members, tmp_path):
    change = of_layer(class_name="Lambda", config={"function": LAMBDA})
    path = changed(members, tmp_path / "a.keras", change)
    complain_alike(load(path), "Lambda", "register it")


def test_without_safe_mode_only_code_is_refused(members, tmp_path):
    path = packed(tmp_path / "a.keras", members)
    scratchnet.keras.config.enable_unsafe_deserialization()
    ours, theirs = (
        tf.keras.models.load_model(path, safe_mode=False) for tf in (scratchnet, tensorflow)
    )
    agree(ours.get_weights(), theirs.get_weights(), 0)
    path = changed(members, path, of_layer(class_name="Lambda", config={"function": LAMBDA}))
    with pytest.raises(ValueError, match="no code from a file is run, with `safe_mode=False`"):
        scratchnet.keras.models.load_model(path, safe_mode=False)
    with pytest.raises(ValueError, match="code from a file is never run here"):
        scratchnet.keras.saving.deserialize_keras_object(LAMBDA, safe_mode=False)


def test_a_lambda_is_not_saved(tmp_path):
    model = scratchnet.keras.Sequential(
        [scratchnet.keras.Input((2,)), scratchnet.keras.layers.Dense(1)]
    )
    model.compile("sgd", lambda y, p: p)
    with pytest.raises(ValueError, match=r"a lambda cannot be saved.*register"):
        model.save(tmp_path / "a.keras")
    assert list(tmp_path.iterdir()) == []


def saving(name: str, **kwargs: Any) -> Any:
    return lambda tf: small(tf).save(name, **kwargs)


@pytest.mark.parametrize(
    ("program", "shared", "ours"),
    [
        (saving("a"), "Invalid filepath extension", ".keras"),
        (saving("a.tf"), "Invalid filepath extension", ".keras"),
        (saving("a.keras", foo=1), "not supported: ['foo']", "ending"),
        (lambda tf: tf.keras.models.load_model("nowhere"), "File format not supported", "must end"),
        (lambda tf: tf.keras.models.load_model("nowhere.h5"), "nowhere.h5", "must be a file"),
        (lambda tf: small(tf).load_weights("a.weights.h5", foo=1), "keyword arguments", "foo"),
        (lambda tf: small(tf).load_weights("a.keras", by_name=True), "by_name", "a"),
        (lambda tf: small(tf).export("a", format="zip"), "Unrecognized format=zip", "in Keras"),
    ],
)
def test_arguments_that_are_wrong(program, shared, ours, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    complain_alike(program, shared, ours)
    assert list(tmp_path.iterdir()) == []


def test_old_formats_say_what_there_is_instead(tmp_path):
    model = small(scratchnet)
    with pytest.raises(NotImplementedError, match="export it there"):
        model.export(tmp_path / "a")
    for arguments in ({"zipped": False}, {"include_optimizer": False}):
        with pytest.raises(ValueError, match=f"`{next(iter(arguments))}` must be True"):
            model.save(tmp_path / "b.keras", **arguments)
    with pytest.raises(ValueError, match="`max_shard_size` must be None"):
        model.save_weights(tmp_path / "b.weights.h5", max_shard_size=1)


def test_a_file_that_exists_stays_if_asked(tmp_path):
    path = tmp_path / "a.keras"
    path.write_bytes(b"precious")
    with pytest.raises(FileExistsError, match="overwrite=False"):
        small(scratchnet).save(path, overwrite=False)
    assert path.read_bytes() == b"precious"
    small(scratchnet).save(path)
    assert zipfile.is_zipfile(path)


def test_a_save_that_fails_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "a.keras"
    small(scratchnet).save(path)
    before = path.read_bytes()

    def full(*args: Any) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(zipfile.ZipFile, "writestr", full)
    with pytest.raises(OSError, match="No space left"):
        small(scratchnet).save(path)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["a.keras"]


def test_paths_of_pathlib_and_of_text_are_alike(tmp_path):
    write(small(scratchnet), tmp_path / "a.keras")
    assert scratchnet.keras.models.load_model(str(tmp_path / "a.keras")).built
    scratchnet.keras.saving.save_model(small(scratchnet), str(tmp_path / "b.keras"))
    assert scratchnet.keras.saving.load_model(tmp_path / "b.keras").built


def test_models_saved_and_loaded_at_once(tmp_path: Path) -> None:
    x = np.ones((1, 3), "f")

    def round_trip(i: int) -> bool:
        shared = scratchnet.keras.layers.Dense(3)
        model = scratchnet.keras.Sequential(
            [scratchnet.keras.Input((3,)), shared, scratchnet.keras.layers.Dense(i + 1)]
        )
        path = tmp_path / f"{i}.keras"
        model.save(path)
        loaded = scratchnet.keras.models.load_model(path)
        paths = [[v.path.split("/")[-2:] for v in m.weights] for m in (loaded, model)]
        assert paths[0] == paths[1]
        return np.array_equal(model(x), loaded(x))

    assert at_once(round_trip) == [True] * CALLS
