"""fit, evaluate, predict and their friends against Keras's, on the same program."""

from __future__ import annotations

import copy
import inspect
import warnings
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


def test_state_of_a_new_model_and_of_a_compiled_one() -> None:
    """What `compile` says of itself by default, with each option, and once more."""

    def state(model: Any) -> list[Any]:
        names = ("compiled", "loss", "stop_training", "run_eagerly", "steps_per_execution")
        found = [getattr(model, name) for name in names]
        tracked = [m.name for m in model.metrics]
        return [
            *found,
            type(model.optimizer).__name__,
            getattr(model, "jit_compile", None),
            tracked,
        ]

    def program(tf: Any) -> list[Any]:
        model = tf.keras.Sequential([tf.keras.Input((3,)), tf.keras.layers.Dense(2)])
        found = [[model.compiled, getattr(model, "optimizer", None), model.metrics_names]]
        found[0] += [model.get_compile_config(), model.metrics]
        model.compile()
        found.append(state(model))
        model.stop_training = True
        options = {"run_eagerly": True, "steps_per_execution": 3, "jit_compile": False}
        model.compile("adam", "mae", [2.0], ["mae"], ["mse"], **options)
        found.append(state(model))
        model.compile("sgd")  # the loss and the metrics stay
        found.append(state(model))
        model.compile("sgd", metrics=[])
        found.append(state(model))
        for jit in (True, None, "auto", False):
            model.compile("sgd", jit_compile=jit)
            found.append([model.jit_compile])
        return found

    same(program)


@pytest.mark.parametrize(
    ("options", "kind", "said"),
    [
        (
            {"steps_per_execution": None},
            TypeError,
            "`steps_per_execution` must be an integer of at",
        ),
        ({"steps_per_execution": 0}, ValueError, "`steps_per_execution` must be an integer of at "),
        ({"steps_per_execution": 1.0}, TypeError, "`steps_per_execution` must be an integer of at"),
        ({"run_eagerly": np.ones(2)}, ValueError, "`run_eagerly` must be"),
        (
            {"jit_compile": "xla"},
            ValueError,
            "`jit_compile` must be True, False, 'auto' or None, re",
        ),
        ({"jit_compile": np.ones(2)}, ValueError, "`jit_compile` must be True, False, 'auto' or N"),
        (
            {"metrics": np.ones(2)},
            ValueError,
            "`metrics` must be a list, tuple or dict, received m",
        ),
        ({"weighted_metrics": np.ones(2)}, ValueError, "`weighted_metrics` must be a list, tuple"),
        ({"loss": "mse", "loss_weights": np.ones(2)}, ValueError, "`loss_weights` must be a numbe"),
        ({"loss": "mse", "loss_weights": {1}}, ValueError, "`loss_weights` must be a number, or a"),
    ],
)
def test_what_compile_refuses(options: dict[str, Any], kind: type[Exception], said: str) -> None:
    model = linear(scratchnet)
    with pytest.raises(kind) as caught:
        model.compile(**options)
    assert str(caught.value).startswith(f"compile: {said}")


def test_misplaced_arguments_are_errors_if_that_is_asked_for() -> None:
    scratchnet.keras.config.enable_strict_compile()
    try:
        with pytest.raises(TypeError, match="got an unexpected keyword argument 'shuffle'"):
            linear(scratchnet, shuffle=True)
    finally:
        scratchnet.keras.config.disable_strict_compile()
    with pytest.warns(UserWarning, match="compile") as caught:
        linear(scratchnet, shuffle=True)
    assert str(caught[0].message) == (
        "compile(): `shuffle` is an argument of fit() and has no effect here; "
        "call fit(…, shuffle=True) instead."
    )


@pytest.mark.parametrize("method", ["fit", "evaluate", "train_on_batch", "test_on_batch"])
def test_it_must_be_compiled(method: str) -> None:
    def program(tf: Any) -> None:
        model = tf.keras.Sequential([tf.keras.Input((3,)), tf.keras.layers.Dense(2)])
        getattr(model, method)(X, Y)

    complain_alike(program, "You must call `compile()` before using the model.")


def test_a_compile_of_ones_own_is_left_alone() -> None:
    class Own(scratchnet.keras.Sequential):  # type: ignore[misc]
        def compile(self, *args: Any, **kwargs: Any) -> None:
            raise AssertionError("called")

    with pytest.warns(UserWarning, match=r"^`compile\(\)` was not called as part of model loading"):
        Own().compile_from_config({"optimizer": "sgd"})


