"""fit, evaluate, predict and their friends against Keras's, on the same program."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import tensorflow

import scratchnet
from tests.keras_twin import close, complain_alike, prints_the_same, same, twins

RNG = np.random.default_rng(3)
X = RNG.normal(size=(22, 3)).astype("f")
Y = RNG.normal(size=(22, 2)).astype("f")
CLASSES = RNG.integers(0, 4, 22)
ONE_HOT = np.eye(4, dtype="f")[CLASSES]
WEIGHTS = RNG.random(22).astype("f") * 3
IMAGES = RNG.random((20, 8, 8, 1)).astype("f")
DIGITS = np.eye(3, dtype="f")[RNG.integers(0, 3, 20)]

# Sums over the few rows of a batch, some steps after each other.
TERMS = 60


def linear(tf: Any, outputs: int = 2, **compiled: Any) -> Any:
    keras = tf.keras
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(outputs)])
    settings = {"optimizer": keras.optimizers.SGD(0.05), "loss": "mse", **compiled}
    model.compile(**settings)
    return model


def classifier(tf: Any, **compiled: Any) -> Any:
    keras = tf.keras
    layers = [keras.layers.Dense(5, activation="relu"), keras.layers.Dense(4, activation="softmax")]
    model = keras.Sequential([keras.Input((3,)), *layers])
    model.compile(**{"optimizer": keras.optimizers.SGD(0.1), **compiled})
    return model


def convnet(tf: Any) -> Any:
    k = tf.keras.layers
    return tf.keras.Sequential(
        [
            k.Conv2D(4, 3, activation="relu"),
            k.MaxPooling2D(),
            k.Dropout(0.3),
            k.Flatten(),
            k.BatchNormalization(),
            k.Dense(3, activation="softmax"),
        ]
    )


# -- History --------------------------------------------------------------------------------------

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


def test_arrays_are_not_copied_without_need() -> None:
    from scratchnet.keras.models.data_adapter import ArrayBatches

    batches = ArrayBatches(X, Y, None, 4, False)
    for x, y in batches:
        assert np.shares_memory(x._data, X)
        assert np.shares_memory(y._data, Y)


def test_inputs_come_back_unchanged() -> None:
    kept = X.copy(), Y.copy(), WEIGHTS.copy()
    linear(scratchnet).fit(X, Y, sample_weight=WEIGHTS, epochs=2, verbose=0)
    predictions = scratchnet.keras.Sequential([scratchnet.keras.layers.Flatten()]).predict(
        X, verbose=0
    )
    predictions[:] = 0  # an array of its own, even from a model that does nothing
    for before, after in zip(kept, (X, Y, WEIGHTS), strict=True):
        np.testing.assert_array_equal(before, after)


# -- kinds of data --------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["tensors", "float64", "integers", "uint8"])
def test_kinds_of_arrays(kind: str) -> None:
    def program(tf: Any) -> list[Any]:
        x, y = {
            "tensors": (tf.constant(X), tf.constant(Y)),
            "float64": (X.astype("float64"), Y.astype("float64")),
            "integers": ((X * 9).astype(int), (Y * 9).astype(int)),
            "uint8": (np.abs(X * 20).astype("uint8"), Y),
        }[kind]
        model = linear(tf, optimizer=tf.keras.optimizers.SGD(1e-4))
        history = model.fit(x, y, batch_size=5, verbose=0, validation_split=0.2)
        return [history.history, model.evaluate(x, y, verbose=0), model.predict(x, verbose=0)]

    close(program, TERMS)


@pytest.mark.parametrize("kind", ["one-hot", "classes", "column"])
def test_class_weight(kind: str) -> None:
    y = {"one-hot": ONE_HOT, "classes": CLASSES, "column": CLASSES[:, None]}[kind]
    loss = "categorical_crossentropy" if kind == "one-hot" else "sparse_categorical_crossentropy"

    def program(tf: Any) -> list[Any]:
        model = classifier(tf, loss=loss, metrics=["accuracy"], weighted_metrics=["accuracy"])
        history = model.fit(X, y, batch_size=5, class_weight={0: 1.0, 1: 3.0, 3: 0.5}, verbose=0)
        return [
            ",".join(history.history),
            history.history,
            model.train_on_batch(X, y, class_weight={2: 2.0}),
        ]

    close(program, TERMS)


def dataset(tf: Any) -> Any:
    return tf.data.Dataset.from_tensor_slices((X, Y)).batch(4)


def test_dataset() -> None:
    def program(tf: Any) -> list[Any]:
        model = linear(tf, metrics=["mae"])
        history = model.fit(
            dataset(tf), epochs=2, shuffle=False, verbose=0, validation_data=dataset(tf)
        )
        return [
            history.history,
            model.evaluate(dataset(tf), verbose=0),
            model.predict(dataset(tf), verbose=0),
        ]

    close(program, TERMS)


def test_shuffled_dataset() -> None:
    """Which of its orders each epoch gets: every second reading."""

    def program(tf: Any) -> list[Any]:
        data = tf.data.Dataset.from_tensor_slices((X, Y)).shuffle(22, seed=5).batch(4)
        model = linear(tf)
        history = model.fit(data, epochs=3, shuffle=False, verbose=0)
        return [history.history, model.fit(data, epochs=1, shuffle=False, verbose=0).history]

    close(program, TERMS)


def test_repeated_dataset() -> None:
    def program(tf: Any) -> list[Any]:
        model = linear(tf)
        history = model.fit(
            dataset(tf).repeat(), epochs=3, steps_per_epoch=4, shuffle=False, verbose=0
        )
        return [history.history, model.evaluate(dataset(tf).repeat(), steps=2, verbose=0)]

    close(program, TERMS)


def test_weighted_dataset() -> None:
    def program(tf: Any) -> list[Any]:
        data = tf.data.Dataset.from_tensor_slices((X, Y, WEIGHTS)).batch(4)
        model = linear(tf, weighted_metrics=["mae"])
        return [model.fit(data, shuffle=False, verbose=0).history, model.evaluate(data, verbose=0)]

    close(program, TERMS)


def test_class_weight_of_a_dataset() -> None:
    def program(tf: Any) -> list[Any]:
        data = tf.data.Dataset.from_tensor_slices((X, CLASSES.astype("int32"))).batch(4)
        model = classifier(tf, loss="sparse_categorical_crossentropy")
        return [
            model.fit(data, class_weight={0: 1.0, 1: 3.0, 3: 0.5}, shuffle=False, verbose=0).history
        ]

    close(program, TERMS)


def pairs() -> Iterator[tuple[np.ndarray, np.ndarray]]:
    for at in range(0, 20, 5):
        yield X[at : at + 5], Y[at : at + 5]


def test_generator() -> None:
    def program(tf: Any) -> list[Any]:
        history = linear(tf).fit(
            itertools.cycle(pairs()), epochs=2, steps_per_epoch=3, shuffle=False, verbose=0
        )
        return [history.history]

    ours = program(scratchnet)
    scratchnet.keras.utils.set_random_seed(1)
    tensorflow.keras.utils.set_random_seed(1)
    ours = program(scratchnet)

    def cycled(tf: Any) -> list[Any]:
        def forever() -> Iterator[Any]:
            yield from itertools.cycle(pairs())

        return [
            linear(tf).fit(forever(), epochs=2, steps_per_epoch=3, shuffle=False, verbose=0).history
        ]

    theirs, from_generator = twins(cycled)
    np.testing.assert_allclose(from_generator[0]["loss"], theirs[0]["loss"], rtol=1e-5)
    np.testing.assert_allclose(ours[0]["loss"], theirs[0]["loss"], rtol=1e-5)


@pytest.mark.filterwarnings("ignore:.*ran out of data:UserWarning")
def test_generator_that_ends() -> None:
    close(lambda tf: linear(tf).fit(pairs(), epochs=1, shuffle=False, verbose=0).history, TERMS)


def test_any_iterable_with_a_length() -> None:
    class Halves:
        def __len__(self) -> int:
            return 2

        def __iter__(self) -> Iterator[Any]:
            yield X[:11], Y[:11]
            yield X[11:], Y[11:]

    scratchnet.keras.utils.set_random_seed(1)
    from_iterable = linear(scratchnet).fit(Halves(), epochs=2, shuffle=False, verbose=0).history
    scratchnet.keras.utils.set_random_seed(1)
    from_arrays = (
        linear(scratchnet).fit(X, Y, batch_size=11, epochs=2, shuffle=False, verbose=0).history
    )
    assert from_iterable == from_arrays


# -- evaluate, predict, one batch -----------------------------------------------------------------


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


# -- callbacks ------------------------------------------------------------------------------------

HOOKS = [
    f"on_{what}{part}"
    for what in ("train", "test", "predict", "epoch", "train_batch", "test_batch", "predict_batch")
    for part in ("_begin", "_end")
]


def recorder(tf: Any) -> tuple[Any, list[Any]]:
    """A callback that writes down every call, and its notes."""
    notes: list[Any] = []

    def hook(name: str) -> Any:
        return lambda self, *args, **kwargs: notes.append(
            (name, *(sorted(a) if isinstance(a, dict) else a for a in args), sorted(kwargs))
        )

    methods = {name: hook(name) for name in HOOKS}
    return type("Recorder", (tf.keras.callbacks.Callback,), methods)(), notes


RUNS: dict[str, Any] = {
    "fit": lambda m, c: m.fit(
        X, Y, batch_size=11, epochs=2, validation_data=(X, Y), verbose=0, callbacks=[c]
    ),
    "evaluate": lambda m, c: m.evaluate(X, Y, batch_size=11, verbose=0, callbacks=[c]),
    "predict": lambda m, c: m.predict(X, batch_size=11, verbose=0, callbacks=[c]),
}


@pytest.mark.parametrize("name", RUNS)
def test_callback_order(name: str) -> None:
    def program(tf: Any) -> list[Any]:
        callback, notes = recorder(tf)
        RUNS[name](linear(tf), callback)
        return [*notes, callback.params]

    same(program)


@pytest.mark.filterwarnings("ignore:.*ran out of data:UserWarning")
def test_callback_order_when_data_run_out() -> None:
    def program(tf: Any) -> list[Any]:
        callback, notes = recorder(tf)
        linear(tf).fit(
            X, Y, batch_size=11, epochs=3, steps_per_epoch=3, verbose=0, callbacks=[callback]
        )
        data = dataset(tf).filter(lambda x, y: True)  # of unknown length
        linear(tf).fit(data, epochs=2, shuffle=False, verbose=0, callbacks=[callback])
        return [*notes, callback.params]

    same(program)


def test_running_values_in_callbacks() -> None:
    def program(tf: Any) -> list[Any]:
        seen: list[Any] = []
        callback = tf.keras.callbacks.LambdaCallback(
            on_train_batch_end=lambda batch, logs: seen.append(dict(logs)),
            on_epoch_end=lambda epoch, logs: seen.append(dict(logs)),
            on_train_end=lambda logs: seen.append(dict(logs)),
        )
        linear(tf, metrics=["mae"]).fit(X, Y, batch_size=4, epochs=2, verbose=0, callbacks=callback)
        return seen

    close(program, TERMS)


def test_stop_training() -> None:
    def program(tf: Any) -> list[Any]:
        callback, notes = recorder(tf)

        class Stop(tf.keras.callbacks.Callback):
            def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
                if batch == 1:
                    self.model.stop_training = True

        linear(tf).fit(X, Y, batch_size=4, epochs=5, verbose=0, callbacks=[Stop(), callback])
        return notes

    same(program)


def test_unknown_callback_method() -> None:
    with pytest.raises(TypeError, match="no method 'on_foo'"):
        scratchnet.keras.callbacks.LambdaCallback(on_foo=print)


# -- what is printed ------------------------------------------------------------------------------


def without_times(text: str) -> str:
    """The text of each finished line, without its times and what they push about."""
    text = re.sub("\x1b\\[1m\\d+s\x1b\\[0m", "TIME", text)
    text = re.sub(r"(?<= )\d+(s|ms|us)/step", "SPEED", text)
    text = re.sub(r"(?<=/\d - )\d+s(?= - )", "TIME", text)
    # Drawings in between come when the clock says so; the first and the last always come.
    lines = []
    for line in text.split("\n"):
        drawings = re.sub("\b+", "", line).split("\r")
        lines.append(
            [d.rstrip() for d in (drawings[:2] + drawings[-1:] if len(drawings) > 1 else drawings)]
        )
    return repr(lines)


PRINTS: dict[str, Any] = {
    "fit 1": lambda tf: linear(tf).fit(X, Y, batch_size=4, epochs=2),
    "fit 1 one epoch": lambda tf: linear(tf, metrics=["mae"]).fit(X, Y, verbose=1),
    "fit 2": lambda tf: linear(tf, metrics=["mae"]).fit(X, Y, batch_size=4, epochs=2, verbose=2),
    "fit 0": lambda tf: linear(tf).fit(X, Y, verbose=0),
    "validated 1": lambda tf: linear(tf).fit(X, Y, batch_size=4, epochs=2, validation_split=0.25),
    "validated 2": lambda tf: linear(tf).fit(X, Y, epochs=1, validation_split=0.25, verbose=2),
    "later": lambda tf: linear(tf).fit(X, Y, initial_epoch=2, epochs=4, verbose=2),
    "evaluate 1": lambda tf: linear(tf, metrics=["mae"]).evaluate(X, Y, batch_size=4),
    "evaluate 2": lambda tf: linear(tf, metrics=["mae"]).evaluate(X, Y, batch_size=4, verbose=2),
    "predict 1": lambda tf: linear(tf).predict(X, batch_size=4),
    "predict 2": lambda tf: linear(tf).predict(X, batch_size=4, verbose=2),
    "small values": lambda tf: linear(tf).fit(X * 1e-4, Y * 1e-4, verbose=2),
    "short epochs": lambda tf: linear(tf).fit(
        X, Y, batch_size=4, epochs=2, steps_per_epoch=3, verbose=2
    ),
    "unknown length": lambda tf: linear(tf).fit(
        dataset(tf).filter(lambda x, y: True), epochs=2, shuffle=False, verbose=2
    ),
    "two digits": lambda tf: linear(tf).fit(X, Y, batch_size=2, epochs=1),
}


@pytest.mark.parametrize("name", PRINTS)
@pytest.mark.filterwarnings("ignore:.*ran out of data:UserWarning")
def test_progress(name: str) -> None:
    prints_the_same(PRINTS[name], without_times)


class Clock:
    """A time of its own, that goes on by a step at each look."""

    def __init__(self, step: float) -> None:
        self.now, self.step = 1e9, step

    def time(self) -> float:
        self.now += self.step
        return self.now


@pytest.mark.parametrize("step", [1e-5, 3e-4, 0.02, 0.7, 2.0, 75.0, 4000.0])
@pytest.mark.parametrize("target", [7, 120, None])
@pytest.mark.parametrize("verbose", [1, 2])
def test_progbar(
    step: float, target: int | None, verbose: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Character for character, at equal times."""
    from keras.src.utils import progbar as theirs

    from scratchnet.keras.utils import progbar as ours

    def program(tf: Any) -> None:
        clock = Clock(step)
        for module in (theirs, ours):
            monkeypatch.setattr(module, "time", clock)
        bar = tf.keras.utils.Progbar(target, verbose=verbose, stateful_metrics=["b"])
        for i in range(1, 7):
            bar.update(i, [("a", 0.5 / i), ("b", -1e-4 * i), ("c", np.array([1.0, 2.0]) * i)])
        bar.add((target or 7) - 6, [("a", 2.0), ("b", 7.0)])
        bar.update(target or 8, [("a", 1.0)], finalize=True)

    prints_the_same(program)


