"""fit, evaluate, predict and their friends against Keras's, on the same program."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest
import tensorflow

import scratchnet
from tests.support.keras_programs import close, complain_alike, same
from tests.support.training_programs import (
    CLASSES,
    DIGITS,
    IMAGES,
    ONE_HOT,
    RAN_OUT,
    TERMS,
    WEIGHTS,
    X,
    Y,
    classifier,
    convnet,
    linear,
    pairs,
)

RNG = np.random.default_rng(33)
ROWS, B = (RNG.normal(size=(5, 3)).astype("f") for _ in range(2))


def test_what_a_step_is_handed() -> None:
    def program(tf: Any) -> Any:
        seen: list[Any] = []

        def note(data: Any) -> Any:
            parts = len(data) if isinstance(data, tuple) else "alone"
            if parts not in seen[-1:]:
                seen.append(parts)
            return data

        class Told(tf.keras.Model):
            def train_step(self, data: Any) -> Any:
                return super().train_step(note(data)) if len(note(data)) > 1 else {}

            def test_step(self, data: Any) -> Any:
                return super().test_step(note(data))

            def predict_step(self, data: Any) -> Any:
                return super().predict_step(note(data))

        x = tf.keras.Input((3,))
        model = Told(x, tf.keras.layers.Dense(1)(x))
        model.compile("sgd", "mse", run_eagerly=True)
        y, weights = ROWS[:, :1], np.ones(5, "f")
        data = tf.data.Dataset.from_tensor_slices((ROWS, y)).batch(5)
        calls = [
            lambda: model.fit(ROWS, y, verbose=0),
            lambda: model.fit(ROWS, y, sample_weight=weights, verbose=0),
            lambda: model.fit(ROWS, y, class_weight={0: 1.0}, verbose=0),
            lambda: model.evaluate(ROWS, y, verbose=0),
            lambda: model.predict(ROWS, verbose=0),
            lambda: model.fit(data, shuffle=False, verbose=0),
            lambda: model.train_on_batch(ROWS, y),
            lambda: model.test_on_batch(ROWS, y),
            lambda: model.predict_on_batch(ROWS),
        ]
        for call in calls:
            seen.append("next")
            call()
        return seen

    same(program)


FITS: dict[str, dict[str, Any]] = {
    "plain": {},
    "batches": {"batch_size": 4},
    "one batch": {"batch_size": 100},
    "no shuffle": {"shuffle": False, "batch_size": 4},
    "shuffle within batches": {"shuffle": "batch", "batch_size": 4},
    "split": {"validation_split": 0.25, "batch_size": 4},
    "split and data": {"validation_split": 0.25, "validation_data": (X[:3], Y[:3])},
    "data": {"validation_data": (X[:5], Y[:5]), "batch_size": 4},
    "validation batches": {
        "validation_data": (X, Y),
        "validation_batch_size": 5,
        "validation_steps": 2,
    },
    "weighted validation": {"validation_data": (X, Y, WEIGHTS), "batch_size": 4},
    "every second": {"validation_data": (X, Y), "validation_freq": 2},
    "listed": {"validation_data": (X, Y), "validation_freq": [1, 3]},
    "sample weights": {"sample_weight": WEIGHTS, "batch_size": 4},
    "sample weights in columns": {"sample_weight": WEIGHTS[:, None], "batch_size": 4},
    "later epochs": {"initial_epoch": 1},
    "no epochs": {"epochs": 0},
    "short epochs": {"steps_per_epoch": 2, "batch_size": 3},
}


@pytest.mark.parametrize("name", FITS)
def test_history(name: str) -> None:
    settings = {"epochs": 3, **FITS[name]}

    def program(tf: Any) -> list[Any]:
        model = linear(tf, metrics=["mae"], weighted_metrics=["mse"])
        history = model.fit(X, Y, verbose=0, **settings)
        keys = ",".join(history.history)
        return [keys, history.history, str(history.epoch), str(history.params), model.get_weights()]

    close(program, TERMS)


def test_history_object() -> None:
    history = linear(scratchnet).fit(X, Y, verbose=0)
    assert repr(history).startswith("<scratchnet.keras.callbacks.callback.History object at 0x")
    assert all(type(v) is float for v in history.history["loss"])


@pytest.mark.parametrize(
    "case", ["cce", "scce", "scce column", "scce logits", "ce one-hot", "ce classes"]
)
def test_classifiers(case: str) -> None:
    def program(tf: Any) -> list[Any]:
        losses = tf.keras.losses
        loss, y = {
            "cce": ("categorical_crossentropy", ONE_HOT),
            "scce": ("sparse_categorical_crossentropy", CLASSES),
            "scce column": (losses.sparse_categorical_crossentropy, CLASSES[:, None]),
            "scce logits": (losses.SparseCategoricalCrossentropy(), CLASSES.astype("f")),
            "ce one-hot": ("crossentropy", ONE_HOT),
            "ce classes": ("ce", CLASSES),
        }[case]
        model = classifier(tf, loss=loss, metrics=["accuracy", "acc"])
        history = model.fit(X, y, epochs=3, batch_size=5, verbose=0, validation_split=0.2)
        return [
            ",".join(history.history),
            history.history,
            model.evaluate(X, y, verbose=0),
            model.predict(X, verbose=0),
        ]

    close(program, TERMS)


def test_binary() -> None:
    def program(tf: Any) -> list[Any]:
        keras = tf.keras
        model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1, activation="sigmoid")])
        model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
        y = (CLASSES > 1).astype("f")
        history = model.fit(X, y, epochs=2, batch_size=5, verbose=0)
        return [history.history, model.evaluate(X, y[:, None], verbose=0)]

    close(program, TERMS)


@pytest.mark.parametrize("given", ["input", "input_shape", "nothing"])
@pytest.mark.filterwarnings("ignore:.*`input_shape`:UserWarning")
def test_convnet(given: str) -> None:
    """Dropout masks, moving statistics and the order of the samples are Keras's own."""

    def program(tf: Any) -> list[Any]:
        model = convnet(tf)
        if given == "input":
            model = tf.keras.Sequential([tf.keras.Input((8, 8, 1)), *model.layers])
        elif given == "input_shape":
            first = tf.keras.layers.Conv2D(4, 3, activation="relu", input_shape=(8, 8, 1))
            model = tf.keras.Sequential([first, *model.layers[1:]])
        model.compile(
            tf.keras.optimizers.SGD(0.05, momentum=0.9),
            "categorical_crossentropy",
            metrics=["accuracy"],
        )
        history = model.fit(IMAGES, DIGITS, epochs=3, batch_size=6, validation_split=0.2, verbose=0)
        again = model.fit(IMAGES, DIGITS, epochs=1, batch_size=6, verbose=0)
        counter = [v.numpy() for v in model.non_trainable_variables if "seed" in v.path]
        return [
            history.history,
            again.history,
            model.get_weights(),
            counter,
            model.predict(IMAGES, verbose=0),
        ]

    close(program, 3000)  # batch normalization divides by the small deviations of small batches