def noting(tf: Any) -> Any:
    """A model whose steps only write down what they were handed, and these notes."""
    notes: list[Any] = []

    class Noting(tf.keras.Model):  # type: ignore[misc, name-defined]
        def train_step(self, data: Any) -> Any:
            notes.append(["train", [None if x is None else tuple(x.shape) for x in data]])
            return {"loss": 1.0}

        def test_step(self, data: Any) -> Any:
            notes.append(["test", [None if x is None else tuple(x.shape) for x in data]])
            return {"loss": 2.0}

    model = Noting()
    model.compile(run_eagerly=True)
    return model, notes


STEPS: dict[str, dict[str, Any]] = {
    "plain": {},
    "sizes": {"batch_size": 10, "validation_data": (X, Y)},
    "other size": {
        "batch_size": 10,
        "validation_data": (X, Y, WEIGHTS),
        "validation_batch_size": 9,
    },
    "its size": {"validation_data": (X, Y), "validation_batch_size": 20},
    "share": {"validation_split": 0.5, "batch_size": 8, "sample_weight": WEIGHTS},
    "both": {"validation_split": 0.5, "validation_data": (X[:3], Y[:3])},
    "steps": {"batch_size": 4, "steps_per_epoch": 2, "epochs": 2},
    "some steps": {"batch_size": 4, "validation_data": (X, Y), "validation_steps": 2, "epochs": 2},
    "every other": {"validation_data": (X, Y), "validation_freq": 2, "epochs": 4},
    "listed": {"validation_data": (X, Y), "validation_freq": [1, 4], "epochs": 4},
    "late": {"initial_epoch": 2, "epochs": 4},
    "too late": {"initial_epoch": 4, "epochs": 4},
    "none": {"epochs": 0},
}


@pytest.mark.filterwarnings("ignore:.*ran out of data:UserWarning")
@pytest.mark.parametrize("name", STEPS)
def test_which_steps_are_taken(name: str) -> None:
    """Of which samples, in which epochs; and what the history has of them."""

    def program(tf: Any) -> list[Any]:
        model, notes = noting(tf)
        history = model.fit(X, Y, shuffle=False, verbose=0, **STEPS[name])
        options = {"batch_size": 9, "verbose": 0}
        value = model.evaluate(X, Y, sample_weight=WEIGHTS, steps=2, **options)
        several = model.evaluate(X, Y, return_dict=True, **options)
        return [notes, history.epoch, history.history, value, several, model.history is history]

    same(program)


def test_a_training_that_was_stopped_begins_again() -> None:
    def program(tf: Any) -> list[Any]:
        model, notes = noting(tf)
        stop = tf.keras.callbacks.LambdaCallback(
            on_epoch_end=lambda epoch, logs: setattr(model, "stop_training", epoch == 1)
        )
        runs = []
        for callbacks in ([stop], [], None):
            runs.append(model.fit(X, Y, epochs=4, verbose=0, callbacks=callbacks).epoch)
            runs.append(model.stop_training)
        model._initial_epoch = 3  # as `BackupAndRestore` sets it
        runs.append(model.fit(X, Y, epochs=4, verbose=0, initial_epoch=1).epoch)
        return [runs, len(notes)]

    same(program)


def test_a_list_of_callbacks_of_ones_own_is_taken_as_it_is() -> None:
    def program(tf: Any) -> list[Any]:
        model, _ = noting(tf)
        callbacks = tf.keras.callbacks
        group = callbacks.CallbackList([callbacks.History()], model=model, epochs=7)
        history = model.fit(X, Y, epochs=2, callbacks=group, verbose=2)
        model.evaluate(X, Y, callbacks=group, verbose=2)
        return [history is group.callbacks[0], history.epoch, group.params, len(group.callbacks)]

    same(program)


def test_the_bar_is_drawn_unless_it_is_silent(capsys: pytest.CaptureFixture[str]) -> None:
    model, _ = noting(scratchnet)
    for method, data in ((model.fit, (X, Y)), (model.evaluate, (X, Y))):
        for verbose, drawn in ((0, False), (1, True), (2, True), ("auto", True), (False, False)):
            method(*data, verbose=verbose)
            assert bool(capsys.readouterr().out) == drawn
        method(*data)
        assert capsys.readouterr().out
    chain = linear(scratchnet)
    chain.predict(X, verbose=0)
    assert capsys.readouterr().out == ""
    chain.predict(X)
    assert "1/1" in capsys.readouterr().out