# -- complaints -----------------------------------------------------------------------------------


def frozen(tf: Any) -> None:
    model = linear(tf)
    model.trainable = False
    model.compile("sgd", "mse")
    model.fit(X, Y, verbose=0)


RAN_OUT = "Your input ran out of data; interrupting training."

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
    "lengths": (
        lambda tf: linear(tf).fit(X, Y[:5], verbose=0),
        "Data cardinality is ambiguous. Make sure all arrays contain the same number of samples."
        "'x' sizes: 22\n'y' sizes: 5\n",
        "",
    ),
    "lengths of weights": (
        lambda tf: linear(tf).fit(X, Y, sample_weight=WEIGHTS[:5], verbose=0),
        "'x' sizes: 22\n'y' sizes: 22\n'sample_weight' sizes: 5\n",
        "",
    ),
    "lists": (
        lambda tf: linear(tf).fit([[1.0], [2.0]], [1.0, 2.0], verbose=0),
        "Unrecognized data type: x=[[1.0], [2.0]] (of type <class 'list'>)",
        "",
    ),
    "text": (
        lambda tf: linear(tf).fit("abc", Y, verbose=0),
        "Unrecognized data type: x=abc (of type <class 'str'>)",
        "",
    ),
    "truth in a list": (
        lambda tf: linear(tf).fit(X, [1.0] * 22, verbose=0),
        "Unrecognized data type: ",
        "y=[1.0",
    ),
    "split 1": (
        lambda tf: linear(tf).fit(X, Y, validation_split=1.0, verbose=0),
        "`validation_split",
        "must lie between 0 and 1, or be 0 for no validation, received validation_split=1.0",
    ),
    "dataset and y": (
        lambda tf: linear(tf).fit(dataset(tf), Y, verbose=0),
        "`y`",
        "must not be given where `x` is a Dataset",
    ),
    "dataset and weights": (
        lambda tf: linear(tf).fit(dataset(tf), sample_weight=Y, verbose=0),
        "`sample_weight",
        "must not be given where `x` is a Dataset",
    ),
    "dataset shuffled": (
        lambda tf: linear(tf).fit(dataset(tf), verbose=0),
        "`shuffle=True`",
        "has no effect where `x` is a Dataset",
    ),
    "generator shuffled": (
        lambda tf: linear(tf).fit(pairs(), steps_per_epoch=2, verbose=0),
        "`shuffle=True`",
        "has no effect where `x` is a generator",
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
    "empty dataset": (
        lambda tf: linear(tf).fit(
            tf.data.Dataset.from_tensor_slices((X[:0], Y[:0])).batch(4), shuffle=False, verbose=0
        ),
        RAN_OUT,
        "",
    ),
    "frequency": (
        lambda tf: linear(tf).fit(X, Y, validation_data=(X, Y), validation_freq="a", verbose=0),
        "validation_freq=",
        "must be an integer or a list of epochs",
    ),
    "both weights": (
        lambda tf: linear(tf).fit(X, Y, class_weight={0: 1.0}, sample_weight=WEIGHTS, verbose=0),
        "`class_weight` and `sample_weight`",
        "",
    ),
    "evaluate argument": (
        lambda tf: linear(tf).evaluate(X, Y, foo=3),
        "{'foo': 3}",
        "evaluate: unknown arguments",
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
    "one-hot for integers": (
        lambda tf: classifier(tf, loss="sparse_categorical_crossentropy").train_on_batch(
            X, ONE_HOT
        ),
        "must have rank (ndim) `target.ndim - 1`",
        "",
    ),
    "weights twice": (
        lambda tf: linear(tf).train_on_batch(X, Y, sample_weight=WEIGHTS, class_weight={0: 1.0}),
        "`class_weight`",
        "`class_weight` and `sample_weight` must not be given both",
    ),
    "nothing to train": (frozen, "", "has no weights to train: none, or all are frozen"),
}


NO_COUNTS: dict[str, dict[str, Any]] = {
    "steps_per_epoch": {"steps_per_epoch": -1},
    "steps_per_epoch ": {"steps_per_epoch": 2.0},
    "validation_steps": {"validation_data": (X, Y), "validation_steps": -1},
    "validation_freq": {"validation_data": (X, Y), "validation_freq": 0},
    "validation_freq ": {"validation_data": (X, Y), "validation_freq": (1,)},
    "initial_epoch": {"initial_epoch": 1.0},
    "callbacks": {"callbacks": 5},
    "callbacks ": {"callbacks": ["a"]},
    "callbacks  ": {"callbacks": [tensorflow.keras.callbacks.TerminateOnNaN]},
    "class_weight": {"class_weight": 5},
    "class_weight ": {"class_weight": [1.0, 2.0]},
    "class_weight  ": {"class_weight": {int(Y[0, 0]): "a"}},
}


@pytest.mark.parametrize("name", NO_COUNTS)
def test_what_fit_cannot_use_is_refused_with_keras_s_class(name: str) -> None:
    told = f"fit: `{name.strip()}` must"
    complain_alike(lambda tf: linear(tf).fit(X, Y, **{"verbose": 0, **NO_COUNTS[name]}), "", told)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("steps_per_epoch", 0), ("validation_steps", 0), ("initial_epoch", -1)),
        *(("validation_freq", -1), ("verbose", 3), ("verbose", "x"), ("verbose", None)),
        *(("shuffle", "x"), ("shuffle", 5), ("shuffle", None)),
        *(("class_weight", {"a": 1.0}), ("class_weight", {1: None})),
    ],
)
def test_what_keras_overlooks_in_fit_is_refused(name: str, value: Any) -> None:
    options: dict[str, Any] = {"validation_data": (X, Y), "verbose": 0, name: value}
    rule = rf"^fit: `{name}` must .*, received {re.escape(f'{name}={value!r}')}$"
    with pytest.raises(ValueError, match=rule):
        linear(scratchnet).fit(X, Y, **options)


