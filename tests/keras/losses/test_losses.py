"""The names in keras.losses: look-up, configurations, signatures."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

from tests.support.keras_programs import complain_alike, same
from tests.support.loss_programs import CLASS_OF
from tests.support.signatures import attributes_alike

# name -> (program, what both texts say, what ours says)
COMPLAINTS: dict[str, tuple[Any, str, str]] = {
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
    "MeanAbsolutePercentageError": {},
    "MeanSquaredLogarithmicError": {},
    "Huber": {"delta": 0.5},
    "LogCosh": {},
    "CosineSimilarity": {"axis": 0},
    "Hinge": {},
    "SquaredHinge": {},
    "CategoricalHinge": {},
    "KLDivergence": {},
    "Poisson": {"dtype": "float64"},
    "BinaryFocalCrossentropy": {"apply_class_balancing": True, "alpha": 0.3, "axis": 0},
    "CategoricalFocalCrossentropy": {"alpha": [0.1, 0.9], "gamma": 1, "from_logits": True},
}
NAMES = [*CLASS_OF, *"MAPE MSLE kl_divergence log_cosh KLD".split()]


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
    options = OPTIONS[name] if given else {}
    attributes_alike(lambda keras: getattr(keras.losses, name)(**options))


@pytest.mark.parametrize("name", [name for name in NAMES if name != "logcosh"])
def test_functions_by_their_names(name: str) -> None:
    def program(tf: Any) -> list[Any]:
        losses = tf.keras.losses
        data = losses.serialize(losses.get(name))
        return [data, losses.deserialize(data).__name__, losses.get(data).__name__]

    same(program)


@pytest.mark.parametrize("name", [*OPTIONS, "Loss"])
def test_signature(name: str) -> None:
    same(
        lambda tf: [
            (p.name, p.default)
            for p in inspect.signature(getattr(tf.keras.losses, name)).parameters.values()
        ]
    )