def test_fit_is_the_loop_you_would_write() -> None:
    keras = scratchnet.keras
    results = []
    for by_hand in (False, True):
        keras.utils.set_random_seed(4)
        model = convnet(scratchnet)
        model.build((None, 8, 8, 1))
        optimizer, loss_of = keras.optimizers.Adam(0.01), keras.losses.CategoricalCrossentropy()
        if not by_hand:
            model.compile(optimizer, loss_of)
            model.fit(IMAGES, DIGITS, batch_size=5, epochs=2, shuffle=False, verbose=0)
        for _ in range(2 if by_hand else 0):
            for at in range(0, 20, 5):
                x, y = (scratchnet.constant(a[at : at + 5]) for a in (IMAGES, DIGITS))
                with scratchnet.GradientTape() as tape:
                    loss = loss_of(y, model(x, training=True))
                variables = model.trainable_variables
                optimizer.apply_gradients(
                    zip(tape.gradient(loss, variables), variables, strict=True)
                )
        results.append(model.get_weights())
    for a, b in zip(*results, strict=True):
        np.testing.assert_array_equal(a, b)


def test_unseeded_epochs_differ_and_seeded_ones_do_not() -> None:
    from scratchnet.keras.models.data_adapter import ArrayBatches
    from scratchnet.ops.random_seeds import set_seed

    def orders(seed: int | None) -> list[list[float]]:
        set_seed(seed)
        batches = ArrayBatches(np.arange(50.0), None, None, 50, True)
        return [next(iter(batches)).numpy().tolist() for _ in range(2)]

    first, second = orders(None)
    assert first != second
    assert sorted(first) == list(range(50))
    first, second = orders(7)
    assert first == second


def test_evaluate() -> None:
    def program(tf: Any) -> list[Any]:
        model = linear(tf, metrics=["mae"], weighted_metrics=["mae", "mse"])
        found = [
            model.evaluate(X, Y, verbose=0),
            model.evaluate(X, Y, batch_size=5, sample_weight=WEIGHTS, verbose=0, return_dict=True),
            model.evaluate(X, Y, batch_size=5, steps=2, verbose=0),
            linear(tf).evaluate(X, Y, verbose=0),
        ]
        return [*found, model.metrics_names, repr(model.metrics)]

    close(program, TERMS)