@pytest.mark.parametrize("method", ["evaluate", "predict"])
def test_evaluate_and_predict_refuse_it_too(method: str) -> None:
    def called(**options: Any) -> Any:
        data = (X, Y) if method == "evaluate" else (X,)
        return lambda tf: getattr(linear(tf), method)(*data, **{"verbose": 0, **options})

    complain_alike(called(steps=-1), "", f"{method}: `steps` must be an integer of at least 1")
    complain_alike(called(steps="a"), "", f"{method}: `steps` must be an integer of at least 1")
    complain_alike(called(callbacks=5), "", f"{method}: `callbacks` must be a Callback")
    for name, value in (("steps", 0), ("verbose", 3)):
        with pytest.raises(ValueError, match=f"{method}: `{name}` must .* received {name}={value}"):
            called(**{name: value})(scratchnet)


def test_what_fit_takes_stays_allowed() -> None:
    def program(tf: Any) -> Any:
        options = {"validation_data": (X, Y), "validation_freq": [1, 3], "shuffle": False}
        options |= {"steps_per_epoch": None, "initial_epoch": 1, "verbose": False}
        weights = {np.int64(0): np.float32(2.0), 1: 1}
        options |= {"callbacks": tf.keras.callbacks.TerminateOnNaN(), "class_weight": weights}
        return linear(tf).fit(X, Y, epochs=3, **options).epoch

    same(program)


