"""What `compile` and `fit` are given for each of several outputs, against Keras."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow

import scratchnet
from scratchnet.keras.models.output_structure import OutputStructure, label_encoding
from tests.support.keras_programs import Program, close


def refused_alike(program: Program) -> None:
    for tf in (tensorflow, scratchnet):
        with pytest.raises((ValueError, tf.errors.InvalidArgumentError)):
            program(tf)


X = np.linspace(0, 1, 32, dtype="f").reshape(8, 4)
A, B = np.zeros((8, 3), "f"), np.ones((8, 2), "f")
WEIGHTS = np.arange(8.0)


def model_of(tf: Any, kind: str) -> Any:
    """A model with the outputs a (n, 3) and b (n, 2) in a dict that was made in some order."""
    keras, dense = tf.keras, tf.keras.layers.Dense
    if kind == "subclass":

        class Own(keras.Model):  # type: ignore[misc, name-defined]
            def __init__(self) -> None:
                super().__init__()
                self.a, self.b = dense(3), dense(2)

            def call(self, x: Any) -> Any:
                a, b = self.a(x), self.b(x)
                return {"b": b, "a": a}

        model = Own()
        model(tf.constant(X))
        return model
    x = keras.Input((4,))
    b, a = dense(2)(x), dense(3)(x)
    return keras.Model(x, {"b": b, "a": a} if kind == "b first" else {"a": a, "b": b})


COMPILED: dict[str, dict[str, Any]] = {
    "one": {"loss": "mse"},
    "list": {"loss": ["mse", "mae"]},
    "tuple": {"loss": ("mse", "mae")},
    "dict": {"loss": {"b": "mse", "a": "mae"}},
    "list and weights": {"loss": ["mse", "mae"], "loss_weights": [1.0, 10.0]},
    "list and weights in a dict": {
        "loss": ["mse", "mae"],
        "loss_weights": {"b": 1.0, "a": 10.0},
    },
    "dict and weights in a list": {
        "loss": {"b": "mse", "a": "mae"},
        "loss_weights": [1.0, 10.0],
    },
    "metrics": {"loss": "mse", "metrics": ["mse", "mae"]},
    "lists of metrics": {
        "loss": "mse",
        "metrics": [["mse"], ["mae"]],
        "weighted_metrics": [["mae"], ["mse"]],
    },
    "dict of metrics": {"loss": ["mse", "mae"], "metrics": {"b": "mse"}},
}


@pytest.mark.parametrize("kind", ["b first", "a first", "subclass"])
@pytest.mark.parametrize("compiled", COMPILED)
def test_lists_go_by_sorted_keys(compiled: str, kind: str) -> None:
    def program(tf: Any) -> list[Any]:
        model = model_of(tf, kind)
        model.compile("sgd", **COMPILED[compiled])
        found: list[Any] = []
        for y in ({"b": B, "a": A}, [A, B]):
            found.append(model.evaluate(X, y, verbose=0))
            found.append(model.evaluate(X, y, verbose=0, return_dict=True))
        weights = {"b": WEIGHTS, "a": 2 * WEIGHTS}
        options: dict[str, Any] = {"shuffle": False, "batch_size": 4, "verbose": 0}
        for sample_weight in (WEIGHTS, weights):
            history = model.fit(X, {"b": B, "a": A}, sample_weight=sample_weight, **options)
            found.append(history.history)
        return [*found, *model.get_weights(), [m.name for m in model.metrics]]

    close(program, 300)


def test_targets_in_the_order_of_the_layers_are_refused() -> None:
    def program(tf: Any) -> None:
        model = model_of(tf, "b first")
        model.compile("sgd", "mse")
        model.evaluate(X, [B, A], verbose=0)

    refused_alike(program)


@pytest.mark.parametrize(
    "sample_weight", [[WEIGHTS, WEIGHTS], {"a": WEIGHTS}, np.ones((8, 3)), {"c": 1, "a": WEIGHTS}]
)
def test_sample_weights_of_another_structure_are_refused(sample_weight: Any) -> None:
    def program(tf: Any) -> None:
        model = model_of(tf, "b first")
        model.compile("sgd", "mse")
        model.evaluate(X, {"b": B, "a": A}, sample_weight=sample_weight, verbose=0)

    refused_alike(program)


def test_outputs_as_a_flat_list() -> None:
    one, two = scratchnet.ones((2, 3)), scratchnet.zeros((2, 1))
    variable = scratchnet.Variable([[1.0]])

    def shown(structure: OutputStructure) -> list[Any]:
        return [structure.is_one, structure.keys, structure.made_in_order, structure.names]

    single = OutputStructure(one, ["a"])
    assert shown(single) == [True, None, None, ["a"]]
    assert single.values[0] is one
    assert shown(OutputStructure([one, two])) == [False, None, None, [None, None]]
    assert shown(OutputStructure((one, two), ["a", "b"])) == [False, None, None, ["a", "b"]]
    assert shown(OutputStructure([one, two], ["a"])) == [False, None, None, [None, None]]
    assert shown(OutputStructure([one], [])) == [False, None, None, [None]]
    named = OutputStructure({"b": one, "a": two}, ["x", "y"])
    assert shown(named) == [False, ["a", "b"], ["b", "a"], ["a", "b"]]
    assert named.values[0] is two
    assert named.values[1] is one
    for array in (np.ones(2), variable):
        assert all(isinstance(x, scratchnet.Tensor) for x in OutputStructure(array).values)
        assert all(isinstance(x, scratchnet.Tensor) for x in OutputStructure([array]).values)
    nested = OutputStructure([one, [two]], ["a", "b"])
    assert shown(nested) == [False, None, None, ["a", "b"]]
    assert nested.values[1] is two
    assert nested.paths == [((0,), 0), ((1, 0), 1)]


def test_the_part_for_each_output() -> None:
    one, two = scratchnet.ones((2, 3)), scratchnet.zeros((2, 1))
    named, single = OutputStructure({"b": one, "a": two}), OutputStructure(one, ["a"])
    assert named.per_output("y", [1, 2]) == named.per_output("y", (1, 2)) == [1, 2]
    assert named.per_output("y", {"b": 1, "a": 2}) == [2, 1]
    assert named.per_output("y", {"b": 1}) == [None, 1]
    assert named.per_output("y", {}) == [None, None]
    assert single.per_output("y", 5) == single.per_output("y", [5]) == [5]
    assert single.per_output("y", None) == [None]
    for wrong, received in ((5, 1), ([1], 1), ([1, 2, 3], 3), (None, 1)):
        with pytest.raises(ValueError) as caught:  # noqa: PT011  # the whole text follows
            named.per_output("y", wrong)
        assert str(caught.value) == (
            f"`y` must have one part for each of the 2 outputs ['a', 'b'], received {received}"
        )
    with pytest.raises(ValueError) as caught:  # noqa: PT011
        named.per_output("loss", {"a": 1, "c": 2})
    assert str(caught.value) == (
        "`loss` must have names of outputs as keys, ['a', 'b'], received a dict with the keys "
        "['a', 'c']"
    )


@pytest.mark.parametrize(
    ("target", "prediction", "encoding"),
    [
        ((4, 1), (4, 1), "binary"),
        ((4,), (4, 1), "binary"),
        ((4, 3), (4, 1), "binary"),
        ((4,), (4, 3), "sparse"),
        ((4, 1), (4, 3), "sparse"),
        ((4, 5), (4, 5, 3), "sparse"),
        ((4, 3), (4, 3), "categorical"),
        ((4, 5, 3), (4, 5, 3), "categorical"),
        ((4, 3), (4, 2), "categorical"),
    ],
)
def test_how_classes_are_encoded(target: Any, prediction: Any, encoding: str) -> None:
    assert label_encoding(scratchnet.zeros(target), scratchnet.zeros(prediction)) == encoding
    assert label_encoding(np.zeros(target), np.zeros(prediction)) == encoding