def test_predict() -> None:
    def program(tf: Any) -> list[Any]:
        model = linear(tf)
        found = [
            model.predict(X, batch_size=5, verbose=0),
            model.predict(X, batch_size=5, steps=2, verbose=0),
        ]
        found += [model.predict_on_batch(X), model.predict(X[:1], verbose=0)]
        return [*found, [type(p).__name__ for p in found], model(X).numpy()]

    close(program, TERMS)


def test_predict_without_compile() -> None:
    close(lambda tf: convnet(tf).predict(IMAGES, batch_size=3, verbose=0), 200)


def test_one_batch() -> None:
    def program(tf: Any) -> list[Any]:
        model = linear(tf, metrics=["mae"])
        found = [model.train_on_batch(X, Y), model.train_on_batch(X, Y, sample_weight=WEIGHTS)]
        found += [model.train_on_batch(X, Y, return_dict=True), model.test_on_batch(X, Y)]
        return [
            *found,
            model.test_on_batch(X, Y, WEIGHTS, return_dict=True),
            linear(tf).train_on_batch(X, Y),
        ]

    close(program, TERMS)


def test_frozen_layer() -> None:
    def program(tf: Any) -> list[Any]:
        model = classifier(tf, loss="categorical_crossentropy")
        model.layers[0].trainable = False
        model.compile("adam", "categorical_crossentropy")
        before = model.get_weights()
        model.fit(X, ONE_HOT, epochs=2, verbose=0)
        moved = [bool((a != b).any()) for a, b in zip(before, model.get_weights(), strict=True)]
        return [str(moved), model.get_weights(), len(model.optimizer.variables)]

    close(program, TERMS)