def test_one_batch_needs_a_dict_of_class_weights() -> None:
    complain_alike(
        lambda tf: linear(tf).train_on_batch(X, Y, class_weight=5),
        *("", "train_on_batch: `class_weight` must be a dict"),
    )


SETTINGS: dict[str, Any] = {
    "EarlyStopping: `patience`": lambda c: c.EarlyStopping("loss", 100, patience="a"),
    "EarlyStopping: `min_delta`": lambda c: c.EarlyStopping("loss", min_delta="a"),
    "ReduceLROnPlateau: `patience`": lambda c: c.ReduceLROnPlateau("loss", 0.1, "a", min_delta=99),
    "LearningRateScheduler: `schedule`": lambda c: c.LearningRateScheduler(5),
}


@pytest.mark.parametrize("name", SETTINGS)
def test_settings_of_callbacks_that_cannot_work(name: str) -> None:
    """Keras notices most of them in `fit`: here it is where they are given."""
    complain_alike(
        lambda tf: linear(tf).fit(
            X, Y, epochs=3, verbose=0, callbacks=[SETTINGS[name](tf.keras.callbacks)]
        ),
        *("", f"{name} must be a"),
    )
    with pytest.raises(TypeError, match=name):
        SETTINGS[name](scratchnet.keras.callbacks)


