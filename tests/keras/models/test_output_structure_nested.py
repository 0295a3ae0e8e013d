"""Models whose inputs and outputs are structures within structures."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest

import scratchnet
from scratchnet.keras.models.output_structure import OutputStructure
from tests.support.keras_programs import close

A = np.arange(8, dtype="f").reshape(4, 2) / 8
B = np.arange(12, dtype="f").reshape(4, 3) / 12
Y = np.arange(4, dtype="f")[:, None] / 4

# The three outputs u, v, w, by their numbers, in structures.
OUTPUTS: dict[str, Any] = {
    "a dict of a list": {"z": [0, 1]},
    "a dict not in sorted order": {"z": [0, 1], "y": 2},
    "a dict of a dict": {"z": {"p": 0, "q": [1, 2]}},
    "lists": [[0, 1], 2],
    "a list of a dict": [{"p": 0, "q": 1}, 2],
    "a tuple": (0, [1, 2]),
}
INPUTS: dict[str, Any] = {
    "a dict of a list": {"q": ["a", "b"]},
    "a dict of a dict": {"q": {"a": "a", "b": "b"}},
    "lists": [["a"], ["b"]],
    "a list of a dict": [{"a": "a"}, "b"],
}


def put(structure: Any, values: Any) -> Any:
    """`structure` with the values for its numbers or names."""
    if isinstance(structure, dict):
        return {key: put(part, values) for key, part in structure.items()}
    if isinstance(structure, list | tuple):
        return type(structure)(put(part, values) for part in structure)
    return values[structure]


def model(tf: Any, outputs: Any, inputs: Any = ("a", "b")) -> Any:
    keras = tf.keras
    layers = keras.layers
    a, b = keras.Input((2,), name="a"), keras.Input((3,), name="b")
    u = layers.Dense(1, name="u", kernel_initializer="ones")(a)
    v = layers.Dense(1, name="v", kernel_initializer="ones")(b)
    made = [u, v, layers.Add(name="w")([u, v])]
    return keras.Model(put(inputs, {"a": a, "b": b}), put(outputs, made))


@pytest.mark.parametrize("name", INPUTS)
def test_inputs_within_structures(name: str) -> None:
    def program(tf: Any) -> list[Any]:
        given, x = INPUTS[name], put(INPUTS[name], {"a": A, "b": B})
        net = model(tf, [0, 1], given)
        found = [*net.predict(x, verbose=0), *(y.numpy() for y in net(x))]
        net.compile("sgd", "mse", metrics=[["mae"], []])
        history = net.fit(x, [Y, Y], batch_size=3, shuffle=False, verbose=0).history
        return [*found, history, net.evaluate(x, [Y, Y], verbose=0), *net.predict_on_batch(x)]

    close(program, 300)


@pytest.mark.filterwarnings("ignore:The structure of `inputs`:UserWarning")
@pytest.mark.parametrize("name", ["a dict of a list", "a dict of a dict"])
def test_inputs_that_are_put_into_the_structure_by_their_order(name: str) -> None:
    def program(tf: Any) -> list[Any]:
        net = model(tf, [0, 1], INPUTS[name])
        return [*net.predict([A, B], verbose=0), *net.predict({"a": A, "b": B}, verbose=0)]

    close(program, 60)


@pytest.mark.parametrize("name", ["lists", "a list of a dict"])
def test_names_say_nothing_of_lists_within_structures(name: str) -> None:
    for tf in (pytest.importorskip("tensorflow"), scratchnet):
        with pytest.raises(ValueError, match="structure"):
            model(tf, [0, 1], INPUTS[name]).predict({"a": A, "b": B}, verbose=0)


LOSSES, WEIGHTS, METRICS = ["mse", "mae", "msle"], [0.5, 2.0, 3.0], [["mae"], "mse", ["mape"]]
SAMPLE_WEIGHTS = [np.arange(4.0), np.arange(4.0) + 1, np.ones(4)]


def fitted(tf: Any, outputs: Any, y: Any, sample_weight: Any = None, **compiled: Any) -> list[Any]:
    """What is logged, with its names and their order, and what is predicted in the end."""
    net = model(tf, outputs)
    net.compile("sgd", **copy.deepcopy(compiled))  # which Keras changes
    more = {"sample_weight": sample_weight, "verbose": 0, "batch_size": 3}
    history = net.fit([A, B], y, shuffle=False, epochs=2, **more).history
    logs = net.evaluate([A, B], y, **more)
    step = net.train_on_batch([A, B], y, sample_weight=sample_weight, return_dict=True)
    predictions = tf.nest.flatten(net.predict([A, B], verbose=0))
    return [*history, history, net.metrics_names, logs, *step, step, predictions]


@pytest.mark.parametrize("name", OUTPUTS)
@pytest.mark.parametrize(
    "way", ["one loss", "losses", "flat", "eagerly", "weights", "metrics", "sample weights"]
)
def test_outputs_within_structures(name: str, way: str) -> None:
    outputs = OUTPUTS[name]
    y = put(outputs, [Y, Y * 2, Y - 1])
    more: dict[str, Any] = {"loss": put(outputs, LOSSES)}
    if way == "one loss":
        more["loss"] = "mse"
    elif way == "flat":
        many = str(outputs).count(",") + 1
        more["loss"], y = LOSSES[:many], [Y, Y * 2, Y - 1][:many]
    elif way == "eagerly":
        more["run_eagerly"] = True
    elif way == "weights":
        more["loss_weights"] = put(outputs, WEIGHTS)
    elif way == "metrics":
        more |= {"metrics": put(outputs, METRICS), "weighted_metrics": put(outputs, METRICS)}
    elif way == "sample weights":
        more["sample_weight"] = put(outputs, SAMPLE_WEIGHTS)
    close(lambda tf: fitted(tf, outputs, y, **more), 400)


@pytest.mark.filterwarnings("ignore:.*[Gg]radients do not exist:UserWarning")
@pytest.mark.filterwarnings("ignore:.*no gradient:UserWarning")
@pytest.mark.parametrize("name", ["a dict of a list", "lists"])
def test_an_output_within_a_structure_without_a_loss(name: str) -> None:
    def program(tf: Any) -> list[Any]:
        outputs = OUTPUTS[name]
        loss = put(outputs, [None, "mse", "mae"])
        return fitted(tf, outputs, put(outputs, [Y, Y * 2, Y - 1]), loss=loss)

    close(program, 300)


def test_the_parts_by_the_structure_of_the_outputs() -> None:
    u, v, w = (scratchnet.constant([float(i)]) for i in range(3))
    outputs = OutputStructure({"z": [u, v], "y": w}, ["w", "u", "v"])
    assert outputs.values == [w, u, v]
    assert outputs.per_output("y", {"y": 1, "z": (2, 3)}) == [1, 2, 3]
    assert outputs.per_output("y", [1, 2, 3]) == [1, 2, 3]
    assert outputs.per_output("loss", {"z": [None, "mse"]}) == [None, None, "mse"]
    assert outputs.per_output("metrics", {"y": ["a", "b"], "z": ["c", []]}) == [["a", "b"], "c", []]
    assert [outputs.loss_name(i, "mse") for i in range(3)] == ["y", "z/u", "z/v"]
    for name, given in (
        ("y", {"z": [1, 2]}),
        ("y", {"y": 1, "z": [1]}),
        ("y", {"y": 1, "z": {"u": 1, "v": 2}}),
        ("y", 5),
        ("loss", {"x": "mse"}),
        ("metrics", ["a", "b", "c"]),
    ):
        with pytest.raises(ValueError, match=f"^`{name}` must have the structure of the outputs"):
            outputs.per_output(name, given)