def test_predictions_in_their_structure() -> None:
    """Of one batch and of several, of steps and of all, in dicts and lists."""

    def program(tf: Any) -> list[Any]:
        x = tf.keras.Input((3,))
        y, z = tf.keras.layers.Dense(2)(x), tf.keras.layers.Dense(1)(x)
        found: list[Any] = []
        for ends in (y, [y, z], {"b": z, "a": y}, (z, y)):
            model = tf.keras.Model(x, ends)
            for options in ({}, {"batch_size": 9}, {"batch_size": 9, "steps": 2}):
                found.append(model.predict(X, verbose=0, **options))
            found.append(model.predict_on_batch(X[:5]))
        kinds = [type(part).__name__ for part in found]
        return [kinds, found]

    def plain(tf: Any) -> list[Any]:
        kinds, found = program(tf)
        return [*kinds, *found]

    close(plain, TERMS)
    nothing = scratchnet.data.Dataset.from_tensor_slices(X[:0]).batch(2)
    with (
        pytest.raises(ValueError, match="predict: `x` must hold at least one sample, received x="),
        pytest.warns(UserWarning, match="ran out of data"),
    ):
        linear(scratchnet).predict(nothing, verbose=0)


def test_losses_that_are_added() -> None:
    """Of scalars and arrays, with a loss and without one; without any it is refused."""

    def program(tf: Any) -> list[Any]:
        class Adding(tf.keras.layers.Layer):  # type: ignore[misc, name-defined]
            def call(self, x: Any) -> Any:
                self.add_loss(tf.reduce_sum(x))
                self.add_loss(tf.reduce_mean(x, axis=1))
                return x

        found: list[Any] = []
        for loss in ("mse", None):
            model = tf.keras.Sequential([tf.keras.Input((3,)), Adding(), tf.keras.layers.Dense(2)])
            model.compile("sgd", loss, run_eagerly=True)
            found += [model.train_on_batch(X, Y)] if loss else []
            found += [model.test_on_batch(X, Y), float(model.compute_loss(X, Y, model(X)))]
        return found

    close(program, 200)

    def without(tf: Any) -> None:
        model = tf.keras.Sequential([tf.keras.Input((3,)), tf.keras.layers.Dense(2)])
        model.compile("sgd")
        model.compute_loss(X, Y, model(X))

    complain_alike(without, "No loss to compute. Provide a `loss` argument in `compile()`.")


def test_a_model_without_an_optimizer() -> None:
    """It can be measured; training it is refused, unless there is nothing to train."""
    model = scratchnet.keras.Sequential(
        [scratchnet.keras.Input((3,)), scratchnet.keras.layers.ReLU()]
    )
    model.compile(None, "mse")
    assert model.test_on_batch(X, X) > 0
    with pytest.warns(
        UserWarning, match="^fit: 'sequential.*' has no weights to train: none, or a"
    ):
        model.train_on_batch(X, X)
    model = linear(scratchnet, optimizer=None)
    with pytest.raises(
        AttributeError, match="compile: `optimizer` must be given to train, receive"
    ):
        model.train_on_batch(X, Y)


@pytest.mark.parametrize("return_dict", [False, True])
def test_values_in_their_order(return_dict: bool) -> None:
    """The loss, the metrics of `compile`, those of the model; other names by the alphabet."""

    def program(tf: Any) -> list[Any]:
        class Own(tf.keras.Sequential):  # type: ignore[misc, name-defined]
            def test_step(self, data: Any) -> Any:
                return {"z": 1.0, **super().test_step(data), "a": 2.0}

        kinds, found = (tf.keras.Sequential, Own), []
        for kind in kinds:
            model = kind([tf.keras.Input((3,)), tf.keras.layers.Dense(2)])
            model.extra = tf.keras.metrics.Mean("extra")
            model.extra.update_state(7.0)
            model.compile("sgd", "mse", metrics=["mse", "mae"], weighted_metrics=["mae"])
            told = model.test_on_batch(X, Y, return_dict=return_dict)
            found += [list(told) if return_dict else [], told]
        return found

    close(program, TERMS)


def test_older_names_of_losses_and_metrics() -> None:
    def program(tf: Any) -> list[Any]:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            model = linear(tf, metrics=["mae"])
            model.train_on_batch(X, Y)
            model.reset_metrics()
            predicted = model(X)
            loss = float(model.compiled_loss(Y, predicted))
            weighted = float(model.compiled_loss(Y, predicted, WEIGHTS))
            model.compiled_metrics.update_state(Y, predicted)
            found = {name: float(value) for name, value in model.get_metrics_result().items()}
        texts = [str(w.message) for w in caught if "deprecated" in str(w.message)]
        return [loss, weighted, found, *texts]

    close(program, TERMS)


def test_the_parts_of_a_step_by_hand() -> None:
    def program(tf: Any) -> list[Any]:
        model = linear(tf, metrics=["mae"], weighted_metrics=["mae"])
        predicted = model(X)
        found: list[Any] = [float(model.compute_loss(None, Y, predicted, WEIGHTS))]
        found.append(model.train_on_batch(X, Y, WEIGHTS))
        told = model.compute_metrics(X, Y, predicted, WEIGHTS)
        found.append({name: float(value) for name, value in told.items()})
        model.reset_metrics()
        found.append({name: float(v) for name, v in model.get_metrics_result().items()})
        for weight in (None, WEIGHTS):
            found.append(model.train_on_batch(X, Y, sample_weight=weight, return_dict=True))
            found.append(model.test_on_batch(X, Y, sample_weight=weight, return_dict=True))
        return found

    close(program, 200)


