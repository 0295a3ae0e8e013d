"""The step that is shown: a sample, its trace, and a model that is as before."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import scratchnet as tf
from scratchnet.explain.options import ExplainOptions
from scratchnet.explain.step import about, first_unsure, prepare, sample, task_of, traced
from scratchnet.train.images import Images
from tests.support.explained import MODELS, images
from tests.support.train_command import save

X, Y = images().x_test[:1], np.array([3])


@pytest.mark.parametrize("name", MODELS)
def test_a_trace_leaves_the_model_as_it_was(name: str) -> None:
    tf.keras.utils.set_random_seed(0)
    task = task_of(MODELS[name](tf), images(), name)
    if name == "own_train_step":
        task.model.fit(images().x_train, images().y_train, verbose=0)  # the optimizer has state
    before = [v.numpy().copy() for v in task.model.variables]
    values = {v.path: v.numpy().copy() for v in task.model.variables}
    state = [v.numpy().copy() for v in task.model.optimizer.variables]
    trace = traced(task, X, Y)
    assert trace.loss is not None
    assert trace.gradients
    for row in trace:
        if row.op == "read_variable" and row.record.inputs[0].path in values:
            np.testing.assert_array_equal(row.output, values[row.record.inputs[0].path])
    for variable, value in zip(task.model.variables, before, strict=True):
        np.testing.assert_array_equal(variable.numpy(), value)
    for variable, value in zip(task.model.optimizer.variables, state, strict=True):
        np.testing.assert_array_equal(variable.numpy(), value)
    assert task.copies == (name == "autoencoder")
    assert task.has_own_train_step == (name == "own_train_step")


def test_what_the_step_sees_is_told_where_it_is_another_class() -> None:
    class Turned(tf.keras.layers.Dropout):
        def call(self, x: Any, training: bool = False) -> Any:
            return tf.reverse(x, [-1]) if training else x * 1.0

    tf.keras.utils.set_random_seed(0)
    flat = [tf.keras.layers.Flatten(), tf.keras.layers.Dense(10)]
    for last, told in ((Turned(0.5), True), (tf.keras.layers.Dropout(0.0), False)):
        model = tf.keras.Sequential([tf.keras.Input((28, 28, 1)), *flat, last])
        task = task_of(model, images(), "own")
        said = about(task, X, Y, "an image", traced(task, X, Y))
        assert ("in_training" in said) == told
        if told:
            here = {"prediction": 9 - said["prediction"], "with": ["dropout"]}
            assert said["in_training"] == here


def test_an_own_step_that_compiles_is_run_again_with_the_same_random_numbers() -> None:
    from numba import njit

    kernel, seen = njit(lambda a: a + 1), []

    class Own(tf.keras.Model):
        def call(self, x: Any, training: bool = False) -> Any:
            kernel(2.0) if training else None
            return tf.reshape(x, [1, 784])[:, :10] * self.scale

        def build(self, shape: Any) -> None:
            self.scale = self.add_weight(shape=(), initializer="ones", name="scale")

        def train_step(self, data: Any) -> Any:
            seen.append(tf.random.uniform((3,)).numpy().tolist())
            with tf.GradientTape() as tape:
                loss = tf.reduce_sum(self(data[0], training=True))
            gradients = tape.gradient(loss, self.trainable_variables)
            self.optimizer.apply_gradients(zip(gradients, self.trainable_variables, strict=True))
            return {"loss": loss}

    task = task_of(Own(), images(), "own")
    trace = traced(task, X, Y)
    assert len(seen) == 2
    assert seen[0] == seen[1]
    assert not any(row.compiled for row in trace)
    assert task.model.scale.numpy() == 1.0


def test_the_numbers_are_those_of_a_step_that_nobody_watches() -> None:
    tf.keras.config.disable_layer_joining()
    try:
        tf.keras.utils.set_random_seed(0)
        task = task_of(MODELS["residual"](tf), images(), "residual")
        trace = traced(task, X, Y)
        tf.keras.utils.set_random_seed(0)
        model = MODELS["residual"](tf)
        model.compile("adam", "sparse_categorical_crossentropy")
        with model._step_context(), tf.GradientTape() as tape:
            loss = model.compute_loss(tf.constant(X), tf.constant(Y), model(X, training=True))
        gradients = tape.gradient(loss, model.trainable_variables)
    finally:
        tf.keras.config.enable_layer_joining()
    assert trace.loss == loss.numpy()
    for variable, g in zip(task.model.trainable_variables, gradients, strict=True):
        np.testing.assert_array_equal(trace.gradients[variable.path], g, err_msg=variable.path)


def test_the_loss_of_a_model_that_is_not_compiled_suits_its_output() -> None:
    probabilities = task_of(MODELS["residual"](tf), images(), "a").model
    logits = task_of(MODELS["functional"](tf), images(), "b").model
    assert not probabilities.loss.get_config()["from_logits"]
    assert logits.loss.get_config()["from_logits"]
    mirror = tf.keras.Sequential([tf.keras.Input((28, 28, 1)), tf.keras.layers.Conv2D(1, 1)])
    assert task_of(mirror, images(), "c").model.loss == "mse"


@pytest.mark.parametrize(
    "loss", ["categorical_crossentropy", tf.keras.losses.CategoricalCrossentropy()]
)
def test_labels_are_one_hot_where_the_loss_takes_such(loss: Any) -> None:
    model = MODELS["residual"](tf)
    model.compile("adam", loss)
    task = task_of(model, images(), "one-hot")
    np.testing.assert_array_equal(task.target(X, Y), np.eye(10)[[3]])
    assert traced(task, X, Y).loss is not None


def test_models_that_do_not_fit_are_refused() -> None:
    flat = tf.keras.Sequential([tf.keras.Input((5,)), tf.keras.layers.Dense(2)])
    with pytest.raises(ValueError, match=r"takes images of shape \(28, 28, 1\), received flat"):
        task_of(flat, images(), "flat")
    maps = tf.keras.Sequential([tf.keras.Input((28, 28, 1)), tf.keras.layers.Conv2D(2, 3)])
    with pytest.raises(ValueError, match=r"received outputs of shape \(None, 26, 26, 2\)"):
        task_of(maps, images(), "maps")


def test_the_first_image_that_the_network_is_unsure_of() -> None:
    model = tf.keras.Sequential(
        [tf.keras.Input((6, 6, 1)), tf.keras.layers.Flatten(), tf.keras.layers.Dense(2)]
    )
    x = np.zeros((3, 6, 6, 1), np.float32)
    x[:2, 0, 0, 0] = 1
    task = task_of(model, Images(x, np.array([0, 0, 0]), x, np.array([0, 0, 0]), "x"), "m")
    model.layers[-1].set_weights([np.outer(x[0].ravel(), [9.0, -9.0]), np.zeros(2)])
    assert first_unsure(task) == 2
    model.layers[-1].set_weights([np.zeros((36, 2)), np.array([9.0, -9.0])])
    assert first_unsure(task) == 0


def test_samples_and_labels(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    data = save()
    options = ExplainOptions(data=data, index=3)
    task = prepare(tf, options)
    x, y, name = sample(task, options)
    assert x.shape == (1, 8, 8, 1)
    assert y == task.images.y_test[3]
    assert name == "small.npz, test image 3"
    with pytest.raises(ValueError, match=r"--index must be below .* \(32\), received 32"):
        sample(task, ExplainOptions(data=data, index=32))
    with pytest.raises(ValueError, match=r"--label must be in \[0, 10\), received 10"):
        sample(task, ExplainOptions(data=data, label=10))
    np.save("own.npy", np.zeros((8, 8)))
    x, y, name = sample(task, ExplainOptions(data=data, image="own.npy"))
    assert int(y[0]) == int(np.argmax(task.model(x)))
    assert sample(task, ExplainOptions(data=data, image="own.npy", label=7))[1] == 7
    assert name == "own.npy"


def test_of_numbers_that_are_nan_no_class_is_said_to_be_predicted() -> None:
    layers = [tf.keras.layers.Flatten(), tf.keras.layers.Dense(10)]
    task = task_of(tf.keras.Sequential([tf.keras.Input((28, 28, 1)), *layers]), images(), "own")
    task.model.layers[-1].bias.assign(np.full(10, np.nan))
    said = about(task, X, Y, "an image", traced(task, X, Y))
    assert said["label"] == 3
    assert "prediction" not in said
    assert "in_training" not in said
