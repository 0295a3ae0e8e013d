"""Losses and metrics of models with several outputs, against Keras's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import scratchnet
from tests.support.functional_models import shared
from tests.support.keras_programs import close, complain_alike

RNG = np.random.default_rng(33)
A, B = (RNG.normal(size=(5, 3)).astype("f") for _ in range(2))
Y1, Y2 = np.ones((5, 1), "f"), RNG.random((5, 2)).astype("f")
CLASSES = np.array([0, 1, 1, 0, 1])
W1, W2 = np.arange(5.0), np.ones(5)


def fitted(tf: Any, dicts: bool, y: Any, weight: Any = None, **compiled: Any) -> Any:
    """Losses and metrics of two epochs, of `evaluate` in both forms, and the weights."""
    x = tf.keras.Input((3,), name="x")
    p, q = tf.keras.layers.Dense(1, name="p")(x), tf.keras.layers.Dense(2, name="q")(x)
    model = tf.keras.Model(x, {"one": p, "two": q} if dicts else [p, q])
    model.compile("sgd", **compiled)
    history = model.fit(
        A, y, sample_weight=weight, verbose=0, batch_size=2, epochs=2, shuffle=False
    )
    told = [model.evaluate(A, y, verbose=0), model.evaluate(A, y, verbose=0, return_dict=True)]
    on_batch = [model.train_on_batch(A, y), model.test_on_batch(A, y)]
    names = [*model.metrics_names, *history.history]
    return [names, history.history, told, on_batch, [w.numpy() for w in model.weights]]


OUTPUTS: dict[str, dict[str, Any]] = {
    "one loss": {"loss": "mse"},
    "truths by name": {"loss": "mse", "y": {"p": Y1, "q": Y2}},
    "a loss each": {"loss": ["mse", "mae"]},
    "losses by name": {"loss": {"q": "mae", "p": "mse"}},
    "weighted": {"loss": ["mse", "mse"], "loss_weights": [2.0, 0.5]},
    "weighted by name": {"loss": {"p": "mse", "q": "mse"}, "loss_weights": {"q": 2.0, "p": 0.5}},
    "one of two": {"loss": ["mse", None]},
    "one of two, one truth": {"loss": ["mse", None], "y": [Y1]},
    "a metric each": {"loss": "mse", "metrics": ["mae", "mse"]},
    "metrics each": {"loss": "mse", "metrics": [["mae"], ["mse", "mae"]]},
    "metrics by name": {"loss": "mse", "metrics": {"q": ["mse", "mae"]}},
    "samples weighted": {
        "loss": "mse",
        "weight": [W1, W2],
        "metrics": [["mae"], ["mse"]],
        "weighted_metrics": [["mae"], ["mae"]],
    },
    "samples weighted alike": {"loss": "mse", "weight": W1, "weighted_metrics": [["mae"], ["mae"]]},
    "accuracies": {
        "loss": ["mse", "sparse_categorical_crossentropy"],
        "y": [CLASSES, CLASSES],
        "metrics": ["accuracy", "accuracy"],
    },
    "dict: one loss": {"dicts": True, "loss": "mse", "metrics": {"one": "mae"}},
    "dict: by key": {"dicts": True, "loss": {"two": "mse", "one": "mae"}},
    "dict: one of two": {"dicts": True, "loss": {"two": "mse"}, "y": {"two": Y2}},
    "dict: in order": {"dicts": True, "loss": ["mse", "mae"], "y": [Y1, Y2]},
    "dict: samples weighted": {"dicts": True, "loss": "mse", "weight": {"one": W1, "two": W2}},
}


@pytest.mark.filterwarnings("ignore:Gradients do not exist for variables")
@pytest.mark.parametrize("name", OUTPUTS)
def test_several_outputs(name: str) -> None:
    case = {"dicts": False, **OUTPUTS[name]}
    case.setdefault("y", {"one": Y1, "two": Y2} if case["dicts"] else [Y1, Y2])
    close(lambda tf: fitted(tf, **case), 64)


WRONG_OUTPUTS: dict[str, tuple[dict[str, Any], str, str]] = {
    "a loss missing": ({"loss": {"p": "mse"}}, "Expected keys ['p', 'q'] in loss dict", ""),
    "a loss of none": ({"loss": {"p": "mse", "z": "mse"}}, "Expected keys ['p', 'q']", "'z'"),
    "a weight too many": (
        {"loss": "mse", "loss_weights": [1.0, 2.0]},
        "`loss_weights` must match the number of losses",
        "received 1 losses and 2 weights",
    ),
    "no loss at all": ({"loss": [None, None]}, "No loss to compute", "`loss` argument"),
    "no loss and no truth": ({"loss": [None, None], "y": []}, "No loss to compute", ""),
    "weights of text": ({"loss": "mse", "loss_weights": "a"}, "`loss_weights`", "must be a number"),
    "metrics for one": ({"loss": "mse", "metrics": ["mae"]}, "`metrics`", "each of the 2 outputs"),
    "metrics of none": ({"loss": "mse", "metrics": {"z": "mae"}}, "'z'", "names of outputs"),
    "truths too many": (
        {"loss": "mse", "y": [Y1, Y2, Y2]},
        "y",
        "2 outputs ['p', 'q'], received 3",
    ),
}


@pytest.mark.parametrize("name", WRONG_OUTPUTS)
def test_wrong_for_several_outputs(name: str) -> None:
    case, shared, ours = WRONG_OUTPUTS[name]
    complain_alike(lambda tf: fitted(tf, False, **{"y": [Y1, Y2], **case}), shared, ours)


def test_a_single_truth_for_two_outputs() -> None:
    with pytest.raises(ValueError, match="one part for each of the 2 outputs"):
        fitted(scratchnet, False, Y1, loss="mse")


def test_class_weight_takes_one_output() -> None:
    def program(tf: Any) -> None:
        model = shared(tf)
        model.compile("sgd", "mse")
        model.fit([A, B], [Y1, Y2], class_weight={0: 2.0}, verbose=0)

    complain_alike(program, "`class_weight` is only supported for Models with a single output")


def test_unnamed_outputs_of_a_subclass() -> None:
    def program(tf: Any) -> Any:
        class Two(tf.keras.Model):
            def __init__(self) -> None:
                super().__init__()
                self.one, self.two = tf.keras.layers.Dense(1), tf.keras.layers.Dense(2)

            def call(self, x: Any) -> Any:
                return self.one(x), self.two(x)

        model = Two()
        model.compile("sgd", ["mse", "mae"], metrics=[["mae"], ["mae"]])
        history = model.fit(A, (Y1, Y2), verbose=0, batch_size=5).history
        return history, model.evaluate(A, (Y1, Y2), verbose=0), model.predict(A, verbose=0)

    close(program, 64)


def test_each_form_of_a_loss_and_of_its_weight() -> None:
    """Names, functions and objects; one number for all outputs; in the logs by their names."""

    def program(tf: Any) -> list[Any]:
        def own(y_true: Any, y_pred: Any) -> Any:
            return tf.reduce_sum(tf.abs(y_true - y_pred), -1)

        losses, found = tf.keras.losses, []
        x = tf.keras.Input((3,), name="x")
        p, q = tf.keras.layers.Dense(1, name="p")(x), tf.keras.layers.Dense(2, name="q")(x)
        for form in (
            ["mse", own],
            [losses.MeanAbsoluteError(name="m"), losses.Huber()],
            ["MeanSquaredError", losses.get("mae")],
        ):
            for ends, names in (([p, q], "pq"), ({"one": p, "two": q}, ("one", "two"))):
                for weights in (None, [2.0, 0.5], dict(zip(names, (1, 3), strict=True))):
                    model = tf.keras.Model(x, ends)
                    model.compile("sgd", form, loss_weights=weights, run_eagerly=True)
                    truth = [Y1, Y2] if names == "pq" else {"one": Y1, "two": Y2}
                    told = model.test_on_batch(A, truth, return_dict=True)
                    found += [*told, told]
        for loss in ("mse", own):
            model = tf.keras.Model(x, [p, q])
            model.compile("sgd", loss, loss_weights=0.25, run_eagerly=True)
            found.append(model.test_on_batch(A, [Y1, Y2]))
        return found

    close(program, 64)


def test_the_logs_of_parts_count_by_samples_if_run_eagerly() -> None:
    def program(tf: Any) -> list[Any]:
        found = []
        for eager in (False, True):
            x = tf.keras.Input((3,))
            model = tf.keras.Model(x, [tf.keras.layers.Dense(n)(x) for n in (1, 2)])
            model.compile("sgd", ["mse", "mae"], run_eagerly=eager)
            found.append(model.fit(A, [Y1, Y2], 2, shuffle=False, verbose=0).history)
        return found

    close(program, 64)


@pytest.mark.parametrize("y", [[Y1, None], {"p": Y1}, {"p": Y1, "q": None}])
def test_a_truth_that_is_missing(y: Any) -> None:
    x = scratchnet.keras.Input((3,))
    p, q = (scratchnet.keras.layers.Dense(n, name=name)(x) for n, name in ((1, "p"), (2, "q")))
    model = scratchnet.keras.Model(x, [p, q])
    model.compile("sgd", "mse")
    with pytest.raises(ValueError, match=r"^`y` must hold the truth for the output 'q'$"):
        model.test_on_batch(A, y)


@pytest.mark.parametrize("loss", ["crossentropy", "ce", "CrossEntropy"])
def test_cross_entropies_are_chosen_by_the_shapes(loss: str) -> None:
    def program(tf: Any) -> list[Any]:
        found = []
        one_hot = np.eye(2, dtype="f")[CLASSES]
        for units, truth in ((1, CLASSES[:, None]), (2, CLASSES), (2, one_hot)):
            layers = [tf.keras.Input((3,)), tf.keras.layers.Dense(units, activation="sigmoid")]
            model = tf.keras.Sequential(layers)
            model.compile("sgd", loss, run_eagerly=True)
            found.append(model.test_on_batch(A, truth))
        return found

    close(program, 64)