@pytest.mark.parametrize("name", ["clipnorm", "clipvalue", "global_clipnorm"])
def test_limits_of_gradients_that_are_none(name: str) -> None:
    """Keras takes a text, too, until the first step."""
    with pytest.raises(TypeError, match=f"SGD: `{name}` must be a number.*{name}='a'"):
        scratchnet.keras.optimizers.SGD(**{name: "a"})
    assert getattr(scratchnet.keras.optimizers.SGD(-1.0, **{name: 0.0}), name) == 0.0


@pytest.mark.parametrize("name", COMPLAINTS)
def test_complaints(name: str) -> None:
    complain_alike(*COMPLAINTS[name])


def test_split_of_a_dataset() -> None:
    for tf in (tensorflow, scratchnet):
        with pytest.raises(
            ValueError, match="`validation_split` is only supported for tensors or NumPy arrays"
        ):
            linear(tf).fit(dataset(tf), validation_split=0.2, verbose=0)


def test_too_many_parts() -> None:
    for tf in (tensorflow, scratchnet):
        with pytest.raises(ValueError, match=r"\(x, y, sample_weight\)"):
            linear(tf).fit(X, Y, validation_data=(X, Y, WEIGHTS, WEIGHTS), verbose=0)


@pytest.mark.parametrize("size", [-1, 2.5, "a"])
def test_batch_size(size: Any) -> None:
    with pytest.raises(ValueError, match="`batch_size` must be a positive integer"):
        linear(scratchnet).fit(X, Y, batch_size=size, verbose=0)


