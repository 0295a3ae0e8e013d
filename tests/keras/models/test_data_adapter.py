"""Kinds of data that fit takes, against Keras: arrays, weights, datasets, generators."""

from __future__ import annotations

import itertools
import sys
import types
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import tensorflow

import scratchnet
from tests.support.keras_programs import close, complain_alike, twins
from tests.support.training_programs import (
    CLASSES,
    ONE_HOT,
    RAN_OUT,
    TERMS,
    WEIGHTS,
    X,
    Y,
    classifier,
    dataset,
    linear,
    pairs,
)


def test_arrays_are_not_copied_without_need() -> None:
    from scratchnet.keras.models.data_adapter import ArrayBatches

    batches = ArrayBatches(X, Y, None, 4, False)
    for x, y in batches:
        assert np.shares_memory(x._data, X)
        assert np.shares_memory(y._data, Y)


def test_a_series_of_pandas_is_a_column(monkeypatch: pytest.MonkeyPatch) -> None:
    from scratchnet.keras.models.data_adapter import ArrayBatches

    class Series:
        """What is asked of one, where pandas is not installed."""

        shape = (3,)

        def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
            return np.arange(3.0)

    monkeypatch.setitem(sys.modules, "pandas", types.SimpleNamespace(Series=Series))
    [batch] = ArrayBatches({"a": Series(), "b": np.ones(3)}, None, None, 4, False)
    assert batch["a"].shape == (3, 1)
    assert batch["b"].shape == (3,)


def test_inputs_come_back_unchanged() -> None:
    kept = X.copy(), Y.copy(), WEIGHTS.copy()
    linear(scratchnet).fit(X, Y, sample_weight=WEIGHTS, epochs=2, verbose=0)
    predictions = scratchnet.keras.Sequential([scratchnet.keras.layers.Flatten()]).predict(
        X, verbose=0
    )
    predictions[:] = 0  # an array of its own, even from a model that does nothing
    for before, after in zip(kept, (X, Y, WEIGHTS), strict=True):
        np.testing.assert_array_equal(before, after)


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


# name -> (program, what both texts say, what ours says)
COMPLAINTS: dict[str, tuple[Any, str, str]] = {
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
    "empty dataset": (
        lambda tf: linear(tf).fit(
            tf.data.Dataset.from_tensor_slices((X[:0], Y[:0])).batch(4), shuffle=False, verbose=0
        ),
        RAN_OUT,
        "",
    ),
    "both weights": (
        lambda tf: linear(tf).fit(X, Y, class_weight={0: 1.0}, sample_weight=WEIGHTS, verbose=0),
        "`class_weight` and `sample_weight`",
        "",
    ),
    "one-hot for integers": (
        lambda tf: classifier(tf, loss="sparse_categorical_crossentropy").train_on_batch(
            X, ONE_HOT
        ),
        "must have rank (ndim) `target.ndim - 1`",
        "",
    ),
}


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


def test_arrays_of_words() -> None:
    with pytest.raises(ValueError, match="arrays must hold numbers"):
        linear(scratchnet).fit(np.array([["a"] * 3] * 22), Y, verbose=0)


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


def test_a_batch_of_no_samples_is_refused() -> None:
    keras = scratchnet.keras
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    for call in (model.train_on_batch, model.test_on_batch):
        with pytest.raises(ValueError, match="a batch must hold at least one sample"):
            call(np.zeros((0, 2)), np.zeros((0, 1)))
