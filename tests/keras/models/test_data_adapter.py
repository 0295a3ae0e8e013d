"""Kinds of data that fit takes, against Keras: arrays, weights, datasets, generators."""

from __future__ import annotations

import contextlib
import itertools
import random
import sys
import types
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import tensorflow
from keras.src.trainers.data_adapters import array_slicing

import scratchnet
from scratchnet.keras.models import data_adapter
from tests.support.keras_programs import close, complain_alike, same, twins
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


@pytest.mark.parametrize("size", [None, 1, 4, 5, 10, 40])
@pytest.mark.parametrize("n", [1, 31, 33, 64])
def test_arrays_are_cut_up(n: int, size: int | None) -> None:
    x, y = np.arange(n), np.arange(n, dtype="f") * 2
    batches = data_adapter.ArrayBatches(x, y, None, size, False)
    found = [[part.numpy().tolist() for part in batch] for batch in batches]
    step = size or 32
    assert len(batches) == len(found) == -(-n // step)
    for part, whole in zip(zip(*found, strict=True), (x, y), strict=True):
        assert list(itertools.chain(*part)) == whole.tolist()
    assert [len(a) for a, _ in found[:-1]] == [step] * (len(found) - 1)


@pytest.mark.parametrize("shuffle", [True, "batch"])
def test_orders_of_arrays_are_keras_s(shuffle: Any) -> None:
    """With a global seed one order for all epochs; of all samples, or within each batch."""

    def program(tf: Any) -> list[Any]:
        x = np.arange(10.0).reshape(10, 1)
        seen: list[Any] = []

        class Look(tf.keras.Model):  # type: ignore[misc, name-defined]
            def train_step(self, data: Any) -> Any:
                seen.append(data[0].numpy().ravel().tolist())
                return {"loss": 0.0}

        model = Look()
        model.compile(run_eagerly=True)
        model.fit(x, x, batch_size=4, epochs=2, shuffle=shuffle, verbose=0)
        return seen

    found = same(program)
    assert found[:3] == found[3:]
    parts = found[:3] if shuffle == "batch" else [list(itertools.chain(*found[:3]))]
    assert [sorted(part) for part in parts] != parts
    assert sorted(itertools.chain(*parts)) == list(range(10))


DTYPES = ["bool", "int8", "uint16", "int64", "float16", "float32", "float64"]


@pytest.mark.parametrize("dtype", DTYPES)
def test_dtypes_of_batches(dtype: str) -> None:
    """Floats are of `floatx`, everything else as it is; tensors and variables as arrays."""
    array = np.ones((2, 1), dtype)
    wanted = "float32" if "float" in dtype else dtype
    given = {"a": array, "b": scratchnet.constant(array), "c": None}
    (batch,) = data_adapter.ArrayBatches(given, None, None, 4, False)
    assert batch["a"].dtype.name == batch["b"].dtype.name == wanted
    assert batch["c"] is None


def test_lengths_are_told_of_each_part() -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011  # the whole text follows
        data_adapter.ArrayBatches([X, X[:3]], [Y, None], None, 4, False)
    assert str(caught.value) == (
        "Data cardinality is ambiguous. Make sure all arrays contain the same number of "
        "samples.'x' sizes: 22, 3\n'y' sizes: 22\n"
    )
    number = np.float32(3)
    for data, name in (((number, None, None), "x"), ((X, [Y, number], None), "y")):
        with pytest.raises(IndexError, match=f"`{name}` must have an axis of samples, received"):
            data_adapter.ArrayBatches(*data, 4, False)
    with pytest.raises(ValueError, match="arrays must hold numbers, received one of dtype <U1"):
        data_adapter.ArrayBatches(np.array(["a"]), None, None, 4, False)


def test_weights_of_several_targets() -> None:
    """One array for each, or one number per sample for all of them."""
    y, make = {"a": Y, "b": Y[:, :1]}, data_adapter.ArrayBatches
    for weights in ({"a": WEIGHTS, "b": WEIGHTS}, WEIGHTS, WEIGHTS[:, None], {"b": Y, "a": Y}):
        assert len(make(X, y, weights, 4, False)) == 6
    assert len(make(X, Y, np.ones((22, 2)), 4, False)) == 6  # of one target a loss may take them
    for weights in ({"a": WEIGHTS}, [WEIGHTS, WEIGHTS], {"a": WEIGHTS, "c": None}):
        with pytest.raises(ValueError) as caught:  # noqa: PT011  # the whole text follows
            make(X, y, weights, 4, False)
        assert str(caught.value).startswith(
            "`sample_weight` must have one array for each target, in the structure of `y`, "
            "received y={'a': (22, 2), 'b': (22, 1)} and sample_weight="
        )
    assert str(caught.value).endswith("sample_weight={'a': (22,), 'c': None}")
    for shape in ((22, 2), (22, 1, 2)):
        with pytest.raises(ValueError, match="must have one number per sample, received one of sh"):
            make(X, y, np.ones(shape), 4, False)


def test_what_are_arrays() -> None:
    are = data_adapter.are_arrays
    assert are(X)
    assert are([X, None, {"a": scratchnet.constant(1.0)}])
    assert are(scratchnet.Variable(1.0))
    assert are(None)
    for wrong in ([1.0], "a", [X, 3], iter([X]), scratchnet.TensorShape([1])):
        assert not are(wrong)


SOURCES: dict[str, tuple[Any, str]] = {
    "generator": (lambda: pairs(), "a generator"),
    "dataset": (lambda: dataset(scratchnet), "a Dataset"),
    "iterable": (lambda: range(3), "a Dataset"),
    "py dataset": (lambda: Rows(), "a PyDataset"),
}


class Rows(scratchnet.keras.utils.PyDataset):  # type: ignore[misc]
    """Two batches of one pair each."""

    batch: Any = None

    def __len__(self) -> int:
        return 2

    def __getitem__(self, i: int) -> Any:
        return (X[i : i + 1], Y[i : i + 1]) if self.batch is None else self.batch


@pytest.mark.parametrize("source", SOURCES)
def test_what_goes_with_arrays_only(source: str) -> None:
    make, kind = SOURCES[source]
    for name in ("y", "sample_weight"):
        with pytest.raises(ValueError) as caught:  # noqa: PT011  # the whole text follows
            data_adapter.make_batches(make(), **{name: WEIGHTS})
        assert str(caught.value) == (
            f"`{name}` must not be given where `x` is {kind}, which yields it with each batch; "
            f"received {name} of type ndarray"
        )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(list(data_adapter.make_batches(make()))) >= 2
        if kind == "a PyDataset":
            data_adapter.make_batches(make(), shuffle=True)
            return
    with pytest.warns(UserWarning, match=f"`shuffle=batch` has no effect where `x` is {kind}: it"):
        data_adapter.make_batches(make(), shuffle="batch")


@pytest.mark.parametrize("wrong", ["abc", [1.0], (X, 3), {"a": 2}, 5, 2.5, None])
def test_what_is_no_data(wrong: Any) -> None:
    with pytest.raises(ValueError, match="Unrecognized data type: x="):
        data_adapter.make_batches(wrong)
    for name in ("y", "sample_weight"):
        if wrong is not None:
            with pytest.raises(ValueError, match=f"Unrecognized data type: {name}="):
                data_adapter.make_batches(X, **{name: wrong})


def test_batches_of_a_generator_begin_again() -> None:
    batches = data_adapter.make_batches(iter_ := (i for i in range(4)))
    assert next(iter_) == 2  # two are read ahead
    assert [list(batches), list(batches)] == [[0, 1, 3], [0, 1]]
    with pytest.raises(ValueError, match="the generator `x` must yield at least one batch"):
        data_adapter.make_batches(i for i in range(0))


def test_batches_of_a_py_dataset() -> None:
    def batches(batch: Any = None, shuffle: bool = False, weight: Any = None) -> list[Any]:
        data = Rows()
        data.batch = batch
        return list(data_adapter.PyDatasetBatches(data, shuffle, weight))

    weight = {int(Y[0, 0].round()): 2.0}
    one = np.array([0, 1])
    assert batches({"a": one}) == [{"a": one}] * 2
    assert batches({"a": one}, weight=weight) == [{"a": one}] * 2
    assert [type(found) for found in batches(one)] == [tuple] * 2
    assert [len(found) for found in batches([one, one])] == [2, 2]
    assert len(batches((one,), weight={0: 2.0})[0]) == 1
    x, y, w = batches((one, one), weight={0: 2.0})[0]
    assert (x is one, y is one, w.tolist(), w.dtype) == (True, True, [2.0, 1.0], np.float32)
    for wrong in ((), (one,) * 4, "ab", 3, None):
        with pytest.raises(
            ValueError, match=r"PyDataset.__getitem__\(\) must return a dict, \(x,\)"
        ):
            batches(wrong or [])
    with pytest.raises(ValueError, match="must not be given both"):
        batches((one, one, one), weight={0: 2.0})

    class Endless(Rows):
        @property
        def num_batches(self) -> None:
            return None

    class Empty(Rows):
        num_batches = 0

    endless = data_adapter.PyDatasetBatches(Endless(), True, None)
    assert len(list(itertools.islice(endless, 5))) == 5
    with pytest.raises(TypeError, match="a PyDataset without an end has no length"):
        len(endless)
    with pytest.raises(ValueError, match="`x` must have at least one batch, received length 0"):
        data_adapter.PyDatasetBatches(Empty(), False, None)
    assert len(data_adapter.PyDatasetBatches(Rows(), False, None)) == 2


def test_the_order_of_a_py_dataset_is_python_s() -> None:
    class Many(Rows):
        def __len__(self) -> int:
            return 9

        def __getitem__(self, i: int) -> Any:
            return (np.array([i]),)

    random.seed(3)
    found = [int(x[0]) for (x,) in data_adapter.make_batches(Many(), shuffle=True)]
    random.seed(3)
    order = list(range(9))
    random.shuffle(order)
    assert found == order != list(range(9))
    plain = [int(x[0]) for (x,) in data_adapter.make_batches(Many())]
    assert plain == list(range(9))


@pytest.mark.parametrize(
    ("y", "weights"),
    [
        ([0, 1, 2, 7], [5.0, 1.0, 0.5, 1.0]),
        ([[0], [2]], [5.0, 0.5]),
        ([[1, 0, 0], [0, 0, 1]], [5.0, 0.5]),
        ([0.4, 1.6, -0.4], [5.0, 0.5, 5.0]),
        ([[0.2, 0.8], [0.9, 0.1]], [1.0, 5.0]),
        ([[[0], [2]]], None),
    ],
)
def test_weights_of_classes(y: Any, weights: Any) -> None:
    weight_of = data_adapter.class_weight_to_sample_weight
    if weights is None:
        return
    for given in (np.array(y), scratchnet.constant(y)):
        found = weight_of(given, {0: 5.0, 2: 0.5})
        assert found.dtype == np.float32
        assert found.tolist() == weights


def test_weights_of_classes_that_are_refused() -> None:
    weight_of = data_adapter.class_weight_to_sample_weight
    with pytest.raises(
        ValueError, match=r"^`class_weight` and `sample_weight` must not be given bot"
    ):
        weight_of(CLASSES, {0: 1.0}, WEIGHTS)
    with pytest.raises(
        ValueError, match=r"^`class_weight` needs the classes `y`, received y=None, c"
    ):
        weight_of(None, {0: 1.0})
    for nested in ([CLASSES], {"a": CLASSES}):
        with pytest.raises(ValueError, match="is only supported for Models with a single output"):
            weight_of(nested, {0: 1.0})


def test_batches_get_the_weights_of_classes() -> None:
    data = [(1, CLASSES[:2]), (2, CLASSES[2:4])]
    batches = data_adapter.make_batches(data.__iter__(), class_weight={0: 5.0})
    assert [(x, len(w)) for x, _, w in batches] == [(1, 2), (2, 2)]
    assert len(data_adapter.ClassWeightedBatches(data, {})) == 2
    (batch,) = data_adapter.make_batches(X, CLASSES, batch_size=50, class_weight={0: 5.0})
    assert batch[2].numpy().tolist() == [5.0 if c == 0 else 1.0 for c in CLASSES]


@pytest.mark.parametrize("n", [2, 3, 5, 7, 10])
@pytest.mark.parametrize("share", [0.1, 0.25, 0.3, 0.5, 0.9])
def test_the_last_samples_validate(n: int, share: float) -> None:
    x, y = np.arange(n), np.arange(n) * 2.0

    def program(tf: Any) -> Any:
        split = (
            array_slicing.train_validation_split
            if tf is tensorflow
            else data_adapter.train_validation_split
        )
        try:
            parts = split((x, y, None), share)
        except ValueError:
            return "refused"
        return [[None if a is None else np.asarray(a).tolist() for a in part] for part in parts]

    same(program)


def test_a_split_says_what_is_wrong() -> None:
    split = data_adapter.train_validation_split
    with pytest.raises(ValueError) as caught:  # noqa: PT011  # the whole text follows
        split((X[:2], None, None), 0.6)
    split((X[:2], None, None), 0.5)
    with pytest.raises(ValueError, match="on both sides of the 2, received validation_split=1e-17"):
        split(([None, X[:2]], None, None), 1e-17)
    with pytest.raises(ValueError, match=r"incompatible type in the input: \[<class 'float'>\]"):
        split((X, [Y, 3.0], None), 0.5)
    assert "fit: `validation_split` must leave samples" in str(caught.value)


def test_one_batch_of_all_samples() -> None:
    x, y, weight = data_adapter.one_batch(X, Y, 0.5)
    assert (x.shape, y.shape) == (X.shape, Y.shape)
    assert weight.numpy().tolist() == [0.5] * 22
    assert weight.dtype == scratchnet.float32
    assert data_adapter.one_batch([X, X], None, np.array(2))[2].shape == (22,)
    assert data_adapter.one_batch(X, None, None)[1:] == (None, None)
    assert data_adapter.one_batch(X, Y, WEIGHTS)[2].numpy().tolist() == WEIGHTS.tolist()
    assert data_adapter.one_batch(X, Y, np.ones(22))[2].shape == (22,)
    with pytest.raises(ValueError, match="Unrecognized data type: x="):
        data_adapter.one_batch([1.0], None, 0.5)


def test_parts_end_to_end_are_an_array_of_their_own() -> None:
    part = scratchnet.ones((2, 3))
    found = data_adapter.concatenated([part, part[:1]])
    assert found.shape == (3, 3)
    alone = data_adapter.concatenated([part])
    assert not np.shares_memory(alone, part.numpy())
    assert alone.shape == (2, 3)


def test_weights_without_targets_are_for_a_single_batch() -> None:
    """`fit` drops them, as Keras's does; `train_on_batch` hands them to ``train_step``."""

    def program(tf: Any) -> list[Any]:
        seen: list[Any] = []

        class Seeing(tf.keras.Model):
            def train_step(self, data: Any) -> dict[str, Any]:
                parts = data if isinstance(data, tuple) else (data,)
                seen.append([None if part is None else np.asarray(part).tolist() for part in parts])
                return {}

        model = Seeing()
        model.compile("sgd", "mse", run_eagerly=True)
        model.train_on_batch(X[:2], None, np.array([1.0, 2.0]))
        with contextlib.suppress(tf.errors.InvalidArgumentError):  # Keras: no loss
            model.fit(X[:2], None, sample_weight=np.array([1.0, 2.0]), verbose=0)
        return seen

    assert program(scratchnet) == program(tensorflow)