def test_arrays_of_words() -> None:
    with pytest.raises(ValueError, match="arrays must hold numbers"):
        linear(scratchnet).fit(np.array([["a"] * 3] * 22), Y, verbose=0)


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


NO_SAMPLES: dict[str, Any] = {
    "fit": lambda m: m.fit(X[:0], Y[:0], verbose=0),
    "fit with a split": lambda m: m.fit(X[:0], Y[:0], validation_split=0.5, verbose=0),
    "evaluate": lambda m: m.evaluate(X[:0], Y[:0], verbose=0),
    "predict": lambda m: m.predict(X[:0], verbose=0),
}


@pytest.mark.parametrize("case", NO_SAMPLES)
def test_arrays_without_samples_are_refused(case: str) -> None:
    """Keras warns, and trains on nothing: here the call says what is missing."""
    rule = rf"{case.split()[0]}: `x` must hold at least one sample, received x of shape \(0, 3\)"
    with pytest.raises(ValueError, match=rule):
        NO_SAMPLES[case](linear(scratchnet))


def test_an_empty_list_is_refused() -> None:
    """Keras's own complaint does not name the argument."""
    with pytest.raises(ValueError, match=r"predict: `x` must hold at least one sample.*x \[\]"):
        linear(scratchnet).predict([], verbose=0)