def test_averages_of_weights_are_taken_over_at_the_end() -> None:
    """Not if no epoch was trained."""

    def program(tf: Any) -> list[Any]:
        found = []
        for epochs in (0, 1):
            optimizer = tf.keras.optimizers.SGD(0.5, use_ema=True, ema_momentum=0.5)
            model = linear(tf, optimizer=optimizer)
            model.train_on_batch(X, Y)
            model.fit(X, Y, batch_size=11, epochs=epochs, shuffle=False, verbose=0)
            found += model.get_weights()
        return found

    close(program, 200)


def test_a_shape_is_kept_for_models_that_are_not_built() -> None:
    def program(tf: Any) -> list[Any]:
        class Own(tf.keras.Model):  # type: ignore[misc, name-defined]
            def __init__(self) -> None:
                super().__init__()
                self.dense = tf.keras.layers.Dense(2)

            def call(self, x: Any) -> Any:
                return self.dense(x)

        found = []
        for method in ("fit", "evaluate"):
            model = Own()
            model.compile("sgd", "mse")
            getattr(model, method)(X, Y, verbose=0)
            found.append(model.get_build_config())
        return found

    same(program)


def test_names_of_metrics_of_several_outputs() -> None:
    """With the name of the output before them, if there are several; of equal names all count."""

    def program(tf: Any) -> list[Any]:
        x = tf.keras.Input((3,))
        y, z = (tf.keras.layers.Dense(2, name=name)(x) for name in "yz")
        found: list[Any] = []
        own = tf.keras.metrics.MeanAbsoluteError(name="own")
        for outputs, metrics, weighted in (
            (y, ["mae", "mae", "mae", "mse"], ["mae", "mae", "mse"]),
            ([y], ["mae"], ["mse"]),
            ([y, z], [["mae", "mae"], None], [None, ["mse", "mse"]]),
            ([y, z], {"z": ["mae", own]}, {"y": ["mae"], "z": ["mae"]}),
            ([y, z], None, [["mse"], []]),
            ([y, z], [[], ["accuracy"]], None),
        ):
            model = tf.keras.Model(x, outputs)
            model.compile("sgd", "mse", None, metrics, weighted, run_eagerly=True)
            truth = Y if outputs is y else [Y, 2 * Y][: len(outputs)]
            for weights in (None, WEIGHTS):
                weight = weights
                if weights is not None and outputs is not y:
                    weight = [weights, 3 * weights][: len(outputs)]
                told = model.test_on_batch(X, truth, sample_weight=weight, return_dict=True)
                found += [*told, told, model.test_on_batch(X, truth, sample_weight=weight)]
        return found

    close(program, TERMS)


def test_accuracies_are_chosen_by_the_shapes() -> None:
    def program(tf: Any) -> list[Any]:
        found: list[Any] = []
        for outputs, truth in ((1, CLASSES[:, None] % 2), (4, CLASSES), (4, ONE_HOT)):
            for name in ("accuracy", "acc"):
                model = tf.keras.Sequential([tf.keras.Input((3,)), tf.keras.layers.Dense(outputs)])
                model.compile("sgd", metrics=[name])
                told = model.compute_metrics(X, truth, model(X))
                found += [(key, float(value)) for key, value in told.items() if key != "loss"]
        return found

    close(program, TERMS)


@pytest.mark.parametrize(
    "method",
    [
        *("compile", "fit", "evaluate", "predict", "train_step", "test_step", "predict_step"),
        *("train_on_batch", "test_on_batch", "predict_on_batch", "compute_loss", "compute_metrics"),
        *("get_metrics_result", "reset_metrics", "get_compile_config", "compile_from_config"),
    ],
)
def test_what_methods_take(method: str) -> None:
    """The names and defaults of Keras's."""

    def program(tf: Any) -> list[Any]:
        taken = inspect.signature(getattr(tf.keras.Model, method)).parameters.values()
        return [(p.name, p.default) for p in taken if p.kind is not p.VAR_KEYWORD]

    same(program)


def test_evaluate_builds_a_model_for_batches_of_any_size() -> None:
    model = scratchnet.keras.Sequential([scratchnet.keras.layers.Dense(1)])
    model.compile(loss="mse")
    model.evaluate(np.ones((5, 3), "f"), np.ones((5, 1), "f"), batch_size=5, verbose=0)
    assert model.input_shape == (None, 3)
    assert model.predict(np.ones((2, 3), "f"), verbose=0).shape == (2, 1)
