"""compile, by what a file says: what can be made of it, and what is told of the rest."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

import scratchnet
from scratchnet.keras.models.compile_saved import compile_saved

keras = scratchnet.keras
write = keras.saving.serialize_keras_object
MSE = {"class_name": "MeanSquaredError", "config": {}}
NOPE = {"class_name": "Nope", "module": "nowhere", "config": {}, "registered_name": "Nope"}


def doubled(y_true: Any, y_pred: Any) -> Any:
    return 2 * abs(y_true - y_pred)


def compiled(config: dict[str, Any], outputs: int = 1, built: bool = True) -> tuple[Any, list[str]]:
    """A model compiled by `config`, and the warnings."""
    x = keras.Input((3,))
    ends = [keras.layers.Dense(1, name=name)(x) for name in "ab"[:outputs]]
    model = keras.Model(x, ends, name="net") if built else keras.Sequential(name="net")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        compile_saved(model, config)
    return model, [str(w.message) for w in caught]


def kinds(part: Any) -> Any:
    """Structures with names in place of functions and objects."""
    if isinstance(part, dict):
        return {key: kinds(x) for key, x in part.items()}
    if isinstance(part, list | tuple):
        return [kinds(x) for x in part]
    if part is None or isinstance(part, str | int | float):
        return part
    return getattr(part, "__name__", type(part).__name__)


# (what the file says, outputs, what `compile` is given)
MADE: list[tuple[dict[str, Any], int, dict[str, Any]]] = [
    ({"loss": "mse"}, 1, {"loss": "mse"}),
    ({"loss": MSE}, 1, {"loss": "MeanSquaredError"}),
    ({"loss": write(keras.losses.Huber())}, 1, {"loss": "Huber"}),
    ({"loss": write(keras.losses.mean_squared_error)}, 1, {"loss": "mean_squared_error"}),
    ({"loss": None}, 1, {"loss": None}),
    ({"loss": "crossentropy"}, 1, {"loss": "crossentropy"}),
    ({"loss": ["mse", None]}, 2, {"loss": ["mse", None]}),
    ({"loss": ("mae", MSE)}, 2, {"loss": ["mae", "MeanSquaredError"]}),
    ({"loss": {"a": MSE, "b": "mae"}}, 2, {"loss": {"a": "MeanSquaredError", "b": "mae"}}),
    ({"loss": "doubled"}, 1, {"loss": "doubled"}),
    (
        {"loss": {"class_name": "MeanSquaredError", "config": {"reduction": "auto", "fn": "x"}}},
        1,
        {"loss": "MeanSquaredError"},
    ),
    ({"metrics": None}, 1, {"metrics": None}),
    ({"metrics": []}, 1, {"metrics": []}),
    ({"metrics": ["mae", "accuracy", "acc"]}, 1, {"metrics": ["mae", "accuracy", "acc"]}),
    ({"metrics": [MSE, None]}, 1, {"metrics": ["MeanSquaredError"]}),
    ({"metrics": [["mae", None], None]}, 2, {"metrics": [["mae"], None]}),
    ({"metrics": {"a": ["mae"], "b": None}}, 2, {"metrics": {"a": ["mae"], "b": None}}),
    ({"metrics": {"a": ["mae"], "b": None}}, 1, {"metrics": {"a": ["mae"]}}),
    ({"weighted_metrics": ["doubled"]}, 1, {"weighted_metrics": ["doubled"]}),
    (
        {"metrics": [{"class_name": "MeanMetricWrapper", "config": {"name": "m", "fn": "mse"}}]},
        1,
        {"metrics": ["MeanMetricWrapper"]},
    ),
    ({"loss_weights": [1, 2.5]}, 2, {"loss_weights": [1, 2.5]}),
    ({"run_eagerly": None, "steps_per_execution": None}, 1, {}),
    ({"run_eagerly": True, "steps_per_execution": 3}, 1,
     {"run_eagerly": True, "steps_per_execution": 3}),
    (dict.fromkeys(("sample_weight_mode", "target_tensors", "distribute", "is_graph_network"), 3),
     1, {}),
]  # fmt: skip


@pytest.mark.parametrize("case", MADE)
def test_what_compile_is_given(case: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    said, outputs, wanted = case
    given: dict[str, Any] = {}

    def compile(self: Any, optimizer: Any = None, loss: Any = None, loss_weights: Any = None,
                metrics: Any = None, weighted_metrics: Any = None, run_eagerly: Any = None,
                steps_per_execution: Any = None) -> None:  # fmt: skip
        given.update({k: v for k, v in locals().items() if k not in ("self", "given")})

    monkeypatch.setattr(keras.Model, "compile", compile)
    with keras.saving.CustomObjectScope({"doubled": doubled}):
        _, told = compiled({"optimizer": "sgd", **said}, outputs)
    assert told == []
    assert kinds(given.pop("optimizer")) == "SGD"
    assert {k: kinds(v) for k, v in given.items() if v is not None or k in wanted} == wanted


@pytest.mark.parametrize(
    "optimizer",
    [
        *("adam", {"class_name": "Adam", "config": {"lr": 0.5}}),
        *(write(keras.optimizers.Adam(0.5)), {"class_name": "Custom>Adam", "config": {"lr": 0.5}}),
    ],
)
def test_optimizers_in_whichever_form(optimizer: Any) -> None:
    model, told = compiled({"optimizer": optimizer, "loss": "mse"})
    assert told == []
    assert type(model.optimizer) is keras.optimizers.Adam
    rate = 0.5 if optimizer != "adam" else np.float32(0.001)
    assert float(model.optimizer.learning_rate) == rate
    assert model.optimizer.built
    assert len(model.optimizer.variables) == 2 + 2 * 2
    assert not compiled({"optimizer": optimizer, "loss": "mse"}, built=False)[0].optimizer.built
    assert compiled({"optimizer": None, "loss": "mse"})[0].optimizer is None


WHOLE = (
    "the model 'net' was loaded, and of how it was compiled this could not be made again, so that "
    "it is compiled without them; your own classes and functions can be given as custom_objects. "
)
NOT = (
    "the model 'net' was loaded, and of how it was compiled this could not be made again, so that "
    "it is not compiled: `compile` it before you train it; your own classes and functions can be "
    "given as custom_objects. "
)
# (what the file says, the beginning of the warning, what it says of the parts)
LOST: list[tuple[dict[str, Any], str, list[str]]] = [
    (
        {"metrics": ["mae", "nope", NOPE]},
        WHOLE,
        ["metrics: ", "nope", ", Could not locate cl"],
    ),
    ({"weighted_metrics": ["nope"]}, WHOLE, ["weighted_metrics: Could not interpret metric"]),
    ({"foo": 3}, WHOLE, ["arguments: `compile` has none called 'foo'"]),
    ({"foo": 3, "bar": 4}, WHOLE, ["none called 'foo', `compile` has none called 'bar'"]),
    ({"loss": "nope"}, NOT, ["loss: Could not interpret loss identifier: nope"]),
    ({"loss": ["mse", NOPE]}, NOT, ["loss: Could not locate class"]),
    ({"optimizer": NOPE}, NOT, ["optimizer: Could not locate class"]),
    ({"optimizer": NOPE, "loss": "nope"}, NOT, ["optimizer: ", "; loss: Could not"]),
    ({"loss_weights": NOPE}, WHOLE, ["loss_weights: Could not locate class"]),
    ({"steps_per_execution": 0}, NOT, ["compile: compile: `steps_per_execution` must be"]),
]


@pytest.mark.parametrize("case", LOST)
def test_what_is_lost_is_told(case: Any) -> None:
    said, beginning, parts = case
    model, told = compiled({"optimizer": "sgd", "loss": "mse", **said})
    (text,) = told
    assert text.startswith(beginning)
    for part in parts:
        assert part in text
    assert model.compiled == (beginning == WHOLE)
    if model.compiled:
        assert model.optimizer.built
        kept = model._compile_arguments.arguments
        assert kinds(kept["metrics"]) == (["mae"] if "metrics" in said else None)