@pytest.mark.parametrize("size", [0, -1, 2.0, "2", True])
@pytest.mark.parametrize("method", ["fit", "evaluate", "predict"])
def test_batch_sizes_that_are_none_are_refused(method: str, size: Any) -> None:
    """Keras takes 0 for 32, and True for 1."""
    data = (X,) if method == "predict" else (X, Y)
    rule = re.escape(f"{method}: `batch_size` must be a positive integer, received batch_size=")
    with pytest.raises(ValueError, match=rule):
        getattr(linear(scratchnet), method)(*data, batch_size=size, verbose=0)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *[("validation_split", share) for share in (1.0, -0.1, 1.5, float("nan"), "a")],
        *[("epochs", epochs) for epochs in (-1, "2", 2.0, None, True)],
        ("validation_batch_size", 0),
    ],
)
def test_numbers_out_of_range_are_refused_by_fit(name: str, value: Any) -> None:
    """Keras takes some of them, and fails on others with a complaint about something else."""
    with pytest.raises(ValueError, match=f"fit: `{name}` must .*received {name}={value!r}"):
        linear(scratchnet).fit(X, Y, verbose=0, **{name: value})


def test_numpy_integers_are_integers() -> None:
    close(
        lambda tf: (
            linear(tf)
            .fit(X, Y, epochs=np.int64(2), batch_size=np.int64(22), shuffle=False, verbose=0)
            .history["loss"]
        ),
        TERMS,
    )


def test_labels_that_are_nan_are_refused_by_fit() -> None:
    """Keras computes with whatever integer nan is cast to."""
    model = linear(scratchnet, loss="sparse_categorical_crossentropy")
    with pytest.raises(ValueError, match="`y_true` must hold finite labels, received y_true=nan"):
        model.fit(X, np.full(22, np.nan, "f"), verbose=0)