def own_model(tf: Any) -> list[Any]:
    keras = tf.keras

    class Net(keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.hidden = [keras.layers.Dense(4, activation="relu"), keras.layers.Dropout(0.5)]
            self.out = keras.layers.Dense(2)

        def call(self, inputs: Any, training: bool = False) -> Any:
            for layer in self.hidden:
                inputs = layer(inputs)
            return self.out(inputs)

    model = Net()
    model.compile("sgd", "mse", metrics=["mae"])
    history = model.fit(X, Y, epochs=2, batch_size=5, verbose=0, validation_split=0.2)
    names = (
        [v.path for v in model.weights],
        [type(v).__name__ for v in model.layers],
        model.count_params(),
    )
    return [history.history, model.predict(X, verbose=0), names]


def test_own_model() -> None:
    close(own_model, TERMS)


def own_step(tf: Any) -> list[Any]:
    keras = tf.keras

    class Doubled(keras.Sequential):
        def train_step(self, data: Any) -> Any:
            x, y = data
            with tf.GradientTape() as tape:
                loss = 2 * self.compute_loss(x, y, self(x, training=True))
            variables = self.trainable_variables
            self.optimizer.apply_gradients(
                zip(tape.gradient(loss, variables), variables, strict=True)
            )
            return {"double": loss}

    model = Doubled([keras.Input((3,)), keras.layers.Dense(2)])
    model.compile("sgd", "mse")
    return [model.fit(X, Y, batch_size=11, epochs=2, verbose=0).history]


def test_own_step() -> None:
    close(own_step, TERMS)


def frozen(tf: Any) -> None:
    model = linear(tf)
    model.trainable = False
    model.compile("sgd", "mse")
    model.fit(X, Y, verbose=0)


# name -> (program, what both texts say, what ours says)
COMPLAINTS: dict[str, tuple[Any, str, str]] = {
    "not compiled": (
        lambda tf: convnet(tf).fit(IMAGES, DIGITS),
        "You must call `compile()` before using the model.",
        "",
    ),
    "evaluate not compiled": (
        lambda tf: convnet(tf).evaluate(IMAGES, DIGITS),
        "You must call `compile()` before using the model.",
        "",
    ),
    "no loss": (
        lambda tf: linear(tf, loss=None).fit(X, Y, verbose=0),
        "No loss to compute. Provide a `loss` argument in `compile()`.",
        "",
    ),
    "generator ends": (
        lambda tf: linear(tf).fit(pairs(), epochs=1, shuffle=False, verbose=0),
        RAN_OUT,
        "",
    ),
    "data run out": (
        lambda tf: linear(tf).fit(X, Y, batch_size=11, epochs=2, steps_per_epoch=3, verbose=0),
        RAN_OUT,
        "",
    ),
    "metrics text": (
        lambda tf: linear(tf, metrics="accuracy"),
        "metrics=",
        "compile: `metrics` must be a list, tuple or dict",
    ),
    "weighted metrics text": (
        lambda tf: linear(tf, weighted_metrics="accuracy"),
        "weighted_metrics=",
        "compile: `weighted_metrics` must be a list, tuple or dict",
    ),
    "unknown metric": (
        lambda tf: linear(tf, metrics=["foo"]).fit(X, Y, verbose=0),
        "Could not interpret metric identifier: foo",
        "",
    ),
    "unknown loss": (
        lambda tf: linear(tf, loss="foo").fit(X, Y, verbose=0),
        "Could not interpret loss identifier: foo",
        "",
    ),
    "unknown optimizer": (
        lambda tf: linear(tf, optimizer="foo"),
        "Could not interpret optimizer identifier: foo",
        "",
    ),
    "unknown argument": (
        lambda tf: linear(tf, foo=1),
        "Trainer.compile() got an unexpected keyword argument 'foo'",
        "",
    ),
    "nothing to train": (frozen, "", "has no weights to train: none, or all are frozen"),
}


@pytest.mark.parametrize("name", COMPLAINTS)
def test_complaints(name: str) -> None:
    complain_alike(*COMPLAINTS[name])


def test_no_truth() -> None:
    for tf in (tensorflow, scratchnet):
        with pytest.raises(ValueError, match="None values not supported"):
            linear(tf).fit(X, verbose=0)


def test_fit_arguments_in_compile() -> None:
    """Keras 3 refuses them; TensorFlow 2.0, for which notebooks were written, overlooked them."""
    with pytest.warns(UserWarning, match="is an argument of fit") as caught:
        linear(scratchnet, validation_split=0.1, shuffle=True)
    texts = [str(w.message) for w in caught]
    assert [t.split("`")[1] for t in texts] == ["validation_split", "shuffle"]
    assert all("is an argument of fit()" in t for t in texts)
    assert "fit(…, validation_split=0.1)" in texts[0]


def test_labels_that_are_nan_are_refused_by_fit() -> None:
    """Keras computes with whatever integer nan is cast to."""
    model = linear(scratchnet, loss="sparse_categorical_crossentropy")
    with pytest.raises(ValueError, match="`y_true` must hold finite labels, received y_true=nan"):
        model.fit(X, np.full(22, np.nan, "f"), verbose=0)


def test_metrics_are_found_wherever_the_model_holds_them() -> None:
    class Counting(scratchnet.keras.layers.Layer):
        def __init__(self) -> None:
            super().__init__()
            self.held: list[Any] = []

        def call(self, x: Any) -> Any:
            for metric in self.held:
                metric.update_state(x)
            return x

    layer = Counting()
    model = scratchnet.keras.Sequential([layer, scratchnet.keras.layers.Dense(1)])
    model.compile("sgd", "mse", metrics=["mae", "mae"])
    x, y = np.ones((4, 2), np.float32), np.zeros((4, 1), np.float32)
    model.train_on_batch(x, y)
    assert model.metrics_names == ["loss", "compile_metrics"]
    elsewhere = scratchnet.keras.metrics.Mean("elsewhere")
    assert model.metrics_names == ["loss", "compile_metrics"]
    layer.held.append(scratchnet.keras.metrics.Mean("inner"))  # after a step, in a list
    assert model.metrics_names == ["loss", "compile_metrics", "inner"]
    assert model.train_on_batch(x, y, return_dict=True)["inner"] == 1.0
    layer.held.append(copy.deepcopy(elsewhere))
    assert model.metrics_names == ["loss", "compile_metrics", "inner", "elsewhere"]
    del layer.held[:], elsewhere
    assert model.metrics_names == ["loss", "compile_metrics"]


@pytest.mark.parametrize("outputs", [1, 3])
def test_metrics_of_several_numbers_are_arrays(outputs: int) -> None:
    def program(tf: Any) -> list[Any]:
        tf.keras.utils.set_random_seed(1)
        layers = [tf.keras.Input((4,)), tf.keras.layers.Dense(outputs, activation="sigmoid")]
        model = tf.keras.Sequential(layers)
        model.compile("sgd", "mse", metrics=[tf.keras.metrics.F1Score(name="f")])
        rng = np.random.default_rng(0)
        x, y = rng.random((8, 4)), (rng.random((8, outputs)) > 0.5).astype("f")
        history = model.fit(x, y, epochs=1, verbose=0, validation_data=(x, y)).history
        found = [*history["f"], *history["val_f"], model.evaluate(x, y, verbose=0)[1]]
        return [(type(value), value.dtype.name, value.round(5).tolist()) for value in found]

    assert program(scratchnet) == program(tensorflow)
