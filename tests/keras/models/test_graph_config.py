"""The graph of a functional model as a config: its calls, in the form of now and of Keras 2."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest

import scratchnet
from scratchnet.keras.models.graph_config import deserialize_graph
from tests.support.functional_models import dicts, shared
from tests.support.keras_programs import close, same
from tests.support.saved_models import plain

keras = scratchnet.keras
A, B = np.linspace(-1, 1, 15, dtype="f").reshape(5, 3), np.linspace(0, 2, 15).reshape(5, 3)


def twice(tf: Any) -> Any:
    """A model inside that is called twice, whose second call feeds a layer's first."""
    k = tf.keras.layers
    x = tf.keras.Input((3,), name="x")
    inner = tf.keras.Model(x, [k.Dense(3, name="p")(x), k.Dense(2, name="q")(x)], name="inner")
    y = tf.keras.Input((3,), name="y")
    first, side = inner(y)
    again = inner(first)
    late = k.Dense(3, name="late")
    out = late(k.Add(name="sum")([again[0], late(first)]))
    return tf.keras.Model(y, {"out": out, "side": [side, again[1]]}, name="outer")


def arguments(tf: Any) -> Any:
    """Tensors and other values by name, in lists and dicts."""

    class Mix(tf.keras.layers.Layer):
        def call(self, x: Any, others: Any = None, scale: Any = 1.0, more: Any = ()) -> Any:
            return scale * x + others["a"] - others["b"][0] + sum(more)

    a, b = tf.keras.Input((3,), name="a"), tf.keras.Input((3,), name="b")
    mixed = Mix(name="mix")(a, others={"a": b, "b": [a]}, scale=0.5, more=(1.0, 2.0))
    return tf.keras.Model([a, b], mixed), {"Mix": Mix}


@pytest.mark.parametrize("make", [shared, dicts, twice])
def test_there_and_back(make: Any) -> None:
    """The config is Keras's, and the model that is made of it computes the same."""
    same(lambda tf: plain(make(tf).get_config()))

    def program(tf: Any) -> Any:
        model = make(tf)
        again = type(model).from_config(model.get_config())
        again.set_weights(model.get_weights())
        x = {"a": A, "b": B.astype("f")} if make is dicts else [A, B.astype("f")]
        return [model(A if make is twice else x), again(A if make is twice else x)]

    close(program, 64)


def test_arguments_of_calls() -> None:
    def program(tf: Any) -> Any:
        model, known = arguments(tf)
        config = model.get_config()
        again = tf.keras.Model.from_config(config, custom_objects=known)
        return [model([A, B.astype("f")]), again([A, B.astype("f")])]

    close(program, 20)


def calls_of(model: Any, name: str) -> Any:
    return next(x for x in model.get_config()["layers"] if x["name"] == name)["inbound_nodes"]


def test_which_call_and_which_output_a_tensor_is_of() -> None:
    model = twice(scratchnet)
    (one,), (two,) = ([node["args"][0]] for node in calls_of(model, "late"))
    assert one["config"]["keras_history"] == ["inner", 0, 0]
    assert two["config"]["keras_history"] == ["sum", 0, 0]
    config = model.get_config()
    # Of a model inside, which has a call of its own, they are counted from 1 at the ends.
    assert config["output_layers"] == {
        "out": ["late", 1, 0],
        "side": [["inner", 1, 1], ["inner", 2, 1]],
    }
    assert config["input_layers"] == ["y", 0, 0]


def old(name: str, kind: str, calls: list[Any], **config: Any) -> dict[str, Any]:
    return {"class_name": kind, "name": name, "config": {"name": name, **config},
            "inbound_nodes": calls}  # fmt: skip


def entry(name: str, size: int = 3) -> dict[str, Any]:
    return old(name, "InputLayer", [], batch_input_shape=[None, size])


def graph(layers: list[Any], inputs: Any, outputs: Any) -> Any:
    return keras.Model(
        *deserialize_graph({"layers": layers, "input_layers": inputs, "output_layers": outputs})
    )


