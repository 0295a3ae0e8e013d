"""Losses and metrics against Keras's: values, gradients, reductions, hidden logits, complaints."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest
import tensorflow

import scratchnet
from tests.support.keras_programs import close, complain_alike, complaint, same

RNG = np.random.default_rng(8)
CLASSES = np.array([0, 2, 1, 2, 3])
ONE_HOT = np.eye(4, dtype="f")[CLASSES]
SOFT = RNG.dirichlet(np.ones(4), 5).astype("f")  # probabilities as the truth
PROBABILITIES = RNG.dirichlet(np.ones(4), 5).astype("f")
LOGITS = RNG.normal(size=(5, 4)).astype("f") * 3
EXTREME = np.array(
    [[1000.0, 0, -1000, 3], [0, 0, 0, 0], [-1e4, 5, 5, 5], [0, 0, 1e4, 0], [1, 2, 3, 4]], "f"
)
CERTAIN = np.eye(4, dtype="f")[[0, 2, 2, 1, 3]]  # right, right, wrong, wrong, right
LOOSE = np.full((5, 4), 0.1, "f") + 0.3 * ONE_HOT  # rows that do not sum to 1
BITS = np.array([[0, 1, 1], [1, 0, 0], [0, 0, 1], [1, 1, 1], [0, 1, 0]], "f")
CHANCES = RNG.random((5, 3)).astype("f")
SURE = np.array([[0, 1, 0], [1, 0, 1], [0, 0, 1], [1, 1, 1], [0, 1, 0]], "f")
NUMBERS = RNG.normal(size=(5, 3)).astype("f")
WEIGHTS = np.array([1, 0, 2, 0.5, 3.5], "f")

# name of the function, options, truth, prediction
FUNCTIONS: dict[str, tuple[str, dict[str, Any], np.ndarray, np.ndarray]] = {
    "cce": ("categorical_crossentropy", {}, ONE_HOT, PROBABILITIES),
    "cce soft": ("categorical_crossentropy", {}, SOFT, PROBABILITIES),
    "cce logits": ("categorical_crossentropy", {"from_logits": True}, ONE_HOT, LOGITS),
    "cce extreme": ("categorical_crossentropy", {"from_logits": True}, ONE_HOT, EXTREME),
    "cce certain": ("categorical_crossentropy", {}, ONE_HOT, CERTAIN),
    "cce loose": ("categorical_crossentropy", {}, ONE_HOT, LOOSE),
    "cce raw": ("categorical_crossentropy", {}, ONE_HOT, np.abs(LOGITS)),
    "cce smooth": ("categorical_crossentropy", {"label_smoothing": 0.2}, ONE_HOT, PROBABILITIES),
    "cce smooth logits": (
        "categorical_crossentropy",
        {"label_smoothing": 0.2, "from_logits": True},
        ONE_HOT,
        LOGITS,
    ),
    "cce axis": ("categorical_crossentropy", {"axis": 0}, ONE_HOT, PROBABILITIES),
    "cce of integers": ("categorical_crossentropy", {}, ONE_HOT.astype("int32"), PROBABILITIES),
    "scce": ("sparse_categorical_crossentropy", {}, CLASSES, PROBABILITIES),
    "scce column": ("sparse_categorical_crossentropy", {}, CLASSES[:, None], PROBABILITIES),
    "scce logits": ("sparse_categorical_crossentropy", {"from_logits": True}, CLASSES, LOGITS),
    "scce extreme": ("sparse_categorical_crossentropy", {"from_logits": True}, CLASSES, EXTREME),
    "scce certain": ("sparse_categorical_crossentropy", {}, CLASSES, CERTAIN),
    "scce loose": ("sparse_categorical_crossentropy", {}, CLASSES, LOOSE),
    "scce float labels": (
        "sparse_categorical_crossentropy",
        {},
        CLASSES.astype("f"),
        PROBABILITIES,
    ),
    "scce ignoring": (
        "sparse_categorical_crossentropy",
        {"ignore_class": 2},
        CLASSES,
        PROBABILITIES,
    ),
    "scce ignoring -1": (
        "sparse_categorical_crossentropy",
        {"ignore_class": -1, "from_logits": True},
        np.array([0, -1, 2, -1, 1]),
        LOGITS,
    ),
    "scce ignoring all": (
        "sparse_categorical_crossentropy",
        {"ignore_class": 255},
        np.full((5, 1), 255),
        PROBABILITIES,
    ),
    "scce ignoring floats": (
        "sparse_categorical_crossentropy",
        {"ignore_class": 0},
        CLASSES.astype("f"),
        PROBABILITIES,
    ),
    "bce axis": ("binary_crossentropy", {"axis": 0}, BITS, CHANCES),
    "bce": ("binary_crossentropy", {}, BITS, CHANCES),
    "bce logits": ("binary_crossentropy", {"from_logits": True}, BITS, NUMBERS * 5),
    "bce logits zero": ("binary_crossentropy", {"from_logits": True}, BITS, NUMBERS * 0),
    "bce certain": ("binary_crossentropy", {}, BITS, SURE),
    "bce smooth": ("binary_crossentropy", {"label_smoothing": 0.3}, BITS, CHANCES),
    "mse": ("mse", {}, BITS, NUMBERS),
    "mae": ("mae", {}, BITS, NUMBERS),
}
CLASS_OF = {
    "categorical_crossentropy": "CategoricalCrossentropy",
    "sparse_categorical_crossentropy": "SparseCategoricalCrossentropy",
    "binary_crossentropy": "BinaryCrossentropy",
    "mse": "MeanSquaredError",
    "mae": "MeanAbsoluteError",
}


def value_and_gradient(
    tf: Any, loss: Any, truth: np.ndarray, prediction: np.ndarray, *weights: Any
) -> list[Any]:
    p = tf.constant(prediction)
    with tf.GradientTape() as tape:
        tape.watch(p)
        value = loss(tf.constant(truth), p, *weights)
    return [value.numpy(), tape.gradient(value, p).numpy()]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_function(name: str) -> None:
    function, options, truth, prediction = FUNCTIONS[name]

    def program(tf: Any) -> list[Any]:
        loss = getattr(tf.keras.losses, function)
        return value_and_gradient(tf, lambda t, p: loss(t, p, **options), truth, prediction)

    close(program, 30)


@pytest.mark.parametrize(
    "reduction", [None, "none", "sum", "sum_over_batch_size", "mean", "mean_with_sample_weight"]
)
@pytest.mark.parametrize("weights", [None, WEIGHTS, WEIGHTS[:, None], 0.5, np.zeros(5, "f")])
@pytest.mark.parametrize("name", ["cce", "scce logits", "scce ignoring", "bce", "mse"])
def test_class(name: str, weights: Any, reduction: str | None) -> None:
    function, options, truth, prediction = FUNCTIONS[name]

    def program(tf: Any) -> list[Any]:
        loss = getattr(tf.keras.losses, CLASS_OF[function])(reduction=reduction, **options)
        return value_and_gradient(tf, loss, truth, prediction, weights)

    close(program, 60)


def test_known_values() -> None:
    """The numbers that a perfect hit and a clean miss give (ε = 1e-7)."""
    losses = scratchnet.keras.losses
    hit, miss = np.array([[1, 0, 0]], "f"), np.array([[0, 1, 0]], "f")
    values = [losses.categorical_crossentropy(hit, p).numpy()[0] for p in (hit, miss)]
    values += [losses.sparse_categorical_crossentropy([0], p).numpy()[0] for p in (hit, miss)]
    np.testing.assert_allclose(
        values, [1.1920930e-07, 16.118095, 2.3841855e-07, 16.118095], rtol=1e-6
    )


def test_gradient_of_a_clipped_entry_is_0() -> None:
    def program(tf: Any) -> list[Any]:
        loss = tf.keras.losses.categorical_crossentropy
        return value_and_gradient(tf, loss, ONE_HOT, CERTAIN)

    close(program, 4)


def test_fused_gradient_sums_to_0() -> None:
    loss = scratchnet.keras.losses.CategoricalCrossentropy(from_logits=True)
    _, gradient = value_and_gradient(scratchnet, loss, ONE_HOT, EXTREME)
    np.testing.assert_allclose(gradient.sum(-1), 0, atol=1e-7)


def test_squeezing() -> None:
    """(4,) against (4, 1) is compared row by row, not broadcast."""

    def program(tf: Any) -> list[Any]:
        losses, column = tf.keras.losses, NUMBERS[:, :1]
        pairs = [(column, column[:, 0]), (column[:, 0], column)]
        return [losses.MeanSquaredError()(tf.constant(t), tf.constant(p)).numpy() for t, p in pairs]

    close(program, 1)


# -- the hidden logits ----------------------------------------------------------------------------


def softmaxes(tf: Any) -> list[Any]:
    keras = tf.keras
    dense = keras.layers.Dense(4, activation="softmax", kernel_initializer="identity")
    return [
        keras.activations.softmax,
        keras.layers.Activation("softmax"),
        keras.layers.Softmax(),
        dense,
        tf.nn.softmax,
        keras.Sequential([keras.Input((4,)), keras.layers.Softmax()]),
    ]


@pytest.mark.parametrize("i", range(6))
@pytest.mark.parametrize("sparse", [False, True])
def test_softmax_hides_its_logits(i: int, sparse: bool) -> None:
    def program(tf: Any) -> list[Any]:
        f, losses = softmaxes(tf)[i], tf.keras.losses
        loss = (
            losses.SparseCategoricalCrossentropy() if sparse else losses.CategoricalCrossentropy()
        )
        truth = CLASSES if sparse else ONE_HOT
        return value_and_gradient(tf, lambda t, x: loss(t, f(x)), truth, EXTREME)

    close(program, 4)


@pytest.mark.parametrize("hides", [True, False])
def test_sigmoid_hides_its_logits(hides: bool) -> None:
    def program(tf: Any) -> list[Any]:
        f = tf.keras.activations.sigmoid if hides else tf.nn.sigmoid
        loss = tf.keras.losses.BinaryCrossentropy()
        return value_and_gradient(
            tf, lambda t, x: loss(t, f(x)), BITS, NUMBERS * (100 if hides else 1)
        )

    close(program, 30)


HIDDEN_COMPLAINTS = {
    "cce": ("CategoricalCrossentropy", "softmax", ONE_HOT, LOGITS),
    "scce": ("SparseCategoricalCrossentropy", "softmax", CLASSES, LOGITS),
    "bce": ("BinaryCrossentropy", "sigmoid", BITS, NUMBERS),
}


@pytest.mark.parametrize("name", HIDDEN_COMPLAINTS)
def test_from_logits_of_probabilities_warns(name: str) -> None:
    cls, activation, truth, x = HIDDEN_COMPLAINTS[name]

    def program(tf: Any) -> Any:
        p = getattr(tf.keras.activations, activation)(tf.constant(x))
        return getattr(tf.keras.losses, cls)(from_logits=True)(truth, p).numpy()

    complain_alike(
        program, "received `from_logits=True`, but the `output` argument was produced by a "
    )


@pytest.mark.filterwarnings("ignore:.*produced by a Softmax:UserWarning")
def test_from_logits_of_probabilities_is_right_all_the_same() -> None:
    def program(tf: Any) -> Any:
        p = tf.keras.activations.softmax(tf.constant(EXTREME))
        return tf.keras.losses.CategoricalCrossentropy(from_logits=True)(ONE_HOT, p).numpy()

    close(program, 4)


# -- complaints, names, configurations ------------------------------------------------------------

RANK = "Arguments `target` and `output` must have the same rank (ndim)"
SHAPE = "Arguments `target` and `output` must have the same shape"


def of(function: str, truth: Any, prediction: np.ndarray = PROBABILITIES, **options: Any) -> Any:
    """The program that calls a loss."""
    return lambda tf: getattr(tf.keras.losses, function)(truth, tf.constant(prediction), **options)


# name -> (program, what both texts say, what ours says)
COMPLAINTS: dict[str, tuple[Any, str, str]] = {
    "cce rank": (of("categorical_crossentropy", CLASSES), RANK, "target.shape=(5,)"),
    "cce shape": (of("categorical_crossentropy", ONE_HOT[:, :3]), SHAPE, "output.shape=(5, 4)"),
    "cce column": (of("categorical_crossentropy", CLASSES[:, None]), SHAPE, "target.shape=(5, 1)"),
    "scce one-hot": (
        of("sparse_categorical_crossentropy", ONE_HOT),
        "Argument `output` must have rank (ndim) `target.ndim - 1`",
        "",
    ),
    "scce length": (of("sparse_categorical_crossentropy", CLASSES[:3]), SHAPE, "(3,)"),
    "scce axis": (of("sparse_categorical_crossentropy", CLASSES, axis=0), "axis=0", "last axis"),
    "bce rank": (of("binary_crossentropy", BITS[:, 0], CHANCES), RANK, ""),
    "one class": (
        of("categorical_crossentropy", BITS[:, :1], CHANCES[:, :1]),
        "categorical_crossentropy",
        "has one class, whose probability is always 1",
    ),
    "cce axis": (
        of("categorical_crossentropy", ONE_HOT, axis=True),
        "`axis` must be of type `int`",
        "received axis=True",
    ),
    "no call": (
        lambda tf: tf.keras.losses.Loss()(np.ones(2), np.ones(2)),
        "",
        "`call` is not overridden",
    ),
    "a number": (
        lambda tf: tf.keras.losses.get(3),
        "Could not interpret loss identifier: 3",
        "",
    ),
    "described": (
        lambda tf: tf.keras.losses.get({"class_name": "foo", "config": {}}),
        "Could not interpret loss identifier: {'class_name': 'foo', 'config': {}}",
        "",
    ),
    "unknown loss": (
        lambda tf: tf.keras.losses.get("foo"),
        "Could not interpret loss identifier: foo",
        "",
    ),
    "unknown metric": (
        lambda tf: tf.keras.metrics.get("foo"),
        "Could not interpret metric identifier: foo",
        "",
    ),
}


@pytest.mark.parametrize("name", COMPLAINTS)
def test_complaints(name: str) -> None:
    complain_alike(*COMPLAINTS[name])


@pytest.mark.parametrize("label", [5, 4, -1])
def test_label_out_of_range(label: int) -> None:
    labels = np.array([0, 2, label, 1, 1])
    for tf in (tensorflow, scratchnet):
        with pytest.raises(
            tf.errors.InvalidArgumentError,
            match=rf"label value of {label} which is outside .*\[0, 4\)",
        ):
            tf.keras.losses.SparseCategoricalCrossentropy()(labels, tf.constant(PROBABILITIES))


def test_unknown_reduction() -> None:
    for tf in (tensorflow, scratchnet):
        with pytest.raises(ValueError, match=r"`reduction`.*foo"):
            tf.keras.losses.MeanSquaredError(reduction="foo")(BITS, NUMBERS)


def test_lookup() -> None:
    def program(tf: Any) -> list[Any]:
        losses, metrics = tf.keras.losses, tf.keras.metrics
        names = ["mse", "MSE", "mae", "bce", "mean_squared_error", "categorical_crossentropy"]
        found = [losses.get(n).__name__ for n in names] + [losses.get(None)]
        found += [type(losses.get(n)).__name__ for n in CLASS_OF.values()]
        found += [
            repr(metrics.get(n))
            for n in ("mse", "accuracy", "mae", "categorical_crossentropy", "Mean")
        ]
        found += [repr(metrics.get(n)) for n in ("binary_accuracy", "SparseCategoricalAccuracy")]
        function = losses.categorical_crossentropy
        return [*found, losses.get(function) is function, losses.get("mse") is losses.mse]

    same(program)


OPTIONS: dict[str, dict[str, Any]] = {
    "CategoricalCrossentropy": {"from_logits": True, "label_smoothing": 0.1, "axis": 1},
    "SparseCategoricalCrossentropy": {"from_logits": True, "ignore_class": 3},
    "BinaryCrossentropy": {"label_smoothing": 0.25, "axis": 0},
    "MeanSquaredError": {},
    "MeanAbsoluteError": {"dtype": "float64"},
}


@pytest.mark.parametrize("name", OPTIONS)
@pytest.mark.parametrize("given", [True, False])
def test_configs(name: str, given: bool) -> None:
    def program(tf: Any) -> list[Any]:
        losses = tf.keras.losses
        options = {"reduction": "sum", "name": "mine", **OPTIONS[name]} if given else {}
        loss = getattr(losses, name)(**options)
        data = losses.serialize(loss)
        again = [
            type(loss).from_config(loss.get_config()),
            losses.deserialize(losses.serialize(loss)),
            losses.get(losses.serialize(loss)),
            losses.deserialize({"class_name": name, "config": loss.get_config()}),
        ]
        made = [[type(x).__name__, x.name, x.get_config()] for x in again]
        return [list(loss.get_config().items()), data, made, loss.name, loss.dtype]

    same(program)


@pytest.mark.parametrize("name", ["mse", "mae", *CLASS_OF])
def test_functions_by_their_names(name: str) -> None:
    def program(tf: Any) -> list[Any]:
        losses = tf.keras.losses
        data = losses.serialize(losses.get(name))
        return [data, losses.deserialize(data).__name__, losses.get(data).__name__]

    same(program)


def test_own_loss_is_found_by_its_class() -> None:
    def program(tf: Any) -> list[Any]:
        class Cubed(tf.keras.losses.Loss):
            def __init__(self, power: int = 3, **kwargs: Any) -> None:
                super().__init__(**kwargs)
                self.power = power

            def get_config(self) -> dict[str, Any]:
                return {**super().get_config(), "power": self.power}

        losses = tf.keras.losses
        data = losses.serialize(Cubed(2, reduction="sum"))
        known = losses.deserialize(losses.serialize(Cubed(2)), {"Cubed": Cubed})
        return [data["class_name"], data["config"], known.power, known.get_config()]

    same(program)


@pytest.mark.parametrize("name", [*OPTIONS, "Loss"])
def test_signature(name: str) -> None:
    same(
        lambda tf: [
            (p.name, p.default)
            for p in inspect.signature(getattr(tf.keras.losses, name)).parameters.values()
        ]
    )


@pytest.mark.parametrize("name", ["NONE", "SUM", "SUM_OVER_BATCH_SIZE"])
def test_older_names_of_reductions(name: str) -> None:
    def program(tf: Any) -> list[Any]:
        losses = tf.keras.losses
        reduction = getattr(losses.Reduction, name)
        return [reduction, losses.MeanSquaredError(reduction)(BITS, NUMBERS).numpy()]

    close(program, 10)


@pytest.mark.parametrize("weights", [None, WEIGHTS])
@pytest.mark.parametrize("reduction", ["sum_over_batch_size", "sum", "none"])
def test_dtype(reduction: str, weights: Any) -> None:
    """Inputs of float32, the loss computed in float64."""

    def program(tf: Any) -> list[Any]:
        loss = tf.keras.losses.MeanSquaredError(reduction=reduction, dtype="float64")
        return value_and_gradient(tf, loss, BITS, NUMBERS, weights)

    close(program, 10)


def test_ignored_elements_of_an_image() -> None:
    """A class for each pixel, some without one; a softmax whose logits are hidden no more."""

    def program(tf: Any) -> list[Any]:
        rng = np.random.default_rng(2)
        truth, x = rng.integers(-1, 3, (2, 3, 4)), rng.normal(size=(2, 3, 4, 3)).astype("f")
        loss = tf.keras.losses.SparseCategoricalCrossentropy(ignore_class=-1)
        return value_and_gradient(
            tf, lambda t, p: loss(t, tf.keras.activations.softmax(p)), truth, x
        )

    close(program, 60)


def test_repr() -> None:
    for tf in (tensorflow, scratchnet):
        text = repr(tf.keras.losses.CategoricalCrossentropy())
        assert text.startswith("<LossFunctionWrapper(<function categorical_crossentropy at 0x")
        assert text.endswith("kwargs={'from_logits': False, 'label_smoothing': 0.0, 'axis': -1})>")


def own_loss(tf: Any) -> list[Any]:
    class Cubed(tf.keras.losses.Loss):
        def call(self, y_true: Any, y_pred: Any) -> Any:
            return tf.reduce_mean(tf.abs(y_true - y_pred) ** 3, axis=-1)

    loss = Cubed(reduction="sum")
    return [loss.name, loss.reduction, value_and_gradient(tf, loss, BITS, NUMBERS, WEIGHTS)]


def test_own_loss() -> None:
    close(own_loss, 30)


# -- metrics --------------------------------------------------------------------------------------

TIES = np.array(
    [[0.5, 0.5, 0, 0], [0.2, 0.2, 0.2, 0.4], [0, 0.5, 0.5, 0], [0, 0, 0.5, 0.5], [0, 0, 0, 1]], "f"
)
METRICS: dict[str, tuple[Any, np.ndarray, np.ndarray]] = {
    "categorical": (lambda m: m.CategoricalAccuracy(), ONE_HOT, PROBABILITIES),
    "categorical ties": (lambda m: m.CategoricalAccuracy(), ONE_HOT, TIES),
    "sparse": (lambda m: m.SparseCategoricalAccuracy(), CLASSES, PROBABILITIES),
    "sparse column": (lambda m: m.SparseCategoricalAccuracy(), CLASSES[:, None], PROBABILITIES),
    "sparse ties": (lambda m: m.SparseCategoricalAccuracy(), CLASSES, TIES),
    "binary": (lambda m: m.BinaryAccuracy(), BITS, CHANCES),
    "binary edge": (lambda m: m.BinaryAccuracy(), BITS, np.full((5, 3), 0.5, "f")),
    "binary threshold": (lambda m: m.BinaryAccuracy(threshold=0.3), BITS, CHANCES),
    "binary column": (lambda m: m.BinaryAccuracy(), BITS[:, 0], CHANCES[:, :1]),
    "accuracy": (lambda m: m.Accuracy(), CLASSES, np.array([0, 2, 2, 2, 3.0], "f")),
    "mse": (lambda m: m.MeanSquaredError(), BITS, NUMBERS),
    "mae": (lambda m: m.MeanAbsoluteError(), BITS, NUMBERS),
    "cce": (lambda m: m.CategoricalCrossentropy(), ONE_HOT, PROBABILITIES),
    "scce": (lambda m: m.SparseCategoricalCrossentropy(from_logits=True), CLASSES, LOGITS),
    "bce": (lambda m: m.BinaryCrossentropy(), BITS, CHANCES),
    "own": (lambda m: m.MeanMetricWrapper(lambda t, p: abs(t - p), name="own"), BITS, NUMBERS),
}


@pytest.mark.parametrize("weights", [None, WEIGHTS])
@pytest.mark.parametrize("name", METRICS)
def test_metric(name: str, weights: Any) -> None:
    make, truth, prediction = METRICS[name]

    def program(tf: Any) -> list[Any]:
        metric = make(tf.keras.metrics)
        found = [
            metric(
                truth[:2], prediction[:2], sample_weight=None if weights is None else weights[:2]
            )
        ]
        metric.update_state(
            truth[2:], prediction[2:], sample_weight=None if weights is None else weights[2:]
        )
        found = [value.numpy() for value in (*found, metric.result(), *metric.variables)]
        metric.reset_state()
        return [*found, metric.result().numpy(), metric.name, repr(metric)]

    close(program, 20)


MEANS: list[list[tuple[Any, Any]]] = [
    [(3.0, None), (5.0, None)],
    [([1.0, 3.0, 8.0], None), (0.5, 10)],
    [([1, 3], [1, 0]), ([4, 4, 4], [0, 1, 1])],
    [(NUMBERS, None), (NUMBERS, WEIGHTS)],
    [(NUMBERS, WEIGHTS[:, None]), (NUMBERS, NUMBERS)],
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


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
def test_metric_variables() -> None:
    same(lambda tf: [repr(v) for v in tf.keras.metrics.Mean().variables])


def own_metric(tf: Any) -> list[Any]:
    class Count(tf.keras.metrics.Metric):
        def __init__(self) -> None:
            super().__init__(name="count")
            self.seen = self.add_weight(shape=(), initializer="zeros", name="seen")

        def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
            self.seen.assign_add(float(len(y_true)))

        def result(self) -> Any:
            return self.seen.value

    metric = Count()
    metric.update_state(BITS, NUMBERS)
    value = float(metric(BITS, NUMBERS))
    metric.reset_state()
    return [value, float(metric.result()), [v.path for v in metric.variables]]


def test_own_metric() -> None:
    same(own_metric)


def test_python_labels() -> None:
    """Keras refuses lists beside tensors; here they are taken for what they say."""
    assert complaint(
        lambda tf: tf.keras.losses.MeanSquaredError()([[1.0]], tf.constant([[3.0]])), tensorflow
    )[0]
    loss = scratchnet.keras.losses.MeanSquaredError()
    assert loss([[1.0]], scratchnet.constant([[3.0]])).numpy() == 4


@pytest.mark.parametrize("label", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("as_class", [True, False])
def test_labels_must_be_finite(label: float, as_class: bool) -> None:
    """Keras computes with whatever integer nan is cast to."""
    losses = scratchnet.keras.losses
    loss = (
        losses.SparseCategoricalCrossentropy()
        if as_class
        else losses.get("sparse_categorical_crossentropy")
    )
    with pytest.raises(ValueError, match=f"`y_true` must hold finite labels.*y_true={label}"):
        loss(np.array([0, label], "f"), PROBABILITIES[:2])


def test_the_fraction_of_a_label_is_cut_off() -> None:
    labels = np.array([0.0, 1.7, 2.0, 3.2, 0.9], "f")
    close(
        lambda tf: tf.keras.losses.SparseCategoricalCrossentropy()(labels, PROBABILITIES).numpy(),
        20,
    )


@pytest.mark.parametrize("smoothing", [-0.1, 1.5, np.nan])
@pytest.mark.parametrize("kind", ["Categorical", "Binary"])
def test_label_smoothing_out_of_range_is_refused(kind: str, smoothing: float) -> None:
    """Keras takes it."""
    losses = scratchnet.keras.losses
    rule = r"`label_smoothing` must be in \[0, 1\]"
    with pytest.raises(ValueError, match=rule):
        getattr(losses, f"{kind}Crossentropy")(label_smoothing=smoothing)
    with pytest.raises(ValueError, match=rule):
        losses.get(f"{kind.lower()}_crossentropy")(BITS, CHANCES, label_smoothing=smoothing)


def test_sparse_accuracy_names_shapes_that_do_not_fit() -> None:
    """Keras's complaint is that of the comparison inside."""
    metric = scratchnet.keras.metrics.SparseCategoricalAccuracy()
    rule = r"y_true of shape \(3,\) and y_pred of shape \(2, 4\)"
    with pytest.raises(ValueError, match=rule):
        metric([0, 1, 1], PROBABILITIES[:2])
