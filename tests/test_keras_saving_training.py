"""A model saved in the middle of its training goes on in the other library as it would have."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
import tensorflow

import scratchnet
from tests.support.keras_programs import fresh, same
from tests.support.saved_models import BOTH, agree, config_in, differences, read, tree_of, write

DRAW = np.random.default_rng(11)
X = DRAW.normal(size=(8, 6)).astype(np.float32)
Y = np.eye(3, dtype=np.float32)[DRAW.integers(0, 3, 8)]


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
    goes_on(lambda tf: network(tf, OPTIMIZERS[name], LOSSES["name"]), X, Y, tmp_path)


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

    goes_on(make, X, Y, tmp_path)


def test_sparse_labels_go_on(tmp_path):
    def make(tf):
        loss = tf.keras.losses.SparseCategoricalCrossentropy()
        metrics = [tf.keras.metrics.SparseCategoricalAccuracy(), "sparse_categorical_crossentropy"]
        return network(tf, OPTIMIZERS["sgd"], lambda keras: loss, metrics=metrics)

    goes_on(make, X, Y.argmax(1), tmp_path)


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

    goes_on(make, X, {"a": Y, "b": Y * 0.5}, tmp_path)


def test_batch_normalization_keeps_its_statistics(tmp_path):
    for writer, reader in BOTH:
        fresh(writer)
        model = network(writer, OPTIMIZERS["sgd"], LOSSES["name"])
        model.fit(X, Y, batch_size=4, epochs=2, verbose=0)
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

    goes_on(make, X, Y, tmp_path)
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
        model.train_on_batch(X, Y)
        path = tmp_path / f"{writer.__name__}.keras"
        write(model, path)
        loaded = read(reader, path, compile=False)
        assert not loaded.compiled
        with pytest.raises(ValueError, match="You must call `compile\\(\\)`"):
            loaded.fit(X, Y)
        agree(loaded(X), model(X), 64)


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