def test_calls_of_keras_2() -> None:
    """Tensors of a call, with arguments beside; of models inside, counted from 0 or from 1."""
    dense = {"units": 2, "kernel_initializer": "ones"}
    layers = [
        entry("a"),
        entry("b"),
        old("d", "Dense", [[["a", 0, 0, {}]], [["b", 0, 0]]], **dense),
        old("s", "Add", [[["d", 0, 0, {}], ["d", 1, 0, {}]]], trainable=True),
        old("drop", "Dropout", [[["s", 0, 0, {"training": False}]]], rate=0.5),
    ]
    model = graph(layers, [["a", 0, 0], ["b", 0, 0]], [["drop", 0, 0], ["d", 1, 0]])
    found = model([A, B])
    np.testing.assert_allclose(found[0], np.repeat((A + B).sum(1)[:, None], 2, 1), atol=1e-5)
    np.testing.assert_allclose(found[1], np.repeat(B.sum(1)[:, None], 2, 1), atol=1e-5)
    (call,) = [node for node in model._call_nodes if node.layer.name == "drop"]
    assert call.kwargs == {"training": False}
    inside = [{"class_name": "Dense", "config": {**dense, "batch_input_shape": [None, 3]}}]
    for first in (0, 1):
        layers = [
            entry("a"),
            old("m", "Sequential", [[["a", 0, 0, {}]], [["a", 0, 0, {}]]], layers=inside),
            old("s", "Add", [[["m", first, 0], ["m", first + 1, 0]]], trainable=True),
        ]
        model = graph(layers, [["a", 0, 0]], [["s", 0, 0], ["m", first + 1, 0]])
        sums = np.repeat(A.sum(1)[:, None], 2, 1)
        np.testing.assert_allclose(model([A])[0], 2 * sums, atol=1e-5)
        np.testing.assert_allclose(model([A])[1], sums, atol=1e-5)


def test_states_of_recurrent_layers_of_keras_2() -> None:
    calls = [[["x", 0, 0, {}], ["h", 0, 0, {}]]]
    layers = [
        old("x", "InputLayer", [], batch_input_shape=[None, 4, 3]),
        entry("h", 2),
        old("r", "SimpleRNN", calls, units=2),
    ]
    model = graph(layers, [["x", 0, 0], ["h", 0, 0]], [["r", 0, 0]])
    (node,) = [node for node in model._call_nodes if node.layer.name == "r"]
    assert len(node.args) == 1
    assert [x.name for x in node.kwargs["initial_state"]] == ["h"]


def test_layers_may_stand_in_any_order() -> None:
    config = twice(scratchnet).get_config()
    config["layers"].reverse()
    model = keras.Model.from_config(copy.deepcopy(config))
    assert sorted(layer.name for layer in model.layers) == ["inner", "late", "sum", "y"]


def test_calls_that_need_what_is_not_there() -> None:
    for at, index in ((1, 0), (0, 1)):
        layers = [entry("a"), old("d", "Dense", [[["a", at, index, {}]]], units=2)]
        with pytest.raises(ValueError) as caught:  # noqa: PT011  # the whole text follows
            graph(layers, [["a", 0, 0]], [["d", 0, 0]])
        assert str(caught.value) == (
            "from_config: the calls of these layers need what no layer returns: ['d']"
        )
    config = shared(scratchnet).get_config()
    config["layers"][2]["inbound_nodes"][0]["args"] = [3.0]
    with pytest.raises(ValueError, match=r"^from_config: the layer '.*' is called on no layer's"):
        keras.Model.from_config(config)


def test_a_mask_of_none_is_no_argument() -> None:
    model = shared(scratchnet)
    config = model.get_config()
    for layer in config["layers"]:
        for node in layer["inbound_nodes"]:
            node["kwargs"]["mask"] = None
    again = keras.Model.from_config(config)
    assert all(node.kwargs == {} for node in again._call_nodes)
