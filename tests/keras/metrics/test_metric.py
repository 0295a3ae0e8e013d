"""Metrics against Keras's: values over several batches, weights, configs, your own, complaints."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pytest
import tensorflow

import scratchnet
from tests.support.keras_programs import close, complain_alike, same
from tests.support.loss_programs import BITS as FIVE_BITS
from tests.support.loss_programs import NUMBERS as FIVE_NUMBERS
from tests.support.loss_programs import WEIGHTS as FIVE_WEIGHTS
from tests.support.metric_inputs import (
    BITS,
    CHANCES,
    CLASSES,
    NUMBERS,
    ONE_HOT,
    OTHERS,
    PREDICTIONS,
    TIED,
)
from tests.support.signatures import attributes_alike, taken_alike

MEANS: list[list[tuple[Any, Any]]] = [
    [(3.0, None), (5.0, None)],
    [([1.0, 3.0, 8.0], None), (0.5, 10)],
    [([1, 3], [1, 0]), ([4, 4, 4], [0, 1, 1])],
    [(FIVE_NUMBERS, None), (FIVE_NUMBERS, FIVE_WEIGHTS)],
    [(FIVE_NUMBERS, FIVE_WEIGHTS[:, None]), (FIVE_NUMBERS, FIVE_NUMBERS)],
    [],
]


@pytest.mark.parametrize("updates", MEANS)
def test_mean(updates: list[tuple[Any, Any]]) -> None:
    def program(tf: Any) -> list[Any]:
        mean = tf.keras.metrics.Mean()
        for values, weight in updates:
            mean.update_state(values, sample_weight=weight)
        return [
            mean.result().numpy(),
            mean.total.numpy(),
            mean.count.numpy(),
            repr(mean.get_config()),
        ]

    close(program, 20)


METRICS_OF_INTEGERS = """
of.Accuracy(dtype="int32"), [1.0, 2.0, 3.0], [1.0, 2.0, 4.0], None
of.Accuracy(dtype="int64"), (), (), None
of.BinaryAccuracy(dtype="int64"), [1, 0, 1], [0.7, 0.7, 0.2], None
of.MeanSquaredError(dtype="int32"), T, P, None
of.MeanSquaredError(dtype="int32"), T, P, [0.5, 1.5]
of.MeanSquaredError(dtype="uint8"), [T], [P], [[1.5, 2.5]]
of.MeanAbsoluteError(dtype="int64"), T, P, [1, 2]
of.RootMeanSquaredError(dtype="int32"), T, P, None
of.RootMeanSquaredError(dtype="int64"), [1.5, 2.0, 3.0], [9.0, 2.0, 4.0], [2, 3, 1]
"""
T, P = [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], [[1.5, 2.0, 4.0], [1.0, 1.0, 1.0]]


@pytest.mark.parametrize("row", METRICS_OF_INTEGERS.strip().splitlines())
def test_metrics_with_a_dtype_of_integers(row: str) -> None:
    def program(tf: Any) -> list[Any]:
        metric, truth, prediction, weight = eval(row, {"of": tf.keras.metrics, "T": T, "P": P})
        found = [metric(truth, prediction, sample_weight=weight), *metric.variables]
        return [x.numpy() for x in found]

    close(program, 8)


@pytest.mark.parametrize("kind", ["int32", "int64", "uint8"])
def test_a_mean_or_sum_of_integers(kind: str) -> None:
    def program(tf: Any) -> list[Any]:
        found = []
        for metric in (tf.keras.metrics.Mean(dtype=kind), tf.keras.metrics.Sum(dtype=kind)):
            found.append(metric.result().numpy())
            for values, weight in (([1.5, 2.5], [1, 2]), ([[1.5, 2.9, 4.0], [7, 8, 4]], None)):
                metric.update_state(values, sample_weight=weight)
                found += [metric.result().numpy(), *(v.numpy() for v in metric.variables)]
        return found

    close(program, 8)


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
def test_metric_variables() -> None:
    same(lambda tf: [repr(v) for v in tf.keras.metrics.Mean().variables])


def own_counter(tf: Any) -> list[Any]:
    class Count(tf.keras.metrics.Metric):
        def __init__(self) -> None:
            super().__init__(name="count")
            self.seen = self.add_weight(shape=(), initializer="zeros", name="seen")

        def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
            self.seen.assign_add(float(len(y_true)))

        def result(self) -> Any:
            return self.seen.value

    metric = Count()
    metric.update_state(FIVE_BITS, FIVE_NUMBERS)
    value = float(metric(FIVE_BITS, FIVE_NUMBERS))
    metric.reset_state()
    return [value, float(metric.result()), [v.path for v in metric.variables]]


def test_own_counter() -> None:
    same(own_counter)


# name -> (what makes it, truth, prediction), three batches of seven
METRICS: dict[str, tuple[Any, np.ndarray, np.ndarray]] = {
    "accuracy": (lambda m: m.Accuracy(), CLASSES, CLASSES[::-1]),
    "accuracy column": (lambda m: m.Accuracy(), CLASSES[..., None], CLASSES[::-1].astype("f")),
    "binary": (lambda m: m.BinaryAccuracy(), BITS, CHANCES),
    "binary threshold": (lambda m: m.BinaryAccuracy(threshold=0.25, name="b"), BITS, CHANCES),
    "categorical": (lambda m: m.CategoricalAccuracy(), ONE_HOT, PREDICTIONS),
    "categorical tied": (lambda m: m.CategoricalAccuracy("c"), ONE_HOT, TIED),
    "sparse": (lambda m: m.SparseCategoricalAccuracy(), CLASSES, PREDICTIONS),
    "sparse column": (lambda m: m.SparseCategoricalAccuracy(), CLASSES[..., None], PREDICTIONS),
    "sparse fractions": (lambda m: m.SparseCategoricalAccuracy(), CLASSES + 0.5, PREDICTIONS),
    "top 5": (lambda m: m.TopKCategoricalAccuracy(), ONE_HOT, PREDICTIONS),
    "top 2": (lambda m: m.TopKCategoricalAccuracy(2, "t"), ONE_HOT, PREDICTIONS),
    "top 1 tied": (lambda m: m.TopKCategoricalAccuracy(k=1), ONE_HOT, TIED),
    "sparse top 3": (lambda m: m.SparseTopKCategoricalAccuracy(k=3), CLASSES, PREDICTIONS),
    "sparse top tied": (lambda m: m.SparseTopKCategoricalAccuracy(k=2), CLASSES, TIED),
    "sparse top column": (
        lambda m: m.SparseTopKCategoricalAccuracy(k=2),
        CLASSES[..., None],
        PREDICTIONS,
    ),
    "sparse top out of range": (
        lambda m: m.SparseTopKCategoricalAccuracy(k=2),
        CLASSES * 2 - 3,
        PREDICTIONS,
    ),
    "sparse top sorted": (
        lambda m: m.SparseTopKCategoricalAccuracy(k=2, from_sorted_ids=True),
        CLASSES,
        np.argsort(-PREDICTIONS, -1),
    ),
    "mse": (lambda m: m.MeanSquaredError(), NUMBERS, OTHERS),
    "mae": (lambda m: m.MeanAbsoluteError(name="m"), NUMBERS, OTHERS),
    "rmse": (lambda m: m.RootMeanSquaredError(), NUMBERS, OTHERS),
    "rmse column": (lambda m: m.RootMeanSquaredError(), NUMBERS[..., :1], OTHERS[..., 0]),
    "mse double": (lambda m: m.MeanSquaredError(dtype="float64"), NUMBERS, OTHERS),
    "rmse double": (lambda m: m.RootMeanSquaredError(dtype="float64"), NUMBERS, OTHERS),
    "bce": (lambda m: m.BinaryCrossentropy(), BITS, CHANCES),
    "bce logits": (
        lambda m: m.BinaryCrossentropy(from_logits=True, label_smoothing=0.1),
        BITS,
        NUMBERS,
    ),
    "cce": (lambda m: m.CategoricalCrossentropy(), ONE_HOT, PREDICTIONS),
    "cce smooth": (lambda m: m.CategoricalCrossentropy(label_smoothing=0.2), ONE_HOT, PREDICTIONS),
    "scce": (lambda m: m.SparseCategoricalCrossentropy(), CLASSES, PREDICTIONS),
    "scce logits": (
        lambda m: m.SparseCategoricalCrossentropy("s", from_logits=True),
        CLASSES,
        PREDICTIONS,
    ),
    "scce ignoring": (
        lambda m: m.SparseCategoricalCrossentropy(ignore_class=2),
        CLASSES,
        PREDICTIONS,
    ),
    "wrapper": (
        lambda m: m.MeanMetricWrapper(m.binary_accuracy, name="w", threshold=0.7),
        BITS,
        CHANCES,
    ),
}

WEIGHTS: dict[str, Any] = {
    "none": None,
    "one": 0.5,
    "samples": np.random.default_rng(1).random(7).astype("f"),
    "column": np.random.default_rng(2).random((7, 1)).astype("f"),
    "zeros": np.zeros(7, "f"),
    "integers": np.arange(7),
}


@pytest.mark.parametrize("weights", WEIGHTS)
@pytest.mark.parametrize("name", METRICS)
def test_batches(name: str, weights: str) -> None:
    make, truths, predictions = METRICS[name]

    def program(tf: Any) -> list[Any]:
        metric, weight = make(tf.keras.metrics), WEIGHTS[weights]
        found = []
        for truth, prediction in zip(truths, predictions, strict=True):
            metric.update_state(tf.constant(truth), tf.constant(prediction), sample_weight=weight)
            found += [metric.result().numpy(), *[v.numpy() for v in metric.variables]]
        last = metric(tf.constant(truths[0]), tf.constant(predictions[0]))
        metric.reset_state()
        found += [last.numpy(), metric.result().numpy(), *[v.numpy() for v in metric.variables]]
        return [*found, metric.name, metric.dtype, repr(metric), [v.path for v in metric.variables]]

    close(program, 30)


@pytest.mark.parametrize("name", METRICS)
def test_one_sample(name: str) -> None:
    make, truths, predictions = METRICS[name]

    def program(tf: Any) -> list[Any]:
        metric = make(tf.keras.metrics)
        value = metric(truths[0, :1], predictions[0, :1])
        return [value.numpy(), *[v.numpy() for v in metric.variables]]

    close(program, 30)


@pytest.mark.parametrize("name", METRICS)
def test_config(name: str) -> None:
    def program(tf: Any) -> list[Any]:
        metrics = tf.keras.metrics
        metric = METRICS[name][0](metrics)
        config, data = metric.get_config(), metrics.serialize(metric)
        again = type(metric).from_config(metric.get_config())
        known = metrics.deserialize(metrics.serialize(metric))
        got = metrics.get(metrics.serialize(metric))
        made = [[type(m).__name__, m.name, m.get_config()] for m in (again, known, got)]
        return [sorted(config.items(), key=str), data, made, getattr(metric, "_direction", None)]

    same(program)
    attributes_alike(lambda keras: METRICS[name][0](keras.metrics))


# -- Sum and Mean ---------------------------------------------------------------------------------

UPDATES: dict[str, list[tuple[Any, Any]]] = {
    "scalars": [(1.0, None), (2.5, None), (-4, None)],
    "vectors": [([1.0, 2.0], None), ([3.0], None)],
    "matrices": [(NUMBERS[0], None), (NUMBERS[1], None)],
    "weights": [([1.0, 2.0], [0.5, 2.0]), ([3.0], 4.0), (2.0, 0.25)],
    "matrix weights": [(NUMBERS[0], CHANCES[0]), (NUMBERS[1], CHANCES[1, :, 0])],
    "cube": [(NUMBERS, CHANCES[:, :, 0]), (NUMBERS, CHANCES[:, :, :1]), (NUMBERS, None)],
    "column": [([[1.0], [2.0]], [1.0, 3.0]), ([1.0, 2.0], [[1.0], [3.0]])],
    "broadcast": [(NUMBERS[0], CHANCES[0, :, :1])],
    "integers": [([1, 2, 3], None), (np.arange(4), np.arange(4))],
    "not finite": [([1.0, np.inf], None), ([np.nan], None)],
    "none": [],
}


@pytest.mark.parametrize("dtype", [None, "float64", "float16"])
@pytest.mark.parametrize("cls", ["Sum", "Mean"])
@pytest.mark.parametrize("name", UPDATES)
def test_sum_and_mean(name: str, cls: str, dtype: str | None) -> None:
    def program(tf: Any) -> list[Any]:
        metric = getattr(tf.keras.metrics, cls)(dtype=dtype)
        found = [metric.result().numpy()]
        for values, weight in UPDATES[name]:
            metric.update_state(values, weight)
            found.append(metric.result().numpy())
        state = [v.numpy() for v in metric.variables]
        metric.reset_state()
        return [*found, *state, metric.result().numpy(), [v.path for v in metric.variables]]

    close(program, 20, 2.0**-10 if dtype == "float16" else 2.0**-23)


# -- your own -------------------------------------------------------------------------------------


def own(tf: Any) -> Any:
    class Recall(tf.keras.metrics.Metric):
        def __init__(self, name: str = "recall", power: int = 1, **kwargs: Any) -> None:
            super().__init__(name=name, **kwargs)
            self.power = power
            self.hits = self.add_weight(name="hits", initializer="zeros")
            self.all = self.add_variable((2,), "ones", dtype="float64", name="all")
            self.inner = tf.keras.metrics.Mean(name="inner")

        def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
            y_true = tf.cast(y_true, "float32")
            hits = tf.reduce_sum(y_true * tf.cast(y_pred > 0.5, "float32"))
            self.hits.assign_add(hits**self.power)
            self.all.assign(self.all + tf.cast(tf.reduce_sum(y_true), "float64"))
            self.inner.update_state(y_pred)

        def result(self) -> Any:
            return self.hits / tf.cast(self.all[0], "float32") + self.inner.result()

        def get_config(self) -> dict[str, Any]:
            return {**super().get_config(), "power": self.power}

    return Recall


def test_own_metric() -> None:
    def program(tf: Any) -> list[Any]:
        metric, found = own(tf)(power=2), []
        for truth, prediction in zip(BITS, CHANCES, strict=True):
            found.append(metric(truth, prediction).numpy())
        found += [v.numpy() for v in metric.variables]
        metric.reset_state()
        paths = [(v.path, v.dtype) for v in metric.variables]
        again = type(metric).from_config(metric.get_config())
        return [*found, *[v.numpy() for v in metric.variables], paths, again.get_config()]

    theirs = close(lambda tf: program(tf)[:-2], 20)
    assert theirs
    same(lambda tf: program(tf)[-2:])


def test_own_metric_is_found_by_its_class() -> None:
    def program(tf: Any) -> list[Any]:
        metrics, cls = tf.keras.metrics, own(tf)
        data = metrics.serialize(cls(power=3))
        known = metrics.deserialize(metrics.serialize(cls(power=3)), {"Recall": cls})
        return [data["class_name"], data["config"], known.power]

    same(program)


def test_metrics_in_fit() -> None:
    def program(tf: Any) -> list[Any]:
        keras = tf.keras
        model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(4, activation="sigmoid")])
        metrics = keras.metrics
        plain = [metrics.RootMeanSquaredError(), own(tf)(), metrics.TopKCategoricalAccuracy(k=2)]
        weighted = [metrics.MeanSquaredError(), "mae"]
        model.compile("sgd", "mse", metrics=plain, weighted_metrics=weighted, run_eagerly=True)
        weight = CHANCES[0, :, 0]
        history = model.fit(
            NUMBERS[0], BITS[0], batch_size=3, epochs=2, sample_weight=weight, verbose=0
        )
        return [history.history, model.evaluate(NUMBERS[1], BITS[1], verbose=0)]

    close(program, 60)


# -- complaints -----------------------------------------------------------------------------------


def forgotten_super(tf: Any) -> None:
    class Own(tf.keras.metrics.Metric):
        def __init__(self) -> None:
            self.total = self.add_weight(name="total", initializer="zeros")

    Own()


COMPLAINTS: dict[str, tuple[Any, str, str]] = {
    "super": (
        forgotten_super,
        "You forgot to call `super().__init__()` in the `__init__()` method. Go add it!",
        "",
    ),
    "update": (lambda tf: tf.keras.metrics.Metric().update_state(1), "", "`update_state` is not"),
    "result": (lambda tf: tf.keras.metrics.Metric().result(), "", "`result` is not overridden"),
    "dtype": (lambda tf: tf.keras.metrics.Mean(dtype="foo"), "foo", ""),
}


@pytest.mark.parametrize("name", COMPLAINTS)
def test_complaints(name: str) -> None:
    complain_alike(*COMPLAINTS[name])


@pytest.mark.parametrize("metric", ["Mean", "MeanSquaredError", "Accuracy"])
def test_a_name_that_is_no_string_is_refused(metric: str) -> None:
    """Keras ends in an AttributeError: 'int' object has no attribute 'replace'."""
    with pytest.raises(ValueError, match=f"{metric}: `name` must be a string, received name=3"):
        getattr(scratchnet.keras.metrics, metric)(name=3)


def test_what_is_taken() -> None:
    taken_alike("metrics", *"Mean MeanMetricWrapper Metric Sum".split())


# -- masks, dtypes and ranks ----------------------------------------------------------------------

VALUES = np.random.default_rng(9).normal(size=(4, 3)).astype("f")
MASKS = {
    "of samples": ([1, 0, 1, 1], (4,)),
    "of elements": ([[1, 0, 1], [0, 0, 0], [1, 1, 1], [0, 1, 0]], (4, 3)),
    "of none": ([0, 0, 0, 0], (4,)),
}


@pytest.mark.parametrize("weights", [None, [0.5, 2.0, 0.0, 1.0]])
@pytest.mark.parametrize("mask", MASKS)
@pytest.mark.parametrize("name", ["Mean", "Sum", "MeanAbsoluteError", "RootMeanSquaredError"])
def test_masks(name: str, mask: str, weights: Any) -> None:
    bools, shape = MASKS[mask]
    if mask == "of elements" and weights is not None:
        weights = np.array(weights)[:, None]
    values = VALUES if len(shape) == 2 else VALUES[:, 0]

    def program(tf: Any) -> list[Any]:
        if "Error" in name:
            prediction = tf.constant(VALUES if mask != "of elements" else VALUES[:, :, None])
            prediction._keras_mask = tf.constant(np.array(bools, bool))
            metric = getattr(tf.keras.metrics, name)()
            metric.update_state(np.zeros(prediction.shape, "f"), prediction, weights)
        else:
            given = tf.constant(values)
            given._keras_mask = tf.constant(np.array(bools, bool))
            metric = getattr(tf.keras.metrics, name)()
            metric.update_state(given, weights)
        return [metric.result().numpy(), *(v.numpy() for v in metric.variables)]

    close(program, 20)


@pytest.mark.parametrize("dtype", ["int32", "int64", "float16", "float64"])
@pytest.mark.parametrize("cls", ["Sum", "Mean"])
def test_means_and_sums_of_each_dtype(cls: str, dtype: str) -> None:
    def program(tf: Any) -> list[Any]:
        metric, found = getattr(tf.keras.metrics, cls)(dtype=dtype), []
        for values, weight in (
            ([1.75, 2.5], None),
            ([[1.0, 2.0, 4.0], [3.0, 5.0, 8.0]], None),
            ([[1.0, 2.0], [3.0, 5.0]], [2, 3]),
            ([[[1.0, 2.0]], [[3.0, 6.0]]], [[2], [1]]),
            (7.5, 2),
            (np.ones((2, 3, 2)), None),
        ):
            if dtype.startswith("int") and cls == "Mean" and weight is not None:
                weight = None  # Keras multiplies floats by integers then, and fails
            metric.update_state(values, weight)
            found += [metric.result().numpy(), *(v.numpy() for v in metric.variables)]
        return found

    close(program, 20, {"float16": 2.0**-10, "float64": 2.0**-50}.get(dtype, 2.0**-23))


@pytest.mark.parametrize("shape", [(3,), (2, 2), (4, 2), (2, 3, 4)])
def test_weights_that_do_not_fit(shape: tuple[int, ...]) -> None:
    values = np.ones((4, 3) if len(shape) < 3 else (2, 3), "f")
    metric = scratchnet.keras.metrics.Mean()
    text = r"^update_state: `sample_weight` must fit values of shape \(.*\), received a shape of \("
    with pytest.raises((ValueError, scratchnet.errors.InvalidArgumentError), match=text):
        metric.update_state(values, np.ones(shape, "f"))
    assert metric.count.numpy() == 0


def test_copies_have_variables_of_their_own() -> None:
    metric = scratchnet.keras.metrics.Mean(name="a/b")
    metric.update_state([1.0, 2.0])
    for twin in (copy.copy(metric), copy.deepcopy(metric), pickle.loads(pickle.dumps(metric))):
        twin.update_state([9.0])
        assert (metric.result().numpy(), twin.result().numpy()) == (1.5, 4.0)
        assert [v.path for v in twin.variables] == ["a>b/total", "a>b/count"]
        known = [metric, twin]
        assert not scratchnet.keras.metrics.Metric.are_all(known[:1])
    assert not any(v.trainable for v in metric.variables)


def test_a_metric_made_of_a_loss_goes_down() -> None:
    def program(tf: Any) -> list[Any]:
        m, losses = tf.keras.metrics, tf.keras.losses
        made = [m.MeanMetricWrapper(f) for f in (losses.mse, losses.MeanSquaredError(), len)]
        made += [
            m.MeanMetricWrapper(losses.hinge, name=""),
            m.MeanMetricWrapper(abs, "x", "float64"),
        ]
        return [(getattr(x, "_direction", None), x.name, x.dtype) for x in made]

    same(program)


def test_what_variables_begin_with() -> None:
    def program(tf: Any) -> list[Any]:
        metric = tf.keras.metrics.Metric(name="m", dtype="float64")
        made = [
            metric.add_variable((2,), "zeros", name="a"),
            metric.add_variable((), "ones", "int32", name="b"),
            metric.add_weight((), "zeros", name="c"),
            metric.add_weight((1, 2), "ones", "float16", name="d"),
        ]
        found = [(v.path, v.dtype, v.numpy().tolist(), v.trainable) for v in metric.variables]
        metric.reset_state()
        return [found, [v.numpy().tolist() for v in made], metric.dtype, repr(metric)]

    same(program)


@pytest.mark.parametrize(
    ("name", "arguments", "where"),
    [
        ("Mean", (), "update_state"),
        ("Accuracy", (), "update_state"),
        ("MeanSquaredError", (), "update_state"),
        ("AUC", (), "AUC"),
        ("Precision", (), "Precision"),
        ("MeanIoU", (2,), "MeanIoU"),
        ("F1Score", (), "F1Score"),
        ("R2Score", (), "R2Score"),
    ],
)
def test_weights_that_are_no_numbers_are_named(name: str, arguments: Any, where: str) -> None:
    given = ([[1.0]],) if name == "Mean" else ([[1.0]], [[1.0]])
    for library, error in ((tensorflow, Exception), (scratchnet, TypeError)):
        with pytest.raises(error) as caught:
            getattr(library.keras.metrics, name)(*arguments)(*given, sample_weight="a")
    assert str(caught.value).startswith(f"{where}: `sample_weight`: convert_to_tensor: "), caught


@pytest.mark.parametrize(
    ("name", "arguments", "text"),
    [
        ("CategoricalAccuracy", (), "categorical_accuracy: `y_true` must have an axis of classes"),
        ("TopKCategoricalAccuracy", (1,), "top_k_categorical_accuracy: `y_true` must have an axis"),
        ("OneHotIoU", (2, [0]), "OneHotIoU: `y_true` must have an axis of classes, received y_tru"),
        ("MeanSquaredError", (), "mean_squared_error: `y_pred` must have at least one axis, rece"),
    ],
)
def test_scalars_without_classes_are_named(name: str, arguments: Any, text: str) -> None:
    for library in (tensorflow, scratchnet):
        with pytest.raises(library.errors.InvalidArgumentError) as caught:
            getattr(library.keras.metrics, name)(*arguments)(1.0, 0.5)
    assert str(caught.value).startswith(text), str(caught.value)


def test_scalars_that_keras_takes() -> None:
    for name in ("RootMeanSquaredError", "BinaryAccuracy", "Accuracy", "CosineSimilarity", "AUC"):
        found = [
            float(getattr(library.keras.metrics, name)()(1.0, 0.5))
            for library in (tensorflow, scratchnet)
        ]
        assert found[0] == found[1], name
