"""compile, fit, evaluate, predict: what they take, what they report, in which order."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
import tensorflow

import scratchnet
from tests.behaviours.both import complains, only_scratchnet_refuses
from tests.support.keras_programs import close, complain_alike, printed, prints_the_same, same

RNG = np.random.default_rng(73)
X = RNG.normal(size=(10, 3)).astype("f")
Y = RNG.normal(size=(10, 1)).astype("f")
CLASSES = RNG.integers(0, 3, 10)
ONE_HOT = np.eye(3, dtype="f")[CLASSES]


def linear(tf: Any, **compiled: Any) -> Any:
    model = tf.keras.Sequential([tf.keras.Input((3,)), tf.keras.layers.Dense(1)])
    model.compile(**{"optimizer": tf.keras.optimizers.SGD(0.05), "loss": "mse", **compiled})
    return model


def classifier(tf: Any, outputs: int = 3, **compiled: Any) -> Any:
    end = "softmax" if outputs > 1 else "sigmoid"
    layers = [tf.keras.Input((3,)), tf.keras.layers.Dense(outputs, activation=end)]
    model = tf.keras.Sequential(layers)
    model.compile(**{"optimizer": "sgd", "metrics": ["accuracy"], **compiled})
    return model


def identity(tf: Any, **compiled: Any) -> Any:
    """A model of one weight, 1, that stays so."""
    dense = tf.keras.layers.Dense(1, use_bias=False, kernel_initializer="ones")
    model = tf.keras.Sequential([tf.keras.Input((1,)), dense])
    model.compile(**{"optimizer": tf.keras.optimizers.SGD(0.0), "loss": "mse", **compiled})
    return model


def test_73_arguments_of_compile() -> None:
    """Unknown ones are a TypeError, metrics must be in a list, names must be known.

    Of `validation_split` and `shuffle`, which TensorFlow 2.0 overlooked in `compile`, we say in a
    warning where they belong, so that notebooks of its day run; Keras 3 refuses them.
    """
    complain_alike(lambda tf: linear(tf, foo=1), "unexpected keyword argument 'foo'")
    complain_alike(lambda tf: linear(tf, metrics="accuracy"), "etrics")
    complain_alike(lambda tf: linear(tf, loss="foo").fit(X, Y, verbose=0), "loss identifier: foo")
    complain_alike(
        lambda tf: linear(tf, metrics=["foo"]).fit(X, Y, verbose=0), "metric identifier: foo"
    )
    old = lambda tf: linear(tf, validation_split=0.1)  # noqa: E731
    complains(
        tensorflow,
        old,
        "TypeError",
        "Trainer.compile() got an unexpected keyword argument 'validation_split'",
    )
    complains(scratchnet, old, "UserWarning", "is an argument of fit()")


def test_74_what_fit_needs() -> None:
    """A call of `compile` before, and a loss given there."""

    def raw(tf: Any) -> Any:
        return tf.keras.Sequential([tf.keras.Input((3,)), tf.keras.layers.Dense(1)])

    missing = "You must call `compile()` before using the model."
    complain_alike(lambda tf: raw(tf).fit(X, Y, verbose=0), missing)
    complain_alike(lambda tf: raw(tf).evaluate(X, Y, verbose=0), missing)
    complain_alike(
        lambda tf: linear(tf, loss=None).fit(X, Y, verbose=0),
        "No loss to compute. Provide a `loss` argument in `compile()`.",
    )


def test_75_x_in_a_tuple_and_x_in_lists() -> None:
    """A tuple of one array works, with a warning; lists of numbers do not."""
    complain_alike(
        lambda tf: linear(tf).fit((X,), Y, verbose=0),
        "The structure of `inputs` doesn't match the expected structure.",
    )

    def program(tf: Any) -> list[float]:
        return linear(tf).fit((X,), Y, verbose=0).history["loss"]

    for tf in (tensorflow, scratchnet):
        with pytest.warns(UserWarning, match="structure of `inputs`"):
            program(tf)
    complain_alike(
        lambda tf: linear(tf).fit([[1.0], [2.0]], [1.0, 2.0], verbose=0),
        "Unrecognized data type: x=[[1.0], [2.0]] (of type <class 'list'>)",
    )


def test_76_numbers_of_samples_that_differ() -> None:
    """The complaint lists the sizes."""
    complain_alike(
        lambda tf: linear(tf).fit(X, Y[:4], verbose=0),
        "Data cardinality is ambiguous. Make sure all arrays contain the same number of samples."
        "'x' sizes: 10\n'y' sizes: 4\n",
    )


def test_77_means_are_over_samples_not_over_batches() -> None:
    """Of batches of 4, 4 and 2 the last counts for half; callbacks see the means so far."""
    x = np.arange(10, dtype="f")[:, None]

    def program(tf: Any) -> list[Any]:
        seen: list[float] = []
        callback = tf.keras.callbacks.LambdaCallback(
            on_train_batch_end=lambda batch, logs: seen.append(float(logs["loss"]))
        )
        history = identity(tf, metrics=["mse"]).fit(
            x, 0 * x, batch_size=4, shuffle=False, verbose=0, callbacks=[callback]
        )
        return [seen, history.history["loss"][0], history.history["mse"][0]]

    seen, loss, metric = close(program, 8)
    squares = np.arange(10.0) ** 2
    assert seen == pytest.approx([squares[:n].mean() for n in (4, 8, 10)])
    assert [loss, metric] == pytest.approx([28.5, 28.5])


def test_78_batches() -> None:
    """32 samples unless told; the last, smaller batch counts; no epochs give an empty History."""

    def program(tf: Any) -> list[Any]:
        x = np.ones((70, 3), "f")
        steps = linear(tf).fit(x, x[:, :1], verbose=0).params["steps"]
        return [steps, linear(tf).fit(X, Y, epochs=0, verbose=0).history]

    assert same(program) == [3, {}]


def test_78_no_batches() -> None:
    """Keras takes a batch size of 0 for 32, and trains on no samples with a warning.

    Both are mistakes of the caller, so here both are refused.
    """
    only_scratchnet_refuses(
        lambda tf: linear(tf).fit(X, Y, batch_size=0, verbose=0),
        "ValueError",
        "`batch_size` must be a positive integer, received batch_size=0",
    )
    nothing = lambda tf: linear(tf).fit(X[:0], Y[:0], verbose=0)  # noqa: E731
    complains(tensorflow, nothing, "UserWarning", "ran out of data")
    complains(scratchnet, nothing, "ValueError", "`x` must hold at least one sample")


def test_79_history() -> None:
    """Keys in the order of the alphabet, python floats, three params, no repr of its own."""

    def program(tf: Any) -> list[Any]:
        model = classifier(tf, loss="categorical_crossentropy")
        history = model.fit(X, ONE_HOT, epochs=2, validation_split=0.3, verbose=0)
        kinds = {type(v).__name__ for values in history.history.values() for v in values}
        shown = re.sub(r"0x\w+|<\S+\.", "", repr(history))
        return [list(history.history), sorted(kinds), history.params, history.epoch, shown]

    keys, kinds, params, epochs, _ = same(program)
    assert keys == ["accuracy", "loss", "val_accuracy", "val_loss"]
    assert kinds == ["float"]
    assert params == {"verbose": 0, "epochs": 2, "steps": 1}
    assert epochs == [0, 1]


def test_80_what_evaluate_and_predict_give() -> None:
    """Loss and metrics in a list, or by name; a float32 array."""

    def program(tf: Any) -> list[Any]:
        model = linear(tf, metrics=["mae"])
        listed = model.evaluate(X, Y, verbose=0)
        named = model.evaluate(X, Y, verbose=0, return_dict=True)
        predicted = model.predict(X, verbose=0)
        return [listed, list(named.values()), ",".join([*named, *model.metrics_names]), predicted]

    listed, named, names, predicted = close(program, 20)
    assert listed == named
    assert names == "loss,mae,loss,compile_metrics"
    assert predicted.dtype == np.float32
    assert type(predicted) is np.ndarray


def without_times(text: str) -> str:
    """The first and the last drawing of each line, without times."""
    text = re.sub("\x1b\\[1m\\d+s\x1b\\[0m", "TIME", re.sub("\b+", "", text))
    text = re.sub(r"(?<=/\d - )\d+s(?= - )", "TIME", text)
    text = re.sub(r"(?<= )\d+(s|ms|us)/step", "SPEED", text)
    lines = [line.split("\r") for line in text.split("\n")]
    return repr([[d.rstrip() for d in (line[:2] + line[-1:])] for line in lines])


@pytest.mark.parametrize("verbose", [1, 2])
def test_81_progress(verbose: int) -> None:
    """A bar of 20 cells in green and white, drawn over itself; or one line per epoch."""

    def program(tf: Any) -> None:
        linear(tf, metrics=["mae"]).fit(X, Y, batch_size=4, epochs=2, verbose=verbose)

    prints_the_same(program, without_times)
    text = printed(program, scratchnet)
    assert text.startswith("Epoch 1/2\n")
    assert ("\x1b[32m━━━━━━━━━━━━━━━━━━━━\x1b[0m" in text) == (verbose == 1)
    assert "mae: " in text


@pytest.mark.parametrize(
    ("outputs", "labels", "metric"),
    [
        (3, ONE_HOT, "CategoricalAccuracy"),
        (3, CLASSES, "SparseCategoricalAccuracy"),
        (3, CLASSES[:, None], "SparseCategoricalAccuracy"),
        (1, (CLASSES > 0).astype("f")[:, None], "BinaryAccuracy"),
    ],
)
def test_82_accuracy_goes_by_the_shapes(outputs: int, labels: np.ndarray, metric: str) -> None:
    """Whatever the loss: one-hot, classes, or one column and more than 0.5; the key stays."""

    def program(tf: Any) -> list[Any]:
        def loss(truth: Any, prediction: Any) -> Any:
            return tf.reduce_mean(prediction, axis=-1)

        named = getattr(tf.keras.metrics, metric)(name="named")
        model = classifier(tf, outputs, loss=loss, metrics=["accuracy", "acc", named])
        found = model.evaluate(X, labels, verbose=0, return_dict=True)
        return [",".join(found), *found.values()]

    keys, acc, accuracy, _, named = close(program, 8)
    assert keys == "acc,accuracy,loss,named"
    assert acc == accuracy == named


def test_83_ties_of_accuracy() -> None:
    """Of equal probabilities the first class is taken; 0.5 is not more than 0.5."""
    even = np.full((3, 3), 1 / 3, "f")

    def program(tf: Any) -> list[float]:
        made = tf.keras.metrics
        return [
            float(made.CategoricalAccuracy()(np.eye(3, dtype="f"), even)),
            float(made.SparseCategoricalAccuracy()(np.arange(3), even)),
            float(made.BinaryAccuracy()(np.array([[1], [0]], "f"), np.full((2, 1), 0.5, "f"))),
        ]

    assert same(program) == pytest.approx([1 / 3, 1 / 3, 1 / 2])


def test_84_sample_weights_and_penalties() -> None:
    """Weighted losses are divided by the batch size; penalties are added to the loss."""
    x = np.arange(4, dtype="f")[:, None]
    weights = np.array([1, 0, 2, 1], "f")

    def program(tf: Any) -> list[Any]:
        model = identity(tf)
        weighted = model.evaluate(x, 0 * x, sample_weight=weights, verbose=0)
        penalty = tf.keras.regularizers.L2(0.01)
        dense = tf.keras.layers.Dense(
            1, use_bias=False, kernel_initializer="ones", kernel_regularizer=penalty
        )
        model = tf.keras.Sequential([tf.keras.Input((1,)), dense])
        model.compile("sgd", "mse")
        return [weighted, model.evaluate(x, 0 * x, verbose=0), [float(v) for v in model.losses]]

    weighted, penalised, losses = close(program, 8)
    assert weighted == pytest.approx((weights * x[:, 0] ** 2).sum() / 4)
    assert penalised == pytest.approx((x**2).mean() + 0.01)
    assert losses == pytest.approx([0.01])


def test_85_short_epochs_go_on_where_they_stopped() -> None:
    """Two steps an epoch over three batches: the second epoch has the third batch, and ends."""
    seen: dict[str, list[Any]] = {}

    def program(tf: Any) -> Any:
        notes = seen[tf.__name__] = []
        callback = tf.keras.callbacks.LambdaCallback(
            on_train_batch_end=lambda batch, logs: notes.append((batch, round(logs["loss"], 4)))
        )
        x = np.array([[1], [2], [3]], "f")
        return identity(tf).fit(
            x,
            0 * x,
            batch_size=1,
            steps_per_epoch=2,
            epochs=2,
            shuffle=False,
            verbose=0,
            callbacks=[callback],
        )

    complain_alike(program, "Your input ran out of data; interrupting training.")
    assert seen["scratchnet"] == seen["tensorflow"] == [(0, 1.0), (1, 2.5), (0, 9.0)]


def test_86_splits_that_cannot_be() -> None:
    """All of the data is no part to hold out, and of a Dataset none can be cut."""
    complain_alike(
        lambda tf: linear(tf).fit(X, Y, validation_split=1.0, verbose=0), "validation_split"
    )

    def of_a_dataset(tf: Any) -> Any:
        data = tf.data.Dataset.from_tensor_slices((X, Y)).batch(4)
        return linear(tf).fit(data, validation_split=0.2, shuffle=False, verbose=0)

    for tf in (tensorflow, scratchnet):
        says = "`validation_split` is only supported for tensors or NumPy arrays"
        complains(tf, of_a_dataset, "ValueError", says)


def test_87_validation_is_on_the_tail() -> None:
    """The last floor(n (1 - f)) and on, cut before any shuffling; after each epoch."""
    x = np.arange(10, dtype="f")[:, None]

    def program(tf: Any) -> list[Any]:
        history = identity(tf).fit(x, 0 * x, batch_size=1, validation_split=0.25, verbose=0)
        return [history.params["steps"], history.history["val_loss"], history.history["loss"]]

    steps, (held_out,), (loss,) = close(program, 8)
    assert steps == 7
    assert held_out == pytest.approx((x[7:] ** 2).mean())
    assert loss == pytest.approx((x[:7] ** 2).mean())


HOOKS = [
    f"on_{part}_{end}"
    for part in ("train", "epoch", "train_batch", "test", "test_batch")
    for end in ("begin", "end")
]


def test_91_the_order_of_callbacks() -> None:
    """Validation lies inside the epoch, after its last batch."""

    def program(tf: Any) -> list[str]:
        notes: list[str] = []

        def hook(name: str) -> Any:
            return lambda self, *args, **kwargs: notes.append(name.removeprefix("on_"))

        kind = type("Note", (tf.keras.callbacks.Callback,), {name: hook(name) for name in HOOKS})
        linear(tf).fit(X, Y, batch_size=5, validation_data=(X, Y), verbose=0, callbacks=[kind()])
        return notes

    batch = ["train_batch_begin", "train_batch_end"]
    test = ["test_begin", *["test_batch_begin", "test_batch_end"] * 2, "test_end"]
    assert same(program) == [
        "train_begin",
        "epoch_begin",
        *batch * 2,
        *test,
        "epoch_end",
        "train_end",
    ]


def test_92_one_batch() -> None:
    """Training on it gives [loss, metric], predicting an array."""

    def program(tf: Any) -> list[Any]:
        model = linear(tf, metrics=["mae"])
        trained = model.train_on_batch(X, Y)
        return [trained, type(model.predict_on_batch(X)).__name__, model.predict_on_batch(X)]

    trained, kind, _ = close(program, 20)
    assert len(trained) == 2
    assert kind == "ndarray"
